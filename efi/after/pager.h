/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_PAGER_H
#define RINGSIDE_PAGER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Shows text[n] on the console: page by page if a key says that somebody
 * reads along, else all of it at once.  ask: wait some seconds for that key.
 */
void pager_show(const char *text, size_t n, bool ask);

#endif
