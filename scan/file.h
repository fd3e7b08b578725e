/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * file.h - one file with all its streams, read from its records
 *
 * Joins the pieces that lie in the base record and its extensions, for live and
 * for deleted files.  What names it has is not told here, but by namespace.h; only what times they carry.
 */
#ifndef SCAN_FILE_H
#define SCAN_FILE_H

#include "scan/attribute.h"
#include "scan/extension.h"
#include "scan/file_name.h"

/* Anything of a file that is a sequence of bytes: $DATA, named streams, reparse data, EAs, ... */
struct file_stream {
	uint32_t      type;            /* enum attribute_type */
	uint16_t      flags;           /* enum attribute_flag */
	bool          resident;
	bool          torn;            /* its record is half of another state */
	bool          sizes_lost;      /* the piece that carries the sizes is gone; .size_bytes is from the runs */
	uint8_t       unit_shift;      /* clusters of a compression unit as a power of two; 0: none */
	uint8_t       name_units;
	uint8_t       name[2 * 255];   /* UTF-16LE */
	uint64_t      size_bytes;
	uint64_t      valid_bytes;
	uint64_t      allocated_bytes;
	uint8_t      *value;           /* resident: size_bytes of them, owned */
	struct runs   runs;            /* non-resident; VCNs that are not covered are lost */
};

struct file_streams ARRAY(struct file_stream);

/* A $FILE_NAME: its times are those of when the name was made, or a program may have set them since. */
struct name_times {
	file_ref          parent;
	struct file_times times;
	uint8_t           units;
	uint8_t           text[2 * 255]; /* UTF-16LE */
};

struct names_times ARRAY(struct name_times);

struct file {
	uint32_t                    record;
	file_ref                    ref;        /* with the sequence number of the life that is shown */
	bool                        live;
	bool                        directory;
	bool                        torn;
	bool                        damaged;    /* some attribute did not decode */
	bool                        list_lost;  /* pieces were found without their attribute list */
	bool                        info_known; /* there is a $STANDARD_INFORMATION */
	uint16_t                    link_count;
	struct standard_information info;
	struct file_streams         streams;    /* sorted by type, then name */
	struct names_times          names;      /* sorted by parent, units, text */
};

/* Reads records in large windows; one a thread. */
struct file_reader {
	const struct inventory  *inventory;
	const struct extensions *extensions;
	uint8_t                 *window;         /* slots as read */
	uint64_t                 window_first;   /* record */
	size_t                   window_count;   /* slots, 0 when empty */
	struct ranges            window_missing;
	uint8_t                 *slot;           /* one record, fix-ups undone */
};

MUST_CHECK int file_reader_init(struct file_reader *reader, const struct inventory *inventory,
				const struct extensions *extensions, struct error *err);
void           file_reader_release(struct file_reader *reader);

/*
 * Load the file whose base record is @record (a decoded one, no extension).
 * Returns 0, also for damaged files, or -1 without memory.  file_release in any case.
 */
MUST_CHECK int file_load(struct file_reader *reader, uint32_t record, struct file *file, struct error *err);
void           file_release(struct file *file);

/* The stream of @type and ASCII @name ("" for the unnamed), or NULL. */
const struct file_stream *file_find_stream(const struct file *file, uint32_t type, const char *name);

/* The times of the name of @units UTF-16 units in @parent, or NULL. */
const struct file_times *file_name_times(const struct file *file, file_ref parent, const uint8_t *text, uint8_t units);

#endif
