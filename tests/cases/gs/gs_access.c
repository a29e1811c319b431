/* SPDX-License-Identifier: MIT */
/*
 * %fs: and %gs: at work: which address an access goes to.
 *
 * In 64-bit mode the whole base is added, whatever the selector, a null one
 * too.  In compat code only its low 32 bits are, and the sum wraps at 4 GiB,
 * while the MSR keeps all 64; and there a null selector may not be used at
 * all.  A 32-bit program's thread pointer depends on both, under a kernel that
 * writes bases of 64 bits.
 */
#include "engine/persona.h"
#include "fmt.h"
#include "lib/gs.h"
#include "lib/origin.h"
#include "macros.h"
#include "selectors.h"
#include "vectors.h"

#define UPPER_HALF 0x0000123400000000ull /* to be ignored in compat code */
#define NEGATIVE 0xffff800000000000ull
#define OPERAND 0x1000 /* by which the base is too low */
#define PF_USER 4

/* On a ring-3 page; 32 bits address it.  Stores are read back. */
__attribute__((section(".user.data"), used)) uint32_t gs_access_word;
#define VALUE 0x600dda7au
#define WRITTEN 0x5aa55aa5u /* from EBX */
#define READ_BACK "mov %ss:gs_access_word, %eax"

#define ACCESSES(macro, reg, ring)                                             \
    macro(access_##reg##ring, "", "mov %" #reg ":0, %eax", "");                \
    macro(access_operand_##reg##ring, "", "mov %" #reg ":0x1000, %eax", "");   \
    macro(access_store_##reg##ring, "", "mov %ebx, %" #reg ":0", READ_BACK)
ACCESSES(RING3, fs, 3);
ACCESSES(RING3, gs, 3);
ACCESSES(COMPAT, fs, c);
ACCESSES(COMPAT, gs, c);
ACCESSES(RING0, fs, 0);
ACCESSES(RING0, gs, 0);

enum access { LOAD, LOAD_OPERAND, STORE };
#define CODE_OF(reg)                                                           \
    {                                                                          \
        [FROM_RING3] = {SNIPPET(access_##reg##3),                              \
                        SNIPPET(access_operand_##reg##3),                      \
                        SNIPPET(access_store_##reg##3)},                       \
        [FROM_COMPAT] = {SNIPPET(access_##reg##c),                             \
                         SNIPPET(access_operand_##reg##c),                     \
                         SNIPPET(access_store_##reg##c)},                      \
        [FROM_RING0] = {SNIPPET(access_##reg##0),                              \
                        SNIPPET(access_operand_##reg##0),                      \
                        SNIPPET(access_store_##reg##0)},                       \
    }
static const struct snippet codes[2][FROM_COUNT][3] = {CODE_OF(fs),
                                                       CODE_OF(gs)};

static const struct row {
    const char *name;
    uint64_t offset; /* of the base from the word's address */
    uint16_t selector;
    enum access access;
    bool in64, in_compat; /* reaches the word there; else it faults */
} rows[] = {
    {"base", 0, SEL_USER_SS, LOAD, true, true},
    {"operand", 0, SEL_USER_SS, LOAD_OPERAND, true, true},
    {"store", 0, SEL_USER_SS, STORE, true, true},
    {"upper-half", UPPER_HALF, SEL_USER_SS, LOAD, false, true},
    {"upper-half.operand", UPPER_HALF, SEL_USER_SS, LOAD_OPERAND, false, true},
    {"upper-half.store", UPPER_HALF, SEL_USER_SS, STORE, false, true},
    {"negative", NEGATIVE, SEL_USER_SS, LOAD, false, true},
    {"null", 0, 0, LOAD, true, false},
    {"null.store", 0, 0, STORE, true, false},
};

static struct {
    const struct row *row;
    bool gs;
} now;

static struct gs_state state(void)
{
    struct gs_state g = {0, 0, FS_POSITIVE, GS_POSITIVE, GS_NEGATIVE};
    uint64_t base = (uint64_t)&gs_access_word + now.row->offset -
                    (now.row->access == LOAD_OPERAND ? OPERAND : 0);

    *(now.gs ? &g.gs : &g.fs) = now.row->selector;
    *(now.gs ? &g.gs_base : &g.fs_base) = base;
    return g;
}

static void before(struct trapframe *c)
{
    struct gs_state g = state();

    gs_access_word = VALUE;
    c->rbx = WRITTEN;
    gs_set(&g);
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    const struct row *r = now.row;
    bool works = s->vector == VEC_gate;
    struct gs_state g = state();

    (void)amd;
    if (works || r->access == STORE) /* a store that faults wrote nothing */
        w->event[w->count - 1].o.frame.rax =
            works && r->access == STORE ? WRITTEN : VALUE;
    gs_want(w, 0, &g);
}

static void run(const struct row *r, enum origin from, bool gs)
{
    bool compat = from == FROM_COMPAT;
    bool works = compat ? r->in_compat : r->in64;
    char id[44];
    struct stimulus s = {
        .id = id,
        .from = from,
        .vector = works    ? VEC_gate
                  : compat ? VEC_gp
                           : VEC_pf,
        .error_code = !works,
        .confidence = !persona.intel && compat && r->offset ? CONFIDENCE_MEDIUM
                                                            : CONFIDENCE_HIGH,
        .before = before,
        .expect = expect,
        .after = gs_after,
        .facts = r->selector ? "GS21" : "GS21 EX19",
        .why = "64-bit code adds the whole FS or GS base, null selector or "
               "not; compat code the low 32 bits, and a null one is #GP(0); "
               "SDM vol 3, 3.4.4",
    };

    now.row = r;
    now.gs = gs;
    if (s.vector == VEC_pf) {
        s.address = (uint64_t)&gs_access_word + r->offset;
        s.error =
            (from == FROM_RING3 ? PF_USER : 0) | (r->access == STORE ? 2 : 0);
    }
    fmt(id, sizeof(id), "access.%s.%s.%s", gs ? "gs" : "fs", r->name,
        origin_ids[from]);
    stimulus_code(&s, &codes[gs][from][r->access]);
    check_run(&s);
}

void case_gs_access(void)
{
    for (unsigned i = 0; i < COUNT(rows); i++)
        for (enum origin from = 0; from < FROM_COUNT; from++)
            for (unsigned gs = 0; gs <= 1; gs++)
                run(&rows[i], from, gs);
}
