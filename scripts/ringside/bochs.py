# SPDX-License-Identifier: MIT
"""Bochs with OVMF or U-Boot, configured by a file, watched by its log."""

import os
import re
import select
import shutil

from . import child, disk, emulator, plug, serial, uboot
from .machine import DEBUG_LOG, SERIAL_LOG, Machine, MachineError
from .progress import Age
from .suites import BOCHS as PROGRAM

X_SERVER = "Xvfb"
X_SECONDS = 20  # of its own, for the X server to say which display it took
POLL_SECONDS = 1
LOG = "bochs.log"
VGA_ROM = "/usr/share/bochs/VGABIOS-lgpl-latest"

# Firmware goes on behind what Bochs calls a panic: U-Boot behind one about the
# floppy's IRQ, OVMF on models with CET behind one of Bochs 3.0 about a dirty
# page that cannot be written.
CONFIG = """\
config_interface: textconfig
display_library: x
plugin_ctrl: unmapped=1, biosdev=1, speaker=0, parallel=0, serial=1, iodebug=1
cpu: model={cpu}, count={smp}, ips=4000000, reset_on_triple_fault=0, \
ignore_bad_msrs={ignore_bad_msrs}, msrs=msrs
memory: guest={memory}, host={memory}
romimage: file={rom}
vgaromimage: file={vga_rom}
vga: extension=vbe
pci: enabled=1, chipset=i440fx
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: type=disk, mode=flat, path={image}, \
cylinders={cylinders}, heads={heads}, spt={sectors}
boot: disk
com1: enabled=1, mode=socket-client, dev={com1}
port_e9_hack: enabled=1
magic_break: enabled=1
clock: sync=none
log: bochs.log
panic: action=report
error: action=report
info: action=ignore
debug: action=ignore
"""
# MSRs beside the model's own, 0 and writable.
MSRS = "# index type reset-high -low reserved-high -low ignored-high -low\n"
# Debian's build stops in its debugger at the first instruction and again
# when the machine ends: continue, then quit.
COMMANDS = "c\nq\n"
# From 3.0 on the same build starts without it, unless it is asked to.  Then its
# loop over several processors leaves out what the one processor's does behind
# an exception (prev_rip = RIP): an instruction breakpoint is met once more in
# front of its own handler, for ever, and nothing runs there any more, no NMI
# either.  The debugger's loop does it.
DEBUGGER = "-debugger"

# What stands in the log.  From 3.1 on a triple fault is no panic there.
PANIC = ">>PANIC<<"
TRIPLE_FAULT = "with no resolution"
POWERED_OFF = "shutdown requested"
UNKNOWN_FEATURE = re.compile(r'unknown feature name "(\S+)"')
BAD_CPU_LINE = "cpu directive malformed"
TOO_MANY = re.compile("too many (?:SMP threads|registered timers).*")
# On its terminal, at the start.
BANNER = re.compile(r"Bochs x86 Emulator (\S+)")
LAST_MESSAGE = "Bochs is exiting with the following message:"


def _cpu(full_name):
    """The same for Bochs's cpu line, which has features since 3.0."""
    text, *words = full_name.split(",")
    for name, sign in (("add", "+"), ("exclude", "-")):
        if found := [word[1:] for word in words if word[0] == sign]:
            text += f', {name}_features="{" ".join(found)}"'
    return text


def loop(processors, say):
    """The words by which Bochs goes through several processors as it should.
    say: what it prints when it is asked so."""
    if processors < 2 or DEBUGGER not in say("--help").split():
        return []
    return [DEBUGGER]


