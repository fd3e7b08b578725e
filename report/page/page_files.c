/* SPDX-License-Identifier: GPL-3.0-or-later */
/* page_files.c - see page_files.h */
#include "report/page/page_files.h"

#include "core/cleanup.h"
#include "scan/casebook_walk.h"
#include "scan/told_store.h"

#include <inttypes.h>
#include <string.h>

static const char *const column_names[PAGE_FILE_COLUMNS] = {
	[FILE_ID] = "file.id", [FILE_VOLUME] = "file.volume", [FILE_SIZE] = "file.size", [FILE_GRADE] = "file.grade",
	[FILE_LIVE] = "file.live", [FILE_WRITTEN] = "file.written", [FILE_NAMES] = "file.names",
	[NAME_STORE] = "name.store", [NAME_SHORT] = "name.dos",
	[FILE_RECORD] = "file.record", [FILE_SEQUENCE] = "file.sequence", [FILE_CREATED] = "file.created",
	[FILE_CHANGED] = "file.changed", [FILE_ACCESSED] = "file.accessed", [FILE_ATTRIBUTES] = "file.attributes",
	[FILE_KNOWN] = "file.known", [FILE_LINKS] = "file.links", [FILE_REASONS] = "file.reasons",
	[FILE_STREAMS] = "file.streams",
	[NAME_PROOF] = "name.proof", [NAME_LIVE] = "name.live", [NAME_PARENT] = "name.parent",
	[NAME_SOURCE] = "name.source", [NAME_OFFSET] = "name.offset", [NAME_MOMENT] = "name.moment",
	[STREAM_TYPE] = "stream.type", [STREAM_NAME] = "stream.name", [STREAM_FLAGS] = "stream.flags",
	[STREAM_SIZE] = "stream.size", [STREAM_ALLOCATED] = "stream.allocated", [STREAM_RESIDENT] = "stream.resident",
	[STREAM_GRADE] = "stream.grade", [STREAM_REASONS] = "stream.reasons", [STREAM_RUNS] = "stream.runs",
	[STREAM_MISSING] = "stream.missing", [STREAM_DIGEST] = "stream.digest",
	[RUN_VCN] = "run.vcn", [RUN_LCN] = "run.lcn", [RUN_LENGTH] = "run.length",
	[MISSING_START] = "missing.start", [MISSING_LENGTH] = "missing.length",
	[FACT_FILE] = "fact.file", [FACT_NAME] = "fact.name", [FACT_PARENT] = "fact.parent", [FACT_SOURCE] = "fact.source",
	[FACT_VERDICT] = "fact.verdict", [FACT_FLAGS] = "fact.flags", [FACT_OFFSET] = "fact.offset",
	[FACT_MOMENT] = "fact.moment", [FACT_TIME] = "fact.time",
};

/* What the callbacks work on. */
struct gather {
	struct page_files *files;
	struct casebook   *book;
	int64_t            store;  /* whose members come */
};

static void put(struct page_files *files, enum page_file_column column, uint64_t value)
{
	page_column_put(&files->columns[column], value);
}

/* -------- one file -------- */

/* The root of a store's tree, or of a volume's for what lies outside.  It is found by its text, as all folders are. */
static int root_of(struct page_files *files, int64_t store, int64_t volume, uint32_t *folder, struct error *err)
{
	struct page_root root = { .store = store, .volume = store ? 0 : volume };
	size_t           known = files->tree.folders.count;
	char             text[48];
	int              length;

	length = snprintf(text, sizeof text, "%s %lld", store ? "Store" : "Volume", (long long)(store ? store : volume));
	if (page_tree_folder(&files->tree, NO_FOLDER, text, (size_t)length, &root.folder, err) < 0)
		return -1;
	*folder = root.folder;
	return root.folder < known || array_push(&files->roots, root) ? 0 : error_memory(err);
}

static int put_name(struct page_files *files, const struct case_record *record, const struct case_name *name,
		    struct error *err)
{
	struct page_name places = { .inside_folder = NO_FOLDER };
	uint32_t         root;

