/* SPDX-License-Identifier: GPL-3.0-or-later */
/* story_text.c - see story_text.h */
#include "report/story_text.h"

#include "core/cleanup.h"
#include "core/terminal.h"
#include "core/text.h"
#include "report/sequence_code.h"
#include "report/usmt_code.h"

#include <inttypes.h>

#define NAMED_MAX 3u /* of what was left out, and of stores; all of it is in the timeline */
#define LEFT_MAX  8u /* of what a wipe left */
#define LOGS_MAX  5u

/* -------- words -------- */

struct moment { char text[64]; };

/* "at 2019-10-18 14:21:04 UTC"; what is not sure is said to be so. */
static struct moment when(const struct log_event *event)
{
	struct moment      moment = { "at a time unknown" };
	struct text_number time = text_time(event->time);

	if (event->clock == LOG_CLOCK_LOCAL)
		snprintf(moment.text, sizeof moment.text, "at %.19s by the machine's clock", time.text);
	else if (event->clock == LOG_CLOCK_ASSUMED)
		snprintf(moment.text, sizeof moment.text, "at %s (zone by another log)", time.text);
	else if (event->clock == LOG_CLOCK_UTC)
		snprintf(moment.text, sizeof moment.text, "at %s", time.text);
	return moment;
}

static void print(FILE *out, const char *text)
{
	text_print(out, text, strlen(text));
}

/* A path, or what stands for one that no log says. */
static void print_path(FILE *out, const char *path, const char *unknown)
{
	print(out, *path ? path : unknown);
}

/* " with code 38: the store cannot be used" */
static void print_usmt_code(FILE *out, const struct log_event *ended)
{
	const char *meaning = ended->has_code && ended->code <= INT32_MAX ? usmt_code_meaning((int)ended->code) : NULL;

	if (!ended->has_code || !ended->code)
		return;
	fprintf(out, " with code %" PRIu32, ended->code);
	if (ended->code > 9)
		fprintf(out, " (0x%" PRIX32 ")", ended->code);
	if (meaning)
		fprintf(out, ": %s", meaning);
}

static void print_code(FILE *out, uint32_t code, bool of_usmt, bool with_advice)
{
	struct sequence_code known = sequence_code_of(code, of_usmt);

	fprintf(out, " with 0x%08" PRIX32, code);
	if (known.meaning)
		fprintf(out, ": %s", known.meaning);
	if (known.advice && with_advice)
		fprintf(out, " (%s)", known.advice);
}

/* What passed over errors has not ended well, whatever it says itself. */
static const char *word_of_outcome(const struct log_event *ended)
{
	if (ended->outcome == LOG_FAILED)
		return "failed";
	return ended->outcome == LOG_WELL && !ended->code && !ended->count ? "ended well" : "ended";
}

/* How a part went, as far as it is known; ends the sentence. */
static void print_outcome(FILE *out, const struct log_event *ended, bool of_usmt)
{
	if (!ended) {
		fputs("; no log tells how it ended.\n", out);
		return;
	}
	fprintf(out, " and %s %s", word_of_outcome(ended), when(ended).text);
	if (of_usmt)
		print_usmt_code(out, ended);
	else if (ended->has_code && ended->outcome == LOG_FAILED)
		print_code(out, ended->code, false, false);
	fputs(".\n", out);
}

/* "X began at ... and failed at ... with code 1."; nothing when no log tells of it. */
static void print_part(FILE *out, const struct story_part *part, const char *what, const char *path, bool of_usmt)
{
	const struct log_event *first = part->began ? part->began : part->ended;

	if (!first)
		return;
	fputs(what, out);
	print(out, path);
	if (part->began)
		fprintf(out, " began %s", when(part->began).text);
	else
		fputs(" began at a time unknown", out);
	print_outcome(out, part->ended, of_usmt);
}

/* -------- sentences -------- */

static const char *path_of(const struct story_part *part)
{
	const struct log_event *first = part->began ? part->began : part->ended;

	return first && *first->path ? first->path : "";
}

