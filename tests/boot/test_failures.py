# SPDX-License-Identifier: MIT
"""When things are not as hoped: a clear line, and nothing lost."""

import pytest
from ringside import disk
from runs import PROVOCATIONS, TWO_BOOTS, VARIATIONS, on

VECTOR_UD = 6
VECTOR_PF = 14


def run_of(run):
    return run.report["run"]


@on("no-variables", "store-full", "journal-taken", "stale-key")
def test_survives(run):
    run.assert_delivered()
    assert run.checks("syscall64")
    assert run_of(run)["swapgs"]["judged"] > 0


@on("no-variables")
def test_variables_refused(run):
    """No second boot can be arranged: the core prints by itself."""
    assert run_of(run)["source"] == "live"
    assert "variable" in run_of(run)["why_live"]
    assert run_of(run)["why_live"] in run.serial


@on("store-full")
def test_store_full(run):
    """Asked first: nothing is written into a store that is nearly full."""
    assert run_of(run)["source"] == "live"
    assert "full" in run_of(run)["why_live"]


@on(*TWO_BOOTS)
def test_the_second_boot_reports(run):
    """On the EFI console, from memory, and in files on the volume: whatever
    the image was built with, and on whatever it runs."""
    run.assert_delivered()
    assert run_of(run)["source"] == "ram" and run_of(run)["boots"] == 2
    assert run_of(run)["why_live"] == ""
    assert run.serial.count("ringside now leaves the firmware") == 1
    assert "read from memory, after 2 boots" in run.serial
    for name in ("report.txt", "report.json", "report.ktap"):
        assert disk.read(run.path("disk.img"), f"RINGSIDE/{name}")


@on("variables-lost")
def test_variable_lost_over_the_reset(run):
    """A second boot was promised and does not know of the run: the journal
    tells it, and nothing is run twice."""
    run.assert_delivered()
    assert run_of(run)["source"] == "ram" and run_of(run)["boots"] == 2
    assert "variable that leads to this run was gone" in run_of(run)["trouble"]
    assert run.serial.count("ringside now leaves the firmware") == 1


@on("variables-lost-reset")
def test_variable_lost_over_several_resets(run):
    """Nor is a run begun again whose checks reset the machine, or bring it
    down so that it is reset from outside."""
    run.assert_delivered()
    down = [check["id"] for check in run.report["checks"]
            if check["verdict"] == "reset"
            or "was reset from outside" in check["seen"]]
    assert len(down) >= 2
    assert run_of(run)["boots"] == 2 + len(down)
    assert run.checks("int80")


@on("journal-taken")
def test_journal_place_taken(run):
    """Another place is found, and the journal in it survives as well."""
    assert run_of(run)["source"] == "ram"
    assert run_of(run)["boots"] == 2
    assert run_of(run)["damaged"] == 0


@on("stale-key")
def test_stale_map_key(run):
    """ExitBootServices is tried again, and the report says so."""
    assert any("ExitBootServices" in note for note in run_of(run)["notes"])


@on("no-clock")
def test_no_clock(run):
    """Without it no wait would end: one line, and back to the firmware."""
    assert run.status == 2
    assert "ringside cannot run: nothing tells how fast the TSC is" \
        in run.verdict
    assert run.serial.count("ringside cannot run") == 1
    assert run.serial.count("BdsDxe: starting") == 1


@on("bad-runtime")
def test_runtime_services_fault(run):
    """Each is tried once; the chipset resets the machine instead, and the
    report is delivered as if nothing had been."""
    run.assert_delivered()
    notes = [note for note in run_of(run)["notes"] if "faulted" in note]
    assert len(notes) == 2
    assert "SetVariable faulted at run time: #PF" in notes[0]
    assert "ResetSystem faulted at run time: #PF" in notes[1]
    assert run_of(run)["source"] == "ram" and run_of(run)["boots"] == 2
    assert "digest variable is missing" in run_of(run)["trouble"]


@on("bad-runtime-live")
def test_power_off_faults(run):
    """The report is printed once; an emulator's port ends the machine."""
    run.assert_delivered()
    assert run.serial.count("JOURNAL END") == 1
    assert run.serial.count("BdsDxe: starting") == 1


@on("exit-refused")
def test_exit_boot_services_refused(run):
    """Tried in vain, told in one line; back to the firmware, no second boot
    is left behind."""
    assert run.status == 2
    line = "ringside cannot run: the firmware did not let go in 8 tries: "
    assert run.serial.count(line) == 1
    assert line in run.verdict.replace("no report: ", "")
    assert "Powering off." in run.serial
    assert run.serial.count("BdsDxe: starting") == 1


