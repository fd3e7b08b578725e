/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_attribute_list.c - expected values: libntfs-3g layout.h, ATTR_LIST_ENTRY; test_cases.py of dfir_ntfs */
#include "tests/unit/unit.h"

#include "scan/attribute_list.h"

static const uint8_t named[0x20] = {
	0x80, 0, 0, 0, 0x20, 0, 2, 0x1a, 7, 0, 0, 0, 0, 0, 0, 0, /* type, length, name; VCN */
	0x40, 0x2b, 0, 0, 0, 0, 5, 0, 3, 0, 'a', 0, 'b', 0, 0, 0,
};

Test(attribute_list, entry)
{
	struct blob                 raw = blob_copy(named, sizeof named);
	struct bytes                rest = blob_bytes(raw, 0);
	struct attribute_list_entry entry;
	struct error                err;

	cr_assert(eq(int, attribute_list_next(&rest, &entry, &err), 1));
	cr_expect(eq(u32, entry.type, 0x80));
	cr_expect(eq(u16, entry.instance, 3));
	cr_expect(eq(u64, entry.lowest_vcn, 7));
	cr_expect(eq(u64, entry.record, file_ref_make(0x2b40, 5)));
	cr_expect(eq(sz, entry.name.left, 4));
	cr_expect(that(memcmp(entry.name.at, "a\0b", 4) == 0));
	cr_expect(eq(int, attribute_list_next(&rest, &entry, &err), 0));
	free(raw.at);
}

struct bad_entry {
	char    name[40];
	uint8_t at, value, size;
};

ParameterizedTestParameters(attribute_list, damage_is_refused)
{
	static struct bad_entry cases[] = {
		{ "header cut short", 0, 0x80, 0x19 },      { "entry cut short", 0, 0x80, 0x1f },
		{ "no length", 4, 0, 0x20 },                { "length inside the header", 4, 0x19, 0x20 },
		{ "length behind the list", 4, 0x21, 0x20 }, { "name behind its entry", 7, 0x1e, 0x20 },
		{ "name longer than its entry", 6, 4, 0x20 },
	};
	return CASES(struct bad_entry, cases);
}

ParameterizedTest(struct bad_entry *c, attribute_list, damage_is_refused)
{
	struct blob                 raw = blob_copy(named, c->size);
	struct bytes                rest;
	struct attribute_list_entry entry = { .type = 4711 };
	struct error                err;

	raw.at[c->at] = c->value;
	rest = blob_bytes(raw, 0x300);
	cr_assert(eq(int, attribute_list_next(&rest, &entry, &err), -1), "%s", c->name);
	cr_expect(eq(int, err.kind, ERROR_BOUNDS), "%s", c->name);
	cr_expect(eq(u64, err.offset, 0x300), "%s", c->name);
	cr_expect(eq(sz, rest.left, c->size), "%s", c->name);
	cr_expect(eq(u32, entry.type, 4711), "%s", c->name);
	free(raw.at);
}

Test(attribute_list, entry_without_length_or_name_does_not_stand_still)
{
	struct blob                 raw = blob_copy(named, sizeof named);
	struct bytes                rest = blob_bytes(raw, 0);
	struct attribute_list_entry entry;
	struct error                err;

	raw.at[6] = 0;
	for (uint8_t length = 0; length < 0x1a; length++) {
		raw.at[4] = length;
		cr_expect(eq(int, attribute_list_next(&rest, &entry, &err), -1));
	}
	free(raw.at);
}

Test(attribute_list, windows_list) /* asserted by its origin */
{
	static const uint32_t       types[] = { 0x10, 0x30, 0x40, 0x80, 0x80, 0x80 };
	static const uint32_t       records[] = { 11072, 11072, 11072, 11269, 11328, 11400 };
	static const uint64_t       vcns[] = { 0, 0, 0, 0, 0x17a, 0x478 };
	struct blob                 slot = sample_load("ntfs/dfir_ntfs/frs.bin");
	struct blob                 list = blob_copy(slot.at + 0xb0, 0xc0);
	struct bytes                rest = blob_bytes(list, 0);
	struct attribute_list_entry entry;
	struct error                err;

	for (size_t i = 0; i < COUNT(types); i++) {
		cr_assert(eq(int, attribute_list_next(&rest, &entry, &err), 1));
		cr_expect(eq(u32, entry.type, types[i]));
		cr_expect(eq(u64, file_ref_record(entry.record), records[i]));
		cr_expect(eq(u64, entry.lowest_vcn, vcns[i]));
		cr_expect(eq(sz, entry.name.left, 0));
	}
	cr_expect(eq(int, attribute_list_next(&rest, &entry, &err), 0));
	for (size_t size = 0; size < list.size; size++) {
		struct blob cut = blob_copy(list.at, size);

		rest = blob_bytes(cut, 0);
		while (attribute_list_next(&rest, &entry, &err) == 1)
			;
		cr_expect(eq(sz, rest.left, size % 0x20), "%zu bytes", size);
		free(cut.at);
	}
	free(list.at);
	free(slot.at);
}
