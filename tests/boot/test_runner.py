# SPDX-License-Identifier: MIT
"""The scripts themselves: interruption, several at once, refusals."""

import os
import re
import shutil
import signal
import subprocess
import time

import pytest
from conftest import BUILD, TOP
from ringside import child

RUN = os.path.join(TOP, "scripts/run")
SCRIPTS = os.path.join(TOP, "scripts")
# Only so that a test ends if the script does not: no limit of the script's.
START_SECONDS = GONE_SECONDS = 300


def started(name, *words):
    return subprocess.Popen([RUN, "--build", BUILD, "--name", name, *words],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, preexec_fn=child.end_with_parent)


def processes_in(name):
    """Those whose working directory is the run's."""
    path, found = os.path.join(BUILD, "run", name), []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.path.samefile(f"/proc/{pid}/cwd", path):
                found.append(int(pid))
        except OSError:
            pass
    return found


def wait_for(what, seconds):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


@pytest.mark.parametrize("platform, number, status", [
    ("qemu-ovmf", signal.SIGTERM, 2),
    ("qemu-ovmf", signal.SIGINT, 2),
    ("qemu-ovmf", signal.SIGKILL, -9),
    ("bochs-uboot", signal.SIGTERM, 2),
    ("bochs-uboot", signal.SIGKILL, -9),
])
def test_interrupted_leaves_no_process(platform, number, status):
    name = f"test-interrupt-{platform}-{number}"
    run = started(name, "--platform", platform)
    least = 1 if platform.startswith("qemu") else 2  # Bochs has an X server
    wait_for(lambda: len(processes_in(name)) >= least, START_SECONDS)
    run.send_signal(number)
    _, errors = run.communicate(timeout=GONE_SECONDS)
    assert run.returncode == status
    wait_for(lambda: not processes_in(name), GONE_SECONDS)
    if number != signal.SIGKILL:
        assert "interrupted by " + signal.Signals(number).name in errors


