/* SPDX-License-Identifier: MIT */
/*
 * What SYSCALL does, and above all what it does not do.
 *
 * It has no operand, reads no descriptor, switches no stack and touches no
 * memory: RSP may hold anything.  Nor does it ask who is calling: executed in
 * ring 0 it saves RIP and RFLAGS just so, and the kernel cannot tell.  A
 * prefix changes nothing but its length, and RCX must count it, or the caller
 * goes on in the middle of an instruction.
 *
 * Good: RCX is the next instruction, R11 the flags, everything else as it was.
 * Bad: an emulator that pushes, or takes RCX from the length of the bare
 * opcode.
 */
#include "fmt.h"
#include "lib/fastcall.h"
#include "macros.h"
#include "vectors.h"

RING3(syscall_entry3, "", "syscall", "");
RING0(syscall_entry0, "", "syscall", "");

static void bad_rsp(struct trapframe *c)
{
    c->rsp = stimulus_now()->argument;
}

static const struct {
    const char *name;
    uint64_t rsp;
} stacks[] = {
    {"null", 0},
    {"unmapped", 0x20000008},
    {"odd", 0x10800ff3},
    {"kernel", 0xffffffffc0000000},
    {"noncanonical", BAD_EVERYWHERE},
};

static void any_stack(void)
{
    char id[44];

    for (unsigned i = 0; i < COUNT(stacks); i++) {
        struct stimulus s = {
            .id = id,
            .from = FROM_RING3,
            CODE(syscall_entry3),
            .vector = VEC_SYSCALL64,
            .argument = stacks[i].rsp,
            .before = bad_rsp,
            .expect = expect_call,
            .facts = "SC1",
            .why = "SYSCALL loads no RSP and touches no memory: the stack may "
                   "be anything; SDM vol 2 SYSCALL",
        };
        fmt(id, sizeof(id), "syscall64.rsp.%s", stacks[i].name);
        fastcall_run(&s);
    }
}

/* name, bytes before SYSCALL; MEDIUM, but those with a meaning of their own
 * in the opcode map. */
#define PREFIXES(X)                                                            \
    X(66, "0x66", MEDIUM)                                                      \
    X(67, "0x67", MEDIUM)                                                      \
    X(2e, "0x2e", MEDIUM)                                                      \
    X(64, "0x64", MEDIUM)                                                      \
    X(f2, "0xf2", VALUE)                                                       \
    X(f3, "0xf3", VALUE)                                                       \
    X(rex, "0x40", MEDIUM)                                                     \
    X(rex_w, "0x48", MEDIUM)                                                   \
    X(rex_wrxb, "0x4f", MEDIUM)                                                \
    X(66_rex_w, "0x66, 0x48", MEDIUM)                                          \
    X(three, "0x2e, 0x66, 0x67", MEDIUM)
#define CODE_OF(name, bytes, trust)                                            \
    RING3(syscall_3_##name, "", ".byte " bytes ", 0x0f, 0x05", "");            \
    RING0(syscall_0_##name, "", ".byte " bytes ", 0x0f, 0x05", "");
PREFIXES(CODE_OF)

static const struct prefixed {
    const char *id;
    enum origin from;
    const char *start, *at, *resume;
    enum confidence trust;
} prefixed[] = {
#define ROW_OF(name, bytes, trust)                                             \
    {"syscall64.prefix." #name ".ring3",                                       \
     FROM_RING3,                                                               \
     syscall_3_##name,                                                         \
     syscall_3_##name##_at,                                                    \
     syscall_3_##name##_resume,                                                \
     CONFIDENCE_##trust},                                                      \
        {"syscall64.prefix." #name ".ring0",                                   \
         FROM_RING0,                                                           \
         syscall_0_##name,                                                     \
         syscall_0_##name##_at,                                                \
         syscall_0_##name##_resume,                                            \
         CONFIDENCE_##trust},
    PREFIXES(ROW_OF)};

static void any_prefix(void)
{
    for (unsigned i = 0; i < COUNT(prefixed); i++) {
        const struct prefixed *p = &prefixed[i];
        struct stimulus s = {
            .id = p->id,
            .from = p->from,
            .start = p->start,
            .at = p->at,
            .resume = p->resume,
            .vector = VEC_SYSCALL64,
            .expect = expect_call,
            .confidence = p->trust,
            .facts = "SC25",
            .why = "SYSCALL with prefixes executes, and RCX is the end of the "
                   "whole instruction; SDM vol 2 SYSCALL (opcode without NP)",
        };
        fastcall_run(&s);
    }
}

void case_syscall_entry(void)
{
    const struct stimulus ring0 = {
        .id = "syscall64.ring0",
        .from = FROM_RING0,
        CODE(syscall_entry0),
        .vector = VEC_SYSCALL64,
        .expect = expect_call,
        .facts = "SC17",
        .why = "SYSCALL has no CPL test: in ring 0 it does as in ring 3, and "
               "SWAPGS at its entry is then wrong; SDM vol 2 SYSCALL",
    };

    fastcall_run(&ring0);
    any_stack();
    any_prefix();
}
