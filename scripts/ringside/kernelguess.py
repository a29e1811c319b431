# SPDX-License-Identifier: MIT
"""A map proposed for a kernel that nobody has said anything about.

What it knows is names, an IDT or a table of pointers in the data, and what
the stubs do.  It says of each line what it stands on, and what it missed.
"""

import re
import struct

from . import kernelnames
from .elf import STT_FUNC
from .kernelstubs import GATE_BYTES, is_freds
from .kernelwork import Work, line_of

_ANY = re.compile("")
_IDT = re.compile(r"idt|interrupt_descriptor", re.IGNORECASE)
MANY = 20000      # symbols
TABLE_MIN = 3     # pointers that make a table
NUMBERED_MIN = 3  # names with a number that make a family


class Guess:
    """lines(): the map.  code: kernelcode.Code."""

    def __init__(self, elf, places, code):
        self.elf, self.places, self.code = elf, places, code
        self.image = places.image
        self.found = {}    # vector or statement: address
        self.text = []
        self.missed = []
        self.ists = False  # known, of an IDT

    def _say(self, line, why=""):
        self.text.append(line_of(line, why))

    def data(self, names=_ANY):
        """(symbol, bytes behind it) of what is no code, once an address; of
        very many those whose names are like that."""
        seen, many = set(), len(self.elf.symbols) > MANY
        for symbol in sorted(self.elf.symbols, key=lambda each: each.name):
            if many and not names.search(symbol.name):
                continue
            if symbol.kind != STT_FUNC and symbol.at not in seen \
                    and self.image.run_at(symbol.at) \
                    and not self.image.executable(symbol.at):
                seen.add(symbol.at)
                yield symbol, self.image.get(symbol.at,
                                             symbol.size or 256 * GATE_BYTES)

    def _idt(self):
        for symbol, data in self.data(_IDT):
            gates = {}
            for vector in range(min(len(data) // GATE_BYTES, 256)):
                low, _, _, kind, middle, high, zero = struct.unpack_from(
                    "<HHBBHII", data, vector * GATE_BYTES)
                target = low | middle << 16 | high << 32
                if kind & 0x9e == 0x8e and not zero \
                        and self.image.executable(target):
                    gates[vector] = target
            if len(gates) >= TABLE_MIN or gates and _IDT.search(symbol.name):
                self._say(f"idt {symbol.name}", f"{len(gates)} gates in it")
                self.found.update(gates)
                self.ists = True
                return
        if any(_IDT.search(symbol.name) for symbol in self.elf.symbols):
            self.missed.append("who may call what: an IDT is there, and "
                               "filled when the kernel runs")

    def _tables(self):
        best = None
        for symbol, data in self.data(kernelnames.STUBS):
            count = 0
            for pointer, in struct.iter_unpack("<Q", data[:len(data) & ~7]):
                if count == 256 or not self.image.executable(pointer):
                    break
                count += 1
            if count < TABLE_MIN:
                continue
            at = [pointer for pointer, in struct.iter_unpack(
                "<Q", data[:8 * count])]
            stubs = sum(self._is_stub(each) for each in at[:8])
            if stubs >= min(count, 8) // 2 + 1 and (not best or
                                                    count > len(best[1])):
                best = symbol, at
        if best:
            symbol, at = best
            first = 32 if "irq" in symbol.name.lower() and len(at) <= 224 \
                else 0
            self._say(f"vectors {first}-{first + len(at) - 1} table "
                      f"{symbol.name}", f"{len(at)} pointers to stubs")
            self.found.update((first + n, each) for n, each in enumerate(at))

    def _is_stub(self, at):
        return self.code.reached(at).entry and not any(
            text.startswith("ret") for text in self.code.function(at))

    def _families(self):
        families = {}
        for symbol in self.places.code:
            if found := kernelnames.numbered(
                    kernelnames.plain(symbol.name)):
                families.setdefault(found[0], {})[found[1]] = symbol
        for members in sorted(families.values(), key=len, reverse=True):
            if len(members) >= NUMBERED_MIN:
                some = list(members.values())[:4]
                if any(self._is_stub(symbol.at) for symbol in some):
                    self._family({n: symbol for n, symbol in members.items()
                                  if n not in self.found})

    def _arrays(self):
        """Stubs behind one another under one name, which push their number;
        irq_entries_start of Linux is one."""
        for symbol in self.places.code:
            found = self.code.array(symbol.at) \
                if kernelnames.STUBS.search(symbol.name) else None
            if not found or not self._is_stub(symbol.at):
                continue
            stride, first, count = found
            if self.found.keys() & set(range(first, first + count)):
                continue
            self._say(f"vectors {first}-{first + count - 1} array "
                      f"{symbol.name} stride {stride}",
                      "they push their numbers")
            self.found.update((first + n, symbol.at + n * stride)
                              for n in range(count))

    def _family(self, members):
        """Neighbours with the same distance are an array."""
        numbers = sorted(members)
        while numbers:
            first, run = numbers[0], 1
            step = members[numbers[1]].at - members[first].at \
                if numbers[1:2] == [first + 1] else 0
            while 0 < step <= 4096 and run < len(numbers) \
                    and numbers[run] == first + run \
                    and members[numbers[run]].at == members[first].at \
                    + run * step:
                run += 1
            name = members[first].name
            if run > 1:
                self._say(f"vectors {first}-{first + run - 1} array {name} "
                          f"stride {step}", "by their names")
            else:
                self._say(f"vector {first} {name}", "by its name")
            for number in numbers[:run]:
                self.found[number] = members[number].at
            numbers = numbers[run:]

    def _named(self):
        ranked = {}
        for symbol in self.places.code:
            vector = kernelnames.vector_of(
                kernelnames.plain(symbol.name))
            if vector is not None and vector not in self.found \
                    and self._is_stub(symbol.at):
                ranked.setdefault(vector, []).append(symbol)
        for vector, symbols in sorted(ranked.items()):
            symbol = min(symbols, key=lambda each: (
                not each.name.startswith("asm_"), len(each.name)))
            self.found[vector] = symbol.at
            name = "int80" if vector == 0x80 else vector
            self._say(f"vector {name} {symbol.name}", "by its name" + (
                ", not " + ", ".join(each.name for each in symbols
                                     if each is not symbol)
                if len(symbols) > 1 else ""))

    def _calls(self):
        for statement, pattern in kernelnames.CALLS.items():
            best = [symbol for symbol in self.places.code
                    if pattern.match(kernelnames.plain(symbol.name))
                    and self.code.reached(symbol.at).entry
                    and not any(text.startswith("ret") for text
                                in self.code.function(symbol.at))]
            if best:
                symbol = max(best, key=lambda each: self.code.is_entry(
                    each.at))
                self.found[statement] = symbol.at
                self._say(f"{statement} {symbol.name}", "by its name")
        if "syscall" not in self.found:
            inside = [symbol for symbol in self.places.code
                      if self._swaps_first(symbol.at)]
            inside.sort(key=lambda each: (
                not re.search("sysc|call", each.name, re.IGNORECASE),
                bool(re.search("32|compat|enter", each.name))))
            if inside:
                self.found["syscall"] = inside[0].at
                self._say(f"syscall {inside[0].name}",
                          "it begins with SWAPGS")
            else:
                self.missed.append("no entry of SYSCALL was found")

    def _swaps_first(self, at):
        code = [text for text in self.code.function(at)[:2]
                if not text.startswith("endbr")]
        return code[:1] == ["swapgs"] and self._is_stub(at)

    def _freds(self):
        for symbol in self.places.code:
            if "fred" in symbol.name.lower() and is_freds(
                    self.places.body_of(symbol.at)):
                self._say(f"fred {symbol.name}", is_freds(
                    self.places.body_of(symbol.at)))

    def lines(self):
        self._idt()
        if len(self.found) < TABLE_MIN:
            self._tables()
        self._families()
        self._arrays()
        self._named()
        self._calls()
        self._freds()
        work = Work(self.places, self.code, self.data)
        work.look(dict.fromkeys(self.found.values()))
        self.text += work.text
        self.missed += work.missed
        if not self.ists and self.found.keys() & {1, 2, 8, 18}:
            self.missed.append("the IST numbers of #DB, NMI, #DF and #MC: "
                               "`ist N` or `ist none` behind each")
        if not any(isinstance(key, int) for key in self.found):
            self.missed.append("no stub of a vector was found")
        return self.text + [f"# not found: {what}" for what in self.missed]
