/* SPDX-License-Identifier: MIT */
/* Expectations of more than one event; see sequence.h. */
#include "sequence.h"

#include "debug.h"
#include "idt.h"
#include "insn.h"
#include "msr.h"
#include "syscall.h"
#include "vectors.h"

void sequence_begin(struct sequence *q, const struct stimulus *s,
                    struct want *w)
{
    *q = (struct sequence){.want = w, .s = s, .c = *stimulus_context()};
    w->count = 0;
}

static struct wanted *append(struct sequence *q, const struct stimulus *s)
{
    unsigned i = q->want->count;

    if (i == WANT_MAX)
        return &q->want->event[i - 1];
    want_at(q->want, i, s, &q->c);
    return &q->want->event[i];
}

static struct wanted *event(struct sequence *q, unsigned vector,
                            const char *rip, uint64_t causes)
{
    struct stimulus s = *q->s;

    s.vector = vector;
    s.software = s.software && vector == q->s->vector;
    s.in_service = s.in_service && vector == q->s->vector;
    s.saved = SAVED_AT;
    s.at = rip;
    s.entries = 1;
    s.error_code = vector < VECTORS && vector_info(vector)->error_code;
    if (!s.error_code)
        s.error = 0;
    if (vector == VEC_db)
        s.address = causes;
    return append(q, &s);
}

struct wanted *sequence_event(struct sequence *q, unsigned vector,
                              const char *rip)
{
    return event(q, vector, rip, 0);
}

struct wanted *sequence_db(struct sequence *q, const char *rip, uint64_t causes)
{
    return event(q, VEC_db, rip, causes);
}

const char *sequence_handler(unsigned vector)
{
    switch (vector) {
    case VEC_SYSCALL64:
        return capture_syscall64;
    case VEC_SYSCALL32:
        return capture_syscall32;
    case VEC_SYSENTER:
        return capture_sysenter;
    }
    return capture_stubs[vector];
}

struct wanted *sequence_in_handler(struct sequence *q, unsigned vector,
                                   uint64_t causes)
{
    struct wanted outer = q->want->event[--q->want->count], *inner;
    unsigned handled = (unsigned)outer.o.frame.vector;
    struct trapframe code = q->c;

    q->c = outer.o.frame;
    q->c.cs = outer.o.cs;
    q->c.ss = outer.o.ss;
    q->c.rsp = outer.o.rsp;
    q->c.rflags = outer.o.rflags;
    inner = event(q, vector, sequence_handler(handled), causes);
    inner->any |= outer.any & ANY_GENERAL;
    if (outer.any & ANY(ss))
        inner->any |= ANY(saved_ss) | ANY(ss);
    inner->any_flags |= outer.any_flags;
    inner->after_syscall = handled == VEC_SYSCALL64 || handled == VEC_SYSCALL32;
    inner->o.cr2 = outer.o.cr2;
    q->c = code;
    if (q->want->count < WANT_MAX)
        q->want->event[q->want->count++] = outer;
    return inner;
}

struct wanted *sequence_end(struct sequence *q)
{
    struct stimulus s = *q->s;

    s.vector = VEC_gate;
    return append(q, &s);
}

void sequence_mend(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    (void)nth;
    if (o->frame.vector != VEC_db)
        return;
    write_dr6(DR6_CLEAR);
    if (!debug_breakpoint_at(o->frame.rip))
        f->rflags &= ~(uint64_t)FLAG_RF;
}
