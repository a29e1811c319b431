/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_FATAL_H
#define RINGSIDE_FATAL_H

#include "outcome.h"

/*
 * The core cannot go on here.  A case is given up (unwind.h): its check is a
 * failure, with these words.  Outside of one, or where giving it up fails, too:
 * last words with registers on every output and into the journal, then the
 * machine restarts (or stops, without a second boot).
 * text is a sentence of at most 90 characters.
 */
_Noreturn void fatal(const struct outcome *o, const char *text);

/* The watchdog has found the harness itself at o. */
_Noreturn void fatal_hang(const struct outcome *o);

/* A case was given up, and the machine is sound: others may die as well. */
void fatal_survived(void);

/* fatal() for a condition, without an exception's frame. */
_Noreturn void fatal_here(const char *text);

#endif
