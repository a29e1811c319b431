/* SPDX-License-Identifier: MIT */
/*
 * What ring 3 must not execute.
 *
 * Each is #GP(0) with RIP on it, before it does anything, in 64-bit and in
 * compat code: one of these let through, and ring 3 owns the machine.  HLT,
 * the control and debug registers, the MSRs, the tables, caches and TLB are
 * forbidden at any IOPL; CLI, STI, IN and OUT go by IOPL, and ports by the
 * TSS's bitmap besides (ex_io.c).
 *
 * RDTSC, RDPMC and, with UMIP, SGDT, SIDT, SLDT, STR and SMSW go by a bit of
 * CR4: allowed and forbidden, both are asked, and that ring 0 never minds.
 */
#include "cpu.h"
#include "fmt.h"
#include "gdt.h"
#include "idt.h"
#include "insn.h"
#include "judge/stimulus.h"
#include "macros.h"
#include "msr.h"
#include "stacks.h"
#include "vectors.h"

#define PORT 0x80      /* nothing listens there */
#define IDT_POINTER 16 /* from RSP up, where GDTR's stands */

/* What RAX holds: such that nothing breaks if it is executed after all. */
enum operand { ZERO, CR0, CR3, CR4, DR7, TSS };

/* X(name, id, insn, operand); SP is the stack pointer's name. */
#define FORBIDDEN(X, SP)                                                       \
    X(hlt, "hlt", "hlt", ZERO)                                                 \
    X(clts, "clts", "clts", ZERO)                                              \
    X(invd, "invd", "invd", ZERO)                                              \
    X(wbinvd, "wbinvd", "wbinvd", ZERO)                                        \
    X(rdmsr, "rdmsr", "rdmsr", ZERO)                                           \
    X(wrmsr, "wrmsr", "wrmsr", ZERO)                                           \
    X(lgdt, "lgdt", "lgdt (%" SP ")", ZERO)                                    \
    X(lidt, "lidt", "lidt 16(%" SP ")", ZERO)                                  \
    X(lldt, "lldt", "lldt %ax", ZERO)                                          \
    X(ltr, "ltr", "ltr %ax", TSS)                                              \
    X(lmsw, "lmsw", "lmsw %ax", CR0)                                           \
    X(invlpg, "invlpg", "invlpg (%" SP ")", ZERO)
#define REGISTERS(X, A)                                                        \
    X(from_cr0, "mov-from-cr0", "mov %cr0, %" A, ZERO)                         \
    X(from_cr2, "mov-from-cr2", "mov %cr2, %" A, ZERO)                         \
    X(from_cr3, "mov-from-cr3", "mov %cr3, %" A, ZERO)                         \
    X(from_cr4, "mov-from-cr4", "mov %cr4, %" A, ZERO)                         \
    X(to_cr0, "mov-to-cr0", "mov %" A ", %cr0", CR0)                           \
    X(to_cr2, "mov-to-cr2", "mov %" A ", %cr2", ZERO)                          \
    X(to_cr3, "mov-to-cr3", "mov %" A ", %cr3", CR3)                           \
    X(to_cr4, "mov-to-cr4", "mov %" A ", %cr4", CR4)                           \
    X(from_dr0, "mov-from-dr0", "mov %db0, %" A, ZERO)                         \
    X(from_dr6, "mov-from-dr6", "mov %db6, %" A, ZERO)                         \
    X(from_dr7, "mov-from-dr7", "mov %db7, %" A, ZERO)                         \
    X(to_dr0, "mov-to-dr0", "mov %" A ", %db0", ZERO)                          \
    X(to_dr7, "mov-to-dr7", "mov %" A ", %db7", DR7)
#define REGISTERS_64(X)                                                        \
    X(from_cr8, "mov-from-cr8", "mov %cr8, %rax", ZERO)                        \
    X(to_cr8, "mov-to-cr8", "mov %rax, %cr8", ZERO)
/* Ports: of a TSS without a bitmap. */
#define BY_IOPL(X)                                                             \
    X(cli, "cli", "cli", ZERO)                                                 \
    X(sti, "sti", "sti", ZERO)                                                 \
    X(in1, "in-imm", "in $0x80, %al", ZERO)                                    \
    X(in2, "in-dx", "in %dx, %al", ZERO)                                       \
    X(out1, "out-imm", "out %al, $0x80", ZERO)                                 \
    X(out2, "out-dx", "out %al, %dx", ZERO)
#define STRINGS(X)                                                             \
    X(ins, "ins", "insb", ZERO)                                                \
    X(outs, "outs", "outsb", ZERO)
#define MEMORY(X, SP)                                                          \
    X(sgdt, "sgdt", "sgdt -32(%" SP ")", ZERO)                                 \
    X(sidt, "sidt", "sidt -32(%" SP ")", ZERO)                                 \
    X(sldt, "sldt", "sldt -32(%" SP ")", ZERO)                                 \
    X(str, "str", "str -32(%" SP ")", ZERO)                                    \
    X(smsw, "smsw", "smsw -32(%" SP ")", ZERO)                                 \
    X(smsw_reg, "smsw-register", "smsw %eax", ZERO)
#define COUNTERS(X) X(rdtsc, "rdtsc", "rdtsc", ZERO)

