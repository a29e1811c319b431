/* SPDX-License-Identifier: MIT */
/*
 * #PF in the middle of an interrupt's delivery.
 *
 * The interrupt's stack is not there.  The #PF is the kernel's (U clear, W
 * set), its frame is the interrupted code's, and it says nothing of EXT: a
 * #PF's error code has no such bit.  The interrupt has been taken all the
 * same: its bit is in service, and until there is an EOI the local APIC will
 * deliver none of its class or below.  A kernel that only mends the page
 * never hears of a timer again.
 */
#include "apic.h"
#include "gdt.h"
#include "idt.h"
#include "insn.h"
#include "judge/diff.h"
#include "judge/stimulus.h"
#include "macros.h"
#include "msr.h"
#include "stacks.h"
#include "vectors.h"

RING3(delivery_spin3, "", SPIN(10000), "");
COMPAT(delivery_spin32, "",
       "mov $10000, %ecx\n1: cmpl $0, %cs:stimulus_stop\njne 2f\ndec %ecx\n"
       "jnz 1b\n2:",
       "");
RING0(delivery_spin0, "", SPIN(10000), "");

#define NO_STACK STACK_BOTTOM(STACK_spare) /* the guard is right below */
#define FRAME_MAX 48

static bool in_service;

static void before(struct trapframe *c)
{
    (void)c;
    in_service = false;
    tss.ist[IST_spare - 1] = NO_STACK;
    idt[VEC_self_ipi].low |= (uint64_t)IST_spare << 32;
    apic_request(VEC_self_ipi);
}

static void after(void)
{
    tss.ist[IST_spare - 1] = STACK_TOP(STACK_spare);
    idt[VEC_self_ipi].low &= ~(7ull << 32);
}

static void end_of_interrupt(unsigned nth)
{
    (void)nth;
    in_service = apic_in_service(VEC_self_ipi);
    apic_eoi();
    stimulus_stop = 1;
}

/* Which of the frame's quadwords is written first is not fixed; whether the
 * image has RF is said of faults of instructions alone. */
static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    (void)s;
    (void)amd;
    w->event[0].any |= ANY(cr2);
    w->event[0].any_flags |= FLAG_RF;
}

static void look_at_address(unsigned nth, const struct outcome *o,
                            struct trapframe *f)
{
    (void)f;
    if (nth || o->frame.vector != VEC_pf)
        return;
    if (o->cr2 >= NO_STACK || o->cr2 < NO_STACK - FRAME_MAX)
        engine_abandon("#PF with CR2 %llx, which is not on that stack",
                       (unsigned long long)o->cr2);
}

static void also(const struct stimulus *s, struct diff *d)
{
    (void)s;
    diff_text(d, "in service", "yes", in_service ? "yes" : "no");
}

#define DELIVERY(name, ring, code)                                             \
    {                                                                          \
        .id = "pf.in-delivery." name, .from = ring, CODE(code),                \
        .vector = VEC_pf, .error_code = true, .error = 2, /* write */          \
            .saved = SAVED_WITHIN, .clobbers = REG_RCX,                        \
        .flags_changed = ARITHMETIC_FLAGS, .confidence = CONFIDENCE_MEDIUM,    \
        .expect = expect, .also = also, .before = before, .after = after,      \
        .in_handler = end_of_interrupt, .mend = look_at_address,               \
        .facts = "EX20",                                                       \
        .why =                                                                 \
            "an interrupt whose delivery is #PF has been taken: in service, "  \
            "until EOI; SDM vol 3, 6.13 and 10.8.4",                           \
    }

void case_pf_delivery(void)
{
    static const struct stimulus stimuli[] = {
        DELIVERY("ring3", FROM_RING3, delivery_spin3),
        DELIVERY("compat", FROM_COMPAT, delivery_spin32),
        DELIVERY("ring0", FROM_RING0, delivery_spin0),
    };

    for (unsigned i = 0; i < COUNT(stimuli); i++)
        check_run(&stimuli[i]);
}
