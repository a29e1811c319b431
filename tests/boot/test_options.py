# SPDX-License-Identifier: MIT
"""What the image does with its options, and that it finds its own faults."""

import os
import re

import pytest
from conftest import TOP
from runs import on


@on("self-test")
def test_broken_stubs_are_found(run):
    """Every broken stub's decisions are wrong, and no case of it passes."""
    assert run.report["run"]["complete"]
    rows = run.report["paths"]
    stubs = {row["path"].partition(":")[0] for row in rows
             if ":" in row["path"]}
    assert len(stubs) >= 3  # swaps twice, forgets to, by-cs on NMI
    for stub in stubs:
        wrong = [row["wrong"] for row in rows
                 if row["path"].startswith(stub + ":")]
        assert sum(wrong) > 0, stub
    assert run.report["run"]["verdicts"]["fail"] > 0
    assert run.report["run"]["verdicts"]["pass"] == 0
    assert "WRONG" in run.text("report.txt")


@on("no-reboot")
def test_no_reboot(run):
    run.assert_delivered()
    assert run.report["run"]["source"] == "live"
    assert "--no-reboot" in run.report["run"]["why_live"]
    assert run.serial.count("BdsDxe: starting") == 1


@on("only")
def test_only(run):
    run.assert_delivered()
    ids = run.checks()
    assert ids and all(name.startswith("exc.") for name in ids)


@on("list")
def test_list(run):
    """Names each case of tests/list.def and starts none."""
    assert run.status == 0
    with open(os.path.join(TOP, "tests/list.def"), encoding="utf-8") as file:
        cases = re.findall(r"^CASE\(\s*(\w+)", file.read(), re.MULTILINE)
    assert len(cases) > 5
    for case in cases:
        assert re.search(rf"^\s*{case}\b", run.serial, re.MULTILINE), case
    assert "KTAP" not in run.serial


@on("help")
def test_help(run):
    assert run.status == 0
    assert "Usage:" in run.serial
    assert "--self-test" in run.serial


@pytest.mark.parametrize("run, word", [
    ("unknown-option", "--bogus"), ("missing-value", "--only"),
    ("no-such-case", "nonsense"),
], indirect=["run"])
def test_one_clear_line(run, word):
    """The offending word is named, nothing is run."""
    assert run.status == 2
    lines = [line for line in run.serial.split("\n")
             if line.startswith("ringside: ")]
    assert len(lines) == 1
    assert word in lines[0]
    assert lines[0] in run.verdict
    assert "KTAP" not in run.serial
