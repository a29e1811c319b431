/* SPDX-License-Identifier: MIT */
/*
 * The walk that is under way: what its files share.  One at a time, as the
 * engine has one run at a time.
 *
 *	walk.c      what a #DB means: a stop, the end, the event that comes
 *first step.c      how to get from one stop to the next hop.c       how the
 *stub of an event is begun handler.c   what is done where a kernel would do its
 *work
 */
#ifndef RINGSIDE_WALKING_H
#define RINGSIDE_WALKING_H

#include "engine/engine.h"
#include "walk.h"

#define FRAME_WORDS 5 /* RIP CS RFLAGS RSP SS */
#define FRAME_RFLAGS 2
#define FRAME_RSP 3

struct walking {
    const struct walk *w;
    const struct subject *s;
    const struct visitor *v;
    struct calls *calls;
    struct trapframe context, origin; /* origin: where the first event lands */
    const void *stub, *call_stub, *fault_stub;
    uint64_t *frame; /* the processor's, of the stub that has begun last ... */
    uint64_t pushed[FRAME_WORDS]; /* ... and what it held then */
    bool seen, moved; /* pushed is known; and the stub has moved its frame */
    unsigned stops;
    unsigned lead; /* instructions in front of the stimulus's own */
    bool armed;    /* DR0 is */
    bool begun;    /* the stimulus's instruction has been reached */
    bool hopping;  /* the first event is on its way to a capture stub */
    bool hopped;
    bool spoilt; /* the handler had a frame to spoil */
    bool faulted;
    uint64_t fixed; /* where the kernel's exception table has sent it */
    bool over;
    bool returned;            /* a #DB has come right behind the exit ... */
    struct outcome back;      /* ... with this */
    bool inside;              /* the harness is at work, in a call */
    unsigned handles, bodies; /* calls of specimen_handle, specimen_body */
    uint32_t ticks;
};
extern struct walking walking;

/* step.c: f, at a stop, becomes a context that stops again at the next one;
 * a breakpoint on an address, and off again. */
void step_from(struct trapframe *f);
void step_arm(uint64_t address);
void step_disarm(void);

/* hop.c: lets the first event land in f; and, when it has come to a capture
 * stub, begins the specimen's on the frame that lies at rsp. */
_Noreturn void hop_raise(struct trapframe *f);
_Noreturn void hop_land(struct trapframe *f, uint64_t rsp);

/* An event that nobody waited for: the visitor's, or the end of the walk. */
void walking_astray(unsigned vector, uint64_t rip, uint64_t gs_base);
/* The kernel's exception table: its entry for an address, or NULL. */
const struct specimen_fixup *walking_fixup(uint64_t rip);
/* frames.c: the frame that the stub will leave by, wherever it has moved it;
 * calls each for every copy on the stack at rsp.  False: there is none. */
bool walking_frames(uint64_t rsp, void (*each)(uint64_t *frame));
/* f becomes the context that ring 3 goes on with behind the stimulus. */
void walking_back(struct trapframe *f);

/* The specimen's handler: hooks of struct run. */
leave walking_entry(const struct outcome *o, struct trapframe *f);
void walking_body(const struct body *b);

#endif
