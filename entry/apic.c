/* SPDX-License-Identifier: MIT */
/* The local APIC; see apic.h. */
#include "apic.h"

#include "handoff.h"
#include "insn.h"
#include "layout.h"
#include "macros.h"
#include "msr.h"
#include "patience.h"
#include "vectors.h"

#define MOMENT 100 /* of a second, one part in so many: for what takes less */

static bool x2apic;

bool apic_is_x2apic(void)
{
    return x2apic;
}

void apic_mode(uint64_t base)
{
    wrmsr(MSR_APIC_BASE, base);
    x2apic = rdmsr(MSR_APIC_BASE) & APIC_BASE_EXTD;
}

static volatile uint32_t *reg(enum apic_register r)
{
    return (volatile uint32_t *)(VA_APIC + r);
}

uint32_t apic_read(enum apic_register r)
{
    return x2apic ? (uint32_t)rdmsr(MSR_X2APIC + r / 16) : *reg(r);
}

void apic_write(enum apic_register r, uint32_t v)
{
    if (x2apic)
        wrmsr(MSR_X2APIC + r / 16, v);
    else
        *reg(r) = v;
}

bool apic_init(bool want_x2apic)
{
    static const enum apic_register lvt[] = {
        APIC_LVT_TIMER, APIC_LVT_LINT0,   APIC_LVT_LINT1, APIC_LVT_ERROR,
        APIC_LVT_PERF,  APIC_LVT_THERMAL, APIC_LVT_CMCI,
    };
    /* In the order that SDM numbers them: version's max LVT says how many. */
    static const uint8_t from_max[] = {0, 2, 2, 3, 4, 5, 6};
    uint64_t base = rdmsr(MSR_APIC_BASE);
    uint32_t version;

    if (!(base & APIC_BASE_EN)) {
        base |= APIC_BASE_EN;
        wrmsr(MSR_APIC_BASE, base);
    }
    /* Only an enabled APIC can go there, so in a second step. */
    if (want_x2apic && !(base & APIC_BASE_EXTD)) {
        base |= APIC_BASE_EXTD;
        wrmsr(MSR_APIC_BASE, base);
    }
    x2apic = rdmsr(MSR_APIC_BASE) & APIC_BASE_EXTD; /* as it has taken it */
    version = apic_read(APIC_VERSION);
    if (!version || version == 0xffffffff)
        return false;
    apic_write(APIC_SVR, APIC_SVR_ENABLE | VEC_spurious);
    for (unsigned i = 0; i < COUNT(lvt); i++)
        if (from_max[i] <= (version >> 16 & 0xff))
            apic_write(lvt[i], APIC_LVT_MASKED);
    apic_write(APIC_TPR, 0);
    apic_write(APIC_TIMER_INITIAL, 0);
    apic_write(APIC_TIMER_DIVIDE, APIC_DIVIDE_RESET);
    apic_write(APIC_ESR, 0);
    apic_quiesce();
    return true;
}

uint32_t apic_id(void)
{
    uint32_t id = apic_read(APIC_ID);

    return x2apic ? id : id >> 24;
}

void apic_command(uint32_t destination, uint32_t low)
{
    low |= APIC_ICR_ASSERT;
    if (x2apic) {
        /* A store may still be on its way when that WRMSR takes effect. */
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        wrmsr(MSR_X2APIC + APIC_ICR / 16, (uint64_t)destination << 32 | low);
        return;
    }
    apic_write(APIC_ICR_HIGH, destination << 24);
    apic_write(APIC_ICR, low);
    WAIT_UNTIL(handoff.tsc_hz / MOMENT, !(apic_read(APIC_ICR) & APIC_ICR_BUSY));
}

void apic_send(uint32_t id, uint32_t delivery, uint8_t vector)
{
    if (x2apic || id < APIC_ALL)
        apic_command(id, delivery | vector);
}

void apic_send_self(uint32_t delivery, uint8_t vector)
{
    apic_command(apic_id(), delivery | vector);
}

static bool bit(enum apic_register bank, uint8_t vector)
{
    return apic_read(bank + vector / 32 * 0x10) >> vector % 32 & 1;
}

bool apic_in_service(uint8_t vector)
{
    return bit(APIC_ISR, vector);
}

bool apic_requested(uint8_t vector)
{
    return bit(APIC_IRR, vector);
}

void apic_request(uint8_t vector)
{
    apic_send_self(APIC_DELIVER_FIXED, vector);
    WAIT_UNTIL(handoff.tsc_hz / MOMENT, apic_requested(vector));
}

void apic_timer_start(uint32_t count)
{
    apic_write(APIC_TIMER_DIVIDE, APIC_DIVIDE_BY_1);
    apic_write(APIC_LVT_TIMER, VEC_timer);
    apic_write(APIC_TIMER_INITIAL, count);
}

void apic_timer_stop(void)
{
    apic_write(APIC_TIMER_INITIAL, 0);
    apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
    apic_write(APIC_TIMER_DIVIDE, APIC_DIVIDE_RESET);
}

void apic_eoi(void)
{
    apic_write(APIC_EOI, 0);
}

static unsigned highest_in_service(void)
{
    for (unsigned i = 8; i-- > 0;) {
        uint32_t bank = apic_read(APIC_ISR + i * 0x10);

        if (bank)
            return i * 32 + 31 - (unsigned)__builtin_clz(bank);
    }
    return 0;
}

static bool end_all(void)
{
    bool left = false;

    for (unsigned i = 0; i < 8; i++) {
        for (unsigned n = 0; n < 32 && apic_read(APIC_ISR + i * 0x10); n++)
            apic_eoi();
        left |= apic_read(APIC_ISR + i * 0x10) != 0;
    }
    return left;
}

unsigned apic_quiesce(void)
{
    unsigned vector = highest_in_service();

    if (!vector || !end_all())
        return vector;
    /* Bochs never ends the service of the spurious vector: as long as that
     * is another one, it does. */
    apic_write(APIC_SVR, APIC_SVR_ENABLE | (VEC_spurious & ~0x10));
    end_all();
    apic_write(APIC_SVR, APIC_SVR_ENABLE | VEC_spurious);
    return vector;
}
