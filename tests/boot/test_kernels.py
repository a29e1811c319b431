# SPDX-License-Identifier: MIT
"""make window KERNEL= MAP=: whole kernels' shapes.  Each is clean as it is;
with one line replaced it is wrong, just where shapes.py says.
"""

import json
import os
import subprocess

import pytest
from conftest import BUILD, TOP
from ringside import child, windowfound
from ringside.windowcells import place_of, rows_of
from shapes import BUGS, BUILDS, KERNELS, TWINS, by_path, copy

LINES_MAX = 20  # of a map
LIMIT = 200     # seconds
HERE = {"": (), "amd": ("--cpu", "EPYC"), "bochs": ("--platform",
                                                    "bochs-uboot")}


class Judged:
    """A kernel that has been in the window: status, words, report."""

    def __init__(self, kernel, to, machine="", twin=None):
        path, its_map = copy(kernel, to, twin)
        made = BUILDS[kernel](str(path), str(to / "made"))
        self.name = its_map.stem
        done = subprocess.run(
            [os.path.join(TOP, "scripts/window"), "--build", BUILD,
             "--platform", "qemu-uboot", *HERE[machine],
             "--kernel", made, "--map", str(its_map)], cwd=TOP,
            capture_output=True, text=True, check=False, timeout=LIMIT,
            preexec_fn=child.end_with_parent)
        self.status, self.said = done.returncode, done.stdout + done.stderr
        assert "/report.html)" in done.stdout, self.said
        page = done.stdout.rpartition("(")[2].partition(")")[0]
        with open(os.path.join(TOP, page[:-len("html")] + "json"),
                  encoding="utf-8") as file:
            self.report = json.load(file)
        self.rows = rows_of(self.report, self.name)

    def wrong(self):
        """{(event or stub, path, place)}"""
        return {(one.stub, one.path, one.place) for one in
                windowfound.findings(self.report, self.name)}

    def sent(self):
        return {event for row in self.rows for event in row["events"]}


def test_maps_are_short():
    assert sorted(BUILDS) == sorted(os.listdir(KERNELS))
    for kernel in BUILDS:
        with open(os.path.join(KERNELS, kernel, kernel + ".map"),
                  encoding="ascii") as file:
            said = [line for line in file if line.partition("#")[0].strip()]
        assert 0 < len(said) <= LINES_MAX, kernel


@pytest.mark.parametrize("kernel, machine", [
    *((kernel, "") for kernel in sorted(BUILDS)),
    ("plain", "amd"), ("plain", "bochs"), ("percpu", "bochs")])
def test_right(kernel, machine, tmp_path):
    """Nothing is wrong, and the status says so."""
    judged = Judged(kernel, tmp_path, machine)
    assert judged.wrong() == set(), judged.said
    assert judged.status == 0, judged.said
    assert "db" in judged.sent()
    if kernel == "moved":  # whose #DB knows its window
        assert "db is dropped at " in judged.said


def planted(twin, rows):
    """Where the twin must be wrong.  An event is not asked about where it
    comes onto its own IST stack, nor in ring 3, where the frame says so."""
    return {(event, path, place_of(row))
            for path, its in by_path(rows).items()
            for row in twin.where(path, its) if not int(row["cs"], 16) & 3
            for event in twin.events
            if event in row["events"] and path.partition("-")[0] != event}


@pytest.mark.parametrize("twin", TWINS, ids=str)
def test_wrong(twin, tmp_path):
    """The planted cells and no others, but for walks of the event's own stub:
    from SYSCALL's first instruction, and where it comes into itself."""
    judged = Judged(twin.kernel, tmp_path, twin=twin)
    must = planted(twin, judged.rows)
    more = {each[:2] for each in judged.wrong() - must}
    assert must and must <= judged.wrong(), judged.said
    assert more <= {(event, event + tail) for event in twin.events
                    for tail in ("", "-syscall")}, judged.said
    assert judged.status == 1, judged.said


@pytest.mark.parametrize("bug", BUGS, ids=str)
def test_bug(bug, tmp_path):
    """The stubs that have it are blamed, and no others."""
    judged = Judged(bug.kernel, tmp_path, bug.machine, bug)
    blamed = {stub for stub, _, _ in judged.wrong()}
    assert blamed and blamed <= set(bug.events), judged.said
    assert judged.status == 1, judged.said


def test_sysret_on_amd(tmp_path):
    """Theirs take the fault in ring 3: the same line is no bug."""
    bug, = (bug for bug in BUGS if bug.name == "sysret")
    judged = Judged(bug.kernel, tmp_path, "amd", bug)
    assert (judged.status, judged.wrong()) == (0, set()), judged.said
