/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check_security.c - part of check.c: security ids, in files, in $Secure:$SDS and in its index $SII */
#include "scan/check_work.h"

#include "core/cleanup.h"
#include "scan/security_stream.h"

#include <inttypes.h>

#define SECURE_RECORD 9u
#define SDS_BLOCK (256u * 1024) /* each is followed by its copy */

static int compare_id(const void *a, const void *b)
{
	const struct security_id *left = a, *right = b;

	return (left->id > right->id) - (left->id < right->id);
}

static struct security_id *find_id(struct check_work *work, uint32_t id)
{
	struct security_id wanted = { .id = id };

	return work->security.count ? bsearch(&wanted, work->security.items, work->security.count,
					      sizeof wanted, compare_id)
				    : NULL;
}

/* All descriptors of one block. */
static int collect_ids(struct check_work *work, struct bytes block, struct error *err)
{
	struct security_entry entry;

	while (security_entry_next(&block, &entry))
		if (!array_push(&work->security, (struct security_id){ .id = entry.id }))
			return error_memory(err);
	return 0;
}

static void sort_ids(struct security_ids *ids)
{
	size_t kept = 0;

	if (!ids->count)
		return;
	qsort(ids->items, ids->count, sizeof *ids->items, compare_id);
	for (size_t i = 1; i < ids->count; i++)
		if (ids->items[i].id != ids->items[kept].id)
			ids->items[++kept] = ids->items[i];
	ids->count = kept + 1;
}

int check_security_load(struct check_work *work, struct error *err)
{
	CLEANUP(file_release) struct file file = { 0 };
	CLEANUP(free_ptr) uint8_t        *block = malloc(SDS_BLOCK);
	const struct file_stream         *stream;

	if (!block)
		return error_memory(err);
	if (!is_live_base(work, SECURE_RECORD))
		return 0;
	if (file_load(&work->reader, SECURE_RECORD, &file, err) < 0)
		return -1;
	stream = file_find_stream(&file, ATTRIBUTE_DATA, "$SDS");
	if (!stream || stream->size_bytes > work->limit_bytes)
		return 0; /* each id that is used will be missed */
	for (uint64_t at = 0; at < stream->size_bytes; at += 2 * SDS_BLOCK) {
		size_t length = SDS_BLOCK;
		int    read = check_read_stream(work, stream, at, block, &length, err);

		if (read < 0)
			return -1;
		if (!read)
			check_report(work, PROBLEM_SECURITY, SECURE_RECORD, NO_OFFSET,
				     "$Secure:$SDS cannot be read from byte %" PRIu64 " on", at);
		if (collect_ids(work, (struct bytes){ block, length, at }, err) < 0)
			return -1;
	}
	sort_ids(&work->security);
	return 0;
}

void check_security_use(struct check_work *work, uint64_t record, uint64_t offset, uint32_t id)
{
	struct security_id *known = find_id(work, id);

	if (known)
		known->used = true;
	else
		check_report(work, PROBLEM_SECURITY, record, offset,
			     "security id %" PRIu32 " has no descriptor in $Secure", id);
}

void check_security_index(struct check_work *work, uint64_t offset, uint32_t id)
{
	struct security_id *known = find_id(work, id);

	if (known)
		known->indexed = true;
	else
		check_report(work, PROBLEM_SECURITY, SECURE_RECORD, offset,
			     "$SII lists security id %" PRIu32 ", which has no descriptor in $SDS", id);
}

void check_security_judge(struct check_work *work)
{
	for (size_t i = 0; i < work->security.count; i++)
		if (work->security.items[i].used && !work->security.items[i].indexed)
			check_report(work, PROBLEM_SECURITY, SECURE_RECORD, NO_OFFSET,
				     "security id %" PRIu32 " is used by files, but $SII does not list it",
				     work->security.items[i].id);
}
