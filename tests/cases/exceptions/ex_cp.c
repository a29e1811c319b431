/* SPDX-License-Identifier: MIT */
/*
 * #CP in ring 3: what CET's two halves find wrong there.
 *
 * With shadow stacks every CALL pushes its return address twice, and a RET
 * that finds two different ones is #CP(1); far returns and IRET push and pop
 * CS as well and are #CP(2).  With the branch tracker an indirect JMP or CALL
 * must land on an ENDBR, or it is #CP(3) there, unless it says NOTRACK and
 * that is allowed.  All are faults: nothing has been popped.  AMD's processors
 * have shadow stacks alone.
 *
 * The entry saves ring 3's SSP in PL3_SSP, and an IRET to ring 3 takes it from
 * there.  The harness has no shadow stack of its own, so that is all there is
 * to see of it; the first handler switches CET off.
 */
#include "insn.h"
#include "judge/diff.h"
#include "lib/cet.h"
#include "lib/fastcall.h"
#include "lib/sequence.h"
#include "macros.h"
#include "msr.h"
#include "page.h"
#include "vectors.h"

#define CET_NO_TRACK_EN (1 << 4)
#define SSP_TOP ((uint64_t)user_page + 2048) /* room on both sides */
#define SLOT 8

enum { CP_NEAR_RET = 1, CP_FAR_RET, CP_ENDBRANCH }; /* error codes */

/* RBP keeps RSP; RAX is the return address that the shadow stack has not.  A
 * CALL to what is right behind it would push nothing there: SDM vol 2, CALL. */
RING3(cp_ret,
      "mov %rsp, %rbp\ncall 1f\nnop\n1: lea cp_ret_resume(%rip), %rax\n"
      "mov %rax, (%rsp)",
      "ret", "mov %rbp, %rsp");
RING3(cp_ret_good, "mov %rsp, %rbp\njmp 2f\n1:", "ret",
      "2: call 1b\nmov %rbp, %rsp");
RING3(cp_lret,
      "mov %rsp, %rbp\nmov %cs, %eax\npush %rax\n"
      "lea cp_lret_resume(%rip), %rax\npush %rax",
      "lretq", "mov %rbp, %rsp");
RING3(cp_iret,
      "mov %rsp, %rbp\nmov %ss, %eax\npush %rax\npush %rbp\npushfq\n"
      "mov %cs, %eax\npush %rax\nlea cp_iret_resume(%rip), %rax\npush %rax",
      "iretq", "mov %rbp, %rsp");
/* The instruction is where the JMP goes. */
RING3(cp_jmp, "lea cp_jmp_at(%rip), %rax\njmp *%rax", "nop", "");
RING3(cp_call, "mov %rsp, %rbp\nlea cp_call_at(%rip), %rax\ncall *%rax", "nop",
      "mov %rbp, %rsp");
RING3(cp_endbr, "lea cp_endbr_at(%rip), %rax\njmp *%rax", "endbr64", "");
RING3(cp_endbr32, "lea cp_endbr32_at(%rip), %rax\njmp *%rax", "endbr32", "");
RING3(cp_notrack, "lea cp_notrack_at(%rip), %rax\nnotrack jmp *%rax", "nop",
      "");
COMPAT(cp_jmpc, "mov $cp_jmpc_at, %eax\njmp *%eax", "nop", "");
COMPAT(cp_endbrc, "mov $cp_endbrc_at, %eax\njmp *%eax", "endbr32", "");

static uint64_t ssp; /* PL3_SSP at the first entry */

/* The argument's upper half: what goes into U_CET. */
#define U_CET(s) ((uint32_t)((s)->argument >> 32))
#define PUSHED(s) ((uint32_t)(s)->argument) /* bytes on the stack, at it */

static bool shadowed(const struct stimulus *s)
{
    return U_CET(s) & CET_SH_STK_EN;
}

static void before(struct trapframe *c)
{
    const struct stimulus *s = stimulus_now();
    const uint64_t *page = page_entry((uint64_t)user_page);

    (void)c;
    ssp = 0;
    write_cr4(read_cr4() | CR4_CET);
    if (shadowed(s)) {
        lend_page((uint64_t)user_page,
                  (*page & ~(uint64_t)PAGE_WRITE) | PAGE_DIRTY);
        wrmsr(MSR_PL3_SSP, SSP_TOP);
    }
    wrmsr(MSR_U_CET, U_CET(s));
}

static void note(unsigned nth)
{
    if (nth == 0 && shadowed(stimulus_now()))
        ssp = rdmsr(MSR_PL3_SSP);
    wrmsr(MSR_U_CET, 0); /* the tracker still waits for its ENDBR */
}

