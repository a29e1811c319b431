# SPDX-License-Identifier: MIT
"""A map: each statement as it is read, and each mistake with its line."""

import os
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "scripts"))

from ringside.kernelmap import parse  # noqa: E402  pylint: disable=C0413
from ringside.mapwords import MapError, Place  # noqa: E402

ENTRY = "syscall entry\n"


def one(line):
    """The map of one statement, which stands in line 2."""
    return parse("my.os.map", ENTRY + line)


def refused(text):
    with pytest.raises(MapError) as why:
        parse("os.map", text)
    return str(why.value)


def test_comments_and_blank_lines():
    found = parse("a/os.map", "# a map\n\n  syscall  entry # its entry\n")
    assert found.calls == {"syscall": (Place("entry", 3), "RULE_NONE")}


@pytest.mark.parametrize("path, name", [
    ("a/my.os.map", "my"), ("9os.map", "os"), ("my os.map", "my-os"),
    ("42", "kernel"), ("a-very-long-name-of.map", "a-very-long-nam")])
def test_name_of_the_file(path, name):
    assert parse(path, ENTRY).name == name


def test_name():
    assert one("name tiny-os").name == "tiny-os"


@pytest.mark.parametrize("line, first, last, kind, place, stride", [
    ("vector 14 pf", 14, 14, "one", "pf", 0),
    ("vector nmi nmi_entry+4", 2, 2, "one", "nmi_entry+4", 0),
    ("vector DB 0xffffffff80001000", 1, 1, "one", "0xffffffff80001000", 0),
    ("vector irq irq0", 0x41, 0x41, "one", "irq0", 0),
    ("vectors 0x20-0xff array irqs stride 16", 32, 255, "array", "irqs", 16),
    ("vectors 32 array irqs stride 0x10", 32, 32, "array", "irqs", 16),
    ("vectors de-47 table vectors", 0, 47, "table", "vectors", 8),
    ("vectors 0-255 table ptrs-8 stride 16", 0, 255, "table", "ptrs-8", 16),
])
def test_vectors(line, first, last, kind, place, stride):
    stubs, = one(line).stubs
    assert (stubs.line, stubs.first, stubs.last, stubs.kind, stubs.place.text,
            stubs.stride) == (2, first, last, kind, place, stride)
    assert stubs.options.ist == "SPECIMEN_IST_OURS"
    assert stubs.options.rule == "RULE_NONE"
    assert not (stubs.options.trap or stubs.options.ring3
                or stubs.options.nests)


def test_a_vector_of_a_range_may_be_said_alone():
    assert len(one("vectors 0-31 table x\nvector 2 y").stubs) == 2
    assert len(one("vector 2 y\nvectors 0-31 table x").stubs) == 2


def test_options():
    options = one("vector 2 nmi ist 3 trap ring3 rule by-cs nests")\
        .stubs[0].options
    assert (options.ist, options.trap, options.ring3, options.rule,
            options.nests) == (3, True, True, "RULE_BY_CS", True)
    assert one("vectors 0-31 array v stride 9 ist none").stubs[0].options.ist \
        == "SPECIMEN_IST_NONE"


def test_calls():
    found = parse("os.map", "syscall a rule always\nsyscall32 b\n"
                  "sysenter c rule save-set\ncallgate 0x1000")
    assert found.calls == {
        "syscall": (Place("a", 1), "RULE_ALWAYS"),
        "syscall32": (Place("b", 2), "RULE_NONE"),
        "sysenter": (Place("c", 3), "RULE_SAVE_SET"),
        "callgate": (Place("0x1000", 4), "RULE_NONE")}


def test_the_machine():
    found = parse("os.map", ENTRY + "fmask 0x47700\nstar 1\nrax 39\n"
                  "selectors kernel-cs=8 kernel-ss=0x10 user-ss=0x1b "
                  "user-cs64=0x23\nfsgsbase off\nstack top-8\nist 1 a\n"
                  "ist 7 b+0x1000\ntss my_tss\ngs percpu\ncr3 kernel k\n"
                  "cr3 user k+8\nidt my_idt")
    assert found.numbers == {"fmask": 0x47700, "star": 1, "rax": 39}
    assert found.selectors == {"kernel-cs": 8, "kernel-ss": 16,
                               "user-ss": 0x1b, "user-cs64": 0x23}
    assert not found.fsgsbase and one("fsgsbase on").fsgsbase
    assert found.places == {"stack": Place("top-8", 7),
                            "tss": Place("my_tss", 10),
                            "gs": Place("percpu", 11)}
    assert found.ists == {1: Place("a", 8), 7: Place("b+0x1000", 9)}
    assert found.cr3 == {"kernel": Place("k", 12), "user": Place("k+8", 13)}
    assert found.idt == Place("my_idt", 14)


@pytest.mark.parametrize("line, value, size", [
    ("set percpu+8 = stack_top", "stack_top", 8),
    ("set percpu+8=0x10 bytes 4", "0x10", 4)])
def test_set(line, value, size):
    assert one(line).sets == [(Place("percpu+8", 2), Place(value, 2), size)]


def test_memory():
    assert one("memory 0x1000 bytes 0x2000").memories \
        == [(Place("0x1000", 2), 0x2000)]


def test_a_function_that_sees_to_gs_itself():
    found = one("body do_nmi any-gs\nbody c")
    assert [body.any_gs for body in found.bodies.values()] == [True, False]


