/* SPDX-License-Identifier: MIT */
/* The core's calls as the processor wants them; see calls.h. */
#include "calls.h"

#define CALL 0xe8
#define JUMP 0xe9
#define LENGTH 5 /* and four bytes of displacement */

void calls_restore(uint8_t *code, uint32_t n)
{
    for (uint32_t at = 0; at + LENGTH <= n; at++) {
        uint32_t target = 0;

        if (code[at] != CALL && code[at] != JUMP)
            continue;
        for (unsigned i = 0; i < 4; i++)
            target |= (uint32_t)code[at + 1 + i] << 8 * i;
        target -= at;
        for (unsigned i = 0; i < 4; i++)
            code[at + 1 + i] = (uint8_t)(target >> 8 * i);
        at += LENGTH - 1;
    }
}
