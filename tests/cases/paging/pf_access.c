/* SPDX-License-Identifier: MIT */
/*
 * #PF: W and CR2, by kind of access, width and place in the page.
 *
 * CR2 is the first byte of the access wherever in the page it is, not the
 * page.  Each is tried at four places of a page that is not there, and the
 * writes on one that may only be read; nothing of the instruction may have
 * happened.  One that reads and then writes is a write from the start, even
 * CMPXCHG that will not store: so processors do, and page-fault handlers save
 * a second fault by it, but no manual promises it.
 *
 * Where an access crosses into the bad page, CR2 may be its first byte there:
 * that, and what else is seen, is reported and not judged.
 */
#include "engine/payload.h"
#include "fmt.h"
#include "idt.h"
#include "insn.h"
#include "lib/pf_page.h"
#include "macros.h"
#include "page.h"
#include "stacks.h"
#include "vectors.h"

#define BOTH 0x100 /* reads first, which the manuals are not so clear about */

/* X(name, id, insn, width, writes): RBX is the address. */
#define EVERYWHERE(X, P)                                                       \
    X(r1, "read1", "mov " P "bx), %al", 1, 0)                                  \
    X(r2, "read2", "mov " P "bx), %ax", 2, 0)                                  \
    X(r4, "read4", "mov " P "bx), %eax", 4, 0)                                 \
    X(test, "test", "testb $1, " P "bx)", 1, 0)                                \
    X(w1, "write1", "mov %al, " P "bx)", 1, PF_W)                              \
    X(w2, "write2", "mov %ax, " P "bx)", 2, PF_W)                              \
    X(w4, "write4", "mov %eax, " P "bx)", 4, PF_W)                             \
    X(add, "add", "addl $1, " P "bx)", 4, PF_W | BOTH)                         \
    X(xchg, "xchg", "xchg %eax, " P "bx)", 4, PF_W | BOTH)                     \
    X(cmpxchg, "cmpxchg", "cmpxchg %ecx, " P "bx)", 4, PF_W | BOTH)            \
    X(locked, "lock-or", "lock orb $1, " P "bx)", 1, PF_W | BOTH)              \
    X(bts, "bts", "btsl $3, " P "bx)", 4, PF_W | BOTH)                         \
    X(setc, "setc", "setc " P "bx)", 1, PF_W)                                  \
    X(movups, "movups", "movups " P "bx), %xmm0", 16, 0)                       \
    X(fst, "fst8", "fstl " P "bx)", 8, PF_W)
#define WIDE(X)                                                                \
    X(r8, "read8", "mov (%rbx), %rax", 8, 0)                                   \
    X(w8, "write8", "mov %rax, (%rbx)", 8, PF_W)                               \
    X(stos, "stos8", "stosq", 8, PF_W)                                         \
    X(lods, "lods1", "lodsb", 1, 0)                                            \
    X(cmpxchg8b, "cmpxchg8b", "cmpxchg8b (%rbx)", 8, PF_W | BOTH)
/* RSP is the address, but for what PUSH and CALL go below it. */
#define STACK(X)                                                               \
    X(push, "push", "push %rax", 8, PF_W)                                      \
    X(pushf, "pushf", "pushfq", 8, PF_W)                                       \
    X(call, "call", "call 1f\n1:", 8, PF_W)                                    \
    X(pop, "pop", "pop %rax", 8, 0)                                            \
    X(ret, "ret", "ret", 8, 0)
#define SPLITS(X, P)                                                           \
    X(split_r, "read4-split", "mov " P "bx), %eax", 4, 0)                      \
    X(split_w, "write4-split", "mov %eax, " P "bx)", 4, PF_W)

