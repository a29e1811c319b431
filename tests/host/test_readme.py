# SPDX-License-Identifier: MIT
"""What the README names is there, and what is there the README names."""

import os
import re
import subprocess

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
# The agreed top level; what has a dot in front belongs to tools.
# A Containerfile is looked for there.
TOP_LEVEL = {"Containerfile", "Makefile", "README.md", "LICENSE", "efi",
             "entry", "handlers", "include", "scripts", "tests"}
ROOMS = ("efi", "entry", "handlers", "include", "scripts", "tests")
ORDER_SLACK = 0.05  # of the number of lines that the README says
GLOSSARY_WORDS = 10


def read(*path):
    with open(os.path.join(TOP, *path), encoding="utf-8") as file:
        return file.read()


README = read("README.md")


def section(title, text=README):
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", text,
                     re.M | re.S)[1]


# --- paths --------------------------------------------------------------------

PATH = re.compile(r"(?<![\w./<-])((?:" + "|".join(ROOMS) + r")/[\w./-]*\w/?)")
PLACEHOLDER = re.compile(r"[A-Z]{4,}")  # tests/cases/FAMILY/NAME.c


def paths(text):
    return {path for path in PATH.findall(text)
            if not PLACEHOLDER.search(path)}


def missing(text, top=TOP):
    return sorted(path for path in paths(text)
                  if not os.path.exists(os.path.join(top, path)))


def test_paths():
    assert len(paths(README)) > 15
    assert missing(README) == []


@pytest.mark.parametrize("line", [
    "see `entry/linux.S`", "[it](include/nothing.h)", "scripts/no-such NAME",
    "1. `tests/cases/gates/int81.c`: one case"])
def test_a_missing_path_is_found(line):
    assert missing(line)


# --- commands -----------------------------------------------------------------

def targets():
    """Those that `make help` names, with what it says of them."""
    said = subprocess.run(["make", "-s", "help"], cwd=TOP, text=True,
                          env=dict(os.environ, MAKEFLAGS="", MAKELEVEL="0"),
                          stdout=subprocess.PIPE, check=True).stdout
    blocks = re.split(r"^make ", said, flags=re.M)[1:]
    return {block.split()[0]: block for block in blocks}


def phony():
    return set(re.findall(r"[\w-]+", " ".join(re.findall(
        r"^\.PHONY:(.*)$", read("Makefile"), re.M)))) - {"FORCE"}


def test_help_names_every_target():
    assert set(targets()) == phony()


def named(text):
    """The targets that a text says to make."""
    words = re.findall(r"(?:^|[`$] ?)make ((?:[\w-]+)?)", text, re.M)
    return {word for word in words if word and not word.startswith("-")}


def test_targets():
    assert named(README) >= {"run", "test", "window", "usb"}
    assert named(README) <= set(targets())


def test_the_table_of_commands_is_whole():
    """But for those that need no word, or have theirs elsewhere."""
    table = named(section("Commands"))
    assert set(targets()) - table == {
        "image", "host-test", "accept", "setup", "clean"}


def variables(text):
    return set(re.findall(r"\b([A-Z]{3,}(?:_[A-Z]+)?)=", text))


def test_variables():
    """What one may set is what the Makefile hands on, and help names it."""
    known = set(re.search(r"^export (PLATFORM .*)$", read("Makefile").replace(
        "\\\n", ""), re.M)[1].split())
    known |= {"HARNESS", "WERROR"}  # the Makefile's own
    assert variables(README) >= {"PLATFORM", "CPU", "SMP", "ARGS", "SPECIMEN"}
    assert variables(README) <= known
    assert variables("".join(targets().values())) == known


def test_scripts_that_it_names_run():
    for script in re.findall(r"`(scripts/[\w-]+)", README):
        assert os.access(os.path.join(TOP, script), os.X_OK), script


def options(text):
    return set(re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", text))


def test_options():
    """Each is the image's, or that script's in whose name it stands."""
    ours = set(re.findall(r'"(--[a-z-]+)', read("include", "options.def")))
    scripts = re.findall(r"`(scripts/[\w-]+) (--[\w-]+)", README)
    assert ours and scripts
    assert options(README) - ours == {option for _, option in scripts} - ours
    for script, option in scripts:
        assert option in read(script)


# --- the house ----------------------------------------------------------------

def test_the_top_level_is_the_agreed_one():
    if not os.path.exists(os.path.join(TOP, ".git")):
        pytest.skip("not a clone: what is the project's is not known")
    listed = subprocess.run(["git", "ls-files"], cwd=TOP, text=True,
                            stdout=subprocess.PIPE, check=True).stdout
    there = {path.split("/")[0] for path in listed.splitlines()}
    assert {name for name in there if name[0] != "."} == TOP_LEVEL


def drawing():
    """The rooms of the drawing: {room: rooms inside it}."""
    text = re.search(r"^The rooms:\n\n```\n(.*?)^```", section(
        "Reading the code"), re.M | re.S)[1]
    rooms, at = {}, None
    for line in text.splitlines():
        if outer := re.match(r"(\w+)/", line):
            at = rooms.setdefault(outer[1], set())
            line = line[outer.end():]
        at |= set(re.findall(r"(?:^|[\s(])(\w+)/(?=\s|$)", line))
    return rooms


def test_the_drawing_is_the_house():
    rooms = drawing()
    assert set(rooms) == set(ROOMS)
    for room, inside in rooms.items():
        there = {entry.name for entry in os.scandir(os.path.join(TOP, room))
                 if entry.is_dir() and entry.name != "__pycache__"}
        assert inside == there, room


def order():
    return re.findall(r"^\d+\. `([^`]+)`", section("Reading the code"), re.M)


def lines(path):
    return read(path).count("\n")


def test_reading_order():
    listed = order()
    assert len(listed) == 9
    assert [path for path in listed
            if not os.path.isfile(os.path.join(TOP, path))] == []
    said = int(re.search(r"about ([\d,]+) lines\. Each", section(
        "Reading the code"))[1].replace(",", ""))
    assert abs(said - sum(map(lines, listed))) <= ORDER_SLACK * said


def test_the_example_is_as_long_as_it_says():
    folder, said = re.search(r"`(tests/examples/\w+)`\s+is one, of (\d+) lines",
                             README).groups()
    assert int(said) == sum(lines(os.path.join(folder, name)) for name
                            in os.listdir(os.path.join(TOP, folder)))


def test_each_of_them_begins_with_what_it_is():
    """A comment of some lines, at the head."""
    for path in order():
        head = re.match(r"/\* SPDX[^\n]*\n/\*\n(.*?)\*/", read(path), re.S)
        assert head and head[1].count("\n") >= 4, path


def glossary():
    return re.findall(r"^\| ([a-z ]+) \| ([^|]+) \|$",
                      section("Reading the code"), re.M)


def sources():
    for room in ("entry", "handlers", "include", "tests"):
        for directory, _, names in os.walk(os.path.join(TOP, room)):
            for name in names:
                if name.endswith((".c", ".h", ".S", ".inc", ".def")):
                    yield read(directory, name)


def test_the_glossary():
    """Ten words, and the sources use each of them, in more than one file."""
    words = [word for word, _ in glossary() if word != "word"]
    assert len(set(words)) == len(words) == GLOSSARY_WORDS
    texts = list(sources())
    for word in words:
        used = re.compile(rf"\b{word.removesuffix('s')}s?\b")
        assert sum(bool(used.search(text)) for text in texts) >= 5, word
