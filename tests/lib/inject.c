/* SPDX-License-Identifier: MIT */
/* Asking the run script; see inject.h. */
#include "inject.h"

#include "engine/engine.h"
#include "fmt.h"
#include "screen/console.h"

static bool asked;
static unsigned strays; /* by then: it may be one that came and was forgotten */

void inject_ask(void)
{
    static unsigned n;
    char line[40];

    if (asked && engine_strays() == strays)
        return;
    asked = true;
    strays = engine_strays();
    console_raw(
        line, (size_t)fmt(line, sizeof(line), "RINGSIDE-INJECT mc %u\n", ++n));
}

void inject_came(void)
{
    asked = false;
}
