# SPDX-License-Identifier: MIT
"""The catalogue keeps to its format, and the checks and it to each other."""

import os
import re
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "scripts"))

from ringside import facts  # noqa: E402  pylint: disable=C0413

ROWS = facts.rows()
ASKED = facts.asked(TOP, ROWS)
GOOD = """\
# SPDX-License-Identifier: MIT
# A chapter: rows XX.
#
# What it is about.

## A section

XX1  what is done
rule: what comes
    of it
vendors: alike
source: a manual
trust: high; a part of it a value
"""


def test_a_row_is_read_as_it_is_written():
    chapter = facts.parse(GOOD, "x")
    assert chapter.title == "A chapter"
    assert chapter.intro == "What it is about."
    row, = chapter.rows
    assert (row.id, row.title, row.section) == ("XX1", "what is done",
                                                "A section")
    assert row.fields["rule"] == "what comes of it"


def test_the_readme_shows_a_row_as_it_is():
    with open(os.path.join(facts.FACTS, "README.md"),
              encoding="ascii") as file:
        shown = re.search(r"^```\n(.*?)^```", file.read(), re.M | re.S)[1]
    row, = facts.parse(GOOD.partition("XX1")[0] + shown, "x").rows
    assert (row.title, row.fields) == (ROWS[row.id].title,
                                       ROWS[row.id].fields)


@pytest.mark.parametrize("old, new", [
    ("XX1  what", "XX1 what"), ("XX1", "XX01"), ("XX1", "X1"),
    ("rule: what comes\n    of it\n", ""), ("trust: high", "trust: sure"),
    ("vendors: alike\n", ""), ("source:", "sauce:"),
    ("    of it", "  of it"), ("alike", "alike "), ("alike", "\u00e4hnlich"),
    ("alike", "x" * 80), ("vendors: alike", "vendors: alike\nrule: again"),
    ("trust: high", "trust: high\nsource: behind it"),
    ("## A section\n", "## A section"),
])
def test_what_is_no_row_is_refused(old, new):
    assert old in GOOD
    with pytest.raises(facts.Bad):
        facts.parse(GOOD.replace(old, new, 1), "x")


def test_every_row_is_asked_by_a_case():
    assert [row for row in ROWS if row not in ASKED] == []
    assert all(ASKED[row] for row in ROWS)


def test_every_citation_is_a_row():
    assert {word: who for word, who in ASKED.items() if word not in ROWS} == {}


def test_who_asks_is_a_case_of_the_list():
    with open(os.path.join(TOP, "tests/cases/list.def"),
              encoding="ascii") as file:
        cases = set(re.findall(r"^(?:CASE|EACH|TURN|ONCE|LAST)\((\w+),",
                               file.read(), re.M))
    others = set(facts.NO_CASES.values())
    assert {name for who in ASKED.values() for name in who} <= cases | others


def test_citations_are_found_and_nothing_else():
    families = {"SC", "DB"}
    assert facts.cited('.facts = "DESIGN", x("SC1 2.1"), y("SC in DB1")',
                       families) == ["SC1", "2.1", "DESIGN"]
    assert facts.cited('"DR7" "SC" "sc.one"', families) == []
    assert facts.cited('facts[] = "CG3";', families) == ["CG3"]


def test_rows_speak_of_rows():
    """An id in a row's text is a row: no reference leads nowhere."""
    families = "|".join(sorted({id[:2] for id in ROWS}))
    for row in ROWS.values():
        text = " ".join(row.fields.values())
        for word in re.findall(rf"\b(?:{families})[1-9]\d*\b", text):
            assert word in ROWS, (row.id, word)


def test_the_project_speaks_of_itself_alone():
    for row in ROWS.values():
        text = " ".join([row.title, *row.fields.values()])
        assert not re.search(r"https?:|/work|/tmp", text), row.id
