/* SPDX-License-Identifier: MIT */
/*
 * shadow.h - shadow copies of a volume: the volume as it was
 *
 * The door to libvshadow.  A shadow copy (VSS) is the volume with blocks put back that were changed
 * since it was made; libvshadow finds those and says where each lies.
 *
 * Part of the image reader; MIT, for the reason told in protocol.h.
 */
#ifndef SCAN_IMAGE_SHADOW_H
#define SCAN_IMAGE_SHADOW_H

#include "scan/image/protocol.h"
#include "scan/image/range_handle.h"

#include <libvshadow.h>

struct shadow {
	struct range_handle  range;  /* of the volume */
	libvshadow_volume_t *volume;
	libvshadow_store_t  *store;  /* NULL while none is chosen */
	uint64_t             size_bytes; /* of the volume in it */
};

/* Open the shadow copies of the volume there.  Returns 0, or -1 with @text.  Release in any case. */
int  shadow_open(struct shadow *shadow, const struct source *below, uint64_t offset, uint64_t length,
		 char text[IMAGE_ERROR_BYTES]);
void shadow_release(struct shadow *shadow);

/* List them, the oldest first.  @list has room for IMAGE_SHADOWS_MAX.  Returns how many. */
size_t shadow_list(struct shadow *shadow, struct image_shadow *list);

/* Choose one, from 1.  Returns 0 with @source reading from it, or -1 with @text. */
int shadow_choose(struct shadow *shadow, uint32_t number, struct source *source, char text[IMAGE_ERROR_BYTES]);

#endif
