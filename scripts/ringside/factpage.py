# SPDX-License-Identifier: MIT
"""The part of report.html that carries the facts which the page cites, so
that a reader needs no other place to look them up."""

import re
from collections import Counter

from . import facts
from .markup import join, tag

ORDER = ("fail", "hang", "reset", "differ", "pass", "skip", "notrun")


def links(text, rows):
    """The text, each id in it a link to its row."""
    return join(*(tag("a", part, href=f"#{part}") if part in rows else part
                  for part in re.split(rf"\b({facts.ID.pattern})\b", text)))


def needed(checks, rows):
    """The rows that these checks cite, and those that these rows name."""
    found, new = set(), {word for check in checks
                         for word in check["facts"].split() if word in rows}
    while new:
        found |= new
        new = {word for id in new
               for text in rows[id].fields.values()
               for word in facts.ID.findall(text) if word in rows} - found
    return found


def _row(row, shown, verdicts, who):
    here = ", ".join(f"{verdicts[word]} {word}" for word in ORDER
                     if verdicts[word])
    parts = {**row.fields, "asked by": ", ".join(who), "here": here}
    return tag("article", tag("h3", tag("code", row.id), f" {row.title}"),
               tag("dl", (join(tag("dt", key), tag("dd", links(value, shown)))
                          for key, value in parts.items() if value),
                   class_="facts"), id=row.id)


def section(report, shown):
    """The rows in shown, by chapter; None if there are none."""
    verdicts = {id: Counter() for id in shown}
    for check in report["checks"]:
        for word in set(check["facts"].split()) & shown:
            verdicts[word][check["verdict"]] += 1
    chapters = facts.chapters()
    asked = facts.asked(known={row.id: row for chapter in chapters
                               for row in chapter.rows})
    parts = []
    for chapter in chapters:
        rows = [_row(row, shown, verdicts[row.id], asked.get(row.id, []))
                for row in chapter.rows if row.id in shown]
        if rows:
            parts += [tag("h2", chapter.title), tag("p", chapter.intro), rows]
    return tag("section", tag("h2", "The facts behind it"), tag(
        "p", "Each check stands on rows of ringside's catalogue, tests/facts. "
             "These are the rows that this page cites; the last line of each "
             "counts the verdicts of this run's checks on it."),
        parts, id="facts") if parts else None
