# SPDX-License-Identifier: MIT
"""What a map says of a kernel's memory, machine and functions, looked up in
its symbols and put into its image.
"""

import re
from dataclasses import dataclass, field

from .elf import SHN_ABS, SHN_UNDEF, STT_OBJECT, Segment, Symbol
from .kernelimage import PAGE, Image, ImageError
from .kernelplaces import Places
from .kernelstubs import find
from .mapwords import U64

TSS_BYTES, TSS_RSP0, TSS_IST = 104, 4, 36  # SDM vol 3, 64-bit TSS
JUMP = 14          # bytes of the jump that a function becomes, at most
JUMP_NEAR = 5      # where the harness is within 2 GiB
NEAR_FROM = 0xffffffff80000000
FUNCTIONS_MAX = 64  # FUNCTION_ENTRIES of handlers/engine/kernel.h
RIGHTS = 3         # the low bits of a selector
MEMORY = 0xfffffe0000000000  # where it has none
NAME = re.compile(r"[A-Za-z_.$][\w.$]*")


@dataclass
class Filled:
    """All that there is to say of it to the C side: include/specimen.h."""
    image: Image
    places: Places
    stubs: list
    functions: list                 # (address, room, keeps, returns, any GS)
    fixups: list                    # (address, address or None)
    gs: int = 0
    stack: int = 0
    ists: dict = field(default_factory=dict)
    tss: int = 0
    cr3: dict = field(default_factory=dict)
    selectors: dict = field(default_factory=dict)
    star: int = None
    notes: list = field(default_factory=list)


class _NoImage:
    """Where memory is, nobody knows yet; symbols are enough."""
    @staticmethod
    def executable(_at):
        return False


def _names_of_memory(elf, said):
    """Memory under a name that the file has not lies far from all else."""
    known, at = {symbol.name for symbol in elf.symbols
                 if symbol.section != SHN_UNDEF}, MEMORY
    for place, size in said.memories:
        if NAME.fullmatch(place.text) and place.text not in known:
            elf.symbols.append(Symbol(place.text, at, size, STT_OBJECT,
                                      SHN_ABS, True))
            at += -(-size // PAGE) * PAGE + PAGE


def _segments(elf, said, notes):
    """Its own, and the memory that the map adds."""
    places = Places(elf, _NoImage, said)
    for segment in elf.segments():
        if segment.va == 0:
            notes.append("its segment at 0 is left out: offsets of %gs, it "
                         "seems, and no memory")
        else:
            yield segment
    for place, size in said.memories:
        if place.text not in elf.given:
            yield Segment(places.value(place), b"", size, True, False)


def _functions(places):
    if len(places.map.bodies) > FUNCTIONS_MAX:
        last = list(places.map.bodies.values())[FUNCTIONS_MAX]
        raise places.map.error(last.line, f"`body` names more than "
                               f"{FUNCTIONS_MAX} functions")
    for name, body in places.map.bodies.items():
        at = places.code_at(places.place(name, body.line))
        room = places.room(at)
        need = JUMP_NEAR if at >= NEAR_FROM else JUMP
        if room < need:
            raise places.map.error(
                body.line, f"`{name}` has {room} bytes up to what comes "
                f"next, and the jump to the harness takes {need}: name a "
                "function that it calls, or that calls it")
        yield at, room, body.keeps, body.returns, body.any_gs


def _selectors(said):
    """Those of the map, or of its STAR; none: the harness's."""
    found, star = dict(said.selectors), said.numbers.get("star")
    if star is not None and not found:
        kernel, user = star >> 32 & 0xffff & ~RIGHTS, star >> 48 & 0xffff
        user |= RIGHTS
        found = {"kernel-cs": kernel, "kernel-ss": kernel + 8,
                 "user-cs32": user, "user-ss": user + 8,
                 "user-cs64": user + 16}
    if found:
        # SYSCALL has them side by side.
        found.setdefault("kernel-ss", found["kernel-cs"] + 8)
        if star is None:
            star = (found["user-cs64"] - 16 | RIGHTS) << 48 \
                | found["kernel-cs"] << 32
    return found, star


def _set(filled, at, value, size, line, text):
    value &= (1 << 8 * size) - 1
    if not filled.image.put(at, value.to_bytes(size, "little")):
        raise filled.places.map.error(
            line, f"`{text}` is {at:#x}, where the kernel has no memory: "
            "`memory PLACE bytes N` gives it some")


def _memory(filled):
    """Write into its memory what the map says lies there."""
    said, places = filled.places.map, filled.places
    if filled.tss:
        tops = {TSS_RSP0: filled.stack, **{
            TSS_IST + 8 * (n - 1): top for n, top in filled.ists.items()}}
        for offset, top in tops.items():
            if top:
                filled.image.put(filled.tss + offset,
                                 top.to_bytes(8, "little"))
    for place, value, size in said.sets:
        _set(filled, places.value(place), places.value(value) & U64, size,
             place.line, place.text)


def fill(elf, said):
    """A Filled of an elf.Elf and a mapmodel.Map; MapError or ImageError."""
    notes = []
    _names_of_memory(elf, said)
    image = Image(list(_segments(elf, said, notes)))
    places = Places(elf, image, said)
    filled = Filled(image, places, find(places, notes),
                    list(_functions(places)), [], notes=notes)
    for at, to in said.fixups:
        filled.fixups.append((places.code_at(at),
                              places.code_at(to) if to else None))
    if place := said.places.get("gs"):
        filled.gs = places.value(place)
        if not image.run_at(filled.gs):
            notes.append(f"gs: there is no memory at `{place.text}`, "
                         f"{filled.gs:#x}; `memory` gives it some")
    if place := said.places.get("stack"):
        filled.stack = places.memory_at(place, 256, "the stack", below=True)
    for n, place in sorted(said.ists.items()):
        filled.ists[n] = places.memory_at(place, 256, f"IST stack {n}",
                                          below=True)
    if place := said.places.get("tss"):
        filled.tss = places.memory_at(place, TSS_BYTES, "the TSS")
    for which, place in said.cr3.items():
        filled.cr3[which] = places.memory_at(place, 8, f"cr3 {which}")
    filled.selectors, filled.star = _selectors(said)
    _memory(filled)
    return filled


__all__ = ["Filled", "ImageError", "fill"]
