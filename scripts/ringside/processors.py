# SPDX-License-Identifier: MIT
"""The processors in report.html: those that are alike as one row, what came
out otherwise on some of them, and pictures of what one's request takes at
another.

Each cell and bar of a picture has its figure beside it, in its title where
there is no room.
"""

from .markup import join, table, tag

PAIRS = {"fixed": "An IPI and back", "nmi": "An NMI and back"}
WIDE = 16                   # processors: beyond that no figure in a cell
CELL, SMALL, HIGH = 84, 12, 24  # pixels
MARGIN, NAMES = 40, 175     # of the numbers, and of a row's name
ACROSS = 1020               # of the numbers of many processors
FITS = 10_000_000           # below that a figure is no wider than a cell
BARS = 16                   # of more the powers of two, and the last
BAR, BAR_HIGH = 420, 18     # of the longest median times SPREAD; of each
SPREAD = 2                  # p99 is many times a median now and then
OWN = ("cpu", "apic_id", "start_microseconds", "microseconds", "findings")


def label(cpus):
    """The processors of others[].cpus."""
    return f"cpu{'' if cpus.isdigit() else 's'} {cpus}"


def ranges(numbers):
    """[0, 1, 2, 7] is "0-2,7"."""
    runs = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}"
                    for first, last in runs)


def span(numbers):
    least, most = min(numbers), max(numbers)
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


def _came(row):
    if not row["came"]:
        return tag("td", "did not come", class_="wrong")
    return tag("td", "lost", class_="wrong") if row["lost"] else \
        "the first" if row["cpu"] == 0 else "came"


def _listed(row):
    return " and ".join(name for key, name in (
        ("madt", "MADT"), ("mp", "MP Services")) if row[key]) or "by nobody"


def groups(rows):
    """Those that are alike in all but what each has of its own; the first is
    like no other."""
    alike = {}
    for row in rows:
        key = (row["cpu"] == 0, *(value for name, value in row.items()
                                  if name not in OWN))
        alike.setdefault(key, []).append(row)
    return list(alike.values())


