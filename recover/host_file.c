/* SPDX-License-Identifier: GPL-3.0-or-later */
/* host_file.c - see host_file.h */
#include "recover/host_file.h"

#include "core/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static int read_bytes(int fd, const char *path, uint8_t *bytes, size_t size, struct error *err)
{
	for (size_t done = 0; done < size;) {
		ssize_t got = read(fd, bytes + done, size - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_sys(err, path, "cannot read");
		if (got == 0)
			return error_set(err, ERROR_IO, path, "got shorter while it was read");
		done += (size_t)got;
	}
	return 0;
}

int host_file_read(const char *path, size_t limit, uint8_t **bytes, size_t *size, struct error *err)
{
	CLEANUP(close_fd) int      fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	CLEANUP(free_ptr) uint8_t *read_so_far = NULL;
	struct stat                status;

	*bytes = NULL;
	if (fd < 0 || fstat(fd, &status) < 0)
		return error_sys(err, path, "cannot open");
	if (!S_ISREG(status.st_mode))
		return error_set(err, ERROR_VALUE, path, "is no plain file");
	if ((uint64_t)status.st_size > limit)
		return error_set(err, ERROR_VALUE, path, "is larger than %zu MiB, which is not read", limit >> 20);
	*size = (size_t)status.st_size;
	read_so_far = malloc(*size + 1);
	if (!read_so_far)
		return error_memory(err);
	if (read_bytes(fd, path, read_so_far, *size, err) < 0)
		return -1;
	*bytes = TAKE(read_so_far);
	return 0;
}
