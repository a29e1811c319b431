# SPDX-License-Identifier: MIT
"""What every source file keeps to, whatever it says: its format, its width,
its licence, and the linters' advice.
"""

import os
import re
import shutil
import subprocess

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
ROOMS = (".ci", "efi", "entry", "handlers", "include", "scripts", "tests")
LOOSE = ("Containerfile", "Makefile", "README.md")
WIDTH = 80
CLANG_FORMAT = 14  # another one breaks lines elsewhere
C = (".c", ".h")
# Data, or formats that have no place for a licence or a line's end.
BARE = (".json", ".txt", ".md")
SPDX = "SPDX-License-Identifier: MIT"
# Where somebody's own files lie: no place for anything of the project.
MACHINE = re.compile(r"(?<![\w.$}])/(?:home|work|Users|mnt|media|srv)/\w")
TODO = re.compile(r"\b(?:TODO|FIXME|XXX)\b")
# These speak of the word.
MAY_SAY_TODO = ("scripts/new-case", "README.md", "tests/host/test_style.py",
                "tests/host/test_new_case.py")


def files(top):
    """Every file that somebody has written, from the top of the tree."""
    yield from (name for name in LOOSE
                if os.path.exists(os.path.join(top, name)))
    for room in ROOMS:
        for directory, inner, names in os.walk(os.path.join(top, room)):
            inner[:] = [name for name in inner if name != "__pycache__"]
            yield from (os.path.relpath(os.path.join(directory, name), top)
                        for name in sorted(names))


def lines_of(top, path):
    with open(os.path.join(top, path), encoding="utf-8", newline="") as file:
        return file.read().split("\n")


def written_in(top, *languages):
    """The files whose first line, or whose name, says one of them."""
    for path in files(top):
        first = lines_of(top, path)[0]
        if path.endswith(tuple(f".{language}" for language in languages)) \
                or first.startswith("#!") and first.endswith(
                    tuple(f"{mark}{language}{rest}"
                          for language in languages for mark in "/ "
                          for rest in ("", " -B", "3 -B", "3"))):
            yield path


# Each of these yields "path:line: what", and nothing when all is well.

def too_wide(top):
    for path in files(top):
        if path.endswith((".json", ".txt")):
            continue
        for number, line in enumerate(lines_of(top, path), 1):
            wide = len(line.expandtabs(8)) > WIDTH
            table = path.endswith(".md") and line.startswith("|")
            if wide and not table:
                yield f"{path}:{number}: wider than {WIDTH} columns"


def unlicensed(top):
    for path in files(top):
        if not path.endswith(BARE) \
                and not any(SPDX in line for line in lines_of(top, path)[:3]):
            yield f"{path}:1: no {SPDX}"


def untidy(top):
    for path in files(top):
        lines = lines_of(top, path)
        for number, line in enumerate(lines, 1):
            if line != line.rstrip():
                yield f"{path}:{number}: a blank at the end"
        if lines[-1] or lines[-2:-1] == [""]:
            yield f"{path}:{len(lines)}: not one newline at the end"


def of_one_machine(top):
    for path in files(top):
        for number, line in enumerate(lines_of(top, path), 1):
            if MACHINE.search(line):
                yield f"{path}:{number}: a path of somebody's machine"


def undone(top):
    for path in files(top):
        if path in MAY_SAY_TODO:
            continue
        for number, line in enumerate(lines_of(top, path), 1):
            if TODO.search(line):
                yield f"{path}:{number}: is still to do"


