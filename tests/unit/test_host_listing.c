/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_host_listing.c - folders of the host: what is listed, in which order, and what is told */
#include "tests/unit/unit.h"

#include "core/ntfs_time.h"
#include "recover/engine/host_listing.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define WRITTEN 1000000000 /* 2001-09-09 01:46:40 UTC */

struct host {
	char                *folder;
	struct host_listing  listing;
	struct host_troubles troubles;
	struct error         err;
};

static void make_folder(const char *folder, const char *name)
{
	char *path = temp_path(folder, name);

	cr_assert(eq(int, mkdir(path, 0755), 0));
	free(path);
}

static void make_file(const char *folder, const char *name, const char *text)
{
	char *path = temp_path(folder, name);

	temp_write(path, text, strlen(text));
	free(path);
}

static void host_make(struct host *it)
{
	*it = (struct host){ .folder = temp_folder(), .listing.fd = -1 };
	make_folder(it->folder, "b");
	make_folder(it->folder, "b/deep");
	make_folder(it->folder, "a");
	make_file(it->folder, "b/deep/x", "12345");
	make_file(it->folder, "b/\xc3\xa4", "");
	make_file(it->folder, "Z", "1");
}

static int host_read(struct host *it, const char *const *trees, size_t count)
{
	struct host_listing_options options = {
		.letter = 'E', .path = it->folder, .trees = trees, .tree_count = count
	};

	return host_listing_read(&it->listing, &options, &it->troubles, &it->err);
}

static void host_release(struct host *it)
{
	host_listing_release(&it->listing);
	host_troubles_release(&it->troubles);
	temp_remove(it->folder);
}

/* Names as they are listed, each behind a blank. */
static void expect_names(const struct host *it, const char *wanted)
{
	char   text[1000] = "";
	size_t at = 0;

	for (size_t i = 1; i < it->listing.entries.count; i++)
		at += (size_t)snprintf(text + at, sizeof text - at, " %s",
				       host_listing_name(&it->listing, &it->listing.entries.items[i]));
	cr_expect(eq(str, text, (char *)wanted));
}

static const struct host_entry *find_entry(const struct host *it, const char *name)
{
	for (size_t i = 1; i < it->listing.entries.count; i++)
		if (strcmp(host_listing_name(&it->listing, &it->listing.entries.items[i]), name) == 0)
			return &it->listing.entries.items[i];
	cr_fatal("%s is not listed", name);
}

static void expect_trouble(const struct host *it, size_t number, const char *path, const char *why)
{
	cr_assert(gt(sz, it->troubles.count, number), "%s", path);
	cr_expect(eq(str, it->troubles.items[number].path, (char *)path));
	cr_expect(eq(str, (char *)it->troubles.items[number].why, (char *)why));
	cr_expect(not(it->troubles.items[number].kept));
}

Test(host_listing, directories_come_before_what_is_in_them_and_names_by_their_bytes)
{
	struct host              it;
	const struct host_entry *entry;

	host_make(&it);
	cr_assert(eq(int, host_read(&it, NULL, 0), 0));
	expect_names(&it, " Z a b deep \xc3\xa4 x");
	entry = find_entry(&it, "deep");
	cr_expect(that(entry->directory && entry->depth == 2 && entry->count == 1));
	cr_expect(eq(str, (char *)host_listing_name(&it.listing, &it.listing.entries.items[entry->first]), "x"));
	cr_expect(eq(str, (char *)host_listing_name(&it.listing, &it.listing.entries.items[entry->parent]), "b"));
	cr_expect(eq(sz, it.troubles.count, 0));
	host_release(&it);
}

Test(host_listing, facts_of_a_file)
{
	struct host              it;
	char                    *path;
	const struct timespec    times[2] = { { WRITTEN + 1, 0 }, { WRITTEN, 123456789 } };
	const struct host_entry *entry;

	host_make(&it);
	path = temp_path(it.folder, "b/deep/x");
	cr_assert(eq(int, utimensat(AT_FDCWD, path, times, 0), 0));
	cr_assert(eq(int, host_read(&it, NULL, 0), 0));
	entry = find_entry(&it, "x");
	cr_expect(eq(u64, entry->size_bytes, 5));
	cr_expect(eq(u64, entry->times.written, NTFS_TIME_UNIX_EPOCH + WRITTEN * 10000000ull + 1234567));
	cr_expect(eq(u64, entry->times.accessed, NTFS_TIME_UNIX_EPOCH + (WRITTEN + 1) * 10000000ull));
	cr_expect(eq(u32, entry->attributes, FILE_IS_ARCHIVE));
	cr_expect(not(entry->directory));
	free(path);
	host_release(&it);
}

struct tree_case {
	char trees[2][32];
	int  count;
	char names[32];
	char absent[32]; /* that host_listing_has does not find, "" none */
};

ParameterizedTestParameters(host_listing, trees)
{
	static struct tree_case cases[] = {
		{ { "\\b" }, 1, " b deep \xc3\xa4 x", "\\a" },
		{ { "/B/Deep/" }, 1, " b deep x", "\\b\\deep\\x" },
		{ { "\\a", "\\b\\deep" }, 2, " a b deep x", "\\Z" },
		{ { "\\b\\deep", "\\b" }, 2, " b deep \xc3\xa4 x", "\\b\\other" },
		{ { "\\" }, 1, " Z a b deep \xc3\xa4 x", "\\c" },
		{ { "\\nowhere" }, 1, "", "\\b" },
		{ { "\\b\\nowhere" }, 1, " b", "\\b\\nowhere" },
		{ { "\\Z\\nowhere" }, 1, "", "\\Z\\nowhere" },
	};
	return CASES(struct tree_case, cases);
}

