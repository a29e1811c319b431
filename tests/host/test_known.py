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

from ringside import (  # noqa: E402  pylint: disable=C0413
    causes, known, knownfiles, versions)

EVERY = [(name, release) for name in knownfiles.machines(KNOWN)
         for release in knownfiles.releases(KNOWN, name)]
HERE = {"name": "qemu", "model": "x", "features": [], "emulator": "QEMU",
        "accel": "tcg"}


def checks(seen="this", version="7.2.22", **verdicts):
    return {"run": {"platform": {**HERE, "version": version}},
            "paths": [], "subjects": [], "checks": [
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


def test_what_was_not_to_be_done_is_no_difference():
    """Neither in a run that is compared nor in the one that is known."""
    left_out = checks(known.LEFT_OUT, a_b="skip")
    done = checks("the machine hung", a_b="hang")
    assert known.compare(left_out, {"a.b": ("hang", "it hung", "x")}) == []
    assert known.compare(done, {"a.b": ("skip", known.LEFT_OUT, "")}) == []
    assert known.compare(done, {"a.b": ("skip", "no such thing", "")}) \
        == ["a.b: known skip (no such thing), now hang (the machine hung)"]


def test_what_needs_more_processors_is_nothing_to_know():
    """A check that is skipped for that one processor runs is in no table, and
    no difference from one that has it; for another reason it is both."""
    alone = checks(known.ALONE, smp_come="skip")
    assert known.findings(alone) == {}
    assert known.compare(alone, {}) == []
    assert known.compare(alone, {"smp.come": ("fail", "late", "x")}) == []
    for other in (checks(known.ALONE, smp_come="fail"),
                  checks("--cpus first", smp_come="skip")):
        assert known.findings(other).keys() == {"smp.come"}
        assert len(known.compare(other, {})) == 1
    assert known.compare(checks(smp_come="fail"), {}) == [
        "smp.come: known pass, now fail (this)"]


def test_alone_is_what_the_image_says():
    with open(os.path.join(TOP, "tests/lib/smp.c"), encoding="utf-8") as file:
        assert f'"{known.ALONE}"' in file.read()


@pytest.mark.parametrize("name, release", EVERY)
def test_no_row_of_the_known_ones_is_free_to_change(name, release):
    """For each row of the known results: nonsense in place of what was seen
    turns it red, and nothing else does."""
    before = knownfiles.history(KNOWN, name)[release].rows
    report = {"paths": [], "checks": [
        {"id": key, "verdict": verdict, "seen": seen, "why": ""}
        for key, (verdict, seen, _) in before.items()]}
    assert known.compare(report, before) == []
    for check in report["checks"]:
        assert check["seen"], check["id"]
        check["seen"] = "nonsense"
    assert len(known.compare(report, before)) == len(
        [row for row in before.values() if row[1] != known.LEFT_OUT])


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


@pytest.mark.parametrize("text, why", [
    ("# seen with QEMU 7.2\none-word\n", "not `id verdict sentence`"),
    ("# seen with QEMU 7.2\na.b fail\na.b fail\n", "a.b again"),
    ("a.b fail\n", "does not say what it was seen with")])
def test_known_file_is_checked(tmp_path, text, why):
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "7.2.txt").write_text(text)
    with pytest.raises(ValueError, match=why):
        knownfiles.history(tmp_path, "m")


CAUSES = """\
qemu-*    ..      fail         a.b  special
qemu-*    ..      fail,differ  a.*  general
bochs-*   ..      fail         d.e  of another emulator
qemu-*    10.0..  fail         k.l  since then
"""


def accept(directory, report):
    return knownfiles.accept(directory, known.Machine.of(report), report)


def test_known_results_can_be_accepted(tmp_path):
    """Afterwards nothing differs, and each row has its cause: the first
    that fits; what has none is said."""
    (tmp_path / "causes.txt").write_text(CAUSES)
    report = checks(a_b="fail", a_c="differ", a_d="hang", d_e="fail",
                    f_g="pass", h_i="skip", k_l="fail")
    written = accept(tmp_path, report)
    after = knownfiles.nearest(tmp_path, known.Machine.of(report))
    assert after == written
    assert after.rows == {
        "a.b": ("fail", "this", "special"),
        "a.c": ("differ", "this", "general"),
        "a.d": ("hang", "this", "unexplained"),
        "d.e": ("fail", "this", "unexplained"), "h.i": ("skip", "this", ""),
        "k.l": ("fail", "this", "unexplained")}
    assert known.compare(report, after.rows) == []
    assert known.unexplained(after.rows) == [
        f"{name}: {verdict}, unexplained: this" for name, verdict in
        (("a.d", "hang"), ("d.e", "fail"), ("k.l", "fail"))]


def test_a_later_release_has_what_is_otherwise(tmp_path):
    """And one that is put between two others changes neither."""
    (tmp_path / "causes.txt").write_text(CAUSES)
    new = checks(version="11.1.3", a_b="pass", a_c="differ", k_l="fail")
    accept(tmp_path, checks(a_b="fail", a_c="differ", k_l="pass"))
    accept(tmp_path, new)
    path = tmp_path / "qemu-x" / "11.1.txt"
    lines = path.read_text().splitlines()
    assert lines[2] == "# seen with QEMU 11.1.3"
    assert [line.split()[:2] for line in lines[4:]] == [
        ["a.b", "pass"], ["k.l", "fail"]]
    accept(tmp_path, checks(version="10.0.13", a_b="fail", a_c="fail",
                            k_l="fail"))
    known_now = knownfiles.history(tmp_path, "qemu-x")
    assert list(known_now) == ["7.2", "10.0", "11.1"]
    assert known.compare(new, known_now["11.1"].rows) == []
    assert known_now["7.2"].rows.keys() == {"a.b", "a.c"}
    assert known_now["10.0"].rows["a.c"] == ("fail", "this", "general")


@pytest.mark.parametrize("version, of, judged", [
    ("7.2.22", "7.2.22", True), ("7.2.9", "7.2.22", False),
    ("9.2.0", "7.2.22", False), ("10.0.13", "10.0.13", True),
    ("10.1.2", "10.0.13", False), ("6.0.0", "7.2.22", False)])
def test_a_version_that_is_not_known_has_news(tmp_path, version, of, judged):
    """It is held against the nearest release, and nothing of it fails."""
    (tmp_path / "causes.txt").write_text("")
    for seen in ("7.2.22", "10.0.13"):
        accept(tmp_path, checks(version=seen, a_b="skip"))
    report = checks(version=version, a_b="fail")
    (tmp_path / "report.json").write_text(json.dumps(report))
    assert knownfiles.nearest(
        tmp_path, known.Machine.of(report)).version == of
    done = compare(tmp_path)
    line = "a.b: known skip (this), now fail (this)\n"
    if judged:
        assert (done.returncode, done.stdout) == (1, line)
    else:
        assert done.returncode == 0
        assert done.stdout == f"news of qemu-x, QEMU {version}, held " \
            f"against QEMU {of}: {line}"


def test_a_machine_is_all_that_results_depend_on():
    for more, name in (({}, "qemu-x"), ({"features": ["+la57", "-fred"]},
                                        "qemu-x,+la57,-fred"),
                       ({"accel": "kvm"}, "qemu-x@kvm"),
                       ({"accel": ""}, "qemu-x")):
        report = {"run": {"platform": {**HERE, "version": "7.2", **more}}}
        assert known.Machine.of(report).name == name


def test_versions_are_numbers():
    assert versions.number("11.1.3 (Debian 1:11.1.3+ds-1)") == "11.1.3"
    assert versions.number("unknown") == ""
    assert versions.release("11.1.3") == "11.1"
    assert versions.nearest(["10.0", "7.2", "11.1"], "10.2") == "10.0"
    assert versions.nearest([], "10.2") is None
    for text, yes, no in (("..", "7.2 11.1.3", ""),
                          ("..10.0", "7.2.22 10.0.13", "11.1"),
                          ("9.1..", "10.0 11.1", "7.2.22 9.0"),
                          ("9.1..10.0", "10.0.2 9.1", "11.1 7.2")):
        bounds = versions.parse_range(text)
        assert all(versions.within(bounds, one) for one in yes.split())
        assert not any(versions.within(bounds, one) for one in no.split())
    for text in ("10.0", "10.0..9.1", "a..b"):
        with pytest.raises(ValueError):
            versions.parse_range(text)


def compare(directory, *more):
    return subprocess.run(
        [os.path.join(SCRIPTS, "compare"), directory / "report.json",
         "--known", directory, *more], capture_output=True, text=True,
        check=False)


def test_other_processors_have_news(tmp_path):
    """Of a report that is as known, too, and it is no failure."""
    (tmp_path / "causes.txt").write_text("")
    report = checks(a_b="pass")
    accept(tmp_path, report)
    report["others"] = [
        {"id": "a.b", "cpus": cpus, "verdict": verdict, "seen": seen,
         "why": "no"} for cpus, verdict, seen in (
             ("1-3", "fail", "rip ffffffffc0036160"), ("5", "skip", ""))]
    (tmp_path / "report.json").write_text(json.dumps(report))
    told = ["news of qemu-x, QEMU 7.2.22: cpus 1-3: a.b fail (rip <core>)",
            "news of qemu-x, QEMU 7.2.22: cpu 5: a.b skip (no)"]
    for more in ([], ["--accept"]):
        done = compare(tmp_path, *more)
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines() == told
    report["checks"][0]["verdict"] = "fail"
    (tmp_path / "report.json").write_text(json.dumps(report))
    done = compare(tmp_path)
    assert (done.returncode, done.stdout.splitlines()) == (
        1, ["a.b: known pass, now fail (this)", *told])
    assert known.compare(report, {"a.b": ("fail", "this", "x")}) == []


def test_compare_says_what_is_unexplained(tmp_path):
    (tmp_path / "causes.txt").write_text(CAUSES)
    (tmp_path / "report.json").write_text(json.dumps(
        checks(a_b="fail", z_z="fail")))
    for more in (["--accept"], []):
        done = compare(tmp_path, *more)
        assert done.returncode == 1, done.stderr
        assert done.stdout.splitlines()[-1] == "z.z: fail, unexplained: this"
    (tmp_path / "causes.txt").write_text(CAUSES + "* .. fail z.z because\n")
    for more in (["--accept"], []):
        done = compare(tmp_path, *more)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("report, why", [
    ("{", "Expecting"), ('{"run": {}}', "does not say what it ran on"),
    (json.dumps(checks()), "nothing is known of qemu-x")])
def test_compare_refuses_in_one_line(tmp_path, report, why):
    (tmp_path / "report.json").write_text(report)
    done = compare(tmp_path)
    assert done.returncode == 2
    assert why in done.stderr and done.stderr.count("\n") == 1


def test_what_is_skipped_everywhere_is_reviewed():
    """A check that no machine runs any more is news, and so is one that some
    machine runs at last."""
    with open(os.path.join(KNOWN, "skipped-everywhere.txt"),
              encoding="utf-8") as file:
        reviewed = file.read().splitlines()
    assert reviewed == knownfiles.skipped_lines(
        [one.rows for one in knownfiles.every(KNOWN)])


def test_skipped_everywhere_is_what_all_skip():
    a = {"a.b": ("skip", "x", ""), "c.d": ("skip", "x", ""),
         "e.f": ("skip", "y", "")}
    b = {"a.b": ("skip", "z", ""), "c.d": ("fail", "x", "w"),
         "g.h": ("skip", "y", "")}
    assert knownfiles.skipped_everywhere([a, b]) == {"a.b": ["x", "z"]}
    assert knownfiles.skipped_lines([a, a])[2:] == [
        "", "# x", "a.b", "c.d", "", "# y", "e.f"]


@pytest.mark.parametrize("name, release", EVERY)
def test_known_sentences_are_the_causes(name, release):
    """tests/known/ is as causes.txt would write it."""
    one = knownfiles.history(KNOWN, name)[release]
    assert one.release == release
    assert not known.unexplained(one.rows)
    every = causes.load(os.path.join(KNOWN, causes.FILE))
    for check, (verdict, _, sentence) in one.rows.items():
        if verdict != known.SKIP:
            cause = causes.cause_of(every, name, one.version, check, verdict)
            assert cause and cause.sentence == sentence, check
