# SPDX-License-Identifier: MIT
"""What a map says, as data; kernelmap.py reads one."""

from dataclasses import dataclass, field

from .mapwords import MapError, Place

# The entries that have no vector, and what vectors.h calls them.
CALLS = {"syscall": "SYSCALL64", "syscall32": "SYSCALL32",
         "sysenter": "SYSENTER", "callgate": "CALLGATE"}
IST_OURS, IST_NONE = "SPECIMEN_IST_OURS", "SPECIMEN_IST_NONE"


@dataclass
class Options:
    """Of a stub: what may follow its place."""
    ist: object = IST_OURS  # or 1 to 7, or IST_NONE
    trap: bool = False
    ring3: bool = False
    rule: str = "RULE_NONE"
    nests: bool = False


@dataclass
class Stubs:
    """Code for the vectors first to last: one stub, an array of code or a
    table of pointers, stride bytes apart; or symbols with a number where the
    place has a `*`, the vector's plus stride."""
    line: int
    first: int
    last: int
    kind: str  # "one", "array", "table", "named"
    place: Place
    stride: int
    options: Options


@dataclass
class Body:
    line: int
    returns: int = 0
    keeps: bool = False
    any_gs: bool = False


@dataclass
class Map:
    path: str
    name: str = ""
    named: bool = False  # by a statement, not after its file
    stubs: list = field(default_factory=list)
    idt: Place = None
    calls: dict = field(default_factory=dict)      # of CALLS: (Place, rule)
    numbers: dict = field(default_factory=dict)    # fmask, star, rax
    selectors: dict = field(default_factory=dict)
    places: dict = field(default_factory=dict)     # stack, tss, gs
    ists: dict = field(default_factory=dict)       # number: Place
    sets: list = field(default_factory=list)       # (Place, Place, bytes)
    memories: list = field(default_factory=list)   # (Place, bytes)
    cr3: dict = field(default_factory=dict)        # kernel, user: Place
    fsgsbase: bool = True
    bodies: dict = field(default_factory=dict)     # symbol: Body
    fixups: list = field(default_factory=list)     # (Place, Place or None)
    freds: list = field(default_factory=list)

    def call_vectors(self):
        """(statement, name behind VEC_) of the calls that it has."""
        return [(call, CALLS[call]) for call in self.calls]

    def error(self, line, sentence):
        return MapError(self.path, line, sentence)
