/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_transaction.c - held against plain bytes in memory
 *
 * The volume is an empty one with a $Bitmap of random bits, so that about half of the blocks count as in use.
 * Writes keep away from what a volume is found by, from $Bitmap and from the log; of those beside the log
 * there are many, for with clusters smaller than a block it shares blocks with others.
 */
#include "tests/unit/unit.h"

#include "recover/transaction/transaction.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define BLOCK      REDO_BLOCK_BYTES
#define SIZE_MIB   24u
#define SAFE_BYTES (1u << 20) /* from the volume's start: boot sector and table */
#define PIECE      20000u

static char                *folder, *path;
static struct transaction   transaction;
static struct replay_report report;
static struct error         err;
static struct blob          model, committed; /* as the transaction will leave it; as of the last commit */
static uint64_t             seed;

/* -------- a volume with random bits -------- */

static bool is_off_limits(uint64_t offset, size_t length)
{
	const struct runs *bitmap = &transaction.map.bitmap;

	for (size_t i = 0; i < bitmap->count; i++) {
		uint64_t start = bitmap->items[i].lcn * transaction.map.geometry.cluster_bytes;
		uint64_t end = start + bitmap->items[i].length * transaction.map.geometry.cluster_bytes;

		if (offset < end && offset + length > start)
			return true;
	}
	return offset < SAFE_BYTES || offset + length > model.size - BLOCK ||
	       space_map_is_log(&transaction.map, offset, length);
}

static bool is_in_use(uint64_t block)
{
	return !space_map_is_free(&transaction.map, block * BLOCK, BLOCK);
}

static void open_it(void)
{
	cr_assert(eq(int, transaction_open(&transaction, path, 0, &report, &err), 0), "%s", err.text);
	transaction.resident_max = 5;
}

/* @taken  eighths of the clusters that count as in use, besides those that are */
static void begin_with(uint32_t cluster_bytes, unsigned taken)
{
	char options[32];
	int  fd;

	folder = temp_folder();
	snprintf(options, sizeof options, "-c %u", cluster_bytes);
	path = temp_ntfs(folder, "volume.img", SIZE_MIB, options);
	open_it();
	seed = cluster_bytes;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	for (uint64_t index = 0; index < transaction.map.bytes; index++) {
		uint8_t bits = transaction.map.committed[index];

		for (int bit = 0; bit < 8; bit++)
			bits |= (uint8_t)((dice(&seed) % 8 < taken) << bit);
		cr_assert(eq(i64, pwrite(fd, &bits, 1, (off_t)space_map_place(&transaction.map, index)), 1));
	}
	close(fd);
	transaction_close(&transaction);
	open_it();
	model = temp_read(path);
	committed = blob_copy(model.at, model.size);
}

static void end(void)
{
	transaction_close(&transaction);
	free(model.at);
	free(committed.at);
	free(path);
	temp_remove(folder);
}

TestSuite(transaction, .fini = end);

/* -------- playing -------- */

/* Anywhere, or right before or behind the log. */
static uint64_t some_place(size_t length)
{
	const struct run *log = &transaction.map.log.items[0];
	uint64_t          cluster_bytes = transaction.map.geometry.cluster_bytes;

	switch (dice(&seed) % 8) {
	case 0: return log->lcn * cluster_bytes - length;
	case 1: return (log->lcn + log->length) * cluster_bytes;
	default: return dice(&seed) % (model.size - PIECE);
	}
}

static void write_some(void)
{
	uint8_t  bytes[PIECE];
	size_t   length = 1 + dice(&seed) % PIECE;
	uint64_t offset;

	do {
		offset = some_place(length);
	} while (is_off_limits(offset, length));
	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)dice(&seed);
	cr_assert(eq(int, transaction_write(&transaction, offset, bytes, length), 0), "%s", strerror(errno));
	memcpy(model.at + offset, bytes, length);
}

