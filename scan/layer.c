/* SPDX-License-Identifier: GPL-3.0-or-later */
/* layer.c - see layer.h */
#include "scan/layer.h"

#include "core/cleanup.h"

#include <string.h>

#define SHADOW_HEADER_AT 0x1e00u /* of a volume that has shadow copies, or had some */

const char *layer_kind_name(enum layer_kind kind)
{
	static const char *const names[LAYER_KINDS] = { "shadow", "bitlocker" };

	return names[kind];
}

const char *layer_state_name(enum layer_state state)
{
	static const char *const names[LAYER_STATES] = { "entered", "listed", "locked", "elsewhere", "damaged" };

	return names[state];
}

bool layer_kind_of(const char *name, enum layer_kind *kind)
{
	for (*kind = 0; *kind < LAYER_KINDS; ++*kind)
		if (strcmp(name, layer_kind_name(*kind)) == 0)
			return true;
	return false;
}

/* Windows Vista and later write the name; BitLocker To Go passes for FAT and has an identifier at 0x1a8. */
bool layer_is_bitlocker(const uint8_t sector[512])
{
	static const uint8_t to_go[16] = { 0x3b, 0xd6, 0x67, 0x49, 0x29, 0x2e, 0xd8, 0x4a,
					   0x83, 0x99, 0xf6, 0xa3, 0x39, 0xe3, 0xd0, 0x01 };

	return memcmp(sector + 3, "-FVE-FS-", 8) == 0 || memcmp(sector + 0x1a8, to_go, sizeof to_go) == 0;
}

/* -------- the list -------- */

static struct layer *find(const struct evidence *evidence, const struct layer *wanted)
{
	for (size_t i = 0; i < evidence->within.count; i++) {
		struct layer *layer = evidence->within.items[i];

		if (layer->kind == wanted->kind && layer->offset_bytes == wanted->offset_bytes &&
		    layer->number == wanted->number)
			return layer;
	}
	return NULL;
}

static struct layer *add(struct evidence *evidence, const struct layer *wanted)
{
	struct layer *layer = malloc(sizeof *layer);

	if (!layer)
		return NULL;
	*layer = *wanted;
	if (!array_push(&evidence->within, layer)) {
		free(layer);
		return NULL;
	}
	return layer;
}

void layers_release(struct evidence *evidence)
{
	for (size_t i = 0; i < evidence->within.count; i++) {
		struct layer *layer = evidence->within.items[i];

		if (layer->evidence)
			evidence_release(layer->evidence);
		free(layer->evidence);
		free(layer);
	}
	array_release(&evidence->within);
}

const struct layer *layer_of(const struct evidence *evidence)
{
	return evidence->as;
}

const struct layer *layer_shadow_of(const struct evidence *evidence)
{
	while (evidence && (!evidence->as || evidence->as->kind != LAYER_SHADOW))
		evidence = evidence->outer;
	return evidence ? evidence->as : NULL;
}

int layer_refuse(const struct evidence *evidence, const char *source, struct error *err)
{
	if (!evidence->outer)
		return 0;
	return error_set(err, ERROR_REFUSED, source,
			 layer_shadow_of(evidence)
				 ? "is a shadow copy, which is never written; name the volume without @shadow"
				 : "is a BitLocker volume, which is never written; let Windows decrypt it first");
}

/* -------- entering -------- */

/*
 * The map's holes, seen from within.  Decrypted bytes lie where the encrypted ones do; of a shadow copy
 * only the reader knows, and what it cannot have it does not give.
 */
static bool inherit_map(struct evidence *inner, const struct evidence *outer, const struct layer *layer)
{
	inner->mapped = outer->mapped;
	if (layer->kind != LAYER_BITLOCKER)
		return true;
	for (size_t i = 0; i < outer->map.count; i++) {
		struct range range = outer->map.items[i];
		uint64_t     end = range.start + range.length, limit = layer->offset_bytes + inner->size_bytes;
		uint64_t     start = range.start > layer->offset_bytes ? range.start : layer->offset_bytes;

		if (end > limit)
			end = limit;
		if (start < end && !ranges_add(&inner->map, start - layer->offset_bytes, end - start))
			return false;
	}
	return true;
}

/* Evidence that reads the layer by @client, which is then its own. */
static int make_inner(struct evidence *outer, struct layer *layer, struct image_client **client,
		      struct error *err)
{
	struct evidence *inner = calloc(1, sizeof *inner);

