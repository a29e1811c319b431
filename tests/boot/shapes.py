# SPDX-License-Identifier: MIT
"""Kernels' shapes: how each of tests/kernels/ is built, its wrong twins, and
where those must be found wrong.

A twin is the right one with one line replaced.  What is wrong with it is not
read from the report's verdicts: the base that is live at a boundary follows
from the instructions in front of it, and those from their bytes.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass

import pytest

KERNELS = os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "kernels")
FREESTANDING = ["-ffreestanding", "-mgeneral-regs-only", "-mno-red-zone",
                "-fno-pic", "-fno-asynchronous-unwind-tables",
                "-fno-stack-protector", "-Wall", "-Wextra", "-Werror"]
LINKED = ["-nostdlib", "-static", "-no-pie", "-Wl,--build-id=none", "-O1"]
# SWAPGS; WRMSR; WRGSBASE of a register
SETS_GS = re.compile("0f01f8|0f30|f3480faed[89a-f]")


def _tool(name):
    if not shutil.which(name):
        pytest.skip(f"{name} is not here")
    return name


def _folder(path, _made):
    return path


def _nasm(path, made):
    made += ".o"
    subprocess.run([_tool("nasm"), "-f", "elf64", f"{path}/isr.asm", "-o",
                    made], check=True)
    return made


def _object(path, made):
    made += ".o"
    subprocess.run(["gcc", "-c", *(f"{path}/{name}" for name in
                                   os.listdir(path) if name.endswith(".S")),
                    "-o", made], check=True)
    return made


def _archive(path, made):
    made += ".a"
    subprocess.run(["ar", "rc", made, _object(path, made)], check=True)
    return made


def _cxx(path, made):
    made += ".o"
    subprocess.run([_tool("g++"), "-std=c++17", "-O2", "-fno-exceptions",
                    "-fno-rtti", "-mcmodel=kernel", *FREESTANDING, "-c",
                    f"{path}/kernel.cpp", "-o", made], check=True)
    return made


def _linked(*words):
    def build(path, made):
        made += ".elf"
        subprocess.run(["gcc", *FREESTANDING, *LINKED, *words,
                        f"{path}/entry.S", f"{path}/kernel.c", "-o", made],
                       check=True)
        return made
    return build


BUILDS = {
    "address": _folder, "array": _object, "counters": _folder, "cxx": _cxx,
    "folded": _folder, "lower": _linked("-Wl,-Ttext=0x100000"),
    "moved": _folder, "nasm": _nasm, "nesting": _folder, "percpu": _archive,
    "plain": _folder, "pti": _folder, "reserved": _folder, "rust": _object,
    "upper": _linked("-mcmodel=kernel", "-Wl,-Ttext=0xffffffff80100000",
                     "-Wl,-e,entry_syscall"),
}


# Where a twin is wrong: (path, rows of it in order) to the rows.

def users_base(path, rows):
    """Those at which ring 0 is on the user's base: up to the instruction that
    changes it, and from the next that does on.  A frame's CS says ring 0."""
    if path.endswith("-ring0"):
        return []
    users, found = True, []
    for row in rows:
        if users:
            found.append(row)
        if SETS_GS.match(row["code"]):
            users = not users
    return found


def at(*places):
    """Those behind one of these labels, with an offset of 0."""
    return lambda _path, rows: [row for row in rows if not row["offset"]
                                and row["symbol"] in places]


def but_at(known):
    """The same, but for the IRETQ that the gate knows by address.  It takes
    the event there for a refused frame, and ends as that IRETQ would: right
    where the frame is ring 3's, and wrong where it is not."""
    def where(path, rows):
        found = [row for row in users_base(path, rows)
                 if row["symbol"] != known]
        if path.endswith(("-ring0", "-syscall")):
            found += at(known)(path, rows)
        return found
    return where


@dataclass(frozen=True)
class Twin:
    kernel: str
    name: str
    file: str
    old: str
    new: str
    events: tuple
    where: object
    machine: str = ""

    def __str__(self):
        return f"{self.kernel}-{self.name}"


# EBX from the frame's CS, as if it were the base's sign.
BY_CS = "movl\t128(%rsp), %ebx; andl $3, %ebx; decl %ebx"

