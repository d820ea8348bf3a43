#!/bin/bash
# tools/fuzz.sh [TARGET...]: builds the libFuzzer programs (clang 14) and runs them, each for its
# share of SECONDS_TOTAL (300). What breaks one is kept in build/fuzz/found/ and fails the run.
# New inputs go to build/fuzz/corpus/; seeds are in fuzz/corpus/TARGET/.
set -euo pipefail
cd "$(dirname "$0")/.."
total=${SECONDS_TOTAL:-300}
if [ ! -f fuzz/CMakeLists.txt ]; then
  echo "note: fuzz: there are no targets yet"
  exit 0
fi
tools/build.sh fuzz fuzzers
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(ninja -C build/fuzz -t targets all | sed -nE "s,^bin/(\w+_fuzz):.*,\1,p")
lanes=$(nproc)
[ "$lanes" -gt ${#targets[@]} ] && lanes=${#targets[@]}
export seconds=$((total * lanes / ${#targets[@]}))
mkdir -p build/fuzz/found build/fuzz/logs

fuzz_one() {
  local target=$1 seeds=() words=()
  mkdir -p "build/fuzz/corpus/$target"
  [ -d "fuzz/corpus/$target" ] && seeds=("fuzz/corpus/$target")
  [ -f "fuzz/corpus/$target.dict" ] && words=("-dict=fuzz/corpus/$target.dict")
  # One second is the promise for a release build; the sanitizers make it about five times slower.
  if ASAN_OPTIONS=detect_leaks=1 "build/fuzz/bin/$target" -max_total_time="$seconds" -timeout=5 \
    -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="build/fuzz/found/$target-" \
    "${words[@]}" "build/fuzz/corpus/$target" "${seeds[@]}" >"build/fuzz/logs/$target.log" 2>&1; then
    echo "note: $target: $(sed -nE 's/^stat::number_of_executed_units: *//p' "build/fuzz/logs/$target.log") executions"
  else
    tail -40 "build/fuzz/logs/$target.log"
    echo "fuzz: $target failed; the input is in build/fuzz/found/"
    return 1
  fi
}
export -f fuzz_one
bad=0
printf '%s\n' "${targets[@]}" | xargs -P "$lanes" -I{} bash -c 'fuzz_one {}' || bad=1
exit $bad
