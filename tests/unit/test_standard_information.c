/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_standard_information.c - expected values: test_cases.py of dfir_ntfs, to the microsecond */
#include "tests/unit/unit.h"

#include "core/ntfs_time.h"
#include "scan/standard_information.h"

/* Is @time, in 100 ns, that moment?  The origin rounds to microseconds. */
static bool is_moment(uint64_t time, int year, int month, int day, int hour, int minute, int second,
		      unsigned micro)
{
	uint64_t wanted;
	struct tm parts = { .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day,
			    .tm_hour = hour,        .tm_min = minute,    .tm_sec = second };

	wanted = ((uint64_t)timegm(&parts) + 11644473600u) * 10000000u + micro * 10;
	return time + 10 >= wanted && time <= wanted + 10;
}

Test(standard_information, windows_xp)
{
	struct blob                 raw = sample_load("ntfs/dfir_ntfs/standard_information.bin");
	struct standard_information info;
	struct error                err;

	cr_assert(eq(int, standard_information_decode(blob_bytes(raw, 0), &info, &err), 0));
	cr_expect(that(is_moment(info.times.created, 2004, 8, 20, 15, 9, 2, 782564)));
	cr_expect(that(is_moment(info.times.written, 2004, 8, 20, 15, 9, 2, 792578)));
	cr_expect(that(is_moment(info.times.changed, 2004, 8, 20, 15, 11, 35, 422048)));
	cr_expect(that(is_moment(info.times.accessed, 2004, 8, 26, 15, 11, 12, 682956)));
	cr_expect(eq(u32, info.attributes, 0x20));
	cr_expect(eq(u32, info.security_id, 0x144));
	cr_expect(eq(u32, info.owner_id, 0));
	free(raw.at);
}

Test(standard_information, version_1_2_has_no_security_id)
{
	struct blob                 raw = blob_zero(48);
	struct standard_information info = { .security_id = 5, .usn = 5 };
	struct error                err;

	put_le32(raw.at + 0x20, FILE_IS_HIDDEN);
	cr_assert(eq(int, standard_information_decode(blob_bytes(raw, 0), &info, &err), 0));
	cr_expect(eq(u32, info.attributes, FILE_IS_HIDDEN));
	cr_expect(eq(u32, info.security_id, 0));
	cr_expect(eq(u64, info.usn, 0));
	free(raw.at);
}

Test(standard_information, version_3_fields)
{
	struct blob                 raw = blob_zero(72);
	struct standard_information info;
	struct error                err;

	put_le32(raw.at + 0x30, 0x11);
	put_le32(raw.at + 0x34, 0x22);
	put_le64(raw.at + 0x38, 0x33);
	put_le64(raw.at + 0x40, 0x44);
	cr_assert(eq(int, standard_information_decode(blob_bytes(raw, 0), &info, &err), 0));
	cr_expect(eq(u32, info.owner_id, 0x11));
	cr_expect(eq(u32, info.security_id, 0x22));
	cr_expect(eq(u64, info.usn, 0x44));
	free(raw.at);
}

Test(standard_information, no_prefix_is_read_past)
{
	for (size_t size = 0; size < 80; size++) {
		struct blob                 raw = blob_zero(size);
		struct standard_information info;
		struct error                err;
		int result = standard_information_decode(blob_bytes(raw, 0), &info, &err);

		cr_expect(eq(int, result, size < 48 ? -1 : 0), "%zu bytes", size);
		cr_expect(that(result == 0 || err.kind == ERROR_BOUNDS), "%zu bytes", size);
		free(raw.at);
	}
}
