#!/usr/bin/env python3
"""The connector 'kafka' against a real broker. Run by tools/with_kafka.sh, which starts one:

    tools/with_kafka.sh python3 tests/kafka/kafka_test.py [PATH_OF_RHEI] [NAME_OF_TEST...]

Each test makes topics of its own, runs SQL with `rhei run -` and looks at what is printed. Ends
with "N passed, N failed".
"""
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

RHEI = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build/release/bin/rhei")
BROKER = os.environ["RHEI_KAFKA"]
SECONDS_MAX = 60


def create_topic(name, partitions=1):
    subprocess.run([os.environ["RHEI_KAFKA_TOOL"], "TopicCommand", "--bootstrap-server", BROKER, "--create",
                    "--topic", name, "--partitions", str(partitions)],
                   check=True, capture_output=True, timeout=SECONDS_MAX)
    return name


def table(columns, topic, name="k", broker=BROKER, fmt="'format'='json'", **options):
    """CREATE TABLE for a topic; option names are written with _ for . and __ for -."""
    pairs = "".join(f", '{key.replace('__', '-').replace('_', '.')}'='{value}'" for key, value in options.items())
    return (f"CREATE TABLE {name} ({columns}) WITH ('connector'='kafka', 'topic'='{topic}', "
            f"'properties.bootstrap.servers'='{broker}', {fmt}{pairs});\n")


def read_all(**options):
    return {"scan_startup_mode": "earliest-offset", "scan_bounded_mode": "latest-offset", **options}


def printing(columns, query):
    return f"CREATE TABLE printed ({columns}) WITH ('connector'='print');\nINSERT INTO printed {query};\n"


def run(sql, code=0):
    """Rows that 'print' wrote, sorted, and what went to stderr."""
    done = subprocess.run([RHEI, "run", "-"], input=sql, capture_output=True, text=True, timeout=SECONDS_MAX)
    assert done.returncode == code, f"exit code {done.returncode}, not {code}:\n{sql}\n{done.stdout}{done.stderr}"
    return rows_of(done.stdout), done.stderr


def rows_of(text):
    return sorted(re.findall(r"^(?:\d+> )?\+I\[(.*)\]$", text, re.M), key=lambda row: [len(row), row])


def write(topic, values, columns="id BIGINT", **options):
    run(table(columns, topic, **options) + f"INSERT INTO k VALUES {values};")


def read_ids(topic, **options):
    rows, _ = run(table("id BIGINT", topic, **options) + printing("id BIGINT", "SELECT id FROM k"))
    return [int(row) for row in rows]


def test_many_rows_come_back_once():
    topic = create_topic("many", 3)
    run("CREATE TABLE g (id BIGINT, name STRING) WITH ('connector'='datagen', 'number-of-rows'='20000', "
        "'rows-per-second'='1000000', 'fields.id.kind'='sequence', 'fields.id.start'='1', 'fields.id.end'='20000');\n"
        + table("id BIGINT, name STRING", topic) + "INSERT INTO k SELECT id, name FROM g;")
    ids = read_ids(topic, **read_all())
    assert ids == list(range(1, 20001)), f"{len(ids)} rows, {len(set(ids))} different"


def test_key_and_value_fields():
    topic = create_topic("keyed", 3)
    keyed = "'key.format'='json', 'key.fields'='k_id;k_name', 'key.fields-prefix'='k_', 'value.format'='csv', " \
            "'value.fields-include'='EXCEPT_KEY'"
    columns = "k_id BIGINT, amount INT, k_name STRING"
    write(topic, "(1, 10, 'a'), (2, 20, 'b'), (1, 11, 'a')", columns, fmt=keyed)
    rows, _ = run(table(columns, topic, fmt=keyed, **read_all()) + printing(columns, "SELECT * FROM k"))
    assert rows == ["1, 10, a", "1, 11, a", "2, 20, b"], rows
    # What is in the bytes: the key's names without their prefix, and nothing of the key in the value.
    raw = "'key.format'='raw', 'key.fields'='key', 'value.format'='raw', 'value.fields-include'='EXCEPT_KEY'"
    columns = "`key` STRING, `value` STRING, part INT METADATA FROM 'partition' VIRTUAL"
    rows, _ = run(table(columns, topic, fmt=raw, **read_all())
                  + printing("a STRING, b STRING, p INT", "SELECT `key`, `value`, part FROM k"))
    assert [row[:-3] for row in rows] == ['{"id":1,"name":"a"}, 10', '{"id":1,"name":"a"}, 11',
                                          '{"id":2,"name":"b"}, 20'], rows
    assert rows[0][-1] == rows[1][-1], f"one key in two partitions: {rows}"


