/* SPDX-License-Identifier: MIT */
/* Right: the same FMASK, and the stub clears the rest. */
#define CLEARS_FLAGS
#include "../right/entry.S"
