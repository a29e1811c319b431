# SPDX-License-Identifier: MIT
"""What runs with several processors cost, side by side: a column a run, from
report.json.  What a report does not have is a dash."""

import statistics

NONE = "-"
SPECIMEN = "linux"      # whose storm is counted
LABEL, WIDTH = 39, 8


def _each(report, key):
    """That of each processor behind the first that came."""
    return [one[key] for one in report.get("processors", ())
            if one["cpu"] and one.get("came") and key in one]


def _of_all(how, key):
    def figure(report):
        found = _each(report, key)
        return how(found) if found else None
    return figure


def came(report):
    return sum(one.get("came", not one["cpu"])
               for one in report.get("processors", ())) or None


def others(report):
    """Results that are not the first one's."""
    found = _each(report, "others")
    return sum(found) if found else None


def work(report):
    """Milliseconds that its checks took."""
    figure = _of_all(statistics.median, "microseconds")(report)
    return None if figure is None else figure / 1000


def storm(report):
    """Entries a second and processor."""
    for one in report.get("storms", ()):
        if one["specimen"] == SPECIMEN and one["microseconds"]:
            return one["entries"] * 1e6 / one["microseconds"] \
                / one["processors"]
    return None


def latency(kind, to=None):
    """Microseconds, the median of all; of a shootdown: at so many others."""
    def figure(report):
        hz = report["machine"].get("tsc_hz")
        found = [one["median"] for one in report.get("latency", ())
                 if one["kind"] == kind and to in (None, one["to"])]
        return statistics.median(found) * 1e6 / hz if found and hz else None
    return figure


def shot_at(reports):
    """Of how many others shootdowns are known."""
    return sorted({one["to"] for report in reports
                   for one in report.get("latency", ())
                   if one["kind"] == "shootdown"})


start = _of_all(statistics.median, "start_microseconds")
ROWS = (
    ("came", came),
    ("start, us, median", start),
    ("  the slowest", _of_all(max, "start_microseconds")),
    ("KiB of its own, a processor", _of_all(max, "memory_kib")),
    ("checks, a processor", _of_all(max, "checks")),
    ("  in so many ms, median", work),
    ("  not as on the first, all", others),
    ("storm, entries a second and processor", storm),
    ("IPI there and back, us, median", latency("fixed")),
    ("NMI there and back, us, median", latency("nmi")),
)


def _cell(figure):
    if figure is None:
        return NONE
    return str(figure) if isinstance(figure, int) else f"{figure:.0f}"


def lines(reports):
    """The table of {processors: report}."""
    rows = [*ROWS, *((f"shootdown of a page, us, at {to} other{'s'[:to != 1]}",
                      latency("shootdown", to))
                     for to in shot_at(reports.values()))]
    yield _line("processors", reports)
    for label, figure in rows:
        yield _line(label, map(figure, reports.values()))


def _line(label, figures):
    return f"{label:{LABEL}}" + "".join(f"{_cell(figure):>{WIDTH}}"
                                        for figure in figures)
