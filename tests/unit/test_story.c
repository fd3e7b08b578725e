/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_story.c - expected values: derived by hand from the records below, whose texts are those of real logs
 * (spec USMT 5.5-5.10, 6); the real log as in test_log_event.c
 */
#include "tests/unit/unit.h"

#include "core/text.h"
#include "report/story_text.h"

#define R(time, component, text)                                                                                   \
	"<![LOG[" text "]LOG]!><time=\"" time "+240\" date=\"10-18-2019\" component=\"" component "\" context=\"\" " \
	"type=\"1\" thread=\"1100\" file=\"x.cpp:1\">\r\n"
#define U(time, text) "2019-10-18 " time ", Info                  [0x000000] " text "\r\n"

/* A refresh whose restore found the store in the wrong place. */
static const char refresh[] =
	R("10:00:00.000", "TSManager", "The task execution engine started execution")
	R("10:00:00.000", "TSManager", "Start executing an instruction. Instruction name: Capture User State. Instruction pointer: 4")
	R("10:00:01.000", "TSManager", "Start executing the command line: osdmigrateuserstate.exe /capture")
	R("10:00:02.000", "OSDUSMT", "Executing command line: \"C:\\P\\scanstate.exe\" \"c:\\USMTDemo\" /o /c /hardlink /nocompress")
	R("10:05:00.000", "OSDUSMT", "Process completed with exit code 3")
	R("10:05:01.000", "TSManager", "Successfully completed the action (Capture User State) with the exit win32 code 0")
	R("10:10:00.000", "ApplyOperatingSystem", "Skipping C:\\USMTDemo for wipe")
	R("10:11:00.000", "ApplyOperatingSystem", "Successfully wiped C:\\")
	R("10:11:01.000", "ApplyOperatingSystem", "Applying image to C:\\")
	R("10:15:00.000", "TSManager", "Successfully completed the action (Apply Operating System) with the exit win32 code 0")
	R("10:15:01.000", "TSManager", "Calling RebootSystem()")
	R("10:20:00.000", "TSManager", "NextInstructionPointer: 20")
	R("10:20:00.000", "TSManager", "The task execution engine started execution")
	R("10:20:02.000", "OSDUSMT", "Executing command line: \"C:\\P\\loadstate.exe\" \"C:\\USMTDemo\" /c /hardlink /nocompress")
	R("10:20:03.000", "OSDUSMT", "Process completed with exit code 38")
	R("10:20:04.000", "TSManager", "Failed to run the action: Restore User State. \nReached the end of the file. (Error: 80070026; Source: Windows)")
	R("10:20:05.000", "TSManager", "Failed to run the last action: Restore User State. Execution of task sequence failed. \n"
				      "Reached the end of the file. (Error: 80070026; Source: Windows)");

static const char scanstate[] = U("10:00:03", "Command line: C:\\P\\scanstate.exe c:\\USMTDemo /o /c /hardlink /nocompress")
				U("10:04:00", "Read error 395 for C:\\Users\\a b\\x.docx")
				U("10:04:58", "Success, 37 errors ignored. See the log for more information.");

static const char deletion[] =
	R("11:00:00.000", "InstallSoftware", "Executing command line: cmd.exe /c rd /s /q C:\\Temp")
	R("11:00:01.000", "InstallSoftware", "Process completed with exit code 0")
	R("11:00:02.000", "InstallSoftware", "Executing command line: usmtutils.exe /rd C:\\usmtdemo\\USMT")
	R("11:00:03.000", "InstallSoftware", "Process completed with exit code 0");

static void add(struct log_events *events, const char *text, uint32_t artefact)
{
	struct error err;

	cr_assert(eq(int, log_events_read(events, (struct bytes){ (const uint8_t *)text, strlen(text), 0 }, artefact, &err), 0));
}

static void tell(struct story *story, const struct log_events *events)
{
	struct error err;

	cr_assert(eq(int, story_tell(story, events, &err), 0));
}

static char *text_of(const struct story *story, const struct story_since *since)
{
	char  *text;
	size_t size;
	FILE  *out = open_memstream(&text, &size);

	story_text_print(out, story, since);
	fclose(out);
	return text;
}

static void expect_text(const char *text, const char *wanted)
{
	cr_expect(that(strstr(text, wanted) != NULL), "'%s' is not in:\n%s", wanted, text);
}

