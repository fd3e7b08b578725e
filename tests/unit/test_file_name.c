/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_file_name.c - expected values: libntfs-3g layout.h, FILE_NAME_ATTR; test_cases.py of dfir_ntfs */
#include "tests/unit/unit.h"

#include "core/utf16.h"
#include "scan/attribute.h"
#include "scan/file_name.h"

#include <string.h>

Test(file_name, windows_xp)
{
	struct blob      raw = sample_load("ntfs/dfir_ntfs/file_name.bin");
	struct file_name name;
	struct error     err;
	char             text[NAME_UTF8_MAX];

	cr_assert(eq(int, file_name_decode(blob_bytes(raw, 0), &name, &err), 0));
	utf16_to_utf8(name.name.at, name.name_units, text);
	cr_expect(eq(str, text, "sseriffr.fon"));
	cr_expect(eq(u64, name.parent, file_ref_make(0xd48, 0x0d48)));
	cr_expect(eq(u8, name.space, NAME_WIN32_AND_DOS));
	cr_expect(eq(u32, name.attributes, 0x20));
	cr_expect(eq(u64, name.allocated_bytes, 0x18000));
	cr_expect(eq(u64, name.size_bytes, 0x17fd0));
	/* 2001-08-23 18:00:00, 2004-08-19 17:01:03.331068 and .341082, by the origin's test, which rounds */
	cr_expect(eq(u64, name.times.written, (UINT64_C(998589600) + 11644473600) * 10000000));
	cr_expect(le(u64, (UINT64_C(1092934863) + 11644473600) * 10000000 + 3310680 - name.times.created, 10));
	cr_expect(le(u64, (UINT64_C(1092934863) + 11644473600) * 10000000 + 3410820 - name.times.accessed, 10));
	cr_expect(eq(u64, name.times.changed, name.times.accessed));
	free(raw.at);
}

static struct blob plain_name(size_t units)
{
	struct blob raw = blob_zero(0x42 + 2 * units);

	raw.at[0x40] = (uint8_t)units;
	for (size_t i = 0; i < units; i++)
		raw.at[0x42 + 2 * i] = 'a';
	return raw;
}

struct bad_name {
	char            name[32];
	uint8_t         units, said, space;
	enum error_kind kind; /* ERROR_NONE: it is good */
};

ParameterizedTestParameters(file_name, length_and_space_are_checked)
{
	static struct bad_name cases[] = {
		{ "one unit", 1, 1, 0, ERROR_NONE },
		{ "255 units", 255, 255, 3, ERROR_NONE },
		{ "bytes behind the name", 9, 3, 2, ERROR_NONE },
		{ "no units", 4, 0, 1, ERROR_VALUE },
		{ "one unit too many", 4, 5, 1, ERROR_BOUNDS },
		{ "255 units in 254", 254, 255, 1, ERROR_BOUNDS },
		{ "name space 4", 4, 4, 4, ERROR_VALUE },
		{ "name space 255", 4, 4, 255, ERROR_VALUE },
	};
	return CASES(struct bad_name, cases);
}

ParameterizedTest(struct bad_name *c, file_name, length_and_space_are_checked)
{
	struct blob      raw = plain_name(c->units);
	struct file_name name = { .name_units = 77 };
	struct error     err = { 0 };
	int              result;

	raw.at[0x40] = c->said;
	raw.at[0x41] = c->space;
	result = file_name_decode(blob_bytes(raw, 0), &name, &err);
	cr_expect(eq(int, result, c->kind ? -1 : 0), "%s", c->name);
	cr_expect(eq(int, err.kind, c->kind), "%s", c->name);
	cr_expect(eq(u8, name.name_units, c->kind ? 77 : c->said), "%s", c->name);
	if (result == 0)
		cr_expect(eq(sz, name.name.left, 2u * c->said), "%s", c->name);
	free(raw.at);
}

Test(file_name, no_prefix_is_read_past)
{
	struct blob whole = plain_name(12);

	for (size_t size = 0; size <= whole.size; size++) {
		struct blob      raw = blob_copy(whole.at, size);
		struct file_name name;
		struct error     err;

		cr_expect(eq(int, file_name_decode(blob_bytes(raw, 0), &name, &err), size < whole.size ? -1 : 0));
		free(raw.at);
	}
	free(whole.at);
}

