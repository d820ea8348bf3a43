"""Input files that are missing, empty or wrong: exit code 1 or 4 with file and place, side tables."""

import base64
import csv
import io
import os
import shutil
import subprocess

import kit
from kit import Outcome, SECONDS_MAX, lines_below, rhei, run, sink, table


def test_missing_file(d):
    run(table(d.at("nix.json")) + "SELECT * FROM t").expect(4, "nix.json", "No such file")


def test_unreadable_directory(d):
    # A path below a file cannot be read by root either.
    path = d.file("file.json", "{}")
    run(table(path + "/below") + "SELECT * FROM t").expect(4, "file.json/below", "Not a directory")
    run(table(d.file("in.json", '{"id":1}\n')) + sink(path + "/below") +
        "INSERT INTO o SELECT id FROM t").expect(4, "file.json/below", "Not a directory")


def test_directory_without_permission(d):
    # Root may read everything, so another user tries, with a program where that one may run it.
    for name in ("closed", "state"):
        os.mkdir(d.at(name))
    d.file("closed/in.json", '{"id":1}\n')
    open_path = d.file("in.json", '{"id":1}\n')
    os.chmod(d.path, 0o755)
    os.chmod(d.at("closed"), 0o700)
    os.chmod(d.at("state"), 0o777)
    program = kit.program()
    if os.getuid() == 0:
        program = shutil.copy(program, d.at("rhei"))
        user = {"user": 65534, "group": 65534, "extra_groups": []}
    else:
        user = {}
        os.chmod(d.at("closed"), 0)
    for sql in (table(d.at("closed")) + "SELECT id FROM t", table(d.at("closed/in.json")) + "SELECT id FROM t",
                table(open_path) + sink(d.at("closed/out")) + "INSERT INTO o SELECT id FROM t"):
        done = subprocess.run([program, "run", "-q", "-e", sql], capture_output=True, timeout=SECONDS_MAX,
                              check=False, cwd=d.path, **user)
        os.chmod(d.at("closed"), 0o700)
        Outcome(done.returncode, "", done.stderr.decode()).expect(4, d.at("closed"), "Permission denied")


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
    # Flink's CSV gives NULL for the field, and skips the row that has no cells to go by.
    path = d.file("bad.csv", "1,a,2024-01-01 00:00:00\nx,b,2024-01-01 00:00:00\n3,\"c\"x,\n")
    outcome = run(table(path, "csv", ", 'csv.ignore-parse-errors' = 'true'") + "SELECT id, name FROM t").expect(0)
    assert outcome.out.split() == ["id,name", "1,a", ",b"], outcome.out


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
    source = table(d.at("in.json"), options=", 'rhei.on-error.retain' = 'x'")
    run(source + "SELECT id FROM t").expect(3, "rhei.on-error.retain")


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


def test_empty_file(d):
    outcome = run(table(d.file("in.json", "")) + "SELECT id FROM t").expect(0)
    assert outcome.out == "id\n", outcome.out


def test_no_final_newline(d):
    for form, content in (("json", '{"id":1}\n{"id":2}'), ("csv", "1,a,\n2,b,")):
        options = ", 'csv.empty-string-as-null' = 'true'" if form == "csv" else ""
        outcome = run(table(d.file("in", content), form, options) + "SELECT id FROM t").expect(0)
        assert outcome.out.split() == ["id", "1", "2"], outcome.out


def test_raw_bytes_that_are_not_utf8_are_replaced_in_text(d):
    path = d.file("in.log", b"ab\xffcd\n\xe2\x82.\n\xed\xa0\x80\n")
    for form, lines in (("json", '{"line":"ab\ufffdcd"}\n{"line":"\ufffd."}\n{"line":"\ufffd"}'),
                        ("csv", "ab\ufffdcd\n\ufffd.\n\ufffd")):
        run(table(path, "raw", columns="line STRING") + sink(d.at(form), "line STRING", form) +
            "INSERT INTO o SELECT line FROM t").expect(0)
        assert lines_below(d.at(form))[0] == lines.split("\n"), lines_below(d.at(form))


def test_each_source_is_read_once(d):
    source = table(d.file("in.json", '{"id":1,"name":"a"}\n{"id":2,"name":"b"}\n')) + sink(d.at("out"))
    other = "CREATE TABLE p (id BIGINT) WITH ('connector' = 'blackhole');\n"
    for statement, rows in (
            ("INSERT INTO o SELECT id FROM t UNION ALL SELECT id + 10 FROM t WHERE name = 'b'", 3),
            ("INSERT INTO o SELECT l.id FROM t AS l JOIN t AS r ON l.id = r.id", 2),
            ("EXECUTE STATEMENT SET BEGIN INSERT INTO o SELECT id FROM t; INSERT INTO p SELECT id FROM t "
             "WHERE name <> ''; INSERT INTO p SELECT CHAR_LENGTH(name) FROM t; END", 2)):
        told = rhei("run", "--parallelism", "1", "-e", source + other + statement).expect(0, "2 records, 2 decoded").err
        assert told.count("TableSourceScan") == 1, told
        assert len(lines_below(d.at("out"))[0]) == rows, (statement, lines_below(d.at("out")))
        shutil.rmtree(d.at("out"))


def test_lines_to_skip(d):
    path = d.file("in.csv", "id,name,ts\n1,a,2024-01-01 00:00:00\n")
    outcome = run(table(path, "csv", ", 'rhei.skip-lines' = '1'") + "SELECT id FROM t").expect(0)
    assert outcome.out.split() == ["id", "1"], outcome.out
    run(table(path, "csv", ", 'rhei.skip-lines' = '-1'") + "SELECT id FROM t").expect(
        3, "must not be negative")
