/* SPDX-License-Identifier: MIT */
/* Ring 3's memory, and the contexts that stimuli start from. */
#ifndef RINGSIDE_PAYLOAD_H
#define RINGSIDE_PAYLOAD_H

#include <stdbool.h>

#include "record.h"
#include "trapframe.h"

#define RED_ZONE 128  /* bytes below ring 3's RSP that are ring 3's own */
#define ABOVE_RSP 128 /* bytes from RSP up that are filled as well */

/* A fresh context of the given origin at rip: every general register holds a
 * pattern of its own, interrupts on, the stack around RSP filled. */
struct trapframe payload_context(enum origin from, const char *rip);

/* Is the stack around a context's first RSP as payload_context() left it? Below
 * is ring 3's red zone, which nothing may touch; in ring 0 an event's frame
 * lands there, unless it has an IST stack.  Above it is all the interrupted
 * code's own. */
bool payload_below_intact(uint64_t rsp);
bool payload_above_intact(uint64_t rsp);

/* The user's positive GS base: the decoy's address. */
uint64_t payload_positive_gs(void);

/* Is that the address behind an INT to the gate, in code that a case may have
 * run? */
bool payload_behind_gate(uint64_t rip);

void payload_init(void);

#endif
