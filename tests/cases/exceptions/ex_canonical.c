/* SPDX-License-Identifier: MIT */
/*
 * Non-canonical addresses: as data, on the stack, and as a target.
 *
 * Data is #GP(0), and so is a branch, with RIP on the branch: the kernel must
 * not find itself at an address that is none, and a CALL must not have
 * pushed.  What goes through SS (RSP or RBP as the base, PUSH, POP, CALL's own
 * push) is #SS(0), which kernels tend to forget.  Whether a branch faults
 * before it is taken is not known of AMD's: there it is a value.
 *
 * Three addresses: the first and the last of the hole for the paging that is
 * on, and one that no width makes canonical.
 */
#include "engine/persona.h"
#include "fmt.h"
#include "idt.h"
#include "insn.h"
#include "judge/stimulus.h"
#include "lib/canonical.h"
#include "macros.h"
#include "stacks.h"
#include "vectors.h"

/* X(name, id, before, insn): RBX is the bad address; RSP is what needs it. */
#define DATA(X)                                                                \
    X(load, "load", "", "mov (%rbx), %eax")                                    \
    X(store, "store", "", "mov %eax, (%rbx)")                                  \
    X(byte, "load-byte", "", "mov (%rbx), %al")                                \
    X(modify, "modify", "", "addl $1, (%rbx)")                                 \
    X(locked, "locked", "", "lock addl $1, (%rbx)")                            \
    X(string, "string", "mov %rbx, %rsi", "lodsb")                             \
    X(indexed, "indexed", "xor %ecx, %ecx", "mov (%rcx, %rbx), %eax")          \
    X(x87, "x87", "", "fldl (%rbx)")                                           \
    X(jump_memory, "jump-through", "", "jmp *(%rbx)")
#define STACK(X)                                                               \
    X(push, "push", "", "push %rax")                                           \
    X(pop, "pop", "", "pop %rax")                                              \
    X(pushf, "pushf", "", "pushfq")                                            \
    X(rsp_base, "rsp-base", "", "mov (%rsp), %eax")                            \
    X(ret, "ret", "", "ret")                                                   \
    X(call, "call", "", "call 1f\n1:")                                         \
    X(lret, "lret", "", "lretq")
#define FRAME(X)                                                               \
    X(rbp_base, "rbp-base", "mov %rbx, %rbp", "mov (%rbp), %eax")              \
    X(rbp_store, "rbp-store", "mov %rbx, %rbp", "mov %eax, (%rbp)")            \
    X(leave, "leave", "mov %rbx, %rbp", "leave")
#define BRANCH(X)                                                              \
    X(jump, "jmp-register", "", "jmp *%rbx")                                   \
    X(jump_m, "jmp-memory", "mov %rbx, -16(%rsp)", "jmp *-16(%rsp)")           \
    X(call_r, "call-register", "", "call *%rbx")                               \
    X(call_m, "call-memory", "mov %rbx, -16(%rsp)", "call *-16(%rsp)")         \
    X(ret_to, "ret-to", "mov %rbx, (%rsp)", "ret")                             \
    X(ret_imm, "ret-imm16-to", "mov %rbx, (%rsp)", "ret $16")

