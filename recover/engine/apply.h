/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * apply.h - an operating system image onto a volume
 *
 * Beside what a wipe has left: nothing is replaced, nothing is merged.  It is applied in one transaction, and
 * each content is held against its digest on the way: a damaged image leaves the volume as it was, but for
 * clusters that were free.  Who destroys something before has to verify the image before (wim_image.h).
 */
#ifndef RECOVER_ENGINE_APPLY_H
#define RECOVER_ENGINE_APPLY_H

#include "recover/engine/kept_paths.h"
#include "recover/engine/wim_image.h"
#include "recover/engine/work_volume.h"

struct apply_options {
	const char *const *keep; /* all that may be on the volume: paths on it, as given */
	size_t             keep_count; /* 0: anything that is not in the way of the image */
	bool               overwrite_deleted;
};

struct apply_plan {
	struct wim_image *image;
	uint64_t          files, directories; /* of the image, its root not counted */
	uint64_t          names;              /* of the files */
	uint64_t          bytes;              /* in all their streams */
	uint64_t          encrypted;          /* of the files: their contents cannot be applied */
	uint64_t          bytes_needed;       /* on the volume; what is sparse or compressed may need more */
	uint64_t          bytes_free;
	bool              there;              /* the volume holds all of it already: nothing is to be done */
};

/*
 * Plan to apply the image to a volume; nothing is written.
 * Returns 0, or -1: something is in its way, a path that is kept is not there, there is no room, the volume is
 * damaged or holds a deleted store.
 */
MUST_CHECK int apply_plan_make(struct apply_plan *plan, struct work_volume *volume, struct wim_image *image,
			       const struct apply_options *options, struct error *err);

/*
 * Refuse an image that cannot be applied beside what is kept, whatever else goes: before it does.
 * Returns 0, or -1: something kept is in its way, or leaves no room.  What apply_plan_make says after the wipe may
 * still be that there is not quite enough of it.
 */
MUST_CHECK int apply_refuse_beside(struct wim_image *image, struct work_volume *volume, const struct kept_paths *kept,
				   struct error *err);

/*
 * Room that a volume has to have free so that the image fits beside all that is on it by now, when what goes
 * is given up in the same transaction.
 * @bytes  at least; what is sparse or compressed may need more
 */
MUST_CHECK int apply_room_beside(struct wim_image *image, struct work_volume *volume, uint64_t *bytes,
				 struct error *err);

/*
 * Do it.  With .there nothing is written.
 * Returns 0, or -1: the image is damaged, and nothing was written; or it did not fit, and nothing of it is kept (a run
 * that was under way before can only be given up then).  The same command may be given again.
 */
MUST_CHECK int apply_run(const struct apply_plan *plan, struct work_volume *volume, struct error *err);

#endif
