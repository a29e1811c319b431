# SPDX-License-Identifier: MIT
"""Where a run can take place: the one list.

A platform is an emulator with a firmware.  Whatever chooses, names, tests or
tabulates platforms takes them from here, `make help`, the matrix, the tests
and tests/known/ among them: a further one is one entry of PLATFORMS.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

# As Debian has them; places.py knows them elsewhere.
OVMF_CODE = "/usr/share/OVMF/OVMF_CODE_4M.fd"
OVMF_VARS = "/usr/share/OVMF/OVMF_VARS_4M.fd"
OVMF_WHOLE = "/usr/share/ovmf/OVMF.fd"
UBOOT = "/usr/lib/u-boot/qemu-x86_64/u-boot.rom"

# What a platform may be unable to do.
INJECT = "bring #MC and NMI about from outside"
ICOUNT = "count instructions instead of cycles"
DEVICES = "choose screen, medium and serial line"
TWO_BOOTS = "lead back into the image over a reset"


@dataclass(frozen=True)
class Emulator:
    name: str               # and that of the module here that starts it
    models: tuple           # every one that `make matrix` runs
    full_names: dict = field(default_factory=dict)  # models: as it wants them
    since: dict = field(default_factory=dict)       # models: its version
    # Models: options of the image that the tests run them with.
    options: dict = field(default_factory=dict)
    cannot: dict = field(default_factory=dict)      # what: why


@dataclass(frozen=True)
class Platform:
    name: str
    emulator: Emulator
    rom: str                # the firmware
    tested: tuple           # the models of `make test`; the first: default
    own: dict               # what the emulator's module wants to know of it
    cannot: dict = field(default_factory=dict)
    least_memory: int = 0   # MiB that a run completes with, if known

    def why_not(self, what):
        """Why it cannot do that, or None where it can."""
        return {**self.emulator.cannot, **self.cannot}.get(what)

    def options(self, model):
        """Options of the image that the tests run a model with."""
        return self.emulator.options.get(model, "")

    def cpu(self, model):
        """A model, features behind it, as the emulator is told it."""
        name, *more = model.split(",")
        chosen = {word.partition("=")[0] for word in more}
        full = self.emulator.full_names.get(name, name).split(",")
        return ",".join([word for word in full
                         if word.partition("=")[0] not in chosen] + more)


QEMU = Emulator(
    "qemu",
    tuple("""qemu64 Nehalem Westmere SandyBridge IvyBridge Haswell Broadwell
        Skylake-Client Skylake-Server Cascadelake-Server Icelake-Server
        Denverton Snowridge KnightsMill phenom Opteron_G3 Opteron_G5 EPYC
        EPYC-Rome EPYC-Milan EPYC-Genoa EPYC-Turin SapphireRapids
        GraniteRapids SierraForest ClearwaterForest DiamondRapids Dhyana
        YongFeng max max-amd max-x2apic""".split()),
    # All that TCG has; whose it is must be said, or each QEMU says otherwise.
    {"max": "max,vendor=GenuineIntel", "max-amd": "max,vendor=AuthenticAMD",
     "max-x2apic": "max,vendor=GenuineIntel"},
    since={"max-x2apic": "9.0"},
    options={"max-x2apic": "--x2apic"})

BOCHS = Emulator(
    "bochs",
    tuple("""p4_prescott_celeron_336 athlon64_clawhammer athlon64_venice
        turion64_tyler phenom_8650_toliman core2_penryn_t9600
        corei5_lynnfield_750 corei5_arrandale_m520 zambezi trinity_apu ryzen
        corei7_sandy_bridge_2600k corei7_ivy_bridge_3770k corei7_haswell_4770
        broadwell_ult corei7_skylake_x corei3_cnl corei7_icelake_u
        tigerlake sapphire_rapids arrow_lake arrow_lake-la57
        wildcat_lake wildcat_lake-fred""".split()),
    {"arrow_lake-la57": "arrow_lake,+la57,+lass",
     "wildcat_lake-fred": "wildcat_lake,+fred"},
    # So that one machine of the tests has its local APIC in that mode.
    options={"tigerlake": "--x2apic"},
    cannot={INJECT: "Bochs has no monitor that could",
            ICOUNT: "Bochs counts instructions anyway",
            DEVICES: "Bochs has one machine only"})

# The slowest first: whoever runs them all begins with these.
PLATFORMS = {platform.name: platform for platform in (
    # OVMF reads MSRs that Bochs does not know, and does not survive #GP:
    # IA32_PLATFORM_ID, which can be added, and on ryzen C001_0131, which is
    # beyond what can be, so that there every unknown MSR is ignored.
    Platform("bochs-ovmf", BOCHS, OVMF_WHOLE, ("corei7_haswell_4770",),
             {"msrs": (0x17,), "ignores_msrs": ("ryzen",)},
             {TWO_BOOTS: "no variables outlive a reset"}),
    Platform("bochs-uboot", BOCHS, UBOOT,
             ("corei7_haswell_4770", "tigerlake", "ryzen"),
             {"msrs": (), "ignores_msrs": ()},
             {TWO_BOOTS: "no variables outlive a reset"}, least_memory=64),
    Platform("qemu-ovmf", QEMU, OVMF_CODE, ("Haswell", "EPYC", "max"),
             {"machine": "q35", "variables": OVMF_VARS}, least_memory=128),
    # On q35 this U-Boot waits long for an AHCI port that is empty.
    Platform("qemu-uboot", QEMU, UBOOT, ("Haswell",), {"machine": "pc"},
             {TWO_BOOTS: "no variables outlive a reset"}),
)}

DEFAULT = PLATFORMS["qemu-ovmf"]

# A command of somebody's own, of which nothing is known: see own.py.
OWN = Platform(
    "own",
    Emulator("own", (), cannot={
        INJECT: "nothing outside is asked to", ICOUNT: "RUN says it",
        DEVICES: "RUN says them"}),
    "", (), {}, {TWO_BOOTS: "its command may end at a reset"})


class Tested(NamedTuple):
    """A machine of `make test`."""
    platform: Platform
    model: str
    suite: str = ""         # whose emulator and firmware
    options: str = ""       # of the image

    @property
    def name(self):
        return f"{self.platform.name}-{self.model}" \
            + (f"@{self.suite}" if self.suite else "")


# The newest emulators, whatever the machine has.  What may take a machine down
# runs on one of QEMU's alone: each such check waits for a watchdog.
NEWEST = "sid"
_NEWEST = (
    ("bochs-ovmf", "arrow_lake-la57", ""),
    ("bochs-ovmf", "wildcat_lake-fred", ""),
    ("bochs-ovmf", "tigerlake", ""),
    ("qemu-ovmf", "max-x2apic", ""),
    ("qemu-ovmf", "EPYC-Turin", "--no-risky"),
    ("qemu-ovmf", "DiamondRapids", "--no-risky"),
    ("qemu-ovmf", "YongFeng", "--no-risky"),
)

# What `make test` runs in full: each has its folder in tests/known/.
TESTED = {machine.name: machine for machine in (
    *(Tested(platform, model, "", platform.options(model))
      for platform in PLATFORMS.values() for model in platform.tested),
    *(Tested(PLATFORMS[name], model, NEWEST,
             f"{PLATFORMS[name].options(model)} {options}".strip())
      for name, model, options in _NEWEST))}


def named(name):
    """The platform of that name, the default one for "", or None."""
    if name == OWN.name:
        return OWN
    return PLATFORMS.get(name) if name else DEFAULT
