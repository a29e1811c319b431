# SPDX-License-Identifier: MIT
"""What the run script adds to report.json about itself."""

import hashlib
import json
import os
import sys

import jsonschema
import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
FOLDER = os.environ["RINGSIDE_SAMPLES"]
sys.path.insert(0, os.path.join(TOP, "scripts"))

from ringside import html, identity  # noqa: E402

PLATFORM = {"name": "qemu-ovmf", "emulator": "QEMU", "version": "7.2.22",
            "accel": "tcg", "machine": "q35", "firmware": "ovmf 2022.11",
            "model": "Haswell", "features": ["+x2apic"], "suite": "",
            "extra": 'a "quoted"'}


@pytest.mark.parametrize("name", ["complete", "awkward", "no-end", "absent"])
def test_inserted_and_nothing_else_changed(name):
    with open(os.path.join(FOLDER, name + ".json"), "rb") as file:
        before = file.read()
    with open(os.path.join(TOP, "tests/report.schema.json"),
              encoding="utf-8") as file:
        schema = json.load(file)
    report = json.loads(identity.insert(before, PLATFORM))
    jsonschema.Draft7Validator(schema).validate(report)
    shown = "QEMU 7.2.22 tcg q35 Haswell,+x2apic" in html.page(report, {}, {})
    assert shown == (report["machine"] is not None)
    assert report["run"].pop("platform") == PLATFORM
    assert report == json.loads(before)


@pytest.mark.parametrize("text", [b"", b"{}", b'{"seen": "\\"run\\": {"}'])
def test_not_into_anything_else(text):
    with pytest.raises(identity.NoPlace):
        identity.insert(text, PLATFORM)


def test_firmware_of_no_package(tmp_path):
    """Two files of one name are two firmwares."""
    file = tmp_path / "OVMF.fd"
    file.write_bytes(b"one")
    digest = hashlib.sha256(b"one").hexdigest()[:identity.DIGEST_DIGITS]
    assert identity.firmware(str(file)) == f"OVMF.fd sha256 {digest}"
    file.write_bytes(b"two")
    assert digest not in identity.firmware(str(file))
    assert identity.firmware("/no/such/OVMF.fd") == "OVMF.fd"
