/* SPDX-License-Identifier: MIT */
/* One walk along a path, stopping in front of each instruction; see walk.c. */
#ifndef RINGSIDE_WALK_H
#define RINGSIDE_WALK_H

#include "judge/diff.h"
#include "outcome.h"
#include "subjects.h"

#define STOPS 320      /* a walk that stops more often is going round */
#define STACK_WORDS 48 /* of the interrupted code's stack, to compare */
#define BELOW_WORDS 16 /* below RSP: a stub may come back to them */

/* A place where a walk stops: a boundary, or the first instruction of a
 * routine of the harness's, which is then run at full speed. */
struct stop {
    struct trapframe f; /* without TF and RF */
    uint64_t gs_base, kernel_gs_base, cr3;
    uint64_t stack[BELOW_WORDS + STACK_WORDS];
    uint16_t gs;   /* the selector */
    uint8_t words; /* in use, from RSP up, as far as they are kept */
    bool boundary;
    bool users;    /* GS_BASE is not the kernel's: the window, in ring 0 */
    uint8_t flags; /* enum window_flags */
    uint8_t wrong; /* bit n: enum window_rule n would be wrong */
};

/* What has been seen of the specimen's own handler: the routine of the
 * harness's that its stub calls where a kernel would do its work. */
struct calls {
    unsigned count, wrong; /* wrong: not on the kernel's base ... */
    unsigned fault_wrong;  /* ... since the exit has faulted */
    uint64_t gs_base;      /* of the last one */
};

/* One path with one user's base, undisturbed. */
struct walk {
    const struct specimen *specimen;
    const struct subject *subject;
    enum window_base base;
    uint64_t user_gs, kernel_gs;
    unsigned fault; /* what the exit raises here, or 0 */
    enum run_end end;
    char trouble[96]; /* unless end is RUN_GATE */
    unsigned stops, boundaries, swaps;
    struct stop stop[STOPS];
    struct calls calls;
    uint32_t instructions; /* counted at full speed; 0: cannot be */
    bool leaves;           /* the last one's instruction leaves ring 0 */
    bool spoilt;           /* the handler had a frame to spoil */
    bool faulted;          /* the exit raised what it should ... */
    bool fixed;            /* ... and the kernel's table said where to */
    /* The stop at which SYSRETQ has an address that is none, and faults on
     * Intel's processors; 0: nowhere, or it is none of those. */
    unsigned bad_sysret;
    /* What the path has interrupted, and what it has led back to. */
    struct outcome was, back;
    bool returned;          /* back was seen right behind the exit */
    struct trapframe final; /* at the gate */
    uint64_t final_gs, final_kernel_gs;
    uint16_t final_selector; /* GS's */
};

/* Is that base the user's?  Never, where the kernel keeps nothing by GS. */
bool walk_users(const struct walk *w, uint64_t gs_base);
/* Is it wrong for a handler to have that base, and the page table that there
 * is now? */
bool walk_wrong(const struct walk *w, uint64_t gs_base);

/* Fills w, but for what stands before fault. */
void walk_undisturbed(struct walk *w);

/* A call of the specimen's handler. */
struct call {
    unsigned vector; /* of the frame; 0: it called specimen_body */
    uint64_t gs_base;
    const struct trapframe *f; /* NULL likewise */
};

/*
 * What is done on a walk: undisturbed.c records, inject.c and nest.c let
 * events land.  The walk itself, walk.c, is the same for all.
 *
 * All of it runs in the handler of a #DB or of the event, on an IST stack, and
 * need not return: whoever becomes another context (engine_go) abandons the
 * handler with its stack, which costs nothing, as an IST stack begins anew
 * each time.  With no visitor at all the path runs at full speed.
 */
