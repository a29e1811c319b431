# SPDX-License-Identifier: MIT
"""KERNEL= and MAP=: what is refused before anything is built, and that two at
once do not meet."""

import os
import subprocess

import pytest
from kernels import ENTRY, MAP, TOP

# pylint: disable=wrong-import-order
from ringside.kernel import Kernel
from ringside.specimen import SpecimenError


@pytest.fixture(name="bring")
def _bring(tmp_path, monkeypatch):
    """Call it with the map's text, and its file's name; images are not
    built."""
    monkeypatch.chdir(TOP)
    folders = []
    monkeypatch.setattr(Kernel, "image",
                        lambda self, make, build, folder:
                        folders.append(folder))
    (tmp_path / "os").mkdir()
    (tmp_path / "os" / "entry.S").write_text(ENTRY)

    def brought(text=MAP, name="os.map"):
        (tmp_path / name).write_text(text)
        kernel = Kernel(str(tmp_path / "os"), str(tmp_path / name),
                        str(tmp_path / "build"))
        kernel.make("make", "build")
        kernel.folder = folders[-1]
        return kernel
    return brought


def test_a_kernel(bring):
    kernel = bring(MAP + "fred fred_user\n")
    assert kernel.name == "os" and kernel.stubs == 2
    assert os.path.basename(kernel.folder) == "os"
    assert {"stubs.h", "kernel.S", "segment0.bin"} \
        <= set(os.listdir(kernel.folder))
    assert os.path.exists(kernel.elf)
    assert kernel.notes[0] == "fred_user is for FRED, and is left out"
    assert kernel.words.startswith("KERNEL=") and " MAP=" in kernel.words


def test_two_at_once(bring):
    """Of one name: each has what it has built until it is done."""
    one, two = bring(), bring("name os\n" + MAP, "other.map")
    assert one.name == two.name and one.build != two.build
    assert os.path.exists(one.elf) and os.path.exists(two.elf)


@pytest.mark.parametrize("name, text, called", [
    ("linux.map", MAP, "my-linux"), ("vmlinux.map", MAP, "vmlinux"),
    ("os.map", "name mine\n" + MAP, "mine")])
def test_name(bring, name, text, called):
    assert bring(text, name).name == called


@pytest.mark.parametrize("text, sentence", [
    ("name linux\n" + MAP, "ringside has a specimen linux of its own: write "
     "another `name` into the map"),
    ("vector nmi\n", "os.map:1: `vector` ends where a place is wanted"),
    (MAP + "vector pf nmi_entri\n", "os.map:4: "),
    ("syscall call_entry\n", "entry.S:6: `do_call` is used, and nothing "
     "defines it: `body do_call` in the map"),
    (MAP + "memory 0xffffffffc0000000 bytes 1\n", "cannot be loaded: its "
     "segment at 0xffffffffc0000000"),
])
def test_refused(bring, text, sentence):
    with pytest.raises(SpecimenError) as why:
        bring(text)
    assert sentence in str(why.value) and "\n" not in str(why.value)


@pytest.mark.parametrize("words, sentence", [
    (["--kernel=tests"], "MAP names no map: make window KERNEL=path "
     "MAP=path/os.map; scripts/new-map tests proposes one"),
    (["--map=a.map"], "KERNEL names no kernel"),
    (["--kernel=no", "--map=a.map"], "there is no kernel no"),
    (["--kernel=tests", "--map=no.map"], "no.map: no such file"),
    (["--kernel=tests", "--map=no.map", "--", "tests"],
     "SPECIMEN and KERNEL are two specimens"),
])
def test_words(words, sentence):
    done = subprocess.run([os.path.join(TOP, "scripts/window"), *words],
                          cwd=TOP, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 2 and not done.stdout
    assert done.stderr.startswith("window: " + sentence)
