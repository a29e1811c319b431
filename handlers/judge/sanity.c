/* SPDX-License-Identifier: MIT */
/* The first entry to ring 3; see sanity.h. */
#include "sanity.h"

#include "engine/engine.h"
#include "engine/payload.h"
#include "fmt.h"
#include "percpu.h"
#include "selectors.h"
#include "stimulus.h"

RING3(sanity_code, "", "nop", "");

static struct trapframe *on_event(struct outcome *o)
{
    (void)o;
    return 0; /* whatever it is, ring 3 was not what came of it */
}

const char *sanity_check(void)
{
    static const struct run r = {.on_event = on_event};
    static char why[120];
    struct trapframe c = payload_context(FROM_RING3, sanity_code);
    const struct trapframe *f = &engine_last()->frame;

    engine_set_gs(0, (uint64_t)percpu);
    if (engine_run(&r, &c) != RUN_GATE) {
        fmt(why, sizeof(why),
            "the first entry to ring 3 ended at %llx with "
            "vector %llu",
            (unsigned long long)f->rip, (unsigned long long)f->vector);
        return why;
    }
    engine_set_gs((uint64_t)percpu, 0);
    if (f->cs == SEL_USER_CS64 && f->ss == SEL_USER_SS)
        return 0;
    fmt(why, sizeof(why),
        "not a faithful processor: ring 3 shows CS %llx and "
        "SS %llx, loaded were %x and %x",
        (unsigned long long)f->cs, (unsigned long long)f->ss, SEL_USER_CS64,
        SEL_USER_SS);
    return why;
}
