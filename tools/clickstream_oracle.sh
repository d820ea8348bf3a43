#!/bin/bash
# tools/clickstream_oracle.sh RHEI_BINARY [LINES]: runs the clickstream job on a made-up log here (one
# shard) and on a real Flink (../shared/oracle), and compares every output file, rows sorted.
set -euo pipefail
cd "$(dirname "$0")/.."
rhei=$(realpath "$1")
lines=${2:-20000}
oracle=$PWD/../shared/oracle/flink-oracle
[ -x "$oracle" ] || { echo "note: clickstream_oracle: no oracle beside the repository, skipped"; exit 0; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$rhei" demo --dir "$dir/rhei" --lines "$lines" --parallelism 1 >"$dir/rhei.log" 2>&1
sed -e "s|'path' = 'log'|'path' = '$dir/rhei/log'|; s|'path' = 'out/|'path' = '$dir/flink/|" \
  examples/clickstream/clickstream.sql >"$dir/flink.sql"
"$oracle" --timeout 300 "$dir/flink.sql" >"$dir/flink.jsonl" 2>"$dir/flink.log"
passed=0 failed=0
for table in "$dir"/rhei/out/*; do
  name=$(basename "$table")
  if diff <(cat "$table"/* | sort) <(cat "$dir/flink/$name"/* | sort) >"$dir/diff"; then
    echo "$name: $(cat "$table"/* | wc -l) rows, equal"
    passed=$((passed + 1))
  else
    echo "$name: different"
    head -5 "$dir/diff"
    failed=$((failed + 1))
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
