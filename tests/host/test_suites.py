# SPDX-License-Identifier: MIT
"""What of a Debian suite is run, and how."""

import os
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
sys.path.insert(0, os.path.join(TOP, "scripts"))

from ringside import platforms, suites  # noqa: E402  pylint: disable=C0413


def test_the_machine_s_own_is_as_it_is():
    own = suites.named("/nowhere", "")
    assert own.command(suites.QEMU) == (["qemu-system-x86_64"], {})
    assert own.path("/usr/share/x") == "/usr/share/x"


def test_another_one_is_run_by_its_own_loader(tmp_path):
    root = tmp_path / "suites/sid"
    root.mkdir(parents=True)
    sid = suites.named(tmp_path, "sid")
    for program in suites.SHOWN:
        words, variables = sid.command(program)
        places = [word for word in (*words, *variables.values())
                  if "/" in word]
        assert os.path.basename(words[0]).startswith("ld-linux")
        assert str(root / "usr/bin" / program) in words
        # Nothing of the machine's is shown to it.
        assert [place for word in places for place in word.split(":")
                if not place.startswith(f"{root}/")] == []
    for platform in platforms.PLATFORMS.values():
        assert sid.path(platform.rom) == f"{root}{platform.rom}"


def test_its_packages_have_versions(tmp_path):
    (tmp_path / "suites/sid").mkdir(parents=True)
    sid = suites.named(tmp_path, "sid")
    assert sid.package("ovmf") == ""
    (tmp_path / "suites/sid/packages").write_text(
        "ovmf-tools_1_all.deb\novmf_1%3a2026.08+ds-2_all.deb\n")
    assert sid.package("ovmf") == "1:2026.08+ds-2"


@pytest.mark.parametrize("name", ["sid", "..", "../suites", "/"])
def test_what_was_not_unpacked_is_named(tmp_path, name):
    (tmp_path / "suites").mkdir()
    with pytest.raises(suites.NoSuite, match="scripts/setup --suite"):
        suites.named(tmp_path, name)
