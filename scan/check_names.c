/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check_names.c - part of check.c: the names of each file, and the way from the root */
#include "scan/check_work.h"

#include "core/utf16.h"
#include "scan/ownership.h"

#include <inttypes.h>

#define NO_TOP UINT32_MAX         /* not known yet */
#define TOP_BUSY (UINT32_MAX - 1) /* on the way that is being climbed */

/* -------- names by file -------- */

/* The base record in use whose name it is, or @work->inventory.count. */
static uint32_t base_of(const struct check_work *work, uint32_t record)
{
	bool     live;
	uint32_t base = ownership_owner(&work->inventory, record, &live);

	return live && is_live_base(work, base) ? base : work->inventory.count;
}

static int compare_text(const struct inventory *inventory, const struct name_row *row, file_ref parent,
			const uint8_t *text, size_t units)
{
	if (row->parent != parent)
		return row->parent < parent ? -1 : 1;
	if (row->units != units)
		return row->units < units ? -1 : 1;
	return memcmp(inventory_text(inventory, row), text, 2 * units);
}

static int compare_name(const void *a, const void *b, void *context)
{
	const struct inventory *inventory = context;
	const struct name_row  *left = &inventory->names.items[*(const uint32_t *)a];
	const struct name_row  *right = &inventory->names.items[*(const uint32_t *)b];
	int                     order =
		compare_text(inventory, left, right->parent, inventory_text(inventory, right), right->units);

	return order ? order : left->space - right->space;
}

int check_names_collect(struct check_work *work, struct error *err)
{
	struct inventory *inventory = &work->inventory;
	uint32_t          count = inventory->count, sum = 0;

	work->names = malloc((inventory->names.count + 1) * sizeof *work->names);
	work->first_name = calloc((size_t)count + 3, sizeof *work->first_name);
	work->name_seen = calloc(inventory->names.count + 1, 1);
	if (!work->names || !work->first_name || !work->name_seen)
		return error_memory(err);
	for (size_t i = 0; i < inventory->names.count; i++) /* a counting sort; the last group is nobody's */
		work->first_name[base_of(work, inventory->names.items[i].record) + 2]++;
	for (uint32_t i = 0; i < count + 3; i++) {
		sum += work->first_name[i];
		work->first_name[i] = sum;
	}
	for (size_t i = 0; i < inventory->names.count; i++)
		work->names[work->first_name[base_of(work, inventory->names.items[i].record) + 1]++] =
			(uint32_t)i;
	for (uint32_t i = 0; i < count; i++)
		if (work->first_name[i + 1] - work->first_name[i] > 1)
			qsort_r(work->names + work->first_name[i],
				work->first_name[i + 1] - work->first_name[i], sizeof *work->names,
				compare_name, inventory);
	return 0;
}

const uint32_t *check_names_find(const struct check_work *work, uint32_t base, file_ref parent,
				 const uint8_t *text, size_t units, size_t *count)
{
	const struct inventory *inventory = &work->inventory;
	const struct name_row  *rows = inventory->names.items;
	const uint32_t         *names = work->names;
	size_t first = partition_point(work->first_name[base], work->first_name[base + 1], at,
				       compare_text(inventory, &rows[names[at]], parent, text, units) < 0);
	size_t last = first;

	while (last < work->first_name[base + 1] &&
	       compare_text(inventory, &rows[names[last]], parent, text, units) == 0)
		last++;
	*count = (uint32_t)(last - first);
	return work->names + first;
}

/* -------- each name -------- */

/* What is wrong with a parent; NULL if it is a directory in use. */
static const char *parent_fault(const struct check_work *work, file_ref parent)
{
	uint64_t record = file_ref_record(parent);

	if (record >= work->inventory.count)
		return "which the table does not have";
	if (!is_live_base(work, record))
		return "which is no file in use";
	if (work->inventory.rows[record].sequence != file_ref_sequence(parent))
		return "which has another sequence number";
	if (!(work->inventory.rows[record].flags & ROW_DIRECTORY))
		return "which is no directory";
	return NULL;
}

static void judge_name(struct check_work *work, uint32_t base, uint32_t index)
{
	const struct name_row *row = &work->inventory.names.items[index];
	const char            *fault = parent_fault(work, row->parent);
	char                   name[NAME_UTF8_MAX];

	if (!fault && work->name_seen[index])
		return;
	utf16_to_utf8(inventory_text(&work->inventory, row), row->units, name);
	if (fault)
		check_report(work, PROBLEM_NAME_PARENT, base,
			     mft_offset_of(&work->inventory.mft, row->record),
			     "the name \"%s\" has as its directory record %" PRIu64 ", %s", name,
			     file_ref_record(row->parent), fault);
	else
		check_report(work, PROBLEM_NAME_WITHOUT_ENTRY, base,
			     mft_offset_of(&work->inventory.mft, row->record),
			     "the name \"%s\" has no entry in its directory, record %" PRIu64, name,
			     file_ref_record(row->parent));
}

/* A DOS name is the alias of a WIN32 name beside it. */
static void judge_aliases(struct check_work *work, uint32_t base, uint32_t first, uint32_t end)
{
	const struct name_row *rows = work->inventory.names.items;

	for (uint32_t i = first, next; i < end; i = next) {
		uint32_t dos = 0, win32 = 0;

		for (next = i; next < end && rows[work->names[next]].parent == rows[work->names[i]].parent;
		     next++) {
			dos += rows[work->names[next]].space == NAME_DOS;
			win32 += rows[work->names[next]].space == NAME_WIN32;
		}
		if (dos > win32)
			check_report(work, PROBLEM_NAME_ALONE, base,
				     mft_offset_of(&work->inventory.mft, base),
				     "%" PRIu32 " DOS name%s in record %" PRIu64 ", and %" PRIu32
				     " long name%s to go with",
				     dos, dos == 1 ? "" : "s", file_ref_record(rows[work->names[i]].parent),
				     win32, win32 == 1 ? "" : "s");
	}
}

