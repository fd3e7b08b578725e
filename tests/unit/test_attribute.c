/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_attribute.c - expected values: libntfs-3g layout.h, ATTR_RECORD; test_cases.py of dfir_ntfs */
#include "tests/unit/unit.h"

#include "scan/attribute.h"
#include "scan/fixup.h"
#include "scan/mft_record.h"

/* A resident $DATA named "ab" with four bytes of value. */
static const uint8_t resident[0x28] = {
	0x80, 0, 0, 0, 0x28, 0, 0, 0, 0, 2, 0x18, 0, 0x00, 0x40, 9, 0, /* type, length, name, flags, instance */
	4, 0, 0, 0, 0x20, 0, 0, 0,                                     /* value */
	'a', 0, 'b', 0, 0, 0, 0, 0, 'd', 'a', 't', 'a', 0, 0, 0, 0,
};

/* A compressed $DATA without a name. */
static const uint8_t non_resident[0x50] = {
	0x80, 0, 0, 0, 0x50, 0, 0, 0, 1, 0, 0x40, 0, 0x01, 0, 3, 0, /* */
	0x10, 0, 0, 0, 0, 0, 0, 0, 0x2f, 0, 0, 0, 0, 0, 0, 0,       /* VCN 16 to 47 */
	0x48, 0, 4, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0,          /* pairs, unit, allocated */
	0x34, 0x12, 1, 0, 0, 0, 0, 0, 0x33, 0x12, 1, 0, 0, 0, 0, 0, /* size, valid */
	0, 0x80, 0, 0, 0, 0, 0, 0, 0x11, 0x20, 5, 0, 0, 0, 0, 0,    /* compressed size; the pairs */
};

Test(attribute, resident_attribute)
{
	struct blob      raw = blob_copy(resident, sizeof resident);
	struct bytes     rest = blob_bytes(raw, 0x1000);
	struct attribute attr;
	struct error     err;

	cr_assert(eq(int, attribute_next(&rest, &attr, &err), 1));
	cr_expect(eq(u32, attr.type, ATTRIBUTE_DATA));
	cr_expect(eq(u16, attr.flags, ATTRIBUTE_ENCRYPTED));
	cr_expect(eq(u16, attr.instance, 9));
	cr_expect(that(attr.resident));
	cr_expect(eq(sz, attr.name.left, 4));
	cr_expect(that(memcmp(attr.name.at, "a\0b", 4) == 0));
	cr_expect(eq(sz, attr.value.left, 4));
	cr_expect(that(memcmp(attr.value.at, "data", 4) == 0));
	cr_expect(eq(u64, attr.value.offset, 0x1020));
	cr_expect(eq(u64, attr.size_bytes, 4));
	cr_expect(eq(sz, rest.left, 0));
	cr_expect(eq(int, attribute_next(&rest, &attr, &err), 0), "where the bytes in use end");
	free(raw.at);
}

Test(attribute, non_resident_attribute)
{
	struct blob      raw = blob_copy(non_resident, sizeof non_resident);
	struct bytes     rest = blob_bytes(raw, 0);
	struct attribute attr;
	struct error     err;

	cr_assert(eq(int, attribute_next(&rest, &attr, &err), 1));
	cr_expect(that(!attr.resident));
	cr_expect(eq(u16, attr.flags, ATTRIBUTE_COMPRESSED));
	cr_expect(eq(u8, attr.unit_shift, 4));
	cr_expect(eq(u64, attr.lowest_vcn, 16));
	cr_expect(eq(u64, attr.highest_vcn, 47));
	cr_expect(eq(u64, attr.allocated_bytes, 0x20000));
	cr_expect(eq(u64, attr.size_bytes, 0x11234));
	cr_expect(eq(u64, attr.valid_bytes, 0x11233));
	cr_expect(eq(sz, attr.pairs.left, 8));
	cr_expect(eq(u8, attr.pairs.at[0], 0x11));
	cr_expect(eq(sz, attr.name.left, 0), "a name offset without a name means nothing");
	free(raw.at);
}

struct bad_attribute {
	char            name[40];
	bool            of_resident;
	uint8_t         at, bytes;
	uint32_t        value;
	uint8_t         size; /* 0: all */
	enum error_kind kind;
};

