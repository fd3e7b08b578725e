/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_block_device.c - the order of writes is asserted; failures stay known; what must not be opened is not */
#include "tests/unit/unit.h"

#include "recover/transaction/block_device.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

static char               *folder, *path;
static struct block_device device;
static struct error        err;

static void begin(void)
{
	folder = temp_folder();
	path = temp_ntfs(folder, "volume.img", 4, "-c 4096");
	device = (struct block_device){ .fd = -1 };
}

static void end(void)
{
	block_device_close(&device);
	free(path);
	if (folder)
		temp_remove(folder);
}

TestSuite(block_device, .init = begin, .fini = end);

static void open_it(void)
{
	cr_assert(eq(int, block_device_open(&device, path, 0, &err), 0), "%s", err.text);
}

/* -------- order -------- */

/* "f" free cluster, "l" log, "c" commit, "p" in place, "r" retire, "s" flush */
static void play(const char *steps)
{
	static const char    kinds[] = { [WRITE_FREE] = 'f', [WRITE_LOG] = 'l', [WRITE_COMMIT] = 'c',
					 [WRITE_PLACE] = 'p', [WRITE_RETIRE] = 'r' };
	static const uint8_t block[4096];

	for (; *steps; steps++) {
		if (*steps == 's')
			cr_assert(eq(int, block_device_flush(&device), 0));
		for (size_t kind = 0; kind < sizeof kinds; kind++)
			if (kinds[kind] == *steps)
				cr_assert(eq(int, block_device_write(&device, (enum block_write)kind, 1u << 20, block,
								     sizeof block),
					     0));
	}
}

Test(block_device, what_a_transaction_does_is_in_order)
{
	open_it();
	play("rsffllflsc" "sppsr" "sflsc" "sps" "psr" "rs");
	cr_expect(eq(int, block_device_check(&device, &err), 0));
}

struct order {
	char steps[16]; /* the last one must not happen */
	char why[64];
};

ParameterizedTestParameters(block_device, a_write_out_of_order_ends_the_program)
{
	static struct order cases[] = {
		{ "p", "in place without a commit" },
		{ "lscp", "in place before the commit is durable" },
		{ "lscspsrp", "in place under a commit that was taken back" },
		{ "lc", "commit before the log is durable" },
		{ "fc", "commit before free clusters are durable" },
		{ "rslsrc", "commit while a header that was taken back is not durable" },
		{ "lscsc", "commit upon commit" },
		{ "lscf", "free clusters while a commit is being written" },
		{ "lscl", "the log while a commit is being written" },
		{ "lscsl", "the log that a commit speaks of" },
		{ "lscsf", "free clusters under a commit" },
		{ "lscspr", "taken back before what is in place is durable" },
		{ "lscr", "taken back before it was durable" },
		{ "lscspsrl", "the log before the commit's end is durable" },
		{ "rf", "free clusters before a header that was taken back is durable" },
	};
	return CASES(struct order, cases);
}

#define ABORTED 42

static void on_abort(int number)
{
	(void)number;
	_exit(ABORTED);
}

ParameterizedTest(struct order *c, block_device, a_write_out_of_order_ends_the_program, .exit_code = ABORTED)
{
	char before[sizeof c->steps];

	open_it();
	temp_remove(folder); /* nobody will come back to do it; the descriptor stays */
	folder = NULL;
	snprintf(before, sizeof before, "%s", c->steps);
	before[strlen(before) - 1] = 0;
	play(before); /* in order so far */
	signal(SIGABRT, on_abort);
	play(c->steps + strlen(before));
	cr_expect(that(false), "%s", c->why);
}

/* -------- failures -------- */

Test(block_device, the_first_failure_stays_known)
{
	uint8_t block[512] = { 0 };
	int     read_only;

	open_it();
	read_only = open(path, O_RDONLY | O_CLOEXEC);
	cr_assert(eq(int, dup2(read_only, device.fd), device.fd));
	close(read_only);
	cr_expect(eq(int, block_device_check(&device, &err), 0));
	cr_expect(eq(int, block_device_write(&device, WRITE_FREE, 8192, block, sizeof block), -1));
	cr_expect(eq(int, errno, EBADF));
	cr_expect(eq(int, block_device_write(&device, WRITE_FREE, 512, block, sizeof block), -1));
	cr_expect(eq(int, block_device_check(&device, &err), -1));
	cr_expect(eq(int, err.sys, EBADF));
	cr_expect(eq(u64, err.offset, 8192));
}

Test(block_device, nothing_is_written_outside_the_volume)
{
	uint8_t     block[512] = { 1 };
	struct stat before, after;

	open_it();
	cr_assert(eq(int, stat(path, &before), 0));
	cr_expect(eq(int, block_device_write(&device, WRITE_FREE, device.size_bytes - 511, block, sizeof block), -1));
	cr_expect(eq(int, block_device_check(&device, &err), -1));
	cr_expect(eq(int, block_device_read(&device, device.size_bytes - 511, block, sizeof block), -1));
	cr_expect(eq(int, block_device_read(&device, UINT64_MAX, block, sizeof block), -1));
	cr_assert(eq(int, stat(path, &after), 0));
	cr_expect(eq(i64, after.st_size, before.st_size));
}

Test(block_device, for_reading_there_is_no_way_to_write)
{
	uint8_t block[512] = { 1 };

	cr_assert(eq(int, block_device_open_to_read(&device, path, 0, &err), 0), "%s", err.text);
	cr_expect(eq(int, block_device_read(&device, 0, block, sizeof block), 0));
	cr_expect(eq(int, memcmp(block + 3, "NTFS", 4), 0));
	cr_expect(eq(int, block_device_write(&device, WRITE_FREE, 0, block, sizeof block), -1));
}

/* -------- opening -------- */

Test(block_device, opened_once_for_writing)
{
	struct block_device second;

	open_it();
	cr_expect(eq(int, block_device_open(&second, path, 0, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_REFUSED));
	block_device_close(&second);
	cr_expect(eq(int, block_device_open_to_read(&second, path, 0, &err), 0), "reading is no matter");
	block_device_close(&second);
}

Test(block_device, what_is_no_volume_is_not_opened)
{
	cr_expect(eq(int, block_device_open(&device, folder, 0, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_USAGE));
	block_device_close(&device);
	cr_expect(eq(int, block_device_open(&device, path, 512, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_VALUE));
	block_device_close(&device);
	cr_expect(eq(int, block_device_open(&device, path, 1ull << 40, &err), -1));
	cr_expect(eq(int, err.kind, ERROR_VALUE));
	block_device_close(&device);
	cr_assert(eq(int, truncate(path, 2 << 20), 0));
	cr_expect(eq(int, block_device_open(&device, path, 0, &err), -1));
	cr_expect(that(strstr(err.text, "cut short") != NULL), "%s", err.text);
}
