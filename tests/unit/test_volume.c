/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_volume.c - expected values: volume.h */
#include "tests/unit/unit.h"

#include "scan/volume.h"

struct source {
	const char *source, *path; /* NULL: refused */
	struct selection selection;
};

Test(volume, sources)
{
	static const struct source cases[] = {
		{ "disk.img", "disk.img", { false, false, 0, 0, 0, false } },
		{ "disk.img@2", "disk.img", { true, false, 2, 0, 0, false } },
		{ "a@b/disk.img@10", "a@b/disk.img", { true, false, 10, 0, 0, false } },
		{ "disk.img@+1048576", "disk.img", { false, true, 0, 1048576, 0, false } },
		{ "disk.img@+0", "disk.img", { false, true, 0, 0, 0, false } },
		{ "disk@1@+5", "disk@1", { false, true, 0, 5, 0, false } },
		{ "disk.img@4294967295", "disk.img", { true, false, 4294967295, 0, 0, false } },
		{ "disk.img@shadow1", "disk.img", { false, false, 0, 0, 1, false } },
		{ "disk.img@2@shadow12", "disk.img", { true, false, 2, 0, 12, false } },
		{ "disk.img@+512@shadow3", "disk.img", { false, true, 0, 512, 3, false } },
		{ "disk@work.img@shadow3", "disk@work.img", { false, false, 0, 0, 3, false } },
		{ "disk.img@shadow1@2", "disk.img@shadow1", { true, false, 2, 0, 0, false } },
		{ "disk.img@shadow0", NULL, { false, false, 0, 0, 0, false } },
		{ "disk.img@shadow", NULL, { false, false, 0, 0, 0, false } },
		{ "disk.img@shadow513", NULL, { false, false, 0, 0, 0, false } },
		{ "@2", "@2", { false, false, 0, 0, 0, false } },
		{ "disk.img@0", NULL, { 0 } },
		{ "disk.img@", NULL, { 0 } },
		{ "disk.img@+", NULL, { 0 } },
		{ "disk.img@-1", NULL, { 0 } },
		{ "disk.img@+-1", NULL, { 0 } },
		{ "disk.img@ 1", NULL, { 0 } },
		{ "disk.img@++1", NULL, { 0 } },
		{ "disk.img@1x", NULL, { 0 } },
		{ "disk.img@0x10", NULL, { 0 } },
		{ "disk.img@4294967296", NULL, { 0 } },
		{ "disk.img@+99999999999999999999", NULL, { 0 } },
		{ "disk.img@two", NULL, { 0 } },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char            *path = NULL;
		struct selection got;
		struct error     err;
		int              result = selection_parse(cases[i].source, &path, &got, &err);

		cr_expect(eq(int, result, cases[i].path ? 0 : -1), "%s", cases[i].source);
		if (result == 0 && cases[i].path) {
			cr_expect(eq(str, path, (char *)cases[i].path), "%s", cases[i].source);
			cr_expect(that(got.partition_given == cases[i].selection.partition_given &&
				       got.offset_given == cases[i].selection.offset_given &&
				       got.partition == cases[i].selection.partition &&
				       got.offset_bytes == cases[i].selection.offset_bytes),
				  "%s", cases[i].source);
		} else {
			cr_expect(eq(int, err.kind, ERROR_USAGE), "%s", cases[i].source);
		}
		free(path);
	}
}

Test(volume, file_with_the_sign_in_its_name_is_taken_as_it_is)
{
	char            *folder = temp_folder(), *source = temp_path(folder, "disk@2"), *path = NULL;
	struct selection got;
	struct error     err;

	temp_write(source, "x", 1);
	cr_assert(eq(int, selection_parse(source, &path, &got, &err), 0));
	cr_expect(eq(str, path, source));
	cr_expect(that(!got.partition_given && !got.offset_given));
	free(path);
	free(source);
	temp_remove(folder);
}

