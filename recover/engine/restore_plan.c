/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restore_plan.c - see restore_plan.h */
#include "recover/engine/restore_plan.h"

#include "core/cleanup.h"
#include "recover/engine/copy.h"
#include "recover/engine/numbered_name.h"

#include <string.h>

uint64_t restore_path_hash(uint64_t above, const char *text, size_t length)
{
	uint64_t hash = (above ^ '\\') * 1099511628211u; /* FNV-1a */

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (uint8_t)text[i]) * 1099511628211u;
	return hash;
}

static const struct volume_tree *tree_of(const struct restore_part *part)
{
	return &part->to->volume->tree;
}

/* -------- telling -------- */

static char *name_text(const struct ntfs3g_name *name)
{
	char *text = malloc(NAME_UTF8_MAX);

	if (text)
		utf16_to_utf8((const uint8_t *)name->units, name->count, text);
	return text;
}

static int tell_renamed(struct restore_part *part, const struct restore_name *name,
			const struct ntfs3g_name *instead, struct error *err)
{
	return restore_note(&part->report->renamed, destination_path(part->to, name->folder, &name->name),
			    name_text(instead), err);
}

static int tell_left_out(struct restore_part *part, const struct restore_name *name, const char *why,
			 struct error *err)
{
	return restore_note(&part->report->left_out, destination_path(part->to, name->folder, &name->name),
			    strdup(why), err);
}

/* -------- what is free -------- */

static bool has_sibling(const struct restore_part *part, const struct restore_name *name,
			const struct ntfs3g_name *other, bool exact)
{
	uint32_t item;

	return part->sibling(part, name->above, other, exact, &item);
}

/* The @number-th name that a file or directory may get; 0 is its own. */
static void make_candidate(const struct restore_name *name, bool directory, unsigned number,
			   struct ntfs3g_name *candidate)
{
	if (name->merge == MERGE_PATTERN && number)
		numbered_name_of_pattern(&name->name, name->pattern, number, candidate);
	else
		numbered_name(&name->name, directory, number, candidate);
}

/*
 * Look at the @number-th name that @name may get: 1 if it can have it, 0 if @occupant has it, -1 (no error)
 * if it belongs to another.  Names that differ in case alone and stood side by side may do so again.
 */
static int look_at(const struct restore_part *part, const struct restore_name *name, bool directory,
		   unsigned number, struct ntfs3g_name *candidate, struct occupant *occupant)
{
	make_candidate(name, directory, number, candidate);
	if (!number && name->reserved)
		return -1;
	if (number && has_sibling(part, name, candidate, false))
		return -1;
	if (!destination_look(part->to, name->folder, candidate, occupant))
		return 1;
	return !number && !occupant->exact && has_sibling(part, name, &occupant->name, true);
}

/* What a rule removes gives its name up: 1 if the candidate is free then, 0, -1. */
static int make_free(struct restore_part *part, const struct restore_name *name, const struct ntfs3g_name *candidate,
		     struct occupant *occupant, struct error *err)
{
	if (destination_forget(part->to, occupant, err) < 0)
		return -1;
	return !destination_look(part->to, name->folder, candidate, occupant);
}

/* The 8.3 name of @name, where it is free. */
static int plan_alias(struct restore_part *part, const struct restore_name *name, struct error *err)
{
	struct ntfs3g_name alias;
	struct occupant    occupant;
	int                known = part->alias(part, name->path, &alias, err);

	if (known <= 0)
		return known;
	if (destination_look(part->to, name->folder, &alias, &occupant) ||
	    has_sibling(part, name, &alias, false))
		return 0;
	return destination_add(part->to, name->folder, &alias, ADD_ALIAS, 0, err);
}

/* "." and "..", which no volume has; a list that somebody wrote may. */
static bool is_dots(const struct ntfs3g_name *name)
{
	return name->count <= 2 && le16_to_cpu(name->units[0]) == '.' &&
	       le16_to_cpu(name->units[name->count - 1]) == '.';
}

/* -------- directories -------- */

/* 1 if the directory is a reparse point: what were put into it would be hidden. */
static int is_reparse_point(struct restore_part *part, uint32_t record, struct error *err)
{
	struct case_record loaded;
	int                status = work_volume_load(part->to->volume, record, &loaded, err);
	bool               found = false;

	for (size_t i = 0; status == 0 && i < loaded.streams.count; i++)
		found = found || loaded.streams.items[i].type == ATTRIBUTE_REPARSE_POINT;
	case_record_release(&loaded);
	return status < 0 ? -1 : found;
}

