"""rhei demo: the clickstream job on a made-up log and on the user's own."""

import os
import shutil
import subprocess
import sys

from kit import lines_below, rhei


def demo(d, *arguments):
    return rhei("demo", *arguments, directory=d.path)


def test_demo_adds_up_and_its_check_can_fail(d):
    told = demo(d, "--dir", d.at("demo"), "--lines", "20000", "--parallelism", "1").expect(0).out
    assert "views_per_minute      1440 rows  equal" in told and "= 20000 lines" in told, told
    part = next(f"{folder}/{name}" for folder, _, names in os.walk(d.at("demo/out/views_per_hour"))
                for name in names)
    with open(part, encoding="utf-8") as file:
        rows = file.readlines()
    with open(part, "w", encoding="utf-8") as file:
        file.writelines(rows[1:])
    check = [d.at(f"demo/{name}") for name in ("check.py", "log/access.log", "out", "counters.json")]
    done = subprocess.run([sys.executable, *check], capture_output=True, check=False)
    assert done.returncode == 1, done.stdout


def test_demo_on_shards_adds_up(d):
    told = demo(d, "--dir", d.at("demo"), "--lines", "20000", "--parallelism", "3").expect(0).out
    assert "= 20000 lines" in told and "ADD UP" not in told, told


def test_demo_leaves_what_is_there_alone(d):
    os.mkdir(d.at("mine"))
    demo(d, "--dir", d.at("mine"), "--lines", "10").expect(3, "mine exists already")
    assert not os.listdir(d.at("mine"))
    for _ in range(2):
        demo(d, "--lines", "1000").expect(0)
    assert os.path.isdir(d.at("rhei-demo/out")) and os.path.isdir(d.at("rhei-demo-2/out")), os.listdir(d.path)


def test_demo_on_a_log_of_ones_own(d):
    # Common and Combined format, and a line that is neither.
    log = d.file("access.log", '10.0.0.1 - - [21/Nov/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 5\n'
                 '10.0.0.2 - - [21/Nov/2026:10:00:01 +0000] "GET /a HTTP/1.1" 200 5 "-" "Mozilla"\nno log\n')
    demo(d, "--dir", d.at("demo"), "--log", log).expect(0)
    hours, _ = lines_below(d.at("demo/out/views_per_hour"))
    rejected, _ = lines_below(d.at("demo/out/rejected"))
    assert len(hours) == 1 and '"hits":2,"visitors":2,"sent":10}' in hours[0], hours
    assert len(rejected) == 1 and "no log" in rejected[0], rejected
    os.mkdir(d.at("logs"))
    shutil.copy(log, d.at("logs/one.log"))
    shutil.copy(log, d.at("logs/two.log"))
    demo(d, "--dir", d.at("demo2"), "--log", d.at("logs")).expect(0)
    assert len(lines_below(d.at("demo2/out/rejected"))[0]) == 2
    demo(d, "--dir", d.at("demo3"), "--log", d.at("nix.log")).expect(4, "nix.log")
