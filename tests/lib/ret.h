/* SPDX-License-Identifier: MIT */
/*
 * Far returns: what the iret and lret cases have in common.  A row says where
 * from, by which instruction, and what stands on the stack; ret.c puts it
 * there, lends the descriptors, and predicts the arrival.
 */
#ifndef RINGSIDE_RET_H
#define RINGSIDE_RET_H

#include "judge/stimulus.h"
#include "selectors.h"

/* By operand size: Q pops quadwords, D doublewords. */
enum ret_by { BY_IRETQ, BY_IRETD, BY_LRETQ, BY_LRETD };

/* Selectors whose descriptors a row lends (RPL to be or-ed in). */
#define SEL_RET_CODE SEL_SPARE
#define SEL_RET_DATA (SEL_SPARE + 8)

/* What the instruction pops, in IRETQ's order. */
struct ret_frame {
    uint64_t rip, cs, rflags, rsp, ss;
};

struct ret {
    enum origin from;
    enum ret_by by;
    struct ret_frame frame;
    uint64_t code, data; /* descriptors of SEL_RET_CODE and SEL_RET_DATA */
    uint64_t rflags;     /* before the instruction; 0: as stimuli start */
    uint64_t rsp;        /* of the frame; 0: the stimulus's own stack */
    bool no_frame;       /* nothing can be written there */
    unsigned ist;        /* IST slot lent to the vector that is wanted; 0 */
    unsigned imm16;      /* the `n' of LRETQ $n, bytes; only 0 and 16 */
};

/* A frame without a fault that leads to ring 3, to compat or to ring 0. */
struct ret_frame ret_frame_to(enum origin to);

/* A stimulus for r, which must outlive it: code, before, after, mend, and an
 * expect that is right if it faults at the instruction or does not at all. */
struct stimulus ret_stimulus(const struct ret *r);

/* The context after r has succeeded from context c. */
struct trapframe ret_arrive(const struct ret *r, const struct trapframe *c);

/* Where frames of ret_frame_to() lead, one NOP, and the address after it,
 * where the gate is called. */
uint64_t ret_landing(enum origin to);
uint64_t ret_landing_end(enum origin to);

/* want_at(), in the context that r leads to: compat code's has less. */
void ret_want_at(struct want *w, unsigned i, const struct stimulus *s,
                 const struct trapframe *c);

/* The far returns that there are, IRET's first. */
#define RET_FORMS 9
#define IRET_FORMS 5
extern const struct ret_form {
    const char *name;
    enum ret_by by;
    enum origin from, to;
} ret_forms[RET_FORMS];

/* For a stimulus's hooks that do more than these. */
void ret_before(struct trapframe *c);
void ret_after(void);
void ret_mend(unsigned nth, const struct outcome *o, struct trapframe *f);
void ret_expect(const struct stimulus *s, struct want *w, bool amd);

/* "ring0-ring3" and so on, for ids. */
const char *ret_way(const struct ret *r, enum origin to);

/* The RFLAGS after IRET at this CPL with old RFLAGS and this image; SDM
 * vol 2, IRET, RETURN-TO-SAME and RETURN-TO-OUTER-PRIVILEGE-LEVEL. */
uint64_t ret_rflags(unsigned cpl, uint64_t old, uint64_t image);

#endif
