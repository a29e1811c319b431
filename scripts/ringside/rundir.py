# SPDX-License-Identifier: MIT
"""The directory of one run, locked while the run lasts."""

import fcntl
import os
import shutil

LOCK = ".lock"


def claim(parent, name):
    """Return (path, lock) of an empty directory parent/name, or of the first
    of name.2, name.3, ... that no other run holds.  The lock is held until
    the file object is closed."""
    count = 1
    while True:
        path = os.path.join(parent, name if count == 1 else f"{name}.{count}")
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
