/* SPDX-License-Identifier: MIT */
/* What the machine must be put into for some exceptions to come. */
#ifndef RINGSIDE_EXC_H
#define RINGSIDE_EXC_H

#include "msr.h"
#include "trapframe.h"

#define EXC_TS_VECTOR 0x40 /* its gate is lent for the #TS stimulus */
#define PF_USER 4          /* #PF error code: the access came from ring 3 */

/* Setups, each undone by exc_restore(). */
void exc_single_step(struct trapframe *c);     /* TF: #DB after one insn */
void exc_task_switched(struct trapframe *c);   /* CR0.TS: #NM */
void exc_short_tss(struct trapframe *c);       /* TSS ends before IST7: #TS */
void exc_alignment_check(struct trapframe *c); /* CR0.AM, AC: #AC */
void exc_no_rsp0(struct trapframe *c);         /* RSP0 on a guard: #DF */
void exc_no_stack(struct trapframe *c);        /* RSP on a guard: #DF */
void exc_restore(void);

#endif
