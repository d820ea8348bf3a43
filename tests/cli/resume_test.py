"""Jobs that go on from a checkpoint or savepoint after stops, kills, edits and errors."""

import os
import re
import shutil
import signal
import subprocess
import time

from kit import GENERATED, Jobs, SECONDS_MAX, lines_below, program, rhei, sink, stop, table


def test_job_goes_on_after_a_stop(d):
    jobs = Jobs(d)
    jobs.feed(100)
    process = jobs.start_and_wait()
    first = jobs.job_id()
    assert stop(process) == 130, jobs.told()
    assert "stands at checkpoint" in jobs.told() and jobs.rows() == list(range(100)), jobs.told()
    jobs.feed(50)
    process = jobs.start_and_wait()
    assert jobs.job_id() == first, jobs.told()
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
        process = jobs.start_and_wait("--parallelism", str(turn % 3 + 1))
        jobs.feed(1000)
        time.sleep(0.03 * turn)
        process.kill()
        process.wait()
    jobs.start_and_stop()
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
    process = jobs.start_and_wait()
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
    jobs.start_and_stop("--from", str(older), "--accept-duplicates")
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
    process = jobs.start_and_wait()
    first = jobs.job_id()
    stop(process)
    jobs.start_and_stop("--fresh")
    assert jobs.job_id() != first
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
    process = jobs.start_and_wait()
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
    jobs.start_and_stop()
    # An edit that keeps the state.
    write("SELECT k + 1, n FROM (SELECT id AS k, COUNT(*) AS n FROM t GROUP BY id) WHERE n > 5")
    jobs.start_and_stop()
    assert "continues from checkpoint" in jobs.told(), jobs.told()
    # One that does not.
    write("SELECT id % 7, COUNT(*) FROM t GROUP BY id % 7")
    refused = jobs.run().expect(5, "the job has changed since checkpoint", "changed ", "GroupAggregate-1",
                                "--fresh", "--allow-dropped-state")
    assert "started" not in refused.err, refused.err
    jobs.start_and_stop("--allow-dropped-state")
    assert "changed " in jobs.told() and "continues from" in jobs.told(), jobs.told()
    jobs.start_and_stop()
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
    jobs.start_and_stop("--allow-dropped-state")
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
    jobs.start_and_stop("--allow-dropped-state")
    assert jobs.rows() == list(range(100)), jobs.told()


def test_restart_strategy(d):
    jobs = Jobs(d, settings="SET 'restart-strategy.type' = 'fixed-delay';\n"
                "SET 'restart-strategy.fixed-delay.attempts' = '2';\n"
                "SET 'restart-strategy.fixed-delay.delay' = '100 ms';\n")
    jobs.feed(5)
    process = jobs.start_and_wait()
    d.file("in/1.json", '{"id":\n')
    assert process.wait(timeout=SECONDS_MAX) == 1, jobs.told()
    told = jobs.told()
    assert told.count("is restarted in 0.1 s") == 2 and told.count("runs again from checkpoint") == 2, told
    assert "2 restarts were made" in told and "Failed to deserialize JSON" in told, told
    # What is mended goes on where it was. (The file stays: a checkpoint may know of it.)
    d.file("in/1.json", '{"id":99}\n')
    process = jobs.start()
    jobs.job_id()
    jobs.feed(5)
    jobs.wait_checkpoint(process)
    stop(process)
    assert jobs.rows() == [*range(10), 99], jobs.rows()


def test_no_restart_without_an_interval(d):
    outcome = rhei("run", "-e", table(d.file("in.json", '{"id":\n')) + sink(d.at("out")) +
                   "INSERT INTO o SELECT id FROM t").expect(1, "Failed to deserialize JSON")
    assert "restarted" not in outcome.err, outcome.err


