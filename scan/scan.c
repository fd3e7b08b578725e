/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scan.c - see scan.h */
#include "scan/scan.h"

#include "core/cleanup.h"
#include "core/progress.h"
#include "core/utf16.h"
#include "scan/security_table.h"
#include "scan/store.h"
#include "scan/volume_state.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#define BATCH_NODES      512u         /* files that a worker decodes before it hands them over */
#define BITMAP_RECORD    6u
#define STORES_MAX       4096u

/* -------- stores over all volumes -------- */

struct user {
	char    *name;
	uint64_t files, bytes;
};

struct users ARRAY(struct user);

/* One store as it is told: the parts of all volumes together. */
struct told_store {
	struct case_store row;
	char             *path;
	bool              catalogued, primary, second_names;
	uint64_t          live_names, dead_names;
	bool              rooted;     /* some part has a way to the root */
	uint32_t          volumes[STORE_MIRRORS_MAX]; /* numbers */
	char             *paths[STORE_MIRRORS_MAX];
	bool              primaries[STORE_MIRRORS_MAX];
	size_t            parts;
	struct users      users;
};

struct told_stores ARRAY(struct told_store);

struct id_list ARRAY(uint32_t);

/* The scan as a whole. */
struct scan {
	const struct scan_options *options;
	struct casebook           *book;
	struct findings            findings;
	struct told_stores         stores;
	int64_t                    next_file;
};

/* One volume while it is scanned. */
struct volume_scan {
	struct scan         *scan;
	const struct volume *volume;
	struct inventory     inventory;
	struct extensions    extensions;
	struct ownership     ownership;
	struct namespace     space;
	struct stores        stores;
	size_t              *told;        /* index in scan->stores of each of .stores */
	struct node_list     nodes;       /* that are written down, in order */
	struct node_list     beside;      /* subset: user data outside stores */
	struct id_list       security_ids;

	/* the workers' */
	_Atomic size_t       next_batch;
	size_t               turn;        /* batch whose results go into the casebook next */
	pthread_mutex_t      lock;
	pthread_cond_t       turned;
	_Atomic bool         failed;
	struct error         err;
	struct progress      progress;
};

static void told_store_release(struct told_store *store)
{
	for (size_t i = 0; i < store->users.count; i++)
		free(store->users.items[i].name);
	array_release(&store->users);
	for (size_t i = 0; i < store->parts; i++)
		free(store->paths[i]);
	free(store->path);
}

/* The same store's part on an earlier volume: the same path, and no part of this volume in it yet. */
static struct told_store *find_told(struct scan *scan, const char *path, uint32_t volume)
{
	for (size_t i = 0; i < scan->stores.count; i++) {
		struct told_store *told = &scan->stores.items[i];
		bool               here = told->row.orphans || told->parts == STORE_MIRRORS_MAX;

		for (size_t j = 0; j < told->parts; j++)
			here = here || told->volumes[j] == volume;
		if (!here && strcasecmp(told->path, path) == 0 && path[1] != '$')
			return told;
	}
	return NULL;
}

static int tell_store(struct volume_scan *vs, const struct store *store, size_t *index, struct error *err)
{
	struct scan       *scan = vs->scan;
	struct text_buffer path = { 0 };
	struct told_store *told;

	if (namespace_path(&vs->space, store->root, &path, err) < 0) {
		array_release(&path);
		return -1;
	}
	told = store->orphans ? NULL : find_told(scan, path.items, vs->volume->number);
	if (!told) {
		struct told_store fresh = { .path = strdup(path.items) };

		fresh.row.orphans = store->orphans;
		fresh.row.volume = vs->volume->number;
		if (!fresh.path || scan->stores.count == STORES_MAX || !array_push(&scan->stores, fresh)) {
			free(fresh.path);
			array_release(&path);
			return error_memory(err);
		}
		told = &scan->stores.items[scan->stores.count - 1];
	}
	told->volumes[told->parts] = vs->volume->number;
	told->primaries[told->parts] = store->primary;
	told->paths[told->parts] = path.items; /* now the store's */
	told->parts++;
	if (store->primary)
		told->row.volume = vs->volume->number;
	told->catalogued = told->catalogued || store->catalogued;
	told->primary = told->primary || store->primary;
	told->second_names = told->second_names || store->second_names;
	told->live_names += store->live_names;
	told->dead_names += store->dead_names;
	told->rooted = told->rooted || store_state(&vs->stores, store) != STORE_REMNANT;
	*index = (size_t)(told - scan->stores.items);
	return 0;
}

