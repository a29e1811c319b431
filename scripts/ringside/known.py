# SPDX-License-Identifier: MIT
"""A run's result against the known one of its platform and model.

tests/known/<platform>-<model>.txt names each check that does not pass there,
one a line: `check-id  verdict  what was seen -- sentence`.  What it does not
name must pass, and both the verdict and what was seen must be as it says: a
check that fails in another way is news.  Addresses that only say where the
linker has put something stand there as places, `<core>`.  Wrong SWAPGS
decisions are rows of the same kind: `path:exc.db:ring-0  wrong`.

The sentences come from tests/known/causes.txt, where a line speaks of as many
checks as one cause in an emulator explains: `platform-model  verdict  id
sentence`, patterns in the first and the third column, verdicts and the third
column's patterns parted by commas; of the lines that fit the first counts.
An indented line `at FILE, FUNCTION` behind it says where the emulator does
that.  A check is skipped for the reason that it gives, which is what was seen
of it.
"""

import os
import re
from collections import Counter
from fnmatch import fnmatchcase

PASS, SKIP = "pass", "skip"
UNEXPLAINED = "unexplained"  # a sentence that is still to be found
WHY = " -- "    # between what was seen and the sentence
SEEN_WIDE = 48  # of the column
_LINE = re.compile(r"(\S+)\s+(\S+)(?:\s+(.*))?$")
_CAUSE = re.compile(r"(?:at (.+)|(\S+)\s+(\S+)\s+(\S+)\s+(.+))$")
_COUNT = re.compile(r"(\S+)\s+(\d+)$")
COUNTS_HEAD = """\
# How many checks there are on every machine, by the first word of their ids;
# skipped ones count: by make accept.
"""
SKIPPED_HEAD = """\
# The checks that no machine of `make test` runs, below the reasons that they
# give: by make accept.
"""
HEAD = """\
# Every check that does not pass on {name}, and why: by make accept.
# check-id  verdict  what was seen -- sentence
"""

# What the linker lays out, by include/layout.h: an address there is a place.
# All of it lies in the low half of an address; cases poke at the high one.
CORE = "<core>"
PLACES = ((CORE, 0xc0000000, 0xd0000000),
          ("<user text>", 0x10000000, 0x10400000),
          ("<user data>", 0x10400000, 0x10800000))
_ADDRESS = re.compile(r"\b(0x)?([0-9a-f]{0,8})([0-9a-f]{8})\b")
_SIGN = "ffffffff"  # the high half of an address of the core


def _place(found):
    _, high, low = found.groups()
    for name, begin, end in PLACES:
        if begin <= int(low, 16) < end:
            return name if name == CORE and high == _SIGN else high + name
    return found[0]


def places(words):
    """What was seen, the same whatever the linker does."""
    return _ADDRESS.sub(_place, words)


def findings(report):
    """{id: (verdict, what was seen)} of what does not pass in a report.json."""
    found = {}
    for check in report["checks"]:
        if check["verdict"] != PASS:
            words = check["seen"] or check["why"]
            found[check["id"]] = (check["verdict"], places(words))
    for path in report["paths"]:
        if path["wrong"]:
            origin = path["from"].replace(" ", "-")
            found[f"path:{path['path']}:{origin}"] = (
                "wrong", f"{path['wrong']} of {path['entries']} decisions")
    return found


def _rows(path, pattern, shape):
    """(line number, match) of each line that is no comment."""
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            found = pattern.match(line)
            if not found:
                raise ValueError(f"{path}:{number}: not `{shape}`")
            yield number, found


def load(path):
    """{id: (verdict, what was seen, sentence)} of a known-results file."""
    known = {}
    for number, row in _rows(path, _LINE, "id verdict sentence"):
        if row[1] in known:
            raise ValueError(f"{path}:{number}: {row[1]} again")
        seen, _, sentence = (row[3] or "").partition(WHY)
        known[row[1]] = (row[2], seen.strip(), sentence.strip())
    return known


def _causes(path):
    """(sentence, where it is so or None, its patterns) of each line."""
    sentence = None
    for number, row in _rows(path, _CAUSE,
                             "platform-model verdict id sentence"):
        if row[1]:
            if not sentence:
                raise ValueError(f"{path}:{number}: of no sentence")
            yield sentence, row[1], []
            continue
        sentence = row[5]
        yield sentence, None, [(row[2], row[3], one, sentence)
                               for one in row[4].split(",")]


