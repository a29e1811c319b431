/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_FATAL_H
#define RINGSIDE_FATAL_H

#include "outcome.h"

/*
 * The core cannot go on: last words with registers on every output and into
 * the journal, then the machine restarts (or stops, without a second boot).
 * text is a sentence of at most 90 characters.
 */
_Noreturn void fatal(const struct outcome *o, const char *text);

/* fatal() for a condition, without an exception's frame. */
_Noreturn void fatal_here(const char *text);

#endif
