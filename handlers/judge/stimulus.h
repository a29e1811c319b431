/* SPDX-License-Identifier: MIT */
/*
 * A stimulus: a few instructions in ring 3 or ring 0 of which one enters
 * ring 0, and what must come of it.  This is all that a case has to say:
 *
 *	RING3(my_ud, "", "ud2", "");
 *	...
 *	check_run(&(struct stimulus){
 *	    .id = "ud2.ring3", .from = FROM_RING3, CODE(my_ud),
 *	    .vector = VEC_ud, .saved = SAVED_AT, .facts = ..., .why = ...});
 *
 * It names a vector and which RIP is saved; the selectors, the flags, the
 * stack, the absence of an error code, CR2, both GS bases and every general
 * register are compared nevertheless.  predict.c says what they are after any
 * entry by any gate; a case states what is particular to it, and what its code
 * changes on purpose.  Where that does not do, expect() changes the prediction.
 *
 * One run of it, in this order:
 *
 *	before(context)		the case sets up; GS bases and registers are set
 *	the code runs		until something enters ring 0
 *	  in_handler(nth)	at each entry: what a kernel's handler would do
 *	  mend(nth, outcome)	and where the run goes on, if not behind a fault
 *	the code runs ...	until INT VEC_gate, the end of every snippet
 *	after()			the case undoes what before() did; then it is
 *				looked at whether it has (machine_state.def)
 *	expect(want, amd)	the prediction, with the case's changes
 *	also(diff)		whatever is no part of an outcome
 *
 * check_run() holds it against the manuals: one run with the capture stubs,
 * the whole sequence of outcomes compared.  stimulus_run() does that too, and
 * then runs it on the specimen's stubs, which are judged; each with the
 * user's GS base zero and positive.
 */
#ifndef RINGSIDE_STIMULUS_H
#define RINGSIDE_STIMULUS_H

#include <stdbool.h>

#include "engine/engine.h"
#include "engine/snippet.h"
#include "finding.h"
#include "record.h"
#include "want.h"

/*
 * The code (snippet.h), in the case's own file.  A fault at its `insn' is fixed
 * up to go on behind it.  Registers hold a pattern at the start; what the code
 * itself changes is declared in the stimulus's clobbers.
 */
#define CODE(name) .start = name, .at = name##_at, .resume = name##_resume

#define ARITHMETIC_FLAGS 0x8d5 /* OF SF ZF AF PF CF, for flags_changed */

/*
 * Code that is to be interrupted.  Both end when stimulus_stop is set (by an
 * in_handler); SPIN when its count is used up, for what is pending before it
 * starts; WAIT behind stimulus_deadline (TSC), for what takes its time: under
 * an emulator a timer can be late by as much as its host is busy.  And not
 * before it has looked often: the TSC goes on while a host is away.  WAIT_OR
 * is the end of a longer loop of that kind, which begins at `again'.
 */
#define SPIN(count)                                                            \
    "mov $" #count ", %ecx\n"                                                  \
    "1: cmpl $0, stimulus_stop\njne 2f\ndec %ecx\njnz 1b\n2:"
#define WAIT_OR(again)                                                         \
    "cmpl $0, stimulus_stop\njne 2f\nrdtsc\nshl $32, %rdx\nor %rdx, %rax\n"    \
    "decl stimulus_looks\ncmp stimulus_deadline, %rax\njb " again "\n"         \
    "cmpl $0, stimulus_looks\njg " again "\n2:"
#define WAIT "1: " WAIT_OR("1b")
#define WAIT_CLOBBERS (REG_RAX | REG_RDX)
extern volatile uint32_t stimulus_stop;
/* Three seconds and a million looks, unless before() says. */
extern volatile uint64_t stimulus_deadline;
extern volatile int32_t stimulus_looks;
void stimulus_stop_spinning(unsigned nth); /* an in_handler */

/* General registers, for clobbers: bit n of struct trapframe's order. */
#define REG_R11 (1u << 4)
#define REG_RBP (1u << 8)
#define REG_RDI (1u << 9)
#define REG_RSI (1u << 10)
#define REG_RDX (1u << 11)
#define REG_RCX (1u << 12)
#define REG_RBX (1u << 13)
#define REG_RAX (1u << 14)

/* Which RIP the frame has is the class of the event: SDM vol 3, "Exception
 * Classifications". */
enum saved_rip {
    SAVED_AT,     /* the instruction: faults */
    SAVED_RESUME, /* the next one: traps, calls */
    SAVED_WITHIN, /* anywhere from start to resume: interrupts */
    SAVED_ANY,    /* not defined: aborts */
};

