#!/usr/bin/env python3
"""tools/build_report.py [PRESET]: what a build costs, from ninja's log and dependency database.

Prints the median and the 95th percentile of compiling one source, the slowest sources (seconds as
measured, so a shared machine and ccache blur them), and the headers of our own that most sources
include: a change to one of those rebuilds as many.
"""
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHOWN = 12


def compile_seconds(build):
    """{object: seconds} of the newest build of each."""
    seconds = {}
    for line in (build / ".ninja_log").read_text().splitlines()[1:]:
        start, end, _, output, _ = line.split("\t")
        if output.endswith(".cc.o") and "verify_interface" not in output:
            seconds[output] = (int(end) - int(start)) / 1000
    return seconds


def fan_out(build):
    """Counter of our headers over the sources that depend on them."""
    deps = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=True).stdout
    headers = Counter()
    for block in deps.split("\n\n"):
        lines = block.split("\n")
        if ".cc.o:" not in lines[0] or "verify_interface" in lines[0]:
            continue
        for line in lines[1:]:
            path = line.strip()
            if path.endswith(".h") and "/src/" in "/" + path and not path.startswith("/usr/"):
                headers[path.split("src/", 1)[1]] += 1
    return headers


def main():
    build = ROOT / "build" / (sys.argv[1] if len(sys.argv) > 1 else "dev")
    seconds = compile_seconds(build)
    if not seconds:
        sys.exit(f"build_report: nothing was built in {build}")
    ordered = sorted(seconds.values())
    print(f"{len(ordered)} sources, {sum(ordered):.0f} s together, median {ordered[len(ordered) // 2]:.2f} s, "
          f"p95 {ordered[int(len(ordered) * 0.95)]:.2f} s")
    for output, value in sorted(seconds.items(), key=lambda item: -item[1])[:SHOWN]:
        print(f"  {value:6.2f} s  {output.split('.dir/', 1)[-1][:-2]}")
    print("headers that most sources include")
    for header, count in fan_out(build).most_common(SHOWN):
        print(f"  {100 * count / len(ordered):5.0f} %  {header}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