static enum store_state told_state(const struct told_store *told)
{
	if (told->row.orphans || !told->rooted)
		return STORE_REMNANT;
	if (!told->live_names)
		return STORE_DELETED;
	return told->dead_names ? STORE_PARTIAL : STORE_LIVE;
}

static enum store_kind told_kind(const struct told_store *told)
{
	if (told->catalogued)
		return STORE_HOLDFAST;
	return told->primary || told->second_names || told->row.orphans ? STORE_USMT : STORE_PLAIN;
}

/* Stores and their parts and users into the casebook, when all volumes are through. */
static int write_stores(struct scan *scan, struct error *err)
{
	for (size_t i = 0; i < scan->stores.count; i++) {
		struct told_store *told = &scan->stores.items[i];

		told->row.id = (int64_t)i + 1;
		told->row.path = told->path;
		told->row.kind = store_kind_name(told_kind(told));
		told->row.state = store_state_name(told_state(told));
		if (casebook_add_store(scan->book, &told->row, err) < 0)
			return -1;
		for (size_t j = 0; j < told->parts; j++) {
			struct case_part part = { told->row.id, told->volumes[j], told->paths[j],
						  told->primaries[j] };

			if (casebook_add_part(scan->book, &part, err) < 0)
				return -1;
		}
		for (size_t j = 0; j < told->users.count; j++) {
			struct user     *user = &told->users.items[j];
			struct case_user row = { told->row.id, user->name, user->files, user->bytes };

			if (casebook_add_user(scan->book, &row, err) < 0)
				return -1;
		}
	}
	return 0;
}

/* -------- one file, written down -------- */

/* What a worker makes of one node before its turn to write comes. */
struct told_file {
	struct case_record record;
	struct members {
		size_t store;     /* in scan->stores */
		bool   only_here;
	}     *members;
	size_t member_count;
	bool   beside;
};

struct told_files ARRAY(struct told_file);

struct worker {
	struct volume_scan *vs;
	struct file_reader  reader;
	struct hard_links   links;
	struct text_buffer  path, inside; /* of the directory seen last */
	uint32_t            path_of;      /* that directory */
	uint32_t            store_of;     /* and its store */
	struct told_files   files;
};

static void told_file_release(struct told_file *file)
{
	free(file->members);
	case_record_release(&file->record);
}

static bool buffer_add(struct text_buffer *buffer, const char *text)
{
	size_t length = strlen(text);

	while (buffer->capacity - buffer->count <= length)
		if (!array_grow((void **)&buffer->items, buffer->capacity, &buffer->capacity, 1))
			return false;
	memcpy(buffer->items + buffer->count, text, length + 1);
	buffer->count += length;
	return true;
}

/* Where a directory of a store lies in a rebuilt one: "File\C$\Users\a", "" for the root. */
static int inside_path(struct volume_scan *vs, const struct store *store, uint32_t node,
		       struct text_buffer *inside, struct error *err)
{
	const struct inventory *inventory = &vs->inventory;
	uint32_t                way[PATH_DEPTH_MAX + 1], depth = 0;
	char                    text[NAME_UTF8_MAX + 1];

	inside->count = 0;
	while (node != store->root || store->mirror_count) {
		const struct store_mirror *mirror = NULL;

		for (size_t i = 0; i < store->mirror_count; i++)
			if (store->mirrors[i].node == node)
				mirror = &store->mirrors[i];
		if (mirror) {
			snprintf(text, sizeof text, "File\\%c$", mirror->letter);
			if (!buffer_add(inside, text))
				return error_memory(err);
			break;
		}
		if (node == store->root || depth > PATH_DEPTH_MAX || vs->space.nodes.items[node].name == NO_NAME)
			break;
		way[depth++] = node;
		node = vs->space.nodes.items[node].parent;
	}
	if (!inside->count && !buffer_add(inside, ""))
		return error_memory(err);
	while (depth) {
		const struct name_row *row = &inventory->names.items[vs->space.nodes.items[way[--depth]].name];

		text[0] = '\\';
		utf16_to_utf8(inventory_text(inventory, row), row->units, text + 1);
		if (!buffer_add(inside, inside->count ? text : text + 1))
			return error_memory(err);
	}
	return 0;
}

