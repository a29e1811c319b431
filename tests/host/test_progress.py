# SPDX-License-Identifier: MIT
"""When a run is ended: by what it has to show, not by the host's slowness."""

import os
import signal
import subprocess
import sys
import time

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
sys.path.insert(0, os.path.join(TOP, "scripts"))

from ringside import (  # noqa: E402  pylint: disable=C0413
    progress, resume, session)
from ringside.machine import MachineError  # noqa: E402  pylint: disable=C0413

LIMITS = session.Limits(silence=60, whole=1000)


class Line:
    """A serial line that is written to here."""

    def __init__(self):
        self.waiting, self.count = [], 0
        self.prompted = False

    def write(self, *lines):
        self.waiting += lines
        self.count += len(lines)

    def lines(self, last):
        waiting, self.waiting = self.waiting, []
        return waiting

    def prompt(self):
        return self.count if self.prompted else None


class Machine:
    """What a Watch wants of one; come_back() counts."""

    class process:
        pid = 1

    def __init__(self):
        self.boots, self.end, self.resets = 1, None, 0
        self.line, self.downs = Line(), []
        self.answered, self.answers_left = 0, 0

    def said(self):
        return self.line.count

    def ended(self):
        return self.end

    def answers(self):
        self.answered += 1
        return self.answered <= self.answers_left

    def come_back(self, down, words):
        self.resets += 1
        self.boots += 1
        self.downs.append(down)


class NoResets(Machine):
    def come_back(self, down, words):
        raise MachineError("this platform cannot be reset from outside")


class Run:
    """A Watch whose time is told here."""

    def __init__(self, machine=None, limits=LIMITS):
        self.machine = machine or Machine()
        self.line = self.machine.line
        self.seconds, self.shown = 0.0, []
        self.watch = session.Watch(self.machine, self.line, limits,
                                   self.shown.append, self)

    def of(self, _pid):
        return self.seconds

    def after(self, seconds, *lines):
        """What becomes of it when that has passed and been written."""
        self.seconds += seconds
        self.line.write(*lines)
        return self.watch.step()


def test_what_stands_still_is_ended_and_named():
    run = Run()
    assert run.after(1, "# step: check exc.de") is None
    assert run.after(59) is None
    assert run.after(2) == ('it stands still, silent for 60 s behind '
                            '"# step: check exc.de"')


def test_what_never_speaks_is_ended():
    run = Run()
    assert run.after(0) is None
    assert run.after(61) == "it stands still, silent for 60 s"


def test_a_firmware_at_its_prompt_is_ended_at_once():
    run = Run()
    run.line.prompted = True
    assert run.after(1, "(0 bootflows, 0 valid)") == \
        'the firmware waits at its prompt behind "(0 bootflows, 0 valid)"'


def test_or_is_told_what_to_do():
    """Once at each of its prompts, however long that stands there."""
    run = Run()
    run.line.prompted, run.machine.answers_left = True, 2
    for lines in (["one"], [], [], ["two"], []):
        assert run.after(1, *lines) is None
    assert run.machine.answered == 2
    assert "at its prompt" in run.after(1, "three")


def test_a_prompt_behind_the_end_is_none():
    run = Run()
    run.line.prompted = True
    assert run.after(0, session.POWERING_OFF) is None
    assert run.machine.answered == 0


def test_what_speaks_is_not_ended_before_long():
    run = Run()
    for _ in range(18):
        assert run.after(55, "ok") is None
    assert run.after(55, "ok") == \
        "it speaks on, but has not finished after 1045 s"


def test_a_reset_is_progress():
    run = Run()
    assert run.after(50) is None
    run.machine.boots += 1
    assert run.after(5) is None
    assert run.after(50) is None


def test_a_risky_check_that_hangs_is_reset():
    run = Run()
    assert run.after(0, "RINGSIDE-RISK cr3.bit-60") is None
    assert run.after(11) is None and run.machine.resets == 0
    assert run.after(2) is None and run.machine.resets == 1
    assert run.shown == \
        ["cr3.bit-60 hangs the machine: it is reset from outside"]


def test_a_risky_check_that_is_over_is_let_go():
    run = Run()
    assert run.after(0, "RINGSIDE-RISK cr3.bit-60") is None
    assert run.after(5, "RINGSIDE-RISK over") is None
    assert run.after(50) is None and run.machine.resets == 0


def test_a_reset_that_never_comes_back_is_reset():
    """The machine goes down in a risky check, and no firmware speaks."""
    run = Run()
    assert run.after(0, "RINGSIDE-RISK cr0.pg-cleared") is None
    run.machine.boots += 1
    assert run.after(1) is None
    assert run.after(29) is None and run.machine.resets == 0
    assert run.after(2) is None and run.machine.resets == 1
    assert run.shown == ["the machine hangs in the reset of cr0.pg-cleared: "
                         "it is reset from outside"]
    assert run.after(1, "BdsDxe: starting") is None
    assert run.after(50) is None and run.machine.resets == 1


