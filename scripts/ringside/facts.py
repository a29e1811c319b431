# SPDX-License-Identifier: MIT
"""The catalogue of facts: tests/facts/*.txt, and who asks which row.

The format is told in tests/facts/README.md, which also lists the chapters in
their order.  Which cases ask a row stands nowhere: it is read off the sources
of the cases, whose checks cite rows by id.
"""

import os
import re
import textwrap
from dataclasses import dataclass, field

TOP = os.path.normpath(os.path.join(os.path.dirname(__file__), "../.."))
FACTS = os.path.join(TOP, "tests", "facts")

KEYS = ("rule", "vendors", "source", "trust", "story")
OPTIONAL = {"story"}
TRUST = {"high", "medium", "value"}
ID = re.compile(r"[A-Z]{2}[1-9][0-9]*")
WIDTH = 80

_HEAD = re.compile(rf"({ID.pattern})  (\S.*)$")
_FIELD = re.compile(r"([a-z]+): (\S.*)$")
_CHAPTER = re.compile(r"^- `(\w+)\.txt`", re.M)

# Who asks, where it is no case of tests/cases/list.def.
NO_CASES = {"tests/window/window.c": "window_*",
            "tests/window/soak.c": "--soak",
            "tests/selftest.c": "--self-test",
            "tests/selftest_canaries.c": "--self-test",
            "handlers/judge/mutants.c": "--mutants"}


class Bad(ValueError):
    """A file of the catalogue that does not keep to the format."""


@dataclass
class Row:
    """One row: an id, what is done, and what the fields say of it."""
    id: str
    title: str
    chapter: str
    section: str
    fields: dict = field(default_factory=dict)


@dataclass
class Chapter:
    """One file: its title, what stands at its head, its rows in its order."""
    name: str
    title: str
    intro: str
    rows: list = field(default_factory=list)


def _block(lines, place, chapter, section):
    """The row of one block of lines."""
    head = _HEAD.match(lines[0])
    if not head:
        raise Bad(f"{place}: not `ID  title`: {lines[0]}")
    row = Row(head[1], head[2], chapter, section)
    key = None
    for line in lines[1:]:
        found = _FIELD.match(line)
        if found:
            key = found[1]
            if key not in KEYS or key in row.fields:
                raise Bad(f"{place}: {row.id}: {key}: again, or unknown")
            row.fields[key] = found[2]
        elif key and re.match(r"    \S", line):
            row.fields[key] += " " + line.strip()
        else:
            raise Bad(f"{place}: {row.id}: neither field nor more: {line}")
    missing = [k for k in KEYS if k not in row.fields and k not in OPTIONAL]
    if missing:
        raise Bad(f"{place}: {row.id}: without {', '.join(missing)}")
    if list(row.fields) != [k for k in KEYS if k in row.fields]:
        raise Bad(f"{place}: {row.id}: fields in another order")
    if re.match(r"\w+", row.fields["trust"])[0] not in TRUST:
        raise Bad(f"{place}: {row.id}: trust is one of {sorted(TRUST)}")
    return row


def parse(text, name):
    """The chapter that a file's text is."""
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > WIDTH or not line.isascii() or line != line.rstrip():
            raise Bad(f"{name}:{number}: wide, not ASCII, or blank at its end")
    head, *blocks = re.split(r"\n\n+", text.rstrip("\n"))
    title, *intro = [line.lstrip("# ") for line in head.split("\n")[1:]]
    chapter = Chapter(name, title.split(":")[0].rstrip("."),
                      " ".join(filter(None, intro)))
    section = ""
    for block in blocks:
        lines = block.split("\n")
        if lines[0].startswith("## "):
            section = lines[0][3:]
            if len(lines) > 1:
                raise Bad(f"{name}: no empty line behind: {lines[0]}")
            continue
        chapter.rows.append(_block(lines, name, name, section))
    return chapter


def chapters(folder=FACTS):
    """All chapters, in the order that the README lists them in."""
    with open(os.path.join(folder, "README.md"), encoding="ascii") as file:
        names = _CHAPTER.findall(file.read())
    there = sorted(n[:-4] for n in os.listdir(folder) if n.endswith(".txt"))
    if sorted(names) != there:
        raise Bad(f"README.md does not list the files: {there}")
    result, seen = [], set()
    for name in names:
        with open(os.path.join(folder, name + ".txt"),
                  encoding="utf-8") as file:
            chapter = parse(file.read(), name)
        for row in chapter.rows:
            if row.id in seen:
                raise Bad(f"{name}: {row.id} again")
            seen.add(row.id)
        result.append(chapter)
    return result


def rows(folder=FACTS):
    """{id: row}, in the catalogue's order."""
    return {row.id: row for c in chapters(folder) for row in c.rows}


def lines(row, who):
    """A row as plain text, wrapped; who: the names of those that ask it."""
    text = [f"{row.id}  {row.title}"]
    for key, value in {**row.fields, "asked by": ", ".join(who)}.items():
        text += textwrap.wrap(f"{key}: {value}", WIDTH,
                              subsequent_indent="    ", break_on_hyphens=False)
    return text


def sources(top=TOP):
    """{path from the top: text} of all that can cite rows."""
    texts = {}
    for folder in ("tests/cases", "tests/lib", "tests/storm", "tests/window",
                   "tests", "handlers/judge"):
        for where, _, files in os.walk(os.path.join(top, folder)):
            if folder == "tests" and where != os.path.join(top, folder):
                continue
            for name in files:
                if name.endswith((".c", ".h")):
                    path = os.path.join(where, name)
                    with open(path, encoding="ascii") as file:
                        texts[os.path.relpath(path, top)] = file.read()
    return texts


def cited(text, families):
    """The words of all strings that cite rows: those that are nothing but
    capitals and numbers and have an id of a family in them, and what is
    assigned to facts."""
    words = []
    strings = re.findall(r'"([^"\\\n]*)"', text)
    for string in strings:
        ids = [w for w in string.split()
               if ID.fullmatch(w) and w[:2] in families]
        if ids and not re.search("[a-z]{2}", string):
            words += string.split()
    for found in re.findall(r'facts(?:\[\])? = "([^"\\\n]*)"', text):
        words += found.split()
    return words


def asked(top=TOP, known=None):
    """{word cited: sorted names of the cases that do}.  A file without a
    case of its own speaks for the cases that include its header."""
    known = known or rows()
    families = {id[:2] for id in known}
    texts = sources(top)
    owns = {path: re.findall(r"^void case_(\w+)\(void\)\n\{", text, re.M)
            for path, text in texts.items()}
    result = {}
    for path, text in texts.items():
        words = cited(text, families)
        if not words:
            continue
        names = owns[path] or [NO_CASES.get(path)]
        if names == [None]:
            stem = os.path.splitext(os.path.basename(path))[0]
            names = [name for other, includes in texts.items()
                     if re.search(rf'#include "(?:\w+/)*{stem}\.h"', includes)
                     for name in owns[other]]
        for word in words:
            result.setdefault(word, set()).update(names)
    return {word: sorted(names) for word, names in result.items()}
