/* SPDX-License-Identifier: MIT */
/*
 * Call gates that refuse, each with one defect: of the gate, of the code
 * segment that it names, of the address.
 *
 * What is wrong with the gate is told with the gate's selector as error code,
 * what is wrong with the code segment with that one's; a null one and an
 * address that is not canonical have none.  All of it happens in the caller's
 * context: its ring, its stack, its GS.  In long mode every system descriptor
 * but the 64-bit call gate is refused, TSS and task gate among them: there is
 * no task switch any more.  A far JMP never goes to an inner ring.
 *
 * An emulator that checks less gives ring 3 a way into ring 0 through
 * whatever stands in the GDT.
 */
#include "engine/persona.h"
#include "fmt.h"
#include "lib/callgate.h"
#include "lib/origin.h"
#include "macros.h"
#include "vectors.h"

#define NO_SEGMENT (GDT_SLOTS * 8) /* beyond the GDT's limit */
#define LAST_SLOT ((GDT_SLOTS - 1) * 8)
#define TI 4
#define SECOND_TYPE (1ull << 40) /* in the second half: has to be zero */
#define SYSTEM_TYPES 16

static const struct gs_state start = {0, SEL_USER_SS, FS_POSITIVE, GS_POSITIVE,
                                      GS_NEGATIVE};

static struct {
    enum far far;
    enum origin from;
    /* The gate ... */
    uint16_t selector;
    unsigned access;
    bool second_type;
    /* ... and where it leads to. */
    uint16_t cs;
    unsigned cs_access, cs_flags; /* of SEL_CALL_CS */
    uint64_t rip;
} now;

static unsigned cpl(void)
{
    return now.from == FROM_RING0 ? 0 : 3;
}

/* All as it should be: CALL goes to ring 0, JMP stays. */
static void good(enum far far, enum origin from)
{
    now.far = far;
    now.from = from;
    now.selector = SEL_CALL_GATE | cpl();
    now.access = CALL_GATE_ACCESS(cpl());
    now.second_type = false;
    now.cs = SEL_CALL_CS;
    now.cs_access = DESCRIPTOR_PRESENT | DESCRIPTOR_CODE |
                    DESCRIPTOR_DPL(far == FAR_JUMP ? cpl() : 0);
    now.cs_flags = DESCRIPTOR_G | DESCRIPTOR_L;
    now.rip = (uint64_t)callgate_inner;
}

static void before(struct trapframe *c)
{
    callgate_code(now.cs_access, now.cs_flags);
    callgate_put(now.access, now.cs, now.rip);
    if (now.second_type)
        gdt[SEL_CALL_GATE / 8 + 1] |= SECOND_TYPE;
    gdt[LAST_SLOT / 8] = gdt[SEL_CALL_GATE / 8];
    callgate_pointer(c, now.selector);
    gs_set(&start);
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    (void)s, (void)amd;
    gs_want(w, 0, &start);
}

static void run(const char *what, unsigned vector, uint16_t error,
                enum confidence confidence, const char *facts)
{
    char id[44];
    struct stimulus s = {
        .id = id,
        .from = now.from,
        .vector = vector,
        .error_code = true,
        .error = error & ~3u,
        .saved = SAVED_AT,
        .confidence = confidence,
        .before = before,
        .expect = expect,
        .after = callgate_after,
        .facts = facts,
        .why =
            "a call gate refuses in the caller's context, with the gate's or "
            "the code segment's selector as error code; SDM vol 2 CALL, JMP",
    };

    fmt(id, sizeof(id), "callgate.%s.%s.%s", far_ids[now.far], what,
        origin_ids[now.from]);
    stimulus_code(&s, &far_codes[now.far][now.from]);
    check_run(&s);
}

static void defects_of_gate(enum far far, enum origin from)
{
    static const char facts[] = "CG3";

    if (from != FROM_RING0) {
        good(far, from);
        now.access = CALL_GATE_ACCESS(0);
        run("gate-dpl0", VEC_gp, now.selector, CONFIDENCE_HIGH, facts);
    } else {
        good(far, from);
        now.selector |= 3;
        run("gate-rpl3", VEC_gp, now.selector, CONFIDENCE_HIGH, facts);
    }
    good(far, from);
    now.access &= ~(unsigned)DESCRIPTOR_PRESENT;
    run("gate-absent", VEC_np, now.selector, CONFIDENCE_HIGH, facts);
    good(far, from);
    now.second_type = true;
    run("gate-second-type", VEC_gp, now.selector, CONFIDENCE_HIGH, facts);
    good(far, from);
    now.selector = LAST_SLOT | cpl();
    run("gate-half-beyond-limit", VEC_gp, now.selector, CONFIDENCE_MEDIUM,
        facts);
    now.selector = NO_SEGMENT | cpl();
    run("gate-beyond-limit", VEC_gp, now.selector, CONFIDENCE_HIGH, facts);
    now.selector = SEL_CALL_GATE | TI | cpl();
    run("gate-no-ldt", VEC_gp, now.selector, CONFIDENCE_HIGH, facts);
    now.selector = cpl();
    run("gate-null", VEC_gp, 0, CONFIDENCE_HIGH, facts);
}

