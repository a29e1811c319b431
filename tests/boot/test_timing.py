# SPDX-License-Identifier: MIT
"""No verdict and no limit depends on how fast the host is."""

import pytest
from runs import SEED, on


@on("stutter")
def test_a_host_that_comes_and_goes(run):
    """The emulator's threads are stopped and continued at random all the
    while, and what is known of this machine is what is seen."""
    run.assert_delivered()
    assert len(run.checks()) > 1000
    differences = run.differences()
    if differences:
        pytest.fail("\n".join([f"with RINGSIDE_SEED={SEED}:", *differences]),
                    pytrace=False)
