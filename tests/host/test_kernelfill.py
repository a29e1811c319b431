# SPDX-License-Identifier: MIT
"""What a map says of a kernel, looked up in it and put into its memory."""

import struct
import subprocess

import pytest
from kernels import ENTRY, MAP, TOP, objects

# pylint: disable=wrong-import-order
from ringside import kernelemit, kernelfill, kernelmap
from ringside.kernellink import Linker
from ringside.mapwords import MapError

@pytest.fixture(name="fill")
def _fill(tmp_path):
    """Call it with a map's text, and more sources."""
    def filled(text, source=ENTRY):
        work = tmp_path / "work"
        work.mkdir()
        said = kernelmap.parse("os.map", text)
        path, = objects(tmp_path, {"entry": source})
        elf = Linker(path, str(work)).link(
            set(said.bodies) | {"do_call", "do_nmi"}, {
                place.text: size for place, size in said.memories})
        return kernelfill.fill(elf, said)
    return filled


def stubs(filled):
    symbols = {symbol.at: symbol.name for symbol in filled.places.code}
    base = filled.places.at["stubs"]
    return {stub.vector: symbols.get(stub.at, stub.at - base)
            for stub in filled.stubs}


def test_one_of_each(fill):
    filled = fill(MAP + "vectors 0x20-0x23 array stubs stride 16 ring3\n"
                  "vectors 12-14 table table\nsysenter stubs+16\n")
    assert stubs(filled) == {
        2: "nmi_entry", 12: "stubs", 14: 32, 0x20: "stubs", 0x21: 16,
        0x22: 32, 0x23: 48, 0x41: "stubs", "SYSCALL64": "call_entry",
        "SYSENTER": 16}
    assert all(stub.options.ring3 == (stub.vector in (0x20, 0x21, 0x22, 0x23,
                                                      0x41))
               for stub in filled.stubs)
    assert filled.notes == [
        "vector 0x20: its stub takes the lab's interrupt, too, which comes at "
        "vector 0x41",
        "nmi: on an IST stack of the lab's, as the map says nothing; `ist N` "
        "or `ist none` does"]
    assert [row[1:] for row in filled.functions] == [(16, False, 0, False)] * 2


def test_who_is_named_alone_comes_first(fill):
    filled = fill("vector 0x21 nmi_entry ist 2\n"
                  "vectors 0x20-0x23 array stubs stride 16\n")
    assert stubs(filled)[0x21] == "nmi_entry" and stubs(filled)[0x22] == 32


NUMBERED = ENTRY + """
	.text
	.globl	isr3, isr5, irq0, irq1
isr3:	iretq
isr5:	iretq
irq0:	iretq
irq1:	iretq
"""


def test_symbols_with_numbers(fill):
    """One alone stands over one of many; who has no symbol has no stub."""
    filled = fill("vector 5 irq0\nvectors 3-6 named isr*\n"
                  "vectors 32-33 named irq* from 0", NUMBERED)
    assert {vector: at for vector, at in stubs(filled).items()
            if isinstance(vector, int)} == {
        3: "isr3", 5: "irq0", 0x20: "irq0", 0x21: "irq1", 0x41: "irq0"}


def test_no_symbol_with_a_number(fill):
    with pytest.raises(MapError, match="no symbol like `isr\\*`"):
        fill("vectors 6-9 named isr*", NUMBERED)


def test_memory_under_a_name_of_its_own(fill):
    filled = fill(MAP + "memory cpu bytes 16\nmemory more bytes 0x2000\n"
                  "set cpu+8 = more+0x2000\ngs cpu\nstack more+0x2000")
    assert filled.gs != filled.stack - 0x2000
    assert filled.image.get(filled.gs + 8, 8) == filled.stack.to_bytes(
        8, "little")
    assert not filled.image.run_at(filled.gs + 0x1000)


@pytest.mark.parametrize("statement, ring3", [
    ("vector int80 stubs", True), ("vector bp stubs", True),
    ("vectors 0x80 array stubs stride 16 ring3", True),
    ("vector 0x21 stubs", False)])
