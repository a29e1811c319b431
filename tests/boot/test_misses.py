# SPDX-License-Identifier: MIT
"""Small kernels, wrong in one way each and their right twins: what is wrong
is failed at its boundary, and nothing else is."""

import glob
import json
import os
import subprocess

import pytest
from conftest import BUILD, TOP
from ringside import child

TWINS = os.path.join(TOP, "tests/examples/window")
LIMIT = 200  # seconds

# They share the directory that the image is built in.
pytestmark = pytest.mark.xdist_group("window")

QEMU, AMD, BOCHS = [["--platform", "qemu-uboot"],
                    ["--platform", "qemu-uboot", "--cpu", "EPYC"],
                    ["--platform", "bochs-uboot"]]
# Of the wrong ones: which paths' checks fail, and what the first says.
WRONG = {
    "bad-iret": ("iret-bad-cs.visited", "twin_iretq+0x0"),
    "bad-ss": ("int80.visited", "twin_iretq+0x0"),
    "unchecked": ("sysret-bad-rip.visited", "SYSRETQ"),
    "in-a-register": ("sysret-bad-rip.visited", "SYSRETQ"),
    "zeroes": ("int80.visited", "rbx 0"),
    "pushes": ("syscall64.visited", "twin_syscall+0x0"),
    "reads": ("syscall64.visited", "twin_argument+0x0"),
    "flags-left": ("syscall64.visited", "DF"),
    "no-ist": ("syscall64.db", "twin_syscall+0x0"),
}
RIGHT = ["right", "reads-right", "flags-cleared", "few-paths"]


def checks(name, words):
    """{id: check} of a run of the folder, without window.NAME. in front."""
    subprocess.run(
        [os.path.join(TOP, "scripts/window"), "--build", BUILD, *words, "--",
         os.path.join(TWINS, name)], cwd=TOP, capture_output=True, text=True,
        check=False, timeout=LIMIT, preexec_fn=child.end_with_parent)
    newest = max(glob.glob(os.path.join(
        BUILD, "run", f"window-{name}-*", "report.json")),
        key=os.path.getmtime)
    with open(newest, encoding="utf-8") as file:
        found = json.load(file)["checks"]
    head = f"window.{name}."
    return {check["id"].removeprefix(head): check for check in found
            if check["id"].startswith(head)}


def failed(found):
    return {name: check for name, check in found.items()
            if check["verdict"] not in ("pass", "skip", "differ")}


@pytest.mark.parametrize("words", [QEMU, AMD, BOCHS])
@pytest.mark.parametrize("name", RIGHT)
def test_right(name, words):
    assert not failed(checks(name, words))


@pytest.mark.parametrize("words", [QEMU, BOCHS])
@pytest.mark.parametrize("name", WRONG)
def test_wrong(name, words):
    check, words_of_it = WRONG[name]
    found = failed(checks(name, words))
    assert words_of_it in found[check]["seen"] + found[check]["expected"]
    # The others are found on AMD's as well, and this is not one there.
    if name in ("unchecked", "in-a-register"):
        assert list(found) == [check]
        assert not failed(checks(name, AMD))


def test_paths_that_it_has_not_are_absent():
    paths = {name.rpartition(".")[0] for name in checks("few-paths", QEMU)}
    assert {"syscall64", "ud", "iret-bad-cs", "iret-bad-ss"} <= paths
    assert not [name for name in paths
                if "compat" in name or "int80" in name or "32" in name]
