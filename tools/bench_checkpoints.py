#!/usr/bin/env python3
"""What durable checkpoints cost, and how fast a killed job is back.

    tools/bench_checkpoints.py [--rhei build/release/bin/rhei] [--keys 20000000] [--seconds 120] [--rounds 1]

about 10 minutes. Throughput: GROUP BY over `--keys` keys (20,000,000: about 1 GB of state), from
datagen into blackhole at one shard. Each key is inserted once; beside that updates walk through the
keys for ever, some in a row for each key: as many that a tenth of the keys changes in 10 s, which a
short run without checkpoints finds out first. Measured is the steady state, from the first
checkpoint that began behind the load: rows per second, and the CPU time of the worker thread and of
the whole process per row. The bases that a checkpoint writes anew come round within `--seconds`.
The job runs with an interval that never comes (before and behind the others), 10 s and 1 s.

Cost in throughput is of wall time; beside other work it says nothing. The worker thread does all
that the rows wait for, so its CPU time per row is what throughput would be on a core of its own.

Recovery: a job with a hundredth, a tenth and all of the keys is killed (SIGKILL) behind a checkpoint
that holds them all, and started again; measured from its start to the first new line of output.
Other work on the machine makes wall times larger.
"""
import argparse
import fcntl
import os
import pty
import re
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGETS = {"10 s": 0.03, "1 s": 0.15}
RECOVERY_BYTES_PER_SECOND = 0.5e9


def sql(work, name, keys, updates, interval, endless, updates_of_a_key=1):
    """Every key once, and beside that updates: bounded in order, endless at random in the first tenth."""
    rate = "'rows-per-second' = '1000000000'"
    # A job without an interval has barriers too, every 5 s, though they freeze nothing.
    checkpoints = (f"SET 'execution.checkpointing.interval' = '{interval or '1d'}';\n"
                   f"SET 'execution.checkpointing.dir' = '{work}/state';\n")
    # Only few lines are printed, but soon after a restart one of them.
    sink = ("CREATE TABLE totals (k BIGINT, n BIGINT, s BIGINT) WITH ('connector' = 'blackhole');\n"
            if not endless else
            "CREATE TABLE totals (k BIGINT, n BIGINT, s BIGINT) WITH ('connector' = 'print');\n")
    rows = ""
    speed = "'rows-per-second' = '20000'" if endless else rate
    hot_keys = (f"'fields.k.min' = '1', 'fields.k.max' = '{max(keys // 10, 1)}'" if endless else
                f"'fields.k.kind' = 'sequence', 'fields.k.start' = '0', 'fields.k.end' = '{updates - 1}'")
    hot = "SELECT * FROM hot" if endless else f"SELECT MOD(k / {updates_of_a_key}, {keys}) + 1, v FROM hot"
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


class Sample:
    """What a running job has done so far: rows, and the CPU seconds of its threads by their names."""

    def __init__(self, pid, line):
        self.time = time.monotonic()
        self.rows = int(re.search(r"(\d+) rows in", line)[1])
        self.loaded = re.search(r"all_keys( \d+ % of \d+ \w+)? read", line) is not None
        checkpoint = re.search(r"checkpoint (\d+) ", line)
        self.checkpoint = int(checkpoint[1]) if checkpoint else 0
        self.cpu = {"worker": 0.0, "job": 0.0, "other": 0.0}
        for task in Path(f"/proc/{pid}/task").iterdir():
            name, _, fields = (task / "stat").read_text().partition(" (")[2].rpartition(") ")
            kind = "worker" if name.startswith("rhei-worker") else "job" if name == "rhei-job" else "other"
            ticks = fields.split()[11:13]
            self.cpu[kind] += sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
        counters = dict(line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
        self.written = int(counters["wchar"])


class Job:
    """A job on a terminal of its own, where its progress line is read once a second."""

    def __init__(self, rhei, script):
        terminal, its_end = pty.openpty()
        fcntl.ioctl(its_end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 500, 0, 0))
        self.process = subprocess.Popen([rhei, "run", "--fresh", "--parallelism", "1", script],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=its_end)
        os.close(its_end)
        self.terminal = terminal
        self.text = ""

    def next(self):
        while True:
            try:
                text = os.read(self.terminal, 65536).decode(errors="replace")
            except OSError:
                sys.exit(f"the job ended: {self.text}")
            # Each line is one write, which begins with a carriage return.
            self.text = text
            line = text.rpartition("\r")[2]
            if " rows in " in line:
                return Sample(self.process.pid, line)

    def wait(self, ready):
        sample = self.next()
        while not ready(sample):
            sample = self.next()
        return sample

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        _, _, usage = os.wait4(self.process.pid, 0)
        os.close(self.terminal)
        return usage.ru_maxrss / 1024


