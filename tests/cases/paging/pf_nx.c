/* SPDX-License-Identifier: MIT */
/*
 * #PF without EFER.NXE: a fetch is told as a read, and bit 63 is reserved.
 *
 * I is set for a fetch only while SMEP or NXE is on, so a handler that goes by
 * it must know both.  For the time of each run every NX bit of the page tables
 * is kept in a bit that the processor ignores, or the core's own data would
 * fault.
 */
#include "handoff.h"
#include "insn.h"
#include "lib/pf_page.h"
#include "macros.h"
#include "msr.h"
#include "page.h"

/* Every entry below a table: its NX to the ignored bit, or back. */
static void move_nx(uint64_t physical, unsigned level, bool back)
{
    uint64_t *table = page_table(physical);
    uint64_t from = back ? PAGE_IGNORED : PAGE_NX,
             to = back ? PAGE_NX : PAGE_IGNORED;

    for (unsigned i = 0; table && i < 512; i++) {
        uint64_t e = table[i];

        if (!(e & PAGE_PRESENT))
            continue;
        if (level > 1 && !(e & PAGE_LARGE))
            move_nx(e, level - 1, back);
        if (e & from)
            table[i] = (e & ~from) | to;
    }
}

void pf_nxe_off(void)
{
    move_nx(handoff.cr3_test, handoff.levels, false);
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) & ~(uint64_t)EFER_NXE);
    write_cr3(read_cr3());
}

void pf_nxe_on(void)
{
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE);
    move_nx(handoff.cr3_test, handoff.levels, true);
    write_cr3(read_cr3());
}

void case_pf_nx(void)
{
    static const uint64_t rights[] = {
        0,
        PAGE_PRESENT,
        PAGE_PRESENT | PAGE_USER,
        PAGE_PRESENT | PAGE_USER | PAGE_WRITE,
        PAGE_PRESENT | PAGE_USER | PAGE_WRITE | PAGE_NX,
        PAGE_PRESENT | PAGE_USER | PAGE_WRITE | PAGE_RESERVED,
    };
    static const struct {
        const char *name;
        unsigned mode;
    } modes[] = {{"pf.nxe-off", 0}, {"pf.nxe-off.smep", PF_SMEP}};

    for (unsigned m = 0; m < 2; m++)
        for (unsigned r = 0; r < COUNT(rights); r++) {
            struct pf p = {.rights = rights[r], .mode = PF_WP | modes[m].mode};

            for (p.from = 0; p.from < FROM_COUNT; p.from++)
                for (p.access = 0; p.access < PF_ACCESSES; p.access++)
                    pf_run(modes[m].name, &p);
        }
}
