/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_evidence.c - expected values: evidence.h */
#include "tests/unit/unit.h"

#include "scan/layer.h"

#include <fcntl.h>
#include <unistd.h>

struct opened {
	char           *folder;
	struct evidence evidence;
	struct ranges   holes;
};

static uint8_t pattern(uint64_t at)
{
	return (uint8_t)(at * 7 + at / 256 + 1);
}

/* A file of @size bytes of the pattern from @start on. */
static void write_part(struct opened *it, const char *name, uint64_t start, size_t size)
{
	struct blob data = blob_zero(size);
	char       *path = temp_path(it->folder, name);

	for (size_t i = 0; i < size; i++)
		data.at[i] = pattern(start + i);
	temp_write(path, data.at, size);
	free(data.at);
	free(path);
}

static int open_it(struct opened *it, const char *name, const char *map, struct error *err)
{
	char *path = temp_path(it->folder, name), *map_path = NULL;
	int   result;

	if (map) {
		map_path = temp_path(it->folder, "map");
		temp_write(map_path, map, strlen(map));
	}
	result = evidence_open(&it->evidence, path, map_path, err);
	free(path);
	free(map_path);
	return result;
}

static struct opened begin(void)
{
	return (struct opened){ .folder = temp_folder() };
}

static void end(struct opened *it)
{
	evidence_release(&it->evidence);
	array_release(&it->holes);
	temp_remove(it->folder);
}

/* Read and compare: the pattern, but zeros in the @count holes of @wanted, which are reported. */
static void expect_read(struct opened *it, uint64_t offset, size_t length, const struct range *wanted, size_t count)
{
	struct blob  buffer = blob_zero(length);
	struct range hole;
	struct error err;

	memset(buffer.at, 0xee, length);
	it->holes.count = 0;
	cr_assert(eq(int, evidence_read(&it->evidence, offset, buffer.at, length, &it->holes, &err), 0));
	cr_assert(eq(sz, it->holes.count, count), "from %u on", (unsigned)offset);
	for (size_t i = 0; i < count; i++) {
		cr_expect(eq(u64, it->holes.items[i].start, wanted[i].start));
		cr_expect(eq(u64, it->holes.items[i].length, wanted[i].length));
	}
	for (size_t i = 0; i < length; i++)
		cr_assert(eq(u8, buffer.at[i],
			     ranges_overlap(&it->holes, offset + i, 1, &hole) ? 0 : pattern(offset + i)),
			  "byte %zu", i);
	free(buffer.at);
}

Test(evidence, raw_file)
{
	struct opened it = begin();
	struct error  err;

	write_part(&it, "disk.img", 0, 5000);
	cr_assert(eq(int, open_it(&it, "disk.img", NULL, &err), 0), "%s", err.text);
	cr_expect(eq(u64, it.evidence.size_bytes, 5000));
	cr_expect(eq(str, (char *)it.evidence.format, "raw"));
	expect_read(&it, 0, 5000, NULL, 0);
	expect_read(&it, 4999, 1, NULL, 0);
	expect_read(&it, 17, 0, NULL, 0);
	for (size_t i = 0; i < it.evidence.segment_count; i++)
		cr_expect(eq(int, fcntl(it.evidence.segments[i].fd, F_GETFL) & O_ACCMODE, O_RDONLY));
	end(&it);
}

Test(evidence, what_lies_behind_the_end_is_unreadable)
{
	struct opened             it = begin();
	struct error              err;
	static const struct range tail = { 5000, 1000 }, behind = { 70000, 8 };
	static const struct range far = { UINT64_MAX - 100, 100 };

	write_part(&it, "disk.img", 0, 5000);
	cr_assert(eq(int, open_it(&it, "disk.img", NULL, &err), 0));
	expect_read(&it, 4000, 2000, &tail, 1);
	expect_read(&it, 70000, 8, &behind, 1);
	expect_read(&it, UINT64_MAX - 100, 100, &far, 1);
	cr_expect(eq(u64, evidence_unreadable(&it.evidence), 0), "an end is no damage");
	end(&it);
}

Test(evidence, holes_of_the_map_are_unreadable_and_zero)
{
	static const char map[] = "# Mapfile\n0x0 +\n0x0 0x400 +\n0x400 0x200 -\n0x600 0xA00 +\n0x1000 0x100 ?\n0x1100 0x288 +\n";
	static const struct range both[] = { { 0x400, 0x200 }, { 0x1000, 0x100 } }, part = { 0x500, 0x100 };
	static const struct range inside = { 0x410, 0x20 };
	struct opened it = begin();
	struct error  err;

	write_part(&it, "disk.img", 0, 5000); /* the tool left something there */
	cr_assert(eq(int, open_it(&it, "disk.img", map, &err), 0), "%s", err.text);
	cr_expect(that(it.evidence.mapped));
	expect_read(&it, 0, 5000, both, 2);
	expect_read(&it, 0x500, 0x300, &part, 1);
	expect_read(&it, 0x410, 0x20, &inside, 1);
	expect_read(&it, 0x600, 0xa00, NULL, 0);
	cr_expect(eq(u64, evidence_unreadable(&it.evidence), 0x300), "each byte once, however often it was met");
	end(&it);
}

