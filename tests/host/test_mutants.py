# SPDX-License-Identifier: MIT
"""The lists of scripts/mutants: each line that they break is there, once."""

import glob
import importlib.machinery
import importlib.util
import os
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


def load():
    path = os.path.join(TOP, "scripts/mutants")
    sys.path.insert(0, os.path.join(TOP, "scripts"))
    loader = importlib.machinery.SourceFileLoader("mutants", path)
    spec = importlib.util.spec_from_loader("mutants", loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


mutants = load()
ALL = [mutant for path in sorted(glob.glob(mutants.LISTS))
       for mutant in mutants.parse(path)]


@pytest.mark.parametrize("mutant", ALL, ids=lambda m: m["name"])
def test_there_is_something_to_break(mutant):
    whole = mutants.read(os.path.join(TOP, mutant["file"]))
    assert mutants.broken(whole, mutant["-"], mutant["+"]) != whole


def test_names_are_unique():
    names = [mutant["name"] for mutant in ALL]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("source", ["", "a;\na;\n", "b;\n"])
def test_a_line_that_is_not_there_once(source):
    with pytest.raises(ValueError, match="not once"):
        mutants.broken(source, "a;", "b;")


def test_indentation_stays():
    assert mutants.broken("{\n    a;\n}\n", "a;", "b;") == "{\n    b;\n}\n"


@pytest.mark.parametrize("text", [
    "name x\nfile y\n- a\n+ b\n",             # no `by'
    "name x\nname y\n",                       # twice
    "nonsense x\n",
])
def test_a_bad_list_is_refused(tmp_path, text):
    path = tmp_path / "list.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="list.txt:"):
        mutants.parse(str(path))
