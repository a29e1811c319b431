# SPDX-License-Identifier: MIT
"""What scripts/window says of a report: a sentence first, then what is no
fault, then each cause (windowcause.py).

Pure functions over report.json; what that does not say is handed in.
"""

import re

from .windowcause import about, names, plural, sentence, wrapped
from .windowcells import (
    BAD, EVENTS, LAB, OWN, RULE, checks_of, rows_of, stub_of)
from .windowfound import causes, no_faults, stays

RIGHT, WRONG, UNJUDGED = 0, 1, 2    # exit statuses
# Why a check was skipped that the specimen does have.
_NOT_JUDGED = ("taken the machine down", "took the machine down",
               "does not come back",
               "does not end", "does not return")
_LIMIT = re.compile(r"not finished after (\d+) s")


def walked(report, name):
    """The stubs that were walked, or were to be."""
    found = []
    for (path, what), check in checks_of(report, name).items():
        found.append(stub_of(path))
        if what in EVENTS and check["verdict"] != "skip":
            found.append(what)
    for row in rows_of(report, name):
        found += [stub_of(row["path"]), *row["events"]]
    return list(dict.fromkeys(found))


def _where(cause, stub):
    """"at 3 boundaries of syscall64", or what the check says of its path."""
    mine = [each for each in cause.findings if each.stub == stub]
    paths = list(dict.fromkeys(each.path for each in mine))
    if not any(each.place for each in mine):
        return f"in {names(paths, 3)}"
    if len(mine) == 1:
        return f"at {mine[0].place}" + \
            f" of {paths[0]}" * (stub_of(paths[0]) != stub)
    return f"at {len(mine)} boundaries of " + (
        names(paths) if len(paths) < 3 else plural(len(paths), "path"))


def _briefly(found):
    """"nmi at 3 boundaries of syscall64, db at ...", each stub once."""
    first = {}
    for cause in found:
        for stub in cause.stubs:
            first.setdefault(stub, cause)
    said = {}
    for stub, cause in first.items():
        said.setdefault(_where(cause, stub), []).append(stub)
    return ", ".join(f"{names(stubs)} {where}"
                     for where, stubs in said.items())


def unfit(report, name):
    """The sentence for a specimen that cannot be walked at all, or ""."""
    check = next((each for each in report["checks"]
                  if each["id"] == f"window.{name}.{OWN}"), None)
    return check["seen"] if check and check["verdict"] in BAD else ""


def why_unfinished(report, name, problem):
    """Of a run that did not come to its end: when it ended, and of what."""
    if report["run"]["complete"]:
        own = [path for (path, _), check in checks_of(report, name).items()
               if LAB in check["seen"]]
        return f"there was an exception {LAB}, in {names(own)}" if own else ""
    paths = plural(len({row["path"] for row in rows_of(report, name)}), "path")
    step = report["run"]["last_step"]
    last = f", in {step}" if step else ""
    if limit := _LIMIT.search(problem):
        return f"the time limit of {limit[1]} s came after {paths}{last}"
    why = problem or report["run"]["outcome"]
    return f"the run ended after {paths}{last}: {why}"


def headline(report, known, found):
    """(the first sentences, exit status)"""
    wrong = [cause for cause in found if cause.kind != RULE]
    stubs = walked(report, known.name)
    bad = list(dict.fromkeys(stub for cause in wrong for stub in cause.stubs))
    every = plural(max(known.stubs, len(stubs)), "stub")
    some = f"{every}, " + f"{len(stubs)} of them walked, " * (
        known.stubs > len(stubs))
    late = why_unfinished(report, known.name, known.problem)
    if bad:
        text = (f"{len(bad)} of {every} {'is' if len(bad) == 1 else 'are'} "
                f"wrong: {_briefly(wrong)}.")
    elif unfit(report, known.name):
        return unfit(report, known.name) + ".", UNJUDGED
    elif not rows_of(report, known.name):
        return (late or "it has no stub that the window can enter") + ".", \
            UNJUDGED
    elif late:
        text = f"{some}none wrong so far."
    else:
        text = f"{some}none wrong."
    for cause in found:
        if cause.kind == RULE:
            text += f" {sentence(report, known, cause)}."
    if late:
        text += f" Not all was judged: {late}."
    return text, WRONG if found else UNJUDGED if late else RIGHT


def remarks(report, known):
    """What is no fault, and what was not judged, a sentence each."""
    lines = []
    for (stub, _), at in no_faults(report, known.name).items():
        where = plural(len(at), "boundary", "boundaries") + " of " + \
            names([path for path, _ in at])
        lines.append(f"{stub} is dropped at {where}: "
                     f"{names([place for _, place in at])}.")
    lines += dict.fromkeys(
        f"{stub_of(path)} {check['seen'].removeprefix('stub ')}."
        for (path, _), check in checks_of(report, known.name).items()
        if stays(path, check))
    skipped = {}
    for (path, what), check in checks_of(report, known.name).items():
        if check["verdict"] == "notrun" or LAB in check["seen"] \
                or check["verdict"] == "skip" \
                and any(words in check["seen"] for words in _NOT_JUDGED):
            skipped.setdefault(check["seen"] or "not run", {}) \
                .setdefault(path, []).append(what)
    for why, by_path in skipped.items():
        whats = {what for mine in by_path.values() for what in mine}
        stubs = f"{names(sorted(whats & set(EVENTS)))} in " \
            if len(whats) == 1 and whats <= set(EVENTS) else ""
        lines.append(f"Not judged: {stubs}{names(by_path)}: {why}.")
    return lines


def say(report, known):
    """(the first sentence, the lines before the table, exit status)"""
    found = causes(report, known.name)
    first, status = headline(report, known, found)
    lines = [line for text in remarks(report, known)
             for line in wrapped(text)]
    return first, lines + about(report, known, found), status
