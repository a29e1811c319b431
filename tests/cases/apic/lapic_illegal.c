/* SPDX-License-Identifier: MIT */
/*
 * Vectors 0 to 15 are not an APIC's to send.
 *
 * Sent to self, by ICR or by an LVT entry, such an interrupt must not be
 * delivered, nor even be requested in the IRR: an emulator that forgets the
 * check runs the #DE's, NMI's or #DF's handler without anything behind it.
 * ESR tells of it: bit 5 by whoever sends, bit 6 by whoever receives, and
 * for a message to self processors set either or both; for an LVT entry they
 * may.  With an unmasked LVT error entry one or two error interrupts come.
 */
#include "fmt.h"
#include "lapic_esr.h"
#include "lapic_pic.h"
#include "lib/origin.h"
#include "vectors.h"

#define ILLEGAL 16 /* of them, from 0 */
#define SHOT 1000
#define ANY_ILLEGAL 15 /* where one does for all: no exception's */

static bool stuck, requested; /* the vector's IRR bit: before, and after */

static uint8_t vector(void)
{
    return (uint8_t)stimulus_now()->argument;
}

static void by_icr(struct trapframe *c)
{
    (void)c;
    stuck = apic_requested(vector());
    apic_send_self(APIC_DELIVER_FIXED, vector());
    WAIT_UNTIL(lapic_a_moment(), apic_requested(vector()));
    requested = apic_requested(vector());
}

static void by_timer(struct trapframe *c)
{
    (void)c;
    stuck = apic_requested(vector());
    apic_write(APIC_LVT_TIMER, vector());
    apic_write(APIC_TIMER_INITIAL, SHOT);
    WAIT_UNTIL(lapic_soon(), !apic_read(APIC_TIMER_CURRENT));
    timers_settle();
    requested = apic_requested(vector());
}

static void not_requested(const struct stimulus *s, struct diff *d)
{
    if (!stuck) /* an earlier one, of vector 0, that never left the IRR */
        diff_text(d, "IRR bit", "clear", requested ? "set" : "clear");
    lapic_also(s, d);
}

static void row(enum origin from, unsigned v, const char *how,
                void (*before)(struct trapframe *c))
{
    struct stimulus s = lapic_stimulus(from, lapic_spin, VEC_gate);
    char id[44];

    s.id = id;
    s.argument = v;
    s.before = before;
    s.also = not_requested;
    s.facts = "AP6";
    s.why = "vectors 0 to 15 are illegal: neither requested nor delivered; SDM "
            "vol 3, Valid Interrupt Vectors";
    fmt(id, sizeof(id), "lapic.illegal.%s-%x.%s", how, v, origin_ids[from]);
    check_run(&s);
}

static uint8_t sent;

static void esr(struct diff *d)
{
    lapic_esr_clear();
    apic_send_self(APIC_DELIVER_FIXED, sent);
    if (!(lapic_esr() & ESR_ILLEGAL_VECTOR))
        diff_text(d, "ESR bits 5 and 6", "20, 40 or 60", "0");
}

static void esr_value(struct diff *d)
{
    lapic_esr_clear();
    apic_send_self(APIC_DELIVER_FIXED, ANY_ILLEGAL);
    lapic_value(d, "ESR bits 5 and 6", lapic_esr() & ESR_ILLEGAL_VECTOR);
}

static void esr_rows(void)
{
    static const struct finding value = {
        .id = "lapic.illegal.esr.value",
        .confidence = CONFIDENCE_VALUE,
        .facts = "AP6",
        .why = "an illegal vector to self sets ESR bit 5 (sent), 6 (received) "
               "or both; SDM vol 3, Error Handling"};
    char id[44];
    struct finding f = {.id = id,
                        .confidence = CONFIDENCE_MEDIUM,
                        .facts = value.facts,
                        .why = value.why};

    for (sent = 0; sent < ILLEGAL; sent++) {
        fmt(id, sizeof(id), "lapic.illegal.esr.%x", sent);
        lapic_finding(&f, esr);
    }
    lapic_finding(&value, esr_value);
}

static void send_with_lvt(struct trapframe *c)
{
    (void)c;
    lapic_esr_clear();
    apic_write(APIC_LVT_ERROR, VEC_apic_error);
    apic_send_self(APIC_DELIVER_FIXED, ANY_ILLEGAL);
    WAIT_UNTIL(lapic_a_moment(), apic_requested(VEC_apic_error));
}

static void reserved_with_lvt(struct trapframe *c)
{
    (void)c;
    lapic_esr_clear();
    apic_write(APIC_LVT_ERROR, VEC_apic_error);
    lapic_esr_reserved();
    WAIT_UNTIL(lapic_a_moment(), apic_requested(VEC_apic_error));
}

/* Two bits at once may be one interrupt or two. */
static void one_or_two(const struct stimulus *s, struct want *w, bool amd)
{
    lapic_expect(s, w, amd);
    if (lapic_seen[1].vector != VEC_apic_error)
        return;
    w->event[2] = w->event[1];
    w->event[1] = w->event[0];
    w->count = 3;
}

static const char *no_xapic(const struct stimulus *s)
{
    (void)s;
    return apic_is_x2apic() ? "in x2APIC mode such an access is #GP" : 0;
}

static void error_interrupt(enum origin from, bool reserved)
{
    struct stimulus s = lapic_stimulus(from, lapic_spin, VEC_apic_error);
    char id[44];

    lapic_seen[1].vector = 0;
    s.id = id;
    s.confidence = CONFIDENCE_MEDIUM;
    s.before = reserved ? reserved_with_lvt : send_with_lvt;
    s.unfit = reserved ? no_xapic : 0;
    s.expect = one_or_two;
    s.in_handler = 0;
    s.facts = "AP22 AP6";
    s.why = "an error raises the LVT's error interrupt, without an error code, "
            "once or once for each bit; SDM vol 3, Error Handling";
    fmt(id, sizeof(id), "lapic.error.%s.%s", reserved ? "register" : "vector",
        origin_ids[from]);
    check_run(&s);
}

static void log_masked(struct trapframe *c)
{
    (void)c;
    lapic_esr_clear();
    apic_write(APIC_LVT_ERROR, APIC_LVT_MASKED | VEC_apic_error);
    lapic_esr_reserved();
}

static void masked(enum origin from)
{
    struct stimulus s = lapic_stimulus(from, lapic_spin, VEC_gate);
    char id[44];

    s.id = id;
    s.before = log_masked;
    s.unfit = no_xapic;
    s.facts = "AP22 AP24";
    s.why = "a masked LVT error entry raises no interrupt; SDM vol 3, Local "
            "Vector Table";
    fmt(id, sizeof(id), "lapic.error.masked.%s", origin_ids[from]);
    check_run(&s);
}

void case_lapic_illegal(void)
{
    lapic_begin();
    (void)unless_pit(0); /* once, before anything is set up */
    for (enum origin from = 0; from < FROM_COUNT; from++) {
        for (unsigned v = 0; v < ILLEGAL; v++)
            row(from, v, "icr", by_icr);
        error_interrupt(from, false);
        error_interrupt(from, true);
        masked(from);
    }
    row(FROM_RING3, 0, "timer", by_timer);
    row(FROM_RING3, 5, "timer", by_timer);
    row(FROM_RING0, 14, "timer", by_timer);
    row(FROM_COMPAT, ANY_ILLEGAL, "timer", by_timer);
    esr_rows();
}
