/* SPDX-License-Identifier: MIT */
/*
 * Single-stepping over every way out of ring 0: when does the first trap come,
 * and where?
 *
 * IRETQ is like POPF: one that starts with TF set traps behind itself, and so
 * in ring 3, whatever it pops; one that sets TF has no trap, and ring 3 gets
 * through one instruction.  LRETQ and SYSEXIT load no flags: stepped, they
 * trap in ring 3, before its first instruction.
 *
 * SYSRET is the exception: what counts is the TF that it loads from R11.  The
 * trap comes at once, before ring 3 has done anything (on this both vendors
 * agree; debuggers count on it), and if R11 cleared TF there is none.
 */
#include "engine/payload.h"
#include "engine/persona.h"
#include "lib/debug.h"
#include "lib/fastcall.h"
#include "lib/sequence.h"
#include "macros.h"
#include "selectors.h"
#include "vectors.h"

#define NOP 1 /* its length in bytes */

RING0(out_sysretq, "", "sysretq", "");
RING0(out_sysretl, "", "sysretl", "");
RING0(out_sysexitq, "", "sysexitq", "");
RING0(out_sysexitl, "", "sysexitl", "");
RING0(out_lretq, "", "lretq", "");
RING0(out_iretq, "", "iretq", "");
/* Where they lead. */
RING3(out_target, "", "nop", "nop");
COMPAT(out_target32, "", "nop", "nop");

enum { LIVE = 1, LOADED = 2, SHORT = 4 }; /* where TF is set; to compat code */

static const char *target(const struct stimulus *s)
{
    return s->argument & SHORT ? out_target32 : out_target;
}

static uint64_t cs(const struct stimulus *s)
{
    return s->argument & SHORT ? SEL_USER_CS32 : SEL_USER_CS64;
}

static uint64_t loaded_flags(const struct stimulus *s)
{
    return FLAG_ONE | FLAG_IF | FLAG_ZF | (s->argument & LOADED ? FLAG_TF : 0);
}

/* All that any of them needs: registers, and a frame on ring 3's stack. */
static void leave_ring0(struct trapframe *c)
{
    const struct stimulus *s = stimulus_now();
    struct trapframe user = payload_context(FROM_RING3, target(s));
    volatile uint64_t *frame;

    c->rsp = user.rsp;
    frame = (volatile uint64_t *)user.rsp;
    *frame++ = (uint64_t)target(s);
    *frame++ = cs(s);
    if (s->start == out_iretq)
        *frame++ = loaded_flags(s);
    *frame++ = user.rsp;
    *frame++ = SEL_USER_SS;
    c->rcx = user.rsp;
    c->rdx = (uint64_t)target(s);
    if (s->start == out_sysretq || s->start == out_sysretl)
        c->rcx = (uint64_t)target(s);
    c->r11 = loaded_flags(s);
    if (s->argument & LIVE)
        debug_step(c);
}

static bool loads_flags(const struct stimulus *s)
{
    return s->start != out_lretq && s->start != out_sysexitq &&
           s->start != out_sysexitl;
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    bool sysret = s->start == out_sysretq || s->start == out_sysretl;
    bool at_once = sysret ? s->argument & LOADED : s->argument & LIVE;
    struct sequence q;

    sequence_begin(&q, s, w);
    q.c.cs = cs(s);
    q.c.ss = s->start == out_sysexitq ? SEL_SYSEXIT_SS : SEL_USER_SS;
    if (loads_flags(s))
        q.c.rflags = loaded_flags(s);
    if (at_once)
        sequence_db(&q, target(s), DR6_BS);
    else if (s->argument & LOADED)
        sequence_db(&q, target(s) + NOP, DR6_BS);
    sequence_end(&q);
    for (unsigned i = 0; s->argument & SHORT && i < w->count; i++) {
        w->event[i].compat = true;
        w->event[i].any |= 0xffull << FIELD_r15;
    }
}

static const char *without_sysexit(const struct stimulus *s)
{
    return persona.amd ? "SYSEXIT is #UD in long mode on AMD"
                       : unless_sysexit(s);
}

static const char why[] =
    "IRET, LRET and SYSEXIT trap by the TF they start with, SYSRET by the one "
    "it "
    "loads; SDM vol 3, Single-Step Exception; vol 2 SYSRET";

#define OUT(name, code, tf, ...)                                               \
    {                                                                          \
        .id = "step-out." name, .from = FROM_RING0, CODE(code),                \
        .vector = VEC_db, .argument = tf, .before = leave_ring0,               \
        .after = debug_off, .expect = expect, .mend = sequence_mend,           \
        .facts = "DB9 SC10 SE13 DB25", .why = why, __VA_ARGS__                 \
    }

static const struct stimulus stimuli[] = {
    OUT("sysretq.loads-tf", out_sysretq, LOADED),
    OUT("sysretl.loads-tf", out_sysretl, LOADED | SHORT),
    OUT("sysretq.stepped", out_sysretq, LIVE, .confidence = CONFIDENCE_MEDIUM),
    OUT("sysretl.stepped", out_sysretl, LIVE | SHORT,
        .confidence = CONFIDENCE_MEDIUM),
    OUT("sysretq.both", out_sysretq, LIVE | LOADED),
    OUT("sysexitq.stepped", out_sysexitq, LIVE, .unfit = without_sysexit),
    OUT("sysexitl.stepped", out_sysexitl, LIVE | SHORT,
        .unfit = without_sysexit),
    OUT("lretq.stepped", out_lretq, LIVE),
    OUT("lretq.stepped.compat", out_lretq, LIVE | SHORT),
    OUT("iretq.loads-tf", out_iretq, LOADED),
    OUT("iretq.loads-tf.compat", out_iretq, LOADED | SHORT),
    OUT("iretq.stepped", out_iretq, LIVE),
    OUT("iretq.stepped.compat", out_iretq, LIVE | SHORT),
    OUT("iretq.both", out_iretq, LIVE | LOADED),
};

void case_db_step_out(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        check_run(&stimuli[i]);
}
