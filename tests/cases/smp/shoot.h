/* SPDX-License-Identifier: MIT */
/*
 * One TLB shootdown, watched: others use a page, one takes it away, and each
 * of them is held against the same few steps.  shoot.c.
 */
#ifndef RINGSIDE_SMP_SHOOT_H
#define RINGSIDE_SMP_SHOOT_H

#include "drop.h"
#include "judge/diff.h"
#include "record.h"

enum change {
    CHANGE_UNMAP,   /* they read: #PF, P 0 */
    CHANGE_PROTECT, /* they write: #PF, P 1, W 1 */
    CHANGE_REMAP,   /* they read another page: no fault */
};

struct shoot {
    enum origin from; /* where the others use it */
    enum change change;
    enum keep keep;
    enum drop how;   /* what their handlers do at the first IPI */
    bool may_keep;   /* ... which need not be enough: at the second INVLPG */
    bool by_ring3;   /* the first one's ring 3 asks for it, by SYSCALL */
    bool broadcast;  /* INVLPGB in place of the first IPI */
    unsigned by;     /* who takes it away; not 0: the first uses it as well */
    unsigned others; /* how many use it; 0: task_others() */
};

/* What was seen of the others, as far as it is no matter of right or wrong. */
struct shot {
    unsigned stale;  /* went on with what they had, told nothing */
    unsigned early;  /* did not: by then they had dropped it */
    unsigned kept;   /* may_keep: went on behind the first IPI, too */
    bool last_stale; /* the one that was left out went on when all others
                      * were through (with more than one other) */
};

/* Runs it: what is wrong goes to d. */
void shoot(const struct shoot *s, struct diff *d, struct shot *shot);

#endif
