# SPDX-License-Identifier: MIT
"""QEMU with OVMF or U-Boot, told what to do over QMP."""

import os
import re
import shutil
import socket

from . import child, memory, resume
from .machine import SERIAL_LOG, Machine, MachineError
from .qmp import Qmp, QmpError
from .suites import QEMU as PROGRAM

LOG = "qemu.log"
# What it says about a feature that it leaves out.
MISSING = re.compile(r"doesn't support requested feature: \S+\.(\S+) \[bit")
RESETS_MAX = 40  # the report's, and one for each check that resets

CMOS_INDEX, CMOS_DATA, CMOS_PLACE = 0x70, 0x71, 0x7e  # efi/after/resume.c
CMOS_MARKS = {resume.HANG: 0x52, resume.KILLED: 0x4b}
MIB = 1 << 20
QCOW = b"QFI\xfb"

# An uncorrected but recoverable error in bank 1 of CPU 0.  QEMU raises #MC
# for it as long as CR4.MCE is set and the bank's CTL is all ones, which is
# how it resets; MCIP already set would be a shutdown.
MCI_STATUS = 0xbd000000000000c0  # VAL UC EN MISCV ADDRV S, memory scrubbing
MCG_STATUS = 0x5                 # MCIP, RIPV
MCI_MISC = 0x8c                  # a physical address, of a page
INJECTIONS = {
    "mc": f"mce 0 1 {MCI_STATUS:#x} {MCG_STATUS:#x} 0x1000 {MCI_MISC:#x}",
    "nmi": "nmi",
}


def _format(rom):
    """Some distributions have firmware as QEMU's own disk images."""
    try:
        with open(rom, "rb") as file:
            return "qcow2" if file.read(len(QCOW)) == QCOW else "raw"
    except OSError:
        return "raw"  # QEMU says why it cannot have it


def _plain(feature):
    """Its one name of several: sse4.1, sse4_1 and sse4-1 are the same."""
    return feature.replace("_", "-").replace(".", "-")


