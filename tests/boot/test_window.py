# SPDX-License-Identifier: MIT
"""make window: a specimen from outside, right and wrong and none at all."""

import json
import os
import re
import shutil
import subprocess

import pytest
from conftest import BUILD, TOP
from ringside import child

EXAMPLE = os.path.join(TOP, "tests/examples/tinyos")
LINES_MAX = 60  # of the example, all files together
LIMIT = 600     # seconds
LINES_SAID = 66  # of two causes and the table

# They share the directory that the image is built in.
pytestmark = pytest.mark.xdist_group("window")


def window(path, *words):
    return subprocess.run(
        [os.path.join(TOP, "scripts/window"), "--build", BUILD, *words, "--",
         str(path)], cwd=TOP, capture_output=True, text=True, check=False,
        timeout=LIMIT, preexec_fn=child.end_with_parent)


def refused(path, *words):
    """The one sentence it ends in."""
    done = window(path, *words)
    assert done.returncode == 2, done.stdout
    lines = done.stderr.strip().split("\n")
    assert len(lines) == 1, lines
    assert lines[0].startswith("window: ")
    return lines[0].removeprefix("window: ")


@pytest.fixture(name="tinyos")
def _tinyos(tmp_path):
    """A copy of the example; call it with what is to be replaced by what."""
    path = tmp_path / "tinyos"
    shutil.copytree(EXAMPLE, path)

    def spoil(file, old, new):
        text = (path / file).read_text()
        assert old in text
        (path / file).write_text(text.replace(old, new))
        return path
    return spoil


def test_example_is_short():
    lines = 0
    for name in os.listdir(EXAMPLE):
        with open(os.path.join(EXAMPLE, name), encoding="ascii") as file:
            lines += len(file.readlines())
    assert 0 < lines < LINES_MAX


@pytest.mark.parametrize("missing, sentence", [
    (".S", "has no .S file"), (".h", "has no stubs.h")])
def test_file_missing(tinyos, missing, sentence):
    path = tinyos("entry.S", "", "")
    for name in os.listdir(path):
        if name.endswith(missing):
            os.unlink(path / name)
    assert sentence in refused(path)


def test_no_directory(tmp_path):
    assert "there is no directory" in refused(tmp_path / "nowhere")
    assert "names no directory" in refused("")


@pytest.mark.parametrize("name, sentence", [
    ("1st", "1st cannot name a specimen"),
    ("much-too-long-a-name", "cannot name a specimen"),
    ("linux", "ringside has a specimen linux")])
def test_name(tinyos, name, sentence):
    path = tinyos("entry.S", "", "")
    assert sentence in refused(path.rename(path.parent / name))


def test_blank_in_the_path(tinyos):
    path = tinyos("entry.S", "", "")
    path.parent.joinpath("a b").mkdir()
    assert "has a blank in it" in refused(
        path.rename(path.parent / "a b/tinyos"))


@pytest.mark.parametrize("file, old, new, sentence", [
    ("entry.S", "tinyos_nmi:", "",
     "the stubs.h of tinyos names `tinyos_nmi`, which no .S defines"),
    ("entry.S", "specimen_body", "do_the_work",
     "entry.S:11: `do_the_work` is used, and nothing defines it"),
    ("entry.S", "swapgs", "swapfs", "entry.S:6: no such instruction"),
    ("entry.S", '"ax"', '"ax', "entry.S:3: "),
    ("entry.S", ".text.under_test", ".text",
     "entry.S: `tinyos_int80` lies in .text; stubs belong into section "
     ".text.under_test"),
    ("entry.S", "tinyos_nmi:", "tinyos_nmi:\ntinyos_int80:",
     "entry.S:28: symbol `tinyos_int80' is already defined"),
    ("entry.S", ".globl", ".globl specimens\nspecimens:\n\t.globl",
     "`specimens` is defined twice"),
    ("stubs.h", ".count = 3", ".counts = 3", "stubs.h:14: "),
    ("stubs.h", "specimen_tinyos", "specimen_other",
     "the stubs.h of tinyos does not define `specimen_tinyos`"),
    ("stubs.h", '"specimen.h"', '"no-such.h"', "stubs.h:2: no-such.h"),
])
def test_does_not_build(tinyos, file, old, new, sentence):
    assert refused(tinyos(file, old, new)).startswith(sentence)


