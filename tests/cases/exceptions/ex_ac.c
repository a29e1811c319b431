/* SPDX-License-Identifier: MIT */
/*
 * #AC: misaligned data, where three things come together.
 *
 * CR0.AM allows it, RFLAGS.AC asks for it, and CPL 3 is where it counts; take
 * any one away and the access just works.  The error code is always 0, RIP is
 * on the instruction, and nothing has been moved.  Bytes have no alignment,
 * and MOVAPS has a rule of its own: #GP(0) in any ring.
 *
 * A processor that detects split locks raises #AC in ring 0, too, for a LOCK
 * across two cache lines; nothing here does that.  QEMU 7.2 has no #AC.
 */
#include "fmt.h"
#include "gdt.h"
#include "idt.h"
#include "insn.h"
#include "judge/stimulus.h"
#include "lib/origin.h"
#include "macros.h"
#include "msr.h"
#include "selectors.h"
#include "stacks.h"
#include "vectors.h"

/* Ring 3's and the kernel's RSP are 8 off a multiple of 16.  With SP for the
 * name of the stack pointer: X(name, id, insn, clobbers). */
#define NARROW(X, SP)                                                          \
    X(load2, "load2", "movw 1(%" SP "), %ax", REG_RAX)                         \
    X(load4, "load4", "movl 2(%" SP "), %eax", REG_RAX)                        \
    X(store2, "store2", "movw %ax, 33(%" SP ")", 0)                            \
    X(store4, "store4", "movl %eax, 34(%" SP ")", 0)                           \
    X(modify4, "modify4", "addl $0, 34(%" SP ")", 0)                           \
    X(fild8, "fild8", "fildll 4(%" SP ")", 0)                                  \
    X(movq8, "movq8", "movq 4(%" SP "), %xmm0", 0)
#define WIDE(X, SP)                                                            \
    X(load8, "load8", "movq 4(%" SP "), %rax", REG_RAX)                        \
    X(store8, "store8", "movq %rax, 36(%" SP ")", 0)
#define ALIGNED(X, SP)                                                         \
    X(byte, "byte", "movb 3(%" SP "), %al", REG_RAX)                           \
    X(word, "word", "movw 2(%" SP "), %ax", REG_RAX)                           \
    X(dword, "dword", "movl 4(%" SP "), %eax", REG_RAX)
#define MOVAPS(X, SP) X(movaps, "movaps", "movaps 4(%" SP "), %xmm0", 0)

#define CODE_3(name, id, insn, clobbers) RING3(ac_##name##3, "", insn, "");
#define CODE_0(name, id, insn, clobbers) RING0(ac_##name##0, "", insn, "");
#define CODE_C(name, id, insn, clobbers) COMPAT(ac_##name##32, "", insn, "");
#define ALL(X)                                                                 \
    NARROW(X, "rsp") WIDE(X, "rsp") ALIGNED(X, "rsp") MOVAPS(X, "rsp")
#define ALL_COMPAT(X) NARROW(X, "esp") ALIGNED(X, "esp") MOVAPS(X, "esp")
ALL(CODE_3)
ALL(CODE_0)
ALL_COMPAT(CODE_C)

struct row {
    const char *id;
    const char *start, *at, *resume;
    uint32_t clobbers;
};
#define ROW(id, code, clobbers) {id, code, code##_at, code##_resume, clobbers},
#define ROW_3(name, id, insn, clobbers) ROW(id, ac_##name##3, clobbers)
#define ROW_0(name, id, insn, clobbers) ROW(id, ac_##name##0, clobbers)
#define ROW_C(name, id, insn, clobbers) ROW(id, ac_##name##32, clobbers)
static const struct row misaligned3[] = {NARROW(ROW_3, "") WIDE(ROW_3, "")},
                        misaligned32[] = {NARROW(ROW_C, "")},
                        misaligned0[] = {NARROW(ROW_0, "") WIDE(ROW_0, "")},
                        aligned3[] = {ALIGNED(ROW_3, "")},
                        aligned32[] = {ALIGNED(ROW_C, "")},
                        movaps3[] = {MOVAPS(ROW_3, "")},
                        movaps32[] = {MOVAPS(ROW_C, "")},
                        movaps0[] = {MOVAPS(ROW_0, "")};

