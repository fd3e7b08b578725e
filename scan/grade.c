/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grade.c - see grade.h */
#include "scan/grade.h"

#include "scan/layer.h"

const char *grade_name(enum grade grade)
{
	static const char *const names[GRADES] = { "verified", "intact", "suspect", "partial", "lost" };

	return names[grade];
}

void verdict_release(struct verdict *verdict)
{
	array_release(&verdict->missing);
}

/* What a range of lost bytes takes with it: its compression unit, or just itself up to the end of data. */
static bool add_missing(struct verdict *verdict, const struct volume *volume, const struct file_stream *stream,
			uint64_t start, uint64_t length)
{
	bool     compressed = stream->unit_shift && stream->flags & ATTRIBUTE_COMPRESSED;
	uint64_t end = start + length, limit = stream->valid_bytes;

	if (compressed) {
		uint64_t unit = (uint64_t)volume->geometry.cluster_bytes << stream->unit_shift;

		start = start / unit * unit;
		end = (end + unit - 1) / unit * unit;
		limit = stream->size_bytes;
	}
	if (limit > stream->size_bytes)
		limit = stream->size_bytes;
	if (end > limit)
		end = limit;
	return start >= end || ranges_add(&verdict->missing, start, end - start);
}

/* Bytes of one run that the map file calls unreadable, or that lie behind the end of the evidence. */
static bool add_unreadable(struct verdict *verdict, const struct volume *volume,
			   const struct file_stream *stream, const struct run *run)
{
	uint64_t     bytes = run->length * volume->geometry.cluster_bytes;
	uint64_t     place = volume->offset_bytes + volume_byte_of(volume, run->lcn), done = 0;
	struct range hole;

	while (done < bytes && ranges_overlap(&volume->evidence->map, place + done, bytes - done, &hole)) {
		verdict->reasons |= WHY_UNREADABLE;
		if (!add_missing(verdict, volume, stream,
				 run->vcn * volume->geometry.cluster_bytes + (hole.start - place), hole.length))
			return false;
		done = hole.start - place + hole.length;
	}
	if (place + bytes > volume->evidence->size_bytes) { /* behind the end of the image */
		uint64_t start = place < volume->evidence->size_bytes ? volume->evidence->size_bytes - place : 0;

		verdict->reasons |= WHY_UNREADABLE;
		return add_missing(verdict, volume, stream,
				   run->vcn * volume->geometry.cluster_bytes + start, bytes - start);
	}
	return true;
}

/* Bytes of one run that are somebody else's; counts those that are not. */
static bool judge_run(const struct ownership *ownership, const struct volume *volume, const struct file *file,
		      const struct file_stream *stream, const struct run *run, struct verdict *verdict)
{
	uint64_t done = 0, cluster_bytes = volume->geometry.cluster_bytes;

	while (done < run->length) {
		uint64_t           length = run->length - done;
		enum cluster_state state =
			ownership_of(ownership, file->record, file->live, run->lcn + done, &length);

		if (state == CLUSTERS_OVERWRITTEN) {
			verdict->reasons |= WHY_OVERWRITTEN;
			if (!add_missing(verdict, volume, stream, (run->vcn + done) * cluster_bytes,
					 length * cluster_bytes))
				return false;
		} else if (state == CLUSTERS_DOUBTFUL) {
			verdict->reasons |= file->live ? WHY_CROSS_LINKED : WHY_CONTESTED;
		}
		done += length;
	}
	return true;
}

static int compare_lcn(const void *a, const void *b)
{
	const struct run *left = a, *right = b;

	return (left->lcn > right->lcn) - (left->lcn < right->lcn);
}

/* A run list that names a cluster twice was not written by a driver in its right mind. */
static int find_twice(const struct runs *runs, bool *twice, struct error *err)
{
	struct run *sorted;
	size_t      count = 0;

	*twice = false;
	if (runs->count < 2)
		return 0;
	sorted = malloc(runs->count * sizeof *sorted);
	if (!sorted)
		return error_memory(err);
	for (size_t i = 0; i < runs->count; i++)
		if (runs->items[i].lcn != LCN_HOLE)
			sorted[count++] = runs->items[i];
	qsort(sorted, count, sizeof *sorted, compare_lcn);
	for (size_t i = 1; i < count; i++)
		if (sorted[i].lcn < sorted[i - 1].lcn + sorted[i - 1].length)
			*twice = true;
	free(sorted);
	return 0;
}

