# SPDX-License-Identifier: MIT
"""A specimen of somebody's own: is it one, does it build, and if not, why; in
one sentence that names the place.
"""

import os
import re
import subprocess

from . import rundir

SHIPPED = "entry/specimens"
SECTION = ".text.under_test"
NAME = re.compile(r"[a-z][a-z0-9_-]{0,14}$", re.IGNORECASE)

# What gcc, clang and ld say.  A string without its end makes errors far below.
_ERRORS = [re.compile(rf"^(\S[^:\n]*:\d+)(?::\d+)?: {words})$",
                      re.MULTILINE)
           for words in ("Warning: (unterminated string.*",
                         "(?:[Ff]atal )?[Ee]rror: (.*", "Warning: (.*")]
_UNDECLARED = re.compile(r"(?:undeclared identifier )?['‘](specimen_\w+)['’]"
                         r"(?: undeclared|$)")
# Binutils 2.44 names section and offset behind a line that it knows, too, and
# 2.47 itself by its path.
_UNDEFINED = re.compile(r"^(?:\S*ld(?:\.bfd)?: )?(\S+?)"
                        r"(?::\(\S+\+0x[0-9a-f]+\))?: "
                        r"undefined reference to `([^']+)'", re.MULTILINE)
_TWICE = re.compile(r"multiple definition of `([^']+)'")
_LD = re.compile(r"^(?:\S*ld(?:\.bfd)?|make\S*): (.*)$", re.MULTILINE)


class SpecimenError(Exception):
    """It cannot be built; the text is the sentence."""


def error_in(said):
    """(place, words) of the first error of an assembler's or a compiler's in
    what they said, or None."""
    found = next(filter(None, (pattern.search(said)
                               for pattern in _ERRORS)), None)
    return (found[1], found[2]) if found else None


def undefined_in(said):
    """{symbol: the place of its first use} of what nothing defines, of what
    ld says."""
    missing = {}
    for place, symbol in _UNDEFINED.findall(said):
        missing.setdefault(symbol, place)
    return missing


def why_not_linked(said):
    """(place, symbol) of the first that nothing defines, of what ld says, or
    None."""
    found = _UNDEFINED.search(said)
    return (found[1], found[2]) if found else None


def is_ours(name):
    """Has one of ringside's own this name?"""
    return os.path.isdir(os.path.join(SHIPPED, name))


def refuse_name(name, instead):
    """No name may be another's."""
    if is_ours(name):
        raise SpecimenError(f"ringside has a specimen {name} of its own: "
                            + instead)


class Built:
    """What is built into an image of its own, in a directory that no other
    run has meanwhile: build, until the script ends."""

    elf = ""    # of a linked kernel: its file
    stubs = 0   # how many; 0: not known
    notes = ()  # what was left out or assumed, a sentence each

    def __init__(self, name, build):
        self.name = name
        self.build, self._lock = rundir.claim(build, f"window-{name}")

    def image(self, make, build, folder):
        """Build it with the specimen in the folder."""
        done = subprocess.run(
            [make, "-s", "--no-print-directory", f"B={build}",
             f"W={self.build}", f"OWN={folder}", "image"],
            capture_output=True, text=True, check=False,
            env=dict(os.environ, LC_ALL="C", MAKEFLAGS="", MAKELEVEL="0"))
        if done.returncode:
            raise SpecimenError(self.why(done.stderr + done.stdout))

    def why(self, said):
        """The sentence, of what make said."""
        found = error_in(said)
        return f"{found[0]}: {found[1]}" if found else \
            said.strip().split("\n")[-1] or "make failed"


class Specimen(Built):
    """A folder with stubs.h and .S files."""

    def __init__(self, path, build):
        if not path:
            raise SpecimenError("SPECIMEN names no directory: make window "
                                "SPECIMEN=path/to/dir")
        if not os.path.isdir(path):
            raise SpecimenError(f"there is no directory {path}")
        self.path, self.words = os.path.realpath(path), f"SPECIMEN={path}"
        self.name = os.path.basename(self.path)
        self.shipped = os.path.dirname(self.path) == os.path.realpath(SHIPPED)
        self._look()
        # A folder of ours needs no image but the one there is.
        if self.shipped:
            self.build = build
        else:
            super().__init__(self.name, build)

    def _look(self):
        files = os.listdir(self.path)
        if not any(name.endswith(".S") for name in files):
            raise SpecimenError(f"{self.path} has no .S file")
        if "stubs.h" not in files:
            raise SpecimenError(f"{self.path} has no stubs.h: "
                                "include/specimen.h says what stands in it")
        if not NAME.match(self.name):
            raise SpecimenError(f"{self.name} cannot name a specimen: it takes "
                                "a letter, then up to 14 letters, digits, - "
                                "or _")
        if " " in self.path:
            raise SpecimenError(f"{self.path} has a blank in it, which make "
                                "cannot bear")
        if not self.shipped:
            refuse_name(self.name, "rename the folder")

    def make(self, make, build):
        """Build the image with it."""
        if not self.shipped:
            self.image(make, build, self.path)
            self._sections()

    def _short(self, place):
        """A place in a file ("file:line") as the author knows it; make may
        have named the file from where it runs."""
        name, colon, line = place.partition(":")
        if os.path.exists(name):
            name = os.path.realpath(name).removeprefix(self.path + os.sep)
        return name + colon + line

    def why(self, said):
        header = f"the stubs.h of {self.name}"
        if found := error_in(said):
            place, words = found
            missing = _UNDECLARED.search(words)
            if missing and os.path.realpath(place).startswith(
                    os.path.realpath(self.build) + os.sep):
                return f"{header} does not define `{missing[1]}`"
            return f"{self._short(place)}: {words}"
        if found := why_not_linked(said):
            place, symbol = found
            if "specimens.o" in place:
                return f"{header} names `{symbol}`, which no .S defines"
            return (f"{self._short(place)}: `{symbol}` is used, and nothing "
                    "defines it")
        if found := _TWICE.search(said):
            return f"`{found[1]}` is defined twice"
        if found := _LD.search(said):
            return found[1]
        return said.strip().split("\n")[-1] or "make failed"

    def _sections(self):
        """No label of its code may lie where the window does not look."""
        folder = os.path.join(self.build, "specimens", self.name)
        for name in sorted(os.listdir(folder)):
            if not name.endswith(".o"):
                continue
            listing = subprocess.run(
                ["nm", "--format=sysv", "--defined-only",
                 os.path.join(folder, name)], check=True, text=True,
                stdout=subprocess.PIPE).stdout
            for line in listing.splitlines():
                cells = [cell.strip() for cell in line.split("|")]
                if len(cells) == 7 and cells[2] in "Tt" \
                        and cells[6] != SECTION:
                    raise SpecimenError(
                        f"{name[:-2]}.S: `{cells[0]}` lies in {cells[6]}; "
                        f"stubs belong into section {SECTION}")
