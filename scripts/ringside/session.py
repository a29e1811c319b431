# SPDX-License-Identifier: MIT
"""One run from power-on to the end: build the disk, start the machine, show
its serial line, serve what the image asks for, stop in time."""

import math
import os
import re
import time
from dataclasses import dataclass

from . import disk, identity, memory, resume, serial
from .bochs import Bochs
from .machine import SERIAL_LOG, MachineError
from .own import Own
from .progress import Age, Progress
from .qemu import Qemu
from .qmp import QmpError

MACHINES = {"qemu": Qemu, "bochs": Bochs, "own": Own}
POLL_SECONDS = 0.02
# After the journal's last line the image has nothing left to say; where it
# can power the machine off it does so within this time.  Where the firmware
# restarts the machine instead, as U-Boot does, nothing of that is shown.
GRACE_SECONDS = 1
# What the image says before it asks the firmware to power off, as not every
# firmware does: after a report, and after a line that says why it did nothing.
POWERING_OFF = "Powering off."
# And before the reset that leads back, which is that of the whole run.
LEAVING = "# step: warm reset"
RUN = "the run"
# All that follows is in seconds that the emulator had, see progress.py: a slow
# host ends no run.
# A check that the image announced as risky and that even its own watchdog
# did not end by then is ended by a reset from here.
RISK_SECONDS = 12  # the watchdog takes 7
# So is a reset that such a check ended in, when no firmware speaks behind it.
BOOT_SECONDS = 30
SILENCE_SECONDS = 60   # without a word or a reset: it stands still
SILENT_SECONDS = 300    # likewise, where there is no serial line
WHOLE_SECONDS = 1800    # nothing that speaks on takes so long
CASE = "# case "        # what the core says of each
STANDS_STILL = "it stands still"
LAST_SHOWN = 60         # characters of its last line
CONFIG = "RINGSIDE/ringside.cfg"
STORM = re.compile(r"--storm[= ]([0-9]{1,9})(?: |$)")


@dataclass
class Outcome:
    seconds: float      # wall clock, power-on to the end
    boots: int
    problem: str        # "" if the machine ended as it should
    serial: str         # all of the serial line, as plain text
    volume: str         # where report files may have been written
    platform: dict      # what identity.py knows of it


@dataclass
class Limits:
    silence: float
    whole: float
    clock: float = None     # an end by the clock on the wall, if any


def make_disk(setting, rundir, efi, options, files=()):
    """The run's own disk image, with further files {name: bytes}.  Returns
    (image, volume).  With setting.medium "usb" it is what `make usb` makes.
    """
    image = os.path.join(rundir, "disk.img")
    if setting.medium == "usb":
        volume = disk.stick(image, efi)
    else:
        volume = disk.plain(image, efi)
    if options is not None:
        disk.write(volume, CONFIG, (options + "\n").encode())
    for name in files:
        disk.write(volume, name, files[name])
    return image, volume


def _serve(machine, line, show):
    wanted = serial.injection(line)
    if not wanted:
        return
    verb, number = wanted
    try:
        remark = machine.inject(verb)
    except (MachineError, QmpError) as why:
        remark = str(why)
    if remark:
        show(f"injecting {verb} {number}: {remark}")


