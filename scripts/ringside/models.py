# SPDX-License-Identifier: MIT
"""What an emulator says of itself: its version, and the models that it has."""

import os
import re
import subprocess

from . import suites

SECONDS = 120
# By the emulator's name in platforms.py: its program; the words that make it
# speak, and what of that is its version, and a model.
PROGRAMS = {"qemu": suites.QEMU, "bochs": suites.BOCHS}
VERSION = {"qemu": (["--version"], r"emulator version (\d[\d.]*\d)"),
           "bochs": (["--help"], r"Bochs x86 Emulator (\d[\d.]*\d)")}
MODELS = {"qemu": (["-cpu", "help"], r"^(?:x86)? +([\w-]+)(?: |$)"),
          "bochs": (["--help", "cpu"], r"^([a-z0-9_]+)$")}
# QEMU: the features that it names below the models, and each model's
# numbered versions, of which its plain name is one.
BEHIND = "Recognized CPUID flags"
NUMBERED = re.compile(r".*-v\d+$")


def command_of(emulator, suite=suites.OWN):
    """What runs it, for the functions below."""
    return suite.command(PROGRAMS[emulator])


def _said(command, words):
    """What it prints; "" if it cannot be run."""
    argv, variables = command
    try:
        return subprocess.run(
            [*argv, *words], text=True, check=False, timeout=SECONDS,
            errors="replace", stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=dict(os.environ, **variables)).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def version(emulator, command):
    """The emulator's, by its own words, or ""."""
    words, pattern = VERSION[emulator]
    found = re.search(pattern, _said(command, words))
    return found[1] if found else ""


def older(version, than):
    """Is 7.2.22 older than 9.0, or unknown where it matters?"""
    def numbers(text):
        return [int(word) for word in text.split(".") if word]

    return numbers(version) < numbers(than)


def offered(emulator, command):
    """The names of the models that it has, in its order."""
    words, pattern = MODELS[emulator]
    said = _said(command, words).partition(BEHIND)[0]
    return [name for name in re.findall(pattern, said, re.MULTILINE)
            if not NUMBERED.match(name)]


def base(full_name):
    """The model of a name with features behind it."""
    return re.match(r"[^,+ ]*", full_name)[0]
