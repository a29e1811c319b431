/* SPDX-License-Identifier: MIT */
/*
 * Stacks that the TSS has no room for: #TS.
 *
 * RSPn and the IST slots must lie within the limit of the TSS, all eight
 * bytes of them; one byte less is #TS with the TSS's own selector as error
 * code, EXT or-ed in.  (RSP0 itself cannot be cut off here: it would take the
 * #TS handler's stack with it, so a gate to ring 1 stands for all.)
 */
#include "fmt.h"
#include "gdt.h"
#include "lib/gate_defects.h"
#include "lib/origin.h"
#include "macros.h"
#include "stacks.h"
#include "vectors.h"

#define SLOT_BYTES 8
#define EXT 1
#define RSP1 0 /* in place of an IST slot's number */

static const struct trigger *trigger;
static unsigned slot, limit;

static void cut(struct trapframe *c)
{
    trigger_start(trigger, c);
    gate_lend_ist(trigger->vector, slot);
    if (slot == RSP1) {
        struct gate *g = &idt[trigger->vector]; /* lent already */

        gate_descriptors();
        g->low =
            (g->low & ~GATE_SELECTOR(0xffff)) | GATE_SELECTOR(SEL_CODE_DPL1);
    }
    tss_load(limit);
}

/* The harness's gate has an IST slot, too. */
static void in_time(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    (void)nth, (void)o, (void)f;
    tss_load(sizeof(tss) - 1);
}

static void undo(void)
{
    trigger_stop(trigger);
    gdt_clear_spare();
    tss_load(sizeof(tss) - 1);
}

static void run(const struct trigger *w, enum origin from, bool fits)
{
    char id[44];
    struct stimulus s = {
        .id = id,
        .before = cut,
        .after = undo,
        .mend = in_time,
        .facts = "IV17",
        .why = "a stack slot beyond the TSS limit is #TS(TR selector|EXT); SDM "
               "vol 2 INT n, Operation",
    };
    unsigned at = slot == RSP1
                      ? offsetof(struct tss, rsp[1])
                      : offsetof(struct tss, ist) + (slot - 1) * SLOT_BYTES;

    trigger = w;
    limit = at + SLOT_BYTES - 1 - !fits;
    if (fits)
        trigger_fill(&s, w, from);
    else
        trigger_fails(&s, w, from, VEC_ts, SEL_TSS | (w->software ? 0 : EXT));
    if (slot == RSP1)
        fmt(id, sizeof(id), "stack.limit.rsp1.%s.%s", origin_ids[from],
            w->name);
    else
        fmt(id, sizeof(id), "stack.limit.ist%u%s.%s.%s", slot,
            fits ? ".fits" : "", origin_ids[from], w->name);
    check_run(&s);
}

static const char *reset(const struct stimulus *s)
{
    (void)s;
    return "the #TS handler's own stack would be cut off: the machine resets";
}

void case_stack_limit(void)
{
    static const struct stimulus rsp0 = {
        .id = "stack.limit.rsp0", .unfit = reset, .facts = "IV17"};
    static const enum trigger_id events[] = {TRIGGER_INT, TRIGGER_UD,
                                             TRIGGER_IRQ, TRIGGER_NMI};

    for (unsigned e = 0; e < COUNT(events); e++)
        for (enum origin from = 0; from < FROM_COUNT; from++) {
            const struct trigger *w = &triggers[events[e]];

            slot = RSP1;
            /* Ring 1 is no inner ring for ring 0. */
            if (from != FROM_RING0 && !w->nmi)
                run(w, from, false);
            for (slot = 1; slot <= 7; slot++) {
                /* The harness lands an NMI by one on the usual slot. */
                if (!w->nmi || slot > IST_nmi)
                    run(w, from, false);
                if (!w->nmi || slot >= IST_nmi)
                    run(w, from, true);
            }
        }
    check_run(&rsp0);
}