static void after(void)
{
    note(!!ssp);
    if (shadowed(stimulus_now()))
        wrmsr(MSR_PL3_SSP, 0);
    write_cr4(read_cr4() & ~(uint64_t)CR4_CET);
    fastcall_restore();
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct sequence q;

    (void)amd;
    sequence_begin(&q, s, w);
    q.c.rsp -= PUSHED(s);
    sequence_event(&q, VEC_cp, s->at);
    q.c.rsp += PUSHED(s);
    sequence_end(&q);
}

/* A fault: what has been compared has not been popped. */
static void compare_ssp(const struct stimulus *s, struct diff *d)
{
    uint64_t pushed = s->start == cp_ret ? SLOT : 0;

    diff_hex(d, "pl3_ssp at entry", SSP_TOP - pushed, ssp);
}

static const char why_ret[] =
    "the shadow stack's copy of a return address differs: #CP(1) in RET, "
    "#CP(2) in far RET and IRET; SDM vol 1, Control-Flow Enforcement";
static const char why_jmp[] =
    "an indirect JMP or CALL without NOTRACK that lands on no ENDBR is #CP(3) "
    "there; SDM vol 1, Control-Flow Enforcement Technology";

#define CP(name, origin, code, cet, pushes, cause, reason, ...)                \
    {                                                                          \
        .id = "cp." name, .from = origin, CODE(code), .saved = SAVED_AT,       \
        .argument = (uint64_t)(cet) << 32 | (pushes), .unfit = cause,          \
        .before = before, .after = after, .in_handler = note,                  \
        .clobbers = REG_RAX | REG_RBP, .facts = "EX10", .why = reason,         \
        __VA_ARGS__                                                            \
    }
#define FAULTS(code)                                                           \
    .vector = VEC_cp, .error_code = true, .error = code, .expect = expect
#define WORKS .vector = VEC_gate

static const struct stimulus stimuli[] = {
    CP("ret.ring3", FROM_RING3, cp_ret, CET_SH_STK_EN, SLOT, no_shadow_stack,
       why_ret, FAULTS(CP_NEAR_RET)),
    CP("ret-ssp.ring3", FROM_RING3, cp_ret, CET_SH_STK_EN, SLOT,
       no_shadow_stack, why_ret, FAULTS(CP_NEAR_RET), .also = compare_ssp,
       .confidence = CONFIDENCE_MEDIUM),
    CP("ret-good.ring3", FROM_RING3, cp_ret_good, CET_SH_STK_EN, 0,
       no_shadow_stack, why_ret, WORKS, .also = compare_ssp),
    CP("lretq.ring3", FROM_RING3, cp_lret, CET_SH_STK_EN, 2 * SLOT,
       no_shadow_stack, why_ret, FAULTS(CP_FAR_RET), .also = compare_ssp),
    CP("iretq.ring3", FROM_RING3, cp_iret, CET_SH_STK_EN, 5 * SLOT,
       no_shadow_stack, why_ret, FAULTS(CP_FAR_RET), .also = compare_ssp,
       .confidence = CONFIDENCE_MEDIUM),
    CP("jmp.ring3", FROM_RING3, cp_jmp, CET_ENDBR_EN, 0, no_ibt, why_jmp,
       FAULTS(CP_ENDBRANCH)),
    CP("call.ring3", FROM_RING3, cp_call, CET_ENDBR_EN, SLOT, no_ibt, why_jmp,
       FAULTS(CP_ENDBRANCH)),
    CP("jmp.compat", FROM_COMPAT, cp_jmpc, CET_ENDBR_EN, 0, no_ibt, why_jmp,
       FAULTS(CP_ENDBRANCH)),
    CP("jmp-endbr64.ring3", FROM_RING3, cp_endbr, CET_ENDBR_EN, 0, no_ibt,
       why_jmp, WORKS),
    /* The other mode's ENDBR is none. */
    CP("jmp-endbr32.ring3", FROM_RING3, cp_endbr32, CET_ENDBR_EN, 0, no_ibt,
       why_jmp, FAULTS(CP_ENDBRANCH)),
    CP("jmp-endbr32.compat", FROM_COMPAT, cp_endbrc, CET_ENDBR_EN, 0, no_ibt,
       why_jmp, WORKS),
    CP("jmp-notrack.ring3", FROM_RING3, cp_notrack,
       CET_ENDBR_EN | CET_NO_TRACK_EN, 0, no_ibt, why_jmp, WORKS),
    CP("jmp-notrack-off.ring3", FROM_RING3, cp_notrack, CET_ENDBR_EN, 0, no_ibt,
       why_jmp, FAULTS(CP_ENDBRANCH)),
};

void case_ex_cp(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        check_run(&stimuli[i]);
}
