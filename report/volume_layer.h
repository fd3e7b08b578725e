/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volume_layer.h - the layer that a volume is, by the casebook: a shadow copy, or a BitLocker volume */
#ifndef REPORT_VOLUME_LAYER_H
#define REPORT_VOLUME_LAYER_H

#include "scan/casebook.h"
#include "scan/layer.h"

#include <stdio.h>

struct volume_layer {
	int64_t           volume;
	bool              found, shadow;                /* it is one; a shadow copy */
	struct case_layer layer;                        /* its texts are gone, but for the one below */
	char              opened_by[IMAGE_KIND_BYTES];
};

/* Say in *@found what layer @volume is.  Returns 0, or -1. */
MUST_CHECK int volume_layer_find(struct casebook *book, int64_t volume, struct volume_layer *found, struct error *err);

/* "shadow copy 1 of volume 1, of 2013-12-05 10:02:00 UTC" */
void volume_layer_print_shadow(FILE *out, const struct case_layer *layer);

#endif
