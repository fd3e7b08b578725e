/* SPDX-License-Identifier: GPL-3.0-or-later */
/* format_dfxml.c - a casebook as Digital Forensics XML: formats.h */
#include "report/format/formats.h"

#include "core/cleanup.h"
#include "report/format/iso_time.h"
#include "report/format/name_escape.h"
#include "report/format/places.h"
#include "report/format/record_name.h"
#include "report/grade_why.h"
#include "scan/casebook_walk.h"

#include <inttypes.h>
#include <string.h>

#define FTYPE_NTFS 1 /* as sleuthkit counts file systems */
#define META_FILE  1 /* and what lies in them */
#define META_FOLDER 2

struct dfxml {
	FILE               *out;
	struct casebook    *book;
	struct places       places;
	const struct place *place; /* of the volume whose files are written */
};

static const char *quote(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	default:
		return NULL;
	}
}

/* Of a name in the evidence, with slashes between folders and none before them, as fiwalk has it. */
static void put_path(FILE *out, const char *path)
{
	static const struct name_style style = { .separator = '/', .unsafe = "", .quote = quote };

	name_escape(out, *path == '\\' ? path + 1 : path, &style);
}

/* Of anything else: backslashes stay. */
static void put_text(FILE *out, const char *text)
{
	static const struct name_style style = { .separator = '\\', .unsafe = "", .quote = quote };

	name_escape(out, text, &style);
}

static void put_element(FILE *out, const char *element, const char *text)
{
	fprintf(out, "<%s>", element);
	put_text(out, text);
	fprintf(out, "</%s>", element);
}

/* -------- byte runs -------- */

static void put_place(const struct dfxml *dfxml, uint64_t byte)
{
	uint64_t in_image = place_in_evidence(dfxml->place, byte);

	fprintf(dfxml->out, " fs_offset=\"%" PRIu64 "\"", byte);
	if (in_image != NO_OFFSET)
		fprintf(dfxml->out, " img_offset=\"%" PRIu64 "\"", in_image);
}

/* The bytes of a run that are the stream's; its last cluster may be longer. */
static void put_run(const struct dfxml *dfxml, const struct case_stream *stream, const struct run *run)
{
	uint64_t cluster_bytes = dfxml->place->cluster_bytes, start, length, byte;

	if (__builtin_mul_overflow(run->vcn, cluster_bytes, &start) ||
	    __builtin_mul_overflow(run->length, cluster_bytes, &length))
		return;
	if (!(stream->flags & ATTRIBUTE_COMPRESSED)) {
		if (start >= stream->size_bytes)
			return;
		if (length > stream->size_bytes - start)
			length = stream->size_bytes - start;
	} else if (run->lcn == LCN_HOLE) {
		return; /* not zeros, but the rest of a compressed unit */
	}
	fprintf(dfxml->out, "<byte_run file_offset=\"%" PRIu64 "\"", start);
	if (run->lcn == LCN_HOLE)
		fputs(" fill=\"0\"", dfxml->out);
	else if (!__builtin_mul_overflow(run->lcn, cluster_bytes, &byte))
		put_place(dfxml, byte);
	fprintf(dfxml->out, " len=\"%" PRIu64 "\"/>", length);
}

static void put_runs(const struct dfxml *dfxml, const struct case_stream *stream)
{
	fputs("<byte_runs facet=\"data\">", dfxml->out);
	if (stream->resident)
		fprintf(dfxml->out, "<byte_run file_offset=\"0\" len=\"%" PRIu64 "\" type=\"resident\"/>", stream->size_bytes);
	for (size_t i = 0; !stream->resident && i < stream->runs.count; i++)
		put_run(dfxml, stream, &stream->runs.items[i]);
	fputs("</byte_runs>\n", dfxml->out);
}

/* -------- files -------- */

static void put_missing(FILE *out, const struct ranges *missing)
{
	if (missing->count)
		fputs("; missing bytes (offset+length)", out);
	for (size_t i = 0; i < missing->count; i++)
		fprintf(out, " %" PRIu64 "+%" PRIu64, missing->items[i].start, missing->items[i].length);
}

/* What is wrong with the content, or with a file that has none: nothing is said of what is sound. */
static void put_error(FILE *out, const struct case_file *file, const struct case_stream *stream)
{
	enum grade grade = stream ? stream->grade : file->grade;

	if (grade <= GRADE_INTACT)
		return;
	fprintf(out, "<error>%s: ", grade_name(grade));
	put_text(out, grade_why(grade, stream ? stream->reasons : file->reasons));
	if (stream)
		put_missing(out, &stream->missing);
	fputs("</error>\n", out);
}

