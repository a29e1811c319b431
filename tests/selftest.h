/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_SELFTEST_H
#define RINGSIDE_SELFTEST_H

/* --self-test: cases on specimens that are wrong on purpose.  Their decisions
 * must end up in the report as wrong; a pass would be the failure. */
void selftest_run(void);

/* selftest_canaries.c: stubs that do one thing too much, and cases that leave
 * something behind. */
void selftest_stubs(void);
void selftest_leftovers(void);

/* selftest_faults.c: checks and set-ups whose own code dies. */
void selftest_dying(void);
void selftest_set_up(void);

/* selftest_storm.c: wrong stubs in a storm. */
void selftest_storm(void);

#endif
