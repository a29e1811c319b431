/* SPDX-License-Identifier: MIT */
/*
 * When one event cannot be delivered because of a fault: which of the two the
 * kernel gets to see.
 *
 * INT n, INT3, an interrupt, NMI and the benign exceptions give way: the fault
 * is taken in their place.  So does a contributory exception (#DE, #TS, #NP,
 * #SS, #GP) to a page fault; but two contributory ones, or a page fault and
 * anything, are a double fault.  INT n is benign whatever the number, so
 * INT 13 through an absent gate is #NP, not #DF.  A fault in the delivery of
 * #DF shuts the processor down, which cannot be shown here.
 *
 * A kernel relies on it in its stack guards: the #PF that finds its stack
 * gone must arrive as #DF, on its IST.  Each of the five faults is arranged in
 * the first event's own gate, or in the stack that this gate leads to.
 */
#include "fmt.h"
#include "gdt.h"
#include "lib/gate_defects.h"
#include "lib/origin.h"
#include "macros.h"
#include "stacks.h"
#include "vectors.h"

#define BAD_IST IST_harness_db /* below IST7: the limit that is cut for #TS */
#define NONCANONICAL 0xaaaaaaaaaaaaaaa0
#define PF_WRITE 2 /* #PF error code: not present, a write, by ring 0 */
#define EXT 1

static const struct second {
    const char *name;
    uint8_t vector;
    enum trigger_class class;
} seconds[] = {
    {"ts", VEC_ts, CONTRIBUTORY}, /* its IST slot lies beyond the TSS */
    {"np", VEC_np, CONTRIBUTORY}, /* its gate is not present */
    {"ss", VEC_ss, CONTRIBUTORY}, /* its stack is not canonical */
    {"gp", VEC_gp, CONTRIBUTORY}, /* its gate is no gate */
    {"pf", VEC_pf, PAGE_FAULT},   /* its stack is not there */
};

static const struct trigger *first;
static const struct second *second;

static void arrange(struct trapframe *c)
{
    struct gate g;
    unsigned ist = 0; /* the slot in which the fault waits */

    trigger_start(first, c);
    g = idt[first->vector];
    switch (second->vector) {
    case VEC_np:
        g.low &= ~GATE_P;
        break;
    case VEC_gp:
        g.low &= ~GATE_TYPE(0xf);
        break;
    case VEC_ts:
        ist = IST_spare;
        tss_load(offsetof(struct tss, ist[IST_spare - 1]) - 1);
        break;
    case VEC_ss:
        ist = BAD_IST;
        tss.ist[BAD_IST - 1] = NONCANONICAL;
        break;
    case VEC_pf:
        ist = BAD_IST;
        tss.ist[BAD_IST - 1] = STACK_BOTTOM(STACK_harness_db);
        break;
    }
    gate_lend(first->vector, g);
    if (ist)
        gate_lend_ist(first->vector, ist);
}

static void undo(void)
{
    trigger_stop(first);
    tss.ist[BAD_IST - 1] = STACK_TOP(stack_of_ist(BAD_IST));
    tss_load(sizeof(tss) - 1);
}

static void what_is_open(const struct stimulus *s, struct want *w, bool amd)
{
    (void)amd;
    push_want(s, w, STACK_BOTTOM(STACK_harness_db));
}

static uint64_t error_of(const struct trigger *a, const struct second *b)
{
    uint64_t ext = a->software ? 0 : EXT;

    switch (b->vector) {
    case VEC_ts:
        return SEL_TSS | ext;
    case VEC_ss:
        return ext;
    case VEC_pf:
        return PF_WRITE;
    }
    return a->vector * 8u + 2 + ext;
}

static void run(const struct trigger *a, const struct second *b,
                enum origin from)
{
    bool serial = a->class == BENIGN ||
                  (a->class == CONTRIBUTORY && b->class == PAGE_FAULT);
    char id[44];
    struct stimulus s = {
        .id = id,
        .before = arrange,
        .after = undo,
        .mend = push_note_cr2,
        .expect = what_is_open,
        .facts = serial ? "IV15 IV32 IV33" : "IV15 IV33",
        .why = serial
                   ? "benign, then any fault; contributory, then #PF: the "
                     "second is taken alone; SDM vol 3, Interrupt 8"
                   : "contributory twice, or #PF and then either, is #DF(0); "
                     "SDM vol 3, Interrupt 8",
    };

    first = a;
    second = b;
    if (serial)
        trigger_fails(&s, a, from, b->vector, error_of(a, b));
    else
        trigger_fails(&s, a, from, VEC_df, 0);
    if (!serial)
        s.saved = SAVED_ANY;
    fmt(id, sizeof(id), "compose.%s.%s.%s", a->name, b->name, origin_ids[from]);
    check_run(&s);
}

static const char *shutdown(const struct stimulus *s)
{
    (void)s;
    return "a fault in the delivery of #DF is a shutdown: the machine resets";
}

void case_compose(void)
{
    static const struct stimulus df = {.id = "compose.df.any",
                                       .unfit = shutdown,
                                       .facts = "IV15",
                                       .why = "a fault while #DF is delivered "
                                              "is a shutdown; SDM vol 3, "
                                              "Interrupt 8"};

    for (unsigned a = 0; a < TRIGGER_COUNT; a++)
        for (unsigned b = 0; b < COUNT(seconds); b++)
            for (enum origin from = 0; from < FROM_COUNT; from++)
                if (triggers[a].code[from].start)
                    run(&triggers[a], &seconds[b], from);
    check_run(&df);
}
