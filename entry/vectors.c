/* SPDX-License-Identifier: MIT */
/* vectors.def as a table, for the IDT and for everything that prints. */
#include "vectors.h"

#include "macros.h"

/* The same facts as the manuals list them, vector by vector: SDM vol 3, table
 * 6-1, "Exceptions and Interrupts"; APM vol 2, table 8-1, for 28 to 30. */
#define V(id) (1u << VEC_##id)
#define FAULTS                                                                 \
    (V(de) | V(br) | V(ud) | V(nm) | V(ts) | V(np) | V(ss) | V(gp) | V(pf) |   \
     V(mf) | V(ac) | V(xm) | V(ve) | V(cp) | V(vc) | V(sx))
#define TRAPS (V(db) | V(bp) | V(of)) /* #DB: those that we meet most */
#define ABORTS (V(df) | V(mc))
#define EVENTS (V(nmi) | V(hv))
#define ERROR_CODES                                                            \
    (V(df) | V(ts) | V(np) | V(ss) | V(gp) | V(pf) | V(ac) | V(cp) | V(vc) |   \
     V(sx))
_Static_assert(FAULTS == 0x603b7ce1 && TRAPS == 0x1a && ABORTS == 0x40100 &&
                   EVENTS == 0x10000004 && ERROR_CODES == 0x60227d00,
               "an exception has another's number");

/* What can come between any two instructions gets a stack, and a rule, that
 * does not lean on the frame. */
#define ANYWHERE (V(db) | V(nmi) | V(df) | V(mc))

#define SAME(id, fact, mask)                                                   \
    _Static_assert((fact) == ((mask) >> VEC_##id & 1), #id ": " #mask);
#define EXCEPTION(number, id, mnemonic, class, error_code, ist, rule)          \
    SAME(id, (class) == FAULT, FAULTS)                                         \
    SAME(id, (class) == TRAP, TRAPS)                                           \
    SAME(id, (class) == ABORT, ABORTS)                                         \
    SAME(id, (class) == EVENT, EVENTS)                                         \
    SAME(id, (error_code) == ERROR_CODE, ERROR_CODES)                          \
    SAME(id, (ist) != NO_IST, ANYWHERE)                                        \
    SAME(id, RULE_##rule == RULE_BY_SIGN, ANYWHERE)
#include "vectors.def"

enum {
#define EXCEPTION(number, id, mnemonic, class, error_code, ist, rule) +1
    ROWS = 0
#include "vectors.def"
};
_Static_assert(ROWS == VEC_FIRST_IRQ, "an exception is missing");

static const struct vector_info exceptions[VEC_FIRST_IRQ] = {
#define EXCEPTION(number, id, mnemonic, class, error_code, ist, rule)          \
    [number] = {#id, mnemonic, class, error_code, ist, RULE_##rule},
#include "vectors.def"
};

static const struct {
    uint8_t vector;
    struct vector_info info;
} special[] = {
#define VECTOR(number, id, rule)                                               \
    {number,                                                                   \
     {#id, #id " interrupt", EVENT, NO_ERROR_CODE, NO_IST, RULE_##rule}},
#include "vectors.def"
};

static const struct vector_info irq = {
    "irq", "array interrupt", EVENT, NO_ERROR_CODE, NO_IST, RULE_BY_CS};
static const struct vector_info other[] = {
    {"syscall64", "LSTAR entry", TRAP, NO_ERROR_CODE, NO_IST, RULE_ALWAYS},
    {"syscall32", "CSTAR entry", TRAP, NO_ERROR_CODE, NO_IST, RULE_ALWAYS},
    {"sysenter", "SYSENTER entry", TRAP, NO_ERROR_CODE, NO_IST, RULE_ALWAYS},
    {"callgate", "call gate", TRAP, NO_ERROR_CODE, NO_IST, RULE_ALWAYS},
    {"load-gs", "load of GS", TRAP, NO_ERROR_CODE, NO_IST, RULE_ALWAYS},
};
#define OTHERS (COUNT(other))

const struct vector_info *vector_info(unsigned vector)
{
    if (vector < VEC_FIRST_IRQ)
        return &exceptions[vector];
    if (vector >= VECTORS)
        return &other[(vector - VECTORS) % OTHERS];
    for (unsigned i = 0; i < COUNT(special); i++)
        if (special[i].vector == vector)
            return &special[i].info;
    return &irq;
}

bool vector_in_array(unsigned vector)
{
    return vector_info(vector) == &irq;
}
