# SPDX-License-Identifier: MIT
"""The whole way on each platform, with its Intel and its AMD model."""

import fnmatch
import json
import os
import re

import jsonschema
import pytest
from conftest import BUILD, KNOWN, TOP
from ringside import (
    NEWS, causes, disassembly, hashes, known, knownfiles, models, platforms,
    suites)
from ringside.platforms import INJECT, TWO_BOOTS
from runs import MACHINES, able, on, unable

every_platform = on(*MACHINES)
RISKY = [name for name, one in platforms.TESTED.items()
         if "--no-risky" not in one.options]

CALLS = [("syscall64", "ring 3"), ("int80.64", "ring 3"),
         ("int80.64", "ring 0"), ("int80.32", "compat"),
         ("syscall32", "compat"), ("sysenter32", "compat"),
         ("sysenter64", "ring 3")]
EXCEPTIONS = "de db bp of br ud nm df ts np ss gp pf mf ac xm".split()
APIC = ["apic.timer", "apic.self-ipi", "apic.error", "apic.spurious"]
# Vectors that a path of its own uses, and the local APIC's at 0xec to 0xf3.
NOT_IRQ = {0x80, 0xff, *range(0xec, 0xf4)}
COLUMNS = 79
NEWS_SHOWN = 5  # differences, of each machine


@every_platform
def test_delivered(run):
    run.assert_delivered()


@every_platform
def test_json_follows_its_schema(run):
    with open(os.path.join(TOP, "tests/report.schema.json"),
              encoding="utf-8") as file:
        schema = jsonschema.Draft7Validator(json.load(file))
    # The error itself would print the whole report.
    assert not [f"{error.json_path}: {error.message[:200]}"
                for error in schema.iter_errors(run.report)]


@every_platform
def test_names_the_emulator(run):
    """By its own words, and by what was chosen."""
    platform, model, suite, _ = platforms.TESTED[run.name]
    said = run.report["run"]["platform"]
    assert (said["name"], said["model"], said["suite"]) \
        == (platform.name, model, suite)
    emulator = platform.emulator.name
    assert said["version"] == models.version(emulator, models.command_of(
        emulator, suites.named(BUILD, suite)))
    assert re.fullmatch(r"[0-9]+\.[0-9.]+", said["version"])
    assert said["firmware"] and said["machine"]
    assert said["features"] == [] and said["extra"] == ""


@every_platform
def test_as_known(run, record_property):
    """The only differences from tests/known/ are none, and all of that is
    explained.  Of a version that it has not, they are news, which scripts/test
    shows."""
    before, judges = run.known()
    differences = known.compare(run.report, before.rows) \
        + known.unexplained(before.rows)
    if differences and judges:
        pytest.fail("\n".join(["not as tests/known says:", *differences]),
                    pytrace=False)
    if differences:
        record_property(NEWS, f"{run.machine()}, held against "
                              f"{before}: {len(differences)} differ: "
                              + "; ".join(differences[:NEWS_SHOWN]))


@every_platform
def test_no_cause_would_excuse_what_passes(run):
    """Or a fault of ringside's own would be called the emulator's."""
    machine = run.machine()
    before, judges = run.known()
    fits = re.compile("|".join(
        fnmatch.translate(cause.checks)
        for cause in causes.load(os.path.join(KNOWN, causes.FILE))
        if cause.at(machine.name, before.version))).match
    excused = [check["id"] for check in run.report["checks"]
               if check["verdict"] == "pass" and fits(check["id"])]
    assert not judges or excused == []


@every_platform
def test_every_skip_has_its_reason(run):
    """In words, and of another check than itself."""
    skips = [check for check in run.report["checks"]
             if check["verdict"] == "skip"]
    assert skips
    assert not [check["id"] for check in skips if not check["seen"]
                or f"rests on {check['id']}" in check["seen"]]
    assert not [check["id"] for check in run.report["checks"]
                if "(null)" in json.dumps(check)]


@every_platform
def test_every_path_has_its_row(run):
    """A row is there for each way in, with entries or with the reason."""
    rows = {(row["path"], row["from"]): row for row in run.report["paths"]}
    wanted = CALLS + [(name, "ring 3") for name in APIC + ["nmi"]] \
        + [(name, "ring 0") for name in APIC + ["nmi", "window"]]
    assert not [row for row in wanted if row not in rows]
    # #OF and #BR exist in compat code alone.
    raised = {path for path, _ in rows}
    assert not [name for name in EXCEPTIONS if "exc." + name not in raised]
    silent = [key for key, row in rows.items()
              if row["entries"] == 0 and not row["note"]]
    assert not silent


@every_platform
def test_every_vector_reaches_its_handler(run):
    rows = {(row["path"], row["from"]): row["entries"]
            for row in run.report["paths"]}
    vectors = [n for n in range(0x20, 0x100) if n not in NOT_IRQ]
    for origin in ("ring 3", "ring 0"):
        lost = [n for n in vectors if not rows.get((f"irq.{n:02x}", origin))]
        assert not lost