	if (root_of(files, 0, record->file.volume, &root, err) < 0 ||
	    page_tree_path(&files->tree, root, name->path, &places.folder, &places.leaf, err) < 0)
		return -1;
	places.inside_leaf = places.leaf;
	if (name->inside && name->store &&
	    (root_of(files, name->store, 0, &root, err) < 0 ||
	     page_tree_path(&files->tree, root, name->inside, &places.inside_folder, &places.inside_leaf, err) < 0))
		return -1;
	put(files, NAME_STORE, (uint64_t)name->store);
	put(files, NAME_SHORT, name->dos);
	put(files, NAME_PROOF, name->proof);
	put(files, NAME_LIVE, name->live);
	put(files, NAME_PARENT, name->parent);
	put(files, NAME_SOURCE, name->source);
	put(files, NAME_OFFSET, name->offset);
	put(files, NAME_MOMENT, name->moment);
	return array_push(&files->names, places) ? 0 : error_memory(err);
}

static int put_stream(struct page_files *files, const struct case_stream *stream, struct error *err)
{
	uint32_t name;

	if (page_tree_text(&files->others, stream->name, strlen(stream->name), &name, err) < 0)
		return -1;
	put(files, STREAM_TYPE, stream->type);
	put(files, STREAM_NAME, name);
	put(files, STREAM_FLAGS, stream->flags);
	put(files, STREAM_SIZE, stream->size_bytes);
	put(files, STREAM_ALLOCATED, stream->allocated_bytes);
	put(files, STREAM_RESIDENT, stream->resident);
	put(files, STREAM_GRADE, stream->grade);
	put(files, STREAM_REASONS, stream->reasons);
	put(files, STREAM_RUNS, stream->runs.count);
	put(files, STREAM_MISSING, stream->missing.count);
	put(files, STREAM_DIGEST, stream->digest_known);
	for (size_t i = 0; i < stream->runs.count; i++) {
		put(files, RUN_VCN, stream->runs.items[i].vcn);
		put(files, RUN_LCN, stream->runs.items[i].lcn);
		put(files, RUN_LENGTH, stream->runs.items[i].length);
	}
	for (size_t i = 0; i < stream->missing.count; i++) {
		put(files, MISSING_START, stream->missing.items[i].start);
		put(files, MISSING_LENGTH, stream->missing.items[i].length);
	}
	for (size_t i = 0; stream->digest_known && i < DIGEST_BYTES; i++)
		if (!array_push(&files->digests, stream->digest[i]))
			return error_memory(err);
	return 0;
}

static void put_file(struct page_files *files, const struct case_record *record)
{
	const struct case_file *file = &record->file;

	put(files, FILE_ID, (uint64_t)file->id);
	put(files, FILE_VOLUME, (uint64_t)file->volume);
	put(files, FILE_SIZE, file->size_bytes);
	put(files, FILE_GRADE, file->grade);
	put(files, FILE_LIVE, file->live);
	put(files, FILE_WRITTEN, file->times.written);
	put(files, FILE_NAMES, record->names.count);
	put(files, FILE_RECORD, file->record);
	put(files, FILE_SEQUENCE, file->sequence);
	put(files, FILE_CREATED, file->times.created);
	put(files, FILE_CHANGED, file->times.changed);
	put(files, FILE_ACCESSED, file->times.accessed);
	put(files, FILE_ATTRIBUTES, file->attributes);
	put(files, FILE_KNOWN, file->info_known);
	put(files, FILE_LINKS, file->link_count);
	put(files, FILE_REASONS, file->reasons);
	put(files, FILE_STREAMS, record->streams.count);
}

/* -------- who belongs where -------- */

/* That of a store, or of a user in it; made if it is missing.  Owners are numbered as their sums are. */
static int sum_of(struct page_files *files, int64_t store, const char *user, size_t length, struct page_sum **sum,
		  struct error *err)
{
	struct page_tree *owners = &files->owners;
	char              text[24];
	int               digits = snprintf(text, sizeof text, "%" PRId64, store);
	uint32_t          number;

	if (page_tree_folder(owners, NO_FOLDER, text, (size_t)digits, &number, err) < 0 ||
	    (user && page_tree_folder(owners, number, user, length, &number, err) < 0))
		return -1;
	while (files->sums.count <= number)
		if (!array_push(&files->sums, (struct page_sum){ .store = store }))
			return error_memory(err);
	*sum = &files->sums.items[number];
	if (user)
		(*sum)->user = owners->texts.items[owners->folders.items[number].text];
	return 0;
}

static int add_to_sum(struct page_files *files, const struct page_entry *entry, const char *user, size_t length,
		      struct error *err)
{
	struct page_sum *sum = NULL;

	if (sum_of(files, entry->store, user, length, &sum, err) < 0)
		return -1;
	sum->files[entry->grade]++;
	sum->bytes[entry->grade] += entry->size_bytes;
	sum->missing_bytes += entry->missing_bytes;
	return 0;
}

