# SPDX-License-Identifier: MIT
"""What the image does with its options."""

import glob
import os
import re

import pytest
from conftest import TOP
from ringside import facts
from runs import MACHINES, on


def ids_in(case):
    """The checks that the file of a case names, in whichever family."""
    path, = glob.glob(os.path.join(TOP, "tests/cases/*", case + ".c"))
    with open(path, encoding="utf-8") as file:
        return set(re.findall(r'(?:\.id = |\{)"([\w.-]+)"', file.read()))


@on("no-reboot")
def test_no_reboot(run):
    run.assert_delivered()
    assert run.report["run"]["source"] == "live"
    assert "--no-reboot" in run.report["run"]["why_live"]
    assert run.serial.count("BdsDxe: starting") == 1


@on("only")
def test_only(run):
    run.assert_delivered()
    others = {name for name in run.checks() if not name.startswith("exc.")}
    assert len(run.checks("exc.")) > 10
    # What would show in every entry is found out first, whatever is run.
    assert others <= ids_in("flags")


@on(*(name for name, words in MACHINES.items() if "--args=--x2apic" in words))
def test_x2apic(run):
    """The core runs in x2APIC mode; what is about it is run, what is about
    xAPIC mode says why it is not.  QEMU's refuses no register that is not
    there or not so, and is right in all else."""
    run.assert_delivered()
    assert run.report["machine"]["apic_mode"] == "x2apic"
    found = run.report["checks"]
    wrong = {check["facts"] for check in found if check["verdict"] != "pass"
             and check["id"].startswith("lapic.x2apic.")}
    assert wrong <= ({"AP16"} if "qemu" in run.name else set())
    assert len(run.checks("lapic.x2apic.")) > 20
    assert set(run.checks("lapic.xapic.").values()) == {"skip"}
    assert set(run.checks("lapic.ipi.51.self-ipi.").values()) == {"pass"}
    assert run.report["run"]["swapgs"]["wrong"] == 0
    entries = {row["path"]: row["entries"] for row in run.report["paths"]}
    assert all(entries[path] for path in
               ("nmi", "apic.timer", "apic.self-ipi", "irq.20"))


@on("only-checks")
def test_only_checks(run):
    """A pattern of no case is one of checks: these alone of their cases."""
    run.assert_delivered()
    some = set(run.checks("exc."))
    assert some and all(re.match(r"exc\.d.\.", name) for name in some)
    assert len(run.checks("int80.")) > 1  # a case, and all of it
    others = {name for name in run.checks()
              if not name.startswith(("exc.", "int80."))}
    assert others <= ids_in("flags")


@on("only-long")
def test_only_long(run):
    run.assert_delivered()
    assert run.checks("exc.de.")


@on("no-such-check", "no-such-check-live")
def test_no_such_check(run):
    """The core alone can know; it says so in one line and runs nothing."""
    assert run.status == 2
    line = 'no case or check matches "exc.nonsense.*"; --list'
    assert line in run.verdict
    assert "\nok 1 " not in run.serial and "KTAP" not in run.serial
    if os.path.exists(run.path("report.json")):  # the core's own, live
        assert not run.report["checks"]


@on("no-such-case-of-many")
def test_only_the_pattern_is_quoted(run):
    assert 'no case matches "nonsense";' in run.verdict


@on("list")
def test_list(run):
    """Names each case of tests/cases/list.def and starts none."""
    assert run.status == 0
    with open(os.path.join(TOP, "tests/cases/list.def"),
              encoding="utf-8") as file:
        cases = re.findall(r"^(?:CASE|EACH|TURN|ONCE|LAST)\(\s*(\w+)",
                           file.read(), re.MULTILINE)
    assert len(cases) > 5
    for case in cases:
        assert re.search(rf"^\s*{case}\b", run.serial, re.MULTILINE), case
    assert "KTAP" not in run.serial


@on("help")
def test_help(run):
    assert run.status == 0
    assert "Usage:" in run.serial
    assert "--self-test" in run.serial


@on("explain", "uboot-explain")
def test_explain(run):
    """The essay of a case, and no more."""
    assert run.status == 0
    assert "run: done" in run.verdict
    with open(os.path.join(TOP, "tests/cases/exceptions/exc.c"),
              encoding="utf-8") as file:
        essay = file.read().partition("*/\n/*")[2].partition("*/")[0]
    lines = [line.strip(" *") for line in essay.split("\n")]
    assert len(lines) > 5
    assert [line for line in lines if line not in run.serial] == []
    assert "KTAP" not in run.serial


@on("list-checks")
def test_list_checks(run):
    """Each check is named in a report, and none is run."""
    run.assert_delivered()
    with open(os.path.join(TOP, "tests/known/counts.txt"),
              encoding="ascii") as file:
        words = [line.split()[0] for line in file if line[0] != "#"]
    named = run.checks()
    assert {name.partition(".")[0] for name in named} >= set(words)
    ran = [name for name, verdict in named.items() if verdict != "notrun"]
    assert len(ran) < len(named) / 100


@on("explain-fact")
def test_explain_a_fact(run):
    """Its row as the catalogue has it, and who asks it."""
    assert run.status == 0
    rows = facts.rows()
    text = facts.lines(rows["IV18"], facts.asked()["IV18"])
    assert "\n".join(text) in run.serial.replace("\r", "")
    assert text[-1].startswith("asked by:") or text[-1].startswith("    ")


@pytest.mark.parametrize("run, word", [
    ("unknown-option", "--bogus"), ("missing-value", "--only"),
    ("no-such-case", "nonsense"), ("uboot-no-such-case", "nonsense"),
    ("explain-nothing", "nonsense"),
    ("open-quote", "unbalanced quote"), ("no-x2apic", "--x2apic"),
    ("only-too-long", "1279 bytes fit"), ("odd-cpus", '3-5: "all"'),
], indirect=["run"])
def test_one_clear_line(run, word):
    """The offending word is named, nothing is run."""
    assert run.status == 2
    lines = [line for line in run.serial.split("\n")
             if line.startswith("ringside: ")]
    assert len(lines) == 1
    assert word in lines[0]
    assert lines[0] in run.verdict  # and not that time is up
    assert "KTAP" not in run.serial
