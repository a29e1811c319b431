/* SPDX-License-Identifier: MIT */
/* How a specimen's SYSCALL and SYSENTER stubs are to leave: what the C side
 * answers them, for C and for assembly.  Gates leave by IRETQ anyway. */
#ifndef RINGSIDE_LEAVE_H
#define RINGSIDE_LEAVE_H

#define LEAVE_AS_ENTERED 0 /* SYSRETQ, SYSRETL, SYSEXITL */
#define LEAVE_64 1         /* SYSEXITQ: the caller was 64-bit code */
#define LEAVE_BY_IRETQ 2

#ifndef __ASSEMBLER__
typedef unsigned leave; /* the stubs compare EAX */
#endif
#endif
