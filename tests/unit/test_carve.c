/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_carve.c - blocks put together by hand from libntfs-3g layout.h and logfile.h and the Windows SDK's
 * USN_RECORD_V2; samples counted by the first four bytes of their pages, and by fsutil
 */
#include "tests/unit/unit.h"

#include "scan/carve/carve.h"
#include "scan/mft_record.h"

#include <unistd.h>

static struct error err;

/* -------- blocks by hand -------- */

/* Signature, fix-up array at @array, and the number 0x0102 at the end of each sector. */
static void protect(uint8_t *at, const char *signature, uint16_t array, size_t size)
{
	memcpy(at, signature, 4);
	put_le16(at + 4, array);
	put_le16(at + 6, (uint16_t)(size / 512 + 1));
	put_le16(at + array, 0x0102);
	for (size_t end = 510; end < size; end += 512)
		put_le16(at + end, 0x0102);
}

/* A directory's record 77, sequence 9, without attributes. */
static void make_record(uint8_t *at, uint32_t size)
{
	protect(at, "FILE", 0x30, size);
	put_le64(at + 0x08, 4711);
	put_le16(at + 0x10, 9);
	put_le16(at + 0x14, 0x48);
	put_le16(at + 0x16, 3);
	put_le32(at + 0x18, 0x50);
	put_le32(at + 0x1c, size);
	put_le32(at + 0x2c, 77);
	put_le32(at + 0x48, 0xffffffff);
}

/* One more name in a node of which @used bytes are in use, header included. */
static uint16_t add_name(uint8_t *node, uint16_t used, uint64_t parent)
{
	uint8_t *entry = node + used;

	put_le64(entry, 0x0001000000000050);
	put_le16(entry + 8, 0x58);
	put_le16(entry + 10, 0x44);
	put_le64(entry + 16, parent);
	entry[16 + 0x40] = 1;
	entry[16 + 0x41] = 1;
	entry[16 + 0x42] = 'a';
	return used + 0x58;
}

static void make_index(uint8_t *at, const uint64_t *parents, size_t count)
{
	uint16_t used = 0x28;

	protect(at, "INDX", 0x28, 4096);
	put_le64(at + 0x08, 815);
	put_le64(at + 0x10, 3);
	for (size_t i = 0; i < count; i++)
		used = add_name(at + 0x18, used, parents[i]);
	put_le16(at + 0x18 + used + 8, 16);
	put_le16(at + 0x18 + used + 12, 2);
	put_le32(at + 0x18, 0x28);
	put_le32(at + 0x1c, used + 16u);
	put_le32(at + 0x20, 4096 - 0x18);
}

/* A USN_RECORD_V2 of 0x40 bytes: file 80, life 1, in directory 5, life 5, made in 2020. */
static void make_usn(uint8_t *at, uint64_t usn)
{
	put_le32(at, 0x40);
	put_le16(at + 4, 2);
	put_le64(at + 8, 0x0001000000000050);
	put_le64(at + 16, 0x0005000000000005);
	put_le64(at + 0x20, 132223464000000000);
	put_le64(at + 0x18, usn);
	put_le32(at + 0x28, 0x100);
	put_le16(at + 0x38, 4);
	put_le16(at + 0x3a, 0x3c);
	memcpy(at + 0x3c, "a\0b", 4);
}

static struct artefact only(struct blob raw)
{
	struct artefacts found = { 0 };
	struct artefact  first;

	cr_assert(eq(int, carve_window(blob_bytes(raw, 0x7000), raw.size, &found, &err), 0));
	cr_assert(eq(sz, found.count, 1));
	first = found.items[0];
	array_release(&found);
	return first;
}

/* -------- one at a time -------- */

struct record_case {
	char     name[24];
	uint32_t size;
	size_t   at; /* of a byte that is changed, or 0 */
	uint8_t  value;
	bool     found;
	uint8_t  flags;
};

ParameterizedTestParameters(carve, records)
{
	static struct record_case cases[] = {
		{ "1024 bytes", 1024, 0, 0, true, 0 },
		{ "4096 bytes", 4096, 0, 0, true, 0 },
		{ "torn in its use", 1024, 511, 0x99, true, ARTEFACT_TORN },
		{ "torn behind its use", 1024, 1023, 0x99, true, 0 },
		{ "no end mark", 1024, 0x48, 0x10, true, ARTEFACT_DAMAGED },
		{ "says another size", 1024, 0x1d, 8, false, 0 },
		{ "array too long", 1024, 6, 10, false, 0 },
		{ "array of three sectors", 1024, 6, 4, false, 0 },
		{ "no array", 1024, 6, 0, false, 0 },
		{ "use leaves it", 1024, 0x1a, 1, false, 0 },
		{ "another word", 1024, 3, 'L', false, 0 },
	};
	return CASES(struct record_case, cases);
}