	if (!inner)
		return error_memory(err);
	layer->evidence = inner;
	*inner = (struct evidence){ .format = layer->kind == LAYER_SHADOW ? "shadow copy" : "BitLocker",
				    .size_bytes = (*client)->size_bytes,
				    .sector_bytes = outer->sector_bytes,
				    .outer = outer,
				    .as = layer,
				    .keys = outer->keys,
				    .path = strdup(outer->path),
				    .paths = calloc(outer->path_count, sizeof *inner->paths) };
	if (!inner->path || !inner->paths || !inherit_map(inner, outer, layer))
		return error_memory(err);
	for (; inner->path_count < outer->path_count; inner->path_count++) {
		inner->paths[inner->path_count] = strdup(outer->paths[inner->path_count]);
		if (!inner->paths[inner->path_count])
			return error_memory(err);
	}
	inner->client = TAKE(*client);
	return 0;
}

int layer_go(struct image_client *client, const struct evidence *outer, struct layer *layer)
{
	static const struct key_ring none;
	const struct key_ring       *keys = outer->keys ? outer->keys : &none;

	if (layer->kind == LAYER_SHADOW)
		return image_client_enter_shadow(client, layer->offset_bytes, layer->length_bytes, layer->number,
						 layer->why);
	return image_client_unlock(client, layer->offset_bytes, layer->length_bytes,
				   (const char *const *)keys->keys, keys->count, &layer->recovery_id,
				   layer->opened_by, layer->why);
}

static void client_free(struct image_client **client)
{
	if (*client)
		image_client_stop(*client);
	free(*client);
}

int layer_enter(struct evidence *evidence, const struct layer *wanted, struct layer **layer, struct error *err)
{
	CLEANUP(client_free) struct image_client *client = NULL;
	struct layer                             *here = find(evidence, wanted);
	int                                       went;

	if (!here)
		here = add(evidence, wanted);
	if (!here)
		return error_memory(err);
	*layer = here;
	if (here->evidence)
		return 0;
	if (here->kind == LAYER_BITLOCKER && !evidence->keys) {
		here->state = LAYER_LOCKED;
		return 0;
	}
	if (evidence_reader(evidence, &client, err) < 0)
		return -1;
	went = layer_go(client, evidence, here);
	if (went) {
		if (here->state != LAYER_ELSEWHERE)
			here->state = went > 0 ? LAYER_LOCKED : LAYER_DAMAGED;
		return 0;
	}
	here->state = LAYER_ENTERED;
	here->why[0] = 0;
	return make_inner(evidence, here, &client, err);
}

/* -------- shadow copies -------- */

static int has_shadows(struct evidence *evidence, uint64_t offset_bytes, bool *has, struct error *err)
{
	/* 3808876b-c176-4e48-b7ae-04046e6cc752, then version and kind of record */
	static const uint8_t magic[16] = { 0x6b, 0x87, 0x08, 0x38, 0x76, 0xc1, 0x48, 0x4e,
					   0xb7, 0xae, 0x04, 0x04, 0x6e, 0x6c, 0xc7, 0x52 };
	uint8_t       header[sizeof magic];
	struct ranges holes = { 0 };
	int           result =
		evidence_read(evidence, offset_bytes + SHADOW_HEADER_AT, header, sizeof header, &holes, err);

	array_release(&holes);
	*has = result == 0 && memcmp(header, magic, sizeof magic) == 0;
	return result;
}

int layer_list_shadows(struct evidence *evidence, uint64_t offset_bytes, uint64_t length_bytes, size_t *count,
		       struct error *err)
{
	CLEANUP(client_free) struct image_client *client = NULL;
	struct image_shadow                       shadows[IMAGE_SHADOWS_MAX];
	char                                      text[IMAGE_ERROR_BYTES];
	bool                                      has;
	int                                       found;

	*count = 0;
	if (has_shadows(evidence, offset_bytes, &has, err) < 0)
		return -1;
	if (!has)
		return 0;
	if (evidence_reader(evidence, &client, err) < 0)
		return -1;
	found = image_client_shadows(client, offset_bytes, length_bytes, shadows, IMAGE_SHADOWS_MAX, text);
	if (found < 0)
		return error_set(err, ERROR_VALUE, evidence->path, "%s", text);
	for (int i = 0; i < found; i++) {
		struct layer layer = { .kind = LAYER_SHADOW,
				       .state = shadows[i].elsewhere ? LAYER_ELSEWHERE : LAYER_LISTED,
				       .offset_bytes = offset_bytes,
				       .length_bytes = length_bytes,
				       .number = shadows[i].number,
				       .created = shadows[i].created };

		memcpy(layer.set, shadows[i].set, sizeof layer.set);
		if (!add(evidence, &layer))
			return error_memory(err);
		++*count;
	}
	return 0;
}
