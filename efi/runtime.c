/* SPDX-License-Identifier: MIT */
/*
 * Calls of the firmware from the core.  Its tables and code are mapped in
 * cr3_rt alone, so nothing here looks into them: runtime_call() does, after
 * it has switched.  Linked into the core.
 */
#include "runtime.h"

#include <efi.h>

#include "report/report.h"
#include "runtime_call.h"
#include "variables.h"

static struct service {
    const char *name;
    uint64_t offset; /* in the table of runtime services */
    bool faulted;    /* it is not called again */
} set_variable = {"SetVariable", offsetof(EFI_RUNTIME_SERVICES, SetVariable),
                  false},
  reset_system = {"ResetSystem", offsetof(EFI_RUNTIME_SERVICES, ResetSystem),
                  false};

static struct service *volatile running;

static uint64_t call(const struct handoff *h, struct service *s,
                     const uint64_t args[RUNTIME_ARGS])
{
    uint64_t status;

    if (!h->runtime || !h->cr3_rt || s->faulted)
        return EFI_UNSUPPORTED;
    running = s;
    status = runtime_call(h->cr3_rt, h->runtime + s->offset, args);
    running = NULL;
    return status;
}

const char *runtime_faulted(void)
{
    struct service *s = running;

    running = NULL;
    if (!s)
        return NULL;
    s->faulted = true;
    return s->name;
}

uint64_t runtime_write_digest(const struct handoff *h, const struct digest *d)
{
    static CHAR16 name[] = VARIABLE_DIGEST;
    static EFI_GUID guid = VARIABLE_GUID;
    const uint64_t args[RUNTIME_ARGS] = {
        (uint64_t)name, (uint64_t)&guid, VARIABLE_ATTRIBUTES,
        sizeof(*d),     (uint64_t)d,
    };

    return call(h, &set_variable, args);
}

void runtime_reset(const struct handoff *h, bool power_off)
{
    const uint64_t args[RUNTIME_ARGS] = {
        power_off ? EfiResetShutdown : EfiResetWarm,
        EFI_SUCCESS,
    };

    call(h, &reset_system, args);
}
