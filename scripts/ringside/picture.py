# SPDX-License-Identifier: MIT
"""The window in report.html: a picture for each specimen, and for each of its
paths a table with one row for each boundary.

A mark stands for one user GS base: zero, positive, negative.  Where all three
say the same one mark is shown.
"""

from . import disassembly
from .markup import Markup, join, table, tag

BASES = "0+-"   # as window[] in report.json names them
BASE_NAMES = {"0": "zero", "+": "positive", "-": "negative"}
EVENTS = {"db": "#DB", "nmi": "NMI", "mc": "#MC", "irq": "IRQ"}

# What a mark means.  Its letter is its class in report.css, too.
MARKS = {
    "r": "right: the handler ran on the kernel's base, and all came back",
    "W": "wrong: the handler ran on another base than the kernel's",
    "D": "damaged: the interrupted code did not get everything back",
    "o": "overwritten: its frame came onto the same IST stack, over the one "
         "that was there",
    "M": "missed: sent, but not delivered once and exactly there",
    "n": "negative: wrong with a negative user base alone",
    "w": "would be wrong: an event's stub with this rule, here",
    "u": "user: the live GS base is the user's",
    "k": "kernel: the live GS base is the kernel's",
    "": "none: this event cannot land here",
}
NONE = "z"  # the class of no letter
WORST = "MDWnor"  # a boundary's colour in the picture is its worst mark's

WIDTH, HEIGHT, LANE = 11, 24, 6  # of a boundary in the picture
MARGIN = 170                     # where its boundaries begin


def event_marks(event):
    """The mark for each base of one event at one boundary."""
    wrong = event.get("wrong", "")
    return "".join("M" if base in event.get("missed", "") else
                   "D" if base in event.get("damaged", "") else
                   ("n" if wrong == "-" else "W") if base in wrong else
                   "o" if base in event.get("overwritten", "") else
                   "r" if base in event.get("sent", "") else "."
                   for base in BASES)


def rule_marks(row, rule):
    wrong = row["rules"].get(rule, "")
    return "".join("." if base not in row["bases"] else
                   "w" if base in wrong else "r" for base in BASES)


def live_marks(row):
    """Whose base is live: u the user's, k the kernel's."""
    return "".join("." if base not in row["bases"] else
                   "u" if base in row["users"] else "k" for base in BASES)


def _cells(marks, what):
    """Three cells, or one where the bases agree."""
    if set(marks) == {"."}:
        return tag("td", colspan=3, class_=NONE)
    present = set(marks) - {"."}
    if len(present) == 1:
        mark = present.pop()
        return tag("td", mark, colspan=3, class_=mark)
    return join(tag("td", "" if mark == "." else mark,
                    class_=NONE if mark == "." else mark,
                    title=f"{what}, {BASE_NAMES[base]} base")
                for base, mark in zip(BASES, marks))


def _flags(row):
    return " ".join(word for key, word in (("if", "IF"),
                                           ("shadow", "shadow")) if key in row)


def _path_table(rows, texts, rules):
    events = [key for key in EVENTS
              if any(key in row["events"] for row in rows)]
    heads = [tag("th", "#"), tag("th", "boundary"), tag("th", "instruction"),
             tag("th", "flags"), tag("th", "base", colspan=3, class_="g")]
    heads += [tag("th", EVENTS[key], colspan=3, class_="g")
              for key in events]
    heads += [tag("th", rule, colspan=3, class_="g") for rule in rules]
    body, symbol = [], None
    for row in rows:
        if row["symbol"] != symbol:
            symbol = row["symbol"]
            body.append(tag("tr", tag("th", symbol, colspan=len(heads) * 3,
                                      class_="symbol")))
        body.append(tag(
            "tr", tag("td", row["index"], class_="num"),
            tag("td", f"+{row['offset']:#x}"),
            tag("td", texts[int(row["rip"], 16)], title=row["code"]),
            tag("td", _flags(row)), _cells(live_marks(row), "live base"),
            (_cells(event_marks(row["events"].get(key, {})), EVENTS[key])
             for key in events),
            (_cells(rule_marks(row, rule), rule) for rule in rules)))
    return tag("div", tag(
        "table", tag("thead", tag(
            "tr", tag("th", colspan=7),
            tag("th", "what the stub did", colspan=3 * len(events)),
            tag("th", "what each rule would do",
                colspan=3 * len(rules))), tag("tr", heads)),
        tag("tbody", body), class_="boundaries marks"), class_="wide")


def worst(row):
    marks = "".join(event_marks(event) for event in row["events"].values())
    return next((mark for mark in WORST if mark in marks), "")


def _lane(marks, y, height, letters):
    """A row of rectangles, neighbours of one kind drawn as one."""
    pieces, start = [], 0
    for at in range(1, len(marks) + 1):
        if at < len(marks) and marks[at] == marks[start]:
            continue
        kind, letter = marks[start]
        x, width = MARGIN + start * WIDTH, (at - start) * WIDTH
        pieces.append(tag("rect", x=x, y=y, width=width - 1, height=height,
                          class_=kind or NONE))
        if letter and letters:
            pieces.append(tag("text", letter, x=x + width / 2 - 0.5,
                              y=y + height - 3, class_="letter"))
        start = at
    return pieces


