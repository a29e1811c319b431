/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_JOURNAL_READ_H
#define RINGSIDE_JOURNAL_READ_H

#include "state.h"

/* The state is only as good as the store: is what it calls the journal's
 * place memory at all? */
bool journal_may_read(const struct state *st);

#endif