class Watch:
    """A machine while it runs."""

    def __init__(self, machine, tail, limits, show, age=None, back=None):
        """back: brings it back, if not the machine itself."""
        self.machine, self.tail, self.show = machine, tail, show
        self.back = back or machine
        self.kept = back is not None    # whatever ends it, nothing is lost
        self.killer = None
        self.limits = limits
        self.age = age or Age()
        self.progress = Progress()
        self.boots = machine.boots
        self.risky, self.since = "", 0     # a check, and when it spoke last
        self.reborn = ""                # a check that ended in a reset
        self.last = ""                  # line on the serial line
        self.prompt = None              # the last one answered
        self.began = None               # when the core spoke first
        self.stop_at = None

    def _listen(self, last, age):
        for line in self.tail.lines(last):
            announced = serial.risk(line)
            said = line.strip() and not line.startswith(serial.JOURNAL)
            if announced is not None or said:
                self.risky, self.since = announced or "", age
                self.reborn = ""
            if announced is not None:
                continue
            if not self.stop_at and not line.startswith(serial.JOURNAL):
                self.show(line)
            if said:
                self.last = line.strip()
            if self.began is None and line.startswith(CASE):
                self.began = age
            if line == POWERING_OFF or (
                    line.startswith(serial.JOURNAL_END)
                    and self.back.has_all()):
                self.stop_at = age + GRACE_SECONDS
            if line == LEAVING:  # not every machine's own reset comes back
                self.reborn = RUN
            _serve(self.machine, line, self.show)

    def _at_prompt(self):
        """A firmware that waits for somebody to type, or ""."""
        at = self.tail.prompt()
        if at in (None, self.prompt) or self.stop_at:
            return ""
        self.prompt = at
        if self.machine.answers():
            return ""
        return f"the firmware waits at its prompt behind \"{self._behind()}\""

    def _behind(self):
        return self.last[:LAST_SHOWN]

    def _hung(self, age):
        """A check that does not come back, or a reset behind it that does
        not: what hangs, or ""."""
        if self.risky and age > self.since + RISK_SECONDS:
            return f"{self.risky} hangs the machine"
        if self.reborn and age > self.since + BOOT_SECONDS:
            return f"the machine hangs in the reset of {self.reborn}"
        return ""

    def _come_back(self, problem, down, words, age):
        """Returns the problem, or ""."""
        try:
            self.back.come_back(down, words)
        except (MachineError, QmpError, disk.DiskError) as why:
            return f"{problem}, and {why}"
        self.risky, self.reborn, self.boots = "", "", self.machine.boots
        self.since, self.began = age, None
        return ""

    def _reset(self, hung, age):
        """Returns the problem, or ""."""
        self.show(f"{hung}: it is reset from outside")
        # Behind the run there is no check that could have hung.
        down = resume.RESET if self.reborn == RUN else resume.HANG
        return self._come_back(hung, down, "", age)

    def _down(self, ended, age):
        """Returns the problem, or ""."""
        down = self.machine.died_of()
        if down is None:
            down = resume.cause(self.machine.process.returncode)
        if not self.kept and down != resume.KILLED:
            return ended
        self.show(f"{ended}: it is started anew")
        return self._come_back(ended, down, self.machine.how, age)

    def _over(self, age):
        """The limit that the run has passed, or ""."""
        limits = self.limits
        seen = self.machine.said(), self.machine.boots
        if self.progress.silence(seen, age) > limits.silence:
            return (f"{STANDS_STILL}, silent for {limits.silence:g} s"
                    + (f" behind \"{self._behind()}\""
                       if self.last else ""))
        if age > limits.whole:
            return f"it speaks on, but has not finished after {age:.0f} s"
        if limits.clock and time.monotonic() > limits.clock:
            return "time is up"
        return ""

    def step(self):
        """None while it goes on; else the problem that ended it, or ""."""
        if self.killer and self.began is not None and not self.stop_at:
            self.killer.look(
                self.machine.process,
                self.age.of(self.machine.process.pid) - self.began)
        ended = self.machine.ended()
        down = self.machine.boots != self.boots
        age = self.age.of(self.machine.process.pid)
        self._listen(ended is not None, age)
        if down:  # by itself, and after what it had said until then
            self.reborn, self.risky = self.risky, ""
            self.boots, self.since = self.machine.boots, age
        if ended:
            if ended == "off" or self.stop_at:
                return ""
            return self._down(ended, age) or None
        if waits := self._at_prompt():
            return waits
        if hung := self._hung(age):
            return self._reset(hung, age) or None
        if self.stop_at and age > self.stop_at:
            return ""
        over = self._over(age)
        if over.startswith(STANDS_STILL) and self.kept:
            return self._reset(over, age) or None
        return over or None

    def run(self):
        """Returns the problem that ended it, or ""."""
        while (problem := self.step()) is None:
            time.sleep(POLL_SECONDS)
        return problem


def whole_seconds(options):
    """What a run with such options may take: a storm lasts as it is told."""
    storms = STORM.findall(options or "")
    return WHOLE_SECONDS + int(storms[-1] if storms else 0)


def run(setting, rundir, efi, options, show, seconds=None, silence=None,
        build="build"):
    """Boot efi with one line of options (None: no configuration file).
    Calls show(line) for each line of the serial console.  Raises MachineError
    or disk.DiskError when there is nothing to run on."""
    image, volume = make_disk(setting, rundir, efi, options)
    log = os.path.join(rundir, SERIAL_LOG)
    begin = time.monotonic()
    limits = Limits(silence or (SILENCE_SECONDS if setting.serial
                                else SILENT_SECONDS),
                    whole_seconds(options) if not seconds else math.inf,
                    seconds and begin + seconds)

    def renew(files):
        make_disk(setting, rundir, efi, options, files)

    with MACHINES[setting.platform.emulator.name](setting, rundir,
                                                  image) as it:
        back = resume.Streamed(it, build, renew) if setting.stream else None
        watch = Watch(it, serial.Tail(log), limits, show,
                      Age(looker=it.look, each=it.processors_a_thread()), back)
        if setting.kill is not None:
            watch.killer = resume.Killer(setting.kill)
        problem = watch.run()
        if problem and (journal := it.journal()):
            with open(os.path.join(rundir, memory.FILE), "wb") as out:
                out.write(journal)
        took = time.monotonic() - begin
    if problem == "time is up":
        problem = f"not finished after {seconds} s"
    if problem.startswith(("it ", "not finished")) \
            and (complaint := it.complaint()):
        problem += f" ({complaint})"
    return Outcome(took, it.boots, problem, serial.read(log), volume,
                   identity.of(it))
