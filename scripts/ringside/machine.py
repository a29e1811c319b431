# SPDX-License-Identifier: MIT
"""One machine of a platform, as scripts/run sees it: qemu.py and bochs.py
build it from a Setting."""

import os
from dataclasses import dataclass, field

from . import child, places, progress, suites
from .platforms import Platform

# In the run directory: the serial line, and what an emulator prints itself,
# its debug port with that.
SERIAL_LOG = "serial.log"
DEBUG_LOG = "debug.log"
STUTTER = os.path.join(os.path.dirname(__file__), "..", "stutter")


@dataclass
class Setting:
    """What may be chosen for one machine."""
    platform: Platform
    cpu: str
    suite: suites.Suite = suites.OWN    # whose emulator and firmware
    program: tuple = ()         # the emulator's words, if not the suite's
    firmware: tuple = ()        # code and variables, if not the suite's
    smp: int = 1
    memory: int = 256           # MiB
    screen: str = "VGA"         # a QEMU device, or "none"
    serial: bool = True
    medium: str = "disk"        # or "usb": the image is a stick's
    read_only: bool = False
    accel: str = "tcg"          # QEMU's accelerator
    machine: str = ""           # QEMU's, if not the platform's
    screenshot: str = None      # where the core's last screen goes
    stutter: int = None         # seed: the emulator's threads stop and go on
    # Words for the emulator as they are.
    more: list = field(default_factory=list)
    kill: int = None            # seed: it is killed at random moments
    stream: bool = False        # the image says its journal as it grows
    run: str = ""               # a command of somebody's own, see own.py
    reset: str = ""             # likewise, which resets that machine

    @property
    def model(self):
        return self.cpu.split(",")[0]

    @property
    def features(self):
        """As they were given: +this, -that."""
        return self.cpu.split(",")[1:]


class MachineError(Exception):
    """The machine cannot be built or does not do what it is told."""


class Machine:
    """A machine in a run directory: started by `with`, gone after it."""

    look = staticmethod(progress.look)  # at its process, for its age

    def __init__(self, setting, rundir, image):
        self.setting = setting
        self.rundir = rundir
        self.image = image      # of the disk, in rundir
        self.boots = 1
        self.stutter = None
        self.how = ""           # it ended, if not as it is called

    def program(self, name):
        """The words that run an emulator, and the variables that it needs."""
        if self.setting.program:
            return list(self.setting.program), {}
        return self.setting.suite.command(name)

    def file(self, path):
        """A file of its package, the firmware's included."""
        suite = self.setting.suite
        return suite.path(path) if suite.name else places.here(path)

    def roms(self):
        """The firmware's code, and its variables or None."""
        if self.setting.firmware:
            code, *rest = self.setting.firmware
            return code, rest[0] if rest else None
        platform = self.setting.platform
        variables = platform.own.get("variables")
        return self.file(platform.rom), variables and self.file(variables)

    def disturb(self, pid):
        """Have the emulator's threads stopped and continued at random."""
        if self.setting.stutter is not None:
            self.stutter = child.start(
                [STUTTER, str(self.setting.stutter), str(pid)], self.rundir,
                os.path.join(self.rundir, "stutter.log"))

    def ended(self):
        """None while it runs; else a word: "off", or what went wrong."""
        raise NotImplementedError

    def processors_a_thread(self):
        """How many of the guest's a thread of the emulator is in turn."""
        return 1

    def answers(self):
        """The firmware waits at its prompt: is it told what to do?"""
        return False

    def inject(self, verb):
        """Bring an event about from outside; returns a remark or ""."""
        raise MachineError(f"this platform cannot inject {verb}")

    def come_back(self, down, words):
        """Start it anew, memory, variables and disk as they were, and leave
        word for the image of what ended it: see resume.py."""
        raise MachineError("this platform cannot be reset from outside")

    def end(self):
        """End what is left of it."""
        raise NotImplementedError

    def begin_anew(self):
        """Start it with the disk as it is now, and nothing else kept."""
        raise NotImplementedError

    def died_of(self):
        """resume.RESET or KILLED, or None: as the process's status has it."""
        return None

    def journal(self):
        """What its memory has of the run's journal, or b""."""
        return b""

    def has_all(self):
        """Has all of the journal come, now that its last line has?"""
        return True

    def said(self):
        """How much it has said so far, on any line."""
        return sum(os.path.getsize(path) for name in (SERIAL_LOG, DEBUG_LOG)
                   if os.path.exists(path := os.path.join(self.rundir, name)))

    def complaint(self):
        """The emulator's last words about itself, or ""."""
        return ""

    # What identity.py asks, of a machine that has run.
    EMULATOR = ""

    def version(self):
        """The emulator's, in its own words."""
        raise NotImplementedError

    def accel(self):
        """What executes the guest's code, where there is a choice."""
        return ""

    def board(self):
        """The machine that is emulated, where there is a choice."""
        return ""
