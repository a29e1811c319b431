# SPDX-License-Identifier: MIT
"""The bench's table of several processors, from reports that have it all, a
part of it, or nothing."""

import os
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
sys.path.insert(0, os.path.join(TOP, "scripts"))

from ringside import figures  # noqa: E402  pylint: disable=C0413

HZ = 2_000_000_000


def processor(cpu, **more):
    return {"cpu": cpu, "came": True, "checks": 10 * cpu, "others": cpu,
            "start_microseconds": 100 * cpu, "memory_kib": 4096 * (cpu > 0),
            "microseconds": 3000 * cpu, **more}


def latency(kind, from_, to, median):
    return {"kind": kind, "from": from_, "to": to, "median": median}


WHOLE = {
    "machine": {"tsc_hz": HZ},
    "processors": [processor(n) for n in range(4)]
    + [processor(4, came=False, start_microseconds=0)],
    "storms": [{"specimen": "wrong", "entries": 1, "microseconds": 1,
                "processors": 1},
               {"specimen": "linux", "entries": 6000, "microseconds": 500_000,
                "processors": 4}],
    "latency": [latency("fixed", 1, 0, 2000), latency("fixed", 0, 1, 4000),
                latency("fixed", 0, 2, 60000), latency("nmi", 0, 1, 8000),
                latency("shootdown", 0, 1, 10000),
                latency("shootdown", 0, 3, 30000)],
}
ALONE = {"machine": {"tsc_hz": HZ}, "processors": [processor(0)],
         "storms": [], "latency": []}
OLD = {"machine": {}, "processors": [{"cpu": 0, "checks": 1, "findings": 0}]}


def cells(reports):
    return {line[:figures.LABEL].strip(): line[figures.LABEL:].split()
            for line in figures.lines(reports)}


def test_a_row_a_figure_and_a_column_a_run():
    assert cells({1: ALONE, 4: WHOLE}) == {
        "processors": ["1", "4"],
        "came": ["1", "4"],
        "start, us, median": ["-", "200"],
        "the slowest": ["-", "300"],
        "KiB of its own, a processor": ["-", "4096"],
        "checks, a processor": ["-", "30"],
        "in so many ms, median": ["-", "6"],
        "not as on the first, all": ["-", "6"],
        "storm, entries a second and processor": ["-", "3000"],
        "IPI there and back, us, median": ["-", "2"],
        "NMI there and back, us, median": ["-", "4"],
        "shootdown of a page, us, at 1 other": ["-", "5"],
        "shootdown of a page, us, at 3 others": ["-", "15"],
    }


@pytest.mark.parametrize("report", [
    OLD, {"machine": {}, "processors": [{"cpu": 1, "came": True}]},
    {"machine": {}}, {**WHOLE, "machine": {}}, {**WHOLE, "storms": []},
    {key: value for key, value in WHOLE.items() if key != "latency"}])
def test_what_is_not_there_is_a_dash(report):
    table = cells({1: report})
    assert all(len(row) == 1 for row in table.values())
    assert "-" in [row[0] for row in table.values()]


def test_a_storm_that_took_no_time_has_no_rate():
    storms = [{"specimen": "linux", "entries": 0, "microseconds": 0,
               "processors": 2}]
    assert figures.storm({"storms": storms}) is None


def test_lines_are_no_wider_than_a_terminal():
    reports = {smp: WHOLE for smp in (1, 2, 4, 8, 16)}
    assert max(map(len, figures.lines(reports))) <= 79