def test_partitions_of_keys_are_those_of_java():
    topic = create_topic("murmur", 5)
    raw = "'key.format'='raw', 'key.fields'='key', 'value.format'='raw', 'value.fields-include'='EXCEPT_KEY'"
    write(topic, ", ".join(f"('key-{i}', 'v')" for i in range(20)), "`key` STRING, `value` STRING", fmt=raw)
    rows, _ = run(table("`key` STRING, `value` STRING, part INT METADATA FROM 'partition' VIRTUAL", topic, fmt=raw,
                        **read_all()) + printing("a STRING, p INT", "SELECT `key`, part FROM k"))
    assert len(rows) == 20, rows
    for row in rows:
        key, partition = row.split(", ")
        assert int(partition) == (murmur2(key.encode()) & 0x7FFFFFFF) % 5, row


def murmur2(data):
    """The hash of Kafka's Java producer, written from its definition."""
    mask, m = 0xFFFFFFFF, 0x5BD1E995
    h = 0x9747B28C ^ len(data)
    whole = len(data) - len(data) % 4
    for at in range(0, whole, 4):
        k = int.from_bytes(data[at:at + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = (h * m & mask) ^ k
    if len(data) > whole:
        h = (h ^ int.from_bytes(data[whole:], "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


def test_group_offsets_go_on():
    topic = create_topic("resumed", 2)
    group = dict(properties_group_id="resumed", properties_auto_offset_reset="earliest",
                 scan_bounded_mode="latest-offset")
    write(topic, "(1), (2), (3)")
    assert read_ids(topic, **group) == [1, 2, 3]
    assert read_ids(topic, **group) == []
    write(topic, "(4), (5)")
    assert read_ids(topic, **group) == [4, 5]
    _, errors = run(table("id BIGINT", topic, properties_group_id="unknown", scan_bounded_mode="latest-offset")
                    + printing("id BIGINT", "SELECT id FROM k"), code=3)
    assert "group 'unknown' has committed no offset" in errors, errors


def test_start_and_bounded_modes():
    topic = create_topic("modes")
    columns = "id BIGINT, ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp'"
    base = int(time.time() * 1000) - 100_000
    write(topic, ", ".join(f"({i}, TO_TIMESTAMP_LTZ({base + 1000 * i}, 3))" for i in range(10)), columns)
    latest = dict(scan_bounded_mode="latest-offset")
    assert read_ids(topic, scan_startup_mode="latest-offset", **latest) == []
    assert read_ids(topic, scan_startup_mode="timestamp", scan_startup_timestamp__millis=base + 6500,
                    **latest) == [7, 8, 9]
    specific = dict(scan_startup_mode="specific-offsets", scan_startup_specific__offsets="partition:0,offset:4")
    assert read_ids(topic, **specific, **latest) == [4, 5, 6, 7, 8, 9]
    assert read_ids(topic, **specific, scan_bounded_mode="specific-offsets",
                    scan_bounded_specific__offsets="partition:0,offset:6") == [4, 5]
    assert read_ids(topic, scan_startup_mode="earliest-offset", scan_bounded_mode="timestamp",
                    scan_bounded_timestamp__millis=base + 2000) == [0, 1]


def test_metadata():
    topic = create_topic("meta")
    columns = "id BIGINT, ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp', h MAP<STRING, BYTES> METADATA FROM 'headers'"
    write(topic, "(7, TO_TIMESTAMP_LTZ(1234567890123, 3), MAP['a', x'4142'])", columns)
    columns += (", topic STRING METADATA VIRTUAL, p INT METADATA FROM 'partition' VIRTUAL, "
                "o BIGINT METADATA FROM 'offset' VIRTUAL, tt STRING METADATA FROM 'timestamp-type' VIRTUAL")
    rows, _ = run("SET 'table.local-time-zone' = 'UTC';\n" + table(columns, topic, **read_all())
                  + printing("a STRING, b INT, c BIGINT, d STRING, e BIGINT, f STRING, g STRING",
                             "SELECT topic, p, o, tt, id, CAST(ts AS STRING), DECODE(h['a'], 'UTF-8') FROM k"))
    assert rows == ["meta, 0, 0, CreateTime, 7, 2009-02-13 23:31:30.123, AB"], rows


def test_topic_list_and_pattern():
    for number in (1, 2):
        write(create_topic(f"part{number}-of-list"), f"({number})")
    assert read_ids("part1-of-list;part2-of-list", **read_all()) == [1, 2]
    rows, _ = run(table("id BIGINT", "", **read_all()).replace("'topic'=''", "'topic-pattern'='part.-of-.*'")
                  + printing("id BIGINT", "SELECT id FROM k"))
    assert rows == ["1", "2"], rows


def test_tls_and_plain():
    topic = create_topic("secret")
    tls = dict(properties_security_protocol="SASL_SSL", properties_ssl_truststore_type="PEM",
               properties_ssl_truststore_location=os.environ["RHEI_KAFKA_CA"], properties_sasl_mechanism="PLAIN",
               broker=os.environ["RHEI_KAFKA_TLS"])
    module = "org.apache.kafka.common.security.plain.PlainLoginModule"

    def login(password):
        return dict(properties_sasl_jaas_config=f'{module} required username="{os.environ["RHEI_KAFKA_USER"]}" '
                                                f'password="{password}";', **tls)

    right = login(os.environ["RHEI_KAFKA_PASSWORD"])
    write(topic, "(1)", **right)
    assert read_ids(topic, **right, **read_all()) == [1]
    _, errors = run(table("id BIGINT", topic, **login("wrong-password"), **read_all())
                    + printing("id BIGINT", "SELECT id FROM k"), code=3)
    assert "refuses the login" in errors and "wrong-password" not in errors, errors


def test_what_is_not_there():
    _, errors = run(table("id BIGINT", "no-such-topic") + "INSERT INTO k VALUES (1);", code=4)
    assert "topic 'no-such-topic' does not exist" in errors, errors
    _, errors = run(table("id BIGINT", "no-such-topic", **read_all()) + printing("id BIGINT", "SELECT id FROM k"),
                    code=4)
    assert "topic 'no-such-topic' does not exist" in errors, errors
    with socket.socket() as free:  # a port at which nobody listens
        free.bind(("127.0.0.1", 0))
        dead = f"127.0.0.1:{free.getsockname()[1]}"
        start = time.monotonic()
        _, errors = run(table("id BIGINT", "t", broker=dead, **read_all()) + printing("id BIGINT", "SELECT id FROM k"),
                        code=4)
    assert dead in errors and time.monotonic() - start < 30, errors


def test_options_are_refused_by_name():
    for option, text in ((dict(properties_fetch_min_byte=1), "Did you mean 'fetch.min.bytes'?"),
                         (dict(properties_key_deserializer="x"), "the formats of the table decide"),
                         (dict(scan_startup_mod="x"), "Did you mean 'scan.startup.mode'?"),
                         (dict(scan_startup_mode="timestamp"), "'scan.startup.timestamp-millis' is required"),
                         (dict(sink_delivery__guarantee="exactly-once"), "exactly-once' is not supported yet")):
        done = subprocess.run([RHEI, "run", "-"], input=table("id BIGINT", "t", **option) + "SELECT * FROM k;",
                              capture_output=True, text=True, timeout=SECONDS_MAX)
        assert done.returncode != 0 and text in done.stderr, f"{option}: {done.returncode} {done.stderr}"


def test_bad_record_names_its_place():
    topic = create_topic("bad")
    write(topic, "('{\"id\":1}'), ('{\"id\":')", "line STRING", fmt="'format'='raw'")
    _, errors = run(table("id BIGINT", topic, **read_all()) + printing("id BIGINT", "SELECT id FROM k"), code=1)
    assert "bad/0 at 1, byte 6" in errors, errors


def test_broker_goes_away_and_comes_back():
    topic = create_topic("away", 2)
    write(topic, "(1), (2)")
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        job = subprocess.Popen([RHEI, "run", "-D", "execution.checkpointing.interval=500 ms", "-"],
                               stdin=subprocess.PIPE, stdout=out, stderr=errors, text=True)
        job.stdin.write(table("id BIGINT", topic, properties_group_id="away", scan_startup_mode="earliest-offset")
                        + printing("id BIGINT", "SELECT id FROM k"))
        job.stdin.close()

        def wait_for(count):
            end = time.monotonic() + SECONDS_MAX
            while time.monotonic() < end and job.poll() is None:
                out.seek(0)
                if len(rows_of(out.read())) >= count:
                    return
                time.sleep(0.1)
            errors.seek(0)
            raise AssertionError(f"no {count} rows: {errors.read()}")

        try:
            wait_for(2)
            subprocess.run(os.environ["RHEI_KAFKA_RESTART"].split(), check=True, timeout=SECONDS_MAX)
            write(topic, "(3), (4)")
            wait_for(4)
            job.send_signal(signal.SIGINT)
            job.wait(SECONDS_MAX)
        finally:
            job.kill()
            job.wait()
        out.seek(0)
        assert rows_of(out.read()) == ["1", "2", "3", "4"]
    write(topic, "(5)")
    assert read_ids(topic, properties_group_id="away", scan_bounded_mode="latest-offset") == [5]


def test_bad_records_are_skipped_on_request():
    topic = create_topic("skipped")
    keyed = "'key.format'='json', 'key.fields'='id', 'value.format'='json', 'value.fields-include'='EXCEPT_KEY', " \
            "'rhei.on-error'='skip'"
    raw = "'key.format'='raw', 'key.fields'='key', 'value.format'='raw', 'value.fields-include'='EXCEPT_KEY'"
    write(topic, """('{"id":1}', '{"name":"a"}'), ('{"id":', '{"name":"b"}'), ('{"id":3}', '{"name"'),
                    (CAST(NULL AS STRING), '{"name":"d"}'), ('{"id":5}', CAST(NULL AS STRING)),
                    ('{"id":6}', '{"name":"f"}')""", "`key` STRING, `value` STRING", fmt=raw)
    rows, errors = run(table("id BIGINT, name STRING", topic, fmt=keyed, **read_all())
                       + printing("id BIGINT, name STRING", "SELECT id, name FROM k"))
    assert rows == ["1, a", "6, f"], rows
    assert "6 records" in errors, errors


def test_bad_records_are_rejected_on_request():
    topic = create_topic("rejected", 2)
    raw = "'key.format'='raw', 'key.fields'='key', 'value.format'='raw', 'value.fields-include'='EXCEPT_KEY'"
    bad = ['{"id":', '{"id":99999999999999999999}', '{"id":"x"}']
    write(topic, ", ".join(f"('k', '{value}')" for value in ['{"id":1}', *bad, '{"id":2}']),
          "`key` STRING, `value` STRING", fmt=raw)
    places, _ = run(table("`value` STRING, p INT METADATA FROM 'partition' VIRTUAL, o BIGINT METADATA FROM 'offset' "
                          "VIRTUAL", topic, fmt="'format'='raw'", **read_all())
                    + printing("p INT, o BIGINT, v STRING", "SELECT p, o, `value` FROM k"))
    with tempfile.TemporaryDirectory() as state:
        os.environ["XDG_STATE_HOME"] = state
        try:
            source = table("id BIGINT", topic, fmt="'format'='json', 'rhei.on-error'='reject'", **read_all())
            rows, errors = run(source + printing("id BIGINT", "SELECT id FROM k"))
            assert rows == ["1", "2"], rows
            assert "5 records, 2 decoded, 0 skipped, 3 rejected" in errors, errors
            logged, _ = run(source + printing(
                "origin STRING, o BIGINT, v STRING", "SELECT origin, record_position, DECODE(raw_record, 'UTF-8') "
                "FROM `k$errors` WHERE reason <> '' AND rejected_at > CURRENT_TIMESTAMP - INTERVAL '1' HOUR"))
        finally:
            del os.environ["XDG_STATE_HOME"]
    expected = sorted(f"{topic}/{place}" for place in places if place.split(", ", 2)[2] in bad)
    logged = sorted(f"{row.split(', ', 1)[0]}, {row.split(', ', 1)[1]}" for row in logged)
    assert logged == expected and len(logged) == 3, (logged, expected)


def test_wrong_rows_name_their_place():
    """Number overflow, bytes that are no UTF-8 and a NULL rowtime: topic, partition and offset."""
    for name, values, place, reason in (
            ("overflow", """('{"id":1}'), ('{"id":99999999999999999999}')""", "overflow/0 at 1", "field: id"),
            ("no-utf8", """(x'7b226964223a317d'), (x'7b226e223a22ff227d')""", "no-utf8/0 at 1", "UTF-8 byte 0xff"),
            ("no-time", """('{"id":1,"ts":"2024-01-01 00:00:00"}'), ('{"id":2}')""", "no-time/0 at 1",
             "RowTime field should not be null")):
        topic = create_topic(name)
        write(topic, values, "line BYTES" if name == "no-utf8" else "line STRING", fmt="'format'='raw'")
        _, errors = run(table("id BIGINT, n STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts", topic, **read_all()) + printing(
            "n BIGINT", "SELECT COUNT(*) FROM TUMBLE(TABLE k, DESCRIPTOR(ts), INTERVAL '1' MINUTE) "
            "GROUP BY window_start, window_end" if name == "no-time" else "SELECT id + CHAR_LENGTH(n) FROM k"), code=1)
        assert place in errors and reason in errors, errors


def test_new_partitions_are_found():
    topic = create_topic("growing")
    with tempfile.TemporaryFile("w+") as out:
        job = subprocess.Popen([RHEI, "run", "-"], stdin=subprocess.PIPE, stdout=out, stderr=subprocess.DEVNULL,
                               text=True)
        job.stdin.write(table("id BIGINT", topic, scan_startup_mode="latest-offset",
                              **{"scan_topic__partition__discovery_interval": "200 ms"})
                        + printing("id BIGINT", "SELECT id FROM k"))
        job.stdin.close()
        try:
            time.sleep(3)
            subprocess.run([os.environ["RHEI_KAFKA_TOOL"], "TopicCommand", "--bootstrap-server", BROKER, "--alter",
                            "--topic", topic, "--partitions", "4"], check=True, capture_output=True)
            write(topic, "('a', 1), ('b', 2), ('c', 3), ('d', 4), ('e', 5), ('f', 6), ('g', 7), ('h', 8)",
                  "`key` STRING, id BIGINT", fmt="'key.format'='raw', 'key.fields'='key', 'value.format'='json', "
                  "'value.fields-include'='EXCEPT_KEY'")
            end, rows = time.monotonic() + 20, []
            while len(rows) < 8 and time.monotonic() < end:
                time.sleep(0.2)
                out.seek(0)
                rows = rows_of(out.read())
            assert rows == [str(i) for i in range(1, 9)], rows
        finally:
            job.kill()
            job.wait()


def test_clickstream_example():
    """The Kafka variant of the example gives what the file variant gives for the same lines."""
    topic = create_topic("access-log")  # one partition: the order is the file's
    lines = [f'10.0.0.{i % 7} - - [21/Nov/2026:10:{i // 60 % 60:02}:{i % 60:02} +0000] "GET /p{i % 5} HTTP/1.1" '
             f'{404 if i % 50 == 0 else 200} {i} "-" "Mozilla"' for i in range(3000)] + ["not a line of a log"]
    examples = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples", "clickstream")
    with open(os.path.join(examples, "clickstream_kafka.sql")) as file:
        from_kafka = file.read()
    with open(os.path.join(examples, "clickstream.sql")) as file:
        from_files = file.read()
    from_kafka = from_kafka.replace("localhost:9092", BROKER).replace("'access_log'", f"'{topic}'")
    from_kafka = from_kafka.replace("'format' = 'raw'\n)", "'format' = 'raw', 'scan.bounded.mode' = 'latest-offset'\n)", 1)
    results = []
    with tempfile.TemporaryDirectory() as work:
        os.mkdir(f"{work}/log")
        with open(f"{work}/log/access.log", "w") as file:
            file.write("\n".join(lines) + "\n")
        run(f"CREATE TABLE f (line STRING) WITH ('connector'='filesystem', 'path'='{work}/log', 'format'='raw');\n"
            + table("line STRING", topic, fmt="'format'='raw'") + "INSERT INTO k SELECT line FROM f;")
        for sql in (from_files, from_kafka):
            done = subprocess.run([RHEI, "run", "--parallelism", "1", "-"], input=sql, capture_output=True,
                                  text=True, cwd=work, timeout=SECONDS_MAX)
            assert done.returncode == 0, done.stderr
            found = {}
            for folder, _, files in os.walk(f"{work}/out"):
                for name in files:
                    with open(os.path.join(folder, name)) as file:
                        found.setdefault(os.path.basename(folder), []).extend(file.read().splitlines())
            results.append({name: sorted(rows) for name, rows in found.items()})
            os.rename(f"{work}/out", f"{work}/out{len(results)}")
    assert results[0] == results[1] and sum(map(len, results[0].values())) > 100, \
        [{name: len(rows) for name, rows in result.items()} for result in results]


def test_demo_goes_through_kafka():
    with tempfile.TemporaryDirectory() as work:
        demo = [RHEI, "demo", "--dir", f"{work}/demo", "--lines", "30000", "--parallelism", "2", "--kafka"]
        done = subprocess.run([*demo, BROKER, "--topic", "demo"], capture_output=True, text=True, timeout=SECONDS_MAX)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "= 30000 lines" in done.stdout and "ADD UP" not in done.stdout, done.stdout
        # The check can fail: a window of which a row is taken away.
        part = next(f"{folder}/{name}" for folder, _, names in os.walk(f"{work}/demo/out/status_per_hour")
                    for name in names)
        with open(part) as file:
            rows = file.readlines()
        with open(part, "w") as file:
            file.writelines(rows[1:])
        check = [f"{work}/demo/{name}" for name in ("check.py", "log/access.log", "out", "counters.json")]
        done = subprocess.run([sys.executable, *check], capture_output=True, text=True, timeout=SECONDS_MAX)
        assert done.returncode == 1 and "DOES NOT ADD UP" in done.stdout, done.stdout
        # The topic exists now, and nothing is written before that is known.
        done = subprocess.run([RHEI, "demo", "--dir", f"{work}/again", "--kafka", BROKER, "--topic", "demo"],
                              capture_output=True, text=True, timeout=SECONDS_MAX)
        assert done.returncode == 3 and "exists already" in done.stderr, done.stderr
        assert not os.path.exists(f"{work}/again")


def main():
    names = sys.argv[2:] or [name for name in globals() if name.startswith("test_")]
    failed = 0
    for name in names:
        start = time.monotonic()
        try:
            globals()[name]()
            print(f"ok      {name} ({time.monotonic() - start:.1f} s)", flush=True)
        except Exception:
            failed += 1
            print(f"FAILED  {name}\n{traceback.format_exc()}", flush=True)
    print(f"{len(names) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
