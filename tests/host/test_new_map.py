# SPDX-License-Identifier: MIT
"""scripts/new-map: what it proposes, and that it is a map that fits."""

import os
import subprocess

import pytest
from kernels import ENTRY, TOP, linked

# pylint: disable=wrong-import-order
from ringside import kernelfill, kernelmap
from ringside.kernellink import Linker
from ringside.kernelnames import numbered, plain, vector_of

SAVE = "\tpush %rax\n\tpush %rdi\n"
REST = "\tpop %rdi\n\tpop %rax\n"
# In the manner of a large kernel: names, a dispatch table, percpu data.
LARGE = f"""\
	.text
	.globl	entry_SYSCALL_64, asm_exc_page_fault, do_fault, sys_read
	.type	do_fault, @function
do_fault:
	nop
	ret
	.balign	16
	.type	sys_read, @function
sys_read:
	mov	$1, %eax
	ret
	.balign	16
	.type	error_entry, @function
error_entry:
	swapgs
	ret
	.balign	16
entry_SYSCALL_64:
	swapgs
	mov	%rsp, %gs:0
	mov	%gs:8, %rsp
{SAVE}	call	*sys_table(, %rax, 8)
{REST}	mov	%gs:0, %rsp
	swapgs
	sysretq
asm_exc_page_fault:
	call	error_entry
{SAVE}	call	do_fault
{REST}	add	$8, %rsp
	iretq
asm_xen_exc_debug:
	iretq
	.balign	16
isr0:	push	$0
	jmp	asm_exc_page_fault
	.balign	16
isr1:	push	$1
	jmp	asm_exc_page_fault
	.balign	16
isr2:	push	$2
	jmp	asm_exc_page_fault
	.balign	16
isr9:	jmp	asm_exc_page_fault
	.data
sys_table: .quad 0, sys_read
	.globl	cpu_info, init_stack
	.size	cpu_info, 128
cpu_info: .skip	128
	.size	init_stack, 8192
init_stack: .skip 8192
	.globl	idt_table
idt_table: .skip 4096
"""
TABLE = """\
	.text
one:	push	$1
	iretq
two:	push	$2
	iretq
	.globl	table
	.data
table:	.quad	one, two, one, two, one
"""