class Bochs(Machine):
    EMULATOR = "Bochs"
    process = server = display = None
    log = plug = typist = None
    panic = ""

    def _path(self, name):
        return os.path.join(self.rundir, name)

    def _start_x(self):
        """An X server of this run's own.  Returns its display."""
        ours, theirs = os.pipe()
        try:
            self.server = child.start(
                [X_SERVER, "-displayfd", str(theirs), "-screen", "0",
                 "800x600x24"], self.rundir, self._path("x.log"), [theirs])
        except FileNotFoundError:
            raise MachineError(f"{X_SERVER} is not installed") from None
        finally:
            os.close(theirs)
        number, age = b"", Age()
        with open(ours, "rb", buffering=0) as pipe:
            while not number.endswith(b"\n"):
                ready = select.select([pipe], [], [], POLL_SECONDS)[0]
                if not ready and age.of(self.server.pid) < X_SECONDS:
                    continue
                byte = pipe.read(1) if ready else b""
                if not byte:
                    raise MachineError(f"{X_SERVER} did not start: see x.log")
                number += byte
        return ":" + number.strip().decode()

    def __enter__(self):
        setting = self.setting
        own = setting.platform.own
        self.plug = plug.Plug(self._path(SERIAL_LOG))
        with open(self._path("bochsrc"), "w", encoding="ascii") as out:
            out.write(CONFIG.format(
                cpu=_cpu(setting.platform.cpu(setting.cpu)), smp=setting.smp,
                memory=setting.memory, image=os.path.basename(self.image),
                heads=disk.HEADS, cylinders=disk.CYLINDERS,
                sectors=disk.SECTORS,
                rom=self.roms()[0], com1=self.plug.address,
                vga_rom=self.file(VGA_ROM),
                ignore_bad_msrs=int(setting.model in own["ignores_msrs"])))
        with open(self._path("msrs"), "w", encoding="ascii") as out:
            out.write(MSRS)
            out.writelines(f"{number:#x} 0 0 0 0 0 0 0\n"
                           for number in own["msrs"])
        with open(self._path("commands"), "w", encoding="ascii") as out:
            out.write(COMMANDS)
        try:
            self.display = self._start_x()
            self.begin_anew()
        except BaseException:
            self.__exit__()
            raise
        return self

    def begin_anew(self):
        program, variables = self.program(PROGRAM)
        if not shutil.which(program[0]):
            raise MachineError(f"{PROGRAM} is not installed")
        try:
            words = loop(self.setting.smp,
                         emulator.Bochs(program, variables).say)
        except emulator.NoEmulator as why:
            raise MachineError(f"{PROGRAM}: {why}") from None
        self.log, self.panic, self.how = serial.Tail(self._path(LOG)), "", ""
        self.typist = uboot.Typist(self.plug.type)
        self.process = child.start(
            [*program, "-q", "-f", "bochsrc", "-rc", "commands", *words,
             *self.setting.more], self.rundir, self._path(DEBUG_LOG),
            env={"DISPLAY": self.display, **variables})
        self.disturb(self.process.pid)

    def end(self):
        child.stop(self.stutter)
        child.kill(self.process)
        self.plug.pull()
        # Bochs begins its log anew, and takes no disk that is locked.
        for name in (LOG, os.path.basename(self.image) + ".lock"):
            if os.path.exists(self._path(name)):
                os.unlink(self._path(name))

    def __exit__(self, *_):
        child.stop(self.stutter)
        child.stop(self.process)
        child.stop(self.server)
        if self.plug:
            self.plug.close()

    def processors_a_thread(self):
        return self.setting.smp

    def answers(self):
        return self.typist.answers()

    def complaint(self):
        """The text of the last panic, or triple fault."""
        for line in self.log.lines():
            if PANIC in line or TRIPLE_FAULT in line:
                self.panic = line.partition("] ")[2].strip() \
                    .removeprefix(PANIC).strip()
        return self.panic

    def ended(self):
        status = self.process.poll()
        self.typist.listen(self.plug.take())
        panic = self.complaint()
        if unknown := UNKNOWN_FEATURE.search(panic):
            raise MachineError(f"CPU={self.setting.cpu}: Bochs "
                               f"{self.version()} knows no feature "
                               f"{unknown[1]}")
        if many := TOO_MANY.search(panic):
            raise MachineError(f"SMP={self.setting.smp}: this Bochs takes "
                               f"fewer, it says \"{many[0]}\"")
        if TRIPLE_FAULT in panic:
            return f"triple fault: {panic}"
        if status is None:
            return None
        # A guest's own request to power off ends with status 1, as a fault.
        if status == 0 or POWERED_OFF in panic:
            return "off"
        message = panic or self._last_message()
        if BAD_CPU_LINE in message and "," in self.setting.platform.cpu(
                self.setting.cpu):
            raise MachineError(f"CPU={self.setting.cpu}: Bochs "
                               f"{self.version()} takes no features, as it "
                               "does from 3.0 on")
        self.how = f"the emulator ended: {message}"
        return f"{PROGRAM} ended: {message}"

    def _terminal(self):
        with open(self._path(DEBUG_LOG), encoding="utf-8",
                  errors="replace") as terminal:
            return terminal.read()

    def version(self):
        found = BANNER.search(self._terminal())
        return found[1] if found else ""

    def board(self):
        return "i440fx"

    def _last_message(self):
        """What Bochs put on its terminal before it ended."""
        found = self._terminal().rpartition(LAST_MESSAGE)[2].split("\n")
        return found[1].strip() if len(found) > 1 else f"see {DEBUG_LOG}"
