#!/usr/bin/env python3
"""Which lines of the checkpoint, commit and recovery code the tests run: >= 95 % or exit code 1.

    tools/coverage.py    builds build/coverage, runs the tests, writes docs/reports/coverage.md

The files are listed at the end of src/CMakeLists.txt. What runs: the unit tests of state, checkpoint,
engine, connectors and sim, and 200 seeds of the simulation. What only a killed process runs is not
counted, for it writes no counts. Lines are gcov's: those with code, at -O0.
"""
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "coverage"
REPORT = ROOT / "docs" / "reports" / "coverage.md"
WANTED = 0.95
TESTS = ["rhei_state_test", "rhei_checkpoint_test", "rhei_engine_test", "rhei_connectors_test", "rhei_sim_test"]


def run(*command):
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout[-4000:]}")


def lines_of(source):
    """{line: ran?} of a source file, from its object's counts."""
    objects = list(BUILD.glob(f"src/CMakeFiles/*/{source.relative_to(ROOT / 'src')}.gcno"))
    lines = {}
    for notes in objects:
        done = subprocess.run(["gcov-12", "--json-format", "--stdout", str(notes)], cwd=BUILD, capture_output=True)
        data = done.stdout if done.stdout[:1] == b"{" else gzip.decompress(done.stdout)
        for file in json.loads(data)["files"]:
            if (BUILD / file["file"]).resolve() != source:
                continue
            for line in file["lines"]:
                number = line["line_number"]
                lines[number] = lines.get(number, False) or line["count"] > 0
    return lines


def ranges(numbers):
    """1, 2, 3, 7 is "1-3, 7"."""
    runs = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def main():
    run("tools/build.sh", "coverage", *TESTS, "rhei-sim")
    for counts in BUILD.rglob("*.gcda"):
        counts.unlink()
    for test in TESTS:
        run(BUILD / "bin" / test, "--gtest_brief=1")
    run(BUILD / "bin" / "rhei-sim", "--seeds", "0..200")

    rows, ran_all, all_lines = [], 0, 0
    for name in sorted((BUILD / "covered.txt").read_text().split()):
        source = Path(name)
        lines = lines_of(source)
        if not lines:
            sys.exit(f"{source} has no counts")
        missed = sorted(number for number, ran in lines.items() if not ran)
        ran = len(lines) - len(missed)
        ran_all, all_lines = ran_all + ran, all_lines + len(lines)
        rows.append(f"| {source.relative_to(ROOT)} | {len(lines)} | {ran / len(lines):.1%} | {ranges(missed)} |")
    share = ran_all / all_lines
    commit = subprocess.run(["git", "log", "-1", "--format=%h of %cs"], cwd=ROOT, capture_output=True, text=True)
    REPORT.write_text("\n".join([
        "# Line coverage of checkpoint, commit and recovery code", "",
        f"`tools/coverage.py` at commit {commit.stdout.strip()}: {ran_all} of {all_lines} lines, {share:.1%} "
        f"(wanted: {WANTED:.0%}). It says at its top what runs.", "",
        "| file | lines | run | not run |", "|---|---|---|---|", *rows, ""]))
    print(f"{share:.1%} of {all_lines} lines; {os.path.relpath(REPORT)}")
    return 0 if share >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