static bool is_among(const struct store_folders *folders, uint32_t record)
{
	for (size_t i = 0; i < folders->count; i++)
		if (folders->items[i].record == record)
			return true;
	return false;
}

/* A directory of the store itself: PATH\USMT and its like. */
static bool is_store(const struct state_store *store, uint32_t record)
{
	return store && (store->current == record || is_among(&store->older, record) ||
			 is_among(&store->unfinished, record));
}

/* May names be added to what was found there? */
static int may_enter(struct restore_part *part, const struct occupant *occupant, bool filled,
		     struct error *err)
{
	int hidden;

	if (occupant->alias || !destination_is_folder(part->to, occupant))
		return 0;
	if (occupant->entry != NO_ENTRY)
		return 1;
	if (occupant->record < FIRST_USER_RECORD || is_store(part->store, occupant->record))
		return 0;
	hidden = filled ? is_reparse_point(part, occupant->record, err) : 0;
	return hidden < 0 ? -1 : !hidden;
}

static int make_folder(struct restore_part *part, const struct restore_name *name,
		       const struct ntfs3g_name *candidate, unsigned number, uint32_t *folder,
		       struct error *err)
{
	if (number && tell_renamed(part, name, candidate, err) < 0)
		return -1;
	if (destination_make_folder(part->to, name->folder, candidate, part->from, name->item, folder, err) <
	    0)
		return -1;
	return !number && plan_alias(part, name, err) < 0 ? -1 : 1;
}

int restore_plan_folder(struct restore_part *part, const struct restore_name *name, bool filled,
			uint32_t *folder, struct error *err)
{
	if (is_dots(&name->name))
		return tell_left_out(part, name, "nothing can have that name", err);
	for (unsigned number = 0; number <= NUMBERED_NAME_MAX; number++) {
		struct ntfs3g_name candidate;
		struct occupant    occupant;
		int                free = look_at(part, name, true, number, &candidate, &occupant), enter;

		if (free < 0)
			continue;
		if (!free && occupant.doomed)
			free = make_free(part, name, &candidate, &occupant, err);
		if (free < 0)
			return -1;
		if (free)
			return make_folder(part, name, &candidate, number, folder, err);
		enter = may_enter(part, &occupant, filled, err);
		if (enter < 0)
			return -1;
		if (enter)
			return destination_enter(part->to, name->folder, &occupant, folder, err) < 0 ? -1 : 1;
	}
	return tell_left_out(part, name, "too many other things have its name", err);
}

/* -------- files -------- */

/* Does the file have a name in the directory that came from this one? */
static bool is_linked(const struct restore_part *part, const struct restore_name *name)
{
	const struct volume_tree *tree = tree_of(part);
	uint32_t                  directory = part->to->folders.items[name->folder].record, item;
	size_t                    count;
	const uint32_t           *names = volume_tree_names(tree, name->item, &count);

	for (size_t i = 0; i < count && directory != NO_TREE_RECORD; i++) {
		struct ntfs3g_name own;

		if (volume_tree_parent(tree, names[i]) != directory)
			continue;
		destination_tree_name(tree, names[i], &own);
		if (own.count == name->name.count &&
		    memcmp(own.units, name->name.units, own.count * sizeof(ntfschar)) == 0)
			return true;
		/* unless that name is to be restored itself */
		if (numbered_name_is_of(&own, &name->name, false, &tree->upcase) &&
		    !(part->sibling(part, name->above, &own, true, &item) && item == name->item))
			return true;
	}
	return false;
}

static int find_copy(struct restore_part *part, const struct restore_name *name, uint32_t *copy, struct error *err)
{
	uint32_t                item = name->item;
	struct destination_copy made = {
		.item = item, .entry = NO_ENTRY, .origin = part->from, .drops = (uint16_t)name->drops
	};

	if (!part->copies[item]) {
		if (!array_push(&part->to->copies, made))
			return error_memory(err);
		part->copies[item] = (uint32_t)part->to->copies.count;
	}
	*copy = part->copies[item] - 1;
	return 0;
}

/* 1 if what has the name is a copy of the file that was made before. */
static int is_copied(struct restore_part *part, const struct restore_name *name,
		     const struct occupant *occupant, struct error *err)
{
	const struct volume_tree *tree = tree_of(part);
	uint32_t                  copy;
	int                       same;

	if (occupant->record == NO_TREE_RECORD || volume_tree_is_directory(tree, occupant->record) ||
	    occupant->alias || occupant->record < FIRST_USER_RECORD ||
	    (part->from == part->here && occupant->record == name->item))
		return 0;
	copy = part->copies[name->item];
	if (copy && part->to->copies.items[copy - 1].ref == volume_tree_ref(tree, occupant->record))
		return 1;
	same = (name->drops & RULE_TIME_FIELDS ? copy_has_same_content : copy_is_same)(
		&part->origins[part->from], name->item, &part->origins[part->here], occupant->record, err);
	if (same <= 0)
		return same;
	if (find_copy(part, name, &copy, err) < 0)
		return -1;
	part->to->copies.items[copy].ref = volume_tree_ref(tree, occupant->record);
	return 1;
}

