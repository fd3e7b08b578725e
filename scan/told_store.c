/* SPDX-License-Identifier: GPL-3.0-or-later */
/* told_store.c - see told_store.h */
#include "scan/told_store.h"

#include "scan/layer.h"
#include "scan/old_table.h"

#include <string.h>

#define STORES_MAX 4096u

/* -------- parts -------- */

static void told_store_release(struct told_store *store)
{
	for (size_t i = 0; i < store->users.count; i++)
		free(store->users.items[i].name);
	array_release(&store->users);
	for (size_t i = 0; i < store->parts; i++)
		free(store->paths[i]);
	free(store->path);
}

/* Volumes as they are now, or shadow copies that were made together. */
static bool same_time(const struct layer *a, const struct layer *b)
{
	static const uint8_t unknown[sizeof a->set];

	if (!a || !b)
		return a == b;
	return memcmp(a->set, b->set, sizeof a->set) == 0 && memcmp(a->set, unknown, sizeof a->set) != 0;
}

/* The same store's part on an earlier volume: the same path, and no part of this volume in it yet. */
static struct told_store *find_told(struct told_stores *stores, const char *path, uint32_t volume,
				    const struct layer *shadow)
{
	for (size_t i = 0; i < stores->count; i++) {
		struct told_store *told = &stores->items[i];
		bool               here = told->row.orphans || told->past || told->parts == STORE_MIRRORS_MAX ||
			    !same_time(told->shadow, shadow);

		for (size_t j = 0; j < told->parts; j++)
			here = here || told->volumes[j] == volume;
		if (!here && strcasecmp(told->path, path) == 0 && path[1] != '$')
			return told;
	}
	return NULL;
}

static bool has_part_on(const struct told_store *told, uint32_t volume)
{
	for (size_t i = 0; i < told->parts; i++)
		if (told->volumes[i] == volume)
			return true;
	return false;
}

/* The id of the store that @fresh is in a shadow copy, as the volume has it or an older copy; 0 if there is none. */
static int64_t same_store(const struct told_stores *stores, const struct told_store *fresh)
{
	for (size_t i = 0; fresh->shadow && i < stores->count; i++) {
		const struct told_store *told = &stores->items[i];
		bool                     related = told->shadow ? told->shadow->of == fresh->shadow->of &&
								  fresh->shadow->of
								: has_part_on(told, fresh->shadow->of);

		if (related && !told->row.same_as && told->root == fresh->root && !told->row.orphans &&
		    strcasecmp(told->path, fresh->path) == 0)
			return (int64_t)i + 1;
	}
	return 0;
}

int told_stores_add_part(struct told_stores *all, const struct stores *stores, const struct store *part,
			 const struct volume *on, size_t *index, struct error *err)
{
	const struct layer *shadow = layer_shadow_of(on->evidence);
	uint32_t            volume = on->number;
	struct text_buffer path = { 0 };
	struct told_store *told;

	if (namespace_path(stores->space, part->root, &path, err) < 0) {
		array_release(&path);
		return -1;
	}
	told = part->orphans || volume_is_past(on) ? NULL : find_told(all, path.items, volume, shadow);
	if (!told) {
		struct told_store fresh = { .path = strdup(path.items),
					    .shadow = shadow,
					    .root = part->orphans ? 0 : namespace_ref(stores->space, part->root) };

		fresh.row.orphans = part->orphans;
		fresh.row.volume = volume;
		fresh.past = volume_is_past(on);
		if (fresh.path && !part->orphans) /* those of a copy are others than the volume's */
			fresh.row.same_as = same_store(all, &fresh);
		if (!fresh.path || all->count == STORES_MAX || !array_push(all, fresh)) {
			free(fresh.path);
			array_release(&path);
			return error_memory(err);
		}
		told = &all->items[all->count - 1];
	}
	told->volumes[told->parts] = volume;
	told->primaries[told->parts] = part->primary;
	told->paths[told->parts] = path.items; /* now the store's */
	told->parts++;
	if (part->primary)
		told->row.volume = volume;
	told->catalogued = told->catalogued || part->catalogued;
	told->primary = told->primary || part->primary;
	told->second_names = told->second_names || part->second_names;
	told->live_names += part->live_names;
	told->dead_names += part->dead_names;
	told->rooted = told->rooted || store_state(stores, part) != STORE_REMNANT;
	*index = (size_t)(told - all->items);
	return 0;
}

