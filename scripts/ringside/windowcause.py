# SPDX-License-Identifier: MIT
"""A cause in words: what the stub does, which rule it behaves like, the known
story, each boundary with its instruction and its line, and the shortest way
to see it.
"""

import textwrap
from dataclasses import dataclass, field

from . import windowstory
from .windowcells import (
    BASE, BASES, FAULT, HANG, LOOP, LOST, MISSED, PATH, RESET, RULE, STACK,
    lost, words_of)
from .windowfound import behaves

WIDTH = 80
PLACES_MAX = 10     # lines about the boundaries of one cause
TEXT_MAX = 24       # characters of an instruction
NAMES_MAX = 6       # in one line

# (of one stub, of several)
_DOES = {
    RESET: ("resets the machine", "reset the machine"),
    HANG: ("hangs", "hang"),
    LOOP: ("does not return", "do not return"),
    FAULT: ("faults", "fault"),
    STACK: ("has its frame on the user's stack",
            "have their frames on the user's stack"),
    BASE: ("runs on the user's GS base", "run on the user's GS base"),
    LOST: ("does not give back", "do not give back"),
    MISSED: ("is not taken once and exactly there",
             "are not taken once and exactly there"),
    PATH: ("does not do what it must", "do not do what they must"),
    RULE: ("is right where its declared rule would not be",
           "are right where their declared rule would not be"),
}
# Of a boundary that no check speaks of.
_SEEN = {BASE: "the user's GS base", LOST: "not all comes back",
         STACK: "its frame is on the user's stack",
         MISSED: "not taken once and exactly there"}


@dataclass
class Place:
    """What is known of an instruction, beside the report."""
    text: str = ""      # its disassembly
    source: str = ""    # "entry.S:12"


@dataclass
class Known:
    """What the report does not say."""
    name: str                   # the specimen's
    command: str                # that runs it, without ARGS=
    places: dict = field(default_factory=dict)  # {address: Place}
    stubs: int = 0              # that it has; 0: those that were walked
    problem: str = ""           # the run script's words, if it did not end


def plural(n, one, many=""):
    return f"{n} {one if n == 1 else many or one + 's'}"


def names(words, most=NAMES_MAX):
    """"a, b and c"; of more than most the first, and how many more."""
    words = list(dict.fromkeys(words))
    if len(words) > most:
        return ", ".join(words[:most - 1]) + \
            f" and {len(words) - most + 1} more"
    return ", ".join(words[:-1]) + " and " * (len(words) > 1) + \
        "".join(words[-1:])


def _rules(report, known, cause):
    """Which rule it behaves like, by what was measured."""
    rules = cause.rules if cause.kind != RULE else \
        behaves(report, known.name, cause.stubs[0])
    if not rules:
        return ""
    like = f", and behave{'s'[len(cause.stubs) > 1:]} like " \
        + " or ".join(rules)
    return like + "".join(f": {rule['about']}" for rule in report["rules"]
                          if (rule["name"],) == rules)


def sentence(report, known, cause):
    does = _DOES[cause.kind][len(cause.stubs) > 1]
    if cause.kind == LOST:
        does += f" {cause.what or 'all that it interrupted'}"
    return names(cause.stubs) + f" {does}" + _rules(report, known, cause)


def _base_words(each):
    """Whose base was live there, and with which user's base it is so."""
    bases = each.bases
    if each.row and set(bases) == set(each.row["bases"]):
        bases = ""
    words = ", ".join(BASES[base] for base in bases)
    if not each.row:
        return f"base {words}" if words else ""
    live = "user's base" if set(each.bases) <= set(each.row["users"]) \
        else "kernel's base"
    return live + (f", {words}" if words else "")


def _runs(found):
    """Neighbours under one label, with the same bases, as one."""
    runs = []
    for each in found:
        last = runs[-1][-1] if runs else None
        if last and last.row and each.row \
                and last.row["symbol"] == each.row["symbol"] \
                and last.row["index"] + 1 == each.row["index"] \
                and _base_words(last) == _base_words(each):
            runs[-1].append(each)
        else:
            runs.append([each])
    return runs


