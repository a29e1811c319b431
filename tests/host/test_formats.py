# SPDX-License-Identifier: MIT
"""The rendered samples, read by parsers that are not ours.

test_json.c has written them to the folder that RINGSIDE_SAMPLES names.
"""
import json
import os
import pathlib
import re

import jsonschema
import pytest

HERE = pathlib.Path(__file__).parent
SCHEMA = json.loads((HERE.parent / "report.schema.json").read_text())
SAMPLES = pathlib.Path(os.environ["RINGSIDE_SAMPLES"])
NAMES = sorted(p.stem for p in SAMPLES.glob("*.json"))


def load(name):
    return json.loads((SAMPLES / f"{name}.json").read_text("ascii"))


def test_samples_are_there():
    assert len(NAMES) >= 12


def test_schema_is_a_schema():
    jsonschema.Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", NAMES)
def test_json_is_valid(name):
    jsonschema.Draft7Validator(SCHEMA).validate(load(name))


@pytest.mark.parametrize("path", [
    ["format"], ["run", "complete"], ["run", "source"], ["machine", "cpuid"],
    ["paths", 0, "wrong"], ["checks", 0, "verdict"], ["window", 0, "events"],
    ["rules", 0, "tried"],
    ["subjects", 0, "exact"], ["costs", 0, "median"],
    ["storms", 0, "entries"], ["storms", 0, "kinds", "nmis"],
    ["storms", 1, "first", "what"], ["outcomes", 0, "gs_owner"],
    ["processors", 0, "cpu"], ["processors", 1, "came"],
    ["others", 0, "cpus"], ["others", 0, "verdict"], ["others"],
    ["latency", 0, "kind"], ["latency", 0, "to"], ["latency"]])
def test_schema_refuses(path):
    """Without this member, and with a wrong one, the schema says no."""
    for spoil in (lambda o, k: o.pop(k), lambda o, k: o.update({k: -1}),
                  lambda o, k: o.update({"surplus": 1})):
        report = {**load("processors"), **{
            key: rows for key, rows in load("complete").items() if rows
            and key != "processors"}}
        target = report
        for key in path[:-1]:
            target = target[key]
        spoil(target, path[-1])
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft7Validator(SCHEMA).validate(report)


@pytest.mark.parametrize("path, word", [
    (["latency", 0, "kind"], "ipi"), (["others", 0, "verdict"], "bad"),
    (["others", 0, "cpus"], "1-"), (["processors", 1, "microcode"], "1")])
def test_schema_refuses_words(path, word):
    report = load("processors")
    report[path[0]][path[1]][path[2]] = word
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(SCHEMA).validate(report)


def test_rules_are_listed():
    """What the rows say of a rule can be looked up in the same report."""
    report = load("complete")
    rules = {rule["name"]: rule for rule in report["rules"]}
    assert rules["by-sign"]["tried"] and rules["by-sign"]["limit"] == "-"
    assert not rules["always"]["tried"]
    tried = {name for name, rule in rules.items() if rule["tried"]}
    assert all(set(row["rules"]) <= tried for row in report["window"])
    assert {row["rule"] for row in report["paths"] + report["costs"]} \
        <= set(rules)


def test_json_content():
    r = load("complete")
    assert r["run"]["complete"] is True
    assert r["run"]["source"] == "ram"
    assert r["run"]["swapgs"] == {"judged": 454, "wrong": 1}
    assert r["machine"]["firmware_state"]["cr0"] == "0x80010033"
    assert r["machine"]["features"] == ["APIC", "SEP", "hypervisor",
                                        "FSGSBASE"]
    assert len(r["paths"]) == 449
    wrong = [p for p in r["paths"] if p["wrong"]]
    assert [(p["path"], p["from"]) for p in wrong] == [("irq.99", "ring 0")]
    assert [c["id"] for c in r["checks"] if c["verdict"] == "fail"] == [
        "syscall64.fmask.tf"]
    window = r["window"][0]
    assert (window["symbol"], window["offset"]) == ("linux_syscall64", 0)
    assert window["code"] == "0f01f8"
    assert window["rules"] == {"by-cs": "0+-", "by-sign": "-"}
    assert window["events"] == {"nmi": {"sent": "0+-", "wrong": "-"}}
    assert r["processors"] == [{"cpu": 0, "checks": 6, "findings": 1}]


