# SPDX-License-Identifier: MIT
"""The causes of known results: each says where it is, explains something that
is known, and would excuse nothing else."""

import os
import re
import subprocess
import sys
from fnmatch import fnmatchcase

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "scripts"))

from ringside import (  # noqa: E402  pylint: disable=C0413
    causes, facts, known, knownfiles, versions)

KNOWN = os.path.join(TOP, "tests/known")
CAUSES = causes.load(os.path.join(KNOWN, causes.FILE))
SOURCES = causes.load_sources(os.path.join(KNOWN, causes.FILE))
# (machine, version of its emulator): rows.
MACHINES = {(name, one.version): one.rows
            for name in knownfiles.machines(KNOWN)
            for one in knownfiles.history(KNOWN, name).values()}
EMULATORS = {name: one.emulator for name in knownfiles.machines(KNOWN)
             for one in knownfiles.history(KNOWN, name).values()}


def test_causes_are_read(tmp_path):
    path = tmp_path / "causes.txt"
    path.write_text("# a comment\nqemu-* ..10.0 fail,hang a.b,c.* because\n"
                    "    at file.c, function\n* .. differ d open\n")
    until = (None, "10.0")
    assert causes.load(path) == [
        causes.Cause("qemu-*", until, ("fail", "hang"), "a.b", "because"),
        causes.Cause("qemu-*", until, ("fail", "hang"), "c.*", "because"),
        causes.Cause("*", (None, None), ("differ",), "d", "open")]
    assert causes.load_sources(path) == {"because": "file.c, function"}


@pytest.mark.parametrize("text, why", [
    ("qemu-* fail a.b because\n", "not `platform-model since"),
    ("qemu-* 11.1..9.1 fail a.b because\n", "ends before it begins"),
    ("qemu-* x..y fail a.b because\n", "not a range of versions"),
    ("    at file.c, function\n", "of no sentence")])
def test_bad_causes_are_refused(tmp_path, text, why):
    path = tmp_path / "causes.txt"
    path.write_text(text)
    with pytest.raises(ValueError, match=why):
        causes.load(path)


def test_every_cause_says_where_it_is():
    """A file and what to look for in it, or a row of the catalogue."""
    assert {cause.sentence for cause in CAUSES} == set(SOURCES)
    for sentence, where in SOURCES.items():
        assert re.search(r"[\w/]+\.(c|c\.inc|cc|h|py)(, \w|: \w)"
                         r"|tests/facts, [A-Z]",
                         where), sentence


def test_rows_that_causes_name_are_there():
    rows = facts.rows()
    for where in SOURCES.values():
        for words in re.findall(r"tests/facts, ([A-Z0-9a-z ]+)", where):
            for word in words.replace(" and ", " ").split():
                assert word in rows, where


def test_every_cause_explains_something():
    used = {causes.cause_of(CAUSES, *machine, check, row[0])
            for machine, rows in MACHINES.items()
            for check, row in rows.items() if row[0] != known.SKIP}
    assert None not in used
    assert [cause for cause in CAUSES if cause not in used] == []


def test_no_cause_fits_what_passes():
    """What does not pass on one machine, or in one version, and passes on
    another is not excused there.  Of checks that pass everywhere, tests/boot
    asks."""
    ids = {check for rows in MACHINES.values() for check in rows}
    excused = [(*machine, check, cause.checks)
               for machine, rows in MACHINES.items()
               for cause in CAUSES if cause.at(*machine)
               for check in ids - rows.keys()
               if fnmatchcase(check, cause.checks)]
    assert excused == []


def seen_in(cause, emulator):
    """(releases where it explains something, those that were tried) on the
    machines of an emulator that a cause speaks of."""
    has, tried = set(), set()
    for (name, version), rows in MACHINES.items():
        if EMULATORS[name] == emulator and fnmatchcase(name, cause.machines):
            tried.add(versions.release(version))
            if any(row[0] in cause.verdicts
                   and fnmatchcase(check, cause.checks)
                   for check, row in rows.items()):
                has.add(versions.release(version))
    return has, tried


def test_versions_of_causes_are_as_narrow_as_what_was_seen():
    """Where no release before has a deviation a line says since when, and
    where none behind has it, until when.  What holds for several emulators
    has no versions."""
    wide = []
    for cause in CAUSES:
        emulators = {EMULATORS[name] for name, _ in MACHINES
                     if fnmatchcase(name, cause.machines)}
        if len(emulators) > 1:
            assert cause.versions == (None, None), cause
            continue
        has, tried = seen_in(cause, *emulators)
        order = sorted(tried, key=versions.key)
        since, until = cause.versions
        if not since and order[0] not in has \
                or not until and order[-1] not in has:
            wide.append((cause, sorted(has)))
    assert wide == []


def test_the_tables_are_made_of_them():
    done = subprocess.run([os.path.join(TOP, "scripts/deviations"),
                           "--check"], capture_output=True, text=True,
                          check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
