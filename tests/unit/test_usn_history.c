/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_usn_history.c - expected values: stories told by hand, in records as Windows leaves them for each act;
 * and a Windows 7 journal with the table of the same volume, which knows how it all ended
 */
#include "tests/unit/unit.h"
#include "tests/unit/usn.h"

#include "core/utf16.h"
#include "scan/attribute.h"
#include "scan/file_name.h"
#include "scan/fixup.h"
#include "scan/mft_record.h"
#include "scan/journal/usn_history.h"

#include <stdio.h>
#include <string.h>

#define ROOT file_ref_make(5, 5)
#define ALL UINT64_MAX

/* -------- a story -------- */

struct story {
	struct usn_history history;
	uint64_t           usn, time;
	enum usn_source    source;
};

/* The next record; returns its USN. */
static uint64_t act(struct story *story, file_ref file, file_ref parent, uint32_t reasons, const char *name)
{
	struct usn_test   test = { .version = 2,
				   .time = USN_TEST_TIME + story->time,
				   .file = file,
				   .parent = parent,
				   .reasons = reasons,
				   .name = name };
	uint8_t           bytes[512];
	size_t            length = usn_test_put(bytes, &test);
	struct usn_record record;
	struct error      err;

	if (story->usn % USN_PAGE_BYTES + length > USN_PAGE_BYTES)
		story->usn = (story->usn / USN_PAGE_BYTES + 1) * USN_PAGE_BYTES;
	test.usn = story->usn;
	usn_test_put(bytes, &test);
	cr_assert(eq(int, usn_record_decode((struct bytes){ bytes, length, test.usn }, &record, &err), 0));
	cr_assert(eq(int, usn_history_add(&story->history, &record, story->source, &err), 0), "%s", err.text);
	story->usn += length;
	story->time += 10;
	return test.usn;
}

static void create(struct story *story, file_ref file, file_ref parent, const char *name)
{
	act(story, file, parent, USN_FILE_CREATE, name);
	act(story, file, parent, USN_FILE_CREATE | USN_CLOSE, name);
}

/* Returns the USN of the first record: the moment before it. */
static uint64_t rename_to(struct story *story, file_ref file, file_ref from, const char *old, file_ref to,
			  const char *new)
{
	uint64_t usn = act(story, file, from, USN_RENAME_OLD_NAME, old);

	act(story, file, to, USN_RENAME_NEW_NAME, new);
	act(story, file, to, USN_RENAME_NEW_NAME | USN_CLOSE, new);
	return usn;
}

/* The new name is in no record. */
static uint64_t link_by(struct story *story, file_ref file, file_ref parent, const char *old)
{
	uint64_t usn = act(story, file, parent, USN_HARD_LINK_CHANGE, old);

	act(story, file, parent, USN_HARD_LINK_CHANGE | USN_CLOSE, old);
	return usn;
}

/* The name that goes is in no record. */
static uint64_t unlink_but(struct story *story, file_ref file, file_ref parent, const char *left)
{
	return act(story, file, parent, USN_HARD_LINK_CHANGE | USN_CLOSE, left);
}

static uint64_t delete (struct story *story, file_ref file, file_ref parent, const char *name)
{
	return act(story, file, parent, USN_FILE_DELETE | USN_CLOSE, name);
}

static void tell(struct story *story)
{
	struct error err;

	cr_assert(eq(int, usn_history_build(&story->history, &err), 0));
}

static const struct usn_fact *fact_of(const struct usn_history *history, const struct usn_name *name)
{
	return &history->facts.items[name->first];
}

/* How well it is known that @file was called @text in @parent at a moment: the best of its spans. */
static enum usn_hold holds(const struct story *story, file_ref file, file_ref parent, const char *text,
			   uint64_t usn)
{
	size_t                 count;
	const struct usn_name *names = usn_history_names(&story->history, file, &count);
	enum usn_hold          best = USN_NOT_HELD;

	for (size_t i = 0; i < count; i++) {
		const struct usn_fact *fact = fact_of(&story->history, &names[i]);
		enum usn_hold          hold = usn_history_hold(&story->history, &names[i], usn);

		if (fact->parent == parent && hold > best &&
		    utf16_is_word(usn_history_text(&story->history, fact), fact->units, text))
			best = hold;
	}
	return best;
}

