/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_log_event.c - expected values: read in the samples with grep -abo and wc, date -u; texts of the other
 * records as they stand in logs (spec USMT 1.6, 5.5-5.10)
 */
#include "tests/unit/unit.h"

#include "core/ntfs_time.h"
#include "scan/story/log_event.h"

static void read_bytes(struct log_events *events, struct blob blob, uint64_t offset)
{
	struct error err;

	cr_assert(eq(int, log_events_read(events, blob_bytes(blob, offset), 7, &err), 0));
}

static void read_text(struct log_events *events, const char *text)
{
	struct blob exact = blob_copy(text, strlen(text));

	read_bytes(events, exact, 0);
	free(exact.at);
}

static size_t count_of(const struct log_events *events, enum log_event_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < events->list.count; i++)
		count += events->list.items[i].kind == kind;
	return count;
}

static const struct log_event *first_of(const struct log_events *events, enum log_event_kind kind)
{
	for (size_t i = 0; i < events->list.count; i++)
		if (events->list.items[i].kind == kind)
			return &events->list.items[i];
	cr_assert(that(false), "no event of kind %d", kind);
	return NULL;
}

static uint64_t seconds_of(const struct log_event *event)
{
	return (event->time - NTFS_TIME_UNIX_EPOCH) / NTFS_TIME_PER_SECOND;
}

/* -------- real logs -------- */

Test(log_event, smsts_of_mdt)
{
	struct blob             sample = sample_load("usmt/smsts-mdt-winpe-2019.log");
	struct log_events       events = { 0 };
	const struct log_event *event;

	read_bytes(&events, sample, 0);
	cr_expect(eq(sz, count_of(&events, LOG_STEP_BEGAN), 19));
	cr_expect(eq(sz, count_of(&events, LOG_STEP_ENDED), 19));
	event = first_of(&events, LOG_SEQUENCE_BEGAN);
	cr_expect(eq(u64, event->offset, 8990));
	cr_expect(eq(u64, seconds_of(event), 1575701738)); /* date -u -d '2019-12-07 06:55:38' +%s */
	cr_expect(eq(int, event->clock, LOG_CLOCK_UTC));
	cr_expect(that(!event->has_number), "it begins at its beginning");
	event = first_of(&events, LOG_PARTITION_BEGAN);
	cr_expect(eq(u64, event->offset, 58776));
	event = first_of(&events, LOG_PARTITION_ENDED);
	cr_expect(that(event->outcome == LOG_WELL && event->has_code && event->code == 0));
	for (size_t i = 0; i < events.list.count; i++) {
		event = &events.list.items[i];
		if (event->offset == 59397) {
			cr_expect(eq(int, event->kind, LOG_STEP_ENDED));
			cr_expect(eq(str, (char *)event->step, "Format and Partition Disk (BIOS)"));
			cr_expect(that(event->has_number));
			cr_expect(eq(u32, event->number, 27));
		}
	}
	log_events_release(&events);
	free(sample.at);
}

Test(log_event, smsts_of_configmgr)
{
	struct blob             sample = sample_load("usmt/smsts-configmgr-fullos-2019.log");
	struct log_events       events = { 0 };
	const struct log_event *event;

	read_bytes(&events, sample, 0x10000);
	cr_expect(eq(sz, count_of(&events, LOG_STEP_BEGAN), 22));
	cr_expect(eq(sz, count_of(&events, LOG_STEP_ENDED), 23));
	cr_expect(eq(sz, count_of(&events, LOG_RESTART), 1));
	cr_expect(eq(u64, first_of(&events, LOG_RESTART)->offset, 0x10000 + 743409));
	event = first_of(&events, LOG_SEQUENCE_BEGAN);
	cr_expect(that(event->has_number));
	cr_expect(eq(u32, event->number, 33));
	event = first_of(&events, LOG_SEQUENCE_ENDED);
	cr_expect(that(event->outcome == LOG_WELL));
	cr_expect(eq(u64, event->offset, 0x10000 + 1655057));
	event = first_of(&events, LOG_DELETE_ENDED);
	cr_expect(that(event->outcome == LOG_FAILED && event->code == 0x80070091));
	cr_expect(eq(str, (char *)event->path, "C:\\_SMSTaskSequence"));
	cr_expect(eq(sz, count_of(&events, LOG_WIPE_BEGAN), 0), "the manager's own clean-up is no wipe");
	log_events_release(&events);
	free(sample.at);
}