def test_so_is_the_last_one():
    """A firmware may wait for a keyboard controller that is not there."""
    run = Run()
    assert run.after(1, "# step: warm reset") is None
    assert run.after(session.BOOT_SECONDS) is None
    assert run.machine.downs == []
    assert run.after(1) is None
    assert run.machine.downs == [resume.RESET]
    assert run.shown[-1] == "the machine hangs in the reset of the run: " \
        "it is reset from outside"
    run = Run()
    run.after(1, "# step: warm reset")
    run.machine.boots += 1
    assert run.after(session.BOOT_SECONDS + 1) is None
    assert run.after(1) is None and run.machine.downs == []


def test_a_reset_that_comes_back_is_none():
    run = Run()
    assert run.after(0, "RINGSIDE-RISK cr0.pg-cleared") is None
    run.machine.boots += 1
    assert run.after(1) is None
    assert run.after(20, "BdsDxe: starting") is None
    assert run.after(50) is None and run.machine.resets == 0


def test_where_nobody_can_reset_it_is_ended():
    run = Run(NoResets())
    assert run.after(0, "RINGSIDE-RISK cr3.bit-60") is None
    assert run.after(13) == ("cr3.bit-60 hangs the machine, and this platform "
                             "cannot be reset from outside")


def aged(looks, each=1):
    """The age after so many looks: (clock, seconds run, threads that want a
    processor)."""
    now = iter([looks[0][0], *(look[0] for look in looks)])
    seen = iter(look[1:] for look in looks)
    age = progress.Age(lambda: next(now), lambda _pid: next(seen), each)
    for _ in looks:
        seconds = age.of(1)
    return seconds


@pytest.mark.parametrize("looks, seconds", [
    # its guest is halted: the clock counts
    ([(0, 5, 0), (1, 5, 0), (2, 5, 0)], 2),
    # it runs, on a host that is busy: what it ran
    ([(0, 5, 1), (1, 5.1, 1), (2, 5.2, 1)], 0.2),
    # two of its processors run: a second is a second
    ([(0, 5, 2), (1, 7, 2)], 1),
    # eight share two of the host's
    ([(0, 5, 8), (1, 7, 8)], 0.25),
    # one of them works on, the others are halted
    ([(0, 5, 8), (1, 6, 1), (2, 7, 1)], 2),
    # it does not run, and does not wait: it was stopped
    ([(0, 5, 1), (100, 5, 1)], 0),
    # it was we who were stopped
    ([(0, 5, 0), (100, 5, 0)], progress.STEP_MAX),
    # gone
    ([(0, 5, 0), (1, None, 0), (2, None, 0)], 2),
])
def test_age(looks, seconds):
    assert aged(looks) == pytest.approx(seconds)


def test_age_where_one_thread_is_all_processors():
    assert aged([(0, 5, 1), (1, 6, 1), (3, 8, 1)], 4) == pytest.approx(0.75)


def test_a_storm_may_last():
    assert session.whole_seconds(None) == session.WHOLE_SECONDS
    for options, more in (("--batch --only storm", 0), ("--storm-entries 9", 0),
                          ("--storm 3600 --batch", 3600), ("--storm=7", 7),
                          ("--storm 9 --storm 8", 8), ("--storm x", 0)):
        assert session.whole_seconds(options) == session.WHOLE_SECONDS + more


def age_of(words, seconds, stopped=False):
    """How old a child grows in so many seconds on the wall."""
    with subprocess.Popen([sys.executable, "-c", words],
                          stdout=subprocess.PIPE) as child:
        try:
            child.stdout.readline()
            if stopped:
                child.send_signal(signal.SIGSTOP)
            age, end = progress.Age(), time.monotonic() + seconds
            while time.monotonic() < end:
                age.of(child.pid)
                time.sleep(0.05)
            return age.of(child.pid)
        finally:
            child.kill()


BUSY = "print(flush=True)\nwhile True: pass"
THREADS = 3  # that run on, whatever the interpreter has to lock
BUSY_THREADS = f"""
import hashlib, threading
for _ in range({THREADS}):
    threading.Thread(target=hashlib.pbkdf2_hmac,
                     args=["sha256", b"", b"", 10 ** 9]).start()
print(flush=True)
"""
IDLE = "import time\nprint(flush=True)\ntime.sleep(99)"


def test_threads_that_want_a_processor_are_counted():
    with subprocess.Popen([sys.executable, "-c", BUSY_THREADS],
                          stdout=subprocess.PIPE) as child:
        try:
            child.stdout.readline()
            end = time.monotonic() + 60
            while progress.look(child.pid)[1] != THREADS:
                assert time.monotonic() < end
        finally:
            child.kill()


def test_a_process_that_waits_ages_by_the_clock():
    assert 1 < age_of(IDLE, 2) < 3


def test_a_process_that_is_stopped_does_not_age():
    assert age_of(BUSY, 2, stopped=True) < 0.3


def test_a_process_that_works_ages_by_its_work():
    """However little the host lets it have."""
    before = os.times()
    age = age_of(BUSY, 2)
    after = os.times()
    ran = after.children_user - before.children_user \
        + after.children_system - before.children_system
    assert 0 < age <= ran + 0.3