static void judge_names(struct check_work *work, uint32_t base)
{
	const struct mft_row  *row = &work->inventory.rows[base];
	const struct name_row *rows = work->inventory.names.items;
	uint32_t               first = work->first_name[base], end = work->first_name[base + 1], longs = 0;

	for (uint32_t i = first; i < end; i++) {
		judge_name(work, base, work->names[i]);
		longs += rows[work->names[i]].space != NAME_DOS;
	}
	judge_aliases(work, base, first, end);
	if (row->flags & ROW_DIRECTORY && longs > 1)
		check_report(work, PROBLEM_DIRECTORY_LINKS, base, mft_offset_of(&work->inventory.mft, base),
			     "a directory with %" PRIu32 " names", longs);
	if (row->link_count != end - first && (end > first || base >= FIRST_USER_RECORD))
		check_report(work, PROBLEM_LINK_COUNT, base, mft_offset_of(&work->inventory.mft, base),
			     "the link count is %u, but the file has %" PRIu32 " name%s", row->link_count,
			     end - first, end - first == 1 ? "" : "s");
	if (end > first) {
		work->check->files += !(row->flags & ROW_DIRECTORY);
		work->check->directories += (row->flags & ROW_DIRECTORY) != 0;
	}
}

/* -------- the way from the root -------- */

/* The directory that a name stands in by both words, its own and the entry's; NO_TOP if it is in none. */
static uint32_t proven_parent(const struct check_work *work, uint32_t index)
{
	const struct name_row *row = &work->inventory.names.items[index];

	if (!work->name_seen[index] || parent_fault(work, row->parent))
		return NO_TOP;
	return (uint32_t)file_ref_record(row->parent);
}

/* The directory above a record, or NO_TOP. */
static uint32_t above(const struct check_work *work, uint32_t record)
{
	uint32_t parent = NO_TOP;

	for (uint32_t i = work->first_name[record]; parent == NO_TOP && i < work->first_name[record + 1]; i++)
		parent = proven_parent(work, work->names[i]);
	return parent;
}

/*
 * Find where the way up from a directory ends: at the root, or at a record with no way
 * up; and write it down for all directories on the way.
 */
static void climb(struct check_work *work, uint32_t *tops, uint32_t from)
{
	uint32_t at = from, top;

	while (tops[at] == NO_TOP) {
		uint32_t next = at == ROOT_RECORD ? NO_TOP : above(work, at);

		if (next == NO_TOP) {
			tops[at] = at;
			break;
		}
		tops[at] = TOP_BUSY;
		at = next;
	}
	if (tops[at] == TOP_BUSY) {
		check_report(work, PROBLEM_DIRECTORY_LOOP, at, mft_offset_of(&work->inventory.mft, at),
			     "the directory lies in itself");
		top = at;
	} else {
		top = tops[at];
	}
	for (at = from; tops[at] == TOP_BUSY; at = above(work, at))
		tops[at] = top;
}

/* A file with several names is reached if one of its directories is. */
static uint32_t top_of_file(struct check_work *work, uint32_t *tops, uint32_t record)
{
	uint32_t top = record;

	for (uint32_t i = work->first_name[record]; i < work->first_name[record + 1]; i++) {
		uint32_t parent = proven_parent(work, work->names[i]);

		if (parent == NO_TOP)
			continue;
		climb(work, tops, parent);
		if (tops[parent] == ROOT_RECORD)
			return ROOT_RECORD;
		top = tops[parent];
	}
	return top;
}

static int check_reach(struct check_work *work, struct error *err)
{
	uint32_t  count = work->inventory.count;
	uint32_t *tops = malloc(((size_t)count + 1) * sizeof *tops);
	uint32_t *below = calloc((size_t)count + 1, sizeof *below);
	int       result = 0;

	if (!tops || !below)
		result = error_memory(err);
	for (uint32_t i = 0; result == 0 && i < count; i++)
		tops[i] = NO_TOP;
	for (uint32_t i = 0; result == 0 && i < count; i++) {
		uint32_t top;

		if (!is_live_base(work, i) || (i < FIRST_USER_RECORD && i != ROOT_RECORD))
			continue;
		if (work->inventory.rows[i].flags & ROW_DIRECTORY || i == ROOT_RECORD) {
			climb(work, tops, i);
			top = tops[i];
		} else {
			top = top_of_file(work, tops, i);
		}
		below[top] += top != i;
		if (top == i)
			tops[i] = i;
	}
	for (uint32_t i = FIRST_USER_RECORD; result == 0 && i < count; i++) {
		if (!is_live_base(work, i) || tops[i] != i)
			continue;
		if (below[i])
			check_report(work, PROBLEM_UNREACHABLE, i, mft_offset_of(&work->inventory.mft, i),
				     "no way leads here from the root, nor to the %" PRIu32 " below it",
				     below[i]);
		else
			check_report(work, PROBLEM_UNREACHABLE, i, mft_offset_of(&work->inventory.mft, i),
				     work->first_name[i] == work->first_name[i + 1]
					     ? "a file in use without a name"
					     : "no way leads here from the root");
	}
	free(tops);
	free(below);
	return result;
}

int check_names(struct check_work *work, struct error *err)
{
	for (uint32_t i = 0; i < work->inventory.count; i++)
		if (is_live_base(work, i))
			judge_names(work, i);
	return check_reach(work, err);
}