Test(log_event, bdd_of_mdt)
{
	struct blob             sample = sample_load("usmt/mdt-BDD-2024.log");
	struct log_events       events = { 0 };
	const struct log_event *event;

	read_bytes(&events, sample, 0);
	cr_expect(eq(sz, count_of(&events, LOG_STEP_ENDED), 20));
	event = first_of(&events, LOG_SEQUENCE_BEGAN);
	cr_expect(eq(u64, event->offset, 55741));
	cr_expect(eq(int, event->clock, LOG_CLOCK_LOCAL), "its +000 is none");
	cr_expect(eq(u64, first_of(&events, LOG_PARTITION_ENDED)->offset, 125146));
	event = first_of(&events, LOG_APPLY_BEGAN);
	cr_expect(eq(u64, event->offset, 196250));
	cr_expect(eq(str, (char *)event->path,
		     "\\\\PHL-IMAGE.acr.org\\DeploymentShare$\\Operating Systems\\Windows 11 Enterprise 21H2 "
		     "x64\\Sources\\install.wim"));
	cr_expect(eq(sz, count_of(&events, LOG_APPLY_BEGAN), 1));
	event = first_of(&events, LOG_APPLY_ENDED);
	cr_expect(that(event->outcome == LOG_WELL));
	cr_expect(eq(u64, event->offset, 218993));
	cr_expect(eq(u64, first_of(&events, LOG_WIPE_BEGAN)->offset, 197030));
	cr_expect(eq(sz, count_of(&events, LOG_WIPE_SKIPPED), 2));
	cr_expect(eq(str, (char *)first_of(&events, LOG_WIPE_SKIPPED)->path, "D:\\MININT"));
	cr_expect(eq(u64, first_of(&events, LOG_RESTART)->offset, 260976));
	log_events_release(&events);
	free(sample.at);
}

/* /genconfig captures nothing, and /extract deletes nothing. */
Test(log_event, real_logs_of_usmt_that_change_nothing)
{
	static const char *const names[] = { "usmt/scanstate-genconfig.log", "usmt/usmtutils-extract.log" };

	for (size_t i = 0; i < COUNT(names); i++) {
		struct blob       sample = sample_load(names[i]);
		struct log_events events = { 0 };

		cr_expect(eq(int, log_form_of(blob_bytes(sample, 0)), LOG_FORM_USMT));
		read_bytes(&events, sample, 0);
		cr_expect(eq(sz, events.list.count, 0), "%s", names[i]);
		log_events_release(&events);
		free(sample.at);
	}
}

/* A real log, cut anywhere: what is found is found where it was. */
Test(log_event, pieces_say_what_the_whole_says)
{
	struct blob       sample = sample_load("usmt/mdt-BDD-2024.log");
	struct log_events whole = { 0 }, piece = { 0 };
	struct blob       cut = blob_copy(sample.at + 196300, 25000);

	read_bytes(&whole, sample, 0);
	read_bytes(&piece, cut, 196300);
	cr_expect(eq(sz, count_of(&piece, LOG_WIPE_SKIPPED), 2));
	cr_expect(eq(u64, first_of(&piece, LOG_WIPE_BEGAN)->offset, 197030));
	cr_expect(eq(u64, first_of(&piece, LOG_APPLY_ENDED)->offset, 218993), "its command line is in the piece");
	for (size_t i = 0; i < piece.list.count; i++)
		cr_expect(that(piece.list.items[i].offset >= 196300 && piece.list.items[i].offset < 221300));
	log_events_release(&whole);
	log_events_release(&piece);
	free(cut.at);
	free(sample.at);
}

