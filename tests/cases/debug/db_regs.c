/* SPDX-License-Identifier: MIT */
/*
 * Getting at the debug registers themselves.
 *
 * DR7.GD guards them: any MOV from or to one is a #DB before it happens, with
 * BD in DR6, and the handler finds GD cleared, so that it can do what the
 * other could not.  MOV SS does not hold it off, for it is a fault.  Both
 * manuals let every fault save RF set; this one does not, as an instruction
 * breakpoint does not, say those who test silicon.  (In-circuit emulators used
 * it; anti-debugging code still does.)
 *
 * DR4 and DR5 are DR6 and DR7 under old names while CR4.DE is clear, and
 * undefined when it is set.  The upper halves of DR6 and DR7 must be zero.  In
 * ring 3 all of it is #GP, and what GD adds to that is the processor's choice.
 */
#include "cpu.h"
#include "insn.h"
#include "lib/debug.h"
#include "lib/sequence.h"
#include "macros.h"
#include "selectors.h"
#include "vectors.h"

/* RAX goes into DR7 first, RBX into the register or out of it. */
#define REGISTERS(X) X(0) X(1) X(2) X(3) X(6) X(7)
#define EMIT(n)                                                                \
    RING0(regs_read_gd##n, "mov %rax, %db7", "mov %db" #n ", %rbx", "");       \
    RING0(regs_write_gd##n, "mov %rax, %db7", "mov %rbx, %db" #n, "");         \
    RING0(regs_shadow_gd##n, "mov %rax, %db7\nmov %ecx, %ss",                  \
          "mov %db" #n ", %rbx", "");                                          \
    RING3(regs_read_user##n, "", "mov %db" #n ", %rbx", "");                   \
    RING3(regs_write_user##n, "", "mov %rbx, %db" #n, "");                     \
    COMPAT(regs_read_compat##n, "", "mov %db" #n ", %ebx", "");                \
    COMPAT(regs_write_compat##n, "", "mov %ebx, %db" #n, "");
REGISTERS(EMIT)
RING0(regs_read4, "", "mov %db4, %rbx", "");
RING0(regs_read5, "", "mov %db5, %rbx", "");
RING0(regs_write4, "", "mov %rbx, %db4", "");
RING0(regs_write5, "", "mov %rbx, %db5", "");
RING0(regs_write6, "", "mov %rbx, %db6", "");
RING0(regs_write7, "", "mov %rbx, %db7", "");

/* GD, and then ring 3: R11 and RCX are SYSRET's. */
RING0(regs_to_user, "mov %rax, %db7", "sysretq", "");

static uint64_t cr4;

/* What every register can hold. */
#define HARMLESS(n) ((n) == 6 ? DR6_CLEAR : (n) == 7 ? DR7_CLEAR : 0)

/* The argument: what is in RBX. */
static void guard(struct trapframe *c)
{
    c->rax = DR7_CLEAR | DR7_GD;
    c->rbx = stimulus_now()->argument;
    c->rcx = SEL_KERNEL_SS;
}

static void expect_guarded(const struct stimulus *s, struct want *w, bool amd)
{
    struct sequence q;
    struct wanted *e;

    sequence_begin(&q, s, w);
    e = sequence_db(&q, s->at, DR6_BD);
    if (!s->in_full) /* one of them tells of RF */
        e->any_flags |= FLAG_RF;
    sequence_end(&q);
}

static void guard_user(struct trapframe *c)
{
    guard(c);
    c->rcx = (uint64_t)regs_read_user0;
    c->r11 = c->rflags;
}

/* amd: the other of the two ways that are allowed. */
static void expect_either(const struct stimulus *s, struct want *w, bool amd)
{
    struct sequence q;

    sequence_begin(&q, s, w);
    q.c.cs = SEL_USER_CS64;
    q.c.ss = SEL_USER_SS;
    if (amd)
        sequence_db(&q, s->at, DR6_BD)->any = ~0ull;
    sequence_event(&q, VEC_gp, s->at)->any |= ANY(dr7);
    sequence_end(&q);
}

static void plain(struct trapframe *c)
{
    cr4 = read_cr4();
    write_cr4(cr4 & ~(uint64_t)CR4_DE);
    c->rbx = stimulus_now()->argument;
}

static void extended(struct trapframe *c)
{
    plain(c);
    write_cr4(cr4 | CR4_DE);
}

static void after(void)
{
    write_cr4(cr4);
    debug_off();
}

/* An alias: what is read is DR6 or DR7, and so is what is written. */
static void expect_alias(const struct stimulus *s, struct want *w, bool amd)
{
    struct sequence q;
    struct wanted *e;

    sequence_begin(&q, s, w);
    if (s->start == regs_read4)
        q.c.rbx = DR6_CLEAR;
    if (s->start == regs_read5)
        q.c.rbx = DR7_CLEAR;
    e = sequence_end(&q);
    if (s->start == regs_write5)
        e->o.dr7 = s->argument;
    if (s->start == regs_write4) {
        e->any &= ~ANY(dr6);
        e->o.dr6 = s->argument;
    }
}

static const char *without_de(const struct stimulus *s)
{
    return cpu_has(FEATURE_DE) ? 0 : "CPUID lists no debugging extensions";
}

static const char why_gd[] =
    "with DR7.GD, MOV DR is a #DB before it happens, with BD, and GD cleared; "
    "SDM vol 3, General-Detect Exception Condition";
static const char why_rf[] =
    "the #DB of DR7.GD leaves RF as it stood, whatever the manuals say of "
    "faults; Linux, arch/x86/kvm/x86.c, where #DB is injected";
static const char why_user[] =
    "MOV DR is for ring 0, anywhere else #GP(0); SDM vol 2 MOV--Move to/from "
    "Debug Registers";
static const char why_alias[] =
    "DR4 and DR5 are DR6 and DR7 without CR4.DE, and #UD with it; SDM vol 3, "
    "Debug Registers DR4 and DR5";
static const char why_upper[] =
    "bits 63:32 of DR6 and DR7 must be written as zeroes, anything else is "
    "#GP(0); SDM vol 3, Debug Registers and Intel 64 Processors";

#define GUARDED(what, name, n)                                                 \
    {                                                                          \
        .id = name ".dr" #n,                                                   \
        .from = FROM_RING0,                                                    \
        CODE(regs_##what##n),                                                  \
        .vector = VEC_db,                                                      \
        .argument = HARMLESS(n),                                               \
        .clobbers = REG_RBX,                                                   \
        .before = guard,                                                       \
        .after = debug_off,                                                    \
        .expect = expect_guarded,                                              \
        .mend = sequence_mend,                                                 \
        .facts = "DB6 DB19 IV18",                                              \
        .why = why_gd,                                                         \
    },
#define GD(n)                                                                  \
    GUARDED(read_gd, "gd.read", n)                                             \
    GUARDED(write_gd, "gd.write", n)                                           \
    GUARDED(shadow_gd, "gd.mov-ss.read", n)
#define DENIED(what, name, ring, origin, n)                                    \
    {                                                                          \
        .id = name ".dr" #n "." ring,                                          \
        .from = origin,                                                        \
        CODE(regs_##what##n),                                                  \
        .vector = VEC_gp,                                                      \
        .saved = SAVED_AT,                                                     \
        .error_code = true,                                                    \
        .facts = "DB18",                                                       \
        .why = why_user,                                                       \
    },
#define USER(n)                                                                \
    DENIED(read_user, "mov-dr.read", "ring3", FROM_RING3, n)                   \
    DENIED(write_user, "mov-dr.write", "ring3", FROM_RING3, n)                 \
    DENIED(read_compat, "mov-dr.read", "compat", FROM_COMPAT, n)               \
    DENIED(write_compat, "mov-dr.write", "compat", FROM_COMPAT, n)
#define ALIAS(name, code, value)                                               \
    {                                                                          \
        .id = "dr-alias." name, .from = FROM_RING0, CODE(code),                \
        .vector = VEC_gate, .argument = value, .before = plain,                \
        .after = after, .expect = expect_alias, .facts = "DB17",               \
        .why = why_alias,                                                      \
    }
#define UNDEFINED(name, code, value)                                           \
    {                                                                          \
        .id = "dr-alias.de." name, .from = FROM_RING0, CODE(code),             \
        .vector = VEC_ud, .saved = SAVED_AT, .argument = value,                \
        .clobbers = REG_RBX, .before = extended, .after = after,               \
        .unfit = without_de, .facts = "DB17", .why = why_alias,                \
    }
#define UPPER(name, code, value)                                               \
    {                                                                          \
        .id = "mov-dr.upper." name, .from = FROM_RING0, CODE(code),            \
        .vector = VEC_gp, .saved = SAVED_AT, .error_code = true,               \
        .argument = value, .clobbers = REG_RBX, .before = plain,               \
        .after = after, .facts = "DB18", .why = why_upper,                     \
    }

static const struct stimulus stimuli[] = {
    {
        .id = "gd.rf-image",
        .from = FROM_RING0,
        CODE(regs_read_gd0),
        .vector = VEC_db,
        .in_full = true,
        .confidence = CONFIDENCE_MEDIUM,
        .clobbers = REG_RBX,
        .before = guard,
        .after = debug_off,
        .expect = expect_guarded,
        .mend = sequence_mend,
        .facts = "IV18 DB19",
        .why = why_rf,
    },
    REGISTERS(GD) REGISTERS(USER){
        .id = "gd.ring3",
        .from = FROM_RING0,
        .start = regs_to_user,
        .at = regs_read_user0_at,
        .resume = regs_read_user0_resume,
        .vector = VEC_gp,
        .by_vendor = true,
        .confidence = CONFIDENCE_VALUE,
        .clobbers = REG_RBX,
        .before = guard_user,
        .after = debug_off,
        .expect = expect_either,
        .mend = sequence_mend,
        .facts = "DB18",
        .why = why_user,
    },
    ALIAS("read.dr4", regs_read4, 0),
    ALIAS("read.dr5", regs_read5, 0),
    ALIAS("write.dr4", regs_write4, DR6_CLEAR | DR6_B(1)),
    ALIAS("write.dr5", regs_write5, DR7_CLEAR | DR7_G(1)),
    UNDEFINED("read.dr4", regs_read4, 0),
    UNDEFINED("read.dr5", regs_read5, 0),
    UNDEFINED("write.dr4", regs_write4, DR6_CLEAR),
    UNDEFINED("write.dr5", regs_write5, DR7_CLEAR),
    UPPER("dr6.bit32", regs_write6, DR6_CLEAR | 1ull << 32),
    UPPER("dr6.bit63", regs_write6, DR6_CLEAR | 1ull << 63),
    UPPER("dr7.bit32", regs_write7, DR7_CLEAR | 1ull << 32),
    UPPER("dr7.bit63", regs_write7, DR7_CLEAR | 1ull << 63),
};

void case_db_regs(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        check_run(&stimuli[i]);
}
