# SPDX-License-Identifier: MIT
"""What scripts/window says of a report, of small ones that are made up: each
sentence, each exit status, and that a cause is one line however often it is
seen.
"""

import os
import re
import shutil
import subprocess
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "scripts"))

from ringside import (  # noqa: E402  pylint: disable=C0413
    disassembly, facts, windowcause, windowcells, windowsays, windowstory,
    windowtable)
from ringside.windowcause import Known, Place  # noqa: E402

RULES = [{"name": "always", "about": "swaps", "tried": False},
         {"name": "by-cs", "about": "asks CS", "tried": True},
         {"name": "by-sign", "about": "asks the sign", "tried": True},
         {"name": "save-set", "about": "asks nobody", "tried": True}]
RIGHT, WRONG, UNJUDGED = 0, 1, 2


def row(path, offset, events, users="0+-", symbol="sys", **more):
    """A boundary; by-cs would be wrong where the user's base is live."""
    rules = {"by-cs": users, "by-sign": users and "-"} if users else {}
    return {"specimen": "os", "path": path, "index": offset,
            "symbol": symbol, "offset": offset,
            "rip": hex(0xffffffff80000000 + offset), "code": "90", "cs": "0x8",
            "bases": "0+-", "users": users, "rules": rules,
            "events": {event: {"sent": "0+-", **cell}
                       for event, cell in events.items()}, **more}


def check(name, verdict="pass", expected="", seen=""):
    return {"id": f"window.os.{name}", "verdict": verdict,
            "expected": expected, "seen": seen}


def at(place, base, was, now):
    """(expected, seen) of a check about a boundary."""
    return tuple(f"at {place}, base {base}: {words}" for words in (was, now))


def report(rows=(), checks=(), complete=True, outcome="complete",
           step="warm reset", about="an os"):
    return {"run": {"complete": complete, "outcome": outcome,
                    "last_step": step},
            "rules": RULES, "window": list(rows), "checks": list(checks),
            "subjects": [{"specimen": "os", "about": about}], "storms": []}


def said(found, **more):
    """(the first sentence, the other lines, exit status)"""
    first, lines, status = windowsays.say(
        found, Known("os", "make window SPECIMEN=os", **more))
    return first, "\n".join(lines), status


BASE = at("sys+0x0", "zero", "kernel's GS base", "user's GS base")
BY_CS = [row("syscall64", 0, {"nmi": {"wrong": "0+-"}, "db": {}}),
         row("syscall64", 3, {"nmi": {}, "db": {}}, users="")]


def test_nothing_wrong():
    rows = [row("syscall64", 0, {"nmi": {}}), row("int80", 9, {"nmi": {}})]
    first, rest, status = said(report(rows, [check("syscall64.nmi")]))
    assert (first, rest, status) == ("3 stubs, none wrong.", "", RIGHT)


def test_as_many_stubs_as_the_author_has():
    rows = [row("syscall64", 0, {"nmi": {}})]
    assert said(report(rows), stubs=31)[0] == \
        "31 stubs, 2 of them walked, none wrong."
    assert said(report(rows), stubs=2)[0] == "2 stubs, none wrong."
    assert said(report(BY_CS, [check("syscall64.nmi", "fail", *BASE)]),
                stubs=31)[0].startswith("1 of 31 stubs is wrong: ")


def test_one_wrong():
    first, rest, status = said(report(BY_CS, [
        check("syscall64.nmi", "fail", *BASE), check("syscall64.db")]),
        places={0xffffffff80000000: Place("swapgs", "entry.S:6")})
    assert first == "1 of 3 stubs is wrong: nmi at sys+0x0 of syscall64."
    assert rest.split("\n") == [
        "", "1. nmi runs on the user's GS base, and behaves like by-cs: asks "
        "CS", "   known: an NMI before SWAPGS: its frame says ring 0, and the "
        "user's GS is live", "     (NM1)",
        "   syscall64  sys+0x0  swapgs  entry.S:6  user's base",
        "   seen: NMI at sys+0x0, base zero: user's GS base, not kernel's GS "
        "base", "   make window SPECIMEN=os ARGS=\"--only window.os.syscall64."
        "nmi\""]
    assert status == WRONG


