#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""A labgrid lab over loopback: a coordinator, two exporters and the bench.

Labgrid's own processes, as the installed version has them.  By hand,
`lab.py DIRECTORY` runs one until it is stopped, and names its ENV.yaml.
"""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from typing import NamedTuple

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../scripts"))
sys.path.insert(0, os.path.dirname(__file__))

from ringside import child, disk  # noqa: E402
import bench  # noqa: E402

SECONDS = 60    # for a process of labgrid's to be there
POLL_SECONDS = 0.2
HERE = os.path.dirname(os.path.abspath(__file__))
# How the image comes into a machine: it is there already, and streams its
# journal; the stick is a file that scripts/fleet knows; labgrid writes it.
THERE, FILE, STICK = "there", "file", "stick"


class Where(NamedTuple):
    exporter: str
    model: str
    medium: str
    fault: str = ""


PLACES = {
    "haswell": Where("east", "Haswell", THERE),
    "epyc": Where("west", "EPYC", STICK),
    "refuses": Where("west", "Haswell", FILE, bench.REFUSES_ONCE),
}


def over_grpc():
    """Since version 24 labgrid's processes need no router."""
    from labgrid.remote import client
    return not hasattr(client, "ApplicationSession")


class Lab:
    """Started by `with`; nothing of it is left behind."""

    def __init__(self, folder, efi, args="", places=None, held=()):
        self.folder, self.efi, self.args = str(folder), efi, args
        self.places, self.held = places or PLACES, held
        self.log = os.path.join(self.folder, "lab.log")
        self.variables = {}
        self.machines = {}

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self._start(stack)
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self.stack.close()

    def _process(self, stack, *argv, **variables):
        process = child.start([sys.executable, "-u", *argv], self.folder,
                              self.log, env={**self.variables, **variables})
        stack.callback(child.stop, process)
        return process

    def _until(self, what, process):
        end = time.monotonic() + SECONDS
        while not (found := what()):
            if process.poll() is not None or time.monotonic() > end:
                with open(self.log, encoding="utf-8") as log:
                    raise RuntimeError("the lab does not start:\n"
                                       + log.read()[-2000:])
            time.sleep(POLL_SECONDS)
        return found

    def _logged(self, words):
        with open(self.log, encoding="utf-8") as log:
            return re.search(words, log.read(), re.M)

    def _coordinator(self, stack):
        if over_grpc():
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            self.address = f"127.0.0.1:{port}"
            self.variables["LG_COORDINATOR"] = self.address
            process = self._process(stack, "-m", "labgrid.remote.coordinator",
                                    "-l", self.address)
            self._until(lambda: self.client("places", check=False), process)
            return
        router = self._process(stack, os.path.join(HERE, "wamp.py"))
        port = self._until(lambda: self._logged(r"^(\d+)$"), router)[1]
        self.address = f"ws://127.0.0.1:{port}/ws"
        self.variables["LG_CROSSBAR"] = self.address
        process = self._process(stack, "-m", "labgrid.remote.coordinator",
                                WS=self.address)
        self._until(lambda: self._logged("^Coordinator ready"), process)

    def _start(self, stack):
        for name, where in self.places.items():
            machine = bench.Machine(self.folder, name, where.model,
                                    where.fault)
            stack.callback(machine.close)
            self.machines[name] = machine
            if where.medium == THERE:
                disk.write(disk.stick(machine.stick, self.efi),
                           "RINGSIDE/ringside.cfg",
                           f"--batch --stream {self.args}\n".encode())
        self.switches = bench.Switches(self.machines.values())
        stack.callback(self.switches.server_close)
        stack.callback(self.switches.shutdown)
        self._coordinator(stack)
        for exporter in {where.exporter for where in self.places.values()}:
            self._exporter(stack, exporter)
        for name, where in self.places.items():
            self.client("-p", name, "create")
            self.client("-p", name, "add-match",
                        f"{where.exporter}/{name}/*")
        for name in self.held:
            self.client("-p", name, "acquire", LG_USERNAME="somebody")
        self.env = self.environment(self.places)

    def _exporter(self, stack, name):
        path = os.path.join(self.folder, name + ".yaml")
        with open(path, "w", encoding="utf-8") as out:
            for place, where in self.places.items():
                if where.exporter != name:
                    continue
                last = place
                machine = self.machines[place]
                out.write(f"{place}:\n"
                          "  NetworkSerialPort:\n"
                          "    host: 127.0.0.1\n"
                          f"    port: {machine.port}\n"
                          "    protocol: raw\n"
                          "  NetworkPowerPort:\n"
                          "    model: rest\n"
                          f"    host: '{self.switches.url(place)}'\n"
                          "    index: 0\n")
                if where.medium == STICK:
                    out.write(f"  LabStick:\n    path: {machine.stick}\n")
        process = self._process(stack, "-m", "labgrid.remote.exporter", "-n",
                                name, "--hostname", "127.0.0.1", path)
        self._until(lambda: f"{name}/{last}/NetworkPowerPort"
                    in self.client("resources", check=False), process)

    def environment(self, names):
        """Writes the ENV.yaml of these places; returns its path."""
        option = "coordinator_address" if over_grpc() else "crossbar_url"
        lines = ["targets:"]
        for name in names:
            where = self.places[name]
            lines += [f"  {name}:", "    resources:",
                      f"      RemotePlace: {{name: {name}}}", "    drivers:",
                      "      NetworkPowerDriver: {delay: 0.0}",
                      "      SerialDriver: {}"]
            if where.medium == STICK:
                lines += ["      LabStickDriver: {}", "      LabMuxDriver: {}"]
            elif where.medium == FILE:
                lines += ["    options:",
                          f"      stick: {self.machines[name].stick}"]
        lines += ["options:", f"  {option}: {self.address}", "imports:",
                  f"  - {HERE}/labstick.py"]
        path = os.path.join(self.folder, "-".join(names) + ".env.yaml")
        with open(path, "w", encoding="utf-8") as out:
            out.write("\n".join(lines) + "\n")
        return path

    def client(self, *words, check=True, **variables):
        """What labgrid's client says."""
        done = subprocess.run(
            [sys.executable, "-m", "labgrid.remote.client", *words],
            capture_output=True, text=True, check=False, timeout=SECONDS,
            env=dict(os.environ, **self.variables, **variables))
        if check and done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
        return "" if done.returncode else done.stdout + "\n"


if __name__ == "__main__":
    child.raise_on_signals()
    os.makedirs(sys.argv[1], exist_ok=True)
    with contextlib.suppress(child.Interrupted), Lab(
            os.path.abspath(sys.argv[1]),
            os.path.join(HERE, "../../build/BOOTX64.EFI")) as lab:
        print(f"scripts/fleet {lab.env}", flush=True)
        signal.pause()
