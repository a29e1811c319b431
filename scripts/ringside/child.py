# SPDX-License-Identifier: MIT
"""Processes that never outlive the script that started them.

Each child leads a process group of its own, so that stopping it takes its
children along, and asks the kernel to be killed when the script dies: not
even a SIGKILL to the script leaves an emulator behind.
"""

import ctypes
import os
import signal
import subprocess

PR_SET_PDEATHSIG = 1  # <sys/prctl.h>
STOP_SECONDS = 3      # between SIGTERM and SIGKILL

_libc = ctypes.CDLL(None)


class Interrupted(Exception):
    """SIGINT, SIGTERM or SIGHUP arrived."""


def raise_on_signals():
    """Turn the signals that end a script into an exception, so that every
    `finally` on the way out is run.  Further ones are ignored meanwhile."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def on_signal(number, _frame):
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(signal.Signals(number).name)

    for each in signals:
        signal.signal(each, on_signal)


def _in_child():
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_DFL)
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def end_with_parent():
    """For preexec_fn: a child script is told to end when its parent dies,
    and then cleans up after itself."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def start(argv, cwd, log, pass_fds=(), env=None, said=None):
    """Start argv in cwd, its output appended to the file log, or what it
    prints to the file said."""
    with open(log, "ab") as errors, open(said or log, "ab") as out:
        return subprocess.Popen(
            argv, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=errors,
            start_new_session=True, preexec_fn=_in_child, pass_fds=pass_fds,
            env=dict(os.environ, **(env or {})))


def stop(process):
    """End a child and its group; returns when it is gone."""
    if process is None:
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            break
        os.killpg(process.pid, number)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    # Whatever it started itself is in its group and goes with it.
    kill(process)


def kill(process):
    """End a child and its group without asking."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
