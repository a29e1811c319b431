/* SPDX-License-Identifier: MIT */
/*
 * The processors of this run, each in its own world (include/shared.h).
 * Numbers count from 0, the first; the others wait, halted, for a job.
 */
#ifndef RINGSIDE_ENGINE_PROCESSORS_H
#define RINGSIDE_ENGINE_PROCESSORS_H

#include <stdbool.h>
#include <stdint.h>

/* On the first: starts the others, once; later calls do nothing.  How many run
 * then, the first among them: numbers without a gap. */
unsigned processors_start(void);

/* How many run now; 1 before processors_start(). */
unsigned processors_running(void);

/* The caller's own number. */
unsigned processor_self(void);

/* Of any that was listed or came. */
uint32_t processor_apic_id(unsigned number);

/*
 * On the first: number n runs job(argument) in its own world, on its boot
 * stack, with interrupts off, as the first runs a case.  Does not wait.  False:
 * it is at work, or lost.  job is core text; an argument that is a pointer
 * points to SHARED memory.
 */
bool processor_call(unsigned n, void (*job)(uint64_t argument),
                    uint64_t argument);

/* Is it through with its job?  (A lost one never is.) */
bool processor_done(unsigned n);

/*
 * Waits, with an eye on each (one that hangs in a run is sent the NMI that ends
 * it; one that does not even take that is lost), until all are through or
 * lost.  Returns how many are lost by now.
 */
unsigned processors_wait(void);

/*
 * The first's check has died, and what the others do for it is for nobody: jobs
 * that go on until all are through ask, on any processor, whether they are
 * recalled, and end.  processors_wait() takes it back when all have.
 */
void processors_recall(void);
bool processors_recalled(void);

bool processor_lost(unsigned n);

/* Why it is lost, in a few words; "" where it is not. */
const char *processor_words(unsigned n);

/* INIT to all others: none of them does anything any more. */
void processors_stop(void);

#endif
