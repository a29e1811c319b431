/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_DYING_H
#define RINGSIDE_DYING_H

/* Runs a case; where a check of it dies, from behind that on again. */
void live_through(void (*body)(void));

#endif
