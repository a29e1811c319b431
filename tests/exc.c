/* SPDX-License-Identifier: MIT */
#include "case.h"
#include "stimulus.h"
#include "vectors.h"
RING3(exc_ud3, "", "ud2", "");
void case_exc(void)
{
    struct stimulus s = {
        .id = "exc.ud.ring3", .path = "exc.ud", .from = FROM_RING3,
        CODE(exc_ud3), .vector = VEC_ud, .other_vector = -1, .saved = SAVED_AT,
        .facts = "5", .why = "x",
    };
    stimulus_run(&s);
}