ParameterizedTest(struct record_case *c, carve, records)
{
	struct blob     raw = blob_zero(c->size);
	struct artefact artefact = { .offset = 1 };

	make_record(raw.at, c->size);
	if (c->at)
		raw.at[c->at] = c->value;
	cr_assert(eq(int, carve_recognise(blob_bytes(raw, 0x200), &artefact), c->found), "%s", c->name);
	cr_expect(eq(u64, artefact.offset, c->found ? 0x200 : 1), "%s", c->name);
	if (c->found) {
		cr_expect(eq(int, artefact.kind, ARTEFACT_RECORD));
		cr_expect(eq(u32, artefact.length, c->size));
		cr_expect(eq(int, artefact.flags, c->flags), "%s", c->name);
		cr_expect(eq(u32, artefact.record.number, 77));
		cr_expect(eq(int, artefact.sequence, 9));
		cr_expect(eq(u64, artefact.when, 4711));
		cr_expect(eq(int, artefact.record.flags, MFT_RECORD_IN_USE | MFT_RECORD_DIRECTORY));
	}
	free(raw.at);
}

Test(carve, short_header_has_no_number)
{
	struct blob raw = blob_zero(1024);

	make_record(raw.at, 1024);
	protect(raw.at, "FILE", 0x2a, 1024);
	cr_expect(eq(u32, only(raw).record.number, MFT_RECORD_NO_NUMBER));
	free(raw.at);
}

Test(carve, parent_is_the_one_of_most_entries)
{
	const uint64_t  parents[] = { 0x0002000000000040, 0x0003000000000041, 0x0003000000000041 };
	struct blob     raw = blob_zero(4096);
	struct artefact artefact;

	make_index(raw.at, parents, 3);
	artefact = only(raw);
	cr_expect(eq(int, artefact.kind, ARTEFACT_INDEX));
	cr_expect(eq(int, artefact.flags, 0));
	cr_expect(eq(u64, artefact.index.parent, 0x0003000000000041));
	cr_expect(eq(u64, artefact.index.vcn, 3));
	cr_expect(eq(u64, artefact.when, 815));
	raw.at[4095] ^= 1;
	cr_expect(eq(int, only(raw).flags, ARTEFACT_TORN));
	free(raw.at);
}

Test(carve, log_pages)
{
	struct blob     raw = blob_zero(8192);
	struct artefacts found = { 0 };

	protect(raw.at, "RSTR", 0x1e, 4096);
	put_le32(raw.at + 0x14, 4096);
	put_le16(raw.at + 0x18, 0x30);
	put_le16(raw.at + 0x1a, 1);
	put_le16(raw.at + 0x1c, 2);
	put_le64(raw.at + 0x30, 123456);
	protect(raw.at + 4096, "RCRD", 0x28, 4096);
	put_le64(raw.at + 4096 + 8, 123400);
	cr_assert(eq(int, carve_window(blob_bytes(raw, 0), raw.size, &found, &err), 0));
	cr_assert(eq(sz, found.count, 2));
	cr_expect(eq(int, found.items[0].kind, ARTEFACT_LOG_RESTART));
	cr_expect(eq(u64, found.items[0].when, 123456));
	cr_expect(eq(int, found.items[0].log.major, 2));
	cr_expect(eq(int, found.items[0].log.minor, 1));
	cr_expect(eq(int, found.items[1].kind, ARTEFACT_LOG_PAGE));
	cr_expect(eq(u64, found.items[1].offset, 4096));
	cr_expect(eq(u64, found.items[1].when, 123400));
	array_release(&found);
	free(raw.at);
}

Test(carve, journal_pages_are_told_apart)
{
	struct blob      raw = blob_zero(8192);
	struct artefacts found = { 0 };

	for (size_t at = 0; at < 8192; at += 64)
		make_usn(raw.at + at, 0x20000 + at);
	cr_assert(eq(int, carve_window(blob_bytes(raw, 0), raw.size, &found, &err), 0));
	cr_assert(eq(sz, found.count, 2));
	cr_expect(eq(u64, found.items[1].when, 0x21000));
	array_release(&found);
	free(raw.at);
}

