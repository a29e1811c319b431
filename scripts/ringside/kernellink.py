# SPDX-License-Identifier: MIT
"""What an author hands over as one linked ELF file: a linked kernel as it is;
objects, archives, or a folder of these and of sources, linked here.

No section is refused: ld's own script puts each where its flags say.  It is
tried in the upper half, as most kernels are linked, and where a relocation
does not fit there, in the lower one.
"""

import os
import re
import shutil
import subprocess

from .elf import ET_REL, Elf, ElfError, is_archive
from .specimen import SpecimenError, error_in, undefined_in

UPPER, LOWER = 0xffffffff80000000, 0x200000
SLOT = 16  # bytes of a function that the map alone knows
ASSEMBLED, NASM = (".S", ".s"), (".asm", ".nasm")
OBJECTS = (".o", ".obj", ".a")
NAMED = 8  # symbols in one sentence
# What GNU as does not have at a line's beginning.
_AS_NASM = re.compile(r"^\s*(%(macro|include|define|if|assign|rep)\b|"
                      r"\[?bits 64|(global|extern|section)\s+[.\w])",
                      re.MULTILINE | re.IGNORECASE)

_TWICE = re.compile(r"^(?:\S*ld(?:\.bfd)?: )?(\S+?)(?::\(\S+\+0x[0-9a-f]+\))?: "
                    r"multiple definition of `([^']+)'", re.MULTILINE)
_FRED = re.compile(r"no such instruction: [`']eret[su]\b")
_SHORT = re.compile(r"^(?:\S*ld(?:\.bfd)?: )?(\S+?)(?::\(\S+\+0x[0-9a-f]+\))?: "
                    r"(relocation truncated to fit: .*)$", re.MULTILINE)
_LD = re.compile(r"^\S*ld(?:\.bfd)?: (?:error: )?(.*)$", re.MULTILINE)


def _wants_nasm(source):
    """Is it NASM's, by its name or by what stands in it?"""
    if source.endswith(NASM):
        return True
    with open(source, encoding="utf-8", errors="replace") as file:
        return bool(_AS_NASM.search(file.read()))


def _run(argv):
    """(status, what it said)"""
    try:
        done = subprocess.run(argv, capture_output=True, text=True,
                              check=False, errors="replace",
                              env=dict(os.environ, LC_ALL="C"))
    except FileNotFoundError:
        raise SpecimenError(f"{argv[0]} is not here") from None
    return done.returncode, done.stderr + done.stdout


