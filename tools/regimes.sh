#!/bin/bash
# tools/regimes.sh PRESET default|pairwise|all|asan|tsan: runs the SQL tests (tests/slt/) under regimes:
# rows of a batch (0: as in production), shards, restore at every k-th barrier (0: never).
set -euo pipefail
cd "$(dirname "$0")/.."
rhei=build/$1/bin/rhei
case $2 in
  default) regimes=("0 1 0") ;;
  # Every size meets different numbers of shards and restores; all pairs are in `all`.
  pairwise) regimes=("1 1 1" "2 2 0" "3 3 1" "1 2 3" "0 3 3" "2 1 3") ;;
  all)
    regimes=()
    for rows in 0 1 2 3; do
      for shards in 1 2 3; do
        for every in 0 1 3; do regimes+=("$rows $shards $every"); done
      done
    done
    ;;
  asan) regimes=("2 2 1") ;;
  tsan) regimes=("0 3 0" "2 2 1") ;;
  *)
    echo "regimes: no set named $2" >&2
    exit 2
    ;;
esac
bad=0
for regime in "${regimes[@]}"; do
  read -r rows shards every <<<"$regime"
  start=$SECONDS
  $rhei test -q --batch-rows "$rows" --shards "$shards" --restart-every "$every" tests/slt || bad=1
  echo "regime rows=$rows shards=$shards restart=$every: $((SECONDS - start)) s"
done
exit $bad
