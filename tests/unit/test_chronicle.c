/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_chronicle.c - expected values: counted by hand */
#include "tests/unit/unit.h"

#include "scan/story/chronicle.h"

#define AT(seconds) (ROW_TIME_EPOCH + (seconds) * NTFS_TIME_PER_SECOND)

Test(chronicle, what_was_written_since)
{
	struct growth        points[] = { { 100, 1, 10 }, { 200, 2, 20 }, { 300, 3, 30 } };
	struct volume_growth volume = { .volume = 4, .growths = { points, COUNT(points), COUNT(points) } };
	struct written_since since = chronicle_since(&volume, AT(200));

	cr_expect(eq(u32, since.volume, 4));
	cr_expect(eq(u64, since.files, 5), "the second itself counts");
	cr_expect(eq(u64, since.bytes, 50));
	since = chronicle_since(&volume, AT(301));
	cr_expect(eq(u64, since.files, 0));
	since = chronicle_since(&volume, AT(1));
	cr_expect(eq(u64, since.bytes, 60));
}

Test(chronicle, paths_are_copied)
{
	struct chronicle    chronicle = { 0 };
	char                path[] = "\\a";
	struct story_source source = { .path = path };
	struct error        err;
	uint32_t            index = 9;

	cr_assert(eq(int, chronicle_add_source(&chronicle, &source, &index, &err), 1));
	cr_expect(eq(u32, index, 0));
	cr_assert(eq(int, chronicle_add_shown(&chronicle, 0, (struct log_event){ .kind = SHOWN_STORE, .time = 5, .path = path },
					      &err), 0));
	path[1] = 'b';
	cr_expect(eq(str, (char *)chronicle.sources.items[0].path, "\\a"));
	cr_expect(eq(str, (char *)chronicle.events.list.items[0].path, "\\a"));
	cr_expect(eq(int, chronicle.events.list.items[0].form, LOG_FORM_NONE));
	chronicle_release(&chronicle);
}

/* A disk full of files that are called smsts.log. */
Test(chronicle, too_many_sources_are_counted)
{
	struct chronicle    chronicle = { 0 };
	struct story_source source = { .path = "" };
	struct error        err;
	uint32_t            index;

	for (size_t i = 0; i < CHRONICLE_SOURCES_MAX; i++)
		cr_assert(eq(int, chronicle_add_source(&chronicle, &source, &index, &err), 1));
	cr_expect(eq(int, chronicle_add_source(&chronicle, &source, &index, &err), 0));
	cr_expect(eq(sz, chronicle.sources.count, CHRONICLE_SOURCES_MAX));
	cr_expect(eq(sz, chronicle.passed_over, 1));
	chronicle_release(&chronicle);
}
