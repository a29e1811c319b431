# SPDX-License-Identifier: MIT
"""A serial line that an emulator connects to, as a file that grows: for those
which can only write to a file, and where something has to be typed as well."""

import socket

HOST = "127.0.0.1"
CHUNK = 1 << 16


class Plug:
    """Bytes wait in the kernel, and in the emulator behind that, until they
    are taken: a terminal's are lost when nobody reads in time."""

    def __init__(self, path):
        self._path = path
        self._listener = socket.create_server((HOST, 0))
        self._listener.setblocking(False)
        self._line = None

    @property
    def address(self):
        """host:port"""
        return "{}:{}".format(*self._listener.getsockname())

    def take(self):
        """Appends what has come to the file, and returns it."""
        came = b""
        try:
            if not self._line:
                self._line = self._listener.accept()[0]
                self._line.setblocking(False)
            with open(self._path, "ab") as log:
                while new := self._line.recv(CHUNK):
                    log.write(new)
                    came += new
        except (BlockingIOError, ConnectionResetError):
            pass  # no more for now, or no more at all
        return came

    def type(self, text):
        self._line.sendall(text.encode())

    def pull(self):
        """The emulator is gone; another may connect."""
        self.take()
        if self._line:
            self._line.close()
        self._line = None

    def close(self):
        self.pull()
        self._listener.close()