/* "\a\b" below the root, "?\a\b" below a directory that is not known, "-" for no path. */
static const char *path_of(const struct usn_history *history, const struct usn_name *name, uint64_t usn,
			   struct usn_path *path)
{
	static char text[8192];
	char        part[NAME_UTF8_MAX];

	if (!usn_history_path(history, name, usn, path))
		return "-";
	text[0] = 0;
	if (file_ref_record(path->top) != ROOT_RECORD)
		strcat(text, "?");
	for (size_t i = path->count; i-- > 0;) {
		const struct usn_fact *fact = fact_of(history, &history->names.items[path->names[i]]);

		utf16_to_utf8(usn_history_text(history, fact), fact->units, part);
		strcat(strcat(text, "\\"), part);
	}
	return text;
}

static const char *path_at(const struct story *story, file_ref file, size_t number, uint64_t usn,
			   struct usn_path *path)
{
	size_t                 count;
	const struct usn_name *names = usn_history_names(&story->history, file, &count);

	cr_assert(lt(sz, number, count));
	return path_of(&story->history, &names[number], usn, path);
}

static const file_ref folder = 0x0002000000000030, file = 0x0003000000000031, other = 0x0001000000000032;

/* -------- names -------- */

Test(usn_history, file_has_its_name_from_making_to_deletion)
{
	struct story           story = { .usn = 4096 };
	uint64_t               before, deleted;
	size_t                 count;
	const struct usn_name *name;

	before = act(&story, other, ROOT, USN_DATA_EXTEND, "log");
	create(&story, file, ROOT, "a.txt");
	act(&story, file, ROOT, USN_DATA_EXTEND | USN_CLOSE, "a.txt");
	deleted = delete (&story, file, ROOT, "a.txt");
	act(&story, other, ROOT, USN_DATA_EXTEND | USN_CLOSE, "log");
	tell(&story);
	name = usn_history_names(&story.history, file, &count);
	cr_assert(eq(sz, count, 1));
	cr_expect(eq(int, name->ending, USN_DELETED));
	cr_expect(that(name->begins));
	cr_expect(eq(int, holds(&story, file, ROOT, "a.txt", before), USN_NOT_HELD));
	cr_expect(eq(int, holds(&story, file, ROOT, "a.txt", before + 72), USN_NOT_HELD)); /* its making */
	cr_expect(eq(int, holds(&story, file, ROOT, "a.txt", before + 73), USN_HELD));
	cr_expect(eq(int, holds(&story, file, ROOT, "a.txt", deleted), USN_HELD));
	cr_expect(eq(int, holds(&story, file, ROOT, "a.txt", deleted + 1), USN_NOT_HELD));
	cr_expect(eq(int, holds(&story, file, ROOT, "a.txt", ALL), USN_NOT_HELD));
	cr_expect(eq(int, holds(&story, other, ROOT, "log", ALL), USN_HELD));
	cr_expect(that(!usn_history_names(&story.history, folder, &count)));
	cr_expect(that(usn_history_facts(&story.history, file, &count) && count == 4));
	usn_history_release(&story.history);
}

Test(usn_history, rename_ends_one_name_and_begins_the_next)
{
	struct story           story = { 0 };
	uint64_t               usn;
	size_t                 count;
	const struct usn_name *names;

	create(&story, file, ROOT, "SET8DA4.tmp");
	usn = rename_to(&story, file, ROOT, "SET8DA4.tmp", folder, "tool.exe");
	rename_to(&story, file, folder, "tool.exe", ROOT, "SET8DA4.tmp"); /* and back: another span */
	tell(&story);
	names = usn_history_names(&story.history, file, &count);
	cr_assert(eq(sz, count, 3));
	cr_expect(eq(int, names[0].ending, USN_RENAMED));
	cr_expect(eq(u32, names[0].renamed_to, 1));
	cr_expect(eq(u32, names[1].renamed_to, 2));
	cr_expect(eq(int, names[2].ending, USN_NOT_ENDED));
	cr_expect(eq(u32, names[2].renamed_to, USN_NONE));
	cr_expect(eq(int, holds(&story, file, ROOT, "SET8DA4.tmp", usn), USN_HELD));
	cr_expect(eq(int, holds(&story, file, folder, "tool.exe", usn), USN_NOT_HELD));
	cr_expect(eq(int, holds(&story, file, ROOT, "SET8DA4.tmp", usn + 1), USN_NOT_HELD));
	cr_expect(eq(int, holds(&story, file, folder, "tool.exe", usn + 200), USN_HELD));
	cr_expect(eq(int, holds(&story, file, folder, "tool.exe", ALL), USN_NOT_HELD));
	cr_expect(eq(int, holds(&story, file, ROOT, "SET8DA4.tmp", ALL), USN_HELD));
	usn_history_release(&story.history);
}

