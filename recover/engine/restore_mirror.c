/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restore_mirror.c - see restore_mirror.h */
#include "recover/engine/restore_mirror.h"

#include "core/cleanup.h"
#include "recover/engine/store_facts.h"

#include <string.h>

/* A directory of the mirror that is still to be gone through. */
struct step {
	uint32_t record;
	uint32_t folder; /* where it goes */
	uint64_t path;
};

struct steps ARRAY(struct step);

/* What is known of a file. */
enum seen {
	SEEN = 1, /* it is counted */
	SEEN_ROOM = 2,
	SEEN_NO_ROOM = 4,
};

/* The walk through one mirror. */
struct walk {
	struct restore_part       part; /* first: the functions below get it */
	struct restore_mirror    *mirror;
	const struct volume_tree *tree; /* that the mirror is in */
	struct steps              steps;
	uint8_t                  *seen;  /* by record: enum seen */
	struct text_buffer        above; /* path of the mirror */
	struct store_facts        facts;
	bool                      facts_read;
};

static bool find_sibling(const struct restore_part *part, uint64_t above, const struct ntfs3g_name *name,
			 bool exact, uint32_t *item)
{
	const struct walk       *walk = (const struct walk *)part;
	const struct tree_child *child =
		volume_tree_child(walk->tree, (uint32_t)above, (const uint8_t *)name->units, name->count);
	const struct name_row *row = child ? &walk->tree->inventory.names.items[child->name] : NULL;

	if (!row || row->space == NAME_DOS ||
	    (exact && memcmp(inventory_text(&walk->tree->inventory, row), name->units,
			     name->count * sizeof(ntfschar)) != 0))
		return false;
	*item = child->record;
	return true;
}

/* Read when first asked for: what is there already needs none of it. */
static int fact_of(struct walk *walk, uint64_t path, const struct store_fact **fact, struct error *err)
{
	const struct restore_mirror *mirror = walk->mirror;

	if (!walk->facts_read &&
	    store_facts_read(&walk->facts, mirror->from, mirror->store, mirror->letter, err) < 0)
		return -1;
	walk->facts_read = true;
	*fact = store_facts_find(&walk->facts, path);
	return 0;
}

static int find_alias(struct restore_part *part, uint64_t path, struct ntfs3g_name *alias, struct error *err)
{
	const struct store_fact *fact;

	if (fact_of((struct walk *)part, path, &fact, err) < 0)
		return -1;
	if (!fact || !fact->units)
		return 0;
	alias->count = fact->units;
	memcpy(alias->units, fact->alias, fact->units * sizeof(ntfschar));
	return 1;
}

static int find_copied(struct restore_part *part, uint64_t path, struct error *err)
{
	const struct store_fact *fact;

	if (fact_of((struct walk *)part, path, &fact, err) < 0)
		return -1;
	return fact && fact->copied;
}

/* -------- room for names -------- */

/* 1 if a name outside the mirror is one that the mirror has at the same place. */
static int is_restored(struct walk *walk, uint32_t record, uint32_t name, struct text_buffer *path,
		       struct error *err)
{
	CLEANUP(free_ptr) char *there = NULL;

	if (volume_tree_path(walk->tree, name, path, err) < 0)
		return -1;
	if (asprintf(&there, "%s%s", walk->above.items, path->items) < 0) {
		there = NULL;
		return error_memory(err);
	}
	return volume_tree_find(walk->tree, there) == record;
}

/* Names that a file will get at most: those in the mirror that are not at their places yet. */
static int count_wanted(struct walk *walk, uint32_t record, size_t *wanted, struct error *err)
{
	struct text_buffer path = { 0 };
	size_t             count, inside = 0, outside = 0;
	const uint32_t    *names = volume_tree_names(walk->tree, record, &count);
	int                restored = 0;

	for (size_t i = 0; i < count && restored >= 0; i++) {
		if (state_store_is_below(walk->mirror->from, names[i], walk->mirror->record)) {
			inside++;
			continue;
		}
		restored = is_restored(walk, record, names[i], &path, err);
		outside += restored == 1;
	}
	array_release(&path);
	*wanted = inside > outside ? inside - outside : 0;
	return restored < 0 ? -1 : 0;
}