Test(story, refresh_that_failed_at_the_restore)
{
	struct log_events  events = { 0 };
	struct story       story;
	struct story_since since = { true, 1234, 5u << 20, 1 };
	char              *text;

	add(&events, deletion, 3);
	add(&events, scanstate, 2);
	add(&events, refresh, 1);
	tell(&story, &events);
	cr_expect(eq(str, (char *)story.store, "c:\\USMTDemo"));
	cr_expect(eq(sz, story.captures, 1), "two logs tell of one capture");
	cr_assert(that(story.capture.began && story.capture.ended && story.restore.ended && story.failed));
	cr_expect(eq(u32, story.capture.began->told, 2));
	cr_expect(eq(u64, story.capture.ended->count, 37));
	cr_expect(eq(u32, story.capture.ended->code, 3));
	cr_expect(eq(str, (char *)story.failed->step, "Restore User State"));
	cr_expect(that(!story.ignored));
	cr_assert(that(story.deleted.began && story.deleted.ended), "another folder's deletion is not the store's");
	cr_expect(eq(str, (char *)story.deleted.began->path, "C:\\usmtdemo\\USMT"));
	cr_expect(that(story_loss(&story) == story.deleted.began));
	cr_expect(that(!story.sequence.began->has_number), "it goes on after the restart");
	for (size_t i = 1; i < story.timeline.count; i++)
		if (story.timeline.items[i].kind == LOG_STEP_ENDED && story.timeline.items[i].artefact == 1 &&
		    strcmp(story.timeline.items[i].step, "Apply Operating System") == 0)
			cr_expect(eq(int, story.timeline.items[i - 1].kind, LOG_APPLY_ENDED), "in the order of the record");

	text = text_of(&story, &since);
	expect_text(text, "The capture of the users' state to c:\\USMTDemo began at 2019-10-18 14:00:02 UTC and ended at "
			  "2019-10-18 14:04:58 UTC with code 3: done, but something was left out");
	expect_text(text, "It left out 37 objects, which the store does not hold: C:\\Users\\a b\\x.docx.");
	expect_text(text, "The wipe of C:\\ began at 2019-10-18 14:10:00 UTC and ended well at 2019-10-18 14:11:00 UTC.");
	expect_text(text, "It left C:\\USMTDemo.");
	expect_text(text, "Applying an image: C:\\ began at 2019-10-18 14:11:01 UTC and ended well at 2019-10-18 14:15:00 UTC.");
	expect_text(text, "failed at 2019-10-18 14:20:03 UTC with code 38 (0x26): the store cannot be used");
	expect_text(text, "The step 'Restore User State' failed at 2019-10-18 14:20:04 UTC with 0x80070026: the store cannot be used");
	expect_text(text, "The task sequence was ended at 2019-10-18 14:20:05 UTC by the step 'Restore User State'.");
	expect_text(text, "The deletion of C:\\usmtdemo\\USMT began at 2019-10-18 15:00:02 UTC and ended well");
	expect_text(text, "Since the deletion began, 1,234 files with 5.0 MiB were written, at the least.");
	cr_expect(that(!strstr(text, "do not tell")), "%s", text);
	free(text);
	story_release(&story);
	log_events_release(&events);
}

Test(story, what_no_log_tells_is_said_to_be_so)
{
	struct log_events events = { 0 };
	struct story      story;
	char             *text;

	add(&events, scanstate, 1);
	tell(&story, &events);
	cr_expect(eq(int, story.capture.began->clock, LOG_CLOCK_LOCAL));
	text = text_of(&story, NULL);
	expect_text(text, "at 2019-10-18 10:00:03 by the machine's clock");
	expect_text(text, "The logs do not tell of: a wipe, an image applied, a restore, the store's deletion.");
	free(text);
	story_release(&story);
	log_events_release(&events);
}

Test(story, nothing_at_all)
{
	struct log_events events = { 0 };
	struct story      story;
	char             *text;

	tell(&story, &events);
	text = text_of(&story, NULL);
	cr_expect(eq(str, text, "No log tells what happened.\n"));
	free(text);
	story_release(&story);
}

