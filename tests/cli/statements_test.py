"""Wrong statements: exit code 3 with line and column; EXPLAIN."""

import os

from kit import rhei, run, sink, table


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
        run(statement + "SELECT * FROM t").expect(
            3, f"-e:1:{statement.index(place) + 1}: error", message, "^" + "~" * (len(place) - 1) + "\n")
    run("CREATE TABLE t (a INT) WITH ('connector' = 'filesystem', 'format' = 'json');\nSELECT 1, a FROM t").expect(
        3, "-e:2:18: error", "required options are missing", "path", "^\n")


def test_options_are_looked_at_when_a_table_is_used(d):
    wrong = ("CREATE TABLE t (a INT) WITH ('connector' = 'datagen',\n"
             "  'number-of-rowz' = '1');\n")
    run(wrong).expect(0)
    assert "number-of-rowz" in run(wrong + "SHOW CREATE TABLE t").expect(0).out
    # The caret stands in the statement that gave the option.
    rowz = ("-e:2:3: error", "Did you mean 'number-of-rows'?", "'number-of-rowz' = '1')", "|   ^~~~~~~~~~~~~~~~\n")
    run(wrong + "SELECT * FROM t").expect(3, *rowz)
    run(wrong + "INSERT INTO t VALUES (1)").expect(3, *rowz)
    run(wrong + "CREATE TABLE u LIKE t;\nSELECT * FROM u").expect(3, *rowz)
    run(wrong + "CREATE VIEW v AS SELECT * FROM t;\nSELECT * FROM v").expect(3, *rowz)
    rhei("check", "-e", wrong + "EXPLAIN SELECT * FROM t").expect(3, *rowz)
    rhei("explain", "-e", wrong + "SELECT * FROM t").expect(3, *rowz)
    run(wrong + "ALTER TABLE t RESET ('number-of-rowz');\n"
        "SELECT * FROM t /*+ OPTIONS('number-of-rows' = '1') */").expect(0)
    # What stands in another file is shown where the table is named.
    init = d.file("init.sql", wrong)
    run("SELECT 1, a FROM t", "-i", init).expect(3, "-e:1:18: error", "number-of-rowz", "^\n")


def test_wrong_options_of_alter_table(d):
    right = "CREATE TABLE t (a INT) WITH ('connector' = 'datagen', 'number-of-rows' = '1');\n"
    run(right + "ALTER TABLE t SET (\n  'number-of-rowz' = '2');\nSELECT * FROM t").expect(
        3, "-e:3:3: error", "Did you mean 'number-of-rows'?", "|   ^~~~~~~~~~~~~~~~\n")
    run(right + "ALTER TABLE t SET ('number-of-rows' =\n 'two');\nSELECT * FROM t").expect(
        3, "-e:3:2: error", "'two'", "|  ^~~~~\n")


def test_wrong_hints(d):
    right = "CREATE TABLE t (a INT) WITH ('connector' = 'datagen', 'number-of-rows' = '1');\n"
    run(right + "SELECT * FROM t /*+ OPTIONS('number-of-rowz' = '2') */").expect(
        3, "-e:2:29: error", "Did you mean 'number-of-rows'?", "^~~~~~~~~~~~~~~~\n")
    run(right + "SELECT * FROM t /*+ OPTIONS('number-of-rows' = 'two') */").expect(
        3, "-e:2:48: error", "'two'", "^~~~~\n")
    run(right + "INSERT INTO t /*+ OPTIONS('number-of-rowz' = '2') */ VALUES (1)").expect(3, "-e:2:27: error")
    aggregate = "a, COUNT(*) FROM t AS clicks GROUP BY a"
    run(right + f"SELECT /*+ STATE_TTL('clikcs' = '1d') */ {aggregate}").expect(
        3, "-e:2:22: error", "Did you mean 'clicks'?", "^~~~~~~~\n")
    run(right + f"SELECT /*+ STATE_TTL('clicks' = '1 dy') */ {aggregate}").expect(
        3, "-e:2:33: error", "'1 dy'", "^~~~~~\n")
    run(right + f"SELECT /*+ STATE_TLT('clicks' = '1 d') */ {aggregate}").expect(
        3, "-e:2:12: error: Hint: STATE_TLT", "Did you mean 'STATE_TTL'?", "^~~~~~~~~\n")
    run(right + "SELECT * FROM t /*+ OPTION('number-of-rows' = '1') */").expect(
        3, "-e:2:21: error: Hint: OPTION ", "Did you mean 'OPTIONS'?", "^~~~~~\n")
    run(right + "SELECT * FROM t /*+ OPTIONS('number-of-rows') */").expect(
        3, "-e:2:21: error: Hint [OPTIONS] only support non empty key value options")


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


def test_init_files_start_nothing(d):
    definitions = table(d.file("in.json", '{"id":1}\n')) + sink(d.at("out"))
    init = d.file("init.sql", definitions + "INSERT INTO o SELECT id FROM t;\n")
    for arguments in (("run", "-q"), ("check",), ("explain",), ("sql", "-q")):
        rhei(*arguments, "-i", init, "-e", "SELECT 1").expect(3, "init.sql:3:1: error", "-i takes only", "| ^~~~")
    rhei("sql", "-i", init, stdin="SELECT 1;\n").expect(3, "init.sql:3:1: error")
    assert not os.path.exists(d.at("out"))
    for statement in ("SELECT 1", "SHOW TABLES", "EXPLAIN SELECT 1", "BEGIN STATEMENT SET",
                      "CREATE TABLE x WITH ('connector' = 'blackhole') AS SELECT 1 AS a",
                      "EXECUTE STATEMENT SET BEGIN INSERT INTO o SELECT id FROM t; END", "SHOW JOBS"):
        run("SELECT 1", "-i", d.file("init.sql", definitions + statement)).expect(3, "init.sql:3:1: error", "-i takes")
    init = d.file("init.sql", definitions + "SET 'pipeline.name' = 'x'; RESET 'pipeline.name';\nCREATE DATABASE d;"
                  "CREATE VIEW v AS SELECT 7 AS n; ALTER TABLE t RENAME TO u; DROP TABLE o; USE d; SET;")
    assert run("SELECT n FROM default_database.v", "-i", init).expect(0).out == "n\n7\n"


def test_text_that_is_no_sql(d):
    rhei("run", d.file("bad.sql", b"\xff\xfe SELECT")).expect(3, "bad.sql:1:1:", "not UTF-8")
    run("SELECT 'a").expect(3, "-e:1:8:")
    run("SELECT 1 /* open").expect(3, "comment is not closed")
    run("").expect(0)


def test_explain_tells_what_is_kept(d):
    out = rhei("explain", "-D", "table.exec.state.ttl=1 h", "-e", table(d.at("x")) +
               "SELECT name, COUNT(*) FROM t GROUP BY name").expect(0).out
    assert "== State ==\nselect/TableSourceScan-1: where its splits stand; grows: bounded\n" in out, out
    assert "GroupAggregate-1: an accumulator per [name], TTL 1 h; grows: by key" in out, out
