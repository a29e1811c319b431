/* SPDX-License-Identifier: MIT */
/*
 * The RTC (MC146818 and its heirs) as a source of interrupts on line 8: its
 * alarm, and its periodic tick.  Both are somebody else's: what is changed is
 * put back.
 */
#ifndef RINGSIDE_RTC_H
#define RINGSIDE_RTC_H

#include <stdbool.h>
#include <stdint.h>

/* In the order of rtc_index[]: status A and B, and the alarm. */
enum rtc_register {
    RTC_A,
    RTC_B,
    RTC_ALARM_SECONDS,
    RTC_ALARM_MINUTES,
    RTC_ALARM_HOURS,
    RTC_REGISTERS
};

/* Bits of status C: what has happened since it was read last. */
#define RTC_TICKED 0x40
#define RTC_ALARMED 0x20

bool rtc_answers(void);

/* The registers as they are, and back: the interrupts that B allows last. */
void rtc_save(uint8_t value[RTC_REGISTERS]);
void rtc_restore(const uint8_t value[RTC_REGISTERS]);

/* No interrupt of any kind, and none pending. */
void rtc_silence(void);

/* An interrupt about every millisecond. */
void rtc_tick(void);

/* One so many seconds from now, fewer than 60: at most one second earlier.
 * True: one had come meanwhile, that was set before. */
bool rtc_alarm(unsigned seconds);

/* Reads status C, which also acknowledges: bits from above. */
uint8_t rtc_events(void);

#endif
