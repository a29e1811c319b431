# SPDX-License-Identifier: MIT
"""Where a map's places are in somebody's own kernel: its symbols, and which
of them stands next to an address.
"""

import bisect

from .elf import SHN_ABS, SHN_COMMON, SHN_UNDEF, STT_FUNC
from .mapwords import U64, Place, nearest, number_of

FEW = 20000        # symbols that are carried along, whatever they are
NEAR = 64 << 10    # bytes; of more symbols only those so near a stub
INNER = (".L", "$")  # what compilers and assemblers name for themselves
READ_MAX = 4096    # bytes of a function that has no end


class Places:
    """Of an elf.Elf and its kernelimage.Image, for a mapmodel.Map."""

    def __init__(self, elf, image, found):
        self.elf, self.image, self.map = elf, image, found
        self.at, self.all = {}, {}
        for symbol in elf.symbols:
            if symbol.section == SHN_UNDEF:
                continue
            if symbol.section != SHN_COMMON:
                self.all.setdefault(symbol.name, set()).add(symbol.at)
                if symbol.everywhere:
                    self.at[symbol.name] = symbol.at
        self.code = self._code()
        self._starts = [symbol.at for symbol in self.code]

    def _code(self):
        """The symbols of its code, one an address, lowest first."""
        best = {}
        for symbol in self.elf.symbols:
            if symbol.section in (SHN_UNDEF, SHN_ABS, SHN_COMMON) \
                    or symbol.name.startswith(INNER) \
                    or not self.image.executable(symbol.at):
                continue
            rank = (symbol.kind == STT_FUNC, symbol.everywhere)
            if symbol.at not in best or rank > best[symbol.at][0]:
                best[symbol.at] = rank, symbol
        return [best[at][1] for at in sorted(best)]

    def symbol(self, name, line):
        """Its address."""
        if name in self.at:
            return self.at[name]
        found = sorted(self.all.get(name, ()))
        if len(found) == 1:
            return found[0]
        if found:
            raise self.map.error(
                line, f"`{name}` is defined {len(found)} times, at "
                + ", ".join(f"{at:#x}" for at in found)
                + ": write the address of the one that is meant")
        if not self.all:
            raise self.map.error(
                line, f"{self.elf.path} has no symbols (is it stripped?), so "
                f"`{name}` is unknown: hand over the file before that")
        raise self.map.error(
            line, f"{self.elf.path} has no symbol `{name}`"
            + nearest(name, self.all))

    @staticmethod
    def place(text, line):
        return Place(text, line)

    def value(self, place):
        """A place as a number."""
        total = 0
        for sign, term in place.terms():
            number = number_of(term)
            total += sign * (self.symbol(term, place.line)
                             if number is None else number)
        return total & U64

    def code_at(self, place, more=0):
        """The same, where code must be; more bytes behind it."""
        at = self.value(place) + more & U64
        if not self.image.executable(at):
            what = place.text + (f" and {more:#x}" if more else "")
            raise self.map.error(
                place.line, f"`{what}` is {at:#x}, where {self.elf.path} has "
                "no code")
        return at

    def memory_at(self, place, size, what, below=False):
        """The same, where size bytes must be that can be written; below: in
        front of it."""
        at = self.value(place)
        if not self.image.writable(at - size if below else at, size):
            where = "below" if below else "at"
            raise self.map.error(
                place.line, f"{what} wants {size} bytes {where} "
                f"`{place.text}`, {at:#x}, and there is no memory that can "
                "be written: `memory PLACE bytes N` gives it some")
        return at

    def symbol_at(self, at):
        """The symbol of code that is exactly there, or None."""
        n = bisect.bisect_left(self._starts, at)
        return self.code[n] if n < len(self.code) \
            and self.code[n].at == at else None

    def room(self, at):
        """Bytes from here to whatever code comes next."""
        symbol = self.symbol_at(at)
        size = symbol.size if symbol else 0
        n = bisect.bisect_left(self._starts, at + max(size, 1))
        end = self.image.run_at(at).behind()
        return min(*self._starts[n:n + 1], end, end) - at

    def body_of(self, at):
        """The instruction bytes of the function that begins here; none where
        no symbol says that one does."""
        symbol = self.symbol_at(at)
        return self.image.get(at, min(symbol.size or self.room(at),
                                      READ_MAX)) if symbol else b""

    def near(self, places):
        """The code's symbols; of very many those near these places."""
        if len(self.code) <= FEW:
            return self.code
        places = sorted(places)

        def is_near(symbol):
            n = bisect.bisect_left(places, symbol.at - NEAR)
            return n < len(places) and places[n] <= symbol.at + NEAR
        return [symbol for symbol in self.code if is_near(symbol)][:FEW]
