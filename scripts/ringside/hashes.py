# SPDX-License-Identifier: MIT
"""The window's verdicts, a hash a path of a specimen, against the known.

tests/known/hashes.txt has one list for all machines, for what entry code does
does not depend on who runs it: `specimen  path  hash`.  A machine that lacks
a path has no hash for it; one that has another hash is wrong, or the stubs
have changed, be it by an assembler that encodes them otherwise.

One path has two ways, by what IRET raises for a stack segment that is not
present: #SS, as the manuals say, or #NP, as some emulators do.  It is another
stub that runs then, and the hash of the second way is that of `path/ss`.
"""

import os

TWO_WAYS, BY_SS = "iret-bad-ss", "/ss"
HEAD = """\
# What the window finds of each path, on every machine: by make accept.
# specimen  path  hash
"""


def _ways(report):
    """{(specimen, path)} of the paths that went on in the #SS stub."""
    return {(row["specimen"], row["path"]) for row in report.get("window", ())
            if row["path"] == TWO_WAYS and row["symbol"].endswith("_ss")}


def of_report(report):
    """{(specimen, path): hash} of the paths where events have landed."""
    by_ss = _ways(report)
    found = {}
    for row in report["subjects"]:
        if row["planned"]:
            key = row["specimen"], row["path"]
            found[(key[0], key[1] + BY_SS) if key in by_ss else key] \
                = row["hash"]
    return found


def path_of(key):
    """(specimen, path) of a hash's."""
    return key[0], key[1].removesuffix(BY_SS)


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
