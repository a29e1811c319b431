# SPDX-License-Identifier: MIT
"""As much of an ELF file as a kernel's loader reads, and its symbols: 64-bit
x86 alone.  gABI and psABI have the layouts.
"""

import struct
from dataclasses import dataclass

ET_REL, ET_EXEC, ET_DYN = 1, 2, 3
EM_386, EM_X86_64 = 3, 62
PT_LOAD, PT_DYNAMIC = 1, 2
PF_X, PF_W = 1, 2
SHT_SYMTAB, SHT_RELA = 2, 4
SHN_UNDEF, SHN_ABS, SHN_COMMON = 0, 0xfff1, 0xfff2
STT_OBJECT, STT_FUNC, STT_SECTION, STT_FILE = 1, 2, 3, 4
R_64, R_GLOB_DAT, R_RELATIVE = 1, 6, 8
# A kernel that is linked at 0 runs wherever it is put: here.
BIAS = 0xffffffff80000000
U64 = (1 << 64) - 1
ARCHIVE = b"!<arch>\n"


class ElfError(Exception):
    """It is no file that can be used; the text is the sentence."""


@dataclass(frozen=True)
class Symbol:
    name: str
    at: int
    size: int
    kind: int      # STT_
    section: int   # its number, or SHN_
    everywhere: bool  # global or weak


@dataclass(frozen=True)
class Segment:
    va: int
    data: bytes
    memory_size: int
    write: bool
    execute: bool


class Elf:
    """path's contents: kind (ET_), symbols, and of a linked file segments."""

    def __init__(self, path, data=None):
        self.path = path
        if data is None:
            with open(path, "rb") as file:
                data = file.read()
        self.data, self.bias = data, 0
        # Symbols that kernellink.py has given it memory for, and functions.
        self.given, self.slots = (), ()
        self._head()
        try:
            self._headers()
        except (struct.error, IndexError, UnicodeDecodeError):
            raise ElfError(f"{path} is an ELF file that is cut short") \
                from None

    def _head(self):
        if not self.data:
            raise ElfError(f"{self.path} is empty")
        if self.data[:4] != b"\x7fELF":
            raise ElfError(f"{self.path} is no ELF file" + (
                ": an ELF file is what the linker writes, before anything "
                "is made of it" if self.data[:2] == b"MZ" else ""))
        machine, = struct.unpack_from("<H", self.data, 18) \
            if len(self.data) >= 64 else (0,)
        if self.data[4] == 1 and machine == EM_386:
            raise ElfError(f"{self.path} is a 32-bit ELF file: the 64-bit one "
                           "is wanted, which it may have been made from")
        if self.data[4:6] != b"\x02\x01" or machine != EM_X86_64:
            raise ElfError(f"{self.path} is an ELF file of another machine: "
                           "64-bit x86 alone is known here")

    def _headers(self):
        (self.kind, phoff, shoff, phentsize, phnum, shentsize, shnum,
         self.names) = struct.unpack_from("<16xH14xQQ6xHHHHH", self.data)
        self.program = [struct.unpack_from("<IIQQQQQQ", self.data,
                                           phoff + n * phentsize)
                        for n in range(phnum)]
        if self.kind not in (ET_REL, ET_EXEC, ET_DYN):
            raise ElfError(f"{self.path} is an ELF file of another kind: "
                           "objects and linked kernels are known here")
        if shoff and not shnum:  # more than 65,279
            shnum, = struct.unpack_from("<Q", self.data, shoff + 32)
        self.sections = [struct.unpack_from("<IIQQQQIIQQ", self.data,
                                            shoff + n * shentsize)
                         for n in range(shnum)]
        if self.kind == ET_DYN and min((p[3] for p in self.program
                                        if p[0] == PT_LOAD), default=1) == 0:
            self.bias = BIAS
        self.symbols = list(self._symbols())

    def _text(self, table, offset):
        start = self.sections[table][4] + offset
        return self.data[start:self.data.index(b"\0", start)].decode()

    def _table(self, of):
        for section in self.sections:
            if section[1] == of:
                layout = {SHT_SYMTAB: "<IBBHQQ", SHT_RELA: "<QQq"}[of]
                raw = self.data[section[4]:section[4] + section[5]]
                raw = raw[:len(raw) // 24 * 24]
                for row in struct.iter_unpack(layout, raw):
                    yield section, row

    def _symbols(self):
        for section, row in self._table(SHT_SYMTAB):
            name, info, _, index, value, size = row
            if not name or info & 15 in (STT_SECTION, STT_FILE):
                continue
            bias = self.bias if SHN_UNDEF < index < SHN_ABS else 0
            yield Symbol(self._text(section[6], name), (value + bias) & U64,
                         size, info & 15, index, info >> 4 != 0)

    def defined(self):
        """{name: Symbol}; of several with one name a global one."""
        found = {}
        for symbol in self.symbols:
            if symbol.section != SHN_UNDEF and (
                    symbol.everywhere or symbol.name not in found):
                found[symbol.name] = symbol
        return found

    def segments(self):
        """What a loader would put where."""
        loads = [p for p in self.program if p[0] == PT_LOAD and p[6]]
        if not loads:
            raise ElfError(f"{self.path} has nothing to load")
        moved = dict(self._moved())
        for _, flags, offset, va, _, file_size, memory_size, _ in loads:
            if offset + file_size > len(self.data):
                raise ElfError(f"{self.path} is an ELF file that is cut short")
            data = bytearray(self.data[offset:offset + file_size])
            va = (va + self.bias) & U64
            for at, value in moved.items():
                if va <= at <= va + file_size - 8:
                    struct.pack_into("<Q", data, at - va, value)
            yield Segment(va, bytes(data), memory_size, bool(flags & PF_W),
                          bool(flags & PF_X))

    def _moved(self):
        """(address, value) of what a PIE kernel relocates when it starts."""
        if self.kind != ET_DYN:
            return
        for section, (at, info, addend) in self._table(SHT_RELA):
            kind, index = info & 0xffffffff, info >> 32
            value = None
            if kind == R_RELATIVE:
                value = addend + self.bias
            elif kind in (R_64, R_GLOB_DAT) and section[6]:
                table = self.sections[section[6]]
                row = struct.unpack_from("<IBBHQQ", self.data,
                                         table[4] + 24 * index)
                if row[3] != SHN_UNDEF:
                    value = row[4] + self.bias + addend
            if value is not None:
                yield (at + self.bias) & U64, value & U64


def is_archive(path):
    with open(path, "rb") as file:
        return file.read(len(ARCHIVE)) == ARCHIVE
