/* SPDX-License-Identifier: MIT */
/*
 * An NMI exactly on a chosen instruction, on any processor.
 *
 * An NMI that is sent to oneself arrives when the local APIC gets round to it:
 * some instructions later, nobody can say how many.  But while an NMI is being
 * handled, the next one is held (one, not more), and the IRETQ that ends the
 * handler lets it in at once: in front of the first instruction behind the
 * IRETQ (SDM vol 3, "Handling Multiple NMIs").
 *
 * So there are two.  The first is sent where its time of arrival does not
 * matter: the harness waits for it in a loop.  Its handler sends the second,
 * gives it time to be latched, and leaves by IRETQ into the context under
 * test.  The second lands on that context's first instruction, through the
 * gate that the context would have met.
 */
#include "apic.h"
#include "handoff.h"
#include "idt.h"
#include "insn.h"
#include "patience.h"
#include "running.h"
#include "vectors.h"

#define NMI_WAIT 10 /* of a second, one part in so many */
/* Reads of a port nobody decodes, about 1 us each: on a real bus, where an
 * emulator needs none. */
#define LATCH_READS 8
#define PORT_DELAY 0x80

static struct {
    volatile bool armed;
    struct trapframe target; /* where the second one is to land */
    struct gate gate;        /* and through what */
    void (*ask)(void);       /* for the second, or NULL: sends it here */
} pair;

/* The first one's gate, until then: the harness's own.  ist: whose stack has
 * no frame on it that is still needed. */
void nmi_pair_arm(const struct trapframe *target, unsigned ist)
{
    pair.target = *target;
    pair.gate = idt[VEC_nmi];
    idt[VEC_nmi] = gate_make(capture_stubs[VEC_nmi], GATE_INTERRUPT, ist, 0);
    pair.armed = true;
}

_Noreturn void nmi_pair_begin(void)
{
    apic_send_self(APIC_DELIVER_NMI, 0);
    WAIT_UNTIL(handoff.tsc_hz / NMI_WAIT, !pair.armed);
    running_end(RUN_NO_NMI);
}

bool nmi_pair_armed(void)
{
    return pair.armed;
}

_Noreturn void nmi_pair_first(void)
{
    nmi_pair_disarm();
    if (pair.ask)
        pair.ask();
    else
        apic_send_self(APIC_DELIVER_NMI, 0);
    for (unsigned i = 0; i < LATCH_READS; i++)
        inb(PORT_DELAY);
    go_context(&pair.target);
}

void engine_nmi_from(void (*ask)(void))
{
    pair.ask = ask;
}

void nmi_pair_disarm(void)
{
    if (!pair.armed)
        return;
    pair.armed = false;
    idt[VEC_nmi] = pair.gate;
}

_Noreturn void engine_go_with_nmi(const struct trapframe *context)
{
    running.busy = false;
    /* On #DF's stack: this may be called from an NMI's handler, whose frame
     * the first of the pair would overwrite. */
    nmi_pair_arm(context, IST_df);
    nmi_pair_begin();
}
