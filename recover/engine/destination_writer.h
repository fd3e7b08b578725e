/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * destination_writer.h - what is planned for a volume, carried out
 *
 * Directories, then copies, then names, each in as many transactions as it takes; a
 * directory is made with its times, a file copied with its first name in one transaction.
 */
#ifndef RECOVER_ENGINE_DESTINATION_WRITER_H
#define RECOVER_ENGINE_DESTINATION_WRITER_H

#include "core/progress.h"
#include "recover/engine/destination.h"
#include "recover/engine/origin.h"
#include "recover/engine/restore.h"

struct destination_writer {
	struct destination    *destination;
	const struct origin   *origins;
	struct volume_writer  *writers; /* onto the destination, one for each origin */
	size_t                 count;   /* of both */
	struct restore_report *report;
	struct progress        progress;
	ntfs_inode            *inode;  /* of the folder that names are being linked into, or NULL */
	uint32_t               folder; /* that one */
};

/*
 * Begin to write.
 * @origins  @count of them, borrowed; the destination is number @here
 * Returns 0, or -1 without memory.  destination_writer_release in any case.
 */
MUST_CHECK int destination_writer_init(struct destination_writer *writer, struct destination *destination,
				       const struct origin *origins, size_t count, size_t here,
				       struct restore_report *report, struct error *err);
void           destination_writer_release(struct destination_writer *writer);

/*
 * Refuse a plan whose copies need more room than the volume has.
 * @origins  of all files that are copied
 * @besides  bytes that are to be written there as well
 */
MUST_CHECK int destination_writer_check_room(const struct destination *destination, const struct origin *origins,
					     uint64_t besides, struct error *err);

/* Make the directories and copy the files, in a run that is under way. */
MUST_CHECK int destination_writer_copy(struct destination_writer *writer, struct error *err);

/* Add the names that are left, likewise.  What others copy from this volume is to be copied before. */
MUST_CHECK int destination_writer_link(struct destination_writer *writer, struct error *err);

#endif
