/* SPDX-License-Identifier: MIT */
/*
 * Reading, writing and forgetting the state variable.  What is read was
 * written by an earlier boot, or by anyone: it is checked before use.
 * Called by arm.c (boot A) and bootb.c (boot B).
 */
#include "state.h"

#include <efi.h>

#include "bootopt.h"
#include "mem.h"
#include "record/journal.h"
#include "variables.h"

static uint32_t state_crc(const struct state *st)
{
    return crc32(0, st, offsetof(struct state, crc));
}

enum state_found state_read(struct state *st)
{
    UINTN n = sizeof(*st);
    EFI_STATUS s;

    memset(st, 0, sizeof(*st));
    s = variable_get(VARIABLE_STATE, &variable_guid, st, &n);
    if (s == EFI_BUFFER_TOO_SMALL)
        return STATE_DAMAGED;
    if (EFI_ERROR(s))
        return STATE_NONE;
    if (n != sizeof(*st) || st->magic != STATE_MAGIC ||
        st->version != STATE_VERSION || st->crc != state_crc(st))
        return STATE_DAMAGED;
    return STATE_FOUND;
}

uint64_t state_write(struct state *st)
{
    st->magic = STATE_MAGIC;
    st->version = STATE_VERSION;
    st->crc = state_crc(st);
    return variable_set(VARIABLE_STATE, &variable_guid, st, sizeof(*st));
}

uint64_t state_forget(const struct state *st)
{
    EFI_STATUS worst = EFI_SUCCESS, s[3];

    s[0] = bootopt_remove(st->boot_option, st->own_option);
    s[1] = variable_delete(VARIABLE_DIGEST, &variable_guid);
    s[2] = variable_delete(VARIABLE_STATE, &variable_guid);
    for (int i = 2; i >= 0; i--)
        if (EFI_ERROR(s[i]))
            worst = s[i];
    return worst;
}
