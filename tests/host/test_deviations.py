# SPDX-License-Identifier: MIT
"""Which deviation came and went: counted on machines that both releases were
tried on, for a new machine brings what it alone has."""

import os
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "scripts"))

from ringside import deviations, knownfiles  # noqa: E402  pylint: disable=C0413

OLD, NEW = ({"a.b": ("fail", "seen", "an old one"),
             "c.d": ("differ", "seen", "one that stays")},
            {"c.d": ("differ", "seen", "one that stays"),
             "e.f": ("fail", "seen", "a new one"),
             "g.h": ("skip", "no such thing", "")})
ONLY_ELSEWHERE = {"a.b": ("fail", "seen", "an old one"),
                  "i.j": ("fail", "seen", "of a new machine")}


@pytest.fixture
def history(tmp_path):
    def known(version, rows):
        return knownfiles.Known("QEMU", version, rows)

    knownfiles.write(tmp_path, "qemu-x", {"7.2": known("7.2.22", OLD),
                                          "10.0": known("10.0.13", NEW)})
    knownfiles.write(tmp_path, "qemu-y", {"10.0": known("10.0.13",
                                                        ONLY_ELSEWHERE)})
    return deviations.History(tmp_path, "QEMU")


def test_what_changed(history):
    assert history.releases == ["7.2", "10.0"]
    assert history.changed("10.0", "7.2") == (["a new one"], ["an old one"])


@pytest.mark.parametrize("sentence, cells", [
    ("one that stays", ["1", "1"]), ("a new one", ["", "1"]),
    ("an old one", ["1", "1"]), ("of a new machine", ["?", "1"])])
def test_cells(history, sentence, cells):
    assert [history.cell(sentence, release)
            for release in history.releases] == cells