/* Records of 64 bytes fill a page of 4096: each eighth begins a sector, and all are one artefact. */
Test(carve, journal_page_is_one_artefact)
{
	struct blob     raw = blob_zero(8192);
	struct artefact artefact;

	for (size_t at = 0; at < 4096; at += 64)
		make_usn(raw.at + at, 0x20000 + at);
	artefact = only(raw);
	cr_expect(eq(int, artefact.kind, ARTEFACT_USN));
	cr_expect(eq(u32, artefact.usn.records, 64));
	cr_expect(eq(u32, artefact.length, 4096));
	cr_expect(eq(u64, artefact.when, 0x20000));
	put_le64(raw.at + 640 + 0x18, 7); /* the eleventh says that it is from elsewhere */
	artefact = (struct artefact){ 0 };
	cr_assert(that(carve_recognise(blob_bytes(raw, 0), &artefact)));
	cr_expect(eq(u32, artefact.usn.records, 10));
	free(raw.at);
}

Test(carve, text_is_joined_until_a_sector_has_no_mark)
{
	struct blob      raw = blob_zero(4 * 512);
	struct artefacts found = { 0 };
	const char      *record = "<![LOG[a]LOG]!><time=\"10:00:00.000+000\" date=\"01-01-2020\" "
				  "component=\"b\" context=\"\" type=\"1\" thread=\"1\" file=\"c:1\">\r\n";

	memset(raw.at, 'x', raw.size);
	memcpy(raw.at, record, strlen(record));
	memcpy(raw.at + 512 + 509, "<![LOG[", 7); /* over the edge: belongs to where it begins */
	memcpy(raw.at + 3 * 512 + 100, "]LOG]!>", 7);
	cr_assert(eq(int, carve_window(blob_bytes(raw, 0), raw.size, &found, &err), 0));
	cr_assert(eq(sz, found.count, 2));
	cr_expect(eq(u32, found.items[0].length, 1024));
	cr_expect(eq(u64, found.items[0].when, 132223464000000000)); /* date -u -d "2020-01-01 10:00" +%s: 1577872800 */
	cr_expect(eq(u64, found.items[1].offset, 3 * 512));
	raw.at[3 * 512 + 5] = 0;
	cr_expect(that(!carve_recognise((struct bytes){ raw.at + 3 * 512, 512, 0 }, &found.items[0])));
	array_release(&found);
	free(raw.at);
}

Test(carve, no_prefix_is_read_past)
{
	const uint64_t parents[] = { 5, 5 };
	uint8_t        whole[4][4096] = { 0 };

	make_record(whole[0], 4096);
	make_index(whole[1], parents, 2);
	for (size_t at = 0; at < 4096; at += 64)
		make_usn(whole[2] + at, at);
	memset(whole[3], '!', 4096);
	memcpy(whole[3] + 509, "<![LOG[", 7);
	for (size_t i = 0; i < 4; i++)
		for (size_t size = 1; size < 4096; size += size < 1100 ? 1 : 97) {
			struct blob     raw = blob_copy(whole[i], size);
			struct artefact artefact;

			if (carve_recognise(blob_bytes(raw, 0), &artefact))
				cr_expect(le(u32, artefact.length, size));
			free(raw.at);
		}
}

/* -------- samples -------- */

struct sample_case {
	char   path[48];
	size_t counts[ARTEFACT_KINDS];
};

/* grep -c of the words at multiples of 512; two pages of LogFile_7.bin hold a piece of a record there */
ParameterizedTestParameters(carve, samples)
{
	static struct sample_case cases[] = {
		{ "ntfs/dfir_ntfs/LogFile_10.bin", { [ARTEFACT_LOG_PAGE] = 37, [ARTEFACT_LOG_RESTART] = 2 } },
		{ "ntfs/dfir_ntfs/LogFile_7.bin", { [ARTEFACT_LOG_PAGE] = 40, [ARTEFACT_LOG_RESTART] = 2 } },
		{ "ntfs/dfir_ntfs/deleted.mft", { [ARTEFACT_RECORD] = 41 } },
		{ "ntfs/dfir_ntfs/slack.mft", { [ARTEFACT_RECORD] = 55 } },
		{ "ntfs/dfir_ntfs/4k-large.mft", { [ARTEFACT_RECORD] = 36 } },
		{ "ntfs/dfir_ntfs/different_la.mft", { [ARTEFACT_RECORD] = 100 } },
		{ "ntfs/dfir_ntfs/4kn.boot", { [ARTEFACT_BOOT] = 1 } },
	};
	return CASES(struct sample_case, cases);
}

