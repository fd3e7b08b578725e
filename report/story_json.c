/* SPDX-License-Identifier: GPL-3.0-or-later */
/* story_json.c - see story_json.h */
#include "report/story_json.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "report/proof_name.h"
#include "report/story_text.h"
#include "scan/casebook_story.h"

#include <inttypes.h>
#include <string.h>

static const char *clock_name(enum log_clock clock)
{
	static const char *const names[] = {
		[LOG_CLOCK_NONE] = "none", [LOG_CLOCK_LOCAL] = "local", [LOG_CLOCK_ASSUMED] = "assumed", [LOG_CLOCK_UTC] = "utc",
	};

	return names[clock];
}

static const char *outcome_name(enum log_outcome outcome)
{
	static const char *const names[] = { [LOG_UNTOLD] = NULL, [LOG_WELL] = "well", [LOG_FAILED] = "failed" };

	return names[outcome];
}

static const char *text_or_null(const char *text)
{
	return *text ? text : NULL;
}

/* "2019-10-18T14:21:04Z" */
static void put_time(struct json *json, const struct log_event *event)
{
	struct text_number time = text_time(event->time);

	json_key_string(json, "clock", clock_name(event->clock));
	if (event->clock == LOG_CLOCK_NONE || strlen(time.text) < 19) {
		json_key_string(json, "time", NULL);
		return;
	}
	time.text[10] = 'T';
	strcpy(time.text + 19, event->clock == LOG_CLOCK_LOCAL ? "" : "Z");
	json_key_string(json, "time", time.text);
}

static void put_source(struct json *json, size_t id, const struct story_source *source)
{
	json_begin(json, '{');
	json_key_uint(json, "id", id);
	json_key_string(json, "kind", story_source_kind_name(source->kind));
	if (source->volume)
		json_key_uint(json, "volume", source->volume);
	if (source->kind == SOURCE_PIECE) {
		json_key_uint(json, "evidence", source->evidence);
		json_key_uint(json, "offset", source->place);
	} else if (source->kind != SOURCE_JOURNAL) {
		json_key_uint(json, "record", source->place);
	}
	if (*source->path) {
		json_key_string(json, "path", source->path);
		json_key_string(json, "proof", proof_name(source->proof));
	}
	if (source->kind != SOURCE_PIECE)
		json_key_bool(json, "live", source->live);
	json_key_string(json, "grade", grade_name(source->grade));
	json_key_bool(json, "cut", source->cut);
	json_end(json, '}');
}

static void put_event(struct json *json, const struct log_event *event, const struct story_source *source)
{
	char code[11];

	snprintf(code, sizeof code, "0x%08" PRIX32, event->code);
	json_begin(json, '{');
	put_time(json, event);
	json_key_string(json, "kind", log_event_kind_name(event->kind));
	json_key_string(json, "outcome", outcome_name(event->outcome));
	json_key_string(json, "code", event->has_code ? code : NULL);
	if (event->has_number && event->form != LOG_FORM_NONE)
		json_key_uint(json, "instruction", event->number);
	if (event->count)
		json_key_uint(json, "count", event->count);
	json_key_string(json, "step", text_or_null(event->step));
	json_key_string(json, "path", text_or_null(event->path));
	json_key_string(json, "said", text_or_null(event->said));
	json_key_uint(json, "source", event->artefact + 1ull);
	if (source->kind == SOURCE_JOURNAL)
		json_key_uint(json, "usn", event->offset);
	else if (source->kind != SOURCE_RECORD)
		json_key_uint(json, "offset", event->offset);
	json_key_bool(json, "torn", event->torn);
	json_key_uint(json, "told", event->told);
	json_end(json, '}');
}

/* An event by its place in the timeline. */
static void put_place(struct json *json, const char *key, const struct story *story, const struct log_event *event)
{
	if (event)
		json_key_uint(json, key, (uint64_t)(event - story->timeline.items));
	else
		json_key_string(json, key, NULL);
}

static void put_part(struct json *json, const char *key, const struct story *story, const struct story_part *part)
{
	json_key(json, key);
	json_begin(json, '{');
	put_place(json, "began", story, part->began);
	put_place(json, "ended", story, part->ended);
	json_end(json, '}');
}

static void put_since(struct json *json, const struct case_story *told)
{
	json_key(json, "written_since");
	json_begin(json, '[');
	for (size_t i = 0; i < told->since.count; i++) {
		json_begin(json, '{');
		json_key_uint(json, "volume", told->since.items[i].volume);
		json_key_uint(json, "files", told->since.items[i].files);
		json_key_uint(json, "bytes", told->since.items[i].bytes);
		json_end(json, '}');
	}
	json_end(json, ']');
}

static int put_story(struct json *json, const struct case_story *told, struct error *err)
{
	const struct story     *story = &told->story;
	CLEANUP(free_ptr) char *text = story_text(told, err);

	if (!text)
		return -1;
	json_key(json, "story");
	json_begin(json, '{');
	json_key_string(json, "text", text);
	json_key_string(json, "store", text_or_null(story->store));
	json_key_uint(json, "captures", story->captures);
	json_key_uint(json, "left_out", story->left_out);
	json_key_uint(json, "profiles_left_out", story->profiles_left_out);
	put_part(json, "sequence", story, &story->sequence);
	put_part(json, "capture", story, &story->capture);
	put_part(json, "wipe", story, &story->wipe);
	put_part(json, "partitioning", story, &story->partition);
	put_part(json, "applying", story, &story->apply);
	put_part(json, "restore", story, &story->restore);
	put_part(json, "setup", story, &story->setup);
	put_part(json, "deletion", story, &story->deleted);
	put_part(json, "deletion_seen", story, &story->seen);
	put_place(json, "failed", story, story->failed);
	json_key_bool(json, "ignored", story->ignored);
	put_place(json, "loss", story, story_loss(story));
	put_since(json, told);
	json_key_uint(json, "logs_passed_over", told->chronicle.passed_over);
	json_end(json, '}');
	return 0;
}

int story_json(struct casebook *book, struct json *json, struct error *err)
{
	CLEANUP(case_story_release) struct case_story told = { 0 };

	if (casebook_load_story(book, &told, err) < 0)
		return -1;
	json_key(json, "event_sources");
	json_begin(json, '[');
	for (size_t i = 0; i < told.chronicle.sources.count; i++)
		put_source(json, i + 1, &told.chronicle.sources.items[i]);
	json_end(json, ']');
	json_key(json, "events");
	json_begin(json, '[');
	for (size_t i = 0; i < told.story.timeline.count; i++)
		put_event(json, &told.story.timeline.items[i],
			  &told.chronicle.sources.items[told.story.timeline.items[i].artefact]);
	json_end(json, ']');
	return put_story(json, &told, err);
}