static void expect_read(void)
{
	uint8_t  bytes[PIECE];
	size_t   length = 1 + dice(&seed) % PIECE;
	uint64_t offset = some_place(length);

	if (is_off_limits(offset, length))
		return;
	cr_assert(eq(int, transaction_read(&transaction, offset, bytes, length), 0));
	cr_assert(eq(int, memcmp(bytes, model.at + offset, length), 0), "at %lu", (unsigned long)offset);
}

/* On the device, every sector of the blocks in use is as of the last commit. */
static void expect_device(void)
{
	struct blob there = temp_read(path);

	for (uint64_t at = 0; at < model.size; at += REDO_SECTOR_BYTES)
		if (!is_off_limits(at, REDO_SECTOR_BYTES) && is_in_use(at / BLOCK))
			cr_assert(eq(int, memcmp(there.at + at, committed.at + at, REDO_SECTOR_BYTES), 0), "byte %lu",
				  (unsigned long)at);
	free(there.at);
}

static void commit(void)
{
	cr_assert(eq(int, transaction_commit(&transaction, 0, &err), 0), "%s", err.text);
	memcpy(committed.at, model.at, model.size);
}

static void forget(void)
{
	transaction_forget(&transaction);
	for (uint64_t block = 0; block < model.size / BLOCK; block++)
		if (is_in_use(block)) /* what went to free clusters is there, and nobody's */
			memcpy(model.at + block * BLOCK, committed.at + block * BLOCK, BLOCK);
}

struct size {
	uint32_t cluster_bytes;
};

ParameterizedTestParameters(transaction, random_writes_against_plain_bytes)
{
	static struct size cases[] = { { 512 }, { 1024 }, { 2048 }, { 4096 }, { 65536 } };

	return CASES(struct size, cases);
}

ParameterizedTest(struct size *c, transaction, random_writes_against_plain_bytes)
{
	begin_with(c->cluster_bytes, 4);
	cr_assert(eq(int, transaction_begin(&transaction, "test", 1, &err), 0), "%s", err.text);
	for (int round = 0; round < 200; round++) {
		write_some();
		expect_read();
		expect_read();
		if (dice(&seed) % 16 == 0) {
			expect_device();
			if (dice(&seed) % 3)
				commit();
			else
				forget();
			expect_device();
		}
	}
	commit();
	expect_device();
	cr_expect(ge(u64, transaction.commits, 3));
	cr_assert(eq(int, transaction_end(&transaction, &err), 0), "%s", err.text);
	/* opened again, there is nothing to replay, and all is there */
	transaction_close(&transaction);
	open_it();
	cr_expect(that(!report.found));
	for (int round = 0; round < 200; round++)
		expect_read();
	expect_device();
}

/* Far more blocks than $LogFile has room for: the log goes on in free clusters, and gives them back. */
Test(transaction, more_than_the_log_has_room_for)
{
	uint64_t blocks = 0;

	begin_with(4096, 2);
	cr_assert(eq(int, transaction_begin(&transaction, "test", 1, &err), 0));
	for (uint64_t block = SAFE_BYTES / BLOCK; block < model.size / BLOCK - 1; block++) {
		if (is_off_limits(block * BLOCK, BLOCK) || !is_in_use(block))
			continue;
		memset(model.at + block * BLOCK, (int)(block % 255 + 1), BLOCK);
		cr_assert(eq(int, transaction_write(&transaction, block * BLOCK, model.at + block * BLOCK, BLOCK), 0));
		blocks++;
	}
	cr_assert(gt(u64, blocks, transaction.log.blocks), "too few to be of use here");
	cr_expect(that(transaction_is_full(&transaction)));
	cr_expect(eq(u64, transaction_pending_bytes(&transaction), blocks * BLOCK));
	expect_device();
	commit();
	expect_device();
	cr_expect(eq(u64, transaction_pending_bytes(&transaction), 0));
	for (size_t i = 0; i < transaction.map.bytes; i++)
		cr_assert(eq(int, transaction.map.reserved[i], 0));
	cr_assert(eq(int, transaction_end(&transaction, &err), 0));
}