/* -------- texts -------- */

#define R(time, component, text)                                                                                   \
	"<![LOG[" text "]LOG]!><time=\"" time "+240\" date=\"10-18-2019\" component=\"" component "\" context=\"\" " \
	"type=\"1\" thread=\"1100\" file=\"x.cpp:1\">\r\n"

Test(log_event, capture_of_configmgr)
{
	struct log_events       events = { 0 };
	const struct log_event *event;

	read_text(&events,
		  R("10:00:00.000", "TSManager", "Start executing an instruction. Instruction name: Capture. Instruction pointer: 12")
		  R("10:00:00.500", "TSManager", "Set a global environment variable OSDStateStorePath=C:\\USMTDemo")
		  R("10:00:01.000", "TSManager", "Start executing the command line: osdmigrateuserstate.exe /capture")
		  R("10:00:02.000", "OSDUSMT", "Executing command line: \"C:\\_SMSTaskSequence\\Packages\\P\\amd64\\scanstate.exe\" "
					       "\"c:\\USMTDemo\" /o /localonly /c /hardlink /nocompress with options (0, 4)")
		  R("10:00:03.000", "TSManager", "Process completed with exit code 5")
		  R("10:05:00.000", "OSDUSMT", "Process completed with exit code 3")
		  R("10:05:01.000", "TSManager", "Successfully completed the action (Capture) with the exit win32 code 0"));
	cr_assert(eq(sz, events.list.count, 5));
	cr_expect(eq(str, (char *)events.list.items[0].path, "C:\\USMTDemo"));
	cr_expect(eq(int, events.list.items[1].kind, LOG_STEP_BEGAN));
	cr_expect(eq(str, (char *)events.list.items[1].step, "Capture"));
	event = &events.list.items[2];
	cr_expect(eq(int, event->kind, LOG_CAPTURE_BEGAN));
	cr_expect(eq(str, (char *)event->path, "c:\\USMTDemo"));
	cr_expect(eq(u32, event->artefact, 7));
	event = &events.list.items[3];
	cr_expect(eq(int, event->kind, LOG_CAPTURE_ENDED), "another component's exit code is not its own");
	cr_expect(that(event->outcome == LOG_WELL && event->code == 3));
	cr_expect(eq(u64, seconds_of(event), 1571407500)); /* date -u -d '2019-10-18 14:05' +%s */
	log_events_release(&events);
}

Test(log_event, wipe_and_apply_of_configmgr)
{
	static const enum log_event_kind kinds[] = { LOG_WIPE_BEGAN, LOG_WIPE_SKIPPED, LOG_WIPE_SKIPPED, LOG_WIPE_ENDED,
						     LOG_APPLY_BEGAN, LOG_APPLY_ENDED, LOG_STEP_ENDED };
	struct log_events                events = { 0 };

	read_text(&events,
		  R("10:10:00.000", "ApplyOperatingSystem", "Unable to delete file \\\\?\\C:\\hiberfil.sys (0x80070020). Continuing.")
		  R("10:10:00.000", "ApplyOperatingSystem", "Skipping C:\\USMTDemo for wipe")
		  R("10:10:00.000", "ApplyOperatingSystem", "Skipping C:\\_SMSTaskSequence for wipe")
		  R("10:10:01.000", "ApplyOperatingSystem", "Unable to delete directory 'C:\\' (0x80070002). Retrying after delay.")
		  R("10:10:09.000", "ApplyOperatingSystem", "Successfully wiped C:\\")
		  R("10:10:09.000", "ApplyOperatingSystem", "Reporting deletion progress.")
		  R("10:10:10.000", "ApplyOperatingSystem", "Applying image to C:\\")
		  R("10:10:10.000", "ApplyOperatingSystem", "Applying image 1")
		  R("10:12:00.000", "TSManager", "Failed to run the action: Apply. Win. \r\nAccess is denied. (Error: 80070005; Source: Windows)"));
	cr_assert(eq(sz, events.list.count, COUNT(kinds)));
	for (size_t i = 0; i < COUNT(kinds); i++)
		cr_expect(eq(int, events.list.items[i].kind, kinds[i]), "%zu", i);
	cr_expect(eq(str, (char *)events.list.items[0].path, "C:\\"));
	cr_expect(eq(str, (char *)events.list.items[1].path, "C:\\USMTDemo"));
	cr_expect(eq(str, (char *)events.list.items[3].path, "C:\\"));
	cr_expect(that(events.list.items[5].outcome == LOG_FAILED && events.list.items[5].code == 0x80070005));
	cr_expect(eq(str, (char *)events.list.items[5].path, "C:\\"));
	cr_expect(eq(str, (char *)events.list.items[6].step, "Apply. Win"));
	cr_expect(eq(u32, events.list.items[6].code, 0x80070005));
	log_events_release(&events);
}

