#!/usr/bin/env python3
"""Drives the built rhei as a user does: wrong input with its message and exit code, interrupts, the
shell on a pipe and on a terminal, infer.

  tests/cli/cli_test.py [BUILD_DIRECTORY] [NAME...]     (default: build/release)

Ends with `N passed, N failed`. What this machine cannot try is told with a line `note: `.
"""

import base64
import csv
import gzip
import io
import os
import pty
import re
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SECONDS_MAX = 60  # a command that takes longer hangs
RHEI = ""


class Outcome:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def expect(self, code, *messages):
        shown = f"exit code {self.code}\n--- out\n{self.out[-2000:]}\n--- err\n{self.err[-2000:]}"
        assert self.code == code, f"expected exit code {code}: {shown}"
        for message in messages:
            assert message in self.err, f"not told: {message!r}: {shown}"
        return self


def rhei(*arguments, stdin="", directory=None):
    done = subprocess.run([RHEI, *arguments], input=stdin.encode(), capture_output=True,
                          timeout=SECONDS_MAX, cwd=directory)
    return Outcome(done.returncode, done.stdout.decode(errors="replace"),
                   done.stderr.decode(errors="replace"))


def run(sql, *arguments):
    return rhei("run", "-q", "--format", "csv", *arguments, "-e", sql)


def table(path, form="json", options="", columns="id BIGINT, name STRING, ts TIMESTAMP(3)"):
    return (f"CREATE TABLE t ({columns}) WITH ('connector' = 'filesystem', 'path' = '{path}', "
            f"'format' = '{form}'{options});\n")


def sink(path, columns="id BIGINT", form="json"):
    return (f"CREATE TABLE o ({columns}) WITH ('connector' = 'filesystem', 'path' = '{path}', "
            f"'format' = '{form}');\n")


class Directory:
    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="rhei-cli-")
        os.environ["XDG_STATE_HOME"] = self.path + "/state"  # of side tables and the history

    def file(self, name, content):
        path = os.path.join(self.path, name)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return path

    def at(self, name):
        return os.path.join(self.path, name)


def lines_below(path):
    """All lines of the finished files, and the names of those that are not finished."""
    lines, open_files = [], []
    for folder, _, names in os.walk(path):
        for name in names:
            if name.startswith("."):
                open_files.append(name)
                continue
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                lines += file.read().splitlines()
    return lines, open_files


# ---- wrong statements: code 3, with line and column

def test_unknown_table(d):
    run(table(d.at("x")) + "SELECT * FROM tt").expect(
        3, "-e:2:15: error:", "Object 'tt' not found", "did you mean 't'?", "^~")


def test_unknown_column(d):
    run(table(d.at("x")) + "SELECT id,\n  nme FROM t").expect(
        3, "-e:3:3: error: Column 'nme' not found", "did you mean 'name'?", "|   ^~~")


def test_unknown_function(d):
    run("SELECT UPER('a')").expect(3, "-e:1:8:", "UPER", "did you mean 'UPPER'?")


def test_unknown_option(d):
    run(table(d.at("x"), options=",\n  'pth' = '/x'") + "SELECT * FROM t").expect(
        3, "-e:2:3: error", "Unsupported options", "pth", "Did you mean 'path'?", "|   ^~~~~\n")


def test_wrong_option_values(d):
    for options, place, message in (
            (", 'source.monitor-interval' = '5 apples'", "'5 apples'", "unknown unit 'apples'"),
            (", 'json.ignore-parse-errors' = 'maybe'", "'maybe'", "ignore-parse-errors"),
            (", 'rhei.on-error' = 'skipp'", "'skipp'", "not one of"),
            (", 'rhei.on-error.retain' = 'x'", "'x'", "rhei.on-error.retain")):
        statement = table(d.at("data"), options=options)
        run(statement).expect(3, f"-e:1:{statement.index(place) + 1}: error", message)
    run("CREATE TABLE t (a INT) WITH ('connector' = 'filesystem', 'format' = 'json');").expect(
        3, "-e:1:14: error", "required options are missing", "path")


def test_unknown_format(d):
    statement = table(d.at("x"), "jsn")
    run(statement + "SELECT * FROM t").expect(
        3, f"-e:1:{statement.index(chr(39) + 'jsn') + 1}: error", "'jsn'", "Did you mean 'json'?")


def test_unknown_connector(d):
    run("CREATE TABLE t (a INT) WITH ('connector' = 'filesytem');\nSELECT * FROM t").expect(
        3, "-e:1:44: error", "'filesytem'", "Did you mean 'filesystem'?", "^~~~~~~~~~~")


def test_type_mismatch(d):
    run("SELECT 1 + TRUE").expect(3, "-e:1:8:", "Cannot apply '+'", "<INTEGER> + <BOOLEAN>")
    run(table(d.at("x")) + "CREATE TABLE o (id STRING) WITH ('connector' = 'blackhole');\n"
        "INSERT INTO o SELECT ts FROM t").expect(3, "-e:3:", "Incompatible types", "[ts: TIMESTAMP(3)]")


def test_nothing_runs_before_a_wrong_statement(d):
    outcome = run("SELECT 1;\nSELEC 2;").expect(3, "-e:2:1:")
    assert outcome.out == "", outcome.out


# ---- the command line: code 2; what cannot be reached: code 4

def test_wrong_command_line(d):
    rhei().expect(2)
    rhei("nix").expect(2)
    rhei("run").expect(2, "FILE or -e")
    rhei("run", "--nix", "-e", "SELECT 1").expect(2, "--nix")
    rhei("run", "-D", "x", "-e", "SELECT 1").expect(2, "-D needs KEY=VALUE")
    rhei("run", "--parallelism", "-1", "-e", "SELECT 1").expect(2, "parallelism")
    rhei("run", "--memory", "1x", "-e", "SELECT 1").expect(2, "'1x' is not a size")
    rhei("run", "--format", "x", "-e", "SELECT 1").expect(2, "table, json, csv or changelog")


def test_wrong_settings(d):
    run("SELECT 1", "--parallelism", "100000").expect(3, "parallelism 100000 is not possible")
    run("SELECT 1", "-D", "execution.runtime-mode=nix").expect(2, "'nix' is not one of")
    run("SET 'parallelism.default' = 'x'").expect(3, "-e:1:", "'x' is not an integer")
    rhei("run", "-D", "nix.key=1", "-e", "SELECT 1").expect(0, "accepted without effect here: nix.key")
    run(table("${env:RHEI_IS_NOT_SET}") + "SELECT * FROM t").expect(3, "'RHEI_IS_NOT_SET' is not set")


def test_text_that_is_no_sql(d):
    rhei("run", d.file("bad.sql", b"\xff\xfe SELECT")).expect(3, "bad.sql:1:1:", "not UTF-8")
    run("SELECT 'a").expect(3, "-e:1:8:")
    run("SELECT 1 /* open").expect(3, "comment is not closed")
    run("").expect(0)


def test_help_and_version(d):
    for command in ("run", "sql", "check", "explain", "test", "demo", "infer", "reference", "version"):
        assert rhei(command, "--help").expect(0).out.strip(), command
    rhei().expect(2, "Usage: rhei", "infer")
    rhei("rnu", "x.sql").expect(2, "rhei: 'rnu' is no command (see rhei --help)")
    rhei("run", "--nix", "x.sql").expect(2, "rhei run: ", "--nix", "(see rhei run --help)")
    rhei("run", "--parallelism", "0", "x.sql").expect(2, "--parallelism: '0' is not a whole number of at least 1")
    rhei("check", "--fresh", "x.sql").expect(2, "rhei check: ", "--fresh")
    assert rhei("version").expect(0).out.startswith("rhei ")


