/* SPDX-License-Identifier: MIT */
/*
 * The journal in a capture of a serial line or a debug port, where it stands
 * as lines of text: handlers/screen/transcript.h.
 */
#ifndef RINGSIDE_SERIAL_JOURNAL_H
#define RINGSIDE_SERIAL_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads the last journal in a capture of n bytes into journal[size].  Other
 * text between its lines is passed over, and so is a line that came mangled:
 * it costs the records there and no more.  Returns the journal's bytes, 0 if
 * there is none.  *whole: its last line was there, and tells of these bytes.
 */
uint32_t serial_journal(const char *text, size_t n, void *journal,
                        uint32_t size, bool *whole);

#endif
