/* SPDX-License-Identifier: MIT */
/*
 * The list of cases for --list, which must work without starting the core.
 * Called by main.c.
 */
#include "cases.h"

const char *core_case_list(void)
{
    return "";
}
