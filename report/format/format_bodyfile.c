/* SPDX-License-Identifier: GPL-3.0-or-later */
/* format_bodyfile.c - a casebook as a body file: formats.h */
#include "report/format/formats.h"

#include "core/cleanup.h"
#include "core/ntfs_time.h"
#include "report/format/name_escape.h"
#include "scan/casebook_walk.h"

#include <inttypes.h>

/* MD5|name|inode|mode|UID|GID|size|atime|mtime|ctime|crtime; what is not known is 0 */

static void put_time(FILE *out, const struct case_file *file, uint64_t time)
{
	bool known = file->info_known && time && time <= INT64_MAX;

	fprintf(out, "|%" PRId64, known ? (int64_t)ntfs_time_to_timespec(time).tv_sec : 0);
}

/* As fls has it: what it is, twice, and who may do what. */
static const char *mode_of(const struct case_file *file)
{
	if (file->directory)
		return "d/drwxrwxrwx";
	return file->attributes & FILE_IS_READ_ONLY ? "r/rr-xr-xr-x" : "r/rrwxrwxrwx";
}

/* mactime takes % and two digits for a byte, wherever it meets them: of a name it makes what is escaped here. */
static int put_path(FILE *out, const char *path, struct error *err)
{
	CLEANUP(free_ptr) char *escaped = name_escaped(path, '/');

	if (!escaped)
		return error_memory(err);
	for (const char *at = escaped; *at; at++) {
		if (*at == '%' || *at == '|')
			fprintf(out, "%%%02X", (unsigned)*at);
		else
			fputc(*at, out);
	}
	return 0;
}

static int put_line(FILE *out, const struct case_file *file, const struct case_name *name, struct error *err)
{
	fprintf(out, "0|V%" PRId64 ":", file->volume);
	if (put_path(out, name->path, err) < 0)
		return -1;
	if (!file->live || !name->live)
		fputs(" (deleted)", out);
	/* sleuthkit's "inode-type"; icat takes it */
	fprintf(out, "|%" PRIu64 "-%u|%s|0|0|%" PRIu64, file->record,
		(unsigned)(file->directory ? ATTRIBUTE_INDEX_ROOT : ATTRIBUTE_DATA), mode_of(file), file->size_bytes);
	put_time(out, file, file->times.accessed);
	put_time(out, file, file->times.written);
	put_time(out, file, file->times.changed);
	put_time(out, file, file->times.created);
	fputc('\n', out);
	return 0;
}

static int put_file(void *context, const struct case_record *record, struct error *err)
{
	static const struct case_name none = { .path = "\\$Nameless" };
	bool                          named = false;

	for (size_t i = 0; i < record->names.count; i++) {
		if (record->names.items[i].dos)
			continue;
		if (put_line(context, &record->file, &record->names.items[i], err) < 0)
			return -1;
		named = true;
	}
	return named ? 0 : put_line(context, &record->file, &none, err);
}

int format_bodyfile(struct casebook *book, const struct report_options *options, FILE *out, struct error *err)
{
	(void)options;
	return casebook_walk(book, CASE_VOLUMES_ALL, put_file, out, err);
}
