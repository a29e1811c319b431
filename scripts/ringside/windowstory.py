# SPDX-License-Identifier: MIT
"""The known stories of what the window finds: a cause that looks like one is
told with it.  Each stands on a row of tests/facts, which has its sources.
"""

import re

from .windowcells import BASE, LOST, STACK, stub_of

# Of an exit's fault: the instruction that has raised it, by its bytes.
_IRET = re.compile("(48)?cf")
_SYSRET = re.compile("(48)?0f07")
_LOADS = re.compile("(66|4[0-9a-f])?8e")    # MOV to a segment register
FAULTS = ("gp", "np", "ss")


def _at(cause, pattern, ways_out):
    """Has an exit's fault been mistaken there?"""
    return cause.kind in (BASE, STACK) and any(
        each.path.startswith(ways_out)
        and each.stub not in ("db", "nmi", "mc", "irq")
        or each.stub in FAULTS and each.row
        and pattern.match(each.row["code"])
        for each in cause.findings)


def _bad_iret(cause):
    return _at(cause, _IRET, ("iret-bad",))


def _bad_sysret(cause):
    return _at(cause, _SYSRET, ("sysret-bad",))


def _bad_load(cause):
    return _at(cause, _LOADS, ("load-gs",))


def _in_call(cause, event):
    """Has the event landed in a call, on the user's base or stack?"""
    return cause.kind in (BASE, STACK) and event in cause.stubs and any(
        each.path.startswith("sys") and each.bases != "-"
        for each in cause.findings)


def _debug(cause):
    return _in_call(cause, "db")


def _by_sign(cause):
    return cause.kind == BASE and {each.bases for each in cause.findings
                                   if each.row} == {"-"}


def _before_swapgs(cause):
    return any(_in_call(cause, event) for event in ("nmi", "mc"))


def _interrupts(cause):
    return cause.kind == BASE and "irq" in cause.stubs


def _nested(cause):
    return cause.kind == LOST and any(
        stub_of(each.path) == each.stub for each in cause.findings)


# In this order; a cause may have two.
STORIES = (
    (_bad_iret, "GS16", "BadIRET, CVE-2014-9322: the handler of an IRETQ's "
     "fault took the user's GS for the kernel's"),
    (_bad_sysret, "SC7", "CVE-2012-0217 and CVE-2006-0744: SYSRET to an RIP "
     "that is not canonical faults in ring 0 on Intel, RSP the user's already"),
    (_bad_load, "GS16", "as BadIRET, CVE-2014-9322, by a load of a segment"),
    (_debug, "DB1", "CVE-2018-8897: MOV SS lets ring 3 bring a #DB to the "
     "first instruction of a call, with the user's GS and RSP"),
    (_before_swapgs, "NM1", "an NMI before SWAPGS: its frame says ring 0, and "
     "the user's GS is live"),
    (_by_sign, "GS12", "where ring 3 has WRGSBASE its base may be negative, "
     "as a kernel's is"),
    (_interrupts, "GS15", "interrupts are on where ring 0 has the user's GS"),
    (_nested, "IV13", "the frame of a second event overwrites the first's on "
     "one IST stack"),
)


def of(cause):
    """[sentence] of the stories that it looks like."""
    return [f"{words} ({fact})" for fits, fact, words in STORIES
            if fits(cause)]
