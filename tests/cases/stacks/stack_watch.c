/* SPDX-License-Identifier: MIT */
/*
 * A data breakpoint on the slot that an event's frame is written to.
 *
 * Whether the pushes of a delivery can hit one no manual says (of shadow
 * stacks the newer ones say that they cannot).  If they do, #DB comes at the
 * handler's first instruction, in ring 0 with the user's GS still live: one
 * more way into that window.  So it is told, not judged.
 */
#include "engine/persona.h"
#include "fmt.h"
#include "insn.h"
#include "lib/gate_defects.h"
#include "lib/origin.h"
#include "msr.h"
#include "stacks.h"
#include "vectors.h"

#define DR7_RW0_WRITE (1 << 16)
#define DR7_LEN0_8 (2 << 18)
#define SLOT_BYTES 8

static const struct trigger *trigger;

static void watch(struct trapframe *c)
{
    trigger_start(trigger, c);
    write_dr0(c->cs & 3 ? STACK_TOP(STACK_rsp0) - SLOT_BYTES
                        : (c->rsp & ~15ull) - SLOT_BYTES);
    write_dr7(DR7_CLEAR | DR7_L0 | DR7_RW0_WRITE | DR7_LEN0_8);
}

static void undo(void)
{
    write_dr7(DR7_CLEAR);
    trigger_stop(trigger);
}

static const char *unfit(const struct stimulus *s)
{
    (void)s;
    return persona.qemu ? "QEMU's TCG ends itself when a frame is watched" : 0;
}

static void run(const struct trigger *w, enum origin from)
{
    char id[44];
    struct stimulus s = {
        .id = id,
        .before = watch,
        .after = undo,
        .unfit = unfit,
        .confidence = CONFIDENCE_VALUE,
        .facts = "IV20",
        .why = "whether the frame's push hits a data breakpoint is not said: "
               "seen is what this one does; SDM vol 3, Data Memory and I/O "
               "Breakpoint",
    };

    trigger = w;
    trigger_fill(&s, w, from);
    fmt(id, sizeof(id), "stack.watch.%s.%s", origin_ids[from], w->name);
    check_run(&s);
}

void case_stack_watch(void)
{
    for (enum origin from = 0; from < FROM_COUNT; from++) {
        run(&triggers[TRIGGER_INT], from);
        run(&triggers[TRIGGER_UD], from);
        run(&triggers[TRIGGER_IRQ], from);
    }
}