def _table(rows):
    cells = []
    for of in groups(rows):
        one = of[0]
        cells.append([
            ranges(row["cpu"] for row in of),
            ranges(row["apic_id"] for row in of), _listed(one), _came(one),
            span([row["start_microseconds"] for row in of])
            if one["cpu"] and one["came"] else "",
            one["checks"],
            tag("td", one["others"], class_="num wrong") if one["others"]
            else 0,
            span([row["microseconds"] // 1000 for row in of])
            if one["microseconds"] else "",
            one["memory_kib"] or "",
            f"{one['core_type']:x}h" if one["core_type"] else "",
            one["microcode"], one["note"]])
    return table(["cpus", "APIC ids", "listed", "", "start, us", "checks",
                  "otherwise", "took, ms", "KiB each", "core type",
                  "microcode", ""], cells, numeric=(4, 5, 6, 7, 8))


def _otherwise(report):
    """A row for each id, with what the first has of it."""
    if not report["others"]:
        return None
    first = {check["id"]: check["verdict"] for check in report["checks"]}
    found = {}
    for row in report["others"]:
        found.setdefault(row["id"], []).append(
            f"{label(row['cpus'])} {row['verdict']}")
    return join(tag("h3", "Otherwise than on the first"),
                table(["check", "first", "others"], [
                    [tag("td", tag("code", name)), first.get(name, "–"),
                     ", ".join(words)] for name, words in found.items()]))


def short(figure):
    """With as many digits as a cell has room for."""
    return f"{figure:,}" if figure < FITS else f"{figure / 1e6:,.0f}M"


def _cell(row, most, x, y, wide, high):
    """Of a pair, the fuller the more its median is."""
    return tag("rect", tag(
        "title", f"{row['from']} to {row['to']}: {row['min']:,} / "
        f"{row['median']:,} / {row['p99']:,} {row['unit']}"),
        x=x, y=y, width=max(1, wide - 1), height=high - 1, class_="heat",
        fill_opacity=f"{.1 + .5 * row['median'] / most:.2f}")


def _drawn(title, how, rows, lines, width, height):
    return join(
        tag("h3", title),
        tag("p", f"The median of each pair, "
                 f"{span([row['median'] for row in rows])} "
                 f"{rows[0]['unit']}: {how}"),
        tag("div", tag("svg", lines, viewBox=f"0 0 {width} {height}",
                       width=width, height=height, role="img",
                       aria_label=f"{title}, from each to each"),
            class_="wide"))


STRIPS = (
    ("from 0 to each", lambda row: row["from"] == 0, "to"),
    ("from each to 0", lambda row: row["to"] == 0, "from"),
    ("from each to the next", lambda row: row["to"] == row["from"] + 1,
     "from"),
)


def _strips(rows, title):
    """Of many processors not all pairs are measured: a strip for those with
    the first, and one for neighbours.  None where there are others."""
    end = 1 + max(max(row["from"], row["to"]) for row in rows)
    if end <= WIDE or not all(any(wanted(row) for _, wanted, _ in STRIPS)
                              for row in rows):
        return None
    most = max(row["median"] for row in rows) or 1
    wide = max(1, min(SMALL, ACROSS // end))
    lines = [tag("text", number, x=NAMES + number * wide + wide // 2,
                 y=HIGH - 8, class_="axis middle")
             for number in range(0, end, WIDE)]
    for at, (name, wanted, key) in enumerate(STRIPS):
        y = HIGH + at * HIGH
        lines.append(tag("text", name, x=NAMES - 8, y=y + 16, class_="axis"))
        lines += [_cell(row, most, NAMES + row[key] * wide, y, wide, HIGH)
                  for row in rows if wanted(row)]
    return _drawn(title, "a column for each processor, by its number.", rows,
                  lines, NAMES + end * wide, HIGH + len(STRIPS) * HIGH)


def _matrix(rows, title):
    """A cell for each pair."""
    end = 1 + max(max(row["from"], row["to"]) for row in rows)
    most = max(row["median"] for row in rows) or 1
    wide = CELL if end <= WIDE else SMALL
    high = HIGH if end <= WIDE else SMALL
    step = 1 if end <= WIDE else 16
    lines = [tag("text", number, x=MARGIN + number * wide + wide // 2,
                 y=HIGH - 8, class_="axis middle")
             for number in range(0, end, step)]
    lines += [tag("text", number, x=MARGIN - 8,
                  y=HIGH + number * high + min(high, 16), class_="axis")
              for number in range(0, end, step)]
    for row in rows:
        x, y = MARGIN + row["to"] * wide, HIGH + row["from"] * high
        lines.append(_cell(row, most, x, y, wide, high))
        if end <= WIDE:
            lines.append(tag("text", short(row["median"]), x=x + wide // 2,
                             y=y + 16, class_="axis middle"))
    return _drawn(title, "a row for whoever sends, a column for whom it is "
                  "sent to.", rows, lines, MARGIN + end * wide,
                  HIGH + end * high)


def shown(rows):
    """Of many processors the powers of two, and the last."""
    last = max(row["to"] for row in rows)
    return [row for row in sorted(rows, key=lambda row: row["to"])
            if last <= BARS or row["to"] in (
                last, 1 << row["to"].bit_length() - 1)]


def _bars(rows):
    """A bar as long as the median, and a line from the least to p99."""
    rows = shown(rows)
    scale = BAR / (SPREAD * max(row["median"] for row in rows) or 1)
    lines = []
    for at, row in enumerate(rows):
        y = at * BAR_HIGH
        least, median, p99 = (
            MARGIN + min(BAR, round(row[key] * scale))
            for key in ("min", "median", "p99"))
        lines += [
            tag("text", row["to"], x=MARGIN - 8, y=y + 13, class_="axis"),
            tag("rect", x=MARGIN, y=y + 2, width=max(1, median - MARGIN),
                height=BAR_HIGH - 5, class_="heat", fill_opacity=".45"),
            tag("line", x1=least, x2=p99, y1=y + 9, y2=y + 9,
                class_="spread"),
            tag("text", f"{row['min']:,} / {row['median']:,} / "
                f"{row['p99']:,}", x=MARGIN + BAR + 12, y=y + 13,
                class_="figures")]
    width, height = MARGIN + BAR + 330, len(rows) * BAR_HIGH
    return join(
        tag("h3", "A shootdown of one page"),
        tag("p", "By the number of processors that have to answer: the bar "
                 "is the median, the line goes from the least to p99 (to the "
                 f"edge where that is beyond it); min / median / p99 in "
                 f"{rows[0]['unit']}."),
        tag("div", tag("svg", lines, viewBox=f"0 0 {width} {height}",
                       width=width, height=height, role="img",
                       aria_label="cost of a shootdown by the number of "
                                  "processors"), class_="wide"))


def section(report):
    """The part of report.html about the processors, or None with one."""
    rows = [row for row in report["processors"] if "apic_id" in row]
    kinds = {}
    for row in report["latency"]:
        kinds.setdefault(row["kind"], []).append(row)
    if len(rows) < 2 and not kinds and not report["others"]:
        return None
    return tag(
        "section", tag("h2", "The processors"),
        _table(rows) if rows else None, _otherwise(report),
        (_strips(kinds[kind], title) or _matrix(kinds[kind], title)
         for kind, title in PAIRS.items()
         if kind in kinds),
        _bars(kinds["shootdown"]) if "shootdown" in kinds else None,
        id="processors")


def findings(report, words):
    """How many results of others, not the first's, have such a verdict."""
    return sum(row["verdict"] in words for row in report.get("others", ()))


def checks(report):
    """The checks, and those of other processors that are otherwise, each with
    them in its id."""
    return report["checks"] + [
        {**row, "id": f"{row['id']} ({label(row['cpus'])})"}
        for row in report.get("others", ())]