def test_missing_script(d):
    rhei("run", d.at("nix.sql")).expect(4, "nix.sql", "No such file")
    rhei("run", "-i", d.at("nix.sql"), "-e", "SELECT 1").expect(4, "nix.sql", "No such file")


def test_missing_file(d):
    run(table(d.at("nix.json")) + "SELECT * FROM t").expect(4, "nix.json", "No such file")


def test_unreadable_directory(d):
    # A path below a file cannot be read by root either.
    path = d.file("file.json", "{}")
    run(table(path + "/below") + "SELECT * FROM t").expect(4, "file.json/below", "Not a directory")
    run(table(d.file("in.json", '{"id":1}\n')) + sink(path + "/below") +
        "INSERT INTO o SELECT id FROM t").expect(4, "file.json/below", "Not a directory")


# ---- bad records: code 1, with file and place

BAD_RECORDS = {
    "malformed JSON": ("json", '{"id":1}\n{"id":2\n', 9, 2, "Unexpected end-of-input"),
    "wrong JSON type": ("json", '{"id":1}\n{"id":"x"}\n', 9, 2, "field: id"),
    "JSON overflow": ("json", '{"id":99999999999999999999}\n', 0, 1, "field: id"),
    "JSON not UTF-8": ("json", b'{"id":1,"name":"a\xff"}\n', 0, 1, "UTF-8 byte 0xff"),
    "wrong CSV cell": ("csv", "1,a,2024-01-01 00:00:00\nx,b,\n", 24, 2, "'x' is not BIGINT"),
    "open CSV quote": ("csv", '1,a,2024-01-01 00:00:00\n2,"b\n', 24, 2, "closing quote"),
    "CSV after quote": ("csv", '1,a,2024-01-01 00:00:00\n2,"b"x,\n', 24, 2, "'x' (code 120)"),
    "many CSV cells": ("csv", "1,a,2024-01-01 00:00:00,4,5\n", 0, 1, "Too many entries"),
    "CSV overflow": ("csv", "99999999999999999999,a,\n", 0, 1, "field: id"),
    "CSV not UTF-8": ("csv", b"1,a\xff,2024-01-01 00:00:00\n", 0, 1, "UTF-8 byte 0xff"),
}


def test_bad_records(d):
    for name, (form, content, byte, record, reason) in BAD_RECORDS.items():
        path = d.file("bad." + form, content)
        outcome = run(table(path, form) + "SELECT * FROM t")
        try:
            outcome.expect(1, f"{path} record {record} at byte {byte}", reason)
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from None


def test_bad_record_policies(d):
    path = d.file("bad.json", '{"id":1}\n{"id":2\n{"id":3}\n')
    outcome = run(table(path, options=", 'rhei.on-error' = 'skip'") + "SELECT id FROM t").expect(0)
    assert outcome.out.split() == ["id", "1", "3"], outcome.out
    path = d.file("bad.json", '{"id":1}\n{"id":"x"}\n')
    outcome = run(table(path, options=", 'json.ignore-parse-errors' = 'true'") +
                  "SELECT id, name FROM t").expect(0)
    assert outcome.out.split() == ["id,name", "1,", ","], outcome.out


def test_rejected_records(d):
    for name, (form, content, byte, _, reason) in BAD_RECORDS.items():
        path = d.file(f"bad-{name.replace(' ', '-')}.{form}", content)
        source = table(path, form, ", 'rhei.on-error' = 'reject'")
        content = content if isinstance(content, bytes) else content.encode()
        good = content[:byte].count(b"\n")
        rhei("run", "-e", source + sink(d.at("out"), "id BIGINT, name STRING, ts TIMESTAMP(3)") +
             "INSERT INTO o SELECT * FROM t").expect(
                 0, f"{good + 1} records, {good} decoded, 0 skipped, 1 rejected",
                 "t$errors/SideLog-1: 1 written")
        outcome = run(source + "SELECT reason, origin, record_position, raw_record, row_json FROM `t$errors` "
                      "WHERE rejected_at > CURRENT_TIMESTAMP - INTERVAL '1' HOUR").expect(0)
        rows = list(csv.reader(io.StringIO(outcome.out)))[1:]
        shutil.rmtree(d.at("state"))
        assert len(rows) == 1, (name, rows)
        told, origin, position, raw, row_json = rows[0]
        assert reason in told and (origin, position, row_json) == (path, str(byte), ""), (name, rows)
        record = content[byte:].rstrip(b"\n")
        assert base64.b64decode(raw).rstrip(b"\n") == record, (name, raw, record)


def test_rejected_rows_and_late_rows(d):
    source = table(d.file("in.json", '{"id":1,"name":"a","ts":"2024-01-01 00:00:01"}\n'
                          '{"id":2,"ts":"2024-01-01 00:02:00"}\n{"id":3,"name":"c","ts":"2024-01-01 00:00:02"}\n'),
                   columns="id BIGINT, name STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts")
    sinks = ("CREATE TABLE s (id BIGINT, name STRING NOT NULL) WITH ('connector' = 'blackhole', "
             "'rhei.on-error' = '{}');\n"
             "CREATE TABLE w (ws TIMESTAMP(3), n BIGINT) WITH ('connector' = 'blackhole');\n")
    settings = "SET 'pipeline.auto-watermark-interval' = '0 ms';\n"
    jobs = ("INSERT INTO s SELECT id, name FROM t;\n"
            "INSERT INTO w SELECT window_start, COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), "
            "INTERVAL '1' MINUTE) GROUP BY window_start, window_end;\n")
    select = ("SELECT change_kind, row_json FROM `s$errors` UNION ALL "
              "SELECT change_kind, row_json FROM `w$late`")
    reject = rhei("run", "--parallelism", "1", "-e", settings + source + sinks.format("reject") + jobs).expect(
        0, "3 in, 2 written, 0 dropped, 1 rejected", "1 late", "s$errors/SideLog-1: 1 written",
        "w$late/SideLog-1: 1 written")
    assert reject.out == "", reject.out
    read = run(sinks.format("fail") + select, "-D", "execution.runtime-mode=batch").expect(0)
    rows = sorted(list(csv.reader(io.StringIO(read.out)))[1:])
    assert rows == [["+I", '{"id":2,"name":null}'], ["+I", '{"ts":"2024-01-01 00:00:02"}']], rows
    rhei("run", "--parallelism", "1", "-e", settings + source + sinks.format("skip") + jobs).expect(
        0, "3 in, 2 written, 1 dropped, 0 rejected")
    run(settings + source + sinks.format("fail") + jobs).expect(1, "Column 'name' is NOT NULL")
    # Nowhere to put them.
    environment = {key: os.environ.pop(key) for key in ("XDG_STATE_HOME", "HOME") if key in os.environ}
    try:
        run(source + sinks.format("reject") + jobs).expect(3, "s: 'rhei.on-error' = 'reject' needs a directory")
    finally:
        os.environ.update(environment)


