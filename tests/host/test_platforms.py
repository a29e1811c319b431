# SPDX-License-Identifier: MIT
"""The one list of platforms, and those who cannot take it from there."""

import os
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
sys.path.insert(0, os.path.join(TOP, "scripts"))

from ringside import knownfiles, platforms  # noqa: E402  pylint: disable=C0413


def said(*words):
    return subprocess.run([os.path.join(TOP, "scripts/platforms"), *words],
                          capture_output=True, text=True,
                          check=True).stdout.split()


def test_they_are_named():
    assert said() == list(platforms.PLATFORMS)
    assert said("--tested") == list(platforms.TESTED)


def test_the_readme_names_each():
    with open(os.path.join(TOP, "README.md"), encoding="utf-8") as file:
        row = next(line for line in file if line.startswith("| `make run` |"))
    assert f"`PLATFORM={platforms.DEFAULT.name}` (default)" in row
    assert [name for name in platforms.PLATFORMS if name not in row] == []


def test_each_machine_of_the_tests_has_its_known_results():
    there = knownfiles.machines(os.path.join(TOP, "tests/known"))
    assert there == sorted({f"{one.platform.name}-{one.model}"
                            for one in platforms.TESTED.values()})


def test_a_model_has_the_emulator_s_own_name():
    default = platforms.DEFAULT
    assert default.cpu("Haswell") == "Haswell"
    assert default.cpu("max") == "max,vendor=GenuineIntel"
    assert default.cpu("max,vendor=AuthenticAMD") == "max,vendor=AuthenticAMD"
    assert default.cpu("max,+la57") == "max,vendor=GenuineIntel,+la57"
    for platform in platforms.PLATFORMS.values():
        assert set(platform.tested) <= set(platform.emulator.models)