#define CODE_64(name, id, before, insn)                                        \
    RING3(hole_##name##3, before, insn, "");                                   \
    RING0(hole_##name##0, before, insn, "");
DATA(CODE_64)
STACK(CODE_64)
FRAME(CODE_64)
BRANCH(CODE_64)

static const struct row {
    const char *id;
    enum origin from;
    const char *start, *at, *resume;
    unsigned vector;
    bool on_stack; /* RSP is the bad address itself */
    bool branch;
} rows[] = {
#define ROW(id, from, code, ...)                                               \
    {id, from, code, code##_at, code##_resume, __VA_ARGS__},
#define BOTH(name, id, ...)                                                    \
    ROW("hole.data." id ".ring3", FROM_RING3, hole_##name##3, __VA_ARGS__)     \
    ROW("hole.data." id ".ring0", FROM_RING0, hole_##name##0, __VA_ARGS__)
#define BOTH_SS(name, id, ...)                                                 \
    ROW("hole.stack." id ".ring3", FROM_RING3, hole_##name##3, __VA_ARGS__)    \
    ROW("hole.stack." id ".ring0", FROM_RING0, hole_##name##0, __VA_ARGS__)
#define BOTH_RIP(name, id, ...)                                                \
    ROW("hole.branch." id ".ring3", FROM_RING3, hole_##name##3, __VA_ARGS__)   \
    ROW("hole.branch." id ".ring0", FROM_RING0, hole_##name##0, __VA_ARGS__)
#define ROW_DATA(name, id, before, insn) BOTH(name, id, VEC_gp, false, false)
#define ROW_STACK(name, id, before, insn) BOTH_SS(name, id, VEC_ss, true, false)
#define ROW_FRAME(name, id, before, insn)                                      \
    BOTH_SS(name, id, VEC_ss, false, false)
#define ROW_BRANCH(name, id, before, insn)                                     \
    BOTH_RIP(name, id, VEC_gp, false, true)
    DATA(ROW_DATA) STACK(ROW_STACK) FRAME(ROW_FRAME) BRANCH(ROW_BRANCH)};

static struct {
    const struct row *row;
    uint64_t address;
    bool ist;
} now;

#define IST_BITS (7ull << 32)
#define SPARE ((uint64_t)IST_spare << 32)

/* On the bad stack nothing can be pushed in ring 0, so #SS and #GP, which may
 * come instead, have an IST there. */
static void before(struct trapframe *c)
{
    c->rbx = now.address;
    if (now.row->on_stack)
        c->rsp = now.address;
    if (now.ist || (now.row->on_stack && now.row->from == FROM_RING0)) {
        idt[VEC_ss].low |= SPARE;
        idt[VEC_gp].low |= SPARE;
    }
}

static void after(void)
{
    idt[VEC_ss].low &= ~IST_BITS;
    idt[VEC_gp].low &= ~IST_BITS;
    fpu_reset();
}

/* Wherever it went on to: behind the branch, on the stack that it had. */
static void mend(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    (void)nth;
    (void)o;
    f->rsp = stimulus_context()->rsp;
    f->rip = (uint64_t)now.row->resume;
}

static void run(const struct row *r, const char *which)
{
    struct stimulus s = {
        .from = r->from,
        .start = r->start,
        .at = r->at,
        .resume = r->resume,
        .vector = r->vector,
        .saved = SAVED_AT,
        .error_code = true,
        .clobbers = REG_RBX | REG_RBP | REG_RSI | REG_RCX,
        .flags_changed = ARITHMETIC_FLAGS,
        .confidence =
            r->branch && !persona.intel ? CONFIDENCE_VALUE : CONFIDENCE_HIGH,
        .before = before,
        .after = after,
        .mend = mend,
        .facts = "EX5 EX21",
        .why = r->branch
                   ? "a branch to a non-canonical address is #GP(0) where "
                     "it stands, with nothing pushed or popped; SDM vol "
                     "2 JMP, CALL, RET"
               : r->vector == VEC_ss
                   ? "a non-canonical address by way of SS is #SS(0); SDM vol "
                     "3, Interrupt 12"
                   : "a non-canonical address of data is #GP(0), never #PF; "
                     "SDM vol 3, Interrupt 13",
    };
    char id[44];

    now.row = r;
    fmt(id, sizeof(id), "%s.%s%s", r->id, which, now.ist ? ".ist" : "");
    s.id = id;
    check_run(&s);
}

void case_ex_canonical(void)
{
    uint64_t hole = canonical_hole();
    const struct {
        const char *name;
        uint64_t address;
    } holes[] = {
        {"first", hole + 64},
        {"last", ~hole - 63},
        {"no-width", 0xaaaaaaaaaaaaaaa8},
    };

    for (unsigned i = 0; i < COUNT(rows); i++)
        for (unsigned h = 0; h < 3; h++) {
            now.address = holes[h].address;
            now.ist = false;
            run(&rows[i], holes[h].name);
            if (h)
                continue;
            now.ist = true;
            run(&rows[i], holes[h].name);
        }
}
