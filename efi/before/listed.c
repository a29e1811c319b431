/* SPDX-License-Identifier: MIT */
/* The list of processors; see listed.h. */
#include "listed.h"

#include "record.h"

void listed_odd(struct listed_odd *o, uint32_t id)
{
    if (o->n++ == 0)
        o->id = id;
}

void listed_begin(struct processors *p, uint32_t own_id)
{
    p->n = 1;
    p->over = p->listed = 0;
    p->place[0] = (struct processor_place){.apic_id = own_id};
}

void listed_add(struct processors *p, uint32_t id, uint32_t from,
                struct listed_odds *odds)
{
    uint32_t i = 0;

    bool madt = from == PROCESSOR_LISTED_MADT;

    odds->madt |= madt;
    odds->mp |= !madt;
    while (i < p->n && p->place[i].apic_id != id)
        i++;
    if (i == PROCESSORS_MAX) {
        if (madt)
            odds->madt_over++;
        else
            odds->mp_over++;
        return;
    }
    if (i == p->n)
        p->place[p->n++] = (struct processor_place){.apic_id = id};
    else if (p->place[i].from & from)
        listed_odd(&odds->twice, id);
    p->place[i].from |= from;
}

void listed_check(struct processors *p, struct listed_odds *odds)
{
    /* Both may mean the same ones. */
    p->over = odds->madt_over > odds->mp_over ? odds->madt_over : odds->mp_over;
    p->listed = odds->madt || odds->mp;
    odds->self_unlisted = p->listed && !p->place[0].from;
    if (!odds->madt || !odds->mp)
        return;
    for (uint32_t i = 0; i < p->n; i++) {
        if (p->place[i].from == PROCESSOR_LISTED_MADT)
            listed_odd(&odds->madt_only, p->place[i].apic_id);
        if (p->place[i].from == PROCESSOR_LISTED_MP)
            listed_odd(&odds->mp_only, p->place[i].apic_id);
    }
}
