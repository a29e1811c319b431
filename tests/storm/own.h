/* SPDX-License-Identifier: MIT */
/* What the files of the storm share: this processor's own. */
#ifndef RINGSIDE_STORM_OWN_H
#define RINGSIDE_STORM_OWN_H

#include "engine/engine.h"
#include "storm.h"
#include "user.h"

/* An entry, as much as the stub has shown of it. */
struct entry {
    struct trapframe *f; /* NULL: it has built none */
    unsigned vector;     /* or VECTOR_UNKNOWN */
    uint64_t gs_base, kernel_gs_base;
    uint64_t rsp; /* f's address, or what specimen_body was called on */
};

struct storming {
    const struct specimen *specimen;
    const struct storm_plan *plan;
    uint64_t kernel_gs; /* GS_BASE in every handler */
    uint64_t stack_top; /* RSP0 */
    uint64_t deadline;  /* TSC; 0: none */
    uint64_t next_look; /* likewise: at what only time tells */
    uint64_t random;    /* ring 0's stream */
    unsigned depth;     /* handlers at work */
    bool sets_base;     /* NMI and #DB leave the kernel's base in both places */
    bool spoilt;        /* a frame is, and its IRETQ's fault not over */
    bool sending;       /* the ICR is in use */
    bool inner;         /* ring 0 executes INT 0x80 itself */
    bool sysexit;       /* SYSENTER may leave by SYSEXIT */
    bool steps;         /* it has a stub for #DB ... */
    bool nmis;          /* ... and for NMI */
    bool nests;         /* NMIs in NMIs, and it has one for INT 0x80 */
    uint8_t timer_vector; /* 0: it has none for interrupts */
    uint64_t entries, exits;
    uint64_t kind[STORM_KINDS];
    char what[96];
    struct record_outcome ring[STORM_OUTCOMES];
};
extern struct storming storming;

uint64_t storm_random(void);

/* calls.c: the calls that the specimen has stubs for, into storm_user. */
void storm_fill_calls(void);

/* handler.c: the run's hooks. */
leave storm_on_entry(const struct outcome *o, struct trapframe *f);
void storm_on_body(const struct body *b);
struct trapframe *storm_on_event(struct outcome *o);

/* judge.c: NULL, or the invariant that is broken, in a sentence. */
const char *storm_judge(const struct entry *e);
/* At the gate: what ring 3 did not get back; NULL: all of it. */
const char *storm_judge_ring3(const struct outcome *gate);
bool storm_is_call(unsigned vector); /* or a fault: ring 3's own doing */
const struct specimen_fixup *storm_fixup(const struct trapframe *f);

/* events.c: lets something loose, or nothing; how the stub is to go on:
 * LEAVE_STEPPED or 0. */
leave storm_disturb(const struct entry *e);
uint8_t storm_irq_vector(uint64_t random);

/* shoot.c: around a storm, on the first; how often the page was exchanged. */
void storm_shoot_prepare(void);
void storm_shoot_end(void);
uint32_t storm_shoot_count(void);
/* In a handler: flushes, if it is to; exchanges the page, if all have, and
 * tells each that is to flush. */
void storm_flush(uint64_t random);
void storm_shoot(uint64_t random, void (*tell)(unsigned n));

/* together.c: this processor among the others. */
void storm_join(void);
void storm_leave(void);
/* Every now and then, until it is through with its own share. */
void storm_beat(void);
/* Through with its own share: true when it may stop. */
bool storm_may_stop(void);
/* To others, still; and another one that storms, by its number from 1 on; 0:
 * none. */
bool storm_may_send(void);
unsigned storm_other(uint64_t random);

#endif