/* The log lies in several folders: as the wipe saw it, and as it went on. */
Test(story, copies_of_a_log_count_once)
{
	struct log_events events = { 0 };
	struct story      once, twice;
	struct log_events both = { 0 };

	add(&events, refresh, 1);
	add(&both, refresh, 1);
	add(&both, refresh, 2);
	tell(&once, &events);
	tell(&twice, &both);
	cr_assert(eq(sz, twice.timeline.count, once.timeline.count));
	for (size_t i = 0; i < once.timeline.count; i++) {
		cr_expect(eq(int, twice.timeline.items[i].kind, once.timeline.items[i].kind));
		cr_expect(eq(u64, twice.timeline.items[i].offset, once.timeline.items[i].offset));
		cr_expect(eq(u32, twice.timeline.items[i].told, 2 * once.timeline.items[i].told));
	}
	story_release(&once);
	story_release(&twice);
	log_events_release(&events);
	log_events_release(&both);
}

/* The sequence's own clean-up takes a store that lies in its folder, also when it does not get to its end. */
Test(story, clean_up_of_the_sequence)
{
	static const char text[] =
		R("10:00:00.000", "OSDUSMT", "Executing command line: scanstate.exe D:\\_SMSTaskSequence\\UserState /o")
		R("10:30:00.000", "TSManager", "Set a global environment variable _SMSTSMDataPath=D:\\_SMSTaskSequence")
		R("10:30:01.000", "TSManager", "Cleaning up task sequence folder")
		R("10:30:02.000", "TSManager", "RemoveDirectoryW failed (0x80070091) for D:\\_SMSTaskSequence");
	struct log_events events = { 0 };
	struct story      story;
	char             *told;

	add(&events, text, 1);
	tell(&story, &events);
	told = text_of(&story, NULL);
	expect_text(told, "The deletion of D:\\_SMSTaskSequence began at 2019-10-18 14:30:01 UTC and failed");
	expect_text(told, "What it had deleted by then is gone.");
	cr_expect(that(!strstr(told, "still whole")), "%s", told);
	free(told);
	story_release(&story);
	log_events_release(&events);
}

Test(story, a_step_that_went_well_later_did_not_fail)
{
	static const char failed[] = R("10:00:00.000", "TSManager", "Failed to run the action: S. \nx (Error: 80070005; Source: Windows)");
	static const char ignored[] = R("10:00:01.000", "TSManager", "The execution engine ignored the failure of the action (S) and "
								     "continues execution");
	static const char well[] = R("10:00:02.000", "TSManager", "Successfully completed the action (S) with the exit win32 code 0");
	struct log_events events = { 0 };
	struct story      story;

	add(&events, failed, 1);
	add(&events, ignored, 1);
	tell(&story, &events);
	cr_assert(that(story.failed && story.ignored));
	story_release(&story);
	add(&events, well, 1);
	tell(&story, &events);
	cr_expect(that(!story.failed));
	story_release(&story);
	log_events_release(&events);
}

/* The most dangerous of all: the new, empty system was captured over the store. */
Test(story, a_second_capture_is_told)
{
	static const char again[] = R("12:00:02.000", "OSDUSMT", "Executing command line: scanstate.exe c:\\USMTDemo /o /c /hardlink");
	struct log_events events = { 0 };
	struct story      story;
	char             *text;

	add(&events, refresh, 1);
	add(&events, again, 2);
	tell(&story, &events);
	cr_expect(eq(sz, story.captures, 2));
	cr_expect(that(!story.capture.ended), "the first one's end is not the second one's");
	text = text_of(&story, NULL);
	expect_text(text, "There were 2 captures");
	expect_text(text, "no log tells how it ended");
	free(text);
	story_release(&story);
	log_events_release(&events);
}

/* Without a time an event stays where it stood. */
Test(story, torn_events_keep_their_place)
{
	static const char torn[] = R("10:00:00.000", "A", "Successfully wiped C:\\") "<![LOG[Applying image to C:\\\r\n"
				   R("10:00:02.000", "TSManager", "Calling RebootSystem()");
	struct log_events events = { 0 };
	struct story      story;

	add(&events, torn, 1);
	tell(&story, &events);
	cr_assert(eq(sz, story.timeline.count, 4));
	cr_expect(eq(int, story.timeline.items[2].kind, LOG_APPLY_BEGAN));
	cr_expect(eq(int, story.timeline.items[2].clock, LOG_CLOCK_NONE));
	cr_expect(eq(int, story.timeline.items[3].kind, LOG_RESTART));
	story_release(&story);
	log_events_release(&events);
}

