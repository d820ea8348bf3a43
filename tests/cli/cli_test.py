#!/usr/bin/env python3
"""Drives the built rhei as a user does: wrong input with its message and exit code, interrupts, the
shell on a pipe and on a terminal, infer. The tests are the functions test_* of the files *_test.py
beside this one, by subject; kit.py is what they share.

  tests/cli/cli_test.py [BUILD_DIRECTORY] [FILE_OR_TEST...]     (default: build/release, all)

A part of a name chooses all that have it. Ends with `N passed, N failed`. What this machine cannot
try is told with a line `note: `.
"""

import glob
import importlib
import os
import sys
import traceback

import kit


def tests(wanted):
    """Names and functions of the tests that are wanted, file by file."""
    here = os.path.dirname(os.path.abspath(__file__))
    for path in sorted(glob.glob(os.path.join(here, "*_test.py"))):
        subject = os.path.basename(path)[:-3]
        if subject == "cli_test":
            continue
        for name, test in list(vars(importlib.import_module(subject)).items()):
            full = f"{subject[:-5]}: {name[5:]}"
            if name.startswith("test_") and (not wanted or any(w in f"{subject}.py {name}" for w in wanted)):
                yield full, test


def main(arguments):
    build = arguments.pop(0) if arguments and os.path.isdir(arguments[0]) else os.path.join(kit.ROOT, "build/release")
    program = os.path.abspath(os.path.join(build, "bin/rhei"))
    if not os.path.exists(program):
        print(f"{program} is not built", file=sys.stderr)
        return 2
    os.environ["RHEI_UNDER_TEST"] = program
    passed = failed = 0
    for name, test in tests(arguments):
        directory = kit.Directory()
        try:
            test(directory)
            passed += 1
            print(f"ok   {name}", flush=True)
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"FAIL {name}\n{traceback.format_exc()}", flush=True)
        finally:
            directory.remove()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
