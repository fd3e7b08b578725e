/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * volume_story.h - what one volume says of what happened
 *
 * Its logs, live and deleted; when it was formatted, when its stores were made, until when those that are
 * deleted showed a sign of life, when a file was changed last; and what was written to it when.
 * NTFS keeps no time of deletion: the times in a record that was freed are all older.  The change journal does,
 * where it reaches back so far.
 */
#ifndef SCAN_VOLUME_STORY_H
#define SCAN_VOLUME_STORY_H

#include "scan/carve/carve.h"
#include "scan/journal/usn_history.h"
#include "scan/store.h"
#include "scan/story/chronicle.h"
#include "scan/story/log_search.h"

/*
 * Add all of it.  @reader is of the inventory that @stores speaks of.
 * @journal  the change journal's, built; empty where there is none
 * Returns 0, or -1 without memory.
 */
MUST_CHECK int volume_story_read(struct chronicle *chronicle, struct file_reader *reader,
				 const struct ownership *ownership, struct stores *stores,
				 const struct usn_history *journal, struct error *err);

/*
 * Add what the log texts among @items say, which a sweep of @evidence has found, but for those that lie in logs
 * that were read: so once all its volumes are.
 * @evidence  opened by its name, or a volume decrypted in that
 * @id  of the evidence in the casebook
 * Returns 0, or -1 without memory.
 */
MUST_CHECK int volume_story_pieces(struct chronicle *chronicle, struct evidence *evidence, uint32_t id,
				   const struct volumes *volumes, const struct artefact *items, size_t count,
				   struct error *err);

#endif
