#!/bin/bash
# tools/golden_checkpoint.sh: writes tests/checkpoint/golden-v3/ anew, after a change of a format on
# purpose (docs/formats/checkpoint.md, docs/formats/state.md). Raise the version of the format first.
set -euo pipefail
cd "$(dirname "$0")/.."
golden=tests/checkpoint/golden-v3
tools/build.sh dev rhei_checkpoint_test
rm -rf "$golden"
RHEI_WRITE_GOLDEN=$golden build/dev/bin/rhei_checkpoint_test --gtest_filter='Golden*' --gtest_brief=1
rm -f "$golden/lock"
build/dev/bin/rhei_checkpoint_test --gtest_filter='Golden*' --gtest_brief=1
du -sh "$golden"
