# SPDX-License-Identifier: MIT
"""What can be chosen for a run, and what is said of a choice that is none."""

import argparse
import os
import re
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
sys.path.insert(0, os.path.join(TOP, "scripts"))

from ringside import choice, emulator  # noqa: E402  pylint: disable=C0413
from ringside.machine import MachineError  # noqa: E402

# An emulator that is none: it has a version, and lists.
QEMU = """#!/bin/sh
case "$*" in
--version) echo "QEMU emulator version 99.1.2 (of nobody)" ;;
"-cpu help") printf 'Available CPUs:\\n  Zed  (alias of Zed-v1)\\n  Zed-v1\\n'
    printf '\\nRecognized CPUID flags:\\n  avx sse4.1\\n  tsc\\n' ;;
"-machine help") printf 'Supported machines are:\\nq35   A\\nmicrovm  B\\n' ;;
"-accel help") printf 'Accelerators supported:\\ntcg\\nkvm\\nwhpx\\n' ;;
esac
"""
CODE = bytes(range(256)) * 16
NO_CODE = CODE + b"\xff" * 16


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, data in (("qemu", QEMU.encode()), ("code", CODE),
                       ("vars", NO_CODE), ("sick", b"#!/bin/sh\necho me")):
        (tmp_path / name).write_bytes(data)
    for name in ("qemu", "sick"):
        (tmp_path / name).chmod(0o755)
    return tmp_path


def chosen(**values):
    parser = argparse.ArgumentParser()
    choice.add_to(parser.add_argument)
    given = parser.parse_args([f"--{name}={value}"
                               for name, value in values.items()])
    given.build, given.try_memory = "build", False
    assert parser.parse_args(choice.words(given)) == parser.parse_args(
        [f"--{name}={value}" for name, value in values.items()])
    return given


def test_all_of_it(place):
    setting = choice.setting_of(chosen(
        qemu="./qemu", accel="whpx,foo=bar", machine="q35,i8042=off",
        cpu="Zed,+avx,-tsc,level=3", ovmf="code,vars", memory="1000",
        smp="2", extra="-device 'a b' -x"))
    assert setting.program == (str(place / "qemu"),)
    assert setting.firmware == (str(place / "code"), str(place / "vars"))
    assert (setting.accel, setting.machine) == ("whpx,foo=bar",
                                                "q35,i8042=off")
    assert (setting.model, setting.features) == \
        ("Zed", ["+avx", "-tsc", "level=3"])
    assert (setting.memory, setting.smp) == (1000, 2)
    assert setting.more == ["-device", "a b", "-x"]


@pytest.mark.parametrize("values, memory", [
    ({}, 256), ({"smp": "1"}, 256), ({"smp": "2"}, 260),
    ({"smp": "255"}, 256 + 4 * 254), ({"smp": "64", "memory": "200"}, 200),
])
def test_each_further_processor_has_its_memory(place, values, memory):
    setting = choice.setting_of(chosen(qemu="./qemu", cpu="Zed", **values))
    assert setting.memory == memory


def test_a_host_s_processor_where_guests_have_that(place, monkeypatch):
    (place / "device").write_bytes(b"")
    monkeypatch.setattr(choice, "KVM", "device")
    given = chosen(qemu="./qemu", accel="kvm")
    assert choice.setting_of(given).cpu == "host"
    assert choice.setting_of(chosen(qemu="./qemu", accel="tcg")).cpu \
        == "Haswell"


