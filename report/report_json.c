/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report_json.c - a casebook as one JSON document; see report.h */
#include "core/cleanup.h"
#include "core/json.h"
#include "core/text.h"
#include "report/report.h"
#include "report/story_json.h"

/* What the callbacks need: where to write, and the casebook for what hangs below a row. */
struct document {
	struct json                  json;
	struct casebook             *book;
	const struct report_options *options;
};

static int put_range(void *context, const struct range *range, struct error *err)
{
	struct json *json = context;

	(void)err;
	json_begin(json, '{');
	json_key_uint(json, "offset_bytes", range->start);
	json_key_uint(json, "length_bytes", range->length);
	json_end(json, '}');
	return 0;
}

static int put_evidence(void *context, const struct case_evidence *evidence, struct error *err)
{
	struct document *document = context;
	struct json     *json = &document->json;

	json_begin(json, '{');
	json_key_string(json, "path", evidence->path);
	json_key_string(json, "format", evidence->format);
	json_key_uint(json, "size_bytes", evidence->size_bytes);
	json_key_uint(json, "sector_bytes", evidence->sector_bytes);
	json_key_string(json, "map", evidence->map_path);
	json_key_uint(json, "unreadable_bytes", evidence->unreadable_bytes);
	json_key_string(json, "sha256", evidence->sha256);
	json_key_string(json, "sha1", evidence->sha1);
	json_key_string(json, "md5", evidence->md5);
	json_key_string(json, "stored_sha1", evidence->stored_sha1);
	json_key_string(json, "stored_md5", evidence->stored_md5);
	json_key(json, "unreadable");
	json_begin(json, '[');
	if (casebook_unreadable(document->book, evidence->id, put_range, json, err) < 0)
		return -1;
	json_end(json, ']');
	json_end(json, '}');
	return 0;
}

static int put_volume(void *context, const struct case_volume *volume, struct error *err)
{
	struct json *json = &((struct document *)context)->json;

	(void)err;
	json_begin(json, '{');
	json_key_uint(json, "id", (uint64_t)volume->id);
	json_key_uint(json, "evidence", (uint64_t)volume->evidence);
	json_key_uint(json, "partition", volume->partition);
	json_key_uint(json, "offset_bytes", volume->offset_bytes);
	json_key_uint(json, "size_bytes", volume->size_bytes);
	json_key_uint(json, "cluster_bytes", volume->geometry.cluster_bytes);
	json_key_uint(json, "sector_bytes", volume->geometry.sector_bytes);
	json_key_uint(json, "record_bytes", volume->geometry.record_bytes);
	json_key_uint(json, "mft_records", volume->mft_records);
	json_key_bool(json, "past", volume->past);
	json_key_uint(json, "successor", volume->successor);
	json_end(json, '}');
	return 0;
}

static int put_layer(void *context, const struct case_layer *layer, struct error *err)
{
	struct json *json = &((struct document *)context)->json;
	char         id[16];

	(void)err;
	json_begin(json, '{');
	json_key_uint(json, "id", (uint64_t)layer->id);
	json_key_string(json, "kind", layer->kind);
	json_key_string(json, "state", layer->state);
	json_key_uint(json, "evidence", (uint64_t)layer->evidence);
	if (layer->outer)
		json_key_uint(json, "outer", (uint64_t)layer->outer);
	if (layer->volume)
		json_key_uint(json, "volume", (uint64_t)layer->volume);
	if (layer->of)
		json_key_uint(json, "of_volume", (uint64_t)layer->of);
	json_key_uint(json, "offset_bytes", layer->offset_bytes);
	json_key_uint(json, "length_bytes", layer->length_bytes);
	if (layer->number) {
		json_key_uint(json, "number", layer->number);
		json_key_string(json, "created", text_time(layer->created).text);
	}
	if (layer->recovery_id) {
		snprintf(id, sizeof id, "%08X", layer->recovery_id);
		json_key_string(json, "recovery_key", id);
	}
	if (layer->opened_by[0])
		json_key_string(json, "opened_by", layer->opened_by);
	if (layer->why[0])
		json_key_string(json, "why", layer->why);
	json_end(json, '}');
	return 0;
}

static int put_part(void *context, const struct case_part *part, struct error *err)
{
	struct json *json = &((struct document *)context)->json;

	(void)err;
	json_begin(json, '{');
	json_key_uint(json, "volume", (uint64_t)part->volume);
	json_key_string(json, "path", part->path);
	json_key_bool(json, "primary", part->primary);
	json_end(json, '}');
	return 0;
}

static int put_user(void *context, const struct case_user *user, struct error *err)
{
	struct json *json = &((struct document *)context)->json;

	(void)err;
	json_begin(json, '{');
	json_key_string(json, "name", user->name);
	json_key_uint(json, "files", user->files);
	json_key_uint(json, "bytes", user->bytes);
	json_end(json, '}');
	return 0;
}

static void put_grades(struct json *json, const uint64_t grades[GRADES])
{
	json_begin(json, '{');
	for (enum grade grade = 0; grade < GRADES; grade++)
		json_key_uint(json, grade_name(grade), grades[grade]);
	json_end(json, '}');
}