ParameterizedTestParameters(attribute, damage_is_refused_and_nothing_moves)
{
	static struct bad_attribute cases[] = {
		{ "type cut short", true, 0, 1, 0x80, 3, ERROR_BOUNDS },
		{ "header cut short", true, 0, 1, 0x80, 15, ERROR_BOUNDS },
		{ "no length", true, 4, 4, 0, 0, ERROR_BOUNDS },
		{ "length inside the header", true, 4, 4, 15, 0, ERROR_BOUNDS },
		{ "length behind the record", true, 4, 4, 0x29, 0, ERROR_BOUNDS },
		{ "length of nearly everything", true, 4, 4, 0xffffffff, 0, ERROR_BOUNDS },
		{ "header of half a resident one", true, 4, 4, 0x14, 0, ERROR_BOUNDS },
		{ "name behind the attribute", true, 0x0a, 2, 0x25, 0, ERROR_BOUNDS },
		{ "name longer than the attribute", true, 9, 1, 0xff, 0, ERROR_BOUNDS },
		{ "value behind the attribute", true, 0x14, 2, 0x25, 0, ERROR_BOUNDS },
		{ "value longer than the attribute", true, 0x10, 4, 9, 0, ERROR_BOUNDS },
		{ "value of nearly everything", true, 0x10, 4, 0xffffffff, 0, ERROR_BOUNDS },
		{ "resident one called non-resident", true, 8, 1, 1, 0, ERROR_BOUNDS },
		{ "header of half a non-resident one", false, 4, 4, 0x30, 0, ERROR_BOUNDS },
		{ "pairs in the header", false, 0x20, 2, 0x3f, 0, ERROR_BOUNDS },
		{ "pairs behind the attribute", false, 0x20, 2, 0x51, 0, ERROR_BOUNDS },
		{ "pairs far behind the attribute", false, 0x20, 2, 0xffff, 0, ERROR_BOUNDS },
		{ "unit that no number holds", false, 0x22, 1, 64, 0, ERROR_VALUE },
	};
	return CASES(struct bad_attribute, cases);
}

ParameterizedTest(struct bad_attribute *c, attribute, damage_is_refused_and_nothing_moves)
{
	struct blob      whole = c->of_resident ? blob_copy(resident, sizeof resident)
						: blob_copy(non_resident, sizeof non_resident);
	struct blob      raw;
	struct bytes     rest;
	struct attribute attr = { .type = 4711 };
	struct error     err;

	for (size_t i = 0; i < c->bytes; i++)
		whole.at[c->at + i] = (uint8_t)(c->value >> 8 * i);
	raw = blob_copy(whole.at, c->size ? c->size : whole.size);
	rest = blob_bytes(raw, 0x1000);
	cr_assert(eq(int, attribute_next(&rest, &attr, &err), -1), "%s", c->name);
	cr_expect(eq(int, err.kind, c->kind), "%s", c->name);
	cr_expect(ge(u64, err.offset, 0x1000), "%s", c->name);
	cr_expect(eq(ptr, (void *)rest.at, raw.at), "%s", c->name);
	cr_expect(eq(u32, attr.type, 4711), "%s wrote its result", c->name);
	free(raw.at);
	free(whole.at);
}

Test(attribute, end_marker_may_be_cut_short_behind_its_type)
{
	const uint8_t    end[4] = { 0xff, 0xff, 0xff, 0xff };
	struct bytes     rest = { end, 4, 0 };
	struct attribute attr;
	struct error     err;

	cr_expect(eq(int, attribute_next(&rest, &attr, &err), 0));
}

/* What is allocated, by the clusters it takes: 12 of 4096 bytes. */
Test(attribute, cluster_size_is_said_by_what_is_allocated)
{
	struct attribute attr = { .type = ATTRIBUTE_DATA, .highest_vcn = 11, .allocated_bytes = 12 * 4096 };

	cr_expect(eq(u32, attribute_cluster_bytes(&attr), 4096));
	attr.allocated_bytes += 4096; /* no whole number a cluster */
	cr_expect(eq(u32, attribute_cluster_bytes(&attr), 0));
	attr.allocated_bytes = 12 * 3072; /* no power of two */
	cr_expect(eq(u32, attribute_cluster_bytes(&attr), 0));
	attr.allocated_bytes = 12ull * (4 << 20); /* larger than any */
	cr_expect(eq(u32, attribute_cluster_bytes(&attr), 0));
	attr = (struct attribute){ .highest_vcn = UINT64_MAX, .allocated_bytes = 0 }; /* empty */
	cr_expect(eq(u32, attribute_cluster_bytes(&attr), 0));
	attr = (struct attribute){ .lowest_vcn = 4, .highest_vcn = 11, .allocated_bytes = 12 * 4096 }; /* a part */
	cr_expect(eq(u32, attribute_cluster_bytes(&attr), 0));
	attr = (struct attribute){ .resident = true, .highest_vcn = 11, .allocated_bytes = 12 * 4096 };
	cr_expect(eq(u32, attribute_cluster_bytes(&attr), 0));
}

