/* SPDX-License-Identifier: GPL-3.0-or-later */
/* belonging.c - see belonging.h */
#include "scan/recall/belonging.h"

#include <string.h>

#define SAME_TO_OTHERWISE 2u /* files are renamed, but not most of them */
#define OWN_RECORDS       12u
#define NAMES_ALONE       4u /* with nothing to hold them against, fewer may agree by chance */

/* -------- what the table knows -------- */

static int compare_ref(const void *a, const void *b)
{
	file_ref left = *(const file_ref *)a, right = *(const file_ref *)b;

	return (left > right) - (left < right);
}

/* Sort them, and keep each once. */
static void settle_parents(struct known_parents *parents)
{
	size_t kept = 0;

	if (parents->count)
		qsort(parents->items, parents->count, sizeof *parents->items, compare_ref);
	for (size_t i = 0; i < parents->count; i++)
		if (!kept || parents->items[kept - 1] != parents->items[i])
			parents->items[kept++] = parents->items[i];
	parents->count = kept;
}

static bool add_parent(struct known_parents *parents, file_ref ref)
{
	return (parents->count && parents->items[parents->count - 1] == ref) || array_push(parents, ref);
}

/* The directories of all names. */
static int find_parents(struct belonging *belonging, struct error *err)
{
	const struct name_rows *names = &belonging->inventory->names;

	for (size_t i = 0; i < names->count; i++)
		if (!add_parent(&belonging->parents, names->items[i].parent))
			return error_memory(err);
	settle_parents(&belonging->parents);
	return 0;
}

/* The file system's own files are as old as their volume, and what a clock says of them is seldom changed. */
static uint32_t birth(const struct inventory *inventory)
{
	uint32_t first = 0;

	for (uint64_t record = 0; record < OWN_RECORDS && record < inventory->mft.records; record++) {
		const struct mft_row *row = &inventory->rows[record];

		if (row->flags & ROW_DECODED && row->written && (!first || row->written < first))
			first = row->written;
	}
	return first > ROW_TIME_DAY ? first - ROW_TIME_DAY : 0; /* clocks are set */
}

int belonging_init(struct belonging *belonging, const struct inventory *inventory,
		   const struct extensions *extensions, struct error *err)
{
	*belonging = (struct belonging){ .inventory = inventory, .extensions = extensions, .born = birth(inventory) };
	return find_parents(belonging, err);
}

int belonging_learn(struct belonging *belonging, const struct facts *facts, size_t first, struct error *err)
{
	for (size_t i = first; i < facts->list.count; i++) {
		const struct fact *fact = &facts->list.items[i];

		if (!add_parent(&belonging->parents, fact->parent) ||
		    (fact->file && fact->flags & FACT_DIRECTORY && !add_parent(&belonging->parents, fact->file)))
			return error_memory(err);
	}
	settle_parents(&belonging->parents);
	return 0;
}

void belonging_release(struct belonging *belonging)
{
	array_release(&belonging->parents);
}

/* The row of a record if it can tell of lives; NULL if not. */
static const struct mft_row *row_of(const struct inventory *inventory, file_ref ref)
{
	const struct mft_row *row;

	if (file_ref_record(ref) >= inventory->mft.records)
		return NULL;
	row = &inventory->rows[file_ref_record(ref)];
	return (row->flags & (ROW_DECODED | ROW_MISPLACED)) == ROW_DECODED ? row : NULL;
}

static bool is_shown(const struct inventory *inventory, file_ref ref)
{
	return row_of(inventory, ref) && inventory_ref(inventory, (uint32_t)file_ref_record(ref)) == ref;
}

/* Neither in the table nor to come: lives are numbered upwards, and around. */
static bool is_never(const struct inventory *inventory, file_ref ref)
{
	const struct mft_row *row = row_of(inventory, ref);

	if (file_ref_record(ref) >= inventory->mft.records || !file_ref_sequence(ref))
		return true;
	return row && !is_shown(inventory, ref) && (int16_t)(file_ref_sequence(ref) - row->sequence) > 0;
}