struct visitor {
    /* What the path starts from; or no such hook. */
    void (*context)(struct trapframe *c);
    /* In front of an instruction; may put f and the bases right. */
    void (*stop)(unsigned n, const struct outcome *o, struct trapframe *f);
    /* Goes on from there, unless it returns. */
    void (*leave)(unsigned n, struct trapframe *f);
    void (*over)(void); /* the path has ended; or NULL */
    /* The specimen's handler: was it an event of the visitor's? */
    bool (*call)(const struct call *c);
    /* Each event that a capture stub has taken, before the walk looks at it:
     * the context to go on with, or NULL.  Or no such hook. */
    struct trapframe *(*first)(const struct outcome *o, struct trapframe *f);
    /* What nobody waited for, or NULL: the walk is abandoned. */
    void (*astray)(unsigned vector, uint64_t rip, uint64_t gs_base);
};

/* Walks once; the number of stops. */
unsigned walk_once(const struct walk *w, const struct visitor *v,
                   enum run_end *end, struct calls *calls);
/* Words in use on the stack that RSP is on at stop n; 0: not known. */
unsigned walk_words(const struct walk *w, unsigned n, uint64_t rsp);
/* All as it was at stop n of the undisturbed walk. */
void walk_restore(unsigned n, struct trapframe *f);
/* From a visitor: goes on from stop n; arriving: and the visitor's leave()
 * comes first, as at any stop. */
_Noreturn void walk_resume(unsigned n, bool arriving);

/* What came of injecting events of one kind at every boundary. */
struct landing {
    uint8_t sent, delivered; /* counts */
    bool exact, wrong, damaged;
    bool dropped; /* the stub has given all back, and called nobody */
};

struct injection {
    const struct walk *walk;
    enum window_event event;
    struct landing at[STOPS]; /* by stop */
    bool hung;                /* only the watchdog ended it */
    unsigned closely;         /* so many landings have been tried alone */
    unsigned walks;           /* it took more than one: something broke */
    char trouble[96];         /* the first walk that did not end, or "" */
    struct diff changed;      /* what was not given back, and ... */
    unsigned changed_at;      /* ... at which stop: the first such */
};

/* Fills i, but for its first two members. */
void walk_injecting(struct injection *i);
/* Tries alone, and closely, each landing that would be failed: careful.c. */
void careful_confirm(struct injection *i);

/* Can the event land at the stop at all? */
bool can_land(const struct walk *w, const struct stop *s, enum window_event e);
/* Does the event's frame go where the subject's own lies? */
bool same_stack(const struct walk *w, enum window_event e);
/* And is that all there is to say?  A stub of somebody's own that does not
 * nest: whether it would have been on the right base is no question. */
bool only_overwritten(const struct walk *w, enum window_event e);

/*
 * rules.c: must an event's stub with the rule be wrong there, by the CS and
 * the bases of s?  And is it: sets s->wrong, by running each rule on the
 * #DB's frame where the walk stands, above which the kernel's base lies.
 * rules_prepare(): once per bench.
 */
bool rules_wrong(enum window_rule rule, const struct stop *s,
                 uint64_t kernel_gs);
void rules_try(struct stop *s, uint64_t kernel_gs, const void *frame);
void rules_prepare(void);

/* bench.c: the machine as walks want it, and as it was. */
void bench_begin(const struct specimen *s, const struct subject *p);
void bench_end(void);
/* The harness takes #DB; the specimen takes a vector. */
void bench_take_db(void);
void bench_take(unsigned vector);
/* A capture stub takes it, where the specimen's stub would. */
void bench_capture(unsigned vector);
/* Where the processor pushes an event's frame, if it comes in context f; and
 * the same, pushed by us: RSP then. */
uint64_t *bench_event_frame(unsigned vector, const struct trapframe *f);
uint64_t bench_push_frame(unsigned vector, const struct trapframe *f);
uint64_t bench_kernel_gs(const struct specimen *s);
uint64_t bench_user_gs(enum window_base b);
uint64_t bench_stack_top(const struct specimen *s); /* RSP0 */

#endif