Test(attribute, name_is_compared_by_case_and_length)
{
	struct bytes     rest = { resident, sizeof resident, 0 };
	struct attribute attr, unnamed = { 0 };
	struct error     err;

	cr_assert(eq(int, attribute_next(&rest, &attr, &err), 1));
	cr_expect(that(attribute_is_named(&attr, "ab")));
	cr_expect(that(!attribute_is_named(&attr, "aB")));
	cr_expect(that(!attribute_is_named(&attr, "a")));
	cr_expect(that(!attribute_is_named(&attr, "abc")));
	cr_expect(that(!attribute_is_named(&attr, "")));
	cr_expect(that(attribute_is_named(&unnamed, "")));
	cr_expect(that(!attribute_is_named(&unnamed, "a")));
}

static struct blob whole_record(const char *path, struct mft_record *record)
{
	struct blob  slot = sample_load(path);
	fixup_torn   torn;
	struct error err;

	cr_assert(eq(int, fixup_undo(slot.at, slot.size, 0, &torn, &err), 0));
	cr_assert(eq(int, mft_record_decode(blob_bytes(slot, 0), record, &err), 0));
	return slot;
}

Test(attribute, windows_record_holds_what_its_origin_says)
{
	static const uint32_t types[] = { 0x10, 0x20, 0x30, 0x40 };
	struct mft_record     record;
	struct blob           slot = whole_record("ntfs/dfir_ntfs/frs.bin", &record);
	struct bytes          rest = record.attributes;
	struct attribute      attr;
	struct error          err;

	for (size_t i = 0; i < COUNT(types); i++) {
		cr_assert(eq(int, attribute_next(&rest, &attr, &err), 1));
		cr_expect(eq(u32, attr.type, types[i]));
		cr_expect(that(attr.resident));
	}
	cr_expect(eq(int, attribute_next(&rest, &attr, &err), 0));
	free(slot.at);
}

Test(attribute, no_prefix_of_a_windows_record_is_read_past)
{
	struct mft_record record;
	struct blob       slot = whole_record("ntfs/dfir_ntfs/frs_ea.bin", &record);

	for (size_t size = 0; size < record.attributes.left; size++) {
		struct blob      raw = blob_copy(record.attributes.at, size);
		struct bytes     rest = blob_bytes(raw, 0);
		struct attribute attr;
		struct error     err;
		unsigned         count = 0;

		while (attribute_next(&rest, &attr, &err) == 1)
			count++;
		cr_expect(le(uint, count, 6));
		free(raw.at);
	}
	free(slot.at);
}

Test(attribute, no_flipped_byte_of_a_windows_record_is_followed_outside)
{
	struct mft_record record;
	struct blob       slot = whole_record("ntfs/dfir_ntfs/frs_ea.bin", &record);
	struct blob       raw = blob_copy(record.attributes.at, record.attributes.left);

	for (size_t i = 0; i < raw.size; i++)
		for (unsigned value = 0; value < 256; value += 5) {
			uint8_t          was = raw.at[i], seen = 0;
			struct bytes     rest;
			struct attribute attr;
			struct error     err;

			raw.at[i] = (uint8_t)value;
			rest = blob_bytes(raw, 0);
			while (attribute_next(&rest, &attr, &err) == 1) {
				for (size_t j = 0; j < attr.value.left; j++)
					seen ^= attr.value.at[j];
				for (size_t j = 0; j < attr.pairs.left; j++)
					seen ^= attr.pairs.at[j];
				for (size_t j = 0; j < attr.name.left; j++)
					seen ^= attr.name.at[j];
			}
			raw.at[i] = was;
			(void)seen;
		}
	free(raw.at);
	free(slot.at);
}
