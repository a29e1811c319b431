/* SPDX-License-Identifier: MIT */
/* Which slot of the harness's TSS an IST number of an author's is given. */
#include "engine/author.h"
#include "host.h"
#include "stacks.h"
#include "vectors.h"

#define STUB(id, number)                                                       \
    {                                                                          \
        .vector = VEC_##id, .ist = number                                      \
    }

static const struct {
    struct specimen_stub stubs[8];
    uint8_t slot[IST_NUMBERS];
} of[] = {
    /* As Linux numbers them, and in any order of the stubs. */
    {{STUB(df, 1), STUB(nmi, 2), STUB(db, 3), STUB(mc, 4)},
     {0, IST_df, IST_nmi, IST_db, IST_mc}},
    {{STUB(mc, 1), STUB(db, 2), STUB(nmi, 3), STUB(df, 4), STUB(int80, 0)},
     {0, IST_mc, IST_db, IST_nmi, IST_df}},
    /* One for all stays one, by the lowest vector. */
    {{STUB(df, 1), STUB(nmi, 1), STUB(mc, 1)}, {0, IST_nmi}},
    {{STUB(df, 1), STUB(db, 1), STUB(nmi, 2)}, {0, IST_db, IST_nmi}},
    /* Of others': what is left, and never that of #DF. */
    {{STUB(pf, 5), STUB(nmi, 1)}, {0, IST_nmi, 0, 0, 0, IST_spare}},
    {{STUB(pf, 5), STUB(gp, 6), STUB(nmi, 1)},
     {0, IST_nmi, 0, 0, 0, IST_spare, IST_mc}},
    {{STUB(df, 1), STUB(nmi, 2), STUB(db, 3), STUB(mc, 4), STUB(pf, 5),
      STUB(gp, 6)},
     {0, IST_df, IST_nmi, IST_db, IST_mc, IST_spare, 0}},
    /* None chosen, and the harness's. */
    {{STUB(nmi, SPECIMEN_IST_NONE), STUB(db, SPECIMEN_IST_OURS)}, {0}},
};

static void slots(void **state)
{
    for (unsigned i = 0; i < COUNT(of); i++) {
        uint8_t slot[IST_NUMBERS];

        author_slots(of[i].stubs, COUNT(of[i].stubs), slot);
        assert_memory_equal(slot, of[i].slot, IST_NUMBERS);
    }
}

TEST_LIST(author, cmocka_unit_test(slots));
