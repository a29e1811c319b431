/* SPDX-License-Identifier: MIT */
/* See decisions.h. */
#include "decisions.h"

#include "fmt.h"
#include "window/symbols.h"

/* Of one whose handler was called; a stub that has faulted on its way to it
 * has decided nothing yet. */
static bool is_wrong(const struct injection *i, unsigned n)
{
    const struct landing *l = &i->at[n];
    bool may = i->walk->stop[n].wrong >> WINDOW_BY_SIGN & 1;

    return l->delivered && l->wrong &&
           (i->walk->base != WINDOW_NEGATIVE || (l->exact && !may));
}

void decisions_judge(struct diff *d, const struct injection *i)
{
    for (unsigned n = 0; n < i->walk->stops && !diff_any(d); n++) {
        const struct stop *s = &i->walk->stop[n];
        unsigned offset = 0;
        const char *symbol;
        char where[80];

        if (!is_wrong(i, n))
            continue;
        symbol = s->f.cs & 3 ? "ring 3" : symbol_of(s->f.rip, &offset);
        fmt(where, sizeof(where), "NMI at %s+0x%x, base %s:", symbol, offset,
            window_base_name(i->walk->base));
        diff_text(d, where, "kernel's GS base", "user's GS base");
    }
}
