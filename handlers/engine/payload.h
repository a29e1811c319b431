/* SPDX-License-Identifier: MIT */
/* Ring 3's memory, and the contexts that stimuli start from. */
#ifndef RINGSIDE_PAYLOAD_H
#define RINGSIDE_PAYLOAD_H

#include <stdbool.h>

#include "record.h"
#include "trapframe.h"

#define RED_ZONE 128 /* bytes below ring 3's RSP that are ring 3's own */

/* A fresh context of the given origin at rip: every general register holds a
 * pattern of its own, interrupts on, red zone filled. */
struct trapframe payload_context(enum origin from, const char *rip);

/* Is the red zone below the context's RSP as payload_context() left it? */
bool payload_red_zone_intact(const struct trapframe *context);

/* The user's positive GS base: the decoy's address. */
uint64_t payload_positive_gs(void);

/* Is that the address behind an INT to the gate, in code that a case may have
 * run? */
bool payload_behind_gate(uint64_t rip);

void payload_init(void);

#endif
