/* SPDX-License-Identifier: MIT */
/*
 * The engine: becomes a context, and comes back.  One run at a time.
 *
 * A run starts with engine_run() and ends when the context reaches the
 * harness's gate (INT VEC_gate), when on_event says so, or when something
 * abandons it.  Until then every entry through a capture stub goes to
 * on_event, and every entry through a specimen's stub to on_entry.
 */
#ifndef RINGSIDE_ENGINE_H
#define RINGSIDE_ENGINE_H

#include <stdbool.h>

#include "leave.h"
#include "outcome.h"

/* What specimen_body saw of its caller. */
struct body {
    uint64_t gs_base, kernel_gs_base;
    uint64_t rip, rsp; /* where it returns to, and the stack then */
    uint64_t *rflags;  /* what it gives back: TF in it is LEAVE_STEPPED */
    uint64_t *general; /* likewise, in struct trapframe's order; or NULL */
    bool any_gs;       /* the function that was called does not rest on GS */
};

struct run {
    /* The context to go on with, or NULL to end the run. */
    struct trapframe *(*on_event)(struct outcome *o);
    /* A specimen's stub has called: o->frame is the frame as the stub built it,
     * o->rsp where.  *f is that place: the stub will restore what is there. */
    leave (*on_entry)(const struct outcome *o, struct trapframe *f);
    void (*on_body)(const struct body *b); /* NULL: nobody asks */
    void (*begun)(void); /* NULL, or called when events go to these hooks */
    bool nmi;            /* an NMI lands on the context's first instruction */
    unsigned own_gates;  /* arrivals at the gate that do not end it yet */
};

enum run_end {
    RUN_GATE,      /* engine_last() is the context at the gate */
    RUN_EVENT,     /* on_event ended it; engine_last() is the event */
    RUN_ABANDONED, /* engine_trouble() says why */
    RUN_NO_NMI,    /* the processor did not take the NMI it was sent */
    RUN_HANG,      /* the watchdog ended it */
};

enum run_end engine_run(const struct run *r, const struct trapframe *context);
enum run_end engine_end(void); /* how the last run ended */
const struct outcome *engine_last(void);
const char *engine_trouble(void);
/* NMIs and machine checks so far that came from elsewhere, while the harness
 * was at work. */
unsigned engine_strays(void);

/*
 * RDMSR and WRMSR of what may be absent, whatever CPUID says: false, and no
 * effect, where they fault.  On the capture stubs alone.
 */
bool msr_read(uint32_t number, uint64_t *value);
bool msr_write(uint32_t number, uint64_t value);

/* From on_event or on_entry: ends the run, with a sentence. */
_Noreturn void engine_abandon(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* From on_event, on_entry or on_body: goes on with context. */
_Noreturn void engine_go(const struct trapframe *context);
/* The same, but a #DB (a single-step trap) comes before its next instruction,
 * through the IDT's gate as it stands. */
_Noreturn void engine_go_with_trap(const struct trapframe *context);

/* From on_event: goes on with context so that an NMI lands exactly on its next
 * instruction, through the IDT's gate as it stands: nmi_pair.c. */
_Noreturn void engine_go_with_nmi(const struct trapframe *context);
/* Who sends the one that lands: ask, in an NMI's handler, has another processor
 * send it, and returns when that is done.  NULL: this one, as at first. */
void engine_nmi_from(void (*ask)(void));

/* Lets in, in ring 0, whatever interrupts are still pending, so that none
 * strays into the next run. */
struct drained {
    unsigned count, vector; /* how many there were, and the first one's */
};
struct drained engine_drain(void);

/* Is the address in code under test: a specimen, or a ring-0 stimulus? */
bool engine_under_test(uint64_t rip);

/* Is it in the first instructions of specimen_handle, specimen_body or what
 * stands for a kernel's function, which are still on the stack, and on the
 * account, of the stub that has called? */
bool engine_called(uint64_t rip);

/* Puts both GS bases where the harness keeps them. */
void engine_set_gs(uint64_t gs_base, uint64_t kernel_gs_base);

#endif