def load_causes(path):
    """[(platform-model, verdict, id, sentence)], as causes.txt has them; a
    line with several patterns for the id is several."""
    return [cause for *_, causes in _causes(path) for cause in causes]


def load_sources(path):
    """{sentence: where it is so}, for those that say it."""
    return {sentence: where for sentence, where, _ in _causes(path) if where}


def cause_of(causes, name, check, verdict):
    """The cause that explains this verdict of a check on a platform and
    model, or None."""
    return next((cause for cause in causes if verdict in cause[1].split(",")
                 and fnmatchcase(name, cause[0])
                 and fnmatchcase(check, cause[2])), None)


def _shown(finding):
    verdict, seen = finding
    return f"{verdict} ({seen})" if seen else verdict


def compare(report, known):
    """The differences, one line each; none if all is as known."""
    found = findings(report)
    ids = {check["id"] for check in report["checks"]}
    lines = []
    for name in sorted(found.keys() | known.keys()):
        now = found.get(name, (PASS, ""))
        then = known.get(name, (PASS, "", ""))[:2]
        if name in known and name not in found and name not in ids \
                and not name.startswith("path:"):
            now = ("absent", "")
        if now != then:
            lines.append(f"{name}: known {_shown(then)}, now {_shown(now)}")
    return lines


def count(report):
    """{first word of the id: checks}, so that none is lost unnoticed: what
    the known results do not name would pass by being absent."""
    return Counter(check["id"].split(".")[0] for check in report["checks"])


def load_counts(path):
    """The known ones, the same on every machine."""
    return {row[1]: int(row[2])
            for _, row in _rows(path, _COUNT, "word count")}


def accept_counts(path, report):
    with open(path, "w", encoding="utf-8") as file:
        file.write(COUNTS_HEAD)
        for word, number in sorted(count(report).items()):
            file.write(f"{word}  {number}\n")


def unexplained(known):
    """What is known and has no cause, one line each."""
    return [f"{name}: {verdict}, {sentence}: {seen}"
            for name, (verdict, seen, sentence) in known.items()
            if sentence == UNEXPLAINED]


def skipped_everywhere(results):
    """{id: reasons} of the checks that each of these known results skips: no
    machine of the tests has ever run their code."""
    common = set.intersection(*({name for name, row in known.items()
                                 if row[0] == SKIP} for known in results))
    return {name: sorted({known[name][1] for known in results})
            for name in sorted(common)}


def skipped_lines(results):
    """The same as tests/known/skipped-everywhere.txt has it: what is skipped
    for the same reasons is one entry."""
    entries = {}
    for name, reasons in skipped_everywhere(results).items():
        entries.setdefault(tuple(reasons), []).append(name)
    lines = SKIPPED_HEAD.splitlines()
    for reasons, names in entries.items():
        lines += ["", *(f"# {reason}" for reason in reasons), *names]
    return lines


def load_all(directory, names):
    """The known results of these machines, those that there are."""
    paths = (os.path.join(directory, name + ".txt") for name in names)
    return [load(path) for path in paths if os.path.exists(path)]


def accept_skipped(directory, names):
    results = load_all(directory, names)
    if len(results) < len(names):
        return
    path = os.path.join(directory, "skipped-everywhere.txt")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(skipped_lines(results)) + "\n")


def accept(path, name, report, causes):
    """Write the report's findings as the known ones, which are returned."""
    known = {}
    for key, (verdict, seen) in sorted(findings(report).items()):
        if WHY in seen:
            raise ValueError(f"{key}: \"{WHY}\" in what was seen: {seen}")
        sentence = ""
        if verdict != SKIP:
            cause = cause_of(causes, name, key, verdict)
            sentence = cause[3] if cause else UNEXPLAINED
        known[key] = (verdict, seen, sentence)
    wide = max(map(len, known), default=0)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(HEAD.format(name=name))
        for key, (verdict, seen, sentence) in known.items():
            line = f"{key:{wide}}  {verdict:6}  {seen:{SEEN_WIDE}}" \
                if sentence else f"{key:{wide}}  {verdict:6}  {seen}"
            file.write((f"{line}{WHY}{sentence}" if sentence else line).rstrip()
                       + "\n")
    return known
