/* SPDX-License-Identifier: MIT */
/* Common to the cases about the local APIC; see lapic.h. */
#include "lapic.h"

#include "engine/engine.h"
#include "engine/machine_state.h"
#include "engine/payload.h"
#include "handoff.h"
#include "idt.h"
#include "msr.h"
#include "selectors.h"
#include "stacks.h"
#include "vectors.h"

RING3(lapic_spin3, "", SPIN(1000), "");
RING0(lapic_spin0, "", SPIN(1000), "");
COMPAT(lapic_spin32, "", SPIN32(1000), "");
RING3(lapic_wait3, "", WAIT, "");
RING0(lapic_wait0, "", WAIT, "");
COMPAT(lapic_wait32, "", WAIT32, "");

const struct snippet lapic_spin[FROM_COUNT] = LAPIC_CODES(lapic_spin);
const struct snippet lapic_wait[FROM_COUNT] = LAPIC_CODES(lapic_wait);

const char lapic_no_x2apic[] =
    "the local APIC is in xAPIC mode; --x2apic switches it";

struct lapic_seen lapic_seen[WANT_MAX];
unsigned lapic_left;

static struct {
    uint32_t lint0, lint1, divide;
    bool gates; /* some of them were changed */
} found;

#define SOON 3      /* seconds: less than the watchdog's */
#define MOMENT 2000 /* of a second: one part in so many */

uint64_t lapic_soon(void)
{
    return SOON * handoff.tsc_hz;
}

uint64_t lapic_a_moment(void)
{
    return handoff.tsc_hz / MOMENT;
}

void lapic_begin(void)
{
    found.lint0 = apic_read(APIC_LVT_LINT0);
    found.lint1 = apic_read(APIC_LVT_LINT1);
    found.divide = apic_read(APIC_TIMER_DIVIDE);
}

void lapic_lend_ist(uint8_t vector)
{
    idt[vector] =
        gate_make(capture_stubs[vector], GATE_INTERRUPT, IST_spare, 0);
    found.gates = true;
}

void lapic_restore(void)
{
    apic_write(APIC_SVR, APIC_SVR_ENABLE | VEC_spurious);
    apic_write(APIC_TIMER_INITIAL, 0);
    apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
    apic_write(APIC_TIMER_DIVIDE, found.divide);
    apic_write(APIC_LVT_ERROR, APIC_LVT_MASKED);
    apic_write(APIC_LVT_LINT0, found.lint0);
    apic_write(APIC_LVT_LINT1, found.lint1);
    apic_write(APIC_TPR, 0);
    apic_write(APIC_ESR, 0);
    if (found.gates)
        idt_point(capture_stubs);
    found.gates = false;
    apic_quiesce();
    lapic_left = engine_drain().count;
}

static struct trapframe *ends(struct outcome *o)
{
    (void)o;
    return 0;
}

bool lapic_faults(const char *code, uint32_t msr, uint64_t v)
{
    static const struct run r = {.on_event = ends};
    const struct trapframe c = {
        .rip = (uint64_t)code,
        .cs = SEL_KERNEL_CS,
        .rflags = FLAG_ONE,
        .rsp = STACK_TOP(STACK_ring0) - 8,
        .ss = SEL_KERNEL_SS,
        .rcx = msr,
        .rax = (uint32_t)v,
        .rdx = v >> 32,
    };

    return engine_run(&r, &c) == RUN_EVENT &&
           engine_last()->frame.vector == VEC_gp;
}

bool lapic_request(uint8_t vector)
{
    apic_send_self(APIC_DELIVER_FIXED, vector);
    WAIT_UNTIL(lapic_a_moment(), apic_requested(vector));
    return apic_requested(vector);
}

void lapic_stop(unsigned nth)
{
    unsigned entries = stimulus_now()->entries;

    if (nth + 1 >= entries)
        stimulus_stop = 1;
}

void lapic_mend(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    struct lapic_seen *l = &lapic_seen[nth];
    uint8_t v = (uint8_t)o->frame.vector;

    (void)f;
    *l = (struct lapic_seen){
        .rip = o->frame.rip, .vector = v, .in_service = apic_in_service(v)};
    if (l->in_service)
        apic_eoi();
    l->after_eoi = apic_in_service(v);
}

void lapic_expect(const struct stimulus *s, struct want *w, bool amd)
{
    (void)s, (void)amd;
    for (unsigned i = 0; i < w->count; i++)
        w->event[i].any |= ANY(rip);
}

void lapic_also(const struct stimulus *s, struct diff *d)
{
    unsigned n = s->vector == VEC_gate ? 0 : s->entries ? s->entries : 1;

    if (diff_any(d)) /* what follows follows from that */
        return;
    for (unsigned i = 0; i < n; i++) {
        diff_text(d, "in-service bit", "set",
                  lapic_seen[i].in_service ? "set" : "clear");
        diff_text(d, "after EOI", "clear",
                  lapic_seen[i].after_eoi ? "set" : "clear");
    }
    diff_hex(d, "delivered once allowed", s->argument >> 32, lapic_left);
}

struct stimulus lapic_stimulus(enum origin from,
                               const struct snippet code[FROM_COUNT],
                               unsigned vector)
{
    return (struct stimulus){
        .from = from,
        .start = code[from].start,
        .at = code[from].at,
        .resume = code[from].resume,
        .vector = vector,
        /* No fault, whatever the vector: the image's RF is clear. */
        .saved = SAVED_RESUME,
        .clobbers = WAIT_CLOBBERS | REG_RCX,
        .flags_changed = ARITHMETIC_FLAGS,
        .in_service = true,
        .no_eoi = true,
        .expect = lapic_expect,
        .also = lapic_also,
        .in_handler = lapic_stop,
        .mend = lapic_mend,
        .after = lapic_restore,
    };
}

static struct trapframe *take(struct outcome *o)
{
    (void)o;
    return 0;
}

int lapic_open(void)
{
    static const struct run r = {.on_event = take};
    struct trapframe c = payload_context(FROM_RING0, lapic_spin0);

    stimulus_stop = 0;
    return engine_run(&r, &c) == RUN_EVENT ? (int)engine_last()->frame.vector
                                           : -1;
}

const char *lapic_missed;

void lapic_finding(const struct finding *f, void (*body)(struct diff *d))
{
    struct diff d;
    const char *left = 0;

    if (!finding_begin(f))
        return;
    for (unsigned i = 0; i < CHECK_TRIES; i++) {
        d = (struct diff){"", ""};
        lapic_missed = 0;
        body(&d);
        lapic_restore();
        left = machine_restore();
        if (!lapic_missed)
            break;
    }
    if (lapic_missed) {
        finding_miss(f, lapic_missed);
        return;
    }
    if (left)
        diff_text(&d, left, "as before", "was not (put back)");
    finding_end(f, &d, d.seen);
}
