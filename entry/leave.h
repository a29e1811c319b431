/* SPDX-License-Identifier: MIT */
/* How a specimen's SYSCALL and SYSENTER stubs are to leave: what the C side
 * answers them, for C and for assembly.  Gates leave by IRETQ anyway. */
#ifndef RINGSIDE_LEAVE_H
#define RINGSIDE_LEAVE_H

#define LEAVE_AS_ENTERED 0 /* SYSRETQ, SYSRETL, SYSEXITL */
#define LEAVE_64 1         /* SYSEXITQ: the caller was 64-bit code */
#define LEAVE_BY_IRETQ 2
/* Or'ed to one of these, and never seen by a stub: a #DB comes in front of its
 * next instruction, and of each one until it loads its flags. */
#define LEAVE_STEPPED_BIT 8
#define LEAVE_STEPPED (1u << LEAVE_STEPPED_BIT)

#ifndef __ASSEMBLER__
typedef unsigned leave; /* the stubs compare EAX */
#endif
#endif
