/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_search.c - see log_search.h */
#include "scan/story/log_search.h"

#include "core/utf16.h"

#include <ctype.h>

/* -------- names -------- */

/* The name as ASCII in lower case; false if it has anything else. */
static bool to_ascii(const uint8_t *name, size_t units, char text[NAME_UNITS_MAX + 1])
{
	if (units > NAME_UNITS_MAX)
		return false;
	for (size_t i = 0; i < units; i++) {
		if (name[2 * i + 1] || name[2 * i] >= 0x80 || !name[2 * i])
			return false;
		text[i] = (char)tolower(name[2 * i]);
	}
	text[units] = 0;
	return true;
}

/* "smsts-20191018-101913.log" begins and ends as "smsts" and ".log" say. */
bool log_is_named(const uint8_t *name, size_t units)
{
	static const struct {
		const char *begin, *end;
		bool        whole; /* nothing between them */
	} logs[] = {
		{ "smsts", ".log", false },     { "smsts", ".lo_", false },   { "scanstate", ".log", false },
		{ "loadstate", ".log", false }, { "usmtutils", ".log", false }, { "bdd", ".log", true },
		{ "setupact", ".log", true },   { "setuperr", ".log", true },
	};
	char text[NAME_UNITS_MAX + 1];

	if (units < 4 || name[2 * (units - 4)] != '.') /* most are none: all ends have four characters */
		return false;
	if (!to_ascii(name, units, text) || strstr(text, "progress.log"))
		return false;
	for (size_t i = 0; i < sizeof logs / sizeof logs[0]; i++) {
		size_t begin = strlen(logs[i].begin), end = strlen(logs[i].end);

		if (units >= begin + end && (!logs[i].whole || units == begin + end) &&
		    memcmp(text, logs[i].begin, begin) == 0 && memcmp(text + units - end, logs[i].end, end) == 0)
			return true;
	}
	return false;
}

/* -------- files -------- */

/* The row of the file whose name it is; false if there is none, or it is no file's. */
static bool owner_of(const struct inventory *inventory, const struct name_row *name, uint32_t *owner)
{
	bool in_base = name_is_in_record(name) && !(inventory->rows[name->record].flags & ROW_EXTENSION);

	*owner = in_base ? name->record : inventory_row_of(inventory, inventory_owner(inventory, name));
	return *owner != NO_ROW &&
	       (inventory->rows[*owner].flags & (ROW_DECODED | ROW_EXTENSION | ROW_DIRECTORY)) == ROW_DECODED;
}

static int compare_files(const void *a, const void *b)
{
	const struct found_log *left = a, *right = b;

	if (left->record != right->record)
		return left->record < right->record ? -1 : 1;
	return left->name < right->name ? -1 : left->name > right->name;
}

static void drop_repeated(struct found_logs *files)
{
	size_t kept = 0;

	if (files->count)
		qsort(files->items, files->count, sizeof files->items[0], compare_files);
	for (size_t i = 0; i < files->count; i++)
		if (!kept || files->items[kept - 1].record != files->items[i].record)
			files->items[kept++] = files->items[i];
	files->count = kept;
}

int log_search(const struct inventory *inventory, struct found_logs *files, struct error *err)
{
	for (uint32_t i = 0; i < inventory->names.count; i++) {
		const struct name_row *name = &inventory->names.items[i];
		uint32_t               owner;

		if (!log_is_named(inventory_text(inventory, name), name->units) ||
		    !owner_of(inventory, name, &owner))
			continue;
		if (!array_push(files, (struct found_log){ owner, i, inventory->rows[owner].flags & ROW_IN_USE }))
			return error_memory(err);
	}
	drop_repeated(files);
	return 0;
}

/* -------- content -------- */

/* Go through the stream up to the bound. */
static int read_stream(struct log_text *text, const struct volume *volume, const struct case_stream *stream, bool dead,
		       struct content_buffers *buffers, struct error *err)
{
	size_t               size = stream->size_bytes < LOG_FILE_BYTES_MAX ? (size_t)stream->size_bytes : LOG_FILE_BYTES_MAX;
	struct content       content;
	struct content_piece piece;
	int                  result = 1;

	text->cut = stream->size_bytes > size;
	text->memory = calloc(1, size + 1);
	if (!text->memory)
		return error_memory(err);
	content_open(&content, volume, stream, dead, buffers);
	while (result > 0 && text->text.left < size && (result = content_next(&content, &piece, err)) > 0) {
		size_t length = piece.length < size - text->text.left ? (size_t)piece.length : size - text->text.left;

		if (piece.offset != text->text.left)
			break;
		if (piece.data)
			memcpy(text->memory + text->text.left, piece.data, length);
		text->text.left += length;
	}
	text->grade = content_grade(&content);
	content_close(&content);
	text->text.at = text->memory;
	return result < 0 ? -1 : 0;
}

static int keep_places(struct log_text *text, const struct volume *volume, const struct case_stream *stream,
		       struct error *err)
{
	for (size_t i = 0; !stream->resident && i < stream->runs.count; i++) {
		const struct run *run = &stream->runs.items[i];

		if (run->lcn != LCN_HOLE && !ranges_add(&text->places, volume_byte_of(volume, run->lcn),
							run->length * volume->geometry.cluster_bytes))
			return error_memory(err);
	}
	return 0;
}

int log_text_read(struct log_text *text, struct file_reader *reader, const struct found_log *file,
		  const struct ownership *ownership, struct content_buffers *buffers, struct error *err)
{
	const struct volume      *volume = reader->inventory->mft.volume;
	struct case_record        record = { 0 };
	struct file               loaded = { 0 };
	const struct case_stream *stream;
	int                       result;

	*text = (struct log_text){ .grade = GRADE_LOST };
	result = file_load(reader, file->record, &loaded, err);
	if (result == 0)
		result = case_record_take(&record, &loaded, volume, ownership, err);
	if (result == 0) {
		case_record_settle(&record);
		case_record_unpack(&record);
		stream = case_record_content(&record);
		if (stream)
			result = read_stream(text, volume, stream, !loaded.live, buffers, err);
		if (stream && result == 0)
			result = keep_places(text, volume, stream, err);
	}
	case_record_release(&record);
	file_release(&loaded);
	return result;
}

void log_text_release(struct log_text *text)
{
	free(text->memory);
	array_release(&text->places);
	*text = (struct log_text){ 0 };
}
