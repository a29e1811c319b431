/* SPDX-License-Identifier: MIT */
/*
 * #DE, #BP, #OF, #BR, #NM and #MF: when they come, when they do not, and where
 * RIP points.
 *
 * Faults leave RIP on the instruction, traps behind it; a kernel that fixes
 * up a fault by RIP depends on it.  #MF is the odd one: it comes at the next
 * waiting x87 instruction, not at the one that went wrong.  CR0's EM, MP and
 * TS each have a #NM of their own, but EM makes an SSE instruction #UD.  BOUND
 * and INTO exist in compat code alone.
 */
#include "fmt.h"
#include "idt.h"
#include "insn.h"
#include "judge/stimulus.h"
#include "macros.h"
#include "msr.h"
#include "stacks.h"
#include "vectors.h"

#define MF_PENDING                                                             \
    "fninit\nfldcw %cs:exc_fpu_control\nfld1\nfldz\nfdivrp" /* ZM clear */
#define BOUNDS(index)                                                          \
    "movl $5, -8(%esp)\nmovl $9, -4(%esp)\nmov $" #index ", %ecx"
#define RAX_RCX_RDX (REG_RAX | REG_RCX | REG_RDX)

/* X(name, id, before, insn, vector, saved, CR0 bits turned over, clobbers);
 * VEC_gate: nothing comes. */
#define EVERYWHERE(X)                                                          \
    X(div, "de.divide-by-zero", "xor %ecx, %ecx", "div %ecx", VEC_de,          \
      SAVED_AT, 0, REG_RCX)                                                    \
    X(div8, "de.byte", "xor %ecx, %ecx", "div %cl", VEC_de, SAVED_AT, 0,       \
      REG_RCX)                                                                 \
    X(div_over, "de.quotient-too-large",                                       \
      "mov $1, %edx\nmov $1, %ecx\nxor %eax, %eax", "div %ecx", VEC_de,        \
      SAVED_AT, 0, RAX_RCX_RDX)                                                \
    X(idiv, "de.most-negative",                                                \
      "mov $0x80000000, %eax\nmov $-1, %edx\nmov $-1, %ecx", "idiv %ecx",      \
      VEC_de, SAVED_AT, 0, RAX_RCX_RDX)                                        \
    X(int3, "bp.int3", "", "int3", VEC_bp, SAVED_RESUME, 0, 0)                 \
    X(cd03, "bp.cd03", "", ".byte 0xcd, 0x03", VEC_bp, SAVED_RESUME, 0, 0)     \
    X(ts_x87, "nm.ts.x87", "", "fnop", VEC_nm, SAVED_AT, CR0_TS, 0)            \
    X(ts_sse, "nm.ts.sse", "", "xorps %xmm0, %xmm0", VEC_nm, SAVED_AT, CR0_TS, \
      0)                                                                       \
    X(ts_mmx, "nm.ts.mmx", "", "pxor %mm0, %mm0", VEC_nm, SAVED_AT, CR0_TS, 0) \
    X(ts_wait, "nm.ts-mp.wait", "", "fwait", VEC_nm, SAVED_AT, CR0_TS, 0)      \
    X(ts_only, "nm.ts-only.wait-none", "", "fwait", VEC_gate, SAVED_AT,        \
      CR0_TS | CR0_MP, 0)                                                      \
    X(mp_only, "nm.mp-only.wait-none", "", "fwait", VEC_gate, SAVED_AT, 0, 0)  \
    X(em_x87, "nm.em.x87", "", "fnop", VEC_nm, SAVED_AT, CR0_EM, 0)            \
    X(em_sse, "ud.em.sse", "", "xorps %xmm0, %xmm0", VEC_ud, SAVED_AT, CR0_EM, \
      0)                                                                       \
    X(em_mmx, "ud.em.mmx", "", "pxor %mm0, %mm0", VEC_ud, SAVED_AT, CR0_EM, 0) \
    X(mf_wait, "mf.wait", MF_PENDING, "fwait", VEC_mf, SAVED_AT, 0, 0)         \
    X(mf_load, "mf.load", MF_PENDING, "fld1", VEC_mf, SAVED_AT, 0, 0)          \
    X(mf_not, "mf.non-waiting-none", MF_PENDING, "fnstsw", VEC_gate, SAVED_AT, \
      0, REG_RAX)

