"""The shell on a pipe and on a terminal."""

import os
import pty
import select
import time

import kit
from kit import GENERATED, lines_below, rhei, sink, table


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
            os.execv(kit.program(), [kit.program(), "sql"])

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
