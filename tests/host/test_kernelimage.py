# SPDX-License-Identifier: MIT
"""The pages of a kernel: whose rights, which bytes, where they may not be."""

import os
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "scripts"))

from ringside.elf import Segment  # noqa: E402  pylint: disable=C0413
from ringside.kernelimage import (  # noqa: E402  pylint: disable=C0413
    MEMORY_MAX, PAGE, Image, ImageError)

BASE = 0xffffffff80000000


def runs(*segments):
    return [(run.va - BASE, len(run.data), run.write, run.execute)
            for run in Image(segments).runs]


def code(offset, data, size=0):
    return Segment(BASE + offset, data, size or len(data), False, True)


def data(offset, bytes_, size=0):
    return Segment(BASE + offset, bytes_, size or len(bytes_), True, False)


def test_whole_pages():
    assert runs(code(0x100, b"abc"), data(0x2010, b"x", 0x3000)) == [
        (0, PAGE, False, True), (0x2000, 4 * PAGE, True, False)]


def test_a_shared_page_has_both_rights():
    """And it alone: the rest stays as it was."""
    image = Image([code(0, b"c" * 0x1800), data(0x1800, b"d" * 0x900, 0x1900)])
    assert [(run.va - BASE, len(run.data), run.write, run.execute)
            for run in image.runs] == [
                (0, PAGE, False, True), (0x1000, PAGE, True, True),
                (0x2000, 2 * PAGE, True, False)]
    assert image.get(BASE + 0x17fe, 4) == b"ccdd"


def test_neighbours_are_one():
    assert runs(data(0, b"x" * PAGE), data(0x1000, b"y")) == [
        (0, 2 * PAGE, True, False)]


def test_zeroes_are_not_carried():
    run, = Image([data(0x10, b"ab\0\0", 0x5000)]).runs
    assert run.initial() == bytes(16) + b"ab"


def test_put_and_get():
    """Across two kinds of pages, and where there are none."""
    image = Image([code(0, b"c" * PAGE), data(0x1000, b"d" * 16)])
    assert image.put(BASE + 0xffe, b"1234")
    assert image.get(BASE + 0xffd, 6) == b"c1234d"
    assert not image.put(BASE + 0x1ffe, b"1234")
    assert image.get(BASE + 0x1ffe, 4) == b"\0\0"
    assert not image.put(BASE + 0x5000, b"1")


def test_rights():
    image = Image([code(0, b"c" * PAGE), data(0x1000, b"d" * 16)])
    assert image.executable(BASE) and not image.executable(BASE + 0x1000)
    assert image.writable(BASE + 0x1000, PAGE)
    assert not image.writable(BASE + 0x1000, PAGE + 1)
    assert not image.writable(BASE + 0xfff, 2)


@pytest.mark.parametrize("va, size, sentence", [
    (0xffffffffc0000000, 1, "0xffffffffc0000000 is where ringside itself is"),
    (0xffffffffbffff000, 0x1001, "0xffffffffc0000000 is where"),
    (0x0fffffff, 1, None), (0x0fffffff, 2, "0x10000000 is where ringside's "
                            "ring 3 is"),
    (0x10dfffff, 1, "ring 3"), (0x10e00000, 1, None), (0x100000, 1, None),
    (0xffffffff3fffffff, 1, "keeps its processors"),
    (0x800000000000, 1, "0x800000000000 is no canonical address"),
    (0x7fffffffffff, 1, None), (0xffff800000000000, 1, None),
    (BASE, MEMORY_MAX, None),
    (0x20000000, MEMORY_MAX + 1, "it takes 97 MiB of memory, and 96 are"),
])
def test_where_it_may_be(va, size, sentence):
    segment = Segment(va, b"", size, True, False)
    if not sentence:
        assert Image([segment]).runs
        return
    with pytest.raises(ImageError) as why:
        Image([segment])
    assert sentence in str(why.value)