static int put_store(void *context, const struct case_store *store, struct error *err)
{
	struct document *document = context;
	struct json     *json = &document->json;

	json_begin(json, '{');
	json_key_uint(json, "id", (uint64_t)store->id);
	json_key_uint(json, "volume", (uint64_t)store->volume);
	json_key_string(json, "path", store->path);
	json_key_string(json, "kind", store->kind);
	json_key_string(json, "state", store->state);
	json_key_bool(json, "orphans", store->orphans);
	if (store->same_as)
		json_key_uint(json, "same_as", (uint64_t)store->same_as);
	json_key_uint(json, "files", store->files);
	json_key_uint(json, "names", store->names);
	json_key_uint(json, "derived_names", store->derived_names);
	json_key_uint(json, "directories", store->directories);
	json_key_uint(json, "others", store->others);
	json_key_uint(json, "bytes", store->bytes);
	json_key_uint(json, "only_here", store->only_here);
	json_key_uint(json, "only_here_bytes", store->only_here_bytes);
	json_key(json, "grades");
	put_grades(json, store->grades);
	json_key(json, "parts");
	json_begin(json, '[');
	if (casebook_parts(document->book, store->id, put_part, document, err) < 0)
		return -1;
	json_end(json, ']');
	json_key(json, "users");
	json_begin(json, '[');
	if (casebook_users(document->book, store->id, put_user, document, err) < 0)
		return -1;
	json_end(json, ']');
	for (size_t i = 0; i < document->options->rebuilt_count; i++)
		if (document->options->rebuilt[i].store == store->id)
			json_key_string(json, "rebuilt", document->options->rebuilt[i].folder);
	json_end(json, '}');
	return 0;
}

static int put_finding(void *context, const char *kind, const struct finding *finding, struct error *err)
{
	struct json *json = &((struct document *)context)->json;

	(void)err;
	json_begin(json, '{');
	json_key_string(json, "kind", kind);
	json_key_uint(json, "volume", finding->volume);
	if (finding->record != NO_RECORD)
		json_key_uint(json, "record", finding->record);
	if (finding->offset != NO_OFFSET)
		json_key_uint(json, "offset", finding->offset);
	json_key_uint(json, "seen", finding->seen);
	json_key_uint(json, "wanted", finding->wanted);
	json_end(json, '}');
	return 0;
}

static int put_count(void *context, const char *kind, uint64_t count, struct error *err)
{
	(void)err;
	json_key_uint(&((struct document *)context)->json, kind, count);
	return 0;
}

static void put_beside(struct document *document)
{
	for (size_t i = 0; i < document->options->rebuilt_count; i++) {
		const struct report_rebuilt *rebuilt = &document->options->rebuilt[i];

		if (rebuilt->store != CASE_BESIDE)
			continue;
		json_key(&document->json, "beside");
		json_begin(&document->json, '{');
		json_key_string(&document->json, "rebuilt", rebuilt->folder);
		json_key_uint(&document->json, "files", rebuilt->files);
		json_key_uint(&document->json, "bytes", rebuilt->bytes);
		json_key(&document->json, "grades");
		put_grades(&document->json, rebuilt->grades);
		json_end(&document->json, '}');
	}
}

/* Who scanned, how and when. */
static int put_scan(struct document *document, struct error *err)
{
	static const char *const keys[] = { "command", "machine", "began", "ended" };

	json_key(&document->json, "scan");
	json_begin(&document->json, '{');
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		CLEANUP(free_ptr) char *value = NULL;

		if (casebook_meta(document->book, keys[i], &value, err) < 0)
			return -1;
		json_key_string(&document->json, keys[i], value);
	}
	json_end(&document->json, '}');
	return 0;
}

int report_json(struct casebook *book, const struct report_options *options, FILE *out, struct error *err)
{
	struct document document = { .json = { .out = out, .indent = 2 }, .book = book, .options = options };
	struct json    *json = &document.json;

	json_begin(json, '{');
	json_key_string(json, "tool", "holdfast " HOLDFAST_VERSION);
	json_key_string(json, "case", options->case_path);
	if (put_scan(&document, err) < 0)
		return -1;
	json_key(json, "evidence");
	json_begin(json, '[');
	if (casebook_evidence(book, put_evidence, &document, err) < 0)
		return -1;
	json_end(json, ']');
	json_key(json, "volumes");
	json_begin(json, '[');
	if (casebook_volumes(book, put_volume, &document, err) < 0)
		return -1;
	json_end(json, ']');
	json_key(json, "layers");
	json_begin(json, '[');
	if (casebook_layers(book, put_layer, &document, err) < 0)
		return -1;
	json_end(json, ']');
	json_key(json, "stores");
	json_begin(json, '[');
	if (casebook_stores(book, put_store, &document, err) < 0)
		return -1;
	json_end(json, ']');
	put_beside(&document);
	json_key(json, "finding_counts");
	json_begin(json, '{');
	if (casebook_finding_counts(book, put_count, &document, err) < 0)
		return -1;
	json_end(json, '}');
	json_key(json, "findings");
	json_begin(json, '[');
	if (casebook_findings(book, put_finding, &document, err) < 0)
		return -1;
	json_end(json, ']');
	if (story_json(book, json, err) < 0)
		return -1;
	json_end(json, '}');
	fputc('\n', out);
	return 0;
}
