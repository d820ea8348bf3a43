"""Wrong statements: exit code 3 with line and column; EXPLAIN."""

from kit import rhei, run, table


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
