# SPDX-License-Identifier: MIT
"""The framebuffer as it stands when the core is done, read glyph by glyph."""

import re

import pytest
from glyphs import LINES_16, LINES_32, Font, Picture
from runs import on

SCREENS = ("screen-small", "screen-4k")
SIZES = {"screen-small": (800, 600), "screen-4k": (3840, 2160)}
# A cell is at least 1/38 of the screen's height, legible at arm's length.
CELLS = {"screen-small": (LINES_16, 1),
         "screen-4k": (LINES_32, 2)}
COUNTERS = "pass    fail    differ  skip"

_pictures = {}


@pytest.fixture(name="picture")
def _picture(run):
    if run.screenshot not in _pictures:
        _pictures[run.screenshot] = Picture(run.screenshot)
    return _pictures[run.screenshot]


@pytest.fixture(name="font")
def _font(request):
    name = request.node.callspec.params["run"]
    return Font(*CELLS[name])


@on(*SCREENS)
def test_delivered(run):
    run.assert_delivered()


@on(*SCREENS)
def test_mode(run, picture, request):
    size = SIZES[request.node.callspec.params["run"]]
    assert (picture.width, picture.height) == size
    screen = run.report["machine"]["screen"]
    assert (screen["width"], screen["height"]) == size


@on(*SCREENS)
def test_says_who_and_what_next(run, picture, font):
    x, y = picture.find(f"ringside {run.report['version']}", font)
    assert x < 2 * font.width and y < 2 * font.height
    assert picture.find("warm reset", font)
    assert picture.find("restarts by itself", font)


@on(*SCREENS)
def test_counts_verdicts(run, picture, font):
    """The number of passes stands under its word."""
    x, y = picture.find(COUNTERS, font)
    count = str(run.report["run"]["verdicts"]["pass"])
    assert picture.find(count, font) == (x, y + font.height)


@on(*SCREENS)
def test_names_the_last_case(run, picture, font):
    name = re.findall(r"^# case \d+ of \d+: (\S+)", run.serial,
                      re.MULTILINE)[-1]
    assert picture.find(f"case {name}:", font)


@on("screen-small")
def test_finds_no_text_that_is_not_there(run, picture, font):
    assert run.screenshot
    assert not picture.find("no such words", font)
