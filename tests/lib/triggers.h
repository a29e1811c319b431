/* SPDX-License-Identifier: MIT */
/*
 * What makes an event come about, one of each kind that the manuals
 * tell apart when its delivery goes wrong: by a software interrupt, by the
 * processor's own doing, from outside.  The cases about gates and stacks are
 * generated from this list.
 */
#ifndef RINGSIDE_TRIGGERS_H
#define RINGSIDE_TRIGGERS_H

#include "idt.h"
#include "judge/stimulus.h"

/* Fields of a gate's low quadword: SDM vol 3, 64-Bit IDT Gate Descriptors. */
#define GATE_IST_BITS (7ull << 32)
#define GATE_TYPE(t) ((uint64_t)(t) << 40)
#define GATE_S (1ull << 44)
#define GATE_DPL(n) ((uint64_t)(n) << 45)
#define GATE_P (1ull << 47)
#define GATE_SELECTOR(s) ((uint64_t)(s) << 16)

#define TRIGGER_VECTOR                                                         \
    0x41 /* of INT n and of the IRQ: the same gate for both */

enum trigger_class {
    BENIGN,
    CONTRIBUTORY,
    PAGE_FAULT
}; /* SDM vol 3, table 6-4 */

struct trigger {
    const char *name; /* in check ids */
    uint8_t vector;
    bool software; /* INT n, INT3, INTO: DPL is checked, EXT is 0 */
    enum trigger_class class;
    enum saved_rip saved;
    bool error_code;
    uint64_t error[FROM_COUNT], address;
    uint32_t clobbers;
    uint64_t flags_changed;
    bool nmi;
    void (*start)(struct trapframe *c); /* NULL, or makes it come ... */
    void (*stop)(void);                 /* ... and undoes that */
    struct snippet code[FROM_COUNT];    /* NULL: cannot come from there */
};

enum trigger_id {
    TRIGGER_INT, /* INT n: benign whatever the vector */
    TRIGGER_INT3,
    TRIGGER_INT1, /* ICEBP: no DPL check, and EXT is 1 */
    TRIGGER_INTO, /* compat code only */
    TRIGGER_UD,   /* a benign exception */
    TRIGGER_IRQ,
    TRIGGER_NMI,
    TRIGGER_DE, /* from here on contributory ... */
    TRIGGER_TS,
    TRIGGER_NP,
    TRIGGER_SS,
    TRIGGER_GP,
    TRIGGER_PF, /* ... but this one */
    TRIGGER_COUNT,
};

extern const struct trigger triggers[TRIGGER_COUNT];

/* Fills *s for an event that is delivered as it should be.  Its before() has
 * to call way_start(), its after() way_stop(). */
void trigger_fill(struct stimulus *s, const struct trigger *w,
                  enum origin from);
/* ... and for one whose delivery ends in the fault `vector' instead. */
void trigger_fails(struct stimulus *s, const struct trigger *w,
                   enum origin from, unsigned vector, uint64_t error);

void trigger_start(const struct trigger *w, struct trapframe *c);
void trigger_stop(const struct trigger *w);

/* Puts another gate at a vector, until gates_back() puts back all of them. */
void gate_lend(unsigned vector, struct gate g);
void gates_back(void);

/* The gate as it stands, with another IST slot: 0 to 7. */
void gate_lend_ist(unsigned vector, unsigned slot);

/*
 * A frame that could not be pushed from top down: what the manuals leave open.
 * Which of its bytes was written first is nobody's business, CR2 may be any of
 * them; and of #SS's error code they have no one opinion.  The first is for a
 * mend(), the second for an expect().
 */
void push_note_cr2(unsigned nth, const struct outcome *o, struct trapframe *f);
void push_want(const struct stimulus *s, struct want *w, uint64_t top);

#endif
