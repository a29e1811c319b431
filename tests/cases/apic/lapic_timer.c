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
 * come in time, only in the end.  Where something must be done before a count
 * has run out, the TSC proves that it was, or else the row is tried again: a
 * host may be away for as long as it likes.
 */
#include "fmt.h"
#include "handoff.h"
#include "lapic_pace.h"
#include "lapic_pic.h"
#include "lib/origin.h"
#include "macros.h"
#include "vectors.h"

#define SHORT 2000
#define LONG 0x80000000u
#define PERIODS 4
#define PERIOD 200 /* of a second: one part in so many */
#define DOUBLINGS 8

static const char away[] = "the host was away while a count ran";

/* --- interrupts ----------------------------------------------------------- */

static uint64_t started; /* TSC */

static void start(uint32_t lvt, uint32_t count)
{
    started = rdtsc();
    apic_write(APIC_LVT_TIMER, lvt | VEC_timer);
    apic_write(APIC_TIMER_INITIAL, count);
}

static void one_shot(struct trapframe *c)
{
    (void)c;
    start(0, SHORT);
}

/* Longer than a handler takes, on a busy host, too: an emulator that is late
 * makes up for each period, and its guest stands still meanwhile. */
static void periodic(struct trapframe *c)
{
    (void)c;
    start(APIC_TIMER_PERIODIC, lapic_pace_counts(handoff.tsc_hz / PERIOD));
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
    WAIT_UNTIL(lapic_soon(), apic_requested(VEC_timer));
}

static bool was_in_time;

/* Stopped in time (a longer count each try), and looked at once it would have
 * run out. */
static void stopped(struct trapframe *c)
{
    uint32_t count = SHORT * 100;

    (void)c;
    was_in_time = false;
    for (unsigned i = 0; i < DOUBLINGS && !was_in_time; i++, count *= 2) {
        start(0, count);
        apic_write(APIC_TIMER_INITIAL, 0);
        was_in_time = lapic_pace_in_time(started, count);
        if (!was_in_time)
            lapic_restore();
    }
    if (!was_in_time)
        return;
    while (lapic_pace_in_time(started, count)) /* twice that, by now */
        pause();
    timers_settle();
}

static const char *ran_out(const struct stimulus *s)
{
    (void)s;
    return was_in_time ? 0 : away;
}

