/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_ESSAYS_H
#define RINGSIDE_ESSAYS_H

/* Each case's essay, for --explain; made by scripts/essays from tests/. */
struct essay {
    const char *id, *text; /* NULL ends the list */
};

extern const struct essay essays[];

#endif