static void put_time(FILE *out, const char *element, uint64_t time)
{
	struct iso_time text = iso_time(time);

	if (*text.text)
		fprintf(out, "<%s>%s</%s>", element, text.text, element);
}

static void put_times(FILE *out, const struct case_file *file)
{
	if (!file->info_known)
		return;
	put_time(out, "mtime", file->times.written);
	put_time(out, "ctime", file->times.changed);
	put_time(out, "atime", file->times.accessed);
	put_time(out, "crtime", file->times.created);
}

static bool has_live_name(const struct case_record *record)
{
	bool live = false;

	for (size_t i = 0; i < record->names.count; i++)
		live = live || record->names.items[i].live;
	return live;
}

/* No way from it to the root is known. */
static bool is_orphan(const struct case_record *record)
{
	bool orphan = true;

	for (size_t i = 0; i < record->names.count; i++)
		orphan = orphan && record->names.items[i].proof == PROOF_GUESSED;
	return orphan;
}

static void put_filename(FILE *out, const struct case_name *name, const char *stream)
{
	fputs("<filename>", out);
	put_path(out, name->path);
	if (*stream) {
		fputc(':', out);
		put_text(out, stream);
	}
	fputs("</filename>\n", out);
}

/* With the folder of the one that is known best, which comes last: a reader that has room for one name keeps that. */
static void put_filenames(FILE *out, const struct case_record *record, const char *stream)
{
	const struct case_name *best = record_name(record);

	if (best && best->parent)
		fprintf(out, "<parent_object><inode>%" PRIu64 "</inode></parent_object>\n", file_ref_record(best->parent));
	for (size_t i = 0; i < record->names.count; i++)
		if (!record->names.items[i].dos && &record->names.items[i] != best)
			put_filename(out, &record->names.items[i], stream);
	if (best && !best->dos)
		put_filename(out, best, stream);
}

/* What was captured is what is here only as long as nothing speaks against it. */
static void put_digest(FILE *out, const struct case_stream *stream)
{
	char hex[DIGEST_HEX_SIZE];

	if (!stream->digest_known || stream->grade > GRADE_INTACT)
		return;
	digest_hex(stream->digest, hex);
	fprintf(out, "<hashdigest type=\"sha256\">%s</hashdigest>\n", hex);
}

/* A file with its content, NULL if it has none, or with one of its named streams. */
static void put_object(const struct dfxml *dfxml, const struct case_record *record, const struct case_stream *stream)
{
	const struct case_file *file = &record->file;
	FILE                   *out = dfxml->out;

	fputs("<fileobject>\n", out);
	put_filenames(out, record, stream ? stream->name : "");
	put_error(out, file, stream);
	fprintf(out, "<id>%" PRId64 "</id><name_type>%c</name_type>", file->id, file->directory ? 'd' : 'r');
	fprintf(out, "<filesize>%" PRIu64 "</filesize>", stream ? stream->size_bytes : file->size_bytes);
	fprintf(out, "<alloc_inode>%d</alloc_inode><alloc_name>%d</alloc_name>\n", file->live, has_live_name(record));
	if (is_orphan(record))
		fputs("<orphan>1</orphan>", out);
	if (stream && stream->flags & ATTRIBUTE_COMPRESSED)
		fputs("<compressed>1</compressed>", out);
	fprintf(out, "<inode>%" PRIu64 "</inode><meta_type>%d</meta_type><nlink>%u</nlink>\n", file->record,
		file->directory ? META_FOLDER : META_FILE, file->link_count);
	put_times(out, file);
	fprintf(out, "<seq>%u</seq>\n", file->sequence);
	if (stream) {
		put_runs(dfxml, stream);
		put_digest(out, stream);
	}
	fputs("</fileobject>\n", out);
}

static int put_file(void *context, const struct case_record *record, struct error *err)
{
	const struct case_stream *content = case_record_content(record);

	(void)err;
	put_object(context, record, content);
	for (size_t i = 0; i < record->streams.count; i++)
		if (record->streams.items[i].type == ATTRIBUTE_DATA && &record->streams.items[i] != content)
			put_object(context, record, &record->streams.items[i]);
	return 0;
}

/* -------- what is around them -------- */

