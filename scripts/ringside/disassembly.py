# SPDX-License-Identifier: MIT
"""What objdump makes of code: of the boundaries in a report, whose bytes stand
there, and of the specimens in the linked core, to find what no run visited.
"""

import bisect
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass

NOP = b"\x90"       # between what is known: one byte, so nothing is swallowed
GAP_MAX = 1 << 16   # bytes; what lies further apart is another piece
LAST = "\x7f"       # behind every label
LINE = re.compile(r"^\s*([0-9a-f]+):\t(.*)$", re.MULTILINE)
TARGET = re.compile(r"\b0x([0-9a-f]{8,})\b")
LABEL = re.compile(r"^([0-9a-f]+) <(.+)>:$", re.MULTILINE)

# What addr2line knows: "file:12", or "file:12 (discriminator 3)".
SOURCE = re.compile(r"([^?].*):([1-9][0-9]*)(?: \(.*\))?$")

# In the linker's map: a specimen's code, where it lies, and its folder.
PIECE = re.compile(r"^ \.text\.under_test\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) "
                   r"\S*specimens/([^/\s]+)/\S+\.o$", re.MULTILINE)
# Nothing runs on behind these; NOPs there are the assembler's padding.
ENDS = re.compile(r"(jmp|ljmp|iret|sysret|sysexit|l?ret|ud2|hlt)")
PADDING = re.compile(r"((data16|cs)\s+)*(nop|xchg +%ax,%ax)")


class NoObjdump(Exception):
    """There is no disassembler here."""


def _objdump(*words):
    try:
        return subprocess.run(["objdump", "-w", "--no-show-raw-insn", *words],
                              capture_output=True, text=True, check=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError) as why:
        raise NoObjdump(str(why)) from None


def _pieces(rows):
    """The rows' bytes as (address, bytes), NOPs between them."""
    code = {int(row["rip"], 16): bytes.fromhex(row["code"]) for row in rows}
    start, blob = None, b""
    for rip in sorted(code):
        if start is not None and rip - start - len(blob) > GAP_MAX:
            yield start, blob
            start = None
        if start is None:
            start, blob = rip, b""
        blob = blob[:rip - start]   # an instruction inside another one
        blob += NOP * (rip - start - len(blob)) + code[rip]
    if start is not None:
        yield start, blob


def _named(text, labels):
    """Addresses in an instruction as label and offset, where known; labels
    is a sorted list of (address, label)."""
    def name(found):
        address = int(found[1], 16)
        below = bisect.bisect(labels, (address, LAST)) - 1
        if below < 0 or address - labels[below][0] > GAP_MAX:
            return found[0]
        offset = address - labels[below][0]
        return labels[below][1] + (f"+{offset:#x}" if offset else "")
    return TARGET.sub(name, text)


def sources(elf, addresses):
    """{address: (file, line)} of an ELF's code, as far as it has debug
    information and addr2line is here."""
    addresses = sorted(addresses)
    try:
        said = subprocess.run(
            ["addr2line", "-e", elf], check=True, capture_output=True,
            text=True, input="".join(f"{each:#x}\n" for each in addresses)
        ).stdout.splitlines()
    except (FileNotFoundError, subprocess.CalledProcessError):
        return {}
    found = {}
    for address, line in zip(addresses, said):
        if known := SOURCE.match(line):
            found[address] = known[1], int(known[2])
    return found


def labels_of(build):
    """{address: label} of the linked core in build."""
    elf = os.path.join(build, "core.elf")
    try:
        listing = subprocess.run(["nm", "--defined-only", elf], check=True,
                                 capture_output=True, text=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError) as why:
        raise NoObjdump(str(why)) from None
    return {int(address, 16): name for address, kind, name in
            map(str.split, listing.splitlines()) if kind in "tT"}


def of_rows(rows, more_labels=()):
    """{address: instruction} for rows of window[]; hex bytes where objdump
    is missing."""
    labels = dict(more_labels)
    labels.update({int(row["rip"], 16) - row["offset"]: row["symbol"]
                   for row in rows if row["symbol"]})
    labels = sorted(labels.items())
    texts = {int(row["rip"], 16): ".byte " + row["code"] for row in rows}
    for address, blob in _pieces(rows):
        with tempfile.NamedTemporaryFile() as file:
            file.write(blob)
            file.flush()
            try:
                listing = _objdump("-D", "-b", "binary", "-m", "i386:x86-64",
                                   f"--adjust-vma={address:#x}", file.name)
            except NoObjdump:
                return texts
        for found in LINE.finditer(listing):
            if int(found[1], 16) in texts:
                texts[int(found[1], 16)] = _named(
                    re.sub(r"\s+", " ", found[2]).strip(), labels)
    return texts


@dataclass
class Instruction:
    address: int
    symbol: str
    offset: int
    text: str

    def place(self):
        return f"{self.symbol}+{self.offset:#x}"


def of_specimens(build):
    """{specimen's folder: [Instruction]} of the linked core."""
    with open(os.path.join(build, "core.map"), encoding="utf-8") as file:
        pieces = PIECE.findall(file.read())
    elf = os.path.join(build, "core.elf")
    found = {}
    for start, size, folder in pieces:
        begin, end = int(start, 16), int(start, 16) + int(size, 16)
        listing = _objdump("-d", f"--start-address={begin:#x}",
                           f"--stop-address={end:#x}", elf)
        found.setdefault(folder, []).extend(_instructions(listing))
    return found


def _instructions(listing):
    symbol, base, ended = "", 0, False
    for line in listing.split("\n"):
        if label := LABEL.match(line):
            symbol, base, ended = label[2], int(label[1], 16), False
        elif found := LINE.match(line):
            text = re.sub(r"\s+", " ", found[2]).strip()
            if ended and PADDING.match(text):
                continue
            ended = bool(ENDS.match(text))
            address = int(found[1], 16)
            yield Instruction(address, symbol, address - base, text)


def never_visited(rows, build):
    """{specimen: (places that no row of it stands at, how many instructions
    those are, how many it has)}, for each specimen in the rows."""
    visited = {}
    for row in rows:
        if not int(row["cs"], 16) & 3:  # not where it is entered from
            visited.setdefault(row["specimen"], set()).add(int(row["rip"], 16))
    every = of_specimens(build)
    known = {each.address for mine in every.values() for each in mine}
    found = {}
    for name, seen in visited.items():
        mine = every.get(name, [])
        if not seen <= known:
            continue    # another build's core ran
        left = [each for each in mine if each.address not in seen]
        found[name] = as_ranges(left, mine), len(left), len(mine)
    return found


def as_ranges(instructions, every):
    """Neighbours under one label as one line: "label+0x1..0x9 (4)"."""
    place = {each.address: n for n, each in enumerate(every)}
    runs = []
    for each in instructions:
        last = runs[-1][-1] if runs else None
        if last and last.symbol == each.symbol \
                and place[last.address] + 1 == place[each.address]:
            runs[-1].append(each)
        else:
            runs.append([each])
    return [run[0].place() if len(run) == 1 else
            f"{run[0].place()}..{run[-1].offset:#x} ({len(run)})"
            for run in runs]
