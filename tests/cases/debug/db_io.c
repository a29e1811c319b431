/* SPDX-License-Identifier: MIT */
/*
 * I/O breakpoints: with CR4.DE, type 10b in DR7 watches ports.
 *
 * IN and OUT trap behind themselves when they touch a watched port, in ring 0
 * and in ring 3 alike.  Few kernels use them, so few emulators have them.  The
 * port is 0x80, which shows POST codes and does nothing.  Without CR4.DE the
 * type is undefined: not tried.
 */
#include "cpu.h"
#include "fmt.h"
#include "insn.h"
#include "lib/debug.h"
#include "lib/origin.h"
#include "lib/sequence.h"
#include "macros.h"
#include "vectors.h"

#define PORT 0x80

#define EMIT(MODE, mode)                                                       \
    MODE(io_in_##mode, "", "in $" STRING(PORT) ", %al", "nop");                \
    MODE(io_out_##mode, "", "out %al, $" STRING(PORT), "nop");                 \
    MODE(io_in_dx_##mode, "", "in %dx, %al", "nop");                           \
    MODE(io_out_dx_##mode, "", "out %al, %dx", "nop")
EMIT(RING3, 3);
EMIT(COMPAT, c);
EMIT(RING0, 0);

#define ROW(mode)                                                              \
    {                                                                          \
        SNIPPET(io_in_##mode), SNIPPET(io_out_##mode),                         \
            SNIPPET(io_in_dx_##mode), SNIPPET(io_out_dx_##mode)                \
    }
static const char *const insns[] = {"in", "out", "in-dx", "out-dx"};
static const struct snippet code[FROM_COUNT][COUNT(insns)] = {
    [FROM_RING3] = ROW(3), [FROM_COMPAT] = ROW(c), [FROM_RING0] = ROW(0)};

/* What is watched; the access is one byte at PORT. */
static const struct watched {
    const char *name;
    unsigned port, length;
    bool hit;
} watches[] = {
    {"byte", PORT, 1, true},
    {"word", PORT, 2, true},
    {"long", PORT, 4, true},
    {"other", PORT + 4, 4, false},
};
static const struct watched *watched;
static uint64_t cr4;

static void before(struct trapframe *c)
{
    cr4 = read_cr4();
    write_cr4(cr4 | CR4_DE);
    debug_arm(3, watched->port, DEBUG_IO, watched->length);
    c->rflags |= FLAG_IOPL;
    c->rdx = PORT;
}

static void after(void)
{
    debug_off();
    write_cr4(cr4);
}

static const char *unfit(const struct stimulus *s)
{
    return cpu_has(FEATURE_DE) ? 0 : "CPUID lists no debugging extensions";
}

void case_db_io(void)
{
    char id[44];

    for (unsigned o = 0; o < FROM_COUNT; o++)
        for (unsigned i = 0; i < COUNT(insns); i++)
            for (unsigned w = 0; w < COUNT(watches); w++) {
                watched = &watches[w];
                fmt(id, sizeof(id), "watch-io.%s.%s.%s", insns[i],
                    watched->name, origin_ids[o]);
                check_run(&(struct stimulus){
                    .id = id,
                    .from = o,
                    .start = code[o][i].start,
                    .at = code[o][i].at,
                    .resume = code[o][i].resume,
                    .vector = watched->hit ? VEC_db : VEC_gate,
                    .saved = SAVED_RESUME,
                    .address = DR6_B(3),
                    .clobbers = REG_RAX,
                    .unfit = unfit,
                    .before = before,
                    .after = after,
                    .mend = sequence_mend,
                    .facts = "DB16",
                    .why = "with CR4.DE, IN and OUT of a watched port trap "
                           "behind themselves; SDM vol 3, Data Memory and I/O "
                           "Breakpoint Exceptions",
                });
            }
}