/* The paths of the directory that a name stands in; kept for the next name. */
static int find_directory(struct worker *worker, uint32_t node, struct error *err)
{
	struct volume_scan *vs = worker->vs;

	if (worker->path.count && worker->path_of == node)
		return 0;
	worker->path_of = node;
	worker->store_of = stores_of(&vs->stores, node);
	if (namespace_path(&vs->space, node, &worker->path, err) < 0)
		return -1;
	worker->inside.count = 0;
	if (worker->store_of != NO_STORE)
		return inside_path(vs, &vs->stores.list.items[worker->store_of], node, &worker->inside, err);
	return 0;
}

/* @directory\@name, to be freed. */
static char *join(const char *directory, const char *name)
{
	char *joined;
	bool  bare = !*directory || directory[strlen(directory) - 1] == '\\';

	return asprintf(&joined, "%s%s%s", directory, bare ? "" : "\\", name) < 0 ? NULL : joined;
}

/* An orphan's place in a rebuilt store: what follows \$Orphans in its path, below orphans. */
static char *orphan_inside(const char *path)
{
	char *inside;

	return asprintf(&inside, "orphans%s", path + strlen("\\" ORPHANS_NAME)) < 0 ? NULL : inside;
}

static int tell_name(struct worker *worker, const struct hard_link *link, struct told_file *file,
		     bool orphan, size_t orphan_store, struct error *err)
{
	struct volume_scan     *vs = worker->vs;
	const struct name_row  *row = &vs->inventory.names.items[link->name];
	struct case_name        name = { .proof = link->proof, .live = link->live, .dos = link->dos };
	CLEANUP(free_ptr) char *path = NULL, *inside = NULL;
	char                    text[NAME_UTF8_MAX];

	if (find_directory(worker, link->parent, err) < 0)
		return -1;
	utf16_to_utf8(inventory_text(&vs->inventory, row), row->units, text);
	name.parent = namespace_ref(&vs->space, link->parent);
	name.path = path = join(worker->path.items, text);
	if (worker->store_of != NO_STORE) {
		name.store = (int64_t)vs->told[worker->store_of] + 1;
		inside = join(worker->inside.items, text);
	} else if (orphan && path) {
		name.store = (int64_t)orphan_store + 1;
		inside = orphan_inside(path);
	}
	name.inside = inside;
	if (!path || (name.store && !inside))
		return error_memory(err);
	return case_record_add_name(&file->record, name, err);
}

/* A file whose every name is lost is called by its record. */
static int tell_no_name(file_ref ref, struct told_file *file, size_t orphan_store, struct error *err)
{
	CLEANUP(free_ptr) char *inside = NULL;
	char                    path[64];

	snprintf(path, sizeof path, "\\" ORPHANS_NAME "\\unnamed-%" PRIu64 "-%u", file_ref_record(ref),
		 file_ref_sequence(ref));
	inside = orphan_inside(path);
	if (!inside)
		return error_memory(err);
	return case_record_add_name(&file->record,
				    (struct case_name){ .store = (int64_t)orphan_store + 1,
							.path = path,
							.inside = inside,
							.proof = PROOF_GUESSED },
				    err);
}

static int tell_content(struct worker *worker, uint32_t node, struct told_file *told, struct error *err)
{
	struct volume_scan *vs = worker->vs;
	struct file         file = { .ref = namespace_ref(&vs->space, node) };
	int                 result = 0;

	if (node < vs->inventory.count)
		result = file_load(&worker->reader, node, &file, err);
	if (result == 0)
		result = case_record_take(&told->record, &file, vs->volume, &vs->ownership, err);
	file_release(&file);
	return result;
}

static const struct store_member *members_of(const struct stores *stores, uint32_t node, size_t *count)
{
	size_t low = 0, high = stores->members.count, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (stores->members.items[middle].node < node)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < stores->members.count && stores->members.items[end].node == node; end++)
		;
	*count = end - low;
	return stores->members.items + low;
}

static bool is_listed(const struct node_list *sorted, uint32_t node)
{
	size_t low = 0, high = sorted->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (sorted->items[middle] < node)
			low = middle + 1;
		else
			high = middle;
	}
	return low < sorted->count && sorted->items[low] == node;
}

