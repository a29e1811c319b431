/* SPDX-License-Identifier: MIT */
/* What the engine's own files share: the run at hand, and the ways out. */
#ifndef RINGSIDE_RUNNING_H
#define RINGSIDE_RUNNING_H

#include "engine.h"

struct running {
    const struct run *run; /* NULL: no run, every event is the core's fault */
    struct trapframe back; /* engine_run()'s caller, to return to */
    struct outcome last;
    enum run_end end;
    char trouble[96];
    unsigned strays;    /* NMIs and #MCs that nobody was waiting for */
    bool busy;          /* on_event is at work, for one event at a time */
    unsigned own_gates; /* still to come */
};
extern struct running running;

_Noreturn void running_end(enum run_end end);
/* The watchdog has found the run at f. */
_Noreturn void running_hang(const struct trapframe *f);
/* A fault of the harness's own code, not of what is under test. */
bool running_own_fault(const struct trapframe *f);

/* entry/capture.S; raw is what it has saved there. */
struct raw;
_Noreturn void go_back(const struct raw *raw);
_Noreturn void go_back_from_fault(const struct raw *raw);
extern const char msr_read_at[], msr_write_at[], msr_absent[];
_Noreturn void go_context(const struct trapframe *context);
_Noreturn void go_context_trap(const struct trapframe *context);
void run_context(const struct trapframe *context, struct trapframe *back);
extern const char go_context_iretq[], go_context_trap_iretq[];

/*
 * nmi_pair.c.  armed: the next NMI is the first of a pair.  A context that
 * begins at nmi_pair_begin() sends it; whose NMI it is, capture() asks.
 */
void nmi_pair_arm(const struct trapframe *target, unsigned ist);
_Noreturn void nmi_pair_begin(void);
bool nmi_pair_armed(void);
_Noreturn void nmi_pair_first(void); /* in its handler */
void nmi_pair_disarm(void);          /* the run ended in between */

#endif
