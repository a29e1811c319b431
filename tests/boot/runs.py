# SPDX-License-Identifier: MIT
"""The list of runs: a name and the words for scripts/run."""

import glob
import os
import time

import pytest
from ringside import platforms

# What every machine of `make test` is held to; each has its file in
# tests/known/.  The slowest come first.
MACHINES = {
    name: ["--platform", one.platform.name, "--cpu", one.model,
           "--suite", one.suite, f"--args={one.options}"]
    for name, one in platforms.TESTED.items()
}


def able(what, names=MACHINES):
    """Those of these machines whose platform can do that."""
    return [name for name in names
            if not platforms.TESTED[name].platform.why_not(what)]


def unable(what, names=MACHINES):
    return [name for name in names if name not in able(what)]


def emulated_by(emulator):
    """Those of the machine's own emulator of that kind."""
    return [name for name, one in platforms.TESTED.items()
            if one.platform.emulator is emulator and not one.suite]


# Where only the way matters and not what was judged on it, one case will do.
SHORT = "--only syscall64"
SOME = "--only exc"  # enough to see on a screen
TOGETHER = "--no-risky --only smp_*,exc,int80,syscall64,life"
BEHIND = "--no-risky --only smp_*,exc,int80"


# What waits for something: timers, interrupts from outside, a script.
TIMED = "lapic*,apic,nmi*,mc*,life,rep,db_rep,shadow_row,iret*"
SEED = int(os.environ.get("RINGSIDE_SEED") or time.time())


def _args(words):
    return [f"--args={words}"]


# Commands for RUN=, as of somebody who knows nothing of this: QEMU ends at a
# reset.
OWN = os.path.join(os.path.dirname(__file__), "own")
OWN_QEMU = ("qemu-system-x86_64 -nodefaults -display none -net none -m 256 "
            f"-cpu Haswell -bios {platforms.UBOOT} -no-reboot "
            "-drive if=none,id=d0,format=raw,file={disk} "
            "-device virtio-blk-pci,drive=d0 ")

# On QEMU with OVMF and an Intel model, the main platform.
VARIATIONS = {
    # media
    "usb": ["--usb", *_args(SHORT)],
    "read-only": ["--read-only", *_args(SHORT)],
    # outputs that are not there, or are odd
    "no-screen": ["--screen", "none", *_args(SHORT)],
    "blt-only": ["--screen", "virtio-gpu-pci", *_args(SHORT)],
    "no-serial": ["--no-serial", *_args(SHORT)],
    "screen-small": ["--screen", "VGA,xres=800,yres=600",
                     "--screenshot", "SCREENSHOT", *_args(SOME)],
    "screen-4k": ["--screen", "VGA,xres=3840,yres=2160,refresh_rate=30000,"
                  "vgamem_mb=64", "--screenshot", "SCREENSHOT", *_args(SOME)],
    # machines of another size
    "memory-128": ["--memory", "128", *_args("--no-risky")],
    "memory-64-bochs": ["--platform", "bochs-uboot", "--memory", "64",
                        *_args(SHORT)],
    "smp-2": ["--smp", "2", *_args(SHORT)],
    # what is asked of more than one processor; U-Boot is the quicker on Bochs
    "smp-4": ["--smp", "4", *_args(TOGETHER)],
    "smp-4-bochs": ["--platform", "bochs-uboot", "--smp", "4",
                    *_args(TOGETHER)],
    # the TSC counts instructions: a path's cost is its length
    "costs": ["--platform", "qemu-uboot", "--icount", "7",
              *_args("--only cost")],
    "costs-amd": ["--platform", "qemu-uboot", "--cpu", "EPYC", "--icount", "7",
                  *_args("--only cost")],
    # the host's time is the guest's: see test_timing.py
    "stutter": ["--stutter", str(SEED), *_args("--no-risky --only " + TIMED)],
    # any command
    "own": ["--run", OWN_QEMU + "-serial stdio", *_args(SHORT)],
    "own-bochs": ["--run", OWN + "/bochs {disk} {serial}", *_args(SHORT)],
    "own-down": ["--run", OWN_QEMU + "-serial file:{serial}",
                 *_args("--only ex_control")],
    "own-killed": ["--run", f"{OWN}/killed {SEED} 3 {{disk}}.killed "
                   + OWN_QEMU + "-serial stdio", *_args("--no-risky")],
    # killed from outside, three times
    "killed": ["--platform", "qemu-uboot", "--kill", str(SEED),
               *_args("--no-risky")],
    "killed-bochs": ["--platform", "bochs-uboot", "--kill", str(SEED),
                     *_args("--no-risky")],
    "killed-ovmf": ["--kill", str(SEED), *_args("--no-risky")],
    # the same of the window: every boundary is one
    "window-icount": ["--platform", "qemu-uboot", "--icount", "7",
                      *_args("--only window_*")],
    # neither Intel's nor AMD's, and without SYSEXIT, as TCG has it
    "centaur": ["--platform", "qemu-uboot", "--cpu",
                "Haswell,vendor=CentaurHauls",
                *_args("--only sysenter,sysexit_who,syscall32,life")],
    # options
    "self-test": _args("--self-test"),
    "self-test-live": _args("--self-test --no-reboot"),
    "self-test-bochs": ["--platform", "bochs-uboot", *_args("--self-test")],
    "self-test-bochs-ovmf": ["--platform", "bochs-ovmf",
                             *_args("--self-test")],
    "perturbed": _args("--mutants --only exc,int80,int_denied,syscall64,"
                       "syscall32,syscall_fmask,syscall_who,sysenter,irq,nmi,"
                       "apic,lapic_timer,stack_ist"),
    "no-reboot": _args("--no-reboot " + SHORT),
    "only": _args("--only exc"),
    "list": _args("--list"),
    "explain-fact": _args("--explain iv18"),
    "help": _args("-h"),
    "explain": _args("--explain exc"),
    "uboot-explain": ["--platform", "qemu-uboot", *_args("--explain=exc")],
    "explain-nothing": _args("--explain nonsense"),
    "list-checks": ["--platform", "qemu-uboot", *_args("--list-checks")],
    "open-quote": _args('--only "exc'),
    "uboot-no-such-case": ["--platform", "qemu-uboot",
                           *_args("--only nonsense")],
    "unknown-option": _args("--bogus"),
    "missing-value": _args("--only"),
    "only-checks": _args("--only int80,exc.d?.*"),
    "only-long": _args("--only " + ",".join(["exc.de.*"] * 110)),
    "only-too-long": _args("--only " + "exc," * 400),
    "no-such-check": _args("--only exc,exc.nonsense.*,int80"),
    "no-such-check-live": _args("--no-reboot --only exc,exc.nonsense.*,int80"),
    "no-such-case-of-many": _args("--only exc,nonsense,int80"),
    "no-such-case": _args("--only nonsense"),
    "odd-cpus": _args("--cpus 1,all"),
    "no-x2apic": ["--cpu", "Haswell,-x2apic", *_args("--x2apic")],
}

