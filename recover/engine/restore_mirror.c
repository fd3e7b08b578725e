/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restore_mirror.c - see restore_mirror.h */
#include "recover/engine/restore_mirror.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/engine/restore_link.h"
#include "recover/engine/store_facts.h"

#include <ctype.h>
#include <string.h>

/* A directory of the mirror that is still to be gone through. */
struct step {
	uint32_t             record;
	struct restore_part *part;   /* of the drive that it goes to */
	uint32_t             folder; /* where it goes, in .part->to->folders */
	uint64_t             path;
	char                *where;  /* the same as a path, with a route only; owned */
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
	struct restore_mirror    *mirror;
	struct restore_part      *part; /* of the mirror's own drive */
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
	const struct walk       *walk = part->context;
	const struct tree_child *child =
		above == RESTORE_NO_SIBLINGS ? NULL
					     : volume_tree_child(walk->tree, (uint32_t)above,
								 (const uint8_t *)name->units, name->count);
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

	if (fact_of(part->context, path, &fact, err) < 0)
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

	if (fact_of(part->context, path, &fact, err) < 0)
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
	there = text_format("%s%s", walk->above.items, path->items);
	if (!there)
		return error_memory(err);
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
	struct walk *walk = part->context;
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
	walk->part->report->names++;
	walk->part->report->files += !(walk->seen[record] & SEEN);
	walk->seen[record] |= SEEN;
}

/* The part of the drive of a path "C:\\...". */
static struct restore_part *part_of(struct walk *walk, const char *path)
{
	struct restore_part *part = &walk->mirror->parts[(unsigned)(toupper((unsigned char)*path) - 'A') % LETTERS];

	return part->to == walk->part->to ? walk->part : part;
}

static int tell_unnamed(struct walk *walk, const char *path, struct error *err)
{
	return restore_note(&walk->part->report->left_out, strdup(path), strdup("nothing can have that name"), err);
}

/* Plan the folders of a path but its last component: 1 with *@folder and *@last, 0 if it can go nowhere (told), -1. */
static int plan_way(struct walk *walk, const char *path, uint32_t record, struct restore_name *name, const char **last,
		    struct error *err)
{
	struct restore_part *part = part_of(walk, path);
	struct restore_name  way = { .item = LIKE_NONE, .above = RESTORE_NO_SIBLINGS };
	const char          *at = path + 3, *next;

	for (; (next = strchr(at, '\\')); at = next + 1) {
		int found = ntfs3g_name(at, (size_t)(next - at), "", &way.name) < 0
				    ? tell_unnamed(walk, path, err)
				    : restore_plan_folder(part, &way, true, &way.folder, err);

		if (found <= 0)
			return found;
	}
	*last = at;
	*name = (struct restore_name){ .item = record, .above = RESTORE_NO_SIBLINGS, .folder = way.folder };
	return ntfs3g_name(at, strlen(at), "", &name->name) < 0 ? tell_unnamed(walk, path, err) : 1;
}

/* -------- one name of the mirror -------- */

static int tell_kept(struct walk *walk, const char *path, const char *why, struct error *err)
{
	return restore_note(&walk->part->report->kept, strdup(path), strdup(why), err);
}

/* A shortcut that is to lead somewhere: 1, 0 if it stays in the store (told), -1. */
static int screen_link(struct walk *walk, uint32_t record, const char *where, struct error *err)
{
	int relevant = restore_link_is_relevant(walk->mirror->from, record, where, walk->mirror->parts, err);

	return relevant ? relevant
			: tell_kept(walk, where, "what it leads to is not there (IgnoreIrrelevantLinks)", err);
}

/* A file that rules may send elsewhere; @where is its path without them. */
static int route_file(struct walk *walk, const struct step *step, struct restore_name *name, const char *where,
		      struct error *err)
{
	CLEANUP(placement_release) struct placement placement = { 0 };
	const char                                 *last;
	int                                         found = 1;

	if (restore_route_place(walk->mirror->route, where, &placement, err) < 0)
		return -1;
	if (placement.screened != walk->mirror->links)
		return 0;
	if (!placement.path)
		return tell_kept(walk, where, placement.why, err);
	if (placement.screened)
		found = screen_link(walk, name->item, where, err);
	if (found == 1 && strcasecmp(placement.path, where) != 0)
		found = plan_way(walk, placement.path, name->item, name, &last, err);
	if (found <= 0)
		return found;
	name->merge = placement.merge;
	name->pattern = placement.pattern;
	name->drops = placement.drops;
	name->reserved = restore_route_is_reserved(walk->mirror->route, placement.path);
	return restore_plan_file(strcasecmp(placement.path, where) == 0 ? step->part : part_of(walk, placement.path),
				 name, err);
}

/* A directory that goes elsewhere: 1 with *@next, 0 if it stays in the store or can go nowhere (told), -1. */
static int redirect_folder(struct walk *walk, const struct restore_redirect *redirect, struct step *next,
			   struct error *err)
{
	struct restore_name name;
	const char         *last;
	int                 found;

