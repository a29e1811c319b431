# SPDX-License-Identifier: MIT
"""The stubs of somebody's own kernel: for which entry which code, from a map's
vectors, its table of pointers, or the IDT in the file.
"""

import struct
from dataclasses import dataclass

from .mapmodel import IST_NONE, IST_OURS, Options
from .mapwords import COST, GATE, VECTORS, WINDOW_IRQ

GATE_BYTES = 16
INTERRUPT_GATE, TRAP_GATE = 0xe, 0xf
INT80 = VECTORS["int80"]
CALLED = {VECTORS["bp"], VECTORS["of"], INT80}  # from ring 3
# ERETS and ERETU: SDM vol 2 (FRED).
_ERETS, _ERETU = b"\xf2\x0f\x01\xca", b"\xf3\x0f\x01\xca"
_FIRST_IRQ, _LAST_IRQ = 0x20, 0xef


@dataclass
class Stub:
    vector: object  # a number, or a name behind VEC_
    at: int
    options: Options
    line: int       # of the map

    def name(self):
        return self.vector.lower() if isinstance(self.vector, str) \
            else f"vector {self.vector:#x}"


def _of_names(stubs, places):
    """(vector, address) of the symbols that there are."""
    found = False
    for vector in range(stubs.first, stubs.last + 1):
        name = stubs.place.text.replace("*", str(vector + stubs.stride))
        if name in places.all:
            found = True
            yield vector, places.code_at(places.place(name, stubs.line))
    if not found:
        raise places.map.error(
            stubs.line, f"{places.elf.path} has no symbol like "
            f"`{stubs.place.text}` with one of these numbers")


def _of_vectors(stubs, places):
    """(vector, address, options, line) of one statement."""
    if stubs.kind == "named":
        for vector, at in _of_names(stubs, places):
            yield Stub(vector, at, Options(**vars(stubs.options)), stubs.line)
        return
    explicit = stubs.kind == "one"
    for vector in range(stubs.first, stubs.last + 1):
        more = (vector - stubs.first) * stubs.stride
        if stubs.kind == "table":
            at = places.value(stubs.place) + more
            pointer = places.image.get(at, 8)
            if len(pointer) < 8:
                raise places.map.error(
                    stubs.line, f"`{stubs.place.text}` ends in front of "
                    f"vector {vector:#x}: no memory at {at:#x}")
            at, = struct.unpack("<Q", pointer)
            if not at:
                continue
            if not places.image.executable(at):
                raise places.map.error(
                    stubs.line, f"in `{stubs.place.text}` vector "
                    f"{vector:#x} leads to {at:#x}, where "
                    f"{places.elf.path} has no code")
        else:
            at = places.code_at(stubs.place, more)
        options = Options(**vars(stubs.options))
        # An INT of ring 3's: whoever names it alone means that.
        options.ring3 |= explicit and vector in CALLED
        yield Stub(vector, at, options, stubs.line)


def _of_idt(place, places):
    """The same of an IDT that is filled in the file."""
    at = places.value(place)
    raw = places.image.get(at, 256 * GATE_BYTES)
    found = 0
    for vector in range(len(raw) // GATE_BYTES):
        low, _, ist, kind, middle, high = struct.unpack_from(
            "<HHBBHI", raw, vector * GATE_BYTES)
        target = low | middle << 16 | high << 32
        if not kind & 0x80 or kind & 0x1f not in (INTERRUPT_GATE, TRAP_GATE):
            continue
        if not places.image.executable(target):
            raise places.map.error(
                place.line, f"the gate of vector {vector:#x} in "
                f"`{place.text}` leads to {target:#x}, where "
                f"{places.elf.path} has no code")
        found += 1
        yield Stub(vector, target, Options(
            ist & 7 or IST_NONE, kind & 0xf == TRAP_GATE,
            kind >> 5 & 3 == 3), place.line)
    if not found:
        raise places.map.error(
            place.line, f"`{place.text}` holds no gate in the file, the "
            "kernel fills it when it runs: `vector` and `vectors` name the "
            "stubs")


def is_freds(code):
    """The name of FRED's instruction in it, or ""."""
    return "ERETU" if _ERETU in code else "ERETS" if _ERETS in code else ""


def _leave_out_freds(found, places, notes):
    freds = {places.value(place): place for place in places.map.freds}
    for key, stub in list(found.items()):
        why = is_freds(places.body_of(stub.at))
        if why or stub.at in freds:
            notes.append(f"{stub.name()}: its stub is for FRED"
                         + (f" ({why})" if why else "")
                         + ", and is left out")
            freds.pop(stub.at, None)
            del found[key]
    notes.extend(f"{place.text} is for FRED, and is left out"
                 for place in freds.values())


def _ists(found, notes):
    """Where the processor may come on the user's stack, the lab must not hide
    it without a word."""
    names = [name for name in ("db", "nmi", "df", "mc")
             if VECTORS[name] in found
             and found[VECTORS[name]].options.ist == IST_OURS]
    if names:
        notes.append(f"{', '.join(names)}: on an IST stack of the lab's, as "
                     "the map says nothing; `ist N` or `ist none` does")


def _irq(found, notes):
    """The window's own interrupt comes on one vector: where the kernel has no
    stub for it, its first one of the interrupt array takes it."""
    if WINDOW_IRQ in found:
        return
    own = sorted(vector for vector in found if isinstance(vector, int)
                 and _FIRST_IRQ <= vector <= _LAST_IRQ
                 and vector not in VECTORS.values())
    if own:
        stub = found[own[0]]
        found[WINDOW_IRQ] = Stub(WINDOW_IRQ, stub.at,
                                 Options(**vars(stub.options)), stub.line)
        notes.append(f"vector {own[0]:#x}: its stub takes the lab's interrupt, "
                     f"too, which comes at vector {WINDOW_IRQ:#x}")


def find(places, notes):
    """[Stub], by vector; what is left out is said in notes."""
    said = places.map
    found = {}
    if said.idt:
        found.update((stub.vector, stub) for stub in _of_idt(said.idt, places))
    # Who is named alone comes before those that are named with others.
    for stubs in sorted(said.stubs, key=lambda each: each.kind == "one"):
        found.update((stub.vector, stub)
                     for stub in _of_vectors(stubs, places))
    for vector in (GATE, COST):
        found.pop(vector, None)  # the harness's own
    if INT80 in found and not found[INT80].options.ring3:
        del found[INT80]
        notes.append("vector 0x80: left out, as ring 3 may not call it; "
                     "`vector int80 PLACE` says that it may")
    for call, vector in said.call_vectors():
        place, rule = said.calls[call]
        found[vector] = Stub(vector, places.code_at(place),
                             Options(rule=rule), place.line)
    _leave_out_freds(found, places, notes)
    _irq(found, notes)
    _ists(found, notes)
    if not found:
        raise said.error(None, "no stub is left: " + "; ".join(notes)
                         if notes else "it names no stub")
    numbers = sorted(key for key in found if isinstance(key, int))
    return [found[key] for key in numbers] + [
        found[key] for key in found if isinstance(key, str)]
