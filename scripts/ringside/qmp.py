# SPDX-License-Identifier: MIT
"""A QMP client: JSON lines over a socket that is already connected."""

import json
import select

from .progress import Age

ANSWER_SECONDS = 20     # that the emulator had
POLL_SECONDS = 1


class QmpError(Exception):
    """The emulator refused a command, or went away."""


class Qmp:
    """One session.  Events that arrive while a command waits for its answer
    are kept for events()."""

    def __init__(self, sock, pid):
        self._sock, self._pid = sock, pid
        self._bytes = b""
        self._events = []
        self._greeted = False

    def _messages(self, seconds):
        """What arrives within so many seconds, at least one chunk of it."""
        if not select.select([self._sock], [], [], max(seconds, 0))[0]:
            return
        try:
            chunk = self._sock.recv(65536)
        except ConnectionError:
            chunk = b""
        if not chunk:
            raise QmpError("the emulator closed its monitor")
        self._bytes += chunk
        *lines, self._bytes = self._bytes.split(b"\n")
        for line in lines:
            if line.strip():
                yield json.loads(line)

    def events(self):
        """Events since the last call, oldest first; does not wait."""
        try:
            for message in self._messages(0):
                if "event" in message:
                    self._events.append(message)
        except QmpError:
            pass
        found, self._events = self._events, []
        return found

    def command(self, name, **arguments):
        """Run one command and return its answer."""
        if not self._greeted:
            self._greeted = True
            self.command("qmp_capabilities")
        try:
            self._sock.sendall(json.dumps(
                {"execute": name, "arguments": arguments}).encode())
        except OSError as why:
            raise QmpError(str(why)) from None
        age = Age()
        answer = None
        while answer is None:
            if age.of(self._pid) > ANSWER_SECONDS:
                raise QmpError(f"{name}: no answer in {ANSWER_SECONDS} s")
            for message in self._messages(POLL_SECONDS):
                if "event" in message:
                    self._events.append(message)
                elif "return" in message or "error" in message:
                    answer = message
        if "error" in answer:
            raise QmpError(f"{name}: {answer['error']['desc']}")
        return answer["return"]

    def human(self, line):
        """Run one command of the human monitor; returns what it printed."""
        return self.command("human-monitor-command",
                            **{"command-line": line}).strip()
