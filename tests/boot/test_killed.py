# SPDX-License-Identifier: MIT
"""An emulator that is killed in the middle of a run takes nothing with it.

SIGKILL comes at seeded moments.  It says nothing about the check that was
running, so that its case is run again, and the report is that of a run that
nobody has disturbed.
"""

import os

from conftest import KNOWN
from ringside import known, knownfiles
from runs import on

RUNS = ("killed", "killed-bochs", "killed-ovmf")


def again(run):
    """How often the run was cut short."""
    return run.out.count("it is started anew")


@on(*RUNS)
def test_it_was_killed_and_went_on(run):
    run.assert_delivered()
    assert again(run) >= 1
    assert run.serial.count("the run was cut short from outside") >= 1
    assert run.report["run"]["damaged"] == 0


@on(*RUNS)
def test_the_report_is_whole(run):
    """Each check once, with the verdict that it always has."""
    checks = [check["id"] for check in run.report["checks"]]
    assert len(checks) == len(set(checks))
    assert run.differences() == []
    assert known.count(run.report) == knownfiles.load_counts(
        os.path.join(KNOWN, "counts.txt"))
    assert not {"hang", "reset"} & set(run.checks().values())


@on(*RUNS)
def test_so_are_the_windows_and_paths(run):
    """No boundary twice, and none missing."""
    window = [(row["specimen"], row["path"], row["index"])
              for row in run.report["window"]]
    assert len(window) == len(set(window))
    of_each = {(row["specimen"], row["path"]): row["boundaries"]
               for row in run.report["subjects"]}
    assert len(of_each) == len(run.report["subjects"])
    assert len(window) == sum(of_each.values())
    rows = [(row["path"], row["from"]) for row in run.report["paths"]]
    assert len(rows) == len(set(rows))
