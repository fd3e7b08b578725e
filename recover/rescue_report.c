/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rescue_report.c - see rescue_report.h */
#include "recover/rescue_report.h"

#include "core/array.h"
#include "core/cleanup.h"
#include "core/digest.h"
#include "core/text.h"
#include "report/format.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FRESH ".new" /* ends the name of what is not whole yet */

struct paths ARRAY(char *);

static void paths_release(struct paths *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		free(paths->items[i]);
	array_release(paths);
}

/* -------- one file -------- */

/* A file that is written under another name. */
struct fresh {
	char *path, *new_path;
	FILE *out;
};

static void fresh_release(struct fresh *fresh)
{
	if (fresh->out)
		fclose(fresh->out);
	free(fresh->path);
	free(fresh->new_path);
}

static int fresh_open(struct fresh *fresh, const char *to, const char *name, struct error *err)
{
	fresh->path = text_format("%s/%s", to, name);
	fresh->new_path = text_format("%s/%s" FRESH, to, name);
	if (!fresh->path || !fresh->new_path)
		return error_memory(err);
	fresh->out = fopen(fresh->new_path, "we");
	return fresh->out ? 0 : error_sys(err, fresh->new_path, "cannot write the report");
}

/* What is in it is on the disk; it has not its name yet. */
static int fresh_finish(struct fresh *fresh, struct error *err)
{
	int result = fflush(fresh->out) != 0 || ferror(fresh->out) || fsync(fileno(fresh->out)) < 0 ? -1 : 0;

	if (fclose(fresh->out) != 0)
		result = -1;
	fresh->out = NULL;
	return result == 0 ? 0 : error_sys(err, fresh->new_path, "cannot make the report durable");
}

static int fresh_name(const struct fresh *fresh, struct error *err)
{
	return rename(fresh->new_path, fresh->path) == 0 ? 0
							 : error_sys(err, fresh->path, "cannot put the report in its place");
}

/* -------- digests -------- */

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/*
 * Add the plain files in the folder @to/@inside, and in the folders of stores below @to.  @inside ends with a
 * slash, or is "".
 */
static int list_files(const char *to, const char *inside, struct paths *paths, struct error *err)
{
	CLEANUP(free_ptr) char *folder = text_format("%s/%s", to, inside);
	DIR                    *list = folder ? opendir(folder) : NULL;
	struct dirent          *entry;
	int                     result = 0;

	if (!list)
		return folder ? error_sys(err, folder, "cannot read back what was written") : error_memory(err);
	while (result == 0 && (entry = readdir(list)) != NULL) {
		CLEANUP(free_ptr) char *path = text_format("%s%s", inside, entry->d_name);
		struct stat             info;

		if (!path || fstatat(dirfd(list), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) < 0)
			result = path ? error_sys(err, path, "cannot read back what was written") : error_memory(err);
		else if (S_ISREG(info.st_mode) && entry->d_name[0] != '.' && strcmp(path, RESCUE_SUMS) != 0 &&
			 strcmp(path, RESCUE_SUMS FRESH) != 0 && strcmp(path, RESCUE_TEXT) != 0)
			result = array_push(paths, path) ? (path = NULL, 0) : error_memory(err);
		else if (S_ISDIR(info.st_mode) && !*inside && entry->d_name[0] != '.') {
			CLEANUP(free_ptr) char *below = text_format("%s/", path);

			result = below ? list_files(to, below, paths, err) : error_memory(err);
		}
	}
	closedir(list);
	return result;
}

static int digest_of(const char *path, char hex[DIGEST_HEX_SIZE], struct error *err)
{
	CLEANUP(digest_release) struct digest digest = { 0 };
	static const size_t                   part_bytes = 1u << 20;
	CLEANUP(free_ptr) uint8_t            *part = malloc(part_bytes);
	CLEANUP(close_fd) int                 fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	uint8_t                               sum[DIGEST_BYTES];
	ssize_t                               got;

	if (!part)
		return error_memory(err);
	if (fd < 0)
		return error_sys(err, path, "cannot read back what was written");
	if (digest_start(&digest, err) < 0)
		return -1;
	while ((got = read(fd, part, part_bytes)) > 0)
		if (digest_update(&digest, part, (size_t)got, err) < 0)
			return -1;
	if (got < 0)
		return error_sys(err, path, "cannot read back what was written");
	if (digest_end(&digest, sum, err) < 0)
		return -1;
	digest_hex(sum, hex);
	return 0;
}

/* As sha256sum writes it: a backslash before a line says that its name is escaped. */
static void put_sum(FILE *out, const char *hex, const char *name)
{
	fprintf(out, "%s%s  ", strpbrk(name, "\\\n\r") ? "\\" : "", hex);
	for (; *name; name++) {
		const char *escape = *name == '\\' ? "\\\\" : *name == '\n' ? "\\n" : *name == '\r' ? "\\r" : NULL;

		if (escape)
			fputs(escape, out);
		else
			fputc(*name, out);
	}
	fputc('\n', out);
}

/* A line for each file; the text has not its name yet, and is listed under it. */
static int write_sums(const char *to, FILE *out, struct error *err)
{
	CLEANUP(paths_release) struct paths paths = { 0 };

	if (list_files(to, "", &paths, err) < 0)
		return -1;
	qsort(paths.items, paths.count, sizeof *paths.items, compare_paths);
	for (size_t i = 0; i < paths.count; i++) {
		CLEANUP(free_ptr) char *path = text_format("%s/%s", to, paths.items[i]);
		char                    hex[DIGEST_HEX_SIZE];
		bool                    unnamed = strcmp(paths.items[i], RESCUE_TEXT FRESH) == 0;

		if (!path)
			return error_memory(err);
		if (digest_of(path, hex, err) < 0)
			return -1;
		put_sum(out, hex, unnamed ? RESCUE_TEXT : paths.items[i]);
	}
	return 0;
}

/* -------- all of them -------- */

int rescue_report_write(const char *to, struct casebook *book, const struct report_options *report, struct error *err)
{
	CLEANUP(fresh_release) struct fresh page = { 0 }, text = { 0 }, sums = { 0 };

	if (fresh_open(&page, to, RESCUE_PAGE, err) < 0 ||
	    report_format_write(report_format_find("html"), book, report, page.out, err) < 0 ||
	    fresh_finish(&page, err) < 0 || fresh_name(&page, err) < 0)
		return -1;
	if (fresh_open(&text, to, RESCUE_TEXT, err) < 0 ||
	    report_format_write(report_format_find("text"), book, report, text.out, err) < 0 ||
	    fresh_finish(&text, err) < 0)
		return -1;
	if (fresh_open(&sums, to, RESCUE_SUMS, err) < 0 || write_sums(to, sums.out, err) < 0 ||
	    fresh_finish(&sums, err) < 0 || fresh_name(&sums, err) < 0)
		return -1;
	return fresh_name(&text, err);
}
