/* SPDX-License-Identifier: MIT */
/*
 * The ways to load FS and GS with a selector, for the cases about what that
 * does to the base: MOV, POP and LFS or LGS, from everywhere.
 */
#ifndef RINGSIDE_GS_LOAD_H
#define RINGSIDE_GS_LOAD_H

#include "lib/gs.h"

enum gs_register { GS_FS, GS_GS, GS_REGISTERS };
enum gs_load { GS_MOV, GS_POP, GS_FAR, GS_LOADS };

/* What to load how from where, and what must come of it. */
struct gs_loading {
    enum gs_register reg;
    enum gs_load load;
    enum origin from;
    uint16_t selector;
    uint64_t base;  /* of the loaded register, behind it */
    unsigned fault; /* VEC_gate: none */
    uint16_t error;
};

extern const char *const gs_register_ids[GS_REGISTERS]; /* "fs", "gs" */
extern const char *const gs_load_ids[GS_LOADS];         /* "mov" ... */

/* Completes *s (id, facts, why, confidence are the caller's) and runs it. */
void gs_load_run(struct stimulus *s, const struct gs_loading *l);

#endif
