/* SPDX-License-Identifier: GPL-3.0-or-later */
/* upcase.c - see upcase.h */
#include "scan/upcase.h"

#include "core/cleanup.h"
#include "core/endian.h"

/* -------- the table built in -------- */

/* Letters of a range whose upper case lies at a fixed distance, or (.step 2) right before them. */
static const struct {
	uint16_t first, last;
	int32_t  distance;
	uint16_t step;
} ranges[] = {
	{ 0x0061, 0x007a, -32, 1 }, { 0x00e0, 0x00f6, -32, 1 }, { 0x00f8, 0x00fe, -32, 1 },
	{ 0x00ff, 0x00ff, 121, 1 }, { 0x0101, 0x012f, -1, 2 },  { 0x0133, 0x0137, -1, 2 },
	{ 0x013a, 0x0148, -1, 2 },  { 0x014b, 0x0177, -1, 2 },  { 0x017a, 0x017e, -1, 2 },
	{ 0x01ce, 0x01dc, -1, 2 },  { 0x01df, 0x01ef, -1, 2 },  { 0x03ac, 0x03ac, -38, 1 },
	{ 0x03ad, 0x03af, -37, 1 }, { 0x03b1, 0x03c1, -32, 1 }, { 0x03c3, 0x03cb, -32, 1 },
	{ 0x03cc, 0x03cc, -64, 1 }, { 0x03cd, 0x03ce, -63, 1 }, { 0x0430, 0x044f, -32, 1 },
	{ 0x0451, 0x045c, -80, 1 }, { 0x045e, 0x045f, -80, 1 }, { 0x0461, 0x0481, -1, 2 },
	{ 0x0491, 0x04bf, -1, 2 },  { 0x0561, 0x0586, -48, 1 }, { 0x1e01, 0x1e95, -1, 2 },
	{ 0x1ea1, 0x1ef9, -1, 2 },  { 0x2170, 0x217f, -16, 1 }, { 0x24d0, 0x24e9, -26, 1 },
	{ 0xff41, 0xff5a, -32, 1 },
};

uint16_t upcase_unit(uint16_t unit)
{
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		if (unit >= ranges[i].first && unit <= ranges[i].last)
			return (unit - ranges[i].first) % ranges[i].step == 0 ? (uint16_t)(unit + ranges[i].distance)
									      : unit;
	return unit;
}

int upcase_init(struct upcase *upcase, struct error *err)
{
	*upcase = (struct upcase){ .table = malloc(UPCASE_UNITS * sizeof *upcase->table), .built_in = true };
	if (!upcase->table)
		return error_memory(err);
	for (uint32_t i = 0; i < UPCASE_UNITS; i++)
		upcase->table[i] = upcase_unit((uint16_t)i);
	return 0;
}

void upcase_release(struct upcase *upcase)
{
	free(upcase->table);
	*upcase = (struct upcase){ 0 };
}

/* -------- the volume's own -------- */

int upcase_decode(struct upcase *upcase, struct bytes data, struct error *err)
{
	if (data.left != 2 * UPCASE_UNITS)
		return error_at(err, ERROR_VALUE, data.offset, "upper-case table of %zu bytes", data.left);
	for (uint32_t i = 0; i < 0x80; i++) {
		uint32_t upper = i >= 'a' && i <= 'z' ? i - 'a' + 'A' : i;

		if (le16_at(data.at + 2 * i) != upper)
			return error_at(err, ERROR_VALUE, data.offset + 2 * i,
					"upper-case table gives 0x%04x for 0x%04x", le16_at(data.at + 2 * i),
					i);
	}
	for (uint32_t i = 0; i < UPCASE_UNITS; i++)
		upcase->table[i] = le16_at(data.at + 2 * i);
	upcase->built_in = false;
	return 0;
}

int upcase_load(struct upcase *upcase, struct file_reader *reader, struct error *why)
{
	CLEANUP(file_release) struct file file = { 0 };
	CLEANUP(free_ptr) uint8_t        *bytes = malloc(2 * UPCASE_UNITS);
	const struct file_stream         *stream;
	struct ranges                     missing = { 0 };
	bool                              whole;

	if (!bytes)
		return error_memory(why);
	if (reader->inventory->count <= UPCASE_RECORD) {
		(void)error_set(why, ERROR_VALUE, NULL, "the table has no record %u", UPCASE_RECORD);
		return 0;
	}
	if (file_load(reader, UPCASE_RECORD, &file, why) < 0)
		return -1;
	stream = file_find_stream(&file, ATTRIBUTE_DATA, "");
	if (!stream || stream->resident || stream->size_bytes != 2 * UPCASE_UNITS) {
		(void)error_set(why, ERROR_VALUE, NULL, "it has no stream of 128 KiB");
		return 0;
	}
	if (stream_read(reader->inventory->mft.volume, &stream->runs, 0, bytes, 2 * UPCASE_UNITS, &missing,
			why) < 0) {
		array_release(&missing);
		return -1;
	}
	whole = missing.count == 0;
	array_release(&missing);
	if (!whole) {
		(void)error_set(why, ERROR_IO, NULL, "it cannot be read");
		return 0;
	}
	return upcase_decode(upcase, (struct bytes){ bytes, 2 * UPCASE_UNITS, 0 }, why) == 0;
}

int upcase_compare(const struct upcase *upcase, const uint8_t *a, size_t a_units, const uint8_t *b,
		   size_t b_units)
{
	size_t shorter = a_units < b_units ? a_units : b_units;

	for (size_t i = 0; i < shorter; i++) {
		uint16_t left = upcase->table[le16_at(a + 2 * i)], right = upcase->table[le16_at(b + 2 * i)];

		if (left != right)
			return left < right ? -1 : 1;
	}
	if (a_units != b_units)
		return a_units < b_units ? -1 : 1;
	for (size_t i = 0; i < shorter; i++) {
		uint16_t left = le16_at(a + 2 * i), right = le16_at(b + 2 * i);

		if (left != right)
			return left < right ? -1 : 1;
	}
	return 0;
}
