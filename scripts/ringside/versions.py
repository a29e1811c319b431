# SPDX-License-Identifier: MIT
"""Versions of emulators.  `7.2.22` belongs to the release `7.2`, which is
what results are known of: a point release mends, and seldom changes what a
guest sees."""

import re

_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_RANGE = re.compile(r"(\d+(?:\.\d+)*)?\.\.(\d+(?:\.\d+)*)?$")


def key(version):
    """For sorting: "10.0" is behind "7.2"."""
    return tuple(int(part) for part in version.split("."))


def number(words):
    """The first version in the words of an emulator, "" where is none:
    `11.1.3` of `11.1.3 (Debian 1:11.1.3+ds-1)`."""
    found = _NUMBER.search(words)
    return found[0] if found else ""


def release(version):
    """The first two numbers of a version."""
    return ".".join(version.split(".")[:2])


def nearest(releases, wanted):
    """Of these releases the last that is not behind the wanted one, else the
    first of all; None of none."""
    ordered = sorted(releases, key=key)
    before = [one for one in ordered if key(one) <= key(wanted)]
    return before[-1] if before else ordered[0] if ordered else None


def parse_range(text):
    """(since, until) of `since..until`, None for an open side.  Raises
    ValueError."""
    found = _RANGE.match(text)
    if not found:
        raise ValueError(f"{text} is not a range of versions, since..until")
    since, until = found.groups()
    if since and until and key(since) > key(until):
        raise ValueError(f"{text} ends before it begins")
    return since, until


def within(bounds, version):
    """Whether the release of that version is in the range, both ends of it
    included."""
    since, until = bounds
    at = key(release(version))
    return (not since or key(release(since)) <= at) \
        and (not until or at <= key(release(until)))
