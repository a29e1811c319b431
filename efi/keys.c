/* SPDX-License-Identifier: MIT */
/*
 * Keys, read by polling: WaitForEvent and timers are one more thing that a
 * firmware can get wrong, and a person does not notice 20 ms.
 */
#include "keys.h"

#include "firmware.h"

#define POLL_MS 20
#define MICROSECONDS_PER_MS 1000
#define ESCAPE 0x1b
#define DRAIN_MAX 64 /* a stuck key must not hold us here */

static enum key meaning(const EFI_INPUT_KEY *k)
{
    switch (k->ScanCode) {
    case SCAN_UP:
        return KEY_LINE_UP;
    case SCAN_DOWN:
        return KEY_LINE_DOWN;
    case SCAN_HOME:
        return KEY_HOME;
    case SCAN_END:
        return KEY_END;
    case SCAN_PAGE_UP:
        return KEY_PREVIOUS;
    case SCAN_PAGE_DOWN:
        return KEY_NEXT;
    case SCAN_ESC:
        return KEY_QUIT;
    }
    switch (k->UnicodeChar) {
    case ' ':
    case '\r':
    case '\n':
        return KEY_NEXT;
    case 'b':
    case 'B':
        return KEY_PREVIOUS;
    case 'q':
    case 'Q':
    case ESCAPE: /* some serial consoles pass it through as it came */
        return KEY_QUIT;
    case 'r':
    case 'R':
        return KEY_RUN;
    case 'p':
    case 'P':
        return KEY_POWER_OFF;
    case 'f':
    case 'F':
        return KEY_FIRMWARE;
    }
    return KEY_OTHER;
}

static int somebody;

int keys_somebody(void)
{
    return somebody;
}

static BOOLEAN key_read(EFI_INPUT_KEY *k)
{
    return ST->ConIn && ST->ConIn->ReadKeyStroke(ST->ConIn, k) == EFI_SUCCESS;
}

enum key key_wait(unsigned milliseconds)
{
    EFI_INPUT_KEY k;

    if (!ST->ConIn)
        return KEY_NONE;
    for (unsigned waited = 0;; waited += POLL_MS) {
        if (key_read(&k)) {
            somebody = 1;
            return meaning(&k);
        }
        if (waited >= milliseconds)
            return KEY_NONE;
        BS->Stall(POLL_MS * MICROSECONDS_PER_MS);
    }
}

void keys_drain(void)
{
    EFI_INPUT_KEY k;

    for (int i = 0; i < DRAIN_MAX && key_read(&k); i++)
        ;
}
