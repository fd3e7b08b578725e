/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_ntfs3g.c - what libntfs-3g does over a transaction, and what of it reaches the device */
#include "recover/ntfs3g.h"

#include "scan/check.h"
#include "tests/unit/disk.h"

#define FILES 300
#define PIECE 20000

static struct disk it;

static file_ref root(void)
{
	return file_ref_make(ROOT_RECORD, ROOT_RECORD);
}

static void fill(uint8_t *bytes, int number)
{
	for (size_t i = 0; i < PIECE; i++)
		bytes[i] = (uint8_t)(i * 7 + (size_t)number * 13 + (i >> 8));
}

/* Files 0 to FILES - 1 with content of their own. */
static void make_files(file_ref folder, int first, int count)
{
	uint8_t bytes[PIECE];
	char    text[32];

	for (int i = first; i < first + count; i++) {
		ntfs_inode *inode;

		snprintf(text, sizeof text, "file %d", i);
		inode = disk_file(&it, folder, text);
		fill(bytes, i);
		disk_write(&it, inode, "", 0, bytes, sizeof bytes);
		disk_close(&it, inode);
	}
}

static void expect_files(file_ref folder, int first, int count)
{
	uint8_t bytes[PIECE];
	char    text[32];

	for (int i = first; i < first + count; i++) {
		struct ntfs3g_name name;
		ntfs_inode        *inode;
		file_ref           ref;
		struct blob        got;

		snprintf(text, sizeof text, "file %d", i);
		cr_assert(eq(int, ntfs3g_name(text, strlen(text), "", &name), 0));
		cr_assert(eq(int, ntfs3g_find(&it.mount, folder, &name, NAME_CASE_EXACT, &ref, &it.err), 1), "%s", text);
		cr_assert(eq(int, ntfs3g_open(&it.mount, ref, &inode, &it.err), 0));
		got = disk_content(&it, inode, "");
		fill(bytes, i);
		cr_expect(got.size == sizeof bytes && memcmp(got.at, bytes, sizeof bytes) == 0, "%s", text);
		free(got.at);
		disk_close(&it, inode);
	}
}

static void expect_consistent(void)
{
	struct evidence  evidence = { 0 };
	struct volumes   volumes = { 0 };
	struct findings  findings;
	struct selection all = { 0 };
	struct check     check = { 0 };

	findings_init(&findings);
	cr_assert(eq(int, evidence_open(&evidence, it.path, NULL, &it.err), 0));
	cr_assert(eq(int, volumes_find(&evidence, &all, &volumes, &findings, &it.err), 0));
	cr_assert(eq(int, check_volume(&check, &volumes.items[0], 2, &it.err), 0));
	cr_expect(check.problem_count == 0, "%s: %s", check.problem_count ? problem_kind_name(check.problems.items[0].kind) : "",
		  check.problem_count ? check.problems.items[0].text : "");
	check_release(&check);
	array_release(&volumes);
	evidence_release(&evidence);
	findings_release(&findings);
}

/* Close the volume as it is and open it again. */
static void reopen(void)
{
	cr_assert(eq(int, ntfs3g_unmount(&it.mount, &it.err), 0), "%s", it.err.text);
	cr_assert(eq(int, ntfs3g_mount(&it.mount, it.path, 0, &it.err), 0), "%s", it.err.text);
}

static struct blob image(void)
{
	FILE       *file = fopen(it.path, "rb");
	struct blob blob;

	cr_assert(file != NULL);
	fseek(file, 0, SEEK_END);
	blob = blob_zero((size_t)ftell(file));
	rewind(file);
	cr_assert(eq(sz, fread(blob.at, 1, blob.size, file), blob.size));
	fclose(file);
	return blob;
}

/* 20 files that are committed, and then changes that are not.  Returns their folder. */
static file_ref make_half_a_run(void)
{
	file_ref folder;

	disk_make(&it, "");
	folder = disk_folder(&it, root(), "folder");
	make_files(folder, 0, 20);
	cr_assert(eq(int, ntfs3g_commit(&it.mount, &it.err), 0), "%s", it.err.text);
	make_files(folder, 20, 20);
	cr_assert(eq(int, ntfs3g_delete_file(&it.mount, file_ref_make(file_ref_record(folder) + 1, 1), &it.err), 0));
	return folder;
}

