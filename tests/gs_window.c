/* SPDX-License-Identifier: MIT */
/*
 * Every instruction of an entry path, and which rule would be right there.
 *
 * From the moment that a path has entered ring 0 until its SWAPGS is done, and
 * again from the exit's SWAPGS until the last instruction has left ring 0, the
 * user's GS base is live while any event's frame says "ring 0".  An event's
 * stub that goes by CS is wrong just there.  One that asks for the base's sign
 * is right everywhere, as long as users' bases are positive; with a negative
 * one, which WRGSBASE lets ring 3 have, it is wrong wherever the user's base is
 * live, in ring 3 too.  One that saves the base and sets its own, or that finds
 * its own on its IST stack, need not ask and is right everywhere.
 *
 * Here each rule is applied at every instruction of every path, by the #DB
 * handler that stops there, and held against the number of SWAPGS executed so
 * far.  (That an event's own stub survives is window.c's question.)
 */
#include "apic.h"
#include "callgate.h"
#include "case.h"
#include "diff.h"
#include "fastcall.h"
#include "fmt.h"
#include "gs.h"
#include "gs_sweep.h"
#include "insn.h"
#include "msr.h"
#include "percpu.h"
#include "persona.h"
#include "specimen.h"
#include "vectors.h"

#define IRQ_VECTOR 0x41

RING3(sweep_syscall, "", "syscall", "");
COMPAT(sweep_syscallc, "", "syscall", "");
RING3(sweep_sysenter, "mov %rsp, %rcx\nlea sweep_sysenter_resume(%rip), %rdx",
      "sysenter", "");
COMPAT(sweep_sysenterc, "mov %esp, %ecx\nmov $sweep_sysenterc_resume, %edx",
       "sysenter", "");
RING3(sweep_int80, "", "int $0x80", "");
COMPAT(sweep_int80c, "", "int $0x80", "");
RING0(sweep_int800, "", "int $0x80", "");
RING3(sweep_ud, "", "ud2", "");
COMPAT(sweep_udc, "", "ud2", "");
RING0(sweep_ud0, "", "ud2", "");
RING3(sweep_gp, "", "hlt", "");
RING3(sweep_pf, "", "mov 0x20000000, %eax", "");
RING0(sweep_pf0, "", "mov 0x20000000, %eax", "");
RING3(sweep_call, "", "lcall *(%rsp)", "");
COMPAT(sweep_callc, "", "lcall *(%esp)", "");
RING3(sweep_spin, "", SPIN(10000), "");
RING0(sweep_spin0, "", SPIN(10000), "");
RING3(sweep_nop, "", "nop", "");
RING0(sweep_nop0, "", "nop", "");

static void request(struct trapframe *c)
{
    (void)c;
    apic_request(IRQ_VECTOR);
}

static void single_step(struct trapframe *c)
{
    c->rflags |= FLAG_TF;
}

static void put_gate(struct trapframe *c)
{
    callgate_put(CALL_GATE_ACCESS(3), SEL_KERNEL_CS, (uint64_t)gs_sweep_gate);
    callgate_pointer(c, SEL_CALL_GATE | 3);
}

#define PATH(id, origin, code, number)                                         \
    .name = id, .s = {.from = origin, CODE(code), .vector = number}
#define PATH_WITH(id, origin, code, number, ...)                               \
    .name = id, .s = {.from = origin, CODE(code), .vector = number, __VA_ARGS__}

/* On AMD's, SYSENTER may be there by mistake; then SYSEXIT is not. */
static const char *unless_sysenter(const struct stimulus *s)
{
    return persona.amd ? "AMD's processors have no SYSENTER in long mode"
                       : unless_entered(s);
}