/* The library takes a cluster that the log would like as well: its bit holds, wherever the log goes on. */
Test(transaction, a_cluster_that_is_being_taken_is_not_the_logs)
{
	uint64_t cluster, block = SAFE_BYTES / BLOCK, place, slot;
	uint8_t  bits, there;

	begin_with(4096, 2);
	cr_assert(eq(int, transaction_begin(&transaction, "test", 1, &err), 0));
	cluster = model.size / BLOCK - 2;
	while (is_in_use(cluster))
		cluster--;
	place = space_map_place(&transaction.map, cluster / 8);
	/* $LogFile is full, and as many images are in memory as may be */
	while (transaction.log.extent + 1 < transaction.log.own ||
	       transaction.log.used < transaction.log.extents.items[transaction.log.extent].count)
		cr_assert(eq(int, log_space_next(&transaction.log, &transaction.map, NULL, NULL, &slot), 0));
	for (; transaction.overlay.resident < transaction.resident_max; block++)
		if (!is_off_limits(block * BLOCK, BLOCK) && is_in_use(block))
			cr_assert(eq(int, transaction_write(&transaction, block * BLOCK, "changed", 7), 0));
	cr_assert(eq(int, transaction_read(&transaction, place, &bits, 1), 0));
	cr_assert(eq(int, bits >> cluster % 8 & 1, 0));
	bits |= (uint8_t)(1u << cluster % 8);
	cr_assert(eq(int, transaction_write(&transaction, place, &bits, 1), 0));
	cr_assert(eq(int, transaction_commit(&transaction, 0, &err), 0), "%s", err.text);
	cr_assert(eq(int, block_device_read(&transaction.device, place, &there, 1), 0));
	cr_expect(eq(int, there >> cluster % 8 & 1, 1));
	cr_assert(eq(int, transaction_end(&transaction, &err), 0));
}

/* No free cluster: the change cannot be noted down, so it is not made, and the run can be ended. */
Test(transaction, a_full_volume_stays_as_it_was)
{
	begin_with(4096, 8);
	cr_assert(eq(int, transaction_begin(&transaction, "test", 1, &err), 0));
	transaction.resident_max = SIZE_MIB * 256; /* keep it all in memory until the commit */
	for (uint64_t block = SAFE_BYTES / BLOCK; block < model.size / BLOCK - 1; block++)
		if (!is_off_limits(block * BLOCK, BLOCK))
			cr_assert(eq(int, transaction_write(&transaction, block * BLOCK, "changed", 7), 0));
	cr_expect(eq(int, transaction_commit(&transaction, 0, &err), -1));
	cr_expect(that(strstr(err.text, "too little free space") != NULL), "%s", err.text);
	expect_device();
	cr_expect(eq(int, transaction_commit(&transaction, 0, &err), -1), "after an error nothing is committed");
	cr_assert(that(transaction_rewind(&transaction)));
	cr_assert(eq(int, transaction_end(&transaction, &err), 0), "%s", err.text);
	expect_device();
}

Test(transaction, outside_a_run_nothing_reaches_the_device)
{
	struct blob before, after;

	begin_with(4096, 4);
	before = temp_read(path);
	for (int round = 0; round < 20; round++)
		write_some();
	for (int round = 0; round < 20; round++)
		expect_read();
	transaction_forget(&transaction);
	after = temp_read(path);
	cr_expect(eq(int, memcmp(before.at, after.at, before.size), 0));
	free(before.at);
	free(after.at);
}

