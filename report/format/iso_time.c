/* SPDX-License-Identifier: GPL-3.0-or-later */
/* iso_time.c - see iso_time.h */
#include "report/format/iso_time.h"

#include "core/ntfs_time.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define LAST_YEAR 9999

struct iso_time iso_time(uint64_t time_100ns)
{
	struct iso_time result = { "" };
	struct timespec time = ntfs_time_to_timespec(time_100ns);
	struct tm       parts;

	if (!time_100ns || time_100ns > INT64_MAX || !gmtime_r(&time.tv_sec, &parts) || parts.tm_year > LAST_YEAR - 1900)
		return result;
	snprintf(result.text, sizeof result.text, "%04d-%02d-%02dT%02d:%02d:%02d.%07uZ", parts.tm_year + 1900,
		 parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, (unsigned)(time.tv_nsec / 100) % 10000000u);
	return result;
}

bool iso_time_is_one(const char *text)
{
	static const char digits[] = "0123456789";
	struct tm         parts;
	const char       *end = strspn(text, digits) == 4 ? strptime(text, "%Y-%m-%dT%H:%M:%SZ", &parts) : NULL;

	return end && !*end && end - text == sizeof "2026-11-23T01:10:06Z" - 1;
}