def test_savepoints(d):
    jobs = Jobs(d)
    jobs.feed(10)
    process = jobs.start_and_wait()
    job = jobs.job_id()
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
    jobs.start_and_stop("--from", moved)
    assert jobs.job_id() != job
    assert "starts from savepoint" in jobs.told(), jobs.told()
    assert jobs.rows() == list(range(10, 30)), jobs.rows()
    # As a setting it only counts while there is no checkpoint.
    jobs.start_and_stop("-D", f"execution.savepoint.path={second}")
    assert "continues from checkpoint" in jobs.told() and jobs.rows() == list(range(10, 30)), jobs.told()
    jobs.run("--from", d.at("nix")).expect(4, "nix")


def test_savepoints_of_a_job_that_keeps_no_checkpoints(d):
    jobs = Jobs(d, settings="SET 'restart-strategy.type' = 'none';\n")
    jobs.write("SELECT id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY id ORDER BY pt) AS n FROM t) WHERE n = 1",
               table_columns="id BIGINT, pt AS PROCTIME()")
    with open(jobs.script, encoding="utf-8") as file:
        sql = file.read()
    jobs.feed(1000)
    process = jobs.start(sql, script="-e")
    job = jobs.job_id()
    path = None
    for turn in (1, 2, 3):
        # Barriers without states are before, between and behind.
        time.sleep(0.5)
        path = jobs.rhei("savepoint", job, d.at("sp")).expect(0).out.strip()
        assert jobs.rows() == list(range(1000 * turn)), (turn, len(jobs.rows()))
        jobs.feed(1000)
    time.sleep(0.3)
    assert "does not resume" in jobs.told(), jobs.told()
    # The barrier of a stop holds no state either, but for a savepoint.
    path = jobs.rhei("stop", "--savepoint", d.at("sp"), job).expect(0).out.strip()
    process.wait()
    assert jobs.rows() == list(range(4000)), len(jobs.rows())
    jobs.feed(1000)
    # All rows come again: those that the savepoint knows are dropped.
    for name in sorted(os.listdir(d.at("in"))):
        shutil.copy(d.at("in/" + name), d.at("in/again-" + name))
    process = jobs.start(sql, "--from", path, script="-e")
    jobs.job_id()
    time.sleep(1)
    stop(process)
    assert "starts from savepoint" in jobs.told() and jobs.rows() == list(range(5000)), len(jobs.rows())


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


def two_sinks(d, jobs, statements):
    """The script over `in` with the sinks o (`out`) and p (`out2`) and these statements."""
    jobs.script = d.file("job.sql", jobs.settings + table(
        d.at("in"), columns="id BIGINT", options=", 'source.monitor-interval' = '50 ms'") +
        sink(d.at("out")) + sink(d.at("out2")).replace("TABLE o", "TABLE p") + statements)


def run_until_checkpoint(jobs, *arguments, count=1):
    process = jobs.start(*arguments)
    jobs.wait(lambda: jobs.told().count(" started: ") == count, "jobs", process)
    jobs.wait_checkpoint(process)
    jobs.wait_checkpoint(process)
    stop(process)
    return jobs.told()


def second_rows(d):
    return sorted(int(re.search(r":(\d+)", line).group(1)) for line in lines_below(d.at("out2"))[0])


O, P = "INSERT INTO o SELECT id FROM t;\n", "INSERT INTO p SELECT id FROM t;\n"


def test_inserts_added_to_a_file_and_removed(d):
    jobs = Jobs(d)
    two_sinks(d, jobs, O)
    jobs.feed(10)
    first = re.search(r"job ([0-9a-f]{32}) started", run_until_checkpoint(jobs)).group(1)
    # Each file, its jobs, and how many of them go on.
    for statements, count, known in ((P + O, 2, 1), (O + P, 2, 2), (O, 1, 1), (O + P, 2, 2), (P, 1, 1), (P + O, 2, 2)):
        two_sinks(d, jobs, statements)
        jobs.feed(10)
        told = run_until_checkpoint(jobs, count=count)
        assert told.count("continues from checkpoint") == known, (statements, told)
        assert O not in statements or f"job {first} continues" in told, (statements, told)
    assert jobs.rows() == list(range(70)), jobs.rows()
    assert second_rows(d) == list(range(70)), second_rows(d)


