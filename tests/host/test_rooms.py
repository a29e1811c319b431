# SPDX-License-Identifier: MIT
"""The arrows between the rooms run one way, as the includes have them."""

import os
import re

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
SOURCES = (".c", ".h", ".S", ".inc", ".def")
# Where the compilers look, besides the file's own room.
PATHS = ("include", "entry", "handlers", "tests", "efi", "scripts")
GENERATED = ("specimens.def",)

# Each room, and what it may include beside itself.  A room is the longest of
# these names that a file's path begins with.
CORE = ("include", "entry", "handlers/record", "handlers/report",
        "handlers/screen", "handlers/engine", "handlers/judge", "tests/lib")
ALLOWED = {
    "include": (),
    "entry": CORE[:1],
    "handlers/record": CORE[:1],  # the host reads it, too: no processor's
    "handlers/report": ("include", "handlers/record"),
    "handlers/screen": ("include", "handlers/record", "handlers/report"),
    "handlers/engine": CORE[:5],
    "handlers/judge": CORE[:6],
    "tests/lib": CORE[:7],
    "tests/storm": CORE + ("tests/window/symbols.h",),
    "tests/cases": CORE,
    "tests/window": CORE,
    # What another processor does is what the first has done.
    "tests/cases/smp": CORE + ("tests/cases", "tests/chosen", "tests/storm",
                               "tests/window"),
    "tests/list.c": CORE + ("tests/cases",),
    "tests/chosen": CORE + ("tests/cases", "tests/window"),
    "tests/main.c": CORE + ("tests/cases", "tests/chosen", "tests/storm",
                            "tests/window", "tests/selftest"),
    "tests/selftest": CORE + ("tests/cases",),
    "tests/selftest_canaries": CORE + ("tests/selftest",),
    "tests/selftest_faults": CORE + ("tests/selftest",),
    "tests/selftest_storm": CORE + ("tests/selftest", "tests/storm"),
    "tests/examples": ("include", "entry"),
    "tests/kernels": (),  # strangers' ones
    "efi": ("include", "handlers/record", "handlers/report"),
    "efi/before": ("efi", "include", "entry", "handlers/record",
                   "handlers/report", "handlers/screen",
                   "tests/cases/list.def"),
    "efi/after": ("efi", "include", "handlers/record", "handlers/report"),
    "efi/main.c": ("efi", "efi/before", "efi/after", "include"),
    "scripts": ("include", "handlers/record", "handlers/report",
                "handlers/screen"),
}
FREE = ("tests/host", "tests/boot")  # tests include what they test


def room_of(path, rooms):
    """The longest of the rooms that holds the path, or None."""
    held = [room for room in rooms
            if path == room or path.startswith(room.rstrip("/") + "/")
            or path.startswith(room + ".")]
    return max(held, key=len, default=None)


def sources(top):
    for room in ("efi", "entry", "handlers", "include", "tests", "scripts"):
        for directory, _, files in os.walk(os.path.join(top, room)):
            for name in files:
                if name.endswith(SOURCES):
                    yield os.path.relpath(os.path.join(directory, name), top)


def resolve(top, source, name):
    """The file that an #include means, from the top of the tree."""
    for directory in (os.path.dirname(source), *PATHS):
        path = os.path.normpath(os.path.join(directory, name))
        if os.path.exists(os.path.join(top, path)):
            return path
    return None


def wrong_arrows(top):
    """One line for each include that leads where it must not."""
    wrong = []
    for source in sorted(sources(top)):
        room = room_of(source, (*ALLOWED, *FREE))
        if room in FREE:
            continue
        if room is None:
            wrong.append(f"{source}: in no room")
            continue
        with open(os.path.join(top, source), encoding="utf-8") as file:
            names = INCLUDE.findall(file.read())
        for name in names:
            target = resolve(top, source, name)
            if target is None:
                if name not in GENERATED:
                    wrong.append(f"{source}: {name} is nowhere")
            elif target not in ALLOWED[room] and room_of(
                    target, (*ALLOWED, *FREE)) not in (room, *ALLOWED[room]):
                wrong.append(f"{source}: {room} includes {target}")
    return wrong


def test_arrows():
    assert wrong_arrows(TOP) == []


def cycles(rooms):
    """Rooms that can be reached from themselves."""
    found = []
    for start in rooms:
        seen, todo = set(), list(rooms[start])
        while todo:
            room = room_of(todo.pop(), rooms)
            if room == start:
                found.append(start)
                break
            if room not in seen:
                seen.add(room)
                todo += rooms[room]
    return found


def test_what_is_allowed_goes_one_way():
    assert cycles(ALLOWED) == []
    assert cycles({"a": ("b",), "b": ("c",), "c": ("a",)}) == ["a", "b", "c"]


@pytest.mark.parametrize("source, line", [
    ("include/x.h", '#include "engine/engine.h"'),
    ("entry/x.c", '#include "engine/engine.h"'),
    ("handlers/record/x.c", '#include "screen/console.h"'),
    ("handlers/report/x.c", '#include "engine/engine.h"'),
    ("handlers/engine/x.c", '#include "judge/stimulus.h"'),
    ("handlers/judge/x.h", '# include "lib/gs.h"'),
    ("tests/lib/x.c", '#include "cases/cases.h"'),
    ("tests/cases/gs/x.c", '#include "window/window.h"'),
    ("tests/window/x.c", '#include "cases/cases.h"'),
    ("efi/after/x.c", '#include "before/args.h"'),
    ("efi/x.c", '#include "after/menu.h"'),
    ("tests/x.c", ""),
    ("handlers/x.c", ""),
    ("handlers/engine/x.c", '#include "no-such.h"'),
])
def test_a_wrong_arrow_is_found(tmp_path, source, line):
    for directory in ("efi", "entry", "handlers", "include", "tests"):
        os.symlink(os.path.join(TOP, directory), tmp_path / directory) \
            if directory != source.split("/", maxsplit=1)[0] else \
            copy_headers(directory, tmp_path)
    (tmp_path / source).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / source).write_text(line + "\n", encoding="utf-8")
    found = wrong_arrows(tmp_path)
    assert len(found) == 1 and found[0].startswith(source + ": "), found


def copy_headers(directory, to):
    for source in sources(TOP):
        if source.startswith(directory + "/"):
            (to / source).parent.mkdir(parents=True, exist_ok=True)
            with open(os.path.join(TOP, source), encoding="utf-8") as file:
                (to / source).write_text(file.read(), encoding="utf-8")
