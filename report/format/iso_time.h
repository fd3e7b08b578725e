/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * iso_time.h - times as other programs read them: RFC 3339, UTC, all seven digits that NTFS has
 */
#ifndef REPORT_ISO_TIME_H
#define REPORT_ISO_TIME_H

#include <stdbool.h>
#include <stdint.h>

struct iso_time { char text[88]; };

/* 100 ns since 1601 as "2026-11-23T01:10:06.1234567Z"; "" for 0 and for years behind 9999, which the format does not have. */
struct iso_time iso_time(uint64_t time_100ns);

/* True if @text is one in whole seconds, as a scan writes down when it began: a casebook may say anything. */
bool iso_time_is_one(const char *text);

#endif
