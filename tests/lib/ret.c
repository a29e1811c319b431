/* SPDX-License-Identifier: MIT */
/* Far returns; see ret.h. */
#include "ret.h"

#include "engine/payload.h"
#include "gdt.h"
#include "idt.h"
#include "msr.h"
#include "stacks.h"
#include "vectors.h"

RING3(ret_user, "", "nop", ""); /* the same bytes in compat code */
RING0(ret_kernel, "", "nop", "");

RING0(ret_iretq0, "", "iretq", "");
RING3(ret_iretq3, "", "iretq", "");
RING0(ret_iretd0, "", "iretl", "");
RING3(ret_iretd3, "", "iretl", "");
COMPAT(ret_iretd32, "", "iretl", "");
RING0(ret_lretq0, "", "lretq", "");
RING3(ret_lretq3, "", "lretq", "");
RING0(ret_lretq0_16, "", "lretq $16", "");
RING3(ret_lretq3_16, "", "lretq $16", "");
RING0(ret_lretd0, "", "lretl", "");
RING3(ret_lretd3, "", "lretl", "");
COMPAT(ret_lretd32, "", "lretl", "");

#define BELOW 0x400 /* how far the frame's RSP is from the stimulus's own */
#define IST_BITS (7ull << 32)

static const struct ret *now(void)
{
    return (const struct ret *)stimulus_now()->argument;
}

static bool is_iret(const struct ret *r)
{
    return r->by == BY_IRETQ || r->by == BY_IRETD;
}

static bool is_wide(const struct ret *r)
{
    return r->by == BY_IRETQ || r->by == BY_LRETQ;
}

/* RETs pop SS:RSP on the way out alone; IRET in 64-bit code always. */
static bool pops_stack(const struct ret *r)
{
    unsigned cpl = r->from == FROM_RING0 ? 0 : 3;

    if (is_iret(r) && r->from != FROM_COMPAT)
        return true;
    return (r->frame.cs & 3) > cpl;
}

uint64_t ret_landing(enum origin to)
{
    return (uint64_t)(to == FROM_RING0 ? ret_kernel : ret_user);
}

uint64_t ret_landing_end(enum origin to)
{
    return (uint64_t)(to == FROM_RING0 ? ret_kernel_resume : ret_user_resume);
}

struct ret_frame ret_frame_to(enum origin to)
{
    struct trapframe c = payload_context(to, 0);

    return (struct ret_frame){
        .rip = ret_landing(to),
        .cs = c.cs,
        .rflags = FLAG_ONE | FLAG_IF | FLAG_ZF,
        .rsp = c.rsp - BELOW,
        .ss = c.ss,
    };
}

/* The frame as the instruction finds it: n elements of its size. */
static unsigned lay_out(const struct ret *r, uint64_t *element)
{
    unsigned n = 0;

    element[n++] = r->frame.rip;
    element[n++] = r->frame.cs;
    if (is_iret(r))
        element[n++] = r->frame.rflags;
    for (unsigned i = 0; i < r->imm16 / 8; i++)
        element[n++] = 0; /* the parameters that imm16 skips */
    if (pops_stack(r)) {
        element[n++] = r->frame.rsp;
        element[n++] = r->frame.ss;
    }
    return n;
}

static uint64_t found; /* IST slot of the gate that is lent one, in place */

void ret_before(struct trapframe *c)
{
    const struct ret *r = now();
    uint64_t element[8];
    unsigned n = lay_out(r, element);

    gdt[SEL_RET_CODE / 8] = r->code;
    gdt[SEL_RET_DATA / 8] = r->data;
    if (r->ist) {
        uint64_t *low = &idt[stimulus_now()->vector].low;

        found = *low & IST_BITS;
        *low = (*low & ~IST_BITS) | (uint64_t)r->ist << 32;
    }
    if (r->rflags)
        c->rflags = r->rflags;
    if (r->rsp)
        c->rsp = r->rsp;
    for (unsigned i = 0; i < n && !r->no_frame; i++)
        if (is_wide(r))
            ((uint64_t *)c->rsp)[i] = element[i];
        else
            ((uint32_t *)c->rsp)[i] = (uint32_t)element[i];
}

void ret_after(void)
{
    gdt[SEL_RET_CODE / 8] = gdt[SEL_RET_DATA / 8] = 0;
    if (now()->ist) {
        uint64_t *low = &idt[stimulus_now()->vector].low;

        *low = (*low & ~IST_BITS) | found;
    }
}

/* A fault that came behind the return: go on where that should have led. */
void ret_mend(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    const struct stimulus *s = stimulus_now();
    unsigned cpl = s->from == FROM_RING0 ? 0 : 3;

    (void)nth;
    if ((f->cs & 3) > cpl || o->frame.rip == (uint64_t)ret_user)
        f->rip = (uint64_t)ret_user_resume;
}

