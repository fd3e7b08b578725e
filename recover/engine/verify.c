/* SPDX-License-Identifier: GPL-3.0-or-later */
/* verify.c - see verify.h */
#include "recover/engine/verify.h"

#include "core/cleanup.h"
#include "core/progress.h"
#include "core/text.h"
#include "recover/engine/content_digest.h"
#include "recover/engine/record_set.h"

#include <string.h>

/* What the contents of a file must be. */
struct expected_digest {
	uint32_t                 record;
	size_t                   count;
	struct catalogue_digest *streams; /* owned, .count of them */
	char                    *path;    /* owned */
	bool                     written; /* since the capture, by its time */
};

struct expected_digests ARRAY(struct expected_digest);

struct verifying {
	struct work_volume     *volume;
	struct store_catalogue  catalogue;
	struct text_buffer      store;     /* "\StateStore\USMT" */
	struct record_set       known;     /* records that the catalogue speaks of */
	struct expected_digests expected;
	bool                    digests;   /* are wanted */
	verify_each            *each;
	void                   *context;
	struct verify_result   *result;
};

const char *verify_kind_name(enum verify_kind kind)
{
	static const char *const names[VERIFY_KINDS] = { "missing", "name",       "damaged", "catalogue",
							 "changed", "attributes", "unknown" };

	return names[kind];
}

static int tell(struct verifying *verifying, struct verify_problem problem, struct error *err)
{
	verifying->result->counts[problem.kind]++;
	return verifying->each ? verifying->each(verifying->context, &problem, err) : 0;
}

/* -------- one entry: names -------- */

/* The path of the entry's first name in the store, or any other; NULL if none is known. */
static const char *path_of(const struct case_record *record)
{
	for (size_t i = 0; i < record->names.count; i++)
		if (record->names.items[i].store)
			return record->names.items[i].path;
	return record->names.count ? record->names.items[0].path : NULL;
}

static int tell_entry(struct verifying *verifying, const struct case_record *record, enum verify_kind kind,
		      const char *text, struct error *err)
{
	return tell(verifying,
		    (struct verify_problem){ .kind = kind,
					     .record = record->file.record,
					     .path = path_of(record),
					     .directory = record->file.directory,
					     .text = text },
		    err);
}

/* Is the record still in the life that was captured, and of the same kind? */
static bool is_there(const struct verifying *verifying, const struct case_record *record)
{
	const struct volume_tree *tree = &verifying->volume->tree;
	uint64_t                  number = record->file.record;
	const struct mft_row     *row;

	if (number >= tree->inventory.count)
		return false;
	row = volume_tree_row(tree, (uint32_t)number);
	return (row->flags & (ROW_DECODED | ROW_IN_USE | ROW_EXTENSION)) == (ROW_DECODED | ROW_IN_USE) &&
	       volume_tree_ref(tree, (uint32_t)number) == file_ref_make(number, record->file.sequence) &&
	       volume_tree_is_directory(tree, (uint32_t)number) == record->file.directory;
}

/* Does @prefix and @path behind it lead to the record?  1, 0, or -1 without memory. */
static int leads(const struct verifying *verifying, const char *prefix, const char *path, uint64_t record,
		 struct error *err)
{
	CLEANUP(free_ptr) char *whole = NULL;

	whole = text_format("%s%s", prefix, path);
	if (!whole)
		return error_memory(err);
	return volume_tree_find(&verifying->volume->tree, whole) == record;
}

static int leads_inside(const struct verifying *verifying, const struct case_name *name, uint64_t record,
			struct error *err)
{
	CLEANUP(free_ptr) char *prefix = NULL;

	prefix = text_format("%s\\", verifying->store.items);
	if (!prefix)
		return error_memory(err);
	return leads(verifying, prefix, name->inside, record, err);
}

/* Was the name on this volume?  What was copied from another has the letter of that. */
static bool is_home(const struct verifying *verifying, const struct case_name *name)
{
	return !name->inside || name->inside[strlen(STORE_FILES "\\")] == verifying->catalogue.file.header.letter;
}

/* Go through the names; *@there is how many of the store's lead to the file. */
static int verify_names(struct verifying *verifying, const struct case_record *record, size_t *there,
			struct error *err)
{
	struct verify_result *result = verifying->result;

