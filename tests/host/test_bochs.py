# SPDX-License-Identifier: MIT
"""How Bochs is started."""

import os
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
sys.path.insert(0, os.path.join(TOP, "scripts"))

from ringside import bochs  # noqa: E402  pylint: disable=C0413

# --help, of 2.7 and from 3.0 on
OLDER = "  -rc filename     execute debugger commands stored in file\n"
NEWER = "  -debugger        start Bochs internal debugger on startup\n" + OLDER


@pytest.mark.parametrize("processors, said, words", [
    (1, NEWER, []),
    (2, NEWER, ["-debugger"]),
    (8, NEWER, ["-debugger"]),
    (4, OLDER, []),     # is in its debugger anyhow
])
def test_several_processors_run_in_the_debuggers_loop(processors, said, words):
    asked = []
    assert bochs.loop(processors, lambda *w: asked.append(w) or said) == words
    assert asked in ([], [("--help",)])