def test_side_tables_are_bounded(d):
    source = table(d.file("in.json", "bad record\n" * 3000), options=", 'rhei.on-error' = 'reject', "
                   "'rhei.on-error.retain' = '100kb'")
    log = d.at("state/rhei/side/default_catalog.default_database.t$errors/1")
    newest = ""
    for _ in range(3):
        assert run(source + "SELECT id FROM t").expect(0).out == "id\n"
        sizes = {name: os.path.getsize(f"{log}/{name}") for name in os.listdir(log)}
        assert not any(name.startswith(".") for name in sizes), sizes
        assert 10_000 < sum(sizes.values()) <= 100 * 1024 or len(sizes) == 1, sizes
        now = max(sizes, key=lambda name: os.stat(f"{log}/{name}").st_mtime_ns)
        assert now != newest
        newest = now
    run(table(d.at("in.json"), options=", 'rhei.on-error.retain' = 'x'")).expect(3, "rhei.on-error.retain")


def test_line_over_the_limit(d):
    path = d.file("long.json", '{"id":1}\n{"id":2,"name":"' + "x" * 5000 + '"}\n')
    limit = ", 'rhei.record-bytes-max' = '1kb'"
    run(table(path, options=limit) + "SELECT id FROM t").expect(
        1, f"{path} at byte 9", "longer than 1024 bytes", "rhei.record-bytes-max")
    run(table(path) + "SELECT id FROM t").expect(0)


def test_number_overflow(d):
    run("SELECT CAST(x AS TINYINT) FROM (VALUES ('300')) AS v(x)").expect(1, "'300'", "-e:1:8:")


def test_null_for_not_null(d):
    run(table(d.file("in.json", '{"id":1}\n{}\n')) +
        "CREATE TABLE o (id BIGINT NOT NULL) WITH ('connector' = 'blackhole');\n"
        "INSERT INTO o SELECT id FROM t").expect(1, "default_database.o: Column 'id' is NOT NULL", "not-null-enforcer")


def test_null_rowtime(d):
    query = ("SELECT window_start, COUNT(*) AS c FROM TUMBLE(TABLE t, DESCRIPTOR(ts), "
             "INTERVAL '1' MINUTE) GROUP BY window_start, window_end")
    path = d.file("in.json", '{"id":1,"ts":"2024-01-01 00:00:00"}\n{"id":2}\n')
    run(table(path, columns="id BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts") + query).expect(
        1, f"{path} record 2 at byte 36: default_catalog.default_database.t: column 'ts': RowTime field should not be null")
    # A computed time is not in the file.
    run(table(path, columns="id BIGINT, x STRING, ts AS TO_TIMESTAMP(x), WATERMARK FOR ts AS ts") + query).expect(
        1, "default_catalog.default_database.t: column 'ts': RowTime field should not be null")


# ---- what works

def test_empty_file(d):
    outcome = run(table(d.file("in.json", "")) + "SELECT id FROM t").expect(0)
    assert outcome.out == "id\n", outcome.out


def test_no_final_newline(d):
    for form, content in (("json", '{"id":1}\n{"id":2}'), ("csv", "1,a,\n2,b,")):
        options = ", 'csv.empty-string-as-null' = 'true'" if form == "csv" else ""
        outcome = run(table(d.file("in", content), form, options) + "SELECT id FROM t").expect(0)
        assert outcome.out.split() == ["id", "1", "2"], outcome.out


def test_lines_to_skip(d):
    path = d.file("in.csv", "id,name,ts\n1,a,2024-01-01 00:00:00\n")
    outcome = run(table(path, "csv", ", 'rhei.skip-lines' = '1'") + "SELECT id FROM t").expect(0)
    assert outcome.out.split() == ["id", "1"], outcome.out
    run(table(path, "csv", ", 'rhei.skip-lines' = '-1'") + "SELECT id FROM t").expect(
        3, "must not be negative")


GENERATED = "CREATE TABLE g (id BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '{}'{});\n"


def test_closed_output(d):
    with open(d.at("err"), "wb") as err:
        command = subprocess.Popen([RHEI, "run", "-q", "--format", "csv", "-e",
                                    GENERATED.format(100000, "") + "SELECT * FROM g"],
                                   stdout=subprocess.PIPE, stderr=err)
        assert command.stdout.readline() == b"id\n"
        command.stdout.close()
        code = command.wait(timeout=SECONDS_MAX)
    with open(d.at("err"), encoding="utf-8") as err:
        told = err.read()
    assert (code, told) == (0, ""), (code, told)


def test_two_jobs_write_one_directory(d):
    source = table(d.file("in.json", "".join(f'{{"id":{i}}}\n' for i in range(100))))
    out = d.at("out")
    statement = source + sink(out) + "INSERT INTO o SELECT id FROM t;\n"
    processes = [subprocess.Popen([RHEI, "run", "-q", "-e", statement + "INSERT INTO o SELECT id FROM t"])
                 for _ in range(2)]
    assert [process.wait(timeout=SECONDS_MAX) for process in processes] == [0, 0]
    lines, open_files = lines_below(out)
    assert not open_files, open_files
    expected = sorted(f'{{"id":{i}}}' for i in range(100) for _ in range(4))
    assert sorted(lines) == expected, len(lines)


def test_full_disk(d):
    disk = d.at("disk")
    os.mkdir(disk)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk],
                             capture_output=True, check=False)
    if mounted.returncode != 0:
        print(f"note: no disk to fill: {mounted.stderr.decode().strip()}; files are limited instead")
        done = subprocess.run(
            [RHEI, "run", "-q", "-e", GENERATED.format(1000000, ", 'number-of-rows' = '200000'") +
             sink(disk + "/out") + "INSERT INTO o SELECT id FROM g"], capture_output=True,
            timeout=SECONDS_MAX, check=False, restore_signals=False,  # SIGXFSZ stays ignored
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 18, 1 << 18)))
        Outcome(done.returncode, "", done.stderr.decode()).expect(1, disk, "File too large")
        return
    try:
        number = ", 'number-of-rows' = '200000'"
        outcome = run(GENERATED.format(1000000, number) + sink(disk + "/out") +
                      "INSERT INTO o SELECT id FROM g")
        outcome.expect(1, disk, "No space left on device")
    finally:
        subprocess.run(["umount", disk], check=True)


def test_full_output(d):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([RHEI, "run", "-q", "-e", "SELECT 1"], stdout=full,
                              stderr=subprocess.PIPE, timeout=SECONDS_MAX, check=False)
    Outcome(done.returncode, "", done.stderr.decode()).expect(
        1, "standard output: No space left on device")


# ---- interrupts

def interrupted(d, sql):
    """Runs it until it has told or printed something (or for 3 s), a second more, then Ctrl-C."""
    paths = d.at("out.txt"), d.at("err.txt")
    with open(paths[0], "wb") as out, open(paths[1], "wb") as err:
        command = subprocess.Popen([RHEI, "run", "--format", "csv", "-e", sql], stdout=out, stderr=err)
    end = time.time() + 3
    while time.time() < end and not any(os.path.getsize(path) for path in paths):
        time.sleep(0.05)
    time.sleep(1)
    command.send_signal(signal.SIGINT)
    code = command.wait(timeout=SECONDS_MAX)
    texts = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            texts.append(file.read())
    return Outcome(code, *texts)


def test_interrupted_insert_finishes_its_files(d):
    outcome = interrupted(d, GENERATED.format(1000, "") + sink(d.at("out")) +
                          "INSERT INTO o SELECT id FROM g")
    outcome.expect(130, "stopping", "stopped")
    lines, open_files = lines_below(d.at("out"))
    assert not open_files, open_files
    written = int(re.search(r"(\d+) written", outcome.err).group(1))
    assert 0 < written == len(lines), (written, len(lines))


