# SPDX-License-Identifier: MIT
"""Whole runs for the tests of this directory.

A test names the runs that it looks at:  @on("usb")  def test_x(run).  Each
run of RUNS is booted once, however many tests look at it: all tests of a run
go to the same worker of pytest-xdist (--dist loadgroup) and share it there.
"""

import json
import os
import subprocess
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
BUILD = os.environ.get("RINGSIDE_BUILD", os.path.join(TOP, "build"))
sys.path.insert(0, os.path.join(TOP, "scripts"))
sys.path.insert(0, os.path.dirname(__file__))

from ringside import (  # noqa: E402  pylint: disable=C0413
    NOT_HERE, NOT_LOOKED_AT, child, known, knownfiles, platforms, serial,
    suites)
from runs import MACHINES, RUNS  # noqa: E402  pylint: disable=C0413

KNOWN = os.path.join(TOP, "tests/known")
LIMIT = 3600  # seconds, if scripts/run itself hangs: it ends each run


class Run:
    """One finished run of scripts/run."""

    def __init__(self, name, words):
        self.name = name
        self.dir = os.path.join(BUILD, "run", "test-" + name)
        self.screenshot = os.path.join(self.dir, "screen.png")
        words = [word.replace("SCREENSHOT", self.screenshot)
                 for word in words]
        done = subprocess.run(
            [sys.executable, "-B", os.path.join(TOP, "scripts/run"),
             "--build", BUILD,
             "--name", "test-" + name, *words],
            capture_output=True, text=True, check=False, timeout=LIMIT,
            preexec_fn=child.end_with_parent)
        self.status = done.returncode
        self.out, self.err = done.stdout, done.stderr
        self.verdict = (done.stdout + done.stderr).strip().split("\n")[-1]
        self.serial = serial.read(os.path.join(self.dir, "serial.log"))
        self._report = None
        self._failed = False
        if os.path.exists(self.path("report.json")):
            self._report = json.loads(self.text("report.json"))

    @property
    def report(self):
        """report.json; a run that left none fails the test that asks first,
        and no other."""
        if self._report is None:
            self.fail()
        return self._report

    def fail(self):
        """End this test: as failed, the first time."""
        if self._failed:
            pytest.skip(NOT_LOOKED_AT + self.verdict)
        self._failed = True
        pytest.fail(f"{self.name}: {self.verdict}", pytrace=False)

    def path(self, name):
        return os.path.join(self.dir, name)

    def text(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def checks(self, prefix=""):
        """{id: verdict} of the checks whose id begins so."""
        return {check["id"]: check["verdict"]
                for check in self.report["checks"]
                if check["id"].startswith(prefix)}

    def machine(self):
        return known.Machine.of(self.report)

    def known(self):
        """(the knownfiles.Known to hold this run against, whether it judges
        or only tells news)."""
        machine = self.machine()
        one = knownfiles.nearest(KNOWN, machine)
        assert one, f"nothing is known of {machine.name}"
        return one, one.judges(machine)

    def differences(self):
        """What is not as tests/known/ has it, of the checks that this run
        has; one line each."""
        ids, (before, _) = self.checks(), self.known()
        return known.compare(
            self.report, {name: row for name, row in before.rows.items()
                          if name in ids})

    def assert_delivered(self):
        """The run completed and came home, as scripts/run sees it."""
        if self.status:
            self.fail()
        assert "run: complete" in self.verdict
        assert self.report["run"]["complete"]


_finished = {}


@pytest.fixture
def run(request):
    """The run that the test's @on names.  A machine's must have completed
    before anything else is asked of it."""
    name = request.param
    if name in MACHINES:
        try:
            suites.named(BUILD, platforms.TESTED[name].suite)
        except suites.NoSuite as why:
            pytest.skip(NOT_HERE + str(why))
    if name not in _finished:
        _finished[name] = Run(name, RUNS[name])
    if name in MACHINES and _finished[name].status:
        _finished[name].fail()
    return _finished[name]


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the groups in its own
def pytest_collection_modifyitems(items):
    """Keep the tests of one run on one worker, and begin with the runs that
    take longest."""
    def of_run(item):
        spec = getattr(item, "callspec", None)
        name = spec.params.get("run") if spec else None
        return name if name in RUNS else None  # of @on() there is none

    order = list(RUNS)
    items.sort(key=lambda item: order.index(of_run(item))
               if of_run(item) else len(order))
    for item in items:
        if of_run(item):
            item.add_marker(pytest.mark.xdist_group(of_run(item)))