def test_example():
    """The sentence, the table, each instruction visited, the page beside it."""
    done = window(EXAMPLE)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.split("\n")
    assert lines[0] == "3 stubs, none wrong."
    assert "tinyos: an example; its NMI needs FSGSBASE" in lines
    rows = {line.split()[0]: line.split()[1:] for line in lines
            if line.startswith(" ")}
    # boundaries, landings, NMI stub wrong, then where each rule would be
    assert rows["syscall64"] == ["13", "39", "0", "2", "0/3", "0", "0", "10"]
    assert rows["int80"] == ["9", "27", "0", "4", "0/5", "0", "0", "4"]
    assert rows["nmi"][:3] == ["10", "30", "o10"]
    assert "30 of 30 instructions visited" in lines
    last = lines[-2]
    assert last.startswith("window: tinyos: complete: ")
    page = last.rpartition("(")[2].rstrip(")")
    with open(os.path.join(TOP, page), encoding="utf-8") as file:
        assert "wrgsbase %rax" in file.read()


STORM = "--args=--storm-entries 50000 --seed 7"


def test_example_in_a_storm():
    """Its row alone, with both processors."""
    done = window(EXAMPLE, STORM, "--smp=2")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.split("\n")
    assert lines[0] == "1 storm, nothing wrong."
    assert lines[2].startswith("The storm: ") and "--seed 7" in lines[2]
    row = lines[4].split()
    assert row[:2] == ["tinyos", "2"] and int(row[2]) >= 50000
    assert "fail" not in done.stdout


def test_wrong_stub_in_a_storm(tinyos):
    """SYSCALL without its SWAPGS, and the entries that led there."""
    path = tinyos("entry.S", "\tswapgs\n\tmovq\t%rsp, %gs:8",
                  "\tmovq\t%rsp, %gs:8")
    done = window(path, STORM)
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("1 of 1 storms found something wrong.\n")
    assert "tinyos on processor 0: the last entries" in done.stdout
    assert re.search(r"^fail: smp.storm.tinyos: cpu 0, entry \d+: .*GS",
                     done.stdout, re.M), done.stdout


def test_one_of_ours():
    """Its folder names it; nothing is built for it."""
    done = window(os.path.join(TOP, "entry/specimens/forgetful"),
                  "--platform", "qemu-uboot")
    assert done.returncode == 1, done.stderr
    assert re.match(r"3 of \d+ stubs are wrong: db, nmi and mc at \d+ "
                    r"boundaries of \d+ paths\.\n", done.stdout)
    assert "\n1. db, nmi and mc run on the user's GS base, and behave like " \
        "by-cs: " in done.stdout
    assert done.stdout.count("\n") < LINES_SAID
    assert "window: forgetful: complete: " in done.stdout
    assert not os.path.exists(os.path.join(BUILD, "window-forgetful"))


ASKS_CS = ("\ttestb\t$3, 16(%rsp)\n\tjz\t3f\n\tswapgs\n"
           "3:\tcall\tspecimen_body\n"
           "\ttestb\t$3, 16(%rsp)\n\tjz\t4f\n\tswapgs\n4:\tpopq\t%rax\n"
           "\tiretq\n")


def asks_cs(tinyos):
    """The example, with an NMI stub that asks CS."""
    with open(os.path.join(EXAMPLE, "entry.S"), encoding="ascii") as file:
        rest = file.read().partition("\trdgsbase")[2].partition("\t.data")[0]
    tinyos("entry.S", rest, "")
    return tinyos("entry.S", "\trdgsbase", ASKS_CS)


def assert_asks_cs(said):
    """One cause, with label, instruction, line, base, story and command."""
    assert re.match(r"1 of 3 stubs is wrong: nmi at \d+ boundaries of \d "
                    r"paths\.\n\n1\. nmi runs on the user's GS base, and "
                    r"behaves like by-cs: ", said), said
    assert "\n2. " not in said
    assert re.search(r"^   syscall64 and syscall64-iretq +tinyos_syscall\+0x0 "
                     r"+swapgs +entry\.S:6 +user's base$", said, re.MULTILINE)
    assert "   known: an NMI before SWAPGS" in said
    assert "   seen: NMI at tinyos_syscall+0x0, base zero: user's GS base, " \
        "not " in said
    assert 'ARGS="--only window.tinyos.syscall64.nmi"\n' in said
    assert said.count("\n") < LINES_SAID


