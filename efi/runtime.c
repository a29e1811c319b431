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

#define SERVICE(name) offsetof(EFI_RUNTIME_SERVICES, name)

static uint64_t call(const struct handoff *h, uint64_t service,
                     const uint64_t args[RUNTIME_ARGS])
{
    if (!h->runtime || !h->cr3_rt)
        return EFI_UNSUPPORTED;
    return runtime_call(h->cr3_rt, h->runtime + service, args);
}

uint64_t runtime_write_digest(const struct handoff *h, const struct digest *d)
{
    static CHAR16 name[] = VARIABLE_DIGEST;
    static EFI_GUID guid = VARIABLE_GUID;
    const uint64_t args[RUNTIME_ARGS] = {
        (uint64_t)name, (uint64_t)&guid, VARIABLE_ATTRIBUTES,
        sizeof(*d),     (uint64_t)d,
    };

    return call(h, SERVICE(SetVariable), args);
}

void runtime_reset(const struct handoff *h, bool power_off)
{
    const uint64_t args[RUNTIME_ARGS] = {
        power_off ? EfiResetShutdown : EfiResetWarm,
        EFI_SUCCESS,
    };

    call(h, SERVICE(ResetSystem), args);
}
