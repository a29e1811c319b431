# SPDX-License-Identifier: MIT
"""A run's result against the known one of its platform and model.

tests/known/<platform>-<model>.txt names each check that does not pass there,
one a line: `check-id  verdict  sentence`.  What it does not name must pass.
Wrong SWAPGS decisions are rows of the same kind: `path:exc.db:ring-0  wrong`.

The sentences come from tests/known/causes.txt, where a line speaks of as many
checks as one cause in an emulator explains: `platform-model  verdict  id
sentence`, patterns with * in the first and the third column and verdicts
parted by commas in the second; of the lines that fit the first counts.  A
check is skipped for the reason that it gives.
"""

import os
import re
from collections import Counter
from fnmatch import fnmatchcase

PASS, SKIP = "pass", "skip"
UNEXPLAINED = "unexplained: "
_LINE = re.compile(r"(\S+)\s+(\S+)(?:\s+(.*))?$")
_CAUSE = re.compile(r"(\S+)\s+(\S+)\s+(\S+)\s+(.+)$")
_COUNT = re.compile(r"(\S+)\s+(\d+)$")
COUNTS_HEAD = """\
# How many checks there are on every machine, by the first word of their ids;
# skipped ones count: by make accept.
"""
HEAD = """\
# Every check that does not pass on {name}, and why: by make accept.
# check-id  verdict  sentence
"""


def findings(report):
    """{id: (verdict, what was seen)} of what does not pass in a report.json."""
    found = {}
    for check in report["checks"]:
        if check["verdict"] != PASS:
            words = check["seen"] or check["why"]
            found[check["id"]] = (check["verdict"], words)
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
    """{id: (verdict, sentence)} of a known-results file."""
    known = {}
    for number, row in _rows(path, _LINE, "id verdict sentence"):
        if row[1] in known:
            raise ValueError(f"{path}:{number}: {row[1]} again")
        known[row[1]] = (row[2], row[3] or "")
    return known


def load_causes(path):
    """[(platform-model, verdict, id, sentence)], as causes.txt has them."""
    return [row.groups() for _, row in _rows(
        path, _CAUSE, "platform-model verdict id sentence")]


def cause_of(causes, name, check, verdict):
    """The cause that explains this verdict of a check on a platform and
    model, or None."""
    return next((cause for cause in causes if verdict in cause[1].split(",")
                 and fnmatchcase(name, cause[0])
                 and fnmatchcase(check, cause[2])), None)


def compare(report, known):
    """The differences, one line each; none if all is as known."""
    found = findings(report)
    ids = {check["id"] for check in report["checks"]}
    lines = []
    for name in sorted(found.keys() | known.keys()):
        now = found.get(name, (PASS, ""))
        then = known.get(name, (PASS, ""))
        if name in known and name not in found and name not in ids \
                and not name.startswith("path:"):
            now = ("absent", "")
        if now[0] != then[0]:
            lines.append(f"{name}: known {then[0]}, now {now[0]}"
                         + (f" ({now[1]})" if now[1] else ""))
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
    return [f"{name}: {verdict}, {sentence}"
            for name, (verdict, sentence) in known.items()
            if sentence.startswith(UNEXPLAINED)]


def accept(path, name, report, causes):
    """Write the report's findings as the known ones, which are returned."""
    known = {}
    for key, (verdict, words) in sorted(findings(report).items()):
        if verdict != SKIP:
            cause = cause_of(causes, name, key, verdict)
            words = cause[3] if cause else UNEXPLAINED + words
        known[key] = (verdict, words)
    wide = max(map(len, known), default=0)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(HEAD.format(name=name))
        for key, (verdict, words) in known.items():
            file.write(f"{key:{wide}}  {verdict:6}  {words}".rstrip() + "\n")
    return known
