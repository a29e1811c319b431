# SPDX-License-Identifier: MIT
"""Places of a lab, without a lab: which trouble is tried again, and what is
told as it ended."""

import os
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "scripts"))

from ringside import child, place  # noqa: E402

LIMITS = (0.2, 0.2, 5)
BEGUN = b"ringside 0.1: every way\r\nKTAP version 1\r\n"
OFF = b"Powering off.\r\n"
END = b"JOURNAL 0 12345678 UlJF\r\nJOURNAL END 13d0 6431e42c\r\n"


class Scripted(place.Place):
    """Each try reads its own pieces; what is an exception is raised."""

    def __init__(self, *tries, prepare=None, power=None, off=None):
        self.tries, self.pieces = list(tries), []
        self.faults = {"prepare": prepare or [], True: power or [],
                       False: off or []}
        self.did = []

    def _do(self, what):
        self.did.append(what)
        faults = self.faults[what]
        if faults and (why := faults.pop(0)):
            raise why

    def prepare(self):
        with place.part("its stick"):
            self._do("prepare")

    def power(self, on):
        self._do(on)
        if on:
            self.pieces = list(self.tries.pop(0))

    def read(self, seconds):
        if not self.pieces:
            return b""
        if isinstance(self.pieces[0], Exception):
            raise self.pieces.pop(0)
        return self.pieces.pop(0)


@pytest.fixture(name="run")
def _run(tmp_path, monkeypatch):
    monkeypatch.setattr(place, "GRACE_SECONDS", 0)
    monkeypatch.setattr(place, "AFTER_SECONDS", 0.1)

    def run(it, tries=2, limits=LIMITS):
        said = []
        try:
            count = place.run(it, str(tmp_path), limits, said.append, tries)
        except (place.Trouble, place.Broken) as why:
            return type(why).__name__, str(why), said
        assert it.did[-1] is False      # without power, at the end
        return count, said
    return run


@pytest.mark.parametrize("pieces", [
    [BEGUN, OFF],
    [b"BIOS\r\n", BEGUN[:20], BEGUN[20:], b"not ok 1 x\r\n", OFF],
    [BEGUN, END],       # nobody says that the second boot is over
    [BEGUN, b"End of the ringside report.\r\n", END, b"never read"],
    [b"KTAP version 1\r\n", OFF],   # the firmware's console is elsewhere
])
def test_a_run_that_completes(run, pieces):
    it = Scripted(pieces)
    assert run(it) == (1, ["ringside has begun"])
    assert it.did == [False, "prepare", True, False]


REFUSED = OSError(111, "Connection refused")


@pytest.mark.parametrize("it, line", [
    (Scripted([BEGUN, OFF], power=[REFUSED]),
     "its power switch: Connection refused"),
    (Scripted([BEGUN, OFF], off=[REFUSED]),
     "its power switch: Connection refused"),
    (Scripted([BEGUN, OFF], prepare=[ValueError("no medium\nat all")]),
     "its stick: no medium"),
    (Scripted([], [BEGUN, OFF]), "its serial line is silent for 0.2 s"),
    (Scripted([b"PXE\r\n"], [BEGUN, OFF]),
     'it does not boot the image in 0.2 s behind "PXE"'),
    (Scripted([b"PXE\r\n", RuntimeError("gone")], [BEGUN, OFF]),
     "its serial line: gone"),
])
def test_trouble_of_the_place_is_tried_again(run, it, line):
    count, said = run(it)
    assert count == 2
    assert said[0].startswith("try 1 of 2: " + line)
    assert said[1:] == ["ringside has begun"]


def test_so_often_and_no_more(run):
    assert run(Scripted([], [], []), 3) == (
        "Trouble", "its serial line is silent for 0.2 s, 3 times",
        [f"try {n} of 3: its serial line is silent for 0.2 s"
         for n in (1, 2, 3)])


@pytest.mark.parametrize("pieces, line", [
    ([BEGUN, b"  ok 1 a\r\n"],
     'it stands still, silent for 0.2 s behind "ok 1 a"'),
    ([BEGUN, RuntimeError("gone")],
     'its serial line: gone behind "KTAP version 1"'),
    ([b"KTAP version 1", RuntimeError("gone")],     # in its first line
     'its serial line: gone behind "KTAP version 1"'),
])
def test_what_has_begun_is_never_begun_again(run, pieces, line):
    it = Scripted(pieces, [BEGUN, OFF])
    assert run(it) == ("Broken", line, ["ringside has begun"])
    assert it.did.count(True) == 1


def test_it_never_ends(run, monkeypatch):
    it = Scripted([])
    monkeypatch.setattr(it, "read", lambda _: BEGUN)
    assert run(it, limits=(9, 9, 0.3))[:2] == (
        "Broken", 'it has not finished after 0.3 s behind "KTAP version 1"')


def test_an_interruption_is_no_trouble(run):
    it = Scripted([BEGUN, child.Interrupted("SIGINT")], [BEGUN, OFF])
    with pytest.raises(child.Interrupted):
        run(it)
    assert it.did.count(True) == 1 and it.did[-1] is False
