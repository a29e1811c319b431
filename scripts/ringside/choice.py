# SPDX-License-Identifier: MIT
"""What somebody chose for a run, and the Setting that comes of it.

Each choice is a variable of make and an option of the same name of scripts/run
and scripts/window.  All are held against what is there, and against what the
emulator says that it has, before anything boots: what is wrong is one line.
"""

import hashlib
import os
import re
import shlex

from . import emulator, models, own, platforms, suites
from .machine import MachineError, Setting

# In the order of `make help`: the option, and what it takes.
CHOICES = {
    "platform": ", ".join(platforms.PLATFORMS)
                + f" ({platforms.DEFAULT.name}), own",
    "cpu": "model,+feature,-feature",
    "suite": "the Debian suite whose emulator and firmware are used; the "
             "machine's own if none is named",
    "smp": "processors (1)",
    "memory": "MiB (256, and 4 for each further processor)",
    "seconds": "give up after so many, by the clock",
    "qemu": "the program",
    "accel": "kvm, tcg or what else this QEMU has",
    "machine": "q35, pc or what else this QEMU has",
    "icount": "the TSC counts instructions, 2^N cycles each",
    "bochs": "the program",
    "ovmf": "code.fd,vars.fd or one file",
    "extra": "words for the emulator as they are, quoted as for a shell",
    "run": "of platform own: a command with {disk} in it, and {serial}",
    "reset": "of platform own: a command that resets the machine",
}
QEMU_ONLY = ("qemu", "accel", "machine")
# Choices that cannot be read in a directory's name are a few digits there.
UNREADABLE = ("qemu", "bochs", "ovmf", "extra", "run")
OF_OWN = ("run", "reset")
DIGITS = 6
UNSAFE = re.compile(r"[^\w.,+=-]")

ICOUNT_MAX = 10  # QEMU's own limit
SMP_MAX = 255  # APIC ids of 8 bits: the last one means all
MEMORY = 256
MEMORY_EACH = 4  # MiB that the image has for a further processor
MEMORY_MAX = 1 << 20  # MiB: more is a slip
SECONDS_MAX = 10 ** 6
KVM = "/dev/kvm"
HOST = ("kvm", "hvf")  # whose guests have the host's own processor
SIGNED = re.compile(r"[+-][\w.-]+")
FEATURE = re.compile(SIGNED.pattern + r"|[\w.-]+=.*")
RESET_VECTOR = 16  # bytes at the end of firmware, which are executed first


def add_to(add):
    """Makes them options; add is add_argument()."""
    for name, what in CHOICES.items():
        add("--" + name, default="", help=what)


def words(given):
    """The same options for another script."""
    return [f"--{name}={getattr(given, name)}" for name in CHOICES]


def tail(given):
    """What was chosen beside platform, model and suite, for the name of the
    run's directory."""
    shown = [given.accel, given.machine,
             f"{given.memory}MiB" if given.memory else ""]
    unreadable = [getattr(given, name) for name in UNREADABLE]
    if any(unreadable):
        shown.append(hashlib.sha256("\0".join(unreadable).encode())
                     .hexdigest()[:DIGITS])
    return "".join("-" + UNSAFE.sub("_", word) for word in shown if word)


def command(given):
    """The program of RUN=, for the same name."""
    return UNSAFE.sub("_", os.path.basename(given.run.split()[0]))


def _number(name, value, least, most, otherwise):
    if not value:
        return otherwise
    if not re.fullmatch("[0-9]+", value):
        raise MachineError(f"{name}={value} is not a number")
    if not least <= int(value) <= most:
        raise MachineError(f"{name}={value} is not from {least} to {most}")
    return int(value)


def platform_of(given):
    """Raises MachineError where there is none such, or a choice that is not
    for it."""
    default = "own" if given.run else "bochs-ovmf" if given.bochs else ""
    platform = platforms.named(given.platform or default)
    if not platform:
        raise MachineError(f"there is no platform {given.platform}; there is "
                           + ", ".join([*platforms.PLATFORMS, "own"]))
    kind = platform.emulator.name
    if platform is platforms.OWN:
        others = [name for name in CHOICES
                  if name not in (*OF_OWN, "platform", "seconds")]
    else:
        others = (*(QEMU_ONLY if kind == "bochs" else ("bochs",)), *OF_OWN)
    for name in others:
        if value := getattr(given, name):
            raise MachineError(f"{platform.name} takes no "
                               f"{name.upper()}={value}")
    return platform


def memory_of(smp):
    """MiB of a machine with so many processors, if nobody says."""
    return MEMORY + MEMORY_EACH * (smp - 1)


def _memory(given, platform, smp):
    memory = _number("MEMORY", given.memory, 1, MEMORY_MAX, memory_of(smp))
    if memory < platform.least_memory and not given.try_memory:
        raise MachineError(f"MEMORY={memory} is too small: {platform.name} "
                           f"needs {platform.least_memory} MiB")
    return memory