Test(file_name, text_that_is_cut_is_kept_as_far_as_it_goes)
{
	struct blob whole = plain_name(12);

	for (size_t size = 0; size <= whole.size; size++) {
		struct blob      raw = blob_copy(whole.at, size);
		struct file_name name;
		struct error     err;
		bool             has_head = size >= 0x42;

		cr_expect(eq(int, file_name_decode_cut(blob_bytes(raw, 0), &name, &err), has_head ? 0 : -1));
		if (has_head) {
			cr_expect(eq(u8, name.name_units, 12));
			cr_expect(eq(sz, name.name.left, (size - 0x42) / 2 * 2));
		}
		free(raw.at);
	}
	free(whole.at);
}

struct likely {
	char     name[40];
	size_t   at;
	uint64_t value; /* of the 8 bytes there */
	bool     plausible;
};

ParameterizedTestParameters(file_name, plausible)
{
	static struct likely cases[] = {
		{ "as it should be", 0, 0x0001000000000005, true },
		{ "last record of the table", 0, 0x00010000000000ff, true },
		{ "behind the table", 0, 0x0001000000000100, false },
		{ "no sequence", 0, 5, false },
		{ "created in 1601", 8, 0, true },
		{ "created in 30828", 8, INT64_MAX, true },
		{ "created before that", 8, 1ull << 63, false },
		{ "changed in 1601", 0x18, 0, false },
		{ "changed in 1979", 0x18, 119600063999999999, false },
		{ "changed in 1980", 0x18, 119600064000000000, true },
		{ "changed in 2116", 0x18, 162549736950000000, true },
		{ "changed later", 0x18, 162549736950000001, false },
		{ "new line", 0x42, 0x006100610061000a, false },
		{ "slash", 0x42, 0x006100610061002f, false },
		{ "zero", 0x42, 0x0061006100000061, false },
		{ "no character", 0x42, 0xffff006100610061, false },
		{ "half a surrogate", 0x42, 0x0061006100000061 | 0xd8000000, true },
	};
	return CASES(struct likely, cases);
}

ParameterizedTest(struct likely *c, file_name, plausible)
{
	struct blob      raw = plain_name(4);
	struct file_name name;
	struct error     err;

	put_le64(raw.at, 0x0001000000000005);
	for (size_t at = 8; at < 0x28; at += 8)
		put_le64(raw.at + at, 131926810400000000); /* 2019 */
	put_le64(raw.at + c->at, c->value);
	cr_assert(eq(int, file_name_decode(blob_bytes(raw, 0), &name, &err), 0));
	cr_expect(eq(int, file_name_is_plausible(&name, 0x100), c->plausible), "%s", c->name);
	free(raw.at);
}

/* -------- the folder of a record -------- */

/* An attribute of @type whose value of @length is @value, resident; layout.h, ATTR_RECORD. */
static void put_attribute(struct blob *to, uint32_t type, const uint8_t *value, uint32_t length)
{
	uint32_t whole = (0x18 + length + 7) & ~7u;

	to->at = realloc(to->at, to->size + whole);
	cr_assert(that(to->at != NULL));
	memset(to->at + to->size, 0, whole);
	put_le32(to->at + to->size, type);
	put_le32(to->at + to->size + 0x4, whole);
	put_le32(to->at + to->size + 0x10, length);
	put_le16(to->at + to->size + 0x14, 0x18);
	memcpy(to->at + to->size + 0x18, value, length);
	to->size += whole;
}

Test(file_name, first_parent_is_that_of_the_first_name_that_decodes)
{
	struct blob name = plain_name(3), record = { 0 };

	put_attribute(&record, ATTRIBUTE_STANDARD_INFORMATION, name.at, 0x48);
	cr_expect(eq(u64, file_name_first_parent(blob_bytes(record, 0)), 0));
	put_le64(name.at, file_ref_make(77, 1));
	name.at[0x41] = 4; /* no name space */
	put_attribute(&record, ATTRIBUTE_FILE_NAME, name.at, (uint32_t)name.size);
	cr_expect(eq(u64, file_name_first_parent(blob_bytes(record, 0)), 0));
	name.at[0x41] = 1;
	put_le64(name.at, file_ref_make(78, 2));
	put_attribute(&record, ATTRIBUTE_FILE_NAME, name.at, (uint32_t)name.size);
	put_le64(name.at, file_ref_make(79, 3));
	put_attribute(&record, ATTRIBUTE_FILE_NAME, name.at, (uint32_t)name.size);
	cr_expect(eq(u64, file_name_first_parent(blob_bytes(record, 0)), file_ref_make(78, 2)));
	free(record.at);
	free(name.at);
}
