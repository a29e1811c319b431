# SPDX-License-Identifier: MIT
"""scripts/new-case: what it writes, where, and what it refuses."""

import os
import shutil
import subprocess

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
LIST = "tests/cases/list.def"


@pytest.fixture(name="tree")
def copy_of_the_tree(tmp_path):
    for room in ("efi", "entry", "handlers", "include", "scripts", "tests"):
        shutil.copytree(os.path.join(TOP, room), tmp_path / room,
                        ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(os.path.join(TOP, "Makefile"), tmp_path)
    return tmp_path


def new_case(tree, *words):
    return subprocess.run([tree / "scripts/new-case", *words], text=True,
                          capture_output=True, check=False)


def everything(tree):
    return {path: path.read_bytes() for path in tree.rglob("*")
            if path.is_file()}


def test_it_builds(tree):
    """Both shapes of line that clang-format makes of it are looked at."""
    for name, family in (("x", "gs"), ("a_name_of_24_letters_long", "syscall")):
        done = new_case(tree, name[:24], family)
        assert done.returncode == 0, done.stderr
        source = f"tests/cases/{family}/{name[:24]}.c"
        assert source in done.stdout
        assert f'make run ARGS="--only {name[:24]}"' in done.stdout
        made = subprocess.run(
            ["make", "-s", "WERROR=1", f"build/core/{source}.o",
             "build/core/tests/main.c.o", "build/essays.bin"], cwd=tree,
            env=dict(os.environ, MAKEFLAGS="", MAKELEVEL="0"), text=True,
            capture_output=True, check=False)
        assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
        if shutil.which("clang-format"):
            subprocess.run(["clang-format", "--dry-run", "-Werror",
                            "--style=file:" + os.path.join(
                                TOP, ".clang-format"), source],
                           cwd=tree, check=True)


def lines(tree):
    return (tree / LIST).read_text("ascii").splitlines()


@pytest.mark.parametrize("family, behind", [
    ("gs", "EACH(gs_landing,"),     # its family's last
    ("apic", "CASE(lapic_msr,"),    # but for a risky one
    ("mc", "ONCE(cost,"),          # all of its family are risky
])
def test_its_place(tree, family, behind):
    before = lines(tree)
    done = new_case(tree, "fresh", family)
    after = lines(tree)
    at = next(i for i, line in enumerate(after) if "CASE(fresh," in line)
    assert after[:at] + after[at + 1:] == before
    assert after[at - 1].startswith(behind)
    assert f"{LIST}:{at + 1} " in done.stdout


@pytest.mark.parametrize("words, why", [
    ((), "needs NAME FAMILY"),
    (("fresh",), "needs NAME FAMILY"),
    (("fresh", "gs", "more"), "needs NAME FAMILY"),
    (("Fresh", "gs"), "'Fresh' cannot name a case"),
    (("1st", "gs"), "'1st' cannot name a case"),
    (("a-b", "gs"), "'a-b' cannot name a case"),
    (("../x", "gs"), "'../x' cannot name a case"),
    (("", "gs"), "'' cannot name a case"),
    (("a" * 25, "gs"), "cannot name a case"),
    (("window_x", "gs"), "'window_x' cannot name a case"),
    (("fresh", "nope"), "no family 'nope'; there are: apic callgate"),
    (("fresh", ".."), "no family '..'; there are: apic callgate"),
    (("exc", "gs"), "there is a case exc, in tests/cases/exceptions"),
    (("int_sweep_ist", "gs"), "there is a case int_sweep_ist, in"),
    (("ret_defects", "returns"), "there is a tests/cases/returns/ret_defects"),
])
def test_refusals(tree, words, why):
    before = everything(tree)
    done = new_case(tree, *words)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("new-case: ") and why in done.stderr
    assert done.stderr.count("\n") == 1
    assert everything(tree) == before


def test_risky_cases_are_last():
    """What takes checks that may not come back stands below the line."""
    above, below = (TOP, LIST), None
    with open(os.path.join(*above), encoding="ascii") as file:
        above, below = file.read().split("/* Risky: ")
    for directory, _, names in os.walk(os.path.join(TOP, "tests/cases")):
        for name in names:
            if name.endswith(".c"):
                with open(os.path.join(directory, name),
                          encoding="ascii") as file:
                    if ".risky = " in file.read():
                        assert f"({name[:-2]}," in below
                        assert f"({name[:-2]}," not in above