static const struct subject subjects[] = {
    {PATH("syscall64", FROM_RING3, sweep_syscall, VEC_SYSCALL64),
     .entry_side = 1, .exit_side = 1},
    {PATH_WITH("syscall64-iretq", FROM_RING3, sweep_syscall, VEC_SYSCALL64,
               .leave_by = LEAVE_BY_IRETQ),
     .entry_side = 1, .exit_side = 1},
    {PATH_WITH("syscall32", FROM_COMPAT, sweep_syscallc, VEC_SYSCALL32,
               .unfit = unless_entered),
     .entry_side = 1, .exit_side = 1},
    {PATH_WITH("sysenter", FROM_RING3, sweep_sysenter, VEC_SYSENTER,
               .leave_by = LEAVE_64, .unfit = unless_sysenter),
     .entry_side = 1, .exit_side = 2},
    {PATH_WITH("sysenter-compat", FROM_COMPAT, sweep_sysenterc, VEC_SYSENTER,
               .unfit = unless_sysenter),
     .entry_side = 1, .exit_side = 2},
    {PATH("int80", FROM_RING3, sweep_int80, VEC_int80)},
    {PATH("int80-compat", FROM_COMPAT, sweep_int80c, VEC_int80)},
    {PATH("int80-ring0", FROM_RING0, sweep_int800, VEC_int80)},
    {PATH("ud", FROM_RING3, sweep_ud, VEC_ud)},
    {PATH("ud-compat", FROM_COMPAT, sweep_udc, VEC_ud)},
    {PATH("ud-ring0", FROM_RING0, sweep_ud0, VEC_ud)},
    {PATH("gp", FROM_RING3, sweep_gp, VEC_gp)},
    {PATH("pf", FROM_RING3, sweep_pf, VEC_pf)},
    {PATH("pf-ring0", FROM_RING0, sweep_pf0, VEC_pf)},
    {PATH_WITH("irq", FROM_RING3, sweep_spin, IRQ_VECTOR, .before = request,
               .in_handler = stimulus_stop_spinning),
     .asynchronous = true},
    {PATH_WITH("irq-ring0", FROM_RING0, sweep_spin0, IRQ_VECTOR,
               .before = request, .in_handler = stimulus_stop_spinning),
     .asynchronous = true},
    {PATH_WITH("nmi", FROM_RING3, sweep_nop, VEC_nmi, .nmi = true),
     .asynchronous = true, .by_sign = true},
    {PATH_WITH("nmi-ring0", FROM_RING0, sweep_nop0, VEC_nmi, .nmi = true),
     .asynchronous = true, .by_sign = true},
    {PATH_WITH("db", FROM_RING3, sweep_nop, VEC_db, .before = single_step),
     .asynchronous = true, .by_sign = true},
    {PATH_WITH("db-ring0", FROM_RING0, sweep_nop0, VEC_db,
               .before = single_step),
     .asynchronous = true, .by_sign = true},
    {PATH_WITH("callgate", FROM_RING3, sweep_call, VEC_gate,
               .before = put_gate),
     .stub = gs_sweep_gate, .entry_side = 1, .exit_side = 1},
    {PATH_WITH("callgate-compat", FROM_COMPAT, sweep_callc, VEC_gate,
               .before = put_gate),
     .stub = gs_sweep_gate, .entry_side = 1, .exit_side = 1},
};

/* The user's base: nothing, a user's, one that looks like a kernel's. */
enum { ZERO, POSITIVE, NEGATIVE, USER_BASES };
static const uint64_t user_bases[USER_BASES] = {0, GS_POSITIVE, GS_NEGATIVE};
static struct sweep sweeps[USER_BASES];

static void side(struct diff *d, const char *name, unsigned wanted,
                 unsigned seen)
{
    char at_least[16];

    if (wanted) {
        diff_hex(d, name, wanted, seen);
    } else if (!seen) {
        fmt(at_least, sizeof(at_least), "some");
        diff_text(d, name, at_least, "none");
    }
}

/* Has the sweep seen it all, and did the stub do what it should? */
static void judge_path(struct diff *d, const struct subject *p,
                       const struct sweep *w, uint64_t user)
{
    bool ring0 = p->s.from == FROM_RING0;
    /* by-sign takes a negative base for the kernel's, and leaves it. */
    bool fooled = p->by_sign && !ring0 && user >> 63;
    uint64_t kernel = (uint64_t)&percpu;
    unsigned first = 0, last = 0;

    diff_hex(d, "handler ran", 1, w->calls);
    diff_hex(d, "SWAPGS executed", ring0 || fooled ? 0 : 2, w->swaps);
    diff_hex(d, "gs base in handler", fooled ? user : kernel, w->handler_gs);
    diff_hex(d, "gs base at the end", ring0 ? kernel : user, w->final_gs);
    diff_text(d, "last instruction", "leaves ring 0",
              w->leaves ? "leaves ring 0" : "does not");
    if (ring0 || fooled)
        return;
    for (unsigned i = 0; i < w->boundaries; i++) {
        const struct boundary *b = &w->at[i];

        first += b->ring0 && b->users && !last;
        if (!b->users)
            last = i + 1;
    }
    last = last ? w->boundaries - last : 0;
    side(d, "boundaries before SWAPGS", p->entry_side, first);
    side(d, "boundaries behind it", p->exit_side, last);
}

