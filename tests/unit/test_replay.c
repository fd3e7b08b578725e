/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_replay.c - logs made by hand (scan/redo_log.h), over volumes that a crash left in every way
 *
 * Some blocks change: those around the start of $UpCase, which are in use, and the block of the table
 * that holds $Bitmap's record; and the log's first block, where its header shares it with $MFTMirr.
 */
#include "tests/unit/unit.h"

#include "recover/transaction/replay.h"
#include "recover/transaction/transaction.h"

#include <fcntl.h>
#include <unistd.h>

#define BLOCK   REDO_BLOCK_BYTES
#define TARGETS 60u /* more than one descriptor has room for */

struct made_log {
	struct redo_header     header;
	struct redo_descriptor descriptors[3];
	size_t                 descriptor_count;
	uint64_t               first; /* block of the log's first descriptor; images follow the descriptors */
	uint8_t                before[TARGETS][BLOCK], after[TARGETS][BLOCK];
};

static char               *folder, *path;
static struct transaction  transaction;
static struct replay_report report;
static struct error        err;
static struct made_log    *made;
static uint64_t            log_start;

static void read_at(uint64_t offset, void *to, size_t length)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	cr_assert(eq(i64, pread(fd, to, length, (off_t)offset), (ssize_t)length));
	close(fd);
}

static void write_at(uint64_t offset, const void *from, size_t length)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	cr_assert(eq(i64, pwrite(fd, from, length, (off_t)offset), (ssize_t)length));
	close(fd);
}

/* -------- a log of our own -------- */

/* The sectors that a target changes: those of $LogFile are never replaced. */
static size_t own_sectors(size_t i)
{
	return i == TARGETS - 1 && log_start % BLOCK ? log_start % BLOCK / REDO_SECTOR_BYTES : REDO_SECTORS;
}

/* The blocks that change: the one with records 4 to 7 of the table, and those of $UpCase from its second on. */
static uint64_t target(size_t i)
{
	const struct geometry *geometry = &transaction.device.geometry;
	static uint64_t        upcase;

	if (i == 0)
		return (geometry->mft_lcn * geometry->cluster_bytes + 4 * geometry->record_bytes) / BLOCK;
	if (own_sectors(i) < REDO_SECTORS)
		return log_start / BLOCK;
	if (!upcase) { /* "a" becomes "A": looked for by what the table says of the first letters */
		static uint8_t block[BLOCK];

		for (upcase = 1;; upcase++) {
			read_at(upcase * BLOCK, block, BLOCK);
			if (le16_at(block + 2 * 'a') == 'A' && le16_at(block + 2 * 'b') == 'B' && le16_at(block + 2) == 1)
				break;
		}
	}
	return upcase - TARGETS / 2 + i; /* both sides of its start: whatever lies there */
}

/* A new image: another one, but of records with their fix-ups right. */
static void make_image(size_t i)
{
	memcpy(made->after[i], made->before[i], BLOCK);
	if (i) {
		for (size_t at = 0; at < BLOCK; at++)
			made->after[i][at] ^= (uint8_t)(0x5a + i);
		return;
	}
	/* each record's update sequence counts up, in every sector: half of a write tears them all */
	for (size_t record = 0; record < BLOCK; record += transaction.device.geometry.record_bytes) {
		uint8_t *bytes = made->after[0] + record;
		uint16_t array = le16_at(bytes + 4), number = (uint16_t)(le16_at(bytes + array) + 1);

		put_le16(bytes + array, number);
		for (size_t sector = 1; sector < le16_at(bytes + 6); sector++)
			put_le16(bytes + sector * 512 - 2, number);
	}
}

static void put_log(void)
{
	struct redo_header_disk disk;

	for (size_t i = 0; i < made->descriptor_count; i++) {
		struct redo_descriptor_disk block;

		redo_descriptor_encode(&made->descriptors[i], &block);
		write_at((made->first + i) * BLOCK, &block, sizeof block);
	}
	for (size_t i = 0; i < TARGETS; i++)
		write_at((made->first + 3 + i) * BLOCK, made->after[i], BLOCK);
	redo_header_encode(&made->header, &disk);
	write_at(log_start, &disk, sizeof disk);
}

