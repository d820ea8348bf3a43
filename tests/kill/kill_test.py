#!/usr/bin/env python3
"""Kills the real rhei (SIGKILL) while it runs files -> SQL -> files, starts it again until it has
finished, and counts the output anew in plain Python: no row may be lost, none may be there twice.

  tests/kill/kill_test.py [PATH_OF_RHEI] [--long] [--only NAME] [--keep] [--seed N]

Default: every named kill point (docs/TESTING.md) once, 5 kills at random times. --long: 30 random
kills and more. The harness shows that it can fail: a line taken away or written twice, and a
job whose checkpoints are taken away, must be found. Ends with "N passed, N failed".
"""

import argparse
import collections
import datetime
import glob
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

SECONDS_MAX = 90  # a run that takes longer hangs
ROWS = 300_000
FILES = 12
GROWING_ROWS = 36_000
GROWING_FILES = 60
GROWING_SECONDS = 1.0
DAYS = 5
KEYS = 40
START = datetime.datetime(2024, 3, 1)

EVENTS = """
CREATE TABLE events (id BIGINT, k STRING, v BIGINT, ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL {lag})
WITH ('connector' = 'filesystem', 'path' = '{input}', 'format' = 'json'{source});
"""
SINK = """
CREATE TABLE {name} ({columns}) {partitioned} WITH ('connector' = 'filesystem', 'path' = '{path}',
  'format' = 'csv', 'sink.rolling-policy.file-size' = '{roll}'{options});
"""
SETTINGS = """
SET 'execution.checkpointing.interval' = '{interval}';
SET 'parallelism.default' = '{shards}';
"""
CALC = "SELECT id, v * 2 + 1 FROM events WHERE MOD(id, 3) <> 0"
WINDOW = """SELECT k, DATE_FORMAT(window_start, 'yyyyMMddHH'), COUNT(*), SUM(v)
  FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' HOUR)) GROUP BY k, window_start, window_end"""
WINDOW_COLUMNS = "k STRING, h STRING, n BIGINT, s BIGINT"


def make_rows(count):
    """(id, k, v, time), by time."""
    step = DAYS * 86400 / count
    return [(i, f"k{i * 7919 % KEYS}", i * 31 % 1009, START + datetime.timedelta(seconds=int(i * step)))
            for i in range(count)]


def write_file(directory, name, rows):
    """Appears whole."""
    hidden = os.path.join(directory, "." + name)
    with open(hidden, "w") as file:
        for i, key, value, when in rows:
            file.write(f'{{"id":{i},"k":"{key}","v":{value},"ts":"{when:%Y-%m-%d %H:%M:%S}"}}\n')
    os.rename(hidden, os.path.join(directory, name))


# What must come out, as lines by sink.

def calc_lines(rows):
    return collections.Counter(f"{i},{v * 2 + 1}" for i, _, v, _ in rows if i % 3 != 0)


def window_lines(rows):
    counts = collections.defaultdict(lambda: [0, 0])
    for _, key, value, when in rows:
        cell = counts[key, when.strftime("%Y%m%d%H")]
        cell[0] += 1
        cell[1] += value
    return collections.Counter(f"{key},{hour},{n},{s}" for (key, hour), (n, s) in counts.items())


def partition_lines(rows):
    return collections.Counter(f"day={when:%Y-%m-%d}/{i},{v}" for i, _, v, when in rows)


class Job:
    """A SQL script and what its sinks must hold."""

    def __init__(self, name, shards, sinks, lag="'1' MINUTE", source="", interval="10 ms", grows=False):
        self.name, self.shards, self.sinks, self.lag, self.source = name, shards, sinks, lag, source
        self.interval, self.grows = interval, grows

    def script(self, source, out):
        text = SETTINGS.format(interval=self.interval, shards=self.shards)
        text += EVENTS.format(input=source, source=self.source, lag=self.lag)
        inserts = []
        for name, (columns, query, _, extra) in self.sinks.items():
            partitioned, options = extra
            text += SINK.format(name=name, columns=columns, partitioned=partitioned, options=options,
                                path=os.path.join(out, name), roll="48kb" if query == CALC else "20kb")
            inserts.append(f"INSERT INTO {name} {query};\n")
        if len(inserts) == 1:
            return text + inserts[0]
        return text + "EXECUTE STATEMENT SET\nBEGIN\n" + "".join(inserts) + "END;\n"


