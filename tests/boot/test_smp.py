# SPDX-License-Identifier: MIT
"""Every processor: who comes, what each runs, and what goes wrong on one."""

import pytest

from runs import BREAKPOINTS, FAR_ID, FAR_IDS, on

FINDINGS = {"fail", "hang", "reset", "notrun"}


def verdicts(run):
    """{id: verdict} of the checks that are about more than one processor."""
    return {c["id"]: c["verdict"] for c in run.report["checks"]
            if c["id"].startswith("smp.")}


def wrong(run):
    return {name for name, verdict in verdicts(run).items()
            if verdict in FINDINGS}


def seen(run, name):
    return next(c["seen"] for c in run.report["checks"] if c["id"] == name)


@on("smp-4", "smp-4-bochs")
def test_every_processor(run):
    """All come, all run the same, and nothing comes out otherwise."""
    run.assert_delivered()
    assert len(verdicts(run)) > 100
    assert wrong(run) == set()
    assert [verdict for name, verdict in verdicts(run).items()
            if name.startswith("smp.start.") and name != "smp.start.alike"] \
        == ["pass"] * 5


@on("smp-4", "smp-4-bochs")
def test_a_row_for_each(run):
    """Where nobody lists them, as on Bochs, too."""
    rows = run.report["processors"]
    assert [row["cpu"] for row in rows] == [0, 1, 2, 3]
    assert len({row["apic_id"] for row in rows}) == len(rows)
    assert all(row["came"] for row in rows)


@on("smp-4", "smp-4-bochs")
def test_each_runs_the_short_set(run):
    others = run.report["processors"][1:]
    assert {(row["checks"], row["others"], row["ran"]) for row in others} == {
        (others[0]["checks"], 0, True)}
    assert others[0]["checks"] > 30
    assert run.report["others"] == []


@on(*FAR_IDS)
def test_an_id_that_xapic_cannot_name(run):
    """The firmware has gone to x2APIC mode by itself."""
    run.assert_delivered()
    assert run.report["machine"]["apic_mode"] == "x2apic"
    rows = run.report["processors"]
    assert sorted(row["apic_id"] for row in rows) == [0, 1, FAR_ID]
    assert all(row["came"] and row["ran"] for row in rows[1:])
    assert not {"fail", "hang", "reset"} & set(verdicts(run).values())


@on(*BREAKPOINTS)
def test_bochs_comes_out_of_a_breakpoint(run):
    run.assert_delivered()
    assert run.report["run"]["boots"] == 1
    assert verdicts(run) == {"smp.nmi-window.syscall64.first": "pass",
                             "smp.nmi-window.syscall64.other": "pass"}


PROVOKED = {
    "cpu-absent": {"smp.start.come"},
    "cpu-twice": {"smp.start.once", "smp.alone.through"},
    "cpu-differs": {"smp.alone.same"},
    "cpu-hang": {"smp.alone.same"},
    "cpu-fault": {"smp.alone.same"},
    "cpu-dead": {"smp.alone.through"},
}


@on(*PROVOKED)
def test_costs_itself_and_nothing_else(run):
    run.assert_delivered()
    assert wrong(run) == PROVOKED[run.name]
    assert run.report["processors"][2]["ran"]
    assert run.report["processors"][2]["others"] == 0


@pytest.mark.parametrize("name, what", [
    ("smp.start.once", "processors APIC id 1"),
    ("smp.alone.through", "cpu 1 does not answer any more, cpu 3 came twice"),
])
@on("cpu-twice")
def test_who_came_twice(run, name, what):
    assert seen(run, name) == what


@on("cpu-dead")
def test_who_is_lost(run):
    assert seen(run, "smp.alone.through") == "cpu 1 does not answer any more"
    assert run.report["processors"][1]["lost"]


@on("cpu-reset", "cpu-reset-bochs")
def test_a_reset_while_others_work(run):
    """It costs what they had found, and says so."""
    run.assert_delivered()
    row = next(check for check in run.report["checks"]
               if check["verdict"] == "reset")
    assert row["id"] == "smp_alone.set-up"
    assert "while 2 other processors were at work: what they have found is " \
        "lost" in row["seen"]
    assert wrong(run) == set()


STORM_FAULT_SECONDS = 60    # of five minutes


@on("storm-fault")
def test_the_first_dies_in_a_storm(run):
    """The others do not go on without it."""
    run.assert_delivered()
    storms = {name for name in verdicts(run) if name.startswith("smp.storm.")}
    assert len(storms) > 3
    assert wrong(run) == storms
    assert all("provoked: the first dies in a storm" in seen(run, name)
               for name in storms)
    assert run.report["run"]["duration_us"] < STORM_FAULT_SECONDS * 1e6


@on("cpu-dead")
def test_nobody_asks_for_who_is_lost(run):
    """What needs all is left out, and says why; the others storm on."""
    left_out = {c["id"] for c in run.report["checks"]
                if c["seen"] == "cpu 1 does not answer any more"
                and c["verdict"] == "skip"}
    assert {"smp.ipi.physical.ring3", "smp.stale.unmap.ring0",
            "smp.stop.nmi.ring3", "apic.nmi.ring0", "smp.map.ring3",
            "smp.nmi-window.syscall64.other",
            "smp.latency.shootdown"} <= left_out
    assert {storm["processors"] for storm in run.report["storms"]} == {2}
    assert verdicts(run)["smp.storm.linux"] == "pass"


@on("cpu-reset", "cpu-reset-bochs")
def test_behind_a_reset_all_are_there_again(run):
    """The case that a processor took the machine down in costs itself."""
    run.assert_delivered()
    assert run.report["run"]["boots"] >= 2
    assert "smp.alone.through" not in run.checks()
    assert verdicts(run)["smp.ipi.physical.ring3"] == "pass"
    assert {storm["processors"] for storm in run.report["storms"]} == {3}
    assert all(row["came"] and not row["lost"]
               for row in run.report["processors"])


OTHERWISE = {
    "cpu-hang": ("smp.provoked", "hang"),
    "cpu-fault": ("smp_provoked.set-up", "fail"),
    "cpu-differs": ("exc.pf.ring3", "fail"),
}


@on(*OTHERWISE)
def test_what_came_out_otherwise(run):
    assert OTHERWISE[run.name] in {
        (c["id"], c["verdict"]) for c in run.report["others"]
        if c["cpus"] == "1"}
