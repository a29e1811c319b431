# SPDX-License-Identifier: MIT
"""A judge that looks away: each perturbation must turn some check red.

`make mutants` does this with every case; these few do for nearly all."""

from runs import on

# Where the processor takes SYSCALL in compat code, CSTAR is used.
COMPAT = "syscall32.fmask.cf.compat"
UNUSED = {"mutant.set.cstar_is_lstar"}
NOT_SEEN = {
    "mutant.set.fmask_df": "TCG loses DF at SYSCALL",
    "mutant.set.fmask_sf": "TCG loses SF at SYSCALL",
    "mutant.set.ist_mc_other": "INT 18 is another case's",
}


@on("perturbed")
def test_each_is_seen(run):
    run.assert_delivered()
    seen = run.checks("mutant.")
    assert len(seen) > 100
    before, _ = run.known()
    unused = UNUSED if before.rows.get(COMPAT, ("",))[0] == "skip" else set()
    assert {name for name, verdict in seen.items() if verdict != "pass"} \
        == set(NOT_SEEN) | unused
