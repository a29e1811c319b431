/* SPDX-License-Identifier: MIT */
/*
 * NMI: from ring 3, from ring 0, and one more while in the handler.
 *
 * An NMI ignores IF, and can land anywhere: so its stub cannot trust the
 * frame's CS, and asks the MSR.  While it is handled the processor holds one
 * more back, until an IRET; that one is then taken before any instruction of
 * the interrupted code: its frame has the same RIP as the first one's.
 */
#include "apic.h"
#include "fmt.h"
#include "insn.h"
#include "judge/stimulus.h"
#include "lib/lapic.h"
#include "record/result.h"
#include "vectors.h"

RING3(nmi_code3, "", "nop", "");
RING0(nmi_code0, "", "nop", "");

static volatile unsigned depth, nested;

static void send_one_more(unsigned nth)
{
    depth++;
    nested += depth > 1;
    if (nth == 0) {
        apic_send_self(APIC_DELIVER_NMI, 0);
        WAIT_UNTIL(lapic_a_moment(), false); /* it must not come */
    }
    depth--;
}

#define NMI(name, origin, code)                                                \
    {                                                                          \
        .id = name, .path = "nmi", .from = origin, CODE(code),                 \
        .vector = VEC_nmi, .saved = SAVED_AT, .nmi = true,                     \
        .facts = "NM12 NM2 NM1 IR10",                                          \
        .why =                                                                 \
            "an NMI is taken on its IST stack whatever IF says; one more is "  \
            "held until IRET; SDM vol 3, Nonmaskable Interrupt",               \
    }

static const struct stimulus stimuli[] = {
    NMI("nmi.ring3", FROM_RING3, nmi_code3),
    NMI("nmi.ring0", FROM_RING0, nmi_code0),
};

static void run_nested(const struct stimulus *like, const char *id)
{
    struct stimulus s = *like;

    s.id = id;
    s.entries = 2;
    s.in_handler = send_one_more;
    stimulus_run(&s);
}

void case_nmi(void)
{
    struct record_check held = {.id = "nmi.held"};

    stimulus_run(&stimuli[0]);
    stimulus_run(&stimuli[1]);
    depth = nested = 0;
    run_nested(&stimuli[0], "nmi.one-more.ring3");
    run_nested(&stimuli[1], "nmi.one-more.ring0");

    held.verdict = nested ? VERDICT_FAIL : VERDICT_PASS;
    if (nested) {
        fmt(held.expected, sizeof(held.expected), "held until IRET");
        fmt(held.seen, sizeof(held.seen), "%u taken inside the handler",
            nested);
    }
    fmt(held.facts, sizeof(held.facts), "NM2");
    fmt(held.why, sizeof(held.why), "%s", stimuli[0].why);
    result_check(&held);
}