@on("journal-flip")
def test_flipped_bits(run):
    """Damaged records are counted and left out; the rest is reported."""
    assert run.status == 2
    assert run_of(run)["damaged"] > 0
    assert not run_of(run)["complete"]
    assert "damage" in run.verdict
    assert run.checks("syscall64")
    assert run_of(run)["digest"] is not None


@on("core-fault", "handler-fault")
def test_fault_in_the_core(run):
    """Last words on the serial line, in the journal, and from boot B."""
    assert run.status == 2
    assert not run_of(run)["complete"]
    assert "died at" in run.verdict
    words = run_of(run)["last_words"]
    assert words["vector"] == VECTOR_PF
    assert int(words["rip"], 16) >> 47 == (1 << 17) - 1  # the upper half
    assert words["cr2"].removeprefix("0x") in run.text("report.txt")
    before_reset = run.serial[:run.serial.rindex("BdsDxe: starting")]
    assert words["rip"].removeprefix("0x") in before_reset


@on("unwind-fault")
def test_a_check_that_cannot_be_given_up(run):
    """The next boot goes on behind it, and knows its last words."""
    run.assert_delivered()
    check, = [each for each in run.report["checks"]
              if each["id"] == "dies.before.gp"]
    assert check["verdict"] == "fail"
    assert check["seen"].startswith(
        "the machine restarted, an exception in the core itself, #GP(0) at")
    assert check["why"]
    assert run.checks()["dies.before.pf"] == "fail"
    assert run.checks()["dies.behind"] == "pass"


@on("unwind-fault-live")
def test_nothing_to_go_on_behind(run):
    """Without a second boot the report ends there, and says so."""
    assert run.status == 2
    assert not run_of(run)["complete"]
    assert "died at" in run.verdict
    assert run_of(run)["last_words"]["vector"] == VECTOR_UD
    assert run.checks()["left.cr0"] == "fail"
    assert "dies.before.pf" not in run.checks()


@on("triple-fault")
def test_triple_fault(run):
    """No last words are possible; boot B says at which step it was."""
    assert run.status == 2
    assert not run_of(run)["complete"]
    assert run_of(run)["last_words"] is None
    assert run_of(run)["last_step"] in run.verdict
    assert "triple fault" in run_of(run)["last_step"]


@on("set-up-fault")
def test_reset_in_a_set_up(run):
    """What the case does before its checks took the machine down: that is
    what it is called, the rest of the case is not run, the next case is."""
    run.assert_delivered()
    assert run.checks("int80.")["int80.set-up"] == "reset"
    assert set(run.checks("int80.")) == {"int80.set-up"}
    assert len(run.checks("exc.")) > 10
    assert not [name for name in run.checks() if "." not in name]


@on("no-screen", "blt-only", "no-serial")
def test_outputs_missing(run):
    run.assert_delivered()


@pytest.mark.parametrize("run, kind", [
    ("no-screen", "none"), ("blt-only", "blt-only"), ("no-serial", "linear"),
], indirect=["run"])
def test_screen_is_named(run, kind):
    assert run.report["machine"]["screen"]["kind"] == kind


@on("no-serial")
def test_no_serial(run):
    assert run.report["machine"]["serial_port"] is None
    assert run.serial == ""


@on("memory-128", "memory-64-bochs")
def test_less_memory(run):
    run.assert_delivered()


@on("memory-128")
def test_less_memory_changes_no_verdict(run):
    assert len(run.checks()) > 10000
    assert run.differences() == []


@on("read-only")
def test_read_only_volume(run):
    """The files cannot be written, the console says so and has it all."""
    assert run.status == 2
    assert "could not be written" in run.verdict
    assert "syscall64" in run.serial.partition("could not be written")[2]
    assert "End of the ringside report." in run.serial


@on("smp-2", "smp-4")
def test_more_processors(run):
    run.assert_delivered()
    assert run.report["machine"]["processors"] == int(run.name[len("smp-")])


@on("usb")
def test_usb_stick(run):
    """The image of `make usb`, on a stick at an xHCI port."""
    run.assert_delivered()
    assert "USB" in run.serial.partition("BdsDxe: starting")[2]


# Each check that takes the machine down there costs a boot, and so does a
# kill.
TAKEN_DOWN = {"variables-lost-reset", "unwind-fault", "killed-ovmf"}


@on(*[name for name in (*PROVOCATIONS, *VARIATIONS)
      if "bochs" not in name and name not in TAKEN_DOWN])
def test_never_more_than_two_restarts(run):
    assert run.serial.count("BdsDxe: starting") <= 3
