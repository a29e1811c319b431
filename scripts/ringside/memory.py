# SPDX-License-Identifier: MIT
"""A run's journal, as it lies in the memory of its machine.

Where the image leads back to itself it says nothing of its journal on any
line: memory keeps it.  A run that is ended from outside, as by a time limit,
has a report all the same, if that memory is a file of ours.
"""

import os
import struct
import zlib

# struct journal_header, handlers/record/journal.h
MAGIC = b"RINGSIDE"
HEAD = struct.Struct("<8sQ3I4x")
PAGE = 4096
CHUNK = 1 << 20
FILE = "journal.bin"    # in the run's directory


def _pages(fd):
    """(place, bytes) of all that is in a file, without its holes."""
    at, end = 0, os.fstat(fd).st_size
    while at < end:
        try:
            at = os.lseek(fd, at, os.SEEK_DATA) // CHUNK * CHUNK
        except OSError:     # nothing but a hole
            return
        yield at, os.pread(fd, CHUNK, at)
        at += CHUNK


def _begins(page):
    """The size of the journal that begins so, or 0."""
    if not page.startswith(MAGIC) or len(page) < HEAD.size:
        return 0
    _, _, _, size, crc = HEAD.unpack_from(page)
    return size if zlib.crc32(page[:HEAD.size - 8]) == crc else 0


def journal(fd):
    """The longest journal that begins on a page of this file, or b""."""
    found = b""
    for at, chunk in _pages(fd):
        for offset in range(0, len(chunk), PAGE):
            size = _begins(chunk[offset:offset + HEAD.size])
            if not size:
                continue
            here = os.pread(fd, size, at + offset).rstrip(b"\0")
            found = max(found, here, key=len)
    return found and found + bytes(PAGE)    # a record may end in zeros