/* The clock was moved between two parts of a log: the nearer one counts. */
Test(story, the_nearest_clock_is_taken)
{
	static const char later[] = "<![LOG[Calling RebootSystem()]LOG]!><time=\"12:00:00.000+060\" date=\"10-18-2019\" "
				    "component=\"TSManager\" context=\"\" type=\"1\" thread=\"1\" file=\"x.cpp:1\">";
	struct log_events events = { 0 };
	struct story      story;

	add(&events, R("10:00:00.000", "TSManager", "Calling RebootSystem()"), 1);
	add(&events, later, 1);
	add(&events, U("10:30:00", "Command line: scanstate.exe C:\\s"), 2);
	tell(&story, &events);
	cr_assert(that(story.capture.began && story.capture.began->clock == LOG_CLOCK_ASSUMED));
	cr_expect(eq(str, text_time(story.capture.began->time).text, "2019-10-18 14:30:00 UTC"));
	story_release(&story);
	log_events_release(&events);
}

Test(story, what_one_log_says_twice_was_twice)
{
	static const char text[] = R("10:00:00.000", "A", "Skipping C:\\S for wipe") R("10:00:00.000", "A", "Skipping C:\\S for wipe");
	struct log_events events = { 0 };
	struct story      story;

	add(&events, text, 1);
	tell(&story, &events);
	cr_expect(eq(sz, story.timeline.count, 3), "and the wipe's beginning");
	story_release(&story);
	log_events_release(&events);
}

struct folders {
	char folder[40], store[40];
	bool holds;
};

ParameterizedTestParameters(story, what_a_deletion_takes)
{
	static struct folders cases[] = {
		{ "C:\\USMTDemo", "c:\\usmtdemo", true },
		{ "C:/USMTDemo/", "C:\\USMTDemo", true },
		{ "C:\\_SMSTaskSequence", "C:\\_SMSTaskSequence\\UserState", true },
		{ "\\_SMSTaskSequence", "D:\\_SMSTaskSequence\\UserState", true },
		{ "C:\\_SMSTaskSequence", "D:\\_SMSTaskSequence\\UserState", false },
		{ "C:\\USMTDemo\\USMT", "C:\\USMTDemo", true },
		{ "C:\\USMTDemo\\Logs", "C:\\USMTDemo", false },
		{ "C:\\USMT", "C:\\USMTDemo", false },
		{ "C:\\USMTDemo2", "C:\\USMTDemo", false },
		{ "", "C:\\USMTDemo", false },
		{ "C:\\", "C:\\USMTDemo", true },
		{ "C:\\USMTDemo", "", false },
	};

	return CASES(struct folders, cases);
}

ParameterizedTest(struct folders *c, story, what_a_deletion_takes)
{
	cr_expect(eq(int, story_holds_store(c->folder, c->store), c->holds), "%s %s", c->folder, c->store);
}

/* A name from a disk must not reach a terminal as it is. */
Test(story, names_are_escaped)
{
	static const char text[] = R("10:00:00.000", "A", "Executing command line: scanstate.exe C:\\a\x1b[31m /o")
				   R("10:00:01.000", "TSManager", "Failed to run the action: S\x1b. \nx (Error: 80070005; Source: Windows)");
	struct log_events events = { 0 };
	struct story      story;
	char             *told;

	add(&events, text, 1);
	tell(&story, &events);
	told = text_of(&story, NULL);
	cr_expect(that(!strchr(told, '\x1b')));
	expect_text(told, "C:\\a\\x1b[31m");
	free(told);
	story_release(&story);
	log_events_release(&events);
}

/* -------- what file systems show -------- */

static void show(struct log_events *events, enum log_event_kind kind, uint64_t time, const char *path)
{
	cr_assert(that(array_push(&events->list, (struct log_event){ .kind = kind,
								     .clock = LOG_CLOCK_UTC,
								     .time = time,
								     .has_number = true,
								     .number = 2,
								     .step = "",
								     .path = path,
								     .said = "",
								     .artefact = 99,
								     .order = events->list.count,
								     .told = 1 })));
}

#define OCTOBER_18 132158304000000000 /* (date -u -d 2019-10-18 +%s + 11644473600) * 10^7 */

