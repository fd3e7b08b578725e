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

/* The walk through one mirror. */
struct walk {
	struct restore_part       part; /* first: the functions below get it */
	struct restore_mirror    *mirror;
	const struct volume_tree *tree; /* that the mirror is in */
	struct steps              steps;
	uint8_t                  *seen; /* a bit a record: its file is counted */
	struct store_facts        facts;
	bool                      facts_read;
};

static bool find_sibling(const struct restore_part *part, uint32_t above, const struct ntfs3g_name *name,
			 bool exact, uint32_t *item)
{
	const struct walk       *walk = (const struct walk *)part;
	const struct tree_child *child =
		volume_tree_child(walk->tree, above, (const uint8_t *)name->units, name->count);
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
	    store_facts_read(&walk->facts, mirror->from, mirror->store->current, mirror->letter, err) < 0)
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

static void count_file(struct walk *walk, uint32_t record)
{
	uint8_t bit = (uint8_t)(1u << record % 8);

	walk->part.report->names++;
	walk->part.report->files += !(walk->seen[record / 8] & bit);
	walk->seen[record / 8] |= bit;
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

int restore_mirror_plan(struct restore_mirror *mirror, struct error *err)
{
	struct walk walk = { .part = mirror->part, .mirror = mirror, .tree = &mirror->from->tree };
	size_t      records = walk.tree->inventory.count;
	int         status;

	walk.part.sibling = find_sibling;
	walk.part.alias = find_alias;
	walk.part.is_copy = find_copied;
	walk.part.copies = calloc(records, sizeof *walk.part.copies);
	walk.part.links = calloc(records, sizeof *walk.part.links);
	walk.seen = calloc(records / 8 + 1, 1);
	status = walk.part.copies && walk.part.links && walk.seen ? plan_all(&walk, err) : error_memory(err);
	free(walk.part.copies);
	free(walk.part.links);
	free(walk.seen);
	array_release(&walk.steps);
	array_release(&walk.facts);
	return status;
}
