/* SPDX-License-Identifier: MIT */
/*
 * The machine's processors, as those who should know list them, and what of
 * that does not fit together.  The list itself is plain C over memory.
 */
#ifndef RINGSIDE_LISTED_H
#define RINGSIDE_LISTED_H

#include <stdbool.h>
#include <stdint.h>

#include "processors.h"

struct boot;

/* So many, of which the first that was met has this APIC id. */
struct listed_odd {
    uint32_t n, id;
};

struct listed_odds {
    struct listed_odd twice;              /* listed twice by the same */
    struct listed_odd madt_only, mp_only; /* where both exist */
    struct listed_odd madt_off, mp_off;   /* disabled there alone */
    struct listed_odd mp_refused; /* number: MP Services do not describe it */
    bool madt, mp;                /* that one lists some */
    bool madt_cut;                /* it ends within an entry */
    bool mp_miscounts;            /* it has no count that can be believed */
    uint32_t madt_over, mp_over;  /* found no place */
    bool self_unlisted;           /* the one that runs this is in neither */
};

/* The one that all of this runs on is in p, and nobody has listed it yet. */
void listed_begin(struct processors *p, uint32_t own_id);

/* from, PROCESSOR_LISTED_MADT or _MP, lists this one. */
void listed_add(struct processors *p, uint32_t id, uint32_t from,
                struct listed_odds *odds);

/* from has this one as one that is not to be started.  What the other lists
 * is listed by now. */
void listed_off(struct processors *p, uint32_t id, uint32_t from);

/* Behind all: what does not fit together. */
void listed_check(struct processors *p, struct listed_odds *odds);

/* One more of that kind. */
void listed_odd(struct listed_odd *o, uint32_t id);

/*
 * Asks the MADT and the MP Services protocol, into b->handoff.processors (and
 * the I/O APIC from the MADT); notes what does not fit, in the journal, with
 * listed_note().
 */
void listed_ask(struct boot *b);
void listed_note(struct boot *b);

#endif
