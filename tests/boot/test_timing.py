# SPDX-License-Identifier: MIT
"""No verdict and no limit depends on how fast the host is."""

import time

import pytest
from ringside import serial, session
from runs import SEED, on


@on("stutter")
def test_a_host_that_comes_and_goes(run):
    """The emulator's threads are stopped and continued at random all the
    while, and what is known of this machine is what is seen."""
    run.assert_delivered()
    assert len(run.checks()) > 1000
    differences = run.differences("qemu-ovmf-Haswell")
    if differences:
        pytest.fail("\n".join([f"with RINGSIDE_SEED={SEED}:", *differences]),
                    pytrace=False)


class Doll:
    """A machine that says something each `every' seconds, `times' times."""
    boots = 1

    def __init__(self, every, times):
        self.begin = time.monotonic()
        self.every, self.times = every, times

    def said(self):
        lines = int((time.monotonic() - self.begin) / self.every)
        return min(lines, self.times)

    def ended(self):
        return "off" if self.said() == self.times else None


def watch(doll, silence):
    tail = serial.Tail("/nonexistent")
    return session._watch(doll, tail, None, silence, print)


def test_whoever_says_something_is_waited_for():
    begin = time.monotonic()
    assert watch(Doll(0.2, 8), 0.5) == ""
    assert time.monotonic() - begin > 1


def test_silence_ends_a_run():
    assert "without a sign of life" in watch(Doll(2, 2), 0.5)


def test_a_limit_is_a_limit():
    problem = session._watch(Doll(0.1, 100), serial.Tail("/nonexistent"), 1,
                             5, print)
    assert problem == "not finished after 1 s"


def test_time_that_the_watcher_was_away_does_not_count(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    clock = session.Clock()
    now[0] += 100
    assert clock.look() < 1
