# SPDX-License-Identifier: MIT
"""Machines on a bench, with all that a lab has around one: a power switch to
be set over HTTP, a serial server, and a stick.  The machines are QEMUs.

labgrid sees the switch and the serial server as it would see real ones; what
may go wrong with these is what Machine's `fault` says.
"""

import http.server
import os
import queue
import shutil
import socket
import subprocess
import threading

from ringside import child, disk, platforms

REFUSES_ONCE = "the power switch does not answer the first time"
STAYS_OFF = "the switch does as if, and nothing has power"
DIES = "its line ends while the cases run"
DEATH = b"KTAP version"


class Machine:
    """A QEMU with its switch and its serial server."""

    def __init__(self, folder, name, model, fault=""):
        self.name, self.model, self.fault = name, model, fault
        self.stick = os.path.join(folder, name + ".img")
        self.variables = os.path.join(folder, name + ".fd")
        self.log = os.path.join(folder, name + ".log")
        self.process = self.client = None
        self.starts = 0
        with open(self.stick, "wb") as stick:
            stick.truncate(disk.STICK_SECTORS * disk.SECTOR)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            self.client = client

    def _hang_up(self):
        if self.client:
            self.client.close()
            self.client = None

    def _relay(self, process):
        """All that the machine says goes into a queue: QEMU drops what
        nobody takes from it at once."""
        said = queue.SimpleQueue()
        threading.Thread(target=self._send, args=[said, process],
                         daemon=True).start()
        while data := process.stdout.read1(4096):
            said.put(data)
        said.put(b"")

    def _send(self, said, process):
        last = b""      # it comes in pieces
        while data := said.get():
            last = last[-len(DEATH):] + data
            try:
                if self.client:
                    self.client.sendall(data)
            except OSError:
                self.client = None
            if self.fault == DIES and DEATH in last:
                self._hang_up()
                process.kill()

    def switch(self, on):
        """False where the switch does not answer."""
        if not on:
            self.off()
            return True
        self.starts += 1
        if self.fault == REFUSES_ONCE and self.starts == 1:
            return False
        if self.fault != STAYS_OFF and not self.process:
            self._start()
        return True

    def _start(self):
        started = threading.Event()
        threading.Thread(target=self._live, args=[started],
                         daemon=True).start()
        started.wait()

    def _live(self, started):
        """From start to end in one thread: with the thread that started it
        QEMU, too, would be ended."""
        platform = platforms.DEFAULT
        shutil.copyfile(platforms.OVMF_VARS, self.variables)
        flash = "if=pflash,format=raw"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["qemu-system-x86_64", "-nodefaults", "-display", "none",
                 "-net", "none", "-machine", "q35", "-m", "256",
                 "-cpu", platform.cpu(self.model), "-serial", "stdio",
                 "-vga", "std",
                 "-drive", f"{flash},unit=0,readonly=on,file={platform.rom}",
                 "-drive", f"{flash},unit=1,file={self.variables}",
                 "-drive", f"if=none,id=d0,format=raw,file={self.stick}",
                 "-device", "qemu-xhci",
                 "-device", "usb-storage,drive=d0,removable=on"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                start_new_session=True, preexec_fn=child.end_with_parent)
        started.set()
        self._relay(self.process)

    def off(self):
        if self.process:
            child.stop(self.process)
            self.process = None

    def close(self):
        self.off()
        self._hang_up()
        self.server.close()


class Switches(http.server.ThreadingHTTPServer):
    """PUT /NAME/0 with 0 or 1, as labgrid's model `rest` has it."""

    def __init__(self, machines):
        self.machines = {machine.name: machine for machine in machines}
        super().__init__(("127.0.0.1", 0), Request)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, name):
        return f"http://127.0.0.1:{self.server_address[1]}/{name}/{{index}}"


class Request(http.server.BaseHTTPRequestHandler):
    def do_PUT(self):  # pylint: disable=invalid-name
        machine = self.server.machines[self.path.split("/")[1]]
        value = self.rfile.read(int(self.headers["Content-Length"]))
        if machine.switch(value == b"1"):
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self.close_connection = True  # without a word

    def log_message(self, *_):
        pass