def complaints(argv, top, paths):
    """What a linter says about these files; "path:line: what" each."""
    done = subprocess.run([*argv, *paths], cwd=top, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = [line for line in done.stdout.split("\n") if line]
    return said or ([f"{argv[0]}: status {done.returncode}"]
                    if done.returncode else [])


def misformatted(top):
    paths = [path for path in files(top) if path.endswith(C)]
    style = "--style=file:" + os.path.join(TOP, ".clang-format")
    return complaints([clang_format()[0], "--dry-run", "-Werror", style],
                      top, paths)


def shell_lint(top):
    return complaints(["shellcheck", "-f", "gcc"], top,
                      list(written_in(top, "sh", "bash")))


def python_lint(top):
    return complaints(["pyflakes3"], top,
                      list(written_in(top, "py", "python")))


def clang_format():
    """The one that lints, and its version; another version where that one is
    not here, or None."""
    found = None, None
    for name in (f"clang-format-{CLANG_FORMAT}", "clang-format"):
        if shutil.which(name):
            said = subprocess.run([name, "--version"], text=True,
                                  stdout=subprocess.PIPE, check=True).stdout
            found = name, int(re.search(r"version (\d+)", said)[1])
            if found[1] == CLANG_FORMAT:
                break
    return found


other_clang_format = pytest.mark.skipif(
    clang_format()[1] != CLANG_FORMAT,
    reason=f"NOT COMPARED: the sources are as clang-format {CLANG_FORMAT} has "
           f"them, and here is {clang_format()[1] or 'none'}")

RULES = [too_wide, unlicensed, untidy, of_one_machine, undone, shell_lint,
         python_lint, pytest.param(misformatted, marks=other_clang_format)]
GOOD = {
    "include/good.h": f"/* {SPDX} */\nint one(void);\n",
    "scripts/good": f"#!/bin/sh\n# {SPDX}\necho \"$1\"\n",
    "scripts/ok.py": f"# {SPDX}\nimport os\nprint(os.name)\n",
}
BAD = [
    (too_wide, "entry/x.S", f"/* {SPDX} */\n" + "\t" * 9 + "long line\n"),
    (too_wide, "README.md", "word " * 17 + "\n"),
    (unlicensed, "entry/x.c", "int x;\n"),
    (unlicensed, "scripts/x", "#!/bin/sh\n\n\n# " + SPDX + "\n"),
    (untidy, "entry/x.c", "int x; \n"),
    (untidy, "Makefile", "a:\n\ttrue\t\n"),
    (untidy, "entry/x.c", "int x;"),
    (untidy, "entry/x.c", "int x;\n\n"),
    (untidy, "entry/x.c", "int x;\r\n"),
    (of_one_machine, "scripts/x", "cd /home/" + "me/ringside\n"),
    (undone, "tests/cases/gs/x.c", "/* TO" + "DO: what is asked */\n"),
    (shell_lint, "scripts/x", "#!/bin/sh\nrm $1\n"),
    (shell_lint, ".ci/x", "#!/usr/bin/env bash\nrm $1\n"),
    (python_lint, "scripts/x", "#!/usr/bin/python3 -B\nimport os\n"),
    (python_lint, "tests/host/test_x.py", "print(name)\n"),
    pytest.param(misformatted, "efi/x.c", "int  x;\n",
                 marks=other_clang_format),
    pytest.param(misformatted, "include/x.h", "int f(void) { return 1; }\n",
                 marks=other_clang_format),
]


@pytest.mark.parametrize("rule", RULES)
def test_sources(rule):
    assert list(rule(TOP)) == []


def tree(top, contents):
    for path, text in contents.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_bytes(text.encode())
    return str(top)


@pytest.mark.parametrize("rule, path, text", BAD)
def test_a_breach_is_found(tmp_path, rule, path, text):
    found = list(rule(tree(tmp_path, {**GOOD, path: text})))
    assert found and all(path in line or line.startswith(" ")
                         for line in found[:1]), found


@pytest.mark.parametrize("rule", RULES)
def test_good_files_are_left_alone(tmp_path, rule):
    assert list(rule(tree(tmp_path, GOOD))) == []


def test_every_script_is_looked_at():
    scripts = {path for path in files(TOP)
               if lines_of(TOP, path)[0].startswith("#!")}
    assert scripts
    assert scripts == {path for path in written_in(
        TOP, "sh", "bash", "py", "python") if path in scripts}


def test_every_list_of_host_tests_is_run():
    named = re.compile(r"^TEST_LIST\((\w+),", re.M)
    host = os.path.join(TOP, "tests", "host")
    lists = {name for file in os.listdir(host) if file.endswith(".c")
             for name in named.findall(open(os.path.join(host, file)).read())}
    main = open(os.path.join(host, "main.c")).read()
    assert lists and lists == set(re.findall(r"^ +LIST\((\w+)\)", main, re.M))
