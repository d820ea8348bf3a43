"""Output that is closed or full, directories with two writers, interrupts, exit codes, memory."""

import os
import re
import resource
import signal
import subprocess
import time

import kit
from kit import GENERATED, Outcome, SECONDS_MAX, lines_below, rhei, run, sink, table


def test_closed_output(d):
    with open(d.at("err"), "wb") as err:
        command = subprocess.Popen([kit.program(), "run", "-q", "--format", "csv", "-e",
                                    GENERATED.format(100000, "") + "SELECT * FROM g"],
                                   stdout=subprocess.PIPE, stderr=err)
        assert command.stdout.readline() == b"id\n"
        command.stdout.close()
        code = command.wait(timeout=SECONDS_MAX)
    with open(d.at("err"), encoding="utf-8") as err:
        told = err.read()
    assert (code, told) == (0, ""), (code, told)


def test_head_stops_the_jobs_that_print(d):
    # What the other jobs have read until then is in finished files.
    script = (GENERATED.format(100000, "") + sink(d.at("out")) + "CREATE TABLE p (id BIGINT) WITH ('connector' = "
              "'print');\nINSERT INTO o SELECT id FROM g;\nINSERT INTO p SELECT id FROM g;\n")
    for command, text in ((["run", "-"], script), (["sql"], script),
                          (["run", "-"], "SET 'table.dml-sync' = 'true';\n" + script.replace("INSERT INTO o", "-- "))):
        with open(d.at("err"), "wb") as err:
            program = subprocess.Popen([kit.program(), *command], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=err)
            program.stdin.write(text.encode())
            program.stdin.close()
            assert program.stdout.readline().startswith(b"+I[")
            program.stdout.close()
            code = program.wait(timeout=SECONDS_MAX)
        with open(d.at("err"), encoding="utf-8") as err:
            told = err.read()
        assert code == 0 and "error" not in told and "failed" not in told, (command, code, told)
        assert not lines_below(d.at("out"))[1], lines_below(d.at("out"))[1]


def test_two_jobs_write_one_directory(d):
    source = table(d.file("in.json", "".join(f'{{"id":{i}}}\n' for i in range(100))))
    out = d.at("out")
    statement = source + sink(out) + "INSERT INTO o SELECT id FROM t;\n"
    processes = [subprocess.Popen([kit.program(), "run", "-q", "-e", statement + "INSERT INTO o SELECT id FROM t"])
                 for _ in range(2)]
    assert [process.wait(timeout=SECONDS_MAX) for process in processes] == [0, 0]
    lines, open_files = lines_below(out)
    assert not open_files, open_files
    expected = sorted(f'{{"id":{i}}}' for i in range(100) for _ in range(4))
    assert sorted(lines) == expected, len(lines)


def test_full_disk(d):
    disk = d.at("disk")
    os.mkdir(disk)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk],
                             capture_output=True, check=False)
    if mounted.returncode != 0:
        print(f"note: no disk to fill: {mounted.stderr.decode().strip()}; files are limited instead")
        done = subprocess.run(
            [kit.program(), "run", "-q", "-e", GENERATED.format(1000000, ", 'number-of-rows' = '200000'") +
             sink(disk + "/out") + "INSERT INTO o SELECT id FROM g"], capture_output=True,
            timeout=SECONDS_MAX, check=False, restore_signals=False,  # SIGXFSZ stays ignored
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 18, 1 << 18)))
        Outcome(done.returncode, "", done.stderr.decode()).expect(1, disk, "File too large")
        return
    try:
        number = ", 'number-of-rows' = '200000'"
        outcome = run(GENERATED.format(1000000, number) + sink(disk + "/out") +
                      "INSERT INTO o SELECT id FROM g")
        outcome.expect(1, disk, "No space left on device")
    finally:
        subprocess.run(["umount", disk], check=True)


