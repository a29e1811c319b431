# SPDX-License-Identifier: MIT
"""Kernels that their author has linked, by hand: what the core makes of
include/specimen.h's struct specimen_kernel and specimen_machine, whatever the
maps say that scripts/window reads."""

import json
import os
import shutil
import subprocess

import pytest
from conftest import BUILD, TOP
from ringside import child

LIMIT = 200  # seconds
PLACES = {   # upper half, lower half, and where no jump of 32 bits reaches
    "upper": None,
    "lower": ("0x200000", "0x201000"),
    "far": ("0xffff800000200000", "0xffff800000201000"),
}
UNCHECKED = "sysret-bad-rip.visited"  # they are short: SYSRETQ takes any RCX
UPPER = ("0xffffffff80000000", "0xffffffff80001000")

# They share the directory that the image is built in.
pytestmark = pytest.mark.xdist_group("window")


def window(path):
    """Its report."""
    done = subprocess.run(
        [os.path.join(TOP, "scripts/window"), "--build", BUILD, "--",
         str(path)], cwd=TOP, capture_output=True, text=True, check=False,
        timeout=LIMIT, preexec_fn=child.end_with_parent)
    name = f"run/window-{os.path.basename(path)}-qemu-ovmf/report.json"
    with open(os.path.join(BUILD, name), encoding="utf-8") as file:
        return done, json.load(file)


@pytest.fixture(name="copy")
def _copy(tmp_path):
    def copy(name, file="place.h", changes=()):
        path = tmp_path / name
        shutil.copytree(os.path.join(TOP, "tests/boot/own", name), path)
        text = (path / file).read_text()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (path / file).write_text(text)
        return path
    return copy


def wrong(report):
    """Paths with a boundary at which NMI's stub was wrong or damaged, with a
    base that ring 3 can have without FSGSBASE."""
    return {row["path"] for row in report["window"]
            for how in ("wrong", "damaged")
            if row["events"].get("nmi", {}).get(how, "").strip("-")}


def failed(report):
    return [check["id"] for check in report["checks"]
            if check["id"].startswith("window.")
            and check["verdict"] not in ("pass", "skip")]


@pytest.mark.parametrize("place", PLACES)
def test_runs_where_it_is_linked_to(copy, place):
    """It halts if its memory is not put back, and its body is a C function."""
    changes = zip(UPPER, PLACES[place]) if PLACES[place] else ()
    _, report = window(copy("laid", changes=tuple(changes)))
    assert failed(report) == [f"window.laid.{UNCHECKED}"]
    assert {row["symbol"] for row in report["window"]
            if row["symbol"].startswith("laid")} \
        == {"laid_syscall", "laid_int80", "laid_nmi"}
    paths = {row["path"] for row in report["window"]}
    assert {"syscall64", "int80", "int80-ring0", "nmi"} <= paths


def test_where_the_harness_is_it_cannot_be(copy):
    done, _ = window(copy("laid", changes=(
        (UPPER[1], "0xffffffffc0000000"),)))
    assert done.returncode == 2
    assert "it cannot be mapped at ffffffffc0000000: something is there " \
        "already" in done.stdout + done.stderr


def test_no_room_for_the_jump(copy):
    done, _ = window(copy("laid", "stubs.h", (
        ("va_laid_work, 16,", "va_laid_work, 4,"),)))
    assert done.returncode == 2
    assert "laid_work, at ffffffff800000b0, has no room for the jump to the " \
        "harness: it is 4 bytes long" in done.stdout + done.stderr


def test_on_its_authors_machine(copy):
    """Selectors, IST, TSS, CR3 and FSGSBASE: no NMI is failed, but its own on
    its own stack.  FMASK: it leaves TF, and #DB has no stack."""
    _, report = window(copy("machine"))
    assert wrong(report) <= {"nmi", "nmi-syscall", "nmi-ring0"}
    assert failed(report) == [f"window.machine.{name}" for name in (
        "syscall64.visited", "syscall64-iretq.visited", UNCHECKED)]


@pytest.mark.parametrize("file, old, new", [
    # The event's handler stays on the user's page table.
    ("kernel.S", "\tmovq\t%gs:16, %rax\n\tmovq\t%rax, %cr3\n\tcall\t"
     "machine_keeps", "\tcall\tmachine_keeps"),
    # ... and leaves its own in CR3.
    ("kernel.S", "\tmovq\t%rbx, %cr3\n", ""),
])
def test_the_wrong_page_table(copy, file, old, new):
    _, report = window(copy("machine", file, ((old, new),)))
    assert "syscall64" in wrong(report)
