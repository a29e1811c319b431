# SPDX-License-Identifier: MIT
"""scripts/setup on machines that are not this one: a PATH and a prefix of a
test's own, with package managers that write down what they are told."""

import os
import re
import shutil
import subprocess

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
SETUP = os.path.join(TOP, "scripts/setup")
# What the script itself is made of, on any system.
TOOLS = ("sh", "awk", "cut", "dirname", "echo", "env", "grep", "realpath",
         "sort", "touch", "tr", "xargs")
# Files of scripts/places, as a family's packages bring them.
FILES = {
    "debian": ["share/consolefonts/Uni2-Terminus16.psf.gz",
               "share/consolefonts/Uni2-TerminusBold24x12.psf.gz",
               "share/consolefonts/Uni2-TerminusBold32x16.psf.gz",
               "share/OVMF/OVMF_CODE_4M.fd", "share/OVMF/OVMF_VARS_4M.fd"],
    "fedora": ["lib/kbd/consolefonts/ter-v16n.psf.gz",
               "lib/kbd/consolefonts/ter-v24b.psf.gz",
               "lib/kbd/consolefonts/ter-v32b.psf.gz",
               "share/edk2/ovmf/OVMF_CODE_4M.qcow2",
               "share/edk2/ovmf/OVMF_VARS_4M.qcow2"],
    "arch": ["share/kbd/consolefonts/ter-v16n.psf.gz",
             "share/kbd/consolefonts/ter-v24b.psf.gz",
             "share/kbd/consolefonts/ter-v32b.psf.gz",
             "share/edk2/x64/OVMF_CODE.4m.fd",
             "share/edk2/x64/OVMF_VARS.4m.fd"],
    "suse": ["share/kbd/consolefonts/ter-v16n.psf.gz",
             "share/kbd/consolefonts/ter-v24b.psf.gz",
             "share/kbd/consolefonts/ter-v32b.psf.gz",
             "share/qemu/ovmf-x86_64-4m-code.bin",
             "share/qemu/ovmf-x86_64-4m-vars.bin"],
    "nix": ["share/consolefonts/ter-v16n.psf.gz",
            "share/consolefonts/ter-v24b.psf.gz",
            "share/consolefonts/ter-v32b.psf.gz",
            "share/qemu/edk2-x86_64-code.fd", "share/qemu/edk2-i386-vars.fd"],
}
MANAGER = {"debian": "apt-get", "fedora": "dnf", "arch": "pacman",
           "suse": "zypper", "nix": "nix-shell"}
RUN = ("image", "run", "qemu", "ovmf")


class Machine:
    """A family's machine on which `make run` has all that it needs."""

    def __init__(self, top, family):
        self.bin, self.usr = top / "bin", top / "usr"
        self.told = top / "told"
        self.release = top / "os-release"
        self.bin.mkdir()
        self.release.write_text("")
        for name in TOOLS:
            (self.bin / name).symlink_to(shutil.which(name))
        for name in ("make", "gcc", "ld", "python3", "mcopy",
                     "qemu-system-x86_64"):
            self.command(name)
        self.command("id", "echo 0")
        if family:
            self.command(MANAGER[family])
        for path in ["include/efi/efi.h", *FILES.get(family, ())]:
            (self.usr / path).parent.mkdir(parents=True, exist_ok=True)
            (self.usr / path).touch()

    def command(self, name, does="exit 0"):
        path = self.bin / name
        path.write_text(
            f"#!/bin/sh\necho {name} \"$@\" >>{self.told}\n{does}\n")
        path.chmod(0o755)

    def without(self, *paths):
        for path in paths:
            place = self.usr / path if "/" in path else self.bin / path
            place.unlink()
        return self

    def setup(self, *words):
        """What it prints, and whether it is content."""
        done = subprocess.run(
            [SETUP, *words], text=True, check=False, capture_output=True,
            cwd=TOP, env={"PATH": str(self.bin), "OS_RELEASE":
                          str(self.release), "RINGSIDE_PREFIXES":
                          str(self.usr)})
        assert done.stdout.count("\n") <= 1, done.stdout
        return done.stdout.strip(), done.returncode == 0

    def was_told(self, name):
        if not self.told.exists():
            return []
        return [line for line in self.told.read_text().splitlines()
                if line.split()[0] == name]


@pytest.fixture(name="machine")
def _machine(tmp_path):
    return lambda family: Machine(tmp_path, family)


