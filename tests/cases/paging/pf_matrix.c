/* SPDX-License-Identifier: MIT */
/*
 * #PF: every kind of page by every kind of access from everywhere.
 *
 * What a page allows is the kernel's wall against ring 3; the error code and
 * CR2 are all that its handler has to tell a page that must be brought in
 * from a write that must be copied, from an attack.  Present, writable, user,
 * no-execute and a reserved bit are tried in all combinations, by read, write
 * and fetch, from ring 3, compat code and ring 0 (with CR0.WP).  RSVD comes
 * with P set; I is told of a fetch only; and where the access is allowed, it
 * must not fault.
 */
#include "lib/pf_page.h"
#include "macros.h"

static const uint64_t bits[] = {PAGE_WRITE, PAGE_USER, PAGE_NX, PAGE_RESERVED};
#define STATES (1u << (COUNT(bits)))

static void run(uint64_t rights)
{
    struct pf p = {.rights = rights, .mode = pf_mode_now()};

    for (p.from = 0; p.from < FROM_COUNT; p.from++)
        for (p.access = 0; p.access < PF_ACCESSES; p.access++)
            pf_run("pf", &p);
}

void case_pf_matrix(void)
{
    run(0);
    run(PAGE_WRITE | PAGE_USER | PAGE_RESERVED); /* absent is told first */
    for (unsigned state = 0; state < STATES; state++) {
        uint64_t rights = PAGE_PRESENT;

        for (unsigned i = 0; i < COUNT(bits); i++)
            if (state >> i & 1)
                rights |= bits[i];
        run(rights);
    }
}
