/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * catalogue_file.h - a whole catalogue, read from its two copies
 *
 * Takes every block from a copy in which it is sound, and gives the entries out one by one.
 * A block that is lost in both copies costs what it held and nothing else; what is then
 * not complete says so.  In memory are one entry, the texts and the security descriptors.
 */
#ifndef SCAN_CATALOGUE_FILE_H
#define SCAN_CATALOGUE_FILE_H

#include "scan/case_record.h"
#include "scan/catalogue.h"

#define CATALOGUE_COPIES 2u

/*
 * Read block @number (from 0) of copy 0 or 1.  Returns 0, 1 when it cannot be had, or -1 to end it all.
 */
typedef int catalogue_read(void *context, unsigned copy, uint64_t number,
			   uint8_t block[CATALOGUE_BLOCK_BYTES], struct error *err);

struct catalogue_digest {
	bool    known;
	uint8_t sum[DIGEST_BYTES]; /* SHA-256 of the stream's content */
};

struct catalogue_digests ARRAY(struct catalogue_digest);

/*
 * A file or directory.  In .record: .id and .volume are 0; a name's .store is 1 if the store holds it, and
 * then .inside is set, else 0; a stream of which something is missing has a grade below intact.
 */
struct catalogue_entry {
	struct case_record       record;
	struct catalogue_digests digests; /* one for each stream */
	bool                     copied;  /* the store has a copy, for it could not be linked */
	bool                     whole;   /* nothing of it was lost */
};

struct catalogue_text {
	char *key, *value;
};

struct catalogue_texts ARRAY(struct catalogue_text);
struct catalogue_bytes ARRAY(uint8_t);

struct catalogue_file {
	struct catalogue_header header;   /* of the first sound block */
	uint64_t                damaged;  /* blocks so far that were lost in one copy */
	uint64_t                lost;     /* in both, or sound in one but senseless */
	bool                    finished; /* the end was read: .totals are known */
	struct catalogue_totals totals;
	unsigned                copy;     /* of which the block was that was read last */

	/* the rest is the reader's own */
	catalogue_read        *read;
	void                  *context;
	uint64_t               next;          /* block to be read next */
	uint64_t               end;           /* behind the last that may be read */
	bool                   other_version; /* some block has another format version */
	uint8_t                raw[CATALOGUE_COPIES][CATALOGUE_BLOCK_BYTES];
	struct catalogue_block blocks[CATALOGUE_COPIES];
	struct catalogue_item  item;
	bool                   held;   /* .item is still to be taken */
	struct catalogue_item  pieces; /* what .gathered is the beginning of; type 0: nothing */
	struct catalogue_bytes gathered;
	struct catalogue_texts texts;
	void                  *securities; /* of tsearch(3) */
};

/*
 * Begin to read.
 * @blocks  that may be asked for of one copy: its size, whatever the catalogue says
 * Returns 0, or -1: ERROR_UNSUPPORTED when all there is has another format version, ERROR_VALUE when no block
 * is sound.  catalogue_file_release in any case.
 */
MUST_CHECK int catalogue_file_open(struct catalogue_file *file, catalogue_read *read, void *context,
				   uint64_t blocks, struct error *err);
void           catalogue_file_release(struct catalogue_file *file);

/*
 * The next entry, in the order of writing; to be released in any case.
 * Returns 1, 0 behind the last, -1 when @read says so or without memory.
 */
MUST_CHECK int catalogue_file_next(struct catalogue_file *file, struct catalogue_entry *entry,
				   struct error *err);
void           catalogue_entry_release(struct catalogue_entry *entry);

/* The value of a fact of the capture, or NULL.  All are known once the catalogue is open. */
const char *catalogue_file_text(const struct catalogue_file *file, const char *key);

/*
 * The security descriptor of an id, borrowed from @file.  False if it is not known; a capture
 * writes it before the first entry that has it.
 */
bool catalogue_file_security(const struct catalogue_file *file, uint32_t id, struct bytes *descriptor);

#endif
