"""What the tests of the program share: running rhei, what it told, tables, directories, jobs."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SECONDS_MAX = 60  # a command that takes longer hangs


def program():
    """The rhei under test, which cli_test.py names in the environment."""
    return os.environ["RHEI_UNDER_TEST"]


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
    done = subprocess.run([program(), *arguments], input=stdin.encode(), capture_output=True,
                          timeout=SECONDS_MAX, cwd=directory)
    return Outcome(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode())


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

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


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


GENERATED = "CREATE TABLE g (id BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '{}'{});\n"


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
        process = subprocess.Popen([program(), "run", script or self.script, *arguments], env=self.env,
                                   stdout=subprocess.DEVNULL, stderr=errors)
        errors.close()
        return process

    def told(self):
        with open(self.d.at("err.txt"), encoding="utf-8") as file:
            return file.read()

    def run(self, *arguments):
        done = subprocess.run([program(), "run", self.script, *arguments], env=self.env,
                              capture_output=True, timeout=SECONDS_MAX)
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    def rhei(self, *arguments):
        done = subprocess.run([program(), *arguments], env=self.env, capture_output=True,
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

    def start_and_wait(self, *arguments):
        """The process, once its job has a checkpoint of all that was fed."""
        process = self.start(*arguments)
        self.job_id()
        self.wait_checkpoint(process)
        return process

    def start_and_stop(self, *arguments):
        """A run that takes a checkpoint of all that was fed and is interrupted."""
        stop(self.start_and_wait(*arguments))


def stop(process):
    process.send_signal(signal.SIGINT)
    return process.wait(timeout=SECONDS_MAX)
