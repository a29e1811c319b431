/* SPDX-License-Identifier: MIT */
/*
 * What must come of a stimulus: a sequence of outcomes, the last of them the
 * arrival at the gate, each with every field stated.  The defaults say what
 * the manuals say of any entry and that nothing else may change; a case
 * states only what is particular to it.
 */
#ifndef RINGSIDE_WANT_H
#define RINGSIDE_WANT_H

#include "msr.h"
#include "outcome.h"

#define WANT_MAX 8 /* events of one run, the gate among them */

/* One bit for each line of fields.def.  ANY(rip) | ANY(cr2): fields that are
 * not compared, as nothing is said of them. */
enum field {
#define FIELD(id, name, member, kind) FIELD_##id,
#include "fields.def"
#undef FIELD
    FIELD_COUNT,
};
#define ANY(id) (1ull << FIELD_##id)
#define ANY_FRAME                                                              \
    (ANY(rip) | ANY(saved_cs) | ANY(saved_rflags) | ANY(saved_rsp) |           \
     ANY(saved_ss))
#define ANY_GENERAL (0x7fffull << FIELD_r15)

struct wanted {
    struct outcome o;
    uint64_t any;       /* fields that are not compared */
    uint64_t any_error; /* error code bits that are not */
    uint64_t any_flags; /* RFLAGS bits that are not, in either RFLAGS */
    bool compat;        /* from compat code: lower halves alone */
    bool after_syscall; /* its RFLAGS are those that SYSCALL left */
    /* Its image's RF is as that vector's, where its own vector does not tell an
     * interrupt, an NMI or INT n: VEC_FIRST_IRQ, VEC_nmi, VEC_int80.  0: does.
     */
    unsigned rf_as;
};

struct want {
    unsigned count;
    struct wanted event[WANT_MAX];
};

/* Flags that the delivery finds otherwise than predicted: in the saved image
 * and, but for those that it clears itself, in the handler. */
static inline void want_flags(struct wanted *e, uint64_t set, uint64_t clear)
{
    const uint64_t cleared = FLAG_TF | FLAG_NT | FLAG_RF | FLAG_IF;

    e->o.frame.rflags = (e->o.frame.rflags & ~clear) | set;
    e->o.rflags = (e->o.rflags & ~clear) | (set & ~cleared);
}

#endif
