/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_ntfs3g_lend.c - libwim, which mounts by itself, applies an image over a transaction of ours */
#include "recover/ntfs3g.h"
#include "scan/check.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <unistd.h>
#include <wimlib.h>

#define LARGE_BYTES 300000u

struct loan {
	char              *folder, *image, *wim;
	struct blob        before; /* the image as it was formatted */
	struct blob        large;
	struct transaction transaction;
};

/* "small", its second name "sub\again", "sub\large", "empty folder": in an image of a WIM. */
static void make_wim(struct loan *loan)
{
	char         *tree = temp_path(loan->folder, "tree"), *sub = temp_path(tree, "sub");
	char         *empty = temp_path(tree, "empty folder"), *small = temp_path(tree, "small");
	char         *again = temp_path(sub, "again"), *large = temp_path(sub, "large");
	uint64_t      seed = 7;
	WIMStruct    *wim;

	loan->large = blob_zero(LARGE_BYTES);
	for (size_t i = 0; i < loan->large.size; i++)
		loan->large.at[i] = (uint8_t)dice(&seed);
	cr_assert(mkdir(tree, 0777) == 0);
	cr_assert(mkdir(sub, 0777) == 0);
	cr_assert(mkdir(empty, 0777) == 0);
	temp_write(small, "a new system", 12);
	temp_write(large, loan->large.at, loan->large.size);
	cr_assert(link(small, again) == 0);
	cr_assert(eq(int, wimlib_create_new_wim(WIMLIB_COMPRESSION_TYPE_XPRESS, &wim), 0));
	cr_assert(eq(int, wimlib_add_image(wim, tree, "system", NULL, 0), 0));
	cr_assert(eq(int, wimlib_write(wim, loan->wim, WIMLIB_ALL_IMAGES, 0, 1), 0));
	wimlib_free(wim);
	free(tree);
	free(sub);
	free(empty);
	free(small);
	free(again);
	free(large);
}

/* Apply the WIM over the transaction, which stays uncommitted. */
static void apply(struct loan *loan)
{
	struct replay_report report;
	struct error         err;
	WIMStruct           *wim;
	int                  status;

	cr_assert(eq(int, transaction_open(&loan->transaction, loan->image, 0, &report, &err), 0), "%s", err.text);
	cr_assert(eq(int, transaction_begin(&loan->transaction, "apply", 1, &err), 0), "%s", err.text);
	ntfs3g_lend(&loan->transaction);
	cr_assert(eq(int, wimlib_open_wim(loan->wim, 0, &wim), 0));
	status = wimlib_extract_image(wim, 1, NTFS3G_LENT, WIMLIB_EXTRACT_FLAG_NTFS);
	cr_assert(eq(int, status, 0), "%s",
		  wimlib_get_error_string((enum wimlib_error_code)status));
	wimlib_free(wim);
	ntfs3g_lend(NULL);
}

static void loan_make(struct loan *loan)
{
	*loan = (struct loan){ .folder = temp_folder() };
	loan->image = temp_ntfs(loan->folder, "volume.img", 24, "");
	loan->wim = temp_path(loan->folder, "system.wim");
	loan->before = temp_read(loan->image);
	make_wim(loan);
	apply(loan);
}

static void loan_release(struct loan *loan)
{
	free(loan->before.at);
	free(loan->large.at);
	free(loan->image);
	free(loan->wim);
	temp_remove(loan->folder);
}

/* The volume by the library alone: its ntfs_mount gets every name but that of the loan. */
static ntfs_volume *plain_mount(const struct loan *loan)
{
	ntfs_volume *volume = ntfs_mount(loan->image, NTFS_MNT_NONE);

	cr_assert(ne(ptr, volume, NULL), "%s", strerror(errno));
	cr_expect(eq(ptr, volume->dev->d_ops, &ntfs_device_default_io_ops));
	return volume;
}

static bool is_there(ntfs_volume *volume, const char *path)
{
	ntfs_inode *inode = ntfs_pathname_to_inode(volume, NULL, path);

	return inode && ntfs_inode_close(inode) == 0;
}

