/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * host_source.h - files of the host, as a writer of volumes takes them
 *
 * An entry of a listing becomes a case_record; its content is read from the host when
 * the writer asks for it, holes as holes.  A file that cannot be read is told in the
 * listing, and so is one that changes meanwhile.
 */
#ifndef RECOVER_ENGINE_HOST_SOURCE_H
#define RECOVER_ENGINE_HOST_SOURCE_H

#include "recover/engine/host_listing.h"
#include "recover/file_source.h"

struct host_source {
	struct host_listing *listing; /* borrowed */
	int                  fd;      /* of the file that is loaded, -1: none */
	uint8_t             *piece;   /* CONTENT_PIECE_BYTES */
};

/* Begin.  Returns 0, or -1 without memory.  Release in any case. */
MUST_CHECK int host_source_init(struct host_source *source, struct host_listing *listing, struct error *err);
void           host_source_release(struct host_source *source);

/*
 * Load an entry: its facts as they are now, its one stream.  Until the next load, that is what can be read.
 * Returns 1; 0 when it cannot be opened, which is told, and marks it as left out; -1.  case_record_release
 * in any case.
 */
MUST_CHECK int host_source_load(struct host_source *source, size_t entry, struct case_record *record,
				struct error *err);

/* What is read: the file that is loaded.  One whose content is not whole is told and left out; @from is borrowed. */
struct file_source file_source_of_host(struct host_source *from);

#endif
