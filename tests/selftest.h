/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_SELFTEST_H
#define RINGSIDE_SELFTEST_H

/* --self-test: cases on specimens that are wrong on purpose.  Their decisions
 * must end up in the report as wrong; a pass would be the failure. */
void selftest_run(void);

#endif
