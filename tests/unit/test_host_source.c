/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_host_source.c - contents of files of the host, also of those that change while they are read */
#include "tests/unit/unit.h"

#include "recover/engine/host_source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define SIZE    (2 * CONTENT_PIECE_BYTES + 4097) /* three pieces */
#define WRITTEN 1000000000

struct given {
	char                *folder, *path;
	struct host_listing  listing;
	struct host_troubles troubles;
	struct host_source   host;
	struct file_source   source;
	struct case_record   record;
	struct verdict       verdict;
	struct error         err;
};

/* What came, and what is done to the file when the first piece does. */
struct taken {
	uint8_t *bytes;
	size_t   count, data; /* of all, and of those that are no holes */
	int (*meanwhile)(const char *path);
	const char *path;
};

static void given_make(struct given *it, const void *data, size_t size)
{
	const struct timespec times[2] = { { WRITTEN, 0 }, { WRITTEN, 0 } };

	*it = (struct given){ .folder = temp_folder(), .listing.fd = -1 };
	it->path = temp_path(it->folder, "file");
	temp_write(it->path, data, size);
	cr_assert(eq(int, utimensat(AT_FDCWD, it->path, times, 0), 0));
}

static void given_list(struct given *it)
{
	struct host_listing_options options = { .letter = 'E', .path = it->folder };

	cr_assert(eq(int, host_listing_read(&it->listing, &options, &it->troubles, &it->err), 0));
	cr_assert(eq(int, host_source_init(&it->host, &it->listing, &it->err), 0));
	it->source = file_source_of_host(&it->host);
}

static void given_release(struct given *it)
{
	case_record_release(&it->record);
	verdict_release(&it->verdict);
	host_source_release(&it->host);
	host_listing_release(&it->listing);
	host_troubles_release(&it->troubles);
	free(it->path);
	temp_remove(it->folder);
}

static int take(void *to, const struct content_piece *piece, struct error *err)
{
	struct taken *taken = to;

	(void)err;
	cr_assert(eq(u64, piece->offset, taken->count));
	if (piece->data) {
		memcpy(taken->bytes + taken->count, piece->data, (size_t)piece->length);
		taken->data += (size_t)piece->length;
	}
	taken->count += (size_t)piece->length;
	if (taken->meanwhile)
		cr_assert(eq(int, taken->meanwhile(taken->path), 0));
	taken->meanwhile = NULL;
	return 0;
}

static void given_read(struct given *it, struct taken *taken, int (*meanwhile)(const char *path))
{
	given_list(it);
	cr_assert(eq(int, host_source_load(&it->host, 1, &it->record, &it->err), 1));
	cr_assert(eq(sz, it->record.streams.count, 1));
	*taken = (struct taken){ .bytes = calloc(1, SIZE), .meanwhile = meanwhile, .path = it->path };
	cr_assert(eq(int, it->source.read(it->source.context, &it->record, &it->record.streams.items[0], take,
					  taken, &it->verdict, &it->err), 0));
}

static struct blob noise(void)
{
	struct blob blob = blob_zero(SIZE);
	uint64_t    seed = 7;

	for (size_t i = 0; i < SIZE; i++)
		blob.at[i] = (uint8_t)dice(&seed);
	return blob;
}

Test(host_source, a_file_in_pieces)
{
	struct given it;
	struct taken taken;
	struct blob  data = noise();

	given_make(&it, data.at, data.size);
	given_read(&it, &taken, NULL);
	cr_expect(that(taken.count == SIZE && memcmp(taken.bytes, data.at, SIZE) == 0));
	cr_expect(eq(int, it.verdict.grade, GRADE_INTACT));
	cr_expect(eq(u64, it.record.file.size_bytes, SIZE));
	cr_expect(eq(sz, it.troubles.count, 0));
	free(taken.bytes);
	free(data.at);
	given_release(&it);
}

Test(host_source, holes_stay_holes)
{
	struct given it;
	struct taken taken;
	struct stat  status;

	given_make(&it, "begin", 5);
	cr_assert(eq(int, truncate(it.path, SIZE), 0));
	cr_assert(eq(int, stat(it.path, &status), 0));
	if (512 * status.st_blocks >= SIZE)
		cr_skip_test("no holes here");
	given_read(&it, &taken, NULL);
	cr_expect(that(it.record.streams.items[0].flags & ATTRIBUTE_SPARSE));
	cr_expect(eq(sz, taken.count, SIZE));
	cr_expect(lt(sz, taken.data, 1 << 17));
	cr_expect(that(memcmp(taken.bytes, "begin", 6) == 0));
	free(taken.bytes);
	given_release(&it);
}

