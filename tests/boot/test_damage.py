# SPDX-License-Identifier: MIT
"""A file that something happened to on its way to the stick."""

import os
import zlib

from conftest import BUILD, Run

IMAGE = os.path.join(BUILD, "BOOTX64.EFI")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def expand(packed):
    """What zlib makes of it, or None."""
    try:
        return zlib.decompress(packed, -15)
    except zlib.error:
        return None


def damaged(name, tmp_path):
    """A copy of the image with one flipped bit in the middle of what it
    carries under this name: one that still expands to as many bytes."""
    image, packed = read(IMAGE), read(os.path.join(BUILD, name + ".deflated"))
    whole = read(os.path.join(BUILD, name + ".bin"))
    assert image.count(packed) == 1
    for bit in range(len(packed) * 4, len(packed) * 8):
        flipped = bytearray(packed)
        flipped[bit // 8] ^= 1 << bit % 8
        out = expand(bytes(flipped))
        if out and len(out) == len(whole) and out != whole:
            break
    copy = tmp_path / "BOOTX64.EFI"
    copy.write_bytes(image.replace(packed, bytes(flipped)))
    return str(copy)


def test_core(tmp_path):
    """Found before its first instruction: one line, and the firmware again."""
    run = Run("damaged-core", ["--efi", damaged("core", tmp_path)])
    assert run.status == 2
    line = "ringside cannot run: this file is damaged."
    assert run.serial.count(line) == 1 and line in run.verdict
    assert "Powering off." in run.serial
    assert "KTAP" not in run.serial
    assert run.serial.count("BdsDxe: starting") == 1


def test_essays(tmp_path):
    run = Run("damaged-essays", ["--efi", damaged("essays", tmp_path),
                                 "--args=--explain exc"])
    assert run.status == 2
    assert run.serial.count("ringside: this file is damaged") == 1


def test_head(tmp_path):
    """The core's head lies in the file twice; here it is the one as it is."""
    image, head = read(IMAGE), read(os.path.join(BUILD, "core.bin"))[:512]
    assert image.count(head) == 1
    copy = tmp_path / "BOOTX64.EFI"
    bad = bytearray(head)
    bad[20] ^= 0x10  # how much memory it asks for
    copy.write_bytes(image.replace(head, bytes(bad)))
    run = Run("damaged-head", ["--efi", str(copy)])
    assert run.status == 2
    assert "ringside cannot run: this file is damaged." in run.verdict
