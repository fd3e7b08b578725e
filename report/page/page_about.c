/* SPDX-License-Identifier: GPL-3.0-or-later */
/* page_about.c - what the page's script must know of volumes, stores and words; see page.h */
#include "report/page/page.h"

#include "core/json.h"
#include "report/grade_why.h"
#include "report/proof_name.h"
#include "report/volume_layer.h"

#define PLACES_MOST 20000u /* unreadable ones of a volume that the map shows */
#define REASONS 32u /* enum grade_reason is one bit each; those it has not yet are without a word */

struct about {
	struct page *page;
	struct json  json;
};

/* What of the evidence cannot be read, in clusters of a volume. */
struct unreadable {
	struct json *json;
	uint64_t     first, size_bytes; /* the volume in the evidence */
	uint32_t     cluster_bytes;
	unsigned     count;
};

static int put_place(void *context, const struct range *place, struct error *err)
{
	struct unreadable *it = context;
	uint64_t           end, start = place->start > it->first ? place->start - it->first : 0;

	(void)err;
	if (__builtin_add_overflow(place->start, place->length, &end) || end <= it->first || start >= it->size_bytes)
		return 0;
	end = end - it->first < it->size_bytes ? end - it->first : it->size_bytes;
	if (it->count++ >= PLACES_MOST)
		return 0;
	json_uint(it->json, start / it->cluster_bytes);
	json_uint(it->json, (end - 1) / it->cluster_bytes - start / it->cluster_bytes + 1);
	return 0;
}

/* A list of first cluster and count, in turn; null for a shadow copy, whose clusters lie elsewhere. */
static int put_unreadable(struct about *about, const struct case_volume *volume, struct error *err)
{
	struct unreadable   it = { .json = &about->json,
				   .first = volume->offset_bytes,
				   .size_bytes = volume->size_bytes,
				   .cluster_bytes = volume->geometry.cluster_bytes };
	struct volume_layer within;

	if (volume_layer_find(about->page->book, volume->id, &within, err) < 0)
		return -1;
	json_key(&about->json, "unreadable");
	if (!it.cluster_bytes || (within.found && (within.shadow || within.layer.outer)) ||
	    (within.found && __builtin_add_overflow(it.first, within.layer.offset_bytes, &it.first))) {
		json_null(&about->json);
		return 0;
	}
	json_begin(&about->json, '[');
	if (casebook_unreadable(about->page->book, volume->evidence, put_place, &it, err) < 0)
		return -1;
	json_end(&about->json, ']');
	json_key_uint(&about->json, "more", it.count > PLACES_MOST ? it.count - PLACES_MOST : 0);
	return 0;
}

static int put_volume(void *context, const struct case_volume *volume, struct error *err)
{
	struct json *json = &((struct about *)context)->json;

	json_begin(json, '{');
	json_key_uint(json, "id", (uint64_t)volume->id);
	json_key_uint(json, "evidence", (uint64_t)volume->evidence);
	json_key_uint(json, "offset", volume->offset_bytes);
	json_key_uint(json, "size", volume->size_bytes);
	json_key_uint(json, "cluster", volume->geometry.cluster_bytes);
	json_key_uint(json, "clusters", volume->geometry.clusters);
	json_key_uint(json, "table", volume->geometry.mft_lcn);
	json_key_bool(json, "past", volume->past);
	if (put_unreadable(context, volume, err) < 0)
		return -1;
	json_end(json, '}');
	return 0;
}

static int put_evidence(void *context, const struct case_evidence *evidence, struct error *err)
{
	struct json *json = &((struct about *)context)->json;

	(void)err;
	json_begin(json, '{');
	json_key_uint(json, "id", (uint64_t)evidence->id);
	json_key_uint(json, "unread", evidence->unreadable_bytes);
	json_end(json, '}');
	return 0;
}

static int put_store(void *context, const struct case_store *store, struct error *err)
{
	struct json *json = &((struct about *)context)->json;

	(void)err;
	json_begin(json, '{');
	json_key_uint(json, "id", (uint64_t)store->id);
	json_key_uint(json, "volume", (uint64_t)store->volume);
	json_key_string(json, "path", store->path);
	json_key_string(json, "state", store->state);
	json_key_bool(json, "orphans", store->orphans);
	json_key_bool(json, "twice", store->same_as != 0);
	json_end(json, '}');
	return 0;
}

/* Roots of trees by their folder, as the columns name it. */
static void put_roots(struct about *about)
{
	const struct page_files *files = &about->page->files;
	struct json             *json = &about->json;

	json_key(json, "roots");
	json_begin(json, '[');
	for (size_t i = 0; i < files->roots.count; i++) {
		const struct page_root *root = &files->roots.items[i];

		json_begin(json, '{');
		json_key_uint(json, "folder", files->tree.folder_place[root->folder] + 1ull);
		json_key_uint(json, "store", (uint64_t)root->store);
		json_key_uint(json, "volume", (uint64_t)root->volume);
		json_end(json, '}');
	}
	json_end(json, ']');
}

static const char *reason_word(unsigned bit)
{
	return grade_why(GRADE_LOST, 1u << bit);
}

/* What @word says of the numbers below @count. */
static void put_words(struct json *json, const char *key, unsigned count, const char *(*word)(unsigned number))
{
	json_key(json, key);
	json_begin(json, '[');
	for (unsigned i = 0; i < count; i++)
		json_string(json, word(i));
	json_end(json, ']');
}

int page_about(struct page *page, FILE *out, struct error *err)
{
	struct about about = { .page = page, .json = { .out = out } };

	json_begin(&about.json, '{');
	put_words(&about.json, "grades", GRADES, grade_name);
	put_words(&about.json, "meanings", GRADES, page_grade_meaning);
	put_words(&about.json, "reasons", REASONS, reason_word);
	put_words(&about.json, "proofs", PROOF_GUESSED + 1, proof_name);
	put_words(&about.json, "sources", FACT_SOURCES, fact_source_name);
	put_roots(&about);
	json_key_uint(&about.json, "unreadable", WHY_UNREADABLE);
	json_key(&about.json, "evidence");
	json_begin(&about.json, '[');
	if (casebook_evidence(page->book, put_evidence, &about, err) < 0)
		return -1;
	json_end(&about.json, ']');
	json_key(&about.json, "volumes");
	json_begin(&about.json, '[');
	if (casebook_volumes(page->book, put_volume, &about, err) < 0)
		return -1;
	json_end(&about.json, ']');
	json_key(&about.json, "stores");
	json_begin(&about.json, '[');
	if (casebook_stores(page->book, put_store, &about, err) < 0)
		return -1;
	json_end(&about.json, ']');
	json_end(&about.json, '}');
	return 0;
}
