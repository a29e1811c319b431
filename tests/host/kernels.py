# SPDX-License-Identifier: MIT
"""Small kernels for the tests of scripts/ringside/kernel*.py."""

import os
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "scripts"))

ENTRY = """\
	.text
	.globl	call_entry, nmi_entry
	.type	call_entry, @function
call_entry:
	swapgs
	call	do_call
	swapgs
	sysretq
	.size	call_entry, . - call_entry
nmi_entry:
	call	do_nmi
	iretq
	.section .odd.code, "ax"
	.balign	16
	.globl	stubs
stubs:
	.rept	4
	push	$0
	jmp	nmi_entry
	.balign	16
	.endr
fred_user:
	call	do_nmi
	.byte	0xf3, 0x0f, 0x01, 0xca
	.section .odd.data, "aw"
	.globl	table, percpu, percpu_end
table:	.quad	stubs, 0, stubs + 32
	.globl	bad
bad:	.quad	0, percpu
	.balign	16
percpu:	.skip	4096
percpu_end:
"""
MAP = "syscall call_entry\nvector nmi nmi_entry\nbody do_call do_nmi\n"


def run(*argv):
    subprocess.run(argv, check=True, capture_output=True)


def objects(folder, sources):
    """Objects of {name: assembly} in the folder; returns their paths."""
    made = []
    for name, text in sources.items():
        source = folder / (name + ".src")
        source.write_text(text)
        made.append(str(folder / (name + ".o")))
        run("gcc", "-x", "assembler", "-c", str(source), "-o", made[-1])
    return made


def linked(folder, sources, *words):
    """A linked kernel of them; words are ld's."""
    path = str(folder / "kernel.elf")
    run("ld", "-e", "0", *words, *objects(folder, sources), "-o", path)
    return path
