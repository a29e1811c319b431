# SPDX-License-Identifier: MIT
"""The window's part of report.json, read: a boundary's events, the checks of a
path and what their words say, and the kinds of faults that there are.
"""

import re

# Kinds of faults; the order is that of the causes.
KINDS = ("reset", "hang", "loop", "fault", "stack", "base", "lost", "missed",
         "path", "rule")
RESET, HANG, LOOP, FAULT, STACK, BASE, LOST, MISSED, PATH, RULE = KINDS
# What is told, and is no fault.
DROPPED = "dropped"

# In an event's cell at a boundary: the bases with which it was so.  A later
# one is not asked about a base that an earlier one has.
FAULTS = {"users_stack": STACK, "user_stack": STACK, "hang": HANG,
          "fault": FAULT, "wrong": BASE, "damaged": LOST, "missed": MISSED}
NO_FAULTS = {"dropped": DROPPED}

BAD = ("fail", "hang", "reset")
EVENTS = ("db", "nmi", "mc", "irq")
BASES = {"0": "zero", "+": "positive", "-": "negative"}
RING3 = "ring 3"
LAB = "in the core itself"  # an exception: no stub's, the lab's own
STAYS = "stub never returns"    # by design, as far as an event's stub says
OWN = "stubs"           # the check that a specimen can be walked at all

# Of a path's name, what does not say whose stub is walked.
_SUFFIX = re.compile(r"-(ring0|compat|iretq|syscall)$")
# Ways out that fail: the stub that is walked.
_EXITS = {"iret-bad": "int80", "sysret-bad": "syscall64"}

_AT = re.compile(r"at (ring 3|\S+?)\+0x([0-9a-f]+), base (\w+):? ?(.*)")
_PLACE = re.compile(r"(?:come from |at )(\S+\+0x[0-9a-f]+)")
_BASE = re.compile(r", base (\w+)$")
_NAMED = re.compile(r"(a word of the stack|kernel gs base|gs base|"
                    r"gs selector|rflags|[a-z][a-z0-9]{1,2}) (\S.*)")


def stub_of(path):
    """The stub that a path walks, by name."""
    for way_out, stub in _EXITS.items():
        if path.startswith(way_out):
            return stub
    return _SUFFIX.sub("", path)


def place_of(row):
    return RING3 if int(row["cs"], 16) & 3 \
        else f"{row['symbol']}+{row['offset']:#x}"


def in_order(bases):
    return "".join(base for base in BASES if base in bases)


def in_cell(cell, kinds):
    """{kind: bases} of an event's cell."""
    left, found = set(BASES), {}
    for key, kind in kinds.items():
        if bases := left & set(cell.get(key, "")):
            found[kind] = in_order(bases | set(found.get(kind, "")))
            left -= bases
    return found


def rows_of(report, name):
    return [row for row in report["window"] if row["specimen"] == name]


def checks_of(report, name):
    """{(path, what): check} of a specimen's window; the last one counts."""
    found = {}
    for check in report["checks"]:
        head, _, rest = check["id"].partition(f"window.{name}.")
        if not head and "." in rest:
            path, _, what = rest.rpartition(".")
            found[path, what] = check
    return found


def _letter(name):
    return next((base for base, its in BASES.items() if its == name), "")


def words_of(check):
    """(place, base's letter, expected, seen) of a check that tells where it
    was first so; place and base are "" where it does not."""
    seen, wanted = _AT.match(check["seen"]), _AT.match(check["expected"])
    rest = [text.partition(", injections ")[0] for text in
            (wanted[4] if wanted else check["expected"],
             seen[4] if seen else check["seen"])]
    if seen and rest[1]:
        place = RING3 if seen[1] == RING3 else f"{seen[1]}+0x{seen[2]}"
        return place, _letter(seen[3]), *rest
    place, base = _PLACE.search(check["seen"]), _BASE.search(check["seen"])
    return (place[1].rstrip(",:") if place else "",
            _letter(base[1]) if base else "", rest[0], check["seen"])


def lost(check):
    """What a check says is not given back, what it was and what it is now;
    or None."""
    *_, wanted, seen = words_of(check)
    was, now = _NAMED.match(wanted), _NAMED.match(seen)
    return (was[1], was[2], now[2]) if was and now and was[1] == now[1] \
        else None


def kind_of(what, check):
    """The kind of fault that a check tells of, by its words alone."""
    *_, wanted, seen = words_of(check)
    if check["verdict"] in ("hang", "reset"):
        return HANG if check["verdict"] == "hang" else RESET
    if check["expected"].startswith("stub returns"):
        return FAULT if seen.startswith("stub #") else LOOP
    if wanted.startswith(("wrong, by its rule", "rule right")):
        return RULE
    if "user's stack" in seen:
        return STACK
    if "user's GS base" in seen or "on the user's base" in seen:
        return BASE
    if wanted == "all given back" or lost(check) and what in EVENTS:
        return LOST
    if wanted.startswith(("delivered", "injections")):
        return MISSED
    return PATH