/* The name under which a store shows the file: its first long one there that makes it a user's file, else any. */
static const struct case_name *name_in(const struct case_record *record, int64_t store)
{
	const struct case_name *best = NULL;

	for (size_t i = 0; i < record->names.count; i++) {
		const struct case_name *name = &record->names.items[i];

		if (name->store != store || name->dos)
			continue;
		if (!store || (name->inside && strncmp(name->inside, "File\\", 5) == 0))
			return name;
		best = best ? best : name;
	}
	return best ? best : record->names.items;
}

static uint64_t missing_of(const struct case_record *record)
{
	const struct case_stream *content = case_record_content(record);

	return record->file.grade == GRADE_PARTIAL && content ? ranges_bytes(&content->missing) : 0;
}

/* @first is the place of the file's first name among all. */
static int add_entry(struct page_files *files, const struct case_record *record, const struct page_member *member,
		     uint32_t first, struct error *err)
{
	const struct case_name *name = name_in(record, member->store);
	struct page_entry       entry = { .store = (uint32_t)member->store, .file = files->count };
	const char             *user = NULL;
	size_t                  length = 0;

	entry.number = (uint32_t)(name - record->names.items);
	entry.name = first + entry.number;
	entry.only_here = member->only_here;
	entry.grade = (uint8_t)record->file.grade;
	entry.size_bytes = record->file.size_bytes;
	entry.missing_bytes = missing_of(record);
	if (name->inside && member->store) {
		entry.own = strncmp(name->inside, "File\\", 5) != 0 && strncmp(name->inside, "orphans\\", 8) != 0;
		user = told_user_of(name->inside, &length);
	}
	if (!array_push(&files->entries, entry))
		return error_memory(err);
	if (entry.own)
		return 0;
	if (user && add_to_sum(files, &entry, user, length, err) < 0)
		return -1;
	return add_to_sum(files, &entry, NULL, 0, err);
}

static int load_file(void *context, const struct case_record *record, struct error *err)
{
	struct page_files   *files = ((struct gather *)context)->files;
	struct page_file_key key = { .volume = (uint64_t)record->file.volume, .file = files->count };
	uint32_t             first = (uint32_t)files->names.count;
	size_t               member = partition_point(0, files->members.count, i,
						      files->members.items[i].file < record->file.id);

	if (record->file.directory || !record->names.count)
		return 0;
	key.ref = file_ref_make(record->file.record, record->file.sequence);
	put_file(files, record);
	for (size_t i = 0; i < record->names.count; i++)
		if (put_name(files, record, &record->names.items[i], err) < 0)
			return -1;
	for (size_t i = 0; i < record->streams.count; i++)
		if (put_stream(files, &record->streams.items[i], err) < 0)
			return -1;
	for (; member < files->members.count && files->members.items[member].file == record->file.id; member++)
		if (add_entry(files, record, &files->members.items[member], first, err) < 0)
			return -1;
	files->count++;
	return array_push(&files->keys, key) ? 0 : error_memory(err);
}

static int load_member(void *context, int64_t file, bool only_here, struct error *err)
{
	struct gather     *gather = context;
	struct page_member member = { .store = gather->store, .file = file, .only_here = only_here };

	return array_push(&gather->files->members, member) ? 0 : error_memory(err);
}

static int load_store(void *context, const struct case_store *store, struct error *err)
{
	struct gather *gather = context;

	gather->store = store->id;
	return casebook_members(gather->book, store->id, load_member, gather, err);
}

/* -------- facts -------- */

static int by_key(const void *a, const void *b)
{
	const struct page_file_key *left = a, *right = b;

	if (left->volume != right->volume)
		return left->volume < right->volume ? -1 : 1;
	return left->ref < right->ref ? -1 : left->ref > right->ref;
}

static int load_fact(void *context, const struct case_fact *fact, struct error *err)
{
	struct page_files *files = ((struct gather *)context)->files;
	uint64_t           volume = (uint64_t)fact->volume;
	uint32_t           name, verdict;
	size_t             at = partition_point(0, files->keys.count, i,
						files->keys.items[i].volume < volume ||
							(files->keys.items[i].volume == volume && files->keys.items[i].ref < fact->file));

	if (at == files->keys.count || files->keys.items[at].volume != volume || files->keys.items[at].ref != fact->file)
		return 0;
	if (page_tree_text(&files->others, fact->name, strlen(fact->name), &name, err) < 0 ||
	    page_tree_text(&files->others, fact->verdict, strlen(fact->verdict), &verdict, err) < 0)
		return -1;
	put(files, FACT_FILE, files->keys.items[at].file);
	put(files, FACT_NAME, name);
	put(files, FACT_PARENT, fact->parent);
	put(files, FACT_SOURCE, fact_source_of(fact->source));
	put(files, FACT_VERDICT, verdict);
	put(files, FACT_FLAGS, fact->flags);
	put(files, FACT_OFFSET, fact->offset);
	put(files, FACT_MOMENT, fact->moment);
	put(files, FACT_TIME, fact->time);
	return 0;
}