	*there = 0;
	for (size_t i = 0; i < record->names.count; i++) {
		const struct case_name *name = &record->names.items[i];
		int                     original, inside;

		if (name->dos)
			continue;
		original = is_home(verifying, name) ? leads(verifying, "", name->path, record->file.record, err)
						    : 0;
		inside = name->inside ? leads_inside(verifying, name, record->file.record, err) : 0;
		if (original < 0 || inside < 0)
			return -1;
		if (!record->file.directory && is_home(verifying, name)) {
			result->originals++;
			result->originals_there += (unsigned)original;
		}
		*there += (unsigned)inside;
	}
	return 0;
}

static size_t store_names(const struct case_record *record)
{
	size_t count = 0;

	for (size_t i = 0; i < record->names.count; i++)
		count += record->names.items[i].store && !record->names.items[i].dos;
	return count;
}

/* -------- one entry: streams -------- */

enum difference {
	SAME,
	MOVED,   /* other clusters */
	SHORTER_OR_LONGER,
	OTHER_VALUE,
	OTHER_STREAMS,
};

static bool is_same_runs(const struct runs *left, const struct runs *right)
{
	if (left->count != right->count)
		return false;
	for (size_t i = 0; i < left->count; i++)
		if (left->items[i].vcn != right->items[i].vcn || left->items[i].lcn != right->items[i].lcn ||
		    left->items[i].length != right->items[i].length)
			return false;
	return true;
}

static enum difference compare_stream(const struct case_stream *was, const struct case_stream *is)
{
	if (was->type != is->type || strcmp(was->name, is->name) != 0)
		return OTHER_STREAMS;
	if (was->size_bytes != is->size_bytes || was->valid_bytes != is->valid_bytes)
		return SHORTER_OR_LONGER;
	if (was->resident && is->resident)
		return memcmp(was->value, is->value, (size_t)was->size_bytes) == 0 ? SAME : OTHER_VALUE;
	return was->resident == is->resident && is_same_runs(&was->runs, &is->runs) ? SAME : MOVED;
}

/* The gravest difference of all streams. */
static enum difference compare_streams(const struct case_record *was, const struct case_record *is)
{
	enum difference gravest = SAME;

	if (was->streams.count != is->streams.count)
		return OTHER_STREAMS;
	for (size_t i = 0; i < was->streams.count; i++) {
		enum difference one = compare_stream(&was->streams.items[i], &is->streams.items[i]);

		gravest = one > gravest ? one : gravest;
	}
	return gravest;
}

static const char *difference_text(enum difference difference)
{
	static const char *const texts[] = {
		[SAME] = "",
		[MOVED] = "it lies on other clusters than it was captured on, and was not written since",
		[SHORTER_OR_LONGER] = "it has another size than was captured, and was not written since",
		[OTHER_VALUE] = "its content is not what was captured, and was not written since",
		[OTHER_STREAMS] = "it has other streams than were captured, and was not written since",
	};

	return texts[difference];
}

#define WRITTEN_SINCE "it was written since the capture"

/* Attributes, security, and the times that no capture and no restore touches. */
static int verify_facts(struct verifying *verifying, const struct case_record *was, const struct case_record *is,
			struct error *err)
{
	const struct case_file *then = &was->file, *now = &is->file;
	bool                    attributes = then->attributes != now->attributes;
	bool                    security = then->security_id != now->security_id;
	bool times = then->times.created != now->times.created || then->times.written != now->times.written;
	char text[64];

	if (!then->info_known || (!attributes && !security && !times))
		return 0;
	snprintf(text, sizeof text, "%s%s%s%s%s not as captured", attributes ? "attributes" : "",
		 attributes && (security || times) ? ", " : "", security ? "security" : "",
		 security && times ? ", " : "", times ? "times" : "");
	return tell_entry(verifying, was, VERIFY_ATTRIBUTES, text, err);
}

static bool has_digest(const struct catalogue_entry *entry)
{
	for (size_t i = 0; i < entry->digests.count; i++)
		if (entry->digests.items[i].known)
			return true;
	return false;
}

/* Remember what the contents must be; they are all read later, in the order of the disk. */
static int expect(struct verifying *verifying, const struct catalogue_entry *entry, bool written, struct error *err)
{
	const char            *path = path_of(&entry->record);
	size_t                 size = entry->digests.count * sizeof *entry->digests.items;
	struct expected_digest kept = { .record = (uint32_t)entry->record.file.record,
					.count = entry->digests.count,
					.streams = malloc(size + 1),
					.path = strdup(path ? path : ""),
					.written = written };

	if (kept.streams && kept.path && array_push(&verifying->expected, kept)) {
		memcpy(kept.streams, entry->digests.items, size);
		return 0;
	}
	free(kept.streams);
	free(kept.path);
	return error_memory(err);
}

