# SPDX-License-Identifier: MIT
"""What objdump makes of a kernel's code, and what stubs do in it: whom they
call, where they find their stack, what makes them stubs at all.
"""

import bisect
import re
import subprocess
from dataclasses import dataclass, field

from .elf import ElfError

_LINE = re.compile(r"^ *([0-9a-f]+):\t(\S.*)$", re.MULTILINE)
_TARGET = re.compile(r"^(?:bnd |notrack )?(call|j[a-z]+|loop\w*)q? +"
                     r"(?:0x)?([0-9a-f]+)\b")
_TABLE = re.compile(r"^(?:notrack )?(?:call|jmp)q? +\*(-?0x[0-9a-f]+)"
                    r"\(,%r\w+,8\)")
_ENDS = re.compile(r"^(?:bnd |notrack )?(jmp|iret|sysret|sysexit|l?ret|ud2|"
                   r"hlt|int3|eret)")
# What no function of a compiler's has.
_ENTRY = re.compile(r"^(iretq?|sysretq?|sysexitq?|swapgs|wrgsbase|rdgsbase|"
                    r"lretq)\b")
_GS = re.compile(r"%gs:(-?0x[0-9a-f]+|[0-9]+)?(\(%rip\))?"
                 r"(?:.*# (?:0x)?([0-9a-f]+))?")
_STACK = re.compile(r"^mov +(%gs:\S+?),%rsp")
_KEPT = re.compile(r"^mov +%rsp,%gs:")  # the user's RSP
_PUSH = re.compile(r"^pushq? +\$(0x[0-9a-f]+|\d+)")
_BASE = re.compile(r"^mov(?:abs)?q? +\$(0x[0-9a-f]+),(%r\w+)")
REACH_MAX = 4000  # instructions that are followed from one stub


def _blanks(text):
    return " ".join(text.split())


@dataclass
class Reached:
    """By a stub, and whatever it runs through."""
    calls: list = field(default_factory=list)   # addresses, in their order
    tables: list = field(default_factory=list)  # of functions, in its data
    stacks: list = field(default_factory=list)  # offsets in GS of a new RSP
    kept: set = field(default_factory=set)      # where RSP goes itself
    offsets: set = field(default_factory=set)   # that it uses in GS
    bases: list = field(default_factory=list)   # constants, to WRGSBASE
    entry: bool = False                         # has what no C has
    seen: set = field(default_factory=set)      # addresses


class Code:
    """Of an elf.Elf; places.code names its functions."""

    def __init__(self, elf, places):
        try:
            said = subprocess.run(
                ["objdump", "-d", "-w", "--no-show-raw-insn", elf.path],
                capture_output=True, text=True, check=True).stdout
        except (FileNotFoundError, subprocess.CalledProcessError) as why:
            raise ElfError(f"objdump cannot read {elf.path}: {why}") from None
        rows = sorted((int(at, 16) + elf.bias, text.split("<")[0].strip())
                      for at, text in _LINE.findall(said))
        self.bias, self.places = elf.bias, places
        self.at = [at for at, _ in rows]
        self.text = [text for _, text in rows]

    def _index(self, at):
        n = bisect.bisect_left(self.at, at)
        return n if n < len(self.at) and self.at[n] == at else None

    def _target(self, text):
        found = _TARGET.match(text)
        return (found[1], int(found[2], 16) + self.bias) if found else None

    def pushed(self, at, size):
        """The constants that the instructions there push."""
        n = self._index(at)
        if n is None:
            return []
        return [int(found[1], 0) & 0xff for found in map(
            _PUSH.match, self.text[n:bisect.bisect_left(self.at, at + size)])
                if found]

    def array(self, at):
        """(stride, number of the first, how many) of stubs that lie behind
        one another and push their numbers; or None."""
        room = self.places.room(at)
        for stride in (8, 9, 10, 12, 16, 32, 64):
            for first in self.pushed(at, stride):
                count = 1
                while count * stride < room and first + count \
                        in self.pushed(at + count * stride, stride):
                    count += 1
                if count > 2:
                    return stride, first, count
        return None

    def function(self, at):
        """The instructions of the function that begins there."""
        n = self._index(at)
        if n is None:
            return []
        symbol = self.places.symbol_at(at)
        size = symbol.size if symbol and symbol.size else self.places.room(at)
        return self.text[n:bisect.bisect_left(self.at, at + size)]

    def is_entry(self, at):
        """Has the function what no compiler writes?  That, or it returns and
        leaves more on the stack than it found."""
        code = self.function(at)
        more = sum(text.startswith("push") for text in code) \
            - sum(text.startswith("pop") for text in code)
        if any(text.startswith("leave") for text in code):
            more = 0  # it has a frame
        return any(map(_ENTRY.match, code)) or more > 0 and any(
            text.startswith(("ret", "jmp *", "jmpq *"))
            for text in map(_blanks, code)) or code[:1] != [] \
            and code[0].startswith("pop")

    def reached(self, start, into=None):
        """What a stub reaches by jumps, and through functions that are entry
        code themselves."""
        found, seen = into or Reached(), set()  # this stub's own
        work = [start]
        while work and len(seen) < REACH_MAX:
            n = self._index(work.pop())
            while n is not None and n < len(self.at) \
                    and self.at[n] not in seen and len(seen) < REACH_MAX:
                seen.add(self.at[n])
                text = self.text[n]
                self._note(text, found)
                base = _BASE.match(self.text[n - 1])
                if base and text.split() == ["wrgsbase", base[2]]:
                    found.bases.append(int(base[1], 16))
                target = self._target(text)
                if target and target[0] != "call":
                    work.append(target[1])
                elif target and self.is_entry(target[1]):
                    work.append(target[1])
                elif target and target[1] not in found.calls:
                    found.calls.append(target[1])
                if _ENDS.match(text):
                    break
                n += 1
        found.seen |= seen
        return found

    def called(self):
        """Every address that anything calls or jumps to."""
        return {target[1] for target in map(self._target, self.text)
                if target}

    @staticmethod
    def _note(text, found):
        found.entry |= bool(_ENTRY.match(text))
        if (table := _TABLE.match(text)) \
                and int(table[1], 16) not in found.tables:
            found.tables.append(int(table[1], 16))
        if gs := _GS.search(text):
            offset = int(gs[3], 16) if gs[2] and gs[3] else \
                int(gs[1] or "0", 0) if not gs[2] else None
            if offset is not None and "(%r" not in text.replace(
                    "(%rip)", ""):
                found.offsets.add(offset)
                if _KEPT.match(text):
                    found.kept.add(offset)
                if _STACK.match(text) and offset not in found.stacks:
                    found.stacks.append(offset)