/* Every system type but the 64-bit call gate: TSS, LDT, task gate, ... */
static void types(enum far far, enum origin from)
{
    for (unsigned type = 0; type < SYSTEM_TYPES; type++) {
        char what[16];

        if (type == DESCRIPTOR_CALL_GATE)
            continue;
        good(far, from);
        now.access = (now.access & ~0xfu) | type;
        fmt(what, sizeof(what), "type-%x", type);
        run(what, VEC_gp, now.selector, CONFIDENCE_HIGH, "CG3 CG10");
    }
}

static void defects_of_code(enum far far, enum origin from)
{
    static const struct {
        const char *name;
        uint16_t cs; /* 0: SEL_CALL_CS */
        unsigned access, flags, vector;
    } rows[] = {
        {"cs-data", 0, DESCRIPTOR_PRESENT | DESCRIPTOR_DATA,
         DESCRIPTOR_G | DESCRIPTOR_DB, VEC_gp},
        {"cs-absent", 0, DESCRIPTOR_CODE, DESCRIPTOR_G | DESCRIPTOR_L, VEC_np},
        {"cs-32-bit", 0, DESCRIPTOR_PRESENT | DESCRIPTOR_CODE,
         DESCRIPTOR_G | DESCRIPTOR_DB, VEC_gp},
        {"cs-16-bit", 0, DESCRIPTOR_PRESENT | DESCRIPTOR_CODE, DESCRIPTOR_G,
         VEC_gp},
        {"cs-l-and-d", 0, DESCRIPTOR_PRESENT | DESCRIPTOR_CODE,
         DESCRIPTOR_G | DESCRIPTOR_DB | DESCRIPTOR_L, VEC_gp},
        {"cs-system", SEL_TSS, 0, 0, VEC_gp},
        {"cs-beyond-limit", NO_SEGMENT, 0, 0, VEC_gp},
    };
    static const char facts[] = "CG3";

    for (unsigned i = 0; i < COUNT(rows); i++) {
        good(far, from);
        if (rows[i].cs)
            now.cs = rows[i].cs;
        now.cs_access = (now.cs_access & DESCRIPTOR_DPL(3)) | rows[i].access;
        now.cs_flags = rows[i].flags;
        run(rows[i].name, rows[i].vector, now.cs, CONFIDENCE_HIGH, facts);
    }
    good(far, from);
    now.cs = 0;
    run("cs-null", VEC_gp, 0, CONFIDENCE_HIGH, facts);
    good(far, from);
    now.rip = GS_NONCANONICAL;
    run("rip", VEC_gp, 0, persona.intel ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM,
        facts);
    if (from == FROM_RING0) {
        good(far, from);
        now.cs_access |= DESCRIPTOR_DPL(3);
        run("cs-outer", VEC_gp, now.cs, CONFIDENCE_HIGH, facts);
    }
}

/* CG4: what a CALL may, a JMP may not. */
static void jump_inwards(enum origin from)
{
    static const char *const names[] = {"inner-ring0", "inner-ring1",
                                        "inner-ring2"};

    for (unsigned ring = 0; ring < 3; ring++) {
        good(FAR_JUMP, from);
        now.cs_access =
            DESCRIPTOR_PRESENT | DESCRIPTOR_CODE | DESCRIPTOR_DPL(ring);
        run(names[ring], VEC_gp, now.cs, CONFIDENCE_HIGH, "CG4");
    }
}

void case_callgate_fault(void)
{
    for (enum far far = 0; far < FARS; far++)
        for (enum origin from = 0; from < FROM_COUNT; from++) {
            defects_of_gate(far, from);
            types(far, from);
            defects_of_code(far, from);
        }
    jump_inwards(FROM_RING3);
    jump_inwards(FROM_COMPAT);
}