def test_thirty_boundaries_are_one_cause():
    """And neighbours one line, and what only a limit is none."""
    rows = [row("int80", n, {"nmi": {"wrong": "0+"}}) for n in range(30)] + \
        [row("int80", 30, {"nmi": {"wrong": "-"}})]
    first, rest, _ = said(report(rows, [check("int80.nmi", "fail", *BASE)]))
    assert first == "1 of 2 stubs is wrong: nmi at 30 boundaries of int80."
    assert len(re.findall(r"^\d+\. ", rest, re.M)) == 1
    assert "   int80  sys+0x0..0x1d (30)  user's base, zero, positive\n" \
        in rest


def test_two_stubs_of_one_rule_are_one_cause():
    """And a boundary that only one of them is wrong at says so."""
    rows = [row("syscall64", 0, {"nmi": {"wrong": "0+-"},
                                 "mc": {"wrong": "0+-"}}),
            row("nmi", 0, {"nmi": {"overwritten": "0+-"},
                           "mc": {"wrong": "0+-"}}, symbol="n")]
    first, rest, _ = said(report(rows, [
        check(each, "fail", *BASE) for each in (
            "syscall64.nmi", "syscall64.mc", "nmi.mc")] + [check("nmi.nmi")]))
    assert first == ("2 of 3 stubs are wrong: nmi at sys+0x0 of syscall64, mc "
                     "at 2 boundaries of syscall64 and nmi.")
    assert "\n1. nmi and mc run on the user's GS base, and behave" in rest
    assert "   nmi        n+0x0    user's base (mc)" in rest
    assert "2." not in rest


def test_two_causes_and_their_order():
    """The worse one first, and of two stubs at one place one word."""
    rows = [row("syscall64", 0, {
        "irq": {"damaged": "0+-"}, "db": {"users_stack": "0+-"},
        "nmi": {"damaged": "0"}})]
    first, rest, status = said(report(rows, [
        check("syscall64.irq", "fail", *at("sys+0x0", "zero", "rbx f0f",
                                           "rbx 0")),
        check("syscall64.db", "fail", "", ""),
        check("syscall64.nmi", "fail", *at("sys+0x0", "zero", "all given back",
                                           "not all"))]))
    assert first == \
        "3 of 4 stubs are wrong: db, irq and nmi at sys+0x0 of syscall64."
    assert re.findall(r"^\d\. (.*)$", rest, re.M) == [
        "db has its frame on the user's stack", "irq does not give back rbx",
        "nmi does not give back all that it interrupted"]
    assert "IRQ at sys+0x0, base zero: rbx was f0f, comes back 0" in rest
    assert "user's base, zero" in rest
    assert status == WRONG


@pytest.mark.parametrize("key", ["users_stack", "user_stack"])
def test_frame_on_the_users_stack(key):
    first, rest, _ = said(report(
        [row("syscall64", 0, {"db": {key: "0+-"}})],
        [check("syscall64.db", "fail")]))
    assert "\n1. db has its frame on the user's stack\n" in rest
    assert "known: CVE-2018-8897" in rest
    assert first.startswith("1 of 2 stubs is wrong")


@pytest.mark.parametrize("verdict, expected, seen, sentence", [
    ("reset", "comes back", "the machine restarted, at sys+0x19, base zero",
     "resets the machine"),
    ("hang", "comes back", "the machine no longer answered, in n+0x0, come "
     "from sys+0x19, base zero", "hangs"),
    ("fail", "stub returns", "stub goes round and round at sys+0x19",
     "does not return"),
    ("fail", "stub returns", "stub #PF at sys+0x19, gs base 0", "faults"),
    ("fail", "at sys+0x19, base zero: all given back", "at sys+0x19, base "
     "zero: not all", "does not give back all that it interrupted"),
    ("fail", "of them on the user's base 0", "of them on the user's base 1",
     "runs on the user's GS base"),
    ("fail", "last instruction leaves ring 0", "last instruction does not",
     "does not do what it must"),
    ("fail", "injections 3 sent, delivered and exact", "injections 3 sent, 2 "
     "delivered, 2 exact", "is not taken once and exactly there"),
])
def test_what_only_a_check_tells(verdict, expected, seen, sentence):
    """A path that has left no rows: its own cells, and the rest is there."""
    first, rest, status = said(report(
        [row("int80", 0, {"nmi": {}})],
        [check("int80.nmi"), check("syscall64.visited", verdict, expected,
                                   seen)]))
    place = "at sys+0x19" if "sys+0x19" in seen else "in syscall64"
    assert first == f"1 of 3 stubs is wrong: syscall64 {place}."
    assert f"\n1. syscall64 {sentence}\n" in rest
    assert "   seen: " in rest and seen.rpartition(": ")[2] in rest
    assert '"--only window.os.syscall64.visited"' in rest
    assert status == WRONG


