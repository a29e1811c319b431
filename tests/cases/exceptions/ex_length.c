/* SPDX-License-Identifier: MIT */
/*
 * The longest instruction: 15 bytes.
 *
 * One byte more, and it is #GP(0) with RIP on its first byte, though every
 * prefix is valid and the opcode is a NOP.  An emulator without the limit runs
 * what no processor would.  Where the sixteenth byte lies on a page that may
 * not be fetched, either the length or the page may be told first: a value.
 */
#include "judge/stimulus.h"
#include "lib/pf_page.h"
#include "macros.h"
#include "page.h"
#include "vectors.h"

#define LONGEST 15
#define OPERAND_SIZE 0x66

#define PREFIXED(n, prefix) ".fill " #n ", 1, " prefix "\nnop"
/* X(name, id, insn, 1 if too long) */
#define EVERYWHERE(X)                                                          \
    X(cs15, "cs-override.15", PREFIXED(14, "0x2e"), false)                     \
    X(cs16, "cs-override.16", PREFIXED(15, "0x2e"), true)                      \
    X(cs17, "cs-override.17", PREFIXED(16, "0x2e"), true)                      \
    X(os15, "operand-size.15", PREFIXED(14, "0x66"), false)                    \
    X(os16, "operand-size.16", PREFIXED(15, "0x66"), true)                     \
    X(rep15, "rep.15", PREFIXED(14, "0xf3"), false)                            \
    X(rep16, "rep.16", PREFIXED(15, "0xf3"), true)
#define CODE_64(name, id, insn, too_long)                                      \
    RING3(length_##name##3, "", insn, "");                                     \
    RING0(length_##name##0, "", insn, "");
#define CODE_32(name, id, insn, too_long)                                      \
    COMPAT(length_##name##32, "", insn, "");
EVERYWHERE(CODE_64)
EVERYWHERE(CODE_32)
RING3(length_behind3, "", "nop", "");
RING0(length_behind0, "", "nop", "");
COMPAT(length_behind32, "", "nop", "");

static const struct row {
    const char *id;
    enum origin from;
    const char *start, *at, *resume;
    bool too_long;
} rows[] = {
#define ROW(id, from, code, too_long)                                          \
    {"length." id, from, code, code##_at, code##_resume, too_long},
#define ROW_64(name, id, insn, too_long)                                       \
    ROW(id ".ring3", FROM_RING3, length_##name##3, too_long)                   \
    ROW(id ".ring0", FROM_RING0, length_##name##0, too_long)
#define ROW_32(name, id, insn, too_long)                                       \
    ROW(id ".compat", FROM_COMPAT, length_##name##32, too_long)
    EVERYWHERE(ROW_64) EVERYWHERE(ROW_32)};

static const char why[] =
    "an instruction of more than 15 bytes is #GP(0) with RIP on its first; SDM "
    "vol 3, 6.9, and Interrupt 13";

static uint64_t former;
#define FIRST_BYTE (pf_page + sizeof(pf_page) - LONGEST)

/* Fifteen prefixes up to the page's end; the next page may not be fetched. */
static void before_page(struct trapframe *c)
{
    for (unsigned i = 0; i < LONGEST; i++)
        FIRST_BYTE[i] = OPERAND_SIZE;
    former = page_set((uint64_t)pf_page, page_physical(pf_page) | PAGE_PRESENT |
                                             PAGE_USER | PAGE_WRITE);
    c->rip = (uint64_t)FIRST_BYTE;
}

static void after_page(void)
{
    page_set((uint64_t)pf_page, former);
    for (unsigned i = 0; i < LONGEST; i++) /* INT VEC_gate, as pf_page.c has */
        FIRST_BYTE[i] = (uint64_t)(FIRST_BYTE + i) & 1 ? VEC_gate : 0xcd;
}

#define AT_PAGE_END(name, ring, code)                                          \
    {                                                                          \
        .id = "length.page-end." name, .from = ring, .start = code,            \
        .at = (const char *)FIRST_BYTE, .resume = code##_resume,               \
        .vector = VEC_gp, .error_code = true, .saved = SAVED_AT,               \
        .confidence = CONFIDENCE_VALUE, .before = before_page,                 \
        .after = after_page, .facts = "EX15", .why = why,                      \
    }

void case_ex_length(void)
{
    static const struct stimulus page_end[] = {
        AT_PAGE_END("ring3", FROM_RING3, length_behind3),
        AT_PAGE_END("compat", FROM_COMPAT, length_behind32),
        AT_PAGE_END("ring0", FROM_RING0, length_behind0),
    };

    for (unsigned i = 0; i < COUNT(rows); i++) {
        const struct row *r = &rows[i];
        struct stimulus s = {
            .id = r->id,
            .from = r->from,
            .start = r->start,
            .at = r->at,
            .resume = r->resume,
            .vector = r->too_long ? VEC_gp : VEC_gate,
            .error_code = true,
            .saved = SAVED_AT,
            .facts = "EX15",
            .why = why,
        };

        check_run(&s);
    }
    for (unsigned i = 0; i < COUNT(page_end); i++)
        check_run(&page_end[i]);
}
