/* SPDX-License-Identifier: MIT */
/*
 * The journal as lines of text: see render_armor.c for the why.
 */
#ifndef RINGSIDE_ARMOR_H
#define RINGSIDE_ARMOR_H

#include "report.h"

#define ARMOR_PREFIX "# rj " /* then the offset in hex, a blank, base64 */
#define ARMOR_BYTES 48u      /* of the journal in one line */

/* Writes the first used bytes of a journal (struct journal's used). */
void render_armor(const void *journal, uint32_t used, report_put *put,
                  void *context);

/*
 * The way back, for the host: reads a capture of n bytes and puts what its
 * lines hold into journal[size], which the caller has zeroed.  Other text,
 * carriage returns and broken lines are passed over.  Returns the bytes from
 * the start of the journal to the end of the last line, 0 if there is none.
 */
uint32_t unarmor(const char *text, size_t n, void *journal, uint32_t size);

#endif
