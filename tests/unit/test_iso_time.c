/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_iso_time.c - expected values: RFC 3339, and the calendar (date -u -d @N) */
#include "tests/unit/unit.h"

#include "core/ntfs_time.h"
#include "report/format/iso_time.h"

Test(iso_time, seven_digits_and_utc)
{
	cr_expect(eq(str, iso_time(NTFS_TIME_UNIX_EPOCH).text, "1970-01-01T00:00:00.0000000Z"));
	cr_expect(eq(str, iso_time(NTFS_TIME_UNIX_EPOCH - 1).text, "1969-12-31T23:59:59.9999999Z"));
	cr_expect(eq(str, iso_time(1).text, "1601-01-01T00:00:00.0000001Z"));
	/* date -u -d @1715807400 */
	cr_expect(eq(str, iso_time(NTFS_TIME_UNIX_EPOCH + 17158074001234567u).text, "2024-05-15T21:10:00.1234567Z"));
}

Test(iso_time, what_has_no_form)
{
	cr_expect(eq(str, iso_time(0).text, ""));
	cr_expect(eq(str, iso_time(2650467743999999999u).text, "9999-12-31T23:59:59.9999999Z"));
	cr_expect(eq(str, iso_time(2650467744000000000u).text, ""));
	cr_expect(eq(str, iso_time(INT64_MAX).text, ""));
	cr_expect(eq(str, iso_time(UINT64_MAX).text, ""));
}

Test(iso_time, one_or_none)
{
	cr_expect(iso_time_is_one("2026-11-23T01:10:06Z"));
	cr_expect(iso_time_is_one("0001-01-01T00:00:00Z"));
	cr_expect(not(iso_time_is_one("")));
	cr_expect(not(iso_time_is_one("2026-11-23T01:10:06")));
	cr_expect(not(iso_time_is_one("2026-11-23T01:10:06Z ")));
	cr_expect(not(iso_time_is_one("2026-11-23 01:10:06Z")));
	cr_expect(not(iso_time_is_one("2026-13-23T01:10:06Z")));
	cr_expect(not(iso_time_is_one("2026-11-23T25:10:06Z")));
	cr_expect(not(iso_time_is_one("2026-1-23T001:10:06Z")));
	cr_expect(not(iso_time_is_one(" 2026-1-23T01:10:06Z")));
	cr_expect(not(iso_time_is_one("yesterday")));
}
