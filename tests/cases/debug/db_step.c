/* SPDX-License-Identifier: MIT */
/*
 * Single-stepping: one #DB behind each instruction that starts with TF set,
 * with BS in DR6 and the address of the next one.
 *
 * A trap follows every instruction alike: STI holds off interrupts but no
 * traps, a locked one is not special, nor is one that a hypervisor intercepts
 * (KVM used to lose the trap of CPUID and its like).  An emulator that
 * translates code in blocks has to end a block for TF, and forgets where a
 * block ends for another reason.  What is special stands in db_step_flow.c.
 */
#include "lib/debug.h"
#include "lib/sequence.h"
#include "macros.h"
#include "vectors.h"

#define SET(flags) ((uint64_t)(flags))
#define CLEARED(flags) ((uint64_t)(flags) << 32)

/* X(name, instruction, registers and flags that it changes): the same in all
 * three modes, with IOPL 3 ... */
#define EVERYWHERE(X)                                                          \
    X(nop, "nop", 0, 0)                                                        \
    X(cpuid, "cpuid", REG_RAX | REG_RBX | REG_RCX | REG_RDX, 0)                \
    X(rdtsc, "rdtsc", REG_RAX | REG_RDX, 0)                                    \
    X(jump, "jmp 1f\n1:", 0, 0)                                                \
    X(fpu, "fnop", 0, 0)                                                       \
    X(segment, "mov %ds, %eax", REG_RAX, 0)                                    \
    X(locked, "lock btsl $0, %ss:step_word", 0, CLEARED(FLAG_CF))              \
    X(in, "in $0x80, %al", REG_RAX, 0)                                         \
    X(out, "out %al, $0x80", 0, 0)                                             \
    X(std, "std", 0, SET(FLAG_DF))                                             \
    X(cli, "cli", 0, CLEARED(FLAG_IF))                                         \
    X(sti, "sti", 0, SET(FLAG_IF))
/* ... and what ring 0 alone may. */
#define IN_RING0(X)                                                            \
    X(clts, "clts", 0, 0)                                                      \
    X(read_cr3, "mov %cr3, %rax", REG_RAX, 0)                                  \
    X(read_dr7, "mov %db7, %rax", REG_RAX, 0)                                  \
    X(write_cr8, "mov %r8, %cr8", 0, 0)                                        \
    X(invlpg, "invlpg (%rsp)", 0, 0)                                           \
    X(rdmsr, "rdmsr", REG_RAX | REG_RDX, 0)                                    \
    X(wrmsr, "wrmsr", 0, 0)                                                    \
    X(str, "str %eax", REG_RAX, 0)

#define EMIT_RING0(name, insn, clobbers, flags)                                \
    RING0(step_##name##0, "", insn, "nop");
#define EMIT_ALL(name, insn, clobbers, flags)                                  \
    RING3(step_##name##3, "", insn, "nop");                                    \
    COMPAT(step_##name##c, "", insn, "nop");                                   \
    EMIT_RING0(name, insn, clobbers, flags)
EVERYWHERE(EMIT_ALL)
IN_RING0(EMIT_RING0)

__attribute__((section(".user.data"), used)) uint32_t step_word;

static void step(struct trapframe *c)
{
    debug_step(c);
    c->rflags |= FLAG_IOPL;
    if (stimulus_now()->argument & FLAG_IF)
        c->rflags &= ~(uint64_t)FLAG_IF; /* it is what sets it */
    c->rcx = MSR_FS_BASE;                /* for RDMSR and WRMSR */
    c->rax = c->rdx = c->r8 = 0;
    step_word = 0;
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct sequence q;

    sequence_begin(&q, s, w);
    q.c.rflags |= (uint32_t)s->argument;
    q.c.rflags &= ~(s->argument >> 32);
    sequence_db(&q, s->resume, DR6_BS);
    sequence_end(&q);
}

#define STEP(name, ring, origin, code, changed, flags)                         \
    {                                                                          \
        .id = "step." #name "." ring,                                          \
        .from = origin,                                                        \
        CODE(code),                                                            \
        .vector = VEC_db,                                                      \
        .clobbers = changed,                                                   \
        .argument = flags,                                                     \
        .before = step,                                                        \
        .after = debug_off,                                                    \
        .mend = sequence_mend,                                                 \
        .expect = expect,                                                      \
        .facts = "DB8 SH1",                                                    \
        .why = why,                                                            \
    },
#define STEP_RING0(name, insn, clobbers, flags)                                \
    STEP(name, "ring0", FROM_RING0, step_##name##0, clobbers, flags)
#define STEP_ALL(name, insn, clobbers, flags)                                  \
    STEP(name, "ring3", FROM_RING3, step_##name##3, clobbers, flags)           \
    STEP(name, "compat", FROM_COMPAT, step_##name##c, clobbers, flags)         \
    STEP_RING0(name, insn, clobbers, flags)

static const char why[] =
    "an instruction that starts with TF set is followed by a #DB with DR6.BS, "
    "whatever it is; SDM vol 3, Single-Step Exception Condition";

static const struct stimulus stimuli[] = {EVERYWHERE(STEP_ALL)
                                              IN_RING0(STEP_RING0)};

void case_db_step(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        check_run(&stimuli[i]);
}
