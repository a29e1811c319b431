# SPDX-License-Identifier: MIT
"""The comparison with the known results: whatever changes must show."""

import json
import os
import re
import subprocess
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
SCRIPTS = os.path.join(TOP, "scripts")
KNOWN = os.path.join(TOP, "tests/known")
sys.path.insert(0, SCRIPTS)

from ringside import known  # noqa: E402  pylint: disable=C0413
from ringside.platforms import TESTED  # noqa: E402  pylint: disable=C0413


def checks(seen="this", **verdicts):
    return {"paths": [], "subjects": [], "checks": [
        {"id": name.replace("_", "."), "verdict": verdict, "why": "",
         "seen": seen} for name, verdict in verdicts.items()]}


def test_what_was_seen_is_compared():
    """A check that fails in another way than it did is news, and so is one
    that is skipped for another reason."""
    before = known.findings(checks(a_b="fail", c_d="skip", e_f="pass"))
    before = {name: (*found, "because") for name, found in before.items()}
    assert known.compare(checks(a_b="fail", c_d="skip", e_f="pass"),
                         before) == []
    assert known.compare(checks("that", a_b="fail", c_d="skip", e_f="pass"),
                         before) == [
        "a.b: known fail (this), now fail (that)",
        "c.d: known skip (this), now skip (that)"]


@pytest.mark.parametrize("name", TESTED)
def test_no_row_of_the_known_ones_is_free_to_change(name):
    """For each row of the known results: nonsense in place of what was seen
    turns it red, and nothing else does."""
    before = known.load(os.path.join(KNOWN, name + ".txt"))
    report = {"paths": [], "checks": [
        {"id": key, "verdict": verdict, "seen": seen, "why": ""}
        for key, (verdict, seen, _) in before.items()]}
    assert known.compare(report, before) == []
    for check in report["checks"]:
        assert check["seen"], check["id"]
        check["seen"] = "nonsense"
    assert len(known.compare(report, before)) == len(before)


@pytest.mark.parametrize("words, same", [
    ("rip ffffffffc0036160, saved cs 8", "rip <core>, saved cs 8"),
    ("rip aaaaaaaac0000f50", "rip aaaaaaaa<core>"),
    ("rcx c0000f50", "rcx <core>"),
    ("rip ffffffff10003e73", "rip ffffffff<user text>"),
    ("rip 10003e73, r11 0x1040a7f8", "rip <user text>, r11 <user data>"),
    # Layout and manuals decide these, not the linker.
    ("saved rsp ffffffffd000ffd8", "saved rsp ffffffffd000ffd8"),
    ("saved rsp 10801ff8", "saved rsp 10801ff8"),
    ("rip 800000000000", "rip 800000000000"),
    ("saved rflags 10802", "saved rflags 10802"),
])
def test_addresses_of_the_linker_are_places(words, same):
    assert known.places(words) == same


def test_places_are_those_of_the_layout():
    with open(os.path.join(TOP, "include/layout.h"), encoding="ascii") as file:
        layout = {name: int(value, 16) & 0xffffffff for name, value
                  in re.findall(r"#define VA_(\w+) (0x[0-9a-f]+)", file.read())}
    assert known.PLACES == (
        (known.CORE, layout["CORE"], layout["STACKS"]),
        ("<user text>", layout["USER_TEXT"], layout["USER_DATA"]),
        ("<user data>", layout["USER_DATA"], layout["USER_STACK"]))


def test_compare_shows_only_the_difference():
    report = {"paths": [{"path": "nmi", "from": "ring 0", "wrong": 1,
                         "entries": 4}],
              "checks": [
                  {"id": "a.b", "verdict": "pass", "why": "", "seen": ""},
                  {"id": "c.d", "verdict": "fail", "why": "no", "seen": ""},
                  {"id": "e.f", "verdict": "skip", "why": "x", "seen": ""}]}
    same = {"c.d": ("fail", "no", "because"), "e.f": ("skip", "x", ""),
            "path:nmi:ring-0": ("wrong", "1 of 4 decisions", "because")}
    assert known.compare(report, same) == []
    assert known.compare(report, {**same, "a.b": ("fail", "y", "")}) \
        == ["a.b: known fail (y), now pass"]
    assert known.compare(report, {**same, "g.h": ("fail", "", "")}) \
        == ["g.h: known fail, now absent"]
    del same["c.d"]
    assert known.compare(report, same) \
        == ["c.d: known pass, now fail (no)"]


