/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * content_digest.h - SHA-256 of what many files hold, read in the order of the disk on all cores
 */
#ifndef RECOVER_ENGINE_CONTENT_DIGEST_H
#define RECOVER_ENGINE_CONTENT_DIGEST_H

#include "recover/engine/work_volume.h"
#include "scan/catalogue_file.h"

/*
 * Called for each file once its data streams are read; never by two threads at once.
 * @digests  one for each of @record's streams; known for $DATA that could be read to its end and is not
 *           all hole beyond reason (stream_digest.h)
 */
typedef int content_digest_each(void *context, const struct case_record *record,
				const struct catalogue_digest *digests, struct error *err);

/*
 * Read the data streams of @records, @count files of the volume's tree (read), with a progress bar.
 * Returns 0, or -1: no memory, or @each said so.
 */
MUST_CHECK int content_digest_all(struct work_volume *volume, const uint32_t *records, size_t count,
				  content_digest_each *each, void *context, struct error *err);

#endif