static int verify_content(struct verifying *verifying, const struct catalogue_entry *entry,
			  const struct case_record *is, struct error *err)
{
	const struct case_record *was = &entry->record;
	enum difference           difference = compare_streams(was, is);
	bool                      written = is->file.times.written > was->file.times.written;

	if (is->file.grade > was->file.grade)
		return tell_entry(verifying, was, VERIFY_DAMAGED, "its record is damaged", err);
	if (difference != SAME && written)
		return tell_entry(verifying, was, VERIFY_CHANGED, WRITTEN_SINCE, err);
	if (difference > MOVED || (difference == MOVED && !(verifying->digests && has_digest(entry))))
		return tell_entry(verifying, was, VERIFY_DAMAGED, difference_text(difference), err);
	if (verifying->digests && has_digest(entry) && expect(verifying, entry, written, err) < 0)
		return -1;
	return verify_facts(verifying, was, is, err);
}

/* -------- entries -------- */

static int verify_there(struct verifying *verifying, const struct catalogue_entry *entry, struct error *err)
{
	const struct case_record *was = &entry->record;
	struct case_record        is = { 0 };
	size_t                    there, wanted = store_names(was);
	int                       result;

	if (verify_names(verifying, was, &there, err) < 0)
		return -1;
	if (!entry->whole)
		return tell_entry(verifying, was, VERIFY_CATALOGUE, "the catalogue has lost part of what was captured",
				  err);
	if (!there)
		return tell_entry(verifying, was, VERIFY_MISSING, "no name in the store leads to it any more", err);
	if (there < wanted && tell_entry(verifying, was, VERIFY_NAME, "one of its names in the store is gone", err) < 0)
		return -1;
	result = work_volume_load(verifying->volume, (uint32_t)was->file.record, &is, err);
	if (result == 0)
		result = verify_content(verifying, entry, &is, err);
	case_record_release(&is);
	return result;
}

static int verify_entry(struct verifying *verifying, const struct catalogue_entry *entry, struct error *err)
{
	const struct case_record *was = &entry->record;

	if (was->file.directory)
		verifying->result->directories++;
	else
		verifying->result->files++;
	verifying->result->bytes += was->file.directory ? 0 : was->file.size_bytes;
	if (!is_there(verifying, was))
		return tell_entry(verifying, was, VERIFY_MISSING,
				  "it was deleted, or its record belongs to something else now", err);
	record_set_add(&verifying->known, (uint32_t)was->file.record);
	return verify_there(verifying, entry, err);
}

static int verify_entries(struct verifying *verifying, struct error *err)
{
	struct catalogue_file *file = &verifying->catalogue.file;
	struct progress        progress;
	int                    got;

	progress_start(&progress, "verifying", 0, PROGRESS_ITEMS);
	do {
		struct catalogue_entry entry;

		got = catalogue_file_next(file, &entry, err);
		if (got == 1 && verify_entry(verifying, &entry, err) < 0)
			got = -1;
		catalogue_entry_release(&entry);
		progress_add(&progress, 1);
	} while (got == 1);
	progress_end(&progress);
	return got;
}

/* -------- what the catalogue does not know -------- */

static int tell_unknown(struct verifying *verifying, uint32_t record, struct error *err)
{
	const struct volume_tree *tree = &verifying->volume->tree;
	struct text_buffer        path = { 0 };
	size_t                    count;
	const uint32_t           *names = volume_tree_names(tree, record, &count);
	int                       result = count ? volume_tree_path(tree, names[0], &path, err) : 0;

	if (result == 0)
		result = tell(verifying,
			      (struct verify_problem){ .kind = VERIFY_UNKNOWN,
						       .record = record,
						       .path = path.items,
						       .directory = volume_tree_is_directory(tree, record),
						       .text = "it is in the store, but the catalogue does not know it" },
			      err);
	array_release(&path);
	return result;
}

/* What lies below File, the mirrors of the drives themselves aside. */
static int find_unknown(struct verifying *verifying, uint32_t files, struct error *err)
{
	const struct volume_tree           *tree = &verifying->volume->tree;
	CLEANUP(record_set_release) struct record_set members = { 0 };
	size_t                                        count;
	const struct tree_child                      *drives = volume_tree_children(tree, files, &count);

	if (record_set_init(&members, tree, err) < 0 || record_set_add_below(&members, tree, files, err) < 0)
		return -1;
	record_set_add(&verifying->known, files);
	for (size_t i = 0; i < count; i++)
		record_set_add(&verifying->known, drives[i].record);
	for (uint32_t record = 0; record < members.count; record++)
		if (record_set_has(&members, record) && !record_set_has(&verifying->known, record) &&
		    tell_unknown(verifying, record, err) < 0)
			return -1;
	return 0;
}

