# SPDX-License-Identifier: MIT
"""A machine of somebody's own: any command that boots a disk image and gives
its serial line, an emulator, a hypervisor or a remote power switch.

It is asked for nothing else.  What the command leaves with is no verdict, and
it may end at any time: it is started again, with the journal that the image
has said so far (resume.py), until that is whole.
"""

import os
import re
import shlex
import subprocess

from . import child, progress, resume, serial
from .machine import DEBUG_LOG, SERIAL_LOG, Machine, MachineError

SHELL = "/bin/sh"
DISK, SERIAL = "{disk}", "{serial}"
COMMAND_LOG = "command.log"
RESET_SECONDS = 120     # for a command that only pulls a switch
# So often in one place, and it is the machine that ends there: nobody outside
# hits the same check by chance.
TIMES = 3
# A shell's word for a child that a signal ended.
BY_SIGNAL = 128
# The first line of a journal: after others, that of a run begun anew.
BEGUN = (serial.JOURNAL_BEGIN).encode()
RECORD = b"RREC"        # begins each: handlers/record/journal.c
RECORD_LINES = 12       # of 120 bytes, more than one record is long
PLACE_WORDS = re.compile(rb"[a-z][a-z0-9.-]{3,}")


class Own(Machine):
    EMULATOR = "own"
    process = None

    def __init__(self, setting, rundir, image):
        super().__init__(setting, rundir, os.path.abspath(image))
        self.look = progress.GroupLook()
        self.starts, self.taken, self.begun = 0, 0, False
        self.resetting = False
        self.place, self.times = None, 0

    def _path(self, name):
        return os.path.abspath(os.path.join(self.rundir, name))

    def _line(self):
        """The serial line of this start: a command may begin it anew."""
        return self._path(f"serial.{self.starts}")

    def __enter__(self):
        self.begin_anew()
        return self

    def __exit__(self, *_):
        child.stop(self.process)

    def end(self):
        if self.process.poll() is None and self.setting.reset:
            self.resetting = True
        else:
            child.stop(self.process)
        self._pump()

    def begin_anew(self):
        self.begun = False
        if self.resetting:
            self.resetting = False
            self._command(self.setting.reset)
            return
        self.starts, self.taken = self.starts + 1, 0
        with open(self._line(), "wb"):
            pass
        has_line = SERIAL in self.setting.run
        words = self.setting.run.replace(DISK, shlex.quote(self.image)) \
            .replace(SERIAL, shlex.quote(self._line()))
        # An emulator's debug port is often its standard output.
        self.process = child.start(
            [SHELL, "-c", words], None,
            self._path(DEBUG_LOG if has_line else COMMAND_LOG),
            said=None if has_line else self._line())

    def _command(self, words):
        with open(self._path(COMMAND_LOG), "ab") as log:
            try:
                subprocess.run([SHELL, "-c", words], check=False, stdout=log,
                               stderr=log, stdin=subprocess.DEVNULL,
                               timeout=RESET_SECONDS)
            except subprocess.TimeoutExpired:
                raise MachineError(f"RESET={words} does not end") from None

    def _pump(self):
        """Takes over what is new on the line.  Returns whether the machine
        has reset itself and begun another run, which is left out."""
        with open(self._line(), "rb") as line:
            if os.fstat(line.fileno()).st_size < self.taken:
                self.taken = 0
            line.seek(self.taken)
            new = line.read()
        new = new[:new.rfind(b"\n") + 1] if self.process.poll() is None \
            else new
        again, at = False, 0
        while (at := (b"\n" + new).find(b"\n" + BEGUN, at)) >= 0:
            if self.begun:
                new, again = new[:at], True
                break
            self.begun, at = True, at + 1
        self.taken += len(new)
        with open(self._path(SERIAL_LOG), "ab") as log:
            log.write(new)
        return again

    def ended(self):
        status = self.process.poll()
        if self._pump():
            return "the machine has reset itself and began from the start"
        if status is None:
            return None
        if self._has_all():
            return "off"
        self.how = "the machine ended"
        words = self.complaint()
        return f"the command ended with status {status}" \
            + (f" ({words})" if words else "")

    def _has_all(self):
        end = ("\n" + serial.JOURNAL_END).encode()
        return any(end in _bytes(self._path(name))
                   for name in (SERIAL_LOG, DEBUG_LOG))

    def died_of(self):
        """The command may have ended for a reason of its own, and nothing is
        said of the check that was running: it is run again.  If it ends there
        once more, and again, then that is what the check does."""
        status = self.process.poll()
        by_signal = status is not None and (
            status < 0 or resume.cause(BY_SIGNAL - status) == resume.KILLED)
        here = place(_bytes(self._path(SERIAL_LOG)))
        self.times = self.times + 1 if here == self.place else 1
        self.place = here
        if by_signal or self.times < TIMES:
            return resume.KILLED
        return resume.RESET

    def answers(self):
        """Whoever wrote the command may."""
        return True

    def version(self):
        return ""

    def complaint(self):
        said = [_bytes(self._path(name)) for name in (COMMAND_LOG, DEBUG_LOG)]
        lines = [line.strip()
                 for line in serial.clean(b"\n".join(said)).split("\n")
                 if line.strip() and not line.startswith(serial.JOURNAL)
                 and "warning: " not in line]
        return lines[-1] if lines else ""


def _bytes(path):
    if not os.path.exists(path):
        return b""
    with open(path, "rb") as file:
        return file.read()


def place(said):
    """Where the image was when it last spoke: the words in the last record of
    its journal, which names the check that was to come.  None: nowhere."""
    lines = said.split(("\n" + serial.JOURNAL).encode())[1:]
    last = b"".join(serial.decoded(word) for line in lines[-RECORD_LINES:]
                    for word in line.partition(b"\n")[0].split()[-1:])
    return PLACE_WORDS.findall(last.rpartition(RECORD)[2]) if lines else None
