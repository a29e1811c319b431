/* SPDX-License-Identifier: MIT */
/* Wrong: of the three faults of IRETQ, #SS alone (CVE-2014-9322). */
#define BAD_SS
#include "../right/entry.S"
