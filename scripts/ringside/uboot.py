# SPDX-License-Identifier: MIT
"""What somebody at the keyboard of U-Boot 2025.01 types where QEMU's fw_cfg is
missing, as on Bochs.

Left alone it ends at its prompt.  It hunts for disks of some kinds, IDE not
among them, and its UEFI, which is begun but once, refuses to begin without an
address for the ACPI tables, which it would have from fw_cfg.  So it is stopped
before it tries.  At the address it is given a PC's BIOS has its tables; here
none are, as the image finds for itself.
"""

NEEDS = b"qfw_write_smbios_tables() No QEMU firmware device"
TRIES = b"Scanning for bootflows"
ANY_KEY = "\n"
BOOT = "acpi set f0000; bootflow scan -lb ide\n"
RESET = "reset\n"
RESETS_MAX = 20         # it waits for a key no longer than for its guest's 2 s
HEARD = 1 << 14         # bytes, more than it says until then


class Typist:
    def __init__(self, type_):
        """type_(text): puts that on the serial line."""
        self._type = type_
        self._heard = b""
        self._resets = 0
        self._resetting = self._stops = self._told = False

    def listen(self, said):
        """Bytes of the serial line, as they come."""
        if self._told or not said:
            return
        self._heard = (self._heard + said)[-HEARD:]
        _, needs, behind = self._heard.partition(NEEDS)
        if needs:
            self._heard, self._stops, self._resetting = behind, True, False
            self._type(ANY_KEY)

    def answers(self):
        """It waits at its prompt.  Returns whether that is no end."""
        if self._told or not self._stops:
            return False
        if self._resetting:
            return True
        if TRIES in self._heard:    # the key came too late
            self._resetting, self._resets = True, self._resets + 1
            if self._resets <= RESETS_MAX:
                self._type(RESET)
            return self._resets <= RESETS_MAX
        self._told = True
        self._type(BOOT)
        return True
