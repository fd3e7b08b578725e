/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * records.c - the records of a log in CMTrace form as scan/cmtrace finds them
 *
 *   records LOG
 *
 * A line each: "whole" or "torn", and the first line of the text.
 */
#include "scan/cmtrace.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static struct bytes map(const char *path)
{
	int         fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	void       *bytes = MAP_FAILED;

	if (fd >= 0 && fstat(fd, &status) == 0 && status.st_size)
		bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		err(3, "%s", path);
	return (struct bytes){ .at = bytes, .left = (size_t)status.st_size };
}

int main(int argc, char **argv)
{
	struct bytes          rest;
	struct cmtrace_record record;

	if (argc != 2)
		errx(2, "usage: records LOG");
	rest = map(argv[1]);
	while (cmtrace_next(&rest, &record)) {
		const uint8_t *end = memchr(record.text.at, '\n', record.text.left);
		size_t         length = end ? (size_t)(end - record.text.at) : record.text.left;

		printf("%s %.*s\n", record.damage == CMTRACE_WHOLE ? "whole" : "torn", (int)length,
		       (const char *)record.text.at);
	}
	return 0;
}
