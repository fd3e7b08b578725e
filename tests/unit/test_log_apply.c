/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/log_maker.h"

#include "core/endian.h"
#include "scan/journal/log_apply.h"

#define RECORD 1024u
#define FIRST  0x38u /* where the first attribute of make_record begins */

/* A record with a name, a resident value "abcd" at .value, runs at .runs, and an empty index root at .root. */
struct built {
	uint8_t record[RECORD];
	size_t  value, runs, root, in_use;
};

static size_t put_resident(uint8_t *at, uint32_t type, const void *value, size_t size)
{
	size_t length = (0x18 + size + 7) / 8 * 8;

	put_le32(at, type);
	put_le32(at + 4, (uint32_t)length);
	put_le32(at + 0x10, (uint32_t)size);
	put_le16(at + 0x14, 0x18);
	memcpy(at + 0x18, value, size);
	return length;
}

static size_t put_runs(uint8_t *at)
{
	static const uint8_t pairs[] = { 0x11, 0x05, 0x10, 0 }; /* five clusters at 16 */

	put_le32(at, 0x80);
	put_le32(at + 4, 0x48);
	at[8] = 1;
	put_le64(at + 0x18, 4);
	put_le16(at + 0x20, 0x40);
	put_le64(at + 0x28, 0x5000);
	put_le64(at + 0x30, 0x4321);
	put_le64(at + 0x38, 0x4321);
	memcpy(at + 0x40, pairs, sizeof pairs);
	return 0x48;
}

static void build(struct built *built)
{
	uint8_t root[0x30] = { 0 };
	size_t  at = make_record(built->record, 3, 5ull | 5ull << 48, "name") - 8;

	built->value = at;
	at += put_resident(built->record + at, 0x80, "abcd", 4);
	built->runs = at;
	at += put_runs(built->record + at);
	built->root = at;
	put_le32(root + 0x10, 0x10);
	put_le32(root + 0x14, 0x20);
	put_le32(root + 0x18, 0x20);
	put_le16(root + 0x28, 0x10);
	put_le16(root + 0x2c, 2);
	at += put_resident(built->record + at, 0x90, root, sizeof root);
	put_le32(built->record + at, 0xffffffff);
	built->in_use = at + 8;
	put_le32(built->record + 0x18, (uint32_t)built->in_use);
}

static struct bytes window(const void *data, size_t size)
{
	return (struct bytes){ data, size, 0 };
}

/* Do a change that must fit; then take it back, and all but the next instance number is as before. */
static void there_and_back(struct built *built, const struct log_change *change, uint8_t after[RECORD])
{
	uint8_t record[RECORD];

	memcpy(record, built->record, RECORD);
	cr_assert(that(log_apply(change, LOG_FORWARD, record, RECORD)));
	memcpy(after, record, RECORD);
	cr_assert(that(log_apply(change, LOG_BACK, record, RECORD)));
	memcpy(record + 0x28, built->record + 0x28, 2);
	cr_expect(eq(u32, le32_at(record + 0x18), built->in_use));
	cr_expect(that(memcmp(record, built->record, built->in_use) == 0));
}

Test(log_apply, an_attribute_is_made_and_a_link_counted)
{
	struct built built;
	uint8_t      name[256], after[RECORD];
	size_t       size = make_file_name(name, 5ull | 5ull << 48, "another", 1);

	build(&built);
	put_le16(name + 0x0e, 9);
	there_and_back(&built, &(struct log_change){ .redo = LOG_CREATE_ATTRIBUTE, .undo = LOG_DELETE_ATTRIBUTE,
						     .redo_data = window(name, size), .record_offset = FIRST }, after);
	cr_expect(that(memcmp(after + FIRST, name, size) == 0));
	cr_expect(eq(u16, le16_at(after + 0x12), 2));
	cr_expect(eq(u16, le16_at(after + 0x28), 10));
	cr_expect(eq(u32, le32_at(after + 0x18), built.in_use + size));
	cr_expect(that(memcmp(after + FIRST + size, built.record + FIRST, built.in_use - FIRST) == 0));
}

Test(log_apply, a_link_is_removed)
{
	struct built built;
	uint8_t      after[RECORD];
	size_t       size;

	build(&built);
	size = built.value - FIRST;
	there_and_back(&built, &(struct log_change){ .redo = LOG_DELETE_ATTRIBUTE, .undo = LOG_CREATE_ATTRIBUTE,
						     .undo_data = window(built.record + FIRST, size), .record_offset = FIRST },
		       after);
	cr_expect(eq(u16, le16_at(after + 0x12), 0));
	cr_expect(eq(u32, le32_at(after + 0x18), built.in_use - size));
	cr_expect(eq(u32, le32_at(after + FIRST), 0x80));
}

