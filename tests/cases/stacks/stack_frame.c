/* SPDX-License-Identifier: MIT */
/*
 * The frame to the byte: SS, and the bits that no register fills.
 *
 * Each slot is eight bytes, and what is pushed is zero-extended to them: the
 * upper 48 bits of CS and SS, the upper 42 of RFLAGS, the upper 48 of an
 * error code that names a selector.  Handlers that compare the whole slot
 * break where an emulator leaves the stack's old bytes; so the stack is filled
 * with ones first.  From compat code RIP and RSP are zero-extended, too.
 *
 * SS in the handler is NULL after a change of privilege, with RPL = new CPL,
 * and the old SS is on the frame whatever it was: any selector of ring 3's, or
 * in ring 0 even NULL, which is not reloaded by an entry that keeps the CPL.
 */
#include "fmt.h"
#include "gdt.h"
#include "lib/gate_defects.h"
#include "lib/origin.h"
#include "macros.h"
#include "stacks.h"
#include "vectors.h"

#define FRAME_WORDS 6
#define SEL_ALIAS SEL_CODE32 /* here: one more stack segment for ring 0 */

static const struct trigger *trigger;
static uint16_t ss;

static void fill_with_ones(uint64_t top)
{
    uint64_t *word = (uint64_t *)(top & ~15ull);

    for (unsigned i = 0; i < FRAME_WORDS; i++)
        *--word = ~0ull;
}

static void prepare(struct trapframe *c)
{
    trigger_start(trigger, c);
    if (ss != 0xffff) {
        c->ss = ss;
        gdt[SEL_ALIAS / 8] = descriptor_flat(
            DESCRIPTOR_PRESENT | DESCRIPTOR_DATA, DESCRIPTOR_G | DESCRIPTOR_DB);
    }
    fill_with_ones(STACK_TOP(STACK_rsp0));
    fill_with_ones(STACK_TOP(STACK_nmi));
    fill_with_ones(STACK_TOP(STACK_harness_db));
    if (stimulus_now()->from == FROM_RING0)
        fill_with_ones(c->rsp);
}

static void undo(void)
{
    trigger_stop(trigger);
    gdt_clear_spare();
}

static void run(const char *name, const struct trigger *w, enum origin from,
                const char *facts, const char *why)
{
    char id[44];
    struct stimulus s = {
        .id = id, .before = prepare, .after = undo, .facts = facts, .why = why};

    trigger = w;
    trigger_fill(&s, w, from);
    fmt(id, sizeof(id), "frame.%s.%s.%s", name, origin_ids[from], w->name);
    check_run(&s);
}

static void run_ss(const char *name, uint16_t selector, enum origin from)
{
    static const enum trigger_id events[] = {TRIGGER_INT, TRIGGER_UD,
                                             TRIGGER_GP, TRIGGER_IRQ};

    ss = selector;
    for (unsigned e = 0; e < COUNT(events); e++)
        run(name, &triggers[events[e]], from, "IV11",
            "the old SS is saved exactly; SS becomes NULL with a change of CPL "
            "and stays without one; SDM vol 3, Stack Switching in IA-32e Mode");
}

static const char *only_sev(const struct stimulus *s)
{
    (void)s;
    return "#VC comes to guests of SEV-ES alone";
}

static const char *only_init(const struct stimulus *s)
{
    (void)s;
    return "#SX takes an INIT to this processor: never provoked";
}

void case_stack_frame(void)
{
    static const char why_pushed[] =
        "#VC and #SX push an error code; APM vol 2, Vectors";
    static const struct stimulus vc = {.id = "frame.error-code.vc",
                                       .unfit = only_sev,
                                       .facts = "IV9",
                                       .why = why_pushed};
    static const struct stimulus sx = {.id = "frame.error-code.sx",
                                       .unfit = only_init,
                                       .facts = "IV9",
                                       .why = why_pushed};

    ss = 0xffff; /* as it is */
    for (unsigned w = 0; w < TRIGGER_COUNT; w++)
        for (enum origin from = 0; from < FROM_COUNT; from++)
            if (triggers[w].code[from].start && w != TRIGGER_TS)
                run("slots", &triggers[w], from, "IV36 IV26 IV9",
                    "each slot of the frame is written whole, zero-extended to "
                    "64 bits, from compat code too; SDM vol 3, 64-Bit Mode "
                    "Stack Frame");
    run_ss("ss-other", SEL_SYSEXIT_SS, FROM_RING3);
    run_ss("ss-other", SEL_SYSEXIT_SS, FROM_COMPAT);
    run_ss("ss-other", SEL_ALIAS, FROM_RING0);
    run_ss("ss-null", 0, FROM_RING0);
    check_run(&vc);
    check_run(&sx);
}
