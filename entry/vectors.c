/* SPDX-License-Identifier: MIT */
/* vectors.def as a table, for the IDT and for everything that prints. */
#include "vectors.h"

#include "macros.h"
#include "stacks.h"

static const struct vector_info exceptions[32] = {
#define EXCEPTION(number, id, mnemonic, class, error_code, ist, rule)          \
    [number] = {#id, mnemonic, class, error_code, IST_##ist, RULE_##rule},
#include "vectors.def"
};

static const struct {
    uint8_t vector;
    struct vector_info info;
} special[] = {
#define VECTOR(number, id, rule)                                               \
    {number, {#id, #id " interrupt", EVENT, false, 0, RULE_##rule}},
#include "vectors.def"
};

static const struct vector_info irq = {"irq", "array interrupt", EVENT, false,
                                       0,     RULE_BY_CS};
static const struct vector_info other[] = {
    {"syscall64", "LSTAR entry", TRAP, false, 0, RULE_ALWAYS},
    {"syscall32", "CSTAR entry", TRAP, false, 0, RULE_ALWAYS},
    {"sysenter", "SYSENTER entry", TRAP, false, 0, RULE_ALWAYS},
    {"callgate", "call gate", TRAP, false, 0, RULE_ALWAYS},
    {"load-gs", "load of GS", TRAP, false, 0, RULE_ALWAYS},
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
