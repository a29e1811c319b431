/* SPDX-License-Identifier: MIT */
/*
 * What the storm holds each entry against, one invariant at a time: each is
 * broken here, alone, and must be named; and none is broken where all is right.
 */
#include "gdt.h"
#include "host.h"
#include "msr.h"
#include "selectors.h"
#include "specimen.h"
#include "stacks.h"
#include "storm/own.h"
#include "vectors.h"

#define KERNEL_GS 0xffffffffc0001000ull
#define RING3_GS 0x5000ull
#define TOP STACK_TOP(STACK_rsp0)
#define RING3_RSP 0x7000ull
#define CALLED_AT 0x4000ull
#define IN_A_STUB 0xffffffffc0002000ull

struct storming storming;
volatile struct storm_user storm_user;

static const uint8_t sysexit_wide[] = {0x48, 0x0f, 0x35},
                     sysexit_narrow[] = {0x0f, 0x35},
                     sysretq[] = {0x48, 0x0f, 7};
static const void *under_test;

bool engine_under_test(uint64_t rip)
{
    return rip == (uint64_t)under_test;
}

static const struct specimen_fixup fixup = {(const void *)IN_A_STUB, NULL};
static struct specimen_stub stub;
static struct specimen specimen = {.name = "doll",
                                   .stubs = &stub,
                                   .count = 1,
                                   .fixups = &fixup,
                                   .fixups_count = 1};

static struct entry entry;

/* Frames are looked at in place, so their place is a number: judge_stack()
 * is asked with one that is copied to the top of a stack of the host's. */
static union {
    struct trapframe frame[4];
    uint8_t bytes[4096];
} stack;

static void marks(struct trapframe *f)
{
    for (unsigned i = 0; i < GENERAL_REGISTERS; i++)
        f->general[i] = storm_user.mark + (uint64_t)(14 - i) * MARK_STEP;
}

/* INT 0x80 from 64-bit code, the 8th call, all as it must be. */
static int all_is_right(void **state)
{
    struct trapframe *f = &stack.frame[3];

    memset(&storming, 0, sizeof(storming));
    memset((void *)&storm_user, 0, sizeof(storm_user));
    stub = (struct specimen_stub){.vector = VEC_WINDOW_IRQ, .rule = RULE_BY_CS};
    under_test = NULL;
    storming.specimen = &specimen;
    storming.kernel_gs = KERNEL_GS;
    storming.stack_top = (uint64_t)(f + 1);
    storming.depth = 1;
    storm_user.gs = storm_user.gs_next = RING3_GS;
    storm_user.mark = 0x123456789abcdef;
    storm_user.rsp = RING3_RSP;
    storm_user.rip = CALLED_AT;
    storm_user.vector = VEC_int80;
    storm_user.made = 8;
    storm_user.served = 7;
    storm_user.flags_mask = FLAG_CF | FLAG_DF;
    storm_user.flags = FLAG_ONE | FLAG_IF | FLAG_DF;
    *f = (struct trapframe){.vector = VEC_int80,
                            .rip = CALLED_AT,
                            .cs = SEL_USER_CS64,
                            .rflags = FLAG_ONE | FLAG_IF | FLAG_DF,
                            .rsp = RING3_RSP,
                            .ss = SEL_USER_SS};
    marks(f);
    entry = (struct entry){f, VEC_int80, KERNEL_GS, RING3_GS, (uint64_t)f};
    return 0;
}

/* An event in ring 0, in a stub, its frame right below what it interrupted. */
static struct trapframe *in_ring0(unsigned vector)
{
    struct trapframe *f = entry.f;

    f->vector = entry.vector = vector;
    f->cs = SEL_KERNEL_CS;
    f->ss = SEL_KERNEL_SS;
    f->rip = IN_A_STUB + 1;
    f->rsp = (uint64_t)(f + 1);
    storming.stack_top += 4096;
    return f;
}

static void right(void)
{
    const char *wrong = storm_judge(&entry);

    if (wrong)
        fail_msg("%s", wrong);
}

