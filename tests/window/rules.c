/* SPDX-License-Identifier: MIT */
/*
 * What each rule would make of a boundary.
 *
 * An event's stub has to come to the kernel's GS base, and to give back what
 * it found.  by-cs and by-sign ask whether to swap; blind does not ask; these
 * three are right when they swap where the user's base is live and nowhere
 * else.  save-set and stored ask nothing and set the base: they are executed
 * here, as far as this machine has the instructions.
 */
#include "gdt.h"
#include "insn.h"
#include "msr.h"
#include "walk.h"

#define SEL_CPU ((GDT_SLOTS - 1) * 8)
#define CPU_NUMBER 0x5005u /* in a limit, as a kernel without GS keeps it */

static void set_gs(bool fsgsbase, uint64_t base)
{
    if (fsgsbase)
        wrgsbase(base);
    else
        wrmsr(MSR_GS_BASE, base);
}

/* Sets the base, and gives back the one that was found. */
static bool would_set(bool fsgsbase, uint64_t base, uint64_t kernel,
                      uint64_t expected)
{
    uint64_t found = fsgsbase ? rdgsbase() : rdmsr(MSR_GS_BASE);
    bool right;

    set_gs(fsgsbase, base);
    right = rdmsr(MSR_GS_BASE) == kernel;
    set_gs(fsgsbase, found);
    return right && rdmsr(MSR_GS_BASE) == expected;
}

void rules_apply(struct stop *s, uint64_t kernel_gs, uint64_t frame_end)
{
    bool fsgsbase = read_cr4() & CR4_FSGSBASE, right[WINDOW_RULES];

    right[WINDOW_BY_CS] = ((s->f.cs & 3) == 3) == s->users;
    right[WINDOW_BY_SIGN] = !(s->gs_base >> 63) == s->users;
    right[WINDOW_BLIND] = s->users;
    right[WINDOW_SAVE_SET] =
        would_set(fsgsbase, kernel_gs, kernel_gs, s->gs_base);
    /* The base lies above the event's frame, at the end of its IST stack;
     * what else a kernel would want there is in a segment's limit. */
    right[WINDOW_STORED] =
        would_set(false, *(uint64_t *)frame_end, kernel_gs, s->gs_base) &&
        lsl(SEL_CPU) == CPU_NUMBER;
    s->wrong = 0;
    for (unsigned r = 0; r < WINDOW_RULES; r++)
        if (!right[r])
            s->wrong |= (uint8_t)(1u << r);
}

void rules_prepare(void)
{
    gdt[SEL_CPU / 8] = descriptor_limited(
        DESCRIPTOR_PRESENT | DESCRIPTOR_DPL(3) | DESCRIPTOR_DATA, DESCRIPTOR_DB,
        CPU_NUMBER);
}
