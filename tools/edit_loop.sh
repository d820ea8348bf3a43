#!/bin/bash
# tools/edit_loop.sh FILE.cc [FILTER]: how long a developer waits: changes FILE five times (a real
# change, so that ccache cannot answer), builds its module's unit tests in build/dev and runs those
# that match FILTER (default: the file's name in PascalCase). Prints the median; the aim is 5 s.
set -euo pipefail
cd "$(dirname "$0")/.."
file=$1
module=$(cut -d/ -f2 <<<"$file")
filter=${2:-*$(basename "$file" .cc | sed -E 's/(^|_)(.)/\U\2/g')*}
saved=$(mktemp)
cp -p "$file" "$saved"
trap 'cp -p "$saved" "$file"; rm -f "$saved"' EXIT
tools/build.sh dev "rhei_${module}_test" >/dev/null
times=()
for run in 1 2 3 4 5; do
  cp "$saved" "$file"
  printf '\n[[maybe_unused]] static const int edit_%s_%s = %s;\n' "$$" "$run" "$run" >>"$file"
  start=$(date +%s%N)
  tools/build.sh dev "rhei_${module}_test" >/dev/null
  "build/dev/bin/rhei_${module}_test" --gtest_brief=1 --gtest_filter="$filter" >/dev/null
  times+=($((($(date +%s%N) - start) / 1000000)))
done
median=$(printf '%s\n' "${times[@]}" | sort -n | sed -n 3p)
echo "$file: ${times[*]} ms, median $median ms"
[ "$median" -le 5000 ]
