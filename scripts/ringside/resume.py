# SPDX-License-Identifier: MIT
"""A machine that died goes on with its run.

Where its memory survives, as a machine does whose memory is this script's,
the image finds its journal there (qemu.py).  Where it does not, the image has
said all of the journal so far (--stream): it gets that back on a disk made
anew, as RINGSIDE/RESUME.BIN, and a word about what ended the machine.  See
efi/after/resume_file.h.
"""

import os
import random
import signal
import struct
import zlib

from . import report
from .machine import MachineError

FILE = "RINGSIDE/RESUME.BIN"
MAGIC = b"RSRESUME"
HEAD = struct.Struct("<8s4I100s")   # all but the CRC
WORDS_MAX = 99
VERSION_AT = 16     # in the journal's own head

# What ended it: itself, nothing (it hangs), or somebody outside.  The numbers
# are enum down's.
RESET, HANG, KILLED = range(3)
OUTSIDE = {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP}
BOOTS_MAX = 40

# --kill: so often, and so long after the core began, in the emulator's seconds.
KILLS = 3
KILL_AFTER = (0.5, 3)


def cause(status):
    """What an emulator that ended with this status died of."""
    return KILLED if status in OUTSIDE else RESET


def pack(journal, down, boots, words=""):
    """RESUME.BIN."""
    version = int.from_bytes(journal[VERSION_AT:VERSION_AT + 4], "little")
    head = HEAD.pack(MAGIC, version, down, boots, len(journal),
                     words.encode("ascii", "replace")[:WORDS_MAX])
    crc = zlib.crc32(head + journal)
    return head + crc.to_bytes(4, "little") + journal


class Streamed:
    """A machine that keeps nothing, of which all is kept here."""

    def __init__(self, machine, build, make_disk):
        self.machine, self.build, self.make_disk = machine, build, make_disk
        self.given = None           # (journal, cause, words), the last time

    def _journal(self):
        log = report.capture(self.machine.rundir)
        return report.made_of(log, "--journal", self.build) if log else b""

    def has_all(self):
        """Has all of the journal come?  If not, and a second boot comes, its
        report is on the disk."""
        log = report.capture(self.machine.rundir)
        return bool(log) and report.whole(log, self.build)

    def come_back(self, down, words):
        """Raises MachineError where it cannot."""
        if self.machine.boots >= BOOTS_MAX:
            raise MachineError(f"it has been started {BOOTS_MAX} times")
        try:
            journal = self._journal()
        except report.NoReport as why:
            raise MachineError(str(why)) from None
        if self.given and journal == self.given[0]:
            # It has not come so far as to say anything.
            if down != KILLED:
                raise MachineError("it has done nothing since it was started "
                                   "anew")
            _, down, words = self.given
        elif not journal and down != KILLED:
            raise MachineError("it had not said anything of a run")
        self.given = journal, down, words
        self.machine.end()
        files = {FILE: pack(journal, down, self.machine.boots, words)} \
            if journal else {}
        self.make_disk(files)
        self.machine.begin_anew()
        self.machine.boots += 1


class Killer:
    """Ends an emulator as nobody should, at random moments of a run."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.left, self.at = KILLS, self.random.uniform(*KILL_AFTER)

    def look(self, process, age):
        """age: of the core.  Returns whether this was one."""
        if not self.left or age < self.at:
            return False
        self.left -= 1
        self.at = self.random.uniform(*KILL_AFTER)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        return True