def test_json_processors():
    """Each by its number; results that are otherwise are no checks."""
    report = load("processors")
    rows = report["processors"]
    assert [row["cpu"] for row in rows] == list(range(6))
    assert rows[0]["checks"] == len(report["checks"]) == 4
    assert sum(report["run"]["verdicts"].values()) == 4
    assert [row["checks"] for row in rows[1:]] == [1542, 1542, 0, 1542, 12]
    assert [row["findings"] for row in rows] == [1, 2, 1, 0, 0, 0]
    assert [row["came"] for row in rows] == [True] * 3 + [False] + [True] * 2
    assert [row["ran"] for row in rows] == [False, True, True, False, True,
                                            False]
    assert [row["lost"] for row in rows] == [False] * 5 + [True]
    assert [row["mp"] for row in rows] == [True] * 3 + [False] + [True] * 2
    assert rows[3]["madt"] and rows[3]["apic_id"] == 6
    assert rows[4]["core_type"] == 0x20
    assert rows[4]["microcode"] == "0x100000001"
    assert rows[4]["note"] == "MTRR 2FFh: c00, 0 on the first"
    assert [rows[1][key] for key in (
        "start_microseconds", "memory_kib", "others", "microseconds")] == \
        [186, 4096, 3, 1542000]
    assert [(row["id"], row["cpus"], row["verdict"], row["seen"])
            for row in report["others"]] == [
        ("exc.de.ring3", "1", "fail", "#UD"),
        ("exc.bp.ring3", "1-2", "pass", ""),
        ("mc.delivery", "1-2", "fail", "#UD")]
    assert report["latency"][-1] == {
        "kind": "shootdown", "from": 0, "to": 2, "n": 1000, "min": 2250,
        "median": 4500, "p99": 13500, "unit": "tsc cycles"}
    assert {(row["kind"], row["from"], row["to"])
            for row in report["latency"][:-2]} == {
        (kind, a, b) for kind in ("fixed", "nmi")
        for a in range(3) for b in range(3) if a != b}


def test_json_degraded():
    assert load("no-machine")["machine"] is None
    assert load("no-end")["run"]["duration_us"] is None
    assert load("no-end")["run"]["last_step"] == "case df"
    assert load("last-words")["run"]["last_words"]["rip"] == \
        "0xffffffffc0001234"
    assert load("absent")["run"]["journal"] == "absent"
    assert load("absent")["run"]["digest"]["pass"] == 220
    assert load("absent")["run"]["digest"]["others"] == 2
    assert load("damaged")["run"]["damaged"] == 1
    assert load("live")["run"]["source"] == "live"
    assert load("awkward")["machine"]["vendor"] == \
        '"\\#\t\n\x7f\x80\xff</scrip'


def test_json_window():
    """What is left out of a row was so with no base."""
    report = load("window")
    rows = [row for row in report["window"] if row["path"] == "nmi"]
    assert [row["events"].get("nmi") for row in rows] == \
        [{"sent": "0+-", "wrong": "0+-"}] * 3 + [{"sent": "0+-"}] * 2 + \
        [{"sent": "0+-", "damaged": "0+-"}] * 2 + \
        [{"sent": "0+-", "missed": "0+-"}, None] + \
        [{"sent": "0+-", "wrong": "-"}]
    assert [row["users"] for row in rows] == ["0+-"] * 4 + [""] * 5 + ["0+-"]
    assert [(subject["specimen"], subject["path"],
             subject["boundaries"], subject["planned"],
             subject["exact"]) for subject in report["subjects"]] == \
        [("linux", "syscall64", 5, 15, 15), ("linux", "int80", 5, 12, 12),
         ("bad", "nmi", 10, 27, 24), ("bad", "nmi-ring0", 10, 27, 27)]


RESULT = re.compile(
    r"(not )?ok ([1-9][0-9]*) ([^#]+?)(?: # (SKIP|TIMEOUT|ERROR) ([^#]*))?$")


def parse_ktap(lines, indent):
    """Reads one level; returns its results and what follows it."""
    pad = "  " * indent
    assert lines.pop(0) == pad + "KTAP version 1"
    plan = re.fullmatch(re.escape(pad) + r"1\.\.([0-9]+)", lines.pop(0))
    results = []
    while len(results) < int(plan[1]):
        subtests = None
        while re.match(re.escape(pad) + r"# [a-z]+: ", lines[0]):
            lines.pop(0)
        if lines[0].startswith(pad + "  "):
            subtests, lines = parse_ktap(lines, indent + 1)
            continue
        line = lines.pop(0)
        assert line.startswith(pad), line
        m = RESULT.fullmatch(line[len(pad):])
        assert m, line
        assert int(m[2]) == len(results) + 1
        if m[4] in ("TIMEOUT", "ERROR"):
            assert m[1], line
        if m[4] == "SKIP":
            assert not m[1], line
        results.append((m[3], not m[1], m[4]))
    return results, lines


@pytest.mark.parametrize("name", NAMES)
def test_ktap_grammar(name):
    text = (SAMPLES / f"{name}.ktap").read_text("ascii")
    assert text.endswith("\n")
    results, rest = parse_ktap(text.split("\n")[:-1], 0)
    assert rest == []
    assert results[-1][0] == "run"
    assert results[-1][1] == load(name)["run"]["complete"]
    failed = {c["id"].split(".")[0] for c in load(name)["checks"]
              if c["verdict"] in ("fail", "hang", "reset")}
    if name != "awkward":  # its ids are not ids
        assert {n for n, ok, _ in results[:-1] if not ok} == failed