def measured(arguments, work, interval, updates_of_a_key, seconds):
    """The job's steady state: behind the load, and behind a checkpoint that began after it."""
    script = f"{work}/throughput.sql"
    Path(script).write_text(
        sql(work, "throughput", arguments.keys, 10**15, interval, False, updates_of_a_key))
    job = Job(arguments.rhei, script)
    loaded = job.wait(lambda sample: sample.loaded)
    settled = loaded.time + 3
    first = job.wait(lambda sample: sample.time >= settled and
                     (interval is None or sample.checkpoint >= loaded.checkpoint + 2))
    last = job.wait(lambda sample: sample.time >= first.time + seconds)
    peak = job.kill()
    shutil.rmtree(f"{work}/state", ignore_errors=True)
    rows, wall = last.rows - first.rows, last.time - first.time
    return {
        "rate": rows / wall,
        "worker": (last.cpu["worker"] - first.cpu["worker"]) * 1e9 / rows,
        "all": sum(last.cpu[kind] - first.cpu[kind] for kind in last.cpu) * 1e9 / rows,
        "changed": rows / wall * 10 / updates_of_a_key / arguments.keys,
        "written": (last.written - first.written) / wall / 1e6,
        "checkpoints": last.checkpoint - first.checkpoint,
        "peak": peak,
        "load": loaded.time,
    }


def throughput(arguments, work):
    updates_of_a_key = arguments.updates_in_a_row
    if updates_of_a_key == 0:
        quick = measured(arguments, work, None, 100, 5)
        updates_of_a_key = max(round(quick["rate"] * 100 / arguments.keys), 1)
    runs = {"none": [], "10 s": [], "1 s": []}
    turns = []
    for turn in range(arguments.rounds):
        # None at both ends, the others in an order that changes.
        turns += ["none"] + (["10 s", "1 s"] if turn % 2 == 0 else ["1 s", "10 s"])
    for name in turns + ["none"]:
        interval = None if name == "none" else name.replace(" ", "")
        seconds = arguments.seconds / 3 if interval is None else arguments.seconds
        runs[name].append(measured(arguments, work, interval, updates_of_a_key, seconds))
        print(f"{name}: {runs[name][-1]['rate'] / 1e6:.2f} M rows/s", file=sys.stderr, flush=True)
    print(f"{arguments.keys:,} keys, {updates_of_a_key} updates in a row for each, {arguments.seconds} s and "
          f"{arguments.rounds} rounds, load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print("| interval | M rows/s (each run) | cost in throughput | target | worker CPU ns/row | cost | all CPU ns/row | cost "
          "| changed in 10 s | checkpoints | MB/s written | peak MB |\n|---|---|---|---|---|---|---|---|---|---|---|---|")
    mean = {name: {key: statistics.mean(run[key] for run in of) for key in of[0]} for name, of in runs.items()}
    none = mean["none"]
    for name, one in mean.items():
        each = ", ".join(f"{run['rate'] / 1e6:.2f}" for run in runs[name])
        target = f"{TARGETS[name]:.0%}" if name in TARGETS else ""
        print(f"| {name} | {one['rate'] / 1e6:.2f} ({each}) | {none['rate'] / one['rate'] - 1:.1%} | {target} | "
              f"{one['worker']:.1f} | {one['worker'] / none['worker'] - 1:.1%} | {one['all']:.1f} | {one['all'] / none['all'] - 1:.1%} | {one['changed']:.1%} | "
              f"{one['checkpoints']:.0f} | {one['written']:.1f} | {one['peak']:.0f} |", flush=True)


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
    parser.add_argument("--seconds", type=int, default=120, help="of each run with an interval; a third of it without")
    parser.add_argument("--rounds", type=int, default=1, help="0: recovery only")
    parser.add_argument("--updates-in-a-row", type=int, default=0, help="for each key; 0: found out")
    parser.add_argument("--no-recovery", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rhei-checkpoints-") as work:
        os.environ["XDG_STATE_HOME"] = f"{work}/home"
        if arguments.rounds > 0:
            throughput(arguments, work)
        if not arguments.no_recovery:
            recovery(arguments, work)


if __name__ == "__main__":
    main()
