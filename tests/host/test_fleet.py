# SPDX-License-Identifier: MIT
"""What comes of a lab's reports: JUnit's XML and the page of all places, from
the samples that the C tests leave."""

import json
import os
import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
FOLDER = os.environ["RINGSIDE_SAMPLES"]
sys.path.insert(0, os.path.join(TOP, "scripts"))

from ringside import junit, processors, sidebyside  # noqa: E402
from test_html import Checker, load  # noqa: E402

SAMPLES = sorted(name for name in os.listdir(FOLDER)
                 if name.endswith(".json"))
NONE = {"place": "dark", "directory": "dark", "report": None, "tries": 0,
        "seconds": 1.5, "problem": "its power switch: <refused> & gone"}


def place(name, report, folder=""):
    return {"place": name, "directory": os.path.join(folder, name),
            "report": report, "tries": 1, "seconds": 2.0, "problem": ""}


def written(places, tmp_path):
    path = tmp_path / "junit.xml"
    junit.write(places, path)
    done = subprocess.run(
        ["xmllint", "--noout", "--schema",
         os.path.join(TOP, "tests/junit.xsd"), path],
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return ElementTree.parse(path).getroot()


@pytest.mark.parametrize("name", SAMPLES)
def test_junit_has_every_check(tmp_path, name):
    report = load(name)
    suite = written([place("a", report)], tmp_path)[0]
    checks = processors.checks(report)
    assert [case.get("name") for case in suite] == [
        "run", *(check["id"] for check in checks)]
    how = {"fail": "failure", "hang": "failure", "reset": "failure",
           "skip": "skipped", "notrun": "skipped"}
    for case, check in zip(suite[1:], checks):
        inside = [element.tag for element in case]
        assert inside == [how.get(check["verdict"], "system-out")] or \
            (inside, check["verdict"]) == ([], "pass")


def test_junit_counts_and_names_the_place_that_failed(tmp_path):
    root = written([place("a", load("complete.json")), NONE], tmp_path)
    assert [suite.get("name") for suite in root] == ["a", "dark"]
    for word in ("tests", "failures", "errors"):
        assert int(root.get(word)) == sum(int(suite.get(word))
                                          for suite in root)
    assert root[1][0].find("error").get("message") == NONE["problem"]
    assert (root.get("errors"), root[0].get("errors")) == ("1", "0")


def test_junit_of_what_xml_cannot_hold(tmp_path):
    report = load("complete.json")
    report["checks"] = [{**report["checks"][0], "verdict": "fail",
                         "seen": "\x01<&>\ud800\x1b"}]
    failure = written([place("a", report)], tmp_path).find(".//failure")
    assert "seen ?<&>??" in failure.get("message")


@pytest.mark.parametrize("line", [
    '<testcase name="a" classname="b" time="0"><failure/></testcase>',
    '<testcase name="a" time="0"/>', '<case/>', ''])
def test_the_schema_refuses(tmp_path, line):
    path = tmp_path / "junit.xml"
    path.write_text(
        '<testsuites name="x" tests="1" failures="0" errors="0">'
        '<testsuite name="x" tests="1" failures="0" errors="0" skipped="0" '
        f'time="0">{line}</testsuite></testsuites>')
    assert subprocess.run(
        ["xmllint", "--noout", "--schema",
         os.path.join(TOP, "tests/junit.xsd"), path], check=False,
        capture_output=True).returncode


def test_junit_fails_what_another_processor_fails(tmp_path):
    report = load("processors.json")
    suite = written([place("a", report)], tmp_path)[0]
    failed = {case.get("name") for case in suite
              if case.find("failure") is not None}
    assert failed == {"exc.bp.ring3", "exc.de.ring3 (cpu 1)",
                      "mc.delivery (cpus 1-2)"}
    assert suite.get("failures") == "3"


def test_another_processor_is_beside_the_places(tmp_path):
    report = load("processors.json")
    alike = {**report, "others": []}
    assert sidebyside.differing([report, alike]) == {
        (("fail", "#UD"), None): ["exc.de.ring3 (cpu 1)",
                                  "mc.delivery (cpus 1-2)"],
        (("pass", ""), None): ["exc.bp.ring3 (cpus 1-2)"]}
    assert "; 2 findings of other processors;" in \
        sidebyside.summary(place("a", report))
    assert "other processors" not in sidebyside.summary(place("a", alike))
    path = tmp_path / "compare.html"
    sidebyside.write([place("a", report, tmp_path),
                      place("b", alike, tmp_path)], path)
    rows = Checker(path.read_text(encoding="utf-8")).rows
    column = rows[0].index("others' findings")
    assert [row[column] for row in rows[1:3]] == ["2", "0"]


def check(name, verdict, seen=""):
    return {"id": name, "verdict": verdict, "seen": seen}


def test_what_differs():
    reports = [{"checks": [check("a", "pass"), check("b", "fail", "RF=0"),
                           check("c", "fail", "RF=0"), check("d", "differ",
                                                             "1")]},
               {"checks": [check("a", "pass"), check("b", "pass"),
                           check("c", "pass"), check("d", "differ", "2"),
                           check("e", "skip", "no FRED")]}]
    assert sidebyside.differing(reports) == {
        (("fail", "RF=0"), ("pass", "")): ["b", "c"],
        (None, ("skip", "no FRED")): ["e"]}


def test_the_page_stands_alone(tmp_path):
    report = load("complete.json")
    other = json.loads(json.dumps(report))
    changed = other["checks"][0]
    changed["verdict"] = "fail" if changed["verdict"] != "fail" else "pass"
    changed["seen"] = "<script>"
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "report.html").write_text("")
    path = tmp_path / "compare.html"
    sidebyside.write([place("a", report, tmp_path),
                      place("b", other, tmp_path), NONE], path)
    text = path.read_text(encoding="utf-8")
    page = Checker(text)
    assert {value for key, value in page.attributes if key == "href"} == {
        "a/report.html", "b/report.html"}
    assert not re.search(r"<script|url\(|@import|https?:", text)
    assert [row[0] for row in page.rows if len(row) == 3] == [
        "check", changed["id"]]
    assert NONE["problem"] in page.text


def test_one_report_has_nothing_beside_it(tmp_path):
    sidebyside.write([place("a", load("complete.json"), tmp_path), NONE],
                     tmp_path / "compare.html")
    assert "None." in Checker((tmp_path / "compare.html").read_text(
        encoding="utf-8")).text
