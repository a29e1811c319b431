# SPDX-License-Identifier: MIT
"""A machine of somebody's own, which is any command at all."""

import base64
import os
import sys
import time

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
sys.path.insert(0, os.path.join(TOP, "scripts"))

from ringside import (  # noqa: E402  pylint: disable=C0413
    own, platforms, progress, resume)
from ringside.machine import Setting  # noqa: E402  pylint: disable=C0413

SECONDS = 60    # only so that a test ends


def line(text, at="8"):
    """A line of a journal that has one record with these words."""
    word = base64.b64encode(b"RREC\x0c" + text.encode()).rstrip(b"=")
    return f"JOURNAL {at} 00000000 {word.decode()}\n"


@pytest.fixture(name="start")
def starter(tmp_path):
    """start(run, reset=""): the machine of a command, in a folder."""
    started = []

    def start(run, reset=""):
        setting = Setting(platforms.OWN, "", run=run, reset=reset)
        (tmp_path / "disk.img").write_bytes(b"")
        machine = own.Own(setting, str(tmp_path), str(tmp_path / "disk.img"))
        machine.folder = tmp_path
        started.append(machine)
        return machine.__enter__()

    yield start
    for machine in started:
        machine.__exit__()


def until(machine):
    """What it ends with."""
    end = time.monotonic() + SECONDS
    while not (said := machine.ended()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return said


def serial_of(machine):
    return (machine.folder / "serial.log").read_text()


def test_what_it_prints_is_the_line(start):
    machine = start("echo hello; echo trouble >&2; exit 7 # {disk}")
    assert until(machine) == "the command ended with status 7 (trouble)"
    assert serial_of(machine) == "hello\n"


def test_or_the_file_is(start):
    """... wherever it runs, and whatever its folder is called."""
    machine = start("echo not this; echo hello >{serial}; ls {disk}")
    until(machine)
    assert serial_of(machine) == "hello\n"
    assert "not this" in (machine.folder / "debug.log").read_text()


def test_a_file_that_is_begun_anew_loses_nothing(start):
    """As emulators do with it that a script starts again."""
    machine = start("echo one, which is long >{serial};"
                    "while ! [ -e {disk}.go ]; do sleep 0.05; done;"
                    "echo two >{serial} # {disk}")
    while machine.ended() is None and "one" not in serial_of(machine):
        time.sleep(0.01)
    (machine.folder / "disk.img.go").write_text("go")
    until(machine)
    assert serial_of(machine) == "one, which is long\ntwo\n"


@pytest.mark.parametrize("where", [">{serial}", ""])
def test_with_all_of_the_journal_it_may_end(start, where):
    text = line("a.b", "0") + "JOURNAL END 8 0\n"
    assert until(start(f"printf '{text}' {where}; exit 3 # {{disk}}")) \
        == "off"


def test_a_run_that_begins_again_is_a_reset(start):
    """The command goes on, and the image knows nothing of its run."""
    first = line("a.b", "0") + line("c.d")
    machine = start(f"printf 'x\\n{first}'; printf '{first}'; sleep 100"
                    " # {disk}")
    assert "reset itself" in until(machine)
    assert serial_of(machine) == "x\n" + first
    machine.end()
    machine.begin_anew()
    assert "reset itself" in until(machine)     # each start has one


def test_ended_three_times_in_one_check(start):
    """Before that, it may have been for any reason."""
    machine = start("exit 0 # {disk}")
    until(machine)
    log = machine.folder / "serial.log"
    for text, down in (("exc.de", resume.KILLED), ("exc.db", resume.KILLED),
                       ("exc.db", resume.KILLED), ("exc.db", resume.RESET)):
        log.write_text(log.read_text() + "\n" + line("case") + line(text))
        assert machine.died_of() == down, text


@pytest.mark.parametrize("how", ["kill -9 $$", "sh -c 'kill -9 $$'; exit $?"])
def test_a_signal_is_never_the_machine_s(start, how):
    machine = start(how + " # {disk}")
    until(machine)
    assert [machine.died_of() for _ in range(5)] == [resume.KILLED] * 5


def test_a_place_is_its_last_record():
    """Two checks may end in the same words, and in a line of their own."""
    parts = [base64.b64encode(part).decode().rstrip("=") for part in
             (b"RREC\x02step" + b"RREC\x0ccr0.one\0long", b"er why")]
    text = "\n".join(["", *(f"JOURNAL 8 0 {part}\r" for part in parts),
                      "RINGSIDE-RISK cr0.one"])
    assert own.place(text.encode()) == [b"cr0.one", b"longer"]
    other = text.replace(parts[0], base64.b64encode(
        b"RREC\x0ccr0.two\0long").decode().rstrip("="))
    assert own.place(other.encode()) != own.place(text.encode())
    assert own.place(b"U-Boot 2023.01\n") is None


def test_a_reset_leaves_the_command(start):
    machine = start("sleep 100 # {disk}", "echo reset >>{}".format(
        os.devnull))
    process = machine.process
    machine.end()
    machine.begin_anew()
    assert machine.process is process and process.poll() is None


def test_a_reset_is_run(start, tmp_path):
    machine = start("sleep 100 # {disk}", f"echo x >>'{tmp_path}/count'")
    for _ in range(2):
        machine.end()
        machine.begin_anew()
    assert (tmp_path / "count").read_text() == "x\nx\n"


def test_children_age_it(start):
    """A shell waits for what it has started; that one runs."""
    machine = start("sh -c 'while :; do :; done'; true # {disk}")
    age = progress.Age(looker=machine.look)
    end = time.monotonic() + SECONDS
    while age.of(machine.process.pid) < 0.3:
        assert time.monotonic() < end
        time.sleep(0.1)
    _, wanting = machine.look(machine.process.pid)
    assert wanting


def of_session(leader):
    return [pid for pid in filter(str.isdigit, os.listdir("/proc"))
            if progress.session_of(pid) == leader
            and progress.look(int(pid))[0] is not None]


def test_none_is_left(start):
    """What is dead stands there until whoever inherits it has looked."""
    machine = start("sleep 1000 & sleep 1000 # {disk}")
    leader = machine.process.pid
    end = time.monotonic() + SECONDS
    while len(of_session(leader)) < 2:
        assert time.monotonic() < end
        time.sleep(0.1)
    machine.__exit__()
    while of_session(leader):
        assert time.monotonic() < end
        time.sleep(0.1)