static void expect_committed_half(file_ref folder)
{
	struct ntfs3g_name name;

	expect_files(folder, 0, 20);
	cr_assert(eq(int, ntfs3g_name("file 20", 7, "", &name), 0));
	cr_expect(eq(int, ntfs3g_find(&it.mount, folder, &name, NAME_CASE_EXACT, &folder, &it.err), 0));
	expect_consistent();
}

Test(ntfs3g, what_is_not_committed_never_happened)
{
	file_ref folder = make_half_a_run();

	reopen();
	cr_expect(that(!it.mount.replay.found && !it.mount.dirty));
	expect_committed_half(folder);
	disk_release(&it);
}

static struct ntfs3g_name name_of(const char *text)
{
	struct ntfs3g_name name;

	cr_assert(eq(int, ntfs3g_name(text, strlen(text), "", &name), 0));
	return name;
}

/* An alias is put beside a name that the file has not: the alias is there, and nothing may make it hold. */
Test(ntfs3g, what_failed_half_way_is_never_committed)
{
	struct ntfs3g_name other = name_of("another name"), alias = name_of("ALIAS~1"), added = name_of("file 20");
	file_ref           folder = make_half_a_run(), ref;
	ntfs_inode        *inode;
	bool               taken;

	cr_assert(eq(int, ntfs3g_find(&it.mount, folder, &added, NAME_CASE_EXACT, &ref, &it.err), 1));
	cr_assert(eq(int, ntfs3g_open(&it.mount, ref, &inode, &it.err), 0));
	cr_expect(eq(int, ntfs3g_add_alias(&it.mount, inode, folder, &other, &alias, 0, &taken, &it.err), -1));
	cr_expect(that(strstr(it.err.text, "has not the names") != NULL), "%s", it.err.text);
	disk_close(&it, inode);
	cr_expect(eq(int, ntfs3g_commit(&it.mount, &it.err), -1));
	cr_expect(that(strstr(it.err.text, "half way") != NULL), "%s", it.err.text);
	cr_expect(eq(int, ntfs3g_end(&it.mount, &it.err), -1));
	reopen();
	cr_expect(that(!it.mount.replay.found && !it.mount.dirty && !it.mount.doubtful));
	expect_committed_half(folder);
	disk_release(&it);
}

Test(ntfs3g, a_name_that_is_not_there_or_the_last_is_not_dropped)
{
	struct ntfs3g_name other = name_of("another name"), only = name_of("file");
	ntfs_inode        *inode;

	disk_make(&it, "");
	inode = disk_file(&it, root(), "file");
	cr_expect(eq(int, ntfs3g_drop_name(&it.mount, inode, root(), &only, &it.err), -1), "the only one");
	disk_name(&it, inode, root(), "file too", NAME_POSIX);
	cr_expect(eq(int, ntfs3g_drop_name(&it.mount, inode, root(), &other, &it.err), -1), "no such name");
	cr_expect(eq(int, ntfs3g_drop_name(&it.mount, inode, root(), &only, &it.err), 0), "%s", it.err.text);
	cr_expect(eq(int, ntfs3g_has_name(&it.mount, inode, root(), &only, &it.err), 0));
	disk_close(&it, inode);
	cr_assert(eq(int, ntfs3g_end(&it.mount, &it.err), 0), "%s", it.err.text);
	expect_consistent();
	disk_release(&it);
}

Test(ntfs3g, a_run_that_was_cut_off_is_found)
{
	file_ref    folder = make_half_a_run();
	struct blob cut = image();

	cr_assert(eq(int, ntfs3g_unmount(&it.mount, &it.err), 0));
	temp_write(it.path, cut.at, cut.size);
	cr_assert(eq(int, ntfs3g_mount(&it.mount, it.path, 0, &it.err), 0), "%s", it.err.text);
	cr_expect(that(it.mount.replay.found && !it.mount.replay.finished && !it.mount.dirty));
	cr_expect(eq(str, it.mount.replay.header.step, "test"));
	expect_committed_half(folder);
	free(cut.at);
	disk_release(&it);
}

Test(ntfs3g, the_end_of_a_run_leaves_no_log_and_no_dirty_bit)
{
	disk_make(&it, "");
	cr_expect(that(it.mount.volume->flags & VOLUME_IS_DIRTY));
	make_files(root(), 0, 5);
	cr_assert(eq(int, ntfs3g_end(&it.mount, &it.err), 0), "%s", it.err.text);
	reopen();
	cr_expect(that(!it.mount.replay.found && !it.mount.dirty));
	expect_files(root(), 0, 5);
	expect_consistent();
	disk_release(&it);
}