/* A block that will be nobody's need not be written, though it was in use. */
Test(transaction, freed_blocks_are_dropped)
{
	uint64_t block = SAFE_BYTES / BLOCK, index;
	uint8_t  bits;

	begin_with(4096, 4);
	while (is_off_limits(block * BLOCK, BLOCK) || !is_in_use(block))
		block++;
	cr_assert(eq(int, transaction_begin(&transaction, "test", 1, &err), 0));
	cr_assert(eq(int, transaction_write(&transaction, block * BLOCK, "changed", 7), 0));
	index = space_map_place(&transaction.map, block / 8);
	cr_assert(eq(int, transaction_read(&transaction, index, &bits, 1), 0));
	bits &= (uint8_t)~(1u << block % 8);
	cr_assert(eq(int, transaction_write(&transaction, index, &bits, 1), 0));
	commit();
	expect_device(); /* by what is in use now */
	cr_expect(that(!is_in_use(block)));
	{
		struct blob there = temp_read(path);

		cr_expect(eq(int, memcmp(there.at + block * BLOCK, model.at + block * BLOCK, BLOCK), 0),
			  "the old content");
		cr_expect(eq(int, there.at[index], bits));
		free(there.at);
	}
	cr_assert(eq(int, transaction_end(&transaction, &err), 0));
}

/* -------- what must not be -------- */

Test(transaction, the_log_is_shown_empty_and_stays_ours)
{
	uint8_t  bytes[512];
	uint64_t log;

	begin_with(4096, 4);
	log = transaction.log.header;
	cr_assert(eq(int, transaction_begin(&transaction, "test", 1, &err), 0));
	cr_assert(eq(int, transaction_read(&transaction, log, bytes, sizeof bytes), 0));
	for (size_t i = 0; i < sizeof bytes; i++)
		cr_assert(eq(int, bytes[i], 0xff));
	cr_expect(eq(int, transaction_write(&transaction, log, bytes, sizeof bytes), 0), "0xff it is anyway");
	bytes[7] = 0;
	cr_expect(eq(int, transaction_write(&transaction, log, bytes, sizeof bytes), -1));
	cr_expect(eq(int, errno, EFAULT));
	cr_expect(eq(int, transaction_commit(&transaction, 0, &err), -1), "and it is not forgotten");
}

Test(transaction, nothing_lies_outside_the_volume)
{
	uint8_t bytes[512] = { 0 };

	begin_with(4096, 4);
	cr_expect(eq(int, transaction_read(&transaction, transaction.device.size_bytes - 511, bytes, 512), -1));
	cr_expect(eq(int, errno, EINVAL));
	cr_expect(eq(int, transaction_read(&transaction, UINT64_MAX - 1, bytes, 512), -1));
	cr_assert(eq(int, transaction_begin(&transaction, "test", 1, &err), 0));
	cr_expect(eq(int, transaction_write(&transaction, transaction.device.size_bytes - 511, bytes, 512), -1));
	cr_expect(eq(int, transaction_commit(&transaction, 0, &err), -1));
}

/* The device refuses to be written: the commit says so, and the volume is as it was. */
Test(transaction, a_device_that_fails)
{
	int read_only;

	begin_with(4096, 8);
	cr_assert(eq(int, transaction_begin(&transaction, "test", 1, &err), 0));
	for (int round = 0; round < 3; round++)
		write_some();
	read_only = open(path, O_RDONLY | O_CLOEXEC);
	cr_assert(eq(int, dup2(read_only, transaction.device.fd), transaction.device.fd));
	close(read_only);
	cr_expect(eq(int, transaction_commit(&transaction, 0, &err), -1));
	cr_expect(eq(int, err.sys, EBADF));
	cr_expect(that(!transaction_rewind(&transaction)));
	expect_device();
	cr_expect(eq(int, transaction_commit(&transaction, 0, &err), -1));
	cr_expect(eq(int, transaction_write(&transaction, SAFE_BYTES, "x", 1), -1));
}

/* Cut off in the middle: opened again, the volume is as of the last commit. */
Test(transaction, what_is_not_committed_never_happened)
{
	begin_with(4096, 4);
	cr_assert(eq(int, transaction_begin(&transaction, "test", 1, &err), 0));
	for (int round = 0; round < 20; round++)
		write_some();
	commit();
	for (int round = 0; round < 20; round++)
		write_some();
	transaction_close(&transaction);
	open_it();
	cr_expect(that(report.found));
	cr_expect(eq(str, report.header.step, "test"));
	expect_device();
}
