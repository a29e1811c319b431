/* SPDX-License-Identifier: MIT */
/*
 * Two boots or live?  The one place where that is decided.  Two boots need a
 * firmware that keeps variables over a warm reset and still takes one while
 * no boot services are left; every step is checked by reading back.
 * Called by boota.c.
 */
#include "arm.h"

#include "bootopt.h"
#include "firmware.h"
#include "fmt.h"
#include "layout.h"
#include "mem.h"
#include "memmap.h"
#include "report/report.h"
#include "say.h"
#include "variables.h"

#define RT_PROPERTIES_GUID                                                     \
    {                                                                          \
        0xeb66918a, 0x7eef, 0x402a,                                            \
        {                                                                      \
            0x84, 0x2e, 0x93, 0x1d, 0x21, 0xc3, 0x8a, 0xe9                     \
        }                                                                      \
    }
#define RT_SET_VARIABLE 0x0040u
#define RT_RESET_SYSTEM 0x0400u

/* EFI_RT_PROPERTIES_TABLE: what works after ExitBootServices. */
struct rt_properties {
    uint16_t version, length;
    uint32_t supported;
};

/* Each variable costs its name and a header beside its data. */
#define VARIABLE_COST 128
#define OPTION_COST 1536
#define NEEDED                                                                 \
    (sizeof(struct state) + sizeof(struct digest) + OPTION_COST +              \
     4 * VARIABLE_COST)

/* Are the services that the core calls promised after the exit? */
static bool runtime_promised(void)
{
    const uint32_t services = RT_SET_VARIABLE | RT_RESET_SYSTEM;
    static const EFI_GUID guid = RT_PROPERTIES_GUID;
    const void *table = firmware_table(&guid);
    struct rt_properties p;

    if (!table)
        return true; /* everything is promised */
    memcpy(&p, table, sizeof(p));
    return p.length < sizeof(p) || (p.supported & services) == services;
}

static const char *can_return(const struct boot *b)
{
    if (b->options.no_reboot)
        return "--no-reboot was given";
    if (strcmp(b->machine.accelerator, "Bochs") == 0)
        return "Bochs keeps no variables over a reset";
    if (!b->handoff.runtime)
        return "this firmware's services end with its boot services";
    if (!b->journal.base)
        return "no memory was free for the journal";
    return variable_room(NEEDED + sizeof(CHAR16) * strlen(b->load_options));
}

static const char *prepare(struct boot *b)
{
    static char why[80];
    struct state *st = &b->state;
    bool own = false;
    const char *trouble =
        bootopt_prepare(b->loaded, b->load_options, &st->boot_option, &own);
    EFI_STATUS s;

    st->own_option = own;
    if (trouble)
        return trouble;
    s = state_write(st);
    if (EFI_ERROR(s)) {
        fmt(why, sizeof(why), "the firmware did not keep a variable: %s",
            status_words(s));
        return why;
    }
    return bootopt_next(st->boot_option);
}

const char *arm(struct boot *b)
{
    const char *why;

    memset(&b->state, 0, sizeof(b->state));
    b->state.nonce = b->handoff.nonce;
    b->state.journal = b->handoff.journal;
    b->state.journal_size = b->handoff.journal_size;
    b->state.resumes = b->resume.count;
    b->handoff.runtime = runtime_promised() ? (uint64_t)RT : 0;
    if (b->options.provoke == PROVOKE_NO_VARIABLES)
        variable_refuse_writes();
    if (b->options.provoke == PROVOKE_STORE_FULL)
        variables_fill();
    why = can_return(b);
    if (!why) {
        why = prepare(b);
        if (why)
            disarm(b);
    }
    if (b->options.provoke == PROVOKE_STORE_FULL)
        variables_unfill();
    if (!why && b->options.provoke == PROVOKE_VARIABLES_LOST)
        variable_delete(VARIABLE_STATE, &variable_guid);
    if (b->options.provoke == PROVOKE_BAD_RUNTIME)
        b->handoff.runtime = VA_CORE - EFI_PAGE; /* nothing is mapped there */
    return why;
}

void disarm(struct boot *b)
{
    EFI_STATUS s = state_forget(&b->state);

    if (EFI_ERROR(s))
        say("The variables of this run could not be removed: %s.\n",
            status_words(s));
}
