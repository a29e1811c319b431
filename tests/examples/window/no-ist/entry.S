/* SPDX-License-Identifier: MIT */
/* Wrong: #DB and NMI have no stack of their own (CVE-2018-8897). */
#include "../right/entry.S"
