"""rhei infer: a CREATE TABLE from a file."""

import gzip
import os
import re

from kit import rhei


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