/* Does the file hold exactly these bytes, and have so many names? */
static void expect_file(ntfs_volume *volume, const char *path, const void *data, size_t size, uint16_t names)
{
	ntfs_inode *inode = ntfs_pathname_to_inode(volume, NULL, path);
	struct blob got = blob_zero(size + 1);
	ntfs_attr  *attr;

	cr_assert(ne(ptr, inode, NULL), "%s", path);
	attr = ntfs_attr_open(inode, AT_DATA, AT_UNNAMED, 0);
	cr_assert(ne(ptr, attr, NULL), "%s", path);
	cr_expect(eq(i64, ntfs_attr_pread(attr, 0, (s64)got.size, got.at), (s64)size), "%s", path);
	cr_expect(that(memcmp(got.at, data, size) == 0), "%s", path);
	cr_expect(eq(u16, le16_to_cpu(inode->mrec->link_count), names), "%s", path);
	ntfs_attr_close(attr);
	cr_assert(eq(int, ntfs_inode_close(inode), 0));
	free(got.at);
}

static void expect_consistent(const char *path)
{
	struct evidence evidence;
	struct volumes  volumes = { 0 };
	struct findings findings;
	struct check    check = { 0 };
	struct error    err;

	findings_init(&findings);
	cr_assert(eq(int, evidence_open(&evidence, path, NULL, &err), 0));
	cr_assert(eq(int, volumes_find(&evidence, &(struct selection){ 0 }, &volumes, &findings, &err), 0));
	cr_assert(eq(int, check_volume(&check, &volumes.items[0], 2, &err), 0));
	cr_expect(eq(u64, check.problem_count, 0), "%s",
		  check.problem_count ? check.problems.items[0].text : "");
	cr_expect(not(check.state.dirty));
	check_release(&check);
	array_release(&volumes);
	findings_release(&findings);
	evidence_release(&evidence);
}

/* Bytes that have changed in clusters that were in use and are not the log's. */
static uint64_t changed_in_use(const struct loan *loan)
{
	const struct space_map *map = &loan->transaction.map;
	struct blob             now = temp_read(loan->image);
	uint64_t                changed = 0, elsewhere = 0;

	cr_assert(eq(sz, now.size, loan->before.size));
	for (size_t at = 0; at < now.size; at++) {
		if (now.at[at] == loan->before.at[at])
			continue;
		changed += !space_map_is_log(map, at, 1) && !space_map_is_free(map, at, 1);
		elsewhere++;
	}
	cr_expect(gt(u64, elsewhere, LARGE_BYTES / 2)); /* contents went to free clusters at once */
	free(now.at);
	return changed;
}

Test(ntfs3g_lend, what_is_not_committed_never_happened)
{
	struct loan   loan;
	struct ntfs3g mount;
	struct error  err;
	ntfs_volume  *volume;

	loan_make(&loan);
	cr_expect(eq(u64, changed_in_use(&loan), 0));
	transaction_close(&loan.transaction);
	cr_assert(eq(int, ntfs3g_mount(&mount, loan.image, 0, &err), 0), "%s", err.text);
	cr_expect(that(mount.replay.found && !mount.replay.finished));
	cr_expect(eq(int, ntfs3g_unmount(&mount, &err), 0));
	volume = plain_mount(&loan);
	cr_expect(not(is_there(volume, "/small")));
	cr_expect(not(is_there(volume, "/sub")));
	cr_assert(eq(int, ntfs_umount(volume, FALSE), 0));
	expect_consistent(loan.image);
	loan_release(&loan);
}

Test(ntfs3g_lend, what_is_committed_holds)
{
	struct loan  loan;
	struct error err;
	ntfs_volume *volume;

	loan_make(&loan);
	cr_assert(eq(int, transaction_commit(&loan.transaction, 0, &err), 0), "%s", err.text);
	cr_assert(eq(int, transaction_end(&loan.transaction, &err), 0), "%s", err.text);
	transaction_close(&loan.transaction);
	expect_consistent(loan.image);
	volume = plain_mount(&loan);
	expect_file(volume, "/small", "a new system", 12, 2);
	expect_file(volume, "/sub/again", "a new system", 12, 2);
	expect_file(volume, "/sub/large", loan.large.at, loan.large.size, 1);
	cr_expect(that(is_there(volume, "/empty folder")));
	cr_assert(eq(int, ntfs_umount(volume, FALSE), 0));
	loan_release(&loan);
}

Test(ntfs3g_lend, nothing_is_lent_unasked)
{
	errno = 0;
	cr_expect(eq(ptr, ntfs_mount(NTFS3G_LENT, NTFS_MNT_NONE), NULL));
	cr_expect(eq(int, errno, EBUSY));
}
