/* SPDX-License-Identifier: MIT */
/*
 * The APIC timer: one-shot, periodic, divided, stopped, masked, and switched
 * from one mode to another while it counts.
 *
 * Only a change to or from TSC-deadline mode disarms it (lapic_deadline.c).
 * Between one-shot and periodic it counts on, and what happens at zero is the
 * new mode's business; one that has run out is not armed again.  (SDM has a
 * sentence that reads the other way: a difference there only warns.)
 *
 * Most rows look at IRR and at the current count with IF=0: nothing has to
 * come in time, only in the end.
 */
#include "fmt.h"
#include "handoff.h"
#include "lib/lapic.h"
#include "macros.h"
#include "vectors.h"

#define SHORT 2000
#define LONG 0x80000000u
#define PERIODS 4
#define LATE 100 /* of a second: how late an emulator's timer may be */

static void start(uint32_t lvt, uint32_t count)
{
    apic_write(APIC_LVT_TIMER, lvt | VEC_timer);
    apic_write(APIC_TIMER_INITIAL, count);
}

static void one_shot(struct trapframe *c)
{
    (void)c;
    start(0, SHORT);
}

static void periodic(struct trapframe *c)
{
    (void)c;
    start(APIC_TIMER_PERIODIC, SHORT);
}

static bool one_more; /* was due before the timer could be stopped */

static void stop_at_last(unsigned nth)
{
    if (nth + 1 == stimulus_now()->entries) {
        apic_write(APIC_TIMER_INITIAL, 0);
        one_more = apic_requested(VEC_timer);
    }
    lapic_stop(nth);
}

static void maybe_one_more(const struct stimulus *s, struct want *w, bool amd)
{
    lapic_expect(s, w, amd);
    if (!one_more)
        return;
    w->event[w->count] = w->event[w->count - 1];
    w->event[w->count - 1] = w->event[0];
    w->count++;
}

static void expires(struct trapframe *c)
{
    one_shot(c);
    LAPIC_UNTIL(lapic_soon(), apic_requested(VEC_timer));
}

static void stopped(struct trapframe *c)
{
    (void)c;
    start(0, LONG);
    apic_write(APIC_TIMER_INITIAL, 0);
}

/* Masked while it runs out: nothing is kept for later. */
static void masked(struct trapframe *c)
{
    (void)c;
    start(APIC_LVT_MASKED, SHORT);
    LAPIC_UNTIL(lapic_soon(), !apic_read(APIC_TIMER_CURRENT));
    LAPIC_UNTIL(rdtsc() + handoff.tsc_hz / LATE, apic_requested(VEC_timer));
    apic_write(APIC_LVT_TIMER, VEC_timer);
}

static const struct row {
    const char *name;
    void (*before)(struct trapframe *c);
    unsigned entries; /* 0: nothing comes */
    bool once;        /* is due already: a spin does */
    enum confidence confidence;
    const char *facts, *why;
} rows[] = {
    {"one-shot", one_shot, 1, false, 0, "AP5 11.12",
     "one-shot: the timer's interrupt comes when the count is down; SDM vol 3, "
     "APIC Timer"},
    {"one-shot.once", expires, 1, true, 0, "AP5 11.12",
     "one-shot: one interrupt, and the count stays 0; SDM vol 3, APIC Timer"},
    {"periodic", periodic, PERIODS, false, 0, "AP5 11.12",
     "periodic: the count is loaded again each time; SDM vol 3, APIC Timer"},
    {"stopped", stopped, 0, true, 0, "AP5 11.12",
     "an initial count of 0 stops the timer; SDM vol 3, APIC Timer"},
    {"masked", masked, 0, true, CONFIDENCE_MEDIUM, "AP5 4b.19",
     "what runs out while the LVT entry is masked is not kept; SDM vol 3, "
     "Local Vector Table"},
};