/* ": a, b, c, ..." of the last capture; ends the sentence. */
static void print_named(FILE *out, const struct story *story, enum log_event_kind kind)
{
	const struct log_event *end = story->timeline.items + story->timeline.count;
	size_t                  named = 0;

	for (const struct log_event *event = story->capture.began ? story->capture.began : story->timeline.items;
	     event < end && event->kind != LOG_RESTORE_BEGAN; event++) {
		if (event->kind != kind || named++ >= NAMED_MAX)
			continue;
		fputs(named == 1 ? ": " : ", ", out);
		print(out, event->path);
	}
	fputs(named > NAMED_MAX ? ", ...\n" : ".\n", out);
}

static void print_capture(FILE *out, const struct story *story)
{
	const char *path = path_of(&story->capture);

	print_part(out, &story->capture, *path ? "The capture of the users' state to " : "The capture of the users' state", path,
		   true);
	if (story->captures > 1)
		fprintf(out,
			"There were %zu captures, of which this is the last; with /o a capture overwrites the store of the "
			"one before.\n",
			story->captures);
	if (story->left_out)
		fprintf(out, "It left out %s objects, which the store does not hold", text_count(story->left_out).text);
	if (story->left_out)
		print_named(out, story, LOG_LEFT_OUT);
	if (story->profiles_left_out)
		fprintf(out, "It passed over the profiles of %zu users whose accounts it did not know", story->profiles_left_out);
	if (story->profiles_left_out)
		print_named(out, story, LOG_PROFILE_LEFT_OUT);
}

static void print_wipe(FILE *out, const struct story *story)
{
	size_t named = 0;

	print_part(out, &story->wipe, *path_of(&story->wipe) ? "The wipe of " : "The wipe of the old system",
		   path_of(&story->wipe), false);
	for (size_t i = 0; i < story->timeline.count; i++) {
		const struct log_event *event = &story->timeline.items[i];

		if (event->kind != LOG_WIPE_SKIPPED || (story->wipe.began && event < story->wipe.began))
			continue;
		if (named++ >= LEFT_MAX)
			continue;
		fputs(named > 1 ? ", " : "It left ", out);
		print(out, event->path);
	}
	if (named)
		fputs(named > LEFT_MAX ? ", ...\n" : ".\n", out);
}

/* A state step fails with the code of USMT. */
static bool is_of_usmt(const struct story *story, const struct log_event *failed)
{
	const struct log_event *ends[] = { story->capture.ended, story->restore.ended };

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (ends[i] && ends[i]->outcome == LOG_FAILED && ends[i]->has_code &&
		    sequence_code_of_usmt((int)(ends[i]->code & 0xffff)) == failed->code)
			return true;
	return false;
}

static void print_failure(FILE *out, const struct story *story)
{
	const struct log_event *failed = story->failed;

	if (!failed)
		return;
	fputs("The step '", out);
	print_path(out, failed->step, "(unknown)");
	fprintf(out, "' failed %s", when(failed).text);
	if (failed->has_code)
		print_code(out, failed->code, is_of_usmt(story, failed), true);
	fputs(story->ignored ? "; the sequence went on in spite of it.\n" : ".\n", out);
}

/* Why it stopped is said only when a log says so. */
static void print_sequence(FILE *out, const struct story *story)
{
	const struct story_part *part = &story->sequence;
	const char              *what = "The task sequence";

	if (part->ended && part->ended->outcome == LOG_FAILED && *part->ended->step) {
		fprintf(out, "The task sequence was ended %s by the step '", when(part->ended).text);
		print(out, part->ended->step);
		fputs("'.\n", out);
		return;
	}
	if (part->began && part->began->has_number) {
		fputs("The task sequence began before what these logs tell.\n", out);
		what = "Its last part";
	}
	if (part->began && !part->ended)
		fprintf(out, "%s began %s; no log tells how it ended%s.\n", what, when(part->began).text,
			story->failed ? "" : ", or why");
	else
		print_part(out, part, what, "", false);
}

static void print_deletion(FILE *out, const struct story *story)
{
	const struct story_part *part = &story->deleted;

	print_part(out, part, "The deletion of ", *path_of(part) ? path_of(part) : "the store", false);
	if (part->ended && part->ended->outcome == LOG_FAILED)
		fputs("What it had deleted by then is gone.\n", out);
}

