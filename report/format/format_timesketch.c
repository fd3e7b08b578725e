/* SPDX-License-Identifier: GPL-3.0-or-later */
/* format_timesketch.c - a casebook as events for Timesketch: formats.h */
#include "report/format/formats.h"

#include "core/cleanup.h"
#include "core/json.h"
#include "core/ntfs_time.h"
#include "core/text.h"
#include "report/format/iso_time.h"
#include "report/format/name_escape.h"
#include "report/format/record_name.h"
#include "report/proof_name.h"
#include "report/story_text.h"
#include "scan/casebook_walk.h"

/* An object on a line of its own. */
static struct json begin_line(FILE *out)
{
	struct json json = { .out = out };

	json_begin(&json, '{');
	return json;
}

static void end_line(struct json *json)
{
	json_end(json, '}');
	fputc('\n', json->out);
}

/* Microseconds since 1970, as Timesketch counts; a signed number. */
static void put_when(struct json *json, uint64_t time, const char *what)
{
	struct timespec since = ntfs_time_to_timespec(time);

	json_key_string(json, "datetime", iso_time(time).text);
	json_key(json, "timestamp");
	json_int(json, (int64_t)since.tv_sec * 1000000 + since.tv_nsec / 1000);
	json_key_string(json, "timestamp_desc", what);
}

/* -------- files -------- */

/* What all of a file's lines have in common. */
struct file_lines {
	FILE                     *out;
	const struct case_record *record;
	const struct case_name   *name;
	const char               *path, *message;
};

static void put_name(struct json *json, const struct file_lines *lines)
{
	json_key_string(json, "path", lines->path);
	if (!lines->name)
		return;
	json_key_string(json, "proof", proof_name(lines->name->proof));
	json_key_string(json, "name_source", fact_source_name(lines->name->source));
	if (lines->name->store)
		json_key_uint(json, "store", (uint64_t)lines->name->store);
}

static void put_time(const struct file_lines *lines, uint64_t time, const char *what)
{
	const struct case_file *file = &lines->record->file;
	struct json             json;

	if (!*iso_time(time).text)
		return;
	json = begin_line(lines->out);
	json_key_string(&json, "message", lines->message);
	put_when(&json, time, what);
	json_key_string(&json, "data_type", "holdfast:file");
	put_name(&json, lines);
	json_key_uint(&json, "volume", (uint64_t)file->volume);
	json_key_uint(&json, "record", file->record);
	json_key_uint(&json, "sequence", file->sequence);
	json_key_bool(&json, "live", file->live);
	json_key_bool(&json, "directory", file->directory);
	json_key_uint(&json, "size_bytes", file->size_bytes);
	json_key_string(&json, "grade", grade_name(file->grade));
	end_line(&json);
}

static int put_file(void *context, const struct case_record *record, struct error *err)
{
	const struct case_file  *file = &record->file;
	const struct case_name  *name = record_name(record);
	CLEANUP(free_ptr) char  *path = name_escaped(name ? name->path : "", '\\'), *message = NULL;
	struct file_lines        lines = { .out = context, .record = record, .name = name, .path = path };

	if (!file->info_known)
		return 0;
	message = path ? text_format("%s (%s, %s)", path, file->live ? "there" : "deleted", grade_name(file->grade)) : NULL;
	if (!message)
		return error_memory(err);
	lines.message = message;
	put_time(&lines, file->times.created, "Creation Time");
	put_time(&lines, file->times.written, "Content Modification Time");
	put_time(&lines, file->times.changed, "Metadata Modification Time");
	put_time(&lines, file->times.accessed, "Last Access Time");
	return 0;
}

/* -------- events -------- */

/* Timesketch has no place for a time that is not known, so the words say it. */
static const char *clock_words(enum log_clock clock)
{
	static const char *const words[] = {
		[LOG_CLOCK_NONE] = "Event Without a Time (that of the one before it, or of the first that has one)",
		[LOG_CLOCK_LOCAL] = "Event Time (the machine's clock, its distance from UTC not known)",
		[LOG_CLOCK_ASSUMED] = "Event Time (UTC if the clock stood as another log says)",
		[LOG_CLOCK_UTC] = "Event Time",
	};

	return words[clock];
}

static int put_event(FILE *out, const struct log_event *event, const struct story_source *source, uint64_t time,
		     struct error *err)
{
	CLEANUP(free_ptr) char *message = NULL, *path = name_escaped(source->path, '\\');
	size_t                  length;
	FILE                   *text = open_memstream(&message, &length);
	struct json             json;

	if (!text)
		return error_memory(err);
	story_event_print_what(text, event);
	if (fclose(text) != 0 || !path)
		return error_memory(err);
	json = begin_line(out);
	json_key_string(&json, "message", message);
	put_when(&json, time, clock_words(event->clock));
	json_key_string(&json, "data_type", "holdfast:event");
	json_key_string(&json, "event", log_event_kind_name(event->kind));
	json_key_string(&json, "source", story_source_kind_name(source->kind));
	json_key_string(&json, "source_path", path);
	json_key_uint(&json, "volume", source->volume);
	json_key_uint(&json, "offset", event->offset);
	json_key_bool(&json, "torn", event->torn);
	end_line(&json);
	return 0;
}

/* Of the first event that has one; 0 if none has. */
static uint64_t first_time(const struct story *story)
{
	for (size_t i = 0; i < story->timeline.count; i++)
		if (story->timeline.items[i].clock != LOG_CLOCK_NONE)
			return story->timeline.items[i].time;
	return 0;
}

static int put_events(struct casebook *book, FILE *out, struct error *err)
{
	CLEANUP(case_story_release) struct case_story told = { 0 };
	uint64_t                                      time;

	if (casebook_load_story(book, &told, err) < 0)
		return -1;
	time = first_time(&told.story);
	for (size_t i = 0; i < told.story.timeline.count; i++) {
		const struct log_event *event = &told.story.timeline.items[i];

		if (event->clock != LOG_CLOCK_NONE)
			time = event->time;
		if (*iso_time(time).text && put_event(out, event, &told.chronicle.sources.items[event->artefact], time, err) < 0)
			return -1;
	}
	return 0;
}

int format_timesketch(struct casebook *book, const struct report_options *options, FILE *out, struct error *err)
{
	(void)options;
	if (casebook_walk(book, CASE_VOLUMES_ALL, put_file, out, err) < 0)
		return -1;
	return put_events(book, out, err);
}
