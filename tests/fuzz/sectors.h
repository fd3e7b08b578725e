/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sectors.h - a small disk as a fuzz input: a list of sectors, each with its number in two bytes before it
 *
 * What none of them gives is zero.  So an image of two MiB is a seed of few KiB.
 */
#ifndef TESTS_FUZZ_SECTORS_H
#define TESTS_FUZZ_SECTORS_H

#include "tests/fuzz/fuzz.h"

#include "core/endian.h"

#include <sys/mman.h>
#include <unistd.h>

#define SECTORS           4096u /* of 512 bytes */
#define SECTORS_PATH_SIZE 64u

/* The disk as a file in memory; @path is set to where it can be opened until the descriptor is closed. */
static inline int sectors_make_disk(const uint8_t *data, size_t size, char path[SECTORS_PATH_SIZE])
{
	int fd = memfd_create("disk", MFD_CLOEXEC);

	MUST(fd >= 0 && ftruncate(fd, SECTORS * 512) == 0);
	for (; size >= 514; data += 514, size -= 514)
		MUST(pwrite(fd, data + 2, 512, le16_at(data) % SECTORS * 512) == 512);
	snprintf(path, SECTORS_PATH_SIZE, "/proc/self/fd/%d", fd);
	return fd;
}

#endif
