# SPDX-License-Identifier: MIT
"""What one emulator mended and broke against another, from their verdicts."""

from collections import Counter, defaultdict

BAD = {"fail", "hang", "reset"}
INSTANCES = 2   # ids that stand for a family's


def family(check):
    return check.split(".")[0]


def word(before, after):
    """What the change of a check's verdict is called, or ""."""
    if (before in BAD) == (after in BAD):
        return ""
    if before == "skip":
        return "newly run, and bad"
    return "broke" if after in BAD else "mended"


def of(before, after):
    """{what: ids} of two {id: verdict}; what neither has is none."""
    found = defaultdict(list)
    for check in after:
        if check in before and (what := word(before[check], after[check])):
            found[what].append(check)
    return dict(found)


class Tally:
    """The changes of several models, by family."""

    def __init__(self):
        self.models = 0
        self.rows = defaultdict(lambda: defaultdict(Counter))

    def add(self, before, after):
        self.models += 1
        for what, checks in of(before, after).items():
            for check in checks:
                self.rows[family(check)][what][check] += 1

    def lines(self):
        """A line a family and kind of change: how many checks, in how many
        models at the most, and some of them."""
        for name in sorted(self.rows):
            for what, checks in sorted(self.rows[name].items()):
                shown = [check for check, _ in checks.most_common(INSTANCES)]
                yield (name, what, len(checks), max(checks.values()),
                       ", ".join(shown))
