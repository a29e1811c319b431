/* SPDX-License-Identifier: MIT */
/*
 * Data breakpoints: accesses that are not spelled out as such, several causes
 * at once, and DR6 that was not clear before.
 *
 * PUSH, CALL and RET are accesses to the stack, and a string move is two: all
 * that it hits is told in one trap.  So is TF: BS and the breakpoint's bit come
 * together.  Inside a REP the trap may be late by some iterations, but it comes
 * once.
 *
 * DR6 is sticky.  BS that nobody cleared stays; B0 to B3 were seen to be
 * written anew each time, though the manual says so of "certain" exceptions
 * only.
 */
#include "insn.h"
#include "lib/debug.h"
#include "lib/sequence.h"
#include "macros.h"
#include "vectors.h"

RING3(more_inc, "", "incl (%rbx)", "nop");
RING3(more_locked, "", "lock xadd %eax, (%rbx)", "nop");
RING3(more_xchg, "", "xchg %eax, (%rbx)", "nop");
RING3(more_cmpxchg, "", "cmpxchg %ecx, (%rbx)", "nop");
RING3(more_push, "", "push %rax", "nop");
RING3(more_pop, "", "pop %rax", "nop");
RING3(more_call, "", "call 1f\n1:", "nop");
RING3(more_ret, "", "ret", "nop");
RING3(more_movs, "", "movsl", "nop");
RING3(more_rep, "", "rep stosb", "nop");
RING3(more_load, "", "mov (%rbx), %eax", "nop");
RING3(more_sse, "", "movups %xmm0, (%rbx)", "nop");
RING3(more_lea, "", "lea (%rbx), %rbx", "nop");
RING3(more_nop, "", "nopl (%rbx)", "nop");
RING0(more_load0, "", "mov (%rbx), %eax", "nop");

static uint64_t words[4] __attribute__((section(".user.data"), aligned(32)));
#define REP_COUNT 16

enum {               /* the argument: what else is set up */
       BESIDE = 1,   /* DR1 on the word behind */
       TWICE = 2,    /* DR2 on the same word as DR0 */
       STEPPED = 4,  /* TF */
       STALE_BS = 8, /* DR6.BS was left */
       STALE_B1 = 16,
};

/* RBX, RSI, RSP all lead to the watched word or right behind it. */
static void before(struct trapframe *c)
{
    const struct stimulus *s = stimulus_now();
    uint64_t address = (uint64_t)&words[1];

    words[1] = words[2] = 0;
    c->rax = 0;
    c->rbx = c->rsi = address;
    c->rdi = address + 8;
    if (s->start == more_push || s->start == more_call) {
        address = c->rsp - 8;
    } else if (s->start == more_pop || s->start == more_ret) {
        c->rsp -= 8;
        address = c->rsp;
        *(volatile uint64_t *)address =
            s->start == more_ret ? (uint64_t)s->resume : 0;
    } else if (s->start == more_rep) {
        c->rdi = address - REP_COUNT / 2;
        c->rcx = REP_COUNT;
    } else if (s->start == more_sse) {
        c->rbx -= 8;
    }
    debug_arm(0, address, DEBUG_ACCESS, s->start == more_rep ? 1 : 4);
    if (s->argument & BESIDE)
        debug_arm_too(1, (uint64_t)&words[2], DEBUG_WRITE, 4);
    if (s->argument & TWICE)
        debug_arm_too(2, address, DEBUG_ACCESS, 4);
    if (s->argument & STEPPED)
        debug_step(c);
    write_dr6(DR6_CLEAR | (s->argument & STALE_BS ? DR6_BS : 0) |
              (s->argument & STALE_B1 ? DR6_B(1) : 0));
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct sequence q;
    struct wanted *e;

    sequence_begin(&q, s, w);
    if (s->start == more_push || s->start == more_call)
        q.c.rsp -= 8;
    if (s->start == more_pop || s->start == more_ret)
        q.c.rsp += 8;
    if (s->start == more_movs)
        q.c.rsi += 4, q.c.rdi += 4;
    if (s->address) {
        e = sequence_db(&q, s->resume, s->address);
        if (s->start == more_rep) {
            e->any |= ANY(rip) | ANY(rcx) | ANY(rdi);
            e->any_flags |= FLAG_RF;
        }
    }
    if (s->start == more_rep) {
        q.c.rdi += q.c.rcx;
        q.c.rcx = 0;
    }
    sequence_end(&q);
}

static const char why[] = "every access of an instruction counts, and one #DB "
                          "tells of all that it hit; "
                          "SDM vol 3, Debug Status Register (DR6)";

#define MORE_OF(name, ring, origin, code, causes, setup, ...)                  \
    {                                                                          \
        .id = "watch." name "." ring, .from = origin, CODE(code),              \
        .vector = VEC_db, .address = causes, .argument = setup,                \
        .before = before, .after = debug_off, .expect = expect,                \
        .mend = sequence_mend, .why = why, __VA_ARGS__                         \
    }
#define MORE(name, code, causes, setup, ...)                                   \
    MORE_OF(name, "ring3", FROM_RING3, code, causes, setup, __VA_ARGS__)
#define IMPLICIT(name, code, ...)                                              \
    MORE(name, code, DR6_B(0), 0, .facts = "DB24 DB15", __VA_ARGS__)

static const struct stimulus stimuli[] = {
    IMPLICIT("read-modify-write", more_inc, .flags_changed = ARITHMETIC_FLAGS),
    IMPLICIT("locked", more_locked, .flags_changed = ARITHMETIC_FLAGS),
    IMPLICIT("xchg", more_xchg, .clobbers = 0),
    IMPLICIT("cmpxchg", more_cmpxchg, .flags_changed = ARITHMETIC_FLAGS),
    IMPLICIT("push", more_push, .clobbers = 0),
    IMPLICIT("pop", more_pop, .clobbers = 0),
    IMPLICIT("call", more_call, .clobbers = 0),
    IMPLICIT("ret", more_ret, .clobbers = 0),
    IMPLICIT("sse", more_sse, .clobbers = 0),
    IMPLICIT("rep", more_rep, .clobbers = 0),
    MORE("lea", more_lea, 0, 0, .facts = "DB24"),
    MORE("nop", more_nop, 0, 0, .facts = "DB24"),
    MORE("move", more_movs, DR6_B(0) | DR6_B(1), BESIDE, .facts = "DB15"),
    MORE("twice", more_load, DR6_B(0) | DR6_B(2), TWICE, .facts = "DB15"),
    MORE("stepped", more_load, DR6_B(0) | DR6_BS, STEPPED, .facts = "DB15"),
    MORE_OF("stepped", "ring0", FROM_RING0, more_load0, DR6_B(0) | DR6_BS,
            STEPPED, .facts = "DB15"),
    MORE("stale-bs", more_load, DR6_B(0) | DR6_BS, STALE_BS, .facts = "DB22"),
    MORE("stale-b1", more_load, DR6_B(0), STALE_B1, .facts = "DB22",
         .confidence = CONFIDENCE_MEDIUM),
    MORE("stale-both", more_load, DR6_B(0) | DR6_BS, STALE_BS | STALE_B1,
         .facts = "DB22", .confidence = CONFIDENCE_MEDIUM),
    MORE_OF("stale-both", "ring0", FROM_RING0, more_load0, DR6_B(0) | DR6_BS,
            STALE_BS | STALE_B1, .facts = "DB22",
            .confidence = CONFIDENCE_MEDIUM),
};

void case_db_watch_more(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        check_run(&stimuli[i]);
}
