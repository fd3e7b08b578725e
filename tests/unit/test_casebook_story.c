/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_casebook_story.c - expected values: what was put in, by hand */
#include "tests/unit/unit.h"

#include "core/text.h"
#include "scan/casebook_story.h"

#include <sqlite3.h>

#define R(time, component, text)                                                                                   \
	"<![LOG[" text "]LOG]!><time=\"" time "+240\" date=\"10-18-2019\" component=\"" component "\" context=\"\" " \
	"type=\"1\" thread=\"1100\" file=\"x.cpp:1\">\r\n"

static const char smsts[] =
	R("10:00:02.000", "OSDUSMT", "Executing command line: \"C:\\P\\scanstate.exe\" \"c:\\S\" /o /c /hardlink /nocompress")
	R("10:05:00.000", "OSDUSMT", "Process completed with exit code 3")
	R("10:10:00.000", "ApplyOperatingSystem", "Skipping C:\\S for wipe")
	R("10:20:04.000", "TSManager", "Failed to run the action: Restore User State. \nx (Error: 80070026; Source: Windows)");
static const char scanstate[] = "2019-10-18 10:00:03, Info                  [0x000000] Command line: scanstate.exe c:\\S /o\r\n"
				"2019-10-18 10:04:58, Info                  [0x000000] Success.\r\n";

struct book {
	char           *folder, *path;
	struct casebook book;
	struct chronicle chronicle;
	struct error    err;
};

#define OK(call) cr_assert(eq(int, (call), 0), "%s", it->err.text)

static void add(struct book *it, struct story_source source, const char *text)
{
	uint32_t index;

	cr_assert(eq(int, chronicle_add_source(&it->chronicle, &source, &index, &it->err), 1));
	OK(log_events_read(&it->chronicle.events, (struct bytes){ (const uint8_t *)text, strlen(text), 0 }, index, &it->err));
}

static void begin(struct book *it)
{
	struct growth early = { row_time(131000000000000000), 1, 5 };
	struct growth late = { row_time(134000000000000000), 2, 6 };
	uint32_t      index;

	*it = (struct book){ .folder = temp_folder() };
	it->path = temp_path(it->folder, "case.holdfast");
	add(it, (struct story_source){ SOURCE_LOG, 0, 1, 77, "\\Logs\\smsts.log", PROOF_DERIVED, GRADE_SUSPECT, false, true }, smsts);
	add(it, (struct story_source){ SOURCE_PIECE, 2, 3, 1ull << 40, "", PROOF_GUESSED, GRADE_SUSPECT, false, false }, scanstate);
	cr_assert(eq(int, chronicle_add_source(&it->chronicle,
					       &(struct story_source){ .kind = SOURCE_RECORD, .volume = 1, .place = 3, .path = "" },
					       &index, &it->err), 1));
	OK(chronicle_add_shown(&it->chronicle, index,
			       (struct log_event){ .kind = SHOWN_FORMAT, .time = 5, .has_number = true, .number = 1, .path = "" },
			       &it->err));
	it->chronicle.passed_over = 12;
	cr_assert(that(array_push(&it->chronicle.volumes, (struct volume_growth){ .volume = 1 })));
	cr_assert(that(array_push(&it->chronicle.volumes.items[0].growths, early)));
	cr_assert(that(array_push(&it->chronicle.volumes.items[0].growths, late)));
	OK(casebook_create(&it->book, it->path, &it->err));
	OK(casebook_add_story(&it->book, &it->chronicle, &it->err));
	OK(casebook_publish(&it->book, &it->err));
}

static void end(struct book *it)
{
	casebook_close(&it->book);
	chronicle_release(&it->chronicle);
	free(it->path);
	temp_remove(it->folder);
}

static void expect_event(const struct log_event *a, const struct log_event *b)
{
	cr_expect(eq(int, a->kind, b->kind));
	cr_expect(eq(u64, a->time, b->time));
	cr_expect(eq(int, a->clock, b->clock));
	cr_expect(eq(int, a->bias_minutes, b->bias_minutes));
	cr_expect(eq(int, a->form, b->form));
	cr_expect(eq(int, a->outcome, b->outcome));
	cr_expect(that(a->has_code == b->has_code && a->code == b->code));
	cr_expect(that(a->has_number == b->has_number && a->number == b->number));
	cr_expect(eq(u64, a->count, b->count));
	cr_expect(eq(str, (char *)a->step, (char *)b->step));
	cr_expect(eq(str, (char *)a->path, (char *)b->path));
	cr_expect(eq(str, (char *)a->said, (char *)b->said));
	cr_expect(that(a->torn == b->torn));
	cr_expect(eq(u32, a->artefact, b->artefact));
	cr_expect(eq(u64, a->offset, b->offset));
	cr_expect(eq(sz, a->order, b->order));
	cr_expect(eq(u32, a->told, b->told));
}