static int tell_file(struct worker *worker, uint32_t node, struct told_file *told, struct error *err)
{
	struct volume_scan        *vs = worker->vs;
	const struct store_member *members = members_of(&vs->stores, node, &told->member_count);
	size_t                     orphan_store = 0;
	bool                       orphan = false;

	told->beside = is_listed(&vs->beside, node);
	told->members = calloc(told->member_count + 1, sizeof *told->members);
	if (!told->members)
		return error_memory(err);
	for (size_t i = 0; i < told->member_count; i++) {
		told->members[i].store = vs->told[members[i].store];
		told->members[i].only_here = members[i].only_here;
		if (vs->stores.list.items[members[i].store].orphans) {
			orphan = true;
			orphan_store = told->members[i].store;
		}
	}
	if (tell_content(worker, node, told, err) < 0 ||
	    namespace_links(&vs->space, node, &worker->links, err) < 0)
		return -1;
	for (size_t i = 0; i < worker->links.count; i++)
		if (tell_name(worker, &worker->links.items[i], told, orphan, orphan_store, err) < 0)
			return -1;
	if (orphan && !worker->links.count &&
	    tell_no_name(namespace_ref(&vs->space, node), told, orphan_store, err) < 0)
		return -1;
	case_record_settle(&told->record);
	case_record_judge(&told->record);
	return 0;
}

/* -------- counting, in turn -------- */

/* The profile folder's name in "File\C$\Users\name\...", its length in *@length; NULL if there is none. */
static const char *user_of(const char *inside, size_t *length)
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
	size_t      length;
	const char *name = user_of(inside, &length);
	struct user user = { .files = 1, .bytes = bytes };

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

/* Add one file to the counts of one store. */
static int count_file(struct told_store *told, int64_t store, const struct told_file *file, bool only_here,
		      struct error *err)
{
	const struct case_file *row = &file->record.file;
	const char             *first = NULL;
	uint64_t                names = 0, derived = 0;

