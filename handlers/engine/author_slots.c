/* SPDX-License-Identifier: MIT */
/* Which slot of the TSS an author's IST number gets; see author.c. */
#include "author.h"

#include "macros.h"
#include "vectors.h"

static unsigned number_of(const struct specimen_stub *stubs, unsigned count,
                          unsigned vector)
{
    for (unsigned i = 0; i < count; i++)
        if (stubs[i].vector == vector)
            return stubs[i].ist < IST_NUMBERS ? stubs[i].ist : 0;
    return 0;
}

void author_slots(const struct specimen_stub *stubs, unsigned count,
                  uint8_t slot[IST_NUMBERS])
{
    /* Where vectors.def has none.  Not #DF's: in between, an NMI of the
     * harness's comes there. */
    static const uint8_t left[] = {IST_spare, IST_mc, IST_db, IST_nmi};
    bool in_use[IST_NUMBERS] = {false}, taken[IST_NUMBERS] = {false};

    __builtin_memset(slot, 0, IST_NUMBERS);
    for (unsigned v = 0; v < VECTORS; v++) {
        unsigned n = number_of(stubs, count, v), ours = vector_info(v)->ist;

        in_use[n] = true;
        if (n && !slot[n] && ours) {
            slot[n] = (uint8_t)ours;
            taken[ours] = true;
        }
    }
    for (unsigned n = 1; n < IST_NUMBERS; n++)
        for (unsigned i = 0; in_use[n] && !slot[n] && i < COUNT(left); i++)
            if (!taken[left[i]]) {
                slot[n] = left[i];
                taken[left[i]] = true;
            }
}
