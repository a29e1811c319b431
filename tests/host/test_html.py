# SPDX-License-Identifier: MIT
"""report.html from every sample, and what stands behind it: objdump."""

import html.parser
import json
import os
import re
import subprocess
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
FOLDER = os.environ["RINGSIDE_SAMPLES"]
sys.path.insert(0, os.path.join(TOP, "scripts"))

from ringside import disassembly, picture, processors  # noqa: E402
from ringside import html as page  # noqa: E402

SAMPLES = sorted(name for name in os.listdir(FOLDER)
                 if name.endswith(".json"))
VOID = {"meta"}


def load(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return json.load(file)


class Checker(html.parser.HTMLParser):
    """Keeps what the tests ask for, and refuses what is not balanced."""

    def __init__(self, text):
        super().__init__()
        self.open, self.attributes, self.rows, self.text = [], [], [], ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" in self.open:
            return
        self.text += data
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data


@pytest.mark.parametrize("name", SAMPLES)
def test_page_stands_alone(name, tmp_path):
    """Balanced, nothing loaded from anywhere, no script."""
    page.write(load(name), tmp_path, tmp_path)
    text = (tmp_path / page.NAME).read_text(encoding="utf-8")
    found = Checker(text)
    assert not {key for key, value in found.attributes
                if key != "href" or not value.startswith("#")} \
        & {"src", "href", "onclick", "onload"}
    assert not re.search(r"<script|url\(|@import|https?:", text)


def test_awkward_text_is_escaped(tmp_path):
    page.write(load("awkward.json"), tmp_path, tmp_path)
    found = Checker((tmp_path / page.NAME).read_text(encoding="utf-8"))
    assert "</script>" in found.text


def test_every_citation_leads_to_its_row(tmp_path):
    """All links of the page lead into it, and each fact that a block cites is
    one; what is no row stays text."""
    report = load("complete.json")
    report["checks"][0] |= {"verdict": "fail", "facts": "IV18 SC1 ZZ9"}
    page.write(report, tmp_path, tmp_path)
    text = (tmp_path / page.NAME).read_text(encoding="utf-8")
    found = Checker(text)
    ids = {value for key, value in found.attributes if key == "id"}
    links = {value[1:] for key, value in found.attributes if key == "href"}
    assert {"IV18", "SC1"} <= links <= ids
    assert "ZZ9" in found.text and "ZZ9" not in links | ids
    # IV18 names IV35: that row is here, too, with what came of its checks.
    assert "IV35" in links
    assert "1 fail" in found.text


def rows_of(report, tmp_path):
    page.write(report, tmp_path, tmp_path)
    found = Checker((tmp_path / page.NAME).read_text(encoding="utf-8"))
    return [row for row in found.rows if row[:1] and row[0].isdigit()]


def test_picture(tmp_path):
    """A row a boundary: its instruction, and a letter for each mark."""
    rows = rows_of(load("own.json"), tmp_path)
    assert rows[0] == ["0", "+0x0", "swapgs", "", "u", "r", "r", "n",
                       "w", "r", "r", "w", "r", "r", "r"]
    assert rows[1] == ["1", "+0x3", "swapgs", "", "k", "r",
                       "r", "r", "r", "r", "w"]
    assert len(rows) == 5


def test_storms(tmp_path):
    """A row a specimen, and the entries that led to where it was caught."""
    report = load("complete.json")
    page.write(report, tmp_path, tmp_path)
    found = Checker((tmp_path / page.NAME).read_text(encoding="utf-8"))
    assert ["linux", "2", "100123", "200000 to 250000", "50000", "20000",
            "10000", "5000", "15000", "77", "survived"] in found.rows
    assert ["12", "1", "nmi", "linux_syscall64+0x3", "0x8", "0x46",
            "0x10801ff8", "0xffffffffc0a00000", "user"] in found.rows
    assert "1 caught; cpu 1, entry 12: GS base 0 in the handler" in found.text
    report["storms"] = []
    page.write(report, tmp_path, tmp_path)
    assert "The storm" not in (tmp_path / page.NAME).read_text("utf-8")


def test_every_mark_has_its_letter(tmp_path):
    rows = rows_of(load("window.json"), tmp_path)
    letters = "".join(cell for row in rows for cell in row[4:])
    assert set(letters) == set("".join(picture.MARKS))


def test_colour_is_never_alone():
    """A mark's class is its letter, and each has its colours."""
    with open(page.CSS, encoding="utf-8") as file:
        css = file.read()
    for mark in picture.MARKS:
        assert f".{mark or picture.NONE} {{" in css


def test_one_processor_has_no_section(tmp_path):
    page.write(load("complete.json"), tmp_path, tmp_path)
    assert "The processors" not in \
        (tmp_path / page.NAME).read_text(encoding="utf-8")


def test_processors(tmp_path):
    """Those that are alike are a row; what is otherwise has its own."""
    report = load("processors.json")
    for cpu in (6, 7, 9):
        report["processors"].append({
            **report["processors"][2], "others": 0, "cpu": cpu,
            "apic_id": cpu + 10, "start_microseconds": 200 + cpu})
    page.write(report, tmp_path, tmp_path)
    found = Checker((tmp_path / page.NAME).read_text(encoding="utf-8"))
    rows = {cells[0]: cells for cells in found.rows if cells}
    assert rows["6-7,9"] == [
        "6-7,9", "16-17,19", "MADT and MP Services", "came", "206 to 209",
        "1542", "0", "1,542", "4096", "", "0x100000000", ""]
    assert rows["0"][3] == "the first"
    assert rows["1"][6] == "3"
    assert rows["3"][2:4] == ["MADT", "did not come"]
    assert rows["4"][9:] == ["20h", "0x100000001",
                             "MTRR 2FFh: c00, 0 on the first"]
    assert rows["5"][3] == "lost"
    assert rows["exc.de.ring3"] == ["exc.de.ring3", "pass", "cpu 1 fail"]
    assert rows["exc.bp.ring3"] == ["exc.bp.ring3", "fail", "cpus 1-2 pass"]
    assert "2 findings of other processors" in found.text
    assert "exc.de.ring3 (cpu 1) and 1 more" in found.text
    assert "mc.delivery (cpus 1-2)" in found.text


def drawn(report, tmp_path, shape):
    """The attributes of each such shape of the page."""
    page.write(report, tmp_path, tmp_path)
    text = (tmp_path / page.NAME).read_text(encoding="utf-8")
    Checker(text)
    return [dict(re.findall(r'([\w-]+)="?([^ ">]*)', words))
            for words in re.findall(rf"<{shape} ([^>]*)>", text)], text


def test_pairs_have_a_picture(tmp_path):
    """A cell a pair, from and to, the fullest where the median is the most;
    its figure is in it."""
    report = load("processors.json")
    report["latency"] = [row for row in report["latency"]
                         if row["kind"] == "nmi"]
    report["latency"][-1]["median"] = 3402
    cells, text = drawn(report, tmp_path, "rect")
    assert len(cells) == 6
    assert len({(cell["x"], cell["y"]) for cell in cells}) == 6
    assert not any(int(cell["x"]) - processors.MARGIN == processors.CELL * (
        (int(cell["y"]) - processors.HIGH) // processors.HIGH)
        for cell in cells)  # none to itself
    fullest = max(cells, key=lambda cell: float(cell["fill-opacity"]))
    assert (int(fullest["x"]), int(fullest["y"])) == (
        processors.MARGIN + processors.CELL, 3 * processors.HIGH)
    assert ">3,402</text>" in text and "2 to 1: 850 / 3,402 / 5,103" in text
    assert ">1,700</text>" in text


def test_a_figure_fits_into_its_cell():
    figures = (0, 9_999_999, 10_000_000, 64_405_536, 1_400_850_880)
    assert [processors.short(figure) for figure in figures] == [
        "0", "9,999,999", "10M", "64M", "1,401M"]
    assert all(len(processors.short(figure)) * 8 < processors.CELL
               for figure in figures)


def test_of_many_processors_some_pairs_are_strips(tmp_path):
    """With the first, and neighbours; all pairs are a matrix."""
    report = load("many.json")
    report["latency"] = [row for row in report["latency"]
                         if row["kind"] == "nmi"]
    one = report["latency"][0]
    report["latency"] += [{**one, "from": 7, "to": 0},
                          {**one, "from": 7, "to": 8}]
    cells, text = drawn(report, tmp_path, "rect")
    assert len(cells) == len(report["latency"]) + 1  # 0 to 1 is a neighbour
    rows = sorted({int(cell["y"]) for cell in cells})
    assert len(rows) == 3
    wide = int(cells[1]["x"]) - int(cells[0]["x"])
    for y in rows[1:]:  # by who sends
        assert str(processors.NAMES + 7 * wide) in {
            cell["x"] for cell in cells if int(cell["y"]) == y}
    assert all(8 * len(name) < processors.NAMES
               for name, *_ in processors.STRIPS)
    width, height = map(int, re.search(
        r'viewBox="0 0 (\d+) (\d+)"', text).groups())
    assert width <= processors.NAMES + processors.ACROSS and height < 100
    assert all(int(cell["x"]) + int(cell["width"]) <= width
               and int(cell["y"]) + int(cell["height"]) <= height
               for cell in cells)
    report["latency"].append({**one, "from": 7, "to": 3})
    cells, text = drawn(report, tmp_path, "rect")
    assert len(cells) == len(report["latency"])
    assert len({cell["x"] for cell in cells}) == 256


def test_shootdowns_have_bars(tmp_path):
    """As long as the median, a line to p99, of many not all."""
    report = load("processors.json")
    report["latency"] = [row for row in report["latency"]
                         if row["kind"] == "shootdown"]
    bars, text = drawn(report, tmp_path, "rect")
    assert [int(bar["width"]) for bar in bars] == [140, 210]
    lines, _ = drawn(report, tmp_path, "line")
    assert [(int(line["x1"]), int(line["x2"])) for line in lines] == [
        (110, 460), (145, 460)]
    assert "2,250 / 4,500 / 13,500" in text
    many = [{"to": to} for to in range(1, 101)]
    assert [row["to"] for row in processors.shown(many)] == [
        1, 2, 4, 8, 16, 32, 64, 100]
    assert len(processors.shown(many[:16])) == 16


def test_the_first_is_like_no_other():
    one = load("processors.json")["processors"][2]
    groups = processors.groups([{**one, "cpu": cpu} for cpu in range(3)])
    assert [[row["cpu"] for row in of] for of in groups] == [[0], [1, 2]]


def test_ranges():
    for numbers, words in (([3], "3"), ([2, 0, 1, 7], "0-2,7"),
                           ([1, 3, 5], "1,3,5"), ([], "")):
        assert processors.ranges(numbers) == words


def row(rip, code, symbol="stub", offset=0):
    return {"specimen": "demo", "rip": hex(rip), "code": code,
            "symbol": symbol, "offset": offset, "cs": "0x8"}


def test_disassembly_names_targets():
    base = 0xffffffffc0001000
    texts = disassembly.of_rows([
        row(base, "0f01f8"), row(base + 3, "7402", offset=3),
        row(base + 7, "48cf", "out"), row(base + 0x200000, "0f0b", "far")])
    assert texts[base] == "swapgs"
    assert texts[base + 3] == "je out"
    assert texts[base + 7] == "iretq"
    assert texts[base + 0x200000] == "ud2"


def test_without_objdump(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert disassembly.of_rows([row(0x1000, "90")]) == {0x1000: ".byte 90"}


STUBS = """\t.section .text.under_test, "ax"
\t.globl first, second
first:\tswapgs
\tjz 1f
\tnop
1:\tiretq
\t.balign 32
second:\tnop
\tsysretq
"""


@pytest.fixture(name="core")
def _core(tmp_path):
    """A linked core with one specimen."""
    folder = tmp_path / "specimens/demo"
    folder.mkdir(parents=True)
    (folder / "a.S").write_text(STUBS)
    subprocess.run(["gcc", "-c", folder / "a.S", "-o", folder / "a.o"],
                   check=True)
    subprocess.run(["ld", "-e", "0", "-Ttext=0xffffffffc0000000",
                    f"-Map={tmp_path}/core.map", folder / "a.o", "-o",
                    tmp_path / "core.elf"], check=True,
                   stderr=subprocess.DEVNULL)
    return tmp_path


def test_never_visited(core):
    """By label and offset; the assembler's padding is no instruction."""
    every = {each.place(): each.address
             for each in disassembly.of_specimens(core)["demo"]}
    assert list(every) == ["first+0x0", "first+0x3", "first+0x5",
                           "first+0x6", "second+0x0", "second+0x1"]
    rows = [row(address, "90") for address in every.values()]
    rows.append(dict(row(0x10000000, "0f05"), cs="0x33"))  # ring 3
    assert disassembly.never_visited(rows, core) == {"demo": ([], 0, 6)}
    assert disassembly.never_visited(rows[:2] + rows[5:6], core) == {
        "demo": (["first+0x5..0x6 (2)", "second+0x0"], 3, 6)}


def test_another_core_is_not_compared(core):
    assert not disassembly.never_visited([row(0x1234, "90")], core)
