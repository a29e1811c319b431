/* SPDX-License-Identifier: MIT */
/* Wrong on purpose: NMI, #MC, #DB and #DF trust the frame's CS. */
#define SPECIMEN bycs
#define PARANOID_ENTER GS_ENTER_BY_CS TF_CS
#define PARANOID_EXIT GS_EXIT_BY_CS TF_CS
#include "../linux/linux.S"
