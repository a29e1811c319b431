/* SPDX-License-Identifier: MIT */
/* Deviations reported once; see deviation.h. */
#include "deviation.h"

#include "fmt.h"
#include "record.h"

/* Copies: the ids of generated checks do not outlive them. */
static char reported[DEVIATION_COUNT][sizeof(((struct record_check *)0)->id)];

void deviation_report(enum deviation d, const char *id)
{
    if (d != DEVIATION_NONE && !reported[d][0])
        fmt(reported[d], sizeof(reported[d]), "%s", id);
}

const char *deviation_reported(enum deviation d)
{
    return reported[d][0] ? reported[d] : 0;
}
