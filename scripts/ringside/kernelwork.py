# SPDX-License-Identifier: MIT
"""For a proposed map: what a kernel's stubs need to do their work, as far as
their code shows it.  The functions that they call, GS, a stack.
"""

import re
import struct

from .kernelcode import Reached
from .kernelnames import plain

_TOP = re.compile(r"stack\w*?_?(top|end)$|(top|end)_?\w*stack$",
                  re.IGNORECASE)
_STACK = re.compile(r"stack", re.IGNORECASE)
_OTHER = re.compile(r"ist|nmi|db|df|mc|debug|double|machine|user|guard|chk",
                    re.IGNORECASE)
_GS = re.compile(r"(\w*_)?(per_?cpu\w*|cpus?|cpu_?(locals?|data|info|area|"
                 r"state|struct|0)|pcpu\w*|bsp(_cpu)?|this_cpu|kpcr\w*|"
                 r"core_local\w*)", re.IGNORECASE)
STACK_MIN = 1024  # bytes
WHERE = 0xffffff7000000000  # memory for a GS base that the file has not
STACK_AT = 0xffffff6000000000
WHERE_BYTES = 0x10000
UNKNOWN = 4096  # bytes of data that nothing defines
BODIES_MAX = 60
NAMED = 20  # symbols in one comment


def line_of(line, why):
    """A statement and what it stands on."""
    return f"{line:<38}  # {why}" if why else line


class Work:
    """Of kernelplaces.Places and kernelcode.Code; data() yields (symbol, bytes
    behind it) of what is no code.  text are the statements, missed what is not
    known."""

    def __init__(self, places, code, data):
        self.places, self.code, self.data = places, code, data
        self.image = places.image
        self.text, self.missed = [], []

    def _say(self, line, why=""):
        self.text.append(line_of(line, why))

    def _name(self, at):
        symbol = self.places.symbol_at(at)
        return symbol.name if symbol and len(
            self.places.all.get(symbol.name, ())) == 1 else f"{at:#x}"

    def look(self, stubs):
        """What the stubs call, and where they find their stack."""
        reached = None
        for at in stubs:
            reached = self.code.reached(at, reached)
        if not reached:
            reached = Reached()
        calls = list(dict.fromkeys(reached.calls))
        for table in reached.tables:
            pointers = self.image.get(table & (1 << 64) - 1, 64 * 8)
            for n, (pointer,) in enumerate(struct.iter_unpack(
                    "<Q", pointers[:len(pointers) & ~7])):
                if self.image.executable(pointer):
                    calls.append(pointer)
                    self._say(f"rax {n}", "the call through the table at "
                              f"{table & (1 << 64) - 1:#x}")
                    break
        for at in calls[:BODIES_MAX]:
            self._say(f"body {self._name(at)}", "the stubs call it"
                      + ("" if self.code.function(at) else
                         ", and nothing defines it"))
        if len(calls) > BODIES_MAX:
            self.missed.append(f"{len(calls) - BODIES_MAX} more functions are "
                               "called")
        self._unknown(calls[:BODIES_MAX])
        self._unplaced(reached)
        self._gs(reached)

    def _unknown(self, bodies):
        """What nothing defines, and no stub has been seen to call."""
        called, room = self.code.called(), BODIES_MAX - len(bodies)
        for name in self.places.elf.slots:
            at = self.places.at[name]
            if at in bodies:
                continue
            if at in called and room > 0:
                self._say(f"body {name}", "called, and nothing defines it")
                room -= 1
            else:
                self._say(f"memory {name} bytes {UNKNOWN}",
                          "nothing defines it, and no code calls it"
                          if at not in called else "of too many functions "
                          "that nothing defines")

    def _unplaced(self, reached):
        """Stubs of which only their author knows what they are for."""
        rest = [symbol.name for symbol in self.places.code
                if symbol.at not in reached.seen
                and any(text.startswith("iret")
                        for text in self.code.function(symbol.at))]
        if rest:
            more = f" and {len(rest) - NAMED} more" if len(rest) > NAMED \
                else ""
            self.missed.append("what these are for, which have an IRETQ: "
                               + ", ".join(rest[:NAMED]) + more)

    def _base(self, reached):
        """Where GS may point to, as the map has it, and why; or ("", "")."""
        if reached.bases:
            name = next((symbol.name for symbol, _ in self.data()
                         if symbol.at == reached.bases[0]),
                        f"{reached.bases[0]:#x}")
            return name, "a stub sets it"
        for symbol, data in self.data():
            if _GS.fullmatch(plain(symbol.name)) and symbol.size != 8 \
                    and self.image.writable(symbol.at, 8) \
                    and len(data) > max(reached.offsets, default=0):
                return symbol.name, "by its name"
        return "", ""

    def _top(self):
        """Likewise a stack's top."""
        for symbol in self.places.elf.symbols:  # behind the last byte, maybe
            name = plain(symbol.name)
            if not _STACK.search(name) or _OTHER.search(name):
                continue
            if symbol.size >= STACK_MIN \
                    and self.image.writable(symbol.at, symbol.size):
                return f"{symbol.name}+{symbol.size:#x}", "by its name"
            if _TOP.search(name) and symbol.size in (0, 1) \
                    and self.image.writable(symbol.at - STACK_MIN, STACK_MIN):
                return symbol.name, "by its name"
        rows = sorted({(symbol.at, symbol.name) for symbol
                       in self.places.elf.symbols
                       if self.image.writable(symbol.at - 1, 1)})
        for low, (at, name), high in zip([(0, "")] + rows, rows,
                                         rows[1:] + [(None, "")]):
            if not _STACK.search(name) or _OTHER.search(name):
                continue
            run = self.image.run_at(at - 1)
            above = (high[0] or run.behind()) - at
            if at - max(low[0], run.va) >= STACK_MIN:
                return name, "by its name, and what is in front"
            if above >= STACK_MIN:
                return f"{name}+{above:#x}", "by its name, and what is behind"
        return "", ""

    def _gs(self, reached):
        if not reached.offsets and not reached.bases:
            return
        used = ", ".join(f"{offset:#x}" for offset in sorted(reached.offsets))
        used = f"; used at %gs: {used}" if used else ""
        gs, why = self._base(reached)
        if not gs:
            gs, why = f"{WHERE:#x}", "no symbol is one for GS"
            size = (max(reached.offsets) + WHERE_BYTES) & ~0xfff
            self._say(f"memory {gs} bytes {size:#x}")
        self._say(f"gs {gs}", why + used)
        top, why = self._top()
        if not top:
            top, why = f"{STACK_AT + WHERE_BYTES:#x}", "no symbol is one's top"
            self._say(f"memory {STACK_AT:#x} bytes {WHERE_BYTES:#x}")
        self._say(f"stack {top}", why)
        for offset in reached.stacks:
            if offset not in reached.kept:
                self._say(f"set {gs}+{offset:#x} = {top}",
                          "a stub takes its stack from there")
