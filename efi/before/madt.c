/* SPDX-License-Identifier: MIT */
/* The MADT's entries; see madt.h. */
#include "madt.h"

#include "mem.h"

#define MADT_ENTRIES 44 /* offset of the first entry */
#define MADT_APIC 0     /* entry types */
#define MADT_IOAPIC 1
#define MADT_OVERRIDE 2
#define MADT_X2APIC 9
#define MADT_ENABLED 1u
#define NO_ID 0xffu /* of type 0: all processors, none in particular */
#define NO_ID32 0xffffffffu

static uint32_t read32(const uint8_t *p)
{
    uint32_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

static void processor_of(const uint8_t *e, uint32_t length,
                         madt_processor *processor, void *context)
{
    if (e[0] == MADT_APIC && length >= 8 && e[3] != NO_ID)
        processor(context, e[3], read32(e + 4) & MADT_ENABLED);
    if (e[0] == MADT_X2APIC && length >= 16 && read32(e + 4) != NO_ID32)
        processor(context, read32(e + 4), read32(e + 8) & MADT_ENABLED);
}

static void line_of(struct madt *m, const uint8_t *e, uint32_t length)
{
    if (e[0] == MADT_OVERRIDE && length >= 10 && e[3] == RTC_IRQ) {
        m->line = read32(e + 4);
        m->flags = e[8];
    }
    if (e[0] == MADT_IOAPIC && length >= 12 && read32(e + 8) <= m->line &&
        read32(e + 8) >= m->first) {
        m->first = read32(e + 8);
        m->ioapic = read32(e + 4);
    }
}

/* Twice: an override of the RTC's line may stand behind the I/O APICs. */
void madt_read(struct madt *m, const uint8_t *t, uint32_t n,
               madt_processor *processor, void *context)
{
    *m = (struct madt){.line = RTC_IRQ};
    for (unsigned i = 0; i < 2; i++) {
        uint32_t at = MADT_ENTRIES;

        m->first = 0;
        m->ioapic = 0;
        for (; at + 2 <= n && t[at + 1] >= 2 && t[at + 1] <= n - at;
             at += t[at + 1]) {
            line_of(m, t + at, t[at + 1]);
            if (i == 0)
                processor_of(t + at, t[at + 1], processor, context);
        }
        m->cut = at != n;
    }
}
