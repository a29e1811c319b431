# SPDX-License-Identifier: MIT
"""The options are one list, include/options.def: the README's table has each
of them, with its argument, and no other."""

import os
import re

TOP = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
ROW = re.compile(r'^OPTION\("([^"]+)", (\w+), \w+, (\w+), "([^"]*)",', re.M)
TABLE = re.compile(r"^\| `(--[a-z0-9-]+)(?: ([^`]+))?` \|", re.M)


def text(name):
    with open(os.path.join(TOP, name), encoding="utf-8") as file:
        return file.read()


def test_readme_has_every_option_and_no_other():
    rows = ROW.findall(text("include/options.def"))
    listed = [(word, argument) for word, _, _, argument in rows]
    assert len(listed) > 10
    assert sorted(TABLE.findall(text("README.md"))) == sorted(listed)


def test_every_row_is_well_formed():
    source = text("include/options.def")
    rows = ROW.findall(source)
    assert len(rows) == len(re.findall(r"^OPTION\(", source, re.M))
    for word, kind, group, _ in rows:
        assert re.fullmatch(r"--[a-z0-9]+(-[a-z]+)*", word)
        assert kind in ("FLAG", "TEXT", "NUMBER", "CPUS", "PROVOKE")
        assert group in ("ANY", "MODE", "STORM")
