# SPDX-License-Identifier: MIT
"""What is handed to users: the image, the stick's image, the signed one."""

import os
import re
import subprocess

import pytest
from conftest import BUILD, TOP

IMAGE = os.path.join(BUILD, "BOOTX64.EFI")
STICK = os.path.join(BUILD, "ringside.img")
IMAGE_MAX = 640 << 10  # bytes, with FRED still to come
PARTITION_AT = 1 << 20   # in the stick's image
TOOLS = dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin:/sbin")


def run(*argv):
    return subprocess.run(argv, capture_output=True, text=True, check=False,
                          env=TOOLS)


def test_image_is_small():
    assert 0 < os.path.getsize(IMAGE) < IMAGE_MAX


def test_stick_has_a_sound_table():
    done = run("sfdisk", "-V", STICK)
    assert "No errors detected" in done.stdout, done.stdout + done.stderr
    listed = run("sfdisk", "-l", STICK).stdout
    assert "gpt" in listed and "EFI System" in listed


def test_stick_has_a_sound_volume(tmp_path):
    volume = tmp_path / "volume.img"
    with open(STICK, "rb") as file:
        file.seek(PARTITION_AT)
        volume.write_bytes(file.read(62 << 20))
    done = run("fsck.vfat", "-n", "-v", str(volume))
    assert done.returncode == 0, done.stdout
    assert "32 bits/entry" in done.stdout or "32 bit entries" in done.stdout


def test_stick_holds_the_image(tmp_path):
    copy = tmp_path / "copy.efi"
    done = run("mcopy", "-i", f"{STICK}@@{PARTITION_AT}",
               "::/EFI/BOOT/BOOTX64.EFI", str(copy))
    assert done.returncode == 0, done.stderr
    with open(IMAGE, "rb") as file:
        assert copy.read_bytes() == file.read()


@pytest.fixture(name="key", scope="module")
def _key(tmp_path_factory):
    """(key, certificate), made for this test."""
    place = tmp_path_factory.mktemp("key")
    key, cert = str(place / "key.pem"), str(place / "cert.pem")
    done = run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
               "-subj", "/CN=test", "-keyout", key, "-out", cert)
    assert done.returncode == 0, done.stderr
    return key, cert


def sign(key, cert, image, out):
    return run(os.path.join(TOP, "scripts/sign"), key, cert, image, str(out))


def test_sign(key, tmp_path):
    out = tmp_path / "signed.efi"
    done = sign(*key, IMAGE, out)
    assert done.returncode == 0, done.stderr
    assert run("sbverify", "--cert", key[1], str(out)).returncode == 0
    assert run("sbverify", "--cert", key[1], IMAGE).returncode != 0


@pytest.mark.parametrize("change, text", [
    ({"key": ""}, "which key?"),
    ({"cert": ""}, "which certificate?"),
    ({"key": "/no/key"}, "cannot read /no/key"),
    ({"cert": "/no/cert"}, "cannot read /no/cert"),
    ({"key": "/etc/hostname"}, "sbsign refuses"),
])
def test_sign_refuses_in_one_line(key, tmp_path, change, text):
    words = {"key": key[0], "cert": key[1], **change}
    done = sign(words["key"], words["cert"], IMAGE, tmp_path / "out")
    assert done.returncode == 2
    assert text in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def instructions(program, function):
    """The function's instructions, as objdump has them."""
    text = run("objdump", "-d", "-w", "--no-show-raw-insn",
               f"--disassemble={function}", os.path.join(BUILD, program)).stdout
    return re.findall(r"^ *[0-9a-f]+:\t(.*)$", text, re.MULTILINE)


@pytest.mark.parametrize("program", ["core.elf", "ringside.so"])
def test_journal_reaches_memory(program):
    """Before a record can be seen it is flushed, and once more when it can;
    a flush is fenced on both sides."""
    append = instructions(program, "journal_append")
    assert sum("flush" in line for line in append) >= 2
    flush = [word for line in instructions(program, "journal_flush")
             for word in re.findall(r"\b(mfence|clflush\w*|wbinvd)\b", line)]
    assert flush[0] == flush[-1] == "mfence"
    assert {"clflush", "clflushopt", "wbinvd"} <= set(flush)


def test_caches_are_written_back_before_a_reset():
    reset = instructions("core.elf", "finish_reset")
    first = [line for line in reset if "wbinvd" in line or "call" in line]
    assert "wbinvd" in first[0] and len(first) > 1
    leave = instructions("ringside.so", "core_switch")
    first = [line for line in leave if "wbinvd" in line or "%cr" in line]
    assert "wbinvd" in first[0] and len(first) > 1


def test_debugctl_is_zero_before_a_check():
    """No emulator here keeps a bit of IA32_DEBUGCTL: the core's own code must
    tell."""
    clear = instructions("core.elf", "debug_control_clear")
    which = next(i for i, line in enumerate(clear)
                 if "msr_write" in line)
    assert any("$0x1d9,%edi" in line for line in clear[which - 2:which])
    assert any("%esi,%esi" in line for line in clear[which - 3:which])
    # The first processor's way, and every other's; either may be inlined.
    main = "\n".join(instructions("core.elf", "core_main")
                     + instructions("core.elf", "other_main")
                     + instructions("core.elf", "sound_or_die"))
    ways = main.split("debug_control_clear")
    assert len(ways) == 3
    assert all("sound_or_die" in way or "sanity_check" in way
               for way in ways[1:])
    assert "sanity_check" in main


def loader_code():
    return run("objdump", "-d", "-w", "--no-show-raw-insn", "-j", ".text",
               os.path.join(BUILD, "ringside.so")).stdout


def test_the_loader_uses_no_sse():
    """Not every firmware has CR4.OSFXSR set: an SSE instruction is #UD
    there.  One in a library's CopyMem() once was."""
    code = loader_code()
    assert len(code) > 100000
    assert re.findall(r".*[%\s][xyz]?mm\d.*", code) == []
    assert re.findall(r":\t(?:f|v|em)[a-z]*\b.*", code) == []


def test_nothing_of_a_library_is_in_the_image():
    """Each function of the loader stands in an object of this tree's."""
    def functions(*files):
        return {line.split()[-1]
                for line in run("nm", *files).stdout.splitlines()
                if re.search(r" [TtWwVi] ", line)}

    loader = functions(os.path.join(BUILD, "ringside.so"))
    objects = [os.path.join(place, name)
               for place, _, names in os.walk(os.path.join(BUILD, "efi"))
               for name in names if name.endswith(".o")]
    own = functions(os.path.join(BUILD, "cases.o"), *objects)
    assert {"efi_main", "memcpy", "guid_same"} <= loader
    assert loader - own == {"ImageBase"}  # efi/image.lds has it
    assert run("nm", "--undefined-only",
               os.path.join(BUILD, "ringside.so")).stdout == ""
