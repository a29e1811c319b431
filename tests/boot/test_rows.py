# SPDX-License-Identifier: MIT
"""No row of the catalogue of behaviours is left out: on every platform each
has a check that names it among its facts, or is skipped with a reason."""

from runs import MACHINES, on

# So many rows of each kind, numbered from 1.
ROWS = {
    "SC": 33,  # SYSCALL and SYSRET
    "SE": 15,  # SYSENTER and SYSEXIT
    "GS": 25,  # GS and its bases
    "IV": 40,  # vectors, gates and stacks
    "EX": 20,  # exceptions
    "DB": 24,  # debug exceptions
    "IR": 18,  # IRET and far RET
    "CG": 10,  # call gates
    "AP": 23,  # the local APIC
    "NM": 11,  # NMI
    "MC": 3,   # #MC
    "FR": 2,   # FRED
}


def test_the_catalogue_is_whole():
    assert sum(ROWS.values()) == 224


@on(*MACHINES)
def test_every_row_has_its_check(run):
    named = {}
    for check in run.report["checks"]:
        for fact in check["facts"].split():
            named.setdefault(fact, []).append(check)
    rows = [f"{kind}{n}" for kind, count in ROWS.items()
            for n in range(1, count + 1)]
    assert [row for row in rows if row not in named] == []
    for row in rows:
        assert all(check["verdict"] != "notrun" for check in named[row])
        assert all(check["seen"] for check in named[row]
                   if check["verdict"] == "skip"), row


@on(*MACHINES)
def test_no_two_checks_share_an_id(run):
    ids = [check["id"] for check in run.report["checks"]]
    assert len(ids) == len(set(ids))
