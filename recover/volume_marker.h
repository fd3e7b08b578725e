/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * volume_marker.h - how far a rebuild onto an NTFS volume has come
 *
 * A file beside the tree that is being built, there from before the tree begins
 * until it is finished.  It says what is being rebuilt, and of each file of the
 * plan under which record it is on the volume; so a run that was cut off can be
 * gone on with.  It is committed together with the files that it speaks of.
 */
#ifndef RECOVER_VOLUME_MARKER_H
#define RECOVER_VOLUME_MARKER_H

#include "core/digest.h"
#include "recover/ntfs3g.h"

enum marker_state {
	MARKER_NOTHING, /* not written yet */
	MARKER_DONE = 2, /* .ref is whole, with all its names; 0: nothing was to be written */
};

struct marker_entry {
	file_ref          ref;
	uint32_t          unkept; /* enum unkept */
	enum marker_state state;
};

struct volume_marker {
	struct ntfs3g *mount; /* borrowed */
	ntfs_inode    *inode; /* NULL: not open */
	ntfs_attr     *attr;
	uint64_t       count; /* entries */
	file_ref       ref;
};

/*
 * Make the marker @name in @folder for @count files of the plan with digest @plan.
 * Returns 0, or -1.  volume_marker_close in any case.
 */
MUST_CHECK int volume_marker_create(struct volume_marker *marker, struct ntfs3g *mount, file_ref folder,
				    const struct ntfs3g_name *name, const uint8_t plan[DIGEST_BYTES],
				    uint64_t count, struct error *err);

/*
 * Open the marker @ref of an earlier run: 1, 0 if it is another plan's (or no marker), -1.
 */
MUST_CHECK int volume_marker_open(struct volume_marker *marker, struct ntfs3g *mount, file_ref ref,
				  const uint8_t plan[DIGEST_BYTES], uint64_t count, struct error *err);

MUST_CHECK int volume_marker_get(struct volume_marker *marker, uint64_t index, struct marker_entry *entry,
				 struct error *err);
MUST_CHECK int volume_marker_set(struct volume_marker *marker, uint64_t index,
				 const struct marker_entry *entry, struct error *err);

/* Close it; it stays on the volume. */
MUST_CHECK int volume_marker_close(struct volume_marker *marker, struct error *err);

#endif
