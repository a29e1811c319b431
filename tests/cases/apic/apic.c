/* SPDX-License-Identifier: MIT */
/*
 * The local APIC's own interrupts, and which of them demand an EOI.
 *
 * Timer, self-IPI and error are fixed interrupts: ISR bit set, EOI due.  A
 * spurious interrupt sets no ISR bit and must get no EOI, or it would end
 * another's service; but a real interrupt can come at that vector too, so the
 * handler decides by reading the ISR, never by the number.
 */
#include "apic.h"
#include "judge/stimulus.h"
#include "macros.h"
#include "vectors.h"

RING3(apic_wait3, "", WAIT, "");
RING0(apic_wait0, "", WAIT, "");
RING3(apic_spin3, "", SPIN(10000), "");
RING0(apic_spin0, "", SPIN(10000), "");

#define TIMER_COUNT 1000
#define ILLEGAL_VECTOR 15 /* 0 to 15 are illegal; 15 is no exception */
#define BLOCK_ALL 0xf0    /* TPR: class 15 */
#define PENDING 0x30      /* requested while it is still allowed */

static void start_timer(struct trapframe *c)
{
    (void)c;
    apic_timer_start(TIMER_COUNT);
}

static void request(uint8_t vector)
{
    apic_request(vector);
}

static void send_self_ipi(struct trapframe *c)
{
    (void)c;
    request(VEC_self_ipi);
}

static void send_to_error_vector(struct trapframe *c)
{
    (void)c;
    request(VEC_apic_error);
}

static void send_to_spurious_vector(struct trapframe *c)
{
    (void)c;
    request(VEC_spurious);
}

static void send_illegal(struct trapframe *c)
{
    (void)c;
    apic_write(APIC_ESR, 0);
    apic_write(APIC_ESR, 0);
    apic_write(APIC_LVT_ERROR, VEC_apic_error);
    apic_send_self(APIC_DELIVER_FIXED, ILLEGAL_VECTOR);
}

/* The processor may have noticed a request that the TPR then forbids: it has
 * to be given some vector, and that is the spurious one. */
static void forbid_what_is_pending(struct trapframe *c)
{
    (void)c;
    request(PENDING);
    apic_write(APIC_TPR, BLOCK_ALL);
}

static void restore(void)
{
    apic_write(APIC_TPR, 0);
    apic_timer_stop();
    apic_write(APIC_LVT_ERROR, APIC_LVT_MASKED);
    apic_write(APIC_ESR, 0);
}

#define APIC(name, row, origin, code, number, setup, fact, ...)                \
    {                                                                          \
        .id = name, .path = row, .from = origin, CODE(code), .vector = number, \
        .saved = SAVED_WITHIN, .clobbers = WAIT_CLOBBERS | REG_RCX,            \
        .flags_changed = ARITHMETIC_FLAGS, .before = setup, .after = restore,  \
        .in_handler = stimulus_stop_spinning, .facts = fact, .why = why,       \
        __VA_ARGS__                                                            \
    }
#define IN_BOTH(name, row, number, setup, fact, ...)                           \
    APIC(name ".ring3", row, FROM_RING3, apic_spin3, number, setup, fact,      \
         __VA_ARGS__),                                                         \
        APIC(name ".ring0", row, FROM_RING0, apic_spin0, number, setup, fact,  \
             __VA_ARGS__)

static const char why[] =
    "each local interrupt arrives at the vector that its LVT or ICR names, "
    "with its ISR bit set but for a spurious one; SDM vol 3, Local APIC";

static const struct stimulus stimuli[] = {
    APIC("apic.timer.ring3", "apic.timer", FROM_RING3, apic_wait3, VEC_timer,
         start_timer, "AP5", .in_service = true),
    APIC("apic.timer.ring0", "apic.timer", FROM_RING0, apic_wait0, VEC_timer,
         start_timer, "AP5", .in_service = true),
    IN_BOTH("apic.self-ipi", "apic.self-ipi", VEC_self_ipi, send_self_ipi,
            "AP1", .in_service = true),
    IN_BOTH("apic.error.raised", "apic.error", VEC_apic_error, send_illegal,
            "AP6 AP22", .in_service = true),
    IN_BOTH("apic.error.by-ipi", "apic.error", VEC_apic_error,
            send_to_error_vector, "AP12 AP1", .in_service = true),
    IN_BOTH("apic.spurious.raised", "apic.spurious", VEC_spurious,
            forbid_what_is_pending, "AP7 AP15", .leaves_pending = true,
            .confidence = CONFIDENCE_MEDIUM),
    IN_BOTH("apic.spurious.by-ipi", "apic.spurious", VEC_spurious,
            send_to_spurious_vector, "AP1 AP7", .in_service = true),
};

void case_apic(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        stimulus_run(&stimuli[i]);
}
