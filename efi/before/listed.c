/* SPDX-License-Identifier: MIT */
/* The list of processors; see listed.h. */
#include "listed.h"

#include "record.h"

#define OFF(from)                                                              \
    ((from) << 8) /* until all is checked: it is disabled there                \
                   */

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

void listed_off(struct processors *p, uint32_t id, uint32_t from)
{
    for (uint32_t i = 0; i < p->n; i++)
        if (p->place[i].apic_id == id && !(p->place[i].from & from))
            p->place[i].from |= OFF(from);
}

static void check_one(struct processor_place *place, struct listed_odds *odds)
{
    switch (place->from) {
    case PROCESSOR_LISTED_MADT | OFF(PROCESSOR_LISTED_MP):
        listed_odd(&odds->mp_off, place->apic_id);
        break;
    case PROCESSOR_LISTED_MP | OFF(PROCESSOR_LISTED_MADT):
        listed_odd(&odds->madt_off, place->apic_id);
        break;
    case PROCESSOR_LISTED_MADT:
        if (odds->mp)
            listed_odd(&odds->madt_only, place->apic_id);
        break;
    case PROCESSOR_LISTED_MP:
        if (odds->madt)
            listed_odd(&odds->mp_only, place->apic_id);
        break;
    }
    place->from &= OFF(1) - 1;
}

void listed_check(struct processors *p, struct listed_odds *odds)
{
    /* Both may mean the same ones. */
    p->over = odds->madt_over > odds->mp_over ? odds->madt_over : odds->mp_over;
    p->listed = odds->madt || odds->mp;
    for (uint32_t i = 0; i < p->n; i++)
        check_one(&p->place[i], odds);
    odds->self_unlisted = p->listed && !p->place[0].from;
}