/* -------- contents -------- */

static int compare_expected(const void *a, const void *b)
{
	const struct expected_digest *left = a, *right = b;

	return (left->record > right->record) - (left->record < right->record);
}

static int judge_digests(void *context, const struct case_record *record, const struct catalogue_digest *digests,
			 struct error *err)
{
	struct verifying             *verifying = context;
	struct expected_digest        key = { .record = (uint32_t)record->file.record };
	const struct expected_digest *wanted = bsearch(&key, verifying->expected.items, verifying->expected.count,
						       sizeof key, compare_expected);
	struct verify_problem         problem = { .record = record->file.record, .path = wanted->path };

	for (size_t i = 0; i < wanted->count && i < record->streams.count; i++) {
		if (!wanted->streams[i].known)
			continue;
		if (!digests[i].known) {
			problem.kind = VERIFY_DAMAGED;
			problem.text = "it cannot be read to its end";
			break;
		}
		if (memcmp(wanted->streams[i].sum, digests[i].sum, DIGEST_BYTES) == 0)
			continue;
		problem.kind = wanted->written ? VERIFY_CHANGED : VERIFY_DAMAGED; /* in place, by its owner */
		problem.text = wanted->written ? WRITTEN_SINCE : "its content has not the digest that was captured";
	}
	if (problem.text)
		return tell(verifying, problem, err);
	verifying->result->digests++;
	return 0;
}

static int verify_digests(struct verifying *verifying, struct error *err)
{
	CLEANUP(free_ptr) uint32_t *records = malloc((verifying->expected.count + 1) * sizeof *records);
	size_t                      count = 0;

	if (!records)
		return error_memory(err);
	if (!verifying->expected.count)
		return 0;
	qsort(verifying->expected.items, verifying->expected.count, sizeof *verifying->expected.items,
	      compare_expected);
	for (size_t i = 0; i < verifying->expected.count; i++)
		if (!count || records[count - 1] != verifying->expected.items[i].record)
			records[count++] = verifying->expected.items[i].record;
	return content_digest_all(verifying->volume, records, count, judge_digests, verifying, err);
}

/* -------- all of it -------- */

static bool is_complete(const struct verifying *verifying)
{
	const struct catalogue_file *file = &verifying->catalogue.file;

	return file->finished && file->totals.files == verifying->result->files &&
	       file->totals.directories == verifying->result->directories;
}

static int verify_all(struct verifying *verifying, uint32_t store_folder, struct error *err)
{
	struct work_volume   *volume = verifying->volume;
	struct verify_result *result = verifying->result;
	uint32_t              files = state_store_child(volume, store_folder, STORE_FILES);
	size_t                count;
	int                   got = store_catalogue_open(&verifying->catalogue, volume, store_folder, err);

	if (got < 1)
		return got;
	if (volume_tree_path(&volume->tree, volume_tree_names(&volume->tree, store_folder, &count)[0],
			     &verifying->store, err) < 0)
		return -1;
	if (record_set_init(&verifying->known, &volume->tree, err) < 0 || verify_entries(verifying, err) < 0 ||
	    (files != NO_TREE_RECORD && find_unknown(verifying, files, err) < 0) ||
	    verify_digests(verifying, err) < 0)
		return -1;
	result->blocks_damaged = verifying->catalogue.file.damaged;
	result->blocks_lost = verifying->catalogue.file.lost;
	result->complete = is_complete(verifying);
	return 1;
}

int verify_store(struct work_volume *volume, uint32_t store_folder, bool digests, verify_each *each,
		 void *context, struct verify_result *result, struct error *err)
{
	struct verifying *verifying = calloc(1, sizeof *verifying); /* it holds blocks of the catalogue */
	int               got;

	*result = (struct verify_result){ 0 };
	if (!verifying)
		return error_memory(err);
	*verifying = (struct verifying){ .volume = volume,
					 .digests = digests,
					 .each = each,
					 .context = context,
					 .result = result };
	got = verify_all(verifying, store_folder, err);
	for (size_t i = 0; i < verifying->expected.count; i++) {
		free(verifying->expected.items[i].streams);
		free(verifying->expected.items[i].path);
	}
	array_release(&verifying->expected);
	record_set_release(&verifying->known);
	store_catalogue_close(&verifying->catalogue);
	array_release(&verifying->store);
	free(verifying);
	return got;
}
