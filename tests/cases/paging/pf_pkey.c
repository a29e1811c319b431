/* SPDX-License-Identifier: MIT */
/*
 * #PF and protection keys: bit 5 of the error code.
 *
 * PKRU, which ring 3 itself writes, can forbid data accesses to pages of a
 * key, or writes: to user pages alone, but to ring 0's accesses as well (its
 * writes only with CR0.WP).  Never a fetch.  PK is set whenever the key forbids
 * the access, even if the page's rights do as well.
 */
#include "lib/pf_page.h"
#include "macros.h"

void case_pf_pkey(void)
{
    static const struct {
        const char *name;
        unsigned set, clear;
    } modes[] = {
        {"pf.pk-none", 0, 0},
        {"pf.pk-ad", PF_KEY_AD, 0},
        {"pf.pk-wd", PF_KEY_WD, 0},
        {"pf.pk-wd-wp-off", PF_KEY_WD, PF_WP},
    };
    static const uint64_t rights[] = {
        PAGE_PRESENT | PAGE_WRITE,
        PAGE_PRESENT | PAGE_USER,
        PAGE_PRESENT | PAGE_USER | PAGE_WRITE,
        PAGE_USER | PAGE_WRITE,
    };

    for (unsigned m = 0; m < COUNT(modes); m++)
        for (unsigned r = 0; r < COUNT(rights); r++) {
            struct pf p = {
                .rights = rights[r],
                .mode =
                    ((pf_mode_now() & ~modes[m].clear) | modes[m].set | PF_PKE),
            };

            for (p.from = 0; p.from < FROM_COUNT; p.from++)
                for (p.access = 0; p.access < PF_ACCESSES; p.access++)
                    pf_run(modes[m].name, &p);
        }
}
