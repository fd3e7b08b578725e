/* SPDX-License-Identifier: GPL-3.0-or-later */
/* story_text.c - see story_text.h */
#include "report/story_text.h"

#include "core/text.h"
#include "report/sequence_code.h"
#include "report/usmt_code.h"

#include <inttypes.h>

#define NAMED_MAX 3u /* of what was left out; all of it is in the timeline */

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

	if (ended->has_code)
		fprintf(out, " with code %" PRIu32, ended->code);
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
		fputs("; how it ended is not in the logs.\n", out);
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
	bool any = false;

	print_part(out, &story->wipe, *path_of(&story->wipe) ? "The wipe of " : "The wipe of the old system",
		   path_of(&story->wipe), false);
	for (size_t i = 0; i < story->timeline.count; i++) {
		const struct log_event *event = &story->timeline.items[i];

		if (event->kind != LOG_WIPE_SKIPPED || (story->wipe.began && event < story->wipe.began))
			continue;
		fputs(any ? ", " : "It left ", out);
		print(out, event->path);
		any = true;
	}
	if (any)
		fputs(".\n", out);
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

static void print_sequence(FILE *out, const struct story *story)
{
	const struct story_part *part = &story->sequence;

	if (part->ended && part->ended->outcome == LOG_FAILED && *part->ended->step) {
		fprintf(out, "The task sequence was ended %s by the step '", when(part->ended).text);
		print(out, part->ended->step);
		fputs("'.\n", out);
		return;
	}
	if (part->began && part->began->has_number && part->began->number)
		fputs("The task sequence began before what these logs tell.\n", out);
	print_part(out, part, part->began && part->began->has_number ? "Its last part" : "The task sequence", "", false);
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
	bool deleted = story->deleted.began || story->deleted.ended;

	if (!story_loss(story))
		return;
	if (since && since->known)
		fprintf(out, "Since the %s began, %s files with %s were written.\n", deleted ? "deletion" : "wipe",
			text_count(since->files).text, text_size(since->bytes).text);
	else
		fprintf(out, "What was written since the %s began is not known.\n", deleted ? "deletion" : "wipe");
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

const struct log_event *story_loss(const struct story *story)
{
	const struct story_part *parts[] = { &story->deleted, &story->wipe };

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (parts[i]->began || parts[i]->ended)
			return parts[i]->began ? parts[i]->began : parts[i]->ended;
	return NULL;
}

void story_text_print(FILE *out, const struct story *story, const struct story_since *since)
{
	if (!story->timeline.count) {
		fputs("No log tells what happened.\n", out);
		return;
	}
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
	print_since(out, story, since);
	print_unknown(out, story);
}

/* -------- the timeline -------- */

static const char *word_of(enum log_event_kind kind)
{
	static const char *const words[] = {
		[LOG_SEQUENCE_BEGAN] = "sequence began",
		[LOG_SEQUENCE_ENDED] = "sequence ended",
		[LOG_STEP_BEGAN] = "step began",
		[LOG_STEP_ENDED] = "step ended",
		[LOG_FAILURE_IGNORED] = "failure ignored",
		[LOG_STORE_PATH] = "store is to be at",
		[LOG_CAPTURE_BEGAN] = "capture began",
		[LOG_CAPTURE_ENDED] = "capture ended",
		[LOG_LEFT_OUT] = "left out",
		[LOG_LEFT_OUT_SUM] = "left out in all",
		[LOG_PROFILE_LEFT_OUT] = "profile left out",
		[LOG_WIPE_BEGAN] = "wipe began",
		[LOG_WIPE_SKIPPED] = "wipe passed over",
		[LOG_WIPE_ENDED] = "wipe ended",
		[LOG_PARTITION_BEGAN] = "partitioning began",
		[LOG_PARTITION_ENDED] = "partitioning ended",
		[LOG_APPLY_BEGAN] = "applying began",
		[LOG_APPLY_ENDED] = "applying ended",
		[LOG_RESTORE_BEGAN] = "restore began",
		[LOG_RESTORE_ENDED] = "restore ended",
		[LOG_DELETE_BEGAN] = "deletion began",
		[LOG_DELETE_ENDED] = "deletion ended",
		[LOG_RESTART] = "restart",
		[LOG_SETUP_BEGAN] = "setup began",
		[LOG_SETUP_ERROR] = "setup error",
		[LOG_SETUP_ENDED] = "setup's last word",
	};

	return words[kind];
}

void story_event_print(FILE *out, const struct log_event *event)
{
	static const char *const outcomes[] = { [LOG_UNTOLD] = "", [LOG_WELL] = " well", [LOG_FAILED] = " in failure" };

	fprintf(out, "%s: %s%s", when(event).text + strlen("at "),
		event->kind == LOG_SEQUENCE_BEGAN && event->has_number ? "sequence went on" : word_of(event->kind),
		outcomes[event->outcome]);
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
	fprintf(out, " [log %" PRIu32 ", byte %" PRIu64 "%s]\n", event->artefact, event->offset, event->torn ? ", torn" : "");
}