def test_an_event_that_hangs_costs_its_own_cells():
    first, rest, status = said(report(
        [row("int80", 0, {"nmi": {}, "db": {}})],
        [check("syscall64.nmi", "hang", "comes back", "the machine no longer "
               "answered, in n+0x0, come from sys+0x3, base zero"),
         check("int80.nmi", "skip", "", "the event's own stub does not come "
               "back"), check("int80.db")]))
    assert first == "1 of 4 stubs is wrong: nmi at sys+0x3 of syscall64."
    assert "Not judged: nmi in int80: the event's own stub does not come " \
        "back." in rest
    assert status == WRONG


def test_what_a_kernel_has_not_is_not_told():
    first, rest, status = said(report(
        [row("syscall64", 0, {"nmi": {}})],
        [check("syscall64.db", "skip", "", "the specimen has no such stub"),
         check("syscall64.irq", "skip", "",
               "interrupts are off at every boundary"),
         check("syscall64.nmi")]))
    assert (first, rest, status) == ("2 stubs, none wrong.", "", RIGHT)


def test_dropping_one_is_no_fault():
    first, rest, status = said(report(
        [row("syscall64", 0, {"db": {"dropped": "0+-"}})],
        [check("syscall64.db")]))
    assert first == "2 stubs, none wrong."
    assert rest == "db is dropped at 1 boundary of syscall64: sys+0x0."
    assert status == RIGHT


def test_a_handler_that_never_returns_is_told_once():
    """An event's; a call's is wrong."""
    words = "stub never returns: hlt, interrupts off, at n+0x1"
    rows = [row("syscall64", 0, {"db": {}})]
    first, rest, status = said(report(rows, [
        check(f"{path}.visited", "fail", "stub returns", words)
        for path in ("nmi", "nmi-ring0")] + [
        check("syscall64.nmi", "skip", "", "its stub took the machine down: "
              "not tried again")]))
    assert first == "3 stubs, none wrong."
    assert rest == ("nmi never returns: hlt, interrupts off, at n+0x1.\nNot "
                    "judged: nmi in syscall64: its stub took the machine "
                    "down: not tried again.")
    assert status == RIGHT
    assert said(report(rows, [check("int80.visited", "fail", "stub returns",
                                    words)]))[2] == WRONG


def test_a_declared_rule_that_is_not_the_stubs():
    """The stub is right; what was declared of it is not."""
    rows = [row("syscall64", 0, {"nmi": {}}), row("syscall64", 3, {"nmi": {}},
                                                  users="")]
    first, rest, status = said(report(rows, [
        check("syscall64.nmi", "fail", *at("sys+0x0", "zero",
                                           "wrong, by its rule", "right"))]))
    assert first == ("2 stubs, none wrong. nmi is right where its declared "
                     "rule would not be, and behaves like save-set: asks "
                     "nobody.")
    assert "1. nmi is right where" in rest
    assert status == WRONG


def test_a_rule_of_a_stub_that_is_wrong():
    """What it is like is said there."""
    _, rest, _ = said(report(BY_CS, [
        check("syscall64.nmi", "fail", *BASE),
        check("nmi.nmi", "fail", *at("n+0x0", "zero", "wrong, by its rule",
                                     "right"))]))
    assert re.findall(r"^\d\. (nmi \w+)", rest, re.M) == ["nmi runs"]


def test_by_sign_that_was_not_declared():
    """Wrong with a negative base alone: measured, and the story."""
    rows = [row("syscall64", 0, {"nmi": {"wrong": "-"}}),
            row("syscall64", 3, {"nmi": {}}, users="")]
    checks = [check("syscall64.nmi", "fail", *at(
        "sys+0x0", "negative", "kernel's GS base", "user's GS base"))]
    _, rest, status = said(report(rows, checks))
    assert "and behaves like by-sign: asks the sign" in rest
    assert "WRGSBASE" in rest and "user's base, negative" in rest
    assert "known: an NMI before SWAPGS" not in rest
    assert status == WRONG
    assert said(report(rows, [check("syscall64.nmi")]))[::2] == (
        "2 stubs, none wrong.", RIGHT)