@every_platform
def test_machine_check(run, request):
    """Injected where there is a monitor, skipped with a reason elsewhere."""
    rows = [row for row in run.report["paths"] if row["path"] == "mc"]
    if request.node.callspec.params["run"] in able(INJECT):
        assert {row["from"] for row in rows} == {"ring 3", "ring 0"}
        assert all(row["entries"] and not row["wrong"] for row in rows)
        assert "RINGSIDE-INJECT mc" in run.serial
    else:
        skipped = [check for check in run.report["checks"]
                   if check["id"].startswith("mc.")]
        assert skipped
        assert all(check["verdict"] == "skip" and check["seen"]
                   for check in skipped)


@every_platform
def test_no_decision_is_wrong(run):
    assert run.report["run"]["swapgs"]["wrong"] == 0
    assert run.report["run"]["swapgs"]["judged"] > 2 * 200
    assert all(row["right"] + row["wrong"] == row["entries"]
               for row in run.report["paths"])


@every_platform
def test_window_is_shown(run):
    """CS says kernel and the base says user: by-cs errs, by-sign does not
    unless the base is negative; the linux specimen has no other limit, but
    for an interrupt in STI's shadow, which silicon holds off."""
    rows = [row for row in run.report["window"] if row["specimen"] == "linux"
            and not int(row["cs"], 16) & 3]
    caught = [row for row in rows if set(row["users"]) & set("0+")]
    assert {event for row in caught for event in row["events"]} \
        >= {"db", "nmi"}
    for row in rows:
        assert set(row["users"]) <= set(row["rules"].get("by-cs", ""))
        assert row["rules"].get("by-sign", "") in ("", "-")
        for name, event in row["events"].items():
            assert event.get("wrong", "") in ("", "-") \
                or (name == "irq" and "shadow" in row)
            assert not event.get("missed")


@every_platform
def test_window_is_complete(run):
    """Planned, sent, delivered once and exact are one number, not zero where
    the path could be walked."""
    checks = run.checks("window.")
    walked = [subject for subject in run.report["subjects"] if checks[
        f"window.{subject['specimen']}.{subject['path']}.visited"] != "skip"]
    assert len(walked) > 100
    for subject in walked:
        counts = {subject[key]
                  for key in ("planned", "sent", "delivered", "exact")}
        assert len(counts) == 1 and 0 not in counts, subject
        assert subject["retries"] == 0


def unvisited():
    """[(specimen, label's pattern)] of unvisited.txt."""
    with open(os.path.join(TOP, "tests/boot/unvisited.txt"),
              encoding="ascii") as file:
        return [tuple(line.split()[:2]) for line in file
                if line.strip() and not line.startswith("#")]


@every_platform
def test_every_instruction_is_visited(run):
    """Those that objdump finds in the linked core, but for those that
    unvisited.txt names, each with its reason."""
    rows = run.report["window"]
    visited = disassembly.never_visited(rows, BUILD)
    assert set(visited) == {row["specimen"] for row in rows}
    known_places = unvisited()
    assert not [place for name, (places, _, _) in visited.items()
                for place in places
                if not any(name == specimen and fnmatch.fnmatchcase(
                    place.partition("+")[0], pattern)
                    for specimen, pattern in known_places)]


@every_platform
def test_page_is_there(run):
    """report.html shows each boundary."""
    page = run.text("report.html")
    assert page.startswith("<!DOCTYPE html>")
    for name in {row["specimen"] for row in run.report["window"]}:
        assert f"id=window-{name}" in page


@every_platform
def test_costs_are_measured(run):
    costs = {row["rule"]: row for row in run.report["costs"]}
    for rule in ("by-cs", "by-sign"):
        assert 0 < costs[rule]["min"] <= costs[rule]["median"] \
            <= costs[rule]["p99"]
    assert run.report["machine"]["accelerator"]


@every_platform
def test_text_fits_the_console(run):
    lines = run.text("report.txt").split("\n")
    assert len(lines) > 40
    assert not [line for line in lines if len(line.rstrip("\r")) > COLUMNS]


@every_platform
def test_window_is_the_same_on_every_machine(run):
    """One list of hashes for all emulators, firmware and vendors."""
    seen = hashes.of_report(run.report)
    before = hashes.load(os.path.join(KNOWN, "hashes.txt"))
    assert len(seen) > 100
    assert {} == {path: (value, before.get(path))
                  for path, value in seen.items() if before.get(path) != value}
    # A path that this machine lacks is skipped by name, and not lost.
    verdicts = run.checks("window.")
    paths = set(map(hashes.path_of, seen))
    assert [path for path in map(hashes.path_of, before)
            if path not in paths and verdicts.get(
                f"window.{'.'.join(path)}.visited") != "skip"] == []