struct value_case {
	char     name[24];
	uint16_t offset; /* in the attribute */
	char     redo[16], undo[16];
	uint32_t length;   /* of the attribute then */
	char     value[16];
};

ParameterizedTestParameters(log_apply, a_value_changes_and_may_change_its_size)
{
	static struct value_case cases[] = {
		{ "same size", 0x19, "XY", "bc", 0x20, "aXYd" },
		{ "longer", 0x1a, "0123456789", "cd", 0x28, "ab0123456789" },
		{ "longer, same room", 0x1c, "e", "", 0x20, "abcde" },
		{ "shorter", 0x19, "Z", "bcd", 0x20, "aZ" },
		{ "gone", 0x18, "", "abcd", 0x18, "" },
	};

	return CASES(struct value_case, cases);
}

ParameterizedTest(struct value_case *c, log_apply, a_value_changes_and_may_change_its_size)
{
	struct built built;
	uint8_t      after[RECORD];

	build(&built);
	there_and_back(&built, &(struct log_change){ .redo = LOG_UPDATE_RESIDENT_VALUE, .undo = LOG_UPDATE_RESIDENT_VALUE,
						     .redo_data = window(c->redo, strlen(c->redo)),
						     .undo_data = window(c->undo, strlen(c->undo)),
						     .record_offset = (uint16_t)built.value, .attribute_offset = c->offset },
		       after);
	cr_expect(eq(u32, le32_at(after + built.value + 4), c->length), "%s", c->name);
	cr_expect(eq(u32, le32_at(after + built.value + 0x10), strlen(c->value)), "%s", c->name);
	cr_expect(that(memcmp(after + built.value + 0x18, c->value, strlen(c->value)) == 0), "%s", c->name);
	cr_expect(eq(u32, le32_at(after + built.value + c->length + 4), 0x48), "%s: the next one", c->name);
}

Test(log_apply, runs_and_sizes)
{
	static const uint8_t more[] = { 0x11, 0x02, 0x20, 0x11, 0x01, 0x08, 0, 0, 0, 0, 0, 0, 0 };
	uint8_t              sizes[24], old[24], after[RECORD];
	struct built         built;

	build(&built);
	there_and_back(&built, &(struct log_change){ .redo = LOG_UPDATE_MAPPING_PAIRS, .undo = LOG_UPDATE_MAPPING_PAIRS,
						     .redo_data = window(more, sizeof more), .undo_data = window("\0\0\0\0\0", 5),
						     .record_offset = (uint16_t)built.runs, .attribute_offset = 0x43 }, after);
	cr_expect(eq(u32, le32_at(after + built.runs + 4), 0x50));
	cr_expect(eq(u64, le64_at(after + built.runs + 0x18), 5 + 2 + 1 - 1)); /* the last VCN */
	put_le64(sizes, 0x9000), put_le64(sizes + 8, 0x8001), put_le64(sizes + 16, 0x8888);
	put_le64(old, 0x5000), put_le64(old + 8, 0x4321), put_le64(old + 16, 0x4321);
	there_and_back(&built, &(struct log_change){ .redo = LOG_SET_NEW_ATTRIBUTE_SIZES, .undo = LOG_SET_NEW_ATTRIBUTE_SIZES,
						     .redo_data = window(sizes, 24), .undo_data = window(old, 24),
						     .record_offset = (uint16_t)built.runs }, after);
	cr_expect(eq(u64, le64_at(after + built.runs + 0x28), 0x9000));
	cr_expect(eq(u64, le64_at(after + built.runs + 0x30), 0x8888));
	cr_expect(eq(u64, le64_at(after + built.runs + 0x38), 0x8001));
}