class Linker:
    """Of KERNEL=path, with everything made in the folder work."""

    def __init__(self, path, work):
        self.path, self.work = path, work
        self.objects, self.sources = [], {}  # object: its source

    def _short(self, place):
        """A place as the author knows it: their source, not our object."""
        name, colon, line = place.partition(":")
        name = self.sources.get(name, name)
        top = os.path.realpath(self.path) + os.sep
        name = os.path.realpath(name) if os.path.exists(name) else name
        return name.removeprefix(top) + colon + line

    def _assemble(self, source):
        made = os.path.join(self.work, re.sub(
            r"\s", "_", os.path.basename(source)) + ".o")
        folder = os.path.dirname(source)
        places = [place for place in (
            folder, *(os.path.join(folder, more)
                      for more in ("include", "..", "../include")))
                  if os.path.isdir(place)]
        if _wants_nasm(source):
            if not shutil.which("nasm"):
                raise SpecimenError(f"{self._short(source)} wants nasm, which "
                                    "is not here; its .o will do")
            argv = ["nasm", "-f", "elf64", "-g", "-F", "dwarf",
                    *(f"-I{place}/" for place in places)]
        else:
            argv = [*os.environ.get("CC", "gcc").split(), "-c", "-g", "-x",
                    "assembler-with-cpp", "-D__ASSEMBLY__",
                    *(f"-I{place}" for place in places)]
        status, said = _run([*argv, source, "-o", made])
        if status and _FRED.search(said):
            status, said = _run([*argv, *self._fred(), source, "-o", made])
        if status:
            place, words = error_in(said) or (source, said.strip().split(
                "\n")[-1])
            raise SpecimenError(f"{self._short(place)}: {words}")
        self.sources[made] = source
        return made

    def _fred(self):
        """For an assembler that does not know FRED's two ways out yet."""
        path = os.path.join(self.work, "fred.inc")
        with open(path, "w", encoding="utf-8") as file:
            for name, prefix in (("erets", 0xf2), ("eretu", 0xf3)):
                file.write(f"\t.macro {name}\n\t.byte {prefix:#x}, 0x0f, "
                           "0x01, 0xca\n\t.endm\n")
        return ["-include", path]

    def collect(self):
        """Everything to be linked.  Returns the path of a kernel that is
        linked already, else None."""
        if os.path.isdir(self.path):
            files = sorted(os.listdir(self.path))
            stems = {os.path.splitext(name)[0] for name in files
                     if name.endswith(OBJECTS)}
            for name in files:
                path = os.path.join(self.path, name)
                if name.endswith(OBJECTS):
                    self._take(path)
                elif name.endswith(ASSEMBLED + NASM) \
                        and os.path.splitext(name)[0] not in stems:
                    self.objects.append(self._assemble(path))
            if not self.objects:
                raise SpecimenError(f"{self.path} holds no object, archive or "
                                    ".S file")
            return None
        if not os.path.exists(self.path):
            raise SpecimenError(f"there is no kernel {self.path}")
        if self.path.endswith(ASSEMBLED + NASM):
            self.objects.append(self._assemble(self.path))
            return None
        return None if self._take(self.path) else self.path

    def _take(self, path):
        """Is it something to be linked?"""
        if not is_archive(path) and Elf(path).kind != ET_REL:
            if os.path.isdir(self.path):
                raise ElfError(f"{path} is linked already: KERNEL={path}")
            return False
        if re.search(r"\s", path):  # which would be in ld's words
            named = os.path.join(self.work, re.sub(
                r"\s", "_", os.path.basename(path)))
            os.symlink(os.path.realpath(path), named)
            self.sources[named] = path
            path = named
        self.objects.append(path)
        return True

    def _link(self, base, more):
        made = os.path.join(self.work, "kernel.elf")
        status, said = _run([
            "ld", "--no-demangle", "-nostdlib", "-static", "-e", "0",
            "-z", "noexecstack", "-z", "max-page-size=0x1000",
            "-z", "separate-code",
            f"-Ttext-segment={base:#x}", "-o", made,
            "--whole-archive", *self.objects, *more])
        return made if not status else None, said

    def _slots(self, functions, memories):
        """An object with what the map alone knows of."""
        source = os.path.join(self.work, "known-by-map.S")
        with open(source, "w", encoding="utf-8") as file:
            for name in functions:
                file.write(f'\t.text\n\t.globl\t"{name}"\n\t.type\t"{name}", '
                           f'@function\n\t.balign\t{SLOT}\n"{name}":\n'
                           f"\t.skip\t{SLOT}, 0xcc\n"
                           f'\t.size\t"{name}", {SLOT}\n')
            for name, size in memories.items():
                file.write(f'\t.bss\n\t.globl\t"{name}"\n\t.balign\t4096\n'
                           f'"{name}":\n\t.skip\t{size:#x}\n'
                           f'\t.size\t"{name}", {size:#x}\n')
            file.write('\t.section .note.GNU-stack, "", @progbits\n')
        return [self._assemble(source)]

    def undefined(self):
        """{symbol: place of its first use} of what nothing defines."""
        return undefined_in(self._link(UPPER, [])[1])

    def link(self, bodies, memories):
        """The elf.Elf; bodies are names of functions and memories {name:
        bytes} that the map has: who is used and not there gets room."""
        linked = self.collect()
        if linked:
            return Elf(linked)
        missing = self.undefined()
        functions = [name for name in missing if name in bodies]
        spaces = {name: size for name, size in memories.items()
                  if name in missing}
        more = self._slots(functions, spaces) if functions or spaces else []
        path, said = self._link(UPPER, more)
        if not path and _SHORT.search(said):
            path, said = self._link(LOWER, more)
        if not path:
            raise SpecimenError(self._why(said))
        elf = Elf(path)
        elf.given, elf.slots = tuple(spaces), tuple(functions)
        return elf

    def _why(self, said):
        if missing := undefined_in(said):
            symbol, place = next(iter(missing.items()))
            rest = [f"`{name}`" for name in missing][1:]
            more = "" if not rest else "; so are " + ", ".join(
                rest[:NAMED]) + (f" and {len(rest) - NAMED} more"
                                 if len(rest) > NAMED else "")
            return (f"{self._short(place)}: `{symbol}` is used, and nothing "
                    f"defines it: `body {symbol}` in the map declares a "
                    f"function of yours, `memory {symbol} bytes N` data"
                    + more)
        if found := _SHORT.search(said):
            return f"{self._short(found[1])}: {found[2]}"
        if found := _TWICE.search(said):
            return f"{self._short(found[1])}: `{found[2]}` is defined twice"
        if found := _LD.search(said):
            return found[1]
        return said.strip().split("\n")[-1] or "ld failed"