ParameterizedTest(struct sample_case *c, carve, samples)
{
	struct blob      raw = sample_load(c->path);
	struct artefacts found = { 0 };
	size_t           counts[ARTEFACT_KINDS] = { 0 };

	cr_assert(eq(int, carve_window(blob_bytes(raw, 0), raw.size, &found, &err), 0));
	for (size_t i = 0; i < found.count; i++)
		counts[found.items[i].kind]++;
	for (size_t i = 0; i < ARTEFACT_KINDS; i++)
		cr_expect(eq(sz, counts[i], c->counts[i]), "%s, kind %zu", c->path, i);
	array_release(&found);
	free(raw.at);
}

static size_t count_lines(struct blob text, const char *beginning)
{
	size_t count = 0, length = strlen(beginning);

	for (size_t i = 0; i + length < text.size; i++)
		count += (i == 0 || text.at[i - 1] == '\n') && memcmp(text.at + i, beginning, length) == 0;
	return count;
}

/* All that fsutil lists, and the three behind the end of its range. */
Test(carve, journal_has_the_records_of_fsutil)
{
	struct blob      raw = sample_load("ntfs/dfir_ntfs/usnjrnlj.bin");
	struct blob      text = sample_load("ntfs/dfir_ntfs/usnjrnlj.fsutil.txt");
	struct artefacts found = { 0 };
	size_t           records = 0;

	cr_assert(eq(int, carve_window(blob_bytes(raw, 0), raw.size, &found, &err), 0));
	for (size_t i = 0; i < found.count; i++)
		records += found.items[i].kind == ARTEFACT_USN ? found.items[i].usn.records : 0;
	cr_expect(eq(sz, records, count_lines(text, "Usn   ") + 3));
	array_release(&found);
	free(text.at);
	free(raw.at);
}

/* -------- the sweep -------- */

struct taken {
	struct artefacts artefacts;
	struct ranges    steps; /* .start: the next place, .length: artefacts until then, and one */
	unsigned         stop_after;
};

static int take(void *context, const struct artefact *items, size_t count, uint64_t next, struct error *error)
{
	struct taken *taken = context;

	for (size_t i = 0; i < count; i++)
		cr_assert(that(array_push(&taken->artefacts, items[i])));
	cr_assert(that(array_push(&taken->steps, (struct range){ next, taken->artefacts.count + 1 })));
	if (taken->steps.count == taken->stop_after)
		return error_set(error, ERROR_REFUSED, NULL, "enough");
	return 0;
}

static void taken_release(struct taken *taken)
{
	array_release(&taken->artefacts);
	array_release(&taken->steps);
}

/* Records over the edges of chunks and beside them, in three chunks and a bit. */
static struct blob make_disk(void)
{
	static const size_t places[] = { 0,		       4096,
					 CARVE_CHUNK_BYTES - 512, CARVE_CHUNK_BYTES + 512,
					 2 * CARVE_CHUNK_BYTES - 1024, 2 * CARVE_CHUNK_BYTES,
					 3 * CARVE_CHUNK_BYTES - 3584, 3 * CARVE_CHUNK_BYTES + 512,
					 3 * CARVE_CHUNK_BYTES + 1536 };
	struct blob         disk = blob_zero(3 * CARVE_CHUNK_BYTES + 2560 + 100);

	for (size_t i = 0; i < COUNT(places); i++)
		make_record(disk.at + places[i], i == 6 ? 4096 : 1024);
	return disk;
}

static void open_disk(struct evidence *evidence, char **folder)
{
	struct blob disk = make_disk();
	char       *path;

	*folder = temp_folder();
	path = temp_path(*folder, "disk.img");
	temp_write(path, disk.at, disk.size);
	cr_assert(eq(int, evidence_open(evidence, path, NULL, &err), 0), "%s", err.text);
	free(path);
	free(disk.at);
}

Test(carve, sweep_gives_the_order_of_the_disk_on_any_number_of_cores)
{
	struct evidence evidence;
	char           *folder;

	open_disk(&evidence, &folder);
	for (unsigned threads = 1; threads <= 8; threads *= 2) {
		struct taken taken = { 0 };

		cr_assert(eq(int, carve_sweep(&evidence, &(struct carve_options){ { 0, UINT64_MAX }, threads, NULL }, take, &taken, &err),
			     0));
		cr_expect(eq(sz, taken.artefacts.count, 9));
		cr_expect(eq(sz, taken.steps.count, 4));
		cr_expect(eq(u64, taken.steps.items[3].start, evidence.size_bytes));
		for (size_t i = 1; i < taken.artefacts.count; i++)
			cr_expect(gt(u64, taken.artefacts.items[i].offset, taken.artefacts.items[i - 1].offset));
		taken_release(&taken);
	}
	evidence_release(&evidence);
	temp_remove(folder);
}

