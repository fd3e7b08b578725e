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
	if (!array_append(buffer, *text, length))
		return false;
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

static struct case_stream *find_stream(const struct case_record *record, uint32_t type, const char *name)
{
	for (size_t i = 0; i < record->streams.count; i++)
		if (record->streams.items[i].type == type && strcmp(record->streams.items[i].name, name) == 0)
			return &record->streams.items[i];
	return NULL;
}

const struct case_stream *case_record_content(const struct case_record *record)
{
	return find_stream(record, ATTRIBUTE_DATA, "");
}

const char *case_record_extension(const struct case_record *record)
{
	const char *extension = NULL;

	for (size_t i = 0; i < record->names.count; i++) {
		const char *path = record->names.items[i].path, *last = strrchr(path, '\\'), *dot;

		if (record->names.items[i].dos)
			continue;
		dot = strrchr(last ? last : path, '.');
		if (!dot || (extension && strcasecmp(dot, extension) != 0))
			return "";
		extension = dot;
	}
	return extension ? extension : "";
}

/*
 * How the content of a file is packed whose unnamed stream is nothing but a hole, and in which stream.
 */
static enum wof_format packing(const struct case_record *record, struct case_stream **packed)
{
	const struct case_stream *content = case_record_content(record);
	const struct case_stream *reparse = find_stream(record, ATTRIBUTE_REPARSE_POINT, "");
	enum wof_format           format = WOF_NONE;

	*packed = find_stream(record, ATTRIBUTE_DATA, WOF_STREAM);
	if (!content || record->file.directory || !content->size_bytes || content->resident ||
	    first_lcn(&content->runs))
		return WOF_NONE;
	if (reparse && reparse->resident)
		format = wof_format_of((struct bytes){ reparse->value, (size_t)reparse->size_bytes, 0 });
	if (format == WOF_NONE)
		return *packed ? WOF_ELSEWHERE : WOF_NONE; /* the reparse point is lost */
	return *packed ? format : WOF_ELSEWHERE;
}

static void judge_packed(struct case_record *record)
{
	struct case_file   *row = &record->file;
	struct case_stream *packed;
	enum wof_format     format = packing(record, &packed);

	if (format == WOF_ELSEWHERE) {
		row->grade = GRADE_LOST;
		row->reasons |= WHY_ELSEWHERE;
	} else if (format != WOF_NONE) {
		row->grade = row->grade < packed->grade ? packed->grade : row->grade;
		row->reasons |= packed->reasons;
	}
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
	judge_packed(record);
}

static void remove_stream(struct case_record *record, struct case_stream *stream)
{
	size_t index = (size_t)(stream - record->streams.items);

	stream_release(stream);
	memmove(stream, stream + 1, (record->streams.count - index - 1) * sizeof *stream);
	record->streams.count--;
}

/* The unnamed stream takes over what is packed. */
static void take_packed(struct case_record *record, struct case_stream *packed, enum wof_format format)
{
	struct case_stream *content = find_stream(record, ATTRIBUTE_DATA, ""), plain = *content;

	*content = *packed;
	*packed = plain; /* and goes */
	content->name = plain.name;
	content->wof = format;
	content->packed_bytes = content->size_bytes;
	content->size_bytes = plain.size_bytes;
	content->grade = content->grade < plain.grade ? plain.grade : content->grade;
	content->reasons |= plain.reasons;
	remove_stream(record, packed);
	remove_stream(record, find_stream(record, ATTRIBUTE_REPARSE_POINT, ""));
	record->file.attributes &= ~(uint32_t)(FILE_IS_REPARSE_POINT | FILE_IS_SPARSE);
}

/* Nothing of the content can be had. */
static void lose_content(struct case_stream *content)
{
	content->grade = GRADE_LOST;
	content->missing.count = 0;
	(void)!ranges_add(&content->missing, 0, content->size_bytes); /* telling less is no harm */
}

void case_record_unpack(struct case_record *record)
{
	struct case_stream *packed, *content;
	enum wof_format     format = packing(record, &packed);

	if (format == WOF_NONE)
		return;
	if (format != WOF_ELSEWHERE)
		take_packed(record, packed, format);
	content = find_stream(record, ATTRIBUTE_DATA, "");
	if (format == WOF_ELSEWHERE)
		content->reasons |= WHY_ELSEWHERE;
	if (format == WOF_ELSEWHERE || content->grade == GRADE_LOST)
		lose_content(content);
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

void case_stream_judge(const struct case_stream *stream, bool live, const uint8_t sum[DIGEST_BYTES], enum grade *grade,
		       unsigned *reasons, struct ranges *missing)
{
	if (!stream->digest_known || stream->wof)
		return;
	if (memcmp(stream->digest, sum, DIGEST_BYTES) == 0) {
		*grade = GRADE_VERIFIED;
		*reasons = 0;
		missing->count = 0;
	} else if (!live) {
		*reasons |= WHY_DIGEST;
		*grade = *grade < GRADE_SUSPECT ? GRADE_SUSPECT : *grade;
	}
}