@pytest.mark.parametrize("text", ["one-word\n", "a.b fail\na.b fail\n"])
def test_known_file_is_checked(tmp_path, text):
    path = tmp_path / "known.txt"
    path.write_text(text)
    with pytest.raises(ValueError):
        known.load(path)


CAUSES = """\
qemu-*    fail         a.b  special
qemu-*    fail,differ  a.*  general
bochs-*   fail         d.e  of another emulator
"""


def test_known_results_can_be_accepted(tmp_path):
    """Afterwards nothing differs, and each line has its cause: the first
    that fits; what has none is said."""
    (tmp_path / "causes.txt").write_text(CAUSES)
    causes = known.load_causes(tmp_path / "causes.txt")
    path = tmp_path / "known" / "qemu-x.txt"
    report = checks(a_b="fail", a_c="differ", a_d="hang", d_e="fail",
                    f_g="pass", h_i="skip")
    written = known.accept(path, "qemu-x", report, causes)
    after = known.load(path)
    assert after == written == {
        "a.b": ("fail", "this", "special"),
        "a.c": ("differ", "this", "general"),
        "a.d": ("hang", "this", "unexplained"),
        "d.e": ("fail", "this", "unexplained"), "h.i": ("skip", "this", "")}
    assert known.compare(report, after) == []
    assert known.unexplained(after) == ["a.d: hang, unexplained: this",
                                        "d.e: fail, unexplained: this"]


def test_compare_says_what_is_unexplained(tmp_path):
    (tmp_path / "causes.txt").write_text(CAUSES)
    (tmp_path / "report.json").write_text(json.dumps(
        checks(a_b="fail", z_z="fail")))
    words = [os.path.join(SCRIPTS, "compare"), tmp_path / "report.json",
             tmp_path / "qemu-x.txt"]
    for more in (["--accept"], []):
        done = subprocess.run([*words, *more], capture_output=True, text=True,
                              check=False)
        assert done.returncode == 1, done.stderr
        assert done.stdout.splitlines()[-1] == "z.z: fail, unexplained: this"
    (tmp_path / "causes.txt").write_text(CAUSES + "* fail z.z because\n")
    for more in (["--accept"], []):
        done = subprocess.run([*words, *more], capture_output=True, text=True,
                              check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_skipped_everywhere_is_reviewed():
    """A check that no machine runs any more is news, and so is one that some
    machine runs at last."""
    with open(os.path.join(KNOWN, "skipped-everywhere.txt"),
              encoding="utf-8") as file:
        reviewed = file.read().splitlines()
    results = known.load_all(KNOWN, TESTED)
    assert len(results) == len(TESTED)
    assert reviewed == known.skipped_lines(results)


def test_skipped_everywhere_is_what_all_skip():
    a = {"a.b": ("skip", "x", ""), "c.d": ("skip", "x", ""),
         "e.f": ("skip", "y", "")}
    b = {"a.b": ("skip", "z", ""), "c.d": ("fail", "x", "w"),
         "g.h": ("skip", "y", "")}
    assert known.skipped_everywhere([a, b]) == {"a.b": ["x", "z"]}
    assert known.skipped_lines([a, a])[2:] == ["", "# x", "a.b", "c.d",
                                               "", "# y", "e.f"]


def test_known_sentences_are_the_causes():
    """tests/known/ is as causes.txt would write it, and no cause is idle."""
    causes = known.load_causes(os.path.join(KNOWN, "causes.txt"))
    used = set()
    for name in TESTED:
        lines = known.load(os.path.join(KNOWN, name + ".txt"))
        assert not known.unexplained(lines)
        for check, (verdict, _, sentence) in lines.items():
            if verdict != "skip":
                cause = known.cause_of(causes, name, check, verdict)
                assert cause and cause[3] == sentence, check
                used.add(cause)
    assert [cause for cause in causes if cause not in used] == []