/* A store is made of links, the users' names are wiped, the store is deleted. */
Test(usn_history, both_names_of_a_file_in_a_store_are_known)
{
	struct story           story = { .usn = 1 << 20 };
	uint64_t               linked, wiped, deleted;
	size_t                 count;
	const struct usn_name *names;

	create(&story, file, folder, "thesis.doc");
	linked = link_by(&story, file, folder, "thesis.doc");
	wiped = unlink_but(&story, file, other, "thesis.doc");
	deleted = delete (&story, file, other, "thesis.doc");
	tell(&story);
	names = usn_history_names(&story.history, file, &count);
	cr_assert(eq(sz, count, 2));
	cr_expect(eq(int, names[0].ending, USN_LINK_REMOVED));
	cr_expect(eq(int, names[1].ending, USN_DELETED));
	cr_expect(eq(int, holds(&story, file, folder, "thesis.doc", wiped), USN_HELD));
	cr_expect(eq(int, holds(&story, file, folder, "thesis.doc", wiped + 1), USN_POSSIBLE));
	cr_expect(eq(int, holds(&story, file, folder, "thesis.doc", ALL), USN_NOT_HELD));
	/* the store's name begins somewhere between the two records of its making and that of the wipe */
	cr_expect(eq(int, holds(&story, file, other, "thesis.doc", 1 << 20), USN_NOT_HELD));
	cr_expect(eq(int, holds(&story, file, other, "thesis.doc", linked), USN_POSSIBLE));
	cr_expect(eq(int, holds(&story, file, other, "thesis.doc", wiped), USN_HELD));
	cr_expect(eq(int, holds(&story, file, other, "thesis.doc", deleted), USN_HELD));
	cr_expect(eq(int, holds(&story, file, other, "thesis.doc", deleted + 1), USN_NOT_HELD));
	usn_history_release(&story.history);
}

Test(usn_history, of_three_links_the_one_that_went_is_not_known)
{
	struct story           story = { 0 };
	uint64_t               gone;
	size_t                 count;
	const struct usn_name *names;

	link_by(&story, file, folder, "a");
	act(&story, file, folder, USN_DATA_EXTEND | USN_CLOSE, "b");
	act(&story, file, folder, USN_DATA_EXTEND | USN_CLOSE, "c");
	gone = unlink_but(&story, file, folder, "c");
	act(&story, file, folder, USN_DATA_EXTEND | USN_CLOSE, "a"); /* so it was b, or one never heard of */
	tell(&story);
	names = usn_history_names(&story.history, file, &count);
	cr_assert(eq(sz, count, 4));
	cr_expect(eq(int, names[0].ending, USN_LINK_DOUBTED));
	cr_expect(eq(int, names[1].ending, USN_LINK_DOUBTED));
	cr_expect(eq(int, names[2].ending, USN_NOT_ENDED));
	cr_expect(eq(int, holds(&story, file, folder, "b", gone), USN_HELD));
	cr_expect(eq(int, holds(&story, file, folder, "b", ALL), USN_POSSIBLE));
	cr_expect(eq(int, holds(&story, file, folder, "a", gone + 1),
		     USN_HELD)); /* seen later, nothing between */
	cr_expect(eq(int, holds(&story, file, folder, "a", ALL), USN_HELD));
	cr_expect(eq(int, holds(&story, file, folder, "c", ALL), USN_HELD));
	usn_history_release(&story.history);
}

/* While somebody else has the file open, a link that goes looks like one that is made. */
Test(usn_history, link_change_while_open_vouches_for_no_other_name)
{
	struct story           story = { 0 };
	size_t                 count;
	const struct usn_name *names;

	link_by(&story, file, folder, "a");
	unlink_but(&story, file, folder, "b"); /* b is known now */
	act(&story, file, folder, USN_DATA_EXTEND, "b");
	act(&story, file, folder, USN_DATA_EXTEND | USN_HARD_LINK_CHANGE, "c");
	tell(&story);
	cr_expect(eq(int, holds(&story, file, folder, "b", ALL), USN_POSSIBLE));
	cr_expect(eq(int, holds(&story, file, folder, "c", ALL), USN_HELD));
	names = usn_history_names(&story.history, file, &count);
	cr_assert(eq(sz, count, 3));
	cr_expect(eq(int, names[0].ending, USN_LINK_REMOVED));
	cr_expect(eq(int, names[1].ending, USN_LINK_DOUBTED)); /* a link may have been made */
	usn_history_release(&story.history);
}

