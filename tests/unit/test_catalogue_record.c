/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_catalogue_record.c - records made of entries, read back by the decoders of records */
#include "tests/unit/unit.h"

#include "scan/catalogue_record.h"
#include "scan/mft_record.h"

#include <string.h>

static struct error err;

/* -------- entries -------- */

static void begin_entry(struct catalogue_entry *entry, bool directory)
{
	*entry = (struct catalogue_entry){ .whole = true };
	entry->record.file = (struct case_file){ .record = 77,
						 .sequence = 9,
						 .directory = directory,
						 .info_known = true,
						 .link_count = 2,
						 .times = { 1, 2, 3, 4 },
						 .attributes = 0x20,
						 .security_id = 258 };
}

static struct case_stream *add_stream(struct catalogue_entry *entry, uint32_t type, const char *name, uint64_t size)
{
	struct case_stream stream = { .type = type, .name = name, .size_bytes = size, .valid_bytes = size };

	cr_assert(eq(int, case_record_add_stream(&entry->record, stream, &err), 0));
	return &entry->record.streams.items[entry->record.streams.count - 1];
}

static void add_value(struct catalogue_entry *entry, const char *name, size_t size)
{
	struct case_stream *stream = add_stream(entry, ATTRIBUTE_DATA, name, size);

	stream->resident = true;
	stream->value = malloc(size + 1);
	memset(stream->value, 'v', size);
}

static void add_runs(struct catalogue_entry *entry, const char *name, size_t count)
{
	struct case_stream *stream = add_stream(entry, ATTRIBUTE_DATA, name, count * 8192 - 5);

	stream->allocated_bytes = count * 8192;
	for (size_t i = 0; i < count; i++)
		cr_assert(that(array_push(&stream->runs, (struct run){ 2 * i, 1000 + (i % 2) * 50000 + 10 * i, 2 })));
}

/* The image in memory of its own size; NULL when none was made. */
static uint8_t *make(struct catalogue_entry *entry, uint32_t record_bytes)
{
	uint8_t *image = malloc(record_bytes);

	case_record_settle(&entry->record);
	if (!catalogue_record_make(entry, image, record_bytes)) {
		free(image);
		image = NULL;
	}
	case_record_release(&entry->record);
	return image;
}

/* -------- what is read back -------- */

Test(catalogue_record, says_what_the_entry_says)
{
	struct catalogue_entry      entry;
	struct mft_record           record;
	struct attribute            attr;
	struct standard_information info;
	struct geometry             geometry = { .clusters = 1 << 20, .cluster_bytes = 4096 };
	struct runs                 runs = { 0 };
	uint8_t                    *image;

	begin_entry(&entry, false);
	add_runs(&entry, "", 5);
	add_value(&entry, "Zone.Identifier", 26);
	image = make(&entry, 1024);
	cr_assert(that(image != NULL));

	cr_assert(eq(int, mft_record_decode((struct bytes){ image, 1024, 0 }, &record, &err), 0), "%s", err.text);
	cr_expect(eq(u32, record.number, 77));
	cr_expect(eq(int, record.sequence, 9));
	cr_expect(eq(int, record.flags, MFT_RECORD_IN_USE));
	cr_expect(eq(int, record.link_count, 2));
	cr_expect(eq(u64, record.base, 0));

	cr_assert(eq(int, attribute_next(&record.attributes, &attr, &err), 1));
	cr_assert(eq(int, standard_information_decode(attr.value, &info, &err), 0));
	cr_expect(eq(u64, info.times.created, 1));
	cr_expect(eq(u64, info.times.accessed, 4));
	cr_expect(eq(u32, info.attributes, 0x20));
	cr_expect(eq(u32, info.security_id, 258));

	cr_assert(eq(int, attribute_next(&record.attributes, &attr, &err), 1));
	cr_expect(eq(u32, attr.type, ATTRIBUTE_DATA));
	cr_expect(that(!attr.resident && attribute_is_named(&attr, "")));
	cr_expect(eq(u64, attr.size_bytes, 5 * 8192 - 5));
	cr_expect(eq(u64, attr.allocated_bytes, 5 * 8192));
	cr_expect(eq(u64, attr.highest_vcn, 9));
	cr_assert(eq(int, runs_append(&runs, attr.pairs, 0, &geometry, &err), 0), "%s", err.text);
	cr_assert(eq(sz, runs.count, 5));
	cr_expect(eq(u64, runs.items[3].lcn, 51030));
	cr_expect(eq(u64, runs.items[3].vcn, 6));
	cr_expect(eq(u64, runs.items[4].lcn, 1040));

	cr_assert(eq(int, attribute_next(&record.attributes, &attr, &err), 1));
	cr_expect(that(attr.resident && attribute_is_named(&attr, "Zone.Identifier")));
	cr_assert(eq(sz, attr.value.left, 26));
	cr_expect(eq(int, attr.value.at[25], 'v'));
	cr_expect(eq(int, attribute_next(&record.attributes, &attr, &err), 0));
	array_release(&runs);
	free(image);
}

struct fits_case {
	char     name[32];
	size_t   runs, value; /* of the unnamed stream, and of a named one; 0: none */
	uint32_t record_bytes;
	bool     whole, fits;
};

ParameterizedTestParameters(catalogue_record, fits)
{
	static struct fits_case cases[] = {
		{ "a few runs", 20, 0, 1024, true, true },
		{ "too many runs", 400, 0, 1024, true, false },
		{ "in a larger record", 400, 0, 4096, true, true },
		{ "value to the last byte", 0, 1024 - 0x38 - 0x60 - 0x20 - 8, 1024, true, true }, /* header, info, "n", end */
		{ "a byte more", 0, 1024 - 0x38 - 0x60 - 0x20 - 8 + 1, 1024, true, false },
		{ "a value without end", 0, 60000, 1024, true, false },
		{ "something was lost", 1, 0, 1024, false, false },
		{ "a small record", 1, 0, 512, true, true },
	};
	return CASES(struct fits_case, cases);
}

ParameterizedTest(struct fits_case *c, catalogue_record, fits)
{
	struct catalogue_entry entry;
	uint8_t               *image;

	begin_entry(&entry, false);
	entry.whole = c->whole;
	if (c->runs)
		add_runs(&entry, "", c->runs);
	if (c->value)
		add_value(&entry, "n", c->value);
	image = make(&entry, c->record_bytes);
	cr_expect(eq(int, image != NULL, c->fits), "%s", c->name);
	free(image);
}

Test(catalogue_record, runs_with_a_gap_are_not_taken)
{
	struct catalogue_entry entry;

	begin_entry(&entry, false);
	add_runs(&entry, "", 3);
	entry.record.streams.items[0].runs.items[2].vcn++;
	cr_expect(that(make(&entry, 1024) == NULL));
}

Test(catalogue_record, directory_is_one)
{
	struct catalogue_entry entry;
	struct mft_record      record;
	uint8_t               *image;

	begin_entry(&entry, true);
	image = make(&entry, 4096);
	cr_assert(that(image != NULL));
	cr_assert(eq(int, mft_record_decode((struct bytes){ image, 4096, 0 }, &record, &err), 0));
	cr_expect(eq(int, record.flags, MFT_RECORD_IN_USE | MFT_RECORD_DIRECTORY));
	free(image);
}
