/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volume_layer.c - see volume_layer.h */
#include "report/volume_layer.h"

#include "core/text.h"

#include <inttypes.h>
#include <string.h>

static int find_layer(void *context, const struct case_layer *layer, struct error *err)
{
	struct volume_layer *wanted = context;

	(void)err;
	wanted->found = true;
	wanted->shadow = strcmp(layer->kind, layer_kind_name(LAYER_SHADOW)) == 0;
	wanted->layer = *layer;
	snprintf(wanted->opened_by, sizeof wanted->opened_by, "%s", layer->opened_by);
	return 0;
}

int volume_layer_find(struct casebook *book, int64_t volume, struct volume_layer *found, struct error *err)
{
	*found = (struct volume_layer){ .volume = volume };
	return volume ? casebook_layers_of(book, volume, find_layer, found, err) : 0;
}

void volume_layer_print_shadow(FILE *out, const struct case_layer *layer)
{
	fprintf(out, "shadow copy %" PRIu32, layer->number);
	if (layer->of)
		fprintf(out, " of volume %" PRId64, layer->of);
	fprintf(out, ", of %s", text_time(layer->created).text);
}
