# SPDX-License-Identifier: MIT
"""--self-test: what is wrong on purpose is found, and named.

Each canary goes wrong in one way; its finding must say in which.  Whoever
switches a detector off in handlers/ turns its canary's test red.
"""

import os
import re

from conftest import TOP
from runs import on

SELF_TESTS = ("self-test", "self-test-live", "self-test-bochs",
              "self-test-bochs-ovmf")

# Broken entry stubs, judged by their SWAPGS decisions.
STUBS = ("twice", "never", "forgetful")

# Words that what was seen must have: the stubs of canaries.def ...
CANARIES = {
    "stub.r12.int80": "r12 ",
    "stub.r12-slot.int80": "frame r12 ",
    "stub.error-slot.int80": "frame error code 11",
    "stub.vector.int80": "stub #UD",
    "stub.below.int80": "red zone overwritten",
    "stub.below-nmi.nmi": "red zone overwritten",
    "stub.above.int80": "stack above rsp overwritten",
    "stub.above-r0.int80": "stack above rsp overwritten",
    "stub.rsp.int80": "saved rsp ",
    "stub.rip.int80": "rip the next insn+4",
    "stub.cs.int80": "saved cs 1b",
    "stub.ss.int80": "saved ss 33",
    "stub.df.int80": "saved rflags DF=1",
    "stub.ds.int80": "ds 23",
    "stub.fs.int80": "fs 23",
    "stub.fs-base.int80": "fs base 1000",
    "stub.gs-base.int80": "gs base 1000",
    "stub.kernel-gs.int80": "kernel gs base 1000",
    "stub.dr7.int80": "dr7 402",
    "stub.cr4.int80": "CR4 was not",
    # ... and what the cases of selftest_canaries.c leave behind.
    "left.cr0": "CR0 was not",
    "left.cr3": "CR3 was not",
    "left.cr4": "CR4 was not",
    "left.dr0": "DR0 was not",
    "left.dr3": "DR3 was not",
    "left.dr7": "DR7 was not",
    "left.idt": "IDT was not",
    "left.gdt": "GDT was not",
    "left.tss": "TSS was not",
    "left.idtr": "IDTR was not",
    "left.gdtr": "GDTR was not",
    "left.ldtr": "LDTR was not",
    "left.efer": "EFER was not",
    "left.star": "STAR was not",
    "left.lstar": "LSTAR was not",
    "left.cstar": "CSTAR was not",
    "left.fmask": "FMASK was not",
    "left.sysenter_cs": "SYSENTER_CS was not",
    "left.sysenter_esp": "SYSENTER_ESP was not",
    "left.sysenter_eip": "SYSENTER_EIP was not",
    "left.fs_base": "FS_BASE was not",
    "left.pat": "PAT was not",
    "left.tpr": "TPR was not",
    "left.svr": "SVR was not",
    "left.lvt_timer": "LVT timer was not",
    "left.lvt_lint0": "LVT LINT0 was not",
    "left.lvt_lint1": "LVT LINT1 was not",
    "left.lvt_error": "LVT error was not",
    "left.divider": "timer divider was not",
    "left.count": "timer count was not",
    "left.pending": "vector left pending 99",
    "left.in_service": "vector in service 99",
}
# Of the same kind, with nothing wrong.
SOUND = ("stub.sound.int80", "left.nothing")


@on("self-test")
def test_broken_stubs_are_found(run):
    """Every broken stub's decisions are wrong, and no check of it passes."""
    assert run.report["run"]["complete"]
    for stub in STUBS:
        wrong = [row["wrong"] for row in run.report["paths"]
                 if row["path"].startswith(stub + ":")]
        assert sum(wrong) > 0, stub
        checks = [check for check in run.report["checks"]
                  if check["id"].startswith(stub + ".")]
        assert checks and {check["verdict"] for check in checks} == {"fail"}
        assert all("stub" in check["seen"] for check in checks)
    assert "WRONG" in run.text("report.txt")


@on("self-test")
def test_canaries_are_named(run):
    """All of them, each by what it did and by nothing else."""
    checks = {check["id"]: check for check in run.report["checks"]
              if check["id"].startswith(("stub.", "left."))}
    assert set(checks) == {*CANARIES, *SOUND}
    unnamed = [(name, checks[name]["verdict"], checks[name]["seen"])
               for name, words in CANARIES.items()
               if checks[name]["verdict"] != "fail"
               or not checks[name]["seen"].startswith(words)]
    assert not unnamed
    assert {checks[name]["verdict"] for name in SOUND} == {"pass"}


# What a storm finds wrong with each wrong stub, behind the processor and the
# number of the entry.
STORMS = {
    "blind": "GS base ",
    "forgetful": "GS base ",
    "never": "GS base ",
    "no-fixup": "GS base ",
    "twice": "GS base ",
    "stub.r12": "R12 behind int80",
    "stub.r12-slot": "register 3 of the frame",
    "stub.vector": "#UD at ",
    "stub.below": "ring 3's red zone is overwritten",
    "stub.rsp": "RSP behind int80",
    "stub.df": "RFLAGS behind int80",
    "stub.gs-base": "GS base in ring 3 is 1000,",
    "stub.kernel-gs": "KERNEL_GS_BASE 1000 in the handler",
    "stale": "ring 3 reads number ",
}
SURVIVES = "stub.sound"
LAST_ENTRIES = 64  # that are kept of a processor that was caught


