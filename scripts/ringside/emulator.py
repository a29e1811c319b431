# SPDX-License-Identifier: MIT
"""An emulator before it is started: what it is, and what it has, in its own
words.  choice.py holds what was chosen against this."""

import functools
import os
import re
import shutil
import subprocess

from . import models

# It only prints something; this is no measure of how slow a host may be.
ANSWER_SECONDS = 120


class NoEmulator(Exception):
    """It cannot be run, or is none; the text says which."""


class Emulator:
    """A program by the words that run it, and the variables that it needs."""

    kind = name = ""

    def __init__(self, words, variables):
        self.words, self.variables = words, variables

    def say(self, *words):
        """What it prints when it is asked so."""
        try:
            done = subprocess.run(
                [*self.words, *words], stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                env=dict(os.environ, **self.variables), check=False,
                timeout=ANSWER_SECONDS)
        except OSError as why:
            raise NoEmulator(f"it cannot be run: {why.strerror}") from None
        except subprocess.TimeoutExpired:
            raise NoEmulator(f"it does not answer {' '.join(words)}") from None
        return done.stdout.decode(errors="replace")

    @functools.cached_property
    def version(self):
        words, pattern = models.VERSION[self.kind]
        said = self.say(*words)
        found = re.search(pattern, said)
        if not found:
            first = next(filter(None, said.split("\n")), "nothing")
            raise NoEmulator(f"this is no {self.name}: asked "
                             f"{' '.join(words)}, it says \"{first}\"")
        return found[1]

    def models(self):
        return models.offered(self.kind, (self.words, self.variables))

    def __str__(self):
        return f"{self.name} {self.version}"


class Qemu(Emulator):
    kind, name = "qemu", "QEMU"

    def _listed(self, option):
        """The first word of each line of a list, and the lines behind it."""
        head, _, rest = self.say(option, "help").partition("\n\n")
        names = [line.removeprefix("x86 ").split()[0]
                 for line in head.split("\n")[1:] if line.strip()]
        return names, rest

    def machines(self):
        return self._listed("-machine")[0]

    def accels(self):
        return self._listed("-accel")[0]

    def features(self):
        """All that this QEMU knows of, whether or not it can do them."""
        rest = self._listed("-cpu")[1]
        return rest.partition(":\n")[2].split()


class Bochs(Emulator):
    kind, name = "bochs", "Bochs"


KINDS = {"qemu": Qemu, "bochs": Bochs}


def at(kind, path):
    """The emulator that somebody names by a path or a command."""
    found = path if os.sep in path else shutil.which(path)
    if not found or not os.path.exists(found):
        raise NoEmulator("there is no such "
                         + ("file" if os.sep in path else "command"))
    if os.path.isdir(found) or not os.access(found, os.X_OK):
        raise NoEmulator("it is not executable")
    it = KINDS[kind]([os.path.abspath(found)], {})
    return it if it.version else None


def of(kind, suite):
    """That of a suite, or of this machine."""
    words, variables = models.command_of(kind, suite)
    if not shutil.which(words[0]):
        raise NoEmulator("it is not installed")
    return KINDS[kind](words, variables)