/* What may have been written over what was lost. */
static void print_since(FILE *out, const struct story *story, const struct story_since *since)
{
	const struct log_event *loss = story_loss(story);
	bool                    deleted = story->deleted.began || story->deleted.ended;
	const char             *what = loss == story->last_sign ? "that sign of life" : "the wipe began";
	char                    format[64];

	if (!loss)
		return;
	if (deleted || loss == story->seen.began) {
		what = "the deletion began";
	} else if (loss->kind == SHOWN_FORMAT && since && since->volumes > 1) {
		snprintf(format, sizeof format, "volume %" PRIu32 " was formatted", loss->number);
		what = format;
	} else if (loss->kind == SHOWN_FORMAT) {
		what = "a volume was formatted";
	}
	if (since && since->known && !since->files)
		fprintf(out, "Since %s, no file is known to have been written.\n", what);
	else if (since && since->known)
		fprintf(out, "Since %s, %s file%s with %s %s written, at the least.\n", what, text_count(since->files).text,
			since->files == 1 ? "" : "s", text_size(since->bytes).text, since->files == 1 ? "was" : "were");
	else
		fprintf(out, "What was written since %s is not known.\n", what);
}

/* What a technician would ask, and no log answers. */
static void print_unknown(FILE *out, const struct story *story)
{
	const struct {
		const struct story_part *part;
		const char              *what;
	} asked[] = {
		{ &story->capture, "a capture" },       { &story->wipe, "a wipe" },
		{ &story->apply, "an image applied" },  { &story->restore, "a restore" },
		{ &story->deleted, "the store's deletion" },
	};
	bool any = false;

	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
		if (!asked[i].part->began && !asked[i].part->ended) {
			fprintf(out, "%s%s", any ? ", " : "The logs do not tell of: ", asked[i].what);
			any = true;
		}
	if (any)
		fputs(".\n", out);
}

/* The change journal shows when the store at @path was deleted. */
static bool is_seen(const struct story *story, const char *path)
{
	for (size_t i = 0; i < story->timeline.count; i++)
		if (story->timeline.items[i].kind == SHOWN_DELETE_ENDED && strcmp(story->timeline.items[i].path, path) == 0)
			return true;
	return false;
}

/* It is the very deletion of a store, which is told by itself. */
static bool is_of_store(const struct story *story, const struct log_event *burst)
{
	for (size_t i = 0; i < story->timeline.count; i++)
		if (story->timeline.items[i].kind == SHOWN_DELETE_BEGAN && story->timeline.items[i].number == burst->number &&
		    story->timeline.items[i].offset == burst->offset)
			return true;
	return false;
}

/* "By the change journal of volume 1, 1,234 files and folders were deleted from ... to ..." */
static void print_journal(FILE *out, const struct story *story, enum log_event_kind ending)
{
	const struct log_event *began = NULL;
	size_t                  named = 0;

	for (size_t i = 0; i < story->timeline.count; i++) {
		const struct log_event *event = &story->timeline.items[i];

		if (event->kind + 1 == ending)
			began = event;
		if (event->kind != ending || (began && ending == SHOWN_BURST_ENDED && is_of_store(story, began)) ||
		    named++ >= NAMED_MAX)
			continue;
		fprintf(out, "By the change journal of volume %" PRIu32 ", ", event->number);
		if (*event->path) {
			fputs("of the store ", out);
			print(out, event->path);
			fputc(' ', out);
		}
		fprintf(out, "%s file%s and folders were deleted", text_count(event->count).text, event->count == 1 ? "" : "s");
		if (began)
			fprintf(out, ", from %s", when(began).text + strlen("at "));
		fprintf(out, "%s %s.\n", began ? " to" : ", the last of them at", when(event).text + strlen("at "));
		began = NULL;
	}
}

