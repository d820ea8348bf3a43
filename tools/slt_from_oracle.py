#!/usr/bin/env python3
"""Makes a SQL test of a script by asking a real Flink what it does.

    tools/slt_from_oracle.py SCRIPT.sql OUT.slt

The script holds statements for the oracle (../shared/oracle in the workplace: tables of the connector
`oracle-values`) and begins with a comment that says its purpose. A SELECT becomes a `stream` record
with Flink's exact changelog, or after a line `-- final` a record of the final table, where Flink's own
order is not fixed (two sources, several keys of one window). An INSERT into an `oracle-sink` is followed
by a `sink` record with what the table received. A statement that Flink refuses becomes `statement error`
with what follows `-- error: ` on the line before it. `-- order-sensitive: WORD` marks the statement, in
the first comment the whole file. Review the result as any test.
"""
import json
import re
import subprocess
import sys
from pathlib import Path

ORACLE = Path(__file__).resolve().parent.parent.parent / "shared" / "oracle" / "flink-oracle"


def cell(value):
    if value is None:
        return "NULL"
    value = str(value)
    if value and value != "NULL" and not re.search(r"[ '\n]", value):
        return value
    return "'" + value.replace("'", "''").replace("\n", "\\n") + "'"


def statements(text):
    """Statements with the comment lines before each."""
    found, comments, current = [], [], []
    for line in text.split("\n"):
        if not current and line.startswith("--"):
            comments.append(line[2:].strip())
        elif line.strip() or current:
            current.append(line)
            if line.rstrip().endswith(";"):
                found.append((comments, "\n".join(current)))
                comments, current = [], []
    return found


def main():
    script, out = Path(sys.argv[1]), Path(sys.argv[2])
    batch = ["--batch"] if "--batch" in sys.argv else []
    answer = subprocess.run([str(ORACLE), *batch, str(script)], capture_output=True, text=True)
    results = [json.loads(line) for line in answer.stdout.splitlines() if line.startswith("{")]
    parsed = statements(script.read_text())
    assert len(parsed) == len(results), (len(parsed), len(results), answer.stderr[-2000:])
    purpose = parsed[0][0][0]
    lines = [f"# {purpose}", f"# Expected results by Apache Flink 2.3.0 (tools/slt_from_oracle.py)."]
    lines += [f"# {c}" for c in parsed[0][0] if c.startswith("order-sensitive:")]
    lines.append("")
    for nth, ((comments, sql), result) in enumerate(zip(parsed, results)):
        marks = [f"# {c}" for c in comments if nth > 0 and c.startswith("order-sensitive:")]
        if result["kind"] == "QUERY":
            lines += marks
        error = [c[7:] for c in comments if c.startswith("error: ")]
        if result["kind"] == "ERROR":
            assert error, (sql, result["error"])
            assert any(error[0] in e for e in [result["error"], *[str(x) for x in result.get("error_chain", [])]]), result
            lines += [f"statement error {error[0]}", sql, ""]
        elif result["kind"] == "QUERY":
            assert not error, sql
            rows = [[r[0]] + [cell(v) for v in r[1:]] for r in result["rows"]]
            if "final" in comments:
                table = []
                for kind, *values in rows:
                    text = " ".join(values)
                    if kind in ("+I", "+U"):
                        table.append(text)
                    else:
                        table.remove(text)
                lines += ["final", sql, "----", *sorted(table), ""]
            else:
                lines += ["stream", sql, "----", *[" ".join(row) for row in rows], ""]
        else:
            lines += ["statement ok", sql, ""]
            for table, rows in result.get("sinks", {}).items():
                lines += [*marks, f"sink {table.split('.')[-1]}", "----"]
                lines += [" ".join([r[0]] + [cell(v) for v in r[1:]]) for r in rows] + [""]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("\n".join(lines))


if __name__ == "__main__":
    main()