/* All names of a file are links of it, or all of them of its copy. */
static int has_room(struct restore_part *part, uint32_t item, struct error *err)
{
	struct walk *walk = (struct walk *)part;
	size_t       links = volume_tree_row(walk->tree, item)->link_count, wanted;

	if (links <= LINKS_MAX / 2)
		return 1;
	if (!(walk->seen[item] & (SEEN_ROOM | SEEN_NO_ROOM))) {
		if (count_wanted(walk, item, &wanted, err) < 0)
			return -1;
		walk->seen[item] |= links + wanted <= LINKS_MAX ? SEEN_ROOM : SEEN_NO_ROOM;
	}
	return walk->seen[item] & SEEN_ROOM ? 1 : 0;
}

/* -------- the walk -------- */

static void count_file(struct walk *walk, uint32_t record)
{
	walk->part.report->names++;
	walk->part.report->files += !(walk->seen[record] & SEEN);
	walk->seen[record] |= SEEN;
}

static int plan_child(struct walk *walk, const struct step *step, const struct tree_child *child,
		      struct error *err)
{
	const struct name_row *row = &walk->tree->inventory.names.items[child->name];
	struct restore_name name = { .item = child->record, .above = step->record, .folder = step->folder };
	char                text[NAME_UTF8_MAX];
	struct step         next = { .record = child->record };
	size_t              length, filled;
	int                 found;

	if (row->space == NAME_DOS)
		return 0;
	destination_tree_name(walk->tree, child->name, &name.name);
	length = utf16_to_utf8((const uint8_t *)name.name.units, name.name.count, text);
	name.path = next.path = restore_path_hash(step->path, text, length);
	if (!volume_tree_is_directory(walk->tree, child->record)) {
		count_file(walk, child->record);
		return restore_plan_file(&walk->part, &name, err);
	}
	(void)volume_tree_children(walk->tree, child->record, &filled);
	found = restore_plan_folder(&walk->part, &name, filled > 0, &next.folder, err);
	if (found == 1 && !array_push(&walk->steps, next))
		return error_memory(err);
	return found < 0 ? -1 : 0;
}

static int plan_all(struct walk *walk, struct error *err)
{
	struct step root = { walk->mirror->record, 0, RESTORE_ROOT_PATH };

	if (!array_push(&walk->steps, root))
		return error_memory(err);
	while (walk->steps.count) {
		struct step              step = walk->steps.items[--walk->steps.count];
		size_t                   count;
		const struct tree_child *children = volume_tree_children(walk->tree, step.record, &count);

		for (size_t i = 0; i < count; i++)
			if (plan_child(walk, &step, &children[i], err) < 0)
				return -1;
	}
	return 0;
}

static int find_above(struct walk *walk, struct error *err)
{
	size_t          count;
	const uint32_t *names = volume_tree_names(walk->tree, walk->mirror->record, &count);

	return volume_tree_path(walk->tree, names[0], &walk->above, err);
}

int restore_mirror_plan(struct restore_mirror *mirror, struct error *err)
{
	struct walk walk = { .part = mirror->part, .mirror = mirror, .tree = &mirror->from->tree };
	size_t      records = walk.tree->inventory.count;
	int         status;

	walk.part.sibling = find_sibling;
	walk.part.has_room = has_room;
	walk.part.alias = find_alias;
	walk.part.is_copy = find_copied;
	walk.part.copies = calloc(records, sizeof *walk.part.copies);
	walk.seen = calloc(records, 1);
	status = walk.part.copies && walk.seen ? find_above(&walk, err) : error_memory(err);
	if (status == 0)
		status = plan_all(&walk, err);
	free(walk.part.copies);
	free(walk.seen);
	array_release(&walk.steps);
	array_release(&walk.above);
	array_release(&walk.facts);
	return status;
}