Test(story, a_volume_tells_when_no_log_does)
{
	struct log_events  events = { 0 };
	struct story       story;
	struct story_since since = { true, 1, 1, 1 };
	char              *text;

	show(&events, SHOWN_STORE_LAST, OCTOBER_18 + NTFS_TIME_PER_SECOND, "\\S\\USMT");
	show(&events, SHOWN_STORE, OCTOBER_18, "\\S\\USMT");
	show(&events, SHOWN_FORMAT, OCTOBER_18 - NTFS_TIME_PER_SECOND, "");
	show(&events, SHOWN_LAST_CHANGE, OCTOBER_18 + 2 * NTFS_TIME_PER_SECOND, "");
	tell(&story, &events);
	cr_expect(that(!story.told && story_loss(&story) == story.last_sign));
	text = text_of(&story, &since);
	cr_expect(eq(str, text,
		     "No log tells what happened.\n"
		     "The folder of the store \\S\\USMT on volume 2 was made at 2019-10-18 00:00:00 UTC.\n"
		     "The store \\S\\USMT on volume 2 is deleted, in part at least, and no log tells when: its folders last showed a sign of "
		     "life at 2019-10-18 00:00:01 UTC, so it was then or later.\n"
		     "Since that sign of life, 1 file with 1 byte was written, at the least.\n"
		     "Volume 2 was formatted at 2019-10-17 23:59:59 UTC.\n"
		     "A file was changed last at 2019-10-18 00:00:02 UTC.\n"));
	free(text);
	story_release(&story);
	log_events_release(&events);
}

/* Two volumes that were formatted in one second; and a clock that is UTC's settles no log's zone. */
Test(story, what_volumes_show_is_their_own)
{
	struct log_events events = { 0 };
	struct story      story;

	show(&events, SHOWN_FORMAT, OCTOBER_18, "");
	show(&events, SHOWN_FORMAT, OCTOBER_18, "");
	add(&events, scanstate, 1);
	tell(&story, &events);
	cr_expect(eq(int, story.timeline.items[0].kind, SHOWN_FORMAT));
	cr_expect(eq(int, story.timeline.items[1].kind, SHOWN_FORMAT));
	cr_expect(eq(int, story.capture.began->clock, LOG_CLOCK_LOCAL));
	story_release(&story);
	log_events_release(&events);
}

Test(story, a_log_knows_the_deletion_better_than_a_folder)
{
	struct log_events events = { 0 };
	struct story      story;
	char             *text;

	show(&events, SHOWN_STORE_LAST, OCTOBER_18, "\\USMTDemo\\USMT");
	add(&events, refresh, 1);
	add(&events, deletion, 3);
	tell(&story, &events);
	cr_expect(that(story_loss(&story) == story.deleted.began));
	text = text_of(&story, NULL);
	cr_expect(that(!strstr(text, "no log tells when")), "%s", text);
	free(text);
	story_release(&story);
	log_events_release(&events);
}

/* The log ends in the middle: that is all that is said. */
Test(story, a_sequence_that_just_stops)
{
	static const char text[] = R("10:00:00.000", "TSManager", "The task execution engine started execution")
				   R("10:00:01.000", "TSManager", "Start executing an instruction. Instruction name: S. Instruction pointer: 4")
				   R("10:00:02.000", "TSManager", "Start executing the command line: x.exe");
	struct log_events events = { 0 };
	struct story      story;
	char             *told;

	add(&events, text, 1);
	tell(&story, &events);
	told = text_of(&story, NULL);
	expect_text(told, "The task sequence began at 2019-10-18 14:00:00 UTC; no log tells how it ended, or why.");
	cr_expect(that(!strstr(told, "failed")), "%s", told);
	free(told);
	story_release(&story);
	log_events_release(&events);
}

