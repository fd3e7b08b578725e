/* SPDX-License-Identifier: GPL-3.0-or-later */
/* format_bodyfile.c - a casebook as a body file: formats.h */
#include "report/format/formats.h"

#include "core/cleanup.h"
#include "core/ntfs_time.h"
#include "report/format/name_escape.h"
#include "scan/casebook_walk.h"

#include <inttypes.h>

/* MD5|name|inode|mode|UID|GID|size|atime|mtime|ctime|crtime; what is not known is 0 */

static void put_time(FILE *out, uint64_t time)
{
	bool known = time && time <= INT64_MAX;

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

/* What a time is of: sleuthkit's "inode-type", which icat takes, and what fls says behind a name. */
struct origin {
	unsigned    type; /* enum attribute_type */
	const char *remark;
};

static int put_line(FILE *out, const struct case_file *file, const struct case_name *name, struct origin origin,
		    uint64_t size_bytes, const struct file_times *times, struct error *err)
{
	fprintf(out, "0|V%" PRId64 ":", file->volume);
	if (put_path(out, name->path, err) < 0)
		return -1;
	fprintf(out, "%s%s|%" PRIu64 "-%u|%s|0|0|%" PRIu64, origin.remark, file->live && name->live ? "" : " (deleted)",
		file->record, origin.type, mode_of(file), size_bytes);
	put_time(out, times->accessed);
	put_time(out, times->written);
	put_time(out, times->changed);
	put_time(out, times->created);
	fputc('\n', out);
	return 0;
}

static bool are_known(const struct file_times *times)
{
	return times->created || times->written || times->changed || times->accessed;
}

/* With the times of the file; and, on a line of its own as fls has it, with those of the name. */
static int put_name(FILE *out, const struct case_file *file, const struct case_name *name, struct error *err)
{
	static const struct file_times unknown;
	struct origin of_file = { file->directory ? ATTRIBUTE_INDEX_ROOT : ATTRIBUTE_DATA, "" };
	struct origin of_name = { ATTRIBUTE_FILE_NAME, " ($FILE_NAME)" };

	if (put_line(out, file, name, of_file, file->size_bytes, file->info_known ? &file->times : &unknown, err) < 0)
		return -1;
	return are_known(&name->times) ? put_line(out, file, name, of_name, 0, &name->times, err) : 0;
}

static int put_file(void *context, const struct case_record *record, struct error *err)
{
	static const struct case_name none = { .path = "\\$Nameless" };
	bool                          named = false;

	for (size_t i = 0; i < record->names.count; i++) {
		if (record->names.items[i].dos)
			continue;
		if (put_name(context, &record->file, &record->names.items[i], err) < 0)
			return -1;
		named = true;
	}
	return named ? 0 : put_name(context, &record->file, &none, err);
}

int format_bodyfile(struct casebook *book, const struct report_options *options, FILE *out, struct error *err)
{
	(void)options;
	return casebook_walk(book, CASE_VOLUMES_ALL, put_file, out, err);
}
