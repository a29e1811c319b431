/* SPDX-License-Identifier: MIT */
/*
 * What the manuals say of every entry; see predict.h.
 *
 * The prediction begins with "nothing has changed": the handler finds every
 * register, base and selector as the context had it.  Then comes what an entry
 * does, and there are two kinds: through a gate, where the processor pushes a
 * frame and switches stacks by the TSS; and by SYSCALL or SYSENTER, where it
 * does neither.  What neither the manuals nor the case decide is marked `any',
 * each time with the reason.
 *
 * It is made from the tables as they stood when the run began, not from those
 * that the harness meant to have: a case that changes a gate's IST or type need
 * not say what follows from that.
 */
#include "predict.h"

#include "gdt.h"
#include "idt.h"
#include "msr.h"
#include "selectors.h"
#include "stacks.h"
#include "syscall.h"
#include "vectors.h"

#define FRAME_BYTES 40 /* five quadwords; the error code is one more */

/* What no entry may change, and what every handler finds. */
static struct wanted unchanged(const struct start *x)
{
    struct wanted e = {
        .o =
            {
                .frame = x->context,
                .cs = SEL_KERNEL_CS,
                .gs_base = x->gs_base,
                .kernel_gs_base = x->kernel_gs_base,
                .cr2 = CR2_BEFORE,
                .dr6 = DR6_CLEAR,
                .dr7 = x->dr7,
            },
        .any_flags = x->s->flags_changed,
    };

    for (unsigned i = 0; i < GENERAL_REGISTERS; i++)
        if (x->s->clobbers >> i & 1)
            e.any |= 1ull << (FIELD_r15 + i);
    /* R8 to R15 are not compat code's: what they are when it leaves is not
     * defined (SDM vol 1, 3.4.1.1). */
    if (x->s->from == FROM_COMPAT)
        e.any |= 0xffull << FIELD_r15;
    return e;
}

/* SYSCALL and SYSENTER: no frame; registers hold what there is of one. */
static void msr_entry(struct wanted *e, const struct start *x, unsigned vector)
{
    bool sysenter = vector == VEC_SYSENTER;
    struct outcome *o = &e->o;

    e->any |= ANY(rip) | ANY(saved_cs) | ANY(saved_rflags) | ANY(saved_ss) |
              ANY(pushed) | ANY(error);
    o->ss = SEL_KERNEL_SS;
    o->rsp = sysenter ? STACK_TOP(STACK_rsp0) : x->context.rsp;
    if (sysenter) {
        e->any |= ANY(saved_rsp);
        o->rflags = x->context.rflags & ~(uint64_t)(FLAG_IF | FLAG_RF);
        return;
    }
    /* R8-R15 are compat code's business no more, but R11 is SYSCALL's. */
    e->any &= ~(ANY(r11) | ANY(rcx));
    o->frame.rcx = (uint64_t)x->s->resume;
    o->frame.r11 = x->context.rflags & ~(uint64_t)FLAG_RF;
    if (x->s->flags_changed)
        e->any |= ANY(r11);
    o->rflags =
        (x->context.rflags & ~(uint64_t)(SYSCALL_FMASK | FLAG_RF)) | FLAG_ONE;
}

void start_tables(struct start *x)
{
    x->top[0] = tss.rsp[0];
    for (unsigned slot = 1; slot <= 7; slot++)
        x->top[slot] = tss.ist[slot - 1];
    for (unsigned v = 0; v < 256; v++) {
        x->gate[v].ist = idt[v].low >> 32 & 7;
        x->gate[v].type = idt[v].low >> 40 & 0xf;
    }
}

/* RSP at the handler's first instruction.  A gate with an IST slot switches
 * always, one without only when the privilege changes; in 64-bit mode the
 * processor aligns the new RSP to 16 whichever it is, before it pushes: SDM
 * vol 3, "64-Bit Mode Stack Frame". */