	for (size_t i = 0; i < file->record.names.count; i++) {
		const struct case_name *name = &file->record.names.items[i];

		if (name->store != store || name->dos ||
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

static int write_file(struct volume_scan *vs, struct told_file *file, struct error *err)
{
	struct scan *scan = vs->scan;
	bool         wanted = !scan->options->summary || (!file->record.file.directory &&
							  file->record.file.grade != GRADE_INTACT);

	file->record.file.id = ++scan->next_file;
	if (wanted && casebook_add_file(scan->book, &file->record, err) < 0)
		return -1;
	if (wanted && file->beside &&
	    casebook_add_member(scan->book, CASE_BESIDE, scan->next_file, false, err) < 0)
		return -1;
	for (size_t i = 0; i < file->member_count; i++) {
		struct told_store *told = &scan->stores.items[file->members[i].store];
		int64_t            id = (int64_t)file->members[i].store + 1;

		if (wanted && casebook_add_member(scan->book, id, scan->next_file, file->members[i].only_here,
						  err) < 0)
			return -1;
		if (count_file(told, id, file, file->members[i].only_here, err) < 0)
			return -1;
	}
	if (file->record.file.security_id && wanted &&
	    (!vs->security_ids.count ||
	     vs->security_ids.items[vs->security_ids.count - 1] != file->record.file.security_id) &&
	    !array_push(&vs->security_ids, file->record.file.security_id))
		return error_memory(err);
	return 0;
}

/* -------- the workers -------- */

static int tell_batch(struct worker *worker, size_t first, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		if (!array_push(&worker->files, (struct told_file){ 0 }))
			return error_memory(err);
		if (tell_file(worker, worker->vs->nodes.items[first + i],
			      &worker->files.items[worker->files.count - 1], err) < 0)
			return -1;
	}
	return 0;
}

/* Wait for this batch's turn, then write it: the casebook's order is the table's. */
static int write_batch(struct worker *worker, size_t batch, struct error *err)
{
	struct volume_scan *vs = worker->vs;
	int                 result = 0;

	pthread_mutex_lock(&vs->lock);
	while (vs->turn != batch && !vs->failed)
		pthread_cond_wait(&vs->turned, &vs->lock);
	pthread_mutex_unlock(&vs->lock);
	for (size_t i = 0; result == 0 && !vs->failed && i < worker->files.count; i++)
		result = write_file(vs, &worker->files.items[i], err);
	pthread_mutex_lock(&vs->lock);
	vs->turn++;
	pthread_cond_broadcast(&vs->turned);
	pthread_mutex_unlock(&vs->lock);
	return result;
}

static void forget_files(struct worker *worker)
{
	for (size_t i = 0; i < worker->files.count; i++)
		told_file_release(&worker->files.items[i]);
	worker->files.count = 0;
}

static void *tell_worker(void *argument)
{
	struct volume_scan *vs = argument;
	struct worker       worker = { .vs = vs };
	struct error        err;
	int                 result = file_reader_init(&worker.reader, &vs->inventory, &vs->extensions, &err);

	while (result == 0 && !vs->failed) {
		size_t batch = vs->next_batch++, first = batch * BATCH_NODES;
		size_t count = first < vs->nodes.count ? vs->nodes.count - first : 0;

		if (!count)
			break;
		if (count > BATCH_NODES)
			count = BATCH_NODES;
		result = tell_batch(&worker, first, count, &err);
		if (result == 0)
			result = write_batch(&worker, batch, &err);
		forget_files(&worker);
		progress_add(&vs->progress, count);
	}
	forget_files(&worker);
	if (result < 0) {
		pthread_mutex_lock(&vs->lock);
		if (!vs->failed)
			vs->err = err;
		vs->failed = true;
		pthread_cond_broadcast(&vs->turned);
		pthread_mutex_unlock(&vs->lock);
	}
	file_reader_release(&worker.reader);
	array_release(&worker.links);
	array_release(&worker.path);
	array_release(&worker.inside);
	array_release(&worker.files);
	return NULL;
}

static int tell_all(struct volume_scan *vs, struct error *err)
{
	pthread_t workers[16];
	unsigned  started = 0;

	pthread_mutex_init(&vs->lock, NULL);
	pthread_cond_init(&vs->turned, NULL);
	progress_start(&vs->progress, "grading files", vs->nodes.count, PROGRESS_ITEMS);
	while (started + 1 < vs->scan->options->threads && started < sizeof workers / sizeof workers[0] &&
	       pthread_create(&workers[started], NULL, tell_worker, vs) == 0)
		started++;
	tell_worker(vs);
	while (started)
		pthread_join(workers[--started], NULL);
	progress_end(&vs->progress);
	pthread_mutex_destroy(&vs->lock);
	pthread_cond_destroy(&vs->turned);
	if (vs->failed) {
		*err = vs->err;
		return -1;
	}
	return 0;
}

/* -------- security descriptors -------- */

static int compare_id(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* Look up the descriptors that the files written down refer to. */
static int tell_security(struct volume_scan *vs, struct file_reader *reader, struct error *err)
{
	CLEANUP(security_table_release) struct security_table table = { 0 };
	struct id_list                                       *ids = &vs->security_ids;
	int                                                   got;

	if (!ids->count)
		return 0;
	got = security_table_read(&table, reader, err);
	if (got < 0)
		return -1;
	if (got == 0)
		findings_add(&vs->scan->findings, (struct finding){ FINDING_SECURITY_UNREADABLE,
								   vs->volume->number, SECURE_RECORD, NO_OFFSET, 0,
								   0 });
	qsort(ids->items, ids->count, sizeof *ids->items, compare_id);
	for (size_t i = 0; i < table.entries.count; i++) {
		const struct security_entry *entry = &table.entries.items[i];

		if (bsearch(&entry->id, ids->items, ids->count, sizeof *ids->items, compare_id) &&
		    casebook_add_security(vs->scan->book, vs->volume->number, entry->id, entry->descriptor, err) < 0)
			return -1;
	}
	return 0;
}

/* -------- one volume -------- */

static int judge_clusters(struct volume_scan *vs, struct file_reader *reader, struct error *err)
{
	struct file               bitmap = { 0 };
	const struct file_stream *data = NULL;
	struct runs               none = { 0 };
	int                       result = 0;

	if (vs->inventory.count > BITMAP_RECORD &&
	    (vs->inventory.rows[BITMAP_RECORD].flags & (ROW_DECODED | ROW_IN_USE)) == (ROW_DECODED | ROW_IN_USE))
		result = file_load(reader, BITMAP_RECORD, &bitmap, err);
	if (result == 0)
		data = file_find_stream(&bitmap, ATTRIBUTE_DATA, "");
	if (result == 0 && (!data || data->resident || !data->runs.count))
		findings_add(&vs->scan->findings, (struct finding){ FINDING_BITMAP_UNREADABLE, vs->volume->number,
								   BITMAP_RECORD, NO_OFFSET, 0, 0 });
	if (result == 0)
		result = ownership_judge(&vs->ownership, &vs->inventory,
					 data && !data->resident ? &data->runs : &none, &vs->scan->findings, err);
	file_release(&bitmap);
	return result;
}

static bool is_in_use(const struct volume_scan *vs, uint32_t node)
{
	return node < vs->inventory.count && vs->inventory.rows[node].flags & ROW_IN_USE;
}

/* Which nodes are written down: members of stores, what lies beside, or all. */
static int choose_nodes(struct volume_scan *vs, struct error *err)
{
	const struct scan_options *options = vs->scan->options;
	size_t                     member = 0, beside = 0;

	if (options->beside && stores_beside(&vs->stores, &vs->beside, err) < 0)
		return -1;
	for (uint32_t node = 0; node < vs->space.grouped; node++) {
		bool wanted = options->all && node < vs->inventory.count &&
			      (vs->inventory.rows[node].flags & (ROW_DECODED | ROW_EXTENSION)) == ROW_DECODED;

		for (; member < vs->stores.members.count && vs->stores.members.items[member].node <= node; member++)
			wanted = true;
		for (; beside < vs->beside.count && vs->beside.items[beside] <= node; beside++)
			wanted = true;
		if (options->deleted_only && is_in_use(vs, node))
			wanted = false;
		if (wanted && !array_push(&vs->nodes, node))
			return error_memory(err);
	}
	return 0;
}

static int tell_volume_row(struct scan *scan, const struct volume *volume, int64_t evidence,
			   uint64_t mft_records, struct error *err)
{
	struct case_volume row = { .id = volume->number,
				   .evidence = evidence,
				   .partition = volume->partition,
				   .offset_bytes = volume->offset_bytes,
				   .size_bytes = volume->size_bytes,
				   .mft_records = mft_records,
				   .geometry = volume->geometry };

	return casebook_add_volume(scan->book, &row, err);
}

static int tell_volume(struct volume_scan *vs, int64_t evidence, struct error *err)
{
	if (tell_volume_row(vs->scan, vs->volume, evidence, vs->inventory.count, err) < 0)
		return -1;
	vs->told = calloc(vs->stores.list.count + 1, sizeof *vs->told);
	if (!vs->told)
		return error_memory(err);
	for (size_t i = 0; i < vs->stores.list.count; i++)
		if (tell_store(vs, &vs->stores.list.items[i], &vs->told[i], err) < 0)
			return -1;
	return 0;
}

/* Extension records whose base is no longer the one they name: a sign of a file that is gone. */
static void find_orphaned(struct volume_scan *vs)
{
	for (size_t i = 0; i < vs->extensions.count; i++) {
		const struct extension *extension = &vs->extensions.items[i];
		uint64_t                base = file_ref_record(extension->base);

		if (base >= vs->inventory.count || inventory_ref(&vs->inventory, (uint32_t)base) != extension->base)
			findings_add(&vs->scan->findings,
				     (struct finding){ FINDING_EXTENSION_ORPHANED, vs->volume->number,
						       extension->record,
						       mft_offset_of(&vs->inventory.mft, extension->record), base,
						       0 });
	}
}

/* A command of ours that was cut off has left its log. */
static int find_cut_run(struct volume_scan *vs, struct file_reader *reader, struct error *err)
{
	struct volume_state state;

	if (volume_state_read(reader, &state, err) < 0)
		return -1;
	if (state.log == LOG_RUN || state.log == LOG_STRANGE)
		findings_add(&vs->scan->findings,
			     (struct finding){ FINDING_RUN_CUT_OFF, vs->volume->number, NO_RECORD, state.log_offset,
					       state.log == LOG_RUN ? state.header.state : 0, 0 });
	return 0;
}

static int scan_inventory(struct volume_scan *vs, int64_t evidence, struct file_reader *reader,
			  struct error *err)
{
	find_orphaned(vs);
	if (find_cut_run(vs, reader, err) < 0 || judge_clusters(vs, reader, err) < 0 || namespace_build(&vs->space, &vs->inventory, err) < 0 ||
	    stores_find(&vs->stores, &vs->space, err) < 0 || tell_volume(vs, evidence, err) < 0 ||
	    choose_nodes(vs, err) < 0 || tell_all(vs, err) < 0)
		return -1;
	return tell_security(vs, reader, err);
}

static int scan_volume(struct scan *scan, const struct volume *volume, int64_t evidence, struct error *err)
{
	struct volume_scan vs = { .scan = scan, .volume = volume };
	struct file_reader reader = { 0 };
	int                result;

	result = inventory_read(&vs.inventory, volume, scan->options->threads, &scan->findings, err);
	if (result == 0)
		result = extensions_collect(&vs.extensions, &vs.inventory, err);
	if (result == 0)
		result = file_reader_init(&reader, &vs.inventory, &vs.extensions, err);
	if (result == 0)
		result = scan_inventory(&vs, evidence, &reader, err);
	file_reader_release(&reader);
	free(vs.told);
	array_release(&vs.nodes);
	array_release(&vs.beside);
	array_release(&vs.security_ids);
	stores_release(&vs.stores);
	namespace_release(&vs.space);
	ownership_release(&vs.ownership);
	array_release(&vs.extensions);
	inventory_release(&vs.inventory);
	return result;
}

/* -------- all evidence -------- */

static int tell_evidence(struct scan *scan, struct evidence *evidence, int64_t id, struct error *err)
{
	uint64_t                unreadable_bytes = evidence->unreadable_bytes;
	char                    fingerprint[DIGEST_HEX_SIZE];
	CLEANUP(free_ptr) char *path = realpath(evidence->path, NULL);
	CLEANUP(free_ptr) char *map = scan->options->map_path ? realpath(scan->options->map_path, NULL) : NULL;
	struct case_evidence    row = { .id = id,
					.path = path ? path : evidence->path,
					.format = evidence->format,
					.map_path = map,
					.size_bytes = evidence->size_bytes,
					.sector_bytes = evidence->sector_bytes,
					.unreadable_bytes = unreadable_bytes,
					.fingerprint = fingerprint };

	if (evidence_fingerprint(evidence, fingerprint, err) < 0)
		return -1;
	if (row.unreadable_bytes)
		findings_add(&scan->findings, (struct finding){ FINDING_EVIDENCE_UNREADABLE, 0, NO_RECORD,
							       NO_OFFSET, row.unreadable_bytes, 0 });
	return casebook_add_evidence(scan->book, &row, err);
}

/* A volume whose table is gone is a finding, unless it is all there is. */
static int scan_source(struct scan *scan, struct scan_result *result, size_t index, struct error *err)
{
	struct evidence        *evidence = &result->evidence[index];
	CLEANUP(free_ptr) char *path = NULL;
	struct selection        selection;
	size_t                  first = result->volumes.count, failed = 0;

	if (selection_parse(scan->options->sources[index], &path, &selection, err) < 0)
		return -1;
	result->evidence_count++;
	if (evidence_open(evidence, path, scan->options->map_path, err) < 0 ||
	    volumes_find(evidence, &selection, &result->volumes, &scan->findings, err) < 0)
		return -1;
	for (size_t i = first; i < result->volumes.count; i++) {
		if (scan_volume(scan, &result->volumes.items[i], (int64_t)index + 1, err) == 0)
			continue;
		if (err->kind != ERROR_VALUE || ++failed == result->volumes.count - first)
			return -1;
		if (tell_volume_row(scan, &result->volumes.items[i], (int64_t)index + 1, 0, err) < 0)
			return -1;
		findings_add(&scan->findings, (struct finding){ FINDING_VOLUME_WITHOUT_MFT,
							       result->volumes.items[i].number, NO_RECORD,
							       result->volumes.items[i].offset_bytes, 0, 0 });
	}
	return tell_evidence(scan, evidence, (int64_t)index + 1, err);
}

static int scan_all(struct scan *scan, struct scan_result *result, struct error *err)
{
	const struct scan_options *options = scan->options;

	result->evidence = calloc(options->source_count, sizeof *result->evidence);
	if (!result->evidence)
		return error_memory(err);
	if (casebook_create(scan->book, options->case_path, err) < 0 ||
	    casebook_add_meta(scan->book, "tool", "holdfast " HOLDFAST_VERSION, err) < 0 ||
	    casebook_add_meta(scan->book, "command", options->command, err) < 0 ||
	    casebook_add_meta(scan->book, "scope",
			      options->summary ? "summary" : options->all ? "all" : options->beside ? "beside" : "stores",
			      err) < 0)
		return -1;
	for (size_t i = 0; i < options->source_count; i++)
		if (scan_source(scan, result, i, err) < 0)
			return -1;
	if (write_stores(scan, err) < 0 || casebook_add_findings(scan->book, &scan->findings, err) < 0)
		return -1;
	return casebook_publish(scan->book, err);
}

int scan_run(const struct scan_options *options, struct casebook *book, struct scan_result *result,
	     struct error *err)
{
	struct scan scan = { .options = options, .book = book };
	int         status;

	*result = (struct scan_result){ 0 };
	*book = (struct casebook){ 0 };
	findings_init(&scan.findings);
	status = scan_all(&scan, result, err);
	for (size_t i = 0; i < scan.stores.count; i++)
		told_store_release(&scan.stores.items[i]);
	array_release(&scan.stores);
	findings_release(&scan.findings);
	return status;
}

void scan_result_release(struct scan_result *result)
{
	for (size_t i = 0; i < result->evidence_count; i++)
		evidence_release(&result->evidence[i]);
	free(result->evidence);
	volumes_release(&result->volumes);
	*result = (struct scan_result){ 0 };
}

int scan_refuse_evidence(const struct scan_options *options, const char *path, struct error *err)
{
	for (size_t i = 0; i < options->source_count; i++) {
		CLEANUP(evidence_release) struct evidence evidence = { 0 };
		CLEANUP(free_ptr) char                   *source = NULL;
		struct selection                          selection;

		if (selection_parse(options->sources[i], &source, &selection, err) < 0 ||
		    evidence_open(&evidence, source, options->map_path, err) < 0 ||
		    evidence_refuse(&evidence, path, err) < 0)
			return -1;
	}
	return 0;
}

/* -------- again, from a casebook -------- */

static int reopen_evidence(void *context, const struct case_evidence *row, struct error *err)
{
	struct scan_result *result = context;
	char                fingerprint[DIGEST_HEX_SIZE];
	struct evidence    *grown =
		realloc(result->evidence, (result->evidence_count + 1) * sizeof *result->evidence);

	if (!grown)
		return error_memory(err);
	result->evidence = grown;
	grown[result->evidence_count] = (struct evidence){ 0 };
	result->evidence_count++;
	if (evidence_open(&grown[result->evidence_count - 1], row->path, row->map_path, err) < 0 ||
	    evidence_fingerprint(&grown[result->evidence_count - 1], fingerprint, err) < 0)
		return -1;
	if (grown[result->evidence_count - 1].size_bytes != row->size_bytes)
		return error_set(err, ERROR_VALUE, row->path,
				 "is not the evidence of this casebook (its size is %" PRIu64 " bytes and was "
				 "%" PRIu64 "); scan it again",
				 grown[result->evidence_count - 1].size_bytes, row->size_bytes);
	if (!row->fingerprint || strcmp(fingerprint, row->fingerprint) != 0)
		return error_set(err, ERROR_VALUE, row->path,
				 "is another disk than the one of this casebook, or was changed since; put the "
				 "right one in its place, or scan this one");
	return 0;
}

static int reopen_volume(void *context, const struct case_volume *row, struct error *err)
{
	struct scan_result *result = context;
	struct volume       volume = { .number = (uint32_t)row->id,
				       .partition = row->partition,
				       .offset_bytes = row->offset_bytes,
				       .size_bytes = row->size_bytes,
				       .geometry = row->geometry };

	if (row->evidence < 1 || (size_t)row->evidence > result->evidence_count ||
	    row->id != (int64_t)result->volumes.count + 1 || !row->geometry.cluster_bytes ||
	    !row->geometry.record_bytes)
		return error_set(err, ERROR_VALUE, NULL, "the casebook contradicts itself about volume %lld",
				 (long long)row->id);
	volume.evidence = &result->evidence[row->evidence - 1];
	return array_push(&result->volumes, volume) ? 0 : error_memory(err);
}

int scan_reopen(struct casebook *book, struct scan_result *result, struct error *err)
{
	*result = (struct scan_result){ 0 };
	if (casebook_evidence(book, reopen_evidence, result, err) < 0)
		return -1;
	return casebook_volumes(book, reopen_volume, result, err);
}