Test(log_event, a_failed_sequence_ends_once)
{
	struct log_events       events = { 0 };
	const struct log_event *event;

	read_text(&events,
		  R("10:00:00.000", "TSManager", "The task execution engine started execution")
		  R("10:00:01.000", "TSManager", "The execution engine ignored the failure of the action (Gather) and continues execution")
		  R("10:00:02.000", "TSManager", "Failed to run the last action: Restore. Execution of task sequence failed. \n"
						 "Reached the end of the file. (Error: 80070026; Source: Windows)")
		  R("10:00:03.000", "TSManager", "Task sequence execution failed with error code 80004005")
		  R("10:00:04.000", "TSManager", "Error Task Sequence Manager failed to execute task sequence. Code 0x80004005")
		  R("10:00:05.000", "TsProgressUI", "Task sequence 'X' has failed with the error code 0x80070026 in the task sequence step 'Restore'."));
	cr_assert(eq(sz, events.list.count, 3));
	cr_expect(eq(str, (char *)first_of(&events, LOG_FAILURE_IGNORED)->step, "Gather"));
	event = first_of(&events, LOG_SEQUENCE_ENDED);
	cr_expect(that(event->outcome == LOG_FAILED && event->code == 0x80070026));
	cr_expect(eq(str, (char *)event->step, "Restore"));
	log_events_release(&events);
}

