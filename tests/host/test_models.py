# SPDX-License-Identifier: MIT
"""What is read from what emulators say of themselves."""

import os
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
sys.path.insert(0, os.path.join(TOP, "scripts"))

from ringside import changes, models, platforms  # noqa: E402

QEMU = """\
QEMU emulator version 10.0.13 (Debian 1:10.0.13+ds-0)
Available CPUs:
  Haswell               (alias configured by machine type)
  Haswell-v1            Intel Core Processor (Haswell)
  YongFeng-v1           Zhaoxin
x86 max                   Enables all features

Recognized CPUID flags:
  3dnow acpi adx
"""
BOCHS = """\
                        Bochs x86 Emulator 3.1
 00000000000i[      ] LTDL_LIBRARY_PATH not set
Supported CPU models:

corei7_haswell_4770
wildcat_lake

00000000000i[SIM   ] quit_sim called with exit code 0
"""


def speaker(tmp_path, text):
    """An emulator that says this, whatever it is asked."""
    program = tmp_path / "emulator"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{text}END\n")
    program.chmod(0o755)
    return [str(program)], {}


@pytest.mark.parametrize("emulator, text, version, names", [
    ("qemu", QEMU, "10.0.13", ["Haswell", "max"]),
    ("bochs", BOCHS, "3.1", ["corei7_haswell_4770", "wildcat_lake"]),
])
def test_what_it_has(tmp_path, emulator, text, version, names):
    command = speaker(tmp_path, text)
    assert models.version(emulator, command) == version
    assert models.offered(emulator, command) == names


def test_what_cannot_be_asked_has_none():
    command = ["/no/such/emulator"], {}
    assert models.version("qemu", command) == ""
    assert models.offered("qemu", command) == []


@pytest.mark.parametrize("version, than, older", [
    ("7.2.22", "9.0", True), ("10.0.13", "9.0", False), ("9.0", "9.0", False),
    ("7.2.22", "", False), ("", "9.0", True),
])
def test_versions_are_numbers(version, than, older):
    assert models.older(version, than) == older


def test_named_models_have_a_model_of_the_emulator_s():
    for platform in platforms.PLATFORMS.values():
        emulator = platform.emulator
        for name in {**emulator.full_names, **emulator.options,
                     **emulator.since}:
            assert name in emulator.models
        assert models.base(platform.cpu("max-x2apic")) in ("max", "max-x2apic")
    assert models.base('arrow_lake, add_features="la57 lass"') == "arrow_lake"


def test_changes():
    before = {"exc.a": "fail", "exc.b": "pass", "exc.c": "skip", "db.d": "hang",
              "db.e": "fail", "db.f": "pass", "gone": "fail"}
    after = {"exc.a": "pass", "exc.b": "reset", "exc.c": "fail",
             "db.d": "differ", "db.e": "hang", "db.f": "differ", "new": "fail"}
    assert changes.of(before, after) == {
        "mended": ["exc.a", "db.d"], "broke": ["exc.b"],
        "newly run, and bad": ["exc.c"]}
    tally = changes.Tally()
    tally.add(before, after)
    tally.add(before, {**after, "exc.a": "fail"})
    assert list(tally.lines()) == [
        ("db", "mended", 1, 2, "db.d"), ("exc", "broke", 1, 2, "exc.b"),
        ("exc", "mended", 1, 1, "exc.a"),
        ("exc", "newly run, and bad", 1, 2, "exc.c")]
