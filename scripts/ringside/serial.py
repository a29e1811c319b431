# SPDX-License-Identifier: MIT
"""The serial line of a run: read while it grows, shown to people, and taken
apart afterwards.

Firmware consoles speak to a terminal here, with cursor movements; the core
writes plain lines.  Both end up as plain text.
"""

import base64
import os
import re

# A cursor set to the first column begins a line; other sequences are noise.
_TO_COLUMN_1 = re.compile(r"\x1b\[\d*(?:;0*1)?H")
_SEQUENCE = re.compile(
    r"\x1b(?:\[[0-9;=?]*[ -/]*[@-~]|[()][0-9A-Za-z]|[ -/0-~])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_BLANKS = re.compile(r"\n{3,}")

# The journal as the core writes it to the serial line or to an emulator's
# debug port (handlers/screen/transcript.h); build/host/ringside-report reads
# it.
JOURNAL = "JOURNAL "
JOURNAL_BEGIN = JOURNAL + "0 "
JOURNAL_END = JOURNAL + "END "
_RISK = re.compile(r"RINGSIDE-RISK (\S+)")
# U-Boot's, with nothing booted.
PROMPT = "=> "
_INJECT = re.compile(r"RINGSIDE-INJECT (\w+) (\d+)")


def decoded(word):
    """The bytes in a line of the journal, as far as they are some."""
    try:
        return base64.b64decode(word + b"=" * (-len(word) % 4))
    except ValueError:
        return b""


def clean(data):
    """Bytes of a serial line as plain text."""
    text = data.decode(errors="replace")
    text = _TO_COLUMN_1.sub("\n", text)
    text = _CONTROL.sub("", _SEQUENCE.sub("", text))
    return _BLANKS.sub("\n\n", text)


def injection(line):
    """The (verb, number) that a line asks for, or None."""
    found = _INJECT.search(line)
    return (found[1], int(found[2])) if found else None


def risk(line):
    """The check that a line announces as risky, "" for one that is over, or
    None for any other line."""
    found = _RISK.search(line)
    return found and (found[1] if found[1] != "over" else "")


class Tail:
    """Complete lines of a file that an emulator is writing."""

    def __init__(self, path):
        self._path = path
        self._at = 0
        self._inode = None
        self._bytes = b""

    def lines(self, last=False):
        """The lines that were completed since the last call, cleaned; with
        last=True an unfinished one too."""
        try:
            with open(self._path, "rb") as log:
                inode = os.fstat(log.fileno()).st_ino
                if inode != self._inode:  # the emulator was started anew
                    self._inode, self._at = inode, 0
                log.seek(self._at)
                new = log.read()
        except FileNotFoundError:
            new = b""
        self._at += len(new)
        self._bytes += new
        whole, cut, rest = self._bytes.rpartition(b"\n")
        if last:
            whole, cut, rest = self._bytes, b"\n", b""
        self._bytes = rest
        return clean(whole).split("\n") if cut else []

    def prompt(self):
        """Where a firmware's prompt is all there is behind the last line, or
        None."""
        return self._at if clean(self._bytes) == PROMPT else None


def read(path):
    """All of a serial log as plain text."""
    if not os.path.exists(path):
        return ""
    with open(path, "rb") as log:
        return clean(log.read())
