/* SPDX-License-Identifier: MIT */
/* How a run ends. */
#ifndef RINGSIDE_FINISH_H
#define RINGSIDE_FINISH_H

/* The digest variable, then the warm reset into boot B; or, without a second
 * boot, the whole report from here, and the machine stops. */
_Noreturn void finish(void);

/* The reset alone: ResetSystem, then 0xCF9, the 8042, a triple fault. */
_Noreturn void finish_reset(void);

#endif
