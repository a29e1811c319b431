/* SPDX-License-Identifier: MIT */
/* Wrong: SYSRETQ to whatever RCX holds (CVE-2012-0217). */
#define UNCHECKED
#include "../right/entry.S"
