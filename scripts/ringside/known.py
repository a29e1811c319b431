# SPDX-License-Identifier: MIT
"""A run's result against the known one of its machine.

A machine is a platform with a model, `qemu-ovmf-Haswell`; what is known of it
is known of a release of its emulator, see knownfiles.py.  Rows say what does
not pass: what they do not name must pass, and both the verdict and what was
seen must be as they say: a check that fails in another way is news.  Addresses
that only say where the linker has put something stand there as places,
`<core>`.  Wrong SWAPGS decisions are rows of the same kind:
`path:exc.db:ring-0  wrong`.
"""

import re
from collections import Counter
from dataclasses import dataclass

from . import processors, versions

PASS, SKIP = "pass", "skip"
INTERPRETER = "tcg"     # QEMU's accelerator that known results are of
# Of a check that a run was not to do.
LEFT_OUT = "risky, and --no-risky was given"
# Of a check about several processors, where a table is of a machine with one:
# nothing to know, and nothing to compare.
ALONE = "one processor runs here"
UNEXPLAINED = "unexplained"  # a sentence that is still to be found


@dataclass(frozen=True)
class Machine:
    """What a run's results hold for."""
    name: str       # platform-model, with what was added to the model
    emulator: str
    version: str    # of the emulator, as it says itself

    @classmethod
    def of(cls, report):
        """Of a report.json.  Raises ValueError where it does not say."""
        where = report["run"].get("platform")
        if not where:
            raise ValueError("the report does not say what it ran on")
        model = ",".join([where["model"], *where["features"]])
        name = f"{where['name']}-{model}"
        if where["accel"] not in ("", INTERPRETER):
            name += "@" + where["accel"]  # another processor, and no TCG
        return cls(name, where["emulator"],
                   versions.number(where["version"]))

    def __str__(self):
        return f"{self.name}, {self.emulator} {self.version}"


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


def _words(check):
    return check["seen"] or check["why"]


def _alone(check):
    return check["verdict"] == SKIP and _words(check) == ALONE


def findings(report):
    """{id: (verdict, what was seen)} of what does not pass in a report.json,
    on its first processor."""
    found = {}
    for check in report["checks"]:
        if check["verdict"] != PASS and not _alone(check):
            found[check["id"]] = (check["verdict"], places(_words(check)))
    for path in report["paths"]:
        if path["wrong"]:
            origin = path["from"].replace(" ", "-")
            found[f"path:{path['path']}:{origin}"] = (
                "wrong", f"{path['wrong']} of {path['entries']} decisions")
    return found


def _shown(finding):
    verdict, seen = finding
    return f"{verdict} ({seen})" if seen else verdict


def compare(report, known):
    """The differences, one line each; none if all is as known.  What was not
    to be done, now or when it became known, is none, nor is what needs more
    processors than run here."""
    found = findings(report)
    ids = {check["id"] for check in report["checks"]}
    alone = {check["id"] for check in report["checks"] if _alone(check)}
    lines = []
    for name in sorted((found.keys() | known.keys()) - alone):
        now = found.get(name, (PASS, ""))
        then = known.get(name, (PASS, "", ""))[:2]
        if name in known and name not in found and name not in ids \
                and not name.startswith("path:"):
            now = ("absent", "")
        if now != then and LEFT_OUT not in (now[1], then[1]):
            lines.append(f"{name}: known {_shown(then)}, now {_shown(now)}")
    return lines


def others(report):
    """What came out otherwise on other processors than on the first, which
    alone is known: news, one line each."""
    return [f"{processors.label(row['cpus'])}: "
            f"{row['id']} {_shown((row['verdict'], places(_words(row))))}"
            for row in report.get("others", [])]


def count(report):
    """{first word of the id: checks}, so that none is lost unnoticed: what
    the known results do not name would pass by being absent."""
    return Counter(check["id"].split(".")[0] for check in report["checks"])


def unexplained(known):
    """What is known and has no cause, one line each."""
    return [f"{name}: {verdict}, {sentence}: {seen}"
            for name, (verdict, seen, sentence) in known.items()
            if sentence == UNEXPLAINED]
