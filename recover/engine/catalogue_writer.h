/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * catalogue_writer.h - the catalogue of a capture, in the making
 *
 * Turns texts, security descriptors and files into the blocks of scan/catalogue.h.
 * Full blocks wait in an unlinked file in TMPDIR (or /tmp), so memory does not grow
 * with them.  An entry that does not fit behind the others in its block begins a new one.
 */
#ifndef RECOVER_ENGINE_CATALOGUE_WRITER_H
#define RECOVER_ENGINE_CATALOGUE_WRITER_H

#include "scan/catalogue_file.h"

struct catalogue_writer {
	struct catalogue_header header; /* of the block at hand; .blocks is known once finished */
	struct catalogue_totals totals;
	int                     fd;         /* of the blocks that are full, -1 none */
	uint32_t                texts;      /* written */
	void                   *securities; /* ids written, of tsearch(3) */

	uint8_t block[CATALOGUE_BLOCK_BYTES];
	size_t  used;                        /* bytes of .block */
	char    name[CATALOGUE_BLOCK_BYTES]; /* what the last NAME item in it stands for */
	size_t  name_bytes;

	/* the entry at hand */
	const struct case_record *record; /* NULL: none */
	bool                      copied;
	size_t                    stream; /* at hand, or .record->streams.count */
	bool                      spread; /* it may go on in further blocks */
};

/*
 * Begin the catalogue of one volume.
 * @header  .uuid, .generation, .serial, .clusters, .cluster_bytes, .letter; the rest is not looked at
 * Returns 0, or -1 when there can be no temporary file.  catalogue_writer_release in any case.
 */
MUST_CHECK int catalogue_writer_init(struct catalogue_writer *writer, const struct catalogue_header *header,
				     struct error *err);
void           catalogue_writer_release(struct catalogue_writer *writer);

/* A fact of the capture; before all else, for they belong into the first block. */
MUST_CHECK int catalogue_writer_text(struct catalogue_writer *writer, const char *key, const char *value,
				     struct error *err);

/*
 * The descriptor of a security id, before the first entry that has it.  An id that was written is passed
 * over. -1 with ERROR_VALUE for one without bytes or longer than SECURITY_DESCRIPTOR_MAX_BYTES.
 */
MUST_CHECK int catalogue_writer_security(struct catalogue_writer *writer, uint32_t id,
					 struct bytes descriptor, struct error *err);
bool           catalogue_writer_has_security(const struct catalogue_writer *writer, uint32_t id);

/*
 * A file or directory with its names and streams.  Of a name are kept .path, .parent, .dos and whether .store
 * is 0 (the store does not hold it); grades are not kept.
 * @digests  one for each stream, or NULL
 * @copied   the store has a copy of it, for it could not be linked
 * Returns 0, or -1; with ERROR_VALUE for what the format cannot hold nothing was written.
 */
MUST_CHECK int catalogue_writer_entry(struct catalogue_writer *writer, const struct case_record *record,
				      const struct catalogue_digest *digests, bool copied, struct error *err);

/* Write the totals; from here on only catalogue_writer_block.  .header.blocks is how many there are. */
MUST_CHECK int catalogue_writer_finish(struct catalogue_writer *writer, struct error *err);

/*
 * Block @number of a finished catalogue, as it has to be written at byte @place_bytes of the volume.
 * Once for each copy.
 */
MUST_CHECK int catalogue_writer_block(const struct catalogue_writer *writer, uint64_t number,
				      uint64_t place_bytes, uint8_t out[CATALOGUE_BLOCK_BYTES],
				      struct error *err);

#endif
