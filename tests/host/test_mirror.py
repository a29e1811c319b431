# SPDX-License-Identifier: MIT
"""The mirror of this machine's apt, however that is set to it; and that no
file of ours names one."""

import importlib.machinery
import importlib.util
import os
import re
import shutil
import sys

import pytest
from test_style import files

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "scripts"))

from ringside import mirror  # noqa: E402  pylint: disable=C0413

needs_apt = pytest.mark.skipif(not shutil.which("apt-get"),
                               reason="there is no apt here")
RELEASE = """\
Origin: Debian
Suite: stable
Codename: trixie
Components: main contrib
"""


def loaded(name):
    """A script that has no .py behind its name."""
    path = os.path.join(TOP, "scripts", name)
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), path)
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader(loader.name, loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


fresh = loaded("test-fresh")


@pytest.fixture(name="apt")
def _apt(tmp_path, monkeypatch):
    """A machine's apt: a function that writes its sources and configuration,
    by name, and returns the options that make apt read these alone."""
    monkeypatch.delenv("MIRROR", raising=False)
    etc = tmp_path / "etc"
    for name in ("sources.list.d", "apt.conf.d"):
        (etc / name).mkdir(parents=True)

    def write(**contents):
        for name, text in contents.items():
            folder = {"list": "sources.list.d/x.list",
                      "sources": "sources.list.d/x.sources",
                      "conf": "apt.conf.d/x"}[name]
            (etc / folder).write_text(text)
        config = tmp_path / "apt.conf"
        config.write_text(f'Dir::Etc "{etc}";\n'
                          f'Dir::State::lists "{tmp_path}/lists";\n')
        monkeypatch.setenv("APT_CONFIG", str(config))
        return tmp_path
    return write


def repository(where, suite="trixie", text=RELEASE):
    folder = where / "mirror/dists" / suite
    folder.mkdir(parents=True)
    (folder / "InRelease").write_text(text)
    return f"file:{where}/mirror"


# --- what apt is set to -------------------------------------------------------

@needs_apt
@pytest.mark.parametrize("form", ["list", "sources"])
def test_either_form_of_sources(apt, form):
    lines = {"list": """\
# deb http://a.invalid/old bookworm main
deb [arch=amd64 signed-by=/x.gpg] http://c.invalid/debian bookworm main
deb http://c.invalid/debian bookworm-updates main
deb http://d.invalid/other ./
""", "sources": """\
Types: deb
URIs: http://off.invalid/debian
Suites: bookworm
Components: main
Enabled: no

Types: deb deb-src
URIs: http://c.invalid/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /x.gpg
"""}
    apt(**{form: lines[form]})
    assert mirror.mirrors() == ["http://c.invalid/debian"]


@needs_apt
def test_no_sources(apt):
    apt()
    with pytest.raises(mirror.NoMirror, match="no sources; MIRROR=URL"):
        mirror.mirrors()


def test_no_apt(monkeypatch):
    monkeypatch.delenv("MIRROR", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(mirror.NoMirror, match="no apt here.*MIRROR=URL"):
        mirror.mirrors()


def test_somebody_names_it(monkeypatch, tmp_path):
    monkeypatch.setenv("MIRROR", f"file:{tmp_path}/nosuch")
    monkeypatch.setenv("PATH", "/nowhere")
    assert mirror.mirrors() == [f"file:{tmp_path}/nosuch"]
    monkeypatch.setattr(mirror, "_read", lambda url: "")
    with pytest.raises(mirror.NoMirror, match="MIRROR=file:.*no suite sid"):
        mirror.that_has("sid")


@needs_apt
def test_the_one_that_has_the_suite(apt, tmp_path):
    good = repository(tmp_path)
    apt(list=f"deb file:{tmp_path}/nosuch trixie main\n"
             f"deb {good} bookworm main\n")
    url, fields = mirror.that_has("trixie")
    assert url == good and fields["Origin"] == "Debian"
    with pytest.raises(mirror.NoMirror, match="has the suite sid; MIRROR="):
        mirror.that_has("sid")


@needs_apt
def test_one_that_cannot_be_asked(apt, tmp_path):
    """It is named where no other has the suite, and only there."""
    good = repository(tmp_path)
    dead = "http://127.0.0.1:9/debian"
    apt(list=f"deb {dead} bookworm main\n")
    with pytest.raises(mirror.NoMirror, match="127.0.0.1:9.*onnect"):
        mirror.that_has("trixie")
    apt(list=f"deb {dead} bookworm main\ndeb {good} bookworm main\n")
    assert mirror.that_has("trixie")[0] == good


@needs_apt
@pytest.mark.parametrize("text", [
    RELEASE.replace("trixie", "trixie-pgdg"),
    RELEASE.replace("main contrib", "stable"),
    ""])
def test_something_else_by_that_name(apt, tmp_path, text):
    apt(list=f"deb {repository(tmp_path, text=text)} trixie main\n")
    with pytest.raises(mirror.NoMirror):
        mirror.that_has("trixie")


@needs_apt
def test_a_list_of_mirrors(apt, tmp_path):
    good = repository(tmp_path)
    (tmp_path / "list").write_text(
        f"# ours\nfile:{tmp_path}/nosuch\n{good}\tpriority:2\n")
    apt(list=f"deb mirror+file:{tmp_path}/list bookworm main\n")
    assert mirror.that_has("trixie")[0] == good


# --- what goes along ----------------------------------------------------------

@needs_apt
def test_how_it_fetches_goes_along(apt, tmp_path):
    (tmp_path / "ca.pem").write_text("")
    apt(conf=f"""
Acquire::http::Proxy "http://proxy.invalid:3128";
Acquire::Check-Valid-Until "false";
Acquire::https::CaInfo "{tmp_path}/ca.pem";
Acquire::https::SslCert "{tmp_path}/nosuch.pem";
APT::Update::Post-Invoke {{ "touch /x"; }};
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
""")
    lines, named = mirror.fetching()
    text = "\n".join(lines)
    assert 'Acquire::http::Proxy "http://proxy.invalid:3128";' in lines
    assert 'Acquire::Check-Valid-Until "false";' in lines
    assert "Invoke" not in text and "IndexTargets" not in text
    assert named == [f"{tmp_path}/ca.pem"]
    assert fresh.proxy() == {"http_proxy": "http://proxy.invalid:3128",
                             "https_proxy": "http://proxy.invalid:3128"}


# --- test-fresh ---------------------------------------------------------------

def test_bad_words(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    def said(*words):
        status = fresh.main(["test-fresh", *words])
        err = capsys.readouterr().err
        assert status == 2 and err.count("\n") == 1, err
        return err.removeprefix("test-fresh: ").strip()
    monkeypatch.setattr(fresh, "PATHS", {"PATH": "/nowhere"})
    assert said(str(tmp_path), "../x") == "SUITE=../x is no name of a suite"
    assert said(str(tmp_path), "sid") == (
        "debootstrap is not installed: scripts/setup fresh")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert said(str(tmp_path), "sid") == "a chroot needs root"
    assert "needs a directory" in fresh.main(["test-fresh"])


@needs_apt
def test_a_suite_that_no_mirror_has(apt, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda *_, **__: "/bin/debootstrap")
    apt(list=f"deb {repository(tmp_path)} bookworm main\n")
    assert fresh.main(["test-fresh", str(tmp_path / "x"), "nosuch"]) == 2
    assert capsys.readouterr().err == (
        "test-fresh: no mirror that apt is set to has the suite nosuch; "
        "MIRROR=URL names one that has\n")


def test_debootstrap_that_fails(tmp_path):
    (tmp_path / "log").write_text("I: Retrieving InRelease\n"
                                  "E: Couldn't find these debs: x\n")
    assert fresh.complaint(tmp_path / "log") == "Couldn't find these debs: x"
    (tmp_path / "log").write_text("Killed\n")
    assert fresh.complaint(tmp_path / "log") == "Killed"


def test_the_readme_s_commands():
    with open(os.path.join(TOP, "README.md"), encoding="utf-8") as file:
        commands = fresh.first_block(file.read())
    assert commands[-1] == "make run" and "make" in commands[0]


class Printed:
    """A root in which commands are not run: these lines are printed."""

    def __init__(self, *lines):
        self.lines = lines
        self.sizes = iter((100, 350))

    def size(self):
        return next(self.sizes)

    def run(self, _command):
        yield from self.lines


def test_figures():
    assert fresh.first_report(Printed(
        (1, "Fetched 9,876 kB in 1s (9 kB/s)\n"),
        (9, "Fetched 101 MB in 5s (20 MB/s)\n"),
        (20, "CC\tefi/main.c\n"), (31, "GEN\tbuild/BOOTX64.EFI\n"),
        (32, "BdsDxe: starting Boot0001\n"), (90, "")), ["make run"]) == (
            "setup 20 s, 111 MB fetched, 250 MB on disk; build 11 s; run 59 s")
    with pytest.raises(fresh.Failed):
        fresh.first_report(Printed((1, "make: Nothing to be done\n")), [])


def test_all_tests_end_with_their_own_words():
    assert fresh.all_tests(Printed((1, "host tests: 400 passed\n"), (
        900, "412 passed, 0 failed\n"), (901, ""))) == (
            "make test 901 s, 412 passed, 0 failed")


# --- no mirror is named -------------------------------------------------------

HOST = re.compile(r"\b(?:[\w-]+\.)*(?:debian|ubuntu)\.(?:org|com|net)\b"
                  r"|\b(?:ftp|deb|mirrors?|archive|packages|snapshot|security)"
                  r"\.(?!invalid)[\w-]+\.[a-z]{2,}\b")


@pytest.mark.parametrize("line, named", [
    ("http://deb.DEB/debian", True), ("http://ftp.de.DEB/debian", True),
    ("https://archive.UBU/ubuntu", True), ("http://mirror.X/debian", True),
    ("from . import mirror", False), ("mirror.that_has(suite)", False),
    ("Debian's own", False), ("tests/host/test_mirror.py", False)])
def test_a_host_is_recognised(line, named):
    for short, *name in (("DEB", "debian", "org"), ("UBU", "ubuntu", "com"),
                         ("X", "example", "edu")):
        line = line.replace(short, ".".join(name))
    assert bool(HOST.search(line)) == named


def test_no_mirror_is_named():
    listed = [(path, line) for path in files(TOP)
              for line in open(os.path.join(TOP, path), encoding="utf-8")
              if HOST.search(line)]
    assert listed == []
