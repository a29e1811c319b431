/* SPDX-License-Identifier: MIT */
/*
 * Logical ids.  Flat is what reset leaves, and needs an LDR alone.  Clusters
 * are chosen by DFR, which must be written while the APIC is disabled by
 * software (and be the same everywhere while it is enabled): disabling masks
 * every LVT entry, and what was not masked is put back.
 */
#include "apic.h"
#include "listening.h"
#include "vectors.h"

#define DFR_CLUSTER 0x0fffffffu

static struct {
    bool changed;
    uint32_t ldr, dfr;
} found;

static void set_format(uint32_t dfr)
{
    uint32_t lint0 = apic_read(APIC_LVT_LINT0),
             lint1 = apic_read(APIC_LVT_LINT1);

    if (apic_read(APIC_DFR) == dfr)
        return;
    apic_write(APIC_SVR, VEC_spurious);
    apic_write(APIC_DFR, dfr);
    apic_write(APIC_SVR, APIC_SVR_ENABLE | VEC_spurious);
    apic_write(APIC_LVT_LINT0, lint0);
    apic_write(APIC_LVT_LINT1, lint1);
}

void listening_model(enum destination_model model, unsigned n)
{
    struct heard *h = listen_heard(n);

    found.changed = false;
    if (model != DESTINATION_X2APIC) {
        found.changed = true;
        found.ldr = apic_read(APIC_LDR);
        found.dfr = apic_read(APIC_DFR);
        if (model == DESTINATION_CLUSTER)
            set_format(DFR_CLUSTER);
        apic_write(APIC_LDR, destination_ldr(model, n));
    }
    h->who =
        (struct destination_who){.id = apic_id(), .ldr = apic_read(APIC_LDR)};
}

void listening_model_back(void)
{
    if (!found.changed)
        return;
    set_format(found.dfr);
    apic_write(APIC_LDR, found.ldr);
    found.changed = false;
}
