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

/* Called with each figure; its kind, from and to say of what. */
typedef void latency_seen(const struct record_latency *r);

/*
 * To number `to', from each for which wanted() says so, IPIs and NMIs: false
 * when one has not come back (*who: from that one).
 */
bool latency_to(unsigned to, bool (*wanted)(unsigned from, unsigned to),
                latency_seen *seen, unsigned *who);

/* Of one page, at processors 1 to r->to; fills the rest of *r. */
bool latency_shootdown(struct record_latency *r);

#endif