@on(*SELF_TESTS)
def test_wrong_stubs_do_not_survive_a_storm(run):
    """Each is caught, by what it does wrong, and its last entries are there."""
    checks = {check["id"]: check for check in run.report["checks"]
              if check["id"].startswith("smp.storm.")}
    storms = {storm["specimen"]: storm for storm in run.report["storms"]}
    assert checks.pop("smp.storm." + SURVIVES)["verdict"] == "pass"
    assert storms.pop(SURVIVES)["first"] is None
    assert set(checks) == {"smp.storm." + name for name in STORMS}
    assert set(storms) == set(STORMS)
    for name, words in STORMS.items():
        check, first = checks["smp.storm." + name], storms[name]["first"]
        assert check["verdict"] == "fail", check
        assert check["seen"] == \
            f"cpu {first['cpu']}, entry {first['entries']}: {first['what']}"
        assert first["what"].startswith(words), first
        last = [row["entry"] for row in run.report["outcomes"]
                if row["specimen"] == name and row["cpu"] == first["cpu"]]
        assert len(last) == min(first["entries"], LAST_ENTRIES)
        assert last[-1] == first["entries"]


# What dies in its own C, by kind: words that its check must have.
DYING = {
    "gp": "an exception in the core itself, #GP(0) at ffffffffc",
    "pf": "an exception in the core itself, #PF(2) at ffffffffc",
    "ud": "an exception in the core itself, #UD(0) at ffffffffc",
    "overflow": "an exception in the core itself, #DF(0) at ffffffffc",
    "mc": "an exception in the core itself, #MC(0) at ffffffffc",
    "rep": "an exception in the core itself, #PF(0) at ffffffffc",
    "condition": "a condition that does not hold",
}
PLACES = ("before", "handler", "ist", "specimen", "after", "judge")
# An NMI is nobody's there; one that comes to the specimen's stub, that stub's.
NMI_GOES_BY = ("before", "handler", "after", "judge")


def last_words(place, kind):
    if place != "specimen" or kind == "condition":
        return DYING[kind]
    if kind == "mc":  # it came to the specimen's stub
        return "stub #MC at ffffffffc"
    return DYING[kind].replace(", #", ", on a specimen's stub, #")


@on(*SELF_TESTS)
def test_what_dies_costs_one_check(run):
    """And every one behind it is run, in the same boot."""
    run.assert_delivered()
    checks = {check["id"]: check for check in run.report["checks"]}
    for place in PLACES:
        for kind in DYING:
            check = checks[f"dies.{place}.{kind}"]
            assert check["verdict"] == "fail", check
            assert check["seen"].startswith(last_words(place, kind)), check
    assert [checks[f"dies.{place}.nmi"]["verdict"] for place in NMI_GOES_BY] \
        == ["pass"] * len(NMI_GOES_BY)
    assert checks["dies.specimen.nmi"]["seen"].startswith("stub NMI at fff")
    assert checks["dies.before.pf"]["seen"].endswith("cr2 ffffffffbffff000")
    for check in (checks["dies.rep.ring0"], checks["dies.rep.ring3"]):
        assert (check["verdict"], check["seen"]) == ("fail", "entry #PF")
    assert checks["dies.behind"]["verdict"] == "pass"
    assert checks["reset.behind"]["verdict"] == "pass"


@on(*SELF_TESTS)
def test_what_dies_outside_checks_is_named(run):
    """A set-up, and what stands behind the last check of a case."""
    checks = {check["id"]: check for check in run.report["checks"]}
    for name in ("unprepared.set-up", "dying.between"):
        assert checks[name]["verdict"] == "fail"
        assert checks[name]["seen"].startswith(DYING["pf"])
    assert "dies.never" not in checks


@on(*SELF_TESTS)
def test_what_hangs_is_ended(run):
    """In a stimulus, in the harness's own C, in a handler, and where a
    handler's first instruction faults into itself."""
    verdicts = run.checks()
    assert [verdicts[name] for name in (
        "watchdog.loop", "dies.before.loop", "dies.handler.loop",
        "dies.livelock")] == ["hang"] * 4


@on("self-test", "self-test-bochs", "self-test-bochs-ovmf")
def test_hang_and_reset_are_survived(run):
    """A check that loops and one that resets are reported as what they are."""
    verdicts = run.checks()
    assert verdicts["watchdog.loop"] == "hang"
    assert verdicts["reset.triple-fault"] == "reset"
    assert verdicts["reset.behind"] == "pass"


# Not provoked: MSRs that no machine of the tests keeps, or that must not be
# touched; TR, of which STR shows the selector alone; and what has a neighbour.
UNPROVOKED = {"DR1", "DR2", "TR", "MCG_STATUS", "DEBUGCTL", "TSC_DEADLINE",
              "U_CET", "S_CET", "PL3_SSP", "APIC_BASE", "LVT thermal",
              "LVT performance"}


def test_every_register_has_its_canary():
    """Of those that a case must leave as they were: machine_state.def."""
    with open(os.path.join(TOP, "handlers/engine/machine_state.def"),
              encoding="utf-8") as file:
        names = set(re.findall(r'^(?:REGISTER|MSR|APIC)\("([^"]+)"',
                               file.read(), re.MULTILINE))
    named = {words.removesuffix(" was not") for words in CANARIES.values()}
    assert len(names) > 30
    assert names - named == UNPROVOKED
