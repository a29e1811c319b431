/* SPDX-License-Identifier: MIT */
/*
 * The shadow matrix's code, generated: each lead before each follower, in
 * each of three modes.  See shadow.h.
 *
 * Compat code reads through CS, for DS is null.  The far pointer names the
 * call gate, so its offset does not count.
 */
#include "judge/stimulus.h"
#include "macros.h"
#include "shadow.h"
#include "vectors.h"

__attribute__((section(".user.data"), used)) volatile uint64_t shadow_watched;
__attribute__((section(".user.data"), used)) struct {
    uint32_t offset;
    uint16_t selector;
} shadow_pointer = {0, SHADOW_GATE + 3};

/* The call gate leads here, and straight back. */
__asm__(".pushsection .text.under_test,\"ax\"\n.balign 16\n"
        ".globl shadow_lcall_target\n"
        "shadow_lcall_target:\nlretq\n.popsection");

#define LCALL64 "lcall *shadow_pointer"
#define LCALL32 "lcall $" STRING(SHADOW_GATE) "+3, $0"
#define LOAD64 "mov shadow_watched, %eax"
#define LOAD32 "mov %cs:shadow_watched, %eax"
#define MOV_SS64 "mov shadow_watched, %ss"
#define MOV_SS32 "mov %cs:shadow_watched, %ss"
#define SEND "mov %eax, (%rbx)\n" /* the ICR: before() has set both */
#define BEHIND "nop\nnop"

/* MODE is the snippet macro, m its name, w the width. */
#define LEADS_ALL(X, MODE, m, w)                                               \
    X(MODE, m, w, LEAD_NOTHING, "")                                            \
    X(MODE, m, w, LEAD_LOAD, LOAD##w)                                          \
    X(MODE, m, w, LEAD_STI, "sti")                                             \
    X(MODE, m, w, LEAD_STI_LOAD, "sti\n" LOAD##w)                              \
    X(MODE, m, w, LEAD_MOV_SS, MOV_SS##w)                                      \
    X(MODE, m, w, LEAD_STI_MOV_SS, "sti\n" MOV_SS##w)
#define LEADS_COMPAT(X, MODE, m, w)                                            \
    X(MODE, m, w, LEAD_POP_SS, "pop %ss")                                      \
    X(MODE, m, w, LEAD_STI_POP_SS, "sti\npop %ss")
#define LEADS_RING0(X, MODE, m, w)                                             \
    X(MODE, m, w, LEAD_NMI_STI, SEND "sti")                                    \
    X(MODE, m, w, LEAD_NMI_MOV_SS, SEND MOV_SS##w)

#define EVERYTHING(X)                                                          \
    LEADS_ALL(X, RING3, ring3, 64)                                             \
    LEADS_ALL(X, RING0, ring0, 64)                                             \
    LEADS_RING0(X, RING0, ring0, 64)                                           \
    LEADS_ALL(X, COMPAT, compat, 32)                                           \
    LEADS_COMPAT(X, COMPAT, compat, 32)

#define EMIT(MODE, m, w, lead, insns)                                          \
    MODE(shadow_##m##lead##int80, insns, "int $0x80", BEHIND);                 \
    MODE(shadow_##m##lead##int3, insns, "int3", BEHIND);                       \
    MODE(shadow_##m##lead##icebp, insns, ".byte 0xf1", BEHIND);                \
    MODE(shadow_##m##lead##syscall, insns, "syscall", BEHIND);                 \
    MODE(shadow_##m##lead##sysenter, insns, "sysenter", BEHIND);               \
    MODE(shadow_##m##lead##lcall, insns, LCALL##w, BEHIND);                    \
    MODE(shadow_##m##lead##ud, insns, "ud2", BEHIND);
EVERYTHING(EMIT)

#define FROM_ring3 FROM_RING3
#define FROM_ring0 FROM_RING0
#define FROM_compat FROM_COMPAT
#define ROW(MODE, m, w, lead, insns)                                           \
    [FROM_##m][lead] = {                                                       \
        [FOLLOWER_INT80] = SNIPPET(shadow_##m##lead##int80),                   \
        [FOLLOWER_INT3] = SNIPPET(shadow_##m##lead##int3),                     \
        [FOLLOWER_ICEBP] = SNIPPET(shadow_##m##lead##icebp),                   \
        [FOLLOWER_SYSCALL] = SNIPPET(shadow_##m##lead##syscall),               \
        [FOLLOWER_SYSENTER] = SNIPPET(shadow_##m##lead##sysenter),             \
        [FOLLOWER_LCALL] = SNIPPET(shadow_##m##lead##lcall),                   \
        [FOLLOWER_UD] = SNIPPET(shadow_##m##lead##ud),                         \
    },
RING3(shadow_nop3, "", "nop", "nop");
COMPAT(shadow_nopc, "", "nop", "nop");
RING0(shadow_nop0, "", "nop", "nop");
static const struct snippet nops[FROM_COUNT] = {
    [FROM_RING3] = SNIPPET(shadow_nop3),
    [FROM_COMPAT] = SNIPPET(shadow_nopc),
    [FROM_RING0] = SNIPPET(shadow_nop0),
};

static const struct snippet table[FROM_COUNT][LEADS][FOLLOWERS] = {
    EVERYTHING(ROW)};

struct stimulus shadow_stimulus(enum origin from, enum shadow_lead lead,
                                enum shadow_follower f, unsigned vector)
{
    struct stimulus s = {
        .from = from,
        .vector = vector,
        .clobbers = vector >= VECTORS ? REG_RCX | REG_R11 : 0,
    };

    stimulus_code(&s, f == FOLLOWERS ? &nops[from] : &table[from][lead][f]);
    return s;
}

const char *shadow_unfit(const struct stimulus *s)
{
    return s->vector == VEC_df
               ? "the call gate fails by itself: see shadow.none.lcall.alone"
               : 0;
}