PLAIN = ("", "")
CALC_SINK = ("id BIGINT, w BIGINT", CALC, calc_lines, PLAIN)
WINDOW_SINK = (WINDOW_COLUMNS, WINDOW, window_lines, PLAIN)
PARTITION_SINK = (
    "id BIGINT, v BIGINT, `day` STRING", "SELECT id, v, DATE_FORMAT(ts, 'yyyy-MM-dd') FROM events", partition_lines,
    ("PARTITIONED BY (`day`)", ", 'sink.partition-commit.policy.kind' = 'success-file', "
     "'sink.partition-commit.trigger' = 'partition-time', 'sink.partition-commit.delay' = '1 d', "
     "'partition.time-extractor.timestamp-pattern' = '$day 00:00:00'"))
GROWS = ", 'source.monitor-interval' = '20 ms'"
OFTEN = ("", ", 'sink.rolling-policy.rollover-interval' = '150 ms'")
JOBS = {job.name: job for job in [
    # Their input grows while they run; Ctrl-C ends them.
    Job("calc", 3, {"o": CALC_SINK[:3] + (OFTEN,)}, source=GROWS, interval="50 ms", grows=True),
    Job("window", 1, {"o": WINDOW_SINK[:3] + (OFTEN,)}, source=GROWS, interval="50 ms", grows=True),
    # Their input ends. Splits are read at once: a lag longer than the input keeps every row in time.
    Job("bounded", 3, {"o": CALC_SINK}),
    Job("shards", 3, {"o": WINDOW_SINK}, lag="'20' DAY"),
    Job("two", 2, {"a": CALC_SINK, "b": WINDOW_SINK}, lag="'20' DAY"),
    Job("parts", 2, {"o": PARTITION_SINK}),
]}

# Every point once: name, passing, job, and for points of a restart where the run before it dies.
POINTS = [
    ("source-position", 30, "calc", None),
    ("barrier", 4, "window", None),
    ("seal-unsynced", 4, "two", None),
    ("sealed", 10, "calc", None),
    ("snapshot", 9, "two", None),
    ("segment-part", 9, "window", None),
    ("segment-written", 5, "calc", None),
    ("segment-synced", 2, "shards", None),
    ("manifest-written", 2, "shards", None),
    ("manifest-synced", 2, "parts", None),
    ("manifest-renamed", 2, "two", None),
    ("manifest-published", 2, "parts", None),
    ("manifest-published", 6, "window", None),
    ("commit-mark", 5, "calc", None),
    ("commit-first", 3, "two", None),
    ("commit-between", 2, "parts", None),
    ("commit-renamed", 4, "calc", None),
    ("commit-partition", 2, "parts", None),
    ("commit-done", 5, "window", None),
    ("committed-mark", 3, "calc", None),
    ("sweep", 5, "window", None),
    ("last-committed", 1, "parts", None),
    ("finished-mark", 1, "bounded", None),
    ("restore-read", 1, "shards", "manifest-published:1"),
    ("restore-commits", 1, "parts", "manifest-published:1"),
    ("restore-commits", 1, "window", "manifest-published:4"),
    ("restore-sink", 1, "calc", "commit-done:7"),
]


class Inputs:
    """The jobs' input and what must come of it; made once."""

    def __init__(self, root):
        self.rows = make_rows(ROWS)
        self.path = os.path.join(root, "input")
        os.makedirs(self.path)
        share = len(self.rows) // FILES
        for f in range(FILES):
            write_file(self.path, f"events-{f:02}.json", self.rows[f * share:(f + 1) * share])
            # Files are read in the order of their times.
            os.utime(os.path.join(self.path, f"events-{f:02}.json"), (1e9 + f, 1e9 + f))
        self.lines = {lines: lines(self.rows) for lines in (calc_lines, window_lines, partition_lines)}
        self.growing_rows = make_rows(GROWING_ROWS)
        self.growing_lines = {lines: lines(self.growing_rows) for lines in (calc_lines, window_lines)}


