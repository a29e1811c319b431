/* SPDX-License-Identifier: MIT */
/* Whom an IPI is for; see destination.h. */
#include "destination.h"

#include "apic.h"

#define XAPIC_SHIFT 24 /* of the logical id in LDR */
#define X2APIC_ALL 0xffffffffu
#define FLAT_BITS 8
#define MEMBERS 4   /* of an xAPIC's cluster */
#define CLUSTERS 15 /* the 16th means all */

static bool flat(uint32_t destination, uint32_t logical)
{
    return destination & logical;
}

/* members: the mask of a cluster's bits; those above it are its number. */
static bool cluster(uint32_t destination, uint32_t logical, uint32_t members)
{
    return !((destination ^ logical) & ~members) &&
           destination & logical & members;
}

bool destination_is(enum destination_model model, uint32_t destination,
                    uint32_t low, const struct destination_who *who)
{
    uint32_t logical = who->ldr >> XAPIC_SHIFT;
    uint32_t all = model == DESTINATION_X2APIC ? X2APIC_ALL : APIC_ALL;

    switch (low & APIC_SHORTHAND_OTHERS) {
    case APIC_SHORTHAND_SELF:
        return who->sender;
    case APIC_SHORTHAND_ALL:
        return true;
    case APIC_SHORTHAND_OTHERS:
        return !who->sender;
    default:
        break;
    }
    if (destination == all)
        return true;
    if (!(low & APIC_LOGICAL))
        return destination == who->id;
    return model == DESTINATION_X2APIC ? cluster(destination, who->ldr, 0xffff)
           : model == DESTINATION_CLUSTER ? cluster(destination, logical, 0xf)
                                          : flat(destination, logical);
}

uint32_t destination_ldr(enum destination_model model, unsigned n)
{
    uint32_t logical = model == DESTINATION_FLAT
                           ? 1u << n % FLAT_BITS
                           : n / MEMBERS % CLUSTERS << 4 | 1u << n % MEMBERS;

    return logical << XAPIC_SHIFT;
}
