/* SPDX-License-Identifier: GPL-3.0-or-later */
/* casebook_story.c - see casebook_story.h */
#include "scan/casebook_story.h"

#include "core/cleanup.h"
#include "scan/casebook_row.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <string.h>

#define PASSED_OVER_KEY "logs_passed_over"

static const char add_source_sql[] = "INSERT INTO story_source VALUES(?,?,?,?,?,?,?,?,?,?)";
static const char add_event_sql[] = "INSERT INTO event VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
static const char add_since_sql[] = "INSERT INTO written_since VALUES(?,?,?)";
static const char get_sources_sql[] = "SELECT * FROM story_source ORDER BY id";
static const char get_events_sql[] = "SELECT * FROM event ORDER BY id";
static const char get_since_sql[] = "SELECT * FROM written_since ORDER BY volume";

const char *story_source_kind_name(enum story_source_kind kind)
{
	static const char *const names[SOURCE_KINDS] = { "log", "piece", "record", "journal" };

	return names[kind];
}

/* -------- writing -------- */

static int add_source(struct casebook *book, size_t id, const struct story_source *source, struct error *err)
{
	struct row row;

	if (row_begin(book, add_source_sql, &row, err) < 0)
		return -1;
	row_int(&row, id);
	row_text(&row, story_source_kind_name(source->kind));
	row_int(&row, source->evidence);
	row_int(&row, source->volume);
	row_int(&row, source->place);
	row_text(&row, source->path);
	row_int(&row, source->proof);
	row_int(&row, source->grade);
	row_int(&row, source->live);
	row_int(&row, source->cut);
	return row_insert(book, &row, err);
}

/* A number, or NULL for none. */
static void row_int_or_null(struct row *row, bool is, uint64_t value)
{
	if (is)
		row_int(row, value);
	else
		row_blob(row, NULL, 0);
}

static int add_event(struct casebook *book, size_t id, const struct log_event *event, struct error *err)
{
	struct row row;

	if (row_begin(book, add_event_sql, &row, err) < 0)
		return -1;
	row_int(&row, id);
	row_int(&row, event->time);
	row_int(&row, event->clock);
	row_int(&row, (uint64_t)(int64_t)event->bias_minutes);
	row_text(&row, log_event_kind_name(event->kind));
	row_int(&row, event->outcome);
	row_int_or_null(&row, event->has_code, event->code);
	row_int_or_null(&row, event->has_number, event->number);
	row_int(&row, event->count);
	row_text(&row, event->step);
	row_text(&row, event->path);
	row_text(&row, event->said);
	row_int(&row, event->form);
	row_int(&row, event->torn);
	row_int(&row, event->artefact + 1ull);
	row_int(&row, event->offset);
	return row_insert(book, &row, err);
}

static int add_since(struct casebook *book, const struct written_since *since, struct error *err)
{
	struct row row;

	if (row_begin(book, add_since_sql, &row, err) < 0)
		return -1;
	row_int(&row, since->volume);
	row_int(&row, since->files);
	row_int(&row, since->bytes);
	return row_insert(book, &row, err);
}

/* By a clock of which nobody knows how far from UTC it was, hours would count that do not. */
static bool is_sure(const struct log_event *loss)
{
	return loss && (loss->clock == LOG_CLOCK_UTC || loss->clock == LOG_CLOCK_ASSUMED);
}

static int add_all_since(struct casebook *book, const struct chronicle *chronicle, struct error *err)
{
	CLEANUP(story_release) struct story story = { 0 };
	const struct log_event             *loss;

	if (story_tell(&story, &chronicle->events, err) < 0)
		return -1;
	loss = story_loss(&story);
	for (size_t i = 0; is_sure(loss) && i < chronicle->volumes.count; i++) {
		struct written_since since = chronicle_since(&chronicle->volumes.items[i], loss->time);

		if (add_since(book, &since, err) < 0)
			return -1;
	}
	return 0;
}

int casebook_add_story(struct casebook *book, const struct chronicle *chronicle, struct error *err)
{
	char number[24];

	for (size_t i = 0; i < chronicle->sources.count; i++)
		if (add_source(book, i + 1, &chronicle->sources.items[i], err) < 0)
			return -1;
	for (size_t i = 0; i < chronicle->events.list.count; i++)
		if (add_event(book, i + 1, &chronicle->events.list.items[i], err) < 0)
			return -1;
	snprintf(number, sizeof number, "%zu", chronicle->passed_over);
	if (casebook_add_meta(book, PASSED_OVER_KEY, number, err) < 0)
		return -1;
	return add_all_since(book, chronicle, err);
}

/* -------- reading -------- */

static int contradicts(const struct casebook *book, struct error *err)
{
	return error_set(err, ERROR_VALUE, book->path, "the casebook contradicts itself about what happened");
}

