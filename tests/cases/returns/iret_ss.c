/* SPDX-License-Identifier: MIT */
/*
 * IRET and stack segments: the null one, the rings between, the 16-bit one.
 *
 * In 64-bit mode SS hardly matters, so a null SS may be returned to, but only
 * below CPL 3, and by the manual only with its RPL equal to the CPL (the
 * emulators do not ask that; nor is it known that silicon does).
 *
 * To compat code with a 16-bit stack segment IRET restores SP alone: bits
 * 31:16 of ESP are left as the kernel had them, and ring 3 reads a part of
 * the kernel's stack pointer.  Linux has espfix64 for this alone.  Whether it
 * is so in 64-bit code with such an SS nobody says.
 */
#include "fmt.h"
#include "gdt.h"
#include "lib/ret.h"
#include "vectors.h"

#define CODE_64(dpl) descriptor_flat(0x9b | (dpl) << 5, 0xa)
#define DATA_32(dpl) descriptor_flat(0x93 | (dpl) << 5, 0xc)
#define DATA_16(dpl) (descriptor_flat(0x93 | (dpl) << 5, 0) & ~(0xfull << 48))

static const char null_ss[] =
    "a null SS may be returned to below CPL 3 in 64-bit mode, where its RPL is "
    "the new CPL; SDM vol 2 IRET";

static void run(struct ret *r, const char *name, const char *facts,
                const char *why, enum confidence confidence)
{
    struct stimulus s = ret_stimulus(r);

    s.id = name;
    s.facts = facts;
    s.why = why;
    s.confidence = confidence;
    check_run(&s);
}

/* To CPL 0, 1 and 2, with SS as it ought to be and null with each RPL. */
static void run_ring(unsigned cpl, const char *by_name, enum ret_by by)
{
    struct ret r = {
        .from = FROM_RING0,
        .by = by,
        .frame = ret_frame_to(FROM_RING0),
        .code = CODE_64(cpl),
        .data = DATA_32(cpl),
    };
    char id[44];

    r.frame.cs = SEL_RET_CODE | cpl;
    r.frame.ss = SEL_RET_DATA | cpl;
    fmt(id, sizeof(id), "%s.ring0-ring%u.ss.good", by_name, cpl);
    run(&r, id, "IR4",
        "every ring can be returned to with a writable SS of its own; SDM vol "
        "2 IRET, RET",
        CONFIDENCE_HIGH);
    if (!cpl && by == BY_LRETQ)
        return; /* pops no SS */
    for (unsigned rpl = 0; rpl < 4; rpl++) {
        r.frame.ss = rpl;
        fmt(id, sizeof(id), "%s.ring0-ring%u.ss.null-%u", by_name, cpl, rpl);
        if (rpl == cpl) {
            run(&r, id, "IR4", null_ss, CONFIDENCE_HIGH);
        } else {
            struct stimulus s = ret_stimulus(&r);

            s.id = id;
            s.vector = VEC_gp;
            s.error_code = true;
            s.confidence = CONFIDENCE_VALUE;
            s.facts = "IR4";
            s.why = null_ss;
            check_run(&s);
        }
    }
}

COMPAT(ss_read_esp, "", "mov %esp, %ebx", "");

/* Of ESP only SP is restored; what else RSP holds in compat code is open. */
static void expect_leak(const struct stimulus *s, struct want *w, bool amd)
{
    const struct trapframe *c = stimulus_context();
    struct trapframe a = ret_arrive((const struct ret *)s->argument, c);

    (void)amd;
    a.rbx = (c->rsp & 0xffff0000) | (a.rsp & 0xffff);
    ret_want_at(w, 0, s, &a);
    w->event[0].any |= ANY(saved_rsp);
}

static void run_16bit(enum origin to, const char *id,
                      enum confidence confidence)
{
    struct ret r = {
        .from = FROM_RING0,
        .by = BY_IRETQ,
        .frame = ret_frame_to(to),
        .data = DATA_16(3),
    };
    struct stimulus s = ret_stimulus(&r);

    r.frame.ss = SEL_RET_DATA | 3;
    s.id = id;
    s.confidence = confidence;
    if (to == FROM_COMPAT) {
        r.frame.rip = (uint64_t)ss_read_esp;
        s.expect = expect_leak;
    }
    s.facts = "IR5";
    s.why = "to a 16-bit SS only SP is restored, and ESP[31:16] of the kernel "
            "shows in compat code: Linux's espfix; SDM vol 2 IRET";
    check_run(&s);
}

void case_iret_ss(void)
{
    for (unsigned cpl = 0; cpl < 3; cpl++) {
        run_ring(cpl, "iretq", BY_IRETQ);
        run_ring(cpl, "lretq", BY_LRETQ);
    }
    run_16bit(FROM_COMPAT, "iretq.ring0-compat.ss.16-bit", CONFIDENCE_HIGH);
    run_16bit(FROM_RING3, "iretq.ring0-ring3.ss.16-bit", CONFIDENCE_VALUE);
}
