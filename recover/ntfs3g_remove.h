/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ntfs3g_remove.h - removing much, without an index edit for each name
 *
 * ntfs_delete keeps every directory right at every moment.  These do the two halves of
 * that apart, records here and indexes there, so that a directory that goes as a
 * whole needs no edit at all.  In between the volume contradicts itself: to be
 * committed only when both are done (engine/removal.h).
 */
#ifndef RECOVER_NTFS3G_REMOVE_H
#define RECOVER_NTFS3G_REMOVE_H

#include "recover/ntfs3g.h"

/* What is left of a record that is freed. */
enum freed {
	FREED_AS_IT_WAS, /* names and run lists, as Windows leaves it: it can still be rescued */
	FREED_EMPTY,     /* nothing: nobody is to look for it */
};

/*
 * Free what has no name any more: its clusters, its extension records, itself, and what $Reparse and
 * $ObjId say of it.  A directory's children are the caller's.
 * Returns 0, or -1: it is not there, or is damaged.
 */
MUST_CHECK int ntfs3g_free_record(struct ntfs3g *mount, file_ref ref, enum freed how, struct error *err);

/*
 * Take from the record of a file the names that it has in @directory, aliases among them; a file that has
 * no others is freed.  Nothing else of a file that stays is changed, no times and no attributes.
 * Returns 0, or -1.
 */
MUST_CHECK int ntfs3g_strip_names(struct ntfs3g *mount, file_ref file, file_ref directory, enum freed how,
				  struct error *err);

/*
 * Take names out of the index of @directory, and out of nothing else.
 * @names  UTF-16LE, each of them in it
 * Returns 0, or -1.
 */
MUST_CHECK int ntfs3g_unindex(struct ntfs3g *mount, file_ref directory, const struct bytes *names,
			      size_t count, struct error *err);

#endif