/* What the file systems show of the stores: when no log tells when they were made or deleted. */
static void print_stores(FILE *out, const struct story *story)
{
	bool   captured = story->capture.began || story->capture.ended;
	bool   deleted = story->deleted.began || story->deleted.ended;
	size_t named = 0;

	for (size_t i = 0; i < story->timeline.count && named < NAMED_MAX; i++) {
		const struct log_event *event = &story->timeline.items[i];

		if (!(event->kind == SHOWN_STORE && !captured) &&
		    !(event->kind == SHOWN_STORE_LAST && !deleted && !is_seen(story, event->path)))
			continue;
		named++;
		fputs(event->kind == SHOWN_STORE ? "The folder of the store " : "The store ", out);
		print(out, event->path);
		if (event->kind == SHOWN_STORE)
			fprintf(out, " on volume %" PRIu32 " was made %s.\n", event->number, when(event).text);
		else
			fprintf(out, " on volume %" PRIu32 " is deleted, in part at least, and no log tells when: its folders last showed a sign "
				     "of life %s, so it was then or later.\n", event->number, when(event).text);
	}
}

/* When the volumes were formatted, and when the machine was last at work. */
static void print_volumes(FILE *out, const struct story *story)
{
	const struct log_event *last = NULL;
	size_t                  named = 0;

	for (size_t i = 0; i < story->timeline.count; i++) {
		const struct log_event *event = &story->timeline.items[i];

		if (event->kind == SHOWN_LAST_CHANGE)
			last = event;
		if (event->kind == SHOWN_FORMAT && named++ < NAMED_MAX)
			fprintf(out, "Volume %" PRIu32 " was formatted %s.\n", event->number, when(event).text);
	}
	if (last)
		fprintf(out, "A file was changed last %s.\n", when(last).text);
}

void story_text_print(FILE *out, const struct story *story, const struct story_since *since)
{
	if (!story->told)
		fputs("No log tells what happened.\n", out);
	print_capture(out, story);
	print_part(out, &story->partition, "Partitioning", "", false);
	print_wipe(out, story);
	print_part(out, &story->apply, *path_of(&story->apply) ? "Applying an image: " : "Applying an image",
		   path_of(&story->apply), false);
	print_part(out, &story->restore, *path_of(&story->restore) ? "The restore from " : "The restore", path_of(&story->restore),
		   true);
	print_failure(out, story);
	print_sequence(out, story);
	print_part(out, &story->setup, "The work of Windows Setup", "", false);
	print_deletion(out, story);
	print_stores(out, story);
	print_journal(out, story, SHOWN_DELETE_ENDED);
	print_journal(out, story, SHOWN_BURST_ENDED);
	print_since(out, story, since);
	if (story->told)
		print_unknown(out, story);
	print_volumes(out, story);
}

/* -------- who says so -------- */

/* "\Windows\CCM\Logs\smsts.log (volume 1, deleted, suspect)" */
static void print_source(FILE *out, const struct story_source *source)
{
	static const char *const kinds[SOURCE_KINDS] = {
		[SOURCE_LOG] = "log", [SOURCE_PIECE] = "piece of a log", [SOURCE_RECORD] = "record", [SOURCE_JOURNAL] = "journal",
	};

	print_path(out, source->path, kinds[source->kind]);
	fputs(" (", out);
	if (source->volume)
		fprintf(out, "volume %" PRIu32, source->volume);
	if (source->kind == SOURCE_PIECE)
		fprintf(out, "%sfound at byte %" PRIu64 " of the evidence", source->volume ? ", " : "", source->place);
	if (source->kind == SOURCE_RECORD)
		fprintf(out, ", record %" PRIu64, source->place);
	if (source->kind == SOURCE_LOG && !source->live)
		fputs(", deleted", out);
	if (source->grade >= GRADE_SUSPECT && source->kind == SOURCE_LOG)
		fprintf(out, ", %s", grade_name(source->grade));
	fputs(source->cut ? ", not all of it was read)" : ")", out);
}

