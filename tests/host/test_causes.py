# SPDX-License-Identifier: MIT
"""The causes of known results: each says where it is, explains something that
is known, and would excuse nothing else."""

import os
import re
import sys
from fnmatch import fnmatchcase

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "scripts"))

from ringside import facts, known  # noqa: E402  pylint: disable=C0413

KNOWN = os.path.join(TOP, "tests/known")
CAUSES = known.load_causes(os.path.join(KNOWN, "causes.txt"))
SOURCES = known.load_sources(os.path.join(KNOWN, "causes.txt"))
MACHINES = {name[:-4]: known.load(os.path.join(KNOWN, name))
            for name in os.listdir(KNOWN)
            if re.match(r"(qemu|bochs)-.*\.txt$", name)}


def test_causes_are_read(tmp_path):
    path = tmp_path / "causes.txt"
    path.write_text("# a comment\nqemu-*  fail  a.b,c.*  because\n"
                    "    at file.c, function\n*  differ  d  open\n")
    assert known.load_causes(path) == [
        ("qemu-*", "fail", "a.b", "because"),
        ("qemu-*", "fail", "c.*", "because"), ("*", "differ", "d", "open")]
    assert known.load_sources(path) == {"because": "file.c, function"}


def test_every_cause_says_where_it_is():
    """A file and what to look for in it, or a row of the catalogue."""
    assert {cause[3] for cause in CAUSES} == set(SOURCES)
    for sentence, where in SOURCES.items():
        assert re.search(r"[\w/]+\.(c|cc|h|py)(, \w|: \w)|tests/facts, [A-Z]",
                         where), sentence


def test_rows_that_causes_name_are_there():
    rows = facts.rows()
    for where in SOURCES.values():
        for words in re.findall(r"tests/facts, ([A-Z0-9a-z ]+)", where):
            for word in words.replace(" and ", " ").split():
                assert word in rows, where


def test_every_cause_explains_something():
    used = {known.cause_of(CAUSES, name, check, row[0])
            for name, rows in MACHINES.items()
            for check, row in rows.items() if row[0] != known.SKIP}
    assert None not in used
    assert [cause for cause in CAUSES if cause not in used] == []


def test_no_cause_fits_what_passes():
    """What does not pass on one machine and passes on another is not excused
    there.  Of checks that pass everywhere, tests/boot asks."""
    ids = {check for rows in MACHINES.values() for check in rows}
    excused = [(name, check, cause[2]) for name, rows in MACHINES.items()
               for cause in CAUSES if fnmatchcase(name, cause[0])
               for check in ids - rows.keys() if fnmatchcase(check, cause[2])]
    assert excused == []
