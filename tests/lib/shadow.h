/* SPDX-License-Identifier: MIT */
/*
 * The shadow matrix: an instruction that may hold events off, what follows it,
 * and what happens.  shadow.c has the question, shadow_code.c the code, and
 * shadow_want.c what must come of it.
 */
#ifndef RINGSIDE_SHADOW_H
#define RINGSIDE_SHADOW_H

#include <stdbool.h>
#include <stdint.h>

#include "judge/stimulus.h"
#include "selectors.h"

/* What stands before the follower. */
enum shadow_lead {
    LEAD_NOTHING,
    LEAD_LOAD, /* reads the watched word: a control */
    LEAD_STI,
    LEAD_STI_LOAD, /* reads the watched word in STI's shadow */
    LEAD_MOV_SS,   /* from the watched word */
    LEAD_STI_MOV_SS,
    LEAD_POP_SS, /* likewise; compat code only */
    LEAD_STI_POP_SS,
    LEAD_NMI_STI, /* an NMI is sent right before; ring 0, xAPIC only */
    LEAD_NMI_MOV_SS,
    LEADS,
};

enum shadow_follower {
    FOLLOWER_INT80,
    FOLLOWER_INT3,
    FOLLOWER_ICEBP,
    FOLLOWER_SYSCALL,
    FOLLOWER_SYSENTER,
    FOLLOWER_LCALL, /* through a call gate to shadow_lcall_target */
    FOLLOWER_UD,
    FOLLOWERS,
};

enum shadow { SHADOW_NONE, SHADOW_STI, SHADOW_MOV_SS, SHADOW_POP_SS };
enum shadow_event {
    EVENT_WATCH,
    EVENT_TF,
    EVENT_IRQ,
    EVENT_NMI,
    EVENT_NOTHING, /* the follower alone */
};

/* The cell at hand. */
extern struct shadow_cell {
    enum origin from;
    enum shadow shadow;
    enum shadow_follower follower;
    enum shadow_event event;
    unsigned vector; /* by which the follower enters on this machine */
} shadow_cell;

static inline bool shadow_pops(void)
{
    return shadow_cell.shadow == SHADOW_POP_SS;
}

/* By which vector the follower enters, from there, when nothing else is about:
 * as this machine has it, for it may be another vendor's.  VEC_gate if it does
 * not enter a handler. */
unsigned shadow_probe(enum origin from, enum shadow_follower f);

/* The call gate of FOLLOWER_LCALL, for before() and after(). */
void shadow_gate_set(void);
void shadow_gate_clear(void);

/* An expect(): what must come of the cell; shadow_want.c. */
void shadow_expect(const struct stimulus *s, struct want *w, bool amd);

/*
 * A stimulus of that code, to enter by that vector; start is NULL where there
 * is none.  FOLLOWERS: two NOPs, for an event from outside, whatever the lead.
 */
struct stimulus shadow_stimulus(enum origin from, enum shadow_lead lead,
                                enum shadow_follower f, unsigned vector);

/* An unfit(), for who lets a follower enter by what shadow_probe() saw. */
const char *shadow_unfit(const struct stimulus *s);

extern const char shadow_lcall_target[];
extern volatile uint64_t shadow_watched; /* holds SS's selector */

#define SHADOW_GATE SEL_SPARE /* two slots: the call gate */
#define SHADOW_NOP 1          /* bytes of the instruction behind the follower */

#endif