static int put_volume(void *context, const struct case_volume *volume, struct error *err)
{
	struct dfxml          *dfxml = context;
	const struct geometry *geometry = &volume->geometry;
	FILE                  *out = dfxml->out;

	dfxml->place = places_find(&dfxml->places, volume->id);
	if (!dfxml->place)
		return 0;
	fputs("<volume", out);
	if (!dfxml->place->within)
		fprintf(out, " offset=\"%" PRIu64 "\"", volume->offset_bytes);
	fputs(">\n", out);
	if (!dfxml->place->within && volume->offset_bytes)
		fprintf(out, "<partition_offset>%" PRIu64 "</partition_offset>", volume->offset_bytes);
	if (geometry->sector_bytes && geometry->cluster_bytes)
		fprintf(out, "<sector_size>%" PRIu32 "</sector_size><block_size>%" PRIu32 "</block_size>",
			geometry->sector_bytes, geometry->cluster_bytes);
	fprintf(out, "<ftype>%d</ftype><ftype_str>ntfs</ftype_str>", FTYPE_NTFS);
	if (geometry->clusters)
		fprintf(out, "<block_count>%" PRIu64 "</block_count><first_block>0</first_block><last_block>%" PRIu64 "</last_block>",
			geometry->clusters, geometry->clusters - 1);
	fputs("<allocated_only>0</allocated_only>\n", out);
	if (casebook_walk(dfxml->book, volume->id, put_file, dfxml, err) < 0)
		return -1;
	fputs("</volume>\n", out);
	return 0;
}

static int put_image(void *context, const struct case_evidence *evidence, struct error *err)
{
	struct dfxml *dfxml = context;

	(void)err;
	put_element(dfxml->out, "image_filename", evidence->path);
	fputc('\n', dfxml->out);
	return 0;
}

/* "HOST (SYSTEM RELEASE, ARCHITECTURE)", as a scan writes it down; what does not read so is the host.  It is altered. */
static void put_machine(FILE *out, char *machine)
{
	char *system = strrchr(machine, '('), *release = system ? strchr(system, ' ') : NULL;
	char *architecture = release ? strrchr(release + 1, ' ') : NULL, *end = machine + strlen(machine);

	if (architecture && architecture[-1] == ',' && system > machine && system[-1] == ' ' && end[-1] == ')') {
		system[-1] = *release = architecture[-1] = end[-1] = '\0';
		put_element(out, "os_sysname", system + 1);
		put_element(out, "os_release", release + 1);
		put_element(out, "host", machine);
		put_element(out, "arch", architecture + 1);
	} else {
		put_element(out, "host", machine);
	}
}

/* With what the casebook was made, where and when. */
static int put_creator(const struct dfxml *dfxml, struct error *err)
{
	CLEANUP(free_ptr) char *tool = NULL, *command = NULL, *machine = NULL, *began = NULL;
	const char             *version;

	if (casebook_meta(dfxml->book, "tool", &tool, err) < 0 || casebook_meta(dfxml->book, "command", &command, err) < 0 ||
	    casebook_meta(dfxml->book, "machine", &machine, err) < 0 || casebook_meta(dfxml->book, "began", &began, err) < 0)
		return -1;
	version = tool ? strchr(tool, ' ') : NULL;
	fputs("<creator version=\"1.0\"><program>holdfast</program>", dfxml->out);
	put_element(dfxml->out, "version", version ? version + 1 : "");
	fputs("<execution_environment>", dfxml->out);
	if (machine)
		put_machine(dfxml->out, machine);
	put_element(dfxml->out, "command_line", command ? command : "");
	if (began && iso_time_is_one(began))
		put_element(dfxml->out, "start_time", began);
	fputs("</execution_environment></creator>\n", dfxml->out);
	return 0;
}

static int put_document(struct dfxml *dfxml, struct error *err)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	      "<dfxml version=\"1.2.0\" xmlns=\"http://www.forensicswiki.org/wiki/Category:Digital_Forensics_XML\""
	      " xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n"
	      "<metadata><dc:type>Disk Image</dc:type></metadata>\n",
	      dfxml->out);
	if (put_creator(dfxml, err) < 0)
		return -1;
	fputs("<source>\n", dfxml->out);
	if (casebook_evidence(dfxml->book, put_image, dfxml, err) < 0)
		return -1;
	fputs("</source>\n", dfxml->out);
	if (casebook_volumes(dfxml->book, put_volume, dfxml, err) < 0)
		return -1;
	fputs("</dfxml>\n", dfxml->out);
	return 0;
}

int format_dfxml(struct casebook *book, const struct report_options *options, FILE *out, struct error *err)
{
	struct dfxml dfxml = { .out = out, .book = book };
	int          result;

	(void)options;
	result = places_load(&dfxml.places, book, err);
	if (result == 0)
		result = put_document(&dfxml, err);
	places_release(&dfxml.places);
	return result;
}