Test(usn_history, close_that_follows_a_link_change_removes_none)
{
	struct story           story = { 0 };
	size_t                 count;
	const struct usn_name *names;

	act(&story, file, folder, USN_HARD_LINK_CHANGE, "a");
	act(&story, file, folder, USN_HARD_LINK_CHANGE | USN_CLOSE, "b");
	tell(&story);
	names = usn_history_names(&story.history, file, &count);
	cr_assert(eq(sz, count, 2));
	cr_expect(eq(int, names[0].ending, USN_LINK_DOUBTED));
	usn_history_release(&story.history);
}

Test(usn_history, file_that_is_seen_after_its_deletion_is_there)
{
	struct story story = { 0 };

	delete (&story, file, folder, "a");
	act(&story, file, folder, USN_DATA_EXTEND | USN_CLOSE, "a");
	tell(&story);
	cr_expect(eq(int, holds(&story, file, folder, "a", ALL), USN_HELD));
	usn_history_release(&story.history);
}

Test(usn_history, lives_of_one_record_are_kept_apart)
{
	struct story   story = { 0 };
	const file_ref next = file + (1ull << 48);
	uint64_t       reused;

	create(&story, file, ROOT, "old");
	delete (&story, file, ROOT, "old");
	reused = story.usn;
	create(&story, next, ROOT, "new");
	tell(&story);
	cr_expect(eq(int, holds(&story, file, ROOT, "new", ALL), USN_NOT_HELD));
	cr_expect(eq(int, holds(&story, next, ROOT, "old", reused), USN_NOT_HELD));
	cr_expect(eq(int, holds(&story, next, ROOT, "new", ALL), USN_HELD));
	for (size_t i = 1; i < story.history.facts.count; i++)
		cr_expect(le(u64, story.history.facts.items[i - 1].file, story.history.facts.items[i].file));
	usn_history_release(&story.history);
}

/* -------- gaps -------- */

Test(usn_history, over_a_gap_nothing_is_sure)
{
	struct story story = { 0 };
	uint64_t     last, next;

	act(&story, file, folder, USN_DATA_EXTEND | USN_CLOSE, "a");
	act(&story, other, folder, USN_DATA_EXTEND | USN_CLOSE, "x");
	last = story.usn;
	story.usn += 8192;
	next = act(&story, other, folder, USN_DATA_EXTEND | USN_CLOSE, "x");
	tell(&story);
	cr_expect(eq(sz, story.history.covered.count, 2));
	cr_expect(eq(int, holds(&story, file, folder, "a", last), USN_HELD));
	cr_expect(eq(int, holds(&story, file, folder, "a", last + 1), USN_POSSIBLE));
	cr_expect(eq(int, holds(&story, file, folder, "a", ALL), USN_POSSIBLE));
	cr_expect(eq(int, holds(&story, other, folder, "x", last + 8), USN_HELD)); /* before and after */
	cr_expect(eq(int, holds(&story, other, folder, "x", next), USN_HELD));
	cr_expect(eq(int, holds(&story, other, folder, "x", ALL), USN_HELD));
	usn_history_release(&story.history);
}

Test(usn_history, end_of_a_page_that_has_no_room_is_no_gap)
{
	struct story story = { .usn = 4096 - 64 };

	act(&story, file, folder, USN_DATA_EXTEND, "a");             /* 64 bytes: fills the page */
	act(&story, file, folder, USN_DATA_EXTEND | USN_CLOSE, "a"); /* begins the next */
	story.usn = 3 * 4096 - 64;
	act(&story, other, folder, USN_DATA_EXTEND, "long name"); /* 80 bytes: no room */
	tell(&story);
	cr_assert(eq(sz, story.history.covered.count, 2));
	cr_expect(eq(u64, story.history.covered.items[0].start, 4096 - 64));
	cr_expect(eq(u64, story.history.covered.items[0].length, 128));
	cr_expect(eq(u64, story.history.covered.items[1].start, 3 * 4096));
	usn_history_release(&story.history);
}