def proposed(path):
    done = subprocess.run([os.path.join(TOP, "scripts/new-map"), str(path)],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def statements(text):
    return [" ".join(line.partition("#")[0].split()) for line
            in text.split("\n") if line.partition("#")[0].strip()]


def fits(text, path, work):
    said = kernelmap.parse("os.map", text)
    return kernelfill.fill(Linker(str(path), str(work)).link(
        said.bodies, {}), said)


def test_the_example(tmp_path):
    """As its author has written it, but for the IST number, the value that
    its function returns, and the order."""
    path = os.path.join(TOP, "tests/examples/tinymap")
    text = proposed(path)
    with open(os.path.join(path, "tinymap.map"), encoding="ascii") as file:
        written = statements(file.read())
    assert {line.replace("vector 2", "vector nmi").replace("+0x8", "+8")
            for line in statements(text)} == {
                line.replace(" ist 1", "").replace(" returns 0", "")
                for line in written}
    assert len(fits(text, path, tmp_path).stubs) == 20


def test_a_large_one(tmp_path):
    path = linked(tmp_path, {"k": LARGE}, "-Ttext=0xffffffff81000000")
    text = proposed(path)
    assert statements(text) == [
        "vectors 0-2 array isr0 stride 16", "vector 9 isr9",
        "vector 14 asm_exc_page_fault", "syscall entry_SYSCALL_64", "rax 1",
        "body do_fault", "body sys_read", "gs cpu_info",
        "stack init_stack+0x2000", "set cpu_info+0x8 = init_stack+0x2000"]
    assert "# by their names" in text
    assert "an IDT is there, and filled when the kernel runs" in text
    assert "# not found: the IST numbers of #DB, NMI, #DF and #MC" in text
    filled = fits(text, path, tmp_path)
    assert len(filled.stubs) == 6 and filled.gs


def test_a_table_and_what_is_missing(tmp_path):
    path = linked(tmp_path, {"k": TABLE})
    text = proposed(path)
    assert statements(text) == ["vectors 0-4 table table"]
    assert "# not found: no entry of SYSCALL" in text
    fits(text, path, tmp_path)


def test_a_filled_idt(tmp_path):
    """As a build makes it, with the halves of each address put in place."""
    gate = ("\t.short one_low, 8\n\t.byte 2, 0x8e\n\t.short one_high\n"
            "\t.long 0, 0\n")
    path = linked(tmp_path, {
        "k": TABLE.replace("\t.globl\ttable", "\t.globl table, one, idt")
        + "\t.balign 16\nidt:\n" + gate * 20 + "\t.skip 3776\n"},
        "-Ttext=0x200000", "--defsym=one_low=0", "--defsym=one_high=0x20")
    assert statements(proposed(path)) == ["idt idt"]
    found = {stub.vector for stub in fits(
        proposed(path), path, tmp_path).stubs}
    assert found == set(range(20))


def test_what_nothing_defines(tmp_path):
    """What a stub calls is a function; the rest, for what one knows, data."""
    folder = tmp_path / "os"
    folder.mkdir()
    (folder / "a.S").write_text(
        "\t.globl nmi_entry\nnmi_entry:\tmov apic(%rip), %rax\n"
        "\tcall handler\n\tiretq\n")
    assert statements(proposed(folder)) == [
        "vector 2 nmi_entry", "body handler", "memory apic bytes 4096"]


def test_what_is_left_for_its_author(tmp_path):
    """An entry whose vector no name says, and a function that only it
    calls."""
    folder = tmp_path / "os"
    folder.mkdir()
    (folder / "a.S").write_text(
        "\t.globl nmi_entry, what\nnmi_entry:\tcall handler\n\tiretq\n"
        "what:\tcall other\n\tiretq\n")
    text = proposed(folder)
    assert statements(text) == ["vector 2 nmi_entry", "body handler",
                                "body other"]
    assert "# not found: what these are for, which have an IRETQ: what\n" \
        in text


def test_fred(tmp_path):
    text = proposed(linked(tmp_path, {"k": ENTRY}, "--defsym=do_call=0",
                           "--defsym=do_nmi=0"))
    assert "fred fred_user" in statements(text)


@pytest.mark.parametrize("words, sentence", [
    ([], "needs a kernel"), (["nowhere"], "there is no kernel nowhere"),
    ([__file__], "is no ELF file")])
def test_no_use(words, sentence):
    done = subprocess.run([os.path.join(TOP, "scripts/new-map"), *words],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 2 and not done.stdout
    assert sentence in done.stderr and len(done.stderr.split("\n")) == 2


@pytest.mark.parametrize("name, vector", [
    ("asm_exc_page_fault", 14), ("asm_exc_nmi", 2), ("Xdblfault", 8),
    ("page_fault_stub", 14), ("mykernel_gpf_handler", 13), ("isr_int3", 3),
    ("entry_INT80_compat", 0x80), ("asm_int80_emulation", 0x80),
    ("exc_simd_coprocessor_error", 19), ("t_int80", 0x80), ("debug_entry", 1),
    ("asm_xenpv_exc_nmi", None), ("memcpy", None), ("start", None)])
def test_names(name, vector):
    assert vector_of(name) == vector


@pytest.mark.parametrize("name, found", [
    ("isr14", (("isr", ""), 14)), ("vector255", (("vector", ""), 255)),
    ("irq3_stub", (("irq", "_stub"), 35)), ("irq_40", (("irq", ""), 40)),
    ("isr_stub_0x0e", (("isr_stub", ""), 14)), ("vector256", None),
    ("memset64", None)])
def test_numbered_names(name, found):
    assert numbered(name) == found


@pytest.mark.parametrize("name, last", [
    ("page_fault", "page_fault"), ("_Z10page_faultP5Frame", "page_fault"),
    ("_ZN6kernel5traps7syscallEv", "syscall"),
    ("_ZN6kernel5traps4gateILi14EEEvP5Frame", "gate14"),
    ("_ZN4core9panicking5panic17h0123456789abcdefE", "panic"),
    ("_RNvNtCs1234_6kernel10interrupts18page_fault_handler",
     "page_fault_handler"), ("_Zero", "_Zero")])
def test_mangled_names(name, last):
    assert plain(name) == last
