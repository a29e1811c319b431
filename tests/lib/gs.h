/* SPDX-License-Identifier: MIT */
/* What the cases about FS, GS and their bases share. */
#ifndef RINGSIDE_GS_H
#define RINGSIDE_GS_H

#include "judge/stimulus.h"

/* Bases that tell where they came from; canonical with 4 levels and with 5. */
#define GS_POSITIVE 0x0000123456789000ull /* what most user bases look like */
#define GS_NEGATIVE 0xffffedcba9876000ull /* what a kernel's look like */
#define FS_POSITIVE 0x00003210fedcb000ull
/* Not canonical with either, whatever the processor supports. */
#define GS_NONCANONICAL 0xaaaaaaaaaaaaaaaaull
#define GS_NONCANONICAL_SIGN 0x8000000000000000ull
/* Canonical with 57 bits, not with 48. */
#define GS_CANONICAL_57 0x0080123456789000ull

struct gs_state {
    uint16_t fs, gs;
    uint64_t fs_base, gs_base, kernel_gs_base;
};

/* For before(): the selectors first, for they bring bases along. */
void gs_set(const struct gs_state *g);
/* For expect(): so they are in event n and in all behind it. */
void gs_want(struct want *w, unsigned n, const struct gs_state *g);
/* For after(): bases, spare descriptors and CR4.FSGSBASE as they were. */
void gs_after(void);

/* For expect(): the gate is reached from there, in the stimulus's registers. */
void gs_want_ring3(struct want *w, const struct trapframe *c);

#endif
