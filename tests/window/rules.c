/* SPDX-License-Identifier: MIT */
/*
 * What each rule makes of a boundary: said here, and tried there.
 *
 * An event's stub has to come to the kernel's GS base, and to give back what
 * it found.  rules_wrong() says where a rule fails to, from what the rule asks
 * and from both bases.  rules_try() finds out, by running it (probe.S) from
 * the handler that stops there.  They know nothing of each other, and must
 * agree.
 *
 * blind does not ask: it is right where the user's base is live, by luck, and
 * wrong wherever it is not.  As a column it shows what the window would be if
 * gates were as simple as SYSCALL's stub.
 *
 * A swap is not always felt.  A stub that has set GS_BASE by MSR, as save-set
 * and stored do, may run with the kernel's base in both places: between
 * SYSCALL and its SWAPGS, KERNEL_GS_BASE holds it as well.  Even blind is
 * right there.
 */
#include "gdt.h"
#include "insn.h"
#include "msr.h"
#include "percpu.h"
#include "walk.h"

#define SEL_CPU ((GDT_SLOTS - 1) * 8)
#define CPU_NUMBER 0x5005u /* in a limit, as a kernel without GS keeps it */

/* The base that is live between the rule's way in and its way out. */
typedef uint64_t probe(const void *frame);
extern probe *const probes[WINDOW_RULES], *const probe_paranoid;

bool rules_wrong(enum window_rule rule, const struct stop *s,
                 uint64_t kernel_gs)
{
    bool swaps = true;

    switch (rule) {
    case WINDOW_BY_CS:
        swaps = s->f.cs & 3;
        break;
    case WINDOW_BY_SIGN:
        swaps = !(s->gs_base >> 63);
        break;
    case WINDOW_BLIND:
        break;
    case WINDOW_SAVE_SET: /* these two set it, wherever they are */
    case WINDOW_STORED:
    case WINDOW_RULES:
        return false;
    }
    return (swaps ? s->kernel_gs_base : s->gs_base) != kernel_gs;
}

static bool right(enum window_rule rule, const struct stop *s,
                  uint64_t kernel_gs, const void *frame)
{
    probe *run = rule == WINDOW_SAVE_SET && !(read_cr4() & CR4_FSGSBASE)
                     ? probe_paranoid
                     : probes[rule];
    /* The base that save-set sets stands in the macro: the harness's own. */
    uint64_t wanted = rule == WINDOW_SAVE_SET ? (uint64_t)percpu : kernel_gs;
    bool in = run(frame) == wanted;
    bool out = rdmsr(MSR_GS_BASE) == s->gs_base &&
               rdmsr(MSR_KERNEL_GS_BASE) == s->kernel_gs_base;

    if (!out)
        engine_set_gs(s->gs_base, s->kernel_gs_base);
    /* What stored keeps may also be the processor's number, in the limit of
     * a segment: LSL, which needs neither GS nor a stack. */
    return in && out && (rule != WINDOW_STORED || lsl(SEL_CPU) == CPU_NUMBER);
}

void rules_try(struct stop *s, uint64_t kernel_gs, const void *frame)
{
    s->wrong = 0;
    for (unsigned r = 0; r < WINDOW_RULES; r++)
        if (!right((enum window_rule)r, s, kernel_gs, frame))
            s->wrong |= (uint8_t)(1u << r);
}

void rules_prepare(void)
{
    gdt[SEL_CPU / 8] = descriptor_limited(
        DESCRIPTOR_PRESENT | DESCRIPTOR_DPL(3) | DESCRIPTOR_DATA, DESCRIPTOR_DB,
        CPU_NUMBER);
}