def test_wrong_stub_is_shown_wrong(tinyos):
    """Declared as what it is: wrong at the two ends of SYSCALL's path, and
    at those before and behind the swaps of INT 0x80's."""
    tinyos("stubs.h", "RULE_SAVE_SET", "RULE_BY_CS")
    done = window(asks_cs(tinyos), "--platform", "qemu-uboot")
    assert done.returncode == 1, done.stderr
    assert " syscall64, syscall64-iretq: tinyos_syscall+0x0 N, " \
        "tinyos_syscall+0x2e N" in done.stdout
    assert_asks_cs(done.stdout)


def test_rule_that_is_not_the_stubs_is_shown(tinyos):
    """The same, declared as one that asks nothing and is right everywhere."""
    done = window(asks_cs(tinyos), "--platform", "qemu-uboot")
    assert done.returncode == 1, done.stderr
    assert_asks_cs(done.stdout)


def test_what_it_says_to_run_shows_just_that(tinyos):
    done = window(asks_cs(tinyos), "--platform", "qemu-uboot",
                  "--args=--only window.tinyos.syscall64.nmi")
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("1 of 2 stubs is wrong: nmi at 2 boundaries "
                                  "of syscall64.\n")
    assert "int80" not in done.stdout


@pytest.mark.parametrize("keeps, what, was, now", [
    ("\taddq\t$8, %rsp\n", "rax", "f0f0f0f0f0f0f6f", "0"),
    ("\tmovl\t$0x23, %eax\n\tmovl\t%eax, %gs\n\tmovq\t-8(%rsp), %rax\n"
     "\twrgsbase %rax\n\tpopq\t%rax\n", "gs selector", "0", "23"),
])
def test_what_is_not_given_back_is_named(tinyos, keeps, what, was, now):
    """An NMI stub that keeps RAX to itself, or leaves GS another selector:
    which it is, with what it was."""
    done = window(tinyos("entry.S", "\twrgsbase %rax\n\tpopq\t%rax\n",
                         "\twrgsbase %rax\n" + keeps),
                  "--platform", "qemu-uboot")
    assert done.returncode == 1, done.stderr
    assert re.search(rf"^\d\. nmi does not give back .*\b{what}\b",
                     done.stdout, re.MULTILINE)
    assert re.search(rf"^   seen: NMI at .*: {what} was {was}, comes back "
                     rf"{now}$", done.stdout, re.MULTILINE)


def test_dead_code_is_named(tinyos):
    done = window(tinyos("entry.S", "tinyos_nmi:", "dead:\tnop\n\tud2\n"
                         "tinyos_nmi:"), "--platform", "qemu-uboot")
    assert "30 of 32 instructions visited, all but dead+0x0..0x1 (2)" \
        in done.stdout


@pytest.mark.parametrize("old, new, sentence", [
    ("VEC_nmi, tinyos_nmi", "VEC_nmi, tinyos_cpu",
     "its stub for nmi lies outside .text.under_test"),
    ("VEC_nmi,", "VEC_int80,", "it has two stubs for int80"),
    ("VEC_nmi,", "0x1234,", "its stub number 3 is for 0x1234"),
    (".count = 3", ".count = 0", "it has no stubs"),
    ('.name = "tinyos"', '.name = "other"',
     'nothing was run: its .name in stubs.h must be "tinyos"'),
])
def test_unfit(tinyos, old, new, sentence):
    """What only the image itself can see."""
    said = refused(tinyos("stubs.h", old, new), "--platform", "qemu-uboot")
    assert said.startswith("tinyos: " + sentence)


