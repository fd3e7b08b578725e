/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FILE records put together from the attributes that the log has. */
#include "tests/unit/log_told.h"

#include "core/endian.h"
#include "scan/journal/log_parts.h"

#define PAGES 24u

/* Changes of record 36, which is at VCN 9 of clusters of 4096 bytes. */
struct piece {
	uint16_t    redo, undo, at, offset;
	const void *redo_data, *undo_data;
	size_t      redo_size, undo_size;
};

static uint64_t change(struct test_log *log, struct piece piece)
{
	return log_change(log, (struct test_change){
		.redo = piece.redo, .undo = piece.undo, .record_offset = piece.at, .attribute_offset = piece.offset, .vcn = 9,
		.redo_data = piece.redo_data, .undo_data = piece.undo_data, .redo_size = piece.redo_size,
		.undo_size = piece.undo_size });
}

static uint64_t create(struct test_log *log, uint16_t at, const uint8_t *attribute, size_t size)
{
	return change(log, (struct piece){ .redo = LOG_CREATE_ATTRIBUTE, .undo = LOG_DELETE_ATTRIBUTE, .at = at,
					   .redo_data = attribute, .redo_size = size });
}

/* Which life it is: a header of record 36 as it is logged when it is freed. */
static uint64_t free_life(struct test_log *log, uint16_t sequence)
{
	uint8_t image[1024];

	make_record(image, sequence, ROOT, "x");
	return change(log, (struct piece){ .redo = LOG_DEALLOCATE_FILE_RECORD, .undo = LOG_INITIALIZE_FILE_RECORD,
					   .undo_data = image, .undo_size = 0x1a });
}

static uint64_t begin_life(struct test_log *log)
{
	return change(log, (struct piece){ .redo = LOG_NOOP, .undo = LOG_DEALLOCATE_FILE_RECORD });
}

/* A $DATA of one run. */
static size_t make_data(uint8_t out[0x48], uint8_t clusters, uint8_t lcn)
{
	memset(out, 0, 0x48);
	put_le32(out, 0x80);
	put_le32(out + 4, 0x48);
	out[8] = 1;
	put_le16(out + 0x0a, 0x40);
	put_le16(out + 0x0e, 5);
	put_le64(out + 0x18, clusters - 1u);
	put_le16(out + 0x20, 0x40);
	put_le64(out + 0x28, clusters * 4096u);
	put_le64(out + 0x30, clusters * 4096u);
	put_le64(out + 0x38, clusters * 4096u);
	memcpy(out + 0x40, (uint8_t[]){ 0x11, clusters, lcn }, 3);
	return 0x48;
}

static void tell_parts(struct told *told, struct test_log *made)
{
	struct error err;

	tell(told, made);
	told->facts.count = 0;
	cr_assert(eq(int, log_history_parts(&told->history, keep_fact, told, &err), 0), "%s", err.text);
}

Test(log_parts, attributes_are_followed_through_what_is_done_before_them)
{
	struct test_log    made;
	struct told        told;
	const struct kept *fact;
	uint8_t            data[0x48], name[256], other[256];
	size_t             size = make_file_name(name, ROOT, "name.txt", 1), other_size = make_file_name(other, ROOT, "o", 1);
	uint64_t           last;

	log_begin(&made, 1, PAGES);
	begin_life(&made); /* without an image */
	create(&made, 0x150, data, make_data(data, 4, 50));
	create(&made, 0x98, name, size); /* the content is behind it */
	create(&made, 0x98, other, other_size);
	change(&made, (struct piece){ .redo = LOG_DELETE_ATTRIBUTE, .undo = LOG_CREATE_ATTRIBUTE, .at = 0x98,
				      .undo_data = other, .undo_size = other_size });
	/* an unknown resident attribute before all grows from 0x18 + 8 bytes to 0x18 + 20 */
	change(&made, (struct piece){ .redo = LOG_UPDATE_RESIDENT_VALUE, .undo = LOG_UPDATE_RESIDENT_VALUE, .at = 0x38,
				      .offset = 0x18, .redo_data = other, .redo_size = 20, .undo_data = other, .undo_size = 8 });
	last = change(&made, (struct piece){ .redo = LOG_UPDATE_MAPPING_PAIRS, .undo = LOG_UPDATE_MAPPING_PAIRS,
					     .at = (uint16_t)(0x150 + size + 16), .offset = 0x43, .redo_data = "\x11\x02\x0a\0",
					     .redo_size = 4, .undo_data = "", .undo_size = 1 });
	free_life(&made, 6);
	tell_parts(&told, &made);
	fact = fact_of(&told, LOG_FACT_RECORD, 0, 1);
	cr_expect(eq(u64, fact->fact.file, 36ull | 6ull << 48));
	cr_expect(eq(int, fact->fact.event, LOG_REMOVED));
	cr_expect(eq(u64, fact->fact.lsn, last));
	cr_expect(eq(u16, le16_at(fact->bytes + 0x12), 1));
	cr_expect(eq(u16, le16_at(fact->bytes + 0x28), 6)); /* above the instances of both */
	cr_expect(eq(u32, le32_at(fact->bytes + 0x2c), 36));
	cr_expect(eq(sz, fact->fact.bytes.left, 0x38 + size + 0x48 + 8));
	cr_expect(that(memcmp(fact->bytes + 0x38, name, size) == 0));
	cr_expect(that(memcmp(fact->bytes + 0x38 + size + 0x40, "\x11\x04\x32\x11\x02\x0a\0\0", 8) == 0));
	cr_expect(eq(u64, le64_at(fact->bytes + 0x38 + size + 0x18), 5)); /* four clusters, and two more */
	cr_expect(eq(u32, le32_at(fact->bytes + 0x38 + size + 0x48), 0xffffffff));
	forget(&told, made.blob);
}