/* 1 if what has the name is the file itself, by whatever way it came or is to come there. */
static int is_itself(struct restore_part *part, const struct restore_name *name,
		     const struct occupant *occupant, bool linking, struct error *err)
{
	if (occupant->entry != NO_ENTRY) {
		const struct destination_entry *entry = &part->to->entries.items[occupant->entry];

		return (entry->kind == ADD_LINK && part->linking && entry->item == name->item) ||
		       (entry->kind == ADD_COPY && entry->item + 1 == part->copies[name->item]);
	}
	if (part->linking && occupant->record == name->item)
		return 1;
	if (linking) {
		int copy = part->is_copy(part, name->path, err);

		if (copy <= 0)
			return copy;
	}
	return is_copied(part, name, occupant, err);
}

static int add_file(struct restore_part *part, const struct restore_name *name,
		    const struct ntfs3g_name *candidate, unsigned number, bool linking, struct error *err)
{
	uint32_t item = name->item;

	part->report->shared += linking && name->drops;
	if (number && tell_renamed(part, name, candidate, err) < 0)
		return -1;
	if (!linking && find_copy(part, name, &item, err) < 0)
		return -1;
	if (destination_add(part->to, name->folder, candidate, linking ? ADD_LINK : ADD_COPY, item, err) < 0)
		return -1;
	return number ? 0 : plan_alias(part, name, err);
}

static int tell_kept(struct restore_part *part, const struct restore_name *name, struct error *err)
{
	return restore_note(&part->report->kept, destination_path(part->to, name->folder, &name->name),
			    strdup("a rule says that what is there already stays"), err);
}

/* Is there a file that a rule lets this one take the name from?  Files of the volume as it was read, no others. */
static bool may_replace(const struct restore_part *part, const struct restore_name *name,
			const struct occupant *occupant)
{
	return name->merge == MERGE_SOURCE && occupant->record != NO_TREE_RECORD && occupant->entry == NO_ENTRY &&
	       !occupant->alias && occupant->record >= FIRST_USER_RECORD &&
	       !volume_tree_is_directory(tree_of(part), occupant->record);
}

static int replace_file(struct restore_part *part, const struct restore_name *name,
			const struct occupant *occupant, bool linking, struct error *err)
{
	if (add_file(part, name, &name->name, 0, linking, err) < 0)
		return -1;
	return destination_replace(part->to, occupant, err) < 0 ||
			       restore_note(&part->report->replaced,
					    destination_path(part->to, name->folder, &name->name),
					    strdup("a rule says that the stored file takes the place of what was there"),
					    err) < 0
		       ? -1
		       : 0;
}

int restore_plan_file(struct restore_part *part, const struct restore_name *name, struct error *err)
{
	int linking = part->linking;

	if (is_dots(&name->name))
		return tell_left_out(part, name, "nothing can have that name", err);
	if (linking && is_linked(part, name)) {
		part->report->there++;
		return 0;
	}
	if (name->reserved && name->merge == MERGE_DESTINATION)
		return tell_kept(part, name, err);
	if (linking)
		linking = part->has_room(part, name->item, err);
	if (linking < 0)
		return -1;
	for (unsigned number = 0; number <= NUMBERED_NAME_MAX; number++) {
		struct ntfs3g_name candidate;
		struct occupant    occupant;
		int                free = look_at(part, name, false, number, &candidate, &occupant), same;

		if (free < 0)
			continue;
		if (free)
			return add_file(part, name, &candidate, number, linking, err);
		same = is_itself(part, name, &occupant, linking, err);
		if (same < 0)
			return -1;
		if (same) {
			destination_spare(part->to, &occupant);
			part->report->there++;
			return 0;
		}
		if (occupant.doomed)
			free = make_free(part, name, &candidate, &occupant, err);
		if (free)
			return free < 0 ? -1 : add_file(part, name, &candidate, number, linking, err);
		if (name->merge == MERGE_DESTINATION)
			return tell_kept(part, name, err);
		if (may_replace(part, name, &occupant))
			return replace_file(part, name, &occupant, linking, err);
	}
	return tell_left_out(part, name, "too many other files have its name", err);
}
