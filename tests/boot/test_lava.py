# SPDX-License-Identifier: MIT
"""What a job for LAVA makes of the serial line of a whole run: read as LAVA's
monitor reads it, with pexpect, in pieces, from a terminal that puts a carriage
return to each line."""

from collections import Counter

import pytest
from conftest import TOP
from ringside import NO_PACKAGE
from runs import on

# Both come with labgrid.
pexpect = pytest.importorskip("pexpect", reason=NO_PACKAGE + "labgrid")
yaml = pytest.importorskip("yaml", reason=NO_PACKAGE + "labgrid")

SECONDS = 600


@on("memory-128")   # everything but what may hang or reset the machine
def test_every_check_is_a_test_case(run):
    with open(f"{TOP}/tests/examples/lava-qemu.yaml",
              encoding="utf-8") as file:
        monitor, = yaml.safe_load(file)["actions"][-1]["test"]["monitors"]
    line = pexpect.spawn("cat", [run.path("serial.log")], timeout=SECONDS,
                         encoding="utf-8", codec_errors="replace")
    line.expect(monitor["start"])
    cases = Counter()
    found = {}
    while line.expect([monitor["end"], monitor["pattern"]]):
        case = line.match.groupdict()
        verdict = monitor["fixupdict"][case["result"]]
        cases[verdict] += 1
        found[case["test_case_id"]] = verdict
    line.close()
    counts = run.report["run"]["verdicts"]
    assert cases == {"pass": counts["pass"] + counts["differ"],
                     "skip": counts["skip"], "fail": counts["fail"]}
    assert list(found) == list(run.checks())
