/* SPDX-License-Identifier: MIT */
/* Which stack is it?  For outcomes, which must say where they landed. */
#include "stacks.h"

enum stack stack_at(uint64_t address)
{
    for (unsigned s = 0; s < STACK_COUNT; s++)
        if (address > STACK_BOTTOM(s) && address <= STACK_TOP(s))
            return s;
    return STACK_COUNT;
}

enum stack stack_of_ist(unsigned slot)
{
#define STACK(name, ist, what)                                                 \
    if (ist && ist == slot)                                                    \
        return STACK_##name;
#include "stacks.def"
#undef STACK
    return STACK_COUNT;
}

const char *stack_name(enum stack s)
{
    static const char *const name[] = {
#define STACK(name, ist, what) #name,
#include "stacks.def"
#undef STACK
        "elsewhere",
    };
    return name[s <= STACK_COUNT ? s : STACK_COUNT];
}
