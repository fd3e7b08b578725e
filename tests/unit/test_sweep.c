/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sweep.c - sweeps that are cut off, by kill(2) too, against ones that are not */
#include "tests/unit/unit.h"

#include "scan/carve/sweep.h"
#include "scan/casebook_sweep.h"
#include "scan/layer.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DISK_BYTES (64ull << 20)
#define EVERY_BYTES (16ull << 10) /* begins a log page */

static struct error err;

/* -------- a disk with a page of $LogFile here and there -------- */

struct sweeping {
	char           *folder, *disk, *progress;
	struct evidence evidence;
};

static void make_disk(struct sweeping *it)
{
	uint8_t page[4096] = "RCRD";
	FILE   *out;

	put_le16(page + 4, 0x28);
	put_le16(page + 6, 9);
	it->folder = temp_folder();
	it->disk = temp_path(it->folder, "disk.img");
	it->progress = temp_path(it->folder, "case.sweep");
	out = fopen(it->disk, "w");
	cr_assert(that(out != NULL));
	for (uint64_t at = 0; at < DISK_BYTES; at += EVERY_BYTES) {
		put_le64(page + 8, at);
		cr_assert(eq(int, fseeko(out, (off_t)at, SEEK_SET), 0));
		cr_assert(eq(sz, fwrite(page, sizeof page, 1, out), 1));
	}
	cr_assert(eq(int, fclose(out), 0));
	cr_assert(eq(int, truncate(it->disk, (off_t)DISK_BYTES), 0));
	cr_assert(eq(int, evidence_open(&it->evidence, it->disk, NULL, &err), 0), "%s", err.text);
}

static void remove_disk(struct sweeping *it)
{
	evidence_release(&it->evidence);
	free(it->disk);
	free(it->progress);
	temp_remove(it->folder);
}

/* A sweep of all of it.  Returns what sweep_run did. */
static int sweep_all(struct sweeping *it, bool kept, struct sweep *sweep)
{
	struct casebook      book = { 0 };
	struct sweep_options options = { .range = { 0, UINT64_MAX },
					 .threads = 2,
					 .progress = kept ? &book : NULL };
	int                  result;

	if (kept)
		cr_assert(eq(int, casebook_sweep_open(&book, it->progress, &err), 0), "%s", err.text);
	result = sweep_run(&it->evidence, &options, sweep, &err);
	casebook_close(&book);
	return result;
}

static void expect_all(const struct sweep *sweep)
{
	cr_assert(eq(sz, sweep->found.count, DISK_BYTES / EVERY_BYTES));
	for (size_t i = 0; i < sweep->found.count; i++) {
		cr_assert(eq(u64, sweep->found.items[i].offset, i * EVERY_BYTES));
		cr_assert(eq(u64, sweep->found.items[i].when, i * EVERY_BYTES));
	}
}

/* Let a process of its own sweep, and kill it when something has been saved. */
static void sweep_until_killed(struct sweeping *it)
{
	pid_t       child = fork();
	struct stat status;
	int         end;

	cr_assert(ge(int, child, 0));
	if (child == 0) {
		struct sweep sweep = { 0 };

		_exit(sweep_all(it, true, &sweep) == 0 ? 0 : 1);
	}
	while (stat(it->progress, &status) < 0 || status.st_size < 40000)
		usleep(200);
	cr_assert(eq(int, kill(child, SIGKILL), 0));
	cr_assert(eq(int, waitpid(child, &end, 0), child));
}

/* -------- what it finds -------- */

Test(sweep, finds_the_same_whether_it_is_kept_or_not)
{
	struct sweeping it = { 0 };
	struct sweep    plain = { 0 }, kept = { 0 };

	make_disk(&it);
	cr_assert(eq(int, sweep_all(&it, false, &plain), 0), "%s", err.text);
	cr_assert(eq(int, sweep_all(&it, true, &kept), 0), "%s", err.text);
	expect_all(&plain);
	expect_all(&kept);
	cr_expect(eq(u64, kept.resumed, 0));
	sweep_release(&plain);
	sweep_release(&kept);
	remove_disk(&it);
}

Test(sweep, goes_on_where_it_was_killed)
{
	struct sweeping it = { 0 };
	struct sweep    sweep = { 0 };
	uint64_t        before = 0;

	make_disk(&it);
	for (int i = 0; i < 3; i++) {
		sweep_until_killed(&it);
		cr_assert(eq(int, sweep_all(&it, true, &sweep), 0), "%s", err.text);
		expect_all(&sweep);
		cr_expect(gt(u64, sweep.resumed, before));
		sweep_release(&sweep);
	}
	remove_disk(&it);
}

