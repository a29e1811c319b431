# SPDX-License-Identifier: MIT
"""What the window found wrong: each boundary at which a stub did something
wrong, and those of one stub and one kind of fault as one cause.

A stub is named as its path is (syscall64, int80) or as its event (nmi, db).
What is a failure is the image's to say, in its checks; the rows say where.  A
cell of which no check is left, as the run ended before, speaks for itself.
"""

from dataclasses import dataclass, field

from .windowcells import (
    BAD, BASE, EVENTS, FAULTS, HANG, KINDS, LAB, LOST, NO_FAULTS, OWN, RESET,
    RULE, STAYS, checks_of, in_cell, in_order, kind_of, lost, place_of, rows_of,
    stub_of, words_of)


@dataclass
class Finding:
    stub: str
    kind: str
    path: str
    place: str          # "symbol+0x12", or "" if that is not known
    bases: str          # of "0+-"
    row: dict = None
    check: dict = None  # that tells of just this one


@dataclass
class Cause:
    kind: str
    what: str       # LOST: what is not given back, "" if that is not known
    stubs: list
    rules: tuple    # BASE: the rules that would be wrong just there
    findings: list = field(default_factory=list)


def _in_rows(rows, checks, on_purpose):
    for row in rows:
        for event, cell in row["events"].items():
            check = checks.get((row["path"], event))
            sure = check and check["verdict"] in BAD
            if check and not sure and not on_purpose:
                continue
            for kind, bases in in_cell(cell, FAULTS).items():
                if not sure and kind == BASE and (
                        bases == "-" or event == "irq" and "shadow" in row):
                    continue    # a published limit, for all that is known
                first = check and words_of(check)[0] == place_of(row)
                yield Finding(event, kind, row["path"], place_of(row), bases,
                              row, check if first else None)


def _in_words(checks, found):
    """The checks that rows do not account for."""
    known = {(each.path, each.stub, each.kind) for each in found}
    named = {each[:2] for each in known}
    for (path, what), check in checks.items():
        if check["verdict"] not in BAD or what == OWN \
                or LAB in check["seen"] or stays(path, check):
            continue
        kind, (place, base, *_) = kind_of(what, check), words_of(check)
        stub = what if what in EVENTS else stub_of(path)
        if what in EVENTS and (path, stub) in named \
                and kind not in (HANG, RESET, RULE) \
                or (path, stub, kind) in known:
            continue
        yield Finding(stub, kind, path, place, base, None, check)


def stays(path, check):
    """Is it an event's stub that never returns, as some do on purpose?"""
    return stub_of(path) in EVENTS and check["seen"].startswith(STAYS)


def _is_limit(one, found):
    """With a negative base alone, beside a fault that the check has failed
    for: the published limit of by-sign."""
    return one.kind == BASE and one.bases == "-" and not one.check and any(
        (each.path, each.stub) == (one.path, one.stub)
        and (each.kind, each.bases) != (BASE, "-") for each in found)


def findings(report, name):
    """All of them, of a specimen."""
    checks = checks_of(report, name)
    # One of ours that says so is right by its checks where it is wrong.
    on_purpose = any(each["specimen"] == name
                     and each["about"].startswith("wrong:")
                     for each in report["subjects"])
    found = list(_in_rows(rows_of(report, name), checks, on_purpose))
    found += _in_words(checks, list(found))
    wrong = {each.stub for each in found if each.kind != RULE}
    return [each for each in found if not _is_limit(each, found)
            and not (each.kind == RULE and each.stub in wrong)]


def no_faults(report, name):
    """{(stub, DROPPED): [(path, place)]}"""
    found = {}
    for row in rows_of(report, name):
        for event, cell in row["events"].items():
            for kind in in_cell(cell, NO_FAULTS):
                found.setdefault((event, kind), []).append(
                    (row["path"], place_of(row)))
    return found


def behaves(report, name, event):
    """The rules that would be wrong just where the event's stub was, over all
    boundaries that tell the rules apart; () if none would, or none does."""
    rules = [rule["name"] for rule in report["rules"] if rule["tried"]]
    left, apart = set(rules), False
    for row in rows_of(report, name):
        cell = row["events"].get(event)
        if not cell or stub_of(row["path"]) == event:
            continue    # its own stack: another question
        sent = set(cell.get("sent", "")) - set(cell.get("missed", ""))
        wrong = sent & set(cell.get("wrong", ""))
        like = {rule: sent & set(row["rules"].get(rule, ""))
                for rule in rules}
        apart = apart or len(set(map(in_order, like.values()))) > 1
        left -= {rule for rule in rules if like[rule] != wrong}
    return tuple(rule for rule in rules if apart and rule in left)


def _lost(found):
    """{stub: what is not given back}, as far as checks name it."""
    names = {}
    for each in found:
        if each.kind == LOST and each.check and (its := lost(each.check)):
            names.setdefault(each.stub, []).append(its[0])
    return {stub: ", ".join(dict.fromkeys(mine))
            for stub, mine in names.items()}


def causes(report, name):
    """One for each stub and kind of fault; stubs that are on the user's base
    where one and the same rule would be share theirs."""
    found, merged = findings(report, name), {}
    names = _lost(found)
    like = {stub: behaves(report, name, stub) for stub in
            {each.stub for each in found if each.kind == BASE}}
    for each in found:
        what = names.get(each.stub, "") if each.kind == LOST else ""
        rules = like[each.stub] if each.kind == BASE else ()
        key = each.kind, what, rules, "" if rules else each.stub
        cause = merged.setdefault(key, Cause(each.kind, what, [], rules))
        if each.stub not in cause.stubs:
            cause.stubs.append(each.stub)
        cause.findings.append(each)
    return sorted(merged.values(), key=lambda cause: KINDS.index(cause.kind))
