# SPDX-License-Identifier: MIT
"""compare.html: the reports of several places as columns, and the checks that
are not the same on all of them.

Like report.html it needs nothing else, and leads to the places' own pages.
"""

import os

from . import html, processors
from .markup import Markup, join, table, tag

WORDS = ("pass", "differ", "skip", "fail", "hang", "reset", "notrun")
NONE = "—"      # a check that a place does not have


def summary(place):
    """A place's report in one line, without its name."""
    run = place["report"]["run"]
    verdicts = run["verdicts"]
    others = processors.findings(place["report"], html.FINDINGS)
    tries = f"; {place['tries']} tries" if place["tries"] > 1 else ""
    return (f"complete, {place['seconds']:.0f} s: "
            + ", ".join(f"{verdicts[word]} {word}" for word in WORDS
                        if verdicts[word])
            + (f"; {others} findings of other processors" if others else "")
            + f"; {run['swapgs']['wrong']} SWAPGS decisions wrong{tries}")


def _name(place, folder):
    page = os.path.join(place["directory"], html.NAME)
    if not place["report"] or not os.path.exists(page):
        return tag("th", place["place"])
    return tag("th", tag("a", place["place"],
                         href=os.path.relpath(page, folder)))


def _overview(places, folder):
    rows = []
    for place in places:
        machine = (place["report"] or {}).get("machine")
        run = place["report"] and place["report"]["run"]
        rows.append([
            _name(place, folder),
            f"{machine['brand'].strip() or machine['vendor']}, "
            f"{machine['family']}/{machine['model']}/{machine['stepping']}"
            if machine else "",
            f"{machine['firmware']}, {machine['accelerator']}"
            if machine else "",
            *([run["verdicts"][word] for word in WORDS]
              + [processors.findings(place["report"], html.FINDINGS),
                 run["swapgs"]["judged"], run["swapgs"]["wrong"]]
              if run else [""] * (len(WORDS) + 3)),
            place["tries"] or "", f"{place['seconds']:.0f}",
            tag("td", place["problem"], class_="outcome bad")
            if place["problem"] else tag("td", "complete", class_="outcome")])
    return table(["place", "processor", "firmware", *WORDS, "others' findings",
                  "SWAPGS", "wrong", "tries", "s", "run"], rows,
                 numeric=range(3, 3 + len(WORDS) + 5))


def differing(reports):
    """{what each report has of a check: ids}; alike ones are one row.  What a
    report has is (verdict, seen), or None."""
    checks = [{check["id"]: (check["verdict"], check["seen"])
               for check in processors.checks(report)} for report in reports]
    rows = {}
    for name in dict.fromkeys(name for each in checks for name in each):
        row = tuple(each.get(name) for each in checks)
        if len({cell and cell[0] for cell in row}) > 1:
            rows.setdefault(row, []).append(name)
    return rows


def _cell(cell):
    if cell is None:
        return tag("td", NONE)
    verdict, seen = cell
    return tag("td", tag("span", verdict, class_="v " + verdict),
               None if verdict == "pass" else join(" ", seen))


def _ids(names):
    first = tag("code", names[0])
    if not names[1:]:
        return tag("td", first)
    return tag("td", tag("details", tag("summary", first,
                                        f" and {len(names) - 1} more"),
                         tag("p", tag("code", ", ".join(names)))))


def page(places, folder):
    whole = [place for place in places if place["report"]]
    rows = differing([place["report"] for place in whole]) \
        if len(whole) > 1 else {}
    count = sum(map(len, rows.values()))
    with open(html.CSS, encoding="utf-8") as file:
        css = file.read()
    title = f"ringside: {len(places)} places"
    body = tag(
        "body", tag("header", tag("h1", title)),
        tag("section", _overview(places, folder), id="places"),
        tag("section", tag("h2", f"Checks that are not the same ({count:,})"),
            tag("p", "A row is what is alike but for the id. Values of checks "
                     "that have one verdict everywhere are on the places' own "
                     "pages."),
            table(["check", *(place["place"] for place in whole)],
                  ([_ids(names), *map(_cell, row)]
                   for row, names in rows.items()))
            if rows else tag("p", "None."), id="differing"))
    head = tag("head", Markup('<meta charset="utf-8">'), Markup(
        f'<meta http-equiv="Content-Security-Policy" content="{html.CSP}">'
        '<meta name="viewport" content="width=device-width">'),
        tag("title", title), Markup(f"<style>{css}</style>"))
    return f'<!DOCTYPE html>\n<html lang="en">{head}{body}</html>\n'


def write(places, path):
    with open(path, "w", encoding="utf-8") as out:
        out.write(page(places, os.path.dirname(path)))
