# SPDX-License-Identifier: MIT
"""A map: what an OS author says of a kernel, one statement a line.

entry/specimens/MAP.md is its page.  Here a map is read and nothing looked up:
places stay as they are written.  Each error names path and line.
"""

import os
import re

from .mapmodel import CALLS, IST_NONE, Body, Map, Options, Stubs
from .mapwords import MapError, Words

NAME = re.compile(r"[a-z][a-z0-9_-]{0,14}", re.IGNORECASE)
SELECTORS = ("kernel-cs", "kernel-ss", "user-cs32", "user-ss", "user-cs64")
ISTS = 7
STRIDE_MAX = 4096
SET_BYTES = 8
SET_BYTES_MAX = 4096
MEMORY_MAX = 64 << 20


class _Reader:
    def __init__(self, path):
        self.map = Map(path)
        self.once = {}     # what may be said once: its line
        # vector: the line that names it, alone or with others
        self.vectors, self.ranges = {}, {}

    def first_time(self, words, what):
        if what in self.once:
            raise words.error(f"a second `{what}`; the first is in line "
                              f"{self.once[what]}")
        self.once[what] = words.line

    @staticmethod
    def claim(words, first, last, claimed):
        for vector in range(first, last + 1):
            if vector in claimed:
                raise words.error(f"vector {vector:#x} is in line "
                                  f"{claimed[vector]} already")
            claimed[vector] = words.line

    def line(self, words):
        statement = _STATEMENTS.get(words.statement)
        if not statement:
            raise words.error(f"`{words.statement}` begins no statement: "
                              + ", ".join(_STATEMENTS))
        statement(self, words)
        words.end()

    def name(self, words):
        self.first_time(words, "name")
        self.map.name = words.take("a name")
        if not NAME.fullmatch(self.map.name):
            raise words.error(f"`{self.map.name}` cannot be a name: it takes "
                              "a letter, then up to 14 letters, digits, - or "
                              "_")

    @staticmethod
    def options(words):
        found = Options()
        while words.left:
            if words.skip("ist"):
                found.ist = IST_NONE if words.skip("none") else \
                    words.number("an IST number", 1, ISTS)
            elif words.skip("rule"):
                found.rule = words.rule()
            elif words.left[0] in ("trap", "ring3", "nests"):
                setattr(found, words.left.pop(0), True)
            else:
                raise words.error(f"`{words.left[0]}` is no option of a stub: "
                                  "ist N, ist none, trap, ring3, rule RULE, "
                                  "nests")
        return found

    def vector(self, words):
        vector = words.vector()
        self.claim(words, vector, vector, self.vectors)
        place = words.place()
        self.map.stubs.append(Stubs(words.line, vector, vector, "one", place,
                                    0, self.options(words)))

    def range(self, words):
        first, dash, last = words.take("FIRST-LAST").partition("-")
        first = words.vector(text=first)
        last = words.vector(text=last) if dash else first
        if last < first:
            raise words.error(f"vectors run upwards, not {first}-{last}")
        self.claim(words, first, last, self.ranges)
        kind = words.take("`array`, `table` or `named`")
        if kind == "named":
            self.names(words, first, last)
            return
        if kind not in ("array", "table"):
            raise words.error(f"vectors lie in an `array` of code or a "
                              f"`table` of pointers, or are `named`, not in "
                              f"a `{kind}`")
        place, stride = words.place(), 8
        if kind == "array":
            words.keyword("stride")
            stride = words.number("a stride", 1, STRIDE_MAX)
        elif words.skip("stride"):
            stride = words.number("a table's stride", 8, STRIDE_MAX)
        self.map.stubs.append(Stubs(words.line, first, last, kind, place,
                                    stride, self.options(words)))

    def names(self, words, first, last):
        """Symbols that differ in a number: isr*, or irq* from 0."""
        pattern, number = words.take("a symbol with a `*`"), first
        if pattern.count("*") != 1:
            raise words.error(f"`{pattern}` has no `*` where the numbers are")
        if words.skip("from"):
            number = words.number("the first one's number", 0, 255)
        place = words.pattern(pattern)
        self.map.stubs.append(Stubs(words.line, first, last, "named", place,
                                    number - first, self.options(words)))

    def idt(self, words):
        self.first_time(words, "idt")
        self.map.idt = words.place()

    def call(self, words):
        self.first_time(words, words.statement)
        place = words.place()
        rule = words.rule() if words.skip("rule") else "RULE_NONE"
        self.map.calls[words.statement] = place, rule

    def number(self, words):
        self.first_time(words, words.statement)
        self.map.numbers[words.statement] = words.number(
            f"`{words.statement}`")

    def select(self, words):
        self.first_time(words, "selectors")
        while words.left:
            name, equals, value = words.left.pop(0).partition("=")
            if name not in SELECTORS or not equals:
                raise words.error(f"`{name}` is no selector: kernel-cs=N and "
                                  "so on, of " + ", ".join(SELECTORS))
            if name in self.map.selectors:
                raise words.error(f"`{name}` is there twice")
            words.left.insert(0, value)
            self.map.selectors[name] = words.number(f"`{name}`", 0, 0xffff)
        for name in ("kernel-cs", "user-ss", "user-cs64"):
            if not self.map.selectors.get(name):
                raise words.error(f"`selectors` without `{name}`")

    def one_place(self, words):
        self.first_time(words, words.statement)
        self.map.places[words.statement] = words.place()

    def ist(self, words):
        which = words.number("an IST number", 1, ISTS)
        self.first_time(words, f"ist {which}")
        self.map.ists[which] = words.place()

    def set(self, words):
        words.left = " ".join(words.left).replace("=", " = ").split()
        at = words.place()
        words.keyword("=")
        value, size = words.place("a value"), SET_BYTES
        if words.skip("bytes"):
            size = words.number("`bytes`", 1, SET_BYTES_MAX)
        self.map.sets.append((at, value, size))

    def memory(self, words):
        at = words.place()
        words.keyword("bytes")
        self.map.memories.append((at, words.number("`bytes`", 1, MEMORY_MAX)))

    def page_table(self, words):
        which = words.take("`kernel` or `user`")
        if which not in ("kernel", "user"):
            raise words.error(f"`cr3` is `kernel` or `user`, not `{which}`")
        self.first_time(words, f"cr3 {which}")
        self.map.cr3[which] = words.place()

    def base_instructions(self, words):
        self.first_time(words, "fsgsbase")
        self.map.fsgsbase = words.skip("on")
        if not self.map.fsgsbase:
            words.keyword("off")

    def body(self, words):
        names = [words.place("a function")]
        while words.left and words.left[0] not in ("returns", "keeps",
                                                    "any-gs"):
            names.append(words.place("a function"))
        body = Body(words.line)
        while words.left:
            if words.skip("returns"):
                body.returns = words.number("`returns`")
            elif words.skip("any-gs"):
                body.any_gs = True
            else:
                words.keyword("keeps")
                body.keeps = True
        for place in names:
            if len(list(place.terms())) != 1:
                raise words.error("`body` wants a function, not "
                                  f"`{place.text}`")
            if place.text in self.map.bodies:
                raise words.error(
                    f"a second `body {place.text}`; the first is in line "
                    f"{self.map.bodies[place.text].line}")
            self.map.bodies[place.text] = body

    def fixup(self, words):
        at = words.place()
        self.map.fixups.append((at, words.place() if words.left else None))

    def fred(self, words):
        self.map.freds.append(words.place())