/* A number below @end; what is not is all that @sound hears of. */
static unsigned below(struct row *row, unsigned end, bool *sound)
{
	uint64_t value = get_int(row);

	*sound = *sound && value < end;
	return value < end ? (unsigned)value : 0;
}

/* A copy that stays; "" for NULL, and NULL without memory. */
static const char *keep_text(struct row *row, struct chronicle *chronicle)
{
	const char *text = get_text(row);

	return text && *text ? arena_text(&chronicle->events.texts, text, strlen(text)) : "";
}

static int read_source(struct casebook *book, struct row *row, struct chronicle *chronicle, struct error *err)
{
	struct story_source source = { 0 };
	bool                sound = get_int(row) == chronicle->sources.count + 1, known = false;
	const char         *kind = get_text(row);

	for (enum story_source_kind i = 0; kind && i < SOURCE_KINDS && !known; i++) {
		known = strcmp(kind, story_source_kind_name(i)) == 0;
		source.kind = i;
	}
	source.evidence = (uint32_t)get_int(row);
	source.volume = (uint32_t)get_int(row);
	source.place = get_int(row);
	source.path = keep_text(row, chronicle);
	source.proof = (enum proof)below(row, PROOF_GUESSED + 1, &sound);
	source.grade = (enum grade)below(row, GRADES, &sound);
	source.live = get_int(row);
	source.cut = get_int(row);
	if (!sound || !known)
		return contradicts(book, err);
	return source.path && array_push(&chronicle->sources, source) ? 0 : error_memory(err);
}

static bool get_int_or_null(struct row *row, uint32_t *value)
{
	bool is = sqlite3_column_type(row->statement, row->column) != SQLITE_NULL;

	*value = (uint32_t)get_int(row);
	return is;
}

static int read_event(struct casebook *book, struct row *row, struct chronicle *chronicle, struct error *err)
{
	struct log_event event = { .told = 1, .order = chronicle->events.list.count };
	bool             sound = true, known = false;
	const char      *kind;

	row->column++; /* id */
	event.time = get_int(row);
	event.clock = (enum log_clock)below(row, LOG_CLOCK_UTC + 1, &sound);
	event.bias_minutes = (int)get_int(row);
	kind = get_text(row);
	for (enum log_event_kind i = 0; kind && i < LOG_EVENT_KINDS && !known; i++) {
		known = strcmp(kind, log_event_kind_name(i)) == 0;
		event.kind = i;
	}
	event.outcome = (enum log_outcome)below(row, LOG_FAILED + 1, &sound);
	event.has_code = get_int_or_null(row, &event.code);
	event.has_number = get_int_or_null(row, &event.number);
	event.count = get_int(row);
	event.step = keep_text(row, chronicle);
	event.path = keep_text(row, chronicle);
	event.said = keep_text(row, chronicle);
	event.form = (enum log_form)below(row, LOG_FORM_USMT + 1, &sound);
	event.torn = get_int(row);
	event.artefact = below(row, (unsigned)chronicle->sources.count + 1, &sound) - 1;
	event.offset = get_int(row);
	if (!sound || !known || event.artefact == UINT32_MAX)
		return contradicts(book, err);
	return event.step && event.path && event.said && array_push(&chronicle->events.list, event) ? 0 : error_memory(err);
}

static int read_since(struct row *row, struct case_story *told, struct error *err)
{
	struct written_since since = { .volume = (uint32_t)get_int(row) };

	since.files = get_int(row);
	since.bytes = get_int(row);
	return array_push(&told->since, since) ? 0 : error_memory(err);
}

static int read_sources(struct casebook *book, struct chronicle *chronicle, struct error *err)
{
	EACH_ROW(get_sources_sql, (void)0, read_source(book, &row, chronicle, err));
}

static int read_events(struct casebook *book, struct chronicle *chronicle, struct error *err)
{
	EACH_ROW(get_events_sql, (void)0, read_event(book, &row, chronicle, err));
}

static int read_all_since(struct casebook *book, struct case_story *told, struct error *err)
{
	EACH_ROW(get_since_sql, (void)0, read_since(&row, told, err));
}

int casebook_load_story(struct casebook *book, struct case_story *told, struct error *err)
{
	CLEANUP(free_ptr) char *passed_over = NULL;

	*told = (struct case_story){ 0 };
	if (casebook_meta(book, PASSED_OVER_KEY, &passed_over, err) < 0 ||
	    read_sources(book, &told->chronicle, err) < 0 || read_events(book, &told->chronicle, err) < 0 ||
	    read_all_since(book, told, err) < 0)
		return -1;
	told->chronicle.passed_over = passed_over ? strtoul(passed_over, NULL, 10) : 0;
	return story_tell(&told->story, &told->chronicle.events, err);
}

void case_story_release(struct case_story *told)
{
	story_release(&told->story);
	chronicle_release(&told->chronicle);
	array_release(&told->since);
}
