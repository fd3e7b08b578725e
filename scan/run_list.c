/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run_list.c - see run_list.h */
#include "scan/run_list.h"

/* @n bytes (0 to 8) as a signed little-endian number. */
static int64_t signed_number(const uint8_t *at, size_t n)
{
	uint64_t value = 0;

	for (size_t i = 0; i < n; i++)
		value |= (uint64_t)at[i] << 8 * i;
	if (n && n < 8 && at[n - 1] & 0x80)
		value |= ~0ull << 8 * n;
	return (int64_t)value;
}

int run_list_next(struct run_list *list, struct run *run, struct error *err)
{
	struct bytes pairs = list->pairs, length_bytes, step_bytes;
	uint64_t     start = pairs.offset, lcn = LCN_HOLE, end_vcn, end_lcn;
	uint8_t      header;
	int64_t      length, next_lcn;

	if (!bytes_read(&pairs, &header, 1))
		return error_at(err, ERROR_BOUNDS, start, "mapping pairs without an end");
	if (!header)
		return 0;
	if ((header & 15) > 8 || (header & 15) == 0 || header >> 4 > 8)
		return error_at(err, ERROR_VALUE, start, "mapping pair with header 0x%02x", header);
	if (!bytes_take(&pairs, header & 15, &length_bytes) || !bytes_take(&pairs, header >> 4, &step_bytes))
		return error_at(err, ERROR_BOUNDS, start, "mapping pair is cut short");

	length = signed_number(length_bytes.at, length_bytes.left);
	if (length <= 0)
		return error_at(err, ERROR_VALUE, start, "run of %lld clusters", (long long)length);
	if (__builtin_add_overflow(list->next_vcn, (uint64_t)length, &end_vcn))
		return error_at(err, ERROR_VALUE, start, "stream longer than numbers go");
	if (step_bytes.left) {
		if (__builtin_add_overflow((int64_t)list->last_lcn,
					   signed_number(step_bytes.at, step_bytes.left), &next_lcn) ||
		    next_lcn < 0)
			return error_at(err, ERROR_VALUE, start, "run before the volume");
		lcn = (uint64_t)next_lcn;
		if (__builtin_add_overflow(lcn, (uint64_t)length, &end_lcn) || end_lcn > INT64_MAX)
			return error_at(err, ERROR_VALUE, start, "run longer than numbers go");
	}

	*run = (struct run){ .vcn = list->next_vcn, .lcn = lcn, .length = (uint64_t)length };
	list->pairs = pairs;
	list->next_vcn = end_vcn;
	if (lcn != LCN_HOLE)
		list->last_lcn = lcn;
	return 1;
}

/* @value in as few bytes as hold it as a signed number; returns how many. */
static size_t put_signed(int64_t value, uint8_t *out)
{
	size_t n = 0;

	do {
		out[n] = (uint8_t)((uint64_t)value >> 8 * n);
		n++;
	} while (n < 8 && signed_number(out, n) != value);
	return n;
}

size_t run_encode(const struct run *run, uint64_t *last_lcn, uint8_t out[RUN_ENCODED_MAX])
{
	size_t length_bytes = put_signed((int64_t)run->length, out + 1), step_bytes = 0;

	if (run->lcn != LCN_HOLE) {
		step_bytes = put_signed((int64_t)(run->lcn - *last_lcn), out + 1 + length_bytes);
		*last_lcn = run->lcn;
	}
	out[0] = (uint8_t)(step_bytes << 4 | length_bytes);
	return 1 + length_bytes + step_bytes;
}
