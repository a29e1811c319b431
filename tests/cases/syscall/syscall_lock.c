/* SPDX-License-Identifier: MIT */
/*
 * LOCK before the instructions that change rings, and before their kin: #UD
 * wherever they are executed, saved RIP at the prefix.
 *
 * It is found while decoding, so before any test of privilege or operands:
 * LOCK SYSRET in ring 3 is #UD, not #GP.  An emulator that knows LOCK only for
 * the instructions that may have it executes the rest.
 *
 * RDGSBASE and WRGSBASE are #UD anyway while CR4.FSGSBASE is clear, so it is
 * set for theirs.
 */
#include "cpu.h"
#include "engine/persona.h"
#include "insn.h"
#include "lib/fastcall.h"
#include "macros.h"
#include "msr.h"
#include "vectors.h"

/* Of 64-bit code, in both rings, and of compat code. */
#define WIDE(X)                                                                \
    X(syscall, "0x0f, 0x05")                                                   \
    X(sysretl, "0x0f, 0x07")                                                   \
    X(sysretq, "0x48, 0x0f, 0x07")                                             \
    X(sysenter, "0x0f, 0x34")                                                  \
    X(sysexitl, "0x0f, 0x35")                                                  \
    X(sysexitq, "0x48, 0x0f, 0x35")                                            \
    X(swapgs, "0x0f, 0x01, 0xf8")                                              \
    X(int80, "0xcd, 0x80")                                                     \
    X(int3, "0xcc")                                                            \
    X(iretl, "0xcf")                                                           \
    X(iretq, "0x48, 0xcf")                                                     \
    X(lretq, "0x48, 0xcb")                                                     \
    X(rdgsbase, "0xf3, 0x48, 0x0f, 0xae, 0xc8")                                \
    X(wrgsbase, "0xf3, 0x48, 0x0f, 0xae, 0xd8")
#define NARROW(X)                                                              \
    X(syscall, "0x0f, 0x05")                                                   \
    X(sysret, "0x0f, 0x07")                                                    \
    X(sysenter, "0x0f, 0x34")                                                  \
    X(sysexit, "0x0f, 0x35")                                                   \
    X(int80, "0xcd, 0x80")                                                     \
    X(int3, "0xcc")                                                            \
    X(into, "0xce")                                                            \
    X(iret, "0xcf")                                                            \
    X(lret, "0xcb")

#define CODE64(name, bytes)                                                    \
    RING3(lock3_##name, "", ".byte 0xf0, " bytes, "");                         \
    RING0(lock0_##name, "", ".byte 0xf0, " bytes, "");
#define CODE32(name, bytes) COMPAT(lock32_##name, "", ".byte 0xf0, " bytes, "");
WIDE(CODE64)
NARROW(CODE32)

static const struct {
    const char *id;
    enum origin from;
    const char *start, *at, *resume;
} codes[] = {
#define ROW(ring, origin, code) {ring, origin, code, code##_at, code##_resume},
#define ROW64(name, bytes)                                                     \
    ROW("lock." #name ".ring3", FROM_RING3, lock3_##name)                      \
    ROW("lock." #name ".ring0", FROM_RING0, lock0_##name)
#define ROW32(name, bytes)                                                     \
    ROW("lock." #name ".compat", FROM_COMPAT, lock32_##name)
    WIDE(ROW64) NARROW(ROW32)};

/* Where it is executed all the same, it has a place to go to. */
static void set(struct trapframe *c)
{
    c->rcx = (uint64_t)landing(true);
    c->rdx = c->rcx;
    c->r11 = c->rflags;
}

static bool needs_fsgsbase(const struct stimulus *s)
{
    return s->start == lock3_rdgsbase || s->start == lock0_rdgsbase ||
           s->start == lock3_wrgsbase || s->start == lock0_wrgsbase;
}

static const char *unfit(const struct stimulus *s)
{
    if (!needs_fsgsbase(s) || cpu_has(FEATURE_FSGSBASE))
        return 0;
    return "this processor has no FSGSBASE";
}

static void set_fsgsbase(struct trapframe *c)
{
    set(c);
    write_cr4(read_cr4() | CR4_FSGSBASE);
}

static void after_fsgsbase(void)
{
    write_cr4(read_cr4() & ~(uint64_t)CR4_FSGSBASE);
    fastcall_restore();
}

void case_syscall_lock(void)
{
    for (unsigned i = 0; i < COUNT(codes); i++) {
        struct stimulus s = {
            .id = codes[i].id,
            .from = codes[i].from,
            .start = codes[i].start,
            .at = codes[i].at,
            .resume = codes[i].resume,
            .vector = VEC_ud,
            .saved = SAVED_AT,
            .before = set,
            .unfit = unfit,
            .confidence = persona.intel ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM,
            .facts = "SC24",
            .why = "LOCK before an instruction that cannot have it is #UD, RIP "
                   "at the prefix, before any other test; SDM vol 2 LOCK",
        };
        if (needs_fsgsbase(&s)) {
            s.before = set_fsgsbase;
            s.after = after_fsgsbase;
        }
        fastcall_run(&s);
    }
}