def test_interrupted_insert_that_is_waited_for(d):
    outcome = interrupted(d, "SET 'table.dml-sync' = 'true';\n" + GENERATED.format(1000, "") +
                          sink(d.at("out")) + "INSERT INTO o SELECT id FROM g;\n"
                          "INSERT INTO o SELECT id + 1 FROM g")
    outcome.expect(130, "stopped")
    lines, open_files = lines_below(d.at("out"))
    written = re.findall(r"(\d+) written", outcome.err)
    assert not open_files and len(written) == 1 and int(written[0]) == len(lines), outcome.err


def test_interrupted_query(d):
    outcome = interrupted(d, GENERATED.format(100, "") + "SELECT * FROM g").expect(130, "stopped: ")
    rows = int(re.search(r"stopped: (\d+) rows", outcome.err).group(1))
    assert 0 < rows == len(outcome.out.split()) - 1, (rows, outcome.out)


def test_exit_code_is_the_worst(d):
    sql = (table(d.at("nix.json")) + "CREATE TABLE o (id BIGINT) WITH ('connector' = 'blackhole');\n"
           "CREATE TABLE v (id BIGINT) WITH ('connector' = 'blackhole');\n"
           "INSERT INTO v VALUES (1);\nINSERT INTO o SELECT id FROM t;\n")
    run(sql).expect(4, "nix.json")


# ---- durable jobs: checkpoints, restart, savepoints (docs/OPERATIONS.md)

