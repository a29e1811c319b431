# SPDX-License-Identifier: MIT
"""Fetch the report of a finished run into its directory.

Boot B writes the report to the disk's \\RINGSIDE; where there is no second
boot, the core sends its journal over the serial line or a debug port, and the
host program renders it here, as far as it goes.  So it does with what was
found in the memory of a machine that was ended from outside (memory.py).
"""

import json
import os
import re
import subprocess

from . import disk, identity, memory, serial
from .machine import DEBUG_LOG, SERIAL_LOG

# The files, and the host program's option for each.
NAMES = {"report.txt": "--text", "report.json": "--json",
         "report.ktap": "--ktap"}
HOST_PROGRAM = "host/ringside-report"
RENDER_SECONDS = 60
LIVE = "live"       # run.source of a report that came over a line
COMPLETE, INCOMPLETE = 0, 1  # its exit status; anything else is an error

# What the image says on the console when there will be no report files.
_REASONS = (re.compile(r"^The report could not .*", re.MULTILINE),
            re.compile(r"^ringside(?:: | cannot ).*", re.MULTILINE))


class NoReport(Exception):
    """The run has left no report; the text says why."""


def reason(said):
    """Why the image did not do what it was asked to, in its words, or None."""
    for pattern in _REASONS:
        if found := pattern.search(said):
            return found[0]
    return None


def capture(rundir):
    """The log that a journal was written to, or None."""
    for name in (DEBUG_LOG, SERIAL_LOG):
        path = os.path.join(rundir, name)
        if not os.path.exists(path):
            continue
        with open(path, "rb") as file:
            text = file.read()
        if ("\n" + serial.JOURNAL_BEGIN).encode() in text:
            return path
    return None


def made_of(log, option, build, good=(COMPLETE, INCOMPLETE)):
    """What the host program makes of a log that holds a journal."""
    program = os.path.join(build, HOST_PROGRAM)
    try:
        done = subprocess.run([program, option, log], capture_output=True,
                              check=False, timeout=RENDER_SECONDS)
    except FileNotFoundError:
        raise NoReport(f"{program} is not built") from None
    if done.returncode not in good:
        words = done.stderr.decode(errors="replace").strip()
        raise NoReport(words or f"{program} cannot read {log}")
    return done.stdout


def whole(log, build):
    """Has all of the journal come over the line, by its CRC?"""
    try:
        made_of(log, "--whole", build, (COMPLETE,))
    except NoReport:
        return False
    return True


def _from_journal(log, rundir, build):
    for name, option in NAMES.items():
        with open(os.path.join(rundir, name), "wb") as out:
            out.write(made_of(log, option, build))


def so_far(rundir, build):
    """Leave the files of a run that somebody has ended, as far as it has come.
    Returns whether there are any."""
    log = capture(rundir)
    try:
        if log:
            _from_journal(log, rundir, build)
    except NoReport:
        return False
    return bool(log)


def _from_volume(outcome, rundir):
    for name in NAMES:
        data = disk.read(outcome.volume, f"RINGSIDE/{name}")
        if data is None:
            raise NoReport(reason(outcome.serial)
                           or f"no {name} was written")
        with open(os.path.join(rundir, name), "wb") as out:
            out.write(data)


def _on_volume(outcome):
    return all(disk.read(outcome.volume, f"RINGSIDE/{name}") is not None
               for name in NAMES)


def fetch(outcome, rundir, build):
    """Leave the three files in rundir and return report.json, parsed."""
    log = capture(rundir)
    kept = os.path.join(rundir, memory.FILE)
    if not log and os.path.exists(kept) and not _on_volume(outcome):
        log = kept
    damaged = log and not whole(log, build)
    if log and not (damaged and _on_volume(outcome)):
        _from_journal(log, rundir, build)
    else:
        _from_volume(outcome, rundir)
    path = os.path.join(rundir, "report.json")
    with open(path, "rb") as file:
        text = file.read()
    try:
        text = identity.insert(text, outcome.platform)
        found = json.loads(text)
    except (ValueError, identity.NoPlace) as why:
        raise NoReport(f"report.json is not JSON: {why}") from None
    if damaged and found["run"]["source"] == LIVE \
            and found["run"]["complete"]:
        raise NoReport(f"the journal in {os.path.basename(log)} came damaged")
    with open(path, "wb") as file:
        file.write(text)
    return found
