/* SPDX-License-Identifier: MIT */
/*
 * A processor sends itself every vector that an APIC may send: 16 to 255.
 *
 * Vectors 16 to 31 are legal, though exceptions live there: an interrupt at
 * #AC's, #CP's or #VC's vector comes without the error code that the
 * exception would have brought, and its image has RF clear, for it is no
 * fault.  A handler that pops an error code by the vector's number alone goes
 * wrong here; so does an emulator that pushes one by it.
 *
 * From 0x20 up irq.c has been in ring 3 and in ring 0 already: here compat
 * code is interrupted, and the vectors that irq.c leaves out are sent.  The
 * destination is this processor's own id, the shorthand for "self", or in
 * x2APIC mode the register that does nothing else.
 */
#include "fmt.h"
#include "lib/lapic.h"
#include "lib/origin.h"
#include "vectors.h"

#define FIRST_LEGAL 16
#define OTHER_WAYS 0x51 /* the vector that is sent by these */
#define MSR_SELF_IPI 0x83f

static const char why[] =
    "an IPI to self comes at its own vector, 16 to 255, without an error code, "
    "ISR bit set until EOI; SDM vol 3, Valid Interrupt Vectors";

static void send(struct trapframe *c)
{
    (void)c;
    lapic_request((uint8_t)stimulus_now()->vector);
}

static void send_ist(struct trapframe *c)
{
    lapic_lend_ist((uint8_t)stimulus_now()->vector);
    send(c);
}

static void send_by_shorthand(struct trapframe *c)
{
    (void)c;
    apic_send_self(APIC_SHORTHAND_SELF, OTHER_WAYS);
    WAIT_UNTIL(lapic_a_moment(), apic_requested(OTHER_WAYS));
}

static void send_by_msr(struct trapframe *c)
{
    (void)c;
    wrmsr(MSR_SELF_IPI, OTHER_WAYS);
    WAIT_UNTIL(lapic_a_moment(), apic_requested(OTHER_WAYS));
}

static const char *unless_x2apic(const struct stimulus *s)
{
    (void)s;
    return apic_is_x2apic() ? 0 : lapic_no_x2apic;
}

static void run(enum origin from, unsigned vector, const char *how,
                void (*before)(struct trapframe *))
{
    struct stimulus s = lapic_stimulus(from, lapic_spin, vector);
    char id[32];

    s.id = id;
    s.before = before;
    s.unfit = before == send_by_msr ? unless_x2apic : 0;
    s.facts = "AP1";
    s.why = why;
    fmt(id, sizeof(id), "lapic.ipi.%02x%s.%s", vector, how, origin_ids[from]);
    check_run(&s);
}

void case_lapic_ipi(void)
{
    lapic_begin();
    for (unsigned v = FIRST_LEGAL; v < VECTORS; v++) {
        if (v == VEC_gate) /* the harness's: there a run ends */
            continue;
        run(FROM_COMPAT, v, "", send);
        if (vector_in_array(v))
            continue;
        run(FROM_RING3, v, "", send);
        run(FROM_RING0, v, "", send);
        for (enum origin from = 0; from < FROM_COUNT; from++)
            run(from, v, ".ist", send_ist);
    }
    for (enum origin from = 0; from < FROM_COUNT; from++) {
        run(from, OTHER_WAYS, ".shorthand", send_by_shorthand);
        run(from, OTHER_WAYS, ".self-ipi", send_by_msr);
    }
}
