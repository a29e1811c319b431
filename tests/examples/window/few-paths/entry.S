/* SPDX-License-Identifier: MIT */
/* Right: no INT 0x80, no compat code, FSGSBASE never on. */
#include "../right/entry.S"