static enum store_state told_state(const struct told_store *told)
{
	if (told->row.orphans || !told->rooted)
		return STORE_REMNANT;
	if (!told->live_names || told->past)
		return STORE_DELETED;
	return told->dead_names ? STORE_PARTIAL : STORE_LIVE;
}

static enum store_kind told_kind(const struct told_store *told)
{
	if (told->catalogued)
		return STORE_HOLDFAST;
	return told->primary || told->second_names || told->row.orphans ? STORE_USMT : STORE_PLAIN;
}

int told_stores_write(struct told_stores *stores, struct casebook *book, struct error *err)
{
	for (size_t i = 0; i < stores->count; i++) {
		struct told_store *told = &stores->items[i];

		told->row.id = (int64_t)i + 1;
		told->row.path = told->path;
		told->row.kind = store_kind_name(told_kind(told));
		told->row.state = store_state_name(told_state(told));
		if (casebook_add_store(book, &told->row, err) < 0)
			return -1;
		for (size_t j = 0; j < told->parts; j++) {
			struct case_part part = { told->row.id, told->volumes[j], told->paths[j],
						  told->primaries[j] };

			if (casebook_add_part(book, &part, err) < 0)
				return -1;
		}
		for (size_t j = 0; j < told->users.count; j++) {
			struct told_user *user = &told->users.items[j];
			struct case_user  row = { told->row.id, user->name, user->files, user->bytes };

			if (casebook_add_user(book, &row, err) < 0)
				return -1;
		}
	}
	return 0;
}

/* -------- counting -------- */

const char *told_user_of(const char *inside, size_t *length)
{
	static const char *const folders[] = { "Users\\", "Documents and Settings\\" };
	const char              *rest, *end;

	if (strncmp(inside, "File\\", 5) != 0 || !inside[5] || inside[6] != '$' || inside[7] != '\\')
		return NULL;
	for (size_t i = 0; i < 2; i++) {
		if (strncasecmp(inside + 8, folders[i], strlen(folders[i])) != 0)
			continue;
		rest = inside + 8 + strlen(folders[i]);
		end = strchr(rest, '\\');
		if (!end)
			return NULL; /* a file beside the profiles */
		*length = (size_t)(end - rest);
		return rest;
	}
	return NULL;
}

static int count_user(struct told_store *told, const char *inside, uint64_t bytes, struct error *err)
{
	size_t           length;
	const char      *name = told_user_of(inside, &length);
	struct told_user user = { .files = 1, .bytes = bytes };

	if (!name)
		return 0;
	for (size_t i = 0; i < told->users.count; i++)
		if (strlen(told->users.items[i].name) == length &&
		    strncmp(told->users.items[i].name, name, length) == 0) {
			told->users.items[i].files++;
			told->users.items[i].bytes += bytes;
			return 0;
		}
	user.name = strndup(name, length);
	if (!user.name || !array_push(&told->users, user)) {
		free(user.name);
		return error_memory(err);
	}
	return 0;
}

int told_stores_count(struct told_stores *stores, size_t index, const struct case_record *record, bool only_here,
		      struct error *err)
{
	struct told_store      *told = &stores->items[index];
	const struct case_file *row = &record->file;
	const char             *first = NULL;
	uint64_t                names = 0, derived = 0;

	for (size_t i = 0; i < record->names.count; i++) {
		const struct case_name *name = &record->names.items[i];

		if (name->store != (int64_t)index + 1 || name->dos ||
		    (!told->row.orphans && strncmp(name->inside, "File\\", 5) != 0))
			continue;
		first = first ? first : name->inside;
		names++;
		derived += name->proof == PROOF_DERIVED;
	}
	if (row->directory) {
		told->row.directories++;
		return 0;
	}
	if (!names) {
		told->row.others++;
		return 0;
	}
	told->row.files++;
	told->row.names += names;
	told->row.derived_names += derived;
	told->row.bytes += row->size_bytes;
	told->row.grades[row->grade]++;
	if (only_here) {
		told->row.only_here++;
		told->row.only_here_bytes += row->size_bytes;
	}
	if (only_here && !row->live && row->grade != GRADE_LOST) {
		told->row.endangered++;
		told->row.endangered_bytes += row->size_bytes;
	}
	return count_user(told, first, row->size_bytes, err);
}

void told_stores_release(struct told_stores *stores)
{
	for (size_t i = 0; i < stores->count; i++)
		told_store_release(&stores->items[i]);
	array_release(stores);
}
