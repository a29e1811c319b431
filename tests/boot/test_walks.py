# SPDX-License-Identifier: MIT
"""The window, where the TSC counts instructions: none is missed, and all that
is found is known.  Most of tests/mutants/window.txt is caught here."""

import os

from conftest import TOP
from ringside import hashes
from ringside.platforms import BOCHS
from runs import emulated_by, on

ICOUNT = "window-icount"


@on(ICOUNT, *emulated_by(BOCHS))
def test_every_instruction_is_counted(run):
    """Where the TSC counts instructions, and their number is that of the
    boundaries; coming from ring 0 the first one is no boundary."""
    counted = [row for row in run.report["subjects"] if row["instructions"]]
    assert len(counted) > 80
    for row in counted:
        ring0 = row["path"].endswith("-ring0")
        assert row["instructions"] == row["boundaries"] + ring0, row
    paths = {row["path"] for row in counted}
    assert paths >= {"syscall64", "int80", "int80-ring0", "ud", "gp-ring0",
                     "np", "pf", "pf-ring0"}


@on(ICOUNT)
def test_nothing_is_found(run):
    """Every specimen is right, or wrong where its rules say, and so to the
    bit in every record of a boundary."""
    assert not [check["id"] for check in run.report["checks"]
                if check["id"].startswith("window.")
                and check["verdict"] not in ("pass", "skip")]
    seen = hashes.of_report(run.report)
    known = hashes.load(os.path.join(TOP, "tests/known/hashes.txt"))
    assert len(seen) > 190
    assert {path for path in seen if known.get(path) != seen[path]} == set()
