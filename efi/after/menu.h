/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_MENU_H
#define RINGSIDE_MENU_H

#include <efi.h>

enum choice { CHOICE_RUN, CHOICE_POWER_OFF, CHOICE_FIRMWARE };

/* Asks what to do next.  Nobody there: power off after a while. */
enum choice menu_ask(void);

/* Powers the machine off; returns, after one line, only if that failed. */
void menu_power_off(void);

/*
 * Restarts into the firmware's setup where that is offered.  Returns if not;
 * returning from the image is the next best thing then.  After boot B only
 * the setup is "back": the firmware would go on with its boot order, where
 * this image may well stand first.
 */
void menu_firmware(void);

#endif