@every_platform
def test_no_check_is_lost(run):
    path = os.path.join(KNOWN, "counts.txt")
    assert known.count(run.report) == knownfiles.load_counts(path)


@every_platform
def test_report_stands_on_the_console(run):
    """Line by line, as the last thing on the serial console; of the findings,
    which the file has in full, each rule."""
    text = [line.strip() for line in run.text("report.txt").split("\n")]
    if "Findings" in text:
        full = text[text.index("Findings"):]
        text = text[:text.index("Findings")] + [
            line for line in full if line.startswith("why ")] + full[-2:]
    shown = [line.strip() for line in run.serial.split("\n")]
    begin = len(shown) - 1 - shown[::-1].index(text[0])
    lines = iter(shown[begin:])
    lost = [line for line in text if line and line not in lines]
    assert not lost


@every_platform
def test_ktap(run):
    """One plan at each level, numbers from 1, and as many results."""
    results, plans = {}, {}
    for line in run.text("report.ktap").split("\n"):
        indent = len(line) - len(line.lstrip(" "))
        line = line.strip()
        if line.startswith("KTAP version"):
            assert line == "KTAP version 1"
            results[indent], plans[indent] = 0, None
        elif found := re.match(r"1\.\.(\d+)$", line):
            plans[indent] = int(found[1])
        elif found := re.match(r"(not )?ok (\d+) (\S+)", line):
            results[indent] += 1
            assert int(found[2]) == results[indent]
            inner = results.pop(indent + 2, None)
            assert inner == plans.pop(indent + 2, None)
        elif line:
            assert line.startswith("#"), line
    assert results[0] == plans[0] > 0


@every_platform
def test_ktap_and_json_agree(run):
    verdicts = run.report["run"]["verdicts"]
    results = re.findall(r"^ +(not ok|ok) \d+ (\S+)(.*)$",
                         run.text("report.ktap"), re.MULTILINE)
    assert len(results) == sum(verdicts.values())
    bad = [name for word, name, _ in results if word == "not ok"]
    assert len(bad) == sum(verdicts[word]
                           for word in ("fail", "hang", "reset"))


@on(*able(TWO_BOOTS))
def test_two_boots(run):
    """Boot B found the journal in memory and removed the variables; one boot
    more for each check that took the machine down."""
    verdicts = run.report["run"]["verdicts"]
    down = verdicts["hang"] + verdicts["reset"]
    assert run.report["run"]["source"] == "ram"
    assert run.report["run"]["boots"] == 2 + down
    assert run.report["run"]["digest"]["fail"] == verdicts["fail"] + down
    assert not run.report["run"]["trouble"]
    assert run.serial.count("leaves the firmware") == 1 + down


@on(*(name for name in RISKY
      if platforms.TESTED[name].platform.emulator is platforms.QEMU))
def test_a_hang_or_reset_takes_nothing_down(run):
    """QEMU spins over reserved bits of CR4 and CR3, where no NMI gets
    through, and restarts over others, since 10.0 where no firmware is: each is
    told as what it is, and all that stands behind it is run.  Where memory and
    variables do not outlive a reset, the run script has kept the journal."""
    down = ["cr4.pae-cleared", "cr4.reserved-15", "cr3.bit-60",
            "cr0.pg-cleared", "cr0.pg-without-pe"]
    checks = run.report["checks"]
    verdicts = {check["id"]: check["verdict"] for check in checks}
    assert sorted(down) == sorted(
        name for name, verdict in verdicts.items()
        if verdict in ("hang", "reset"))
    for check in checks:
        if check["id"] in down:
            assert check["facts"] == "EX9" and "SDM" in check["why"]
    order = list(verdicts)
    assert len(order) == len(checks)  # none twice
    assert [name for name in order if name in down] == down
    behind = order[order.index("cr0.pg-without-pe") + 1:]
    assert len(behind) > 10
    assert any(verdicts[name] == "pass" for name in behind)


@on(*unable(TWO_BOOTS))
def test_live_where_no_second_boot_comes(run):
    verdicts = run.report["run"]["verdicts"]
    assert run.report["run"]["source"] == "live"
    assert run.report["run"]["boots"] == 1 + verdicts["hang"] \
        + verdicts["reset"] == run.serial.count("leaves the firmware")
    assert run.report["run"]["why_live"]


@on(*RISKY)
def test_risky_checks_are_run(run):
    assert not [check["id"] for check in run.report["checks"]
                if check["seen"].startswith("risky")]


@every_platform
def test_serial_line_carries_ktap(run):
    begin = run.serial.index("KTAP version 1\n")
    assert re.match(r"1\.\.\d+\n", run.serial[begin + 15:])
    assert run.serial.count("\nnot ok ") + run.serial.count("\nok ") > 3
