/* SPDX-License-Identifier: MIT */
/*
 * There and back: a kernel whose whole system call is SYSRETQ.
 *
 * Of all registers only RCX, R11, and what the two take their values from,
 * may have changed: the data selectors, the bases of FS and GS, the debug
 * registers and XMM0 to XMM15 are as before.  The calling convention of every
 * 64-bit kernel rests on it, and so does TLS.
 *
 * Called from ring 0, SYSRET still goes to ring 3, at an address that is the
 * kernel's: the instructions know no caller.
 */
#include "insn.h"
#include "layout.h"
#include "lib/fastcall.h"
#include "macros.h"
#include "msr.h"
#include "selectors.h"
#include "vectors.h"

RING0(trip_sysretq, "", "sysretq", "");
RING3(trip_plain, "", "syscall", "");
RING0(trip_ring0, "", "syscall", "");

/* Selectors that ring 3 may have, and a base that no descriptor gives. */
RING3(trip_selectors,
      "mov $" STRING(SEL_USER_SS) ", %eax\nmov %eax, %ds\nmov %eax, %es\n"
                                  "mov %eax, %fs",
      "syscall", "");
#define FS_BASE_OF_USER VA_USER_DATA

/* General registers to XMM registers, and back once the trip is over. */
#define EACH(f)                                                                \
    f(0, rax) f(1, rbx) f(2, rdx) f(3, rsi) f(4, rdi) f(5, rbp) f(6, r8)       \
        f(7, r9) f(8, r10) f(9, r12) f(10, r13) f(11, r14) f(12, r15)
#define EACH_MORE(f) f(13, rax) f(14, rbx) f(15, rdx)
#define TO_XMM(n, r) "movq %" #r ", %xmm" #n "\n"
#define FROM_XMM(n, r) "movq %xmm" #n ", %" #r "\n"
RING3(trip_xmm, EACH(TO_XMM), "syscall", EACH(FROM_XMM));
RING3(trip_xmm_more, EACH_MORE(TO_XMM), "syscall", EACH_MORE(FROM_XMM));

static void to_sysretq(struct trapframe *c)
{
    (void)c;
    lend_msr(MSR_LSTAR, (uint64_t)trip_sysretq);
}

static void with_bases(struct trapframe *c)
{
    to_sysretq(c);
    wrmsr(MSR_FS_BASE, FS_BASE_OF_USER);
}

static void after_selectors(void)
{
    write_ds(0);
    write_es(0);
    write_fs(0);
    fastcall_restore();
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct trapframe c = *stimulus_context();
    struct outcome *o = &w->event[0].o;

    do_syscall(&c, VEC_SYSCALL64);
    do_sysret(&c, true, amd);
    if (s->from == FROM_RING0) { /* ring 3 cannot fetch from there */
        want_event(w, 0, VEC_pf, PF_USER | PF_PRESENT | fetch_bit(), c.rip, &c);
        want_back(w, 1, &c);
        return;
    }
    want_gate(w, 0, &c, true, s->resume);
    if (s->argument) /* more code before the gate */
        w->event[0].any |= ANY(rip);
    if (s->before == with_bases)
        o->fs_base = FS_BASE_OF_USER;
    if (s->start == trip_selectors)
        o->ds = o->es = o->fs = SEL_USER_SS;
}

#define TRIP(name, origin, code, hook, ...)                                    \
    {                                                                          \
        .id = name, .from = origin, CODE(code), .vector = VEC_gate,            \
        .before = hook, .expect = expect, .facts = "SC32 SC17", .why = why,    \
        __VA_ARGS__                                                            \
    }

static const char why[] =
    "SYSCALL and SYSRET change RCX, R11, RIP, RFLAGS, CS and SS, nothing else; "
    "SDM vol 2 SYSCALL, SYSRET";

static const struct stimulus stimuli[] = {
    TRIP("syscall64.trip.registers", FROM_RING3, trip_plain, to_sysretq,
         .argument = 0),
    TRIP("syscall64.trip.fs-base", FROM_RING3, trip_plain, with_bases,
         .argument = 0),
    TRIP("syscall64.trip.selectors", FROM_RING3, trip_selectors, to_sysretq,
         .after = after_selectors, .clobbers = REG_RAX),
    TRIP("syscall64.trip.xmm0-12", FROM_RING3, trip_xmm, to_sysretq,
         .argument = 1),
    TRIP("syscall64.trip.xmm13-15", FROM_RING3, trip_xmm_more, to_sysretq,
         .argument = 1),
    TRIP("syscall64.trip.from-ring0", FROM_RING0, trip_ring0, to_sysretq,
         .argument = 0),
};

void case_syscall_trip(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        fastcall_run(&stimuli[i]);
}