/* -------- all of it -------- */

static int by_place(const void *a, const void *b, void *context)
{
	const struct page_files *files = context;
	const struct page_entry *left = a, *right = b;
	const struct page_name  *l = &files->names.items[left->name], *r = &files->names.items[right->name];
	uint32_t                 folder, other;

	if (left->store != right->store)
		return left->store < right->store ? -1 : 1;
	folder = files->tree.folder_place[l->inside_folder != NO_FOLDER && left->store ? l->inside_folder : l->folder];
	other = files->tree.folder_place[r->inside_folder != NO_FOLDER && right->store ? r->inside_folder : r->folder];
	if (folder != other)
		return folder < other ? -1 : 1;
	if (l->inside_leaf != r->inside_leaf)
		return files->tree.text_place[l->inside_leaf] < files->tree.text_place[r->inside_leaf] ? -1 : 1;
	return left->file < right->file ? -1 : left->file > right->file;
}

static int by_file(const void *a, const void *b)
{
	const struct page_member *left = a, *right = b;

	if (left->file != right->file)
		return left->file < right->file ? -1 : 1;
	return left->store < right->store ? -1 : left->store > right->store;
}

/* A store's own sum before those of its users. */
static int by_owner(const void *a, const void *b)
{
	const struct page_sum *left = a, *right = b;

	if (left->store != right->store)
		return left->store < right->store ? -1 : 1;
	if (!left->user || !right->user)
		return (left->user != NULL) - (right->user != NULL);
	return strcmp(left->user, right->user);
}

int page_files_load(struct page_files *files, struct casebook *book, struct error *err)
{
	struct gather gather = { .files = files, .book = book, .store = CASE_BESIDE };

	*files = (struct page_files){ 0 };
	if (casebook_members(book, CASE_BESIDE, load_member, &gather, err) < 0 ||
	    casebook_stores(book, load_store, &gather, err) < 0)
		return -1;
	if (files->members.count)
		qsort(files->members.items, files->members.count, sizeof *files->members.items, by_file);
	if (casebook_walk(book, CASE_VOLUMES_ALL, load_file, &gather, err) < 0)
		return -1;
	array_release(&files->members);
	if (files->sums.count)
		qsort(files->sums.items, files->sums.count, sizeof *files->sums.items, by_owner);
	if (files->keys.count)
		qsort(files->keys.items, files->keys.count, sizeof *files->keys.items, by_key);
	if (casebook_facts(book, load_fact, &gather, err) < 0 || page_tree_settle(&files->tree, err) < 0)
		return -1;
	if (files->entries.count)
		qsort_r(files->entries.items, files->entries.count, sizeof *files->entries.items, by_place, files);
	return 0;
}

struct page_sum page_files_sum(const struct page_files *files, int64_t store, const char *user)
{
	struct page_sum wanted = { .store = store, .user = user };
	size_t          at = partition_point(0, files->sums.count, i, by_owner(&files->sums.items[i], &wanted) < 0);

	return at < files->sums.count && by_owner(&files->sums.items[at], &wanted) == 0 ? files->sums.items[at] : wanted;
}

/* -------- writing -------- */

/* Texts with a zero behind each, in their order if they have one. */
static int write_texts(struct page_block *block, const char *name, const struct page_tree *tree, struct error *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	size_t                  length = 0, at = 0;

	for (size_t i = 0; i < tree->texts.count; i++)
		length += strlen(tree->texts.items[i]) + 1;
	text = malloc(length + 1);
	if (!text)
		return error_memory(err);
	for (size_t i = 0; i < tree->texts.count; i++)
		at = (size_t)(stpcpy(text + at, tree->texts.items[tree->text_order ? tree->text_order[i] : i]) + 1 - text);
	return page_block_bytes(block, name, text, length, err);
}

/* Folders are told by their place + 1, so that 0 is none. */
static uint64_t place_of(const struct page_tree *tree, uint32_t folder)
{
	return folder == NO_FOLDER ? 0 : tree->folder_place[folder] + 1ull;
}

