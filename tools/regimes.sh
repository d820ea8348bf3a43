#!/bin/bash
# tools/regimes.sh PRESET default|pairwise|all|asan|tsan: runs the SQL tests (tests/slt/) under regimes:
# rows of a batch (0: as in production), shards, restore at every k-th barrier (0: never), and the seed
# by which the sources' rows are shuffled (0: as written).
set -euo pipefail
cd "$(dirname "$0")/.."
rhei=build/$1/bin/rhei
case $2 in
  default) regimes=("0 1 0 0") ;;
  # Every size meets different numbers of shards and restores; all pairs are in `all`.
  pairwise) regimes=("1 1 1 0" "2 2 0 7" "3 3 1 0" "1 2 3 8" "0 3 3 9" "2 1 3 0") ;;
  all)
    regimes=()
    for rows in 0 1 2 3; do
      for shards in 1 2 3; do
        for every in 0 1 3; do
          for seed in 0 "$((rows * 9 + shards * 3 + every + 1))"; do
            regimes+=("$rows $shards $every $seed")
          done
        done
      done
    done
    ;;
  asan) regimes=("2 2 1 5") ;;
  tsan) regimes=("0 3 0 0" "2 2 1 6") ;;
  *)
    echo "regimes: no set named $2" >&2
    exit 2
    ;;
esac
bad=0
for regime in "${regimes[@]}"; do
  read -r rows shards every seed <<<"$regime"
  start=$SECONDS
  $rhei test -q --batch-rows "$rows" --shards "$shards" --restart-every "$every" --shuffle "$seed" \
    tests/slt || bad=1
  echo "regime rows=$rows shards=$shards restart=$every shuffle=$seed: $((SECONDS - start)) s"
done
exit $bad