#define CODE_64(name, id, insn, operand)                                       \
    RING3(privileged_##name##3, "", insn, "");
#define CODE_32(name, id, insn, operand)                                       \
    COMPAT(privileged_##name##32, "", insn, "");
#define CODE_0(name, id, insn, operand)                                        \
    RING0(privileged_##name##0, "", insn, "");
FORBIDDEN(CODE_64, "rsp")
FORBIDDEN(CODE_32, "esp")
REGISTERS(CODE_64, "rax")
REGISTERS(CODE_32, "eax")
REGISTERS_64(CODE_64)
BY_IOPL(CODE_64)
BY_IOPL(CODE_32)
STRINGS(CODE_64)
MEMORY(CODE_64, "rsp")
MEMORY(CODE_32, "esp")
MEMORY(CODE_0, "rsp")
COUNTERS(CODE_64)
COUNTERS(CODE_32)
COUNTERS(CODE_0)

struct row {
    const char *id;
    enum origin from;
    enum operand operand;
    const char *start, *at, *resume;
};
#define ROW(id, from, code, operand)                                           \
    {id, from, operand, code, code##_at, code##_resume},
#define ROW_64(name, id, insn, operand)                                        \
    ROW(id ".ring3", FROM_RING3, privileged_##name##3, operand)
#define ROW_32(name, id, insn, operand)                                        \
    ROW(id ".compat", FROM_COMPAT, privileged_##name##32, operand)
#define ROW_0(name, id, insn, operand)                                         \
    ROW(id ".ring0", FROM_RING0, privileged_##name##0, operand)
static const struct row at_any_iopl[] = {
    FORBIDDEN(ROW_64, "") FORBIDDEN(ROW_32, "") REGISTERS(ROW_64, "")
        REGISTERS(ROW_32, "") REGISTERS_64(ROW_64)};
static const struct row by_iopl[] = {BY_IOPL(ROW_64) BY_IOPL(ROW_32)
                                         STRINGS(ROW_64)};
static const struct row memory[] = {MEMORY(ROW_64, "") MEMORY(ROW_32, "")
                                        MEMORY(ROW_0, "")};
static const struct row counters[] = {COUNTERS(ROW_64) COUNTERS(ROW_32)
                                          COUNTERS(ROW_0)};

static struct {
    const struct row *row;
    uint64_t cr4; /* to set */
    unsigned iopl, ist;
} now;

static const char *unfit(const struct stimulus *s)
{
    (void)s;
    if (now.cr4 == CR4_UMIP && !cpu_has(FEATURE_UMIP))
        return "this processor has no UMIP";
    return 0;
}

static uint64_t operand(enum operand o)
{
    switch (o) {
    case ZERO:
        return 0;
    case CR0:
        return read_cr0();
    case CR3:
        return read_cr3();
    case CR4:
        return read_cr4();
    case DR7:
        return DR7_CLEAR;
    case TSS:
        return SEL_TSS;
    }
    return 0;
}

static void before(struct trapframe *c)
{
    struct table_pointer *tables = (struct table_pointer *)c->rsp;

    tables[0] = (struct table_pointer){sizeof(gdt) - 1, (uint64_t)gdt};
    *(struct table_pointer *)(c->rsp + IDT_POINTER) =
        (struct table_pointer){sizeof(idt) - 1, (uint64_t)idt};
    c->rflags |= (uint64_t)now.iopl << 12;
    c->rax = operand(now.row->operand);
    c->rcx = MSR_KERNEL_GS_BASE;
    c->rdx = PORT;
    c->rdi = c->rsi = c->rsp;
    write_cr4(read_cr4() | now.cr4);
    idt[VEC_gp].low |= (uint64_t)now.ist << 32;
}

static void after(void)
{
    write_cr4(read_cr4() & ~now.cr4);
    idt[VEC_gp].low &= ~(7ull << 32);
}

static void run(const struct row *r, const char *suffix, bool refused)
{
    struct stimulus s = {
        .from = r->from,
        .start = r->start,
        .at = r->at,
        .resume = r->resume,
        .vector = refused ? VEC_gp : VEC_gate,
        .error_code = true,
        .saved = SAVED_AT,
        .clobbers = refused ? 0 : REG_RAX | REG_RDX,
        .unfit = unfit,
        .before = before,
        .after = after,
        .facts = "EX8 EX12",
        .why = "what CPL, IOPL or CR4 forbids is #GP(0) before it does "
               "anything, and the rest is allowed; SDM vol 3, Privileged "
               "Instructions",
    };
    char id[44];

    now.row = r;
    fmt(id, sizeof(id), "cpl.%s%s%s", r->id, suffix, now.ist ? ".ist" : "");
    s.id = id;
    check_run(&s);
}

#define EACH(i, rows) (unsigned i = 0; i < COUNT(rows); i++)

void case_ex_privileged(void)
{
    now.iopl = now.ist = 0;
    now.cr4 = 0;
    for
        EACH(i, at_any_iopl)
    run(&at_any_iopl[i], "", true);
    for
        EACH(i, by_iopl)
    run(&by_iopl[i], "", true);
    for
        EACH(i, memory)
    run(&memory[i], ".umip-off", false);
    for
        EACH(i, counters)
    run(&counters[i], ".tsd-off", false);
    now.ist = IST_spare;
    for
        EACH(i, at_any_iopl)
    run(&at_any_iopl[i], "", true);
    now.ist = 0;
    now.iopl = 3; /* which changes nothing for these */
    for
        EACH(i, at_any_iopl)
    run(&at_any_iopl[i], ".iopl3", true);
    now.iopl = 0;
    now.cr4 = CR4_UMIP;
    for
        EACH(i, memory)
    run(&memory[i], ".umip", memory[i].from != FROM_RING0);
    now.cr4 = CR4_TSD;
    for
        EACH(i, counters)
    run(&counters[i], ".tsd", counters[i].from != FROM_RING0);
}
