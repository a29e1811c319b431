/* SPDX-License-Identifier: MIT */
/* Wrong: its FMASK clears IF and TF, and its stub nothing: DF and AC stay. */
#include "../right/entry.S"
