# SPDX-License-Identifier: MIT
"""The jobs for LAVA in tests/examples: LAVA's own schema takes them, and what
they look for on the serial line is the checks of the KTAP."""

import copy
import os
import re
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
FOLDER = os.environ.get("RINGSIDE_SAMPLES", "")
JOBS = ("lava-qemu.yaml", "lava-netboot.yaml")
# The distribution's modules, where another Python's come first.
sys.path.append("/usr/lib/python3/dist-packages")

yaml = pytest.importorskip("yaml", reason="python3-yaml is not installed")


def job(name):
    with open(os.path.join(TOP, "tests/examples", name),
              encoding="utf-8") as file:
        return yaml.safe_load(file)


def monitor(name):
    found, = job(name)["actions"][-1]["test"]["monitors"]
    return found


@pytest.fixture(name="schemas")
def _schemas():
    return pytest.importorskip("lava_common.schemas",
                               reason="lava-common is not installed")


@pytest.mark.parametrize("name", JOBS)
def test_lava_takes_it(schemas, name):
    schemas.validate(job(name))


@pytest.mark.parametrize("break_it", [
    lambda it: it.pop("visibility"),
    lambda it: it["timeouts"].update(job={"minutes": 1}),
    lambda it: it["context"].update(no_such=1),
    lambda it: it["actions"][0]["deploy"].pop("images"),
    lambda it: it["actions"][1]["boot"].update(prompt="#"),
    lambda it: it["actions"][2]["test"]["monitors"][0].pop("end"),
    lambda it: it["actions"][2]["test"]["monitors"][0]["fixupdict"].update(
        ok="good"),
])
def test_lava_would_refuse_another(schemas, break_it):
    other = copy.deepcopy(job("lava-qemu.yaml"))
    break_it(other)
    with pytest.raises(Exception) as why:
        schemas.validate(other)
    assert "Invalid" in type(why.value).__name__


def test_both_listen_alike():
    assert monitor(JOBS[0]) == monitor(JOBS[1])


KTAP = """\
firmware says: ok 1 nothing
KTAP version 1
1..3
# case 1 of 2: int80 - a question
  KTAP version 1
  1..5
  ok 1 int80.a
  # expected: ok 7 int80.not-this
  # seen: not ok 8 int80.nor-this
  not ok 2 int80.b-c
  ok 3 int80.d # SKIP this processor has none
  not ok 4 int80.e # reset
not ok 1 int80
RINGSIDE-RISK int80.f
RINGSIDE-RISK over
  ok 5 int80.f
ok 2 general # SKIP nothing of it could run
# swapgs: 4 judged, 0 wrong
ok 3 run
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r\r\n"])
def test_the_pattern_finds_the_checks_and_nothing_else(newline):
    it = monitor(JOBS[0])
    text = KTAP.replace("\n", newline)
    text = text[re.search(it["start"], text).end():]
    text = text[:re.search(it["end"], text).start() + 1]
    assert [(found["test_case_id"], it["fixupdict"][found["result"]])
            for found in re.finditer(it["pattern"], text, re.DOTALL)] == [
                ("int80.a", "pass"), ("int80.b-c", "fail"),
                ("int80.d", "skip"), ("int80.e", "fail"),
                ("int80.f", "pass")]
