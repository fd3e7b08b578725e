/* SPDX-License-Identifier: GPL-3.0-or-later */
/* manifest.c - see manifest.h */
#include "recover/manifest.h"

#include "core/cleanup.h"
#include "core/json.h"
#include "report/grade_why.h"
#include "report/proof_name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* One JSON line in memory. */
struct line {
	FILE       *out;
	char       *text;
	size_t      length;
	struct json json;
};

static int line_begin(struct line *line, const struct line_key *key, struct error *err)
{
	line->out = open_memstream(&line->text, &line->length);
	if (!line->out)
		return error_memory(err);
	fprintf(line->out, LINE_KEY_FORMAT, key->volume, key->record, key->sequence);
	line->json = (struct json){ .out = line->out, .depth = 1 };
	return 0;
}

static int line_end(struct line *line, struct line_file *file, const struct line_key *key, struct error *err)
{
	bool failed;
	int  result;

	fputc('}', line->out);
	failed = ferror(line->out) || fclose(line->out) != 0;
	result = failed ? error_memory(err) : line_file_add(file, *key, line->text, line->length, err);
	free(line->text);
	return result;
}

static struct line_key key_of(const struct case_record *record)
{
	return (struct line_key){ (uint32_t)record->file.volume, record->file.record, record->file.sequence };
}

static void put_ranges(struct json *json, const struct ranges *ranges)
{
	json_begin(json, '[');
	for (size_t i = 0; i < ranges->count; i++) {
		json_begin(json, '[');
		json_uint(json, ranges->items[i].start);
		json_uint(json, ranges->items[i].length);
		json_end(json, ']');
	}
	json_end(json, ']');
}

static void put_digest(struct json *json, bool known, const uint8_t sum[DIGEST_BYTES])
{
	char hex[DIGEST_HEX_SIZE];

	json_key(json, "sha256");
	if (!known) {
		json_null(json);
		return;
	}
	digest_hex(sum, hex);
	json_string(json, hex);
}

/* A path with slashes for its separators. */
static void put_path(struct json *json, const char *path)
{
	CLEANUP(free_ptr) char *copy = strdup(path);

	for (char *at = copy; at && *at; at++)
		if (*at == '\\')
			*at = '/';
	json_string(json, copy);
}

/* The part of a name that the manifest tells: below File, or NULL when it is outside. */
static const char *below_file(int64_t store, const struct case_name *name)
{
	if (name->dos || name->store != store)
		return NULL;
	if (store == CASE_BESIDE)
		return name->path + 1;
	if (strncmp(name->inside, "File\\", 5) == 0)
		return name->inside + 5;
	return strncmp(name->inside, "orphans\\", 8) == 0 ? name->inside : NULL;
}

static void put_names(struct json *json, int64_t store, const struct case_names *names)
{
	bool outside = false;

	json_key(json, "names");
	json_begin(json, '[');
	for (size_t i = 0; i < names->count; i++)
		if (below_file(store, &names->items[i]))
			put_path(json, below_file(store, &names->items[i]));
	json_end(json, ']');
	json_key(json, "proof");
	json_begin(json, '[');
	for (size_t i = 0; i < names->count; i++)
		if (below_file(store, &names->items[i]))
			json_string(json, proof_name(names->items[i].proof));
	json_end(json, ']');
	json_key(json, "told_by");
	json_begin(json, '[');
	for (size_t i = 0; i < names->count; i++)
		if (below_file(store, &names->items[i]))
			json_string(json, fact_source_name(names->items[i].source));
	json_end(json, ']');
	for (size_t i = 0; i < names->count; i++) {
		const struct case_name *name = &names->items[i];

		if (name->dos || name->store != store || below_file(store, name))
			continue;
		if (!outside) {
			json_key(json, "outside");
			json_begin(json, '[');
		}
		outside = true;
		put_path(json, name->inside);
	}
	if (outside)
		json_end(json, ']');
}

static void put_paths(struct json *json, const struct written_names *written)
{
	json_key(json, "paths");
	json_begin(json, '[');
	for (size_t i = 0; i < written->count; i++)
		json_string(json, written->items[i].path);
	json_end(json, ']');
}

