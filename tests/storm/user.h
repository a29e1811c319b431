/* SPDX-License-Identifier: MIT */
/*
 * What the storm's program in ring 3 (program.S) and its handlers in ring 0
 * tell each other: one struct on a page of ring 3's, each processor its own.
 */
#ifndef RINGSIDE_STORM_USER_H
#define RINGSIDE_STORM_USER_H

#define USER_SEED 0x00
#define USER_MARK 0x08
#define USER_FLAGS 0x10
#define USER_FLAGS_MASK 0x18
#define USER_RSP 0x20
#define USER_GS 0x28
#define USER_GS_NEXT 0x30
#define USER_RIP 0x38
#define USER_RESUME 0x40
#define USER_CALL 0x48
#define USER_VECTOR 0x50
#define USER_MADE 0x54
#define USER_SERVED 0x58
#define USER_STOP 0x5c
#define USER_LOST 0x60
#define USER_FSGSBASE 0x64
#define USER_SPOIL 0x68
#define USER_ZERO 0x6c
#define USER_ABSENT 0x70
#define USER_IRQ 0x74
#define USER_FAR 0x78
#define USER_TF 0x80
#define USER_FLUSHED 0x88
#define USER_BASES 0x90
#define USER_CALLS 0xb0

#define STORM_BASES 4
#define STORM_SLOTS 64 /* of the calls: as often in it, so often made */

/* A register's mark: of the call's random number, so many steps above it. */
#define MARK_STEP 0x08765432
#define ZONE_WORD 64 /* bytes below RSP, in ring 3's red zone */
#define DECOY_BYTES 512
#define DECOY_WORD (DECOY_BYTES - 8) /* its own address */

/* The page that is exchanged: USER_SHARED_STORM. */
#define VA_STORM_PAGE (VA_USER_SHARED + 0x3000)

/* The local APIC's page, for ring 3 to send with, and how: a store of the
 * ICR's low half, whose high half holds this processor's id. */
#define VA_STORM_APIC (VA_USER_DATA + 0x1ff000)
#define STORM_ICR (VA_STORM_APIC + 0x300)
#define ICR_ASSERT 0x4000
#define ICR_NMI (ICR_ASSERT | 0x400)

/* What ring 3 did not get back. */
#define LOST_REGISTER 1
#define LOST_FLAG 2
#define LOST_RSP 3
#define LOST_GS 4
#define LOST_ZONE 5
#define LOST_RETURN 6
#define LOST_CALL 7
#define LOST_PAGE 8

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

struct storm_user {
    uint64_t seed;         /* of ring 3's own stream; never 0 */
    uint64_t mark;         /* of this call: what its registers are made of */
    uint64_t flags;        /* RFLAGS at this call ... */
    uint64_t flags_mask;   /* ... of which these are random */
    uint64_t rsp;          /* at every call but those of compat code */
    uint64_t gs, gs_next;  /* ring 3's base; while it changes, either */
    uint64_t rip;          /* that this call's frame must have ... */
    uint64_t resume;       /* ... and where ring 3 goes on */
    const void *call;      /* the code of this call */
    uint32_t vector;       /* that it comes to */
    uint32_t made, served; /* calls; the handler counts the second */
    uint32_t stop;         /* the handler's word that it is enough */
    uint32_t lost;         /* LOST_*, at the gate */
    uint32_t fsgsbase;     /* ring 3 may set its base itself */
    uint32_t spoil;        /* asks for a frame that IRETQ does not take */
    uint32_t zero;         /* to be divided by */
    uint32_t absent;       /* a selector that is not present */
    uint32_t irq;          /* for the ICR: assert, and a vector */
    uint64_t far;          /* a far pointer to the call gate */
    uint64_t tf;           /* what single-steps: TF, or 0 */
    uint32_t flushed;      /* up to this number of the shared page's */
    uint32_t pad;
    uint64_t bases[STORM_BASES];
    const void *calls[STORM_SLOTS];
};

_Static_assert(offsetof(struct storm_user, call) == USER_CALL, "");
_Static_assert(offsetof(struct storm_user, spoil) == USER_SPOIL, "");
_Static_assert(offsetof(struct storm_user, far) == USER_FAR, "");
_Static_assert(offsetof(struct storm_user, calls) == USER_CALLS, "");

extern volatile struct storm_user storm_user;

/* program.S: where it begins, and its calls. */
extern const char storm_program[];
#define STORM_CALL(name) extern const char storm_##name[];
STORM_CALL(spin)
STORM_CALL(page)
STORM_CALL(syscall)
STORM_CALL(syscall_nmi)
STORM_CALL(syscall_irq)
STORM_CALL(int80)
STORM_CALL(int80_nmi)
STORM_CALL(int80_irq)
STORM_CALL(int80_spoilt)
STORM_CALL(int80_compat)
STORM_CALL(syscall_compat)
STORM_CALL(sysenter_compat)
STORM_CALL(sysenter_nmi)
STORM_CALL(lcall)
STORM_CALL(int3)
STORM_CALL(de)
STORM_CALL(ud)
STORM_CALL(np)
STORM_CALL(ss)
STORM_CALL(gp)
STORM_CALL(pf)
STORM_CALL(pf_nmi)
#undef STORM_CALL
#endif
#endif
