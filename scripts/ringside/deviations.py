# SPDX-License-Identifier: MIT
"""Which deviation came or went in which release of an emulator: the tables of
tests/known/README.md and of the README, from causes.txt and known results."""

import os
from collections import defaultdict

from . import causes, knownfiles, versions
from .known import SKIP

NONE, NOT_TRIED = "", "?"
HEAD = """\
# What each emulator is known to do otherwise

Made by `scripts/deviations` from [causes.txt](causes.txt) and the results that
stand here; a number is how many checks tell of it, an empty field that none
does, and `{not_tried}` that no machine which could was tried in that release.
"""


class History:
    """The known results of one emulator."""

    def __init__(self, directory, emulator):
        self.emulator = emulator
        # {sentence: {release: ids}}, {sentence: machines}, {release: machines}
        self.told = defaultdict(lambda: defaultdict(set))
        self.told_by = defaultdict(set)     # {(release, machine): sentences}
        self.machines = defaultdict(set)
        self.tried = defaultdict(set)
        self.failing = defaultdict(set)     # {release: ids}
        for machine in knownfiles.machines(directory):
            for release, one in knownfiles.history(directory,
                                                   machine).items():
                if one.emulator == emulator:
                    self._add(machine, release, one)

    def _add(self, machine, release, one):
        self.tried[release].add(machine)
        for check, (verdict, _, sentence) in one.rows.items():
            if verdict != SKIP:
                self.told[sentence][release].add(check)
                self.told_by[release, machine].add(sentence)
                self.machines[sentence].add(machine)
                self.failing[release].add(check)

    @property
    def releases(self):
        return sorted(self.tried, key=versions.key)

    def cell(self, sentence, release):
        if number := len(self.told[sentence][release]):
            return str(number)
        return NONE if self.machines[sentence] & self.tried[release] \
            else NOT_TRIED

    def sentences(self, release):
        return {sentence for sentence, told in self.told.items()
                if told[release]}

    def changed(self, release, before):
        """(came, went): sentences, of machines that both were tried on."""
        both = self.tried[release] & self.tried[before]
        now, then = (set().union(*(self.told_by[one, machine]
                                   for machine in both))
                     for one in (release, before))
        return sorted(now - then), sorted(then - now)


def _table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def histories(directory):
    emulators = {one.emulator for one in knownfiles.every(directory)}
    return [History(directory, name) for name in sorted(emulators,
                                                        reverse=True)]


def page(directory):
    """The text of tests/known/README.md."""
    where = causes.load_sources(os.path.join(directory, causes.FILE))
    parts = [HEAD.format(not_tried=NOT_TRIED)]
    for history in histories(directory):
        rows = [[sentence, where.get(sentence, ""),
                 *(history.cell(sentence, release)
                   for release in history.releases)]
                for sentence in sorted(history.told)]
        parts += [f"## {history.emulator}\n", _table(
            ["deviation", "where it is", *history.releases], rows)]
    return "\n".join(parts)


def summary(directory):
    """The table of the README: a row a release."""
    rows = []
    for history in histories(directory):
        before = None
        for release in history.releases:
            came, went = history.changed(release, before) if before \
                else ("", "")
            rows.append([
                f"{history.emulator} {release}",
                str(len(history.tried[release])),
                str(len(history.failing[release])),
                str(len(history.sentences(release))),
                str(len(went)) if before else "",
                str(len(came)) if before else ""])
            before = release
    return _table(["emulator", "machines", "checks that do not pass",
                   "causes", "mended", "new"], rows)
