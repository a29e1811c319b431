/* SPDX-License-Identifier: MIT */
/*
 * INT n for every n, from everywhere, onto either kind of stack.
 *
 * A software interrupt goes to exactly the vector in its second byte, saves
 * the address behind itself, and pushes no error code: not even at 8, 10 to
 * 14, 17 or 21, where the exception of that number would.  A handler that
 * pops one all the same returns to garbage, so `int $13' was for long the
 * cheapest way to crash a kernel.  INT 2 is no NMI, INT 1 leaves DR6 alone,
 * INT 8 and INT 18 are no aborts: the processor does not look at the number.
 *
 * The harness's own gate is one of the 256 vectors; that code enters it twice.
 */
#include "fmt.h"
#include "int_code.h"
#include "lib/origin.h"
#include "lib/triggers.h"
#include "stacks.h"
#include "vectors.h"

/* 256 times four bytes that mean the same in 64-bit and in compat code. */
#define TABLE(name, section)                                                   \
    __asm__(".pushsection " section "\n.balign 4\n" #name ":\n.set n, 0\n"     \
            ".rept 256\n.byte 0xcd, n\nint $0xf0\n.set n, n + 1\n.endr\n"      \
            ".popsection");                                                    \
    extern const char name[256][4]
TABLE(int_sweep_user, ".user.text,\"ax\"");
TABLE(int_sweep_ring0, ".text.under_test,\"ax\"");

#define INT_BYTES 2

static struct gate gate;

static void lend(struct trapframe *c)
{
    (void)c;
    gate_lend(stimulus_now()->vector, gate);
}

void int_code(struct stimulus *s, unsigned n, enum origin from)
{
    s->from = from;
    s->start = from == FROM_RING0 ? int_sweep_ring0[n] : int_sweep_user[n];
    s->at = s->start;
    s->resume = s->at + INT_BYTES;
    s->vector = n;
    s->software = true;
    s->saved = SAVED_RESUME;
    s->entries = 1; /* VEC_gate is an entry, too */
}

static void run(unsigned n, enum origin from, unsigned ist)
{
    char id[44];
    struct stimulus s = {
        .id = id,
        .before = lend,
        .after = gates_back,
        .facts = "IV8 IV9 IV1 IV26",
        .why = "INT n reaches vector n on the stack of its gate, with no error "
               "code whatever n is; SDM vol 2 INT n, vol 3, Software-Generated "
               "Exceptions",
    };

    int_code(&s, n, from);
    fmt(id, sizeof(id), "int.sweep.%02x.%s%s", n, origin_ids[from],
        ist ? ".ist" : "");
    gate = gate_make(capture_stubs[n], GATE_INTERRUPT, ist, 3);
    check_run(&s);
}

static void sweep(unsigned ist)
{
    for (unsigned n = 0; n < VECTORS; n++)
        for (enum origin from = 0; from < FROM_COUNT; from++)
            run(n, from, ist);
}

void case_int_sweep(void)
{
    sweep(NO_IST);
}

void case_int_sweep_ist(void)
{
    sweep(IST_spare);
}
