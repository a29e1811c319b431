/* SPDX-License-Identifier: MIT */
/* How a processor drops what it keeps of the page tables. */
#ifndef RINGSIDE_SMP_DROP_H
#define RINGSIDE_SMP_DROP_H

#include <stdint.h>

enum drop {
    DROP_PAGE,         /* INVLPG */
    DROP_CR3,          /* MOV to CR3 */
    DROP_PGE,          /* CR4.PGE changed, and back */
    DROP_INVPCID_PAGE, /* INVPCID, types 0 to 3, for the current PCID */
    DROP_INVPCID_ONE,
    DROP_INVPCID_GLOBAL,
    DROP_INVPCID_ALL,
    DROP_NOTHING,           /* MOV to CR3, bit 63 */
    DROP_ELSEWHERE_PAGE,    /* INVLPG while another PCID is loaded */
    DROP_ELSEWHERE_INVPCID, /* INVPCID type 1 for another PCID */
    DROPS,
};

/* How the page at va is used: with pages that are global, with PCIDs. */
enum keep { KEEP_PLAIN, KEEP_GLOBAL, KEEP_PCID };

void drop(enum drop how, uint64_t va);

/* In the harness, on the processor that is to keep it; and back. */
void keep_begin(enum keep k);
void keep_end(enum keep k);

/* INVLPGB of that page, global or not, and TLBSYNC: at all processors.  NULL,
 * or why this one cannot. */
void drop_everywhere(uint64_t va);
const char *drop_everywhere_unfit(void);

/* NULL, or why this processor cannot. */
const char *drop_unfit(enum drop how, enum keep k);

#endif
