# SPDX-License-Identifier: MIT
"""entry/specimens/MAP.md names what a map may say, and its example is one."""

import os
import re

from kernels import TOP

# pylint: disable=wrong-import-order
from ringside import kernelfill, kernelmap
from ringside.kernellink import Linker
from ringside.mapwords import RULES, VECTORS

EXAMPLE = os.path.join(TOP, "tests/examples/tinymap")
LINES_MAX = 20  # of a map
HARNESS = {"gate", "cost", "timer", "self_ipi", "apic_error", "spurious"}


def page():
    with open(os.path.join(TOP, "entry/specimens/MAP.md"),
              encoding="ascii") as file:
        return file.read()


def test_every_statement():
    rows = re.findall(r"^\| (`.*?) \|", page(), re.M)
    named = {word.split()[0] for row in rows
             for word in re.findall(r"`([^`]+)`", row)}
    assert kernelmap.STATEMENTS <= named
    assert named - kernelmap.STATEMENTS == {"trap", "ring3", "rule", "nests"}


def test_vectors_and_rules():
    words = set(re.findall(r"\w[\w-]*", page()))
    assert {name for name in VECTORS if not re.fullmatch(r"v[01]\w", name)} \
        - HARNESS <= words
    assert set(RULES) <= words


def test_the_example():
    with open(os.path.join(EXAMPLE, "tinymap.map"), encoding="ascii") as file:
        text = file.read()
    shown = re.search(r"```\n(.*?)```", page(), re.S)[1]
    assert text.split("\n", 2)[2] == shown
    assert len(text.splitlines()) <= LINES_MAX


def test_the_example_is_right(tmp_path):
    said = kernelmap.read(os.path.join(EXAMPLE, "tinymap.map"))
    folder = tmp_path / "work"
    folder.mkdir()
    elf = Linker(EXAMPLE, str(folder)).link(said.bodies, {})
    filled = kernelfill.fill(elf, said)
    assert len(filled.stubs) == 20  # with the lab's own interrupt
    assert filled.stack == filled.gs + 8208
    assert [function[1:] for function in filled.functions] == [
        (16, False, 0, False)]
