# SPDX-License-Identifier: MIT
"""No row of the catalogue is left out: on every platform each has a check that
cites it, or is skipped with a reason; and no check cites what is no row."""

import re

from ringside import facts

from runs import MACHINES, on

ROWS = facts.rows()
VENDORS = ("GenuineIntel", "AuthenticAMD")
WAY = re.compile("as on (Intel|AMD): |neither vendor's way: ")
# What --self-test and --mutants alone ask.
OWN = {row.id for row in ROWS.values() if row.chapter == "harness"}


def citations(run):
    """{word: the checks that cite it}"""
    cited = {}
    for check in run.report["checks"]:
        for word in check["facts"].split():
            cited.setdefault(word, []).append(check)
    return cited


@on(*MACHINES)
def test_every_row_has_its_check(run):
    cited = citations(run)
    assert [row for row in ROWS if row not in cited and row not in OWN] == []
    for row in ROWS.keys() - OWN:
        assert all(check["verdict"] != "notrun" for check in cited[row])
        assert all(check["seen"] for check in cited[row]
                   if check["verdict"] == "skip"), row


@on(*MACHINES, "self-test")
def test_every_check_cites_rows(run):
    assert {word for word in citations(run) if word not in ROWS} == set()
    assert [check["id"] for check in run.report["checks"]
            if not check["facts"]] == []


@on(*MACHINES)
def test_verdicts_are_what_the_rows_are_trusted_for(run):
    """What can be `differ' has a row that is not trusted in full, and what can
    fail a machine one that is.  Whose way a processor of neither vendor goes
    is its result."""
    neither = run.report["machine"]["vendor"] not in VENDORS
    for words, verdicts in ((("medium", "value"), {"differ"}),
                            (("high",), {"fail", "hang", "reset"})):
        assert [(check["id"], check["facts"]) for check in run.report["checks"]
                if check["verdict"] in verdicts
                and not (neither and "differ" in verdicts
                         and WAY.match(check["seen"])) and not any(
                    word in ROWS[row].fields["trust"]
                    for row in check["facts"].split() for word in words)] == []


@on("centaur")
def test_an_instruction_that_is_refused_is_no_wrong_decision(run):
    """SYSENTER enters from compat code, and the stub's own SYSEXIT is #UD."""
    rows = {row["path"]: row for row in run.report["paths"]}
    assert [row["path"] for row in rows.values() if row["wrong"]] == []
    assert rows["sysenter32"]["right"] == rows["sysenter32"]["entries"] == 2
    assert rows["sysenter32"]["note"] == "its own way back is #UD here: by " \
        "IRETQ"


@on("centaur")
def test_of_an_unknown_vendor_the_way_is_the_result(run):
    checks = {check["id"]: check for check in run.report["checks"]}
    for name, way in (("sysexitl.cs.usual", "AMD"),
                      ("sysexit.compat", "Intel")):
        assert checks[name]["verdict"] == "differ"
        assert checks[name]["seen"].startswith(f"as on {way}: ")
    assert checks["sysenter32.compat"]["verdict"] == "pass"
    assert checks["life.gs-zero"]["verdict"] == "pass"


@on(*MACHINES)
def test_no_two_checks_share_an_id(run):
    ids = [check["id"] for check in run.report["checks"]]
    assert len(ids) == len(set(ids))