ParameterizedTest(struct tree_case *c, host_listing, trees)
{
	struct host it;
	const char *trees[] = { c->trees[0], c->trees[1] };

	host_make(&it);
	cr_assert(eq(int, host_read(&it, trees, (size_t)c->count), 0));
	expect_names(&it, c->names);
	cr_expect(not(host_listing_has(&it.listing, c->absent)));
	if (!strstr(c->trees[0], "nowhere"))
		cr_expect(host_listing_has(&it.listing, c->trees[0]));
	host_release(&it);
}

Test(host_listing, a_tree_that_is_a_file_is_refused)
{
	struct host it;
	const char *tree = "\\b\\deep\\x";

	host_make(&it);
	cr_expect(eq(int, host_read(&it, &tree, 1), -1));
	cr_expect(eq(int, it.err.kind, ERROR_USAGE));
	host_release(&it);
}

Test(host_listing, what_cannot_be_taken_is_told_in_order)
{
	struct host it;
	char       *path;

	host_make(&it);
	path = temp_path(it.folder, "b/link");
	cr_assert(eq(int, symlink("deep", path), 0));
	free(path);
	path = temp_path(it.folder, "pipe");
	cr_assert(eq(int, mkfifo(path, 0644), 0));
	free(path);
	make_file(it.folder, "bad\xff", "");
	make_file(it.folder, "slash\xc0\xaf", "");
	cr_assert(eq(int, host_read(&it, NULL, 0), 0));
	expect_names(&it, " Z a b deep \xc3\xa4 x");
	cr_expect(eq(sz, it.troubles.count, 4));
	expect_trouble(&it, 0, "E:\\bad\xff", "has a name that is no UTF-8");
	expect_trouble(&it, 1, "E:\\pipe", "is neither a file nor a folder");
	expect_trouble(&it, 2, "E:\\slash\xc0\xaf", "has a name that is no UTF-8");
	expect_trouble(&it, 3, "E:\\b\\link", "is a symbolic link");
	host_release(&it);
}

Test(host_listing, what_is_outside_of_the_trees_is_not_told)
{
	struct host it;
	const char *tree = "\\a";
	char       *path;

	host_make(&it);
	path = temp_path(it.folder, "link");
	cr_assert(eq(int, symlink("a", path), 0));
	free(path);
	cr_assert(eq(int, host_read(&it, &tree, 1), 0));
	cr_expect(eq(sz, it.troubles.count, 0));
	host_release(&it);
}

Test(host_listing, an_image_under_work_is_left_out)
{
	struct host                 it;
	struct stat                 image;
	char                       *path;
	struct host_listing_options options = { .letter = 'E', .excluded = &image, .excluded_count = 1 };

	host_make(&it);
	path = temp_path(it.folder, "Z");
	cr_assert(eq(int, stat(path, &image), 0));
	options.path = it.folder;
	cr_assert(eq(int, host_listing_read(&it.listing, &options, &it.troubles, &it.err), 0));
	expect_names(&it, " a b deep \xc3\xa4 x");
	expect_trouble(&it, 0, "E:\\Z", "is the disk that the store is made on");
	free(path);
	host_release(&it);
}

Test(host_listing, folders_too_deep_are_told)
{
	struct host it;
	int         fd, next;
	size_t      depth = 0;

	host_make(&it);
	fd = open(it.folder, O_RDONLY | O_DIRECTORY);
	for (unsigned i = 0; i < HOST_DEPTH_MAX + 5; i++) {
		cr_assert(eq(int, mkdirat(fd, "n", 0755), 0));
		next = openat(fd, "n", O_RDONLY | O_DIRECTORY);
		close(fd);
		fd = next;
	}
	close(fd);
	cr_assert(eq(int, host_read(&it, NULL, 0), 0));
	for (size_t i = 0; i < it.listing.entries.count; i++)
		if (it.listing.entries.items[i].depth > depth)
			depth = it.listing.entries.items[i].depth;
	cr_expect(eq(sz, depth, HOST_DEPTH_MAX));
	cr_assert(eq(sz, it.troubles.count, 1));
	cr_expect(eq(str, (char *)it.troubles.items[0].why, "lies too deep"));
	host_release(&it);
}

Test(host_listing, a_folder_that_became_a_link_is_not_opened)
{
	struct host it;
	char       *path, *aside;
	size_t      entry;

	host_make(&it);
	cr_assert(eq(int, host_read(&it, NULL, 0), 0));
	entry = (size_t)(find_entry(&it, "x") - it.listing.entries.items);
	path = temp_path(it.folder, "b/deep");
	aside = temp_path(it.folder, "b/aside");
	cr_assert(eq(int, rename(path, aside), 0));
	cr_assert(eq(int, symlink("aside", path), 0));
	cr_expect(eq(int, host_listing_open(&it.listing, entry), -1));
	free(path);
	free(aside);
	host_release(&it);
}

Test(host_listing, a_folder_that_is_not_there)
{
	struct host                 it = { .listing.fd = -1 };
	struct host_listing_options options = { .letter = 'E', .path = "/nowhere/at/all" };

	cr_expect(eq(int, host_listing_read(&it.listing, &options, &it.troubles, &it.err), -1));
	cr_expect(eq(int, it.err.kind, ERROR_IO));
	host_listing_release(&it.listing);
}
