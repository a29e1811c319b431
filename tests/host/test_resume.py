# SPDX-License-Identifier: MIT
"""A machine that died: what the image gets of its run, and when it is given
up."""

import os
import signal
import struct
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
sys.path.insert(0, os.path.join(TOP, "scripts"))

from ringside import report, resume  # noqa: E402  pylint: disable=C0413
from ringside.machine import MachineError  # noqa: E402  pylint: disable=C0413
from test_progress import Machine, Run  # noqa: E402  pylint: disable=C0413

HEAD_BYTES = 128


def test_the_file_is_as_the_image_reads_it():
    """test_resume_file.c has left one that it takes."""
    with open(os.path.join(os.environ["RINGSIDE_SAMPLES"], "RESUME.BIN"),
              "rb") as file:
        theirs = file.read()
    journal = theirs[HEAD_BYTES:]
    assert resume.pack(journal, resume.HANG, 3, "how it ended") == theirs


def test_words_that_are_too_long_end():
    packed = resume.pack(bytes(32), resume.RESET, 1, "\N{BULLET}" + "x" * 200)
    words = struct.unpack_from("<100s", packed, 24)[0]
    assert words == b"?" + b"x" * 98 + b"\0"
    assert len(packed) == HEAD_BYTES + 32


@pytest.mark.parametrize("status, down", [
    (0, resume.RESET), (1, resume.RESET), (-signal.SIGABRT, resume.RESET),
    (-signal.SIGSEGV, resume.RESET), (-signal.SIGKILL, resume.KILLED),
    (-signal.SIGTERM, resume.KILLED)])
def test_who_ended_it(status, down):
    assert resume.cause(status) == down


class Dead:
    """A machine to come back; `files` is on its disk then."""
    rundir = ""

    def __init__(self):
        self.boots, self.files, self.ends = 1, None, 0

    def end(self):
        self.ends += 1

    def begin_anew(self):
        assert self.ends == self.boots

    def make_disk(self, files):
        self.files = files


@pytest.fixture(name="back")
def streamed(monkeypatch):
    """A Streamed whose machine has said `back.journal`."""
    machine = Dead()
    back = resume.Streamed(machine, "", machine.make_disk)
    back.journal = bytes(range(64))
    monkeypatch.setattr(report, "capture",
                        lambda _: "log" if back.journal else None)
    monkeypatch.setattr(report, "made_of", lambda *_: back.journal)
    return back


def given(back):
    """What the image got the last time: (cause, boots, journal)."""
    packed = back.machine.files[resume.FILE]
    _, _, down, boots, size = struct.unpack_from("<8s4I", packed)
    assert size == len(packed) - HEAD_BYTES
    return down, boots, packed[HEAD_BYTES:]


def test_it_gets_its_journal_back(back):
    back.come_back(resume.RESET, "")
    assert given(back) == (resume.RESET, 1, bytes(range(64)))
    back.journal += b"more"
    back.come_back(resume.HANG, "")
    assert given(back) == (resume.HANG, 2, back.journal)
    assert back.machine.boots == 3


def test_killed_before_it_spoke_it_begins(back):
    back.journal = b""
    back.come_back(resume.KILLED, "")
    assert back.machine.files == {} and back.machine.boots == 2


def test_one_that_never_spoke_is_given_up(back):
    back.journal = b""
    for down in (resume.RESET, resume.HANG):
        with pytest.raises(MachineError, match="had not said anything"):
            back.come_back(down, "")


def test_killed_again_before_it_went_on(back):
    """What ended it first is still what the image must know."""
    back.come_back(resume.HANG, "")
    back.come_back(resume.KILLED, "")
    assert given(back) == (resume.HANG, 2, bytes(range(64)))


def test_one_that_dies_before_it_goes_on_is_given_up(back):
    back.come_back(resume.KILLED, "")
    with pytest.raises(MachineError, match="nothing since"):
        back.come_back(resume.RESET, "")


def test_not_for_ever(back):
    for count in range(resume.BOOTS_MAX - 1):
        back.journal += bytes([count])
        back.come_back(resume.RESET, "")
    back.journal += b"x"
    with pytest.raises(MachineError, match="40 times"):
        back.come_back(resume.RESET, "")


class Process:
    pid, returncode = 1, 1


class Kept(Machine):
    """One that has ended, as far as `end` says so."""
    process = Process
    how = "how"

    def __init__(self):
        super().__init__()
        self.causes = []

    def died_of(self):
        return None  # its process says it

    def has_all(self):
        return True

    def come_back(self, down, words):
        self.causes.append((down, words))
        self.boots += 1
        self.end = None


def kept(status):
    run = Run(Kept())
    run.machine.process = type("", (Process,), {"returncode": status})
    run.watch.kept = True
    return run


def test_what_ends_is_started_anew():
    run = kept(1)
    run.machine.end = "bochs-bin ended: a panic"
    assert run.after(1, "JOURNAL 0 5 AAAA") is None
    assert run.machine.causes == [(resume.RESET, "how")]
    assert run.shown == ["bochs-bin ended: a panic: it is started anew"]
    assert run.after(50) is None and len(run.machine.causes) == 1


def test_what_stands_still_is_started_anew():
    run = kept(None)
    assert run.after(1, "# step: check exc.de") is None
    assert run.after(61) is None
    assert run.machine.causes == [(resume.HANG, "")]


def test_the_journal_does_not_end_a_risk():
    """The lines that tell of a check are not its end."""
    run = kept(None)
    assert run.after(0, "RINGSIDE-RISK cr3.bit-60", "JOURNAL 8 5 AAAA") is None
    assert run.after(13) is None
    assert run.machine.causes == [(resume.HANG, "")]


@pytest.mark.parametrize("line", ["JOURNAL END 5 5", "Powering off."])
def test_after_its_last_word_it_may_end(line):
    run = kept(1)
    assert run.after(1, line) is None
    run.machine.end = "the machine has reset itself"
    assert run.after(0) == "" and run.machine.causes == []


@pytest.mark.parametrize("status, causes", [
    (1, []), (-signal.SIGKILL, [(resume.KILLED, "how")])])
def test_where_memory_is_kept_only_a_kill_is_undone(status, causes):
    """What an emulator did to itself it might do again."""
    run = kept(status)
    run.watch.kept = False
    run.machine.end = "qemu ended"
    assert run.after(1) == (None if causes else "qemu ended")
    assert run.machine.causes == causes
