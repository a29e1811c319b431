# SPDX-License-Identifier: MIT
"""What each way in and back costs, in instructions: the same on every machine
whose TSC counts them, and the same as the day before."""

import os
import re

from conftest import TOP
from ringside import versions
from ringside.platforms import BOCHS
from runs import emulated_by, on

KNOWN = os.path.join(TOP, "tests/known/costs.txt")
ICOUNT_CYCLES = 1 << 7  # of the TSC, an instruction: --icount 7
# Bochs ticks once more when an instruction faults or is stepped over.  From 3.0
# on its clock moves by traces, straight runs of code, and the first RDTSC does
# not show what stands before it in its own: the three that set TF for a #DB.
# Of null, where both are in one trace, two ticks are not seen.
BOCHS_TICKS = {
    "2.7": {"pf": 1, "db": 1, "db-ring0": 1},
    "3.0": {"pf": 1, "db": 1 + 3, "db-ring0": 1 + 3, "null": -2},
}
SAMPLES = 10000


def known():
    """{(specimen, path, rule): instructions}"""
    with open(KNOWN, encoding="utf-8") as file:
        lines = [line.split() for line in file if not line.startswith("#")]
    found = {tuple(line[:3]): int(line[3]) for line in lines}
    assert len(found) == len(lines) > 20
    return found


def measured(run, unit):
    """The same, in units of the TSC; exact, or it fails."""
    found = {}
    for row in run.report["costs"]:
        key = row["specimen"] or "-", row["path"], row["rule"]
        assert row["n"] >= SAMPLES
        assert row["min"] == row["median"] == row["p99"], key
        assert row["median"] % unit == 0, key
        assert key not in found
        found[key] = row["median"] // unit
    return found


def excused(run):
    """Paths that this processor does not have, as the run says."""
    notes = "\n".join(run.report["run"]["notes"])
    return set(re.findall(r"^cost of (\S+), \S+: (?:this processor has no"
                          r"|AMD's processors have no)", notes, re.MULTILINE))


def compare(run, found):
    missing = excused(run)
    want = {key: count for key, count in known().items()
            if key[1] not in missing}
    assert found == want


@on("costs", "costs-amd")
def test_instructions_under_icount(run):
    run.assert_delivered()
    compare(run, measured(run, ICOUNT_CYCLES))


@on(*emulated_by(BOCHS))
def test_instructions_on_bochs(run):
    found = measured(run, 1)
    ticks = BOCHS_TICKS[versions.nearest(
        BOCHS_TICKS, versions.release(run.machine().version))]
    compare(run, {key: count - ticks.get(key[1], 0)
                  for key, count in found.items()})
