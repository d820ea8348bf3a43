#!/usr/bin/env python3
"""What durable checkpoints cost, and how fast a killed job is back.

    tools/bench_checkpoints.py [--rhei build/release/bin/rhei] [--keys 20000000] [--updates 60000000] [--rounds 3]

Throughput: GROUP BY over `--keys` keys, each inserted once, and `--updates` updates that walk
through the keys, 20 for each, so that at four million rows a second a tenth of 20,000,000 keys
(about 1 GB of state) changes in 10 s; from datagen into blackhole at one shard, with no checkpoint
interval, 10 s and 1 s. What the updates cost is the difference to a run that only inserts the keys.
The runs take turns in random order; the table has the median of the rounds in wall and in CPU
seconds, and each interval's quotient to none.

Recovery: a job with a hundredth, a tenth and all of the keys is killed (SIGKILL) behind a checkpoint
that holds them all, and started again; measured from its start to the first new line of output.
Other work on the machine makes wall times larger.
"""
import argparse
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGETS = {"10 s": 1.03, "1 s": 1.15}
RECOVERY_BYTES_PER_SECOND = 0.5e9
UPDATES_OF_A_KEY = 20


def sql(work, name, keys, updates, interval, endless):
    """Every key once, and beside that updates: bounded in order, endless at random in the first tenth."""
    rate = "'rows-per-second' = '1000000000'"
    checkpoints = "" if interval is None else (
        f"SET 'execution.checkpointing.interval' = '{interval}';\n"
        f"SET 'execution.checkpointing.dir' = '{work}/state';\n")
    # Only few lines are printed, but soon after a restart one of them.
    sink = ("CREATE TABLE totals (k BIGINT, n BIGINT, s BIGINT) WITH ('connector' = 'blackhole');\n"
            if not endless else
            "CREATE TABLE totals (k BIGINT, n BIGINT, s BIGINT) WITH ('connector' = 'print');\n")
    rows = ""
    speed = "'rows-per-second' = '20000'" if endless else rate
    hot_keys = (f"'fields.k.min' = '1', 'fields.k.max' = '{max(keys // 10, 1)}'" if endless else
                f"'fields.k.kind' = 'sequence', 'fields.k.start' = '0', 'fields.k.end' = '{updates - 1}'")
    hot = "SELECT * FROM hot" if endless else f"SELECT MOD(k / {UPDATES_OF_A_KEY}, {keys}) + 1, v FROM hot"
    where = " WHERE k >= 0 AND MOD(k, 997) = 0" if endless else ""
    return (f"SET 'pipeline.name' = '{name}';\n{checkpoints}"
            "CREATE TABLE all_keys (k BIGINT, v BIGINT) WITH ('connector' = 'datagen', "
            f"'fields.k.kind' = 'sequence', 'fields.k.start' = '1', 'fields.k.end' = '{keys}', "
            f"'fields.v.min' = '1', 'fields.v.max' = '100', {rate});\n"
            f"CREATE TABLE hot (k BIGINT, v BIGINT) WITH ('connector' = 'datagen', {rows}"
            f"{hot_keys}, "
            f"'fields.v.min' = '1', 'fields.v.max' = '100', {speed});\n" + sink +
            f"INSERT INTO totals SELECT k, n, s FROM (SELECT k, COUNT(*) AS n, SUM(v) AS s FROM "
            f"(SELECT * FROM all_keys UNION ALL {hot}) GROUP BY k){where};\n")


def measured(rhei, script):
    start = time.monotonic()
    process = subprocess.Popen([rhei, "run", "-q", "--fresh", "--parallelism", "1", script], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{script} ended with {process.returncode}")
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def throughput(arguments, work):
    intervals = {"none": None, "10 s": "10s", "1 s": "1s"}
    runs = {}
    for name, interval in intervals.items():
        for phase, updates in (("load", 1), ("all", arguments.updates)):
            path = f"{work}/{phase}{name.replace(' ', '')}.sql"
            Path(path).write_text(sql(work, f"{phase} {name}", arguments.keys, updates, interval, False))
            runs[name, phase] = path
    figures = {run: [] for run in runs}
    for _ in range(arguments.rounds):
        for run in random.sample(sorted(runs), len(runs)):
            figures[run].append(measured(arguments.rhei, runs[run]))
            shutil.rmtree(f"{work}/state", ignore_errors=True)
    print(f"{arguments.keys:,} keys, {arguments.updates:,} updates, {arguments.rounds} rounds, "
          f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print("| interval | load: wall s, CPU s | updates: wall s | wall / none | CPU s | CPU / none | peak MB | target |\n"
          "|---|---|---|---|---|---|---|---|")
    median = {run: [statistics.median(column) for column in zip(*rounds)] for run, rounds in figures.items()}
    base = None
    for name in intervals:
        load, both = median[name, "load"], median[name, "all"]
        wall, cpu = both[0] - load[0], both[1] - load[1]
        base = base or (wall, cpu)
        print(f"| {name} | {load[0]:.1f}, {load[1]:.1f} | {wall:.1f} | {wall / base[0]:.3f} | {cpu:.1f} | "
              f"{cpu / base[1]:.3f} | {both[2]:.0f} | {TARGETS.get(name, '')} |", flush=True)


def recovery(arguments, work):
    print("\n| keys | checkpoint, MB | start to first new output, s | allowed, s |\n|---|---|---|---|")
    for keys in (arguments.keys // 100, arguments.keys // 10, arguments.keys):
        script = f"{work}/recovery.sql"
        Path(script).write_text(sql(work, f"recovery-{keys}", keys, 0, "2s", True))
        command = [arguments.rhei, "run", "--parallelism", "1", script]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # Long enough for all keys at half a million a second, and for some checkpoints behind them.
        time.sleep(8 + keys / 500_000)
        process.send_signal(signal.SIGKILL)
        process.wait()
        size = sum(file.stat().st_size for file in Path(f"{work}/state").rglob("*") if file.is_file())
        start = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            process.stdout.read(1)
            seconds = time.monotonic() - start
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
            process.stdout.close()
        state_bytes = keys * 53
        print(f"| {keys:,} | {size / 1e6:.0f} | {seconds:.2f} | {1 + state_bytes / RECOVERY_BYTES_PER_SECOND:.2f} |", flush=True)
        shutil.rmtree(f"{work}/state", ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rhei", default=str(ROOT / "build/release/bin/rhei"))
    parser.add_argument("--keys", type=int, default=20_000_000)
    parser.add_argument("--updates", type=int, default=200_000_000)
    parser.add_argument("--rounds", type=int, default=3, help="0: recovery only")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rhei-checkpoints-") as work:
        os.environ["XDG_STATE_HOME"] = f"{work}/home"
        if arguments.rounds > 0:
            throughput(arguments, work)
        recovery(arguments, work)


if __name__ == "__main__":
    main()
