#!/bin/bash
# tools/build.sh PRESET [TARGET...]: configures build/PRESET when needed and builds the targets (all
# when none is named). On a terminal ninja shows its progress line; in a log only what went wrong.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1
shift
jobs=${JOBS:-$(nproc)}
dir=build/$preset
start=$SECONDS
mkdir -p "$dir"

if [ ! -f "$dir/build.ninja" ]; then
  cmake --preset "$preset" >"$dir/configure.log" 2>&1 || {
    cat "$dir/configure.log" >&2
    echo "build: cmake failed for preset $preset" >&2
    exit 1
  }
fi
if [ -t 1 ]; then
  ninja -C "$dir" -j "$jobs" "$@"
else
  ninja -C "$dir" -j "$jobs" --quiet "$@" >"$dir/build.log" 2>&1 || {
    grep -vE '^\[[0-9]+/[0-9]+\] ' "$dir/build.log" | tail -80 >&2
    echo "build: failed, the whole log is in $dir/build.log" >&2
    exit 1
  }
fi
echo "build: $preset is ready after $((SECONDS - start)) s"
