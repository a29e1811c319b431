/* SPDX-License-Identifier: MIT */
/*
 * A task on any processor: a loop in ring 3 or ring 0 that uses a page again
 * and again, on the linux specimen's stubs, and what enters while it runs.
 * Each entry is judged there as all are: does the C side run on that
 * processor's kernel GS base, and is the user's where the exit looks for it?
 *
 * The task's own words stand in SHARED memory, so that who has started it sees
 * how far it is.
 */
#ifndef RINGSIDE_LIB_TASK_H
#define RINGSIDE_LIB_TASK_H

#include "engine/engine.h"
#include "engine/processors.h"
#include "engine/snippet.h"
#include "judge/diff.h"
#include "record.h"

#define TASK_ENTRIES 8
#define TASKS_MAX 4 /* the first among them: loops cost an emulator time */

/* Of the interrupt array. */
#define TASK_IPI 0xfd    /* what the case is about */
#define TASK_FINISH 0xfc /* ends the loop */

struct task_entry {
    uint64_t error, cr2, rip;
    uint32_t uses; /* that had been done by then */
    uint16_t vector;
    uint8_t ring;
    bool right;   /* the SWAPGS decision */
    bool service; /* an interrupt: ISR bit before, and none behind the EOI */
};

struct task {
    /* What it is to do; task_clear() zeroes all of it. */
    enum origin from;
    const struct snippet *code; /* NULL: reads or, writes, writes */
    bool writes;
    uint32_t clobbers; /* beyond those of the loops: stimulus.h */
    bool deaf;         /* with interrupts off: only an NMI ends it */
    const char *path;  /* of the path table: the row of ... */
    uint16_t vector;   /* ... this; 0: TASK_IPI */
    /* NULL, or what a kernel would do about the entry.  #PF goes on behind the
     * instruction and ends the loop, and so does TASK_FINISH, but for what it
     * makes of f. */
    leave (*handle)(struct task *t, const struct task_entry *e,
                    struct trapframe *f);
    /* NULL, or around the run, on its processor, in the harness. */
    void (*before)(struct task *t), (*after)(struct task *t);
    uint64_t argument; /* the case's own */

    /* What came of it. */
    uint32_t runs; /* it has begun */
    uint32_t entries;
    struct task_entry entry[TASK_ENTRIES];
    enum run_end end;
    char trouble[96];
    struct diff kept; /* registers that were not given back */
    struct record_path row;
};

struct task *task_of(unsigned n);
unsigned task_vector(const struct task *t);

/* Zeroes number n's; it will use the page from user_shared.h's target on. */
struct task *task_clear(unsigned n, enum origin from);

/* Number n does its own: 0 is the caller, and returns when it is over. */
bool task_start(unsigned n);

/* So many uses are done by number n, and the value that it read last. */
uint32_t task_uses(unsigned n);
uint32_t task_value(unsigned n);
/* Waits, a quarter of a second at most, until number n has done so many more
 * uses, or has been entered that often in all: true. */
bool task_waits_uses(unsigned n, uint32_t more, uint32_t entries);
bool task_waits_entries(unsigned n, uint32_t entries);

/* All others are through (those that are not are told to finish): adds what
 * is wrong with number n whatever it was for, and its row to the table. */
void task_join(void);
void task_judge(struct diff *d, unsigned n);

/* How many other processors have one: their numbers are from 1. */
unsigned task_others(void);

#endif
