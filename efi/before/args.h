/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_ARGS_H
#define RINGSIDE_ARGS_H

#include <stdbool.h>

#include "boot.h"

#define ARGS_CONFIG VOLUME_FOLDER L"\\ringside.cfg"

/*
 * Fills b->options and b->given from \RINGSIDE\ringside.cfg, then from the
 * Shell's words or the load options on top.  False with one line in why[n].
 */
bool args_read(struct boot *b, char *why, size_t n);

#endif
