/* SPDX-License-Identifier: MIT */
/* A stimulus's outcome against what the manuals say of it. */
#ifndef RINGSIDE_JUDGE_H
#define RINGSIDE_JUDGE_H

#include "diff.h"
#include "stimulus.h"

/* What an outcome is held against: the stimulus as it was started. */
struct expectation {
    const struct stimulus *s;
    struct trapframe start;           /* the context that was become */
    uint64_t gs_base, kernel_gs_base; /* live when it began */
};

/* Everything that a capture stub saw, but for the two fields below. */
void judge_outcome(struct diff *d, const struct expectation *x,
                   const struct outcome *o);

/* RFLAGS in the handler, and RF in the saved image. */
void judge_rflags(struct diff *d, const struct expectation *x,
                  const struct outcome *o);

/* The frame that the specimen's C handler was given, against the capture
 * stubs' (MSR entries: against the conventions of their instructions). */
void judge_frame(struct diff *d, const struct expectation *x,
                 const struct outcome *captured, const struct trapframe *f);

/* The context at the gate: all that must have come back as it was. */
void judge_return(struct diff *d, const struct expectation *x,
                  const struct outcome *gate);

/* The stack that the entry must land on. */
const char *judge_stack(const struct stimulus *s, unsigned vector);

#endif
