/* SPDX-License-Identifier: GPL-3.0-or-later */
/* casebook_file.c - files in the casebook, with their names and streams: casebook.h */
#include "scan/casebook_row.h"

#include "core/cleanup.h"

#include <sqlite3.h>
#include <string.h>

static const char add_file_sql[] = "INSERT INTO file VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
static const char add_name_sql[] = "INSERT INTO name VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
static const char add_stream_sql[] = "INSERT INTO stream VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
static const char get_file_sql[] = "SELECT * FROM file WHERE id=?";
static const char get_names_sql[] = "SELECT * FROM name WHERE file=? ORDER BY number";
static const char get_digest_sql[] = "SELECT sha256 FROM digest WHERE volume=? AND file=? AND size_bytes=?"
				     " AND written=?";
static const char get_streams_sql[] = "SELECT * FROM stream WHERE file=? ORDER BY number";

/* -------- times -------- */

static void row_times(struct row *row, const struct file_times *times)
{
	row_int(row, times->created);
	row_int(row, times->written);
	row_int(row, times->changed);
	row_int(row, times->accessed);
}

static struct file_times get_times(struct row *row)
{
	struct file_times times = { .created = get_int(row) };

	times.written = get_int(row);
	times.changed = get_int(row);
	times.accessed = get_int(row);
	return times;
}

/* -------- writing -------- */

static int add_name(struct casebook *book, int64_t file, size_t number, const struct case_name *name,
		    struct error *err)
{
	struct row row;

	if (row_begin(book, add_name_sql, &row, err) < 0)
		return -1;
	row_int(&row, (uint64_t)file);
	row_int(&row, number);
	row_int(&row, (uint64_t)name->store);
	row_text(&row, name->path);
	row_text(&row, name->inside);
	row_int(&row, name->proof);
	row_int(&row, name->live);
	row_int(&row, name->dos);
	row_int(&row, name->parent);
	row_text(&row, fact_source_name(name->source));
	row_int(&row, name->offset);
	row_int(&row, name->moment);
	row_times(&row, &name->times);
	return row_insert(book, &row, err);
}

