/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_casebook_walk.c - expected values: casebook_walk.h */
#include "tests/unit/unit.h"

#include "scan/casebook_walk.h"

#define OK(call) cr_assert(eq(int, (call), 0), "%s", it.err.text)

struct walk_book {
	struct casebook book;
	struct error    err;
	int64_t         seen[8];
	size_t          count, stop_at;
};

static void add(struct walk_book *book, int64_t id, int64_t volume, uint64_t record, uint16_t sequence)
{
#define it (*book)
	struct case_record file = { .file = { .id = id, .volume = volume, .record = record, .sequence = sequence,
					      .grade = GRADE_INTACT } };

	OK(case_record_add_name(&file, (struct case_name){ .path = "\\x", .offset = 9 }, &it.err));
	case_record_settle(&file);
	OK(casebook_add_file(&it.book, &file, &it.err));
	case_record_release(&file);
#undef it
}

static void begin(struct walk_book *book)
{
#define it (*book)
	struct case_store store = { .id = 1, .path = "", .kind = "usmt", .state = "live" };

	it = (struct walk_book){ .stop_at = SIZE_MAX };
	OK(casebook_create(&it.book, NULL, &it.err));
	OK(casebook_add_store(&it.book, &store, &it.err));
	add(book, 1, 2, 30, 1);
	add(book, 2, 1, 40, 2);
	add(book, 3, 1, 40, 1);
	add(book, 4, 1, 7, 1);
	OK(casebook_add_member(&it.book, 1, 2, true, &it.err));
	OK(casebook_add_member(&it.book, 1, 4, false, &it.err));
	OK(casebook_add_member(&it.book, CASE_BESIDE, 3, false, &it.err));
	OK(casebook_publish(&it.book, &it.err));
#undef it
}

static int see(void *context, const struct case_record *record, struct error *err)
{
	struct walk_book *it = context;

	cr_assert(eq(sz, record->names.count, 1));
	cr_expect(eq(str, (char *)record->names.items[0].path, "\\x"));
	it->seen[it->count++] = record->file.id;
	return it->count == it->stop_at ? error_set(err, ERROR_VALUE, NULL, "enough") : 0;
}

static void expect_seen(const struct walk_book *it, const int64_t *wanted, size_t count)
{
	cr_assert(eq(sz, it->count, count));
	for (size_t i = 0; i < count; i++)
		cr_expect(eq(i64, it->seen[i], wanted[i]), "%zu", i);
}

Test(casebook_walk, by_volume_record_and_life)
{
	struct walk_book it;

	begin(&it);
	OK(casebook_walk(&it.book, CASE_VOLUMES_ALL, see, &it, &it.err));
	expect_seen(&it, (int64_t[]){ 4, 3, 2, 1 }, 4);
	it.count = 0;
	OK(casebook_walk(&it.book, 2, see, &it, &it.err));
	expect_seen(&it, (int64_t[]){ 1 }, 1);
	it.count = 0;
	OK(casebook_walk(&it.book, 9, see, &it, &it.err));
	expect_seen(&it, NULL, 0);
	casebook_close(&it.book);
}

Test(casebook_walk, ends_when_told_and_can_begin_again)
{
	struct walk_book it;

	begin(&it);
	it.stop_at = 2;
	cr_expect(eq(int, casebook_walk(&it.book, CASE_VOLUMES_ALL, see, &it, &it.err), -1));
	expect_seen(&it, (int64_t[]){ 4, 3 }, 2);
	it.count = 0;
	it.stop_at = SIZE_MAX;
	OK(casebook_walk(&it.book, CASE_VOLUMES_ALL, see, &it, &it.err));
	expect_seen(&it, (int64_t[]){ 4, 3, 2, 1 }, 4);
	casebook_close(&it.book);
}

Test(casebook_walk, memberships)
{
	static const struct {
		int64_t file;
		bool    beside, only_here;
	} cases[] = { { 1, false, false }, { 2, false, true }, { 3, true, false }, { 4, false, false } };
	struct walk_book it;

	begin(&it);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct case_membership got;

		OK(casebook_membership(&it.book, cases[i].file, &got, &it.err));
		cr_expect(that(got.beside == cases[i].beside && got.only_here == cases[i].only_here), "file %zu", i + 1);
	}
	casebook_close(&it.book);
}