class Jobs:
    """A directory with a growing input, a script over it, and its state; runs rhei on it."""

    def __init__(self, d, query="SELECT id FROM t", columns="id BIGINT", settings="", sinks=1):
        self.d = d
        self.env = dict(os.environ, XDG_STATE_HOME=d.at("state"), XDG_RUNTIME_DIR=d.at("runtime"))
        os.mkdir(d.at("in"))
        os.mkdir(d.at("runtime"))
        self.settings = "SET 'execution.checkpointing.interval' = '100 ms';\n" + settings
        self.write(query, columns)
        self.ids = 0

    def write(self, query, columns="id BIGINT", monitor=True, table_columns="id BIGINT"):
        monitored = ", 'source.monitor-interval' = '50 ms'" if monitor else ""
        self.script = self.d.file("job.sql", self.settings + table(
            self.d.at("in"), options=monitored, columns=table_columns) + sink(
                self.d.at("out"), columns) + f"INSERT INTO o {query};\n")

    def feed(self, count):
        text = "".join(f'{{"id":{i}}}\n' for i in range(self.ids, self.ids + count))
        with open(self.d.at(f"in/.{self.ids}"), "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(self.d.at(f"in/.{self.ids}"), self.d.at(f"in/{self.ids:08}.json"))
        self.ids += count

    def start(self, *arguments, script=None):
        errors = open(self.d.at("err.txt"), "wb")
        process = subprocess.Popen([RHEI, "run", script or self.script, *arguments], env=self.env,
                                   stdout=subprocess.DEVNULL, stderr=errors)
        errors.close()
        return process

    def told(self):
        with open(self.d.at("err.txt"), encoding="utf-8") as file:
            return file.read()

    def run(self, *arguments):
        done = subprocess.run([RHEI, "run", self.script, *arguments], env=self.env,
                              capture_output=True, timeout=SECONDS_MAX)
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    def rhei(self, *arguments):
        done = subprocess.run([RHEI, *arguments], env=self.env, capture_output=True,
                              timeout=SECONDS_MAX)
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    def rows(self):
        return sorted(int(re.search(r":(\d+)", line).group(1)) for line in lines_below(self.d.at("out"))[0])

    def wait(self, condition, what, process=None):
        end = time.time() + 20
        while not condition():
            assert process is None or process.poll() is None, f"ended: {self.told()}"
            assert time.time() < end, f"no {what}: {self.told()}"
            time.sleep(0.02)

    def wait_checkpoint(self, process, after=None):
        """Until a checkpoint holds all that was fed."""
        def newest():
            names = [name for _, _, files in os.walk(self.d.at("state")) for name in files
                     if name.startswith("manifest-")]
            return max((int(re.search(r"manifest-0*(\d+)", name).group(1)) for name in names), default=0)
        # The one under way may have begun before the last file was read.
        until = newest() + 3
        self.wait(lambda: newest() >= until, "checkpoint", process)

    def job_id(self):
        self.wait(lambda: " started: " in self.told(), "job")
        return re.search(r"job ([0-9a-f]{32}) started", self.told()).group(1)


def stop(process):
    process.send_signal(signal.SIGINT)
    return process.wait(timeout=SECONDS_MAX)


def test_job_goes_on_after_a_stop(d):
    jobs = Jobs(d)
    jobs.feed(100)
    process = jobs.start()
    first = jobs.job_id()
    jobs.wait_checkpoint(process)
    assert stop(process) == 130, jobs.told()
    assert "stands at checkpoint" in jobs.told() and jobs.rows() == list(range(100)), jobs.told()
    jobs.feed(50)
    process = jobs.start()
    assert jobs.job_id() == first, jobs.told()
    jobs.wait_checkpoint(process)
    assert stop(process) == 130
    told = jobs.told()
    assert f"job {first} continues from checkpoint" in told and "--fresh begins anew" in told, told
    assert "source default_catalog.default_database.t: " in told, told
    assert jobs.rows() == list(range(150)), len(jobs.rows())
    assert not lines_below(d.at("out"))[1]


def test_job_goes_on_after_kills(d):
    jobs = Jobs(d)
    for turn in range(4):
        jobs.feed(1000)
        process = jobs.start("--parallelism", str(turn % 3 + 1))
        jobs.job_id()
        jobs.wait_checkpoint(process)
        jobs.feed(1000)
        time.sleep(0.03 * turn)
        process.kill()
        process.wait()
    process = jobs.start()
    jobs.job_id()
    jobs.wait_checkpoint(process)
    stop(process)
    rows = jobs.rows()
    assert rows == list(range(8000)), (len(rows), len(set(rows)))


def test_finished_job_begins_anew(d):
    jobs = Jobs(d)
    jobs.write("SELECT id FROM t", monitor=False)
    jobs.feed(10)
    jobs.run().expect(0, "finished")
    jobs.run().expect(0, "the last run came to its end; this one begins anew")
    assert jobs.rows() == sorted(list(range(10)) * 2)


def test_killed_behind_the_end(d):
    jobs = Jobs(d)
    jobs.write("SELECT id FROM t", monitor=False)
    jobs.feed(10)
    jobs.env["RHEI_KILL_AT"] = "last-committed:1"
    assert jobs.run().code == -signal.SIGKILL
    del jobs.env["RHEI_KILL_AT"]
    # Only the end is repeated: no source is opened.
    shutil.rmtree(d.at("in"))
    jobs.run().expect(0, "had read all its input", "had come to its end", "finished")
    assert jobs.rows() == list(range(10)), jobs.rows()
    jobs.run().expect(4, "begins anew", "No such file")


def test_finished_job_beside_one_that_runs(d):
    jobs = Jobs(d)
    os.mkdir(d.at("more"))
    jobs.script = d.file("job.sql", jobs.settings + table(d.at("more"), columns="id BIGINT") +
                         sink(d.at("done")) + "INSERT INTO o SELECT id FROM t;\nDROP TABLE t; DROP TABLE o;\n" +
                         table(d.at("in"), columns="id BIGINT", options=", 'source.monitor-interval' = '50 ms'") +
                         sink(d.at("out")) + "INSERT INTO o SELECT id FROM t;\n")
    d.file("more/a.json", '{"id":1}\n{"id":2}\n')
    # The run is not complete, so what came to its end is not done again.
    for turn in range(3):
        jobs.feed(10)
        process = jobs.start()
        jobs.job_id()
        jobs.wait(lambda: lines_below(d.at("done"))[0], "end of the first job", process)
        if turn > 0:
            jobs.wait(lambda: "had read all its input" in jobs.told(), "end that is known", process)
        jobs.wait_checkpoint(process)
        if turn == 1:
            assert stop(process) == 130
        else:
            process.kill()
            process.wait()
        assert lines_below(d.at("done"))[0] == ['{"id":1}', '{"id":2}'], jobs.told()
    process = jobs.start()
    jobs.wait_checkpoint(process)
    stop(process)
    assert jobs.rows() == list(range(30)), jobs.rows()


def test_from_an_older_checkpoint(d):
    jobs = Jobs(d, settings="SET 'execution.checkpointing.num-retained' = '1000';\n")
    jobs.feed(10)
    process = jobs.start()
    jobs.job_id()
    jobs.wait_checkpoint(process)
    older = max(int(re.search(r"(\d+)", name[9:]).group(1)) for _, _, names in os.walk(d.at("state"))
                for name in names if name.startswith("manifest-"))
    jobs.feed(10)
    jobs.wait_checkpoint(process)
    stop(process)
    newest = int(re.search(r"stands at checkpoint (\d+)", jobs.told()).group(1))
    jobs.run("--from", str(older)).expect(5, "--accept-duplicates")
    jobs.run("--from", str(newest + 100)).expect(4, "has no checkpoint")
    assert jobs.rows() == list(range(20))
    # The part file that was open then is committed since; only what came later is repeated.
    process = jobs.start("--from", str(older), "--accept-duplicates")
    jobs.job_id()
    jobs.wait_checkpoint(process)
    stop(process)
    told = jobs.told()
    assert f"continues from checkpoint {older} " in told and "is repeated" in told, told
    assert jobs.rows() == sorted(list(range(20)) + list(range(10, 20))), jobs.rows()


def test_interrupt_between_two_attempts(d):
    jobs = Jobs(d, settings="SET 'restart-strategy' = 'fixed-delay';\n"
                "SET 'restart-strategy.fixed-delay.delay' = '1 h';\n")
    jobs.feed(5)
    process = jobs.start()
    jobs.job_id()
    d.file("in/1.json", '{"id":\n')
    jobs.wait(lambda: "is restarted in 3600.0 s" in jobs.told(), "restart", process)
    assert "RESTARTING" in jobs.rhei("jobs").expect(0).out
    assert stop(process) == 130, jobs.told()
    assert "Failed to deserialize JSON" in jobs.told()


def test_fresh(d):
    jobs = Jobs(d)
    jobs.feed(10)
    process = jobs.start()
    first = jobs.job_id()
    jobs.wait_checkpoint(process)
    stop(process)
    process = jobs.start("--fresh")
    assert jobs.job_id() != first
    jobs.wait_checkpoint(process)
    stop(process)
    assert "is left behind" in jobs.told() and "continues" not in jobs.told(), jobs.told()
    assert jobs.rows() == sorted(list(range(10)) * 2)


def test_job_without_a_file_does_not_resume(d):
    outcome = rhei("run", "-D", "execution.checkpointing.interval=1 s", "-e",
                   table(d.file("in.json", '{"id":1}\n')) + sink(d.at("out")) +
                   "INSERT INTO o SELECT id FROM t")
    outcome.expect(0, "does not resume", "pipeline.name")


def test_second_process_is_refused(d):
    jobs = Jobs(d)
    jobs.feed(1)
    process = jobs.start()
    jobs.job_id()
    jobs.wait_checkpoint(process)
    refused = jobs.run()
    stop(process)
    assert refused.code in (4, 5), refused.err
    assert "lock" in refused.err or "another process" in refused.err or "in use" in refused.err, refused.err


def test_edited_file(d):
    jobs = Jobs(d, "SELECT id, COUNT(*) AS n FROM t GROUP BY id", "id BIGINT, n BIGINT, PRIMARY KEY (id) NOT ENFORCED")
    settings = jobs.settings
    # An upsert sink: changes of a count are told by print.
    def write(query, more=""):
        jobs.script = d.file("job.sql", settings + table(d.at("in"), columns="id BIGINT",
                             options=", 'source.monitor-interval' = '50 ms'") +
                             "CREATE TABLE o (k BIGINT, n BIGINT) WITH ('connector' = 'blackhole');\n" +
                             more + f"INSERT INTO o {query};\n")
    write("SELECT id, COUNT(*) FROM t GROUP BY id")
    jobs.feed(100)
    process = jobs.start()
    jobs.job_id()
    jobs.wait_checkpoint(process)
    stop(process)
    # An edit that keeps the state.
    write("SELECT k + 1, n FROM (SELECT id AS k, COUNT(*) AS n FROM t GROUP BY id) WHERE n > 5")
    process = jobs.start()
    jobs.job_id()
    jobs.wait_checkpoint(process)
    stop(process)
    assert "continues from checkpoint" in jobs.told(), jobs.told()
    # One that does not.
    write("SELECT id % 7, COUNT(*) FROM t GROUP BY id % 7")
    refused = jobs.run().expect(5, "the job has changed since checkpoint", "changed ", "GroupAggregate-1",
                                "--fresh", "--allow-dropped-state")
    assert "started" not in refused.err, refused.err
    process = jobs.start("--allow-dropped-state")
    jobs.job_id()
    jobs.wait_checkpoint(process)
    stop(process)
    assert "changed " in jobs.told() and "continues from" in jobs.told(), jobs.told()
    process = jobs.start()
    jobs.job_id()
    jobs.wait_checkpoint(process)
    stop(process)
    assert "changed " not in jobs.told() and "continues from" in jobs.told(), jobs.told()


def gone_sink(d, kill_at, options):
    """Two sinks, a kill, and the file without the second: what is there of its output in the end."""
    jobs = Jobs(d, settings="SET 'execution.checkpointing.interval' = '500 ms';\n")
    def write(second):
        sinks = ["INSERT INTO o SELECT id FROM t;\n"] + ["INSERT INTO p SELECT id FROM t;\n"] * second
        jobs.script = d.file("job.sql", jobs.settings + table(
            d.at("in"), columns="id BIGINT", options=", 'source.monitor-interval' = '50 ms'") +
            sink(d.at("out")) + f"CREATE TABLE p (id BIGINT) WITH ('connector' = 'filesystem', 'path' = "
            f"'{d.at('gone')}', 'format' = 'json'{options});\nBEGIN STATEMENT SET;\n" + "".join(sinks) + "END;\n")
    write(True)
    jobs.feed(1000)
    jobs.env["RHEI_KILL_AT"] = kill_at
    assert jobs.run().code == -signal.SIGKILL
    del jobs.env["RHEI_KILL_AT"]
    assert lines_below(d.at("gone"))[1]
    write(False)
    jobs.run().expect(5, "dropped ", "--allow-dropped-state")
    process = jobs.start("--allow-dropped-state")
    jobs.job_id()
    jobs.wait_checkpoint(process)
    stop(process)
    assert "continues from checkpoint" in jobs.told() and jobs.rows() == list(range(1000)), jobs.told()
    lines, left = lines_below(d.at("gone"))
    assert lines == [f'{{"id":{i}}}' for i in range(1000)] and not left, (len(lines), left, jobs.told())
    return jobs.told()


def test_staged_output_of_a_sink_that_is_gone(d):
    told = gone_sink(d, "manifest-published:1", ", 'sink.rolling-policy.rollover-interval' = '1 ms'")
    assert "is not in the job any more; what it had written up to checkpoint 1 is committed" in told, told


def test_open_file_of_a_sink_that_is_gone(d):
    gone_sink(d, "barrier:3", "")


def test_sink_with_another_connector(d):
    jobs = Jobs(d)
    jobs.feed(100)
    jobs.env["RHEI_KILL_AT"] = "manifest-published:3"
    assert jobs.run().code == -signal.SIGKILL
    del jobs.env["RHEI_KILL_AT"]
    with open(jobs.script, encoding="utf-8") as file:
        text = file.read()
    start = text.index("CREATE TABLE o ")
    d.file("job.sql", text[:start] + "CREATE TABLE o (id BIGINT) WITH ('connector' = 'blackhole');\n"
           "INSERT INTO o SELECT id FROM t;\n")
    jobs.run().expect(5, "another connector", "by filesystem", "by blackhole")
    process = jobs.start("--allow-dropped-state")
    jobs.job_id()
    jobs.wait_checkpoint(process)
    stop(process)
    assert jobs.rows() == list(range(100)), jobs.told()


def test_restart_strategy(d):
    jobs = Jobs(d, settings="SET 'restart-strategy.type' = 'fixed-delay';\n"
                "SET 'restart-strategy.fixed-delay.attempts' = '2';\n"
                "SET 'restart-strategy.fixed-delay.delay' = '100 ms';\n")
    jobs.feed(5)
    process = jobs.start()
    jobs.job_id()
    jobs.wait_checkpoint(process)
    d.file("in/1.json", '{"id":\n')
    assert process.wait(timeout=SECONDS_MAX) == 1, jobs.told()
    told = jobs.told()
    assert told.count("is restarted in 0.1 s") == 2 and told.count("runs again from checkpoint") == 2, told
    assert "2 restarts were made" in told and "Failed to deserialize JSON" in told, told
    # What is mended goes on where it was.
    os.remove(d.at("in/1.json"))
    process = jobs.start()
    jobs.job_id()
    jobs.feed(5)
    jobs.wait_checkpoint(process)
    stop(process)
    assert jobs.rows() == list(range(10)), jobs.rows()


def test_no_restart_without_an_interval(d):
    outcome = rhei("run", "-e", table(d.file("in.json", '{"id":\n')) + sink(d.at("out")) +
                   "INSERT INTO o SELECT id FROM t").expect(1, "Failed to deserialize JSON")
    assert "restarted" not in outcome.err, outcome.err


def test_jobs_and_stop(d):
    jobs = Jobs(d)
    assert jobs.rhei("jobs").expect(0, "no jobs are running").out == ""
    jobs.feed(10)
    process = jobs.start()
    job = jobs.job_id()
    jobs.wait_checkpoint(process)
    socket = d.at(f"runtime/rhei/{process.pid}.sock")
    assert os.stat(socket).st_mode & 0o777 == 0o600 and os.stat(d.at("runtime/rhei")).st_mode & 0o777 == 0o700
    listed = jobs.rhei("jobs").expect(0).out
    assert re.search(rf"{job} +{process.pid} +RUNNING +20\d\d-.* \d+ at 20\d\d-.*, \d+ ms, ", listed), listed
    jobs.rhei("stop", "ffffffffff").expect(4, "no running job has the id")
    jobs.rhei("stop", job[:6]).expect(0, f"job {job} stopped")
    assert process.wait(timeout=SECONDS_MAX) == 0, jobs.told()
    assert jobs.rows() == list(range(10)) and not os.path.exists(socket)


def test_attach(d):
    jobs = Jobs(d)
    jobs.rhei("sql", "--attach", "-e", "SHOW JOBS").expect(4, "no process of yours runs jobs")
    jobs.feed(10)
    process = jobs.start()
    job = jobs.job_id()
    jobs.wait_checkpoint(process)
    for attach in (["--attach"], ["--attach", str(process.pid)]):
        out = jobs.rhei("sql", "--format", "csv", *attach, "-e", "SHOW JOBS; SELECT 1 AS a, 'x' AS a").expect(0).out
        assert out.startswith(f'job id,job name,status,start time\n"{job}",') and "RUNNING" in out, out
        assert out.endswith("a,a0\n1,x\n"), out
    out = jobs.rhei("sql", "--format", "csv", "--attach", "-e", f"SHOW CHECKPOINTS FOR JOB '{job}'").expect(0).out
    assert out.startswith("job id,checkpoint,created,duration ms,"), out
    assert 2 <= len(out.splitlines()) <= 4, out
    out = jobs.rhei("sql", "--format", "csv", "--attach", "-e", "SHOW STATE; DESCRIBE JOB '" + job + "'").expect(0).out
    assert "operator,state,kind,rows,keys,bytes,hottest keys,oldest row" in out and "TableSourceScan-1" in out, out
    jobs.rhei("sql", "--attach", "-e", "SELECT x FROM nix").expect(3, "-e:1:15:", "Object 'nix' not found")
    jobs.rhei("sql", "--attach", "1", "-e", "SHOW JOBS").expect(4, "process 1 runs no jobs of yours")
    jobs.rhei("sql", "--attach", "-e", f"STOP JOB '{job}'").expect(0)
    assert process.wait(timeout=SECONDS_MAX) == 0
    # What a killed process leaves behind goes.
    process = jobs.start()
    jobs.job_id()
    process.kill()
    process.wait()
    left = d.at(f"runtime/rhei/{process.pid}.sock")
    assert os.path.exists(left)
    jobs.rhei("jobs").expect(0, "no jobs are running")
    assert not os.path.exists(left)


def test_savepoints(d):
    jobs = Jobs(d)
    jobs.feed(10)
    process = jobs.start()
    job = jobs.job_id()
    jobs.wait_checkpoint(process)
    first = jobs.rhei("savepoint", job, d.at("sp")).expect(0).out.strip()
    assert first.startswith(d.at(f"sp/savepoint-{job[:6]}-")), first
    jobs.feed(10)
    jobs.wait_checkpoint(process)
    second = jobs.rhei("stop", job, "--savepoint", d.at("sp")).expect(0).out.strip()
    assert process.wait(timeout=SECONDS_MAX) == 0 and second != first, jobs.told()
    assert jobs.rows() == list(range(20))
    # Moved, and the job's own state gone.
    moved = d.at("moved")
    shutil.move(first, moved)
    shutil.rmtree(d.at("state"))
    shutil.rmtree(d.at("out"))
    jobs.feed(10)
    process = jobs.start("--from", moved)
    assert jobs.job_id() != job
    jobs.wait_checkpoint(process)
    stop(process)
    assert "starts from savepoint" in jobs.told(), jobs.told()
    assert jobs.rows() == list(range(10, 30)), jobs.rows()
    # As a setting it only counts while there is no checkpoint.
    process = jobs.start("-D", f"execution.savepoint.path={second}")
    jobs.job_id()
    jobs.wait_checkpoint(process)
    stop(process)
    assert "continues from checkpoint" in jobs.told() and jobs.rows() == list(range(10, 30)), jobs.told()
    jobs.run("--from", d.at("nix")).expect(4, "nix")


WINDOWS = ("SELECT CAST(window_start AS STRING), COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), "
           "INTERVAL '1' HOUR) GROUP BY window_start, window_end")


def window_job(d, jobs):
    jobs.script = d.file("job.sql", jobs.settings + table(
        d.at("in"), columns="id BIGINT, ts AS TO_TIMESTAMP_LTZ(id * 1000, 3), WATERMARK FOR ts AS ts",
        options=", 'source.monitor-interval' = '50 ms'") +
        sink(d.at("out"), "start_at STRING, n BIGINT") + f"INSERT INTO o {WINDOWS};\n")


def test_drain_fires_windows_and_stop_does_not(d):
    jobs = Jobs(d)
    window_job(d, jobs)
    jobs.feed(3601)
    process = jobs.start()
    jobs.job_id()
    jobs.wait_checkpoint(process)
    stop(process)
    assert [line.count('"n":3600') for line in lines_below(d.at("out"))[0]] == [1], lines_below(d.at("out"))
    process = jobs.start()
    job = jobs.job_id()
    jobs.wait_checkpoint(process)
    jobs.rhei("stop", job, "--drain", "--savepoint", d.at("sp")).expect(0)
    assert process.wait(timeout=SECONDS_MAX) == 0, jobs.told()
    assert sorted(line.count('"n":1}') for line in lines_below(d.at("out"))[0]) == [0, 1], lines_below(d.at("out"))


def test_open_windows_are_told_without_an_interval(d):
    jobs = Jobs(d)
    jobs.settings = ""
    window_job(d, jobs)
    jobs.feed(10)
    process = jobs.start()
    jobs.job_id()
    time.sleep(1)
    stop(process)
    assert "results of windows that have not fired are not written" in jobs.told(), jobs.told()


def test_two_jobs_of_one_file_resume_each(d):
    jobs = Jobs(d)
    jobs.feed(10)
    text = open(jobs.script, encoding="utf-8").read()
    jobs.script = d.file("job.sql", text + "CREATE TABLE p (id BIGINT) WITH ('connector' = 'filesystem', "
                         f"'path' = '{d.at('out2')}', 'format' = 'json');\nINSERT INTO p SELECT id FROM t;\n")
    for _ in range(2):
        process = jobs.start()
        jobs.wait(lambda: jobs.told().count(" started: ") == 2, "two jobs")
        jobs.wait_checkpoint(process)
        jobs.wait_checkpoint(process)
        stop(process)
        jobs.feed(10)
    assert jobs.told().count("continues from checkpoint") == 2, jobs.told()
    assert jobs.rows() == list(range(20)), jobs.rows()
    assert len(lines_below(d.at("out2"))[0]) == 20


def test_progress_line(d):
    jobs = Jobs(d)
    window_job(d, jobs)
    jobs.feed(100)
    pid, master = pty.fork()
    if pid == 0:
        os.environ.update(jobs.env, TERM="xterm")
        os.execv("/bin/sh", ["/bin/sh", "-c", f"stty cols 400; exec {RHEI} run {jobs.script}"])
    screen, end = b"", time.time() + 20
    while b"no output because" not in screen and time.time() < end:
        if select.select([master], [], [], 0.2)[0]:
            screen += os.read(master, 65536)
    os.kill(pid, signal.SIGINT)
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:
            break
        if not piece:
            break
    os.waitpid(pid, 0)
    shown = screen.decode(errors="replace")
    assert re.search(r"100 rows in \(\d+/s\)  0 rows out  no output because `t` is at 1970-01-01 00:01:39  "
                     r"t idle at 1970-01-01 00:01:39  checkpoint \d+ 0 s ago, \d+ ms, ", shown), shown


def test_explain_tells_what_is_kept(d):
    out = rhei("explain", "-D", "table.exec.state.ttl=1 h", "-e", table(d.at("x")) +
               "SELECT name, COUNT(*) FROM t GROUP BY name").expect(0).out
    assert "== State ==\nselect/TableSourceScan-1: where its splits stand; grows: bounded\n" in out, out
    assert "GroupAggregate-1: an accumulator per [name], TTL 1 h; grows: by key" in out, out


def test_memory_setting(d):
    run(GENERATED.format(10000000, "") +
        "CREATE TABLE o (id BIGINT, n BIGINT) WITH ('connector' = 'blackhole');\n"
        "INSERT INTO o SELECT id, COUNT(*) FROM g GROUP BY id", "-D", "rhei.memory=10mb").expect(
            1, "memory limit reached")
    run("SET 'rhei.memory' = '10mb'").expect(3, "-e:1:", "--memory or -D")


def test_memory_limit(d):
    outcome = rhei("run", "--memory", "20mb", "-D", "execution.checkpointing.interval=1 s", "-D",
                   "pipeline.name=memory-test", "-D", f"execution.checkpointing.dir={d.at('cp')}", "-e",
                   GENERATED.format(10000000, "") +
                   "CREATE TABLE o (id BIGINT, n BIGINT) WITH ('connector' = 'blackhole');\n"
                   "INSERT INTO o SELECT id, COUNT(*) FROM g GROUP BY id")
    outcome.expect(1, "memory limit reached", "process", "GroupAggregate")
    assert "restarted" not in outcome.err, outcome.err


# ---- the shell

def test_shell_on_a_pipe(d):
    text = "SELECT 1 AS a;\nSELECT 2 AS\n b; SELECT 'x;y' AS c -- ;\n;\nhelp\nSELECT 3 AS d"
    outcome = rhei("sql", "--format", "csv", stdin=text).expect(0)
    assert "QUIT or EXIT" in outcome.out
    kept = outcome.out.split("\n")
    assert kept[:6] == ["a", "1", "b", "2", "c", "x;y"] and kept[-3:-1] == ["d", "3"], outcome.out
    assert "rhei>" not in outcome.out + outcome.err


def test_shell_goes_on_after_an_error(d):
    outcome = rhei("sql", "--format", "csv", stdin="SELECT 1 AS a;\nSELECT x,\n nope; SELECT 2 AS b;\nQUIT;\nSELECT 3;")
    outcome.expect(3, "<stdin>:2:8: error: Column 'x' not found", "|        ^")
    assert outcome.out.split() == ["a", "1", "b", "2"], outcome.out


def test_shell_waits_for_jobs_of_a_pipe(d):
    text = (table(d.file("in.json", '{"id":1}\n')) + sink(d.at("out")) + "INSERT INTO o SELECT id FROM t;\n")
    rhei("sql", stdin=text).expect(0, "started", "finished", "1 written")
    assert lines_below(d.at("out")) == (['{"id":1}'], [])


def test_shell_options(d):
    init = d.file("init.sql", "CREATE VIEW v AS SELECT 7 AS n;")
    outcome = rhei("sql", "-i", init, "-D", "execution.runtime-mode=batch", "--format", "csv", "-e",
                   "SELECT n FROM v; SELECT COUNT(*) AS c FROM v").expect(0)
    assert outcome.out.split() == ["n", "7", "c", "1"], outcome.out


class Terminal:
    def __init__(self, directory):
        self.screen = b""
        self.seen = 0  # bytes of the screen up to the last text that was waited for
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.environ.update(XDG_STATE_HOME=directory, TERM="xterm", NO_COLOR="1")
            os.execv(RHEI, [RHEI, "sql"])

    def type(self, keys, until, seconds=20):
        """Types the keys and reads until a text shows, behind what was waited for before."""
        os.write(self.master, keys.encode())
        end = time.time() + seconds
        while (at := self.screen.find(until.encode(), self.seen)) < 0:
            assert time.time() < end, f"no {until!r} after {keys!r}:\n{self.screen.decode(errors='replace')}"
            if not select.select([self.master], [], [], 0.1)[0]:
                continue
            try:
                piece = os.read(self.master, 65536)
            except OSError:
                piece = b""
            assert piece, f"ended after {keys!r}:\n{self.screen.decode(errors='replace')}"
            self.screen += piece
        self.seen = at + len(until.encode())

    def end(self):
        os.write(self.master, b"\x04")
        while True:
            try:
                if not os.read(self.master, 65536):
                    break
            except OSError:
                break
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def test_shell_on_a_terminal(d):
    terminal = Terminal(d.path)
    prompt = "rhei> \x1b[K"
    terminal.type("", prompt)
    terminal.type("SELECT 4000 +\r", "   -> \x1b[K")
    terminal.type(" 321 AS n;\r", "4321")
    terminal.type("", prompt)
    # Up shows the statement; ctrl-u and ctrl-k delete, an escape sequence moves.
    terminal.type("\x1b[A", "321 AS n;")
    terminal.type("\x15SELECT 1100X\x7f + 22, 'gone'" + "\x1b[D" * 8 + "\x0b;\r", "1122")
    terminal.type("", prompt)
    terminal.type("SELECT nope;\r", "Column 'nope' not found")
    terminal.type("", prompt)
    terminal.type("no statement\x03", prompt)
    terminal.type(GENERATED.format(100, "").strip() + "\r", "ok, ")
    terminal.type("", prompt)
    terminal.type("SELECT id FROM g;\r", "| ")
    time.sleep(0.5)
    terminal.type("\x03", "stopped: ")
    terminal.type("", prompt)
    terminal.type("SELECT 5000 + 55;\r", "5055")
    terminal.type("", prompt)
    # Ctrl-R finds the first statement again.
    terminal.type("\x12321", "(search '321')")
    terminal.type("\r", "4321")
    terminal.type("", prompt)
    assert terminal.end() == 0
    with open(d.at("rhei/history"), encoding="utf-8") as history:
        entries = history.read().splitlines()
    assert entries[0] == "SELECT 4000 +\\n 321 AS n;", entries
    assert "SELECT 5000 + 55;" in entries, entries


# ---- infer

def infer(d, path, *arguments, columns="", format_options=()):
    statement = rhei("infer", path, *arguments, directory=d.path).expect(0).out
    shown = re.search(r"\((.*)\n\) WITH", statement, re.S).group(1)
    shown = " ".join(shown.split())
    assert shown == columns, f"{shown}\nexpected\n{columns}"
    for option in format_options:
        assert option in statement, f"{option} is not in\n{statement}"
    name = re.search(r"CREATE TABLE (\S+) ", statement).group(1)
    # The statement runs, from any directory.
    counted = rhei("run", "-q", "--format", "csv", "-D", "execution.runtime-mode=batch", "-e",
                   f"{statement} SELECT COUNT(*) AS c FROM {name}").expect(0)
    rows = rhei("run", "-q", "--format", "json", "-e", f"{statement} SELECT * FROM {name}").expect(0)
    return int(counted.out.split()[1]), rows.out.splitlines()


def test_infer_json(d):
    content = ('{"id":1,"at":"2024-01-02T03:04:05.123","order":{"sku":"x","a b":2},"tags":["a"],"ok":true,'
               '"price":1.5,"none":null,"day":"2024-01-01","zoned":"2024-01-02T03:04:05Z"}\n'
               '{"id":2,"at":"2024-01-02T03:04:06","order":{"sku":"y","n":[{"k":1}]},"tags":[],"price":2,'
               '"mixed":1}\n{"mixed":"x"}\n')
    d.file("2 clicks.jsonl", content)
    count, rows = infer(
        d, "2 clicks.jsonl",
        columns="id BIGINT, `at` TIMESTAMP(3), `order` ROW<sku STRING, `a b` BIGINT, "
        "n ARRAY<ROW<k BIGINT>>>, tags ARRAY<STRING>, ok BOOLEAN, price DOUBLE, `none` STRING, "
        "`day` DATE, zoned TIMESTAMP_LTZ(3), mixed STRING",
        format_options=["CREATE TABLE t_2_clicks (", "'json.timestamp-format.standard' = 'ISO-8601'",
                        f"'path' = '{d.at('2 clicks.jsonl')}'"])
    assert count == 3 and len(rows) == 3, (count, rows)


def test_infer_json_with_sql_timestamps(d):
    path = d.file("a.json", '{"ts":"2024-01-02 03:04:05.123456"}\n\n{"ts":null}')
    count, rows = infer(d, path, columns="ts TIMESTAMP(6)")
    assert count == 2 and rows[0] == '{"ts":"2024-01-02 03:04:05.123456"}', (count, rows)


def test_infer_csv(d):
    content = 'id;name;amount;at\n1;ann;2.5;2024-01-02 03:04:05\n2;"b;ob";;2024-01-02 03:04:06.5'
    for name in ("b.csv", "b.csv.gz"):
        path = d.file(name, gzip.compress(content.encode()) if name.endswith("gz") else content)
        count, rows = infer(d, path, columns="id BIGINT, name STRING, amount DOUBLE, `at` TIMESTAMP(3)",
                            format_options=["'csv.field-delimiter' = ';'", "'rhei.skip-lines' = '1'",
                                            "'csv.empty-string-as-null' = 'true'", "CREATE TABLE b ("])
        assert count == 2 and len(rows) == 2, (count, rows)


def test_infer_csv_without_header(d):
    path = d.file("c.csv", "1,2024-01-01\n2,2024-01-02\n")
    count, _ = infer(d, path, columns="f0 BIGINT, f1 DATE")
    assert count == 2, count
    path = d.file("c.csv", "name,city\nann,rome\n")
    count, _ = infer(d, path, "--no-header", "--table", "people", columns="f0 STRING, f1 STRING",
                     format_options=["CREATE TABLE people ("])
    assert count == 2, count


def test_infer_directory(d):
    os.mkdir(d.at("logs"))
    for name in ("x.csv", "y.csv"):
        d.file("logs/" + name, "id,name\n1,a\n")
    count, _ = infer(d, d.at("logs/"), columns="id BIGINT, name STRING")
    assert count == 2, count


def test_infer_large_file(d):
    path = d.file("big.json", "".join(f'{{"id":{i}}}\n' for i in range(10000)) + '{"id":"x"}\n' * 5)
    outcome = rhei("infer", path).expect(0, "first 10000 records")
    assert "id BIGINT" in outcome.out, outcome.out


def test_infer_of_what_is_no_table(d):
    rhei("infer", d.at("nix.csv")).expect(4, "No such file")
    rhei("infer", d.file("e.json", "")).expect(1, "no record")
    rhei("infer", d.file("l.json", "[1,2]\n")).expect(1, "record 1", "JSON object")
    rhei("infer", d.file("b.json", '{"id":1}\n{"id":\n')).expect(0, "1 of 2 records", "record 2, byte")


def main(arguments):
    global RHEI
    build = arguments.pop(0) if arguments and os.path.isdir(arguments[0]) else os.path.join(ROOT, "build/release")
    RHEI = os.path.abspath(os.path.join(build, "bin/rhei"))
    if not os.path.exists(RHEI):
        print(f"{RHEI} is not built", file=sys.stderr)
        return 2
    passed = failed = 0
    for name, test in list(globals().items()):
        if not name.startswith("test_") or (arguments and not any(a in name for a in arguments)):
            continue
        directory = Directory()
        try:
            test(directory)
            passed += 1
            print(f"ok   {name[5:]}", flush=True)
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"FAIL {name[5:]}\n{traceback.format_exc()}", flush=True)
        finally:
            shutil.rmtree(directory.path, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
