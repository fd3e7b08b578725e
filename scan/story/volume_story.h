/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * volume_story.h - what one volume says of what happened
 *
 * Its logs, live and deleted; when it was formatted, when its stores were made, until when those that are
 * deleted showed a sign of life, when a file was changed last; and what was written to it when.
 * NTFS keeps no time of deletion: the times in a record that was freed are all older.
 */
#ifndef SCAN_VOLUME_STORY_H
#define SCAN_VOLUME_STORY_H

#include "scan/carve/carve.h"
#include "scan/store.h"
#include "scan/story/chronicle.h"
#include "scan/story/log_search.h"

/*
 * Add all of it.  @reader is of the inventory that @stores speaks of.
 * Returns 0, or -1 without memory.
 */
MUST_CHECK int volume_story_read(struct chronicle *chronicle, struct file_reader *reader,
				 const struct ownership *ownership, struct stores *stores, struct error *err);

/*
 * Add what log text says that a sweep found, unless it lies in a log that was read.
 * @id, @volume  of the evidence in the casebook, and the volume on which it lies, 0 if none
 * Returns 0, or -1 without memory.
 */
MUST_CHECK int volume_story_piece(struct chronicle *chronicle, struct evidence *evidence, uint32_t id, uint32_t volume,
				  const struct artefact *piece, struct error *err);

#endif