/* The change journal: its deletion of a store counts before the folders' last sign of life. */
Test(story, a_journal_knows_when_a_store_went)
{
	static const struct {
		enum log_event_kind kind;
		uint64_t            seconds, count, usn;
		const char         *path;
	} shown[] = {
		{ SHOWN_STORE, 1, 0, 0, "\\S\\USMT" },	     { SHOWN_BURST_BEGAN, 10, 150, 400, "" },
		{ SHOWN_BURST_ENDED, 12, 150, 500, "" },     { SHOWN_DELETE_BEGAN, 20, 126, 600, "\\S\\USMT" },
		{ SHOWN_BURST_BEGAN, 20, 126, 600, "" },     { SHOWN_BURST_ENDED, 22, 126, 700, "" },
		{ SHOWN_DELETE_ENDED, 22, 126, 700, "\\S\\USMT" }, { SHOWN_STORE_LAST, 22, 0, 0, "\\S\\USMT" },
	};
	struct log_events  events = { 0 };
	struct story       story;
	struct story_since since = { true, 2, 1024, 1 };
	char              *text;

	for (size_t i = 0; i < COUNT(shown); i++) {
		show(&events, shown[i].kind, OCTOBER_18 + shown[i].seconds * NTFS_TIME_PER_SECOND, shown[i].path);
		events.list.items[i].count = shown[i].count;
		events.list.items[i].offset = shown[i].usn;
	}
	tell(&story, &events);
	cr_expect(eq(u64, story_loss(&story)->time, OCTOBER_18 + 20 * NTFS_TIME_PER_SECOND));
	text = text_of(&story, &since);
	cr_expect(eq(str, text,
		     "No log tells what happened.\n"
		     "The folder of the store \\S\\USMT on volume 2 was made at 2019-10-18 00:00:01 UTC.\n"
		     "By the change journal of volume 2, of the store \\S\\USMT 126 files and folders were deleted, from "
		     "2019-10-18 00:00:20 UTC to 2019-10-18 00:00:22 UTC.\n"
		     "By the change journal of volume 2, 150 files and folders were deleted, from 2019-10-18 00:00:10 UTC to "
		     "2019-10-18 00:00:12 UTC.\n"
		     "Since the deletion began, 2 files with 1.0 KiB were written, at the least.\n"));
	free(text);
	story_release(&story);
	log_events_release(&events);
}

/* A piece of a log ends in the middle of a record: its log has it whole. */
Test(story, a_torn_record_and_the_whole_one_are_one)
{
	static const char whole[] = R("10:00:00.000", "TSManager", "Calling RebootSystem()") R("10:00:30.000", "A", "Applying image to C:\\");
	static const char torn[] = R("10:00:00.000", "TSManager", "Calling RebootSystem()") "<![LOG[Applying image to C:\\";
	for (uint32_t first = 0; first < 2; first++) {
		struct log_events events = { 0 };
		struct story      story;

		add(&events, first ? torn : whole, 1);
		add(&events, first ? whole : torn, 2);
		tell(&story, &events);
		cr_assert(eq(sz, story.timeline.count, 2));
		cr_expect(eq(int, story.timeline.items[1].kind, LOG_APPLY_BEGAN));
		cr_expect(that(!story.timeline.items[1].torn && story.timeline.items[1].clock == LOG_CLOCK_UTC));
		cr_expect(eq(u32, story.timeline.items[1].told, 2));
		story_release(&story);
		log_events_release(&events);
	}
}

/* A format takes the stores away that were made before it, and no others. */
Test(story, a_volume_is_formatted_over_a_store)
{
	for (uint64_t later = 0; later < 2; later++) {
		struct log_events events = { 0 };
		struct story      story;

		show(&events, SHOWN_FORMAT, OCTOBER_18 - NTFS_TIME_PER_SECOND, "");
		show(&events, SHOWN_STORE, OCTOBER_18, "\\S\\USMT");
		if (later)
			show(&events, SHOWN_FORMAT, OCTOBER_18 + NTFS_TIME_PER_SECOND, "");
		tell(&story, &events);
		cr_expect(that(story_loss(&story) == (later ? &story.timeline.items[2] : NULL)));
		story_release(&story);
		log_events_release(&events);
	}
}

/* Which volume was formatted is said where there are others. */
Test(story, the_volume_that_was_formatted_is_named_among_several)
{
	static const char *const sentences[] = {
		"\nSince a volume was formatted, no file is known to have been written.\n",
		"\nSince volume 2 was formatted, no file is known to have been written.\n",
	};
	struct log_events events = { 0 };
	struct story      story;

	show(&events, SHOWN_STORE, OCTOBER_18, "\\S\\USMT");
	show(&events, SHOWN_FORMAT, OCTOBER_18 + NTFS_TIME_PER_SECOND, "");
	tell(&story, &events);
	for (size_t i = 0; i < 2; i++) {
		struct story_since since = { .known = true, .volumes = 1 + i };
		char              *text = text_of(&story, &since);

		cr_expect(that(strstr(text, sentences[i]) != NULL), "%s", text);
		free(text);
	}
	story_release(&story);
	log_events_release(&events);
}