#define IN_COMPAT(X)                                                           \
    X(aam, "de.aam", "", "aam $0", VEC_de, SAVED_AT, 0, 0)                     \
    X(into, "of.into", "mov $0x7fffffff, %eax\nadd $1, %eax", "into", VEC_of,  \
      SAVED_RESUME, 0, REG_RAX)                                                \
    X(into_not, "of.into-none", "xor %eax, %eax", "into", VEC_gate, SAVED_AT,  \
      0, REG_RAX)                                                              \
    X(bound_low, "br.below", BOUNDS(4), "bound %ecx, -8(%esp)", VEC_br,        \
      SAVED_AT, 0, REG_RCX)                                                    \
    X(bound_high, "br.above", BOUNDS(10), "bound %ecx, -8(%esp)", VEC_br,      \
      SAVED_AT, 0, REG_RCX)                                                    \
    X(bound_in, "br.inside-none", BOUNDS(9), "bound %ecx, -8(%esp)", VEC_gate, \
      SAVED_AT, 0, REG_RCX)

#define CODE_64(name, id, before, insn, ...)                                   \
    RING3(fault_##name##3, before, insn, "");                                  \
    RING0(fault_##name##0, before, insn, "");
#define CODE_32(name, id, before, insn, ...)                                   \
    COMPAT(fault_##name##32, before, insn, "");
EVERYWHERE(CODE_64)
EVERYWHERE(CODE_32)
IN_COMPAT(CODE_32)

static const struct row {
    const char *id;
    enum origin from;
    const char *start, *at, *resume;
    unsigned vector;
    enum saved_rip saved;
    uint32_t cr0, clobbers;
} rows[] = {
#define ROW(id, from, code, ...)                                               \
    {id, from, code, code##_at, code##_resume, __VA_ARGS__},
#define ROW_64(name, id, before, insn, ...)                                    \
    ROW(id ".ring3", FROM_RING3, fault_##name##3, __VA_ARGS__)                 \
    ROW(id ".ring0", FROM_RING0, fault_##name##0, __VA_ARGS__)
#define ROW_32(name, id, before, insn, ...)                                    \
    ROW(id ".compat", FROM_COMPAT, fault_##name##32, __VA_ARGS__)
    EVERYWHERE(ROW_64) EVERYWHERE(ROW_32) IN_COMPAT(ROW_32)};

static uint64_t cr0, ist;

static void before(struct trapframe *c)
{
    const struct row *r = (const struct row *)stimulus_now()->argument;

    (void)c;
    cr0 = read_cr0();
    write_cr0(cr0 ^ r->cr0);
    idt[r->vector].low |= ist << 32;
}

static void after(void)
{
    const struct row *r = (const struct row *)stimulus_now()->argument;

    write_cr0(cr0);
    fpu_reset();
    idt[r->vector].low &= ~(ist << 32);
}

void case_ex_fault(void)
{
    for (unsigned i = 0; i < COUNT(rows); i++) {
        const struct row *r = &rows[i];
        struct stimulus s = {
            .from = r->from,
            .start = r->start,
            .at = r->at,
            .resume = r->resume,
            .vector = r->vector,
            .saved = r->saved,
            .clobbers = r->clobbers,
            .flags_changed = ARITHMETIC_FLAGS,
            .before = before,
            .after = after,
            .argument = (uint64_t)r,
            .facts = "EX1",
            .why =
                "which instruction raises it, under which of CR0's bits, and "
                "whether RIP is on it or behind: SDM vol 3, Interrupts 0, "
                "3 to 7, 16; table 2-2",
        };
        char id[44];

        s.id = id;
        for (ist = 0; ist <= IST_spare; ist += IST_spare) {
            if (ist && r->vector == VEC_gate)
                break; /* nothing to come on another stack */
            fmt(id, sizeof(id), "%s%s", r->id, ist ? ".ist" : "");
            check_run(&s);
        }
    }
}
