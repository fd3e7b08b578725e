/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restore_folder.c - see restore_folder.h */
#include "recover/engine/restore_folder.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/engine/store_facts.h"
#include "recover/rebuild.h"

#include <ctype.h>
#include <search.h>
#include <string.h>

#define NOT_PLANNED UINT32_MAX
#define NOWHERE (UINT32_MAX - 1)

/* A path below a drive that the lists tell of. */
struct told_path {
	uint64_t            hash;   /* "C", then the path (restore_path_hash) */
	uint32_t            item;   /* of a directory */
	uint32_t            folder; /* of a directory: where it goes, NOT_PLANNED or NOWHERE */
	bool                filled; /* something is in it */
	struct ntfs3g_name *alias;  /* its 8.3 name, owned; NULL: none */
};

/* Paths by hash, a tree of tsearch(3). */
struct told {
	struct restore_folder *folder;
	struct restore_report *report;
	void                  *paths;
};

/* -------- paths -------- */

static int compare_path(const void *a, const void *b)
{
	const struct told_path *left = a, *right = b;

	return left->hash < right->hash ? -1 : left->hash > right->hash;
}

static void free_path(void *node)
{
	struct told_path *path = node;

	free(path->alias);
	free(path);
}

static struct told_path *find_path(const struct told *told, uint64_t hash)
{
	struct told_path         key = { .hash = hash };
	struct told_path *const *found = tfind(&key, &told->paths, compare_path);

	return found ? *found : NULL;
}

/* The path of that hash, made if it is new; NULL without memory. */
static struct told_path *add_path(struct told *told, uint64_t hash)
{
	struct told_path *path = find_path(told, hash);

	if (path)
		return path;
	path = calloc(1, sizeof *path);
	if (!path)
		return NULL;
	*path = (struct told_path){ .hash = hash, .item = NOTHING_KNOWN, .folder = NOT_PLANNED };
	if (tsearch(path, &told->paths, compare_path))
		return path;
	free(path);
	return NULL;
}

static uint64_t hash_letter(char letter)
{
	return restore_path_hash(RESTORE_ROOT_PATH, &letter, 1);
}

/* The drive of a name "File\C$\...", 0 if it has no place on any. */
static char letter_of(const struct case_name *name)
{
	return name->inside && name->path && strncmp(name->inside, "File\\", 5) == 0
		       ? (char)toupper((unsigned char)name->inside[5])
		       : 0;
}

/* The next component of a path: its length, 0 at the end. */
static size_t next_component(const char **at)
{
	*at += **at == '\\';
	return strcspn(*at, "\\");
}

/* The hashes of a path and of its directory. */
static void hash_of(char letter, const char *path, uint64_t *above, uint64_t *hash)
{
	size_t length;

	*hash = *above = hash_letter(letter);
	while ((length = next_component(&path))) {
		*above = *hash;
		*hash = restore_path_hash(*hash, path, length);
		path += length;
	}
}

/* -------- what the lists tell -------- */

/* Note a path, and that the directories above it have something in them.  @item is a directory's. */
static int note_path(struct told *told, char letter, const char *path, uint32_t item, struct error *err)
{
	uint64_t hash = hash_letter(letter);
	size_t   length;

	while ((length = next_component(&path))) {
		struct told_path *above = add_path(told, hash), *at;

		hash = restore_path_hash(hash, path, length);
		at = add_path(told, hash);
		if (!above || !at)
			return error_memory(err);
		above->filled = true;
		path += length;
		if (!*path && item != NOTHING_KNOWN)
			at->item = item;
	}
	return 0;
}

/* Note the 8.3 name beside a long name, the first one in the same directory. */
static int note_alias(struct told *told, const struct case_record *record, const struct case_name *dos,
		      struct error *err)
{
	const char        *last = dos->path ? strrchr(dos->path, '\\') : NULL;
	struct ntfs3g_name alias;
	uint64_t           above, hash;

