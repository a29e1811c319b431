# SPDX-License-Identifier: MIT
"""A journal that lies in a machine's memory is found there, whole."""

import os
import struct
import sys
import zlib

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts"))

from ringside import memory  # noqa: E402  pylint: disable=C0413

PAGES = 3 * memory.CHUNK // memory.PAGE


def head(size, magic=memory.MAGIC):
    fields = struct.pack("<8sQ2I", magic, 7, 1, size)
    return fields + struct.pack("<2I", zlib.crc32(fields), 0)


@pytest.fixture(name="ram")
def _ram():
    fd = os.memfd_create("ram")
    os.ftruncate(fd, PAGES * memory.PAGE)
    yield fd
    os.close(fd)


def put(fd, page, data, offset=0):
    os.pwrite(fd, data, page * memory.PAGE + offset)


def test_nothing_there(ram):
    assert memory.journal(ram) == b""
    os.ftruncate(ram, 0)
    assert memory.journal(ram) == b""


@pytest.mark.parametrize("page", [0, 5, PAGES - 2])
def test_it_is_found(ram, page):
    said = head(2 * memory.PAGE) + b"records, " * 600 + b"\0\0the last\0"
    put(ram, page, said)
    found = memory.journal(ram)
    assert found.startswith(said) and not found[len(said):].strip(b"\0")
    assert len(found) > len(said)


def test_the_longest(ram):
    put(ram, 1, head(memory.PAGE) + b"x" * 10)
    put(ram, 300, head(memory.PAGE) + b"x" * 30)
    put(ram, 600, head(memory.PAGE) + b"x" * 20)
    assert memory.journal(ram).count(b"x") == 30


def test_what_is_none(ram):
    put(ram, 1, head(memory.PAGE) + b"x", 8)        # not where one begins
    put(ram, 2, head(memory.PAGE, b"ringside") + b"x")
    put(ram, 3, head(memory.PAGE)[:-8] + b"12345678x")  # another CRC
    assert memory.journal(ram) == b""
