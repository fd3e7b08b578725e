/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/fuzz.h"

#include "scan/map_file.h"

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ranges unreadable = { 0 };
	struct error  err;
	char          path[64];
	int           fd = memfd_create("map", MFD_CLOEXEC);

	MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (map_file_read(path, 1u << 20, &unreadable, &err) == 0)
		for (size_t i = 0; i < unreadable.count; i++) {
			MUST(unreadable.items[i].length);
			MUST(unreadable.items[i].length <= UINT64_MAX - unreadable.items[i].start);
			MUST(!i || unreadable.items[i].start >
					   unreadable.items[i - 1].start + unreadable.items[i - 1].length);
		}
	array_release(&unreadable);
	close(fd);
	return 0;
}
