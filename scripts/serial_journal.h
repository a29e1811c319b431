/* SPDX-License-Identifier: MIT */
/*
 * The journal in a capture of the serial line, as handlers/screen/live.c writes
 * it: "JOURNAL BEGIN size", lines of "JOURNAL hex", "JOURNAL END crc".
 */
#ifndef RINGSIDE_SERIAL_JOURNAL_H
#define RINGSIDE_SERIAL_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

/*
 * Reads the last journal in a capture of n bytes into journal[size].  Other
 * text between its lines is passed over; what is mangled in a line becomes
 * zeros, so that it costs the records there and no more.  Returns the journal's
 * bytes, 0 if there is none.
 */
uint32_t serial_journal(const char *text, size_t n, void *journal,
                        uint32_t size);

#endif
