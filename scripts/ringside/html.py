# SPDX-License-Identifier: MIT
"""report.html: one run as a page that needs nothing else.

Made on the host from report.json; what objdump makes of the boundaries' bytes
is the only thing that it adds.  No script, nothing loaded from anywhere.
"""

import os

from . import disassembly, factpage, facts, picture, processors, stormpage
from .markup import Markup, join, table, tag

NAME = "report.html"
CSS = os.path.join(os.path.dirname(__file__), "report.css")
FINDINGS = ("fail", "hang", "reset")
BAR = 140      # pixels of the longest bar
OUTLIER = 10   # times the usual median: beyond the bars' scale
CSP = "default-src 'none'; style-src 'unsafe-inline'"


def _tiles(report):
    run, window = report["run"], report["window"]
    verdicts = run["verdicts"]
    bad = sum(verdicts[word] for word in FINDINGS)
    others = processors.findings(report, FINDINGS)
    tiles = [(sum(verdicts.values()), "checks", ""),
             (verdicts["pass"], "pass", "good"),
             (verdicts["differ"], "differ", ""),
             (bad, "findings", "bad" if bad else "good"),
             *([(others, "findings of other processors", "bad")]
               if others else []),
             (run["swapgs"]["judged"], "SWAPGS decisions", ""),
             (run["swapgs"]["wrong"], "of them wrong",
              "bad" if run["swapgs"]["wrong"] else "good")]
    if window:
        tiles += [(len(window), "boundaries", ""),
                  (sum(subject["exact"] for subject in report["subjects"]),
                   "landings", "")]
    return tag("ul", (tag("li", tag("b", f"{count:,}"), " " + what,
                          class_=kind or None)
                      for count, what, kind in tiles), class_="tiles")


def _platform(platform):
    """An emulator in one line."""
    words = [platform["emulator"], platform["version"], platform["accel"],
             platform["machine"],
             ",".join([platform["model"], *platform["features"]]),
             platform["extra"]]
    return " ".join(filter(None, words))


def _machine(machine, platform):
    if not machine:
        return tag("p", "The record of the machine was lost.")
    state = machine["firmware_state"]
    rows = [
        ("processor", f"{machine['brand'] or machine['vendor']}, family "
                      f"{machine['family']} model {machine['model']} "
                      f"stepping {machine['stepping']}"),
        ("accelerator", machine["accelerator"]
         + (f" ({machine['hypervisor']})" if machine["hypervisor"] else "")),
        ("emulator", _platform(platform) if platform else ""),
        ("firmware", f"{machine['firmware']}, UEFI {machine['uefi']}"
         + (f", {platform['firmware']}" if platform else "")
         + (", Secure Boot on" if machine["secure_boot"] else "")),
        ("processors", f"{machine['processors']}, {machine['apic_mode']}"),
        ("memory", f"{machine['memory_bytes'] >> 20} MiB"),
        ("TSC", f"{machine['tsc_hz'] / 1e6:.0f} MHz"),
        ("features", " ".join(machine["features"])),
        ("at hand-over", " ".join(f"{key.upper()} {value}"
                                  for key, value in state.items())),
        ("options", machine["options"]),
    ]
    return tag("dl", (join(tag("dt", key), tag("dd", value))
                      for key, value in rows if value), class_="facts")


def _paths(paths):
    """Rows that are alike in all but the vector of an interrupt are one."""
    alike = {}
    for row in paths:
        array = row["path"].startswith("irq.") and not row["wrong"]
        key = ("irq" if array else row["path"], row["from"], row["rule"],
               row["stack"], row["error_code"], row["note"],
               row["entries"] if array else None)
        alike.setdefault(key, []).append(row)
    rows = []
    for key, of in alike.items():
        name = of[0]["path"] if len(of) == 1 else \
            f"{of[0]['path']} … {of[-1]['path']} ({len(of)})"
        total = {word: sum(row[word] for row in of)
                 for word in ("entries", "swapped", "right", "wrong")}
        rows.append([name, key[1], key[2], key[3],
                     "yes" if key[4] else "no", total["entries"],
                     total["swapped"], total["right"],
                     tag("td", f"{total['wrong']} wrong", class_="num wrong")
                     if total["wrong"] else 0, key[5]])
    return table(["path", "from", "rule", "stack", "error code", "entries",
                  "swapped", "right", "wrong", ""], rows,
                 numeric=(5, 6, 7, 8))