def test_bodies():
    found = one("body do_irq do_nmi returns 5 keeps\nbody c\nbody 0x1234")
    assert {name: (body.line, body.returns, body.keeps)
            for name, body in found.bodies.items()} == {
                "do_irq": (2, 5, True), "do_nmi": (2, 5, True),
                "c": (3, 0, False), "0x1234": (4, 0, False)}


def test_fixups_and_fred():
    found = one("fixup iret bad_iret\nfixup iret2\nfred fred_user")
    assert found.fixups == [(Place("iret", 2), Place("bad_iret", 2)),
                            (Place("iret2", 3), None)]
    assert found.freds == [Place("fred_user", 4)]


def test_terms():
    place = Place("base+per_cpu.x-0x8", 1)
    assert list(place.terms()) == [(1, "base"), (1, "per_cpu.x"), (-1, "0x8")]
    assert place.symbols() == ["base", "per_cpu.x"]


@pytest.mark.parametrize("line, sentence", [
    ("vecto nmi x", "`vecto` begins no statement: "),
    ("vector", "`vector` ends where a vector is wanted"),
    ("vector nmj x", "there is no vector `nmj`: it is a number from 0 to 255, "
     "or a name in entry/vectors.def (nearest: "),
    ("vector 256 x", "there is no vector `256`"),
    ("vector nmi", "`vector` ends where a place is wanted"),
    ("vector nmi x y", "`y` is no option of a stub"),
    ("vector nmi x ist", "`vector` ends where an IST number is wanted"),
    ("vector nmi x ist 8", "an IST number is 8, and can be 1 to 7"),
    ("vector nmi x ist 0", "an IST number is 0, and can be 1 to 7"),
    ("vector nmi x ist some", "an IST number is a number, not `some`"),
    ("vector nmi x rule by-name", "there is no rule `by-name`: always, "),
    ("vector nmi x+", "`x+` is no place"),
    ("vector nmi x +4", "`+4` is no option"),
    ("vector nmi 0xfoo", "`0xfoo` is no place"),
    ("vector 0x2 x\nvector nmi y", "vector 0x2 is in line 2 already"),
    ("vectors 0-31 array x stride 16\nvectors 31-40 table y",
     "vector 0x1f is in line 2 already"),
    ("vectors 0-31 array x", "`vectors` wants `stride` here"),
    ("vectors 0-31 array x 16", "`vectors` wants `stride` here, not `16`"),
    ("vectors 0-31 array x stride 0", "a stride is 0, and can be 1 to 4096"),
    ("vectors 0-31 table x stride 4", "a table's stride is 4, and can be 8 "
     "to 4096"),
    ("vectors 0-31 heap x", "vectors lie in an `array` of code or a `table` "
     "of pointers, or are `named`, not in a `heap`"),
    ("vectors 0-31 named isr", "`isr` has no `*` where the numbers are"),
    ("vectors 0-31 named is*r*", "`is*r*` has no `*` where"),
    ("vectors 0-31 named !*", "`!*` is no symbol"),
    ("vectors 0-31 named a* from 256", "the first one's number is 256"),
    ("vectors 31-0 table x", "vectors run upwards, not 31-0"),
    ("syscall y", "a second `syscall`; the first is in line 1"),
    ("syscall32 a by-cs", "`by-cs` is too much for `syscall32`"),
    ("stack a\nstack b", "a second `stack`; the first is in line 2"),
    ("ist 2 a\nist 2 b", "a second `ist 2`; the first is in line 2"),
    ("ist 9 a", "an IST number is 9, and can be 1 to 7"),
    ("fmask lots", "`fmask` is a number, not `lots`"),
    ("selectors kernel-sc=8", "`kernel-sc` is no selector"),
    ("selectors kernel-cs=0x10000", "`kernel-cs` is 0x10000, and can be 0 to"),
    ("selectors kernel-cs=8 user-ss=0x1b", "`selectors` without `user-cs64`"),
    ("selectors kernel-cs=8 kernel-cs=8", "`kernel-cs` is there twice"),
    ("set a b", "`set` wants `=` here, not `b`"),
    ("set a = ", "`set` ends where a value is wanted"),
    ("set a = b bytes 0", "`bytes` is 0, and can be 1 to 4096"),
    ("memory a", "`memory` wants `bytes` here"),
    ("body x keeps always", "`body` wants `keeps` here, not `always`"),
    ("memory a bytes 0x8000000", "`bytes` is 0x8000000, and can be 1 to"),
    ("cr3 pti x", "`cr3` is `kernel` or `user`, not `pti`"),
    ("fsgsbase maybe", "`fsgsbase` wants `off` here, not `maybe`"),
    ("body", "`body` ends where a function is wanted"),
    ("body x+4", "`body` wants a function, not `x+4`"),
    ("body x\nbody x", "a second `body x`; the first is in line 2"),
    ("name 9lives", "`9lives` cannot be a name"),
    ("fixup", "`fixup` ends where a place is wanted"),
])
def test_mistakes(line, sentence):
    said = refused(ENTRY + line)
    number = 2 + line.count("\n")
    assert said.startswith(f"os.map:{number}: "), said
    assert sentence in said


def test_no_stub():
    assert refused("gs x\n") == ("os.map:2: the map names no stub: `vector`, "
                                 "`vectors`, `idt` or `syscall` does")
