/* SPDX-License-Identifier: MIT */
/*
 * The watchdog of the processors behind the first.  They have no clock of
 * their own that sends NMIs: the first looks whether each gets on, and sends
 * the alarm itself.  watchdog.c comes here on those processors.
 */
#ifndef RINGSIDE_WATCHED_H
#define RINGSIDE_WATCHED_H

#include <stdbool.h>

#include "watchdog.h"

/* On the one that is watched. */
void watched_kick(unsigned seconds);
enum watchdog_nmi watched_nmi(void);

/* On the first: begins to watch number n, which is given work. */
void watched_begin(unsigned n);

enum watched { WATCHED_WELL, WATCHED_ALARMED, WATCHED_LOST };

/* A look, as often as possible: sends the alarm when it is time. */
enum watched watched_look(unsigned n);

#endif