/* One more name for each file, in another folder. */
static void link_files(file_ref from, file_ref to, int count)
{
	for (int i = 0; i < count; i++) {
		struct ntfs3g_name name;
		ntfs_inode        *folder;
		file_ref           ref;
		char               text[32];
		bool               taken;

		snprintf(text, sizeof text, "file %d", i);
		cr_assert(eq(int, ntfs3g_name(text, strlen(text), "", &name), 0));
		cr_assert(eq(int, ntfs3g_find(&it.mount, from, &name, NAME_CASE_EXACT, &ref, &it.err), 1));
		cr_assert(eq(int, ntfs3g_enter(&it.mount, to, &folder, &it.err), 0));
		cr_assert(eq(int, ntfs3g_link_into(&it.mount, folder, ref, &name, NAME_POSIX, &taken, &it.err), 0));
		cr_expect(that(!taken));
		cr_assert(eq(int, ntfs3g_leave(&it.mount, folder, &it.err), 0));
	}
}

Test(ntfs3g, images_that_memory_has_no_room_for_wait_in_the_log)
{
	file_ref folder, links;

	disk_make(&it, "");
	folder = disk_folder(&it, root(), "folder");
	links = disk_folder(&it, root(), "links");
	make_files(folder, 0, FILES);
	cr_assert(eq(int, ntfs3g_commit(&it.mount, &it.err), 0), "%s", it.err.text);
	it.mount.transaction.resident_max = 3;
	link_files(folder, links, FILES);
	cr_expect(that(it.mount.transaction.overlay.resident <= 3));
	cr_expect(that(it.mount.transaction.overlay.count > FILES / 4));
	expect_files(links, 0, FILES);
	cr_assert(eq(int, ntfs3g_end(&it.mount, &it.err), 0), "%s", it.err.text);
	reopen();
	expect_files(folder, 0, FILES);
	expect_files(links, 0, FILES);
	expect_consistent();
	disk_release(&it);
}

/* The content of a file in the root lies where nothing was at the last commit. */
static void expect_in_free_clusters(int number)
{
	struct ntfs3g_name name;
	ntfs_inode        *inode;
	ntfs_attr         *attr;
	file_ref           ref;
	char               text[32];

	snprintf(text, sizeof text, "file %d", number);
	cr_assert(eq(int, ntfs3g_name(text, strlen(text), "", &name), 0));
	cr_assert(eq(int, ntfs3g_find(&it.mount, root(), &name, NAME_CASE_EXACT, &ref, &it.err), 1));
	cr_assert(eq(int, ntfs3g_open(&it.mount, ref, &inode, &it.err), 0));
	attr = ntfs_attr_open(inode, AT_DATA, AT_UNNAMED, 0);
	cr_assert(attr != NULL);
	for (VCN vcn = 0; vcn < PIECE / 4096; vcn++) {
		LCN lcn = ntfs_attr_vcn_to_lcn(attr, vcn);

		cr_expect(lcn > 0 && space_map_is_free(&it.mount.transaction.map, (uint64_t)lcn * 4096, 4096),
			  "%s", text);
	}
	ntfs_attr_close(attr);
	disk_close(&it, inode);
}

/* The library gets no cluster back before the commit: what was committed lies untouched until then. */
Test(ntfs3g, what_is_freed_is_not_used_before_the_commit)
{
	struct blob before, after;
	size_t      record;

	disk_make(&it, "");
	make_files(root(), 0, 100);
	cr_assert(eq(int, ntfs3g_commit(&it.mount, &it.err), 0));
	before = image();
	for (int i = 0; i < 100; i++) {
		struct ntfs3g_name name;
		char               text[32];
		file_ref           ref;

		snprintf(text, sizeof text, "file %d", i);
		cr_assert(eq(int, ntfs3g_name(text, strlen(text), "", &name), 0));
		cr_assert(eq(int, ntfs3g_find(&it.mount, root(), &name, NAME_CASE_EXACT, &ref, &it.err), 1));
		cr_assert(eq(int, ntfs3g_delete_file(&it.mount, ref, &it.err), 0));
	}
	make_files(root(), 100, 250);
	for (int i = 100; i < 350; i++)
		expect_in_free_clusters(i);
	after = image();
	/* every cluster that was in use at the commit, but for $LogFile's, is as it was */
	record = 0;
	for (uint64_t lcn = 0; lcn < it.mount.transaction.device.geometry.clusters; lcn++) {
		size_t place = (size_t)(lcn * 4096);

		if (space_map_is_free(&it.mount.transaction.map, place, 4096) ||
		    space_map_is_log(&it.mount.transaction.map, place, 4096))
			continue;
		record++;
		cr_expect(memcmp(before.at + place, after.at + place, 4096) == 0, "cluster %d", (int)lcn);
	}
	cr_expect(that(record > 500));
	cr_assert(eq(int, ntfs3g_end(&it.mount, &it.err), 0), "%s", it.err.text);
	reopen();
	expect_files(root(), 100, 250);
	expect_consistent();
	free(before.at);
	free(after.at);
	disk_release(&it);
}

