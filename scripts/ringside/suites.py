# SPDX-License-Identifier: MIT
"""Emulators and firmware of a Debian suite, on whatever Debian is there.

`scripts/setup --suite SUITE` unpacks them with all their libraries below
BUILD/suites/SUITE, and nothing of the machine is changed: they are run by the
suite's own loader.  Whoever starts a program or reads a firmware asks here for
its words, its environment and its place; the suite "" is the machine's own.
"""

import os
import re
from dataclasses import dataclass
from urllib.parse import unquote

NAME = re.compile("[a-z][a-z0-9-]*")
QEMU, BOCHS = "qemu-system-x86_64", "bochs-bin"
LIBRARIES = "/usr/lib/x86_64-linux-gnu"
LOADER = LIBRARIES + "/ld-linux-x86-64.so.2"
# Names the files that a suite was unpacked from, one a line.
PACKAGES = "/packages"
# Libraries find these by a path of their own, which is the machine's.
PRIVATE = (LIBRARIES + "/pulseaudio",)
# What a program looks for in places of the machine: words and variables that
# show it the suite's.
SHOWN = {
    QEMU: (("-L", "/usr/share/qemu", "-L", "/usr/share/seabios"),
           {"QEMU_MODULE_DIR": LIBRARIES + "/qemu"}),
    BOCHS: ((), {"LTDL_LIBRARY_PATH": LIBRARIES + "/bochs/plugins",
                 "BXSHARE": "/usr/share/bochs"}),
}


class NoSuite(Exception):
    """It is not there."""


@dataclass(frozen=True)
class Suite:
    name: str = ""
    root: str = ""

    def path(self, file):
        """A file of the suite, from where it is on a machine that has it."""
        return self.root + file

    def package(self, name):
        """The version of one of its packages, or ""."""
        try:
            with open(self.path(PACKAGES), encoding="ascii") as file:
                for line in file:
                    words = line.split("_")
                    if words[0] == name and len(words) > 1:
                        return unquote(words[1])
        except OSError:
            pass
        return ""

    def run_by_loader(self, *words):
        """The words that run a program of the suite."""
        return [self.path(LOADER), "--inhibit-cache", "--library-path",
                ":".join(map(self.path, (LIBRARIES, *PRIVATE))), *words]

    def command(self, program):
        """The words that run one of its emulators, options may follow, and
        the variables that it needs."""
        if not self.name:
            return [program], {}
        words, variables = SHOWN[program]
        return (self.run_by_loader(
            self.path("/usr/bin/" + program),
            *(self.path(word) if word[0] == "/" else word for word in words)),
                {key: self.path(value) for key, value in variables.items()})


OWN = Suite()


def place(build, name):
    return os.path.join(os.path.abspath(build), "suites", name)


def named(build, name):
    """The suite of that name, the machine's own for ""."""
    if not name:
        return OWN
    suite = Suite(name, place(build, name))
    if not NAME.fullmatch(name) or not os.path.isdir(suite.root):
        raise NoSuite(f"SUITE={name} is not here: scripts/setup --suite "
                      f"{name} unpacks it")
    return suite
