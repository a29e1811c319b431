/* SPDX-License-Identifier: MIT */
/*
 * The one picture of an interrupted context, shared by assembly and C.
 *
 * From rip upwards it is what the processor pushes in 64-bit mode (SDM vol 3,
 * "Interrupt stack frame"); what lies below is pushed by the stubs, r15 last.
 * A stub puts 0 in error_code when the processor pushed none.
 */
#ifndef RINGSIDE_TRAPFRAME_H
#define RINGSIDE_TRAPFRAME_H

#ifdef __ASSEMBLER__

#define TF_R15 0x00
#define TF_R14 0x08
#define TF_R13 0x10
#define TF_R12 0x18
#define TF_R11 0x20
#define TF_R10 0x28
#define TF_R9 0x30
#define TF_R8 0x38
#define TF_RBP 0x40
#define TF_RDI 0x48
#define TF_RSI 0x50
#define TF_RDX 0x58
#define TF_RCX 0x60
#define TF_RBX 0x68
#define TF_RAX 0x70
#define TF_VECTOR 0x78
#define TF_ERROR_CODE 0x80
#define TF_RIP 0x88
#define TF_CS 0x90
#define TF_RFLAGS 0x98
#define TF_RSP 0xa0
#define TF_SS 0xa8
#define TF_SIZE 0xb0

#else

#include <stddef.h>
#include <stdint.h>

#define GENERAL_REGISTERS 15 /* all but RSP */

struct trapframe {
    union {
        uint64_t general[GENERAL_REGISTERS]; /* those below, in that order */
        struct {
            uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
            uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
        };
    };
    uint64_t vector, error_code;
    uint64_t rip, cs, rflags, rsp, ss;
};

_Static_assert(offsetof(struct trapframe, rax) == 0x70, "TF_RAX");
_Static_assert(offsetof(struct trapframe, vector) == 0x78, "TF_VECTOR");
_Static_assert(offsetof(struct trapframe, error_code) == 0x80, "TF_ERROR_CODE");
_Static_assert(offsetof(struct trapframe, rip) == 0x88, "TF_RIP");
_Static_assert(offsetof(struct trapframe, ss) == 0xa8, "TF_SS");
_Static_assert(sizeof(struct trapframe) == 0xb0, "TF_SIZE");

#endif
#endif