class Qemu(Machine):
    EMULATOR = "QEMU"
    process = socket = qmp = None
    asked = ""      # its version

    def __enter__(self):
        # The guest's memory is this script's, so that it outlives a QEMU that
        # has to be killed: to the guest that is one more warm reset.
        self.ram = os.memfd_create("guest-ram")
        os.ftruncate(self.ram, self.setting.memory * MIB)
        self.firmware = self._firmware()
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _firmware(self):
        machine = ["-machine", self.board()]
        code, variables = self.roms()
        if not variables:
            return machine + ["-bios", code]
        shutil.copyfile(variables, os.path.join(self.rundir, "vars.fd"))
        flash = f"if=pflash,format={_format(code)}"
        return machine + [
            "-drive", f"{flash},unit=0,readonly=on,file={code}",
            "-drive", f"{flash},unit=1,file=vars.fd"]

    def _disk(self):
        setting, image = self.setting, os.path.basename(self.image)
        mode = "on" if setting.read_only else "off"
        words = ["-drive", f"if=none,id=d0,format=raw,readonly={mode},"
                           f"file={image}"]
        if setting.medium == "usb":
            return words + ["-device", "qemu-xhci", "-device",
                            "usb-storage,drive=d0,removable=on"]
        bus = "device" if self._has_no_pci() else "pci"
        return words + ["-device", f"virtio-blk-{bus},drive=d0"]

    def _has_no_pci(self):
        name, *options = self.board().split(",")
        return name == "microvm" and "pcie=on" not in options

    def _start(self, *more):
        setting = self.setting
        self.socket, theirs = socket.socketpair()
        number = theirs.fileno()
        screen = ["-device", setting.screen] \
            if setting.screen != "none" and not self._has_no_pci() else []
        # Where memory is no journal's place the machine is started anew.
        after_reset = "shutdown" if setting.screenshot or setting.stream \
            else "reset"
        program, variables = self.program(PROGRAM)
        argv = [
            *program, "-nodefaults", "-display", "none", "-vga", "none",
            "-net", "none", "-monitor", "none",
            "-accel", setting.accel,
            "-cpu", setting.platform.cpu(setting.cpu),
            "-smp", str(setting.smp), "-m", str(setting.memory),
            "-object", f"memory-backend-file,id=ram,size={setting.memory}M,"
                       f"mem-path=/proc/self/fd/{self.ram},share=on",
            "-machine", "memory-backend=ram",
            "-chardev", f"file,id=com1,path={SERIAL_LOG},append=on",
            "-serial", "chardev:com1" if setting.serial else "none",
            "-chardev", f"socket,id=qmp,fd={number}",
            "-mon", "chardev=qmp,mode=control",
            # Pausing keeps the last screen for a screenshot.
            "-action", f"shutdown=pause,reboot={after_reset}",
            *self.firmware, *screen,
            *self._disk(), *setting.more, *more]
        try:
            self.process = child.start(argv, self.rundir, self._log(),
                                       pass_fds=[number, self.ram],
                                       env=variables)
        except FileNotFoundError:
            raise MachineError(f"{PROGRAM} is not installed") from None
        finally:
            theirs.close()
        self.qmp = Qmp(self.socket, self.process.pid)
        try:
            # Events follow the first command.
            found = self.qmp.command("query-version")["qemu"]
        except QmpError as why:
            raise MachineError(self.complaint() or str(why)) from None
        self.asked = "{major}.{minor}.{micro}".format(**found)
        if lacks := self._lacks():
            raise MachineError(lacks)
        self.disturb(self.process.pid)

    def _lacks(self):
        """A feature that was asked for and that is not there, in a sentence:
        QEMU warns and goes on without."""
        asked = {_plain(word[1:]) for word in self.setting.features
                 if word[0] == "+"}
        with open(self._log(), encoding="utf-8", errors="replace") as log:
            for name in MISSING.findall(log.read()):
                if _plain(name) in asked:
                    return (f"CPU={self.setting.cpu}: QEMU {self.asked} with "
                            f"{self.setting.accel} does not have {name}")
        return ""

    def processors_a_thread(self):
        return self.setting.smp if "-icount" in self.setting.more else 1

    def version(self):
        return self.asked

    def accel(self):
        return self.setting.accel

    def board(self):
        return self.setting.machine or self.setting.platform.own["machine"]

    def __exit__(self, *_):
        child.stop(self.stutter)
        child.stop(self.process)
        self.socket.close()
        os.close(self.ram)

    def _log(self):
        return os.path.join(self.rundir, LOG)

    def complaint(self):
        with open(self._log(), encoding="utf-8", errors="replace") as log:
            lines = [line.strip() for line in log
                     if "warning: " not in line
                     and "terminating on" not in line]
        return lines[-1] if lines else ""

    def _screenshot(self):
        if self.setting.screenshot:
            self.qmp.command("screendump", filename=self.setting.screenshot,
                             format="png")

    def ended(self):
        for event in self.qmp.events():
            if event["event"] == "RESET" and event["data"]["guest"]:
                self.boots += 1
            elif event["event"] == "SHUTDOWN":
                self._screenshot()
                if event["data"]["reason"] != "guest-reset":
                    return "off"
                if not self.setting.screenshot:
                    return "the machine has reset itself"
                # A reset that was turned into a pause: let it happen.
                self.boots += 1
                self.setting.screenshot = None
                self.qmp.command("set-action", reboot="reset")
                self.qmp.command("system_reset")
                self.qmp.command("cont")
        if self.boots > RESETS_MAX:
            return f"the machine has reset {self.boots - 1} times"
        if (status := self.process.poll()) is not None:
            self.how = f"the emulator ended with status {status}"
            return f"{PROGRAM} ended: {self.complaint()}"
        return None

    def come_back(self, down, words):
        """Resets a machine that no longer answers or is gone, and leaves the
        mark in a spare byte of its CMOS by which efi/after/resume.c knows.

        A processor that an instruction keeps inside QEMU's own code never
        sees system_reset, which waits for it for ever: QEMU is started anew,
        and finds memory, variables and disk as they were."""
        self.end()
        self._start("-S")
        if down in CMOS_MARKS:
            self.qmp.human(f"o /b {CMOS_INDEX:#x} {CMOS_PLACE:#x}")
            self.qmp.human(f"o /b {CMOS_DATA:#x} {CMOS_MARKS[down]:#x}")
        self.qmp.command("cont")
        self.boots += 1

    def end(self):
        child.stop(self.stutter)
        child.kill(self.process)
        self.socket.close()

    def begin_anew(self):
        os.ftruncate(self.ram, 0)
        os.ftruncate(self.ram, self.setting.memory * MIB)
        self._start()

    def journal(self):
        return memory.journal(self.ram)

    def inject(self, verb):
        if verb not in INJECTIONS:
            return super().inject(verb)
        return self.qmp.human(INJECTIONS[verb])