@pytest.mark.parametrize("values, text", [
    ({"qemu": "/no/such"}, "QEMU=/no/such: there is no such file"),
    ({"qemu": "no-such"}, "QEMU=no-such: there is no such command"),
    ({"qemu": "./code"}, "QEMU=./code: it is not executable"),
    ({"qemu": "/"}, "it is not executable"),
    ({"qemu": "./sick"}, 'is no QEMU: asked --version, it says "me"'),
    ({"bochs": "./sick"}, "this is no Bochs"),
    ({"bochs": "./qemu", "platform": "qemu-ovmf"}, "takes no BOCHS="),
    ({"accel": "kvm", "platform": "bochs-ovmf"}, "takes no ACCEL=kvm"),
    ({"accel": "hvf"}, "ACCEL=hvf: QEMU 99.1.2 has tcg, kvm, whpx"),
    ({"accel": "kvm"}, "ACCEL=kvm: there is no /no/kvm here"),
    ({"machine": "pdp"}, "MACHINE=pdp: QEMU 99.1.2 has q35 microvm"),
    ({"machine": "microvm"}, "OVMF=MICROVM.fd"),
    ({"cpu": "vax"}, "QEMU 99.1.2 has no CPU vax; it has Zed"),
    ({"cpu": "Zed,avx"}, "avx is neither +feature nor -feature"),
    ({"cpu": "Zed,+fpa"}, "QEMU 99.1.2 knows no feature fpa"),
    ({"ovmf": "none"}, "there is no file none"),
    ({"ovmf": ",vars"}, "names variables and no code"),
    ({"ovmf": "vars"}, "vars has no code at its end"),
    ({"ovmf": "vars,code"}, "vars has no code at its end"),
    ({"ovmf": "a,b,c"}, "takes code.fd,vars.fd or one file"),
    ({"ovmf": "code", "platform": "qemu-uboot"}, "takes no OVMF=code"),
    ({"ovmf": "a,b", "platform": "bochs-ovmf"}, "takes one file"),
    ({"memory": "much"}, "MEMORY=much is not a number"),
    ({"memory": "64"}, "MEMORY=64 is too small: qemu-ovmf needs 128 MiB"),
    ({"memory": "-1"}, "MEMORY=-1 is not a number"),
    ({"smp": "0"}, "SMP=0 is not from 1 to 255"),
    ({"smp": "300"}, "SMP=300 is not from 1 to 255"),
    ({"smp": "x"}, "SMP=x is not a number"),
    ({"smp": "4,sockets=2"}, "SMP=4,sockets=2 is not a number"),
    ({"icount": "11"}, "ICOUNT=11 is not from 0 to 10"),
    ({"extra": "'"}, "EXTRA=': No closing quotation"),
    ({"platform": "vax"}, "there is no platform vax"),
])
def test_one_line_says_what_is_wrong(place, monkeypatch, values, text):
    monkeypatch.setattr(choice, "KVM", "/no/kvm")
    if not {"bochs", "platform"} & set(values):
        values = {"qemu": "./qemu", **values}
    with pytest.raises(MachineError, match=re.escape(text)) as why:
        choice.setting_of(chosen(**values))
    assert "\n" not in str(why.value)


def test_what_is_no_kvm_of_ours(place, monkeypatch):
    (place / "device").write_bytes(b"")
    monkeypatch.setattr(choice, "KVM", "device")
    monkeypatch.setattr(os, "access", lambda path, _: path != "device")
    with pytest.raises(MachineError, match="device may not be opened"):
        choice.setting_of(chosen(qemu="./qemu", accel="kvm"))


def test_directories_tell_runs_apart():
    tails = [choice.tail(chosen(**values)) for values in (
        {}, {"accel": "kvm"}, {"machine": "pc"}, {"memory": "512"},
        {"qemu": "/a"}, {"qemu": "/b"}, {"bochs": "/a"}, {"extra": "/a"},
        {"ovmf": "/a"}, {"ovmf": "/a", "extra": "/b"})]
    assert tails[:4] == ["", "-kvm", "-pc", "-512MiB"]
    assert len(set(tails)) == len(tails)
    odd = choice.tail(chosen(machine="../q35 x", extra="../../x"))
    assert "/" not in odd and " " not in odd


@pytest.mark.parametrize("value", ["", "60"])
def test_limit(value):
    assert choice.seconds(chosen(seconds=value)) == (int(value or 0) or None)
    with pytest.raises(MachineError, match="SECONDS=0"):
        choice.seconds(chosen(seconds="0"))


def test_an_emulator_that_cannot_be_run(tmp_path):
    file = tmp_path / "odd"
    file.write_bytes(b"\x7fELF, but no more")
    file.chmod(0o755)
    with pytest.raises(emulator.NoEmulator, match="it cannot be run"):
        emulator.at("qemu", str(file))
