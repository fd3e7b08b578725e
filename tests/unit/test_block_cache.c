/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_block_cache.c - what a device is read as stays what lies on it, whatever was read and written before */
#include "tests/unit/unit.h"

#include "recover/transaction/block_device.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define MEBIBYTES 40u /* more than two blocks for a place in the cache */

static char               *folder, *path;
static struct block_device device;

static void begin(void)
{
	struct error err;

	folder = temp_folder();
	path = temp_ntfs(folder, "volume.img", MEBIBYTES, "");
	cr_assert(eq(int, block_device_open(&device, path, 0, &err), 0), "%s", err.text);
}

static void end(void)
{
	block_device_close(&device);
	free(path);
	temp_remove(folder);
}

TestSuite(block_cache, .init = begin, .fini = end);

/* Hold what is read against the file. */
static void expect_as_in_file(uint64_t offset, size_t length)
{
	struct blob got = blob_zero(length), lies = blob_zero(length);
	int         fd = open(path, O_RDONLY | O_CLOEXEC);

	cr_assert(eq(i64, pread(fd, lies.at, length, (off_t)offset), (ssize_t)length));
	cr_expect(eq(int, block_device_read(&device, offset, got.at, length), 0));
	cr_expect(that(memcmp(got.at, lies.at, length) == 0), "%zu bytes at %ju", length, (uintmax_t)offset);
	close(fd);
	free(got.at);
	free(lies.at);
}

static void write_noise(uint64_t offset, size_t length, uint64_t *seed)
{
	struct blob noise = blob_zero(length);

	for (size_t i = 0; i < length; i++)
		noise.at[i] = (uint8_t)dice(seed);
	cr_assert(eq(int, block_device_write(&device, WRITE_FREE, offset, noise.at, length), 0));
	free(noise.at);
}

Test(block_cache, two_blocks_share_a_place)
{
	uint64_t seed = 1, first = 5u << 20, second = first + (uint64_t)CACHED_BLOCKS * REDO_BLOCK_BYTES;

	write_noise(first, REDO_BLOCK_BYTES, &seed);
	write_noise(second, REDO_BLOCK_BYTES, &seed);
	for (int i = 0; i < 3; i++) {
		expect_as_in_file(first, 100);
		expect_as_in_file(second + 50, 100);
	}
}

Test(block_cache, writes_of_all_sizes_are_seen)
{
	uint64_t seed = 2, start = 8u << 20;

	for (int i = 0; i < 2000; i++) {
		uint64_t offset = start + dice(&seed) % 40000;
		size_t   length = 1 + dice(&seed) % (i % 10 ? 600 : 20000);

		if (i % 3 == 0)
			write_noise(offset, length, &seed);
		else
			expect_as_in_file(offset, length);
	}
}

Test(block_cache, the_end_of_the_volume_is_read)
{
	expect_as_in_file(device.size_bytes - 512, 512);
	expect_as_in_file(device.size_bytes - 5000, 5000);
	expect_as_in_file(device.size_bytes - 512, 512);
}
