/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_SANITY_H
#define RINGSIDE_SANITY_H

/*
 * Is this a processor at all?  Enters ring 3 once and looks at the selectors
 * that come back: a monitor that runs guests' kernels in ring 3 shows others
 * than were loaded, and no verdict on it would be about a processor.
 * Returns NULL, or a sentence.
 */
const char *sanity_check(void);

#endif