/* Masked while it runs out: nothing is kept for later. */
static void masked(struct trapframe *c)
{
    (void)c;
    start(APIC_LVT_MASKED, SHORT);
    WAIT_UNTIL(lapic_soon(), !apic_read(APIC_TIMER_CURRENT));
    timers_settle();
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
    {"one-shot", one_shot, 1, false, 0, "AP5",
     "one-shot: the timer's interrupt comes when the count is down; SDM vol 3, "
     "APIC Timer"},
    {"one-shot.once", expires, 1, true, 0, "AP5",
     "one-shot: one interrupt, and the count stays 0; SDM vol 3, APIC Timer"},
    {"periodic", periodic, PERIODS, false, 0, "AP5",
     "periodic: the count is loaded again each time; SDM vol 3, APIC Timer"},
    {"stopped", stopped, 0, true, 0, "AP5",
     "an initial count of 0 stops the timer; SDM vol 3, APIC Timer"},
    {"masked", masked, 0, true, CONFIDENCE_MEDIUM, "AP5 AP26",
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
    if (r->before == stopped)
        s.missed = ran_out;
    s.in_handler = r->once ? 0 : stop_at_last;
    s.facts = r->facts;
    s.why = r->why;
    fmt(id, sizeof(id), "lapic.timer.%s.%s", r->name, origin_ids[from]);
    check_run(&s);
}

/* Counting: the current count moves, and is neither 0 nor above the initial. */
static void counting(struct diff *d, const char *name, uint32_t below)
{
    uint32_t now = apic_read(APIC_TIMER_CURRENT);

    WAIT_UNTIL(lapic_a_moment(), apic_read(APIC_TIMER_CURRENT) < now);
    if (!now || now > below || apic_read(APIC_TIMER_CURRENT) >= now)
        diff_text(d, name, "counting on",
                  !now          ? "stopped"
                  : now > below ? "loaded anew"
                                : "stands");
}

/* ... and if not, it has run out meanwhile. */
static bool missed(uint32_t count)
{
    if (!lapic_pace_in_time(started, count))
        lapic_missed = away;
    return lapic_missed;
}

static void fires(struct diff *d, const char *name)
{
    WAIT_UNTIL(lapic_soon(), apic_requested(VEC_timer));
    diff_text(d, name, "fires",
              apic_requested(VEC_timer) ? "fires" : "does not fire");
    lapic_open();
    apic_eoi();
}

static void silent(struct diff *d, const char *name)
{
    bool counts = false;

    WAIT_UNTIL(lapic_a_moment(),
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
    if (missed(LONG))
        return;
    apic_write(APIC_TIMER_INITIAL, 0);
    diff_hex(d, "current count, stopped", 0, apic_read(APIC_TIMER_CURRENT));
}

/* A count that is long enough to be still running when the mode changes: the
 * next one longer each time. */
static bool switched_in_time(uint32_t from, uint32_t to)
{
    uint32_t count = SHORT * 100;

    for (unsigned i = 0; i < DOUBLINGS; i++, count *= 2) {
        start(from, count);
        apic_write(APIC_LVT_TIMER, to | VEC_timer);
        if (lapic_pace_in_time(started, count))
            return true;
        lapic_restore();
    }
    lapic_missed = away;
    return false;
}

static void to_periodic(struct diff *d)
{
    uint32_t at;

    start(0, LONG);
    WAIT_UNTIL(lapic_a_moment(), apic_read(APIC_TIMER_CURRENT) < LONG);
    at = apic_read(APIC_TIMER_CURRENT);
    apic_write(APIC_LVT_TIMER, APIC_TIMER_PERIODIC | VEC_timer);
    counting(d, "switched", at);
    if (missed(LONG) || !switched_in_time(0, APIC_TIMER_PERIODIC))
        return;
    fires(d, "first");
    fires(d, "second");
}

static void to_one_shot(struct diff *d)
{
    uint32_t at;

    start(APIC_TIMER_PERIODIC, LONG);
    WAIT_UNTIL(lapic_a_moment(), apic_read(APIC_TIMER_CURRENT) < LONG);
    at = apic_read(APIC_TIMER_CURRENT);
    apic_write(APIC_LVT_TIMER, VEC_timer);
    counting(d, "switched", at);
    if (missed(LONG) || !switched_in_time(APIC_TIMER_PERIODIC, 0))
        return;
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

/* Whatever the true ratio is, it lies between what the least and the most of
 * both spans give. */
static void divides(struct diff *d)
{
    uint32_t by = dividers[divider].by;
    struct span full, part;
    uint64_t low, high;

    if (!lapic_span_measure(APIC_DIVIDE_BY_1, &full) ||
        !lapic_span_measure(dividers[divider].code, &part)) {
        lapic_missed = "the host was away while the clocks were compared";
        return;
    }
    diff_hex(d, "divider", dividers[divider].code,
             apic_read(APIC_TIMER_DIVIDE));
    low = full.counts * part.least;
    high = full.counts * part.most;
    if (4 * low > 5 * by * part.counts * full.most ||
        4 * high < 3 * by * part.counts * full.least)
        diff_hex(d, "divides by", by,
                 part.counts ? low / (part.counts * full.least) : 0);
}

static const struct {
    struct finding f;
    void (*body)(struct diff *d);
} register_rows[] = {
    {{.id = "lapic.timer.registers",
      .facts = "AP5",
      .why = "the current count falls from the initial count, and 0 stops "
             "it; SDM vol 3, APIC Timer"},
     registers},
    {{.id = "lapic.timer.to-periodic",
      .facts = "AP10",
      .why = "one-shot made periodic while it counts: counts on, then "
             "cycles; SDM vol 3, APIC Timer",
      .confidence = CONFIDENCE_MEDIUM},
     to_periodic},
    {{.id = "lapic.timer.to-one-shot",
      .facts = "AP10",
      .why = "periodic made one-shot while it counts: counts on, fires "
             "once; SDM vol 3, APIC Timer",
      .confidence = CONFIDENCE_MEDIUM},
     to_one_shot},
    {{.id = "lapic.timer.expired-to-periodic",
      .facts = "AP10",
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
        .facts = "AP5",
        .confidence = CONFIDENCE_MEDIUM,
        .why = "the divide configuration register divides the timer's clock by "
               "1 to 128; SDM vol 3, APIC Timer"};

    lapic_begin();
    (void)unless_pit(0); /* once, before anything is set up */
    lapic_pace_measure();
    lapic_restore();
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