@pytest.mark.parametrize("old, new, platform, does, seen", [
    # faults in the middle of it, on its own stack
    ("movq\t%gs:16, %rsp", "movq\t%gs:0, %rsp", "qemu-uboot",
     "syscall64 faults", "stub #"),
    # goes round and round, seen step by step
    ("1:\tcall\tspecimen_body", "1:\tnop\n\tjmp\t1b", "qemu-uboot",
     "int80 does not return",
     "stub goes round and round at tinyos_int80+0x"),
    ("tinyos_nmi:", "tinyos_nmi:\tnop\n\tjmp tinyos_nmi\n", "qemu-uboot",
     "nmi does not return", "stub goes round and round at tinyos_nmi+0x"),
    # known before it is run
    ("1:\tcall\tspecimen_body", "1:\tjmp\t1b", "qemu-uboot",
     "int80 does not return",
     "stub never returns: a jump to itself at tinyos_int80+0xa"),
    # leads to where no code is; its own call, on a stack that is not there
    ("1:\tcall\tspecimen_body", "1:\tmovl $0x1234, %eax\n\tjmp *%rax",
     "qemu-uboot", "int80 faults", "stub #PF at 1234, where no code is"),
    ("1:\tcall\tspecimen_body", "1:\txorl %esp, %esp\n\tjmp specimen_body",
     "qemu-uboot", "int80 faults",
     "stub #DF at its call, on the stack that it came with"),
    # not until it is at full speed, with NMIs blocked: only a reset helps
    ("tinyos_nmi:", "tinyos_nmi:\tincl tinyos_cpu\n\tcmpl $8, tinyos_cpu\n"
     "5:\tja 5b\n", "qemu-ovmf", "nmi hangs",
     "the machine no longer answered, and was reset from outside, "
     "in tinyos_nmi+0x0, come from tinyos_syscall+0x"),
    ("\tpushq\t%rcx", "\tpushq $0\n\tpushq $0\n\tlidt (%rsp)\n\tud2",
     "qemu-ovmf", "syscall64 resets the machine",
     "the machine restarted, at tinyos_syscall+0x19, base zero"),
    ("\tpushq\t%rcx", "\tpushq $0\n\tpushq $0\n\tlidt (%rsp)\n\tud2",
     "bochs-uboot", "syscall64 resets the machine",
     "the machine restarted, at tinyos_syscall+0x19, base zero"),
])
def test_broken_stub(tinyos, old, new, platform, does, seen):
    """The stub and the boundary; the machine comes back."""
    done = window(tinyos("entry.S", old, new), "--platform", platform)
    assert done.returncode == 1, done.stderr
    assert re.match(r"[123] of 3 stubs (is|are) wrong: ", done.stdout)
    assert re.search(rf"^\d\. {does}$", done.stdout, re.MULTILINE)
    assert f"   seen: {seen}" in done.stdout


def test_an_nmi_that_halts_is_no_fault(tinyos):
    done = window(tinyos("entry.S", "tinyos_nmi:", "tinyos_nmi:\tcli\n\thlt\n"),
                  "--platform", "qemu-uboot")
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("3 stubs, none wrong.\nnmi never returns: "
                                  "hlt, interrupts off, at tinyos_nmi+0x1.\n")


MISHAPS = os.path.join(TOP, "tests/boot/own/mishaps")
# What each of its stubs costs, and no more: PATH.CHECK, and its verdict.
COST = {
    "syscall64.nmi": "hang", "syscall64-iretq.nmi": "hang",
    "syscall64.mc": "hang", "syscall64-iretq.mc": "hang",
    "int80-ring0.visited": "reset", "int80-ring0.db": "skip",
    # left alone by then
    "int80.nmi": "skip", "int80.mc": "skip", "nmi.visited": "skip",
    # nobody was called
    "irq.visited": "fail",
    # and what has nothing to do with all that
    **{f"{path}.{what}": "pass"
       for path in ("syscall64", "syscall64-iretq", "int80", "int80-compat",
                    "db-ring0", "db-syscall")
       for what in ("visited", "db", "rules")},
}
WHOLE = ("syscall64", "syscall64-iretq", "int80", "int80-compat", "db",
         "db-ring0", "db-syscall")


@pytest.mark.parametrize("platform", ["qemu-uboot", "qemu-ovmf",
                                      "bochs-uboot"])
def test_what_goes_wrong_costs_its_own_cells(platform):
    """The run goes on behind each, and the table has all the others."""
    window(MISHAPS, "--platform", platform)
    with open(os.path.join(BUILD, "run", f"window-mishaps-{platform}",
                           "report.json"), encoding="utf-8") as file:
        report = json.load(file)
    assert report["run"]["complete"]
    verdicts = {check["id"].removeprefix("window.mishaps."): check["verdict"]
                for check in report["checks"]}
    assert {name: verdicts.get(name) for name in COST} == COST
    rows = {}
    for row in report["window"]:
        rows.setdefault(row["path"], []).append(row)
    assert "int80-ring0" not in rows
    for path in WHOLE:
        assert all("sent" in row["events"]["db"] for row in rows[path]
                   if row["bases"]), path