enum made_column { FOLDER_PARENT, FOLDER_TEXT, NAME_FOLDER, NAME_LEAF, NAME_INSIDE, NAME_INSIDE_LEAF, ENTRY_STORE, ENTRY_FILE,
		   ENTRY_NAME, ENTRY_FLAGS, MADE_COLUMNS };

static void make_columns(const struct page_files *files, struct page_column made[MADE_COLUMNS])
{
	const struct page_tree *tree = &files->tree;

	for (size_t i = 0; i < tree->folders.count; i++) {
		const struct page_folder *folder = &tree->folders.items[tree->folder_order[i]];

		page_column_put(&made[FOLDER_PARENT], place_of(tree, folder->parent));
		page_column_put(&made[FOLDER_TEXT], tree->text_place[folder->text]);
	}
	for (size_t i = 0; i < files->names.count; i++) {
		const struct page_name *name = &files->names.items[i];

		page_column_put(&made[NAME_FOLDER], place_of(tree, name->folder));
		page_column_put(&made[NAME_LEAF], tree->text_place[name->leaf]);
		page_column_put(&made[NAME_INSIDE], place_of(tree, name->inside_folder));
		page_column_put(&made[NAME_INSIDE_LEAF],
				(uint64_t)tree->text_place[name->inside_leaf] - tree->text_place[name->leaf]);
	}
	for (size_t i = 0; i < files->entries.count; i++) {
		const struct page_entry *entry = &files->entries.items[i];

		page_column_put(&made[ENTRY_STORE], entry->store);
		page_column_put(&made[ENTRY_FILE], entry->file);
		page_column_put(&made[ENTRY_NAME], entry->number);
		page_column_put(&made[ENTRY_FLAGS], (uint64_t)(entry->only_here | entry->own << 1));
	}
}

static int write_made(const struct page_files *files, struct page_block *block, struct error *err)
{
	static const char *const names[MADE_COLUMNS] = {
		"folder.parent", "folder.text", "name.folder", "name.leaf", "name.inside", "name.inside_leaf",
		"entry.store", "entry.file", "entry.name", "entry.flags",
	};
	struct page_column made[MADE_COLUMNS] = { 0 };
	int                result = 0;

	make_columns(files, made);
	for (enum made_column i = 0; i < MADE_COLUMNS; i++) {
		if (result == 0)
			result = page_block_column(block, names[i], &made[i], err);
		page_column_release(&made[i]);
	}
	return result;
}

static int write_columns(const struct page_files *files, struct page_block *block, enum page_file_column first,
			 enum page_file_column end, struct error *err)
{
	for (enum page_file_column i = first; i < end; i++)
		if (page_block_column(block, column_names[i], &files->columns[i], err) < 0)
			return -1;
	return 0;
}

static void block_release(struct page_block **block)
{
	if (*block)
		page_block_release(*block);
	free(*block);
}

int page_files_write(const struct page_files *files, const char *about, size_t about_length, FILE *out,
		     struct error *err)
{
	CLEANUP(block_release) struct page_block *block = calloc(1, sizeof *block);

	if (!block)
		return error_memory(err);
	if (page_block_begin(block, out, "data-list", err) < 0 ||
	    page_block_bytes(block, "about", about, about_length, err) < 0 ||
	    write_texts(block, "texts", &files->tree, err) < 0 || write_made(files, block, err) < 0 ||
	    write_columns(files, block, 0, FILE_LIST_COLUMNS, err) < 0)
		return -1;
	page_block_end(block);
	if (page_block_begin(block, out, "data-detail", err) < 0 ||
	    write_texts(block, "texts", &files->others, err) < 0 ||
	    write_columns(files, block, FILE_LIST_COLUMNS, PAGE_FILE_COLUMNS, err) < 0)
		return -1;
	page_block_end(block);
	if (page_block_begin(block, out, "data-digests", err) < 0 ||
	    page_block_bytes(block, "digests", files->digests.items, files->digests.count, err) < 0)
		return -1;
	page_block_end(block);
	return 0;
}

void page_files_release(struct page_files *files)
{
	for (size_t i = 0; i < PAGE_FILE_COLUMNS; i++)
		page_column_release(&files->columns[i]);
	page_tree_release(&files->tree);
	page_tree_release(&files->others);
	page_tree_release(&files->owners);
	array_release(&files->names);
	array_release(&files->entries);
	array_release(&files->sums);
	array_release(&files->digests);
	array_release(&files->keys);
	array_release(&files->roots);
	array_release(&files->members);
}