static void make_log(void)
{
	made->header = (struct redo_header){ .state = REDO_COMMITTED,
					     .serial = transaction.device.geometry.serial,
					     .size_bytes = transaction.device.size_bytes,
					     .run = "a run of a test",
					     .transaction = 3,
					     .blocks = TARGETS,
					     .step = "test" };
	made->first = (log_start + 512 + BLOCK - 1) / BLOCK;
	made->header.descriptor = made->first;
	for (size_t i = 0; i < TARGETS; i++) {
		struct redo_descriptor *descriptor = &made->descriptors[i / REDO_ENTRIES_MAX];
		struct redo_entry      *entry = &descriptor->entries[descriptor->count++];

		read_at(target(i) * BLOCK, made->before[i], BLOCK);
		make_image(i);
		*entry = (struct redo_entry){ .block = target(i),
					      .image = made->first + 3 + i,
					      .checksum = redo_checksum(made->after[i], BLOCK) };
		redo_sector_checksums(made->before[i], own_sectors(i) * REDO_SECTOR_BYTES, entry->before);
	}
	made->descriptor_count = 2;
	for (size_t i = 0; i < 2; i++) {
		made->descriptors[i].transaction = 3;
		made->descriptors[i].number = i;
		made->descriptors[i].next = i ? 0 : made->first + 1;
		memcpy(made->descriptors[i].run, made->header.run, REDO_UUID_BYTES);
	}
}

static void begin_with(const char *options)
{
	folder = temp_folder();
	path = temp_ntfs(folder, "volume.img", 8, options);
	made = calloc(1, sizeof *made);
	cr_assert(eq(int, transaction_open(&transaction, path, 0, &report, &err), 0), "%s", err.text);
	cr_assert(that(!report.found));
	log_start = transaction.log.header;
	cr_assert(gt(u64, transaction.log.blocks, TARGETS + 4));
	make_log();
	transaction_close(&transaction);
}

static void begin(void)
{
	begin_with("-c 4096");
	cr_assert(eq(u64, log_start % BLOCK, 0));
}

static void begin_beside(void)
{
	begin_with("-c 2048");
	cr_assert(eq(u64, log_start % BLOCK, 2048));
	cr_assert(lt(u64, target(TARGETS - 2), target(TARGETS - 1)));
}

static void end(void)
{
	free(made);
	free(path);
	temp_remove(folder);
}

TestSuite(replay, .init = begin, .fini = end);
TestSuite(replay_beside_the_log, .init = begin_beside, .fini = end);

/* -------- what was torn is finished -------- */

struct torn {
	char     name[48];
	unsigned how;
};

enum { NOTHING, EVERYTHING, FIRST_HALF, LAST_HALF, ODD_SECTORS, EVEN_SECTORS, ONE_SECTOR_EACH, AT_RANDOM };

/* Has sector @j of target @i been written before the crash? */
static bool is_placed(unsigned how, size_t i, size_t j, uint64_t *seed)
{
	switch (how) {
	case NOTHING:
		return false;
	case EVERYTHING:
		return true;
	case FIRST_HALF:
		return i < TARGETS / 2;
	case LAST_HALF:
		return i >= TARGETS / 2;
	case ODD_SECTORS:
		return j % 2;
	case EVEN_SECTORS:
		return j % 2 == 0;
	case ONE_SECTOR_EACH:
		return j == i % REDO_SECTORS;
	default:
		return dice(seed) % 2;
	}
}

static void expect_finished(const struct torn *c)
{
	struct blob             before, after;
	struct replay_plan      plan;
	struct block_device     device;
	struct redo_header      header;
	uint64_t                seed = c->how, waiting = 0;

	put_log();
	for (size_t i = 0; i < TARGETS; i++) {
		bool all = true;

		for (size_t j = 0; j < own_sectors(i); j++)
			if (is_placed(c->how, i, j, &seed))
				write_at(target(i) * BLOCK + j * 512, made->after[i] + j * 512, 512);
			else
				all = all && memcmp(made->before[i] + j * 512, made->after[i] + j * 512, 512) == 0;
		waiting += !all;
	}
	before = temp_read(path);

	/* judged by reading alone */
	cr_assert(eq(int, block_device_open_to_read(&device, path, 0, &err), 0));
	cr_assert(eq(int, replay_judge(&device, log_start, &plan, &err), 0), "%s: %s", c->name, err.text);
	cr_expect(that(plan.found && plan.header.state == REDO_COMMITTED));
	cr_expect(eq(sz, plan.entries.count, TARGETS), "%s", c->name);
	cr_expect(eq(u64, plan.waiting, waiting), "%s", c->name);
	replay_plan_release(&plan);
	block_device_close(&device);

	cr_assert(eq(int, transaction_open(&transaction, path, 0, &report, &err), 0), "%s: %s", c->name, err.text);
	cr_expect(that(report.found && report.finished), "%s", c->name);
	cr_expect(eq(u64, report.blocks, waiting), "%s", c->name);
	cr_expect(eq(str, report.header.step, "test"));
	transaction_close(&transaction);

	/* every target is as it must be, the header says that nothing is committed, all else is as it was */
	after = temp_read(path);
	for (size_t i = 0; i < TARGETS; i++) {
		size_t length = own_sectors(i) * REDO_SECTOR_BYTES;

		cr_expect(eq(int, memcmp(after.at + target(i) * BLOCK, made->after[i], length), 0), "%s: target %zu",
			  c->name, i);
		memcpy(before.at + target(i) * BLOCK, made->after[i], length);
	}
	cr_assert(eq(int, redo_header_decode((struct bytes){ after.at + log_start, 512, 0 }, &header, &err), 1));
	cr_expect(eq(int, (int)header.state, REDO_RUNNING));
	memcpy(before.at + log_start, after.at + log_start, 512);
	cr_expect(eq(int, memcmp(before.at, after.at, before.size), 0), "%s: something else was written", c->name);

	/* the same again finds nothing to finish */
	cr_assert(eq(int, transaction_open(&transaction, path, 0, &report, &err), 0));
	cr_expect(that(report.found && !report.finished && !report.blocks));
	cr_assert(eq(int, transaction_begin(&transaction, "end", 0, &err), 0));
	cr_assert(eq(int, transaction_end(&transaction, &err), 0));
	transaction_close(&transaction);
	cr_assert(eq(int, transaction_open(&transaction, path, 0, &report, &err), 0));
	cr_expect(that(!report.found), "the log is empty");
	transaction_close(&transaction);
	free(before.at);
	free(after.at);
}

