/* SPDX-License-Identifier: MIT */
/*
 * What a person in front of the machine sees while ringside owns it.  A fixed
 * layout on a grid of cells:
 *
 *   title band     ringside, its version, the machine
 *   progress       case 7 of 12, what it is, seconds so far, a heartbeat
 *   bar
 *   counters       pass, fail, differ, skip
 *   log            scrolls
 *   footer band    what happens next
 *
 * All calls do nothing where there is no linear framebuffer.
 */
#ifndef RINGSIDE_SCREEN_H
#define RINGSIDE_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "cells.h"
#include "handoff.h"

/*
 * Takes the framebuffer, mapped at pixels, and shows the empty layout.  False
 * when there is none that can be used.
 */
bool screen_init(void *pixels, const struct framebuffer *fb,
                 const struct font_file *fonts, unsigned n);

/*
 * From now on what is written shows only with screen_show() or, of the rows
 * above the log, screen_show_head(); until a page or last words release it.
 */
void screen_hold(void);
void screen_show(void);
void screen_show_head(void);

/* The texts of the bands at the top and the bottom; cut at the edge. */
void screen_title(const char *text);
void screen_footer(const char *text);

/* done of total are behind us; what is under way now. */
void screen_progress(unsigned done, unsigned total, const char *what);

/* Shows that the machine lives, and how long the run has taken. */
void screen_beat(uint64_t milliseconds);

void screen_counts(unsigned pass, unsigned fail, unsigned differ,
                   unsigned skip);

/*
 * Adds a line to the log; its first word is drawn in ink, the rest as text.
 * A line that is too long goes on below, indented, for a few rows.
 */
void screen_log(const char *line, enum ink ink);

/*
 * Shows text, from its first line on, in place of everything between the
 * bands.  Returns the first line that found no room; "" when all did, and
 * when there is no screen or it is too small for any.
 */
const char *screen_page(const char *text);

/* Clears the log and writes the lines of text there, under an alarm band. */
void screen_last_words(const char *text);

#endif