class Feeder(threading.Thread):
    """Adds files to a directory while a job watches it."""

    def __init__(self, directory, rows):
        super().__init__(daemon=True)
        self.directory, self.rows = directory, rows
        self.half = threading.Event()  # the first half is there
        self.go_on = threading.Event()
        self.go_on.set()
        os.makedirs(directory)

    def run(self):
        share = len(self.rows) // GROWING_FILES
        for f in range(GROWING_FILES):
            if f == GROWING_FILES // 2:
                self.half.set()
                self.go_on.wait()
            write_file(self.directory, f"events-{f:03}.json", self.rows[f * share:(f + 1) * share])
            time.sleep(GROWING_SECONDS / GROWING_FILES)
        # Fires the last windows. No sink holds it: its id is divided by 3, its own window stays open.
        write_file(self.directory, "events-end.json", [(-3, "end", 0, START + datetime.timedelta(days=99))])


def lines_below(path):
    """What a reader sees, with the partition before each line."""
    found = collections.Counter()
    for folder, _, names in os.walk(path):
        partition = os.path.relpath(folder, path)
        prefix = "" if partition == "." else partition + "/"
        for name in names:
            if name.startswith((".", "_")):
                continue
            with open(os.path.join(folder, name)) as file:
                text = file.read()
            assert not text or text.endswith("\n"), f"{name}: its last line is cut off"
            found.update(prefix + line for line in text.splitlines())
    return found


class Cycle:
    """One job from its first start to its end, with kills between."""

    def __init__(self, test, job, pauses=False):
        self.test, self.job = test, job
        self.root = tempfile.mkdtemp(prefix=f"{job.name}-", dir=test.root)
        self.out = os.path.join(self.root, "out")
        self.state = os.path.join(self.root, "state")
        self.source = os.path.join(self.root, "input") if job.grows else test.inputs.path
        self.script = os.path.join(self.root, "job.sql")
        self.log = os.path.join(self.root, "log")
        self.kills = 0
        with open(self.script, "w") as file:
            file.write(job.script(self.source, self.out))
        self.expected = {}
        self.feeder = None
        if job.grows:
            self.expected = {name: test.inputs.growing_lines[sink[2]] for name, sink in job.sinks.items()}
            self.feeder = Feeder(self.source, test.inputs.growing_rows)
            if pauses:
                self.feeder.go_on.clear()
            self.feeder.start()
        else:
            self.expected = {name: test.inputs.lines[sink[2]] for name, sink in job.sinks.items()}

    def start(self, kill_at=None):
        environment = dict(os.environ, XDG_STATE_HOME=self.state, XDG_RUNTIME_DIR=self.state)
        environment.pop("RHEI_KILL_AT", None)
        if kill_at:
            environment["RHEI_KILL_AT"] = kill_at
        with open(self.log, "a") as log:
            log.write(f"--- start, kill at {kill_at}\n")
            log.flush()
            os.makedirs(self.state, exist_ok=True)
            return subprocess.Popen([self.test.rhei, "run", self.script], env=environment, stdin=subprocess.DEVNULL,
                                    stdout=log, stderr=log)

    def has_started(self):
        with open(self.log) as file:
            return " started" in file.read().rpartition("--- start")[2]

    def told(self):
        with open(self.log) as file:
            return file.read()[-3000:]

    def run_to_kill(self, kill_at, may_end=False):
        """False when the job came to its end before."""
        process = self.start(kill_at)
        try:
            code = process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"{kill_at}: not reached\n{self.told()}") from None
        if may_end and code == 0:
            return False
        assert code == -signal.SIGKILL, f"{kill_at}: not reached, exit code {code}\n{self.told()}"
        self.kills += 1
        return True

    def run_for(self, seconds):
        """True when the kill came before the job had finished."""
        process = self.start()
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            self.kills += 1
            # Run once more, a job that is marked as finished would begin anew.
            return not glob.glob(os.path.join(self.state, "rhei", "**", "finished-*"), recursive=True)
        assert code == 0, f"exit code {code}\n{self.told()}"
        return False

    def run_to_end(self):
        process = self.start()
        if self.job.grows:
            self.feeder.join()
            until = time.monotonic() + 20
            while time.monotonic() < until and process.poll() is None and self.differences()[0]:
                time.sleep(0.1)
            # Before it runs a signal would end it as any program.
            while time.monotonic() < until and process.poll() is None and not self.has_started():
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
        # A job that watches a directory ends by Ctrl-C.
        expected = 130 if self.job.grows else 0
        try:
            code = process.wait(SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"the run hangs\n{self.told()}") from None
        assert code == expected, f"exit code {code}\n{self.told()}"

    def differences(self):
        """(lost, doubled) rows of all sinks."""
        lost = doubled = 0
        for name, want in self.expected.items():
            got = lines_below(os.path.join(self.out, name))
            lost += (want - got).total()
            doubled += (got - want).total()
        return lost, doubled

    def check(self):
        lost, doubled = self.differences()
        self.test.lost += lost
        self.test.doubled += doubled
        assert (lost, doubled) == (0, 0), f"{lost} rows lost, {doubled} doubled\n{self.told()}"
        for name, sink in self.job.sinks.items():
            if sink[2] is not partition_lines:
                continue
            days = {line.split("/")[0] for line in self.expected[name]}
            marked = {path.split("/")[-2] for path in glob.glob(os.path.join(self.out, name, "*", "_SUCCESS"))}
            assert marked == days, f"marked as complete: {sorted(marked)}, not {sorted(days)}"

    def leftovers(self):
        return [path for path in glob.glob(os.path.join(self.out, "**", ".*"), recursive=True, include_hidden=True)
                if os.path.isfile(path)]


