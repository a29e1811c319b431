# SPDX-License-Identifier: MIT
"""Why checks do not pass: tests/known/causes.txt, where a line speaks of as
many checks as one cause in an emulator explains:

    platform-model  since..until  verdict  check-id  sentence

Patterns in the first and the fourth column, versions of the emulator in the
second (`..`: in all that were tried), verdicts and the fourth column's
patterns parted by commas; of the lines that fit the first counts.  An indented
line `at FILE, FUNCTION` behind it says where the emulator does that.
"""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from . import table, versions

FILE = "causes.txt"
SHAPE = "platform-model since..until verdict id sentence"
_LINE = re.compile(
    r"(?:at (.+)|(\S+)\s+(\S+\.\.\S*|\.\.\S*)\s+(\S+)\s+(\S+)\s+(.+))$")


@dataclass(frozen=True)
class Cause:
    machines: str       # platform-model, a pattern
    versions: tuple     # since, until; None: open
    verdicts: tuple
    checks: str         # ids, a pattern
    sentence: str

    def at(self, machine, version):
        """Whether it speaks of that machine in that version."""
        return fnmatchcase(machine, self.machines) \
            and versions.within(self.versions, version)

    def fits(self, machine, version, check, verdict):
        return verdict in self.verdicts and fnmatchcase(check, self.checks) \
            and self.at(machine, version)


def _read(path):
    """(sentence, where it is so or None, its causes) of each line."""
    sentence = None
    for number, found in table.rows(path, _LINE, SHAPE):
        if found[1]:
            if not sentence:
                raise ValueError(f"{path}:{number}: of no sentence")
            yield sentence, found[1], []
            continue
        _, machines, bounds, verdicts, checks, sentence = found.groups()
        try:
            bounds = versions.parse_range(bounds)
        except ValueError as why:
            raise ValueError(f"{path}:{number}: {why}") from None
        yield sentence, None, [
            Cause(machines, bounds, tuple(verdicts.split(",")), one, sentence)
            for one in checks.split(",")]


def load(path):
    """All of them in order; a line with several patterns for the id is
    several."""
    return [cause for *_, causes in _read(path) for cause in causes]


def load_sources(path):
    """{sentence: where it is so}, for those that say it."""
    return {sentence: where for sentence, where, _ in _read(path) if where}


def cause_of(causes, machine, version, check, verdict):
    """The cause that explains this verdict of a check, or None."""
    return next((cause for cause in causes
                 if cause.fits(machine, version, check, verdict)), None)
