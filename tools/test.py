#!/usr/bin/env python3
"""Runs the parts of tools/test_parts.txt one after the other and ends with "N passed, N failed".

    tools/test.py                what CI runs: the parts `always`, and by commit hash one `turn:...`
    tools/test.py --all          every part; writes docs/reports/test_all.md
    tools/test.py --only a,b     these parts
    tools/test.py --list         the parts, and which of them would run
    RHEI_TURN=asan tools/test.py the turn is asan, whatever the commit

The output of a part goes to build/test-logs/PART.log; its last lines are shown when it failed, and
what failed is named again at the end.
"""
import argparse
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "tools" / "test_parts.txt"
LOGS = ROOT / "build" / "test-logs"
REPORT = ROOT / "docs" / "reports" / "test_all.md"
LINES_SHOWN = 60
FAILURES_SHOWN = 20
# How GoogleTest, ctest, rhei test and Python's unittest name what failed.
FAILURE = re.compile(r"^(?:\d+: )?(?:\[  FAILED  \] \S+|\s*\d+ - \S+ \((?:Failed|Timeout|SEGFAULT)|FAILED?\b|(?:FAIL|ERROR):)"
                     r".*|^test: over its .*", re.M)


class Part:
    def __init__(self, line):
        fields = [field.strip() for field in line.split("|", 4)]
        self.name, self.when, self.needs, self.command = fields[0], fields[1], fields[3], fields[4]
        self.minutes = float(fields[2])

    def log(self):
        return LOGS / f"{self.name}.log"


def read_parts():
    lines = TABLE.read_text().split("\n")
    return [Part(line) for line in lines if line.strip() and not line.startswith("#")]


def turn_of_this_commit(parts):
    """Which of the slow checks this commit gets: by its hash, so that a rerun does the same."""
    turns = sorted({part.when for part in parts if part.when.startswith("turn:")})
    if os.environ.get("RHEI_TURN"):
        return "turn:" + os.environ["RHEI_TURN"]
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    number = int(head.stdout.strip()[:8], 16) if head.returncode == 0 else 0
    return turns[number % len(turns)]


def run(part):
    """(exit code, seconds). A part that is over its time is ended with all it started."""
    start = time.monotonic()
    with open(part.log(), "wb") as log:
        process = subprocess.Popen(["bash", "-c", part.command], cwd=ROOT, stdin=subprocess.DEVNULL,
                                   stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            code = process.wait(timeout=part.minutes * 60)
        except subprocess.TimeoutExpired:
            log.write(f"\ntest: over its {part.minutes:g} minutes, ended\n".encode())
            code = 124
        except KeyboardInterrupt:
            code = 130
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
    if code == 130:
        sys.exit(130)
    return code, time.monotonic() - start


def count(text, code):
    """(passed, failed) from what the part printed: summaries of rhei test, of GoogleTest, of ctest."""
    passed = failed = 0
    for match in re.finditer(r"^(\d+) passed, (\d+) failed", text, re.M):
        passed, failed = passed + int(match.group(1)), failed + int(match.group(2))
    for match in re.finditer(r"\[  PASSED  \] (\d+) tests?", text):
        passed += int(match.group(1))
    for match in re.finditer(r"^(?:\d+: )? ?(\d+) FAILED TESTS?", text, re.M):
        failed += int(match.group(1))
    summary = re.search(r"tests passed, (\d+) tests? failed out of", text)
    if summary:
        failed = max(failed, int(summary.group(1)))  # A program that crashed printed no summary.
    if code != 0 and failed == 0:
        failed = 1
    if passed == failed == 0:
        passed = 1
    return passed, failed


def write_report(rows, summary):
    """The table of a full run, to be committed: it says on what it ran."""
    def output(*command):
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()

    cpu = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text("\n".join([
        "# The last `make test-all`", "",
        f"Commit {output('git', 'rev-parse', '--short', 'HEAD')} of {output('git', 'log', '-1', '--format=%cs')}, on "
        f"{os.cpu_count()} cores of {cpu.group(1) if cpu else 'an unnamed processor'}: {summary}.", "",
        "| part | passed | failed | seconds | notes |", "|---|---|---|---|---|", *rows, ""]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="every part, and write the report")
    parser.add_argument("--only", metavar="A,B", help="these parts")
    parser.add_argument("--list", action="store_true", help="print the parts that would run")
    arguments = parser.parse_args()
    parts = read_parts()
    chosen = turn_of_this_commit(parts)
    if arguments.only:
        only = set(arguments.only.split(","))
        unknown = only - {part.name for part in parts}
        if unknown:
            sys.exit(f"test: no part named {', '.join(sorted(unknown))}; see tools/test_parts.txt")
        parts = [part for part in parts if part.name in only]
    elif not arguments.all:
        parts = [part for part in parts if part.when in ("always", chosen)]
    if arguments.list:
        for part in parts:
            print(f"{part.name:16} {part.when:10} {part.command}")
        return 0

    LOGS.mkdir(parents=True, exist_ok=True)
    print(f"test: {len(parts)} parts; the turn of this commit is {chosen[5:]}", flush=True)
    start, passed, failed, rows, failures = time.monotonic(), 0, 0, [], []
    for part in parts:
        if part.needs != "-" and not (ROOT / part.needs).exists():
            print(f"{part.name:16} skipped: {part.needs} is not there", flush=True)
            rows.append(f"| {part.name} | | | | skipped: {part.needs} is not there |")
            continue
        code, seconds = run(part)
        text = part.log().read_text(errors="replace")
        part_passed, part_failed = count(text, code)
        passed, failed = passed + part_passed, failed + part_failed
        print(f"{part.name:16} {part_passed:6} passed {part_failed:4} failed {seconds:7.0f} s", flush=True)
        notes = re.findall(r"^note: .*", text, re.M)
        rows.append(f"| {part.name} | {part_passed} | {part_failed} | {seconds:.0f} | "
                    f"{'; '.join(note[6:] for note in notes)} |")
        for line in notes:
            print(f"{'':16} {line}", flush=True)
        if part_failed:
            shown = text.rstrip().split("\n")[-LINES_SHOWN:]
            print("\n".join(f"    | {line[:300]}" for line in shown))
            print(f"    (all of it: {part.log().relative_to(ROOT)})", flush=True)
            named = list(dict.fromkeys(match.group(0).strip() for match in FAILURE.finditer(text)))
            failures += [f"{part.name}: {line[:200]}" for line in named[:FAILURES_SHOWN] or ["see above"]]
    minutes, seconds = divmod(round(time.monotonic() - start), 60)
    print(f"test: {minutes} min {seconds} s")
    for line in failures:
        print(f"failed: {line}")
    summary = f"{passed} passed, {failed} failed"
    if arguments.all:
        write_report(rows, summary)
    print(summary)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
