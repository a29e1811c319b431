# SPDX-License-Identifier: MIT
"""What is read of an ELF file, and what is said of one that is no use."""

import struct

import pytest
from kernels import ENTRY, linked, objects, run

# pylint: disable=wrong-import-order
from ringside.elf import BIAS, ET_EXEC, ET_REL, Elf, ElfError, is_archive

DEFINES = ("--defsym=do_call=0", "--defsym=do_nmi=0")


def test_an_object(tmp_path):
    elf = Elf(objects(tmp_path, {"entry": ENTRY})[0])
    assert elf.kind == ET_REL
    assert {"call_entry", "nmi_entry", "table"} <= set(elf.defined())
    assert "do_call" not in elf.defined()
    assert elf.defined()["call_entry"].size == 14


def test_a_kernel(tmp_path):
    elf = Elf(linked(tmp_path, {"entry": ENTRY}, *DEFINES,
                     "-Ttext-segment=0xffffffff81000000"))
    assert elf.kind == ET_EXEC
    entry = elf.defined()["call_entry"]
    assert entry.everywhere and not elf.defined()["nmi_entry"].at == entry.at
    code, = [s for s in elf.segments() if s.va <= entry.at < s.va + len(s.data)]
    assert code.execute and not code.write
    assert code.data[entry.at - code.va:][:3] == b"\x0f\x01\xf8"
    data, = [s for s in elf.segments() if s.write]
    table = elf.defined()["table"].at - data.va
    assert struct.unpack_from("<3Q", data.data, table) == (
        elf.defined()["stubs"].at, 0, elf.defined()["stubs"].at + 32)


def test_a_kernel_that_moves(tmp_path):
    """Linked at 0: it is put into the upper half, its pointers with it."""
    elf = Elf(linked(tmp_path, {"entry": ENTRY}, *DEFINES, "-pie",
                     "--no-dynamic-linker", "-z", "notext"))
    at = elf.defined()["stubs"].at
    assert at > BIAS
    data, = [s for s in elf.segments() if s.write and s.va
             <= elf.defined()["table"].at < s.va + len(s.data)]
    table = elf.defined()["table"].at - data.va
    assert struct.unpack_from("<3Q", data.data, table) == (at, 0, at + 32)


def spoiled(data, offset, value):
    return data[:offset] + bytes(value) + data[offset + len(value):]


@pytest.mark.parametrize("spoil, sentence", [
    (lambda d: b"", "k is empty"),
    (lambda d: b"hello", "k is no ELF file"),
    (lambda d: b"MZ" + d, "k is no ELF file: an ELF file is what the linker"),
    (lambda d: d[:10], "k is an ELF file of another machine"),
    (lambda d: spoiled(d, 18, b"\xb7"), "k is an ELF file of another machine"),
    (lambda d: spoiled(d, 4, b"\1"), "k is an ELF file of another machine"),
    (lambda d: spoiled(spoiled(d, 4, b"\1"), 18, b"\3"),
     "k is a 32-bit ELF file: the 64-bit one is wanted"),
    (lambda d: spoiled(d, 16, b"\4"), "k is an ELF file of another kind"),
    (lambda d: d[:len(d) // 2], "k is an ELF file that is cut short"),
])
def test_no_use(tmp_path, spoil, sentence):
    path = objects(tmp_path, {"entry": ENTRY})[0]
    with open(path, "rb") as file:
        data = file.read()
    with pytest.raises(ElfError) as why:
        Elf("k", spoil(data))
    assert str(why.value).startswith(sentence)


def test_nothing_to_load(tmp_path):
    elf = Elf(objects(tmp_path, {"entry": ENTRY})[0])
    with pytest.raises(ElfError, match="has nothing to load"):
        list(elf.segments())


def test_segment_cut_short(tmp_path):
    path = linked(tmp_path, {"entry": ENTRY}, *DEFINES)
    with open(path, "rb") as file:
        data = bytearray(file.read())
    offset = struct.unpack_from("<Q", data, 32)[0]
    struct.pack_into("<Q", data, offset + 32, len(data) + 1)  # p_filesz
    with pytest.raises(ElfError, match="is cut short"):
        list(Elf("k", bytes(data)).segments())


def test_archive(tmp_path):
    path = objects(tmp_path, {"entry": ENTRY})[0]
    run("ar", "rc", str(tmp_path / "lib.a"), path)
    assert is_archive(tmp_path / "lib.a") and not is_archive(path)
