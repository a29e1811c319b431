/* SPDX-License-Identifier: MIT */
/* Deviations reported once; see deviation.h. */
#include "deviation.h"

#include "fmt.h"
#include "record.h"
#include "shared.h"
#include "vectors.h"

/* What the first has told the others leave out, too.  Copies: the ids of
 * generated checks do not outlive them. */
static char reported[DEVIATION_COUNT]
                    [sizeof(((struct record_check *)0)->id)] SHARED;

void deviation_report(enum deviation d, const char *id)
{
    if (d != DEVIATION_NONE && !reported[d][0])
        fmt(reported[d], sizeof(reported[d]), "%s", id);
}

const char *deviation_reported(enum deviation d)
{
    return reported[d][0] ? reported[d] : 0;
}

enum deviation deviation_of_rf(unsigned vector, bool user)
{
    if (vector == VEC_nmi)
        return user ? DEVIATION_NMI_RF_USER : DEVIATION_NMI_RF_KERNEL;
    if (vector >= VEC_FIRST_IRQ && vector < VECTORS &&
        vector_info(vector)->class == EVENT)
        return user ? DEVIATION_IRQ_RF_USER : DEVIATION_IRQ_RF_KERNEL;
    return DEVIATION_NONE;
}
