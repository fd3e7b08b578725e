/* SPDX-License-Identifier: GPL-3.0-or-later */
/* map_file.c - see map_file.h */
#include "scan/map_file.h"

#include "core/cleanup.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static void close_file(FILE **file)
{
	if (*file)
		fclose(*file);
}

/* One number as ddrescue writes it: decimal, 0x hexadecimal or 0 octal. */
static bool parse_number(char **at, uint64_t *value)
{
	char *end;

	while (**at == ' ' || **at == '\t')
		(*at)++;
	if (**at < '0' || **at > '9')
		return false;
	errno = 0;
	*value = strtoull(*at, &end, 0);
	if (errno || end == *at)
		return false;
	*at = end;
	return true;
}

static bool parse_block(char *line, uint64_t *start, uint64_t *length, char *status)
{
	if (!parse_number(&line, start) || !parse_number(&line, length))
		return false;
	while (*line == ' ' || *line == '\t')
		line++;
	*status = *line;
	return *line && strchr("?*/-+", *line) && *length <= UINT64_MAX - *start;
}

static int line_error(const char *path, unsigned line, const char *what, struct error *err)
{
	return error_set(err, ERROR_VALUE, path, "line %u %s; is this a GNU ddrescue map file?", line, what);
}

int map_file_read(const char *path, uint64_t size_bytes, struct ranges *unreadable, struct error *err)
{
	CLEANUP(close_file) FILE *file = fopen(path, "re");
	CLEANUP(free_ptr) char   *line = NULL;
	size_t                    room = 0;
	unsigned                  number = 0;
	bool                      status_seen = false;
	uint64_t                  start, length, end = 0;
	char                      status;

	if (!file)
		return error_sys(err, path, "cannot open the map file");
	while (getline(&line, &room, file) >= 0) {
		number++;
		if (line[0] == '#' || line[strspn(line, " \t\r\n")] == 0)
			continue;
		if (!status_seen) { /* position, status and pass of a run that may go on */
			char *at = line;

			if (!parse_number(&at, &start))
				return line_error(path, number, "is no status line", err);
			status_seen = true;
			continue;
		}
		if (!parse_block(line, &start, &length, &status))
			return line_error(path, number, "is no block line", err);
		if (start < end)
			return line_error(path, number, "overlaps the one before", err);
		if (!ranges_add(unreadable, end, start - end) ||
		    (status != '+' && !ranges_add(unreadable, start, length)))
			return error_memory(err);
		end = start + length;
	}
	if (ferror(file))
		return error_sys(err, path, "cannot read the map file");
	if (!status_seen)
		return line_error(path, number, "ends it before its status line", err);
	if (end < size_bytes && !ranges_add(unreadable, end, size_bytes - end))
		return error_memory(err);
	return 0;
}
