/* SPDX-License-Identifier: MIT */
/*
 * #UD, and the opcodes that 64-bit mode has not.
 *
 * UD0, UD1 and UD2 are undefined for good, as is LOCK before what cannot be
 * locked.  64-bit mode took away the one-byte forms of PUSH and POP of a
 * segment register, BCD arithmetic, PUSHA, BOUND, direct far CALL and JMP,
 * INTO and others: an emulator that decodes them as the old ones runs ring
 * 3's bytes as something that no processor would.  MOV to CS is #UD in every
 * mode.  Always a fault: RIP on the first byte, prefixes included.
 *
 * UD0 has a ModRM byte on newer Intel and none elsewhere, and 62h is EVEX: so
 * enough harmless bytes follow each, and these make no EVEX instruction.
 */
#include "fmt.h"
#include "idt.h"
#include "judge/stimulus.h"
#include "macros.h"
#include "stacks.h"
#include "vectors.h"

/* X(name, id, bytes): undefined in 64-bit code ... */
#define IN_64BIT(X)                                                            \
    X(ud0, "ud0", "0x0f, 0xff, 0xc0")                                          \
    X(ud1, "ud1", "0x0f, 0xb9, 0xc0")                                          \
    X(ud2, "ud2", "0x0f, 0x0b")                                                \
    X(lock_nop, "lock-nop", "0xf0, 0x90")                                      \
    X(lock_reg, "lock-add-register", "0xf0, 0x01, 0xc0")                       \
    X(lock_load, "lock-mov-load", "0xf0, 0x8b, 0x04, 0x24")                    \
    X(mov_cs, "mov-to-cs", "0x8e, 0xc8")                                       \
    X(mov_seg6, "mov-to-seg6", "0x8e, 0xf0")                                   \
    X(mov_seg7, "mov-to-seg7", "0x8e, 0xf8")                                   \
    X(lea_reg, "lea-register", "0x8d, 0xc0")                                   \
    X(sgdt_reg, "sgdt-register", "0x0f, 0x01, 0xc7")

/* ... or in ring 0, where privilege is no other reason to refuse it ... */
#define IN_RING0(X)                                                            \
    X(cr1, "mov-from-cr1", "0x0f, 0x20, 0xc8")                                 \
    X(cr5, "mov-from-cr5", "0x0f, 0x20, 0xe8")                                 \
    X(cr9, "mov-to-cr9", "0x44, 0x0f, 0x22, 0xc8")

/* ... and those that were something else before it. */
#define ONLY_64BIT(X)                                                          \
    X(push_es, "push-es", "0x06")                                              \
    X(pop_es, "pop-es", "0x07")                                                \
    X(push_cs, "push-cs", "0x0e")                                              \
    X(push_ss, "push-ss", "0x16")                                              \
    X(pop_ss, "pop-ss", "0x17")                                                \
    X(push_ds, "push-ds", "0x1e")                                              \
    X(pop_ds, "pop-ds", "0x1f")                                                \
    X(daa, "daa", "0x27")                                                      \
    X(das, "das", "0x2f")                                                      \
    X(aaa, "aaa", "0x37")                                                      \
    X(aas, "aas", "0x3f")                                                      \
    X(pusha, "pusha", "0x60")                                                  \
    X(popa, "popa", "0x61")                                                    \
    X(bound, "bound", "0x62, 0xfc, 0xff, 0xff, 0xff, 0xff")                    \
    X(alias82, "82", "0x82, 0xc0, 0x00")                                       \
    X(lcall, "lcall-direct", "0x9a, 0, 0, 0, 0, 0, 0")                         \
    X(into, "into", "0xce")                                                    \
    X(aam, "aam", "0xd4, 0x0a")                                                \
    X(aad, "aad", "0xd5, 0x0a")                                                \
    X(salc, "salc", "0xd6")                                                    \
    X(ljmp, "ljmp-direct", "0xea, 0, 0, 0, 0, 0, 0")

#define BYTES(bytes) ".byte " bytes
#define AFTER "nop; nop; nop; nop; nop; nop; nop; nop"
#define CODE_0(name, id, bytes)                                                \
    RING0(undefined_##name##0, "", BYTES(bytes), AFTER);
#define CODE_64(name, id, bytes)                                               \
    RING3(undefined_##name##3, "", BYTES(bytes), AFTER);                       \
    CODE_0(name, id, bytes)
#define CODE_32(name, id, bytes)                                               \
    COMPAT(undefined_##name##32, "", BYTES(bytes), AFTER);
IN_64BIT(CODE_64)
IN_64BIT(CODE_32)
IN_RING0(CODE_0)
ONLY_64BIT(CODE_64)

static const struct row {
    const char *id;
    enum origin from;
    const char *start, *at, *resume;
} rows[] = {
#define ROW_0(name, id, bytes)                                                 \
    {id ".ring0", FROM_RING0, undefined_##name##0, undefined_##name##0_at,     \
     undefined_##name##0_resume},
#define ROW_64(name, id, bytes)                                                \
    {id ".ring3", FROM_RING3, undefined_##name##3, undefined_##name##3_at,     \
     undefined_##name##3_resume},                                              \
        ROW_0(name, id, bytes)
#define ROW_32(name, id, bytes)                                                \
    {id ".compat", FROM_COMPAT, undefined_##name##32, undefined_##name##32_at, \
     undefined_##name##32_resume},
    IN_64BIT(ROW_64) IN_64BIT(ROW_32) IN_RING0(ROW_0) ONLY_64BIT(ROW_64)};

/* From an IST, too: one gate for all of them. */
static void lend_ist(struct trapframe *c)
{
    (void)c;
    idt[VEC_ud].low |= (uint64_t)IST_spare << 32;
}

static void take_ist(void)
{
    idt[VEC_ud].low &= ~(7ull << 32);
}

void case_ex_undefined(void)
{
    for (unsigned i = 0; i < COUNT(rows); i++) {
        const struct row *r = &rows[i];
        struct stimulus s = {
            .from = r->from,
            .start = r->start,
            .at = r->at,
            .resume = r->resume,
            .vector = VEC_ud,
            .saved = SAVED_AT,
            .facts = "EX1 EX2",
            .why = "what no mode has, and what 64-bit mode has no more, is #UD "
                   "with RIP on its first byte; SDM vol 2, opcode map, and "
                   "vol 3, Interrupt 6",
        };
        char id[44];

        for (unsigned ist = 0; ist < 2; ist++) {
            fmt(id, sizeof(id), "ud.%s%s", r->id, ist ? ".ist" : "");
            s.id = id;
            s.before = ist ? lend_ist : 0;
            s.after = ist ? take_ist : 0;
            check_run(&s);
        }
    }
}
