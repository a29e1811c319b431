/* SPDX-License-Identifier: MIT */
/*
 * The interrupt array: every vector from 0x20 up that points nowhere else
 * must reach one common handler with its own number, from ring 3 and from
 * ring 0.  Each is raised for real, by an IPI to self that is pending when
 * the context with IF=1 is entered.
 *
 * No vendors differ here.  Good is one entry at that very vector, no error
 * code, the vector's bit in service until the EOI, and GS swapped from ring 3
 * alone.  What it is after is the one stub among two hundred that pushes its
 * neighbour's number, takes an error code that is not there, or was left out
 * of the IDT: a test of one vector does not find it, and a kernel finds it
 * with the first device that is given that vector.
 */
#include "apic.h"
#include "fmt.h"
#include "judge/stimulus.h"
#include "lib/origin.h"
#include "vectors.h"

RING3(irq_spin3, "", SPIN(1000), "");
RING0(irq_spin0, "", SPIN(1000), "");

static unsigned vector;

/* Interrupts are off: it stays requested until the context opens IF. */
static void send(struct trapframe *context)
{
    (void)context;
    apic_request((uint8_t)vector);
}

static void run(enum origin from)
{
    char id[32], path[16];
    struct stimulus s = {
        .id = id,
        .path = path,
        .from = from,
        .start = from == FROM_RING0 ? irq_spin0 : irq_spin3,
        .at = from == FROM_RING0 ? irq_spin0_at : irq_spin3_at,
        .resume = from == FROM_RING0 ? irq_spin0_resume : irq_spin3_resume,
        .vector = vector,
        .saved = SAVED_WITHIN,
        .clobbers = REG_RCX,
        .flags_changed = ARITHMETIC_FLAGS,
        .in_service = true,
        .before = send,
        .in_handler = stimulus_stop_spinning,
        .facts = "AP1",
        .why = "a fixed interrupt is delivered with its own vector and without "
               "an error code; SDM vol 3, Interrupt and Exception Handling",
    };

    fmt(path, sizeof(path), "irq.%02x", vector);
    fmt(id, sizeof(id), "irq.%02x.%s", vector, origin_ids[from]);
    stimulus_run(&s);
}

void case_irq(void)
{
    for (vector = VEC_FIRST_IRQ; vector < VECTORS; vector++) {
        if (!vector_in_array(vector))
            continue;
        run(FROM_RING3);
        run(FROM_RING0);
    }
}