Test(usn_history, record_that_would_have_had_room_is_missing)
{
	struct story story = { .usn = 4096 - 128 };

	act(&story, file, folder, USN_DATA_EXTEND, "a"); /* and 64 bytes of nothing behind it */
	story.usn = 4096;
	act(&story, file, folder, USN_DATA_EXTEND | USN_CLOSE, "a");
	tell(&story);
	cr_expect(eq(sz, story.history.covered.count, 2));
	usn_history_release(&story.history);
}

Test(usn_history, records_found_twice_are_kept_once_and_strangers_left_out)
{
	struct story           story = { .source = USN_CARVED };
	size_t                 count;
	const struct usn_fact *facts;

	act(&story, other, ROOT, USN_DATA_EXTEND, "of an older journal"); /* 104 bytes at 0 */
	story = (struct story){ .history = story.history, .source = USN_FROM_JOURNAL };
	create(&story, file, ROOT, "a"); /* at 0 and 64 */
	story = (struct story){ .history = story.history, .source = USN_CARVED };
	create(&story, file, ROOT, "a");
	tell(&story);
	facts = usn_history_facts(&story.history, file, &count);
	cr_assert(eq(sz, count, 2));
	cr_expect(eq(u8, facts[0].source, USN_FROM_JOURNAL));
	cr_expect(eq(u8, facts[1].source, USN_FROM_JOURNAL));
	cr_expect(eq(sz, story.history.contradicted, 1));
	cr_expect(that(!usn_history_facts(&story.history, other, &count)));
	usn_history_release(&story.history);
}

Test(usn_history, stronger_record_stays_where_a_stranger_reaches_into_it)
{
	struct story story = { .source = USN_CARVED };
	size_t       count;

	act(&story, other, ROOT, USN_DATA_EXTEND, "of an older journal"); /* 104 bytes at 0 */
	story = (struct story){ .history = story.history, .usn = 64 };
	create(&story, file, ROOT, "a");
	tell(&story);
	cr_expect(that(usn_history_facts(&story.history, file, &count) && count == 2));
	cr_expect(that(!usn_history_facts(&story.history, other, &count)));
	cr_expect(eq(sz, story.history.contradicted, 1));
	usn_history_release(&story.history);
}

/* A large journal says each name many times, with others in between. */
Test(usn_history, names_are_kept_once)
{
	struct story story = { 0 };
	char         name[16];
	size_t       units = 0, count;

	for (unsigned i = 0; i < 6000; i++) {
		snprintf(name, sizeof name, "file-%u", i % 2000);
		units += i < 2000 ? strlen(name) : 0;
		act(&story, file_ref_make(1000 + i % 2000, 1), folder, USN_DATA_EXTEND, name);
	}
	cr_expect(le(sz, story.history.text.count, units + units / 50)); /* but for a few that collide */
	tell(&story);
	cr_expect(eq(sz, story.history.names.count, 2000));
	for (unsigned i = 0; i < 2000; i++) {
		const struct usn_fact *facts = usn_history_facts(&story.history, file_ref_make(1000 + i, 1), &count);

		snprintf(name, sizeof name, "file-%u", i);
		cr_assert(eq(sz, count, 3));
		cr_assert(that(utf16_is_word(usn_history_text(&story.history, &facts[2]), facts[2].units, name)));
		cr_assert(lt(u64, facts[0].usn, facts[1].usn));
	}
	usn_history_release(&story.history);
}