# --provoke NAME: something is broken on purpose.
PROVOCATIONS = {
    "journal-flip": _args("--provoke journal-flip --no-risky"),  # wants a long
    **{name: _args(f"--provoke {name} {SHORT}")
       for name in ("no-variables", "store-full", "journal-taken",
                    "stale-key", "core-fault", "handler-fault", "triple-fault",
                    "no-watchdog", "no-lint0", "variables-lost")},
    "variables-lost-reset": _args("--provoke variables-lost --only "
                                  "cr0.pg*,cr4.pae*,int80"),
    "exit-refused": _args(f"--provoke exit-refused {SHORT}"),
    "no-clock": _args(f"--provoke no-clock {SHORT}"),
    "bad-runtime": _args(f"--provoke bad-runtime {SHORT}"),
    "bad-runtime-live": _args(f"--provoke bad-runtime --no-reboot {SHORT}"),
    # the first check that dies cannot be given up
    "unwind-fault": _args("--provoke unwind-fault --self-test"),
    "unwind-fault-live":
        _args("--provoke unwind-fault --self-test --no-reboot"),
    "set-up-fault": _args("--provoke set-up-fault --only exc,int80"),
    **{name: ["--smp", "3", *_args(f"--provoke {name} --no-risky --only "
                                   "smp_start,smp_alone,exc,int80")]
       for name in ("cpu-absent", "cpu-twice", "cpu-differs", "cpu-hang",
                    "cpu-fault")},
    # and what comes behind it
    "cpu-dead": ["--smp", "3", *_args(f"--provoke cpu-dead {BEHIND}")],
    "cpu-reset": ["--smp", "3", *_args(f"--provoke cpu-reset {BEHIND}")],
    "cpu-reset-bochs": ["--platform", "bochs-uboot", "--smp", "3",
                        *_args(f"--provoke cpu-reset {BEHIND}")],
    # of each specimen's storm the first one dies: five minutes are not waited
    "storm-fault": ["--smp", "3", *_args("--provoke storm-fault --storm 300 "
                                         "--seed 1")],
}

# The way over the reset, with each suite's emulator and firmware that has
# been unpacked.
BUILD = os.environ.get("RINGSIDE_BUILD", os.path.join(
    os.path.dirname(__file__), "../../build"))
SUITES = sorted(os.path.basename(os.path.dirname(path))
                for path in glob.glob(os.path.join(BUILD, "suites/*/")))
TWO_BOOTS = {"two-boots": _args(SHORT),
             **{f"two-boots-{suite}": ["--suite", suite, *_args(SHORT)]
                for suite in SUITES}}

# An APIC id over 255, of the third of three processors: in a second package,
# behind one that has room for 129.  QEMU's TCG takes that since 9.0.
FAR_ID = 256
FAR_IDS = {"smp-far-id": [
    "--suite", platforms.NEWEST, "--cpu", "Haswell,+x2apic", "--extra",
    "-smp 2,maxcpus=258,sockets=2,cores=129 "
    "-device Haswell-x86_64-cpu,socket-id=1,core-id=0,thread-id=0",
    *_args(TOGETHER)]} if platforms.NEWEST in SUITES else {}

# An instruction breakpoint, where Bochs's own loop over several processors
# never comes out of it: scripts/ringside/bochs.py.
BREAKPOINTS = {"smp-nmi-bochs": [
    "--suite", platforms.NEWEST, "--platform", "bochs-uboot", "--smp", "2",
    *_args("--no-risky --only smp_nmi")]} if platforms.NEWEST in SUITES else {}

RUNS = {**MACHINES, **VARIATIONS, **PROVOCATIONS, **TWO_BOOTS, **FAR_IDS,
        **BREAKPOINTS}


def on(*names):
    """A test of each of these runs, given to it as `run`."""
    unknown = set(names) - set(RUNS)
    assert not unknown, unknown
    return pytest.mark.parametrize("run", names, indirect=True)