/* A disk of 1 MiB with a volume of 64 KiB at @start: boot sector, $MFT's place, backup. */
static char *make_disk(const char *folder, size_t start, bool boot, bool backup)
{
	struct blob disk = blob_zero(1 << 20);
	uint8_t    *at = disk.at + start;
	char       *path = temp_path(folder, "disk.img");

	memcpy(at + 3, "NTFS    ", 8);
	put_le16(at + 0x0b, 512);
	at[0x0d] = 1;
	put_le64(at + 0x28, 127);
	put_le64(at + 0x30, 16);
	put_le64(at + 0x38, 60);
	at[0x40] = 2;
	at[0x44] = 8;
	if (backup)
		memcpy(at + 127 * 512, at, 512);
	if (!boot)
		memset(at, 0, 512);
	memcpy(at + 16 * 512, "FILE", 4);
	temp_write(path, disk.at, disk.size);
	free(disk.at);
	return path;
}

Test(volume, is_found_where_it_is_said_to_be)
{
	char            *folder = temp_folder(), *path = make_disk(folder, 4096, true, true);
	struct selection selection = { .offset_given = true, .offset_bytes = 4096 };
	struct volumes   volumes = { 0 };
	struct evidence  evidence;
	struct findings  findings;
	struct ranges    holes = { 0 };
	struct error     err;
	uint8_t          four[1024];

	findings_init(&findings);
	cr_assert(eq(int, evidence_open(&evidence, path, NULL, &err), 0));
	cr_assert(eq(int, volumes_find(&evidence, &selection, &volumes, &findings, &err), 0), "%s", err.text);
	cr_assert(eq(sz, volumes.count, 1));
	cr_expect(that(volumes.items[0].offset_bytes == 4096 && volumes.items[0].size_bytes == 65536 &&
		       volumes.items[0].number == 1));
	cr_expect(eq(u64, volume_byte_of(&volumes.items[0], 16), 8192));
	cr_assert(eq(int, volume_read(&volumes.items[0], 8192, four, 4, &holes, &err), 0));
	cr_expect(that(memcmp(four, "FILE", 4) == 0 && !holes.count));
	cr_assert(eq(int, volume_read(&volumes.items[0], (1 << 20) - 4096 - 24, four, 1024, &holes, &err), 0));
	cr_assert(eq(sz, holes.count, 1));
	cr_expect(that(holes.items[0].start == (1 << 20) - 4096 && holes.items[0].length == 1000),
		  "holes are told in bytes of the volume");
	selection.offset_bytes = 8192;
	cr_expect(eq(int, volumes_find(&evidence, &selection, &volumes, &findings, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_VALUE));
	selection.offset_bytes = 1 << 20;
	cr_expect(eq(int, volumes_find(&evidence, &selection, &volumes, &findings, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_USAGE));
	array_release(&holes);
	array_release(&volumes);
	evidence_release(&evidence);
	findings_release(&findings);
	free(path);
	temp_remove(folder);
}

Test(volume, backup_stands_in_for_the_boot_sector)
{
	char            *folder = temp_folder(), *path = make_disk(folder, (1 << 20) - 65536, false, true);
	struct selection selection = { .offset_given = true, .offset_bytes = (1 << 20) - 65536 };
	struct volumes   volumes = { 0 };
	struct evidence  evidence;
	struct findings  findings;
	struct error     err;

	findings_init(&findings);
	cr_assert(eq(int, evidence_open(&evidence, path, NULL, &err), 0));
	cr_assert(eq(int, volumes_find(&evidence, &selection, &volumes, &findings, &err), 0), "%s", err.text);
	cr_assert(eq(sz, volumes.count, 1));
	cr_expect(eq(u64, volumes.items[0].geometry.mft_lcn, 16));
	cr_expect(eq(u64, findings.counts[FINDING_BOOT_FROM_BACKUP], 1));
	array_release(&volumes);
	evidence_release(&evidence);
	findings_release(&findings);
	free(path);
	temp_remove(folder);
}