def test_same_run_twice_at_once():
    """The second one takes a directory of its own."""
    words = ("--quiet", "--args=--list")
    runs = [started("test-twice", *words) for _ in range(2)]
    ends = [run.communicate() for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    places = {re.search(r"\((\S+)\)$", out.strip())[1] for out, _ in ends}
    assert len(places) == 2


def test_what_is_only_said_takes_no_report_away():
    """--list and its like leave the last run of this machine as it is."""
    words = [RUN, "--build", BUILD, "--platform", "qemu-uboot", "--quiet"]
    place = os.path.join(BUILD, "run", "qemu-uboot-Haswell")
    kept = os.path.join(place, "report.json")
    os.makedirs(place, exist_ok=True)
    if not os.path.exists(kept):
        with open(kept, "w", encoding="ascii") as file:
            file.write("{}")
    before = os.stat(kept)
    said = subprocess.run([*words, "--args=--list"], capture_output=True,
                          text=True, check=True).stdout
    assert "run: done" in said and place + "-said/" in said
    assert os.stat(kept) == before


@pytest.mark.parametrize("words, text", [
    (["--platform", "vax"], "no platform vax"),
    (["--cpu", "nonsense"], "has no CPU nonsense; it has 486 Broadwell"),
    (["--smp", "many"], "SMP=many"),
    (["--smp", "300"], "SMP=300 is not from 1 to 255"),
    (["--smp", "2", "--machine", "isapc"], "Invalid SMP CPUs 2."),
    (["--platform", "bochs-uboot", "--smp", "255"],
     "SMP=255: this Bochs takes fewer"),
    (["--icount", "many"], "ICOUNT=many"),
    (["--platform", "bochs-uboot", "--icount", "7"],
     "bochs-uboot takes no ICOUNT"),
    (["--platform", "bochs-uboot", "--usb"], "bochs-uboot takes no --usb"),
    (["--efi", "/no/such.efi"], "there is no /no/such.efi"),
    (["--suite", "vax"], "SUITE=vax is not here: scripts/setup --suite vax"),
    (["--platform", "bochs-uboot", "--cpu", "nonsense"],
     "has no CPU nonsense; it has "),
    # What only the emulator knows, when it is started.
    (["--cpu", "Haswell,+vmx"], "with tcg does not have vmx"),
    (["--cpu", "Haswell,level=vax"], "level"),
    (["--machine", "q35,vax=on"], "vax"),
    (["--extra=-vax"], "-vax: invalid option"),
    (["--qemu", "/bin/ls"], "QEMU=/bin/ls: this is no QEMU"),
    (["--bochs", "/bin/ls"], "BOCHS=/bin/ls: this is no Bochs"),
    (["--memory", "16"], "MEMORY=16 is too small"),
])
def test_refusals_are_one_line(words, text):
    _, errors = (run := started("test-refusal", *words)).communicate()
    assert run.returncode == 2
    assert text in errors
    assert len(errors.strip().split("\n")) == 1


def test_time_is_bounded():
    name = "test-bounded"
    run = started(name, "--seconds", "2", "--quiet")
    _, errors = run.communicate()
    assert run.returncode == 2
    assert "not finished after 2 s" in errors
    assert not processes_in(name)


def test_what_stands_still_is_ended(tmp_path):
    """Firmware that finds nothing to boot waits for a key for ever."""
    nothing = tmp_path / "nothing.efi"
    nothing.write_text("no image")
    run = started("test-still", "--silence", "10", "--quiet", "--efi",
                  str(nothing))
    _, errors = run.communicate()
    assert run.returncode == 2
    assert "it stands still, silent for 10 s" in errors
    assert not processes_in("test-still")


@pytest.mark.parametrize("platform", ["qemu-uboot", "bochs-uboot"])
def test_a_prompt_ends_the_run(tmp_path, platform):
    """Firmware that finds nothing to boot, and says that it is at its end."""
    nothing = tmp_path / "nothing.efi"
    nothing.write_text("no image")
    run = started(f"test-prompt-{platform}", "--platform", platform,
                  "--quiet", "--efi", str(nothing))
    _, errors = run.communicate()
    assert run.returncode == 2
    assert "no report: the firmware waits at its prompt behind" in errors
    assert len(errors.strip().split("\n")) == 1


def test_what_is_slow_is_not_ended():
    """The emulator gets no processor for longer than the silence that ends a
    run, in the middle of it."""
    name, seconds = "test-slow", 8
    run = started(name, "--silence", str(seconds), "--args=--only syscall64")
    while "KTAP version" not in run.stdout.readline():
        assert run.poll() is None
    pids = processes_in(name)
    for number, wait in ((signal.SIGSTOP, seconds + 3), (signal.SIGCONT, 0)):
        for pid in pids:
            os.kill(pid, number)
        time.sleep(wait)
    out, errors = run.communicate()
    assert run.returncode == 0, errors
    assert "run: complete" in out


def setup_with(path, *words):
    return subprocess.run([os.path.join(SCRIPTS, "setup"), *words],
                          env={"PATH": str(path)}, capture_output=True,
                          text=True, check=False)


def tools(path, **programs):
    """A directory of programs: a shell line each, or the real ones."""
    for name, line in programs.items():
        file = path / name.replace("_", "-")
        file.write_text(f"#!/bin/sh\n{line}\n")
        file.chmod(0o755)
    return path


def test_setup_has_nothing_to_do():
    done = setup_with(os.environ["PATH"])
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name, mirror, text", [
    ("Sid/..", "", "that is no name of a suite"),
    ("sid", "file:/no/such/mirror", "no mirror of this machine's apt has"),
    ("sid", "http://127.0.0.1:9/debian", "127.0.0.1"),  # nobody answers
])
def test_setup_of_a_suite_fails_in_one_line(tmp_path, name, mirror, text):
    done = subprocess.run(
        [os.path.join(SCRIPTS, "setup"), "--suite", name, str(tmp_path)],
        env=dict(os.environ, MIRROR=mirror), capture_output=True, text=True,
        check=False)
    assert done.returncode == 1
    assert text in done.stdout and done.stdout.count("\n") == 1
    left = tmp_path / "suites"
    assert not left.exists() or os.listdir(left) == [".lock"]


def test_setup_of_a_suite_that_is_there(tmp_path):
    (tmp_path / "suites/sid").mkdir(parents=True)
    done = setup_with(os.environ["PATH"], "--suite", "sid", str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_shellcheck():
    files = [".ci/run"]
    for name in os.listdir(SCRIPTS):
        path = os.path.join(SCRIPTS, name)
        if os.path.isfile(path):
            with open(path, encoding="utf-8") as file:
                if re.match(r"#!.*\b(ba)?sh$", file.readline().strip()):
                    files.append(path)
    assert len(files) >= 4
    done = subprocess.run(["shellcheck", *files], cwd=TOP, text=True,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
    assert shutil.which("shellcheck")