/* 300 bytes at 1000 could not be read; of the layer at 500 those from 600 to 900, at 1100 and on, and some at 0. */
Test(evidence, unreadable_within_counts_once_where_it_lies_at_the_same_place)
{
	struct range    outer_range = { 1000, 300 }, inner_ranges[] = { { 0, 10 }, { 600, 300 } };
	struct evidence inner = { .unreadable = { inner_ranges, 2, 2 } };
	struct layer    layer = { .kind = LAYER_BITLOCKER, .state = LAYER_ENTERED, .offset_bytes = 500, .evidence = &inner };
	struct layer   *layers[] = { &layer };
	struct evidence outer = { .unreadable = { &outer_range, 1, 1 }, .within = { layers, 1, 1 } };

	cr_expect(eq(u64, evidence_unreadable(&outer), 300 + 10 + 100));
	layer.kind = LAYER_SHADOW; /* its bytes lie anywhere */
	cr_expect(eq(u64, evidence_unreadable(&outer), 300 + 10 + 300));
}

Test(evidence, map_that_ends_early_leaves_the_rest_unreadable)
{
	static const struct range rest = { 0x400, 5000 - 0x400 };
	struct opened             it = begin();
	struct error              err;

	write_part(&it, "disk.img", 0, 5000);
	cr_assert(eq(int, open_it(&it, "disk.img", "0 +\n0 0x400 +\n", &err), 0));
	expect_read(&it, 0, 5000, &rest, 1);
	end(&it);
}

struct segments {
	const char *first, *second, *third;
};

Test(evidence, segments_of_a_split_image_are_joined)
{
	static const struct segments cases[] = {
		{ "d.001", "d.002", "d.003" }, { "d.000", "d.001", "d.002" },
		{ "d.aa", "d.ab", "d.ac" },    { "d.aaa", "d.aab", "d.aac" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct opened it = begin();
		struct error  err;

		write_part(&it, cases[i].first, 0, 1000);
		write_part(&it, cases[i].second, 1000, 513);
		write_part(&it, cases[i].third, 1513, 7);
		cr_assert(eq(int, open_it(&it, cases[i].first, NULL, &err), 0), "%s: %s", cases[i].first, err.text);
		cr_expect(eq(u64, it.evidence.size_bytes, 1520), "%s", cases[i].first);
		cr_expect(eq(str, (char *)it.evidence.format, "split raw"), "%s", cases[i].first);
		cr_expect(eq(sz, it.evidence.path_count, 3), "%s", cases[i].first);
		for (uint64_t at = 0; at < 1520; at += 91)
			expect_read(&it, at, 1520 - at, NULL, 0);
		end(&it);
	}
}

Test(evidence, segments_count_on_past_nine)
{
	struct opened it = begin();
	struct error  err;
	char          name[16];

	for (unsigned i = 1; i <= 11; i++) {
		snprintf(name, sizeof name, "d.%03u", i);
		write_part(&it, name, (i - 1) * 10, 10);
	}
	cr_assert(eq(int, open_it(&it, "d.001", NULL, &err), 0));
	cr_expect(eq(u64, it.evidence.size_bytes, 110));
	expect_read(&it, 0, 110, NULL, 0);
	end(&it);
}

Test(evidence, one_segment_alone_is_raw)
{
	struct opened it = begin();
	struct error  err;

	write_part(&it, "d.001", 0, 700);
	write_part(&it, "d.003", 0, 700);
	cr_assert(eq(int, open_it(&it, "d.001", NULL, &err), 0));
	cr_expect(eq(str, (char *)it.evidence.format, "raw"));
	cr_expect(eq(u64, it.evidence.size_bytes, 700));
	end(&it);
}

Test(evidence, what_cannot_be_evidence_is_refused)
{
	struct opened it = begin();
	struct error  err;

	cr_expect(eq(int, open_it(&it, "missing.img", NULL, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_IO));
	evidence_release(&it.evidence);
	cr_expect(eq(int, open_it(&it, ".", NULL, &err), -1), "a directory");
	evidence_release(&it.evidence);
	write_part(&it, "empty.img", 0, 0);
	cr_expect(eq(int, open_it(&it, "empty.img", NULL, &err), -1));
	evidence_release(&it.evidence);
	write_part(&it, "text.E01", 0, 2000);
	cr_expect(eq(int, open_it(&it, "text.E01", NULL, &err), -1), "no container, whatever its name");
	evidence_release(&it.evidence);
	write_part(&it, "disk.img", 0, 1000);
	cr_expect(eq(int, open_it(&it, "disk.img", "this is no map\n", &err), -1));
	cr_expect(eq(int, err.kind, ERROR_VALUE));
	evidence_release(&it.evidence);
	cr_expect(eq(int, evidence_open(&it.evidence, "/dev/null", NULL, &err), -1));
	end(&it);
}

Test(evidence, holds_its_own_files_by_any_name)
{
	struct opened it = begin();
	struct error  err;
	char         *path, *link, *other, *symbolic;

	write_part(&it, "d.001", 0, 700);
	write_part(&it, "d.002", 700, 700);
	write_part(&it, "other.img", 0, 10);
	cr_assert(eq(int, open_it(&it, "d.001", NULL, &err), 0));
	path = temp_path(it.folder, "d.002");
	link = temp_path(it.folder, "link.img");
	symbolic = temp_path(it.folder, "symbolic.img");
	other = temp_path(it.folder, "other.img");
	cr_assert(that(linkat(AT_FDCWD, path, AT_FDCWD, link, 0) == 0 && symlink("d.001", symbolic) == 0));
	cr_expect(that(evidence_holds(&it.evidence, path)));
	cr_expect(that(evidence_holds(&it.evidence, link)));
	cr_expect(that(evidence_holds(&it.evidence, symbolic)));
	cr_expect(that(!evidence_holds(&it.evidence, other)));
	cr_expect(that(!evidence_holds(&it.evidence, it.folder)));
	free(path);
	free(link);
	free(symbolic);
	path = temp_path(it.folder, "new/folder/x");
	cr_expect(that(!evidence_holds(&it.evidence, path)), "need not exist");
	free(path);
	free(other);
	end(&it);
}
