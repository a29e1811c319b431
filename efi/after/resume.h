/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_RESUME_H
#define RINGSIDE_RESUME_H

#include "boot.h"

#define RESUMES_MAX 32 /* checks of one run that may take the machine down */
#define KILLS_MAX 3    /* of one case: more often it is no accident */

/*
 * Did a check of the run that b->state names take the machine down?  If so,
 * and the run can go on behind it, the check is reported in the journal, as
 * `reset' or `hang', and b->resume is filled in for boot_a(); true.
 */
bool resume_prepare(struct boot *b);

/* Is RESUME.BIN on the volume, for boot_a() to look into? */
bool resume_file_there(struct boot *b);

#endif
