/* SPDX-License-Identifier: MIT */
/*
 * The GDT and the TSS: descriptors are built by plain C that the host tests
 * check against the manual's figures.  Layout: include/selectors.h.
 */
#ifndef RINGSIDE_GDT_H
#define RINGSIDE_GDT_H

#include <stdint.h>

#include "selectors.h"

/* Access byte of a descriptor: SDM vol 3, "Segment Descriptors". */
#define DESCRIPTOR_PRESENT 0x80
#define DESCRIPTOR_DPL(n) ((unsigned)(n) << 5)
/* Code and data are accessed already, so that no load writes to the GDT. */
#define DESCRIPTOR_DATA 0x13 /* writable */
#define DESCRIPTOR_CODE 0x1b /* readable */
#define DESCRIPTOR_CODE_EXECUTE_ONLY 0x19
#define DESCRIPTOR_CODE_CONFORMING 0x1f
#define DESCRIPTOR_LDT 0x02
#define DESCRIPTOR_CALL_GATE 0x0c /* of 64 bits; S=0: a system descriptor */
/* Flags nibble */
#define DESCRIPTOR_G 0x8  /* the limit is in pages */
#define DESCRIPTOR_DB 0x4 /* 32-bit */
#define DESCRIPTOR_L 0x2  /* 64-bit code */

/* A flat code or data descriptor: access byte and flags as above; base 0,
 * limit 4 GiB. */
uint64_t descriptor_flat(unsigned access, unsigned flags);

/* The same with a base. */
uint64_t descriptor_based(unsigned access, unsigned flags, uint32_t base);

/* The same as flat, but with a limit below 1 MiB, in bytes. */
uint64_t descriptor_limited(unsigned access, unsigned flags, uint32_t limit);

/* A 16-byte call gate, or what its access byte makes of it. */
void descriptor_gate(uint64_t d[2], unsigned access, uint16_t cs,
                     uint64_t offset);

/* A 16-byte system descriptor: of a TSS or an LDT. */
void descriptor_system(uint64_t d[2], unsigned access, uint64_t base,
                       uint32_t limit);

/* The descriptor of an available 64-bit TSS at base. */
void descriptor_tss(uint64_t d[2], uint64_t base, uint32_t limit);

struct tss {
    uint32_t reserved0;
    uint64_t rsp[3];
    uint64_t reserved1;
    uint64_t ist[7]; /* ist[0] is IST1 */
    uint64_t reserved2;
    uint16_t reserved3, io_map; /* io_map >= limit: no I/O from ring 3 */
} __attribute__((packed));

_Static_assert(sizeof(struct tss) == 0x68, "SDM vol 3, 64-bit TSS");

extern uint64_t gdt[GDT_SLOTS];

/*
 * What runs in which ring and mode: the selectors of include/selectors.h; or,
 * while others are laid over them, those.  0: there is no such segment.
 */
struct selectors {
    uint16_t kernel_cs, kernel_ss, user_cs32, user_ss, user_cs64;
};
extern struct selectors selectors;

/*
 * Flat descriptors for them, over whatever is there, and CS and SS of those;
 * and all as it was before, but for one slot.  An NMI may come while they
 * change hands, and its gate's CS be gone: so gdt_between() comes first, which
 * leads to a segment that both have, in the slot of SEL_BETWEEN.
 */
void gdt_between(void);
void gdt_lay(const struct selectors *s);
void gdt_lay_off(void);
#define SEL_BETWEEN ((GDT_SLOTS - 2) * 8)

/* Empties the slots that cases may use: SEL_SPARE and up. */
void gdt_clear_spare(void);

extern struct tss tss;

/* Fills GDT and TSS with what every case expects, and loads TR. */
void gdt_init(void);

/* LGDT; for who has lent the processor another one. */
void gdt_load(void);

/* Reloads TR with another TSS limit (sizeof(tss) - 1 is the usual one). */
void tss_load(uint32_t limit);

#endif