def _line(run, stubs, known):
    """(place, instruction, source, what is live) of a run of boundaries."""
    first, last = run[0], run[-1]
    place = first.place or "the path itself"
    if len(run) > 1:
        place += f"..{last.row['offset']:#x} ({len(run)})"
    at = known.places.get(int(first.row["rip"], 16), Place()) \
        if first.row else Place()
    live = _base_words(first)
    if stubs:
        live += f" ({names(stubs)})"
    text = at.text if len(at.text) <= TEXT_MAX \
        else at.text[:TEXT_MAX].rstrip() + "~"
    return place, text + (" ..." if text and len(run) > 1 else ""), \
        at.source, live


def _groups(cause):
    """[(paths, findings of one of them, stubs or [])]: paths with the same
    boundaries are one."""
    by_path, groups = {}, {}
    for each in cause.findings:
        mine = by_path.setdefault(each.path, {})
        mine.setdefault((each.place, each.bases), []).append(each)
    for path, places in by_path.items():
        by_stubs = {}
        for found in places.values():
            stubs = tuple(dict.fromkeys(each.stub for each in found))
            by_stubs.setdefault(stubs, []).append(found[0])
        for stubs, found in by_stubs.items():
            key = stubs, tuple((each.place, each.bases) for each in found)
            groups.setdefault(key, ([], found, stubs))[0].append(path)
    return [(paths, found, [] if list(stubs) == cause.stubs else stubs)
            for paths, found, stubs in groups.values()]


def places(cause, known, most=PLACES_MAX):
    """A line for each boundary or row of them, grouped by path: so many, and
    where the others are."""
    cells, left = [], []
    for paths, found, stubs in _groups(cause):
        runs = _runs(found)
        if cells and len(cells) + len(runs) > most:
            left += paths
            continue
        for n, run in enumerate(runs[:most]):
            cells.append((names(paths, 3) if n == 0 else "",
                          *_line(run, stubs, known)))
        if len(runs) > most:
            left.insert(0, plural(len(runs) - most, "more place"))
    width = [max(len(cell[n]) for cell in cells) for n in range(5)]
    lines = ["   " + "  ".join(text.ljust(wide) for text, wide
                               in zip(cell, width) if wide).rstrip()
             for cell in cells]
    if left:
        lines += wrapped(f"and in {names(left)}: report.html has them", "   ",
                         "   ")
    return lines


def _event(stub):
    return {"db": "#DB", "mc": "#MC", "nmi": "NMI", "irq": "IRQ"}.get(stub,
                                                                      stub)


def shortest(cause, known):
    """The first wrong cell: what came where, with which base, what was and
    what is; and the command that runs just that."""
    each = next((one for one in cause.findings if one.check),
                cause.findings[0])
    check, base = each.check, each.bases[:1]
    if not check:
        said, wanted = _SEEN.get(cause.kind, ""), ""
    elif cause.kind == LOST and (its := lost(check)):
        said, wanted = f"{its[0]} was {its[1]}, comes back {its[2]}", ""
    else:
        _, base, wanted, said = words_of(check)
    if each.place and each.place not in said:
        at = f"{_event(each.stub)} at {each.place}" + \
            (f", base {BASES[base]}" if base else "") + ": " * bool(said)
    else:
        at = ""     # it is in the words
    if wanted and cause.kind not in (RESET, HANG, LOOP, FAULT):
        said += f", not {wanted}"
    alone = check["id"] if check else \
        f"window.{known.name}.{each.path}.{each.stub}"
    return [f"   seen: {at}{said}",
            f"   {known.command} ARGS=\"--only {alone}\""]


def wrapped(text, first="", more=""):
    return textwrap.wrap(text, WIDTH, initial_indent=first,
                         subsequent_indent=more, break_long_words=False,
                         break_on_hyphens=False)


def about(report, known, found):
    """The lines about each cause."""
    lines = []
    for n, cause in enumerate(found, 1):
        head = f"{n}. "
        lines += ["", *wrapped(sentence(report, known, cause), head,
                                " " * len(head))]
        for story in windowstory.of(cause):
            lines += wrapped(f"known: {story}", "   ", "     ")
        lines += places(cause, known,
                        max(3, PLACES_MAX // len(found) + (len(found) > 1)))
        lines += shortest(cause, known)
    return lines