class Test:
    def __init__(self, arguments):
        self.rhei = os.path.abspath(arguments.rhei)
        self.only = arguments.only
        self.keep = arguments.keep
        self.root = tempfile.mkdtemp(prefix="rhei-kill-")
        self.inputs = Inputs(self.root)
        self.random = random.Random(arguments.seed)
        self.seed = arguments.seed
        self.passed = self.failed = self.cycles = self.kills = self.lost = self.doubled = 0
        self.leftovers = 0

    def case(self, name, function, *arguments):
        if self.only and self.only not in name:
            return
        began = time.monotonic()
        try:
            cycle = function(*arguments)
        except (AssertionError, OSError, subprocess.SubprocessError):
            self.failed += 1
            print(f"FAILED {name}\n{traceback.format_exc()}", flush=True)
            return
        self.passed += 1
        self.cycles += 1
        self.kills += cycle.kills
        print(f"ok {name} ({cycle.kills} kills, {time.monotonic() - began:.1f} s)", flush=True)
        if not self.keep:
            shutil.rmtree(cycle.root)

    def undisturbed(self, job):
        cycle = Cycle(self, job)
        began = time.monotonic()
        cycle.run_to_end()
        job.seconds = time.monotonic() - began
        cycle.check()
        assert not cycle.leftovers(), f"left: {cycle.leftovers()[:3]}"
        return cycle

    def kill_at(self, point, passing, job, before):
        cycle = Cycle(self, JOBS[job])
        if before:
            cycle.run_to_kill(before)
        if not cycle.run_to_kill(f"{point}:{passing}", passing > 1 and not JOBS[job].grows):
            # The machine is so fast, or so slow, that the input ended before.
            cycle = Cycle(self, JOBS[job])
            cycle.run_to_kill(f"{point}:1")
        # A job that is marked as finished would begin anew.
        if point != "finished-mark":
            cycle.run_to_end()
        cycle.check()
        if before:
            assert not cycle.leftovers(), f"left: {cycle.leftovers()[:3]}"
        return cycle

    def kill_at_random(self, job, kills):
        cycle = Cycle(self, job)
        span = getattr(job, "seconds", 1.5)
        ended = False
        for _ in range(kills):
            ended = not cycle.run_for(self.random.uniform(0.02, max(0.1, span)))
            if ended:
                break
        if not ended:
            cycle.run_to_end()
        cycle.check()
        return cycle

    def kill_while_idle(self):
        """Readers pass over the watermarks of an idle input, also after a restore."""
        cycle = Cycle(self, JOBS["window"], pauses=True)
        process = cycle.start()
        cycle.feeder.half.wait()
        time.sleep(0.6)  # all is read, and checkpoints are taken since
        process.kill()
        process.wait()
        cycle.kills += 1
        cycle.feeder.go_on.set()
        # The rest comes in one piece.
        cycle.feeder.join()
        cycle.run_to_end()
        cycle.check()
        return cycle

    # The harness can fail.

    def finds_a_lost_and_a_doubled_row(self):
        cycle = self.undisturbed(JOBS["bounded"])
        path = next(p for p in glob.glob(os.path.join(cycle.out, "o", "part-*")) if os.path.getsize(p))
        with open(path) as file:
            lines = file.readlines()
        with open(path, "w") as file:
            file.writelines(lines[1:])
        assert cycle.differences() == (1, 0), f"a lost row was not found: {cycle.differences()}"
        with open(path, "w") as file:
            file.writelines(lines + lines[:1])
        assert cycle.differences() == (0, 1), f"a doubled row was not found: {cycle.differences()}"
        return cycle

    def finds_rows_committed_twice(self):
        cycle = Cycle(self, JOBS["bounded"])
        cycle.run_to_kill("committed-mark:2")
        # Without its checkpoints the job begins anew, below what it has committed.
        shutil.rmtree(cycle.state)
        cycle.run_to_end()
        lost, doubled = cycle.differences()
        assert lost == 0 and doubled > 0, f"rows committed twice were not found: {lost}, {doubled}"
        return cycle

    def run(self, long):
        for job in JOBS.values():
            self.case(f"undisturbed {job.name}", self.undisturbed, job)
        self.case("harness: a row", self.finds_a_lost_and_a_doubled_row)
        self.case("harness: checkpoints", self.finds_rows_committed_twice)
        for point, passing, job, before in POINTS:
            self.case(f"{point}:{passing} {job}", self.kill_at, point, passing, job, before)
        if long:
            for point, passing, _, before in POINTS:
                name = self.random.choice(["two", "parts"])
                # These are not passed by every job, nor at every checkpoint.
                if point not in ("commit-partition", "finished-mark", "sweep", "restore-sink"):
                    self.case(f"again {point} {name}", self.kill_at, point, max(1, passing // 2), name,
                              before and "manifest-published:1")
        self.case("while idle", self.kill_while_idle)
        jobs = list(JOBS.values())
        for i in range(30 if long else 5):
            job = jobs[(i + self.seed) % len(jobs)]
            self.case(f"random {i} {job.name}", self.kill_at_random, job, self.random.randint(1, 4))


def points_in_source():
    """Names in the program, so that none is left out here."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    with open(os.path.join(root, "src/base/kill_point.cc")) as file:
        table = re.search(r"kNames = \{(.*?)\};", file.read(), re.S)[1]
    return set(re.findall(r'"([a-z-]+)"', table))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rhei", nargs="?", default="build/release/bin/rhei")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 31))
    arguments = parser.parse_args()
    began = time.monotonic()
    test = Test(arguments)
    missing = points_in_source() - {point for point, *_ in POINTS}
    if missing:
        test.failed += 1
        print(f"FAILED points without a test: {sorted(missing)}")
    test.run(arguments.long)
    print(f"note: {test.kills} kills in {test.cycles} cycles, {test.lost} rows lost, {test.doubled} doubled, "
          f"{time.monotonic() - began:.0f} s, seed {test.seed}")
    if not arguments.keep:
        shutil.rmtree(test.root)
    else:
        print(f"note: kept {test.root}")
    print(f"{test.passed} passed, {test.failed} failed")
    return 1 if test.failed else 0


if __name__ == "__main__":
    sys.exit(main())