/* -------- names -------- */

/* Does a record of the file have the text as a name, wherever? */
static bool record_has(const struct inventory *inventory, uint32_t record, struct bytes name)
{
	const struct mft_row *row = &inventory->rows[record];

	for (uint32_t i = 0; i < row->names; i++) {
		const struct name_row *own = &inventory->names.items[row->first_name + i];

		if (2u * own->units == name.left && memcmp(inventory_text(inventory, own), name.at, name.left) == 0)
			return true;
	}
	return false;
}

/* The same of all records of a file whose life the table shows; @names: how many they have. */
static bool file_has(const struct belonging *belonging, file_ref file, struct bytes name, size_t *names)
{
	const struct inventory *inventory = belonging->inventory;
	uint32_t                record = (uint32_t)file_ref_record(file);
	const struct extension *extension;
	size_t                  count;
	bool                    has = record_has(inventory, record, name);

	*names = inventory->rows[record].names;
	extension = extensions_of(belonging->extensions, file, &count);
	for (size_t i = 0; i < count && i < EXTENSIONS_ASKED; i++) {
		has = has || record_has(inventory, extension[i].record, name);
		*names += inventory->rows[extension[i].record].names;
	}
	return has;
}

bool belonging_is_past(const struct belonging *belonging, file_ref ref)
{
	const struct inventory *inventory = belonging->inventory;

	return row_of(inventory, ref) && !is_shown(inventory, ref) && !is_never(inventory, ref);
}

static enum belonging_says judge(const struct belonging *belonging, const struct fact *fact, struct bytes name)
{
	const struct inventory *inventory = belonging->inventory;
	const struct mft_row   *file = row_of(inventory, fact->file), *parent = row_of(inventory, fact->parent);
	size_t                  names;

	if (is_never(inventory, fact->file) || is_never(inventory, fact->parent) ||
	    (fact->time && fact->time < belonging->born))
		return SAYS_IMPOSSIBLE;
	if (parent && is_shown(inventory, fact->parent) && (parent->flags & (ROW_DIRECTORY | ROW_EXTENSION)) != ROW_DIRECTORY)
		return SAYS_IMPOSSIBLE;
	if (!is_shown(inventory, fact->file))
		return SAYS_NOTHING;
	if (file->flags & ROW_EXTENSION || !(file->flags & ROW_DIRECTORY) != !(fact->flags & FACT_DIRECTORY))
		return SAYS_IMPOSSIBLE;
	if (file_has(belonging, fact->file, name, &names))
		return SAYS_THE_SAME;
	return names ? SAYS_OTHERWISE : SAYS_NOTHING;
}

static bool knows_directory(const struct belonging *belonging, file_ref parent)
{
	const struct inventory *inventory = belonging->inventory;

	if (is_shown(inventory, parent) && inventory->rows[file_ref_record(parent)].flags & ROW_DIRECTORY)
		return true;
	return belonging->parents.count && bsearch(&parent, belonging->parents.items, belonging->parents.count,
						   sizeof parent, compare_ref);
}

enum belonging_says belonging_hear(const struct belonging *belonging, const struct fact *fact, struct bytes name,
				   struct belonging_votes *votes)
{
	enum belonging_says says;

	if (file_ref_record(fact->file) < FIRST_USER_RECORD)
		return SAYS_NOTHING; /* every volume has those */
	says = judge(belonging, fact, name);
	votes->names++;
	votes->same += says == SAYS_THE_SAME;
	votes->otherwise += says == SAYS_OTHERWISE;
	votes->impossible += says == SAYS_IMPOSSIBLE;
	votes->directory += says != SAYS_IMPOSSIBLE && knows_directory(belonging, fact->parent);
	return says;
}

bool belonging_is_shown(const struct belonging *belonging, const struct belonging_votes *votes)
{
	if (votes->same)
		return votes->same / SAME_TO_OTHERWISE >= votes->otherwise + votes->impossible;
	return belonging->born && !votes->otherwise && !votes->impossible && votes->names >= NAMES_ALONE &&
	       votes->directory == votes->names;
}
