# SPDX-License-Identifier: MIT
"""Fetch the report of a finished run into its directory.

Boot B writes the report to the disk's \\RINGSIDE; where there is no second
boot, the core sends its journal over the serial line and the host program
renders it here.
"""

import json
import os
import struct
import subprocess

from . import disk, serial

NAMES = ("report.txt", "report.json", "report.ktap")
HOST_PROGRAM = "host/ringside-report"
RENDER_SECONDS = 60
COMPLETE, INCOMPLETE = 0, 1  # its exit status; anything else is an error

HEADER_SIZE_AT = 20      # offset of size in struct journal_header
JOURNAL_MAX = 64 << 20   # no journal is larger


class NoReport(Exception):
    """The run has left no report; the text says why."""


def _from_journal(text, rundir, build):
    data = serial.journal(text)
    # The line carries what is used of it; the header knows the whole size.
    whole = struct.unpack_from("<I", data, HEADER_SIZE_AT)[0]
    data += bytes(max(0, min(whole, JOURNAL_MAX) - len(data)))
    journal = os.path.join(rundir, "journal.bin")
    with open(journal, "wb") as out:
        out.write(data)
    program = os.path.join(build, HOST_PROGRAM)
    for name in NAMES:
        kind = name.rpartition(".")[2]
        try:
            done = subprocess.run([program, f"--{kind}", journal],
                                  capture_output=True, check=False,
                                  timeout=RENDER_SECONDS)
        except FileNotFoundError:
            raise NoReport(f"{program} is not built") from None
        if done.returncode not in (COMPLETE, INCOMPLETE):
            words = done.stderr.decode(errors="replace").strip()
            raise NoReport(f"{program}: {words}")
        with open(os.path.join(rundir, name), "wb") as out:
            out.write(done.stdout)


def _from_volume(volume, rundir):
    for name in NAMES:
        data = disk.read(volume, f"RINGSIDE/{name}")
        if data is None:
            raise NoReport(f"the image wrote no {name}")
        with open(os.path.join(rundir, name), "wb") as out:
            out.write(data)


def fetch(outcome, rundir, build):
    """Leave the three files in rundir and return report.json, parsed."""
    if "JOURNAL BEGIN" in outcome.serial:
        try:
            _from_journal(outcome.serial, rundir, build)
        except serial.JournalError as why:
            raise NoReport(str(why)) from None
    else:
        _from_volume(outcome.volume, rundir)
    with open(os.path.join(rundir, "report.json"), "rb") as file:
        try:
            return json.load(file)
        except ValueError as why:
            raise NoReport(f"report.json is not JSON: {why}") from None
