#!/usr/bin/env python3
"""rhei under pressure: a sink that takes nothing for a while, keys that come and go by the million,
a memory limit.

  tests/pressure/pressure_test.py [PATH_OF_RHEI] [--long] [--only NAME]

The sink that stalls is 'print' into a pipe that nobody reads: 12 seconds, with --long 3 minutes.
Judged from outside: resident size, every row that came out, and the speed of the second after.
Ends with "N passed, N failed".
"""

import argparse
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

SECONDS_MAX = 120
MIB = 1 << 20

STALL = """
SET 'parallelism.default' = '2';
SET 'table.exec.source.idle-timeout' = '1 s';
CREATE TABLE clicks (id BIGINT, k AS CAST(MOD(id, 7) AS INT), ts AS TO_TIMESTAMP_LTZ(id, 3), WATERMARK FOR ts AS ts)
WITH ('connector' = 'datagen', 'rows-per-second' = '{rate}', 'fields.id.kind' = 'sequence', 'fields.id.start' = '0',
      'fields.id.end' = '1000000000');
CREATE TABLE each_row (id BIGINT, text STRING) WITH ('connector' = 'print', 'print-identifier' = 'row');
CREATE TABLE windows (k INT, s BIGINT, n BIGINT) WITH ('connector' = 'print', 'print-identifier' = 'window');
EXECUTE STATEMENT SET BEGIN
INSERT INTO each_row SELECT id, 'to fill the pipe sooner than numbers alone would' FROM clicks;
INSERT INTO windows SELECT k, SUM(id), COUNT(*)
  FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(ts), INTERVAL '7' SECOND)) GROUP BY k, window_start, window_end;
END;
"""

# The keys of a window go when the watermark has passed it.
WINDOWS = """
SET 'parallelism.default' = '1';
CREATE TABLE clicks (id BIGINT, t BIGINT, ts AS TO_TIMESTAMP_LTZ(t, 3), WATERMARK FOR ts AS ts)
WITH ('connector' = 'filesystem', 'path' = '{input}', 'format' = 'json', 'source.monitor-interval' = '50 ms');
CREATE TABLE sums (k BIGINT, n BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO sums SELECT id, COUNT(*)
  FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY id, window_start, window_end;
"""

GROWS = """
SET 'table.exec.mini-batch.enabled' = 'true';
SET 'table.exec.mini-batch.allow-latency' = '100 ms';
SET 'table.exec.mini-batch.size' = '10000';
CREATE TABLE clicks (id BIGINT, ts AS TO_TIMESTAMP_LTZ(id, 3), WATERMARK FOR ts AS ts) WITH ('connector' = 'datagen',
  'rows-per-second' = '100000000', 'fields.id.kind' = 'sequence', 'fields.id.start' = '0', 'fields.id.end' = '1000000000');
CREATE TABLE results (n BIGINT) WITH ('connector' = 'blackhole');
INSERT INTO results {query};
"""
# Rows, values of DISTINCT, and objects that aggregates keep.
GROWING = {
    "keys": "SELECT COUNT(*) FROM clicks GROUP BY id",
    "distinct values": "SELECT COUNT(DISTINCT id) FROM clicks",
    "a list": "SELECT CHAR_LENGTH(LISTAGG(CAST(id AS STRING))) FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(ts), "
              "INTERVAL '30' DAY)) GROUP BY window_start, window_end",
    "a multiset": "SELECT CARDINALITY(COLLECT(id)) FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(ts), "
                  "INTERVAL '30' DAY)) GROUP BY window_start, window_end",
}


def resident_bytes(pid):
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Reader:
    """Takes what a process prints, or does not."""

    def __init__(self, process):
        self.process = process
        self.chunks = []
        self.lines = 0
        self.ended = False

    def read_for(self, seconds):
        """Lines that came."""
        until = time.monotonic() + seconds
        before = self.lines
        while not self.ended and (left := until - time.monotonic()) > 0:
            if not select.select([self.process.stdout], [], [], left)[0]:
                break
            chunk = os.read(self.process.stdout.fileno(), 1 << 20)
            self.ended = not chunk
            self.lines += chunk.count(b"\n")
            self.chunks.append(chunk)
        return self.lines - before


