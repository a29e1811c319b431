/* SPDX-License-Identifier: MIT */
/*
 * The one place that the core talks to a person and to a lab through while it
 * runs: the screen, laid out by screen.c, and the serial line, whose stream
 * is KTAP.  What is said here for people goes over the serial line as KTAP's
 * diagnostic lines, "# ...", so that the stream stays valid.
 *
 * Nothing here allocates, waits for long, or needs interrupts.  Not for use
 * in a handler on an IST stack, console_last_words() excepted.
 */
#ifndef RINGSIDE_CONSOLE_H
#define RINGSIDE_CONSOLE_H

#include <stddef.h>

#include "handoff.h"
#include "record.h"

/* Takes the serial port and the framebuffer that *h names, as far as there
 * are any, and keeps h.  On cr3_test or cr3_rt, before anything else here. */
void console_init(const struct handoff *h);

/* Names the machine in the title. */
void console_machine(const struct record_machine *m);

/* Something other than a case is about to happen: "warm reset". */
void console_step(const char *name);

/* Case number of total begins, counted from 1. */
void console_case(unsigned number, unsigned total, const char *id,
                  const char *title);

/*
 * A check of the current case was judged.  The screen counts it, and shows it
 * unless it passed; the serial line gets it as KTAP from the caller.
 */
void console_result(const struct record_check *c);

/* One sentence for people, on both outputs. */
void console_line(const char *text);

/* Turns the heartbeat: for whatever takes long without any of the above. */
void console_beat(void);

/* Text for the serial line as it is: the pieces of KTAP. */
void console_raw(const char *s, size_t n);
/* The same as a report_put (report.h); context is not used. */
void console_put(void *context, const char *s, size_t n);

/*
 * Shows text on the screen, from its first line on.  Returns the first line
 * that found no room, "" when all did or there is no screen.
 */
const char *console_page(const char *text);

/*
 * Shows all of text once, page by page, each for the given seconds; for the
 * end of a run that nobody can hand a keyboard to.  No screen: returns at
 * once.
 */
void console_pages(const char *text, unsigned seconds);

/*
 * The core died: text, of one or more lines, on every output.  Safe from a
 * fault handler on any stack, also when the fault was in here: an output that
 * faults is left out the next time.
 */
void console_last_words(const char *text);

#endif