#define CODE_64(name, id, insn, ...)                                           \
    RING3(access_##name##3, "", insn, "");                                     \
    RING0(access_##name##0, "", insn, "");
#define CODE_32(name, id, insn, ...) COMPAT(access_##name##32, "", insn, "");
#define P64 "(%r"
#define P32 "%ss:(%e"
EVERYWHERE(CODE_64, P64)
EVERYWHERE(CODE_32, P32)
WIDE(CODE_64)
STACK(CODE_64)
SPLITS(CODE_64, P64)

static const struct row {
    const char *id;
    enum origin from;
    const char *start, *at, *resume;
    unsigned width;
    uint64_t writes;
} rows[] =
    {
#define ROW(id, from, code, width, writes)                                     \
    {id, from, code, code##_at, code##_resume, width, writes},
#define ROW_64(name, id, insn, ...)                                            \
    ROW(id ".ring3", FROM_RING3, access_##name##3, __VA_ARGS__)                \
    ROW(id ".ring0", FROM_RING0, access_##name##0, __VA_ARGS__)
#define ROW_32(name, id, insn, ...)                                            \
    ROW(id ".compat", FROM_COMPAT, access_##name##32, __VA_ARGS__)
        EVERYWHERE(ROW_64, "") EVERYWHERE(ROW_32, "") WIDE(ROW_64)},
  stack_rows[] = {STACK(ROW_64)}, splits[] = {SPLITS(ROW_64, "")};

static struct {
    uint64_t address, rsp, former, rights;
    bool own_page; /* pf_page: its entry is set to rights */
} now;

#define IST_BITS (7ull << 32)

/* RDI and RSI for the string instructions; in ring 0 an IST, because there
 * RSP may be the bad address. */
static void before(struct trapframe *c)
{
    c->rbx = c->rdi = c->rsi = now.address;
    if (now.rsp)
        c->rsp = now.rsp;
    if (stimulus_now()->from == FROM_RING0)
        idt[VEC_pf].low |= (uint64_t)IST_spare << 32;
    if (now.own_page)
        now.former =
            page_set((uint64_t)pf_page, page_physical(pf_page) | now.rights);
}

static void after(void)
{
    if (now.own_page)
        page_set((uint64_t)pf_page, now.former);
    idt[VEC_pf].low &= ~IST_BITS;
    fpu_reset();
}

static void run(const struct row *r, const char *where, uint64_t cr2,
                enum confidence confidence)
{
    bool present = now.own_page && now.rights & PAGE_PRESENT;
    struct stimulus s = {
        .from = r->from,
        .start = r->start,
        .at = r->at,
        .resume = r->resume,
        .vector = VEC_pf,
        .error_code = true,
        .error = (r->from == FROM_RING0 ? 0 : PF_U) | (r->writes & PF_W) |
                 (present ? PF_P : 0),
        .address = cr2,
        .saved = SAVED_AT,
        .clobbers = REG_RBX | REG_RDI | 1u << 10, /* RSI */
        .confidence = confidence,
        .before = before,
        .after = after,
        .facts = "EX6",
        .why = "W is set for any instruction that would write, CR2 is the "
               "access's first byte, and nothing has happened; SDM vol 3, "
               "Interrupt 14",
    };
    char id[44];

    fmt(id, sizeof(id), "pf.%s.%s%s", r->id, present ? "read-only" : "absent",
        where);
    s.id = id;
    check_run(&s);
}

/* At the first byte of the page, the second, the middle, and the end. */
static void run_places(const struct row *r, bool on_stack)
{
    uint64_t page = (uint64_t)pf_page;
    const struct {
        const char *name;
        uint64_t offset;
    } places[] = {{".0", 0},
                  {".1", 1},
                  {".middle", 0x7ff},
                  {".end", sizeof(pf_page) - r->width}};

    for (unsigned i = 0; i < COUNT(places); i++) {
        uint64_t address = page + places[i].offset;

        now.address = address;
        now.rsp = !on_stack ? 0 : address + (r->writes ? r->width : 0);
        run(r, places[i].name, address,
            r->writes & BOTH && !now.rights ? CONFIDENCE_MEDIUM
                                            : CONFIDENCE_HIGH);
    }
}

void case_pf_access(void)
{
    uint64_t middle = payload_context(FROM_RING3, 0).rsp,
             stack_end = 2 * (middle + 8) - VA_USER_STACK;

    now.own_page = true;
    for (unsigned i = 0; i < COUNT(rows); i++) {
        now.rights = 0;
        run_places(&rows[i], false);
        now.rights = PAGE_PRESENT | PAGE_USER;
        if (rows[i].writes)
            run_places(&rows[i], false);
    }
    now.rights = 0;
    for (unsigned i = 0; i < COUNT(stack_rows); i++)
        run_places(&stack_rows[i], true);
    now.own_page = false;
    now.rsp = 0;
    now.address = stack_end - 2;
    for (unsigned i = 0; i < COUNT(splits); i++)
        run(&splits[i], "", stack_end, CONFIDENCE_VALUE);
}