def test_who_may_call_it(fill, statement, ring3):
    assert fill(statement).stubs[0].options.ring3 == ring3


def test_no_int80_of_ring_3s(fill):
    """A kernel with a stub for every vector need not have that way in."""
    filled = fill("vectors 0x7f-0x82 array stubs stride 16")
    assert set(stubs(filled)) == {0x41, 0x7f, 0x81, 0x82}
    assert filled.notes[0] == (
        "vector 0x80: left out, as ring 3 may not call it; `vector int80 "
        "PLACE` says that it may")


def test_the_harness_keeps_its_own_vectors(fill):
    filled = fill("vector 0xf0 stubs\nvector 0xec stubs\nvector pf stubs")
    assert stubs(filled) == {14: "stubs"}


def idt(*gates):
    """Assembly of an IDT, whose gates lead nowhere: (vector, ist, kind)."""
    text = "\t.balign 16\n\t.globl idt\nidt:\n"
    for vector, ist, kind in gates:
        text += (f"\t.org idt + {vector * 16}\n"
                 f"\t.short 0, 8\n\t.byte {ist}, {kind:#x}\n\t.short 0\n"
                 "\t.long 0, 0\n")
    return ENTRY + text + "\t.org idt + 4096\n"


def test_idt(tmp_path, fill):
    work = tmp_path / "again"
    work.mkdir()
    said = kernelmap.parse("os.map", "idt idt\nvector 1 nmi_entry")
    path, = objects(tmp_path, {"entry": idt((1, 0, 0x8e), (2, 3, 0x8e),
                                            (3, 0, 0xef), (4, 1, 0x0e))})
    elf = Linker(path, str(work)).link({"do_call", "do_nmi"}, {})
    at, entry = elf.defined()["idt"].at, elf.defined()["call_entry"].at
    segment, = [s for s in elf.segments() if s.va <= at < s.va + len(s.data)]
    data = bytearray(segment.data)
    for vector in range(5):
        place = at - segment.va + 16 * vector
        struct.pack_into("<H", data, place, entry & 0xffff)
        struct.pack_into("<HI", data, place + 6, entry >> 16 & 0xffff,
                         entry >> 32)
    changed = [type(s)(s.va, bytes(data), s.memory_size, s.write, s.execute)
               if s.va == segment.va else s for s in elf.segments()]
    elf.segments = lambda: changed
    found = {stub.vector: stub for stub in kernelfill.fill(elf, said).stubs}
    assert set(found) == {1, 2, 3}
    assert found[1].at != entry  # a statement of its own comes first
    nmi, breakpoint_ = found[2].options, found[3].options
    assert (nmi.ist, nmi.trap, nmi.ring3) == (3, False, False)
    assert (breakpoint_.ist, breakpoint_.trap, breakpoint_.ring3) == (
        "SPECIMEN_IST_NONE", True, True)


@pytest.mark.parametrize("more, names", [
    ("", "nmi"), ("vector db stubs", "db, nmi"), ("vector mc stubs ist none",
                                                  "nmi")])
def test_ist_not_said(fill, more, names):
    assert fill("vector nmi nmi_entry\n" + more).notes == [
        f"{names}: on an IST stack of the lab's, as the map says nothing; "
        "`ist N` or `ist none` does"]


def test_fred(fill):
    filled = fill(MAP + "vector pf fred_user\nfred stubs\n"
                  "vector ud stubs")
    assert set(stubs(filled)) == {2, "SYSCALL64"}
    assert sorted(filled.notes)[1:] == [
        "vector 0x6: its stub is for FRED, and is left out",
        "vector 0xe: its stub is for FRED (ERETU), and is left out"]


def test_fred_that_is_no_stub(fill):
    assert fill(MAP + "fred fred_user").notes[0] == \
        "fred_user is for FRED, and is left out"


