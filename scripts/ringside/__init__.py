# SPDX-License-Identifier: MIT
"""What scripts/run and its neighbours share: disks, emulators, reports."""

# How a test of tests/boot/ says that it did not look at a run that has failed
# already: the run is one failure, however many tests it has.
NOT_LOOKED_AT = "its run has failed: "
# And one of a machine that is not here, as its suite could not be had.
NOT_HERE = "left out: "
# And one of a program that this distribution has no package of.
NO_PACKAGE = "no package here: "

# The property by which a test of tests/boot/ tells what is no failure, and
# worth a line at the end.
NEWS = "news"