static void put_le64(uint8_t *at, uint64_t value)
{
	for (size_t i = 0; i < 8; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static uint8_t *pack_runs(const struct runs *runs)
{
	uint8_t *packed = malloc(24 * runs->count + 1);

	for (size_t i = 0; packed && i < runs->count; i++) {
		put_le64(packed + 24 * i, runs->items[i].vcn);
		put_le64(packed + 24 * i + 8, runs->items[i].lcn);
		put_le64(packed + 24 * i + 16, runs->items[i].length);
	}
	return packed;
}

static uint8_t *pack_ranges(const struct ranges *ranges)
{
	uint8_t *packed = malloc(16 * ranges->count + 1);

	for (size_t i = 0; packed && i < ranges->count; i++) {
		put_le64(packed + 16 * i, ranges->items[i].start);
		put_le64(packed + 16 * i + 8, ranges->items[i].length);
	}
	return packed;
}

static int add_stream(struct casebook *book, int64_t file, size_t number, const struct case_stream *stream,
		      struct error *err)
{
	CLEANUP(free_ptr) uint8_t *runs = pack_runs(&stream->runs), *missing = pack_ranges(&stream->missing);
	struct row                 row;

	if (!runs || !missing)
		return error_memory(err);
	if (row_begin(book, add_stream_sql, &row, err) < 0)
		return -1;
	row_int(&row, (uint64_t)file);
	row_int(&row, number);
	row_int(&row, stream->type);
	row_text(&row, stream->name);
	row_int(&row, stream->flags);
	row_int(&row, stream->unit_shift);
	row_int(&row, stream->size_bytes);
	row_int(&row, stream->valid_bytes);
	row_int(&row, stream->allocated_bytes);
	row_blob(&row, stream->resident ? stream->value : NULL, stream->resident ? (size_t)stream->size_bytes : 0);
	row_blob(&row, stream->resident ? NULL : runs, 24 * stream->runs.count);
	row_int(&row, stream->grade);
	row_int(&row, stream->reasons);
	row_blob(&row, stream->missing.count ? missing : NULL, 16 * stream->missing.count);
	return row_insert(book, &row, err);
}

int casebook_add_file(struct casebook *book, const struct case_record *record, struct error *err)
{
	const struct case_file *file = &record->file;
	struct row              row;

	if (row_begin(book, add_file_sql, &row, err) < 0)
		return -1;
	row_int(&row, (uint64_t)file->id);
	row_int(&row, (uint64_t)file->volume);
	row_int(&row, file->record);
	row_int(&row, file->sequence);
	row_int(&row, file->live);
	row_int(&row, file->directory);
	row_int(&row, file->info_known);
	row_int(&row, file->link_count);
	row_int(&row, file->size_bytes);
	row_times(&row, &file->times);
	row_int(&row, file->attributes);
	row_int(&row, file->security_id);
	row_int(&row, file->grade);
	row_int(&row, file->reasons);
	row_int(&row, file->first_lcn);
	if (row_insert(book, &row, err) < 0)
		return -1;
	for (size_t i = 0; i < record->names.count; i++)
		if (add_name(book, file->id, i, &record->names.items[i], err) < 0)
			return -1;
	for (size_t i = 0; i < record->streams.count; i++)
		if (add_stream(book, file->id, i, &record->streams.items[i], err) < 0)
			return -1;
	return 0;
}

/* -------- reading -------- */

#define UNIT_SHIFT_MAX 16u /* as attribute.c has it */

static int contradicts(const struct casebook *book, int64_t file, struct error *err)
{
	return error_set(err, ERROR_VALUE, book->path, "the casebook contradicts itself about file %lld",
			 (long long)file);
}

/* Sorted, without overlap, and none ends where numbers do. */
static bool are_runs(const struct runs *runs)
{
	uint64_t end = 0;

	for (size_t i = 0; i < runs->count; i++) {
		const struct run *run = &runs->items[i];

		if (run->vcn < end || !run->length || run->length > UINT64_MAX - run->vcn)
			return false;
		end = run->vcn + run->length;
	}
	return true;
}

/* As runs. */
static bool are_ranges(const struct ranges *ranges)
{
	uint64_t end = 0;

	for (size_t i = 0; i < ranges->count; i++) {
		const struct range *range = &ranges->items[i];

		if (range->start < end || range->length > UINT64_MAX - range->start)
			return false;
		end = range->start + range->length;
	}
	return true;
}

static bool is_stream(const struct case_stream *stream)
{
	return stream->name && stream->unit_shift <= UNIT_SHIFT_MAX && (unsigned)stream->grade < GRADES &&
	       are_runs(&stream->runs) && are_ranges(&stream->missing);
}

bool row_get_file(struct row *row, struct case_file *file)
{
	*file = (struct case_file){ .id = (int64_t)get_int(row) };
	file->volume = (int64_t)get_int(row);
	file->record = get_int(row);
	file->sequence = (uint16_t)get_int(row);
	file->live = get_int(row);
	file->directory = get_int(row);
	file->info_known = get_int(row);
	file->link_count = (uint16_t)get_int(row);
	file->size_bytes = get_int(row);
	file->times = get_times(row);
	file->attributes = (uint32_t)get_int(row);
	file->security_id = (uint32_t)get_int(row);
	file->grade = (enum grade)get_int(row);
	file->reasons = (unsigned)get_int(row);
	file->first_lcn = get_int(row);
	return (unsigned)file->grade < GRADES;
}

bool row_get_name(struct row *row, struct case_name *name)
{
	row->column += 2; /* file, number */
	*name = (struct case_name){ .store = (int64_t)get_int(row) };
	name->path = get_text(row);
	name->inside = get_text(row);
	name->proof = (enum proof)get_int(row);
	name->live = get_int(row);
	name->dos = get_int(row);
	name->parent = get_int(row);
	name->source = fact_source_of(get_text(row));
	name->offset = get_int(row);
	name->moment = get_int(row);
	name->times = get_times(row);
	return name->path && (unsigned)name->proof <= PROOF_GUESSED;
}

static uint64_t blob_number(const uint8_t *blob, size_t index)
{
	uint64_t value = 0;

	for (size_t i = 0; i < 8; i++)
		value |= (uint64_t)blob[8 * index + i] << 8 * i;
	return value;
}

static bool read_runs(struct row *row, struct runs *runs)
{
	size_t         count = (size_t)sqlite3_column_bytes(row->statement, row->column) / 24;
	const uint8_t *blob = sqlite3_column_blob(row->statement, row->column++);

	for (size_t i = 0; i < count; i++)
		if (!array_push(runs, (struct run){ blob_number(blob, 3 * i), blob_number(blob, 3 * i + 1),
						    blob_number(blob, 3 * i + 2) }))
			return false;
	return true;
}

static bool read_ranges(struct row *row, struct ranges *ranges)
{
	size_t         count = (size_t)sqlite3_column_bytes(row->statement, row->column) / 16;
	const uint8_t *blob = sqlite3_column_blob(row->statement, row->column++);

	for (size_t i = 0; i < count; i++)
		if (!array_push(ranges, (struct range){ blob_number(blob, 2 * i), blob_number(blob, 2 * i + 1) }))
			return false;
	return true;
}

static int read_stream(struct casebook *book, int64_t file, struct row *row, struct case_record *record,
		       struct error *err)
{
	struct case_stream stream = { 0 };
	bool               room = true;

	row->column += 2; /* file, number */
	stream.type = (uint32_t)get_int(row);
	stream.name = get_text(row);
	stream.flags = (uint16_t)get_int(row);
	stream.unit_shift = (uint8_t)get_int(row);
	stream.size_bytes = get_int(row);
	stream.valid_bytes = get_int(row);
	stream.allocated_bytes = get_int(row);
	stream.resident = sqlite3_column_type(row->statement, row->column + 1) == SQLITE_NULL;
	if (stream.resident) {
		size_t      size = (size_t)sqlite3_column_bytes(row->statement, row->column);
		const void *blob = sqlite3_column_blob(row->statement, row->column);

		stream.size_bytes = size;
		stream.value = malloc(size + 1);
		room = stream.value != NULL;
		if (stream.value && size)
			memcpy(stream.value, blob, size);
	}
	row->column++;
	room = room && read_runs(row, &stream.runs);
	stream.grade = (enum grade)get_int(row);
	stream.reasons = (unsigned)get_int(row);
	room = room && read_ranges(row, &stream.missing);
	if (!room || !is_stream(&stream)) {
		free(stream.value);
		array_release(&stream.runs);
		array_release(&stream.missing);
		return room ? contradicts(book, file, err) : error_memory(err);
	}
	return case_record_add_stream(record, stream, err);
}

static int read_streams(struct casebook *book, int64_t file, struct case_record *record, struct error *err)
{
	EACH_ROW(get_streams_sql, row_int(&row, (uint64_t)file), read_stream(book, file, &row, record, err));
}

static int keep_name(struct casebook *book, int64_t file, struct row *row, struct case_record *record,
		     struct error *err)
{
	struct case_name name;

	if (!row_get_name(row, &name))
		return contradicts(book, file, err);
	return case_record_add_name(record, name, err);
}

static int read_names(struct casebook *book, int64_t file, struct case_record *record, struct error *err)
{
	EACH_ROW(get_names_sql, row_int(&row, (uint64_t)file), keep_name(book, file, &row, record, err));
}

/* What the content was when it was captured, if nothing says that it was changed since. */
static int read_digest(struct casebook *book, struct case_record *record, struct error *err)
{
	const struct case_file *file = &record->file;
	struct row              row;
	int                     got;

	if (row_begin(book, get_digest_sql, &row, err) < 0)
		return -1;
	row_int(&row, (uint64_t)file->volume);
	row_int(&row, file_ref_make(file->record, file->sequence));
	row_int(&row, file->size_bytes);
	row_int(&row, file->times.written);
	got = row_next(book, &row, err);
	if (got <= 0)
		return got;
	for (size_t i = 0; i < record->streams.count; i++) {
		struct case_stream *stream = &record->streams.items[i];

		if (stream->type != ATTRIBUTE_DATA || *stream->name ||
		    sqlite3_column_bytes(row.statement, 0) != DIGEST_BYTES)
			continue;
		memcpy(stream->digest, sqlite3_column_blob(row.statement, 0), DIGEST_BYTES);
		stream->digest_known = true;
	}
	sqlite3_reset(row.statement);
	return 0;
}

int casebook_load_file(struct casebook *book, int64_t file, struct case_record *record, struct error *err)
{
	struct row row;
	int        result;

	*record = (struct case_record){ 0 };
	if (row_begin(book, get_file_sql, &row, err) < 0)
		return -1;
	row_int(&row, (uint64_t)file);
	result = row_next(book, &row, err);
	if (result <= 0)
		return result < 0 ? -1
				  : error_set(err, ERROR_VALUE, book->path, "the casebook lacks file %lld",
					      (long long)file);
	result = row_get_file(&row, &record->file);
	sqlite3_reset(row.statement);
	if (!result)
		return contradicts(book, file, err);
	if (read_names(book, file, record, err) < 0 || read_streams(book, file, record, err) < 0)
		return -1;
	case_record_settle(record);
	return read_digest(book, record, err);
}
