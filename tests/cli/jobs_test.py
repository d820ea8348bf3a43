"""Running jobs: rhei jobs, stop, attach, drain, the progress line."""

import os
import pty
import re
import select
import signal
import socket
import subprocess
import time

import kit
from kit import GENERATED, Jobs, SECONDS_MAX, lines_below, sink, stop, table


def test_jobs_and_stop(d):
    jobs = Jobs(d)
    assert jobs.rhei("jobs").expect(0, "no jobs are running").out == ""
    jobs.feed(10)
    process = jobs.start_and_wait()
    job = jobs.job_id()
    path = d.at(f"runtime/rhei/{process.pid}.sock")
    assert os.stat(path).st_mode & 0o777 == 0o600 and os.stat(d.at("runtime/rhei")).st_mode & 0o777 == 0o700
    listed = jobs.rhei("jobs").expect(0).out
    assert re.search(rf"{job} +{process.pid} +RUNNING +20\d\d-.* \d+ at 20\d\d-.*, \d+ ms, ", listed), listed
    jobs.rhei("stop", "ffffffffff").expect(4, "no running job has the id")
    jobs.rhei("stop", job[:6]).expect(0, f"job {job} stopped")
    assert process.wait(timeout=SECONDS_MAX) == 0, jobs.told()
    assert jobs.rows() == list(range(10)) and not os.path.exists(path)


def test_attach(d):
    jobs = Jobs(d)
    jobs.rhei("sql", "--attach", "-e", "SHOW JOBS").expect(4, "no process of yours runs jobs")
    jobs.feed(10)
    process = jobs.start_and_wait()
    job = jobs.job_id()
    for attach in (["--attach"], ["--attach", str(process.pid)]):
        out = jobs.rhei("sql", "--format", "csv", *attach, "-e", "SHOW JOBS; SELECT 1 AS a, 'x' AS a").expect(0).out
        assert out.startswith(f'job id,job name,status,start time\n"{job}",') and "RUNNING" in out, out
        assert out.endswith("a,a0\n1,x\n"), out
    out = jobs.rhei("sql", "--format", "csv", "--attach", "-e", f"SHOW CHECKPOINTS FOR JOB '{job}'").expect(0).out
    assert out.startswith("job id,checkpoint,created,duration ms,"), out
    assert 2 <= len(out.splitlines()) <= 6, out  # the retained ones, and some that nobody has swept yet
    out = jobs.rhei("sql", "--format", "csv", "--attach", "-e", "SHOW STATE; DESCRIBE JOB '" + job + "'").expect(0).out
    assert "operator,state,kind,rows,keys,bytes,hottest keys,oldest row" in out and "TableSourceScan-1" in out, out
    jobs.rhei("sql", "--attach", "-e", "SELECT x FROM nix").expect(3, "-e:1:15:", "Object 'nix' not found")
    init = d.file("init.sql", "CREATE VIEW v AS SELECT 7 AS n;\nSET 'pipeline.name' = 'of init';")
    out = jobs.rhei("sql", "--attach", "--format", "csv", "-i", init, "-D", "job.note=it's", "-e",
                    "SELECT n FROM v; SET").expect(0).out
    assert out.splitlines() == ["n", "7", "key,value", 'job.note,"it\'s"', 'pipeline.name,"of init"'], out
    jobs.rhei("sql", "--attach", "-D", "parallelism.default=x", "-e", "SET").expect(2, "-D parallelism.default")
    jobs.rhei("sql", "--attach", "-i", d.file("init.sql", "\nSHOW JOBS")).expect(3, "init.sql:2:1", "-i takes only")
    jobs.rhei("sql", "--attach", "-i", d.at("nix.sql")).expect(4, "nix.sql", "No such file")
    for option in (["--fresh"], ["--memory", "1gb"], ["--parallelism", "2"], ["--from", "1"]):
        jobs.rhei("sql", "--attach", *option, "-e", "SHOW JOBS").expect(2, f"{option[0]} has no meaning with --attach")
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


def test_jobs_of_every_place(d):
    """A job of cron or su has no XDG_RUNTIME_DIR, or another user's."""
    jobs = Jobs(d)
    jobs.feed(10)
    login = dict(jobs.env)
    for runtime in (None, "/proc/self"):
        jobs.env.pop("XDG_RUNTIME_DIR")
        if runtime:
            jobs.env["XDG_RUNTIME_DIR"] = runtime
        process = jobs.start()
        job = jobs.job_id()
        path = d.at(f"state/rhei/run/{process.pid}.sock")
        jobs.wait(lambda: os.path.exists(path), "socket", process)  # pylint: disable=cell-var-from-loop
        assert job in jobs.rhei("jobs").expect(0).out, jobs.told()
        jobs.env = dict(login)
        assert job in jobs.rhei("jobs").expect(0).out, jobs.told()
        jobs.rhei("stop", job).expect(0, f"job {job} stopped")
        assert process.wait(timeout=SECONDS_MAX) == 0 and not os.path.exists(path), jobs.told()
    assert "does not see this process" not in jobs.told(), jobs.told()


