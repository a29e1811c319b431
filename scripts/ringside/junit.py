# SPDX-License-Identifier: MIT
"""JUnit's XML from the reports of several places: a testsuite a place, a
testcase a check, as tests/junit.xsd has it.  What other processors than the
first have otherwise are testcases, too, behind the first's.

A check's name is its id, its class the place and the id's first word.  `differ`
is no failure: what was seen stands in the testcase's output.  A place that has
brought no complete report has an error in its first testcase, `run`.
"""

import re
from xml.etree import ElementTree

from . import processors

FAILURES = ("fail", "hang", "reset")
SKIPPED = ("skip", "notrun")
RUN = "run"
# What XML 1.0 cannot hold.
_UNFIT = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _text(words):
    return _UNFIT.sub("?", str(words))


def _said(check):
    """What there is to say of a check that does not pass, in lines."""
    return "\n".join(f"{word}: {check[word]}"
                     for word in ("expected", "seen", "why", "facts")
                     if check.get(word))


def _case(suite, place, check):
    name, verdict = check["id"], check["verdict"]
    case = ElementTree.SubElement(
        suite, "testcase", name=_text(name),
        classname=_text(f"{place}.{name.partition('.')[0]}"), time="0")
    if verdict in FAILURES:
        ElementTree.SubElement(
            case, "failure", type=verdict, message=_text(
                f"{verdict}: seen {check['seen'] or 'nothing'}"
                + (f", expected {check['expected']}" if check["expected"]
                   else ""))).text = _text(_said(check))
    elif verdict in SKIPPED:
        ElementTree.SubElement(case, "skipped", message=_text(
            check["seen"] or check["why"] or verdict))
    elif verdict != "pass":
        ElementTree.SubElement(case, "system-out").text = _text(
            f"{verdict}\n{_said(check)}")


def _suite(root, place):
    report = place["report"]
    checks = processors.checks(report) if report else []
    verdicts = [check["verdict"] for check in checks]
    suite = ElementTree.SubElement(
        root, "testsuite", name=_text(place["place"]),
        tests=str(len(checks) + 1),
        failures=str(sum(word in FAILURES for word in verdicts)),
        errors=str(int(bool(place["problem"]))),
        skipped=str(sum(word in SKIPPED for word in verdicts)),
        time=str(place["seconds"]))
    case = ElementTree.SubElement(
        suite, "testcase", name=RUN, classname=_text(place["place"]),
        time=str(place["seconds"]))
    if place["problem"]:
        ElementTree.SubElement(case, "error", type="place",
                               message=_text(place["problem"]))
    for check in checks:
        _case(suite, place["place"], check)
    return suite


def write(places, path):
    root = ElementTree.Element("testsuites", name="ringside")
    suites = [_suite(root, place) for place in places]
    for word in ("tests", "failures", "errors"):
        root.set(word, str(sum(int(suite.get(word)) for suite in suites)))
    ElementTree.ElementTree(root).write(path, encoding="utf-8",
                                        xml_declaration=True)
