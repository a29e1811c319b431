/* SPDX-License-Identifier: MIT */
/* Wrong on purpose: one specimen for each line of canaries.def; see canaries.S.
 */
#include "specimen.h"
#include "vectors.h"

#define CANARY(id, name_, vector, from, wrong_)                                \
    extern const char canary_##id[];                                           \
    static const struct specimen_stub canary_##id##_stubs[] = {                \
        {vector, canary_##id, RULE_BY_CS, false}};                             \
    const struct specimen specimen_canary_##id = {                             \
        .name = name_,                                                         \
        .about = wrong_,                                                       \
        .stubs = canary_##id##_stubs,                                          \
        .count = 1,                                                            \
        .wrong = true,                                                         \
    };
#include "canaries.def"
#undef CANARY