def test_a_halted_process_holds_nobody_up(d):
    jobs = Jobs(d)
    jobs.feed(10)
    process = jobs.start()
    jobs.job_id()
    path = d.at(f"runtime/rhei/{process.pid}.sock")
    process.send_signal(signal.SIGSTOP)
    clients = []
    try:
        # Its queue of connections is full.
        while len(clients) < 1000:
            client = socket.socket(socket.AF_UNIX)
            client.settimeout(0.2)
            clients.append(client)
            try:
                client.connect(path)
            except OSError:
                break
        assert len(clients) < 1000
        jobs.rhei("jobs").expect(0, f"note: process {process.pid}: the process does not answer", "no jobs are running")
        jobs.rhei("stop", "abc").expect(4, f"no answer from {process.pid}")
        jobs.rhei("sql", "--attach", "-e", "SHOW JOBS").expect(4, f"process {process.pid} does not answer")
    finally:
        process.send_signal(signal.SIGCONT)
        for client in clients:
            client.close()
    assert stop(process) == 130, jobs.told()


def test_an_attached_client_does_not_hold_the_end_up(d):
    """One that does not read, and one that waits for its INSERT."""
    jobs = Jobs(d)
    jobs.feed(10)
    process = jobs.start()
    jobs.job_id()
    generated = GENERATED.format(100000, "")
    paged = subprocess.Popen([kit.program(), "sql", "--attach", "--format", "json", "-e",
                              generated + "SELECT id, id, id FROM g"], env=jobs.env, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL)
    waits = subprocess.Popen([kit.program(), "sql", "--attach", "-e", generated + "SET 'table.dml-sync' = 'true';\n"
                              "CREATE TABLE b (id BIGINT) WITH ('connector' = 'blackhole');\n"
                              "INSERT INTO b SELECT id FROM g"], env=jobs.env, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    try:
        jobs.wait(lambda: jobs.rhei("jobs").out.count(" RUNNING ") == 3, "three jobs", process)
        time.sleep(1)  # for the pipe and the socket to fill
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=15) == 130, jobs.told()
    finally:
        for client in (paged, waits):
            client.kill()
            client.communicate()
        process.kill()


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
    jobs.start_and_stop()
    assert [line.count('"n":3600') for line in lines_below(d.at("out"))[0]] == [1], lines_below(d.at("out"))
    process = jobs.start_and_wait()
    job = jobs.job_id()
    jobs.rhei("stop", job, "--drain", "--savepoint", d.at("sp")).expect(0)
    assert process.wait(timeout=SECONDS_MAX) == 0, jobs.told()
    assert sorted(line.count('"n":1}') for line in lines_below(d.at("out"))[0]) == [0, 1], lines_below(d.at("out"))


def test_job_goes_on_after_a_drain(d):
    jobs = Jobs(d)
    window_job(d, jobs)
    jobs.feed(3601)
    process = jobs.start_and_wait()
    job = jobs.job_id()
    savepoint = jobs.rhei("stop", job, "--drain", "--savepoint", d.at("sp")).expect(0).out.strip()
    assert process.wait(timeout=SECONDS_MAX) == 0, jobs.told()
    drained = re.search(r"drained at checkpoint (\d+)", jobs.told())
    assert drained and "run it again to go on" not in jobs.told(), jobs.told()
    # Windows that have fired would fire again, so nobody goes on by chance.
    jobs.run().expect(5, "was stopped with a drain", f"--from {drained.group(1)} goes on", "--fresh")
    # Rows of a window that has fired open it anew, and none is late.
    jobs.feed(3700)
    for turn, (source, shards) in enumerate([(drained.group(1), "1"), (savepoint, "1"), (savepoint, "3")]):
        process = jobs.start_and_wait("--from", source, "--parallelism", shards)
        assert "it was drained" in jobs.told(), jobs.told()
        if turn == 1:
            # After a kill the next run goes on by itself.
            process.kill()
            process.wait()
            process = jobs.start_and_wait()
        stop(process)
        assert "late" not in jobs.told() and "run it again to go on" in jobs.told(), jobs.told()
        windows = [line for line in lines_below(d.at("out"))[0] if '"n":3599}' in line]
        assert len(windows) == turn + 1, (turn, lines_below(d.at("out")))


def test_insert_that_is_waited_for(d):
    jobs = Jobs(d, settings="SET 'table.dml-sync' = 'true';\nSET 'restart-strategy.type' = 'none';\n")
    jobs.feed(10)
    process = jobs.start_and_wait()
    job = jobs.job_id()
    assert jobs.rhei("stop", job).expect(0) and process.wait(timeout=SECONDS_MAX) == 0, jobs.told()
    assert jobs.told().count(" stopped: ") == 1 and jobs.rows() == list(range(10)), jobs.told()
    # It fails, once; what comes after it does not start.
    d.file("in/a.json", '{"id":\n')
    with open(jobs.script, "a", encoding="utf-8") as file:
        file.write("CREATE TABLE b (id BIGINT) WITH ('connector' = 'blackhole');\nINSERT INTO b SELECT id FROM t;\n")
    told = jobs.run().expect(1).err
    assert told.count("Failed to deserialize JSON") == 1 and told.count(" started: ") == 1, told


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


def test_progress_line(d):
    jobs = Jobs(d)
    window_job(d, jobs)
    jobs.feed(100)
    pid, master = pty.fork()
    if pid == 0:
        os.environ.update(jobs.env, TERM="xterm")
        os.execv("/bin/sh", ["/bin/sh", "-c", f"stty cols 400; exec {kit.program()} run {jobs.script}"])
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
