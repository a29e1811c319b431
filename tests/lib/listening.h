/* SPDX-License-Identifier: MIT */
/* What listen.c, the listener, and listen_ask.c, who sends, share. */
#ifndef RINGSIDE_LIB_LISTENING_H
#define RINGSIDE_LIB_LISTENING_H

#include "listen.h"

/* A job: listens until LISTEN_END, in a posture | model << 8. */
void listening_run(uint64_t argument);
/* Before it is called: number n has heard nothing. */
void listening_forget(unsigned n);
/* Counts what is sent: the sender's last store before it. */
uint32_t listening_said(void);

/* This processor's LDR, and DFR, by a model; and as they were. */
void listening_model(enum destination_model model, unsigned n);
void listening_model_back(void);

#endif
