/* SPDX-License-Identifier: MIT */
/*
 * Accesses through a null segment register.
 *
 * In 64-bit code that is no fault, for DS and ES not even a thing: they have
 * no base and no limit.  In compat code it is #GP(0), which is what makes a
 * null pointer to a segment worth something there; ring 3 starts with all four
 * null here.  QEMU 7.2 does not look.
 */
#include "judge/stimulus.h"
#include "macros.h"
#include "vectors.h"

/* X(name, id, insn): RBX, RSI and RDI are an address on the stack. */
#define NULL_32(X)                                                             \
    X(ds_r, "ds-read", "mov (%ebx), %eax")                                     \
    X(ds_w, "ds-write", "mov %eax, (%ebx)")                                    \
    X(ds_b, "ds-byte", "testb $1, (%ebx)")                                     \
    X(ds_s, "ds-lods", "lodsb")                                                \
    X(es_r, "es-read", "mov %es:(%ebx), %eax")                                 \
    X(es_w, "es-write", "mov %eax, %es:(%ebx)")                                \
    X(es_s, "es-stos", "stosb")                                                \
    X(fs_r, "fs-read", "mov %fs:(%ebx), %eax")                                 \
    X(fs_w, "fs-write", "mov %eax, %fs:(%ebx)")                                \
    X(gs_r, "gs-read", "mov %gs:(%ebx), %eax")                                 \
    X(gs_w, "gs-write", "mov %eax, %gs:(%ebx)")
#define GOOD_32(X)                                                             \
    X(ss_r, "ss-read", "mov %ss:(%ebx), %eax")                                 \
    X(cs_r, "cs-read", "mov %cs:(%ebx), %eax")                                 \
    X(bp_r, "ebp-read", "mov %ebx, %ebp\nmov (%ebp), %eax")
#define GOOD_64(X)                                                             \
    X(ds_r, "ds-read", "mov (%rbx), %eax")                                     \
    X(ds_w, "ds-write", "mov %eax, (%rbx)")                                    \
    X(ds_s, "ds-lods", "lodsb")                                                \
    X(es_r, "es-read", "mov %es:(%rbx), %eax")                                 \
    X(es_s, "es-stos", "stosb")                                                \
    X(fs_r, "fs-read", "mov %fs:(%rbx), %eax")
#define CODE_32(name, id, insn) COMPAT(null_##name##32, "", insn, "");
#define CODE_64(name, id, insn)                                                \
    RING3(null_##name##3, "", insn, "");                                       \
    RING0(null_##name##0, "", insn, "");
NULL_32(CODE_32)
GOOD_32(CODE_32)
GOOD_64(CODE_64)

static const struct row {
    const char *id;
    enum origin from;
    const char *start, *at, *resume;
    bool refused;
} rows[] = {
#define ROW(id, from, code, refused)                                           \
    {"null." id, from, code, code##_at, code##_resume, refused},
#define ROW_NULL(name, id, insn)                                               \
    ROW(id ".compat", FROM_COMPAT, null_##name##32, true)
#define ROW_GOOD(name, id, insn)                                               \
    ROW(id ".compat", FROM_COMPAT, null_##name##32, false)
#define ROW_64(name, id, insn)                                                 \
    ROW(id ".ring3", FROM_RING3, null_##name##3, false)                        \
    ROW(id ".ring0", FROM_RING0, null_##name##0, false)
    NULL_32(ROW_NULL) GOOD_32(ROW_GOOD) GOOD_64(ROW_64)};

static void before(struct trapframe *c)
{
    c->rbx = c->rsi = c->rdi = c->rsp;
}

void case_seg_null(void)
{
    for (unsigned i = 0; i < COUNT(rows); i++) {
        const struct row *r = &rows[i];
        struct stimulus s = {
            .id = r->id,
            .from = r->from,
            .start = r->start,
            .at = r->at,
            .resume = r->resume,
            .vector = r->refused ? VEC_gp : VEC_gate,
            .error_code = true,
            .saved = SAVED_AT,
            .clobbers = r->refused ? 0 : REG_RAX | REG_RBP | REG_RDI | 1u << 10,
            .before = before,
            .facts = "EX19",
            .why = "through a null DS, ES, FS or GS is #GP(0) in compat code "
                   "and nothing in 64-bit code; SDM vol 3, 3.4.2",
        };

        check_run(&s);
    }
}
