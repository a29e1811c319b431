# SPDX-License-Identifier: MIT
"""The directory of one run, locked while the run lasts."""

import fcntl
import os
import shutil

LOCK = ".lock"


def name(platform, model, suite="", tail=""):
    """What a run on such a machine is called, in build/run and elsewhere."""
    return f"{platform}-{model}{tail}" + (f"@{suite}" if suite else "")


def claim(parent, wanted):
    """Return (path, lock) of an empty directory parent/wanted, or of the
    first of wanted.2, wanted.3, ... that no other run holds.  The lock is held
    until the file object is closed."""
    count = 1
    while True:
        path = os.path.join(
            parent, wanted if count == 1 else f"{wanted}.{count}")
        os.makedirs(path, exist_ok=True)
        lock = open(os.path.join(path, LOCK), "w", encoding="ascii")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            count += 1
            continue
        for entry in os.scandir(path):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            elif entry.name != LOCK:
                os.unlink(entry.path)
        return path, lock