/* Each alone, as in a piece of a log. */
Test(log_event, each_word_of_a_failure_is_enough)
{
	static const struct {
		const char *text;
		uint32_t    code;
		const char *step;
	} cases[] = {
		{ R("10:00:03.000", "TSManager", "Task sequence execution failed with error code 80004005"), 0x80004005, "" },
		{ R("10:00:03.000", "TSManager", "Error Task Sequence Manager failed to execute task sequence. Code 0x80004005"), 0x80004005, "" },
		{ R("10:00:03.000", "TSManager", "Task sequence 'X' has failed with the error code 0x80070026 in the task sequence step 'Re'."), 0x80070026, "Re" },
		{ R("10:00:03.000", "LiteTouch", "Litetouch deployment failed, Return Code = -2147467259  0x80004005"), 0x80004005, "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct log_events events = { 0 };

		read_text(&events, cases[i].text);
		cr_assert(eq(sz, events.list.count, 1), "%s", cases[i].text);
		cr_expect(eq(int, events.list.items[0].kind, LOG_SEQUENCE_ENDED));
		cr_expect(eq(u32, events.list.items[0].code, cases[i].code));
		cr_expect(eq(str, (char *)events.list.items[0].step, (char *)cases[i].step));
		log_events_release(&events);
	}
}

Test(log_event, deletion_of_the_store)
{
	struct log_events events = { 0 };

	read_text(&events,
		  R("10:00:00.000", "OSDUSMT", "Executing command line: cmd /q /c ECHO Y | C:\\P\\amd64\\usmtutils.exe /rd \"C:\\USMT Demo\"")
		  R("10:00:01.000", "OSDUSMT", "USMTUtils completed with exit code 0")
		  R("10:00:02.000", "InstallSoftware", "Executing command line: cmd.exe /c \"rd /s /q C:\\StateStore\"")
		  R("10:00:03.000", "InstallSoftware", "Process completed with exit code 5"));
	cr_assert(eq(sz, events.list.count, 4));
	cr_expect(eq(str, (char *)events.list.items[0].path, "C:\\USMT Demo"));
	cr_expect(that(events.list.items[1].kind == LOG_DELETE_ENDED && events.list.items[1].outcome == LOG_WELL));
	cr_expect(eq(str, (char *)events.list.items[2].path, "C:\\StateStore"));
	cr_expect(that(events.list.items[3].kind == LOG_DELETE_ENDED && events.list.items[3].outcome == LOG_FAILED));
	cr_expect(eq(u32, events.list.items[3].code, 5));
	log_events_release(&events);
}

Test(log_event, mdt_runs_usmt)
{
	struct log_events events = { 0 };

	read_text(&events,
		  R("10:00:00.000", "ZTIUserState", "About to run command: \"D:\\USMT\\scanstate.exe\"  \"C:\\StateStore\" /hardlink /nocompress /v:5 /o /c")
		  R("10:00:09.000", "ZTIUserState", "Return code from command = 26")
		  R("10:00:10.000", "ZTIUserState", "ZTI ERROR - Non-zero return code by ZTIUserState, rc = 26"));
	cr_assert(eq(sz, events.list.count, 3));
	cr_expect(eq(str, (char *)events.list.items[0].path, "C:\\StateStore"));
	cr_expect(that(events.list.items[1].kind == LOG_CAPTURE_ENDED && events.list.items[1].outcome == LOG_FAILED));
	cr_expect(eq(u32, events.list.items[1].code, 26));
	cr_expect(eq(str, (char *)events.list.items[2].step, "ZTIUserState"));
	log_events_release(&events);
}

#define U(time, level, text) "2019-10-18 " time ", " level "                  [0x000000] " text "\r\n"

Test(log_event, scanstate_with_what_it_left_out)
{
	struct log_events       events = { 0 };
	const struct log_event *event;

	read_text(&events,
		  "\xef\xbb\xbf" U("10:00:02", "Info", "USMT Started at 2019/10/18:10:00:02.100")
		  U("10:00:02", "Info", "Command line: C:\\x\\scanstate.exe c:\\store /o /c /hardlink /nocompress[gle=0x000000b7]")
		  "2019-10-18 10:00:03, Warning               [0x0803ba] Found valid profile but can't get user credentials. Will ignore "
		  "due to error code: 0x00000534 User SID: S-1-5-21-1-2-3-1001\r\n"
		  U("10:00:04", "Error", "Read error 395 for C:\\Users\\a b\\x.docx[gle=0x0000018b]")
		  U("10:05:00", "Info", "Success, 37 errors ignored. See the log for more information.")
		  U("10:05:00", "Info", "|    Error Code | Caused Abort | Recurrence | First Occurence")
		  U("10:05:00", "Info", "|           395 |           No |         37 | Read error 395 for C:\\Users\\a b\\x.docx"));
	cr_assert(eq(sz, events.list.count, 5));
	cr_expect(eq(str, (char *)events.list.items[0].path, "c:\\store"));
	cr_expect(eq(int, events.list.items[0].clock, LOG_CLOCK_LOCAL));
	cr_expect(eq(u64, seconds_of(&events.list.items[0]), 1571392802)); /* date -u -d '2019-10-18 10:00:02' +%s */
	cr_expect(eq(str, (char *)first_of(&events, LOG_PROFILE_LEFT_OUT)->path, "S-1-5-21-1-2-3-1001"));
	event = first_of(&events, LOG_LEFT_OUT);
	cr_expect(eq(u32, event->code, 395));
	cr_expect(eq(str, (char *)event->path, "C:\\Users\\a b\\x.docx"));
	event = first_of(&events, LOG_CAPTURE_ENDED);
	cr_expect(that(event->outcome == LOG_WELL && !event->has_code));
	cr_expect(eq(u64, event->count, 37));
	event = first_of(&events, LOG_LEFT_OUT_SUM);
	cr_expect(eq(u64, event->count, 37));
	log_events_release(&events);
}

Test(log_event, setup)
{
	struct log_events events = { 0 };

	read_text(&events, "2019-10-18 10:20:00, Info                         [windeploy.exe] Found no unattend file.\r\n"
			   "2019-10-18 10:20:01, Error                 [0x0f0100] SYSPRP Failed to do a thing\r\n"
			   "2019-10-18 10:20:02, Info                  [0x060260] IBS    Done\r\n"
			   "2019-10-18 10:20:03, Error                 [0x000000] of somebody else\r\n");
	cr_assert(eq(sz, events.list.count, 3));
	cr_expect(eq(int, events.list.items[0].kind, LOG_SETUP_BEGAN));
	cr_expect(eq(int, events.list.items[1].kind, LOG_SETUP_ERROR));
	cr_expect(eq(str, (char *)events.list.items[1].said, "SYSPRP Failed to do a thing"));
	cr_expect(eq(int, events.list.items[2].kind, LOG_SETUP_ENDED));
	cr_expect(eq(u64, events.list.items[2].time - events.list.items[0].time, 2 * NTFS_TIME_PER_SECOND));
	log_events_release(&events);
}

/* -------- odd bytes -------- */

Test(log_event, torn_records_are_told_as_such)
{
	struct log_events events = { 0 };

	read_text(&events, "owed by its end: Successfully wiped C:\\]LOG]!><time=\"10:00:00.000+240\" date=\"10-18-2019\" "
			   "component=\"A\" context=\"\" type=\"1\" thread=\"1\" file=\"x:1\">\n"
			   "<![LOG[Successfully wiped D:\\");
	cr_assert(eq(sz, events.list.count, 2), "the first text has lost its beginning, and says nothing");
	cr_expect(eq(int, events.list.items[1].kind, LOG_WIPE_ENDED));
	cr_expect(that(events.list.items[1].torn && events.list.items[1].clock == LOG_CLOCK_NONE));
	log_events_release(&events);
}

Test(log_event, what_is_no_log)
{
	static const char *const texts[] = { "", "\n", "hello", "<![LOG[", "]LOG]!>", "2019-10-18 10:00:00, ", "<![LOG[]LOG]!>",
					     R("10:00:00.000", "", "") };

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct log_events events = { 0 };

		read_text(&events, texts[i]);
		cr_expect(eq(sz, events.list.count, 0), "%s", texts[i]);
		log_events_release(&events);
	}
}

Test(log_event, codes_that_are_none)
{
	struct log_events events = { 0 };

	read_text(&events, R("10:00:00.000", "A", "Executing command line: scanstate.exe C:\\s")
			   R("10:00:01.000", "A", "Process completed with exit code x")
			   R("10:00:02.000", "A", "Process completed with exit code 99999999999999999999")
			   R("10:00:03.000", "A", "Process completed with exit code -1"));
	cr_assert(eq(sz, events.list.count, 2));
	cr_expect(eq(u32, events.list.items[1].code, 0xffffffff));
	cr_expect(eq(u64, events.list.items[1].time - events.list.items[0].time, 3 * NTFS_TIME_PER_SECOND));
	log_events_release(&events);
}
