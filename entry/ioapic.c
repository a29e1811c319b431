/* SPDX-License-Identifier: MIT */
/* The I/O APIC; see ioapic.h. */
#include "ioapic.h"

#include "apic.h"
#include "handoff.h"
#include "layout.h"
#include "pte.h"

/* Two registers in memory: which one, and its window. */
#define SELECT 0x00
#define WINDOW 0x10

#define VERSION_REGISTER 1
#define ENTRY_LOW (0x10 + 2 * (unsigned)handoff.rtc_pin)
#define ENTRY_HIGH (ENTRY_LOW + 1)

#define ACTIVE_LOW (1u << 13) /* of an entry; the mask is an LVT's */
#define DESTINATION 24        /* bits up to there are no destination */
#define BROADCAST 0xff

static struct {
    bool taken;
    uint32_t low, high;
} found;

static volatile uint32_t *reg(unsigned offset)
{
    return (volatile uint32_t *)(VA_IOAPIC +
                                 (handoff.ioapic & (PAGE_SIZE - 1)) + offset);
}

static uint32_t get(unsigned index)
{
    *reg(SELECT) = index;
    return *reg(WINDOW);
}

static void set(unsigned index, uint32_t v)
{
    *reg(SELECT) = index;
    *reg(WINDOW) = v;
}

static uint32_t self(void)
{
    return apic_is_x2apic() ? apic_read(APIC_ID) : apic_read(APIC_ID) >> 24;
}

/* Memory that nobody decodes reads as ones, RAM as anything: the version is
 * 1xh or 2xh, the number of the last entry stands two bytes above, and the
 * rest is 0 or flags below that. */
bool ioapic_answers(void)
{
    uint32_t version;

    if (!handoff.ioapic || self() >= BROADCAST)
        return false;
    version = get(VERSION_REGISTER);
    if ((version & 0xff) < 0x10 || (version & 0xff) > 0x2f || version >> 24 ||
        version >> 16 < handoff.rtc_pin)
        return false;
    found.low = get(ENTRY_LOW);
    found.high = get(ENTRY_HIGH);
    found.taken = true;
    return true;
}

void ioapic_mask(void)
{
    set(ENTRY_LOW, APIC_LVT_MASKED);
}

void ioapic_send_nmi(void)
{
    ioapic_mask();
    set(ENTRY_HIGH, self() << DESTINATION);
    set(ENTRY_LOW, APIC_DELIVER_NMI | (handoff.rtc_low ? ACTIVE_LOW : 0));
}

void ioapic_restore(void)
{
    if (!found.taken)
        return;
    ioapic_mask();
    set(ENTRY_HIGH, found.high);
    set(ENTRY_LOW, found.low);
    found.taken = false;
}
