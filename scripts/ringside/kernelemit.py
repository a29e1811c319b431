# SPDX-License-Identifier: MIT
"""Somebody's own kernel as a specimen's folder, which the Makefile's OWN=
takes: stubs.h, kernel.S, and the bytes of its segments.
"""

import os
import re

from .kernelimage import PAGE
from .mapmodel import IST_OURS
from .mapwords import VECTORS

_NAMES = {number: name for name, number in VECTORS.items() if name != "irq"}
_ESCAPED = re.compile(r'[\\"\x00-\x1f\x7f-\uffff]')

_HEAD = """\
/* Made by scripts/window of {kernel} and {map}: include/specimen.h. */
#include "selectors.h"
#include "specimen.h"
#include "syscall.h"
#include "vectors.h"
"""

_TAIL = """\
static const struct specimen_kernel own_kernel = {{
    .segments = own_segments,
    .functions = {functions},
    .symbols = {symbols},
    .segments_count = {segment_count},
    .functions_count = {function_count},
    .symbols_count = {symbol_count},
}};
const struct specimen specimen_{identifier} = {{
    .name = "{name}",
    .about = "{about}",
    .stubs = own_stubs,
    .count = {count},
    .gs_base = {gs},
    .stack_top = {stack},
    .fixups = {fixups},
    .fixups_count = {fixup_count},
    .machine = {machine},
    .kernel = &own_kernel,
}};
"""


def _text(words):
    return _ESCAPED.sub("?", words)


def _pointer(at, kind="void *"):
    return f"({kind}){at:#x}" if at else "0"


def _array(kind, name, rows):
    """A C array, or nothing; returns (text, name or 0)."""
    if not rows:
        return "", "0"
    lines = "".join(f"    {{{row}}},\n" for row in rows)
    return f"static const struct {kind} {name}[] = {{\n{lines}}};\n", name


def _truth(value):
    return "true" if value else "false"


def _stub(stub):
    options = stub.options
    name = _NAMES.get(stub.vector, stub.vector)
    vector = f"VEC_{name}" if isinstance(name, str) else f"{name:#x}"
    ist = "" if options.ist == IST_OURS else f".ist = {options.ist}"
    flags = [f".{member} = true" for member, on in (
        ("trap_gate", options.trap), ("ring3", options.ring3)) if on]
    return ", ".join([
        vector, _pointer(stub.at, "const void *"), options.rule,
        _truth(options.nests), *filter(None, [ist]), *flags])


def _own_machine(filled, said):
    """Does the map say anything of its machine?"""
    return bool(filled.selectors or said.numbers or filled.ists or filled.tss
                or filled.cr3 or not said.fsgsbase)


def _machine(filled, said):
    if not _own_machine(filled, said):
        return ""
    ours = {"kernel-cs": "SEL_KERNEL_CS", "kernel-ss": "SEL_KERNEL_SS",
            "user-cs32": "SEL_USER_CS32", "user-ss": "SEL_USER_SS",
            "user-cs64": "SEL_USER_CS64"}
    rows = [(name.replace("-", "_"),
             f"{filled.selectors.get(name, 0):#x}" if filled.selectors
             else ours[name]) for name in ours]
    rows.append(("star", f"{filled.star:#x}" if filled.star is not None else
                 "(uint64_t)SEL_USER_CS32 << 48 | "
                 "(uint64_t)SEL_KERNEL_CS << 32"))
    fmask = said.numbers.get("fmask")
    rows.append(("fmask", "SYSCALL_FMASK" if fmask is None else f"{fmask:#x}"))
    rows.append(("no_fsgsbase", _truth(not said.fsgsbase)))
    rows.append(("rax", f"{said.numbers.get('rax', 0):#x}"))
    rows += [(f"ist_top[{n}]", f"{top:#x}")
             for n, top in filled.ists.items()]
    rows.append(("tss", _pointer(filled.tss)))
    rows += [(f"{which}_cr3", _pointer(at, "uint64_t *"))
             for which, at in filled.cr3.items()]
    return "static const struct specimen_machine own_machine = {\n" \
        + "".join(f"    .{name} = {value},\n" for name, value in rows) + "};\n"


def header(filled, said, kernel, symbols):
    """stubs.h; kernel is the author's name for it."""
    runs = filled.image.runs
    parts = [_HEAD.format(kernel=_text(os.path.basename(kernel)),
                          map=_text(os.path.basename(said.path)))]
    parts += [f"extern const uint8_t own_bytes{n}[];\n"
              f"extern uint8_t own_live{n}[];\n" for n in range(len(runs))]
    text, _ = _array("specimen_segment", "own_segments", [
        f"{run.va:#x}, own_bytes{n}, {len(run.initial()):#x}, "
        f"{len(run.data):#x}, {_truth(run.write)}, {_truth(run.execute)}, "
        f"own_live{n}" for n, run in enumerate(runs)])
    parts.append(text)
    text, functions = _array("specimen_function", "own_functions", [
        f"{at:#x}, {room}, {_truth(keeps)}, {returns:#x}, {_truth(any_gs)}"
        for at, room, keeps, returns, any_gs in filled.functions])
    parts.append(text)
    text, names = _array("specimen_symbol", "own_symbols", [
        f'{symbol.at:#x}, "{_text(symbol.name)}"' for symbol in symbols])
    parts.append(text)
    text, fixups = _array("specimen_fixup", "own_fixups", [
        f"{_pointer(at)}, {_pointer(to)}" for at, to in filled.fixups])
    parts.append(text)
    text, _ = _array("specimen_stub", "own_stubs", map(_stub, filled.stubs))
    parts += [text, _machine(filled, said), _TAIL.format(
        functions=functions, symbols=names, segment_count=len(runs),
        function_count=len(filled.functions), symbol_count=len(symbols),
        identifier=said.name.replace("-", "_"), name=said.name,
        about=f"{_text(os.path.basename(kernel))[:60]}, as its map has it",
        count=len(filled.stubs), gs=_pointer(filled.gs),
        stack=_pointer(filled.stack), fixups=fixups,
        fixup_count=len(filled.fixups),
        machine="&own_machine" if _own_machine(filled, said) else "0")]
    return "".join(parts)


def assembly(runs, folder):
    """kernel.S; the bytes are in files of the folder's."""
    text = "/* Made by scripts/window; see stubs.h. */\n"
    for n, run in enumerate(runs):
        text += (f"\t.globl\town_bytes{n}, own_live{n}\n"
                 "\t.section .rodata\n\t.balign\t16\n"
                 f"own_bytes{n}:\n"
                 f'\t.incbin "{os.path.join(folder, bytes_file(n))}"\n'
                 '\t.section .first, "aw", @nobits\n'
                 f"\t.balign\t{PAGE}\n"
                 f"own_live{n}:\n\t.skip\t{len(run.data):#x}\n")
    return text + '\t.section .note.GNU-stack, "", @progbits\n'


def bytes_file(n):
    return f"segment{n}.bin"


def write(filled, said, kernel, folder):
    """All of it into the folder, which is made."""
    os.makedirs(folder, exist_ok=True)
    for n, run in enumerate(filled.image.runs):
        with open(os.path.join(folder, bytes_file(n)), "wb") as file:
            file.write(run.initial())
    symbols = filled.places.near(
        [stub.at for stub in filled.stubs]
        + [function[0] for function in filled.functions])
    for name, text in (
            ("stubs.h", header(filled, said, kernel, symbols)),
            ("kernel.S", assembly(filled.image.runs, folder))):
        with open(os.path.join(folder, name), "w", encoding="ascii") as file:
            file.write(text)
