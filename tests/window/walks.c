/* SPDX-License-Identifier: MIT */
/*
 * The undisturbed walks that everything else starts from: one subject's, one
 * for each of the user's bases.
 *
 * Three bases, since a rule's answer may depend on the base itself.  Zero is
 * what ring 3 starts with.  A positive one is what the kernel used to allow
 * alone.  A negative one looks like a kernel's: with CR4.FSGSBASE ring 3 can
 * have it by WRGSBASE, and it is by-sign's limit.
 *
 * The walks are made when first asked for.  A run that is resumed behind a
 * reset has its checks done and asks for none.
 */
#include "walks.h"

#include "fmt.h"
#include "records.h"

struct walks walks;

void walks_set(struct walk *w, const struct specimen *s,
               const struct subject *p, enum window_base b)
{
    w->specimen = s;
    w->subject = p;
    w->base = b;
    w->user_gs = bench_user_gs(b);
    w->kernel_gs = bench_kernel_gs(s);
}

void walks_begin(const struct specimen *s, const struct subject *p)
{
    walks.specimen = s;
    walks.subject = p;
    walks.done = false;
    walks.bases =
        s->machine && s->machine->no_fsgsbase ? WINDOW_NEGATIVE : WINDOW_BASES;
    walks.unfit = p->s.unfit ? p->s.unfit(&p->s) : 0;
    records_begin();
}

const char *walks_begin_any(const struct subject *p)
{
    const struct specimen *s = 0;

    if (subject_fits(p, &specimen_linux))
        s = &specimen_linux;
    for (unsigned i = 0; i < specimens_count && !s; i++)
        if (subject_fits(p, specimens[i]) && !specimens[i]->wrong)
            s = specimens[i];
    if (!s)
        return "no specimen has such a stub";
    walks_begin(s, p);
    return walks.unfit;
}

/* A path that hangs does so with any base: seconds each time. */
static void give_up(unsigned b)
{
    const struct walk *hung = &walks.of[b];

    while (++b < walks.bases) {
        struct walk *w = &walks.of[b];

        w->end = hung->end;
        w->stops = w->boundaries = w->instructions = 0;
        fmt(w->trouble, sizeof(w->trouble), "%s", hung->trouble);
    }
}

void walks_do(void)
{
    if (walks.done || walks.unfit)
        return;
    walks.done = true;
    bench_begin(walks.specimen, walks.subject);
    for (unsigned b = 0; b < walks.bases; b++) {
        struct walk *w = &walks.of[b];

        walks_set(w, walks.specimen, walks.subject, (enum window_base)b);
        walk_undisturbed(w);
        if (w->end != RUN_GATE)
            walks.unfit = "the path itself does not end";
        else if (walks.subject->spoil && !w->spoilt)
            walks.unfit = "its stub shows no frame that could be spoilt";
        else if (walks.subject->fault && !w->faulted)
            walks.unfit = "this processor does not fault there in ring 0";
        if (w->end == RUN_HANG) {
            give_up(b);
            break;
        }
        records_walk(w);
    }
    bench_end();
}