static int write_into(const char *path)
{
	int fd = open(path, O_WRONLY);

	if (pwrite(fd, "changed", 7, SIZE - 7) != 7)
		return -1;
	return close(fd);
}

Test(host_source, a_change_meanwhile_is_told_and_the_file_kept)
{
	struct given it;
	struct taken taken;
	struct blob  data = noise();

	given_make(&it, data.at, data.size);
	given_read(&it, &taken, write_into);
	cr_expect(eq(sz, taken.count, SIZE));
	cr_expect(eq(int, it.verdict.grade, GRADE_INTACT));
	cr_assert(eq(sz, it.troubles.count, 1));
	cr_expect(that(it.troubles.items[0].kept));
	cr_expect(eq(str, it.troubles.items[0].path, "E:\\file"));
	cr_expect(not(it.listing.entries.items[1].left_out));
	free(taken.bytes);
	free(data.at);
	given_release(&it);
}

static int cut(const char *path)
{
	return truncate(path, CONTENT_PIECE_BYTES + 1);
}

Test(host_source, a_file_that_ends_before_its_size_is_left_out)
{
	struct given it;
	struct taken taken;
	struct blob  data = noise();

	given_make(&it, data.at, data.size);
	given_read(&it, &taken, cut);
	cr_expect(eq(int, it.verdict.grade, GRADE_LOST));
	cr_assert(eq(sz, it.troubles.count, 1));
	cr_expect(not(it.troubles.items[0].kept));
	cr_expect(that(it.listing.entries.items[1].left_out));
	free(taken.bytes);
	free(data.at);
	given_release(&it);
}

Test(host_source, zeros_of_a_file_that_was_cut_are_no_hole)
{
	struct given it;
	struct taken taken;
	struct stat  status;

	given_make(&it, "begin", 5); /* all but its begin is a hole, and after the cut nothing */
	cr_assert(eq(int, truncate(it.path, SIZE), 0));
	cr_assert(eq(int, stat(it.path, &status), 0));
	if (512 * status.st_blocks >= SIZE)
		cr_skip_test("no holes here");
	given_read(&it, &taken, cut);
	cr_expect(eq(int, it.verdict.grade, GRADE_LOST));
	cr_expect(that(it.listing.entries.items[1].left_out));
	free(taken.bytes);
	given_release(&it);
}

Test(host_source, facts_are_those_of_the_moment_of_opening)
{
	struct given it;

	given_make(&it, "old", 3);
	given_list(&it);
	temp_write(it.path, "longer", 6);
	cr_assert(eq(int, host_source_load(&it.host, 1, &it.record, &it.err), 1));
	cr_expect(eq(u64, it.record.file.size_bytes, 6));
	cr_expect(eq(u64, it.record.streams.items[0].size_bytes, 6));
	cr_expect(eq(u64, it.listing.entries.items[1].size_bytes, 6));
	cr_expect(ne(u64, it.record.file.times.written, 116444736000000000ull + WRITTEN * 10000000ull));
	given_release(&it);
}

Test(host_source, a_file_that_is_gone_is_left_out_and_told)
{
	struct given it;

	given_make(&it, "x", 1);
	given_list(&it);
	cr_assert(eq(int, unlink(it.path), 0));
	cr_expect(eq(int, host_source_load(&it.host, 1, &it.record, &it.err), 0));
	cr_assert(eq(sz, it.troubles.count, 1));
	cr_expect(eq(int, it.troubles.items[0].sys, ENOENT));
	cr_expect(that(it.listing.entries.items[1].left_out));
	given_release(&it);
}

Test(host_source, a_file_that_became_a_pipe_is_left_out)
{
	struct given it;

	given_make(&it, "x", 1);
	given_list(&it);
	cr_assert(eq(int, unlink(it.path), 0));
	cr_assert(eq(int, mkfifo(it.path, 0644), 0));
	cr_expect(eq(int, host_source_load(&it.host, 1, &it.record, &it.err), 0)); /* and does not wait */
	cr_expect(eq(sz, it.troubles.count, 1));
	given_release(&it);
}