/* Walk the runs: gaps between them, the map, the other owners. */
static int judge_runs(const struct ownership *ownership, const struct volume *volume, const struct file *file,
		      const struct file_stream *stream, struct verdict *verdict, uint64_t *data_bytes,
		      struct error *err)
{
	uint64_t next_vcn = 0, cluster_bytes = volume->geometry.cluster_bytes;
	uint64_t end_vcn = stream->size_bytes / cluster_bytes + (stream->size_bytes % cluster_bytes != 0);
	bool     room = true;

	*data_bytes = 0;
	for (size_t i = 0; room && i <= stream->runs.count; i++) {
		const struct run *run = i < stream->runs.count ? &stream->runs.items[i] : NULL;
		uint64_t          start = run ? run->vcn : end_vcn;

		if (start > next_vcn && next_vcn < end_vcn) {
			uint64_t end = start < end_vcn ? start : end_vcn;

			verdict->reasons |= WHY_RUNS_LOST;
			room = add_missing(verdict, volume, stream, next_vcn * cluster_bytes,
					   (end - next_vcn) * cluster_bytes);
			*data_bytes += (end - next_vcn) * cluster_bytes;
		}
		if (!run)
			break;
		next_vcn = run->vcn + run->length;
		if (run->lcn == LCN_HOLE || run->vcn >= end_vcn)
			continue;
		*data_bytes += run->length * cluster_bytes;
		room = room && judge_run(ownership, volume, file, stream, run, verdict) &&
		       add_unreadable(verdict, volume, stream, run);
	}
	return room ? 0 : error_memory(err);
}

/*
 * Clusters that were free when a shadow copy was made show what lies there now.  And when the disk was copied
 * with holes, only reading tells which blocks of the copy lie in them.
 */
static unsigned shadow_doubts(const struct volume *volume, const struct file *file)
{
	const struct evidence *evidence = volume->evidence;
	unsigned               doubts = 0;

	if (!layer_shadow_of(evidence))
		return 0;
	if (!file->live)
		doubts |= WHY_NOT_KEPT;
	while (evidence->outer)
		evidence = evidence->outer;
	return doubts | (evidence->map.count ? WHY_UNREADABLE : 0);
}

int grade_stream(const struct ownership *ownership, const struct volume *volume, const struct file *file,
		 const struct file_stream *stream, struct verdict *verdict, struct error *err)
{
	uint64_t data_bytes = 0, missing;
	bool     twice = false;

	*verdict = (struct verdict){ .grade = GRADE_INTACT };
	if (stream->torn)
		verdict->reasons |= WHY_TORN;
	if (stream->sizes_lost)
		verdict->reasons |= WHY_SIZES_LOST | WHY_RUNS_LOST;
	if (!stream->resident) {
		if (file->list_lost)
			verdict->reasons |= WHY_LIST_LOST;
		if (judge_runs(ownership, volume, file, stream, verdict, &data_bytes, err) < 0 ||
		    find_twice(&stream->runs, &twice, err) < 0)
			return -1;
		if (twice)
			verdict->reasons |= WHY_TWICE;
		if (!ownership->bitmap_read && !file->live && data_bytes)
			verdict->reasons |= WHY_CONTESTED; /* live files that nobody shows may have its clusters */
		if (((ownership->hidden && !file->live) || ownership->disturbed) && data_bytes)
			verdict->reasons |= WHY_HIDDEN_LIVES;
		if (data_bytes && file->record >= ownership->forgotten.start &&
		    file->record - ownership->forgotten.start < ownership->forgotten.length)
			verdict->reasons |= WHY_FORGOTTEN;
		if (data_bytes)
			verdict->reasons |= shadow_doubts(volume, file);
	}
	ranges_sort(&verdict->missing);
	missing = ranges_bytes(&verdict->missing);
	if (data_bytes > stream->size_bytes)
		data_bytes = stream->size_bytes;
	if (data_bytes > stream->valid_bytes && !(stream->flags & ATTRIBUTE_COMPRESSED))
		data_bytes = stream->valid_bytes; /* behind it are zeros, whatever lies there */
	if (missing && missing >= data_bytes)
		verdict->grade = GRADE_LOST;
	else if (missing)
		verdict->grade = GRADE_PARTIAL;
	else if (verdict->reasons & ~(unsigned)WHY_OVERWRITTEN)
		verdict->grade = GRADE_SUSPECT;
	return 0;
}