static void run(const struct row *r, enum origin from)
{
    struct stimulus s = lapic_stimulus(from, r->once ? lapic_spin : lapic_wait,
                                       r->entries ? VEC_timer : VEC_gate);
    char id[44];

    s.id = id;
    s.entries = r->entries;
    s.confidence = r->confidence;
    s.before = r->before;
    one_more = false;
    if (r->before == periodic)
        s.expect = maybe_one_more;
    s.in_handler = r->once ? 0 : stop_at_last;
    s.facts = r->facts;
    s.why = r->why;
    fmt(id, sizeof(id), "lapic.timer.%s.%s", r->name, lapic_from[from]);
    check_run(&s);
}

/* Counting: the current count moves, and is neither 0 nor above the initial. */
static void counting(struct diff *d, const char *name, uint32_t below)
{
    uint32_t now = apic_read(APIC_TIMER_CURRENT);

    LAPIC_UNTIL(lapic_a_moment(), apic_read(APIC_TIMER_CURRENT) < now);
    if (!now || now > below || apic_read(APIC_TIMER_CURRENT) >= now)
        diff_text(d, name, "counting on",
                  !now          ? "stopped"
                  : now > below ? "loaded anew"
                                : "stands");
}

static void fires(struct diff *d, const char *name)
{
    LAPIC_UNTIL(lapic_soon(), apic_requested(VEC_timer));
    diff_text(d, name, "fires",
              apic_requested(VEC_timer) ? "fires" : "does not fire");
    lapic_open();
    apic_eoi();
}

static void silent(struct diff *d, const char *name)
{
    bool counts = false;

    LAPIC_UNTIL(lapic_a_moment(),
                counts || (counts = apic_read(APIC_TIMER_CURRENT) != 0));
    diff_text(d, name, "stays at 0", counts ? "counts" : "stays at 0");
    diff_text(d, "interrupt", "none",
              !counts && apic_requested(VEC_timer) ? "one more" : "none");
}

static void registers(struct diff *d)
{
    start(0, LONG);
    diff_hex(d, "initial count", LONG, apic_read(APIC_TIMER_INITIAL));
    counting(d, "one-shot", LONG);
    apic_write(APIC_TIMER_INITIAL, 0);
    diff_hex(d, "current count, stopped", 0, apic_read(APIC_TIMER_CURRENT));
}

static void to_periodic(struct diff *d)
{
    uint32_t at;

    start(0, LONG);
    LAPIC_UNTIL(lapic_a_moment(), apic_read(APIC_TIMER_CURRENT) < LONG);
    at = apic_read(APIC_TIMER_CURRENT);
    apic_write(APIC_LVT_TIMER, APIC_TIMER_PERIODIC | VEC_timer);
    counting(d, "switched", at);
    start(0, SHORT * 100);
    apic_write(APIC_LVT_TIMER, APIC_TIMER_PERIODIC | VEC_timer);
    fires(d, "first");
    fires(d, "second");
}

static void to_one_shot(struct diff *d)
{
    uint32_t at;

    start(APIC_TIMER_PERIODIC, LONG);
    LAPIC_UNTIL(lapic_a_moment(), apic_read(APIC_TIMER_CURRENT) < LONG);
    at = apic_read(APIC_TIMER_CURRENT);
    apic_write(APIC_LVT_TIMER, VEC_timer);
    counting(d, "switched", at);
    start(APIC_TIMER_PERIODIC, SHORT * 100);
    apic_write(APIC_LVT_TIMER, VEC_timer);
    fires(d, "first");
    silent(d, "then");
}

static void expired(struct diff *d)
{
    start(0, SHORT);
    fires(d, "one-shot");
    apic_write(APIC_LVT_TIMER, APIC_TIMER_PERIODIC | VEC_timer);
    silent(d, "made periodic");
}

/* A count of n at divider n takes n times as long as undivided: both clocks
 * are the same machine's, so a busy host slows both. */
