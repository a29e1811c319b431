# SPDX-License-Identifier: MIT
"""Disk images with the ringside image on them, made with mtools, no root.

A plain one (a bare FAT16 volume) carries each run in an emulator; its
geometry is fixed because Bochs must be told it.  The stick's one is GPT with
one EFI system partition of FAT32, which is what firmware in the field wants.
"""

import os
import subprocess

CYLINDERS, HEADS, SECTORS = 64, 16, 63  # of the plain image
SECTOR = 512
LABEL = "RINGSIDE"

STICK_SECTORS = 131072        # 64 MiB in all
STICK_START = 2048            # the partition's first sector: 1 MiB
STICK_LENGTH = 126976         # its sectors: 62 MiB
ESP_TYPE = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
# Fixed, so that two builds of one source give one table.
STICK_GUID = "52494E47-5349-4445-8000-000000000001"
STICK_PART_GUID = "52494E47-5349-4445-8000-000000000002"
STICK_SERIAL = "52494E47"

README = """\
ringside: how a machine behaves on every way into ring 0.\r
\r
Boot this stick on a 64-bit UEFI machine.  The screen goes to ringside's own\r
console, the machine restarts once by itself, then the report is shown and\r
written to this directory: REPORT.TXT, REPORT.JSON, REPORT.KTAP.\r
\r
A file RINGSIDE.CFG here may hold one line of options; BOOTX64.EFI -h, run\r
from the UEFI Shell, lists them.\r
"""


class DiskError(Exception):
    """A tool refused; the text is its own."""


def _tool(*argv, text=None):
    env = dict(os.environ, MTOOLS_SKIP_CHECK="1",
               PATH=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    try:
        done = subprocess.run(argv, input=text, capture_output=True, env=env,
                              check=False)
    except FileNotFoundError:
        raise DiskError(f"{argv[0]} is not installed") from None
    if done.returncode:
        words = done.stderr.decode(errors="replace").split("\n")
        raise DiskError(f"{argv[0]}: {words[0]}")
    return done.stdout


def _blank(path, size):
    with open(path, "wb") as image:
        image.truncate(size)


def write(volume, name, data):
    """Put bytes into the file name ("RINGSIDE/ringside.cfg") of a volume:
    an image, or image@@offset for a partition in one."""
    _tool("mcopy", "-o", "-i", volume, "-", f"::/{name}", text=data)


def read(volume, name):
    """The bytes of a file of the volume, or None if there is none."""
    try:
        return _tool("mtype", "-i", volume, f"::/{name}")
    except DiskError:
        return None


def _fill(volume, efi):
    _tool("mmd", "-i", volume, "::/EFI", "::/EFI/BOOT", "::/RINGSIDE")
    _tool("mcopy", "-i", volume, efi, "::/EFI/BOOT/BOOTX64.EFI")


def plain(path, efi):
    """Make the image of a run.  Returns its volume."""
    _blank(path, CYLINDERS * HEADS * SECTORS * SECTOR)
    _tool("mformat", "-i", path, "-v", LABEL, "-t", str(CYLINDERS),
          "-h", str(HEADS), "-s", str(SECTORS), "::")
    _fill(path, efi)
    return path


def stick_volume(path):
    """The volume inside a stick's image."""
    return f"{path}@@{STICK_START * SECTOR}"


def stick(path, efi):
    """Make the image for a USB stick.  Returns its volume."""
    table = (f"label: gpt\nlabel-id: {STICK_GUID}\n"
             f"start={STICK_START}, size={STICK_LENGTH}, type={ESP_TYPE}, "
             f"uuid={STICK_PART_GUID}, name={LABEL}\n")
    _blank(path, STICK_SECTORS * SECTOR)
    _tool("sfdisk", "-q", path, text=table.encode())
    volume = stick_volume(path)
    _tool("mformat", "-i", volume, "-F", "-c", "1", "-h", "255", "-s", "63",
          "-H", str(STICK_START), "-T", str(STICK_LENGTH),
          "-N", STICK_SERIAL, "-v", LABEL, "::")
    _fill(volume, efi)
    write(volume, "RINGSIDE/README.TXT", README.encode())
    return volume
