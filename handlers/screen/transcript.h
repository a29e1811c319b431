/* SPDX-License-Identifier: MIT */
/*
 * The journal as lines of text, for whoever listens and keeps it: it outlives
 * a machine whose memory does not, and a script renders the report from it.
 * scripts/serial_journal.c reads it back.
 *
 *   JOURNAL <at> <crc> <base64>
 *     bytes that stand at this place of the journal (both numbers in
 *     hexadecimal).  What stood behind it is void: the journal is written from
 *     front to back, and what is amended stands at its end.  Zeros go without
 *     saying.  The CRC is that of the place, as four bytes, and the bytes.
 *     0 is where another run's journal begins.
 *   JOURNAL END <bytes> <crc>
 *     the run is over, and this is all of it
 */
#ifndef RINGSIDE_TRANSCRIPT_H
#define RINGSIDE_TRANSCRIPT_H

#include "record/journal.h"
#include "report/report.h"

#define TRANSCRIPT_WORD "JOURNAL "
#define TRANSCRIPT_END TRANSCRIPT_WORD "END "
#define TRANSCRIPT_BYTES 120 /* of the journal in a line, at most */

/* Puts the journal from there on, a line at a time. */
void transcript_lines(const struct journal *j, uint32_t from, report_put *put,
                      void *context);

/* The last line; all others went before. */
void transcript_end(const struct journal *j, report_put *put, void *context);

#endif
