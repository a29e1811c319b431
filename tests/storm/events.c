/* SPDX-License-Identifier: MIT */
/*
 * What is let loose from inside a handler, at random: an NMI or an interrupt
 * for this processor or another one, a timer tick soon, single steps through
 * the stub.  When it comes is nobody's plan.
 *
 * The published limits of a specimen are kept to: no second event on an IST
 * stack in use, but where its stub says that it nests.  So a handler of #DB or
 * NMI is not stepped, and neither is code on their stacks.
 */
#include "apic.h"
#include "engine/processors.h"
#include "msr.h"
#include "own.h"
#include "stacks.h"
#include "vectors.h"

#define ONE_IN_32 31 /* of entries */
#define ONE_IN_128 127
#define ONE_IN_4 3
#define TIMER_SHIFT_MIN 6 /* ticks: from 2^6 on ... */
#define TIMER_SHIFTS 9    /* ... to below 2^15 */
#define IRQ_FIRST 0x20
#define IRQS 0xcc /* those below VEC_cost */

uint64_t storm_random(void)
{
    uint64_t x = storming.random;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return storming.random = x;
}

uint8_t storm_irq_vector(uint64_t random)
{
    unsigned v = IRQ_FIRST + (unsigned)(random % IRQS);

    return storming.specimen->gates && vector_in_array(v) ? (uint8_t)v
                                                          : VEC_WINDOW_IRQ;
}

/* To a processor by its number, or to this one.  The ICR has two halves: an
 * NMI's handler that comes in between keeps its hands off. */
static void send(unsigned other, uint32_t delivery, uint8_t vector)
{
    storming.sending = true;
    if (other) {
        apic_send(processor_apic_id(other - 1), delivery, vector);
        if (!apic_is_x2apic()) /* where ring 3 counts on it */
            apic_write(APIC_ICR_HIGH, apic_id() << 24);
    } else {
        apic_send_self(delivery, vector);
    }
    storming.sending = false;
}

static void tell(unsigned n)
{
    send(n + 1, APIC_DELIVER_FIXED, storm_irq_vector(storm_random()));
}

static void send_something(uint64_t r)
{
    bool irqs = storming.timer_vector;
    unsigned other = storm_other(r >> 32);

    if (r & 1 ? storming.nmis : !irqs) {
        if (storming.nmis)
            send(other, APIC_DELIVER_NMI, 0);
    } else if (irqs) {
        send(other, APIC_DELIVER_FIXED, storm_irq_vector(r >> 8));
    }
}

static void start_timer(uint64_t r)
{
    unsigned shift = TIMER_SHIFT_MIN + (unsigned)(r % TIMER_SHIFTS);

    apic_write(APIC_TIMER_INITIAL,
               (1u << shift) + (uint32_t)(r >> 8 & ((1u << shift) - 1)));
}

static bool on_ist(uint64_t rsp)
{
    enum stack stack = stack_at(rsp);

    return stack == STACK_nmi || stack == STACK_db;
}

/* Into ring 0's own code: TF in the frame, until harness code or an exit. */
static void step_interrupted(const struct entry *e)
{
    struct trapframe *f = e->f;

    if (f && !(f->cs & 3) && !storm_is_call(e->vector) &&
        engine_under_test(f->rip) && !on_ist(f->rsp))
        f->rflags |= FLAG_TF;
}

static bool may_be_stepped(const struct entry *e)
{
    return storming.steps && e->f && e->vector != VEC_db &&
           e->vector != VEC_nmi && !on_ist(e->f->rsp) && storming.depth == 1;
}

/* Any IRET opens NMIs, and the next one comes onto this one's stack: to a stub
 * that says it survives that. */
static void open_nmis(void)
{
    storming.inner = true;
    __asm__ volatile("int $0x80" ::: "memory");
    storming.inner = false;
}

leave storm_disturb(const struct entry *e)
{
    uint64_t r = storm_random();

    if (e->vector == VECTOR_UNKNOWN || !storm_is_call(e->vector))
        storm_flush(r);
    if (e->vector == VEC_nmi && storming.nests && !(r >> 50 & ONE_IN_4))
        open_nmis();
    if (storming.sending || !storm_may_send())
        ;
    else if (!(r & ONE_IN_32))
        send_something(r >> 6);
    else if (!(r >> 5 & ONE_IN_128) && storming.timer_vector &&
             storming.depth == 1)
        storm_shoot(r >> 12, tell);
    if (!(r >> 40 & ONE_IN_32) && storming.timer_vector)
        start_timer(r >> 45);
    if (storming.steps && e->vector != VEC_db && !(r >> 20 & ONE_IN_4))
        step_interrupted(e);
    return !(r >> 30 & ONE_IN_128) && may_be_stepped(e) ? LEAVE_STEPPED : 0;
}
