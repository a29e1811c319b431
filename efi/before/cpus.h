/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_CPUS_H
#define RINGSIDE_CPUS_H

#include "options.h"

/*
 * "all", "first", or numbers and ranges of them, 0 to 255, that commas
 * separate: "1,3-5".  Returns NULL, with *c set; or, with *c as it was, what is
 * wrong, as a format for refuse() in options.c, and where in the text it is.
 */
const char *cpus_parse(struct cpus *c, const char *text, const char **where);

#endif
