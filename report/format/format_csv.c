/* SPDX-License-Identifier: GPL-3.0-or-later */
/* format_csv.c - a casebook as CSV: formats.h */
#include "report/format/formats.h"

#include "core/cleanup.h"
#include "report/format/csv_cell.h"
#include "report/format/iso_time.h"
#include "report/format/name_escape.h"
#include "report/format/places.h"
#include "report/grade_why.h"
#include "report/proof_name.h"
#include "scan/casebook_walk.h"

#include <inttypes.h>

/* A row a name; of a file without one, a row without it.  Truths are 0 and 1. */
static const char header[] =
	"file,volume,record,sequence,live,directory,"                              /* which; file is its number in the casebook */
	"path,name_live,dos,proof,source,source_offset,evidence_offset,"           /* the name, and what says it */
	"store,path_in_store,only_here,beside,"                                    /* what stores have to do with it */
	"links,size_bytes,grade,why,missing_bytes,missing,"                        /* missing: offset+length;... */
	"created,written,changed,accessed,attributes,sha256,streams\r\n";          /* streams: grade:size:name;... */

struct csv {
	FILE            *out;
	struct casebook *book;
	struct places    places;
};

/* A cell of a number that may not be known. */
static void put_offset(FILE *out, uint64_t offset)
{
	if (offset != NO_OFFSET)
		fprintf(out, "%" PRIu64, offset);
	fputc(',', out);
}

static void put_name(const struct csv *csv, const struct case_file *file, const struct case_name *name)
{
	uint64_t offset = name->offset;

	csv_cell(csv->out, name->path);
	fprintf(csv->out, ",%d,%d,%s,%s,", name->live, name->dos, proof_name(name->proof), fact_source_name(name->source));
	put_offset(csv->out, offset);
	put_offset(csv->out, place_in_evidence(places_find(&csv->places, file->volume), offset));
	if (name->store)
		fprintf(csv->out, "%" PRId64, name->store);
	fputc(',', csv->out);
	csv_cell(csv->out, name->inside);
}

static void put_missing(FILE *out, const struct case_stream *content)
{
	uint64_t bytes = content ? ranges_bytes(&content->missing) : 0;

	fprintf(out, "%" PRIu64 ",\"", bytes);
	for (size_t i = 0; content && i < content->missing.count; i++)
		fprintf(out, "%s%" PRIu64 "+%" PRIu64, i ? ";" : "", content->missing.items[i].start,
			content->missing.items[i].length);
	fputs("\",", out);
}

static void put_times(FILE *out, const struct case_file *file)
{
	const struct file_times *times = &file->times;

	if (file->info_known)
		fprintf(out, "%s,%s,%s,%s,0x%" PRIx32 ",", iso_time(times->created).text, iso_time(times->written).text,
			iso_time(times->changed).text, iso_time(times->accessed).text, file->attributes);
	else
		fputs(",,,,,", out);
}

static void put_digest(FILE *out, const struct case_stream *content)
{
	char hex[DIGEST_HEX_SIZE] = "";

	if (content && content->digest_known)
		digest_hex(content->digest, hex);
	fprintf(out, "%s,", hex);
}

/* The named ones; a grade is what the cell begins with, so no name makes it a formula. */
static void put_streams(FILE *out, const struct case_record *record)
{
	static const struct name_style style = { .separator = '\\', .unsafe = ";\"" };
	const char                    *between = "";

	fputc('"', out);
	for (size_t i = 0; i < record->streams.count; i++) {
		const struct case_stream *stream = &record->streams.items[i];

		if (stream->type != ATTRIBUTE_DATA || !*stream->name)
			continue;
		fprintf(out, "%s%s:%" PRIu64 ":", between, grade_name(stream->grade), stream->size_bytes);
		name_escape(out, stream->name, &style);
		between = ";";
	}
	fputs("\"\r\n", out);
}

static void put_row(const struct csv *csv, const struct case_record *record, const struct case_name *name,
		    const struct case_membership *membership)
{
	const struct case_file   *file = &record->file;
	const struct case_stream *content = case_record_content(record);

	fprintf(csv->out, "%" PRId64 ",%" PRId64 ",%" PRIu64 ",%u,%d,%d,", file->id, file->volume, file->record,
		file->sequence, file->live, file->directory);
	if (name)
		put_name(csv, file, name);
	else
		fputs("\"\",,,,,,,,\"\"", csv->out);
	fprintf(csv->out, ",%d,%d,%u,%" PRIu64 ",%s,", membership->only_here, membership->beside, file->link_count,
		file->size_bytes, grade_name(file->grade));
	csv_cell(csv->out, grade_why(file->grade, file->reasons));
	fputc(',', csv->out);
	put_missing(csv->out, content);
	put_times(csv->out, file);
	put_digest(csv->out, content);
	put_streams(csv->out, record);
}

static int put_file(void *context, const struct case_record *record, struct error *err)
{
	const struct csv      *csv = context;
	struct case_membership membership = { 0 };

	if (casebook_membership(csv->book, record->file.id, &membership, err) < 0)
		return -1;
	for (size_t i = 0; i < record->names.count; i++)
		put_row(csv, record, &record->names.items[i], &membership);
	if (!record->names.count)
		put_row(csv, record, NULL, &membership);
	return 0;
}

int format_csv(struct casebook *book, const struct report_options *options, FILE *out, struct error *err)
{
	CLEANUP(places_release) struct places places = { 0 };
	struct csv                            csv = { .out = out, .book = book };

	(void)options;
	if (places_load(&places, book, err) < 0)
		return -1;
	csv.places = places;
	fputs(header, out);
	return casebook_walk(book, CASE_VOLUMES_ALL, put_file, &csv, err);
}