Test(log_apply, an_index_root_grows_and_shrinks)
{
	uint8_t      entry[128], after[RECORD];
	struct built built;
	size_t       size = make_index_entry(entry, 30ull | 1ull << 48, 5ull | 5ull << 48, "file.txt");

	build(&built);
	there_and_back(&built, &(struct log_change){ .redo = LOG_ADD_INDEX_ENTRY_ROOT, .undo = LOG_DELETE_INDEX_ENTRY_ROOT,
						     .redo_data = window(entry, size), .record_offset = (uint16_t)built.root,
						     .attribute_offset = 0x38 }, after);
	cr_expect(that(memcmp(after + built.root + 0x38, entry, size) == 0));
	cr_expect(eq(u32, le32_at(after + built.root + 4), 0x48 + size));
	cr_expect(eq(u32, le32_at(after + built.root + 0x10), 0x30 + size));
	cr_expect(eq(u32, le32_at(after + built.root + 0x2c), 0x20 + size));
	cr_expect(eq(u32, le32_at(after + built.root + 0x30), 0x20 + size));
	/* its times and sizes, where the entry is now */
	memcpy(built.record, after, RECORD);
	cr_assert(that(log_apply(&(struct log_change){ .redo = LOG_UPDATE_FILE_NAME_ROOT, .redo_data = window("times", 5),
						       .record_offset = (uint16_t)built.root, .attribute_offset = 0x38 },
				 LOG_FORWARD, after, RECORD)));
	cr_expect(that(memcmp(after + built.root + 0x38 + 0x18, "times", 5) == 0));
}

Test(log_apply, a_record_is_freed_and_was_in_use)
{
	struct built built;
	uint8_t      after[RECORD];

	build(&built);
	there_and_back(&built, &(struct log_change){ .redo = LOG_DEALLOCATE_FILE_RECORD, .undo = LOG_INITIALIZE_FILE_RECORD,
						     .undo_data = window(built.record, 0x1a) }, after);
	cr_expect(eq(u16, le16_at(after + 0x10), 4));
	cr_expect(eq(u16, le16_at(after + 0x16), 0));
	put_le16(built.record + 0x10, 0xffff);
	cr_assert(that(log_apply(&(struct log_change){ .redo = LOG_DEALLOCATE_FILE_RECORD }, LOG_FORWARD, built.record, RECORD)));
	cr_expect(eq(u16, le16_at(built.record + 0x10), 1)); /* 0 is no sequence number */
}

Test(log_apply, what_does_not_fit_changes_nothing)
{
	static const uint16_t operations[] = {
		LOG_CREATE_ATTRIBUTE, LOG_DELETE_ATTRIBUTE, LOG_UPDATE_RESIDENT_VALUE, LOG_UPDATE_MAPPING_PAIRS,
		LOG_SET_NEW_ATTRIBUTE_SIZES, LOG_ADD_INDEX_ENTRY_ROOT, LOG_DELETE_INDEX_ENTRY_ROOT,
		LOG_SET_INDEX_ENTRY_VCN_ROOT, LOG_UPDATE_FILE_NAME_ROOT, LOG_UPDATE_RECORD_DATA_ROOT,
		LOG_WRITE_END_OF_FILE_RECORD, LOG_INITIALIZE_FILE_RECORD,
	};
	uint8_t data[RECORD];

	for (size_t i = 0; i < COUNT(operations); i++) {
		struct built      built, before;
		struct log_change change = { .redo = operations[i], .redo_data = { data, sizeof data, 0 }, .record_offset = 0x200,
					     .attribute_offset = 0x7000 };

		memset(data, 0xee, sizeof data);
		build(&built);
		before = built;
		cr_expect(that(!log_apply(&change, LOG_FORWARD, built.record, RECORD)), "operation %#x", operations[i]);
		cr_expect(that(memcmp(built.record, before.record, RECORD) == 0), "operation %#x", operations[i]);
	}
}

Test(log_apply, anything_stays_inside)
{
	uint64_t seed = 11;

	for (unsigned round = 0; round < 100000; round++) {
		struct built      built;
		struct blob       record, data = blob_zero(dice(&seed) % 200);
		struct log_change change = { .redo = (uint16_t)(dice(&seed) % 0x26), .redo_data = blob_bytes(data, 0),
					     .attribute_offset = (uint16_t)(dice(&seed) % 0x60) };
		size_t            at[5];

		build(&built);
		for (size_t i = 0; i < data.size; i++)
			data.at[i] = (uint8_t)(dice(&seed) % 4 ? 0 : dice(&seed));
		for (unsigned i = dice(&seed) % 6; i > 0; i--)
			built.record[dice(&seed) % built.in_use] = (uint8_t)dice(&seed);
		at[0] = FIRST, at[1] = built.value, at[2] = built.runs, at[3] = built.root, at[4] = dice(&seed) % 2000;
		change.record_offset = (uint16_t)at[dice(&seed) % 5];
		record = blob_copy(built.record, dice(&seed) % 2 ? RECORD : built.in_use);
		log_apply(&change, LOG_FORWARD, record.at, record.size);
		free(record.at);
		free(data.at);
	}
}
