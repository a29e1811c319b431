/* SPDX-License-Identifier: MIT */
/*
 * --mutants: proof that the checks can fail.  The cases run again and again,
 * each time with one thing perturbed (mutants.def) that the machine shows or
 * that the harness set up, until some check turns red that is green without.
 * A mutant that none notices is reported as a failure: of the checks.
 */
#ifndef RINGSIDE_MUTANTS_H
#define RINGSIDE_MUTANTS_H

#include "outcome.h"

/* run: all cases but those that need the world outside. */
void mutants_run(void (*run)(void));

/* Called by trial.c at the places that mutants.def speaks of; they do nothing
 * unless a mutant is on. */
void mutants_shown(unsigned nth, struct outcome *o);
void mutants_set(void);
/* From now on this processor shows CR2 one byte off: for --provoke. */
void mutants_provoke(void);
bool mutants_on(void);

#endif
