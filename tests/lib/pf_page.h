/* SPDX-License-Identifier: MIT */
/*
 * A page of ring 3's whose rights a case sets, and what the manuals say of an
 * access to it: SDM vol 3, 4.6 (rights) and 4.7 (the error code).
 */
#ifndef RINGSIDE_PF_PAGE_H
#define RINGSIDE_PF_PAGE_H

#include "judge/stimulus.h"
#include "pte.h"

/* #PF's error code */
#define PF_P 0x01
#define PF_W 0x02
#define PF_U 0x04
#define PF_RSVD 0x08
#define PF_I 0x10
#define PF_PK 0x20

/* The page, as its entry has it: PAGE_PRESENT and so on (pte.h). */
#define PF_OFFSET_CODE                                                         \
    0x234                    /* where a fetch goes; the page is full of code   \
                              */
#define PF_OFFSET_DATA 0x805 /* and data accesses, four bytes */
extern uint8_t pf_page[PAGE_SIZE];

enum pf_access { PF_READ, PF_WRITE, PF_FETCH, PF_ACCESSES };

/* What of the control registers matters, as bits. */
enum pf_mode {
    PF_WP = 1,   /* CR0.WP: normally on */
    PF_NXE = 2,  /* EFER.NXE: on where the processor has it */
    PF_SMEP = 4, /* CR4 */
    PF_SMAP = 8,
    PF_AC = 16,      /* RFLAGS.AC, which lifts SMAP */
    PF_PKE = 32,     /* CR4; the page has protection key 1 */
    PF_KEY_AD = 64,  /* PKRU: that key's data may not be accessed ... */
    PF_KEY_WD = 128, /* ... or may not be written */
};

struct pf {
    enum origin from;
    enum pf_access access;
    uint64_t rights; /* PAGE_ bits of the leaf entry */
    unsigned mode;
};

#define PF_ALLOWED (-1)
/* The error code, or PF_ALLOWED. */
int pf_error(const struct pf *p);

/* One check: id is PREFIX.ring.access.rights. */
void pf_run(const char *prefix, const struct pf *p);

/* How the machine is set up. */
unsigned pf_mode_now(void);

/* EFER.NXE, with the page tables to match; pf_nx.c. */
void pf_nxe_off(void);
void pf_nxe_on(void);

#endif