Test(ntfs3g, what_is_freed_is_free_after_the_commit)
{
	uint64_t free_before, free_after;

	disk_make(&it, "");
	cr_assert(eq(int, ntfs3g_free_bytes(&it.mount, &free_before, &it.err), 0));
	for (int round = 0; round < 8; round++) { /* more than the volume holds at a time */
		struct ntfs3g_name name;
		file_ref           ref, folder = disk_folder(&it, root(), "folder");

		make_files(folder, 0, 250);
		cr_assert(eq(int, ntfs3g_commit(&it.mount, &it.err), 0), "%s", it.err.text);
		expect_files(folder, 0, 250);
		for (int i = 0; i < 250; i++) {
			char text[32];

			snprintf(text, sizeof text, "file %d", i);
			cr_assert(eq(int, ntfs3g_name(text, strlen(text), "", &name), 0));
			cr_assert(eq(int, ntfs3g_find(&it.mount, folder, &name, NAME_CASE_EXACT, &ref, &it.err), 1));
			cr_assert(eq(int, ntfs3g_delete_file(&it.mount, ref, &it.err), 0));
		}
		cr_assert(eq(int, ntfs3g_delete_file(&it.mount, folder, &it.err), 0));
		cr_assert(eq(int, ntfs3g_commit(&it.mount, &it.err), 0), "%s", it.err.text);
	}
	cr_assert(eq(int, ntfs3g_end(&it.mount, &it.err), 0));
	reopen();
	cr_assert(eq(int, ntfs3g_free_bytes(&it.mount, &free_after, &it.err), 0));
	cr_expect(that(free_after + (1u << 20) > free_before)); /* $MFT has grown */
	expect_consistent();
	disk_release(&it);
}

Test(ntfs3g, a_full_volume_is_said_and_nothing_of_it_stays)
{
	file_ref     folder;
	uint64_t     free_before, free_after;
	int          made = 0;
	static uint8_t bytes[PIECE];

	disk_make(&it, "");
	folder = disk_folder(&it, root(), "folder");
	make_files(folder, 0, 10);
	cr_assert(eq(int, ntfs3g_end(&it.mount, &it.err), 0));
	cr_assert(eq(int, ntfs3g_free_bytes(&it.mount, &free_before, &it.err), 0));
	cr_assert(eq(int, ntfs3g_begin(&it.mount, "test", &it.err), 0));
	for (;; made++) {
		struct ntfs3g_name name;
		ntfs_inode        *inode;
		ntfs_attr         *attr;
		char               text[32];
		bool               full;

		snprintf(text, sizeof text, "filler %d", made);
		cr_assert(eq(int, ntfs3g_name(text, strlen(text), "", &name), 0));
		if (ntfs3g_make_file(&it.mount, folder, &name, 0, &inode, &it.err) < 0)
			break;
		attr = ntfs_attr_open(inode, AT_DATA, AT_UNNAMED, 0);
		full = !attr || ntfs_attr_pwrite(attr, 0, sizeof bytes, bytes) != (s64)sizeof bytes;
		ntfs_attr_close(attr);
		(void)ntfs_inode_close(inode);
		if (full)
			break;
	}
	cr_expect(that(made > 100));
	reopen();
	expect_files(folder, 0, 10);
	expect_consistent();
	cr_assert(eq(int, ntfs3g_free_bytes(&it.mount, &free_after, &it.err), 0));
	cr_expect(eq(u64, free_after, free_before));
	disk_release(&it);
}
