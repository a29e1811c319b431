/* SPDX-License-Identifier: MIT */
/*
 * IRET and LRET in ring 3 with SMAP and SMEP on.
 *
 * Both are about what ring 0 may touch.  A far return in ring 3 pops its frame
 * and fetches its target with ring 3's rights, so they must not matter; an
 * emulator that does the pops "as the kernel" faults here, or worse, lets
 * ring 3 read what it may not.  In ring 0 they do matter: a frame on a user
 * page is #PF, unless AC is set.
 */
#include "cpu.h"
#include "engine/payload.h"
#include "fmt.h"
#include "insn.h"
#include "lib/ret.h"
#include "macros.h"
#include "msr.h"
#include "stacks.h"
#include "vectors.h"

static const struct way {
    const char *name;
    enum ret_by by;
    enum origin from, to;
} ways[] = {
    {"iretq", BY_IRETQ, FROM_RING3, FROM_RING3},
    {"iretq", BY_IRETQ, FROM_RING3, FROM_COMPAT},
    {"iretd", BY_IRETD, FROM_COMPAT, FROM_COMPAT},
    {"lretq", BY_LRETQ, FROM_RING3, FROM_RING3},
    {"lretq", BY_LRETQ, FROM_RING3, FROM_COMPAT},
    {"lretd", BY_LRETD, FROM_COMPAT, FROM_COMPAT},
};

static uint32_t bit; /* of CR4 */

static const char *unfit(const struct stimulus *s)
{
    (void)s;
    if (bit == CR4_SMAP && !cpu_has(FEATURE_SMAP))
        return "this processor has no SMAP";
    if (bit == CR4_SMEP && !cpu_has(FEATURE_SMEP))
        return "this processor has no SMEP";
    return 0;
}

static void before(struct trapframe *c)
{
    ret_before(c);
    write_cr4(read_cr4() | bit);
}

static void after(void)
{
    write_cr4(read_cr4() & ~(uint64_t)bit);
    ret_after();
}

/* Any of the frame's elements may be read first. */
static void expect_fault(const struct stimulus *s, struct want *w, bool amd)
{
    (void)s;
    (void)amd;
    w->event[0].any |= ANY(cr2);
}

static void run(struct ret *r, const char *id, bool faults)
{
    struct stimulus s = ret_stimulus(r);

    s.id = id;
    if (faults) {
        s.vector = VEC_pf;
        s.error_code = true;
        s.error = 1; /* present, read, by ring 0 */
        s.expect = expect_fault;
    }
    s.unfit = unfit;
    s.before = before;
    s.after = after;
    s.facts = "IR7";
    s.why = faults ? "in ring 0 the pops of IRET and RET are supervisor reads: "
                     "SMAP forbids them on a user page; SDM vol 3, 4.6"
                   : "in ring 3 the pops of IRET and RET are user reads, which "
                     "SMAP and SMEP do not concern; SDM vol 3, 4.6";
    check_run(&s);
}

void case_iret_smap(void)
{
    static const struct {
        const char *name;
        uint32_t bit;
    } bits[] = {{"smap", CR4_SMAP}, {"smep", CR4_SMEP}};
    struct ret kernel = {
        .from = FROM_RING0,
        .by = BY_IRETQ,
        .frame = ret_frame_to(FROM_RING3),
        .rsp = payload_context(FROM_RING3, 0).rsp,
        .ist = IST_spare,
    };
    char id[44];

    for (unsigned b = 0; b < 2; b++) {
        bit = bits[b].bit;
        for (unsigned i = 0; i < COUNT(ways); i++) {
            struct ret r = {.from = ways[i].from,
                            .by = ways[i].by,
                            .frame = ret_frame_to(ways[i].to)};

            fmt(id, sizeof(id), "%s.%s.%s", ways[i].name,
                ret_way(&r, ways[i].to), bits[b].name);
            run(&r, id, false);
        }
    }
    bit = CR4_SMAP;
    run(&kernel, "iretq.ring0-ring3.smap.user-page", true);
    kernel.rflags = FLAG_ONE | FLAG_AC;
    run(&kernel, "iretq.ring0-ring3.smap.user-page.ac", false);
}
