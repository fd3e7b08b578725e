/* SPDX-License-Identifier: GPL-3.0-or-later */
/* case_record.c - see case_record.h */
#include "scan/case_record.h"

#include <string.h>

bool case_record_keep(struct case_record *record, const char *text, size_t length, const char **kept)
{
	struct text_buffer *buffer = &record->text;
	size_t              place = buffer->count;

	while (buffer->capacity - buffer->count < length + 1)
		if (!array_grow((void **)&buffer->items, buffer->capacity, &buffer->capacity, 1))
			return false;
	memcpy(buffer->items + place, text, length);
	buffer->items[place + length] = 0;
	buffer->count += length + 1;
	*kept = (const char *)(place + 1); /* 0 is for NULL */
	return true;
}

static const char *kept_text(const struct case_record *record, const char *kept)
{
	return kept ? record->text.items + ((size_t)kept - 1) : NULL;
}

void case_record_settle(struct case_record *record)
{
	for (size_t i = 0; i < record->names.count; i++) {
		record->names.items[i].path = kept_text(record, record->names.items[i].path);
		record->names.items[i].inside = kept_text(record, record->names.items[i].inside);
	}
	for (size_t i = 0; i < record->streams.count; i++)
		record->streams.items[i].name = kept_text(record, record->streams.items[i].name);
}

void case_record_judge(struct case_record *record)
{
	struct case_file         *file = &record->file;
	const struct case_stream *main_stream = NULL;

	for (size_t i = 0; i < record->streams.count; i++) {
		const struct case_stream *stream = &record->streams.items[i];

		if (stream->type == ATTRIBUTE_DATA && !*stream->name)
			main_stream = stream;
		for (size_t j = 0; !file->first_lcn && j < stream->runs.count; j++)
			if (stream->runs.items[j].lcn != LCN_HOLE)
				file->first_lcn = stream->runs.items[j].lcn;
	}
	if (file->directory) {
		file->grade = GRADE_INTACT;
	} else if (!main_stream) {
		file->grade = GRADE_LOST;
		file->reasons = WHY_NO_DATA;
	} else {
		file->size_bytes = main_stream->size_bytes;
		file->grade = main_stream->grade;
		file->reasons = main_stream->reasons;
	}
}

void case_record_release(struct case_record *record)
{
	for (size_t i = 0; i < record->streams.count; i++) {
		free(record->streams.items[i].value);
		array_release(&record->streams.items[i].runs);
		array_release(&record->streams.items[i].missing);
	}
	array_release(&record->streams);
	array_release(&record->names);
	array_release(&record->text);
	*record = (struct case_record){ 0 };
}
