/* SPDX-License-Identifier: MIT */
/*
 * A key from a person, if there is one.  Every wait has an end.
 */
#ifndef RINGSIDE_KEYS_H
#define RINGSIDE_KEYS_H

#include <efi.h>

/* What a key meant; there are letters because serial lines have no F-keys. */
enum key {
    KEY_NONE, /* nobody pressed anything in time */
    KEY_OTHER,
    KEY_NEXT,     /* space, page down, enter */
    KEY_PREVIOUS, /* page up, b */
    KEY_LINE_DOWN,
    KEY_LINE_UP,
    KEY_HOME,
    KEY_END,
    KEY_QUIT,      /* q, escape */
    KEY_RUN,       /* r */
    KEY_POWER_OFF, /* p */
    KEY_FIRMWARE,  /* f */
};

/* Waits at most this long for a key.  KEY_NONE at once without a keyboard. */
enum key key_wait(unsigned milliseconds);

/* Has anyone pressed a key since this image started? */
int keys_somebody(void);

/* Throws away what was typed before the question was asked. */
void keys_drain(void);

#endif
