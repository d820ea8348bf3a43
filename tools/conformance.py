#!/usr/bin/env python3
"""Runs Flink's own cases and compares with what is committed; fails when a case got worse.

    tools/conformance.py             compare with tests/conformance/status.tsv
    tools/conformance.py --update    write that file from what is now
    tools/conformance.py --savepoints
                                     the programs that pass with a restore in one process, through a
                                     savepoint and a second process
    PRESET=dev tools/conformance.py  use build/dev instead of build/release

The cases lie in ../shared/conformance and are not part of the repository: without them nothing is
compared, and that is said. A line of the table is kind, id, occurrence (ids repeat), status.
"""
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT.parent / "shared" / "conformance"
TABLE = ROOT / "tests" / "conformance" / "status.tsv"
PROGRAM = ROOT / "build" / os.environ.get("PRESET", "release") / "bin" / "rhei-conformance"
KINDS = ["parser", "expressions", "functions", "programs"]
# From worst to best: a wrong answer is worse than a crash, and that worse than a refusal by name.
RANK = {"fail": 0, "error": 1, "unsupported": 2, "pass": 3}


def run(kind, cases=None):
    """{(kind, id, occurrence): status}, in the order of the cases."""
    path = CASES / f"{cases or kind}.jsonl"
    process = subprocess.run([PROGRAM, "--kind", kind, path], stdout=subprocess.PIPE, text=True)
    statuses, seen = {}, Counter()
    for line in process.stdout.splitlines():
        case = json.loads(line)
        if "id" not in case or "status" not in case:
            continue  # The last line holds the counts.
        seen[case["id"]] += 1
        statuses[(kind, str(case["id"]), seen[case["id"]])] = case["status"]
    if not statuses:
        sys.exit(f"conformance: {PROGRAM} --kind {kind} printed no case (exit code {process.returncode})")
    return statuses


def read_table():
    statuses = {}
    for line in TABLE.read_text().splitlines() if TABLE.exists() else []:
        kind, name, occurrence, status = line.split("\t")
        statuses[(kind, name, int(occurrence))] = status
    return statuses


def savepoints():
    """What passes when a checkpoint in memory is between the halves, passes with a savepoint too."""
    before, now = read_table(), run("savepoints", "programs")
    due = [key for key in now if before.get(("programs", *key[1:])) == "pass"]
    failed = [key for key in due if now[key] != "pass"]
    for key in failed:
        print(f"through a savepoint: {key[1]}: pass -> {now[key]}")
    print(f"note: savepoints: {len(now)} programs are restored, {len(due)} of them pass in one process")
    print(f"{len(due) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed or not due else 0


def main():
    if not CASES.is_dir():
        print(f"note: conformance: skipped, {CASES} is not there")
        return 0
    if "--savepoints" in sys.argv:
        return savepoints()
    before, now = read_table(), {}
    for kind in KINDS:
        found = run(kind)
        now.update(found)
        counts = Counter(found.values())
        shares = ", ".join(f"{counts[status]} {status}" for status in sorted(RANK, key=RANK.get, reverse=True))
        print(f"note: {kind}: {shares} of {len(found)} ({100 * counts['pass'] / len(found):.1f} % pass)")
    if "--update" in sys.argv:
        lines = ["\t".join([kind, name, str(nth), status]) for (kind, name, nth), status in sorted(now.items())]
        TABLE.write_text("\n".join(lines) + "\n")
        return 0
    worse = [(key, status) for key, status in before.items() if RANK.get(now.get(key), -1) < RANK[status]]
    for (kind, name, nth), status in worse:
        print(f"worse: {kind} {name} #{nth}: {status} -> {now.get((kind, name, nth), 'missing')}")
    better = sum(RANK[status] > RANK[before.get(key, "fail")] for key, status in now.items())
    if better:
        print(f"note: {better} cases got better; tools/conformance.py --update writes them down")
    print(f"{len(before) - len(worse)} passed, {len(worse)} failed")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