def test_what_is_wrong_is_the_checks_to_say():
    """Not the cell's: the image knows what is a limit."""
    assert said(report(BY_CS, [check("syscall64.nmi")]))[2] == RIGHT


def test_a_limit_beside_another_fault():
    """by-sign's with a negative base, and RAX lost elsewhere; but not where
    the check speaks of it itself."""
    rows = [row("int80", 0, {"nmi": {"wrong": "-"}}),
            row("int80", 3, {"nmi": {"damaged": "0+"}}, users="")]
    lost = at("sys+0x3", "zero", "gs selector 0", "gs selector 23")
    _, rest, _ = said(report(rows, [check("int80.nmi", "fail", *lost)]))
    assert re.findall(r"^\d\. (.*)$", rest, re.M) == [
        "nmi does not give back gs selector"]
    assert "kernel's base, zero, positive" in rest
    assert "gs selector was 0, comes back 23" in rest
    _, rest, _ = said(report(rows, [check("int80.nmi", "fail", *at(
        "sys+0x0", "negative", "kernel's GS base", "user's GS base"))]))
    assert len(re.findall(r"^\d\. ", rest, re.M)) == 2


def test_a_hang_beside_wrong_cells():
    """The check tells of the hang; the rows of what was before."""
    rest = said(report(BY_CS, [check(
        "syscall64.nmi", "hang", "comes back", "the machine no longer "
        "answered, at sys+0x3, base zero")]))[1]
    assert re.findall(r"^\d\. (nmi \w+)", rest, re.M) == [
        "nmi hangs", "nmi runs"]
    assert "seen: the machine no longer answered, at sys+0x3, base zero\n" \
        in rest


def test_a_path_of_its_own_event():
    """What its undisturbed walk tells is told by its cells already."""
    rows = [row("nmi-syscall", 0, {"nmi": {"wrong": "0+-"}})]
    first, rest, _ = said(report(rows, [
        check("nmi-syscall.nmi", "fail", *BASE),
        check("nmi-syscall.visited", "fail", "of them on the user's base 0",
              "of them on the user's base 2")]))
    assert first == "1 of 1 stub is wrong: nmi at sys+0x0."
    assert rest.count("nmi-syscall  ") == 1 and "itself" not in rest


def test_in_ring_3_and_a_long_instruction():
    rows = [row("int80-compat", 0, {"nmi": {"wrong": "0+-"}}, symbol="compat",
                cs="0x23")]
    rest = said(report(rows, [check("int80-compat.nmi", "fail", *at(
        "ring 3+0x0", "zero", "kernel's GS base", "user's GS base"))]),
        places={0xffffffff80000000: Place(
            "movabs $0x123456789abcdef0,%rax")})[1]
    assert ("   int80-compat  ring 3  movabs $0x123456789abcde~  user's base"
            "\n") in rest
    assert "   seen: NMI at ring 3, base zero: user's GS base" in rest


def test_neighbours_with_other_bases_are_lines_of_their_own():
    rows = [row("int80", 0, {"nmi": {"wrong": "0+-"}}),
            row("int80", 1, {"nmi": {"wrong": "0"}})]
    rest = said(report(rows, [check("int80.nmi", "fail", *BASE)]))[1]
    assert "sys+0x0  user's base\n" in rest
    assert "sys+0x1  user's base, zero\n" in rest


def test_tally_behind_the_first_boundary_is_not_told():
    rest = said(report(BY_CS, [check("syscall64.nmi", "fail", *(
        words + ", injections 3 sent" for words in BASE))]))[1]
    assert "user's GS base, not kernel's GS base\n" in rest


def test_one_that_is_wrong_on_purpose():
    """Its checks pass where it is wrong."""
    rows = [row("syscall64", 0, {"nmi": {"wrong": "0+-"}}),
            row("sysenter", 3, {"irq": {"wrong": "0+-"}}, shadow=True)]
    assert said(report(rows, [check("syscall64.nmi")],
                       about="wrong: trusts CS"))[::2] == (
        "1 of 4 stubs is wrong: nmi at sys+0x0 of syscall64.", WRONG)


