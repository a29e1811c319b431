# SPDX-License-Identifier: MIT
"""Where this machine keeps firmware and fonts: what scripts/places says."""

import functools
import os
import subprocess

from . import platforms

_SCRIPT = os.path.join(os.path.dirname(__file__), "..", "places")
# What is called as Debian has it: a name of scripts/places, and which file.
_DEBIAN = {platforms.OVMF_CODE: ("ovmf", 0), platforms.OVMF_VARS: ("ovmf", 1),
           platforms.OVMF_WHOLE: ("ovmf-whole", 0),
           platforms.UBOOT: ("uboot", 0)}


@functools.cache
def find(name):
    """The files of that name, or none."""
    done = subprocess.run([_SCRIPT, name], text=True, check=False,
                          stdout=subprocess.PIPE)
    return done.stdout.split()


def here(path):
    """Where a file of Debian's is on this machine; the path itself where it
    is nowhere: whoever opens it says so."""
    if path not in _DEBIAN:
        return path
    name, which = _DEBIAN[path]
    found = find(name)
    return found[which] if found else path
