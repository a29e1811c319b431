/* SPDX-License-Identifier: MIT */
/*
 * How long an IPI takes, there and back: from the write to the ICR until the
 * sender sees what the handler has stored.  The handlers are as short as they
 * can be (latency.S), and the other processor is in ring 3.
 */
#ifndef RINGSIDE_SMP_LATENCY_H
#define RINGSIDE_SMP_LATENCY_H

#include <stdbool.h>

#include "record.h"

/* Of a pair: r->kind, from and to are given.  False: not every IPI came back,
 * or none was sent; r->n says how many did. */
bool latency_pair(struct record_latency *r);

/* Of one page, at processors 1 to r->to. */
bool latency_shootdown(struct record_latency *r);

#endif