def _svg(paths):
    """The picture: a line for each path, boundaries from left to right; above
    whose base is live, below how the specimen's event stubs fared."""
    lines, longest = [], max(map(len, paths.values()))
    for number, (path, rows) in enumerate(paths.items()):
        y = number * HEIGHT
        lines.append(tag("text", path, x=MARGIN - 8, y=y + 15,
                         class_="path"))
        lines.append(_lane([("u" if row["users"] else "k", "")
                            for row in rows], y, LANE - 1, False))
        fared = []
        for row in rows:
            mark = worst(row)
            fared.append((mark, "" if mark == "r" else mark))
        lines.append(_lane(fared, y + LANE, HEIGHT - LANE - 4, True))
    width, height = MARGIN + longest * WIDTH, len(paths) * HEIGHT
    return tag("div", tag("svg", lines, viewBox=f"0 0 {width} {height}",
                          width=width, height=height, role="img",
                          aria_label="boundaries of every path"),
               class_="wide")


def _wrong_counts(rows, rules):
    """For each event and rule: boundaries wrong with a zero or positive
    base, and with a negative one."""
    def both(find):
        plain = sum(bool(set(find(row)) & set("0+")) for row in rows)
        negative = sum("-" in find(row) for row in rows)
        return f"{plain}" if plain == negative else f"{plain} / {negative}"
    def of_event(key):
        return lambda row: "".join(row["events"].get(key, {}).get(word, "")
                                   for word in ("wrong", "damaged", "missed"))
    for key in EVENTS:
        events = [row["events"][key] for row in rows if key in row["events"]]
        over = sum("overwritten" in event for event in events)
        yield (both(of_event(key)) if events else "–") \
            + (f", o {over}" if over else "")
    for rule in rules:
        yield both(lambda row, rule=rule: row["rules"].get(rule, ""))


def _summary(paths, subjects, rules):
    rows = []
    for path, boundaries in paths.items():
        subject = subjects.get(path)
        counts = [subject[key] for key in ("planned", "sent", "delivered",
                                       "exact")] if subject else []
        rows.append([path, len(boundaries),
                     subject["instructions"] or "–" if subject else "–",
                     counts[0] if len(set(counts)) == 1 else
                     " / ".join(map(str, counts)),
                     *_wrong_counts(boundaries, rules)])
    heads = ["path", "boundaries", "instructions", "landings",
             *EVENTS.values(), *rules]
    return table(heads, rows, numeric=range(1, len(heads)), class_="counts")


def _grouped(rows, key):
    groups = {}
    for row in rows:
        groups.setdefault(row[key], []).append(row)
    return groups


def _visits(visited):
    if visited is None:
        return None
    places, left, every = visited
    if not left:
        return tag("p", f"Each of the {every} instructions that objdump finds "
                        "in this specimen was visited.")
    return tag("details", tag(
        "summary", f"{left} of the {every} instructions that objdump finds in "
                   "this specimen were never visited"),
        tag("ul", (tag("li", tag("code", place)) for place in places)))


def _specimen(name, rows, subjects, visited, labels, rules):
    texts = disassembly.of_rows(rows, labels)
    paths = _grouped(rows, "path")
    about = next((subject["about"] for subject in subjects.values()), "")
    def bad(boundaries):
        return any(worst(row) in set("MDW") for row in boundaries)
    return tag(
        "section", tag("h3", name), tag("p", about) if about else None,
        _svg(paths), _summary(paths, subjects, rules), _visits(visited),
        (tag("details", tag("summary", tag("b", path),
                            f" {len(boundaries)} boundaries",
                            tag("span", " wrong", class_="flag")
                            if bad(boundaries) else None),
             _path_table(boundaries, texts, rules))
         for path, boundaries in paths.items()), id="window-" + name)


def _overview(specimens, subjects):
    """One row for each specimen, which leads to its own part."""
    rows = []
    for name, boundaries in specimens.items():
        of = list(subjects.get(name, {}).values())
        wrong = sum(worst(row) in set("MDW") for row in boundaries)
        rows.append([
            tag("td", tag("a", name, href="#window-" + name)), len(of),
            len(boundaries), sum(subject["exact"] for subject in of),
            tag("td", f"{wrong} wrong", class_="num wrong") if wrong else 0,
            sum(worst(row) == "n" for row in boundaries),
            of[0]["about"] if of else ""])
    return table(["specimen", "paths", "boundaries", "landings", "wrong",
                  "negative base", ""], rows, numeric=range(1, 6))


def _rules(rules):
    return tag("dl", (join(tag("dt", rule["name"]), tag(
        "dd", rule["about"], "; its limit is a user base that is "
        + " or ".join(BASE_NAMES[base] for base in rule["limit"])
        if rule["limit"] else None)) for rule in rules), class_="facts")


def _legend():
    def entry(mark, text):
        name, _, rest = text.partition(":")
        return join(tag("dt", mark or Markup("&nbsp;"), class_=mark or NONE),
                    tag("dd", tag("b", name), ":" + rest))
    return tag("dl", (entry(*item) for item in MARKS.items()),
               class_="legend marks")


def section(report, visited, labels):
    """The part of report.html about the window, or None without one."""
    rows = report["window"]
    if not rows:
        return None
    subjects = {}
    for subject in report["subjects"]:
        subjects.setdefault(subject["specimen"], {})[subject["path"]] = subject
    specimens = _grouped(rows, "specimen")
    tried = [rule for rule in report["rules"] if rule["tried"]]
    names = [rule["name"] for rule in tried]
    return tag(
        "section", tag("h2", "The window"),
        tag("p", "Every instruction of every entry and exit path, with every "
                 "event that can land in front of it, for a user GS base that "
                 "is zero, positive and negative, in this order; one mark "
                 "where the three agree. In the counts, a / b: boundaries "
                 "wrong with a zero or positive base / with a negative one."),
        _overview(specimens, subjects) if len(specimens) > 1 else None,
        _legend(), _rules(tried),
        (_specimen(name, of, subjects.get(name, {}), visited.get(name),
                   labels, names)
         for name, of in specimens.items()), id="window")
