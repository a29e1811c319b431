/* SPDX-License-Identifier: MIT */
/* What processors have otherwise than the first, as one sentence. */
#ifndef RINGSIDE_LIB_ALIKE_H
#define RINGSIDE_LIB_ALIKE_H

#include <stddef.h>

#define ALIKE_MIN 120 /* bytes */

/*
 * "cpus 1-9: MTRR 2ffh is 0, on the first c06; cpu 3: ...; 2 more" into buf of
 * n bytes, at least ALIKE_MIN.  note(i): what number i has otherwise, in less
 * than 88 bytes, "" for nothing; asked of numbers 1 to processors - 1.  Those
 * that have the same are named together; no saying is cut, and those for which
 * there is no room are counted.  "" where all are alike.
 */
void alike_words(char *buf, size_t n, unsigned processors,
                 const char *(*note)(unsigned i));

#endif