Test(log_parts, two_lives_do_not_mix)
{
	struct test_log    made;
	struct told        told;
	const struct kept *fact;
	uint8_t            data[0x48], name[256];
	size_t             size = make_file_name(name, ROOT, "name.txt", 1);

	log_begin(&made, 1, PAGES);
	create(&made, 0x98, name, size);
	free_life(&made, 6);
	begin_life(&made);
	create(&made, 0x150, data, make_data(data, 4, 50));
	free_life(&made, 7);
	tell_parts(&told, &made);
	fact = fact_of(&told, LOG_FACT_RECORD, 0, 1);
	cr_expect(eq(u64, fact->fact.file, 36ull | 7ull << 48));
	cr_expect(eq(u16, le16_at(fact->bytes + 0x12), 0));
	cr_expect(eq(sz, fact->fact.bytes.left, 0x38 + 0x48 + 8));
	forget(&told, made.blob);
}

struct lost_case {
	char name[32];
	bool image, gap, alive, removed, unknown, later;
};

ParameterizedTestParameters(log_parts, what_is_not_sure_is_not_told)
{
	static struct lost_case cases[] = {
		{ "the log has an image", .image = true },
		{ "records are missing", .gap = true },
		{ "no sequence number", .alive = true },
		{ "the content is gone", .removed = true },
		{ "something unknown went", .unknown = true },
		{ "the runs begin later", .later = true },
	};

	return CASES(struct lost_case, cases);
}

ParameterizedTest(struct lost_case *c, log_parts, what_is_not_sure_is_not_told)
{
	struct test_log made;
	struct told     told;
	uint8_t         image[1024], data[0x48];

	log_begin(&made, 1, PAGES);
	if (c->image)
		change(&made, (struct piece){ .redo = LOG_INITIALIZE_FILE_RECORD, .undo = LOG_NOOP, .redo_data = image,
					      .redo_size = make_record(image, 6, ROOT, "x") });
	make_data(data, 4, 50);
	put_le64(data + 0x10, c->later ? 8 : 0);
	create(&made, 0x150, data, sizeof data);
	if (c->removed)
		change(&made, (struct piece){ .redo = LOG_DELETE_ATTRIBUTE, .undo = LOG_CREATE_ATTRIBUTE, .at = 0x150,
					      .undo_data = data, .undo_size = sizeof data });
	if (c->unknown)
		change(&made, (struct piece){ .redo = LOG_DELETE_ATTRIBUTE, .undo = LOG_COMPENSATION, .at = 0x98 });
	log_turn_page(&made);
	log_change(&made, (struct test_change){ .redo = LOG_NOOP });
	log_turn_page(&made);
	if (!c->alive)
		free_life(&made, 6);
	if (c->gap)
		memset(made.blob.at + 5 * LOG_PAGE, 0, LOG_PAGE);
	tell_parts(&told, &made);
	cr_expect(eq(sz, count_of(&told, LOG_FACT_RECORD), 0), "%s", c->name);
	forget(&told, made.blob);
}

TheoryDataPoints(log_parts, damage_stays_inside) = {
	DataPoints(uint64_t, 1, 2, 3, 4, 5, 6, 7, 8),
};

Theory((uint64_t seed), log_parts, damage_stays_inside)
{
	static const uint16_t operations[] = { LOG_CREATE_ATTRIBUTE, LOG_DELETE_ATTRIBUTE, LOG_UPDATE_RESIDENT_VALUE,
					       LOG_UPDATE_MAPPING_PAIRS, LOG_SET_NEW_ATTRIBUTE_SIZES, LOG_ADD_INDEX_ENTRY_ROOT,
					       LOG_DELETE_INDEX_ENTRY_ROOT, LOG_WRITE_END_OF_FILE_RECORD };
	struct test_log       made;
	struct told           told;
	uint8_t               data[256];

	log_begin(&made, 1, 64);
	for (unsigned i = 0; i < 600; i++) {
		size_t size = dice(&seed) % 2 ? make_file_name(data, ROOT, "n", 1) : make_data(data, 3, 40);

		if (dice(&seed) % 3 == 0)
			data[dice(&seed) % size] = (uint8_t)dice(&seed);
		change(&made, (struct piece){ .redo = operations[dice(&seed) % COUNT(operations)],
					      .undo = operations[dice(&seed) % COUNT(operations)],
					      .at = (uint16_t)(dice(&seed) % 4 ? 0x38 + 8 * (dice(&seed) % 16) : dice(&seed)),
					      .offset = (uint16_t)(dice(&seed) % 0x60), .redo_data = data,
					      .redo_size = dice(&seed) % 2 ? size : dice(&seed) % size, .undo_data = data,
					      .undo_size = dice(&seed) % 2 ? size : dice(&seed) % size });
	}
	free_life(&made, 6);
	tell_parts(&told, &made);
	forget(&told, made.blob);
}
