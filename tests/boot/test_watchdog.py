# SPDX-License-Identifier: MIT
"""What ends a check that hangs, and whose RTC it is."""

import pytest
from runs import MACHINES, on

QEMU = [name for name in MACHINES if name.startswith("qemu")]
BOCHS = [name for name in MACHINES if name.startswith("bochs")]


@on(*QEMU)
def test_proves_itself(run):
    assert run.report["run"]["watchdog"] == "rtc"
    assert "ended by an NMI of the RTC" in run.text("report.txt")


@on(*BOCHS, "no-lint0")
def test_another_way(run):
    """Bochs's LINT0 knows no NMI; its I/O APIC does, and QEMU's."""
    run.assert_delivered()
    assert run.report["run"]["watchdog"] == "rtc by I/O APIC"
    assert "NMI of the RTC, by the I/O APIC" in run.text("report.txt")


@on("no-watchdog")
def test_a_line_that_stays_masked(run):
    run.assert_delivered()
    assert run.report["run"]["watchdog"].startswith("none: the RTC's interr")
    assert "ended by nothing" in run.text("report.txt")
    assert "hang" not in run.checks().values()


@on(*MACHINES, "no-watchdog", "self-test")
def test_the_rtc_is_its_owners(run):
    """Also behind checks that have reset the machine."""
    rtc = run.report["run"]["rtc"]
    assert rtc["left"] == rtc["found"]


@pytest.mark.parametrize("run", ["self-test"], indirect=True)
def test_ends_a_loop(run):
    assert run.checks("watchdog")["watchdog.loop"] == "hang"
