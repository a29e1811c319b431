# SPDX-License-Identifier: MIT
"""One run from power-on to the end: build the disk, start the machine, show
its serial line, serve what the image asks for, stop in time."""

import os
import time
from dataclasses import dataclass

from . import disk, serial
from .bochs import Bochs
from .machine import SERIAL_LOG, MachineError
from .qemu import Qemu
from .qmp import QmpError

MACHINES = {"qemu": Qemu, "bochs": Bochs}
POLL_SECONDS = 0.02
# After the journal's last line the image has nothing left to say; where it
# can power the machine off it does so within this time.  Where the firmware
# restarts the machine instead, as U-Boot does, nothing of that is shown.
GRACE_SECONDS = 1
# What the image says before it asks the firmware to power off, as not every
# firmware does: after a report, and after a line that says why it did nothing.
POWERING_OFF = "Powering off."
# A check that the image announced as risky and that even its own watchdog
# did not end by then is ended by a reset from here.
RISK_SECONDS = 15
SILENCE_SECONDS = 180  # a run that says nothing for so long has failed
LOOK_SECONDS = 0.2  # between two looks no more than that has passed: on a busy
                    # host it is this script that has not been running
CONFIG = "RINGSIDE/ringside.cfg"


class Clock:
    """Seconds that this script has spent watching."""

    def __init__(self):
        self.seconds = 0
        self._last = time.monotonic()

    def look(self):
        now = time.monotonic()
        self.seconds += min(now - self._last, LOOK_SECONDS)
        self._last = now
        return self.seconds


@dataclass
class Outcome:
    seconds: float      # wall clock, power-on to the end
    boots: int
    problem: str        # "" if the machine ended as it should
    serial: str         # all of the serial line, as plain text
    volume: str         # where report files may have been written


def make_disk(setting, rundir, efi, options):
    """The run's own disk image.  Returns (image, volume).  With
    setting.medium "usb" it is what `make usb` makes."""
    image = os.path.join(rundir, "disk.img")
    if setting.medium == "usb":
        volume = disk.stick(image, efi)
    else:
        volume = disk.plain(image, efi)
    if options is not None:
        disk.write(volume, CONFIG, (options + "\n").encode())
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


def _watch(machine, tail, limit, silence, show):
    """Returns the problem that ended the run, or "".  It has `limit' seconds,
    or else as many as it likes, but none of `silence' without a sign."""
    stop_at = None
    risky, since, boots = "", 0, machine.boots
    clock = Clock()
    sign = alive = None
    while True:
        now = clock.look()
        ended = machine.ended()
        down = machine.boots != boots
        for line in tail.lines(last=ended is not None):
            announced = serial.risk(line)
            if announced is not None or line.strip():
                risky, since = announced or "", now
            if announced is not None:
                continue
            if not stop_at and not line.startswith(serial.JOURNAL):
                show(line)
            if line.startswith(serial.JOURNAL_END) or line == POWERING_OFF:
                stop_at = now + GRACE_SECONDS
            _serve(machine, line, show)
        if down:  # by itself, and after what it had said until then
            risky, boots = "", machine.boots
        if sign != (sign := (machine.boots, machine.said())):
            alive = now
        if risky and now > since + RISK_SECONDS:
            show(f"{risky} hangs the machine: it is reset from outside")
            try:
                machine.reset_hung()
            except (MachineError, QmpError) as why:
                return f"{risky} hangs the machine, and {why}"
            risky, boots = "", machine.boots
        if ended:
            return "" if ended == "off" else ended
        if stop_at and now > stop_at:
            return ""
        if limit and now > limit:
            return f"not finished after {limit} s"
        if now > alive + silence:
            return f"without a sign of life for {silence} s"
        time.sleep(POLL_SECONDS)


def run(setting, rundir, efi, options, show, seconds=None):
    """Boot efi with one line of options (None: no configuration file).
    Calls show(line) for each line of the serial console.  Raises MachineError
    or disk.DiskError when there is nothing to run on."""
    image, volume = make_disk(setting, rundir, efi, options)
    log = os.path.join(rundir, SERIAL_LOG)
    begin = time.monotonic()
    with MACHINES[setting.platform.emulator.name](setting, rundir, image) as it:
        problem = _watch(it, serial.Tail(log), seconds,
                         SILENCE_SECONDS, show)
        took = time.monotonic() - begin
        late = problem.startswith(("not finished", "without a sign"))
    if late and (complaint := it.complaint()):
        problem += f" ({complaint})"
    return Outcome(took, it.boots, problem, serial.read(log), volume)