Test(usn_history, record_that_no_driver_writes_is_refused)
{
	struct usn_history history = { 0 };
	struct usn_record  record = { .version = 2, .usn = ALL - 7, .file = file, .parent = folder };
	struct error       err;

	cr_expect(eq(int, usn_history_add(&history, &record, USN_CARVED, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_VALUE));
	cr_expect(eq(int, usn_history_build(&history, &err), 0));
	cr_expect(eq(u64, usn_history_moment(&history, 0), ALL));
	usn_history_release(&history);
}

/* -------- paths -------- */

Test(usn_history, path_is_that_of_the_moment)
{
	struct story    story = { 0 };
	uint64_t        moved, renamed;
	struct usn_path path;

	create(&story, folder, ROOT, "Users");
	create(&story, file, folder, "a.txt");
	renamed = rename_to(&story, folder, ROOT, "Users", ROOT, "Users.old");
	create(&story, other, ROOT, "Store");
	moved = rename_to(&story, file, folder, "a.txt", other, "b.txt");
	tell(&story);
	cr_expect(eq(str, (char *)path_at(&story, file, 0, renamed, &path), "\\Users\\a.txt"));
	cr_expect(eq(int, path.hold, USN_HELD));
	cr_expect(eq(str, (char *)path_at(&story, file, 0, moved, &path), "\\Users.old\\a.txt"));
	cr_expect(eq(int, path.hold, USN_HELD));
	cr_expect(eq(str, (char *)path_at(&story, file, 1, ALL, &path), "\\Store\\b.txt"));
	cr_expect(eq(int, path.hold, USN_HELD));
	cr_expect(eq(u64, path.top, ROOT));
	path_at(&story, file, 0, ALL, &path);
	cr_expect(eq(int, path.hold, USN_NOT_HELD));
	usn_history_release(&story.history);
}

/* The record of a deleted directory is another directory's now: its name is not borrowed. */
Test(usn_history, path_stops_at_another_life_of_a_parent)
{
	struct story    story = { 0 };
	const file_ref  next = folder + (1ull << 48);
	struct usn_path path;

	create(&story, next, ROOT, "Windows");
	act(&story, file, folder, USN_DATA_EXTEND | USN_CLOSE, "a.txt");
	tell(&story);
	cr_expect(eq(str, (char *)path_at(&story, file, 0, ALL, &path), "?\\a.txt"));
	cr_expect(eq(u64, path.top, folder));
	cr_expect(eq(int, path.hold, USN_HELD));
	usn_history_release(&story.history);
}

Test(usn_history, name_of_a_parent_from_beyond_a_gap_is_possible)
{
	struct story    story = { 0 };
	uint64_t        seen;
	struct usn_path path;

	seen = act(&story, file, folder, USN_DATA_EXTEND | USN_CLOSE, "a.txt");
	story.usn += 4096;
	act(&story, folder, ROOT, USN_DATA_EXTEND | USN_CLOSE, "Users");
	tell(&story);
	cr_expect(eq(str, (char *)path_at(&story, file, 0, seen + 1, &path), "\\Users\\a.txt"));
	cr_expect(eq(int, path.hold, USN_POSSIBLE));
	usn_history_release(&story.history);
}

Test(usn_history, of_two_possible_names_of_a_parent_the_later_counts)
{
	struct story    story = { 0 };
	uint64_t        moment;
	struct usn_path path;

	act(&story, folder, ROOT, USN_DATA_EXTEND | USN_CLOSE, "first");
	story.usn += 4096;
	act(&story, folder, ROOT, USN_DATA_EXTEND | USN_CLOSE, "second");
	story.usn += 4096;
	moment = act(&story, file, folder, USN_DATA_EXTEND | USN_CLOSE, "a");
	story.usn += 4096;
	act(&story, folder, ROOT, USN_DATA_EXTEND | USN_CLOSE, "third");
	tell(&story);
	cr_expect(eq(str, (char *)path_at(&story, file, 0, moment + 1, &path), "\\second\\a"));
	cr_expect(eq(int, path.hold, USN_POSSIBLE));
	usn_history_release(&story.history);
}

Test(usn_history, parents_in_a_circle_end)
{
	struct story    story = { 0 };
	struct usn_path path;

	act(&story, file, folder, USN_DATA_EXTEND | USN_CLOSE, "a");
	act(&story, folder, other, USN_DATA_EXTEND | USN_CLOSE, "b");
	act(&story, other, folder, USN_DATA_EXTEND | USN_CLOSE, "c");
	tell(&story);
	cr_expect(eq(str, (char *)path_at(&story, file, 0, ALL, &path), "-"));
	usn_history_release(&story.history);
}

Test(usn_history, moment_of_a_time)
{
	struct story story = { .usn = 800 };
	uint64_t     second;

	act(&story, file, folder, USN_DATA_EXTEND, "a"); /* at 0 */
	second = act(&story, file, folder, USN_DATA_EXTEND | USN_CLOSE, "a");
	tell(&story);
	cr_expect(eq(u64, usn_history_moment(&story.history, USN_TEST_TIME - 1), 800));
	cr_expect(eq(u64, usn_history_moment(&story.history, USN_TEST_TIME), second));
	cr_expect(eq(u64, usn_history_moment(&story.history, USN_TEST_TIME + 9), second));
	cr_expect(eq(u64, usn_history_moment(&story.history, USN_TEST_TIME + 10), ALL));
	usn_history_release(&story.history);
}

/* -------- a real journal, and the table of its volume -------- */

#define WIN7 "ntfs/dfir-orc/win7.7z"
#define RECORD_BYTES 1024u

static void read_journal(struct usn_history *history)
{
	struct blob       journal = sample_unpack("7z x -so '%s' usnjrnl_win7 2> /dev/null", WIN7);
	struct bytes      rest = blob_bytes(journal, 0);
	struct usn_record record;
	struct error      err;

	while (usn_record_find(&rest, UINT64_MAX, &record))
		cr_assert(eq(int, usn_history_add(history, &record, USN_FROM_JOURNAL, &err), 0));
	cr_assert(eq(int, usn_history_build(history, &err), 0));
	free(journal.at);
}

enum found { FOUND, MISSING, ELSEWHERE /* in another record, perhaps */ };

/* Has the file of @fact, if the table still has it, this name? */
static enum found find_name(struct blob table, const struct usn_history *history, const struct usn_fact *fact)
{
	uint64_t          at = file_ref_record(fact->file) * RECORD_BYTES;
	struct mft_record record;
	struct attribute  attr;
	struct file_name  name;
	struct error      err;

	if (at + RECORD_BYTES > table.size ||
	    mft_record_decode((struct bytes){ table.at + at, RECORD_BYTES, at }, &record, &err) < 0 ||
	    !(record.flags & MFT_RECORD_IN_USE) || record.sequence != file_ref_sequence(fact->file))
		return MISSING;
	while (attribute_next(&record.attributes, &attr, &err) == 1) {
		if (attr.type == ATTRIBUTE_LIST)
			return ELSEWHERE;
		if (attr.type == ATTRIBUTE_FILE_NAME && file_name_decode(attr.value, &name, &err) == 0 &&
		    name.parent == fact->parent && name.name_units == fact->units &&
		    memcmp(name.name.at, usn_history_text(history, fact), name.name.left) == 0)
			return FOUND;
	}
	return MISSING;
}

/* The file was given the same name another time. */
static bool is_held_again(const struct usn_history *history, const struct usn_name *name)
{
	const struct usn_fact *fact = fact_of(history, name), *next;
	size_t                 count;
	const struct usn_name *names = usn_history_names(history, fact->file, &count);

	for (size_t i = 0; i < count; i++) {
		next = fact_of(history, &names[i]);
		if (next->parent == fact->parent && next->units == fact->units &&
		    memcmp(usn_history_text(history, next), usn_history_text(history, fact),
			   2u * fact->units) == 0 &&
		    usn_history_hold(history, &names[i], ALL) == USN_HELD)
			return true;
	}
	return false;
}

static struct blob read_table(void)
{
	struct blob  table = sample_unpack("7z x -so '%s' mft_win7 2> /dev/null", WIN7);
	struct error err;
	fixup_torn   torn;

	for (size_t at = 0; at + RECORD_BYTES <= table.size; at += RECORD_BYTES)
		(void)!fixup_undo(table.at + at, RECORD_BYTES, at, &torn, &err);
	return table;
}

Test(usn_history, what_is_held_at_the_end_is_what_the_table_says)
{
	struct usn_history history = { 0 };
	struct blob        table = read_table();
	size_t             held = 0, possible = 0, removed = 0;

	read_journal(&history);
	cr_expect(eq(sz, history.facts.count, 38014));
	cr_expect(eq(sz, history.covered.count, 1), "a journal without gaps");
	cr_expect(eq(sz, history.contradicted, 0));
	for (size_t i = 0; i < history.names.count; i++) {
		const struct usn_name *name = &history.names.items[i];
		enum usn_hold          hold = usn_history_hold(&history, name, ALL);
		enum found             found = find_name(table, &history, fact_of(&history, name));

		held += hold == USN_HELD;
		possible += hold == USN_POSSIBLE;
		removed += name->ending == USN_LINK_REMOVED;
		if (hold == USN_HELD)
			cr_expect(ne(int, found, MISSING), "name %zu is held, and not in the table", i);
		else
			cr_expect(that(found == MISSING || is_held_again(&history, name)),
				  "name %zu is not held, and in the table", i);
	}
	cr_expect(eq(sz, held, 2552));
	cr_expect(eq(sz, removed, 9)); /* files that were linked, and have lost their first name */
	cr_expect(eq(sz, possible, 9));
	usn_history_release(&history);
	free(table.at);
}
