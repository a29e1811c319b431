/* SPDX-License-Identifier: MIT */
/*
 * Events that need a stack of their own.
 *
 * Between SYSCALL and the stub's own stack, and again between the exit's load
 * of RSP and SYSRETQ, ring 0 is on the stack that ring 3 has chosen.  Gates
 * that cannot come there need not care.  #DB, NMI, #MC and #DF can, and without
 * an IST their frame goes where ring 3 points: into the kernel's own memory, if
 * it likes (the stack half of CVE-2018-8897).
 */
#include "judge.h"
#include "vectors.h"

#define NEAR 0x1000 /* of where ring 3 had it */

static bool on_users_stack(const struct walk *w, const struct stop *s)
{
    uint64_t users = w->was.frame.rsp, rsp = s->f.rsp;

    return !(s->f.cs & 3) && s->boundary &&
           (rsp < users ? users - rsp : rsp - users) < NEAR;
}

bool own_stack(const struct specimen *s, unsigned vector)
{
    const struct specimen_stub *stub = specimen_stub(s, vector);

    return stub && stub->ist != SPECIMEN_IST_NONE;
}

void judge_own_stack(struct diff *d, const struct walk *w, unsigned vector)
{
    if (w->subject->s.from == FROM_RING0 || w->specimen->wrong ||
        !specimen_stub(w->specimen, vector) || own_stack(w->specimen, vector))
        return;
    for (unsigned n = 0; n < w->stops; n++)
        if (on_users_stack(w, &w->stop[n]) &&
            (vector != VEC_WINDOW_IRQ || w->stop[n].flags & WINDOW_IF)) {
            judge_differ_at(d, w, n, "an IST stack", "ring 3's stack");
            return;
        }
}
