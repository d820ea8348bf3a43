#!/bin/bash
# tools/format.sh [--changed] [--check]: formats every C++ file with clang-format 14, or with --check
# only names those that are not formatted and fails. --changed: only what differs from branch main.
set -euo pipefail
cd "$(dirname "$0")/.."
tool=clang-format-14
command -v $tool >/dev/null || { echo "format: $tool is missing; run tools/deps.sh test" >&2; exit 1; }
list=(git ls-files -z --cached --others --exclude-standard)
if [ "${1:-}" = --changed ]; then
  shift
  git rev-parse -q --verify main >/dev/null && list=(git diff -z --name-only --diff-filter=d main)
fi
files() { "${list[@]}" -- '*.cc' '*.h'; }
if [ "${1:-}" != --check ]; then
  files | xargs -0 -r -n 16 -P "$(nproc)" $tool -i
  exit 0
fi
bad=$(files | xargs -0 -r -n 16 -P "$(nproc)" $tool --dry-run 2>&1 |
  sed -nE 's/^([^:]+):[0-9]+:[0-9]+: warning: .*/\1/p' | sort -u)
if [ -n "$bad" ]; then
  sed 's/^/not formatted: /' <<<"$bad"
  echo "format: run tools/format.sh" >&2
  exit 1
fi
