/* SPDX-License-Identifier: GPL-3.0-or-later */
/* known_digest.c - see known_digest.h */
#include "recover/known_digest.h"

#include "scan/catalogue_file.h"
#include "scan/stream.h"

#include <string.h>

/* -------- the catalogue -------- */

/* One of its copies, as a catalogue of its own. */
struct found_catalogue {
	const struct volume      *volume;
	const struct case_stream *stream;
};

static int read_block(void *context, unsigned copy, uint64_t number, uint8_t block[CATALOGUE_BLOCK_BYTES],
		      struct error *err)
{
	const struct found_catalogue *found = context;
	struct ranges                 missing = { 0 };
	int                           result;

	if (copy)
		return 1;
	result = stream_read(found->volume, &found->stream->runs, number * CATALOGUE_BLOCK_BYTES, block,
			     CATALOGUE_BLOCK_BYTES, &missing, err);
	if (result == 0)
		result = missing.count != 0;
	array_release(&missing);
	return result;
}

static const struct catalogue_digest *content_digest(const struct catalogue_entry *entry, uint64_t *size_bytes)
{
	const struct case_streams *streams = &entry->record.streams;

	for (size_t i = 0; i < streams->count && i < entry->digests.count; i++)
		if (streams->items[i].type == ATTRIBUTE_DATA && !*streams->items[i].name) {
			*size_bytes = streams->items[i].size_bytes;
			return &entry->digests.items[i];
		}
	return NULL;
}

static int keep_entry(struct known_digests *known, int64_t volume, const struct catalogue_entry *entry,
		      struct error *err)
{
	struct known_digest            fresh = { .volume = volume,
						 .ref = file_ref_make(entry->record.file.record, entry->record.file.sequence) };
	const struct catalogue_digest *digest = content_digest(entry, &fresh.size_bytes);

	if (!digest || !digest->known)
		return 0;
	memcpy(fresh.sum, digest->sum, sizeof fresh.sum);
	return array_push(known, fresh) ? 0 : error_memory(err);
}

static int read_entries(struct known_digests *known, int64_t volume, struct found_catalogue *found, struct error *err)
{
	struct catalogue_file *file = calloc(1, sizeof *file);
	int                    result = 0, got = 1;

	if (!file)
		return error_memory(err);
	if (catalogue_file_open(file, read_block, found, found->stream->size_bytes / CATALOGUE_BLOCK_BYTES, err) < 0)
		got = err->kind == ERROR_MEMORY ? -1 : 0; /* nothing of it is sound */
	else if (file->header.serial != found->volume->geometry.serial)
		got = 0;
	while (got == 1 && result == 0) {
		struct catalogue_entry entry = { 0 };

		got = catalogue_file_next(file, &entry, err);
		if (got == 1)
			result = keep_entry(known, volume, &entry, err);
		catalogue_entry_release(&entry);
	}
	catalogue_file_release(file);
	free(file);
	return got < 0 ? -1 : result;
}

static int read_catalogue(struct known_digests *known, struct casebook *book, int64_t id, const struct volume *volumes,
			  size_t volume_count, struct error *err)
{
	struct case_record     record = { 0 };
	struct found_catalogue found;
	int                    result = casebook_load_file(book, id, &record, err);

	if (result == 0 && record.file.volume >= 1 && (uint64_t)record.file.volume <= volume_count) {
		found.volume = &volumes[record.file.volume - 1];
		found.stream = case_record_content(&record);
		if (found.stream && !found.stream->resident && !(found.stream->flags & ATTRIBUTE_COMPRESSED))
			result = read_entries(known, record.file.volume, &found, err);
	}
	case_record_release(&record);
	return result;
}

/* -------- all of them -------- */

static int compare_key(const void *a, const void *b)
{
	const struct known_digest *left = a, *right = b;

	if (left->volume != right->volume)
		return left->volume < right->volume ? -1 : 1;
	if (left->ref != right->ref)
		return left->ref < right->ref ? -1 : 1;
	return (left->size_bytes > right->size_bytes) - (left->size_bytes < right->size_bytes);
}

/* One of each; none where catalogues disagree. */
static void settle(struct known_digests *known)
{
	size_t kept = 0;

	if (known->count)
		qsort(known->items, known->count, sizeof *known->items, compare_key);
	for (size_t i = 0, next; i < known->count; i = next) {
		bool same = true;

		for (next = i + 1; next < known->count && compare_key(&known->items[i], &known->items[next]) == 0; next++)
			same = same && memcmp(known->items[i].sum, known->items[next].sum, DIGEST_BYTES) == 0;
		if (same)
			known->items[kept++] = known->items[i];
	}
	known->count = kept;
}

int known_digests_read(struct known_digests *known, struct casebook *book, int64_t store,
		       const struct volume *volumes, size_t volume_count, struct error *err)
{
	struct case_ids files = { 0 };
	int             result = casebook_named(book, store, CATALOGUE_FILE_NAME, &files, err);

	if (result == 0)
		result = casebook_named(book, store, CATALOGUE_FILE_NAME "2", &files, err);
	for (size_t i = 0; result == 0 && i < files.count; i++)
		result = read_catalogue(known, book, files.items[i], volumes, volume_count, err);
	array_release(&files);
	settle(known);
	return result;
}

void known_digests_judge(const struct known_digests *known, const struct case_record *record,
			 const uint8_t sum[DIGEST_BYTES], enum grade *grade, unsigned *reasons, struct ranges *missing)
{
	const struct case_stream  *content = case_record_content(record);
	const struct known_digest *found;
	struct known_digest        key = { .volume = record->file.volume,
					   .ref = file_ref_make(record->file.record, record->file.sequence) };

	if (!known->count || !content || content->wof)
		return;
	key.size_bytes = content->size_bytes;
	found = bsearch(&key, known->items, known->count, sizeof key, compare_key);
	if (!found)
		return;
	if (memcmp(found->sum, sum, DIGEST_BYTES) == 0) {
		*grade = GRADE_VERIFIED;
		*reasons = 0;
		missing->count = 0;
	} else if (!record->file.live) {
		*reasons |= WHY_DIGEST;
		*grade = *grade < GRADE_SUSPECT ? GRADE_SUSPECT : *grade;
	}
}