static void wrong(const char *words)
{
    const char *seen = storm_judge(&entry);

    if (!seen || !strstr(seen, words))
        fail_msg("\"%s\", not \"%s\"", seen ? seen : "", words);
}

static void nothing_is_wrong(void **state)
{
    right();
    entry.kernel_gs_base = storm_user.gs_next = 0x6000; /* while it changes */
    right();
}

static void bases(void **state)
{
    entry.gs_base = RING3_GS;
    wrong("GS base 5000 in the handler, this processor's is");
    entry.gs_base = KERNEL_GS + 0x1000; /* another processor's */
    wrong("GS base ffffffffc0002000 in the handler");
    entry.gs_base = KERNEL_GS;
    entry.kernel_gs_base = KERNEL_GS;
    wrong("KERNEL_GS_BASE ffffffffc0001000 in the handler");
    storming.sets_base = true; /* of NMIs and #DBs alone */
    wrong("KERNEL_GS_BASE ffffffffc0001000 in the handler");
    entry.kernel_gs_base = 1;
    wrong("KERNEL_GS_BASE 1 in the handler");
}

/* The published limit of SYSEXIT, and nothing around it. */
static void before_sysexit(void **state)
{
    struct trapframe *f = in_ring0(VEC_FIRST_IRQ + 5);

    entry.gs_base = RING3_GS;
    entry.kernel_gs_base = KERNEL_GS;
    wrong("GS base 5000");
    under_test = sysexit_narrow;
    f->rip = (uint64_t)sysexit_narrow;
    right();
    under_test = NULL; /* not a stub's */
    wrong("GS base 5000");
    under_test = sysexit_wide;
    f->rip = (uint64_t)sysexit_wide;
    right();
    stub.rule = RULE_BY_SIGN;
    wrong("GS base 5000");
    stub.rule = RULE_BY_CS;
    entry.vector = f->vector = VEC_nmi;
    wrong("GS base 5000");
    entry.vector = f->vector = VEC_FIRST_IRQ + 5;
    entry.kernel_gs_base = RING3_GS;
    wrong("GS base 5000");
    entry.kernel_gs_base = KERNEL_GS;
    entry.gs_base = 0x7770; /* nobody's */
    wrong("GS base 7770");
    entry.gs_base = RING3_GS;
    under_test = sysretq;
    f->rip = (uint64_t)sysretq;
    wrong("GS base 5000");
}

static void stacks(void **state)
{
    storming.stack_top += 8;
    wrong("frame of int80 interrupt ends at");
    storming.stack_top -= 8;
    in_ring0(VEC_FIRST_IRQ);
    right();
    entry.f->rsp += 16;
    wrong("ends at");
}

static void no_frame(void **state)
{
    entry.f = NULL;
    entry.vector = VECTOR_UNKNOWN;
    entry.rsp = storming.stack_top - 64;
    right();
    entry.rsp = 0x1000;
    wrong("called on no stack of the kernel's: RSP 1000");
}

static void from_ring3(void **state)
{
    storming.depth = 2;
    wrong("from ring 3, and 1 handlers have not returned");
    storming.depth = 1;
    entry.f->rflags &= ~(uint64_t)FLAG_IF;
    wrong("ring 3 ran with IF clear, at 4000");
    entry.f->rflags |= FLAG_IF;
    entry.f->rsp += 8;
    wrong("RSP 7008 in the frame, ring 3's is 7000");
    entry.f->rsp = RING3_RSP - 64;
    right(); /* compat code has pushed */
    entry.f->rsp -= 8;
    wrong("RSP 6fb8");
}

static void calls(void **state)
{
    entry.f->vector = entry.vector = VEC_bp;
    wrong("at 4000, which ring 3 has not called");
    entry.f->vector = entry.vector = VEC_int80;
    storm_user.served = 8; /* twice */
    wrong("at 4000, which ring 3 has not called");
    storm_user.served = 7;
    entry.f->rip++;
    wrong("has RIP 4001 in its frame, called at 4000");
    entry.f->rip--;
    entry.f->rflags ^= FLAG_DF;
    wrong("has RFLAGS 202 in its frame, called with 602");
    entry.f->rflags ^= FLAG_DF | FLAG_RF; /* nobody's */
    right();
}