# --- what is there ------------------------------------------------------------

@pytest.mark.parametrize("family", [*FILES])
def test_goes_on_where_everything_is_there(machine, family):
    it = machine(family)
    assert it.setup(*RUN) == ("", True)
    assert it.was_told(MANAGER[family]) == []


@pytest.mark.parametrize("family, line", [
    ("fedora", "dnf install edk2-ovmf mtools"),
    ("arch", "pacman -S edk2-ovmf mtools"),
    ("suse", "zypper install mtools qemu-ovmf-x86_64"),
    ("nix", "nix-shell -p mtools qemu"),
])
def test_names_what_brings_it(machine, family, line):
    it = machine(family).without("mcopy", FILES[family][-1])
    assert it.setup(*RUN) == (f"missing: mcopy ovmf; to be had with: {line}",
                              False)
    assert it.was_told(MANAGER[family]) == []


def test_says_what_has_no_package(machine):
    it = machine("fedora")
    assert it.setup(*RUN, "uboot") == (
        "missing: uboot; of no package that setup knows here: uboot", False)
    assert it.without("mcopy").setup(*RUN, "uboot") == (
        "missing: mcopy uboot; to be had with: dnf install mtools; of no "
        "package that setup knows here: uboot", False)


def test_without_a_package_manager(machine):
    it = machine(None)
    assert it.without("mcopy").setup("run") == (
        "missing, and no package manager that setup knows: mcopy", False)
    it.command("mcopy")
    assert it.setup("run") == ("", True)


def test_of_several_package_managers_the_system_s_own(machine):
    """Fedora has an apt-get, Debian a nix-shell."""
    it = machine("fedora").without("mcopy")
    it.command("apt-get")
    it.release.write_text("ID=fedora\n")
    assert "dnf install mtools" in it.setup("run")[0]
    it.release.write_text('ID=rocky\nID_LIKE="rhel centos fedora"\n')
    assert "dnf install mtools" in it.setup("run")[0]
    it.release.write_text("ID=ubuntu\nID_LIKE=debian\n")
    it.setup("run")
    assert it.was_told("apt-get")


# --- Debian -------------------------------------------------------------------

def installs(line):
    """The packages of an apt-get's command line."""
    return line.partition("--no-install-recommends ")[2].split()


def test_debian_installs_it(machine):
    it = machine("debian").without("mcopy", "ld")
    assert it.setup(*RUN) == ("", True)
    line, = it.was_told("apt-get")
    assert installs(line) == ["binutils", "mtools"]


@pytest.mark.parametrize("known, package", [
    ("", "ovmf"), ("ovmf-generic", "ovmf-generic")])
def test_a_name_that_differs_between_suites(machine, known, package):
    it = machine("debian").without("share/OVMF/OVMF_CODE_4M.fd")
    it.command("apt-cache", f'[ "$2" = "{known}" ] && echo "Package: $2"')
    assert it.setup(*RUN) == ("", True)
    assert installs(it.was_told("apt-get")[0]) == [package]


def test_what_a_suite_does_not_have_is_left_out(machine):
    """The linters' versions: no trouble, and nothing installed instead."""
    it = machine("debian")
    it.command("apt-cache")
    assert "clang-format-14" not in it.setup("--list", "host-test")[0]
    it.command("apt-cache", 'echo "Package: $2"')
    assert "clang-format-14" in it.setup("--list", "host-test")[0]


def test_lists_are_fetched_where_they_are_old(machine):
    """The first install fails: the lists are fetched, then it is tried again,
    with the names as the new lists have them."""
    it = machine("debian").without("share/OVMF/OVMF_CODE_4M.fd")
    it.command("apt-get", f"""
case "$*" in
*update*) touch {it.told}.lists ;;
*) [ -e {it.told}.lists ] || {{ echo "E: Unable to locate package"; exit 1; }}
esac""")
    it.command("apt-cache", f"[ -e {it.told}.lists ] && echo Package: \"$2\"")
    assert it.setup(*RUN) == ("", True)
    first, update, second = it.was_told("apt-get")
    assert installs(first) == ["ovmf"] and update.endswith(" update")
    assert installs(second) == ["ovmf-generic"]