struct diff;

struct stimulus {
    const char *id;   /* check id: path.condition.property */
    const char *path; /* stimulus_run(): the row of the path table */
    enum origin from;
    const char *start, *at, *resume; /* CODE(name) */

    /* What is wanted, as far as it is particular; predict.c has the rest. */
    unsigned vector; /* VEC_SYSCALL64... for the MSR entries; VEC_gate when
                      * nothing may enter: the code runs on to the gate
                      * (unless .entries say that it is the gate itself) */
    bool error_code;
    uint64_t error;   /* error code */
    uint64_t address; /* #PF: CR2; #DB: bits of DR6 */
    bool in_service;  /* an APIC interrupt: ISR bit set, EOI demanded */
    bool software;    /* it is INT n that reaches this vector */
    enum saved_rip saved;
    uint32_t clobbers;      /* general registers changed on purpose */
    uint64_t flags_changed; /* RFLAGS bits likewise */
    leave leave_by;
    unsigned entries; /* deliveries in one run; 0 means 1 */
    bool no_eoi;      /* leave the EOI of APIC interrupts to mend() */
    bool nmi;         /* an NMI is made to land on the first instruction */
    bool leaves_in_service; /* an interrupt that fails after its INTA */
    bool leaves_pending;    /* an interrupt, on purpose: taken afterwards */
    enum confidence confidence;
    enum deviation reports;       /* what this is about, if it fails */
    enum deviation skipped_after; /* it can only fail for the same reason */
    bool in_full; /* known deviations are not left out of the verdict */
    /* The two vendors' processors differ: expect() is asked for each, and
     * the check says whose way was seen. */
    bool by_vendor;
    /* May not come back: journalled first, run last, and skipped where a
     * reset cannot be survived. */
    bool risky;

    /* NULL, or changes the predicted outcomes; amd: as AMD's manual says. */
    void (*expect)(const struct stimulus *s, struct want *w, bool amd);
    /* NULL, or compares what is no part of an outcome: adds to d. */
    void (*also)(const struct stimulus *s, struct diff *d);
    /* NULL, or the reason why this machine cannot show it (then NULL runs). */
    const char *(*unfit)(const struct stimulus *s);
    /* check_run(): NULL, or the reason why this run has not shown it, though
     * another one may: the host was away at the wrong time. */
    const char *(*missed)(const struct stimulus *s);
    /* NULL, or asks somebody outside for the event.  Called when the run is on,
     * for it may come at once: before the code runs, in the harness, it shows
     * nothing, and is asked for again. */
    void (*send)(void);
    /* Right before each run and right after it; context may be changed.
     * after() undoes all that before() did. */
    void (*before)(struct trapframe *context);
    void (*after)(void);
    /* At each entry, in the C handler. */
    void (*in_handler)(unsigned nth);
    /* At each entry with the capture stubs, once the default has been done
     * about it (faults go on at resume, TF is cleared); may change the
     * context that the run goes on with. */
    void (*mend)(unsigned nth, const struct outcome *o, struct trapframe *f);
    uint64_t argument; /* for generated ones: the case's own */

    const char *facts; /* rows of tests/facts */
    const char *why;   /* the rule in one sentence, with the manual's section */
};

/* CODE(name), from a table. */
static inline void stimulus_code(struct stimulus *s, const struct snippet *code)
{
    s->start = code->start;
    s->at = code->at;
    s->resume = code->resume;
}

/* Runs it four times, reports its check, and adds to its path's row. */
void stimulus_run(const struct stimulus *s);

/* Conformance alone: once, with the capture stubs; reports its check. */
void check_run(const struct stimulus *s);

/* What either asks, under that id. */
struct finding stimulus_finding(const struct stimulus *s, const char *id);

/* From an expect(): predicts anew, as if the stimulus had another vector, or
 * as if it were another stimulus altogether. */
void want_vector(struct want *w, unsigned vector);
void want_as(struct want *w, const struct stimulus *s);

/*
 * From an expect(): event i (and the last so far) is what s would meet first
 * in context c: for rows where a call or a return has led elsewhere than the
 * stimulus started.  VEC_gate: the arrival at the gate from there.
 */
void want_at(struct want *w, unsigned i, const struct stimulus *s,
             const struct trapframe *c);

/* The stimulus that is running, for hooks without an argument for it, and the
 * context that it was started with. */
const struct stimulus *stimulus_now(void);
const struct trapframe *stimulus_context(void);

/* The specimen on whose stubs stimuli run. */
struct specimen;
void stimulus_use(const struct specimen *s);
const struct specimen *stimulus_specimen(void);

#endif
