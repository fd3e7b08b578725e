/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kept_paths.h - what of a volume stays when the rest of it goes
 *
 * The paths that are named with what is below them, the directories above them, System Volume
 * Information, and the file system's own.  A file stays when any of its names does.
 */
#ifndef RECOVER_ENGINE_KEPT_PATHS_H
#define RECOVER_ENGINE_KEPT_PATHS_H

#include "recover/engine/record_set.h"
#include "recover/engine/work_volume.h"

#define SYSTEM_VOLUME_INFORMATION "\\System Volume Information"

/* What @record is called in @directory. */
struct tree_place {
	uint32_t directory, record;
};

struct tree_places ARRAY(struct tree_place);

struct kept_paths {
	struct record_set  own;     /* the file system's own, with what is below $Extend */
	struct record_set  covered; /* what is kept, and all below it */
	struct record_set  stays;   /* directories that are kept, and those above what is; the system's own */
	struct tree_places files;   /* that are named themselves: they stay there alone */
};

/* Nothing is kept yet of the volume whose tree this is.  0, or -1 without memory.  kept_paths_release in any case. */
MUST_CHECK int kept_paths_init(struct kept_paths *kept, const struct volume_tree *tree, struct error *err);
void           kept_paths_release(struct kept_paths *kept);

/* All of it at once: keep @count paths, System Volume Information, and the file system's own.  As the three around. */
MUST_CHECK int kept_paths_make(struct kept_paths *kept, const struct work_volume *volume, const char *const *paths,
			       size_t count, struct error *err);

/* Keep the file or directory at @path: 0, or -1 when it is no path on the volume, or nothing is there. */
MUST_CHECK int kept_paths_add(struct kept_paths *kept, const struct work_volume *volume, const char *path,
			      struct error *err);

/* Keep System Volume Information, and the file system's own.  Before the two below. */
MUST_CHECK int kept_paths_add_own(struct kept_paths *kept, const struct volume_tree *tree, struct error *err);

/* Does what @record is called in @directory stay? */
bool kept_paths_has(const struct kept_paths *kept, uint32_t directory, uint32_t record);

/* Does the file stay, by whatever name? */
bool kept_paths_holds(const struct kept_paths *kept, uint32_t record);

/* What does not, in directories that stay: each once, in the order of the table.  @rest  empty before */
MUST_CHECK int kept_paths_rest(const struct kept_paths *kept, const struct volume_tree *tree,
			       struct tree_places *rest, struct error *err);

/* Would anything of the volume go if these paths stay (kept_paths_make)? */
MUST_CHECK int kept_paths_leave_any(const struct work_volume *volume, const char *const *paths, size_t count, bool *any,
				    struct error *err);

#endif