LATE = {"complete": False, "outcome": "stopped",
        "step": "check window.os.int80.nmi"}


def test_time_limit_and_nothing_wrong_so_far():
    first, _, status = said(
        report([row("syscall64", 0, {"nmi": {}})], **LATE),
        problem="not finished after 60 s: stopped")
    assert first == (
        "2 stubs, none wrong so far. Not all was judged: the time limit of "
        "60 s came after 1 path, in check window.os.int80.nmi.")
    assert status == UNJUDGED


def test_time_limit_and_something_wrong():
    """Wrong wins, and both are said."""
    first, rest, status = said(report(BY_CS, [
        check("syscall64.nmi", "fail", *BASE)], **LATE),
        problem="not finished after 60 s")
    assert first.startswith("1 of 3 stubs is wrong: nmi at sys+0x0")
    assert first.endswith("the time limit of 60 s came after 1 path, in check "
                          "window.os.int80.nmi.")
    assert "\n1. nmi runs on the user's GS base" in rest
    assert status == WRONG


def test_wrong_cells_without_their_check_are_wrong():
    """The run ended before the check was written; a limit stays one."""
    assert said(report(BY_CS, **LATE))[2] == WRONG
    limit = [row("syscall64", 0, {"nmi": {"wrong": "-"}})]
    assert said(report(limit, **LATE))[2] == UNJUDGED


def test_the_machine_was_lost_before_any_cell():
    first, rest, status = said(report(complete=False, outcome="lost",
                                      step="case window_os"),
                               problem="it stands still, silent for 60 s")
    assert first == ("the run ended after 0 paths, in case window_os: it "
                     "stands still, silent for 60 s.")
    assert (rest, status) == ("", UNJUDGED)


def test_a_specimen_that_cannot_be_walked():
    first, _, status = said(report(checks=[
        check("stubs", "fail", "stubs in .text", "it has two stubs for nmi")]))
    assert (first, status) == ("it has two stubs for nmi.", UNJUDGED)
    assert said(report())[::2] == (
        "it has no stub that the window can enter.", UNJUDGED)


def test_an_exception_in_the_lab_is_no_stubs_fault():
    first, rest, status = said(report(
        [row("int80", 0, {"nmi": {}})],
        [check("syscall64.db", "fail", "comes back", "an exception in the core "
               "itself, on a specimen's stub, #PF(0) at ffff")]))
    assert first == ("4 stubs, none wrong so far. Not all was judged: there "
                     "was an exception in the core itself, in syscall64.")
    assert rest.startswith("Not judged: db in syscall64: an exception in the ")
    assert status == UNJUDGED


def test_another_specimens_rows_are_not_told():
    found = report(BY_CS, [check("syscall64.nmi", "fail", *BASE)])
    for each in found["window"]:
        each["specimen"] = "other"
    found["checks"].append({"id": "window.other.int80.nmi", "verdict": "hang",
                            "expected": "", "seen": ""})
    assert said(found)[0] == "1 of 2 stubs is wrong: nmi at sys+0x0 of " \
        "syscall64."   # by its check alone
    assert "other" not in said(found)[1]


def test_two_causes_are_not_much_to_read():
    """Twenty paths of a by-cs NMI, each with places of its own, and a gate
    that loses RBX."""
    rows = [row(f"p{n}", m, {"nmi": {"wrong": "0+-"}, "irq": {"damaged": "0"}},
                symbol=f"p{n}") for n in range(20) for m in (0, 7)]
    checks = [check(f"p{n}.{event}", "fail", *at(f"p{n}+0x0", "zero", *words))
              for n in range(20) for event, words in (
                  ("nmi", ("kernel's GS base", "user's GS base")),
                  ("irq", ("rbx 1", "rbx 0")))]
    first, rest, _ = said(report(rows, checks))
    assert first == ("2 of 22 stubs are wrong: nmi and irq at 40 boundaries "
                     "of 20 paths.")
    assert rest.count("report.html has them") == 2
    assert len(rest.split("\n")) < 30
    assert all(len(line) <= windowcause.WIDTH for line in rest.split("\n"))