uint64_t ret_rflags(unsigned cpl, uint64_t old, uint64_t image)
{
    uint64_t loaded = ARITHMETIC_FLAGS | FLAG_TF | FLAG_DF | FLAG_NT | FLAG_RF |
                      FLAG_AC | FLAG_ID;

    if (cpl <= (old & FLAG_IOPL) / (FLAG_IOPL & -FLAG_IOPL))
        loaded |= FLAG_IF;
    if (!cpl)
        loaded |= FLAG_IOPL | FLAG_VIF | FLAG_VIP;
    return (old & ~loaded) | (image & loaded) | FLAG_ONE;
}

struct trapframe ret_arrive(const struct ret *r, const struct trapframe *c)
{
    struct trapframe a = *c;
    uint64_t element[8], rip = r->frame.rip;
    unsigned size = is_wide(r) ? 8 : 4, n = lay_out(r, element);

    a.rip = is_wide(r) ? rip : (uint32_t)rip;
    a.cs = r->frame.cs;
    if (is_iret(r))
        a.rflags = ret_rflags(c->cs & 3, c->rflags, r->frame.rflags);
    if (!pops_stack(r)) {
        a.rsp = c->rsp + n * size;
        return a;
    }
    a.rsp = r->frame.rsp + (is_iret(r) ? 0 : r->imm16);
    if (!is_wide(r))
        a.rsp = (uint32_t)a.rsp;
    a.ss = r->frame.ss;
    return a;
}

static bool to_compat(const struct ret *r)
{
    if ((r->frame.cs & ~3u) == SEL_RET_CODE)
        return !(r->code >> 53 & 1); /* L */
    return r->frame.cs == SEL_USER_CS32;
}

void ret_want_at(struct want *w, unsigned i, const struct stimulus *s,
                 const struct trapframe *c)
{
    want_at(w, i, s, c);
    if (to_compat((const struct ret *)s->argument)) { /* SDM vol 1, 3.4.1.1 */
        w->event[i].compat = true;
        w->event[i].any |= 0xffull << FIELD_r15;
    }
}

void ret_expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct trapframe a = ret_arrive(now(), stimulus_context());

    (void)amd;
    if (s->vector == VEC_gate)
        ret_want_at(w, 0, s, &a);
}

const struct ret_form ret_forms[RET_FORMS] = {
    {"iretq", BY_IRETQ, FROM_RING0, FROM_RING3},
    {"iretq", BY_IRETQ, FROM_RING0, FROM_COMPAT},
    {"iretq", BY_IRETQ, FROM_RING0, FROM_RING0},
    {"iretq", BY_IRETQ, FROM_RING3, FROM_RING3},
    {"iretd", BY_IRETD, FROM_COMPAT, FROM_COMPAT},
    {"lretq", BY_LRETQ, FROM_RING0, FROM_RING3},
    {"lretq", BY_LRETQ, FROM_RING0, FROM_RING0},
    {"lretq", BY_LRETQ, FROM_RING3, FROM_RING3},
    {"lretd", BY_LRETD, FROM_COMPAT, FROM_COMPAT},
};

const char *ret_way(const struct ret *r, enum origin to)
{
    static const char *const way[FROM_COUNT][FROM_COUNT] = {
        {"ring3-ring3", "ring3-compat", "ring3-ring0"},
        {"compat-ring3", "compat-compat", "compat-ring0"},
        {"ring0-ring3", "ring0-compat", "ring0-ring0"},
    };

    return way[r->from][to];
}

struct stimulus ret_stimulus(const struct ret *r)
{
    static const struct snippet code[][FROM_COUNT] =
        {
            [BY_IRETQ] = {SNIPPET(ret_iretq3), {0}, SNIPPET(ret_iretq0)},
            [BY_IRETD] = {SNIPPET(ret_iretd3), SNIPPET(ret_iretd32),
                          SNIPPET(ret_iretd0)},
            [BY_LRETQ] = {SNIPPET(ret_lretq3), {0}, SNIPPET(ret_lretq0)},
            [BY_LRETD] = {SNIPPET(ret_lretd3), SNIPPET(ret_lretd32),
                          SNIPPET(ret_lretd0)},
        },
                                with_imm16[FROM_COUNT] = {
                                    SNIPPET(ret_lretq3_16),
                                    {0},
                                    SNIPPET(ret_lretq0_16)};
    struct stimulus s = {
        .from = r->from,
        .vector = VEC_gate,
        .saved = SAVED_AT,
        .before = ret_before,
        .after = ret_after,
        .mend = ret_mend,
        .expect = ret_expect,
        .argument = (uint64_t)r,
    };

    stimulus_code(&s, r->imm16 ? &with_imm16[r->from] : &code[r->by][r->from]);
    return s;
}
