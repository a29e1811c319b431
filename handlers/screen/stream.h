/* SPDX-License-Identifier: MIT */
/*
 * What is said of a run while it goes on: KTAP on the serial line, progress
 * on the screen.  And the report of the journal as it stands.
 */
#ifndef RINGSIDE_STREAM_H
#define RINGSIDE_STREAM_H

#include <stdbool.h>

#include "record/result.h"
#include "report/report.h"

extern const struct result_listener stream; /* for result_init() */

/* The journal so far, indexed; valid until the next call.  live: the report
 * will say that it was made without a second boot. */
const struct report *stream_report(bool live);

/* Sends what is left of the journal, and that this is all of it. */
void stream_end(void);

#endif