class Test:
    def __init__(self, arguments):
        self.rhei = os.path.abspath(arguments.rhei)
        self.long = arguments.long
        self.only = arguments.only
        self.root = tempfile.mkdtemp(prefix="rhei-pressure-")
        self.passed = self.failed = 0

    def case(self, function):
        name = function.__name__
        if self.only and self.only not in name:
            return
        try:
            function()
        except (AssertionError, OSError, subprocess.SubprocessError):
            self.failed += 1
            print(f"FAILED {name}\n{traceback.format_exc()}", flush=True)
            return
        self.passed += 1
        print(f"ok {name}", flush=True)

    def start(self, sql, *arguments, **options):
        path = os.path.join(self.root, "job.sql")
        with open(path, "w") as file:
            file.write(sql)
        environment = dict(os.environ, XDG_STATE_HOME=self.root, XDG_RUNTIME_DIR=self.root)
        return subprocess.Popen([self.rhei, "run", path, *arguments], stdin=subprocess.DEVNULL, env=environment,
                                **options)

    def stalled_sink(self):
        stall_seconds = 180 if self.long else 12
        rate = 60_000
        with open(os.path.join(self.root, "log"), "w+") as log:
            process = self.start(STALL.format(rate=rate), stdout=subprocess.PIPE, stderr=log)
            try:
                reader = Reader(process)
                reader.read_for(2)  # to warm up
                before = reader.read_for(3) / 3
                began = resident_bytes(process.pid)
                sizes = []
                for _ in range(stall_seconds):
                    time.sleep(1)
                    sizes.append(resident_bytes(process.pid))
                first = reader.read_for(1)
                second = reader.read_for(1)
                after = reader.read_for(3) / 3
                process.send_signal(signal.SIGINT)
                while not reader.ended:
                    reader.read_for(SECONDS_MAX)
                code = process.wait(SECONDS_MAX)
            finally:
                process.kill()
                process.wait()
            log.seek(0)
            assert code == 130, f"exit code {code}\n{log.read()[-2000:]}"  # Ctrl-C
        print(f"note: {before:.0f} rows/s before, {first} and {second} in the first seconds after, {after:.0f} later; "
              f"{began / MIB:.0f} MiB, at most {max(sizes) / MIB:.0f} MiB in {stall_seconds} s of stall", flush=True)
        assert max(sizes) - began < 64 * MIB, "memory is not bounded"
        settled = sizes[len(sizes) // 3:]
        assert max(settled) - settled[0] < 4 * MIB, f"memory grows while nothing moves: {settled}"
        assert second >= 0.8 * before, f"{second} rows in the second second, {before:.0f} before"
        self.check_rows(b"".join(reader.chunks).decode(), rate)

    def check_rows(self, text, rate):
        ids = sorted(map(int, re.findall(r"^row(?::\d+)?> \+I\[(\d+),", text, re.M)))
        assert len(ids) > 3 * rate, f"{len(ids)} rows"
        # A stop lets all that was read go through: no hole, nothing twice.
        assert ids == list(range(len(ids))), "rows are lost or doubled"
        windows = {}
        for key, total, count in re.findall(r"^window(?::\d+)?> \+I\[(\d+), (\d+), (\d+)\]", text, re.M):
            # The ids of a window of 7 s are consecutive: the sum says which window it was.
            window = int(total) // int(count) // 7000
            assert (window, key) not in windows, f"window {window} fired twice for {key}"
            windows[window, key] = int(count)
        assert len(windows) >= 7 * (len(ids) // 7000 - 2), f"{len(windows)} windows"
        # A watermark that had run ahead while nothing moved would have made rows late.
        wrong = {window: count for window, count in windows.items() if count != 1000}
        assert not wrong, f"windows with late rows: {wrong}"

    def keys_come_and_go(self):
        keys = 5_000_000 if self.long else 400_000
        source = os.path.join(self.root, "keys")
        os.makedirs(source)

        def add(name, ids, minute):
            hidden = os.path.join(source, "." + name)
            with open(hidden, "w") as file:
                for first in range(ids.start, ids.stop, 10_000):
                    file.writelines(f'{{"id":{i},"t":{minute * 60_000}}}\n'
                                    for i in range(first, min(first + 10_000, ids.stop)))
            os.rename(hidden, os.path.join(source, name + ".json"))

        with open(os.path.join(self.root, "log"), "w+") as log:
            # malloc keeps free memory for each thread that has asked for some: few threads, few such.
            process = self.start(WINDOWS.format(input=source), stdout=subprocess.DEVNULL, stderr=log,
                                 preexec_fn=lambda: os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2]))
            try:
                add("0", range(1), 0)
                sizes = [self.settle(process, lambda rows: rows == 1)]
                peaks = []
                for turn in range(1, 4 if self.long else 7):
                    add(f"{turn}-keys", range(turn * keys, (turn + 1) * keys), 2 * turn)
                    peaks.append(self.settle(process, lambda rows: rows == keys))
                    add(f"{turn}-end", range(turn, turn + 1), 2 * turn + 1)
                    sizes.append(self.settle(process, lambda rows: rows == 1))
                process.send_signal(signal.SIGINT)
                code = process.wait(SECONDS_MAX)
            finally:
                process.kill()
                process.wait()
            log.seek(0)
            assert code == 130, f"exit code {code}\n{log.read()[-2000:]}"
        print(f"note: {keys} keys: state in KiB at the start and after each turn "
              f"{[state // 1024 for state, _ in sizes]}, full {[state // 1024 for state, _ in peaks]}; "
              f"resident MiB {[size // MIB for _, size in sizes]}, full {[size // MIB for _, size in peaks]}", flush=True)
        start = sizes[0][0]
        for state, _ in sizes[1:]:
            assert state <= 1.05 * start, f"state of {state} bytes, {start} at the start"
        if self.long:
            assert max(size for _, size in peaks + sizes) < 1.05 * peaks[0][1], "keys that have gone still hold memory"
        else:
            # Few keys weigh no more than what else varies; but what every turn leaves behind adds up.
            grown = max(size for _, size in peaks + sizes) - peaks[0][1]
            assert grown < peaks[0][0], f"in five more turns {grown / MIB:.0f} MiB were kept"

    def settle(self, process, judge):
        """(bytes of state, resident bytes) once the windows' rows are as `judge` says."""
        until = time.monotonic() + SECONDS_MAX
        rows = None
        while time.monotonic() < until:
            assert process.poll() is None, f"the job has ended: {process.returncode}"
            told = subprocess.run([self.rhei, "sql", "--attach", str(process.pid), "--format", "csv", "-e", "SHOW STATE"],
                                  env=dict(os.environ, XDG_STATE_HOME=self.root, XDG_RUNTIME_DIR=self.root),
                                  capture_output=True, text=True, timeout=SECONDS_MAX, check=False).stdout
            states = [line.split(",") for line in told.splitlines() if line.count(",") >= 6]
            rows = sum(int(cells[4]) for cells in states if cells[3] == "slices")
            if rows and judge(rows):
                total = sum(int(cells[6]) for cells in states if cells[3] == "slices")
                return total, resident_bytes(process.pid)
            time.sleep(0.3)
        raise AssertionError(f"the windows hold {rows} rows")

    def memory_limit(self):
        for what, query in GROWING.items():
            process = self.start(GROWS.format(query=query), "--memory", "256mb", stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE)
            peak = 0
            began = time.monotonic()
            while process.poll() is None and time.monotonic() - began < 60 and peak < 1024 * MIB:
                try:
                    peak = max(peak, resident_bytes(process.pid))
                except (FileNotFoundError, IndexError):
                    break
                time.sleep(0.02)
            process.kill()
            told = process.communicate()[1].decode()
            print(f"note: {what} under --memory 256mb ended at {peak / MIB:.0f} MiB", flush=True)
            assert process.returncode not in (0, -9), f"{what}: exit code {process.returncode} at {peak / MIB:.0f} MiB"
            assert "Aggregate" in told and "memory limit" in told, f"{what}: it is not told who holds what: {told}"
            # A list lies in one piece, and is there twice while it grows.
            assert peak < (640 if what == "a list" else 512) * MIB, f"{what}: more than the limit was used"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rhei", nargs="?", default="build/release/bin/rhei")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    test = Test(arguments)
    for function in (test.stalled_sink, test.keys_come_and_go, test.memory_limit):
        test.case(function)
    shutil.rmtree(test.root)
    print(f"{test.passed} passed, {test.failed} failed")
    return 1 if test.failed else 0


if __name__ == "__main__":
    sys.exit(main())
