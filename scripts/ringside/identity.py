# SPDX-License-Identifier: MIT
"""What a run took place on, as the run script knows it: run.platform of
report.json.

The image says what it can see from inside, in `machine`.  Which emulator, of
which version, with which firmware file and which words on its command line
cannot be seen from there; known results are kept by these.
"""

import hashlib
import json
import os
import re
import subprocess

from . import platforms

# Who knows which package a file came in: the command that names it, and the
# one that says its version.
PACKAGERS = (
    (("dpkg-query", "-S"), ("dpkg-query", "-W", "-f=${Package} ${Version}")),
    (("rpm", "-qf", "--qf=%{NAME}:"), ("rpm", "-q", "--qf=%{NAME} %{VERSION}")),
)
DIGEST_DIGITS = 12
# In another suite, which no packager here knows.
IN_DEBIAN = {platforms.OVMF_CODE: "ovmf", platforms.OVMF_WHOLE: "ovmf",
             platforms.UBOOT: "u-boot-qemu"}

# In front of this the object goes into the text of report.json, whose other
# bytes stay what the renderers wrote.  In a string a quote would be \".
PLACE = re.compile(rb'"run": \{')


class NoPlace(Exception):
    """The text is not one of report.json."""


def _said(*argv):
    """What a command printed, or "" if it did not do it."""
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return "" if done.returncode else done.stdout.strip()


def firmware(path):
    """A file of firmware by its package and that one's version; where it is
    of none, by its name and the beginning of its SHA-256."""
    for owner, version in PACKAGERS:
        if package := _said(*owner, path).partition(":")[0]:
            if words := _said(*version, package):
                return words
    try:
        with open(path, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
    except OSError:
        return os.path.basename(path)
    return f"{os.path.basename(path)} sha256 {digest[:DIGEST_DIGITS]}"


def _firmware_of(machine):
    rom, suite = machine.setting.platform.rom, machine.setting.suite
    if machine.setting.firmware:
        return firmware(machine.roms()[0])
    name = IN_DEBIAN.get(rom)
    if suite.name and (version := name and suite.package(name)):
        return f"{name} {version}"
    return firmware(machine.file(rom))


def of(machine):
    """The object for a machine that has run."""
    setting = machine.setting
    if setting.run:
        return dict(dict.fromkeys(("version", "accel", "machine", "firmware",
                                   "model", "suite"), ""), features=[],
                    name=setting.platform.name, emulator=machine.EMULATOR,
                    extra=setting.run)
    return {
        "name": setting.platform.name,
        "emulator": machine.EMULATOR,
        "version": machine.version(),
        "accel": machine.accel(),
        "machine": machine.board(),
        "firmware": _firmware_of(machine),
        "model": setting.model,
        "features": setting.features,
        "suite": setting.suite.name,
        "extra": " ".join(setting.more),
    }


def elsewhere(name):
    """The object for a machine of a lab, of which no more is known here."""
    return {"name": name, "emulator": "own", "version": "", "accel": "",
            "machine": "", "firmware": "", "model": "", "features": [],
            "suite": "", "extra": ""}


def insert(report, platform):
    """The bytes of report.json with the object in its place."""
    found = PLACE.search(report)
    if not found:
        raise NoPlace
    words = b'\n  "platform": ' + json.dumps(platform).encode() + b","
    return report[:found.end()] + words + report[found.end():]
