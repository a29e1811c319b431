/* SPDX-License-Identifier: MIT */
/* One spoilt gate, one event that has to go through it; see the header. */
#include "gate_defects.h"

#include "engine/persona.h"
#include "fmt.h"
#include "gdt.h"
#include "origin.h"
#include "vectors.h"

#define EXT 1
#define IDT 2

static const struct defect *defect;
static const struct trigger *trigger;
static uint64_t seen_error;

void gate_descriptors(void)
{
    const unsigned code = DESCRIPTOR_PRESENT | DESCRIPTOR_CODE;

    gdt[SEL_CODE32 / 8] = descriptor_flat(code, DESCRIPTOR_G | DESCRIPTOR_DB);
    gdt[SEL_CODE_ABSENT / 8] =
        descriptor_flat(DESCRIPTOR_CODE, DESCRIPTOR_G | DESCRIPTOR_L);
    gdt[SEL_CODE_L_AND_D / 8] =
        descriptor_flat(code, DESCRIPTOR_G | DESCRIPTOR_L | DESCRIPTOR_DB);
    gdt[SEL_CODE_DPL1 / 8] =
        descriptor_flat(code | DESCRIPTOR_DPL(1), DESCRIPTOR_G | DESCRIPTOR_L);
    gdt[SEL_CODE_DPL2 / 8] =
        descriptor_flat(code | DESCRIPTOR_DPL(2), DESCRIPTOR_G | DESCRIPTOR_L);
    gdt[SEL_CODE_ALIAS / 8] =
        descriptor_flat(code, DESCRIPTOR_G | DESCRIPTOR_L);
    gdt[SEL_CODE_CONFORMING / 8] =
        descriptor_flat(DESCRIPTOR_PRESENT | DESCRIPTOR_CODE_CONFORMING,
                        DESCRIPTOR_G | DESCRIPTOR_L);
}

/* Software interrupts leave EXT clear, all else sets it. */
static uint64_t error_of(enum culprit culprit)
{
    uint64_t ext = trigger->software ? 0 : EXT;

    switch (culprit) {
    case CULPRIT_GATE:
        return trigger->vector * 8u | IDT | ext;
    case CULPRIT_SELECTOR:
        return (defect->set.low >> 16 & 0xfffc) | ext;
    case CULPRIT_NONE:
        break;
    }
    return ext;
}

static void spoil(struct trapframe *c)
{
    struct gate g;

    trigger_start(trigger, c);
    if (defect->lend)
        defect->lend(true);
    gate_descriptors();
    g = idt[trigger->vector];
    g.low = (g.low & ~defect->clear.low) | defect->set.low;
    g.high = (g.high & ~defect->clear.high) | defect->set.high;
    gate_lend(trigger->vector, g);
}

static void mend(void)
{
    trigger_stop(trigger);
    if (defect->lend)
        defect->lend(false);
    gdt_clear_spare();
}

static void note_error(unsigned nth, const struct outcome *o,
                       struct trapframe *f)
{
    (void)f;
    if (nth == 0)
        seen_error = o->frame.error_code;
}

/* Where the manuals disagree either is right. */
static void what_is_open(const struct stimulus *s, struct want *w, bool amd)
{
    (void)s;
    if (defect->either && seen_error == error_of(defect->other))
        w->event[0].o.frame.error_code = seen_error;
    if (amd)
        w->event[0].any |= defect->any_on_amd;
    if (defect->cs)
        w->event[0].o.cs = defect->cs;
}

/* That EXT is set behind a bad gate stands in Intel's manual alone. */
static enum confidence confidence(const struct defect *d,
                                  const struct trigger *w)
{
    if (persona.intel)
        return d->confidence;
    if (d->vector && !w->software && d->on_amd == CONFIDENCE_HIGH)
        return CONFIDENCE_MEDIUM;
    return d->on_amd;
}

void gate_run(const struct defect *d, const struct trigger *w, enum origin from,
              const char *name)
{
    char id[44];
    struct stimulus s = {
        .id = id,
        .before = spoil,
        .after = mend,
        .mend = note_error,
        .expect = what_is_open,
        .confidence = confidence(d, w),
        .facts = d->facts,
        .why = d->why,
    };

    defect = d;
    trigger = w;
    fmt(id, sizeof(id), "gate.%s.%s.%s", name, origin_ids[from], w->name);
    if (d->vector)
        trigger_fails(&s, w, from, d->vector, error_of(d->culprit));
    else
        trigger_fill(&s, w, from);
    check_run(&s);
}
