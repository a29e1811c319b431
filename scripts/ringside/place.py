# SPDX-License-Identifier: MIT
"""One place of a lab: it is given the image and power, and its serial line is
read to the end of the run.

scripts/fleet has labgrid's drivers behind a Place; nothing here knows of them.
What the place itself does wrong (no power, a dead serial line, a machine that
does not boot) is worth another try.  A run that has begun is never begun again:
how it ends says something of the machine.
"""

import os
import re
import time
from contextlib import contextmanager

from . import serial
from .machine import SERIAL_LOG
from .session import GRACE_SECONDS, LAST_SHOWN, POWERING_OFF

# By the clock: what is inside a real machine has no other.
START_SECONDS = 300     # from power to ringside's first word
SILENCE_SECONDS = 300   # without a word: a reset's way through the firmware
WHOLE_SECONDS = 7200    # nothing that speaks on takes so long
# Behind the journal's end there is only the second boot, which cleans up and
# may have nobody to say so: its firmware need not know the serial line.
AFTER_SECONDS = 120
TRIES = 3
READ_SECONDS = 0.5

# The image's first words, on the firmware's console or on the core's line.
_BEGUN = re.compile(r"ringside \S+: |KTAP version ")
# Where the core itself has reported no second boot follows.
_REPORTED = "End of the ringside report."


class Trouble(Exception):
    """The place does not do its part; the run has not begun."""


class Broken(Exception):
    """The run has begun, and will not come to its end."""


class Place:
    """What a lab has to offer for one machine."""

    def prepare(self):
        """Put the image where the machine boots from; its power is off."""

    def power(self, on):
        raise NotImplementedError

    def read(self, seconds):
        """Bytes of the serial line, b"" if none come within the time."""
        raise NotImplementedError


def first_line(why):
    """An exception of somebody else's in one line."""
    text = str(why).strip().split("\n")[0]
    return text or type(why).__name__


@contextmanager
def part(name):
    """What goes wrong inside is trouble with that part of the place."""
    try:
        yield
    except OSError as why:
        raise Trouble(f"{name}: {first_line(why.strerror or why)}") from None
    except Exception as why:  # pylint: disable=broad-except
        if type(why).__module__.startswith(__package__):
            raise  # ours: an interruption, or trouble already
        raise Trouble(f"{name}: {first_line(why)}") from None


class Listener:
    """The serial line of one try."""

    def __init__(self, place, rundir, limits, show):
        self.place, self.limits, self.show = place, limits, show
        self.log = os.path.join(rundir, SERIAL_LOG)
        self.tail = serial.Tail(self.log)
        self.begun = self.told = self.ended = False
        self.last = ""

    def _read(self, out):
        """The line's next bytes, into the log; whether there were any."""
        try:
            with part("its serial line"):
                data = self.place.read(READ_SECONDS)
        except Trouble as why:
            self._stop(str(why))
        out.write(data)
        out.flush()
        return bool(data)

    def _stop(self, why):
        self._listen(last=True)
        last = f" behind \"{self.last[:LAST_SHOWN]}\"" if self.last else ""
        raise (Broken if self.begun else Trouble)(why + last)

    def _listen(self, last=False):
        for line in self.tail.lines(last):
            if line.strip() and not line.startswith(serial.JOURNAL):
                self.last = line.strip()
            if not self.begun and _BEGUN.match(line):
                self.begun = True
                self.show("ringside has begun")
            if line.startswith(serial.JOURNAL_END):
                self.told = True
            if self.last == POWERING_OFF \
                    or self.told and self.last == _REPORTED:
                self.ended = True

    def run(self):
        """Returns when the image has said all; raises Trouble or Broken."""
        start, silence, whole = self.limits
        begin = heard = time.monotonic()
        with open(self.log, "wb") as out:
            while not self.ended:
                if self._read(out):
                    heard = time.monotonic()
                    self._listen()
                now = time.monotonic()
                if not self.begun and now > begin + start:
                    self._stop(f"it does not boot the image in {start:g} s"
                               if self.last else
                               f"its serial line is silent for {start:g} s")
                if self.told and now > heard + AFTER_SECONDS:
                    return
                if self.begun and now > heard + silence:
                    self._stop(f"it stands still, silent for {silence:g} s")
                if now > begin + whole:
                    self._stop(f"it has not finished after {whole:g} s")
            end = time.monotonic() + GRACE_SECONDS
            while time.monotonic() < end:
                try:
                    self._read(out)
                except Broken:
                    break  # a machine that is off has no more to say


def _try(place, rundir, limits, show):
    with part("its power switch"):
        place.power(False)
    place.prepare()
    listener = Listener(place, rundir, limits, show)
    try:
        with part("its power switch"):
            place.power(True)
        listener.run()
    finally:
        try:
            place.power(False)
        except Exception as why:  # pylint: disable=broad-except
            show(f"its power switch, at the end: {first_line(why)}")


def run(place, rundir, limits, show, tries=TRIES):
    """Returns how many tries it took; raises Trouble when none was left, or
    Broken."""
    for count in range(1, tries + 1):
        try:
            _try(place, rundir, limits, show)
            return count
        except Trouble as why:
            show(f"try {count} of {tries}: {why}")
            last = why
    raise Trouble(f"{last}, {tries} times")
