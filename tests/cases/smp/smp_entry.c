/* SPDX-License-Identifier: MIT */
/*
 * The entry that another processor has caused, on the processor that takes it.
 *
 * An IPI is an interrupt like any other, and an NMI from elsewhere is an NMI:
 * nothing on the frame says who has sent it.  But what it interrupts is not
 * what it would be with one's own: the sender cannot know what the target is
 * doing, and no instruction of the target's has led to it.  So each field of
 * the entry is held against the same prediction as ever, and the specimen's
 * decision about SWAPGS is judged, on each processor in turn.
 */
#include "apic.h"
#include "lib/remote.h"
#include "lib/smp.h"
#include "macros.h"
#include "vectors.h"

#define IPI 0xf9  /* of the interrupt array */
#define OTHERS 15 /* one after the other: of many these */

RING3(smp_entry3, REMOTE_ASK, WAIT, "");
RING0(smp_entry0, REMOTE_ASK, WAIT, "");

static void send(unsigned n, const struct stimulus *s)
{
    if (s->vector == VEC_nmi)
        apic_send(processor_apic_id(n), APIC_DELIVER_NMI, 0);
    else
        apic_send(processor_apic_id(n), APIC_DELIVER_FIXED, (uint8_t)s->vector);
}

static const char *unfit(const struct stimulus *s)
{
    (void)s;
    return smp_unfit_together();
}

#define FROM_ANOTHER(name, row, origin, code, number, fact, text, ...)         \
    {                                                                          \
        .id = name, .path = row, .from = origin, CODE(code), .vector = number, \
        .saved = SAVED_WITHIN, .clobbers = WAIT_CLOBBERS,                      \
        .flags_changed = ARITHMETIC_FLAGS, .before = remote_before,            \
        .in_handler = stimulus_stop_spinning, .unfit = unfit, .facts = fact,   \
        .why = text, __VA_ARGS__                                               \
    }

static const char ipi[] =
    "an IPI is an interrupt at its vector, with an ISR bit until the EOI; SDM "
    "vol 3, Issuing Interprocessor Interrupts";
static const char nmi[] =
    "an NMI from another processor is an NMI, on its IST stack; SDM vol 3, "
    "Nonmaskable Interrupt (NMI)";

static const struct stimulus stimuli[] = {
    FROM_ANOTHER("apic.ipi.ring3", "apic.ipi", FROM_RING3, smp_entry3, IPI,
                 "AP28", ipi, .in_service = true),
    FROM_ANOTHER("apic.ipi.ring0", "apic.ipi", FROM_RING0, smp_entry0, IPI,
                 "AP28", ipi, .in_service = true),
    FROM_ANOTHER("apic.nmi.ring3", "apic.nmi", FROM_RING3, smp_entry3, VEC_nmi,
                 "AP34 NM12", nmi),
    FROM_ANOTHER("apic.nmi.ring0", "apic.nmi", FROM_RING0, smp_entry0, VEC_nmi,
                 "AP34 NM12", nmi),
};

void case_smp_entry(void)
{
    unsigned others = smp_start() - 1;

    if (others > OTHERS)
        others = OTHERS;
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        remote_run(&stimuli[i], others, send);
}