def test_memory(fill):
    filled = fill(MAP + "gs percpu\nstack percpu+0x800\nist 2 percpu+0x900\n"
                  "tss percpu+0x10\nset percpu = percpu_end\n"
                  "set percpu+8 = 0x12345678 bytes 2\n"
                  "memory 0xffffff0000001000 bytes 0x2001\n"
                  "set 0xffffff0000001004 = percpu-1\n"
                  "cr3 kernel percpu+0xa00\ncr3 user 0xffffff0000001008\n")
    percpu = filled.places.at["percpu"]
    image = filled.image
    assert filled.gs == percpu and filled.stack == percpu + 0x800
    assert struct.unpack("<QQ", image.get(percpu, 16)) == (
        percpu + 4096, 0x5678)
    assert struct.unpack("<Q", image.get(percpu + 0x14, 8)) == (
        percpu + 0x800,)
    assert struct.unpack("<QQ", image.get(percpu + 0x10 + 36, 16)) == (
        0, percpu + 0x900)
    run = image.run_at(0xffffff0000001000)
    assert (len(run.data), run.write, run.execute) == (0x3000, True, False)
    assert struct.unpack("<Q", image.get(run.va + 4, 8)) == (percpu - 1,)
    assert filled.ists == {2: percpu + 0x900}
    assert filled.cr3 == {"kernel": percpu + 0xa00,
                          "user": 0xffffff0000001008}
    assert len(filled.notes) == 1


def test_selectors(fill):
    filled = fill(MAP + "star 0x0013000800000000")
    assert filled.selectors == {
        "kernel-cs": 8, "kernel-ss": 16, "user-cs32": 0x13, "user-ss": 0x1b,
        "user-cs64": 0x23}
    assert filled.star == 0x0013000800000000


def test_star_of_selectors(fill):
    filled = fill(MAP + "selectors kernel-cs=0x28 user-ss=0x3b "
                  "user-cs64=0x43\n")
    assert filled.selectors["kernel-ss"] == 0x30
    assert "user-cs32" not in filled.selectors
    assert filled.star == 0x0033002800000000


@pytest.mark.parametrize("text, line, sentence", [
    ("syscall cal_entry", 1, "has no symbol `cal_entry` (nearest: "),
    ("syscall percpu", 1, "`percpu` is 0x"),
    ("vectors 0-4 array stubs+4032 stride 16", 1, "where "),
    ("vectors 0-8 table bad", 1, "in `bad` vector 0x1 leads to 0x"),
    ("vectors 0-3 table percpu_end+0x4000", 1, "ends in front of vector 0x0"),
    ("idt percpu", 1, "`percpu` holds no gate in the file"),
    ("idt table", 1, "no gate"),
    (MAP + "set 0x5000 = 1", 4, "`0x5000` is 0x5000, where the kernel has no "
     "memory: `memory PLACE bytes N` gives it some"),
    (MAP + "stack stubs", 4, "the stack wants 256 bytes below `stubs`, 0x"),
    (MAP + "ist 1 0x4000", 4, "IST stack 1 wants 256 bytes below `0x4000`"),
    (MAP + "tss call_entry", 4, "the TSS wants 104 bytes at `call_entry`"),
    (MAP + "cr3 user 0x10", 4, "cr3 user wants 8 bytes at `0x10`"),
    (MAP + "body percpu", 4, "`percpu` is 0x"),
    (MAP + "body do_it", 4, "has no symbol `do_it`"),
    (MAP + "\nfixup call_entry+1 nowhere", 5, "has no symbol `nowhere`"),
    (MAP + "body fred_user+9", 4, "`body` wants a function"),
    (MAP + "body " + " ".join(f"f{n}" for n in range(64)), 4,
     "`body` names more than 64 functions"),
])
def test_mistakes(fill, text, line, sentence):
    with pytest.raises(MapError) as why:
        fill(text)
    assert str(why.value).startswith(f"os.map:{line}: ")
    assert sentence in str(why.value)


