# SPDX-License-Identifier: MIT
"""A firmware at its prompt, and what is typed there."""

import os
import socket
import sys
import time

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
sys.path.insert(0, os.path.join(TOP, "scripts"))

from ringside import plug, serial, uboot  # noqa: E402  pylint: disable=C0413

SAYS = uboot.NEEDS + b"\r\nHit any key to stop autoboot:  2 "
TRIES = uboot.TRIES + b" in all bootdevs\r\n(0 bootflows, 0 valid)\r\n=> "
SECONDS = 60    # only so that a test ends


@pytest.fixture(name="typed")
def keyboard():
    return []


@pytest.fixture(name="typist")
def typist_of(typed):
    return uboot.Typist(typed.append)


def test_boots_a_disk_it_would_not_find(typist, typed):
    for at in range(len(SAYS)):     # in pieces of one byte
        typist.listen(SAYS[at:at + 1])
    assert typed == [uboot.ANY_KEY]
    typist.listen(b"0 \r\n=> ")
    assert typist.answers()
    assert typed == [uboot.ANY_KEY, uboot.BOOT]
    typist.listen(SAYS + TRIES)     # nothing came of it
    assert not typist.answers()
    assert len(typed) == 2


def test_leaves_a_u_boot_alone_that_says_nothing_of_the_kind(typist, typed):
    typist.listen(b"U-Boot 2023.01\r\n" + TRIES)
    assert not typist.answers()
    assert not typed


def test_a_key_that_comes_too_late_begins_anew(typist, typed):
    """UEFI has refused to begin by then, for good."""
    for _ in range(2):
        typist.listen(SAYS + TRIES)
        assert typist.answers()
        typist.listen(b"\r\n=> ")   # the key itself
        assert typist.answers()
    typist.listen(b"\r\nU-Boot 2025.01\r\n" + SAYS + b"\r\n=> ")
    assert typist.answers()
    assert typed == [uboot.ANY_KEY, uboot.RESET] * 2 \
        + [uboot.ANY_KEY, uboot.BOOT]


def test_not_for_ever(typist, typed):
    for _ in range(uboot.RESETS_MAX):
        typist.listen(SAYS + TRIES)
        assert typist.answers()
    typist.listen(SAYS + TRIES)
    assert not typist.answers()
    assert typed.count(uboot.RESET) == uboot.RESETS_MAX


def test_a_prompt_is_the_last_thing_said(tmp_path):
    path = tmp_path / "serial.log"
    line = serial.Tail(path)
    seen = []
    for text in ("(0 bootflows)\r\n", "=>", " ", "boot\r\n", "a => ", "\n=> ",
                 "\x1b[?25h"):
        with open(path, "ab") as log:
            log.write(text.encode())
        line.lines()
        seen.append(line.prompt() is not None)
    assert seen == [False, False, True, False, False, True, True]


@pytest.fixture(name="line")
def plugged(tmp_path):
    line = plug.Plug(tmp_path / "serial.log")
    yield line
    line.close()


def connected(line):
    host, port = line.address.split(":")
    emulator = socket.create_connection((host, int(port)), SECONDS)
    line.take()
    return emulator


def until_all(line, tmp_path, count):
    end = time.monotonic() + SECONDS
    while (tmp_path / "serial.log").stat().st_size < count:
        assert time.monotonic() < end
        line.take()


def test_nothing_is_lost_while_nobody_reads(line, tmp_path):
    text = bytes(range(256)) * 256
    with connected(line) as emulator:
        emulator.sendall(text)
        until_all(line, tmp_path, len(text))
    assert (tmp_path / "serial.log").read_bytes() == text


def test_types(line):
    line.take()                     # before it is there
    with connected(line) as emulator:
        line.type("boot\n")
        assert emulator.recv(9) == b"boot\n"


def test_what_was_said_before_the_end_is_kept(line, tmp_path):
    for number in (b"1", b"2"):     # each time it is started
        emulator = connected(line)
        emulator.sendall(number)
        emulator.close()
        line.pull()
    assert (tmp_path / "serial.log").read_bytes() == b"12"
