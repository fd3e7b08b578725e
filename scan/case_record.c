/* SPDX-License-Identifier: GPL-3.0-or-later */
/* case_record.c - see case_record.h */
#include "scan/case_record.h"

#include "core/cleanup.h"
#include "core/utf16.h"

#include <string.h>

/* -------- strings -------- */

/* Copy a string, or NULL, into the text; until all are in, *@text is its place there. */
static bool keep(struct text_buffer *buffer, const char **text)
{
	size_t length, place = buffer->count + 1; /* 0 is for NULL */

	if (!*text)
		return true;
	length = strlen(*text) + 1;
	while (buffer->capacity - buffer->count < length)
		if (!array_grow((void **)&buffer->items, buffer->capacity, &buffer->capacity, 1))
			return false;
	memcpy(buffer->items + buffer->count, *text, length);
	buffer->count += length;
	*text = (const char *)place;
	return true;
}

static const char *kept(const struct text_buffer *buffer, const char *place)
{
	return place ? buffer->items + ((size_t)place - 1) : NULL;
}

void case_record_settle(struct case_record *record)
{
	for (size_t i = 0; i < record->names.count; i++) {
		struct case_name *name = &record->names.items[i];

		name->path = kept(&record->text, name->path);
		name->inside = kept(&record->text, name->inside);
	}
	for (size_t i = 0; i < record->streams.count; i++)
		record->streams.items[i].name = kept(&record->text, record->streams.items[i].name);
}

/* -------- names and streams -------- */

static void stream_release(struct case_stream *stream)
{
	free(stream->value);
	array_release(&stream->runs);
	array_release(&stream->missing);
}

int case_record_add_name(struct case_record *record, struct case_name name, struct error *err)
{
	return keep(&record->text, &name.path) && keep(&record->text, &name.inside) &&
			       array_push(&record->names, name)
		       ? 0
		       : error_memory(err);
}

int case_record_add_stream(struct case_record *record, struct case_stream stream, struct error *err)
{
	if (keep(&record->text, &stream.name) && array_push(&record->streams, stream))
		return 0;
	stream_release(&stream);
	return error_memory(err);
}

static uint64_t first_lcn(const struct runs *runs)
{
	for (size_t i = 0; i < runs->count; i++)
		if (runs->items[i].lcn != LCN_HOLE)
			return runs->items[i].lcn;
	return 0;
}

void case_record_judge(struct case_record *record)
{
	struct case_file *row = &record->file;

	row->grade = row->directory ? GRADE_INTACT : GRADE_LOST;
	row->reasons = row->directory ? 0 : WHY_NO_DATA;
	for (size_t i = 0; i < record->streams.count; i++) {
		const struct case_stream *stream = &record->streams.items[i];

		if (!row->first_lcn)
			row->first_lcn = first_lcn(&stream->runs);
		if (row->directory || stream->type != ATTRIBUTE_DATA || *stream->name)
			continue;
		row->size_bytes = stream->size_bytes;
		row->grade = stream->grade;
		row->reasons = stream->reasons;
	}
}

void case_record_release(struct case_record *record)
{
	for (size_t i = 0; i < record->streams.count; i++)
		stream_release(&record->streams.items[i]);
	array_release(&record->streams);
	array_release(&record->names);
	array_release(&record->text);
	*record = (struct case_record){ 0 };
}

/* -------- from a file -------- */

/* Streams that a rebuilt file has; indexes and their bitmaps belong to directories alone. */
static bool is_kept(const struct file_stream *stream)
{
	switch (stream->type) {
	case ATTRIBUTE_DATA:
	case ATTRIBUTE_OBJECT_ID:
	case ATTRIBUTE_SECURITY_DESCRIPTOR:
	case ATTRIBUTE_REPARSE_POINT:
	case ATTRIBUTE_EA_INFORMATION:
	case ATTRIBUTE_EA:
	case ATTRIBUTE_LOGGED_STREAM:
		return true;
	default:
		return false;
	}
}

static int take_stream(struct case_record *record, const struct file *file, struct file_stream *stream,
		       const struct volume *volume, const struct ownership *ownership, struct error *err)
{
	struct verdict verdict = { 0 };
	char           name[NAME_UTF8_MAX];
	struct runs    runs;

	if (grade_stream(ownership, volume, file, stream, &verdict, err) < 0) {
		verdict_release(&verdict);
		return -1;
	}
	utf16_to_utf8(stream->name, stream->name_units, name);
	runs = stream->runs;
	stream->runs = (struct runs){ 0 };
	return case_record_add_stream(record,
				      (struct case_stream){ .type = stream->type,
							    .name = name,
							    .flags = stream->flags,
							    .unit_shift = stream->unit_shift,
							    .resident = stream->resident,
							    .size_bytes = stream->size_bytes,
							    .valid_bytes = stream->valid_bytes,
							    .allocated_bytes = stream->allocated_bytes,
							    .value = TAKE(stream->value),
							    .runs = runs,
							    .grade = verdict.grade,
							    .reasons = verdict.reasons,
							    .missing = verdict.missing },
				      err);
}

int case_record_take(struct case_record *record, struct file *file, const struct volume *volume,
		     const struct ownership *ownership, struct error *err)
{
	record->file = (struct case_file){ .volume = volume->number,
					   .record = file_ref_record(file->ref),
					   .sequence = file_ref_sequence(file->ref),
					   .live = file->live,
					   .directory = file->directory,
					   .link_count = file->link_count,
					   .info_known = file->info_known,
					   .times = file->info.times,
					   .attributes = file->info.attributes,
					   .security_id = file->info.security_id };
	for (size_t i = 0; i < file->streams.count; i++)
		if (is_kept(&file->streams.items[i]) &&
		    take_stream(record, file, &file->streams.items[i], volume, ownership, err) < 0)
			return -1;
	return 0;
}