/* The first boundary where the rule is not what it should be. */
static void judge_rule(struct diff *d, const struct sweep *w,
                       enum judged_rule rule, uint64_t user)
{
    for (unsigned i = 0; i < w->boundaries; i++) {
        const struct boundary *b = &w->at[i];
        bool wrong = b->users && (rule == BY_CS     ? b->ring0
                                  : rule == BY_SIGN ? user >> 63
                                                    : false);
        char where[40];

        if (b->wrong[rule] == wrong)
            continue;
        fmt(where, sizeof(where), "at boundary %u (%llx)", i,
            (unsigned long long)b->rip);
        diff_text(d, where, wrong ? "wrong" : "right",
                  wrong ? "right" : "wrong");
        return;
    }
}

static const struct question {
    const char *name;
    enum judged_rule rule; /* JUDGED_RULES: the path itself */
    unsigned first, last;  /* of user_bases */
    const char *facts, *why;
} questions[] = {
    {"path", JUDGED_RULES, ZERO, NEGATIVE, "GS10 GS15 A12",
     "a stub swaps once in and once out, and every one of its instructions is "
     "seen; Linux, x86/entry_64.rst"},
    {"by-cs", BY_CS, ZERO, NEGATIVE, "GS10 GS15 A12",
     "by-cs is wrong exactly where ring 0 has the user's GS: before the "
     "entry's SWAPGS is done, behind the exit's; Linux, x86/entry_64.rst"},
    {"by-sign", BY_SIGN, ZERO, POSITIVE, "GS11 GS15",
     "by-sign is right everywhere while users' bases are positive; Linux, "
     "x86/entry_64.rst"},
    {"by-sign.negative", BY_SIGN, NEGATIVE, NEGATIVE, "GS12 GS15 10.9",
     "by-sign is wrong wherever a negative user's base is live, in ring 3 too; "
     "Linux, paranoid_entry"},
    {"save-set", SAVE_SET, ZERO, NEGATIVE, "GS13 GS15",
     "saving GS_BASE and setting one's own is right everywhere, and what is "
     "restored is exact; Linux, paranoid_entry"},
    {"stored", STORED, ZERO, NEGATIVE, "GS14 GS15",
     "a base kept on the IST stack, or a CPU number in a segment limit, is "
     "right everywhere; FreeBSD exception.S"},
};

/* All questions are about the same three sweeps. */
static const struct subject *swept;

static void sweep_once(const struct subject *p)
{
    if (swept == p)
        return;
    for (unsigned i = 0; i < USER_BASES; i++)
        gs_sweep(&sweeps[i], p, user_bases[i]);
    swept = p;
}

static void ask(const struct subject *p, const struct question *q)
{
    struct diff d = {"", ""};
    char id[44];
    struct finding f = {.id = id, .facts = q->facts, .why = q->why};
    const char *unfit = p->s.unfit ? p->s.unfit(&p->s) : 0;

    fmt(id, sizeof(id), "gs-window.%s.%s", p->name, q->name);
    if (unfit) {
        finding_skip(&f, unfit);
        return;
    }
    if (!finding_begin(&f))
        return;
    sweep_once(p);
    for (unsigned i = q->first; i <= q->last && !diff_any(&d); i++) {
        const struct sweep *w = &sweeps[i];

        if (w->end != RUN_GATE)
            diff_text(&d, "stub", "returns", w->trouble);
        else if (q->rule == JUDGED_RULES)
            judge_path(&d, p, w, user_bases[i]);
        else
            judge_rule(&d, w, q->rule, user_bases[i]);
    }
    finding_end(&f, &d, 0);
}

void case_gs_window(void)
{
    swept = 0;
    for (unsigned i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
        for (unsigned j = 0; j < sizeof(questions) / sizeof(questions[0]); j++)
            ask(&subjects[i], &questions[j]);
}
