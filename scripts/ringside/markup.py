# SPDX-License-Identifier: MIT
"""HTML and SVG by function calls; what is not Markup is escaped."""

import html
import re

# A value that needs no quotes.
BARE = re.compile(r"[\w.#+-]+$")


class Markup(str):
    """Text that is markup already."""


def _text(child):
    if isinstance(child, Markup):
        return child
    if isinstance(child, (list, tuple)) or hasattr(child, "__next__"):
        return "".join(map(_text, child))
    return "" if child is None else html.escape(str(child))


def tag(name, *children, **attributes):
    """An element.  A trailing _ of an attribute's name is dropped, another _
    is a hyphen; None leaves the attribute out, "" gives its name alone."""
    words = [name]
    for key, value in attributes.items():
        if value is None:
            continue
        key = key.rstrip("_").replace("_", "-")
        value = html.escape(str(value))
        quote = "" if BARE.match(value) else '"'
        words.append(f"{key}={quote}{value}{quote}" if value else key)
    return Markup(f"<{' '.join(words)}>{_text(children)}</{name}>")


def join(*children):
    """Several pieces as one."""
    return Markup(_text(children))


def table(heads, rows, numeric=(), class_=None):
    """A table of cells; columns in numeric are set to the right.  A cell may
    be a finished <td>."""
    def cell(kind, column, value):
        if isinstance(value, Markup) and value.startswith(("<td", "<th")):
            return value
        return tag(kind, value, class_="num" if column in numeric else None)
    return tag("div", tag(
        "table",
        tag("thead", tag("tr", (cell("th", i, head)
                                for i, head in enumerate(heads)))),
        tag("tbody", (tag("tr", (cell("td", i, value)
                                 for i, value in enumerate(row)))
                      for row in rows)), class_=class_), class_="wide")