def test_statement_set_of_several_jobs_that_grows_or_is_split(d):
    jobs = Jobs(d)
    # The set of one sink is in a file with another job; then it writes two.
    def of_sets(first):
        return ("BEGIN STATEMENT SET;\n" + first + "END;\nCREATE TABLE b (id BIGINT) WITH ('connector' = 'blackhole');\n"
                "INSERT INTO b SELECT id FROM t;\n")
    two_sinks(d, jobs, of_sets(O))
    jobs.feed(10)
    run_until_checkpoint(jobs, count=2)
    two_sinks(d, jobs, of_sets(O + P))
    told = run_until_checkpoint(jobs, count=2)
    assert told.count("continues from checkpoint") == 2 and "new " in told, told
    two_sinks(d, jobs, of_sets(O) + P)
    jobs.run().expect(5, "dropped ", "/Sink-1 writes default_catalog.default_database.p", "--fresh")
    two_sinks(d, jobs, of_sets(P))
    jobs.run().expect(5, "default_catalog.default_database.o, default_catalog.default_database.p; none of its jobs",
                      "--fresh")
    two_sinks(d, jobs, of_sets(O) + P)
    assert jobs.rows() == list(range(10)) and second_rows(d) == [], second_rows(d)
    run_until_checkpoint(jobs, "--fresh", count=3)
    told = run_until_checkpoint(jobs, count=3)
    assert told.count("continues from checkpoint") == 3, told


def test_source_from_somewhere_else(d):
    jobs = Jobs(d)
    jobs.feed(10)
    jobs.start_and_stop()
    with open(jobs.script, encoding="utf-8") as file:
        text = file.read()
    shutil.copytree(d.at("in"), d.at("elsewhere"))
    d.file("job.sql", text.replace(d.at("in"), d.at("elsewhere")))
    jobs.run().expect(5, "reads from somewhere else", f"filesystem {d.at('in')}", f"filesystem {d.at('elsewhere')}",
                      "--allow-dropped-state")
    d.file("job.sql", text.replace("'connector' = 'filesystem', 'path' = '" + d.at("in") + "', 'format' = 'json', "
                                   "'source.monitor-interval' = '50 ms'", "'connector' = 'datagen', 'rows-per-second' = '1'"))
    jobs.run().expect(5, "reads from somewhere else", f"filesystem {d.at('in')}", "datagen", "--allow-dropped-state")
    # Below the new path it is found again.
    os.mkdir(d.at("all"))
    d.file("job.sql", text)
    jobs.start_and_stop()
    assert jobs.rows() == list(range(10)), jobs.rows()
    d.file("job.sql", text.replace(d.at("in"), d.at("elsewhere")))
    jobs.start_and_stop("--allow-dropped-state")
    assert jobs.rows() == sorted(list(range(10)) * 2), jobs.rows()


def test_from_a_savepoint_with_two_jobs(d):
    jobs = Jobs(d)
    two_sinks(d, jobs, O + P)
    jobs.feed(10)
    process = jobs.start()
    jobs.wait(lambda: jobs.told().count(" started: ") == 2, "jobs", process)
    jobs.wait_checkpoint(process)
    jobs.wait_checkpoint(process)
    of_p = re.findall(r"job ([0-9a-f]{32}) started", jobs.told())[1]
    savepoint = jobs.rhei("savepoint", of_p, d.at("sp")).expect(0).out.strip()
    jobs.feed(10)
    jobs.wait_checkpoint(process)
    jobs.wait_checkpoint(process)
    stop(process)
    # It is the second one's alone.
    told = run_until_checkpoint(jobs, "--from", savepoint, count=2)
    assert told.count("starts from savepoint") == 1 and told.count("continues from checkpoint") == 1, told
    assert jobs.rows() == list(range(20)), jobs.rows()
    assert second_rows(d) == sorted(list(range(20)) + list(range(10, 20))), second_rows(d)
    # A number says nothing where each has checkpoints of its own; nor does a savepoint of neither.
    for arguments, told in ((["--from", "1"], "--from 1: the file has 2 jobs"),
                            (["--from", savepoint], "default_catalog.default_database.p")):
        if arguments[1] == savepoint:
            two_sinks(d, jobs, O + "CREATE TABLE q (id BIGINT) WITH ('connector' = 'blackhole');\n" + P.replace(" p ", " q "))
        refused = jobs.run(*arguments)
        assert refused.code not in (0, 130) and told in refused.err and " started" not in refused.err, refused.err
    two_sinks(d, jobs, P + P)
    refused = jobs.run("--from", savepoint)
    assert refused.code != 0 and "2 of the file's 2 jobs" in refused.err and " started" not in refused.err, refused.err