/* The logs that say something, and how many say nothing. */
static int print_logs(FILE *out, const struct chronicle *chronicle, struct error *err)
{
	CLEANUP(free_ptr) bool *speaks = calloc(chronicle->sources.count + 1, sizeof *speaks);
	size_t                  named = 0, silent = chronicle->passed_over;

	if (!speaks)
		return error_memory(err);
	for (size_t i = 0; i < chronicle->events.list.count; i++)
		speaks[chronicle->events.list.items[i].artefact] = true;
	for (size_t i = 0; i < chronicle->sources.count; i++) {
		const struct story_source *source = &chronicle->sources.items[i];

		if (source->kind != SOURCE_LOG && source->kind != SOURCE_PIECE)
			continue;
		silent += !speaks[i];
		if (!speaks[i] || named++ >= LOGS_MAX)
			continue;
		fputs(named == 1 ? "So say " : ", ", out);
		print_source(out, source);
	}
	if (named > LOGS_MAX)
		fprintf(out, ", and %s more", text_count(named - LOGS_MAX).text);
	fputs(named ? ".\n" : "", out);
	if (silent)
		fprintf(out, "%s log%s found of which nothing could be learned.\n", text_count(silent).text,
			silent == 1 ? " was" : "s were");
	return 0;
}

static struct story_since sum_of(const struct case_story *told)
{
	struct story_since since = { .known = told->since.count != 0, .volumes = told->since.count };

	for (size_t i = 0; i < told->since.count; i++) {
		since.files += told->since.items[i].files;
		since.bytes += told->since.items[i].bytes;
	}
	return since;
}

char *story_text(const struct case_story *told, struct error *err)
{
	struct story_since since = sum_of(told);
	char              *text = NULL;
	size_t             size;
	FILE              *out = open_memstream(&text, &size);
	int                result;

	if (!out) {
		error_memory(err);
		return NULL;
	}
	story_text_print(out, &told->story, &since);
	result = print_logs(out, &told->chronicle, err);
	if (fclose(out) != 0 && result == 0)
		result = error_memory(err);
	if (result < 0)
		free(TAKE(text));
	return text;
}

/* -------- the timeline -------- */

/* "capture began" */
static void print_kind(FILE *out, const struct log_event *event)
{
	const char *name = log_event_kind_name(event->kind);

	if (event->kind == LOG_SEQUENCE_BEGAN && event->has_number)
		name = "sequence_went_on";
	for (; *name; name++)
		fputc(*name == '_' ? ' ' : *name, out);
}

void story_event_print_what(FILE *out, const struct log_event *event)
{
	static const char *const outcomes[] = { [LOG_UNTOLD] = "", [LOG_WELL] = " well", [LOG_FAILED] = " in failure" };

	print_kind(out, event);
	fputs(outcomes[event->outcome], out);
	if (*event->step) {
		fputs(" '", out);
		print(out, event->step);
		fputs("'", out);
	}
	if (*event->path) {
		fputs(" ", out);
		print(out, event->path);
	}
	if (event->has_code)
		fprintf(out, " (0x%08" PRIX32 ")", event->code);
}

void story_event_print(FILE *out, const struct log_event *event, const struct story_source *source)
{
	fprintf(out, "%s: ", when(event).text + strlen("at "));
	story_event_print_what(out, event);
	fputs(" [", out);
	print_source(out, source);
	if (source->kind == SOURCE_LOG || source->kind == SOURCE_PIECE)
		fprintf(out, ", byte %" PRIu64, event->offset);
	if (source->kind == SOURCE_JOURNAL)
		fprintf(out, ", USN %" PRIu64, event->offset);
	fputs(event->torn ? ", torn]\n" : "]\n", out);
}

int story_section_print(FILE *out, const struct case_story *told, bool timeline, struct error *err)
{
	CLEANUP(free_ptr) char *text = story_text(told, err);

	if (!text)
		return -1;
	ink_heading(out, "What happened");
	text_paragraph(out, text, 2, terminal_columns(out));
	if (!timeline)
		return 0;
	ink_heading(out, "Timeline");
	for (size_t i = 0; i < told->story.timeline.count; i++) {
		const struct log_event *event = &told->story.timeline.items[i];

		fputs("  ", out);
		story_event_print(out, event, &told->chronicle.sources.items[event->artefact]);
	}
	return 0;
}
