/* SPDX-License-Identifier: MIT */
/*
 * Ring 3's memory; see payload.h.
 *
 * A context starts with a pattern in every register and around its stack
 * pointer.  A register that an entry loses, or swaps with another, shows; one
 * that was zero before and after would not.
 */
#include "payload.h"

#include "engine.h"
#include "gdt.h"
#include "handoff.h"
#include "layout.h"
#include "msr.h"
#include "percpu.h"
#include "shared.h"
#include "stacks.h"
#include "vectors.h"

#define USER_STACK_SIZE 16384 /* ring 0 may have to run on it for a while */
#define INT_IMM8 0xcd         /* opcode */
#define PATTERN 0xa5a5a5a5a5a5a5a5ull

/* Pages of its own, with nothing mapped around them: core.lds. */
static uint64_t user_stack[USER_STACK_SIZE / 8]
    __attribute__((section(".user.stack"), aligned(4096)));

extern const char user_text_size[], user_data_size[]; /* core.lds */

/* The kernel's per-CPU data, and what a user's GS base points to when it is not
 * zero: the same fields with the same stack, so that a handler which runs on
 * the wrong one gets through to where it is judged. */
static struct percpu percpus[PROCESSORS_MAX] SHARED;
struct percpu *percpu = percpus;
struct percpu percpu_decoy __attribute__((section(".user.data")));

void payload_init(void)
{
    percpu = &percpus[handoff.cpu];
    percpu->self = (uint64_t)percpu;
    percpu->kernel_rsp = STACK_TOP(STACK_rsp0);
    percpu_decoy = *percpu;
    percpu_decoy.self = (uint64_t)&percpu_decoy;
}

uint64_t payload_positive_gs(void)
{
    return (uint64_t)&percpu_decoy;
}

static bool filled(uint64_t from, unsigned bytes)
{
    const uint64_t *at = (const uint64_t *)from;

    for (unsigned i = 0; i < bytes / 8; i++)
        if (at[i] != PATTERN + (from + 8 * i))
            return false;
    return true;
}

static void fill(uint64_t from, unsigned bytes)
{
    uint64_t *at = (uint64_t *)from;

    for (unsigned i = 0; i < bytes / 8; i++)
        at[i] = PATTERN + (from + 8 * i);
}

struct trapframe payload_context(enum origin from, const char *rip)
{
    bool ring0 = from == FROM_RING0;
    struct trapframe c = {
        .rip = (uint64_t)rip,
        .cs = ring0                 ? selectors.kernel_cs
              : from == FROM_COMPAT ? selectors.user_cs32
                                    : selectors.user_cs64,
        .ss = ring0 ? selectors.kernel_ss : selectors.user_ss,
        .rflags = FLAG_ONE | FLAG_IF | FLAG_CF | FLAG_PF | FLAG_SF,
        /* Half-way, so that both directions are ours; 8 off 16, so that a
         * processor that does not align shows. */
        .rsp = ring0 ? STACK_TOP(STACK_ring0) - 0x408
                     : (uint64_t)user_stack + USER_STACK_SIZE / 2 - 8,
    };

    for (unsigned i = 0; i < GENERAL_REGISTERS; i++) {
        uint64_t pattern = 0x0101010101010101ull * (i + 1) + 0x60;
        c.general[i] = from == FROM_COMPAT ? (uint32_t)pattern : pattern;
    }
    fill(c.rsp - RED_ZONE, RED_ZONE + ABOVE_RSP);
    return c;
}

bool payload_behind_gate(uint64_t rip)
{
    const uint8_t *end = (const uint8_t *)rip;

    if (!engine_under_test(rip) &&
        (rip < VA_USER_TEXT ||
         rip >= VA_USER_TEXT + (uint64_t)user_text_size) &&
        (rip < VA_USER_DATA || rip >= VA_USER_DATA + (uint64_t)user_data_size))
        return false;
    return end[-2] == INT_IMM8 && end[-1] == VEC_gate;
}

bool payload_below_intact(uint64_t rsp)
{
    return filled(rsp - RED_ZONE, RED_ZONE);
}

bool payload_above_intact(uint64_t rsp)
{
    return filled(rsp, ABOVE_RSP);
}
