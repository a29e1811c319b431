/* SPDX-License-Identifier: MIT */
/*
 * Interrupt gates and trap gates: what each does to RFLAGS.
 *
 * The image on the frame is the flags as they stood.  In the handler TF, NT,
 * RF and VM are clear, and IF too behind an interrupt gate; that is the one
 * difference of the two types.  Everything else comes through: DF, so that C
 * code must begin with CLD; AC, so that a kernel with SMAP must begin with
 * CLAC, or a program lets it into user pages; IOPL.  A TF that survived would
 * let a program single-step the kernel.
 */
#include "fmt.h"
#include "lib/gate_defects.h"
#include "lib/origin.h"
#include "macros.h"
#include "msr.h"

#define EVERY                                                                  \
    (FLAG_AF | FLAG_ZF | FLAG_TF | FLAG_DF | FLAG_OF | FLAG_IOPL | FLAG_NT |   \
     FLAG_AC | FLAG_ID)

static const struct {
    const char *name;
    uint64_t set, clear;
} images[] = {
    {"plain", 0, 0},
    {"if0", 0, FLAG_IF},
    {"tf", FLAG_TF, 0},
    {"nt", FLAG_NT, 0},
    {"df", FLAG_DF, 0},
    {"ac", FLAG_AC, 0},
    {"iopl1", 1 << 12, 0},
    {"iopl2", 2 << 12, 0},
    {"iopl3", 3 << 12, 0},
    {"id", FLAG_ID, 0},
    {"arithmetic", ARITHMETIC_FLAGS, 0},
    {"none", 0, FLAG_IF | ARITHMETIC_FLAGS},
    {"every", EVERY, 0},
};

static const struct trigger *trigger;
static unsigned image, type;

static void prepare(struct trapframe *c)
{
    struct gate g;

    trigger_start(trigger, c);
    g = idt[trigger->vector];
    g.low = (g.low & ~GATE_TYPE(0xf)) | GATE_TYPE(type);
    gate_lend(trigger->vector, g);
    c->rflags = (c->rflags | images[image].set) & ~images[image].clear;
}

static void undo(void)
{
    trigger_stop(trigger);
}

static void end_stepping(unsigned nth, const struct outcome *o,
                         struct trapframe *f)
{
    (void)nth, (void)o;
    f->rflags &= ~(uint64_t)FLAG_TF;
}

static void run(const struct trigger *w, enum origin from)
{
    char id[44];
    struct stimulus s = {
        .id = id,
        .before = prepare,
        .after = undo,
        .mend = end_stepping,
        .facts = "IV16 IV1",
        .why = "TF, NT, RF are cleared on entry, IF by interrupt gates alone, "
               "no other flag; SDM vol 3, Flag Usage By Exception- or "
               "Interrupt-Handler Procedure",
    };

    trigger = w;
    trigger_fill(&s, w, from);
    fmt(id, sizeof(id), "flags.%s.%s.%s.%s",
        type == GATE_TRAP ? "trap" : "intr", images[image].name,
        origin_ids[from], w->name);
    check_run(&s);
}

void case_gate_flags(void)
{
    for (image = 0; image < COUNT(images); image++)
        for (enum origin from = 0; from < FROM_COUNT; from++)
            for (type = GATE_INTERRUPT; type <= GATE_TRAP; type++) {
                run(&triggers[TRIGGER_INT], from);
                run(&triggers[TRIGGER_UD], from);
            }
}
