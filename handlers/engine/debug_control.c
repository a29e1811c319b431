/* SPDX-License-Identifier: MIT */
/*
 * IA32_DEBUGCTL at hand-over; see debug_control.h.  No CPUID bit says whether
 * it is there, so it is read and written as a context whose #GP ends it.
 * Called by core_main(), when the engine can run one.
 */
#include "debug_control.h"

#include "engine.h"
#include "payload.h"
#include "snippet.h"

/* Leaves what was there in ESI and EDI. */
RING0(debug_control_zero,
      "movl $0x1d9, %ecx\n rdmsr\n movl %eax, %esi\n movl %edx, %edi\n"
      "xorl %eax, %eax\n xorl %edx, %edx",
      "wrmsr", "");

static struct trapframe *absent(struct outcome *o)
{
    return 0;
}

uint64_t debug_control_clear(void)
{
    static const struct run r = {.on_event = absent};
    struct trapframe c = payload_context(FROM_RING0, debug_control_zero);
    const struct trapframe *f = &engine_last()->frame;

    return engine_run(&r, &c) == RUN_GATE ? f->rdi << 32 | (uint32_t)f->rsi : 0;
}
