/* SPDX-License-Identifier: MIT */
/* The two clocks; see lapic_pace.h. */
#include "lapic_pace.h"

#include "handoff.h"
#include "lapic_pic.h"
#include "vectors.h"

#define MEASURE 1000 /* of a second: one part in so many */
#define SAMPLES 16
#define EXACT 16 /* one part in so many, of a span */
#define COUNTS_MIN 2000
#define COUNTS_MAX 10000000u /* of a span: more, and the host was away */

static struct span pace;

struct sample {
    uint32_t count;
    uint64_t before, after; /* TSC, around the reading */
};

/* Of several readings, the one with the least time between the two clocks. */
static struct sample sample(void)
{
    struct sample best = {0, 0, ~0ull};

    for (unsigned i = 0; i < SAMPLES; i++) {
        struct sample s;

        s.before = rdtsc();
        s.count = apic_read(APIC_TIMER_CURRENT);
        s.after = rdtsc();
        if (s.after - s.before < best.after - best.before)
            best = s;
    }
    return best;
}

bool lapic_span_measure(uint32_t divider, struct span *p)
{
    struct sample first, last;

    for (unsigned i = 0; i < CHECK_TRIES; i++) {
        apic_write(APIC_TIMER_DIVIDE, divider);
        apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | VEC_timer);
        apic_write(APIC_TIMER_INITIAL, ~0u);
        first = sample();
        WAIT_UNTIL(handoff.tsc_hz / MEASURE, false);
        last = sample();
        apic_write(APIC_TIMER_INITIAL, 0);
        p->counts = first.count - last.count;
        p->least = last.before - first.after;
        p->most = last.after - first.before;
        if (p->most - p->least <= p->least / EXACT && p->counts < COUNTS_MAX)
            return true;
    }
    return false;
}

void lapic_pace_measure(void)
{
    if (!lapic_span_measure(APIC_DIVIDE_RESET, &pace))
        pace.counts = 0;
}

uint32_t lapic_pace_counts(uint64_t cycles)
{
    uint64_t n = pace.counts ? cycles * pace.counts / pace.most : 0;

    return n > COUNTS_MAX   ? COUNTS_MAX
           : n > COUNTS_MIN ? (uint32_t)n
                            : COUNTS_MIN;
}

bool lapic_pace_in_time(uint64_t since, uint32_t n)
{
    uint64_t soonest = pace.counts ? n * pace.least / pace.counts : 0;

    return rdtsc() - since < soonest - soonest / EXACT;
}