ParameterizedTestParameters(replay_beside_the_log, a_torn_transaction_is_finished)
{
	static struct torn cases[] = {
		{ "nothing in place", NOTHING },
		{ "everything in place", EVERYTHING },
		{ "odd sectors", ODD_SECTORS },
		{ "at random", AT_RANDOM },
	};
	return CASES(struct torn, cases);
}

ParameterizedTest(struct torn *c, replay_beside_the_log, a_torn_transaction_is_finished)
{
	expect_finished(c);
}

ParameterizedTestParameters(replay, a_torn_transaction_is_finished)
{
	static struct torn cases[] = {
		{ "nothing in place", NOTHING },
		{ "everything in place", EVERYTHING },
		{ "the first half", FIRST_HALF },
		{ "the last half", LAST_HALF },
		{ "odd sectors", ODD_SECTORS },
		{ "even sectors", EVEN_SECTORS },
		{ "one sector of each block", ONE_SECTOR_EACH },
		{ "at random", AT_RANDOM },
		{ "at random, otherwise", AT_RANDOM + 1 },
		{ "at random, yet otherwise", AT_RANDOM + 2 },
	};
	return CASES(struct torn, cases);
}

ParameterizedTest(struct torn *c, replay, a_torn_transaction_is_finished)
{
	expect_finished(c);
}

Test(replay, what_was_not_committed_is_forgotten)
{
	struct blob before, after;

	made->header.state = REDO_RUNNING;
	put_log();
	before = temp_read(path);
	cr_assert(eq(int, transaction_open(&transaction, path, 0, &report, &err), 0), "%s", err.text);
	cr_expect(that(report.found && !report.finished));
	transaction_close(&transaction);
	after = temp_read(path);
	cr_expect(eq(int, memcmp(before.at, after.at, before.size), 0));
	free(before.at);
	free(after.at);
}

/* -------- what must not be put in place -------- */

/* The log is refused with a sentence, by judging and by opening alike, and nothing is written. */
static void expect_refused(enum error_kind kind, const char *words, const char *name)
{
	struct blob         before = temp_read(path), after;
	struct block_device device;
	struct replay_plan  plan;

	cr_assert(eq(int, block_device_open_to_read(&device, path, 0, &err), 0));
	cr_expect(eq(int, replay_judge(&device, log_start, &plan, &err), -1), "%s", name);
	replay_plan_release(&plan);
	block_device_close(&device);
	cr_expect(eq(int, transaction_open(&transaction, path, 0, &report, &err), -1), "%s", name);
	cr_expect(eq(int, (int)err.kind, (int)kind), "%s: %s", name, err.text);
	cr_expect(that(strstr(err.text, words) != NULL), "%s: %s", name, err.text);
	cr_expect(eq(str, err.path, path), "%s", name);
	transaction_close(&transaction);
	after = temp_read(path);
	cr_expect(eq(int, memcmp(before.at, after.at, before.size), 0), "%s: something was written", name);
	free(before.at);
	free(after.at);
}

Test(replay, a_foreign_sector_is_refused)
{
	put_log();
	for (size_t i = 0; i < TARGETS; i += 7) {
		uint64_t at = target(i) * BLOCK + (i % REDO_SECTORS) * 512 + 17;
		uint8_t  was, is;

		read_at(at, &was, 1);
		is = was ^ 0x33;
		write_at(at, &is, 1);
		expect_refused(ERROR_REFUSED, "something else has written", "foreign sector");
		cr_expect(eq(u64, err.offset, at / 512 * 512));
		write_at(at, &was, 1);
	}
}

