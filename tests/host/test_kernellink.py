# SPDX-License-Identifier: MIT
"""What an author hands over becomes one ELF file; what does not, and why."""

import shutil

import pytest
from kernels import ENTRY, linked, objects, run

# pylint: disable=wrong-import-order
from ringside.elf import Elf, ElfError
from ringside.kernellink import LOWER, UPPER, Linker
from ringside.specimen import SpecimenError

SHORT = "\t.text\n\t.globl\tlow\nlow:\tmov\t$low, %edi\n\tcall\tdo_call\n"


def link(folder, path, bodies=("do_call", "do_nmi"), memories=None):
    work = folder / "work"
    work.mkdir()
    return Linker(str(path), str(work)).link(bodies, memories or {})


def refused(*words, **more):
    with pytest.raises((SpecimenError, ElfError)) as why:
        link(*words, **more)
    return str(why.value)


def folder_of(tmp_path, sources):
    folder = tmp_path / "os"
    folder.mkdir()
    for name, text in sources.items():
        (folder / name).write_text(text)
    return folder


def check(elf):
    """The functions that the map knows have room, and are called."""
    symbols = elf.defined()
    assert {"call_entry", "nmi_entry", "stubs", "do_call", "do_nmi"} \
        <= set(symbols)
    assert symbols["do_call"].size == 16
    code = next(s for s in elf.segments() if s.va
                <= symbols["call_entry"].at < s.va + len(s.data))
    call = symbols["call_entry"].at - code.va + 3
    target = int.from_bytes(code.data[call + 1:call + 5], "little",
                            signed=True) + code.va + call + 5
    assert code.data[call] == 0xe8 and target == symbols["do_call"].at
    return elf


def test_an_object(tmp_path):
    check(link(tmp_path, objects(tmp_path, {"entry": ENTRY})[0]))


def test_a_mangled_name(tmp_path):
    """C++ and Rust: as the map has it, not as ld would like to say it."""
    name = "_ZN6kernel9Scheduler4callEm"
    elf = link(tmp_path, objects(tmp_path, {
        "entry": ENTRY + f"\t.text\n\tcall\t{name}\n"})[0],
        ("do_call", "do_nmi", name))
    assert elf.defined()[name].size == 16


def test_an_archive(tmp_path):
    path = tmp_path / "lib.a"
    run("ar", "rc", str(path), *objects(tmp_path, {"entry": ENTRY}))
    elf = check(link(tmp_path, path))
    assert elf.defined()["call_entry"].at >= UPPER


def test_a_folder_of_objects_and_sources(tmp_path):
    folder = folder_of(tmp_path, {
        "intel.S": ".intel_syntax noprefix\n#include \"macros.h\"\n"
                   "FUNCTION(one)\n\tmov rax, qword ptr [rsp + 8]\n\tret\n",
        "plain.s": "\t.globl two\ntwo:\tcall one\n",
        "readme.txt": "no code"})
    (folder / "include").mkdir()
    (folder / "include" / "macros.h").write_text(
        "#define FUNCTION(name) .globl name; name:\n")
    shutil.copy(objects(tmp_path, {"entry": ENTRY})[0], folder)
    assert {"one", "two"} <= set(check(link(tmp_path, folder)).defined())


def test_an_object_is_taken_before_its_source(tmp_path):
    folder = folder_of(tmp_path, {"entry.S": "nonsense"})
    shutil.copy(objects(tmp_path, {"entry": ENTRY})[0], folder)
    check(link(tmp_path, folder))


def test_a_linked_kernel_is_left_alone(tmp_path):
    path = linked(tmp_path, {"entry": ENTRY}, "--defsym=do_call=0",
                  "--defsym=do_nmi=0")
    elf = link(tmp_path, path)
    assert elf.path == path and isinstance(elf, Elf)


def test_lower_half_where_a_relocation_wants_it(tmp_path):
    elf = check(link(tmp_path, folder_of(
        tmp_path, {"a.S": SHORT, "entry.S": ENTRY})))
    assert LOWER <= elf.defined()["low"].at < LOWER + (1 << 20)


def test_memory_for_data_that_the_map_knows(tmp_path):
    elf = link(tmp_path, folder_of(tmp_path, {
        "a.S": "\t.globl a\na:\tmov\tstate(%rip), %rax\n"}),
        memories={"state": 0x3000, "unused": 1})
    assert elf.defined()["state"].size == 0x3000
    assert elf.given == ("state",)


def test_blanks_in_its_path(tmp_path):
    (tmp_path / "my os").mkdir()
    path = tmp_path / "my os" / "entry one.o"
    shutil.copy(objects(tmp_path, {"entry": ENTRY})[0], path)
    check(link(tmp_path, path))


@pytest.mark.parametrize("sources, sentence", [
    ({"a.S": "\tnop\n\tswapfs\n"}, "a.S:2: no such instruction: `swapfs'"),
    ({"a.S": "#include \"no.h\"\n"}, "a.S:1: no.h: No such file"),
    ({"a.S": "\t.text\n\n\tcall\tother\n\tcall\tthird\n"},
     "a.S:3: `other` is used, and nothing defines it: `body other` in the map "
     "declares a function of yours, `memory other bytes N` data; so are "
     "`third`"),
    ({"a.S": "\t.globl x\nx:\tnop\n", "b.S": "\t.globl x\n\nx:\tnop\n"},
     "`x` is defined twice"),
    # fits neither half
    ({"a.S": "\t.globl x\nx:\n\tmov\t$x, %ax\n"},
     "a.S:3: relocation truncated to fit: R_X86_64_16"),
    ({"a.txt": ""}, "holds no object, archive or .S file"),
    ({"a.o": ""}, "a.o is empty"),
    ({"a.o": "no"}, "a.o is no ELF file"),
])
def test_why_not(tmp_path, sources, sentence):
    assert sentence in refused(tmp_path, folder_of(tmp_path, sources))


def test_two_kernels(tmp_path):
    folder = folder_of(tmp_path, {})
    path = linked(tmp_path, {"entry": ENTRY}, "--defsym=do_call=0",
                  "--defsym=do_nmi=0")
    shutil.copy(path, folder / "kernel.o")
    assert "kernel.o is linked already: KERNEL=" in refused(tmp_path, folder)


def test_freds_ways_out(tmp_path):
    """Whether the assembler knows them or not."""
    folder = folder_of(tmp_path, {"a.S": "\t.globl\tus, s\nus:\teretu\n"
                                         "s:\terets\n"})
    elf = link(tmp_path, folder)
    assert b"\xf3\x0f\x01\xca\xf2\x0f\x01\xca" in b"".join(
        segment.data for segment in elf.segments())


@pytest.mark.skipif(not shutil.which("nasm"), reason="no nasm is here")
@pytest.mark.parametrize("name", ["a.asm", "a.nasm", "a.s", "a.S"])
def test_nasm(tmp_path, name):
    folder = folder_of(tmp_path, {
        name: "global one\nextern do_nmi\nsection .text\none:\n"
                 "  call do_nmi\n  iretq\n"})
    assert "one" in link(tmp_path, folder).defined()


@pytest.mark.skipif(bool(shutil.which("nasm")), reason="nasm is here")
def test_no_nasm(tmp_path):
    assert "a.asm wants nasm, which is not here" in refused(
        tmp_path, folder_of(tmp_path, {"a.asm": "nop\n"}))