TWINS = [
    Twin("address", "short", "entry.S",
         "\tin_window trap_iret, trap_iret_end, trap_db_users\n", "",
         ("db",), at("trap_iret")),
    Twin("array", "mask", "stubs.S", "PARANOID, 0x40106", "PARANOID, 0x40102",
         ("nmi",), but_at("the_iret")),
    Twin("counters", "cs", "entry.S", "movl\t%edx, %ebx", BY_CS,
         ("db", "nmi"), users_base),
    Twin("cxx", "nmi", "cxx.map", "8anywhereILi2E", "4gateILi65E",
         ("nmi",), users_base),
    Twin("folded", "nmi", "folded.map", "vector nmi f_nmi",
         "vector nmi f_ud", ("nmi",), users_base),
    Twin("lower", "nmi", "lower.map", "vector nmi low_nmi",
         "vector nmi low_ud", ("nmi",), users_base),
    Twin("moved", "last", "entry.S", "m_iret:\n\tiretq\nm_last:\n",
         "m_last:\nm_iret:\n\tiretq\n", ("db",), at("m_iret", "m_last")),
    Twin("nasm", "nmi", "isr.asm", "isr_no_err_stub 2, isr_anywhere",
         "isr_no_err_stub 2, isr_common", ("nmi",),
         but_at("isr_iret")),
    Twin("percpu", "cs", "entry.S", "movl\t%edx, %ebx", BY_CS,
         ("db", "nmi", "mc"), users_base),
    Twin("plain", "nmi", "plain.map", "vector nmi plain_nmi ist 2",
         "vector nmi plain_int80 ist 2", ("nmi",),
         but_at("plain_iret")),
    Twin("reserved", "cs", "entry.S", "mov\tebx, edx",
         "mov ebx, [rsp + RESERVED + 8]; and ebx, 3; dec ebx",
         ("db", "nmi"), users_base),
    Twin("rust", "nmi", "rust.map", "5traps3nmi ist 2", "5traps5timer ist 2",
         ("nmi",), users_base),
    Twin("upper", "nmi", "entry.S", "entry_nmi, 0, paranoid",
         "entry_nmi, 0, ordinary", ("nmi",), but_at("user_iret")),
]


def copy(kernel, to, twin=None):
    """A copy of its folder, with the twin's line.  Returns its path, and its
    map's, which has a name of its own."""
    path = shutil.copytree(os.path.join(KERNELS, kernel), to / kernel)
    if twin:
        text = (path / twin.file).read_text()
        assert text.count(twin.old) == 1, twin
        (path / twin.file).write_text(text.replace(twin.old, twin.new))
    name = str(twin) if twin else kernel
    return path, (path / f"{kernel}.map").rename(path / f"{name}.map")


def by_path(rows):
    """{path: rows}, in the order of execution."""
    found = {}
    for row in sorted(rows, key=lambda row: row["index"]):
        found.setdefault(row["path"], []).append(row)
    return found




# What is no event at a boundary, or is told at one of many: events has the
# stubs to be blamed.
def _bug(name, file, old, new, *stubs, kernel="plain", machine=""):
    return Twin(kernel, name, file, old, new, stubs, None, machine)


BUGS = [
    _bug("badiret", "entry.S", "\tjne\tplain_gate_in\n",
         "\tjmp\tplain_gate_in\n", "int80"),
    _bug("sysret", "entry.S", "\tjne\tplain_leave\t", "\tnop\t\t\t",
         "syscall64"),
    _bug("rbx", "entry.S", "\taddq\t$8, %rsp\nplain_iret:",
         "\taddq\t$8, %rsp; xorl %ebx, %ebx\nplain_iret:",
         "int80", "np", "ss", "gp", "pf", "irq"),
    _bug("push", "entry.S", "\tmovq\t%rsp, %gs:8\n",
         "\tpushq %rax; popq %rax; movq %rsp, %gs:8\n", "syscall64"),
    _bug("db-stack", "plain.map", "plain_db ist 1", "plain_db ist none", "db"),
    _bug("nmi-stack", "plain.map", "plain_nmi ist 2", "plain_nmi ist none",
         "nmi"),
    _bug("ac", "plain.map", "fmask 0x47700", "fmask 0x07700", "syscall64"),
    # QEMU's TCG loses DF at SYSCALL.
    _bug("df", "plain.map", "fmask 0x47700", "fmask 0x47300", "syscall64",
         machine="bochs"),
    # Its exit is IRETQ, which faults with NT.
    _bug("nt", "nesting.map", "syscall nest_syscall\n",
         "syscall nest_syscall\nfmask 0x43700\n", "syscall64",
         kernel="nesting"),
]
