/* SPDX-License-Identifier: MIT */
/*
 * The architecture's exceptions, each real, none faked by INT n: from ring 3,
 * from compat code where only that can raise it, and from ring 0.
 *
 * What must come of each stands in vectors.def (class, error code, stack) and
 * in the table below (which error code, which address).  A fault saves the
 * instruction's own address and RF set; a trap the next one's.  From ring 0
 * the stub must not swap.
 *
 * What the machine must be put into first, and taken out of again, is in
 * exc_setup.c.
 */
#include "lib/exc.h"
#include "judge/stimulus.h"
#include "macros.h"
#include "selectors.h"
#include "vectors.h"

#define NONCANONICAL "0xaaaaaaaaaaaaaaaa" /* with 4 levels and with 5 */
#define UNMAPPED 0x20000000

/* The same code in both rings: name3 and name0. */
#define BOTH(name, before, insn, after)                                        \
    RING3(name##3, before, insn, after);                                       \
    RING0(name##0, before, insn, after)

BOTH(exc_de, "xor %ecx, %ecx", "div %ecx", "");
BOTH(exc_db, "", "nop", "");
BOTH(exc_bp, "", "int3", "");
COMPAT(exc_of, "mov $0x7fffffff, %eax\nadd $1, %eax", "into", "");
COMPAT(exc_br, "", "bound %ecx, (%esp)", "");
BOTH(exc_ud, "", "ud2", "");
BOTH(exc_nm, "", "fnop", "");
BOTH(exc_ts, "", "int $" STRING(EXC_TS_VECTOR), "");
BOTH(exc_np, "mov $" STRING(SEL_NOT_PRESENT) ", %eax", "mov %eax, %es", "");
BOTH(exc_ss, "movabs $" NONCANONICAL ", %rbp", "mov (%rbp), %eax", "");
RING3(exc_ss_selector3, "mov $" STRING(SEL_NOT_PRESENT) ", %eax",
      "mov %eax, %ss", "");
RING0(exc_ss_selector0, "mov $" STRING(SEL_NOT_PRESENT_R0) ", %eax",
      "mov %eax, %ss", "");
RING3(exc_gp3, "", "hlt", "");
RING0(exc_gp0, "movabs $" NONCANONICAL ", %rbx", "mov (%rbx), %eax", "");
BOTH(exc_pf, "mov $" STRING(UNMAPPED) ", %ebx", "mov (%rbx), %eax", "");
BOTH(exc_mf, "fninit\nfldcw exc_fpu_control\nfld1\nfldz\nfdivrp", "fwait", "");
RING3(exc_ac3, "", "mov 1(%rsp), %eax", "");
BOTH(exc_xm, "ldmxcsr exc_mxcsr\nxorps %xmm0, %xmm0\nmovss exc_one, %xmm1",
     "divss %xmm0, %xmm1", "");

#define STIMULUS_OF(exc, ring, origin, code, how, ...)                         \
    {                                                                          \
        .id = "exc." #exc "." ring, .path = "exc." #exc, .from = origin,       \
        CODE(code), .vector = VEC_##exc, .saved = how, .facts = "EX1 IV9",     \
        .why = why, __VA_ARGS__                                                \
    }
#define IN3(exc, how, ...)                                                     \
    STIMULUS_OF(exc, "ring3", FROM_RING3, exc_##exc##3, how, __VA_ARGS__)
#define IN0(exc, how, ...)                                                     \
    STIMULUS_OF(exc, "ring0", FROM_RING0, exc_##exc##0, how, __VA_ARGS__)
#define IN32(exc, how, ...)                                                    \
    STIMULUS_OF(exc, "compat", FROM_COMPAT, exc_##exc, how, __VA_ARGS__)
#define IN30(exc, how, ...)                                                    \
    IN3(exc, how, __VA_ARGS__), IN0(exc, how, __VA_ARGS__)

static const char why[] =
    "class, error code and saved RIP of each exception are fixed by SDM vol 3, "
    "Interrupt 0 to 19, and the stack by its gate and the TSS";

static const struct stimulus stimuli[] = {
    IN30(de, SAVED_AT, .clobbers = REG_RCX, .flags_changed = ARITHMETIC_FLAGS),
    IN30(db, SAVED_RESUME, .before = exc_single_step, .flags_changed = FLAG_TF,
         .address = DR6_BS),
    IN30(bp, SAVED_RESUME, .clobbers = 0),
    IN32(of, SAVED_RESUME, .clobbers = REG_RAX,
         .flags_changed = ARITHMETIC_FLAGS),
    IN32(br, SAVED_AT, .clobbers = 0),
    IN30(ud, SAVED_AT, .clobbers = 0),
    IN30(nm, SAVED_AT, .before = exc_task_switched, .after = exc_restore),
    IN30(ts, SAVED_AT, .error_code = true, .error = SEL_TSS,
         .before = exc_short_tss, .after = exc_restore),
    IN30(np, SAVED_AT, .error_code = true, .error = SEL_NOT_PRESENT & ~3,
         .clobbers = REG_RAX),
    IN30(ss, SAVED_AT, .error_code = true, .clobbers = REG_RBP),
    STIMULUS_OF(ss, "selector.ring3", FROM_RING3, exc_ss_selector3, SAVED_AT,
                .error_code = true, .error = SEL_NOT_PRESENT & ~3,
                .clobbers = REG_RAX),
    STIMULUS_OF(ss, "selector.ring0", FROM_RING0, exc_ss_selector0, SAVED_AT,
                .error_code = true, .error = SEL_NOT_PRESENT_R0,
                .clobbers = REG_RAX),
    IN3(gp, SAVED_AT, .error_code = true),
    IN0(gp, SAVED_AT, .error_code = true, .clobbers = REG_RBX),
    IN3(pf, SAVED_AT, .error_code = true, .error = PF_USER, .address = UNMAPPED,
        .clobbers = REG_RBX),
    IN0(pf, SAVED_AT, .error_code = true, .address = UNMAPPED,
        .clobbers = REG_RBX),
    IN30(mf, SAVED_AT, .after = exc_restore),
    IN3(ac, SAVED_AT, .error_code = true, .clobbers = REG_RAX,
        .before = exc_alignment_check, .after = exc_restore),
    IN30(xm, SAVED_AT, .after = exc_restore),
    STIMULUS_OF(df, "ring3", FROM_RING3, exc_ud3, SAVED_ANY, .error_code = true,
                .before = exc_no_rsp0, .after = exc_restore),
    STIMULUS_OF(df, "ring0", FROM_RING0, exc_ud0, SAVED_ANY, .error_code = true,
                .before = exc_no_stack),
};

void case_exc(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        stimulus_run(&stimuli[i]);
}