_STATEMENTS = {
    "name": _Reader.name, "vector": _Reader.vector, "vectors": _Reader.range,
    "idt": _Reader.idt, **dict.fromkeys(CALLS, _Reader.call),
    **dict.fromkeys(("fmask", "star", "rax"), _Reader.number),
    "selectors": _Reader.select,
    **dict.fromkeys(("stack", "tss", "gs"), _Reader.one_place),
    "ist": _Reader.ist, "set": _Reader.set, "memory": _Reader.memory,
    "cr3": _Reader.page_table, "fsgsbase": _Reader.base_instructions,
    "body": _Reader.body, "fixup": _Reader.fixup, "fred": _Reader.fred,
}
STATEMENTS = set(_STATEMENTS)


def parse(path, text):
    """A Map of the text, or MapError.  path is what the errors call it."""
    reader = _Reader(path)
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if words := line.partition("#")[0].split():
            reader.line(Words(path, number, words))
    found = reader.map
    if not (found.stubs or found.idt or found.calls):
        raise MapError(path, len(lines), "the map names no stub: `vector`, "
                       "`vectors`, `idt` or `syscall` does")
    found.named = bool(found.name)
    found.name = found.name or _name_of(path)
    return found


def _name_of(path):
    """A name made of the map's file's."""
    stem = os.path.basename(path).partition(".")[0]
    stem = re.sub(r"[^a-zA-Z0-9_-]", "-", stem).lstrip("0123456789_-")
    return stem[:15] or "kernel"


def read(path):
    """The same of a file."""
    try:
        with open(path, encoding="utf-8") as file:
            return parse(path, file.read())
    except OSError as why:
        raise MapError(path, None, why.strerror.lower()) from None
    except UnicodeDecodeError:
        raise MapError(path, 1, "is no text") from None
