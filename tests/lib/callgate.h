/* SPDX-License-Identifier: MIT */
/*
 * Call gates, the entry that everybody forgot: what the cases about them
 * share.  A far CALL or JMP reads its pointer from the top of the stack (its
 * offset is for nothing), and the gate leads to code that shows what it found
 * in the general registers, and then goes to the harness's gate.
 */
#ifndef RINGSIDE_CALLGATE_H
#define RINGSIDE_CALLGATE_H

#include "gdt.h"
#include "gs.h"

/* Slots of the GDT: the gate takes two; a case's own code segment. */
#define SEL_CALL_GATE SEL_SPARE
#define SEL_CALL_CS (SEL_SPARE + 16)

#define CALL_GATE_ACCESS(dpl)                                                  \
    (DESCRIPTOR_PRESENT | DESCRIPTOR_DPL(dpl) | DESCRIPTOR_CALL_GATE)

/* Bytes that a call pushes: SS, RSP, CS, RIP; at its own level the last two. */
#define CALL_FRAME_INNER 32
#define CALL_FRAME_SAME 16

/* The instruction, in each mode. */
enum far { FAR_CALL, FAR_JUMP, FARS };
extern const char *const far_ids[FARS];
extern const struct snippet far_codes[FARS][FROM_COUNT];

/* Where gates lead to.  At callgate_inner and callgate_same (ring 0, ring 3)
 * the frame is popped: RIP to RAX, CS to RBX, RSP to RCX, SS to RDX; RSI, RDI
 * and RBP show their upper halves where only the lower ones are compared. */
extern const char callgate_inner[], callgate_same[], callgate_same0[];
/* LRETQ at once; callgate_same0 and callgate_return0 take RSP from R15. */
extern const char callgate_return[], callgate_return0[], callgate_return3[];
extern const char callgate_jumped[], callgate_jumped0[]; /* no frame */

/* For before(): the gate itself, and the pointer to it for the instruction. */
void callgate_put(unsigned access, uint16_t cs, uint64_t rip);
void callgate_pointer(struct trapframe *c, uint16_t selector);
/* A code segment at SEL_CALL_CS. */
void callgate_code(unsigned access, unsigned flags);

/* For expect(): the harness's gate is reached from callgate_inner in ring
 * `ring' with RSP0 (RSP1, RSP2) as given. */
void callgate_want_inner(struct want *w, const struct stimulus *s,
                         unsigned ring, uint16_t cs, uint64_t rsp);
/* The registers alone, from the context that the call was made in. */
void callgate_want_frame(struct wanted *gate, const struct stimulus *s,
                         bool inner);

void callgate_after(void); /* GDT, TSS, DRs and bases as they were */

#endif
