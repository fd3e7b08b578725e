/* SPDX-License-Identifier: GPL-3.0-or-later */
/* places.c - see places.h */
#include "report/format/places.h"

static int add_volume(void *context, const struct case_volume *volume, struct error *err)
{
	struct place place = { .volume = volume->id,
			       .evidence = volume->evidence,
			       .offset_bytes = volume->offset_bytes,
			       .cluster_bytes = volume->geometry.cluster_bytes };

	return array_push((struct places *)context, place) ? 0 : error_memory(err);
}

static int mark_layer(void *context, const struct case_layer *layer, struct error *err)
{
	struct places *places = context;

	(void)err;
	for (size_t i = 0; i < places->count; i++)
		if (layer->volume && places->items[i].volume == layer->volume)
			places->items[i].within = true;
	return 0;
}

int places_load(struct places *places, struct casebook *book, struct error *err)
{
	*places = (struct places){ 0 };
	if (casebook_volumes(book, add_volume, places, err) < 0)
		return -1;
	return casebook_layers(book, mark_layer, places, err);
}

void places_release(struct places *places)
{
	array_release(places);
}

const struct place *places_find(const struct places *places, int64_t volume)
{
	for (size_t i = 0; i < places->count; i++)
		if (places->items[i].volume == volume)
			return &places->items[i];
	return NULL;
}

uint64_t place_in_evidence(const struct place *place, uint64_t offset)
{
	uint64_t byte;

	if (!place || place->within || offset == NO_OFFSET ||
	    __builtin_add_overflow(place->offset_bytes, offset, &byte))
		return NO_OFFSET;
	return byte;
}