static void put_stream(struct json *json, const struct rebuild_stream *stream)
{
	json_begin(json, '{');
	json_key_string(json, "name", stream->stream->name);
	json_key_uint(json, "type", stream->stream->type);
	json_key_uint(json, "size", stream->size_bytes);
	json_key_string(json, "grade", grade_name(stream->grade));
	put_digest(json, stream->sha256_known, stream->sha256);
	if (stream->missing.count) {
		json_key(json, "missing");
		put_ranges(json, &stream->missing);
	}
	if (stream->at)
		json_key_string(json, "at", stream->at);
	json_end(json, '}');
}

int manifest_add(struct line_file *manifest, int64_t store, const struct case_record *record,
		 const struct rebuild_result *result, const struct written_names *written, struct error *err)
{
	const struct case_stream *content = case_record_content(record);
	struct line_key           key = key_of(record);
	struct line               line;

	if (line_begin(&line, &key, err) < 0)
		return -1;
	json_key_string(&line.json, "grade", grade_name(result->grade));
	json_key_uint(&line.json, "size", record->file.size_bytes);
	if (content && content->wof)
		json_key_string(&line.json, "packed", wof_name(content->wof));
	put_names(&line.json, store, &record->names);
	put_paths(&line.json, written);
	put_digest(&line.json, result->sha256_known, result->sha256);
	json_key(&line.json, "missing");
	put_ranges(&line.json, &result->missing);
	json_key(&line.json, "streams");
	json_begin(&line.json, '[');
	for (size_t i = 0; i < result->streams.count; i++)
		put_stream(&line.json, &result->streams.items[i]);
	json_end(&line.json, ']');
	json_key_string(&line.json, "why", grade_why(result->grade, result->reasons));
	return line_end(&line, manifest, &key, err);
}

/* Small attributes that are kept as bytes. */
static void put_attribute(struct json *json, const struct case_stream *stream)
{
	const char *key;

	switch (stream->type) {
	case ATTRIBUTE_OBJECT_ID:
		key = "object_id";
		break;
	case ATTRIBUTE_SECURITY_DESCRIPTOR:
		key = "security_descriptor";
		break;
	case ATTRIBUTE_REPARSE_POINT:
		key = "reparse_data";
		break;
	case ATTRIBUTE_EA_INFORMATION:
		key = "ea_information";
		break;
	case ATTRIBUTE_EA:
		key = "ea";
		break;
	default:
		return;
	}
	if (!stream->resident)
		return; /* lies in streams/ */
	json_key(json, key);
	json_base64(json, stream->value, (size_t)stream->size_bytes);
}

int sidecar_add(struct line_file *sidecar, int64_t store, const struct case_record *record,
		const struct written_names *written, struct error *err)
{
	const struct case_file *file = &record->file;
	struct line_key         key = key_of(record);
	struct line             line;

	if (line_begin(&line, &key, err) < 0)
		return -1;
	json_key_string(&line.json, "kind", file->directory ? "directory" : "file");
	put_names(&line.json, store, &record->names);
	if (written)
		put_paths(&line.json, written);
	if (file->info_known) {
		json_key_uint(&line.json, "attributes", file->attributes);
		json_key_uint(&line.json, "created", file->times.created);
		json_key_uint(&line.json, "written", file->times.written);
		json_key_uint(&line.json, "changed", file->times.changed);
		json_key_uint(&line.json, "accessed", file->times.accessed);
		json_key_uint(&line.json, "security_id", file->security_id);
	}
	json_key(&line.json, "dos_names");
	json_begin(&line.json, '[');
	for (size_t i = 0; i < record->names.count; i++)
		if (record->names.items[i].dos && record->names.items[i].store == store)
			put_path(&line.json, store == CASE_BESIDE ? record->names.items[i].path + 1
								  : record->names.items[i].inside);
	json_end(&line.json, ']');
	for (size_t i = 0; i < record->streams.count; i++)
		put_attribute(&line.json, &record->streams.items[i]);
	return line_end(&line, sidecar, &key, err);
}

int security_add(struct line_file *security, uint32_t volume, uint32_t id, struct bytes descriptor,
		 struct error *err)
{
	struct line_key key = { volume, id, 0 };
	struct line     line;

	if (line_begin(&line, &key, err) < 0)
		return -1;
	json_key(&line.json, "descriptor");
	json_base64(&line.json, descriptor.at, descriptor.left);
	return line_end(&line, security, &key, err);
}
