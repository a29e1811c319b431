# SPDX-License-Identifier: MIT
"""How long a run has stood still, told in time that its emulator had.

A clock on the wall would end a run for the slowness of its host.  So a process
ages here by the clock while it waits of its own accord, as an emulator does
whose guest is halted; while it has work to do it ages by what it has run; and
one that is stopped does not age.

Where several of its threads have work to do, as with a guest of many
processors, the least that one of them may have had of it is what counts.
"""

import os
import time

TICKS = os.sysconf("SC_CLK_TCK")
EVERY = 0.2     # seconds between two looks at a process
STEP_MAX = 2    # by the clock, between them: else it was we who were stopped
WAITS = set("SIZX")     # states of a thread that wants no processor
STATE, SESSION, UTIME, STIME = 0, 3, 11, 12  # in /proc/*/stat, behind the name


def _stat(path):
    with open(path, encoding="ascii", errors="replace") as file:
        return file.read().rpartition(")")[2].split()


def look(pid):
    """(seconds that it has run, how many of its threads want a processor): it
    waits of its own accord where none does."""
    place = f"/proc/{pid}"
    try:
        words = _stat(f"{place}/stat")
        ran = (int(words[UTIME]) + int(words[STIME])) / TICKS
        states = [_stat(f"{place}/task/{thread}/stat")[STATE]
                  for thread in os.listdir(f"{place}/task")]
        return ran, sum(state not in WAITS for state in states)
    except (OSError, IndexError):  # it has ended, or a thread of it
        return None, 0


def session_of(pid):
    """The process that leads the session of this one, or None."""
    try:
        return int(_stat(f"/proc/{pid}/stat")[SESSION])
    except (OSError, IndexError):
        return None


class GroupLook:
    """look() at a process that leads a session, and at all in that."""

    def __init__(self):
        self._ran = {}      # each one's seconds, when it was last seen
        self._total = 0.0   # of all, those that have ended among them

    def __call__(self, leader):
        wanting = 0
        for pid in filter(str.isdigit, os.listdir("/proc")):
            if session_of(pid) != leader:
                continue
            ran, more = look(pid)
            wanting += more
            if ran is not None:
                self._total += ran - min(ran, self._ran.get(pid, 0.0))
                self._ran[pid] = ran
        return self._total, wanting


class Age:
    """The age of an emulator; several in turn, if it is started anew.  Each of
    its threads is so many processors of its guest in turn."""

    def __init__(self, clock=time.monotonic, looker=look, each=1):
        self._clock, self._look, self._each = clock, looker, each
        self.seconds = 0.0
        self._at = self._clock()
        self._pid, self._ran, self._waited = None, None, False

    def of(self, pid):
        """Seconds that it had until now."""
        now = self._clock()
        passed = now - self._at
        if passed < EVERY and pid == self._pid:
            return self.seconds
        ran, wanting = self._look(pid)
        if pid == self._pid:
            if not wanting and self._waited:
                self.seconds += min(passed, STEP_MAX)
            elif ran is not None and self._ran is not None:
                share = (ran - self._ran) / max(wanting, 1)
                self.seconds += min(passed, share) / self._each
        self._at, self._pid, self._ran = now, pid, ran
        self._waited = not wanting
        return self.seconds


class Progress:
    """What a run has to show for its age."""

    def __init__(self):
        self._seen = None
        self._since = 0.0
        self.longest = 0.0

    def silence(self, seen, age):
        """Seconds since `seen` last changed."""
        if seen != self._seen:
            self._seen, self._since = seen, age
        self.longest = max(self.longest, age - self._since)
        return age - self._since