Test(sweep, what_is_through_is_not_swept_again)
{
	struct sweeping it = { 0 };
	struct sweep    sweep = { 0 };

	make_disk(&it);
	cr_assert(eq(int, sweep_all(&it, true, &sweep), 0));
	sweep_release(&sweep);
	cr_assert(eq(int, sweep_all(&it, true, &sweep), 0));
	cr_expect(eq(u64, sweep.resumed, DISK_BYTES));
	expect_all(&sweep);
	sweep_release(&sweep);
	remove_disk(&it);
}

Test(sweep, another_disk_begins_anew)
{
	struct sweeping it = { 0 };
	struct sweep    sweep = { 0 };
	FILE           *disk;

	make_disk(&it);
	cr_assert(eq(int, sweep_all(&it, true, &sweep), 0));
	sweep_release(&sweep);
	disk = fopen(it.disk, "r+");
	cr_assert(that(disk != NULL && fseek(disk, 65536 + 5000, SEEK_SET) == 0 && fputc('x', disk) == 'x' && fclose(disk) == 0));
	cr_assert(eq(int, sweep_all(&it, true, &sweep), 0));
	cr_expect(eq(u64, sweep.resumed, 0));
	expect_all(&sweep);
	sweep_release(&sweep);
	remove_disk(&it);
}

/* An image from before and one from after may have the same size, first and last MiB, and differ between them. */
Test(sweep, a_disk_that_was_written_since_is_swept_anew)
{
	const struct timespec times[] = { { 0, UTIME_OMIT }, { 1000000000, 5 } };
	struct sweeping       it = { 0 };
	struct sweep          sweep = { 0 };

	make_disk(&it);
	cr_assert(eq(int, sweep_all(&it, true, &sweep), 0));
	sweep_release(&sweep);
	cr_assert(eq(int, sweep_all(&it, true, &sweep), 0));
	cr_expect(that(sweep.resumed > 0));
	sweep_release(&sweep);
	cr_assert(eq(int, utimensat(AT_FDCWD, it.disk, times, 0), 0));
	cr_assert(eq(int, sweep_all(&it, true, &sweep), 0));
	cr_expect(eq(u64, sweep.resumed, 0));
	sweep_release(&sweep);
	remove_disk(&it);
}

Test(sweep, disks_of_the_same_looks_are_not_mixed)
{
	struct sweeping it = { 0 };
	struct evidence before;
	struct sweep    sweep = { 0 };
	char           *after;

	make_disk(&it);
	cr_assert(eq(int, sweep_all(&it, true, &sweep), 0));
	sweep_release(&sweep);
	before = it.evidence;
	after = temp_path(it.folder, "after.img");
	cr_assert(eq(int, rename(it.disk, after), 0));
	cr_assert(eq(int, evidence_open(&it.evidence, after, NULL, &err), 0), "%s", err.text);
	cr_assert(eq(int, sweep_all(&it, true, &sweep), 0));
	cr_expect(eq(u64, sweep.resumed, 0));
	expect_all(&sweep);
	sweep_release(&sweep);
	evidence_release(&before);
	free(after);
	remove_disk(&it);
}

/* Decrypted here or there, or there as it is: the same bytes, and not the same sweep. */
Test(sweep, layers_with_the_same_bytes_are_not_mixed)
{
	static const struct place {
		bool     within;
		uint64_t offset, resumed;
	} places[] = { { false, 0, 0 }, { true, 0, 0 }, { true, 4096, 0 }, { true, 0, DISK_BYTES }, { false, 0, DISK_BYTES } };
	struct sweeping it = { 0 };
	struct evidence outer;

	make_disk(&it);
	cr_assert(eq(int, evidence_open(&outer, it.disk, NULL, &err), 0), "%s", err.text);
	for (size_t i = 0; i < COUNT(places); i++) {
		struct layer layer = { .kind = LAYER_BITLOCKER, .offset_bytes = places[i].offset };
		struct sweep sweep = { 0 };

		it.evidence.outer = places[i].within ? &outer : NULL;
		it.evidence.as = places[i].within ? &layer : NULL;
		cr_assert(eq(int, sweep_all(&it, true, &sweep), 0));
		cr_expect(eq(u64, sweep.resumed, places[i].resumed), "place %zu", i);
		expect_all(&sweep);
		sweep_release(&sweep);
	}
	evidence_release(&outer);
	remove_disk(&it);
}

