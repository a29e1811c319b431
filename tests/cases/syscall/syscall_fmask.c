/* SPDX-License-Identifier: MIT */
/*
 * FMASK, bit by bit: each clears exactly its own flag, whatever the others.
 *
 * The caller has every flag set that it can; in the handler exactly those
 * that FMASK names are gone, and R11 has them all.  Bit 1 of RFLAGS is 1
 * whatever FMASK says of it, and RF and VM are 0 in R11 as in RFLAGS, for RF
 * is cleared when an instruction starts.  TF left unmasked is a #DB at LSTAR,
 * on the user's stack if it has no IST.
 *
 * What FMASK does not clear, the kernel runs with: DF turns its string moves
 * round, AC opens SMAP, NT makes its own IRETQ fault, TF steps it.
 */
#include "fmt.h"
#include "insn.h"
#include "lib/fastcall.h"
#include "macros.h"
#include "msr.h"
#include "vectors.h"

RING3(syscall_fmask3, "", "syscall", "");
RING0(syscall_fmask0, "", "syscall", "");
COMPAT(syscall_fmask32, "", "syscall", "");

static const struct {
    const char *name;
    struct stimulus s;
} callers[] = {
    {"ring3",
     {.from = FROM_RING3, CODE(syscall_fmask3), .vector = VEC_SYSCALL64}},
    {"ring0",
     {.from = FROM_RING0, CODE(syscall_fmask0), .vector = VEC_SYSCALL64}},
    {"compat",
     {.from = FROM_COMPAT,
      CODE(syscall_fmask32),
      .vector = VEC_SYSCALL32,
      .unfit = unless_entered}},
};

static void mask(struct trapframe *c)
{
    uint64_t fmask = stimulus_now()->argument;

    c->rflags = EVERY_FLAG | FLAG_RF;
    if (fmask == FLAG_TF) /* alone: syscall_step.c has more about it */
        c->rflags |= FLAG_TF;
    lend_msr(MSR_FMASK, fmask);
}

static void sweep(const struct stimulus *caller, const char *name,
                  const char *kind, uint64_t invert)
{
    char id[44];

    for (unsigned bit = 0; bit < FASTCALL_FLAGS; bit++) {
        struct stimulus s = *caller;

        s.id = id;
        s.argument = (uint32_t)(1u << bit ^ invert);
        s.before = mask;
        s.expect = expect_call;
        s.facts = s.from == FROM_COMPAT ? "SC2 SC5" : "SC2 SC1";
        s.why = "each bit of FMASK clears exactly its own flag; R11 has them "
                "all but RF; SDM vol 2 SYSCALL, APM vol 3 SYSCALL";
        fmt(id, sizeof(id), "syscall%s.fmask.%s%s.%s",
            s.vector == VEC_SYSCALL64 ? "64" : "32", kind, flag_name(bit),
            name);
        fastcall_run(&s);
    }
}

static void whole(const struct stimulus *caller, const char *name,
                  const char *what, uint32_t fmask)
{
    struct stimulus s = *caller;
    char id[44];

    s.id = id;
    s.argument = fmask;
    s.before = mask;
    s.expect = expect_call;
    s.facts = "SC22 SC2";
    s.why = "with FMASK all ones RFLAGS is 2 in the handler, with FMASK 0 the "
            "caller's but for RF; SDM vol 2 SYSCALL";
    fmt(id, sizeof(id), "syscall%s.fmask.%s.%s",
        s.vector == VEC_SYSCALL64 ? "64" : "32", what, name);
    fastcall_run(&s);
}

/* Bits 63:32 are reserved: what becomes of a WRMSR that sets them? */
RING0(syscall_fmask_wrmsr, "", "wrmsr", "rdmsr");

static void set_reserved(struct trapframe *c)
{
    c->rcx = MSR_FMASK;
    c->rax = FLAG_IF;
    c->rdx = 1u << (stimulus_now()->argument - 32);
}

static void reserved(void)
{
    static const uint8_t bits[] = {32, 47, 63};
    char id[44];

    for (unsigned i = 0; i < sizeof(bits); i++) {
        struct stimulus s = {
            .id = id,
            .from = FROM_RING0,
            CODE(syscall_fmask_wrmsr),
            .vector = VEC_gp,
            .error_code = true,
            .saved = SAVED_AT,
            .argument = bits[i],
            .clobbers = REG_RAX | REG_RDX,
            .before = set_reserved,
            .confidence = CONFIDENCE_VALUE,
            .facts = "SC23",
            .why = "bits 63:32 of FMASK are reserved: #GP or ignored, the "
                   "manuals do not say; SDM vol 3, SYSCALL and SYSRET",
        };
        fmt(id, sizeof(id), "wrmsr.fmask.bit%u", bits[i]);
        fastcall_run(&s);
    }
}

void case_syscall_fmask(void)
{
    for (unsigned i = 0; i < COUNT(callers); i++) {
        const struct stimulus *s = &callers[i].s;

        sweep(s, callers[i].name, "", 0);
        sweep(s, callers[i].name, "all-but-", 0xffffffff);
        whole(s, callers[i].name, "none", 0);
        whole(s, callers[i].name, "all", 0xffffffff);
    }
    reserved();
}
