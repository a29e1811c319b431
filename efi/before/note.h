/* SPDX-License-Identifier: MIT */
/* What the reader of the report should know of how a run was prepared. */
#ifndef RINGSIDE_NOTE_H
#define RINGSIDE_NOTE_H

struct boot;

/* Appends one sentence, of at most 151 characters, to the journal, which must
 * begin with the machine's record. */
void note(struct boot *b, const char *f, ...)
    __attribute__((format(printf, 2, 3)));

#endif