def test_too_short_for_a_jump(fill):
    short = "\t.text\nshort:\tret\nlong:\tnop\n\tret\n\t.balign 16\nend:\tret"
    with pytest.raises(MapError, match="`short` has 1 bytes up to what comes "
                       "next, and the jump to the harness takes 5"):
        fill("vector 2 long\nbody short", short)


def test_room_ends_at_the_next_symbol(fill):
    source = "\t.text\nlong:\tnop\n\tret\n\t.balign 16\nend:\tret\n"
    filled = fill("vector 2 end\nbody long", source)
    assert filled.functions[0][1] == 16


def test_a_name_that_is_there_twice(tmp_path, fill):
    source = ("\t.text\nx:\tret\n\t.globl y\ny:\tret\n\t.section .b, \"ax\"\n"
              "z:\tret\n")
    assert fill("vector 2 x", source).stubs[0].vector == 2
    # the linker keeps both locals of two objects
    paths = objects(tmp_path, {"a": source.replace("\t.globl y\n", ""),
                               "b": source})
    work = tmp_path / "twice"
    work.mkdir()
    folder = tmp_path / "os"
    folder.mkdir()
    for path in paths:
        subprocess.run(["cp", path, str(folder)], check=True)
    elf = Linker(str(folder), str(work)).link((), {})
    with pytest.raises(MapError, match="`x` is defined 2 times, at 0x"):
        kernelfill.fill(elf, kernelmap.parse("os.map", "vector 2 x"))
    # a global one is meant
    assert kernelfill.fill(elf, kernelmap.parse("os.map", "vector 2 y"))


def test_what_is_written_compiles(tmp_path, fill):
    filled = fill(MAP + "gs percpu\nstack percpu_end\nist 3 percpu_end\n"
                  "vectors 32-35 array stubs stride 16 ist none trap ring3\n"
                  "fsgsbase off\nrax 39\nfmask 0x700\nname my-os\n"
                  "cr3 kernel percpu\nfixup call_entry nmi_entry\n"
                  "fixup nmi_entry\nvector int80 stubs rule by-cs nests\n")
    folder = tmp_path / "own"
    kernelemit.write(filled, filled.places.map, "a/my \"os\".elf", str(folder))
    (folder / "it.c").write_text('#include "stubs.h"\n')
    subprocess.run(
        ["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror",
         "-Wno-missing-field-initializers", "-ffreestanding",
         "-DRINGSIDE_CORE", *(f"-I{TOP}/{room}" for room in
                              ("include", "entry", "handlers")),
         "-c", str(folder / "it.c"), "-o", str(folder / "it.o")], check=True)
    subprocess.run(["gcc", "-c", str(folder / "kernel.S"), "-o",
                    str(folder / "kernel.o")], check=True)
    text = (folder / "stubs.h").read_text()
    for words in ("specimen_my_os = {", '.name = "my-os"', ".rax = 0x27",
                  ".no_fsgsbase = true", ".fmask = 0x700",
                  "RULE_BY_CS, true", ".ist = SPECIMEN_IST_NONE, "
                  ".trap_gate = true, .ring3 = true", '"call_entry"',
                  ".fixups_count = 2", ".ist_top[3] = 0xffffffff8",
                  '.about = "my ?os?.elf'):
        assert words in text, words
    for n, run in enumerate(filled.image.runs):
        assert (folder / f"segment{n}.bin").read_bytes() == run.initial()


def test_without_symbols(tmp_path, fill):
    work = tmp_path / "again"
    work.mkdir()
    path, = objects(tmp_path, {"entry": ENTRY})
    elf = Linker(path, str(work)).link({"do_call", "do_nmi"}, {})
    at = elf.defined()["call_entry"].at
    elf.symbols = []
    with pytest.raises(MapError, match="has no symbols .is it stripped."):
        kernelfill.fill(elf, kernelmap.parse("os.map", "syscall call_entry"))
    filled = kernelfill.fill(elf, kernelmap.parse("os.map", f"syscall {at}"))
    assert [stub.at for stub in filled.stubs] == [at]