/* Slow with the first chunks, so that others are finished long before their turn. */
static int take_slowly(void *context, const struct artefact *items, size_t count, uint64_t next, struct error *why)
{
	const struct taken *taken = context;

	if (taken->steps.count % 100 < 2)
		usleep(80000);
	return take(context, items, count, next, why);
}

#define MANY_CHUNKS 200u /* more than may wait for their turn */

Test(carve, chunks_that_wait_for_their_turn_keep_the_order)
{
	struct evidence evidence;
	char           *folder = temp_folder(), *path = temp_path(folder, "disk.img");
	uint8_t         page[4096] = "RCRD";
	FILE           *out = fopen(path, "w");

	cr_assert(that(out != NULL));
	put_le16(page + 4, 0x28);
	put_le16(page + 6, 9);
	for (uint64_t i = 0; i < MANY_CHUNKS; i++) {
		cr_assert(eq(int, fseeko(out, (off_t)(i * CARVE_CHUNK_BYTES), SEEK_SET), 0));
		cr_assert(eq(sz, fwrite(page, sizeof page, 1, out), 1));
	}
	cr_assert(eq(int, fclose(out), 0));
	cr_assert(eq(int, evidence_open(&evidence, path, NULL, &err), 0), "%s", err.text);
	for (unsigned threads = 1; threads <= 4; threads += 3)
		for (unsigned stop = 0; stop <= 101; stop += 101) {
			struct taken taken = { .stop_after = stop };

			cr_expect(eq(int, carve_sweep(&evidence, &(struct carve_options){ { 0, UINT64_MAX }, threads, NULL }, take_slowly,
						      &taken, &err),
				     stop ? -1 : 0));
			cr_expect(eq(sz, taken.steps.count, stop ? stop : MANY_CHUNKS));
			cr_assert(eq(sz, taken.artefacts.count, stop ? stop : MANY_CHUNKS));
			for (uint64_t i = 0; i < taken.artefacts.count; i++)
				cr_expect(eq(u64, taken.artefacts.items[i].offset, i * CARVE_CHUNK_BYTES));
			taken_release(&taken);
		}
	evidence_release(&evidence);
	free(path);
	temp_remove(folder);
}

Test(carve, sweep_goes_on_where_it_was_interrupted)
{
	struct evidence evidence;
	char           *folder;
	struct taken    whole = { 0 };

	open_disk(&evidence, &folder);
	cr_assert(eq(int, carve_sweep(&evidence, &(struct carve_options){ { 0, evidence.size_bytes }, 2, NULL }, take, &whole, &err), 0));
	for (unsigned i = 1; i <= 3; i++) {
		struct taken taken = { .stop_after = i };
		uint64_t     next;

		cr_expect(eq(int, carve_sweep(&evidence, &(struct carve_options){ { 0, evidence.size_bytes }, 2, NULL }, take, &taken,
					      &err),
			     -1));
		cr_expect(eq(str, err.text, "enough"));
		cr_assert(eq(sz, taken.steps.count, i));
		next = taken.steps.items[i - 1].start;
		taken.stop_after = 0;
		cr_assert(eq(int, carve_sweep(&evidence, &(struct carve_options){ { next, evidence.size_bytes - next }, 2, NULL }, take,
					      &taken, &err),
			     0));
		cr_assert(eq(sz, taken.artefacts.count, whole.artefacts.count));
		for (size_t j = 0; j < whole.artefacts.count; j++)
			cr_expect(eq(u64, taken.artefacts.items[j].offset, whole.artefacts.items[j].offset));
		taken_release(&taken);
	}
	taken_release(&whole);
	evidence_release(&evidence);
	temp_remove(folder);
}

Test(carve, sweep_of_a_range_stays_in_it)
{
	struct evidence evidence;
	char           *folder;
	struct taken    taken = { 0 };

	open_disk(&evidence, &folder);
	cr_assert(eq(int, carve_sweep(&evidence, &(struct carve_options){ { 4096, CARVE_CHUNK_BYTES - 4096 + 1024 }, 2, NULL }, take,
				      &taken, &err),
		     0));
	cr_assert(eq(sz, taken.artefacts.count, 2)); /* the third ends behind the range */
	cr_expect(eq(u64, taken.artefacts.items[0].offset, 4096));
	cr_assert(eq(int, carve_sweep(&evidence, &(struct carve_options){ { UINT64_MAX, 5 }, 2, NULL }, take, &taken, &err), 0));
	cr_expect(eq(sz, taken.artefacts.count, 2));
	taken_release(&taken);
	evidence_release(&evidence);
	temp_remove(folder);
}
