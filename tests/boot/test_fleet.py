# SPDX-License-Identifier: MIT
"""scripts/fleet on a lab over loopback: two exporters and QEMUs as machines,
one of whose power switches fails at first; then a lab in which things go
wrong."""

import json
import os
import re
import subprocess
from xml.etree import ElementTree

import pytest
from conftest import BUILD, TOP
from ringside import NO_PACKAGE, child

pytest.importorskip("labgrid", reason=NO_PACKAGE + "labgrid")

import bench  # noqa: E402
import lab  # noqa: E402

FLEET = os.path.join(TOP, "scripts/fleet")
EFI = os.path.join(BUILD, "BOOTX64.EFI")
ARGS = "--only syscall64"
LIMIT = 1200    # seconds, if scripts/fleet itself hangs
RUN = pytest.mark.xdist_group("fleet")


class Fleet:
    """One finished run of scripts/fleet; everything it leaves is in folder."""

    def __init__(self, folder, env, *words):
        self.top = os.path.join(folder, "fleet")
        os.makedirs(os.path.join(folder, "host"), exist_ok=True)
        os.symlink(os.path.join(os.path.abspath(BUILD), "host",
                                "ringside-report"),
                   os.path.join(folder, "host", "ringside-report"))
        done = subprocess.run(
            [FLEET, str(env), "--build", str(folder), "--efi", EFI,
             f"--args={ARGS}", *words], capture_output=True, text=True,
            check=False, timeout=LIMIT, preexec_fn=child.end_with_parent)
        self.status, self.err = done.returncode, done.stderr
        self.lines = done.stdout.splitlines()

    def of(self, place):
        """What it said of a place."""
        return [line[len(place):].strip() for line in self.lines
                if line.split()[0] == place]

    def report(self, place):
        with open(os.path.join(self.top, place, "report.json"),
                  encoding="utf-8") as file:
            return json.load(file)

    def junit(self):
        path = os.path.join(self.top, "junit.xml")
        subprocess.run(["xmllint", "--noout", "--schema",
                        os.path.join(TOP, "tests/junit.xsd"), path],
                       check=True, capture_output=True)
        return {suite.get("name"): suite
                for suite in ElementTree.parse(path).iter("testsuite")}


