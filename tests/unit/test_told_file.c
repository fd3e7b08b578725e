/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_told_file.c - files of a volume by libntfs-3g, as the casebook has them after a scan */
#include "tests/unit/disk.h"

#include "scan/casebook_walk.h"
#include "scan/scan.h"
#include "scan/told_file.h"

#define FOLDERS (2 * TOLD_DIRECTORIES + 3)

/* What is seen of files that are called "N-FIRST" in folder FIRST, "N-SECOND" in folder SECOND. */
struct seen {
	unsigned names, wrong;
};

static int see(void *context, const struct case_record *record, struct error *err)
{
	struct seen *seen = context;

	(void)err;
	for (size_t i = 0; i < record->names.count; i++) {
		const char *path = (const char *)record->names.items[i].path;
		unsigned    outer, folder, file, of;

		if (sscanf(path, "\\outer %u\\folder %u\\%u-%u", &outer, &folder, &file, &of) != 4)
			continue;
		seen->names++;
		seen->wrong += folder != of || outer != of % 3;
	}
	return 0;
}

/* Each file has two names, in folders whose records are as far apart as directories are kept: both have one place there. */
Test(told_file, names_stand_in_their_own_folders)
{
	struct disk         disk;
	struct casebook     book = { 0 };
	struct scan_result  result = { 0 };
	struct seen         seen = { 0 };
	file_ref            outer[3], folders[FOLDERS];
	const char         *sources[1];
	struct scan_options options = { .sources = sources, .source_count = 1, .all = true, .threads = 2 };
	char                text[32];

	disk_make(&disk, "");
	sources[0] = disk.path;
	for (unsigned i = 0; i < 3; i++) {
		snprintf(text, sizeof text, "outer %u", i);
		outer[i] = disk_folder(&disk, file_ref_make(ROOT_RECORD, ROOT_RECORD), text);
	}
	for (unsigned i = 0; i < FOLDERS; i++) {
		snprintf(text, sizeof text, "folder %u", i);
		folders[i] = disk_folder(&disk, outer[i % 3], text);
		cr_assert(eq(u64, file_ref_record(folders[i]), file_ref_record(folders[0]) + i));
	}
	for (unsigned i = 0; i + TOLD_DIRECTORIES < FOLDERS; i++) {
		unsigned    other = i + TOLD_DIRECTORIES;
		ntfs_inode *inode;

		snprintf(text, sizeof text, "%u-%u", i, i);
		inode = disk_file(&disk, folders[i], text);
		snprintf(text, sizeof text, "%u-%u", i, other);
		disk_name(&disk, inode, folders[other], text, NAME_POSIX);
		disk_close(&disk, inode);
	}
	cr_assert(eq(int, ntfs3g_commit(&disk.mount, &disk.err), 0));
	cr_assert(eq(int, scan_run(&options, &book, &result, &disk.err), 0), "%s", disk.err.text);
	cr_assert(eq(int, casebook_walk(&book, CASE_VOLUMES_ALL, see, &seen, &disk.err), 0));
	cr_expect(eq(u32, seen.names, 2 * (FOLDERS - TOLD_DIRECTORIES)));
	cr_expect(eq(u32, seen.wrong, 0));
	casebook_close(&book);
	scan_result_release(&result);
	disk_release(&disk);
}
