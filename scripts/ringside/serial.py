# SPDX-License-Identifier: MIT
"""The serial line of a run: read while it grows, shown to people, and taken
apart afterwards.

Firmware consoles speak to a terminal here, with cursor movements; the core
writes plain lines.  Both end up as plain text.
"""

import os
import re
import zlib

# A cursor set to the first column begins a line; other sequences are noise.
_TO_COLUMN_1 = re.compile(r"\x1b\[\d*(?:;0*1)?H")
_SEQUENCE = re.compile(r"\x1b(?:\[[0-9;=?]*[ -/]*[@-~]|[()][0-9A-Za-z]|[ -/0-~])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_BLANKS = re.compile(r"\n{3,}")

JOURNAL_WORD = "JOURNAL "
_BEGIN = re.compile(r"JOURNAL BEGIN (\d+)")
_END = re.compile(r"JOURNAL END ([0-9A-Fa-f]{8})")
_INJECT = re.compile(r"RINGSIDE-INJECT (\w+) (\d+)")


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


def journal_ended(line):
    return _END.match(line) is not None


class JournalError(ValueError):
    """There is no journal on the serial line, or a damaged one."""


def journal(text):
    """The journal that the image wrote to the serial line, as bytes."""
    size, chunks, ended = None, [], None
    for line in text.split("\n"):
        line = line.strip()
        if found := _BEGIN.match(line):
            size, chunks, ended = int(found[1]), [], None
        elif found := _END.match(line):
            ended = int(found[1], 16)
        elif line.startswith(JOURNAL_WORD) and size is not None:
            chunks.append(line[len(JOURNAL_WORD):])
    if size is None:
        raise JournalError("no journal came over the serial line")
    if ended is None:
        raise JournalError("the journal on the serial line stops half way")
    try:
        data = bytes.fromhex("".join(chunks))
    except ValueError:
        raise JournalError("the journal on the serial line is garbled") \
            from None
    if len(data) != size or zlib.crc32(data) != ended:
        raise JournalError("the journal on the serial line is damaged")
    return data


class Tail:
    """Complete lines of a file that an emulator is writing."""

    def __init__(self, path):
        self._path = path
        self._at = 0
        self._bytes = b""

    def lines(self, last=False):
        """The lines that were completed since the last call, cleaned; with
        last=True an unfinished one too."""
        try:
            with open(self._path, "rb") as log:
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


def read(path):
    """All of a serial log as plain text."""
    if not os.path.exists(path):
        return ""
    with open(path, "rb") as log:
        return clean(log.read())