@pytest.fixture(scope="module", name="good")
def _good(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    with lab.Lab(folder, EFI, ARGS) as it:
        it.fleet = Fleet(tmp_path_factory.mktemp("build"), it.env)
        it.after = it.client("places", "-a")
        yield it


@RUN
def test_every_place_completes(good):
    fleet = good.fleet
    assert fleet.status == 0, fleet.lines + [fleet.err]
    assert fleet.err == ""
    assert fleet.lines[-1].startswith("fleet: 3 of 3 places completed")
    for place, where in lab.PLACES.items():
        run = fleet.report(place)
        assert run["run"]["complete"]
        assert run["run"]["platform"]["name"] == place
        assert run["run"]["source"] == (
            "live" if where.medium == lab.THERE else "ram")
    brands = {fleet.report(place)["machine"]["brand"]
              for place in ("haswell", "epyc")}
    assert len(brands) == 2


@RUN
def test_the_place_is_tried_again_and_not_the_run(good):
    first, second, *_ = good.fleet.of("refuses")
    assert first.startswith("try 1 of 3: its power switch: ")
    assert second == "ringside has begun"
    assert {name: machine.starts
            for name, machine in good.machines.items()} == {
                "haswell": 1, "epyc": 1, "refuses": 2}
    assert good.fleet.of("refuses")[-1].endswith("; 2 tries")


@RUN
def test_labgrid_writes_and_reads_the_stick(good):
    with open(good.machines["epyc"].stick + ".mux", encoding="ascii") as file:
        assert file.read().split() == ["host", "dut", "host"]


@RUN
def test_nothing_is_kept(good):
    """Every place is released, and without power."""
    assert good.after.strip() == ""
    assert not [name for name, machine in good.machines.items()
                if machine.process]


@RUN
def test_junit(good):
    suites = good.fleet.junit()
    assert set(suites) == set(lab.PLACES)
    for place, suite in suites.items():
        verdicts = good.fleet.report(place)["run"]["verdicts"]
        checks = good.fleet.report(place)["checks"]
        assert int(suite.get("tests")) == 1 + len(checks)
        assert int(suite.get("errors")) == 0
        assert int(suite.get("failures")) == len(
            list(suite.iter("failure"))) == sum(
                verdicts[word] for word in ("fail", "hang", "reset"))
        assert {case.get("name") for case in suite.iter("testcase")} == {
            "run", *(check["id"] for check in checks)}


@RUN
def test_compare_page(good):
    with open(os.path.join(good.fleet.top, "compare.html"),
              encoding="utf-8") as file:
        text = file.read()
    for place in lab.PLACES:
        assert f'href="{place}/report.html"' in text or \
            f"href={place}/report.html" in text
        assert os.path.exists(os.path.join(good.fleet.top, place,
                                           "report.html"))
    assert not re.search(r"<script|url\(|@import|https?:", text)


# --- what goes wrong ----------------------------------------------------------

WRONG = {
    "good": lab.Where("east", "Haswell", lab.FILE),
    "held": lab.Where("east", "Haswell", lab.FILE),
    "dark": lab.Where("east", "Haswell", lab.FILE, bench.STAYS_OFF),
    "dies": lab.Where("west", "Haswell", lab.FILE, bench.DIES),
}


@pytest.fixture(scope="module", name="bad")
def _bad(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    with lab.Lab(folder, EFI, ARGS, WRONG, held=["held"]) as it:
        *others, dark = "good", "held", "dies", "dark"
        it.dark = Fleet(tmp_path_factory.mktemp("build"),
                        it.environment([dark]), "--start", "3", "--tries", "2")
        it.fleet = Fleet(tmp_path_factory.mktemp("build"),
                         it.environment(others))
        it.after = it.client("places", "-a")
        yield it


@RUN
def test_others_reports_are_kept(bad):
    assert bad.fleet.status == 2
    assert bad.fleet.lines[-1].startswith("fleet: 1 of 3 places completed")
    assert bad.fleet.of("good")[-1].startswith("complete, ")
    assert bad.fleet.report("good")["run"]["complete"]


@RUN
@pytest.mark.parametrize("place, starts, line", [
    ("held", 0, "[Pp]lace held is already acquired by [^/ ]*/somebody.*"),
    ("dark", 2, "its serial line is silent for 3 s, 2 times"),
    ("dies", 1, 'its serial line: .* behind ".*"'),
])
def test_one_line_says_it(bad, place, starts, line):
    fleet = bad.dark if place == "dark" else bad.fleet
    assert re.fullmatch(line, fleet.of(place)[-1]), fleet.lines
    assert bad.machines[place].starts == starts
    case = fleet.junit()[place].find("testcase")
    assert case.get("name") == "run"
    assert re.fullmatch(line, case.find("error").get("message"))


@RUN
def test_what_somebody_holds_stays_held(bad):
    assert bad.after.split() == ["held"]


@RUN
def test_interrupted_it_lets_go(bad, tmp_path):
    """Power and place are given back, and one line says why."""
    fleet = subprocess.Popen(
        [FLEET, bad.environment(["good"]), "--build", str(tmp_path), "--efi",
         EFI], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=child.end_with_parent)
    assert fleet.stdout.readline().split() == [
        "good", "ringside", "has", "begun"]
    fleet.terminate()
    _, errors = fleet.communicate(timeout=LIMIT)
    assert (fleet.returncode, errors) == (
        2, "fleet: interrupted by SIGTERM\n")
    assert bad.client("places", "-a").split() == ["held"]
    assert bad.machines["good"].process is None


@pytest.mark.parametrize("text, line", [
    (None, r"configuration file '.*' could not be found"),
    ("targets: [", "Error in configuration file: .*"),
    ("", ".* is no environment of labgrid's: .*|Configuration file is empty"),
    ("targets: {}", ".* has no targets"),
    ("targets: {'a/b': {drivers: {}}}", ".* no name for a directory"),
    ("options: {a: !template $LG_NONE}\ntargets: {a: {drivers: {}}}",
     ".* refers to unknown variable 'LG_NONE'"),
])
def test_env_that_is_no_environment(tmp_path, text, line):
    env = tmp_path / "env.yaml"
    if text is not None:
        env.write_text(text)
    fleet = Fleet(tmp_path, env)
    assert (fleet.status, fleet.lines) == (2, [])
    assert re.fullmatch(f"fleet: ({line})\n", fleet.err), fleet.err


@pytest.mark.parametrize("target, line", [
    ("drivers: {SerialDriver: {}}", ".*no supplier matching .*"),
    ("drivers: {NoSuchDriver: {}}", "unknown driver class NoSuchDriver"),
    ("resources: {RemotePlace: {name: a}}",
     "Could not connect to coordinator.*|.*[Cc]onnect.*|.*UNAVAILABLE.*"),
])
def test_a_target_without_a_place(tmp_path, target, line):
    """No driver for it, or no coordinator: one line, and no second one."""
    env = tmp_path / "env.yaml"
    option = "coordinator_address: 127.0.0.1:9" if lab.over_grpc() else \
        "crossbar_url: ws://127.0.0.1:9/ws"
    env.write_text(f"targets:\n  a:\n    {target}\noptions: {{{option}}}\n")
    fleet = Fleet(tmp_path, env)
    assert fleet.status == 2 and fleet.err == ""
    assert re.fullmatch(line, fleet.of("a")[-1]), fleet.lines
    assert len(fleet.lines) == 2    # and how many completed


def test_the_example_is_in_labgrids_words():
    """It is read, and each driver is one that labgrid has."""
    from labgrid.config import Config
    from labgrid.factory import target_factory
    config = Config(os.path.join(TOP, "tests/examples/lab.yaml"))
    targets = config.get_targets()
    assert len(targets) == 3
    for target in targets.values():
        _, drivers = target_factory.normalize_config(target)
        assert drivers and set(drivers) <= set(target_factory.drivers)
