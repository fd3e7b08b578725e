/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_facts.c - see store_facts.h */
#include "recover/engine/store_facts.h"

#include "core/cleanup.h"
#include "recover/engine/restore_plan.h"

#include <string.h>

static uint64_t hash_path(const char *path)
{
	uint64_t hash = RESTORE_ROOT_PATH;

	for (path += *path == '\\'; *path; path += *path == '\\') {
		size_t length = strcspn(path, "\\");

		hash = restore_path_hash(hash, path, length);
		path += length;
	}
	return hash;
}

static size_t directory_length(const char *path)
{
	const char *last = strrchr(path, '\\');

	return last ? (size_t)(last - path) : 0;
}

/* The long name in the same directory as the 8.3 name @dos, or NULL. */
static const struct case_name *long_name_of(const struct case_record *record, const struct case_name *dos)
{
	size_t length = directory_length(dos->path);

	for (size_t i = 0; i < record->names.count; i++) {
		const struct case_name *name = &record->names.items[i];

		if (!name->dos && directory_length(name->path) == length &&
		    memcmp(name->path, dos->path, length) == 0)
			return name;
	}
	return NULL;
}

static int add_alias(struct store_facts *facts, const struct case_record *record, const struct case_name *dos,
		     struct error *err)
{
	const struct case_name *of = long_name_of(record, dos);
	const char             *last = dos->path + directory_length(dos->path) + 1;
	struct store_fact       fact = { 0 };
	struct ntfs3g_name      alias;

	if (!of || dos->path[0] != '\\' || ntfs3g_name(last, strlen(last), "", &alias) < 0 ||
	    alias.count > ALIAS_UNITS_MAX)
		return 0;
	fact.path = hash_path(of->path);
	fact.units = alias.count;
	memcpy(fact.alias, alias.units, alias.count * sizeof(ntfschar));
	return array_push(facts, fact) ? 0 : error_memory(err);
}

static int add_entry(struct store_facts *facts, const struct catalogue_entry *entry, struct error *err)
{
	for (size_t i = 0; i < entry->record.names.count; i++) {
		const struct case_name *name = &entry->record.names.items[i];

		if (name->dos && add_alias(facts, &entry->record, name, err) < 0)
			return -1;
		if (!name->dos && entry->copied &&
		    !array_push(facts, (struct store_fact){ .path = hash_path(name->path), .copied = true }))
			return error_memory(err);
	}
	return 0;
}

static int compare_fact(const void *a, const void *b)
{
	const struct store_fact *left = a, *right = b;

	return left->path < right->path ? -1 : left->path > right->path;
}

/* One fact a path: the 8.3 name, and whether it is a copy. */
static void merge_facts(struct store_facts *facts)
{
	size_t kept = 0;

	if (facts->count)
		qsort(facts->items, facts->count, sizeof *facts->items, compare_fact);
	for (size_t i = 0; i < facts->count; i++) {
		struct store_fact fact = facts->items[i];

		if (!kept || facts->items[kept - 1].path != fact.path) {
			facts->items[kept++] = fact;
			continue;
		}
		fact.copied = fact.copied || facts->items[kept - 1].copied;
		facts->items[kept - 1].copied = fact.copied;
		if (!facts->items[kept - 1].units)
			facts->items[kept - 1] = fact;
	}
	facts->count = kept;
}

static int read_entries(struct store_facts *facts, struct catalogue_file *file, struct error *err)
{
	for (;;) {
		struct catalogue_entry entry = { 0 };
		int                    got = catalogue_file_next(file, &entry, err);

		if (got == 1)
			got = add_entry(facts, &entry, err) < 0 ? -1 : 1;
		catalogue_entry_release(&entry);
		if (got != 1)
			return got;
	}
}

int store_facts_read(struct store_facts *facts, struct work_volume *volume, uint32_t store_folder,
		     char letter, struct error *err)
{
	CLEANUP(free_ptr) struct store_catalogue *catalogue = calloc(1, sizeof *catalogue);
	int                                       result;

	if (!catalogue)
		return error_memory(err);
	result = store_catalogue_open(catalogue, volume, store_folder, err);
	if (result == 1 && catalogue->file.header.letter == letter)
		result = read_entries(facts, &catalogue->file, err);
	store_catalogue_close(catalogue);
	if (result < 0 && err->kind != ERROR_MEMORY)
		result = 0; /* it costs 8.3 names, no files */
	merge_facts(facts);
	return result < 0 ? -1 : 0;
}

const struct store_fact *store_facts_find(const struct store_facts *facts, uint64_t path)
{
	struct store_fact key = { .path = path };

	if (!facts->count)
		return NULL;
	return bsearch(&key, facts->items, facts->count, sizeof key, compare_fact);
}
