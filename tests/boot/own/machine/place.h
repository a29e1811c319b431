/* SPDX-License-Identifier: MIT */
/* What is machine's own: where it is linked to, and its GDT. */
#define OWN_TEXT 0xffffffff80000000
#define OWN_DATA 0xffffffff80001000
#define OWN_TSS (OWN_DATA + 0x100)
#define OWN_IST1 (OWN_DATA + 0x1ff8) /* not aligned: the processor does it */
#define OWN_RSP0 (OWN_DATA + 0x3000)

/* 0x08, where the harness has its own code, is ring 3's compat code here. */
#define OWN_USER_CS32 0x0b
#define OWN_KERNEL_CS 0x10
#define OWN_KERNEL_SS 0x18
#define OWN_USER_SS 0x2b
#define OWN_USER_CS64 0x33