@pytest.mark.parametrize("on, said", [
    ("update", "apt-get update: Could not get lock; it is held by process 7"),
    ("install", "apt-get could not install mtools: Could not get lock; it is "
                "held by process 7"),
])
def test_a_locked_apt(machine, on, said):
    it = machine("debian").without("mcopy")
    it.command("apt-get", f"""
case "$*" in
*{on}*|*install*) echo "Reading package lists..."
    echo "E: Could not get lock; it is held by process 7" >&2
    exit 100
esac""")
    assert it.setup("run") == (said, False)
    assert all("DPkg::Lock::Timeout=" in line
               for line in it.was_told("apt-get"))


def test_neither_root_nor_sudo(machine):
    it = machine("debian").without("mcopy")
    it.command("id", "echo 1000")
    assert it.setup("run") == (
        "neither root nor sudo to install what is missing; as root: apt-get "
        "install mtools", False)
    assert it.was_told("apt-get") == []
    it.command("sudo", '"$@"')
    assert it.setup("run") == ("", True)
    assert len(it.was_told("sudo")) == len(it.was_told("apt-get")) == 1


# --- groups -------------------------------------------------------------------

def table():
    with open(os.path.join(TOP, "scripts/packages.txt"),
              encoding="utf-8") as file:
        return [line.split() for line in file
                if line.strip() and not line.startswith("#")]


def test_the_table():
    """A row has a group, a thing, and a package for each family."""
    rows = table()
    assert all(len(row) == 2 + len(FILES) for row in rows)
    assert len({(row[0], row[1]) for row in rows}) == len(rows)
    names = {name for row in rows for cell in row[2:]
             for name in cell.split("|")}
    assert all(re.fullmatch(r"[A-Za-z0-9][\w.+-]+|-", name)
               for name in names)


def test_groups_are_told_apart(machine):
    it = machine("debian")
    said = {group: set(it.setup("--list", group)[0].split())
            for group in ("image", "run", "qemu", "ovmf", "uboot", "bochs",
                          "screen", "usb", "sign", "host-test", "test",
                          "fleet", "fresh")}
    assert said["run"] == {"mtools"} and said["usb"] == {"mtools", "fdisk"}
    assert said["bochs"] == {"bochs", "bochs-x", "bochsbios", "vgabios"}
    every = set(it.setup("--list")[0].split())
    assert every == set().union(*said.values())
    assert set(it.setup("--list", "all")[0].split()) == every
    assert set(it.setup("--list", "run", "sign")[0].split()) == {
        "mtools", "sbsigntool"}


@pytest.mark.parametrize("words, said", [
    (["nosuch"], "there is no group nosuch in "),
    (["--list", "nosuch"], "there is no group nosuch in "),
    (["--nosuch"], "takes --list, --suite NAME, and groups of "),
    (["run", "--list"], "takes --list, --suite NAME, and groups of "),
])
def test_bad_words(machine, words, said):
    printed, content = machine("debian").setup(*words)
    assert printed.startswith(said) and not content


# --- places -------------------------------------------------------------------

def places(name, *prefixes):
    done = subprocess.run(
        [os.path.join(TOP, "scripts/places"), name], text=True, check=False,
        stdout=subprocess.PIPE,
        env=dict(os.environ, RINGSIDE_PREFIXES=" ".join(map(str, prefixes))))
    assert (done.returncode == 0) == bool(done.stdout)
    return done.stdout.split()


@pytest.mark.parametrize("family", [*FILES])
def test_places_of_each_family(machine, family):
    it = machine(family)
    files = [str(it.usr / path) for path in FILES[family]]
    assert places("fonts", it.usr) == files[:3]
    assert places("ovmf", it.usr) == files[3:]


def test_code_goes_with_its_own_variables(machine):
    """Half of a pair is none; so is what lies under two prefixes."""
    it = machine("debian").without("share/OVMF/OVMF_VARS_4M.fd")
    assert places("ovmf", it.usr) == []
    other = it.usr / "other"
    (other / "share/OVMF").mkdir(parents=True)
    (other / "share/OVMF/OVMF_VARS_4M.fd").touch()
    assert places("ovmf", it.usr, other) == []
    (other / "share/OVMF/OVMF_CODE_4M.fd").touch()
    assert len(places("ovmf", it.usr, other)) == 2


def test_a_link_to_nothing_is_nothing(machine):
    it = machine("debian")
    (it.usr / "share/bochs").mkdir()
    (it.usr / "share/bochs/VGABIOS-lgpl-latest").symlink_to("../nosuch")
    assert places("bochs-vga", it.usr) == []
    assert places("nosuch", it.usr) == []
