/* SPDX-License-Identifier: MIT */
/*
 * The plain question about MOV SS and interrupts: with IF set all the while,
 * is one ever taken between a MOV SS and the next instruction?
 *
 * An interrupt cannot be made to come exactly there.  So there is a long row of
 * MOV SS and NOP by turns, and a timer that ends it, again and again with
 * another delay: wherever it comes, it must be in front of a MOV SS and never
 * in front of a NOP.  If nothing held it off, half of them would be in front
 * of a NOP.
 */
#include "apic.h"
#include "insn.h"
#include "judge/diff.h"
#include "judge/stimulus.h"
#include "macros.h"
#include "vectors.h"

#define LANDINGS 6 /* one less than a run may have events */
#define DELAY 20000
#define PAIR 3 /* bytes: MOV SS, and a NOP */
#define MOV 2

/* The loop's own end is in no shadow. */
#define ROW "1: .rept 64\nmov %ebx, %ss\nnop\n.endr"
#define UNTIL "cmpl $0, %ss:stimulus_stop\nje 1b"
RING3(row_code3, "", ROW, UNTIL);
COMPAT(row_codec, "", ROW, UNTIL);
RING0(row_code0, "", ROW, UNTIL);

static unsigned in_row, in_shadow;

static void before(struct trapframe *c)
{
    in_row = in_shadow = 0;
    c->rbx = c->ss;
    apic_timer_start(DELAY);
}

static void mend(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    const struct stimulus *s = stimulus_now();
    uint64_t offset = o->frame.rip - (uint64_t)s->at;

    if (o->frame.rip >= (uint64_t)s->at && o->frame.rip < (uint64_t)s->resume) {
        in_row++;
        in_shadow += offset % PAIR == MOV;
    }
    if (nth + 1 < LANDINGS)
        apic_timer_start(DELAY + nth * DELAY / 7);
    else
        stimulus_stop_spinning(nth);
}

static void count(const struct stimulus *s, struct diff *d)
{
    diff_hex(d, "taken in the shadow", 0, in_shadow);
    if (!in_row)
        diff_text(d, "taken in the row", "some", "none");
}

#define ROW_OF(ring, origin, mode)                                             \
    {                                                                          \
        .id = "shadow-row.mov-ss.irq." ring, .from = origin,                   \
        CODE(row_code##mode), .vector = VEC_timer, .saved = SAVED_WITHIN,      \
        .entries = LANDINGS, .flags_changed = ARITHMETIC_FLAGS,                \
        .before = before, .after = apic_timer_stop, .mend = mend,              \
        .also = count, .facts = "AP3 SH3 DB1", .why = why,                     \
    }

static const char why[] =
    "no interrupt is taken between MOV SS and the next instruction; SDM vol 3, "
    "Masking Exceptions and Interrupts When Switching Stacks";

static const struct stimulus stimuli[] = {
    ROW_OF("ring3", FROM_RING3, 3),
    ROW_OF("compat", FROM_COMPAT, c),
    ROW_OF("ring0", FROM_RING0, 0),
};

void case_shadow_row(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        check_run(&stimuli[i]);
}
