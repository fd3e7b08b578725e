/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stream.c - see stream.h */
#include "scan/stream.h"

#include <string.h>

int runs_append(struct runs *runs, struct bytes pairs, uint64_t lowest_vcn,
		const struct geometry *geometry, struct error *err)
{
	uint64_t        clusters = geometry->clusters, vcn_max = INT64_MAX / geometry->cluster_bytes;
	struct run_list list = { .pairs = pairs, .next_vcn = lowest_vcn };
	size_t          before = runs->count;
	struct run      run;
	int             result;

	while ((result = run_list_next(&list, &run, err)) == 1) {
		if (run.lcn != LCN_HOLE && (run.lcn >= clusters || run.length > clusters - run.lcn)) {
			result = error_at(err, ERROR_VALUE, list.pairs.offset, "run leaves the volume");
			break;
		}
		if (run.vcn > vcn_max || run.length > vcn_max - run.vcn) {
			result = error_at(err, ERROR_VALUE, list.pairs.offset, "stream longer than numbers go");
			break;
		}
		if (!array_push(runs, run)) {
			result = error_memory(err);
			break;
		}
	}
	if (result < 0)
		runs->count = before;
	return result;
}

const struct run *runs_find(const struct runs *runs, uint64_t vcn)
{
	size_t first =
		partition_point(0, runs->count, at, runs->items[at].vcn + runs->items[at].length <= vcn);

	return first < runs->count ? &runs->items[first] : NULL;
}

/* Read from one run and turn holes of the volume into holes of the stream. */
static int read_run(const struct volume *volume, const struct run *run, uint64_t skip, uint64_t stream_offset,
		    void *buffer, size_t length, struct ranges *missing, struct error *err)
{
	uint64_t      place = volume_byte_of(volume, run->lcn) + skip;
	struct ranges holes = { 0 };
	int           result = volume_read(volume, place, buffer, length, &holes, err);

	for (size_t i = 0; result == 0 && i < holes.count; i++)
		if (!ranges_add(missing, stream_offset + (holes.items[i].start - place), holes.items[i].length))
			result = error_memory(err);
	array_release(&holes);
	return result;
}

int stream_read(const struct volume *volume, const struct runs *runs, uint64_t offset, void *buffer,
		size_t length, struct ranges *missing, struct error *err)
{
	uint64_t          cluster_bytes = volume->geometry.cluster_bytes;
	uint8_t          *to = buffer;
	size_t            done = 0;
	const struct run *run = runs_find(runs, offset / cluster_bytes);
	const struct run *end = runs->count ? runs->items + runs->count : NULL;

	while (done < length) {
		uint64_t at = offset + done, start = run && run < end ? run->vcn * cluster_bytes : UINT64_MAX;
		size_t   part = length - done;

		if (at < start) { /* no run says where this lies */
			if (part > start - at)
				part = (size_t)(start - at);
			memset(to + done, 0, part);
			if (!ranges_add(missing, at, part))
				return error_memory(err);
		} else {
			uint64_t skip = at - start, rest = run->length * cluster_bytes - skip;

			if (part > rest)
				part = (size_t)rest;
			if (run->lcn == LCN_HOLE)
				memset(to + done, 0, part);
			else if (read_run(volume, run, skip, at, to + done, part, missing, err) < 0)
				return -1;
			if (part == rest)
				run++;
		}
		done += part;
	}
	return 0;
}

uint64_t stream_volume_offset(const struct volume *volume, const struct runs *runs, uint64_t offset)
{
	uint64_t          cluster_bytes = volume->geometry.cluster_bytes;
	const struct run *run = runs_find(runs, offset / cluster_bytes);

	if (!run || run->lcn == LCN_HOLE || offset / cluster_bytes < run->vcn)
		return NO_OFFSET;
	return volume_byte_of(volume, run->lcn) + (offset - run->vcn * cluster_bytes);
}
