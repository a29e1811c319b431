/* SPDX-License-Identifier: MIT */
/*
 * What happens when all is said.  Nobody answering means power off, not back
 * to the firmware: that might start this image again, and again.
 * Called by main.c.
 */
#include "menu.h"

#include "firmware.h"
#include "keys.h"
#include "say.h"
#include "variables.h"

#define NOBODY_S 30
#define SOMEBODY_S (10 * 60)
#define MS_PER_S 1000
#define BOOT_TO_FW_UI 1ull /* bit of OsIndications */

enum choice menu_ask(void)
{
    unsigned patience = keys_somebody() ? SOMEBODY_S : NOBODY_S;

    say("\nr: run again   p: power off   f: back to the firmware   "
        "(power off in %u s)\n",
        patience);
    keys_drain();
    for (;;) {
        switch (key_wait(patience * MS_PER_S)) {
        case KEY_RUN:
            return CHOICE_RUN;
        case KEY_FIRMWARE:
        case KEY_QUIT:
            return CHOICE_FIRMWARE;
        case KEY_POWER_OFF:
        case KEY_NONE:
            return CHOICE_POWER_OFF;
        default:
            patience = SOMEBODY_S;
        }
    }
}

void menu_power_off(void)
{
    say("Powering off.\n");
    RT->ResetSystem(EfiResetShutdown, EFI_SUCCESS, 0, NULL);
    say("The firmware did not power the machine off; the switch will.\n");
}

void menu_firmware(void)
{
    uint64_t bits = 0;
    UINTN n = sizeof(bits);

    if (EFI_ERROR(
            variable_get(L"OsIndicationsSupported", &global_guid, &bits, &n)) ||
        n != sizeof(bits) || !(bits & BOOT_TO_FW_UI))
        return;
    bits = 0;
    variable_get(L"OsIndications", &global_guid, &bits, &n);
    bits |= BOOT_TO_FW_UI;
    if (!EFI_ERROR(
            variable_set(L"OsIndications", &global_guid, &bits, sizeof(bits))))
        RT->ResetSystem(EfiResetCold, EFI_SUCCESS, 0, NULL);
}
