/* SPDX-License-Identifier: MIT */
/*
 * Has the code that an event has interrupted got all back?  Asked at the next
 * stop, against what the undisturbed walk has seen there: every register, the
 * selector and both bases of GS, and the words of its stack that are in use.
 *
 * TF and RF are the walk's own business.  SS is not compared: on an IST stack
 * it is the processor's to choose.
 */
#include "injecting.h"
#include "insn.h"
#include "judge.h"
#include "judge/deviation.h"
#include "msr.h"
#include "walking.h"

bool injecting_same_registers(const struct trapframe *a,
                              const struct trapframe *b)
{
    for (unsigned i = 0; i < GENERAL_REGISTERS; i++)
        if (a->general[i] != b->general[i])
            return false;
    return a->rip == b->rip && a->cs == b->cs && a->rsp == b->rsp &&
           !((a->rflags ^ b->rflags) & ~(uint64_t)(FLAG_TF | FLAG_RF));
}

/*
 * A machine that saves RF set for an interrupt has been told of that.  Where it
 * also lets INT n save RF as it stands, an INT that is gone back to shows it
 * once more, in the frame that the stub lies on: neither is the stub's doing.
 */
static void forget_rf(const struct stop *s)
{
    uint64_t *image = walking.frame + FRAME_RFLAGS, was;
    bool user = injecting.f.cs & 3;

    if (!walking.frame || s->f.cs & 3 ||
        !deviation_reported(deviation_of_rf(injecting.vector, user)))
        return;
    if (image < (uint64_t *)s->f.rsp ||
        image >= (uint64_t *)s->f.rsp + s->words)
        return;
    was = s->stack[BELOW_WORDS + (image - (uint64_t *)s->f.rsp)];
    if ((*image ^ was) == FLAG_RF)
        *image = was;
}

static bool same_words(const struct stop *s)
{
    const uint64_t *live = (const uint64_t *)s->f.rsp;

    for (unsigned i = 0; i < s->words; i++)
        if (live[i] != s->stack[BELOW_WORDS + i])
            return false;
    return true;
}

void injecting_name(struct diff *d, const struct stop *s,
                    const struct outcome *o, const struct trapframe *f)
{
    diff_hex(d, "rip", s->f.rip, f->rip);
    diff_hex(d, "cs", s->f.cs, f->cs);
    diff_hex(d, "rsp", s->f.rsp, f->rsp);
    diff_flags(d, "rflags", s->f.rflags & ~(uint64_t)(FLAG_TF | FLAG_RF),
               f->rflags & ~(uint64_t)(FLAG_TF | FLAG_RF));
    for (unsigned i = 0; i < GENERAL_REGISTERS; i++)
        diff_hex(d, given_back_name(i), s->f.general[i], f->general[i]);
    diff_hex(d, "gs base", s->gs_base, o->gs_base);
    diff_hex(d, "kernel gs base", s->kernel_gs_base, o->kernel_gs_base);
    diff_hex(d, "gs selector", s->gs, o->gs);
    diff_hex(d, "cr3", s->cr3, read_cr3());
}

/* What the event has cost the code that it interrupted, by name, at the stop
 * behind it or, with its words unknown, at the end.  The first of them. */
static void name_change(const struct stop *s, const struct outcome *o,
                        const struct trapframe *f)
{
    struct diff *d = &injecting.i->changed;
    const uint64_t *live = (const uint64_t *)s->f.rsp;

    if (diff_any(d))
        return;
    injecting.i->changed_at = injecting.at;
    injecting_name(d, s, o, f);
    for (unsigned i = 0; i < s->words && !diff_any(d); i++)
        diff_hex(d, "a word of the stack", s->stack[BELOW_WORDS + i], live[i]);
}

void injecting_name_end(void)
{
    static struct stop end;
    const struct walk *w = injecting.w;
    const struct outcome *o = engine_last();

    end.f = w->final;
    end.gs_base = w->final_gs;
    end.kernel_gs_base = w->final_kernel_gs;
    end.gs = w->final_selector;
    end.cr3 = read_cr3();
    name_change(&end, o, &o->frame);
}

/* A stub that goes wrong is made good, and the walk goes on. */
void injecting_compare(unsigned n, const struct outcome *o, struct trapframe *f)
{
    const struct stop *s = &injecting.w->stop[n];

    if (n >= injecting.w->stops)
        engine_abandon("goes on where it should have ended");
    injecting.outstanding = false;
    forget_rf(s);
    if (injecting_same_registers(f, &s->f) && o->gs_base == s->gs_base &&
        o->kernel_gs_base == s->kernel_gs_base && o->gs == s->gs &&
        read_cr3() == s->cr3 && same_words(s))
        return;
    if (!injecting.any) /* nothing has been injected yet */
        engine_abandon("does not do the same thing twice");
    injecting.i->at[injecting.at].damaged = true;
    name_change(s, o, f);
    if (o->gs != s->gs)
        write_gs(s->gs); /* and a base, which comes next */
    walk_restore(n, f);
}