Test(sweep, found_by_its_evidence)
{
	struct evidence disk = { 0 }, within = { 0 }, other = { 0 };
	struct sweep    items[] = { { .evidence = &disk }, { .evidence = &within } };
	struct sweeps   sweeps = { items, 2, 2 };

	cr_expect(that(sweeps_find(&sweeps, &disk) == &items[0]));
	cr_expect(that(sweeps_find(&sweeps, &within) == &items[1]));
	cr_expect(that(!sweeps_find(&sweeps, &other)));
}

Test(sweep, part_is_by_where_artefacts_begin)
{
	struct artefact items[3] = { { .offset = 10 }, { .offset = 20 }, { .offset = 30 } };
	struct sweep    sweep = { .found = { items, 3, 3 } };
	size_t          count;

	cr_expect(that(sweep_part(&sweep, (struct range){ 10, 20 }, &count) == items));
	cr_expect(eq(sz, count, 2));
	cr_expect(that(sweep_part(&sweep, (struct range){ 11, UINT64_MAX }, &count) == items + 1));
	cr_expect(eq(sz, count, 2));
	(void)sweep_part(&sweep, (struct range){ 31, 5 }, &count);
	cr_expect(eq(sz, count, 0));
}

/* -------- what else may lie there -------- */

Test(sweep, one_run_at_a_time)
{
	struct sweeping it = { 0 };
	struct casebook first = { 0 }, second = { 0 };

	make_disk(&it);
	cr_assert(eq(int, casebook_sweep_open(&first, it.progress, &err), 0));
	cr_expect(eq(int, casebook_sweep_open(&second, it.progress, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_REFUSED));
	casebook_close(&second);
	casebook_sweep_discard(&first);
	cr_expect(lt(int, access(it.progress, F_OK), 0));
	casebook_sweep_discard(&first);
	remove_disk(&it);
}

/* Run @sql on the file at @path. */
static void change(const char *path, const char *sql)
{
	struct sqlite3 *database = NULL;

	cr_assert(eq(int, sqlite3_open(path, &database), SQLITE_OK));
	cr_assert(eq(int, sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK), "%s", sqlite3_errmsg(database));
	sqlite3_close(database);
}

Test(sweep, what_is_not_ours_stays)
{
	struct sweeping it = { 0 };
	struct casebook book = { 0 };

	make_disk(&it);
	change(it.progress, "CREATE TABLE photos(id)");
	cr_expect(eq(int, casebook_sweep_open(&book, it.progress, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_REFUSED));
	casebook_close(&book);
	change(it.progress, "SELECT id FROM photos");
	temp_write(it.progress, "a letter of more than a hundred bytes, written by somebody to somebody else, who waits "
				"for it to come, as the post is slow", 121);
	cr_expect(eq(int, casebook_sweep_open(&book, it.progress, &err), -1));
	casebook_close(&book);
	remove_disk(&it);
}

struct damage {
	char name[24];
	char sql[100];
};

ParameterizedTestParameters(sweep, damage_is_refused)
{
	static struct damage cases[] = {
		{ "cut", "UPDATE sweep_part SET artefacts=substr(artefacts,1,7) WHERE id=2" },
		{ "twice", "INSERT INTO sweep_part SELECT NULL,key,artefacts FROM sweep_part WHERE id=1" },
		{ "beyond the disk", "UPDATE sweep SET next=next+1" },
		{ "no kind", "UPDATE sweep_part SET artefacts=zeroblob(12)||x'ff'||substr(artefacts,14) WHERE id=1" },
		{ "offset", "UPDATE sweep_part SET artefacts=x'ffffffffffffff7f'||substr(artefacts,9) WHERE id=1" },
	};
	return CASES(struct damage, cases);
}

ParameterizedTest(struct damage *c, sweep, damage_is_refused)
{
	struct sweeping it = { 0 };
	struct sweep    sweep = { 0 };

	make_disk(&it);
	cr_assert(eq(int, sweep_all(&it, true, &sweep), 0));
	sweep_release(&sweep);
	change(it.progress, c->sql);
	cr_expect(eq(int, sweep_all(&it, true, &sweep), -1), "%s", c->name);
	cr_expect(eq(int, err.kind, ERROR_VALUE), "%s: %s", c->name, err.text);
	sweep_release(&sweep);
	remove_disk(&it);
}