/* The run at hand: what is asked for, and from which ring. */
static struct {
    bool am, ac;
    unsigned cpl, ist, vector;
} now;

/* Ring 0's code, in a ring between. */
static void step_out(struct trapframe *c)
{
    gdt[SEL_SPARE / 8] = descriptor_flat(0x9b | now.cpl << 5, 0xa);
    gdt[SEL_SPARE / 8 + 1] = descriptor_flat(0x93 | now.cpl << 5, 0xc);
    c->cs = SEL_SPARE | now.cpl;
    c->ss = (SEL_SPARE + 8) | now.cpl;
}

static void before(struct trapframe *c)
{
    if (now.am)
        write_cr0(read_cr0() | CR0_AM);
    if (now.ac)
        c->rflags |= FLAG_AC;
    if (now.cpl == 1 || now.cpl == 2)
        step_out(c);
    idt[now.vector].low |= (uint64_t)now.ist << 32;
}

static void after(void)
{
    write_cr0(read_cr0() & ~(uint64_t)CR0_AM);
    gdt[SEL_SPARE / 8] = gdt[SEL_SPARE / 8 + 1] = 0;
    idt[now.vector].low &= ~((uint64_t)now.ist << 32);
    fpu_reset();
}

static void run(const struct row *r, unsigned n, enum origin from,
                unsigned vector, const char *what)
{
    for (unsigned i = 0; i < n; i++) {
        struct stimulus s = {
            .from = from,
            .start = r[i].start,
            .at = r[i].at,
            .resume = r[i].resume,
            .vector = vector,
            .saved = SAVED_AT,
            .error_code = vector != VEC_gate,
            .clobbers = r[i].clobbers,
            .flags_changed = ARITHMETIC_FLAGS,
            .before = before,
            .after = after,
            .facts = "EX4",
            .why = "#AC(0) for misaligned data with CR0.AM and RFLAGS.AC at "
                   "CPL 3, and only then; MOVAPS is #GP(0) anywhere; SDM vol "
                   "3, Interrupt 17",
        };
        char id[44];

        now.vector = vector;
        if (from == FROM_RING0)
            fmt(id, sizeof(id), "ac.%s.%s.ring%u%s", r[i].id, what, now.cpl,
                now.ist ? ".ist" : "");
        else
            fmt(id, sizeof(id), "ac.%s.%s.%s%s", r[i].id, what,
                origin_ids[from], now.ist ? ".ist" : "");
        s.id = id;
        check_run(&s);
    }
}

#define RUN(rows, ...) run(rows, COUNT(rows), __VA_ARGS__)

/* AM and AC in all four combinations, by the rows that ring 3 has. */
static void run_user(void)
{
    static const char *const what[] = {"none", "ac-only", "am-only", "am-ac"};

    now.cpl = 3;
    for (unsigned i = 0; i < 4; i++) {
        unsigned vector = i == 3 ? VEC_ac : VEC_gate;

        now.am = i & 2;
        now.ac = i & 1;
        RUN(misaligned3, FROM_RING3, vector, what[i]);
        RUN(misaligned32, FROM_COMPAT, vector, what[i]);
    }
    RUN(aligned3, FROM_RING3, VEC_gate, "aligned");
    RUN(aligned32, FROM_COMPAT, VEC_gate, "aligned");
    RUN(movaps3, FROM_RING3, VEC_gp, "gp");
    RUN(movaps32, FROM_COMPAT, VEC_gp, "gp");
    now.ist = IST_spare;
    RUN(misaligned3, FROM_RING3, VEC_ac, "am-ac");
    RUN(misaligned32, FROM_COMPAT, VEC_ac, "am-ac");
    now.ist = 0;
}

void case_ex_ac(void)
{
    run_user();
    for (now.cpl = 0; now.cpl < 3; now.cpl++)
        RUN(misaligned0, FROM_RING0, VEC_gate, "am-ac");
    now.cpl = 0;
    RUN(movaps0, FROM_RING0, VEC_gp, "gp");
}
