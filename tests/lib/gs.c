/* SPDX-License-Identifier: MIT */
/* What the cases about FS and GS share; see gs.h. */
#include "gs.h"

#include "gdt.h"
#include "insn.h"
#include "msr.h"

void gs_set(const struct gs_state *g)
{
    write_fs(g->fs);
    write_gs(g->gs);
    wrmsr(MSR_FS_BASE, g->fs_base);
    wrmsr(MSR_GS_BASE, g->gs_base);
    wrmsr(MSR_KERNEL_GS_BASE, g->kernel_gs_base);
}

void gs_want(struct want *w, unsigned n, const struct gs_state *g)
{
    for (; n < w->count; n++) {
        struct outcome *o = &w->event[n].o;

        o->fs = g->fs;
        o->gs = g->gs;
        o->fs_base = g->fs_base;
        o->gs_base = g->gs_base;
        o->kernel_gs_base = g->kernel_gs_base;
    }
}

void gs_after(void)
{
    wrmsr(MSR_FS_BASE, 0);
    gdt_clear_spare();
    write_cr4(read_cr4() & ~(uint64_t)CR4_FSGSBASE);
}

void gs_want_ring3(struct want *w, const struct trapframe *c)
{
    struct wanted *gate = &w->event[w->count - 1];

    gate->o.frame.cs = c->cs;
    gate->o.frame.rflags = c->rflags;
    gate->o.frame.rsp = c->rsp;
    gate->o.frame.ss = c->ss;
}