static void registers(void **state)
{
    for (unsigned i = 0; i < GENERAL_REGISTERS; i++) {
        char words[40];

        all_is_right(NULL);
        entry.f->general[i]++;
        snprintf(words, sizeof(words), "register %u of the frame is", i);
        wrong(words);
        entry.f->cs = SEL_USER_CS32; /* its registers are half as wide */
        right();
    }
    all_is_right(NULL);
    entry.f->vector = entry.vector = storm_user.vector = VEC_SYSCALL64;
    entry.f->rcx = entry.f->r11 = 0;
    right();
    entry.f->rdx = 0;
    wrong("of the frame is 0");
}

static void spoilt(void **state)
{
    storming.spoilt = true;
    entry.f->vector = entry.vector = VEC_gp; /* the frame that was spoilt */
    right();
    entry.f->rip++;
    wrong("at 4001 behind a spoilt frame");
    in_ring0(VEC_gp)->rip = IN_A_STUB;
    right();
    storming.spoilt = false;
    wrong("in ring 0, at ffffffffc0002000");
    storming.spoilt = true;
    entry.f->rip++;
    wrong("in ring 0, at ffffffffc0002001");
}

static void interrupts(void **state)
{
    struct trapframe *f = in_ring0(VEC_FIRST_IRQ);

    right();
    f->rflags &= ~(uint64_t)FLAG_IF;
    wrong("with IF clear, at ffffffffc0002001");
}

static const char *ring3(unsigned lost, uint64_t gs, uint64_t kernel_gs)
{
    static struct outcome gate;

    gate.gs_base = gs;
    gate.kernel_gs_base = kernel_gs;
    storm_user.lost = lost;
    for (unsigned i = 0; i < GENERAL_REGISTERS; i++)
        gate.frame.general[i] = storm_user.mark;
    gate.frame.r12 = 1;
    return storm_judge_ring3(&gate);
}

static void back_in_ring3(void **state)
{
    static const struct {
        unsigned lost;
        const char *words;
    } all[] = {
        {LOST_REGISTER, "R12 behind "}, {LOST_FLAG, "RFLAGS behind "},
        {LOST_RSP, "RSP behind "},      {LOST_GS, "GS base in ring 3 is"},
        {LOST_ZONE, "red zone"},        {LOST_RETURN, "RCX behind "},
        {LOST_PAGE, "number "},         {LOST_CALL, "8 calls made, 7"},
    };

    storming.depth = 0;
    assert_null(ring3(0, RING3_GS, KERNEL_GS));
    for (unsigned i = 0; i < COUNT(all); i++) {
        const char *s = ring3(all[i].lost, RING3_GS, KERNEL_GS);

        if (!s || !strstr(s, all[i].words))
            fail_msg("%u: %s", all[i].lost, s ? s : "nothing");
    }
    assert_non_null(strstr(ring3(0, 1, KERNEL_GS), "at the end"));
    assert_non_null(strstr(ring3(0, RING3_GS, 1), "at the end"));
    storming.entries = 1;
    assert_string_equal(ring3(0, RING3_GS, KERNEL_GS), "1 entries, 0 exits");
    storming.exits = 1;
    assert_null(ring3(0, RING3_GS, KERNEL_GS));
    storming.depth = 1;
    assert_string_equal(ring3(0, RING3_GS, KERNEL_GS), "1 entries, 1 exits");
}

#define OF(test) cmocka_unit_test_setup(test, all_is_right)

TEST_LIST(storm, OF(nothing_is_wrong), OF(bases), OF(before_sysexit),
          OF(stacks), OF(no_frame), OF(from_ring3), OF(calls), OF(registers),
          OF(spoilt), OF(interrupts), OF(back_in_ring3));
