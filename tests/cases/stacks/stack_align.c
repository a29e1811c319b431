/* SPDX-License-Identifier: MIT */
/*
 * Stacks that are not aligned: RSP0, an IST slot, ring 0's own RSP.
 *
 * In 64-bit mode the processor drops the low four bits of the stack pointer
 * before it pushes, so that handlers may use aligned moves; the old RSP is on
 * the frame to the byte.  With an error code the frame ends eight bytes off,
 * which is how this program tells whether there is one.  (Call gates do not
 * align: callgate's business.)
 */
#include "fmt.h"
#include "gdt.h"
#include "lib/gate_defects.h"
#include "lib/origin.h"
#include "stacks.h"
#include "vectors.h"

#define ALIGNMENT 16

static const struct trigger *trigger;
static enum kind { RSP0, RING0, IST, KINDS } kind;
static unsigned offset;

static void misalign(struct trapframe *c)
{
    trigger_start(trigger, c);
    switch (kind) {
    case RSP0:
        tss.rsp[0] = tss.rsp[0] - ALIGNMENT + offset;
        break;
    case RING0:
        c->rsp = (c->rsp & ~(ALIGNMENT - 1ull)) + offset;
        break;
    case IST:
        tss.ist[IST_spare - 1] = STACK_TOP(STACK_spare) - ALIGNMENT + offset;
        gate_lend_ist(trigger->vector, IST_spare);
        break;
    case KINDS:
        break;
    }
}

static void undo(void)
{
    trigger_stop(trigger);
    tss.rsp[0] = STACK_TOP(STACK_rsp0);
    tss.ist[IST_spare - 1] = STACK_TOP(STACK_spare);
}

static void run(const struct trigger *w, enum origin from)
{
    static const char *const names[KINDS] = {"rsp0", "ring0", "ist"};
    char id[44];
    struct stimulus s = {
        .id = id,
        .before = misalign,
        .after = undo,
        .facts = "IV10 IV9 IV41",
        .why =
            "RSP is aligned down to 16 before the frame is pushed, and saved "
            "exactly; SDM vol 3, 64-Bit Mode Stack Frame",
    };

    trigger = w;
    trigger_fill(&s, w, from);
    fmt(id, sizeof(id), "stack.align.%s.%x.%s.%s", names[kind], offset,
        origin_ids[from], w->name);
    check_run(&s);
}

void case_stack_align(void)
{
    for (offset = 0; offset < ALIGNMENT; offset++)
        for (enum origin from = 0; from < FROM_COUNT; from++) {
            kind = from == FROM_RING0 ? RING0 : RSP0;
            run(&triggers[TRIGGER_INT], from);
            run(&triggers[TRIGGER_GP], from);
            kind = IST;
            run(&triggers[TRIGGER_INT], from);
            run(&triggers[TRIGGER_GP], from);
        }
}
