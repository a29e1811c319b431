# SPDX-License-Identifier: MIT
"""Tables of tests/known/: a row a line; empty lines and comments are none."""


def rows(path, pattern, shape):
    """(line number, match) of each row.  Raises ValueError for one that is
    not of that shape."""
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            found = pattern.match(line)
            if not found:
                raise ValueError(f"{path}:{number}: not `{shape}`")
            yield number, found
