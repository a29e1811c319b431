# SPDX-License-Identifier: MIT
"""The words of a map's statements: numbers, places, vectors, rules; each is
taken from a line, or refused in a sentence that names the line.
"""

import difflib
import os
import re
from dataclasses import dataclass

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
NUMBER = re.compile(r"0[xX][0-9a-fA-F]+|[0-9]+")
SYMBOL = re.compile(r"[A-Za-z_.$?@][\w.$?@]*")
TERM = re.compile(rf"({NUMBER.pattern}|{SYMBOL.pattern})")
PLACE = re.compile(rf"{TERM.pattern}([+-]{TERM.pattern})*")
U64 = (1 << 64) - 1
NEAREST = 3  # names offered for one that is unknown


class MapError(Exception):
    """A statement that cannot stand; the text is `path:LINE: sentence`.  No
    line: of the whole file."""

    def __init__(self, path, line, sentence):
        where = path if line is None else f"{path}:{line}"
        super().__init__(f"{where}: {sentence}")


def number_of(text):
    """A number, decimal or hexadecimal, else None."""
    return int(text, 16 if text[:2] in ("0x", "0X") else 10) \
        if NUMBER.fullmatch(text) else None


def nearest(name, names, words="nearest: "):
    """" (nearest: a, b)" of the names that look like it, or ""."""
    found = difflib.get_close_matches(name, names, NEAREST, 0.6)
    if not found:
        found = sorted((each for each in names if name.lower()
                        in each.lower()), key=len)[:NEAREST]
    return f" ({words}{', '.join(found)})" if found else ""


def _defined(file, pattern):
    with open(os.path.join(TOP, file), encoding="ascii") as text:
        return re.findall(pattern, text.read(), re.MULTILINE)


WINDOW_IRQ = 0x41  # VEC_WINDOW_IRQ of vectors.h
GATE, COST = 0xf0, 0xec
VECTORS = {name: int(number, 16) for number, name in _defined(
    "entry/vectors.def", r"^(?:EXCEPTION|VECTOR)\((0x\w+), (\w+),")}
VECTORS["irq"] = WINDOW_IRQ
RULES = {name: "RULE_" + word for word, name in _defined(
    "include/rules.def", r'^(?:EVENT_)?RULE\((\w+), "([a-z-]+)"')}


@dataclass(frozen=True)
class Place:
    """A sum of symbols and numbers, as written; line says where."""
    text: str
    line: int

    def terms(self):
        """(+1 or -1, symbol or number as text) each."""
        for sign, term in re.findall(rf"([+-]?){TERM.pattern}", self.text):
            yield -1 if sign == "-" else 1, term

    def symbols(self):
        return [term for _, term in self.terms() if number_of(term) is None]


class Words:
    """What is left of one statement."""

    def __init__(self, path, line, words):
        self.path, self.line = path, line
        self.statement, self.left = words[0], words[1:]

    def error(self, sentence):
        return MapError(self.path, self.line, sentence)

    def take(self, what):
        if not self.left:
            raise self.error(f"`{self.statement}` ends where {what} is wanted")
        return self.left.pop(0)

    def skip(self, word):
        """Take this word if it is the next one.  Was it?"""
        if self.left[:1] == [word]:
            self.left.pop(0)
            return True
        return False

    def keyword(self, word):
        if not self.skip(word):
            got = f", not `{self.left[0]}`" if self.left else ""
            raise self.error(f"`{self.statement}` wants `{word}` here{got}")

    def number(self, what, low=0, high=U64):
        text = self.take(what)
        value = number_of(text)
        if value is None:
            raise self.error(f"{what} is a number, not `{text}`")
        if not low <= value <= high:
            limits = f"{low} to {high}" if high != U64 else f"{low} up"
            raise self.error(f"{what} is {text}, and can be {limits}")
        return value

    def place(self, what="a place"):
        text = self.take(what)
        if not PLACE.fullmatch(text):
            raise self.error(f"`{text}` is no place: SYMBOL, SYMBOL+N, "
                             "SYMBOL-N or a number, without blanks")
        return Place(text, self.line)

    def pattern(self, text):
        """Symbols; their numbers come later."""
        if not PLACE.fullmatch(text.replace("*", "0")):
            raise self.error(f"`{text}` is no symbol")
        return Place(text, self.line)

    def vector(self, what="a vector", text=None):
        text = text or self.take(what)
        value = number_of(text)
        if value is None:
            value = VECTORS.get(text.lower())
        if value is None or value > 255:
            raise self.error(
                f"there is no vector `{text}`: it is a number from 0 to 255, "
                "or a name in entry/vectors.def"
                + nearest(text.lower(), VECTORS))
        return value

    def rule(self):
        text = self.take("a rule")
        if text not in RULES:
            raise self.error(f"there is no rule `{text}`: "
                             + ", ".join(RULES))
        return RULES[text]

    def end(self):
        if self.left:
            raise self.error(f"`{self.left[0]}` is too much for "
                             f"`{self.statement}`")