	if (!redirect->to && walk->mirror->links)
		return 0;
	if (!redirect->to)
		return tell_kept(walk, redirect->from, redirect->why, err);
	found = plan_way(walk, redirect->to, next->record, &name, &last, err);
	next->part = part_of(walk, redirect->to);
	free(next->where);
	next->where = strdup(redirect->to);
	if (!next->where)
		return error_memory(err);
	return found <= 0 ? found : restore_plan_folder(next->part, &name, true, &next->folder, err);
}

static int plan_directory(struct walk *walk, const struct step *step, struct restore_name *name, struct step *next,
			  struct error *err)
{
	const struct restore_redirect *redirect =
		next->where ? restore_route_at(walk->mirror->route, next->where) : NULL;
	size_t filled;
	int    found;

	(void)volume_tree_children(walk->tree, next->record, &filled);
	next->part = step->part;
	found = redirect ? redirect_folder(walk, redirect, next, err)
			 : restore_plan_folder(step->part, name, filled > 0, &next->folder, err);
	if (found == 1 && array_push(&walk->steps, *next)) {
		next->where = NULL; /* the step has it */
		return 0;
	}
	return found == 1 ? error_memory(err) : found;
}

static void step_release(struct step *step)
{
	free(step->where);
}

static int plan_child(struct walk *walk, const struct step *step, const struct tree_child *child,
		      struct error *err)
{
	const struct name_row *row = &walk->tree->inventory.names.items[child->name];
	struct restore_name name = { .item = child->record, .above = step->record, .folder = step->folder };
	char                text[NAME_UTF8_MAX];
	CLEANUP(step_release) struct step next = { .record = child->record };
	size_t              length;

	if (row->space == NAME_DOS)
		return 0;
	destination_tree_name(walk->tree, child->name, &name.name);
	length = utf16_to_utf8((const uint8_t *)name.name.units, name.name.count, text);
	name.path = next.path = restore_path_hash(step->path, text, length);
	if (step->where && asprintf(&next.where, "%s\\%s", step->where, text) < 0) {
		next.where = NULL;
		return error_memory(err);
	}
	if (volume_tree_is_directory(walk->tree, child->record))
		return plan_directory(walk, step, &name, &next, err);
	if (!walk->mirror->links)
		count_file(walk, child->record);
	return next.where ? route_file(walk, step, &name, next.where, err)
			  : restore_plan_file(step->part, &name, err);
}

static int plan_children(struct walk *walk, const struct step *step, struct error *err)
{
	size_t                   count;
	const struct tree_child *children = volume_tree_children(walk->tree, step->record, &count);

	for (size_t i = 0; i < count; i++)
		if (plan_child(walk, step, &children[i], err) < 0)
			return -1;
	return 0;
}

static int plan_all(struct walk *walk, struct error *err)
{
	struct step root = { .record = walk->mirror->record, .part = walk->part, .path = RESTORE_ROOT_PATH };

	if (walk->mirror->route && asprintf(&root.where, "%c:", walk->mirror->letter) < 0)
		root.where = NULL;
	if ((walk->mirror->route && !root.where) || !array_push(&walk->steps, root)) {
		free(root.where);
		return error_memory(err);
	}
	while (walk->steps.count) {
		CLEANUP(step_release) struct step step = walk->steps.items[--walk->steps.count];

		if (plan_children(walk, &step, err) < 0)
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

/* The functions of every part, and room for what is copied to its drive. */
static int init_parts(struct walk *walk, struct error *err)
{
	for (size_t i = 0; i < LETTERS; i++) {
		struct restore_part *part = &walk->mirror->parts[i];

		part->context = walk;
		part->sibling = find_sibling;
		part->has_room = has_room;
		part->alias = find_alias;
		part->is_copy = find_copied;
		if (!walk->mirror->route && part != walk->part)
			continue;
		part->copies = calloc(walk->tree->inventory.count, sizeof *part->copies);
		if (!part->copies)
			return error_memory(err);
	}
	return 0;
}

int restore_mirror_plan(struct restore_mirror *mirror, struct error *err)
{
	struct walk walk = { .mirror = mirror, .tree = &mirror->from->tree, .part = &mirror->parts[mirror->letter - 'A'] };
	int         status = init_parts(&walk, err);

	walk.seen = calloc(walk.tree->inventory.count, 1);
	if (status == 0 && !walk.seen)
		status = error_memory(err);
	if (status == 0)
		status = find_above(&walk, err);
	if (status == 0)
		status = plan_all(&walk, err);
	for (size_t i = 0; i < LETTERS; i++)
		free(mirror->parts[i].copies);
	free(walk.seen);
	for (size_t i = 0; i < walk.steps.count; i++)
		free(walk.steps.items[i].where);
	array_release(&walk.steps);
	array_release(&walk.above);
	array_release(&walk.facts);
	return status;
}
