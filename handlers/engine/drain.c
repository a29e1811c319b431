/* SPDX-License-Identifier: MIT */
/*
 * Interrupts that nobody waited for: taken here, between two runs, or the next
 * one would be interrupted by what this one has left pending.
 */
#include "apic.h"
#include "gdt.h"
#include "msr.h"
#include "running.h"
#include "snippet.h"
#include "stacks.h"

/* Interrupts come in on its first instruction, and again after each IRETQ. */
RING0(drain_nothing, "", "nop", "");

static struct drained drained;

static struct trapframe *take(struct outcome *o)
{
    static struct trapframe f;

    if (!drained.count++)
        drained.vector = (unsigned)o->frame.vector;
    apic_quiesce();
    f = o->frame;
    return &f;
}

struct drained engine_drain(void)
{
    static const struct run r = {.on_event = take};
    struct trapframe c = {
        .rip = (uint64_t)drain_nothing,
        .cs = selectors.kernel_cs,
        .rflags = FLAG_ONE | FLAG_IF,
        .rsp = STACK_TOP(STACK_ring0) - 8,
        .ss = selectors.kernel_ss,
    };
    /* The run that this cleans up after is still being looked at. */
    struct outcome last = running.last;
    enum run_end end = running.end;

    drained = (struct drained){0, 0};
    engine_run(&r, &c);
    running.last = last;
    running.end = end;
    return drained;
}
