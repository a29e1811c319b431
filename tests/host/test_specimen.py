# SPDX-License-Identifier: MIT
"""Why a specimen does not build, in the words of each linker."""

import os
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
sys.path.insert(0, os.path.join(TOP, "scripts"))

from ringside.specimen import (  # noqa: E402  pylint: disable=C0413
    why_not_linked)

LD = "ld: build/specimens/tinyos/entry.o: in function `tinyos_int80':\n"


@pytest.mark.parametrize("said, place, symbol", [
    (LD + "tinyos/entry.S:21: undefined reference to `work'",
     "tinyos/entry.S:21", "work"),
    # binutils 2.44
    (LD + "tinyos/entry.S:21:(.text.under_test+0x3a): undefined reference to "
     "`work'", "tinyos/entry.S:21", "work"),
    ("ld: build/specimens.o:(.rodata+0xf8): undefined reference to "
     "`tinyos_nmi'", "build/specimens.o", "tinyos_nmi"),
    # 2.47
    ("/usr/bin/x86_64-linux-gnu-ld.bfd: build/specimens.o:(.rodata+0xf8): "
     "undefined reference to `tinyos_nmi'", "build/specimens.o",
     "tinyos_nmi"),
])
def test_undefined(said, place, symbol):
    assert why_not_linked(said) == (place, symbol)
