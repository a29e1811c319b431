# SPDX-License-Identifier: MIT
"""A machine of which nothing is known but a command that boots a disk image
and gives its serial line."""

import os
import subprocess

import pytest
from conftest import BUILD, KNOWN, TOP
from ringside import emulator, known, knownfiles, report, serial, suites
from runs import on

# Nothing is asked of a command, so that these are left out.
NOBODY = "now skip (no run script listens on the serial line)"
UBOOT = "qemu-uboot-Haswell"    # what OWN_QEMU is


@on("own", "own-bochs")
def test_its_report_comes_over_the_line(run):
    run.assert_delivered()
    assert run.report["run"]["source"] == "live"
    assert "{disk}" in run.report["run"]["platform"]["extra"]
    assert run.report["run"]["platform"]["emulator"] == "own"
    for name in ("report.txt", "report.ktap", "report.html"):
        assert run.text(name)


@on("own-down")
def test_ends_resets_and_hangs(run):
    """As test_platforms.py has them where the run script knows the emulator;
    a reset has been seen three times."""
    run.assert_delivered()
    down = {name: verdict for name, verdict in run.checks().items()
            if verdict in ("hang", "reset")}
    assert down == {"cr4.pae-cleared": "reset", "cr4.reserved-15": "hang",
                    "cr3.bit-60": "hang", "cr0.pg-cleared": "reset",
                    "cr0.pg-without-pe": "reset"}
    assert run.out.count("it is started anew") == 3 * 3
    assert run.out.count("it is reset from outside") == 2


@on("own-killed")
def test_killed_at_random_nothing_is_false(run):
    run.assert_delivered()
    assert run.out.count("it is started anew") >= 3
    qemu = emulator.of("qemu", suites.OWN)
    machine = known.Machine(UBOOT, qemu.name, qemu.version)
    before = knownfiles.nearest(KNOWN, machine)
    ids = run.checks()
    differences = [line for line in known.compare(
        run.report, {name: row for name, row in before.rows.items()
                     if name in ids})
                   if known.LEFT_OUT not in line and NOBODY not in line]
    assert differences == [] or not before.judges(machine)
    assert not {"hang", "reset"} & set(ids.values())
    assert known.count(run.report) == knownfiles.load_counts(
        os.path.join(KNOWN, "counts.txt"))


def spoilt(lines, how):
    """A line of the journal in the middle is not as it was sent."""
    at = [n for n, line in enumerate(lines)
          if line.startswith(b"JOURNAL ")][20]
    lines = list(lines)
    if how == "mangled":
        lines[at] = lines[at][:30] + b"?" + lines[at][31:]
    elif how == "flipped":
        lines[at] = lines[at][:-3] + bytes([lines[at][-3] ^ 1]) \
            + lines[at][-2:]
    elif how == "lost":
        del lines[at]
    elif how == "truncated":
        lines[at] = lines[at][:-12]
    elif how == "interleaved":
        lines[at] = lines[at][:40] + b"kernel: hello" + lines[at][40:]
    elif how == "stops":
        del lines[at:]
    elif how == "end-lost":
        lines = [line for line in lines
                 if not line.startswith(serial.JOURNAL_END.encode())]
    return lines


@on("own")
@pytest.mark.parametrize("how", ["mangled", "flipped", "lost", "truncated",
                                 "interleaved", "stops", "end-lost"])
def test_no_report_is_made_of_less(run, how, tmp_path):
    """It may show what came, but that is no complete run."""
    with open(run.path("serial.log"), "rb") as file:
        lines = file.read().split(b"\n")
    log = tmp_path / "serial.log"
    log.write_bytes(b"\n".join(lines))
    assert report.whole(str(log), BUILD)
    log.write_bytes(b"\n".join(spoilt(lines, how)))
    assert not report.whole(str(log), BUILD)
    outcome = type("", (), {"volume": "/no/such", "serial": "",
                            "platform": run.report["run"]["platform"]})
    try:
        found = report.fetch(outcome, str(tmp_path), BUILD)
    except report.NoReport:
        return
    assert not found["run"]["complete"]
    true = {check["id"]: check for check in run.report["checks"]}
    assert all(true[check["id"]] == check for check in found["checks"]
               if check["verdict"] != "notrun")


@on("own")
def test_a_line_that_comes_twice_is_one(run, tmp_path):
    with open(run.path("serial.log"), "rb") as file:
        lines = file.read().split(b"\n")
    at = [n for n, line in enumerate(lines)
          if line.startswith(b"JOURNAL ")][20]
    log = tmp_path / "serial.log"
    log.write_bytes(b"\n".join([*lines[:at + 1], *lines[at:]]))
    assert report.whole(str(log), BUILD)


@pytest.mark.parametrize("command, text", [
    ("no-such-command {disk}", "no-such-command: not found"),
    ("true {disk}", "the command ended with status 0"),
    ("echo hello; exit 3 # {disk}", "the command ended with status 3"),
    ("sleep 1000 # {disk}", "silent for 5 s"),
    ("no disk", "RUN=no disk has no {disk}"),
])
def test_what_is_no_machine_is_one_line(command, text):
    done = subprocess.run(
        [os.path.join(TOP, "scripts/run"), "--build", BUILD, "--name",
         "test-own-none", "--quiet", "--silence", "5", "--run", command],
        capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert text in done.stderr
    assert len(done.stderr.strip().split("\n")) == 1