Test(replay, a_damaged_image_or_descriptor_is_refused)
{
	put_log();
	for (size_t block = 0; block < 3 + TARGETS; block++) {
		uint64_t at = (made->first + block) * BLOCK + block * 31 % BLOCK;
		uint8_t  was, is;

		if (block == 2)
			continue; /* nothing lies there */
		read_at(at, &was, 1);
		is = was ^ 4;
		write_at(at, &is, 1);
		expect_refused(ERROR_VALUE, "the log that holds it is damaged", "damaged block");
		write_at(at, &was, 1);
	}
}

struct wrong {
	char   name[48];
	char   words[40];
	size_t kind; /* enum error_kind */
	int    what;
};

static void make_wrong(int what)
{
	struct redo_descriptor *last = &made->descriptors[1];

	switch (what) {
	case 0: made->header.serial++; break;
	case 1: made->header.size_bytes -= 512; break;
	case 2: made->header.blocks++; break;
	case 3: made->header.blocks--; break;
	case 4: made->header.blocks = UINT64_MAX; break;
	case 5: made->header.descriptor = UINT64_MAX; break;
	case 6: made->header.descriptor = made->header.size_bytes / BLOCK; break;
	case 7: made->header.descriptor = 0; break;
	case 8: last->next = made->first; break;
	case 9: made->descriptors[0].next = made->first; break;
	case 10: made->descriptors[0].next = 0; break;
	case 11: last->number = 2; break;
	case 12: last->transaction = 2; break;
	case 13: last->run[3] ^= 1; break;
	case 14: last->count = 0; break;
	case 15: last->entries[0].block = UINT64_MAX / BLOCK + 1; break;
	case 16: last->entries[0].block = made->header.size_bytes / BLOCK + 1; break;
	case 17: last->entries[0].image = UINT64_MAX; break;
	case 18: last->entries[0].image = made->header.size_bytes / BLOCK; break;
	case 19: last->entries[1].block = last->entries[0].block; break;
	case 20: last->entries[1].block = 1; break;
	case 21: last->entries[1].checksum ^= 1; break;
	default: cr_assert(that(false));
	}
}

#define DAMAGED "the log that holds it is damaged"

ParameterizedTestParameters(replay, a_log_that_cannot_be_is_refused)
{
	static struct wrong cases[] = {
		{ "another volume's", "for another volume", ERROR_REFUSED, 0 },
		{ "of another size", "another size", ERROR_REFUSED, 1 },
		{ "more blocks than entries", DAMAGED, ERROR_VALUE, 2 },
		{ "fewer blocks than entries", DAMAGED, ERROR_VALUE, 3 },
		{ "blocks without end", DAMAGED, ERROR_VALUE, 4 },
		{ "descriptor outside", DAMAGED, ERROR_VALUE, 5 },
		{ "descriptor right behind the end", DAMAGED, ERROR_VALUE, 6 },
		{ "the boot sector as descriptor", DAMAGED, ERROR_VALUE, 7 },
		{ "a chain that goes on", DAMAGED, ERROR_VALUE, 8 },
		{ "a chain that turns back", DAMAGED, ERROR_VALUE, 9 },
		{ "a chain that ends", DAMAGED, ERROR_VALUE, 10 },
		{ "a descriptor left out", DAMAGED, ERROR_VALUE, 11 },
		{ "another transaction's descriptor", DAMAGED, ERROR_VALUE, 12 },
		{ "another run's descriptor", DAMAGED, ERROR_VALUE, 13 },
		{ "a descriptor without entries", DAMAGED, ERROR_VALUE, 14 },
		{ "a target beyond numbers", DAMAGED, ERROR_VALUE, 15 },
		{ "a target outside", DAMAGED, ERROR_VALUE, 16 },
		{ "an image beyond numbers", DAMAGED, ERROR_VALUE, 17 },
		{ "an image right behind the end", DAMAGED, ERROR_VALUE, 18 },
		{ "a target twice", DAMAGED, ERROR_VALUE, 19 },
		{ "targets out of order", DAMAGED, ERROR_VALUE, 20 },
		{ "an image with another checksum", DAMAGED, ERROR_VALUE, 21 },
	};
	return CASES(struct wrong, cases);
}

ParameterizedTest(struct wrong *c, replay, a_log_that_cannot_be_is_refused)
{
	make_wrong(c->what);
	put_log();
	expect_refused((enum error_kind)c->kind, c->words, c->name);
}

Test(replay, another_version_and_a_damaged_header)
{
	uint8_t version = 9, damage = 0x77;

	put_log();
	write_at(log_start + 0x10, &version, 1);
	expect_refused(ERROR_UNSUPPORTED, "another version", "version");
	put_log();
	write_at(log_start + 0x30, &damage, 1);
	expect_refused(ERROR_VALUE, "header is damaged", "header");
}