	if (!last || !letter_of(dos) || ntfs3g_name(last + 1, strlen(last + 1), "", &alias) < 0 ||
	    alias.count > ALIAS_UNITS_MAX)
		return 0;
	hash_of(letter_of(dos), dos->path, &above, &hash);
	for (size_t i = 0; i < record->names.count; i++) {
		const struct case_name *name = &record->names.items[i];
		struct told_path       *path;
		uint64_t                other_above, other;

		if (name->dos || letter_of(name) != letter_of(dos))
			continue;
		hash_of(letter_of(name), name->path, &other_above, &other);
		path = other_above == above ? find_path(told, other) : NULL;
		if (!path || path->alias)
			continue;
		path->alias = malloc(sizeof *path->alias);
		if (!path->alias)
			return error_memory(err);
		*path->alias = alias;
		return 0;
	}
	return 0;
}

static int note_record(struct told *told, const struct case_record *record, uint32_t item, struct error *err)
{
	uint32_t directory = record->file.directory ? item : NOTHING_KNOWN;

	for (size_t i = 0; i < record->names.count; i++) {
		const struct case_name *name = &record->names.items[i];

		if (!name->dos && letter_of(name) &&
		    note_path(told, letter_of(name), name->path, directory, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < record->names.count; i++)
		if (record->names.items[i].dos && note_alias(told, record, &record->names.items[i], err) < 0)
			return -1;
	return 0;
}

/* -------- for the rules -------- */

static bool find_sibling(const struct restore_part *part, uint64_t above, const struct ntfs3g_name *name,
			 bool exact, uint32_t *item)
{
	char                    text[NAME_UTF8_MAX];
	size_t                  length = utf16_to_utf8((const uint8_t *)name->units, name->count, text);
	const struct told_path *path = above == RESTORE_NO_SIBLINGS
					       ? NULL
					       : find_path(part->context, restore_path_hash(above, text, length));

	(void)exact; /* those that differ in case are met when their turn comes */
	if (path)
		*item = path->item;
	return path != NULL;
}

static int find_alias(struct restore_part *part, uint64_t hash, struct ntfs3g_name *alias, struct error *err)
{
	const struct told_path *path = find_path(part->context, hash);

	(void)err;
	if (!path || !path->alias)
		return 0;
	*alias = *path->alias;
	return 1;
}

/* -------- directories -------- */

/* Plan a directory below one that is planned. */
static int plan_folder(struct restore_part *part, const struct told_path *above, struct told_path *path,
		       const char *text, size_t length, struct error *err)
{
	struct restore_name name = {
		.item = path->item, .above = above->hash, .folder = above->folder, .path = path->hash
	};
	int found = 0;

	if (above->folder != NOWHERE && ntfs3g_name(text, length, "", &name.name) == 0)
		found = restore_plan_folder(part, &name, path->filled, &path->folder, err);
	if (found == 0)
		path->folder = NOWHERE;
	return found < 0 ? -1 : 0;
}

/* Plan the directories of a path: those above its last component, or all. */
static int plan_way(struct restore_part *part, char letter, const char *path, bool all, uint32_t *folder,
		    const char **last, struct error *err)
{
	struct told      *told = part->context;
	struct told_path *at = add_path(told, hash_letter(letter));
	size_t            length;

	if (!at)
		return error_memory(err);
	at->folder = 0;
	while ((length = next_component(&path)) && (all || path[length])) {
		struct told_path *next = add_path(told, restore_path_hash(at->hash, path, length));

		if (!next)
			return error_memory(err);
		if (next->folder == NOT_PLANNED && plan_folder(part, at, next, path, length, err) < 0)
			return -1;
		at = next;
		path += length;
	}
	*folder = at->folder;
	*last = path;
	return 0;
}

/* -------- files -------- */

static bool has_key(const struct case_record *record)
{
	for (size_t i = 0; i < record->streams.count; i++)
		if (record->streams.items[i].type == ATTRIBUTE_LOGGED_STREAM &&
		    strcmp(record->streams.items[i].name, "$EFS") == 0)
			return true;
	return false;
}

/* What is added to the names of a file whose content is not simply itself. */
static void ending_of(const struct case_record *record, char ending[32])
{
	bool locked = record->file.attributes & FILE_IS_ENCRYPTED && !has_key(record);

	snprintf(ending, 32, "%s%s", locked ? ".encrypted" : "", rebuild_ending(record->file.grade));
}

/* Where a path goes: as *@to "C:\\...", to be freed; NULL: it stays, which is told. */
static int route_path(struct told *told, char letter, const char *path, char **to, struct error *err)
{
	CLEANUP(free_ptr) char *from = NULL;
	const char             *why = NULL;

	from = text_format("%c:%s", letter, path);
	if (!from)
		return error_memory(err);
	if (!told->folder->route) {
		*to = TAKE(from);
		return 0;
	}
	if (restore_route_path(told->folder->route, from, to, &why, err) < 0)
		return -1;
	return *to ? 0 : restore_note(&told->report->kept, TAKE(from), strdup(why), err);
}

/* The same for a file, and what the rules say of it. */
static int route_file(struct told *told, char letter, const char *path, struct placement *placement,
		      struct error *err)
{
	CLEANUP(free_ptr) char *to = NULL;

	if (route_path(told, letter, path, &to, err) < 0)
		return -1;
	if (!told->folder->route || !to) {
		placement->path = TAKE(to);
		return 0;
	}
	if (restore_route_place(told->folder->route, to, placement, err) < 0)
		return -1;
	return placement->path ? 0 : restore_note(&told->report->kept, TAKE(to), strdup(placement->why), err);
}

/* The part of the drive that a path "C:\\..." is on. */
static struct restore_part *part_of(struct told *told, const char *path)
{
	return &told->folder->parts[(unsigned)(toupper((unsigned char)*path) - 'A') % LETTERS];
}

static int plan_name(struct told *told, const struct case_record *record, const struct case_name *name,
		     uint32_t item, struct error *err)
{
	CLEANUP(placement_release) struct placement placement = { 0 };
	struct restore_name                         wanted = { .item = item };
	struct restore_part                        *part;
	char                                        ending[32];
	const char                                 *last;

	ending_of(record, ending);
	told->report->names++;
	if (route_file(told, letter_of(name), name->path, &placement, err) < 0)
		return -1;
	if (!placement.path)
		return 0;
	part = part_of(told, placement.path);
	if (plan_way(part, *placement.path, placement.path + 2, false, &wanted.folder, &last, err) < 0)
		return -1;
	if (wanted.folder == NOWHERE || ntfs3g_name(last, strlen(last), ending, &wanted.name) < 0)
		return 0; /* told with the directory */
	hash_of(letter_of(name), name->path, &wanted.above, &wanted.path);
	if (strcasecmp(placement.path + 2, name->path) != 0)
		wanted.above = RESTORE_NO_SIBLINGS;
	if (*ending)
		wanted.path = 0; /* no 8.3 name for what is not itself */
	wanted.merge = placement.merge;
	wanted.pattern = placement.pattern;
	wanted.drops = placement.drops;
	wanted.reserved = told->folder->route && restore_route_is_reserved(told->folder->route, placement.path);
	return restore_plan_file(part, &wanted, err);
}

static int plan_directory(struct told *told, const struct case_name *name, struct error *err)
{
	CLEANUP(free_ptr) char *to = NULL;
	const char             *last;
	uint32_t                folder;

	if (route_path(told, letter_of(name), name->path, &to, err) < 0)
		return -1;
	return to ? plan_way(part_of(told, to), *to, to + 2, true, &folder, &last, err) : 0;
}

static int tell(struct restore_notes *notes, const struct case_record *record, const char *text,
		struct error *err)
{
	const struct case_name *name = record->names.count ? &record->names.items[0] : NULL;
	char                   *path = NULL;

	if (name && letter_of(name) ? asprintf(&path, "%c:%s", letter_of(name), name->path) < 0
				    : asprintf(&path, "%s", name && name->inside ? name->inside : "?") < 0)
		path = NULL;
	return restore_note(notes, path, strdup(text), err);
}

static int plan_file(struct told *told, const struct case_record *record,
		     uint32_t item, struct error *err)
{
	bool any = false, marker = false;

	for (size_t i = 0; i < record->names.count; i++) {
		const struct case_name *name = &record->names.items[i];
		char                    letter = letter_of(name);

		marker =
			marker || (name->inside && !name->path && strncmp(name->inside, "orphans\\", 8) != 0);
		if (name->dos || !letter)
			continue;
		if (record->file.grade == GRADE_LOST)
			return tell(&told->report->left_out, record, "its content is lost", err);
		any = true;
		told->folder->used[letter - 'A'] = true;
		if (plan_name(told, record, name, item, err) < 0)
			return -1;
	}
	told->report->files += any;
	if (any && record->file.grade > GRADE_INTACT)
		return tell(&told->report->doubtful, record, grade_name(record->file.grade), err);
	if (any || marker)
		return 0;
	return tell(&told->report->left_out, record, "where it was is not known", err);
}

static int plan_record(struct told *told, const struct case_record *record,
		       uint32_t item, struct error *err)
{
	if (!record->file.directory)
		return plan_file(told, record, item, err);
	for (size_t i = 0; i < record->names.count; i++) {
		const struct case_name *name = &record->names.items[i];

		if (name->dos || !letter_of(name))
			continue;
		told->folder->used[letter_of(name) - 'A'] = true;
		if (plan_directory(told, name, err) < 0)
			return -1;
	}
	return 0;
}

/* -------- all of it -------- */

enum pass { PASS_NOTE, PASS_PLAN };

/* Go through the lists; a damaged line costs what it told. */
static int each_record(struct told *told, enum pass pass, struct error *err)
{
	const struct folder_origin *from = told->folder->from;
	const struct origin        *origin = &told->folder->parts[0].origins[told->folder->parts[0].from];
	size_t count = from->reader.files.entries.count + from->reader.folders.entries.count;

	for (uint32_t item = 0; item < count; item++) {
		struct case_record record = { 0 };
		int                status = origin->load(origin->context, item, &record, err);

		if (status == 0)
			status = pass == PASS_NOTE ? note_record(told, &record, item, err)
						   : plan_record(told, &record, item, err);
		else if (err->kind == ERROR_VALUE)
			status = pass == PASS_NOTE ? restore_note(&told->report->left_out, strdup(err->path),
								  strdup(err->text), err)
						   : 0;
		case_record_release(&record);
		if (status < 0)
			return -1;
	}
	return 0;
}

/* Lines that nothing could be made of. */
static int tell_damaged(struct told *told, const struct manifest_list *list, struct error *err)
{
	char *path = NULL, *text = NULL;

	if (!list->damaged)
		return 0;
	if (asprintf(&path, "%s/%s", told->folder->from->reader.path, list->name) < 0)
		path = NULL;
	if (asprintf(&text, "%s of its lines are damaged", text_count(list->damaged).text) < 0)
		text = NULL;
	return restore_note(&told->report->left_out, path, text, err);
}

static int tell_lists(struct told *told, struct error *err)
{
	const struct manifest_reader *reader = &told->folder->from->reader;

	return tell_damaged(told, &reader->files, err) < 0 ||
			       tell_damaged(told, &reader->sidecars, err) < 0 ||
			       tell_damaged(told, &reader->securities, err) < 0
		       ? -1
		       : 0;
}

static int init_parts(struct told *told, struct error *err)
{
	const struct manifest_reader *reader = &told->folder->from->reader;
	size_t                        items = reader->files.entries.count + reader->folders.entries.count;

	for (size_t i = 0; i < LETTERS; i++) {
		struct restore_part *part = &told->folder->parts[i];

		part->context = told;
		part->sibling = find_sibling;
		part->alias = find_alias;
		part->copies = calloc(items + 1, sizeof *part->copies);
		if (!part->copies)
			return error_memory(err);
	}
	return 0;
}

int restore_folder_plan(struct restore_folder *folder, struct error *err)
{
	struct told told = { .folder = folder, .report = folder->parts[0].report };
	int         status = init_parts(&told, err);

	if (status == 0)
		status = tell_lists(&told, err);
	if (status == 0)
		status = each_record(&told, PASS_NOTE, err);
	if (status == 0)
		status = each_record(&told, PASS_PLAN, err);
	for (size_t i = 0; i < LETTERS; i++)
		free(folder->parts[i].copies);
	tdestroy(told.paths, free_path);
	return status;
}
