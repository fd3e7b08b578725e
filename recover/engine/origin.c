/* SPDX-License-Identifier: GPL-3.0-or-later */
/* origin.c - see origin.h */
#include "recover/engine/origin.h"

static int load_from_volume(void *context, uint32_t item, struct case_record *to, struct error *err)
{
	struct volume_origin *from = context;

	return work_volume_load(from->volume, item, to, err);
}

struct origin origin_of_volume(struct volume_origin *from, struct work_volume *volume)
{
	*from = (struct volume_origin){
		.volume = volume, .live = { .volume = &volume->volume, .securities = &volume->securities }
	};
	return (struct origin){ from, file_source_of_volume(&from->live), load_from_volume };
}

void volume_origin_release(struct volume_origin *from)
{
	content_buffers_release(&from->live.buffers);
}
