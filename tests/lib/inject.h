/* SPDX-License-Identifier: MIT */
/* Machine checks, which the run script injects when it is asked. */
#ifndef RINGSIDE_INJECT_H
#define RINGSIDE_INJECT_H

/* Asks for one, unless one is still to come: a second one on top of it would
 * be a shutdown. */
void inject_ask(void);

/* In its handler. */
void inject_came(void);

#endif