def _icount(given, platform):
    if not given.icount:
        return []
    if why := platform.why_not(platforms.ICOUNT):
        raise MachineError(f"{platform.name} takes no ICOUNT: {why}")
    shift = _number("ICOUNT", given.icount, 0, ICOUNT_MAX, None)
    return ["-icount", f"shift={shift}"]


def _extra(given):
    try:
        return shlex.split(given.extra)
    except ValueError as why:
        raise MachineError(f"EXTRA={given.extra}: {why}") from None


def _program(given, kind, suite):
    """The emulator, which answers, and whether somebody named it."""
    path = getattr(given, kind)
    try:
        return emulator.at(kind, path) if path else emulator.of(kind, suite)
    except emulator.NoEmulator as why:
        raise MachineError(f"{kind.upper()}={path}: {why}" if path
                           else f"{kind}: {why}") from None


def _firmware(given, platform):
    """The files of OVMF=, which can be started from."""
    if not given.ovmf:
        return ()
    if platform.rom == platforms.UBOOT:
        raise MachineError(f"{platform.name} takes no OVMF={given.ovmf}")
    code, *rest = given.ovmf.split(",")
    most = 1 if platform.emulator is platforms.QEMU else 0
    if len(rest) > most:
        raise MachineError(f"OVMF={given.ovmf}: {platform.name} takes "
                           + ("code.fd,vars.fd or one file" if most
                              else "one file"))
    if not code:
        raise MachineError(f"OVMF={given.ovmf} names variables and no code")
    for file in (code, *rest):
        if not os.path.isfile(file):
            raise MachineError(f"OVMF={given.ovmf}: there is no file {file}")
    with open(code, "rb") as file:
        end = file.read()[-RESET_VECTOR:]
    if len(set(end)) < 2:
        raise MachineError(f"OVMF={given.ovmf}: {code} has no code at its "
                           "end, where a processor starts: variables alone?")
    return tuple(map(os.path.abspath, (code, *rest)))


def _accel(given, program):
    if not given.accel:
        return "tcg"
    name = given.accel.partition(",")[0]
    if name not in (there := program().accels()):
        raise MachineError(f"ACCEL={given.accel}: {program()} has "
                           + ", ".join(there))
    if name == "kvm" and not os.path.exists(KVM):
        raise MachineError(f"ACCEL={given.accel}: there is no {KVM} here")
    if name == "kvm" and not os.access(KVM, os.R_OK | os.W_OK):
        raise MachineError(f"ACCEL={given.accel}: {KVM} may not be opened by "
                           "this user")
    return given.accel


def _machine(given, program):
    name = given.machine.partition(",")[0]
    if given.machine and name not in (there := program().machines()):
        raise MachineError(f"MACHINE={given.machine}: {program()} has "
                           + " ".join(there))
    if name == "microvm" and not given.ovmf:
        raise MachineError(f"MACHINE={given.machine}: no firmware here is "
                           "built for it; OVMF=MICROVM.fd names one that is "
                           "(OvmfPkg/Microvm of edk2)")
    return given.machine


def _cpu(given, platform, program):
    """The model with its features, as the emulator's own lists have them."""
    if not given.cpu:
        host = given.accel.partition(",")[0] in HOST
        return "host" if host else platform.tested[0]
    model, *features = given.cpu.split(",")
    if models.base(platform.cpu(model)) not in (there := program().models()):
        raise MachineError(f"{program()} has no CPU {model}; it has "
                           + " ".join(there))
    for word in features:
        qemu = platform.emulator is platforms.QEMU
        if not (FEATURE if qemu else SIGNED).fullmatch(word):
            raise MachineError(f"CPU={given.cpu}: {word} is neither +feature "
                               "nor -feature")
        if qemu and word[0] in "+-" \
                and word[1:].replace("_", "-") not in program().features():
            raise MachineError(f"CPU={given.cpu}: {program()} knows no "
                               f"feature {word[1:]}")
    return given.cpu


def seconds(given):
    """By the clock, or None."""
    return _number("SECONDS", given.seconds, 1, SECONDS_MAX, None)


def _own(given):
    if not given.run:
        raise MachineError("platform own needs RUN=, a command with {disk} "
                           "and, if that is not what it prints, {serial}")
    if own.DISK not in given.run:
        raise MachineError(f"RUN={given.run} has no {own.DISK}: it would not "
                           "boot this image")
    return Setting(platforms.OWN, "", medium="usb", stream=True,
                   run=given.run, reset=given.reset)


def setting_of(given):
    """Raises MachineError or suites.NoSuite."""
    platform = platform_of(given)
    if platform is platforms.OWN:
        return _own(given)
    kind = platform.emulator.name
    suite = suites.named(given.build, given.suite)
    found = []

    def program():  # asked by who needs it, once
        if not found:
            found.append(_program(given, kind, suite))
        return found[0]

    named = tuple(program().words) if getattr(given, kind) else ()
    firmware = _firmware(given, platform)
    smp = _number("SMP", given.smp, 1, SMP_MAX, 1)
    return Setting(
        platform, _cpu(given, platform, program), suite, named, firmware,
        smp, _memory(given, platform, smp), accel=_accel(given, program),
        machine=_machine(given, program),
        more=_icount(given, platform) + _extra(given))