def _bar(median, longest):
    """As long as the median, up to the longest; what is beyond is marked."""
    width = max(1, min(BAR * median // longest, BAR))
    return tag("td", tag("div", "more" if median > longest else None,
                         class_="bar", style=f"width: {width}px"))


def _costs(report):
    costs = report["costs"]
    if not costs:
        return None
    # A few that cost many times more would leave the others no length.
    medians = sorted(row["median"] for row in costs)
    usual = OUTLIER * medians[len(medians) // 2]
    longest = max(row for row in medians if row <= usual) or 1
    rows = [[row["specimen"], row["path"], row["rule"], row["n"], row["min"],
             row["median"], row["p99"], row["unit"],
             _bar(row["median"], longest), row["what"]] for row in costs]
    machine = report["machine"]
    on = f", on {machine['accelerator']}" if machine else ""
    return tag("section", tag("h2", "Costs" + on),
               table(["specimen", "path", "rule", "n", "min", "median", "p99",
                      "unit", "", ""], rows, numeric=(3, 4, 5, 6)),
               id="costs")


def _blocks(checks, words, shown):
    """Checks that say the same but for their ids are one block; shown are the
    facts that the page carries."""
    alike = {}
    for check in checks:
        if check["verdict"] in words:
            key = tuple(check[word] for word in
                        ("verdict", "expected", "seen", "why", "facts"))
            alike.setdefault(key, []).append(check["id"])
    for (verdict, *values), ids in alike.items():
        yield tag(
            "article", tag("h3", tag("span", verdict, class_="v " + verdict),
                           " ", tag("code", ids[0]),
                           f" and {len(ids) - 1} more" if ids[1:] else None),
            tag("dl", (join(tag("dt", key), tag("dd", value))
                       for key, value in zip(
                           ("expected", "seen", "why", "facts"), (
                               *values[:-1],
                               factpage.links(values[-1], shown)))
                       if value), class_="facts"),
            tag("details", tag("summary", f"all {len(ids)} checks"),
                tag("p", tag("code", ", ".join(ids)))) if ids[1:] else None)


def _group(checks, words, title, shown, unfolded=False):
    blocks = list(_blocks(checks, words, shown))
    if not blocks:
        return None
    if unfolded:
        return tag("section", tag("h2", title), blocks, id=words[0])
    return tag("section", tag("details", tag(
        "summary", tag("h2", f"{title} ({len(blocks)})")), blocks),
        id=words[0])


def page(report, visited, labels):
    """The whole page; visited is what disassembly.never_visited() found,
    labels those of the core."""
    machine, run = report["machine"], report["run"]
    title = "ringside" + (f": {machine['brand'] or machine['vendor']}, "
                          f"{machine['accelerator']}, {machine['firmware']}"
                          if machine else "")
    # Checks that pass are only counted: what they cite needs no row.
    checks = processors.checks(report)
    shown = factpage.needed([check for check in checks
                             if check["verdict"] != "pass"], facts.rows())
    with open(CSS, encoding="utf-8") as file:
        css = file.read()
    took = f" in {run['duration_us'] / 1e6:.3f} s" \
        if run["duration_us"] is not None else ""
    body = tag(
        "body", tag("header", tag("h1", title),
                    tag("p", f"{run['outcome']}{took}",
                        class_="outcome" if run["complete"]
                        else "outcome bad"),
                    tag("p", run["trouble"]) if run["trouble"] else None,
                    _tiles(report)),
        tag("section", tag("h2", "The machine"),
            _machine(machine, report["run"].get("platform"))),
        processors.section(report),
        picture.section(report, visited, labels),
        tag("section", tag("h2", "Paths into ring 0, and their SWAPGS "
                                 "decisions"), _paths(report["paths"]),
            id="paths") if report["paths"] else None,
        _costs(report),
        stormpage.section(report),
        _group(checks, FINDINGS, "Findings", shown, unfolded=True),
        _group(checks, ("differ",), "Differs: allowed, or not "
               "settled between the manuals", shown),
        _group(checks, ("skip",), "Skipped", shown),
        _group(checks, ("notrun",), "Not run", shown),
        factpage.section(report, shown),
        tag("footer", f"ringside {report['version']}. report.json has every "
                      "figure of this page."))
    head = tag("head", Markup('<meta charset="utf-8">'), Markup(
        f'<meta http-equiv="Content-Security-Policy" content="{CSP}">'
        '<meta name="viewport" content="width=device-width">'),
        tag("title", title), Markup(f"<style>{css}</style>"))
    return f'<!DOCTYPE html>\n<html lang="en">{head}{body}</html>\n'


def write(report, rundir, build):
    """Leave report.html in rundir; build is where the core is that ran.
    Returns what was never visited, as disassembly.never_visited() does."""
    visited, labels = {}, {}
    try:
        visited = disassembly.never_visited(report["window"], build)
        if visited:     # it is the core that ran
            labels = disassembly.labels_of(build)
    except (OSError, disassembly.NoObjdump):
        pass
    with open(os.path.join(rundir, NAME), "w", encoding="utf-8") as out:
        out.write(page(report, visited, labels))
    return visited
