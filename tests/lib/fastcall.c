/* SPDX-License-Identifier: MIT */
/* SYSCALL, SYSRET, SYSENTER, SYSEXIT: model and wants; see fastcall.h. */
#include "fastcall.h"

#include "engine/payload.h"
#include "fastcall_lend.h"
#include "msr.h"
#include "selectors.h"
#include "stacks.h"
#include "vectors.h"

#define GATE_BYTES 2 /* INT imm8, which ends every stimulus */

RING3(landing64, "", "nop", "");
COMPAT(landing32, "", "nop", "");

void do_syscall(struct trapframe *c, unsigned vector)
{
    bool wide = vector == VEC_SYSCALL64;
    uint64_t next = (uint64_t)stimulus_now()->resume;

    c->rcx = wide ? next : (uint32_t)next;
    c->r11 = c->rflags & ~(uint64_t)FLAG_RF;
    c->rip = wide ? lent_msr.lstar : lent_msr.cstar;
    c->cs = lent_msr.star >> 32 & 0xfffc;
    c->ss = (c->cs + 8) & 0xffff;
    c->rflags = (c->r11 & ~(uint64_t)(uint32_t)lent_msr.fmask) | FLAG_ONE;
}

void do_sysret(struct trapframe *c, bool wide, bool amd)
{
    uint64_t base = lent_msr.star >> 48;

    c->rip = wide ? c->rcx : (uint32_t)c->rcx;
    c->cs = ((base + (wide ? 16 : 0)) & 0xffff) | 3;
    c->ss = ((base + 8) & 0xffff) | (amd ? 0 : 3);
    c->rflags = (c->r11 & SYSRET_FLAGS) | FLAG_ONE;
}

void do_sysenter(struct trapframe *c)
{
    c->rip = lent_msr.eip;
    c->rsp = lent_msr.esp;
    c->cs = lent_msr.cs & 0xfffc;
    c->ss = (c->cs + 8) & 0xffff;
    c->rflags &= ~(uint64_t)(FLAG_IF | FLAG_RF);
}

void do_sysexit(struct trapframe *c, bool wide)
{
    c->rip = wide ? c->rdx : (uint32_t)c->rdx;
    c->rsp = wide ? c->rcx : (uint32_t)c->rcx;
    c->cs = ((lent_msr.cs + (wide ? 32 : 16)) & 0xffff) | 3;
    c->ss = ((lent_msr.cs + (wide ? 40 : 24)) & 0xffff) | 3;
    c->rflags &= ~(uint64_t)FLAG_RF;
}

/* Upper halves and R8 to R15 are not compat code's: SDM vol 1, 3.4.1.1. */
static void want_compat(struct wanted *e)
{
    e->compat = true;
    e->any |= 0xffull << FIELD_r15;
}

void want_event(struct want *w, unsigned i, unsigned vector, uint64_t error,
                uint64_t address, const struct trapframe *c)
{
    const struct stimulus *now = stimulus_now();
    struct stimulus s = {
        .from = now->from,
        .at = (const char *)c->rip,
        .saved = SAVED_AT,
        .vector = vector,
        .error_code = vector_info(vector)->error_code,
        .error = error,
        .address = address,
        .clobbers = now->clobbers,
        .flags_changed = now->flags_changed,
    };
    struct wanted *e = &w->event[i];

    want_at(w, i, &s, c);
    e->after_syscall = c->rip == lent_msr.lstar || c->rip == lent_msr.cstar;
    if (c->cs == SEL_USER_CS32)
        want_compat(e);
}

void want_call(struct want *w, unsigned i, unsigned vector,
               const struct trapframe *c)
{
    struct stimulus s = *stimulus_now();
    struct outcome *o = &w->event[i].o;

    s.vector = vector;
    want_at(w, i, &s, c);
    o->frame.rcx = c->rcx;
    o->frame.r11 = c->r11;
    o->rflags = c->rflags;
    o->rsp = o->frame.rsp = c->rsp;
    o->cs = (uint16_t)c->cs;
    o->ss = (uint16_t)c->ss;
}

void want_gate(struct want *w, unsigned i, const struct trapframe *c, bool wide,
               const char *gate)
{
    want_event(w, i, VEC_gate, 0, 0, c);
    w->event[i].any &= ~ANY(rip);
    w->event[i].o.frame.rip = (uint64_t)gate + GATE_BYTES;
    if (!wide)
        want_compat(&w->event[i]);
}

void want_back(struct want *w, unsigned i, const struct trapframe *c)
{
    struct trapframe back = *stimulus_context();

    for (unsigned r = 0; r < 15; r++)
        back.general[r] = c->general[r];
    want_gate(w, i, &back, stimulus_now()->from != FROM_COMPAT,
              stimulus_now()->resume);
}

void want_landed(struct want *w, unsigned i, const struct trapframe *c,
                 bool wide)
{
    want_gate(w, i, c, wide, wide ? landing64_resume : landing32_resume);
}

void expect_call(const struct stimulus *s, struct want *w, bool amd)
{
    struct trapframe c = *stimulus_context();
    unsigned n = 0;

    (void)amd;
    if (s->vector == VEC_SYSENTER)
        do_sysenter(&c);
    else
        do_syscall(&c, s->vector);
    if (c.rflags & FLAG_TF) {
        want_event(w, n++, VEC_db, 0, DR6_BS, &c);
        c.rflags &= ~(uint64_t)FLAG_TF; /* as a kernel would */
    }
    want_call(w, n, s->vector, &c);
    if (n)
        w->event[n].o.dr6 |= DR6_BS; /* nobody has cleared it */
    want_back(w, n + 1, &c);
}

void expect_or_ud(const struct stimulus *s, struct want *w, bool amd)
{
    if (amd)
        want_vector(w, VEC_ud);
    else if (s->vector >= VECTORS)
        expect_call(s, w, amd);
}

void sysexit_to_landing(struct trapframe *c, bool wide)
{
    c->rdx = (uint64_t)landing(wide);
    c->rcx = user_stack_top();
}

const char *landing(bool wide)
{
    return wide ? landing64 : landing32;
}

uint64_t user_stack_top(void)
{
    return payload_context(FROM_RING3, landing64).rsp;
}