def test_relative_directories_are_refused(d):
    jobs = Jobs(d)
    for key in ("execution.checkpointing.dir", "execution.state-recovery.path"):
        refused = jobs.run("-D", f"{key}=cp")
        assert refused.code != 0, refused.err
        assert f"{key}: 'cp' is no absolute path" in refused.err and " started" not in refused.err, refused.err


def bounded_pair(d, jobs, settings="", between=""):
    jobs.script = d.file("job.sql", jobs.settings + settings + table(d.at("in"), columns="id BIGINT") + sink(d.at("out")) +
                         sink(d.at("out2")).replace("TABLE o", "TABLE p") + O + between + P)


def test_killed_between_the_marks_of_two_jobs(d):
    jobs = Jobs(d)
    bounded_pair(d, jobs)
    jobs.feed(10)
    jobs.env["RHEI_KILL_AT"] = "finished-mark:1"
    assert jobs.run().code == -signal.SIGKILL
    del jobs.env["RHEI_KILL_AT"]
    told = jobs.run().expect(0).err
    assert told.count("had come to its end") == 2, told
    assert jobs.rows() == second_rows(d) == list(range(10)), (jobs.rows(), second_rows(d))
    # The run is complete now.
    told = jobs.run().expect(0).err
    assert told.count("this one begins anew") == 2, told
    assert jobs.rows() == second_rows(d) == sorted(list(range(10)) * 2), (jobs.rows(), second_rows(d))
    jobs.env["RHEI_KILL_AT"] = "finished-mark:2"
    assert jobs.run().code == -signal.SIGKILL
    del jobs.env["RHEI_KILL_AT"]
    assert jobs.run().expect(0).err.count("this one begins anew") == 2
    assert jobs.rows() == second_rows(d) == sorted(list(range(10)) * 4), (jobs.rows(), second_rows(d))


def test_job_that_a_killed_run_had_not_come_to(d):
    jobs = Jobs(d)
    bounded_pair(d, jobs, "SET 'table.dml-sync' = 'true';\n")
    jobs.feed(10)
    jobs.run().expect(0)
    # The mark of the second one is of the run before.
    jobs.env["RHEI_KILL_AT"] = "committed-mark:1"
    assert jobs.run().code == -signal.SIGKILL
    del jobs.env["RHEI_KILL_AT"]
    told = jobs.run().expect(0).err
    assert told.count("begins anew") == 1, told
    assert jobs.rows() == second_rows(d) == sorted(list(range(10)) * 2), (jobs.rows(), second_rows(d))


def test_job_that_was_not_started_because_output_was_closed(d):
    jobs = Jobs(d)
    bounded_pair(d, jobs, between=GENERATED.format(1000, "") + "SELECT id FROM g;\n")
    jobs.feed(10)
    with subprocess.Popen([program(), "run", jobs.script], env=jobs.env, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        jobs.wait(lambda: jobs.rows() == list(range(10)), "end of the first job", process)
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=SECONDS_MAX) == 0
    assert second_rows(d) == []
    bounded_pair(d, jobs)
    jobs.run().expect(0, "had come to its end")
    assert jobs.rows() == second_rows(d) == list(range(10)), (jobs.rows(), second_rows(d))
