#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Finishes the EFI image and refuses a bad one.

objcopy writes no DllCharacteristics, so NX_COMPAT ("this image's data need
not be executable") is set here.  Then the image is checked for what picky
firmware checks: sections on page boundaries, without gaps, none both writable
and executable, and the relocation directory inside one of them; and for
relocations that efi/start.S does not know.

Usage: pe.py IMAGE.  Called by the Makefile; the tests call check().
"""
import struct
import sys

PAGE = 0x1000
FILE_ALIGN = 0x200
NX_COMPAT = 0x0100
EXECUTE, WRITE = 0x20000000, 0x80000000

# Offsets from the "PE\0\0" signature, PE32+ (PE format, Microsoft).
SECTIONS, OPTIONAL_SIZE, OPTIONAL = 6, 20, 24
IMAGE_SIZE, CHECKSUM, CHARACTERISTICS = 80, 88, 94
RELOCATIONS = OPTIONAL + 112 + 5 * 8
SECTION = struct.Struct("<8sIIIIIIHHI")

# The ELF ones, which start.S applies: offset, type, addend.
RELA = struct.Struct("<QQq")
RELA_KNOWN = (0, 8)  # R_X86_64_NONE (padding), R_X86_64_RELATIVE


class BadImage(Exception):
    """One sentence about what a firmware would refuse."""


def headers(data):
    """The offset of the PE signature in data."""
    at = struct.unpack_from("<I", data, 0x3c)[0] if len(data) > 0x40 else 0
    if data[:2] != b"MZ" or data[at:at + 4] != b"PE\0\0":
        raise BadImage("not a PE image")
    return at


def sections(data):
    """(name, address, memory size, flags) of each section."""
    at = headers(data)
    count, = struct.unpack_from("<H", data, at + SECTIONS)
    table = at + OPTIONAL + struct.unpack_from("<H", data,
                                               at + OPTIONAL_SIZE)[0]
    for i in range(count):
        f = SECTION.unpack_from(data, table + i * SECTION.size)
        yield f[0].rstrip(b"\0").decode(), f[2], f[1], f[9]


def check(data):
    """Raises BadImage for what a firmware would refuse."""
    at = headers(data)
    end = PAGE
    found = list(sections(data))
    for name, address, size, flags in found:
        if flags & EXECUTE and flags & WRITE:
            raise BadImage(f"{name} is both writable and executable")
        if address % PAGE:
            raise BadImage(f"{name} does not start on a page")
        if address != end:
            raise BadImage(f"there is a gap before {name}")
        end = address + -(-size // PAGE) * PAGE
    if struct.unpack_from("<I", data, at + IMAGE_SIZE)[0] != end:
        raise BadImage("the image's size is not the end of its sections")
    base, size = struct.unpack_from("<II", data, at + RELOCATIONS)
    if not any(a <= base and base + size <= a + n for _, a, n, _ in found):
        raise BadImage("the relocation directory is in no section")
    if not struct.unpack_from("<H", data, at + CHARACTERISTICS)[0] & NX_COMPAT:
        raise BadImage("NX_COMPAT is not set")


def check_relocations(data):
    """Raises BadImage for an ELF relocation that start.S leaves as it is."""
    at = headers(data)
    count, optional = struct.unpack_from("<H12xH", data, at + SECTIONS)
    for i in range(count):
        f = SECTION.unpack_from(data,
                                at + OPTIONAL + optional + i * SECTION.size)
        if f[0].rstrip(b"\0") != b".rela":
            continue
        used = min(f[1], f[3]) // RELA.size * RELA.size
        for _, kind, _ in RELA.iter_unpack(data[f[4]:f[4] + used]):
            if kind not in RELA_KNOWN:
                raise BadImage(f"a relocation of type {kind}, which "
                               "efi/start.S does not know")


def cut(data):
    """Without the zeroes at the end of the last section, which is .data: its
    .bss takes memory, no place in the file."""
    at = headers(data)
    count, optional = struct.unpack_from("<H12xH", data, at + SECTIONS)
    last = at + OPTIONAL + optional + (count - 1) * SECTION.size
    f = list(SECTION.unpack_from(data, last))
    start, end = f[4], f[4] + f[3]
    if f[0].rstrip(b"\0") != b".data" or end < len(data.rstrip(b"\0")):
        raise BadImage(".data is not what the file ends with")
    used = len(bytes(data[start:end]).rstrip(b"\0"))
    f[3] = -(-used // FILE_ALIGN) * FILE_ALIGN
    SECTION.pack_into(data, last, *f)
    del data[start + f[3]:]


def finish(data):
    """Sets NX_COMPAT; the checksum, which no loader reads, goes to 0."""
    data = bytearray(data)
    cut(data)
    at = headers(data)
    flags, = struct.unpack_from("<H", data, at + CHARACTERISTICS)
    struct.pack_into("<H", data, at + CHARACTERISTICS, flags | NX_COMPAT)
    struct.pack_into("<I", data, at + CHECKSUM, 0)
    return bytes(data)


def main():
    """Finishes and checks the image named on the command line."""
    if len(sys.argv) != 2:
        sys.exit("usage: pe.py IMAGE")
    path = sys.argv[1]
    try:
        with open(path, "rb") as f:
            data = finish(f.read())
        check(data)
        check_relocations(data)
    except (BadImage, struct.error, OSError) as e:
        sys.exit(f"{path}: {e}")
    with open(path, "wb") as f:
        f.write(data)


if __name__ == "__main__":
    main()
