/* SPDX-License-Identifier: MIT */
/*
 * Instruction breakpoints, and the flag that gets one over them.
 *
 * An instruction breakpoint is a fault: it comes before the instruction, saves
 * its address, and would come for ever if the handler did not set RF in the
 * frame.  It is the only fault that does not set RF there itself, so that the
 * handler knows it for the first time.  RF lasts for one instruction, be it a
 * whole REP, and a loop's next round traps again.  What does not load RF is
 * POPF.  The address must be that of the instruction's first byte.
 */
#include "fmt.h"
#include "insn.h"
#include "lib/debug.h"
#include "lib/origin.h"
#include "lib/sequence.h"
#include "vectors.h"

#define EVERYWHERE(name, before, insn, after)                                  \
    RING3(code_##name##3, before, insn, after);                                \
    COMPAT(code_##name##c, before, insn, after);                               \
    RING0(code_##name##0, before, insn, after)

EVERYWHERE(long, "", "mov $0, %eax", "nop");
EVERYWHERE(prefix, "", ".byte 0x66\nnop", "nop");
EVERYWHERE(loop, "", "1: nop", "dec %ecx\njnz 1b");
EVERYWHERE(rep, "", "rep lodsb %ss:(%esi), %al", "nop");
EVERYWHERE(popf, "popf", "nop", "nop");

#define ROUNDS 3

static uint8_t bytes[8] __attribute__((section(".user.data")));

enum {
    REGISTER = 3,    /* which of DR0 to DR3 */
    SECOND_BYTE = 4, /* on the one behind the first */
    WITH_RF = 8,     /* RF is set to begin with */
    POPPED = 16,     /* POPF finds a word with RF set */
};

static void before(struct trapframe *c)
{
    const struct stimulus *s = stimulus_now();
    unsigned size = s->from == FROM_COMPAT ? 4 : 8;

    c->rcx = ROUNDS;
    c->rsi = (uint64_t)bytes;
    c->rax = 0;
    if (s->argument & POPPED) {
        c->rsp -= size;
        *(volatile uint32_t *)c->rsp = (uint32_t)(c->rflags | FLAG_RF);
        if (size == 8)
            *(volatile uint32_t *)(c->rsp + 4) = 0;
    }
    if (s->argument & WITH_RF)
        c->rflags |= FLAG_RF;
    debug_arm(s->argument & REGISTER,
              (uint64_t)s->at + (s->argument & SECOND_BYTE ? 1 : 0),
              DEBUG_EXECUTE, 1);
}

static bool is_loop(const struct stimulus *s)
{
    return s->start == code_loop3 || s->start == code_loopc ||
           s->start == code_loop0;
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    unsigned hits = is_loop(s) ? ROUNDS : 1;
    struct sequence q;

    sequence_begin(&q, s, w);
    q.c.rflags &= ~(uint64_t)FLAG_RF;
    if (s->argument & POPPED)
        q.c.rsp += s->from == FROM_COMPAT ? 4 : 8;
    if (s->argument & WITH_RF)
        hits--;
    if (s->argument & SECOND_BYTE)
        hits = 0;
    for (unsigned i = 0; i < hits; i++) {
        if (is_loop(s))
            q.c.rcx = hits - i;
        sequence_db(&q, s->at, DR6_B(s->argument & REGISTER));
    }
    sequence_end(&q)->any |= ANY(rcx) | ANY(rsi);
}

static const char why[] =
    "an instruction breakpoint faults before the instruction, unless RF is "
    "set; "
    "SDM vol 3, Instruction-Breakpoint Exception Condition";

static void everywhere(const char *name, const struct snippet code[FROM_COUNT],
                       uint64_t argument)
{
    char id[44];

    for (unsigned o = 0; o < FROM_COUNT; o++) {
        fmt(id, sizeof(id), "code.%s.%s", name, origin_ids[o]);
        check_run(&(struct stimulus){
            .id = id,
            .from = o,
            .start = code[o].start,
            .at = code[o].at,
            .resume = code[o].resume,
            .vector = VEC_db,
            .argument = argument,
            .flags_changed = is_loop(&(struct stimulus){.start = code[o].start})
                                 ? ARITHMETIC_FLAGS
                                 : 0,
            .before = before,
            .after = debug_off,
            .expect = expect,
            .mend = sequence_mend,
            .facts = argument & SECOND_BYTE ? "DB24" : "DB4 DB26 IR6 IV18",
            .why = why,
        });
    }
}

#define ALL(name)                                                              \
    (const struct snippet[FROM_COUNT])                                         \
    {                                                                          \
        SNIPPET(code_##name##3), SNIPPET(code_##name##c),                      \
            SNIPPET(code_##name##0)                                            \
    }

void case_db_code(void)
{
    char name[8];

    for (unsigned n = 0; n < 4; n++) {
        fmt(name, sizeof(name), "dr%u", n);
        everywhere(name, ALL(long), n);
    }
    everywhere("second-byte", ALL(long), SECOND_BYTE);
    everywhere("prefixed", ALL(prefix), 0);
    everywhere("behind-prefix", ALL(prefix), SECOND_BYTE);
    everywhere("rf", ALL(long), WITH_RF);
    everywhere("loop", ALL(loop), 0);
    everywhere("loop.rf", ALL(loop), WITH_RF);
    everywhere("rep", ALL(rep), 0);
    everywhere("rep.rf", ALL(rep), WITH_RF);
    everywhere("popf", ALL(popf), POPPED);
}