def test_full_output(d):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([kit.program(), "run", "-q", "-e", "SELECT 1"], stdout=full,
                              stderr=subprocess.PIPE, timeout=SECONDS_MAX, check=False)
    Outcome(done.returncode, "", done.stderr.decode()).expect(
        1, "standard output: No space left on device")


def interrupted(d, sql):
    """Runs it until it has told or printed something (or for 3 s), a second more, then Ctrl-C."""
    paths = d.at("out.txt"), d.at("err.txt")
    with open(paths[0], "wb") as out, open(paths[1], "wb") as err:
        command = subprocess.Popen([kit.program(), "run", "--format", "csv", "-e", sql], stdout=out, stderr=err)
    end = time.time() + 3
    while time.time() < end and not any(os.path.getsize(path) for path in paths):
        time.sleep(0.05)
    time.sleep(1)
    command.send_signal(signal.SIGINT)
    code = command.wait(timeout=SECONDS_MAX)
    texts = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            texts.append(file.read())
    return Outcome(code, *texts)


def test_interrupted_insert_finishes_its_files(d):
    outcome = interrupted(d, GENERATED.format(1000, "") + sink(d.at("out")) +
                          "INSERT INTO o SELECT id FROM g")
    outcome.expect(130, "stopping", "stopped")
    lines, open_files = lines_below(d.at("out"))
    assert not open_files, open_files
    written = int(re.search(r"(\d+) written", outcome.err).group(1))
    assert 0 < written == len(lines), (written, len(lines))


def test_interrupted_insert_that_is_waited_for(d):
    outcome = interrupted(d, "SET 'table.dml-sync' = 'true';\n" + GENERATED.format(1000, "") +
                          sink(d.at("out")) + "INSERT INTO o SELECT id FROM g;\n"
                          "INSERT INTO o SELECT id + 1 FROM g")
    outcome.expect(130, "stopped")
    lines, open_files = lines_below(d.at("out"))
    written = re.findall(r"(\d+) written", outcome.err)
    assert not open_files and len(written) == 1 and int(written[0]) == len(lines), outcome.err


def test_interrupted_query(d):
    outcome = interrupted(d, GENERATED.format(100, "") + "SELECT * FROM g").expect(130, "stopped: ")
    rows = int(re.search(r"stopped: (\d+) rows", outcome.err).group(1))
    assert 0 < rows == len(outcome.out.split()) - 1, (rows, outcome.out)


def test_exit_code_is_the_worst(d):
    sql = (table(d.at("nix.json")) + "CREATE TABLE o (id BIGINT) WITH ('connector' = 'blackhole');\n"
           "CREATE TABLE v (id BIGINT) WITH ('connector' = 'blackhole');\n"
           "INSERT INTO v VALUES (1);\nINSERT INTO o SELECT id FROM t;\n")
    run(sql).expect(4, "nix.json")


def test_memory_setting(d):
    run(GENERATED.format(10000000, "") +
        "CREATE TABLE o (id BIGINT, n BIGINT) WITH ('connector' = 'blackhole');\n"
        "INSERT INTO o SELECT id, COUNT(*) FROM g GROUP BY id", "-D", "rhei.memory=10mb").expect(
            1, "memory limit reached")
    run("SET 'rhei.memory' = '10mb'").expect(3, "-e:1:", "--memory or -D")


def test_memory_limit(d):
    outcome = rhei("run", "--memory", "20mb", "-D", "execution.checkpointing.interval=1 s", "-D",
                   "pipeline.name=memory-test", "-D", f"execution.checkpointing.dir={d.at('cp')}", "-e",
                   GENERATED.format(10000000, "") +
                   "CREATE TABLE o (id BIGINT, n BIGINT) WITH ('connector' = 'blackhole');\n"
                   "INSERT INTO o SELECT id, COUNT(*) FROM g GROUP BY id")
    outcome.expect(1, "memory limit reached", "process", "GroupAggregate")
    assert "restarted" not in outcome.err, outcome.err
