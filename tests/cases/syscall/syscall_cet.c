/* SPDX-License-Identifier: MIT */
/*
 * SYSCALL and SYSRET where CET is on.
 *
 * With indirect branch tracking in ring 0, LSTAR has to begin with ENDBR64:
 * else it is #CP(3) there, in ring 0, with the user's RSP and GS base.  AMD's
 * processors have shadow stacks alone.
 *
 * With shadow stacks in ring 3, SYSCALL puts SSP into PL3_SSP and SYSRET takes
 * it from there: a kernel that switches threads in between has to swap that
 * MSR, or the next RET in ring 3 is a #CP.
 *
 * The harness itself has no ENDBR64 anywhere.  So the tracker is switched on
 * by the code under test, right before it goes to ring 3, and off again by the
 * first stub that is reached.
 */
#include "idt.h"
#include "insn.h"
#include "judge/diff.h"
#include "lib/cet.h"
#include "lib/fastcall.h"
#include "macros.h"
#include "msr.h"
#include "page.h"
#include "stacks.h"
#include "vectors.h"

#define CP_ENDBRANCH 3 /* error code */
#define SSP_SLOT 8

/* Ring 0 starts: writes the MSR that RCX names, and goes to where R8 says. */
#define GO(name, insn)                                                         \
    RING0(name, "wrmsr\nmov %r8, %rcx\nmov %r9, %r11", insn, "")
GO(cet_go, "sysretq");
GO(cet_call0, "syscall");
RING3(cet_syscall, "", "syscall", "");
RING3(cet_ssp, "rdsspq %rbx\nmov $1, %eax\nincsspq %rax", "syscall", "");

/* #CP's stub, and a place for LSTAR that has no ENDBR64: both switch the
 * tracker off and go on as the capture stubs that they stand for. */
extern const char cet_cp_stub[], cet_lstar[];
__asm__(".pushsection .text.under_test,\"ax\"\n"
        ".balign 16\ncet_cp_stub:\nendbr64\n"
        "push %rax\npush %rcx\npush %rdx\n"
        "mov $" STRING(
            MSR_S_CET) ", %ecx\nmov $0, %eax\nmov $0, %edx\n"
                       "wrmsr\npop %rdx\npop %rcx\npop %rax\n"
                       "jmp *capture_stubs + 21*8(%rip)\n" /* VEC_cp */
                       ".balign 16\ncet_lstar:\nmov %rcx, %r8\n"
                       "mov $" STRING(
                           MSR_S_CET) ", %ecx\nmov $0, %eax\nmov $0, %edx\n"
                                      "wrmsr\nmov %r8, %rcx\njmp "
                                      "capture_syscall64\n.popsection");
_Static_assert(VEC_cp == 21, "the stub's place in capture_stubs");

static uint64_t saved_ssp; /* PL3_SSP, at the SYSCALL entry */

static void go(struct trapframe *c, uint32_t msr, uint32_t value,
               const char *to)
{
    write_cr4(read_cr4() | CR4_CET);
    c->rcx = msr;
    c->rax = value;
    c->rdx = 0;
    c->r8 = (uint64_t)to;
    c->r9 = FLAG_ONE;
    c->rflags = FLAG_ONE;
}

static void set_tracker(struct trapframe *c)
{
    go(c, MSR_S_CET, CET_ENDBR_EN, cet_syscall);
    if (stimulus_now()->start == cet_go)
        c->rsp = user_stack_top();
    lend_msr(MSR_LSTAR, (uint64_t)cet_lstar);
    idt[VEC_cp] = gate_make(cet_cp_stub, GATE_INTERRUPT, IST_spare, 0);
}

static void set_shadow_stack(struct trapframe *c)
{
    const uint64_t *page = page_entry((uint64_t)user_page);

    go(c, MSR_U_CET, CET_SH_STK_EN, cet_ssp);
    c->rsp = user_stack_top();
    lend_page((uint64_t)user_page,
              (*page & ~(uint64_t)PAGE_WRITE) | PAGE_DIRTY);
    wrmsr(MSR_PL3_SSP, (uint64_t)user_page);
    saved_ssp = 0;
}

static void after_tracker(void)
{
    wrmsr(MSR_S_CET, 0);
    write_cr4(read_cr4() & ~(uint64_t)CR4_CET);
    fastcall_restore();
}

/* PL3_SSP is there with shadow stacks alone. */
static void after_shadow_stack(void)
{
    wrmsr(MSR_U_CET, 0);
    wrmsr(MSR_PL3_SSP, 0);
    write_cr4(read_cr4() & ~(uint64_t)CR4_CET);
    fastcall_restore();
}

static void note_ssp(unsigned nth)
{
    if (!nth)
        saved_ssp = rdmsr(MSR_PL3_SSP);
}

/* At the SYSCALL, by whatever way it has been reached. */
static struct trapframe at_syscall(const struct stimulus *s)
{
    struct trapframe c = *stimulus_context();

    c.rcx = c.r8;
    c.r11 = c.r9;
    if (s->start == cet_go)
        do_sysret(&c, true, false);
    return c;
}

static void expect_tracker(const struct stimulus *s, struct want *w, bool amd)
{
    struct trapframe c = at_syscall(s);

    (void)amd;
    do_syscall(&c, VEC_SYSCALL64);
    c.rcx =
        (uint64_t)(s->start == cet_go ? cet_syscall_resume : cet_call0_resume);
    want_event(w, 0, VEC_cp, CP_ENDBRANCH, 0, &c);
    want_back(w, 1, &c);
}

static void expect_ssp(const struct stimulus *s, struct want *w, bool amd)
{
    struct trapframe c = at_syscall(s);

    (void)amd;
    c.rax = 1;
    c.rbx = (uint64_t)user_page; /* SYSRET loaded it */
    do_syscall(&c, VEC_SYSCALL64);
    c.rcx = (uint64_t)cet_ssp_resume;
    want_call(w, 0, VEC_SYSCALL64, &c);
    want_back(w, 1, &c);
}

static void compare_ssp(const struct stimulus *s, struct diff *d)
{
    (void)s;
    diff_hex(d, "pl3_ssp at entry", (uint64_t)user_page + SSP_SLOT, saved_ssp);
}

#define CET(name, code, cause, what, wanted, ...)                              \
    {                                                                          \
        .id = name, .from = FROM_RING0, CODE(code), .vector = VEC_SYSCALL64,   \
        .unfit = cause, .before = set_##what, .after = after_##what,           \
        .expect = wanted, .confidence = CONFIDENCE_MEDIUM, .facts = "SC33",    \
        __VA_ARGS__                                                            \
    }

static const char why_tracker[] =
    "with S_CET.ENDBR_EN LSTAR must be an ENDBR64, or it is #CP(3) there, in "
    "ring 0, on the user's RSP; SDM vol 2 SYSCALL";

static const struct stimulus stimuli[] = {
    CET("syscall64.cet.endbr.ring3", cet_go, no_ibt, tracker, expect_tracker,
        .why = why_tracker),
    CET("syscall64.cet.endbr.ring0", cet_call0, no_ibt, tracker, expect_tracker,
        .why = why_tracker),
    CET("syscall64.cet.shadow-stack", cet_go, no_shadow_stack, shadow_stack,
        expect_ssp, .in_handler = note_ssp, .also = compare_ssp,
        .why = "SYSRET takes SSP from PL3_SSP, SYSCALL puts it there; SDM vol "
               "2 SYSCALL, SYSRET, APM vol 3"),
};

void case_syscall_cet(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        fastcall_run(&stimuli[i]);
}
