# SPDX-License-Identifier: MIT
"""Known results as they stand in tests/known/.

tests/known/<platform>-<model>/<release>.txt has a row a check:
`check-id  verdict  what was seen -- sentence`.  The file of a machine's first
release has all that does not pass there; that of each later one only what is
otherwise than in the one before, `pass` for what was mended among it.  A file
says which version of the emulator was seen.

A version that has no file is held against the nearest release that has one,
and what differs there is news: it says something about the emulator.  With the
very version that a file names it is a failure.

The sentences come from causes.txt.  A check is skipped for the reason that it
gives, which is what was seen of it.
"""

import os
import re
from dataclasses import dataclass

from . import causes, table, versions
from .known import PASS, SKIP, UNEXPLAINED, count, findings, unexplained

WHY = " -- "    # between what was seen and the sentence
SEEN_WIDE = 48  # of the column
FIRST = """\
# Every check that does not pass on {machine}, and why: by \
make accept."""
LATER = """\
# What is otherwise on {machine} than with
# {emulator} {before}: by make accept."""
HEAD = """\
# seen with {emulator} {version}
# check-id  verdict  what was seen -- sentence
"""
COUNTS_HEAD = """\
# How many checks there are on every machine, by the first word of their ids;
# skipped ones count: by make accept.
"""
SKIPPED_HEAD = """\
# The checks that no machine of `make test` runs, below the reasons that they
# give: by make accept.
"""
_ROW = re.compile(r"(\S+)\s+(\S+)(?:\s+(.*))?$")
_COUNT = re.compile(r"(\S+)\s+(\d+)$")
_SEEN = re.compile(r"# seen with (\S+) (\S+)$", re.MULTILINE)


@dataclass
class Known:
    """What is known of a machine in one release of its emulator."""
    emulator: str
    version: str    # the one that was seen
    rows: dict      # {id: (verdict, what was seen, sentence)}

    @property
    def release(self):
        return versions.release(self.version)

    def judges(self, machine):
        """Whether a difference is a failure, and not news of the emulator."""
        return machine.version == self.version

    def __str__(self):
        return f"{self.emulator} {self.version}"


def _load(path):
    """(emulator, version, rows) of one file, as it stands there."""
    with open(path, encoding="utf-8") as file:
        seen = _SEEN.search(file.read())
    if not seen:
        raise ValueError(f"{path}: does not say what it was seen with")
    found = {}
    for number, row in table.rows(path, _ROW, "id verdict sentence"):
        if row[1] in found:
            raise ValueError(f"{path}:{number}: {row[1]} again")
        words, _, sentence = (row[3] or "").partition(WHY)
        found[row[1]] = (row[2], words.strip(), sentence.strip())
    return seen[1], seen[2], found


def releases(directory, machine):
    """The releases that a machine has a file of, in order."""
    folder = os.path.join(directory, machine)
    names = os.listdir(folder) if os.path.isdir(folder) else []
    return sorted((name.removesuffix(".txt") for name in names
                   if name.endswith(".txt")), key=versions.key)


def machines(directory):
    """All that there are known results of."""
    return sorted(entry.name for entry in os.scandir(directory)
                  if entry.is_dir())


def history(directory, machine):
    """{release: Known}, each with all of its rows."""
    found, rows = {}, {}
    for release in releases(directory, machine):
        emulator, version, new = _load(
            os.path.join(directory, machine, release + ".txt"))
        rows = {name: row for name, row in {**rows, **new}.items()
                if row[0] != PASS}
        found[release] = Known(emulator, version, dict(sorted(rows.items())))
    return found


def nearest(directory, machine):
    """The Known to hold a run on that known.Machine against, or None."""
    found = history(directory, machine.name)
    return found.get(versions.nearest(found,
                                      versions.release(machine.version)))


def _line(row, wide):
    key, (verdict, seen, sentence) = row
    line = f"{key:{wide}}  {verdict:6}  " \
        + (f"{seen:{SEEN_WIDE}}{WHY}{sentence}" if sentence else seen)
    return line.rstrip() + "\n"


def write(directory, machine, known):
    """The files of a machine, of {release: Known}."""
    folder = os.path.join(directory, machine)
    os.makedirs(folder, exist_ok=True)
    before, head = {}, FIRST
    for release in sorted(known, key=versions.key):
        one = known[release]
        rows = {name: row for name, row in one.rows.items()
                if before.get(name) != row}
        rows.update((name, (PASS, "", "")) for name in before
                    if name not in one.rows)
        wide = max(map(len, rows), default=0)
        with open(os.path.join(folder, release + ".txt"), "w",
                  encoding="utf-8") as file:
            file.write(head + "\n" + HEAD.format(
                emulator=one.emulator, version=one.version))
            file.writelines(_line(row, wide) for row in sorted(rows.items()))
        before = one.rows
        head = LATER.format(machine=machine, emulator=one.emulator,
                            before=release)


def _explained(found, machine, version, known_causes):
    """{id: (verdict, seen, sentence)} of {id: (verdict, seen)}."""
    rows = {}
    for key, (verdict, seen, *_) in sorted(found.items()):
        if WHY in seen:
            raise ValueError(f"{key}: \"{WHY}\" in what was seen: {seen}")
        sentence = ""
        if verdict != SKIP:
            cause = causes.cause_of(known_causes, machine, version, key,
                                    verdict)
            sentence = cause.sentence if cause else UNEXPLAINED
        rows[key] = (verdict, seen, sentence)
    return rows


def accept(directory, machine, report):
    """Make the report's findings the known ones of the known.Machine that it
    ran on; returns that Known."""
    one = Known(machine.emulator, machine.version, _explained(
        findings(report), machine.name, machine.version,
        causes.load(os.path.join(directory, causes.FILE))))
    write(directory, machine.name,
          {**history(directory, machine.name), one.release: one})
    return one


def explain(directory):
    """Give every known row the sentence that causes.txt has for it now.
    Returns what has none, one line each."""
    found, lines = causes.load(os.path.join(directory, causes.FILE)), []
    for name in machines(directory):
        releases_of = history(directory, name)
        for one in releases_of.values():
            one.rows = _explained(one.rows, name, one.version, found)
            lines += [f"{name}, {one}: {line}"
                      for line in unexplained(one.rows)]
        write(directory, name, releases_of)
    return lines


def load_counts(path):
    """The numbers of checks, the same on every machine."""
    return {row[1]: int(row[2])
            for _, row in table.rows(path, _COUNT, "word count")}


def accept_counts(path, report):
    with open(path, "w", encoding="utf-8") as file:
        file.write(COUNTS_HEAD)
        for word, number in sorted(count(report).items()):
            file.write(f"{word}  {number}\n")


def skipped_everywhere(results):
    """{id: reasons} of the checks that each of these known results skips: no
    machine of the tests has ever run their code."""
    common = set.intersection(*({name for name, row in rows.items()
                                 if row[0] == SKIP} for rows in results))
    return {name: sorted({rows[name][1] for rows in results})
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


def every(directory):
    """The Known of every machine and release."""
    return [one for machine in machines(directory)
            for one in history(directory, machine).values()]


def accept_skipped(directory):
    path = os.path.join(directory, "skipped-everywhere.txt")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(skipped_lines(
            [one.rows for one in every(directory)])) + "\n")
