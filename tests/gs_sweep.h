/* SPDX-License-Identifier: MIT */
/*
 * One run of an entry path on the linux specimen's stubs, stopped in front of
 * every instruction from the one that enters ring 0 to the one that leaves
 * it; and what each rule would have done in an event's stub at that place.
 */
#ifndef RINGSIDE_GS_SWEEP_H
#define RINGSIDE_GS_SWEEP_H

#include "trial.h"

#define BOUNDARIES 128

enum judged_rule { BY_CS, BY_SIGN, SAVE_SET, STORED, JUDGED_RULES };

struct boundary {
    uint64_t rip;
    bool ring0;
    bool users; /* GS is the user's: by the SWAPGS that have been executed */
    bool wrong[JUDGED_RULES];
};

/* A path: how it is entered, and at which instruction ring 0 begins. */
struct subject {
    const char *name;
    struct stimulus s;
    const void *stub; /* NULL: the specimen's, by the stimulus's vector */
    /* Boundaries on the user's GS, before the first SWAPGS is done and behind
     * the last one; 0: as many as there are. */
    unsigned entry_side, exit_side;
    bool asynchronous; /* does not wait for the stimulus's instruction */
    bool by_sign;      /* the stub's own rule, and it has an IST */
};

struct sweep {
    enum run_end end;
    char trouble[96]; /* unless end is RUN_GATE */
    unsigned boundaries, swaps, calls;
    struct boundary at[BOUNDARIES];
    uint64_t handler_gs, final_gs; /* GS_BASE in the C handler, at the end */
    bool leaves; /* the last boundary's instruction leaves ring 0 */
};

/* The user's base is written by ring 3 itself where that can be done. */
void gs_sweep(struct sweep *w, const struct subject *p, uint64_t user_gs);

/* The subject that the linux specimen has no stub for: gs_sweep_gate.S. */
extern const char gs_sweep_gate[];

#endif