static const struct {
    uint8_t code, by;
} dividers[] = {{0xb, 1},  {0x0, 2},  {0x1, 4},  {0x2, 8},
                {0x3, 16}, {0x8, 32}, {0x9, 64}, {0xa, 128}};
static unsigned divider;

#define MEASURE 1000 /* of a second: one part in so many */
#define SAMPLES 16

struct sample {
    uint32_t count;
    uint64_t tsc;
};

/* Of several readings, the one with the least time between the two clocks. */
static struct sample sample(void)
{
    struct sample best = {0, 0};
    uint64_t least = ~0ull;

    for (unsigned i = 0; i < SAMPLES; i++) {
        uint64_t before = rdtsc();
        uint32_t count = apic_read(APIC_TIMER_CURRENT);
        uint64_t after = rdtsc();

        if (after - before >= least)
            continue;
        least = after - before;
        best = (struct sample){count, before + least / 2};
    }
    return best;
}

/* Counts in so much of a second. */
static uint32_t rate(uint32_t code)
{
    struct sample first, last;

    apic_write(APIC_TIMER_DIVIDE, code);
    start(APIC_LVT_MASKED, ~0u);
    first = sample();
    LAPIC_UNTIL(rdtsc() + handoff.tsc_hz / MEASURE, false);
    last = sample();
    return (uint32_t)((first.count - last.count) * (handoff.tsc_hz / MEASURE) /
                      (last.tsc - first.tsc));
}

static void divides(struct diff *d)
{
    uint32_t by = dividers[divider].by, full = rate(APIC_DIVIDE_BY_1),
             part = rate(dividers[divider].code);

    diff_hex(d, "divider", dividers[divider].code,
             apic_read(APIC_TIMER_DIVIDE));
    if (part > full / by + full / by / 4 || part < full / by - full / by / 4)
        diff_hex(d, "counts", full / by, part);
}

static const struct {
    struct finding f;
    void (*body)(struct diff *d);
} register_rows[] = {
    {{.id = "lapic.timer.registers",
      .facts = "AP5 11.12",
      .why = "the current count falls from the initial count, and 0 stops "
             "it; SDM vol 3, APIC Timer"},
     registers},
    {{.id = "lapic.timer.to-periodic",
      .facts = "AP10 C1",
      .why = "one-shot made periodic while it counts: counts on, then "
             "cycles; SDM vol 3, APIC Timer",
      .confidence = CONFIDENCE_MEDIUM},
     to_periodic},
    {{.id = "lapic.timer.to-one-shot",
      .facts = "AP10 C1",
      .why = "periodic made one-shot while it counts: counts on, fires "
             "once; SDM vol 3, APIC Timer",
      .confidence = CONFIDENCE_MEDIUM},
     to_one_shot},
    {{.id = "lapic.timer.expired-to-periodic",
      .facts = "AP10 C1",
      .why = "one-shot made periodic when it has run out: stays 0; SDM "
             "vol 3, APIC Timer",
      .confidence = CONFIDENCE_MEDIUM},
     expired},
};

void case_lapic_timer(void)
{
    char id[44];
    struct finding f = {
        .id = id,
        .facts = "AP5 11.12",
        .confidence = CONFIDENCE_MEDIUM,
        .why = "the divide configuration register divides the timer's clock by "
               "1 to 128; SDM vol 3, APIC Timer"};

    lapic_begin();
    for (enum origin from = 0; from < FROM_COUNT; from++)
        for (unsigned i = 0; i < COUNT(rows); i++)
            run(&rows[i], from);
    for (unsigned i = 0; i < COUNT(register_rows); i++)
        lapic_finding(&register_rows[i].f, register_rows[i].body);
    for (divider = 0; divider < COUNT(dividers); divider++) {
        fmt(id, sizeof(id), "lapic.timer.divide-by-%u", dividers[divider].by);
        lapic_finding(&f, divides);
    }
}