Test(casebook_story, comes_back_as_it_went_in)
{
	struct book       book, *it = &book;
	struct case_story told;

	begin(it);
	OK(casebook_load_story(&it->book, &told, &it->err));
	cr_assert(eq(sz, told.chronicle.events.list.count, it->chronicle.events.list.count));
	for (size_t i = 0; i < it->chronicle.events.list.count; i++)
		expect_event(&told.chronicle.events.list.items[i], &it->chronicle.events.list.items[i]);
	cr_assert(eq(sz, told.chronicle.sources.count, 3));
	for (size_t i = 0; i < 3; i++) {
		const struct story_source *a = &told.chronicle.sources.items[i], *b = &it->chronicle.sources.items[i];

		cr_expect(that(a->kind == b->kind && a->evidence == b->evidence && a->volume == b->volume && a->place == b->place &&
			       a->proof == b->proof && a->grade == b->grade && a->live == b->live && a->cut == b->cut));
		cr_expect(eq(str, (char *)a->path, (char *)b->path));
	}
	cr_expect(eq(sz, told.chronicle.passed_over, 12));
	case_story_release(&told);
	end(it);
}

Test(casebook_story, is_told_from_what_is_kept)
{
	struct book       book, *it = &book;
	struct case_story told;

	begin(it);
	OK(casebook_load_story(&it->book, &told, &it->err));
	cr_expect(eq(sz, told.story.captures, 1));
	cr_expect(eq(str, (char *)told.story.failed->step, "Restore User State"));
	cr_expect(eq(str, text_time(story_loss(&told.story)->time).text, "2019-10-18 14:10:00 UTC"));
	cr_assert(eq(sz, told.since.count, 1));
	cr_expect(eq(u64, told.since.items[0].files, 2), "2025, and not 2016");
	cr_expect(eq(u64, told.since.items[0].bytes, 6));
	case_story_release(&told);
	end(it);
}

/* By the machine's clock alone nobody knows what was before and what after. */
Test(casebook_story, since_a_moment_that_is_not_known_nothing_is_counted)
{
	static const char text[] = "<![LOG[Cleaning off old operating system]LOG]!><time=\"10:00:00.000+000\" date=\"10-18-2019\" "
				   "component=\"LTIApply\" context=\"\" type=\"1\" thread=\"\" file=\"LTIApply\">";
	struct book       book, *it = &book;
	struct case_story told;

	book = (struct book){ 0 };
	add(it, (struct story_source){ .path = "" }, text);
	cr_assert(that(array_push(&it->chronicle.volumes, (struct volume_growth){ .volume = 1 })));
	OK(casebook_create(&it->book, NULL, &it->err));
	OK(casebook_add_story(&it->book, &it->chronicle, &it->err));
	OK(casebook_load_story(&it->book, &told, &it->err));
	cr_assert(that(story_loss(&told.story) != NULL));
	cr_expect(eq(sz, told.since.count, 0));
	case_story_release(&told);
	casebook_close(&it->book);
	chronicle_release(&it->chronicle);
}

/* -------- a casebook that lies -------- */

struct lie {
	char sql[80];
};

ParameterizedTestParameters(casebook_story, lies_are_refused)
{
	static struct lie cases[] = {
		{ "UPDATE event SET kind='no such' WHERE id=2" },
		{ "UPDATE event SET kind=NULL" },
		{ "UPDATE event SET source=4" },
		{ "UPDATE event SET source=0" },
		{ "UPDATE event SET source=-1" },
		{ "UPDATE event SET clock=4" },
		{ "UPDATE event SET outcome=-1" },
		{ "UPDATE event SET form=3" },
		{ "UPDATE story_source SET kind='no such' WHERE id=1" },
		{ "UPDATE story_source SET grade=5" },
		{ "UPDATE story_source SET proof=3" },
		{ "DELETE FROM story_source WHERE id=1" },
	};

	return CASES(struct lie, cases);
}

ParameterizedTest(struct lie *c, casebook_story, lies_are_refused)
{
	struct book       book, *it = &book;
	struct case_story told;
	sqlite3          *database;

	begin(it);
	casebook_close(&it->book);
	cr_assert(eq(int, sqlite3_open(it->path, &database), SQLITE_OK));
	cr_assert(eq(int, sqlite3_exec(database, c->sql, NULL, NULL, NULL), SQLITE_OK), "%s", c->sql);
	sqlite3_close(database);
	OK(casebook_open(&it->book, it->path, &it->err));
	cr_expect(eq(int, casebook_load_story(&it->book, &told, &it->err), -1), "%s", c->sql);
	cr_expect(eq(int, it->err.kind, ERROR_VALUE), "%s", c->sql);
	case_story_release(&told);
	end(it);
}
