"""Wrong command lines (exit code 2) and settings, help, scripts that are not there (4)."""

from kit import rhei, run, table


def test_wrong_command_line(d):
    rhei().expect(2)
    rhei("nix").expect(2)
    rhei("run").expect(2, "FILE or -e")
    rhei("run", "--nix", "-e", "SELECT 1").expect(2, "--nix")
    rhei("run", "-D", "x", "-e", "SELECT 1").expect(2, "-D needs KEY=VALUE")
    rhei("run", "--parallelism", "-1", "-e", "SELECT 1").expect(2, "parallelism")
    rhei("run", "--memory", "1x", "-e", "SELECT 1").expect(2, "'1x' is not a size")
    rhei("run", "--format", "x", "-e", "SELECT 1").expect(2, "table, json, csv or changelog")


def test_wrong_settings(d):
    run("SELECT 1", "--parallelism", "100000").expect(3, "parallelism 100000 is not possible")
    run("SELECT 1", "-D", "execution.runtime-mode=nix").expect(2, "'nix' is not one of")
    run("SET 'parallelism.default' = 'x'").expect(3, "-e:1:", "'x' is not an integer")
    rhei("run", "-D", "nix.key=1", "-e", "SELECT 1").expect(0, "accepted without effect here: nix.key")
    run(table("${env:RHEI_IS_NOT_SET}") + "SELECT * FROM t").expect(3, "'RHEI_IS_NOT_SET' is not set")


def test_help_and_version(d):
    for command in ("run", "sql", "check", "explain", "test", "demo", "infer", "reference", "version"):
        assert rhei(command, "--help").expect(0).out.strip(), command
    rhei().expect(2, "Usage: rhei", "infer")
    rhei("rnu", "x.sql").expect(2, "rhei: 'rnu' is no command (see rhei --help)")
    rhei("run", "--nix", "x.sql").expect(2, "rhei run: ", "--nix", "(see rhei run --help)")
    rhei("run", "--parallelism", "0", "x.sql").expect(2, "--parallelism: '0' is not a whole number of at least 1")
    rhei("check", "--fresh", "x.sql").expect(2, "rhei check: ", "--fresh")
    assert rhei("version").expect(0).out.startswith("rhei ")


def test_missing_script(d):
    rhei("run", d.at("nix.sql")).expect(4, "nix.sql", "No such file")
    rhei("run", "-i", d.at("nix.sql"), "-e", "SELECT 1").expect(4, "nix.sql", "No such file")
