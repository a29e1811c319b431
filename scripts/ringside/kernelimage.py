# SPDX-License-Identifier: MIT
"""The memory of somebody's own kernel as it is before its first instruction:
what its file loads, and what the map adds; in pages, each with its rights.
"""

import os
import re
from dataclasses import dataclass

from .mapwords import TOP

PAGE = 4096
MEMORY_MAX = 96 << 20  # bytes of it in all: as much again is carried along
U64 = (1 << 64) - 1


class ImageError(Exception):
    """It cannot be loaded; the text is the sentence."""


def _layout():
    """{name: value} of include/layout.h."""
    with open(os.path.join(TOP, "include/layout.h"), encoding="ascii") as file:
        return {name: int(value, 16) for name, value in re.findall(
            r"^#define (VA_\w+|WORLD_SIZE) (0x[0-9a-f]+)", file.read(), re.M)}


def _taken():
    """(first, behind, what) of the addresses that ringside itself is at."""
    at = _layout()
    yield 0x8 << 44, U64 + 1 - (0x8 << 44), "is no canonical address"
    yield at["VA_CORE"], U64 + 1, "is where ringside itself is"
    yield at["VA_WORLDS"], at["VA_WORLDS"] + 256 * at["WORLD_SIZE"], \
        "is where ringside keeps its processors"
    yield at["VA_USER_TEXT"], at["VA_USER_SHARED"] + (2 << 20), \
        "is where ringside's ring 3 is"


@dataclass
class Run:
    """Pages with the same rights, from va; data is as long as they are."""
    va: int
    data: bytearray
    write: bool
    execute: bool

    def behind(self):
        return self.va + len(self.data)

    def initial(self):
        """The bytes that are not zeroes to the end."""
        return bytes(self.data).rstrip(b"\0")


class Image:
    """Of segments (elf.Segment); their pages may be shared: such a page has
    the rights of both."""

    def __init__(self, segments):
        parts = [part for part in segments if part.memory_size]
        self._look(parts)
        self.runs = []
        edges = sorted({edge for part in parts for edge in _pages(part)})
        for low, high in zip(edges, edges[1:]):
            over = [part for part in parts if _pages(part)[0] <= low
                    and high <= _pages(part)[1]]
            if over:
                self._add(low, high, any(part.write for part in over),
                          any(part.execute for part in over))
        for part in parts:
            self.put(part.va, part.data)

    @staticmethod
    def _look(parts):
        total = 0
        for part in parts:
            low, high = _pages(part)
            total += high - low
            for first, behind, what in _taken():
                if low < behind and high > first:
                    raise ImageError(f"its segment at {part.va:#x} (of "
                                     f"{part.memory_size:#x} bytes) collides: "
                                     f"{max(low, first):#x} {what}")
        if total > MEMORY_MAX:
            raise ImageError(f"it takes {-(-total >> 20)} MiB of memory, and "
                             f"{MEMORY_MAX >> 20} are there for it")

    def _add(self, low, high, write, execute):
        last = self.runs[-1] if self.runs else None
        if last and last.behind() == low \
                and (last.write, last.execute) == (write, execute):
            last.data += bytes(high - low)
        else:
            self.runs.append(Run(low, bytearray(high - low), write, execute))

    def run_at(self, at):
        """The pages that the address lies in, or None."""
        return next((run for run in self.runs
                     if run.va <= at < run.behind()), None)

    def executable(self, at):
        run = self.run_at(at)
        return bool(run and run.execute)

    def writable(self, at, size):
        """Is it all memory that may be written?"""
        while size > 0:
            run = self.run_at(at)
            if not (run and run.write):
                return False
            size -= run.behind() - at
            at = run.behind()
        return True

    def get(self, at, size):
        """These bytes, fewer where the memory ends."""
        found = b""
        while len(found) < size and (run := self.run_at(at + len(found))):
            start = at + len(found) - run.va
            found += bytes(run.data[start:start + size - len(found)])
        return found

    def put(self, at, data):
        """Replace bytes.  False if they lie in no memory, or not whole."""
        if len(self.get(at, len(data))) < len(data):
            return False
        while data:
            run = self.run_at(at)
            here = data[:run.behind() - at]
            run.data[at - run.va:at - run.va + len(here)] = here
            at, data = at + len(here), data[len(here):]
        return True


def _pages(part):
    """Where the pages of a segment begin, and end."""
    return part.va // PAGE * PAGE, \
        -(-(part.va + part.memory_size) // PAGE) * PAGE