def test_many_places_of_one_path():
    rows = [row("int80", 2 * n, {"nmi": {"wrong": "0"}}) for n in range(40)]
    rest = said(report(rows, [check("int80.nmi", "fail", *BASE)]))[1]
    assert rest.count("user's base, zero") == windowcause.PLACES_MAX
    assert "   and in 30 more places: report.html has them\n" in rest


TABLE = """
The window: every event
 n: boundaries.

os: an os
 path       n sent nmi
 syscall64  2    6   1
 syscall64: sys+0x0 N,
    sys+0x7 N
 a-long-head, another:
    sys+0x9 N

Findings
fail: something
"""


def test_table_is_cut_out():
    text = windowtable.of(TABLE)
    assert text.startswith("The window: ") and text.endswith("sys+0x9 N")
    assert windowtable.shortened(text, 10) == text


def test_table_stays_where_its_places_are_left_out():
    whole = windowtable.of(TABLE)
    text = windowtable.shortened(whole, 51)
    assert text == whole[:whole.index("\n syscall64: ")]
    head_first = TABLE.replace(" syscall64: sys+0x0 N,\n    sys+0x7 N\n", "")
    assert windowtable.shortened(windowtable.of(head_first), 51) == text
    assert windowtable.shortened(whole, 70) == \
        text.replace(" n: boundaries.\n", "")


@pytest.mark.parametrize("verdict, first, status", [
    ("pass", "1 storm, nothing wrong.", RIGHT),
    ("fail", "1 of 1 storms found something wrong.", WRONG),
])
def test_storm(verdict, first, status):
    storm = {"id": "smp.storm.os", "verdict": verdict, "expected": "",
             "seen": "cpu 0, entry 7: GS"}
    assert windowtable.storms(report(checks=[storm])) == (
        first, ["fail: smp.storm.os: cpu 0, entry 7: GS"] * status, status)
    assert windowtable.storms(report()) is None


def test_stories_stand_on_facts():
    """Each row is there, and speaks of what the story names."""
    rows = facts.rows()
    for _, fact, words in windowstory.STORIES:
        text = str(rows[fact].fields)
        for cve in re.findall(r"CVE-\d+-\d+", words):
            assert cve in text, fact


def cause(stub, path, code="90", kind=windowcells.BASE):
    found = windowsays.causes(report(
        [row(path, 0, {stub: {"wrong": "0+-"}}) | {"code": code}],
        [check(f"{path}.{stub}", "fail", *BASE)]), "os")
    found[0].kind = kind
    return found[0]


@pytest.mark.parametrize("stub, path, code, told", [
    ("ss", "int80", "48cf", "BadIRET"),
    ("ss", "int80", "90", ""),
    ("gp", "syscall64", "480f07", "CVE-2012-0217"),
    ("np", "load", "8ee8", "by a load"),
    ("db", "syscall64", "90", "CVE-2018-8897"),
    ("db", "int80", "90", ""),
    ("mc", "sysenter", "90", "before SWAPGS"),
    ("irq", "callgate", "90", "interrupts are on"),
])
def test_story(stub, path, code, told):
    stories = windowstory.of(cause(stub, path, code))
    assert stories == [] if not told else told in stories[0]


def test_an_exits_own_check_has_its_story():
    """As the undisturbed walk tells it."""
    for path, told in (("iret-bad-ss", "BadIRET"),
                       ("sysret-bad-rip", "CVE-2012-0217")):
        found = windowsays.causes(report(checks=[check(
            f"{path}.visited", "fail", "of them on the user's base 0",
            "of them on the user's base 1")]), "os")
        assert told in windowstory.of(found[0])[0]


@pytest.mark.skipif(not shutil.which("as"), reason="no assembler here")
def test_source_lines(tmp_path):
    """Where there is debug information, and nowhere else."""
    (tmp_path / "entry.S").write_text(".text\nnop\nswapgs\n")
    for name, flags in (("with.o", ["-g"]), ("without.o", [])):
        subprocess.run(["as", *flags, "-o", name, "entry.S"], cwd=tmp_path,
                       check=True)
    found = disassembly.sources(str(tmp_path / "with.o"), [0, 1])
    assert [(os.path.basename(file), line) for file, line in found.values()] \
        == [("entry.S", 2), ("entry.S", 3)]
    assert disassembly.sources(str(tmp_path / "without.o"), [0, 1]) == {}
    assert disassembly.sources(str(tmp_path / "none"), [0]) == {}
