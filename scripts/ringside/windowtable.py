# SPDX-License-Identifier: MIT
"""Of report.txt the tables that scripts/window prints: the window's, and that
of a storm.
"""

from .windowcause import plural
from .windowcells import BAD
from .windowsays import RIGHT, UNJUDGED, WRONG

TABLES = ("The window: ", "The storm: ")
# What may come behind the tables, at the beginning of a line.
BEHIND = ("Costs", "Wrong SWAPGS", "Findings", "Differs", "Skipped",
          "Not run", "Notes", "End of")
STORM = "smp.storm."  # the checks of tests/storm/storm.c
LINES_MAX = 58        # of all that is printed, and the names of places in it
PLACE = "+0x"         # in each line of those; their heads end in a colon


def of(text):
    """The part of report.txt about the window, and that about the storm."""
    shown, inside = [], False
    for line in text.split("\n"):
        inside = (inside or line.startswith(TABLES)) \
            and not line.startswith(BEHIND)
        if inside:
            shown.append(line)
    return "\n".join(shown).rstrip()


def shortened(text, others):
    """The table beside so many other lines: where that would be much to read
    without the names of the places below it, and then without its legend."""
    if text.count("\n") + others < LINES_MAX:
        return text
    kept, inside = [], False
    for line in text.split("\n"):
        inside = bool(line) and (inside or line.startswith(" ") and (
            PLACE in line or line.endswith(":")))
        if not inside:
            kept.append(line)
    if len(kept) + others > LINES_MAX and "" in kept:
        kept[1:kept.index("")] = []
    return "\n".join(kept).rstrip()


def storms(report):
    """(the first sentence, the findings, exit status) of a storm; None where
    there was none."""
    found = [check for check in report["checks"]
             if check["id"].startswith(STORM)]
    if not found and not report["storms"]:
        return None
    bad = [check for check in found if check["verdict"] in BAD]
    lines = [f"{check['verdict']}: {check['id']}: {check['seen']}"
             + f", expected {check['expected']}" * bool(check["expected"])
             for check in bad]
    first = f"{len(bad)} of {len(found)} storms found something wrong." \
        if bad else f"{plural(len(found), 'storm')}, nothing wrong."
    return first, lines, WRONG if bad else RIGHT if found else UNJUDGED
