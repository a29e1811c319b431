# SPDX-License-Identifier: MIT
"""The window's verdicts, a hash a path of a specimen, against the known.

tests/known/hashes.txt has one list for all machines, for what entry code does
does not depend on who runs it: `specimen  path  hash`.  A machine that lacks
a path has no hash for it; one that has another hash is wrong, or the stubs
have changed, be it by an assembler that encodes them otherwise.
"""

import os

HEAD = """\
# What the window finds of each path, on every machine: by make accept.
# specimen  path  hash
"""


def of_report(report):
    """{(specimen, path): hash} of the paths where events have landed."""
    return {(row["specimen"], row["path"]): row["hash"]
            for row in report["subjects"] if row["planned"]}


def load(path):
    """The known ones; none where there is no file."""
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        rows = [line.split() for line in file if not line.startswith("#")]
    return {(specimen, name): value for specimen, name, value in rows}


def accept(path, report):
    """Make the report's hashes known; of the specimens that it has not, and
    of paths that another machine has, the others stay."""
    seen = of_report(report)
    known = {**load(path), **seen}
    if not seen:
        return
    with open(path, "w", encoding="utf-8") as file:
        file.write(HEAD)
        for (specimen, name), value in sorted(known.items()):
            file.write(f"{specimen:12}  {name:16}  {value}\n")
