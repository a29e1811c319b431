/* SPDX-License-Identifier: MIT */
/*
 * INT n, INT3 and INT1 behind prefixes that mean nothing to them.
 *
 * The address saved is that behind the whole instruction, prefixes and all.
 * A kernel that steps back by one from #BP, or by two from INT n, finds what
 * its debugger put there only if nobody prefixed it; an emulator that counts
 * the opcode alone returns into the middle.  Up to 15 bytes are allowed.
 */
#include "fmt.h"
#include "lib/origin.h"
#include "lib/triggers.h"
#include "macros.h"

/* A table of addresses: of the first prefix, and behind the opcode. */
#define SLOT(section, prefix, insn)                                            \
    ".pushsection " section "\n1: .byte " prefix "\n" insn                     \
    "\n2: int $0xf0\nud2\n.popsection\n.quad 1b, 2b\n"
#define SLOTS(section, prefix)                                                 \
    SLOT(section, prefix, "int $0x41")                                         \
    SLOT(section, prefix, "int3")                                              \
    SLOT(section, prefix, ".byte 0xf1")
#define PREFIX(prefix)                                                         \
    SLOTS(".user.text,\"ax\"", prefix)                                         \
    SLOTS(".text.under_test,\"ax\"", prefix)

__asm__(
    ".pushsection .rodata\n.balign 8\nint_prefix_codes:\n" PREFIX("0x66")
        PREFIX("0x67") PREFIX("0x2e") PREFIX("0x36") PREFIX("0x3e") PREFIX(
            "0x26") PREFIX("0x64") PREFIX("0x65") PREFIX("0xf2") PREFIX("0xf3")
            PREFIX("0x66, 0x67, 0x2e, 0xf3") PREFIX(
                "0x66, 0x2e, 0x66, 0x66, 0x3e, 0x66, 0x66, 0x26, 0x66, 0x66, "
                "0x36, 0x66, 0x66") PREFIX("0x48")
                PREFIX("0x66, 0x4f") ".popsection");

static const char *const names[] = {"66",  "67",       "2e",     "36",    "3e",
                                    "26",  "64",       "65",     "f2",    "f3",
                                    "mix", "thirteen", "rex.48", "rex.4f"};
#define PREFIXES (COUNT(names))
#define FIRST_REX 12 /* in compat code these are instructions */

static const enum trigger_id events[] = {TRIGGER_INT, TRIGGER_INT3,
                                         TRIGGER_INT1};
#define EVENTS (COUNT(events))

extern const struct {
    const char *at, *resume;
} int_prefix_codes[PREFIXES][2][EVENTS];

static const struct trigger *trigger;

static void prepare(struct trapframe *c)
{
    trigger_start(trigger, c);
}

static void undo(void)
{
    trigger_stop(trigger);
}

static void run(unsigned p, unsigned e, enum origin from)
{
    bool ring0 = from == FROM_RING0;
    char id[44];
    struct stimulus s = {
        .id = id,
        .before = prepare,
        .after = undo,
        .facts = "IV37 IV1",
        .why = "the RIP saved by INT n, INT3 and INT1 is behind all prefixes "
               "and the opcode; SDM vol 2 INT n",
    };

    trigger = &triggers[events[e]];
    trigger_fill(&s, trigger, from);
    s.start = s.at = int_prefix_codes[p][ring0][e].at;
    s.resume = int_prefix_codes[p][ring0][e].resume;
    fmt(id, sizeof(id), "prefix.%s.%s.%s", names[p], origin_ids[from],
        trigger->name);
    check_run(&s);
}

void case_int_prefix(void)
{
    for (unsigned p = 0; p < PREFIXES; p++)
        for (unsigned e = 0; e < EVENTS; e++)
            for (enum origin from = 0; from < FROM_COUNT; from++)
                if (p < FIRST_REX || from != FROM_COMPAT)
                    run(p, e, from);
}
