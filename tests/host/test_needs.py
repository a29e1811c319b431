# SPDX-License-Identifier: MIT
"""What each command of the Makefile asks scripts/setup for: what it runs and
no more."""

import os
import re
import subprocess

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


def needs(*words):
    """The groups that a make would ask scripts/setup for."""
    done = subprocess.run(
        ["make", "-s", "-f", "-", "needs", *words[1:]], cwd=TOP, text=True,
        check=True, stdout=subprocess.PIPE,
        input="include Makefile\nneeds:\n\t@echo $(sort "
              f"$(NEEDS_{words[0]}))\n",
        env={"PATH": os.environ["PATH"], "MAKELEVEL": "0"})
    return done.stdout.split()


@pytest.mark.parametrize("command, groups", [
    ("run", "image ovmf qemu run"),
    ("run PLATFORM=qemu-uboot", "image qemu run uboot"),
    ("run PLATFORM=bochs-ovmf", "bochs image ovmf run screen"),
    ("run PLATFORM=bochs-uboot", "bochs image run screen uboot"),
    ("run PLATFORM=own", "image run"),
    ("window PLATFORM=bochs-uboot", "bochs image run screen uboot"),
    ("run SUITE=sid", "image run"),
    ("run SUITE=sid PLATFORM=bochs-uboot", "image run screen"),
    ("usb", "image usb"),
    ("sign", "image sign"),
    ("host-test", "host-test image"),
    ("mutants", "image ovmf qemu run"),
    ("mutants HARNESS=1", "all"),
    ("matrix", "bochs image ovmf qemu run screen uboot"),
    ("bench", "bochs image ovmf qemu run screen uboot"),
    ("test", "all"),
    ("setup", "all"),
    ("image", ""),
    ("clean", ""),
])
def test_each_command_has_its_groups(command, groups):
    assert needs(*command.split()) == groups.split()


def test_the_container_has_what_its_command_needs():
    with open(os.path.join(TOP, "Containerfile"), encoding="utf-8") as file:
        text = file.read().replace("\\\n", " ")
    assert re.search(r'^CMD \["make", "run"\]$', text, re.M)
    assert sorted(re.search(r'^ARG FOR="(.*)"$', text, re.M)[1].split()) \
        == needs("run")
    for copied in re.findall(r"^COPY (.*) \S+$", text, re.M):
        assert [path for path in copied.split()
                if not os.path.exists(os.path.join(TOP, path))] == []
    # What setup reads stands in front of it.
    early = text.partition("RUN apt-get")[0]
    assert all(f"scripts/{name}" in early
               for name in ("setup", "places", "packages.txt"))
