/* SPDX-License-Identifier: MIT */
/*
 * What happens when all is said.  Nobody answering means power off, not back
 * to the firmware: that might start this image again, and again.
 * Called by main.c.
 */
#include "menu.h"

#include <efilib.h>

#include "keys.h"
#include "say.h"

#define NOBODY_S 30
#define SOMEBODY_S (10 * 60)
#define MS_PER_S 1000

enum choice menu_ask(void)
{
    unsigned patience = keys_somebody() ? SOMEBODY_S : NOBODY_S;

    say("\nr: run again   p: power off   f: back to the firmware   "
        "(power off in %u s)\n", patience);
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