static uint64_t handler_rsp(const struct start *x, unsigned vector,
                            bool error_code)
{
    unsigned ist = x->gate[vector].ist;
    bool same = !ist && !(x->context.cs & 3);
    uint64_t top = same ? x->context.rsp : x->top[ist];

    return (top & ~15ull) - FRAME_BYTES - (error_code ? 8 : 0);
}

static void gate_entry(struct wanted *e, const struct start *x, unsigned vector)
{
    const struct stimulus *s = x->s;
    unsigned ist = x->gate[vector].ist;
    struct outcome *o = &e->o;
    bool inner = !(x->context.cs & 3);
    /* INT n is a trap whatever the vector, and no exception. */
    bool fault =
        vector_info(vector)->class == FAULT && s->saved != SAVED_RESUME;
    uint64_t cleared = FLAG_TF | FLAG_NT | FLAG_RF;

    if (s->software || s->in_service)
        e->rf_as = s->software ? VEC_int80 : VEC_FIRST_IRQ;
    o->error_code = s->error_code;
    o->frame.error_code = s->error;
    o->frame.rip = (uint64_t)(s->saved == SAVED_AT ? s->at : s->resume);
    if (s->saved == SAVED_WITHIN || s->saved == SAVED_ANY)
        e->any |= ANY(rip);
    if (s->saved == SAVED_ANY) /* and what came before it left CR2 */
        e->any |= ANY_FRAME | ANY(cr2);
    /* So that an instruction breakpoint there is not hit again on return. */
    if (fault)
        o->frame.rflags |= FLAG_RF;
    if (x->gate[vector].type != GATE_TRAP)
        cleared |= FLAG_IF;
    o->rflags = x->context.rflags & ~cleared;

    o->rsp = handler_rsp(x, vector, s->error_code);
    if (inner) {
        o->ss = (uint16_t)x->context.ss;
        if (ist) /* the manuals disagree: NULL or unchanged */
            e->any |= ANY(ss);
    }
    if (vector == VEC_pf && fault)
        o->cr2 = s->address;
    if (vector == VEC_db)
        o->dr6 |= s->address;
}

/* At the gate: the context as it was, and the gate's own stack. */
static void gate_of_harness(struct wanted *e, const struct start *x)
{
    struct outcome *o = &e->o;

    /* Where the code ends is its own affair, and CR2 and DR6 are as the last
     * event left them: see compare_return(). */
    e->any |= ANY(rip) | ANY(cr2) | ANY(dr6);
    if (!(x->context.cs & 3)) /* by IST in ring 0: the manuals disagree */
        e->any |= ANY(ss);
    if (x->s->vector >= VECTORS)
        e->any |= ANY(rcx) | ANY(r11);
    o->rsp = handler_rsp(x, VEC_gate, false);
    /* mend() ends single-stepping; RF is a moment's. */
    o->frame.rflags &= ~(uint64_t)(FLAG_RF | FLAG_TF);
    o->rflags = o->frame.rflags & ~(uint64_t)(FLAG_IF | FLAG_NT);
    e->any_flags |= FLAG_RF;
}

static struct wanted *append(struct want *w, const struct start *x,
                             unsigned vector)
{
    struct wanted *e = &w->event[w->count++];

    *e = unchanged(x);
    e->o.frame.vector = vector;
    e->o.frame.error_code = 0;
    return e;
}

void predict(struct want *w, const struct start *x)
{
    unsigned n = x->s->entries ? x->s->entries : 1;

    w->count = 0;
    if (x->s->vector == VEC_gate) /* nothing enters: the code runs on */
        n = x->s->entries;
    for (unsigned i = 0; i < n && i < WANT_MAX - 1; i++) {
        struct wanted *e = append(w, x, x->s->vector);

        if (x->s->vector >= VECTORS)
            msr_entry(e, x, x->s->vector);
        else
            gate_entry(e, x, x->s->vector);
    }
    gate_of_harness(append(w, x, VEC_gate), x);
}
