/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inventory.h - every MFT record of a volume, compactly
 *
 * One walk over the table on all cores in large reads.  Keeps a row a record,
 * each name, and each run of clusters that a record claims; some 150 bytes a
 * file with two names.  Everything else about a file is read again when it is
 * wanted (file.h).
 */
#ifndef SCAN_INVENTORY_H
#define SCAN_INVENTORY_H

#include "core/ntfs_time.h"
#include "scan/fact_source.h"
#include "scan/file_name.h"
#include "scan/mft.h"

enum mft_row_flag {
	ROW_DECODED   = 0x01,
	ROW_IN_USE    = 0x02,
	ROW_DIRECTORY = 0x04,
	ROW_EXTENSION = 0x08,
	ROW_TORN      = 0x10, /* some attribute may be half of another state */
	ROW_DAMAGED   = 0x20, /* some attribute does not decode */
	ROW_HAS_LIST  = 0x40, /* $ATTRIBUTE_LIST: the file has extension records */
	ROW_MISPLACED = 0x80, /* it carries another number: references do not mean it */
};

struct mft_row {
	file_ref base;        /* extension records: their base; else 0 */
	uint64_t size_bytes;  /* of the unnamed stream, where this record starts it */
	uint32_t first_name;  /* into inventory.names; .names of them */
	uint32_t alive_until; /* row_time: the youngest time in the record */
	uint32_t written;     /* row_time: the older of data and record change */
	uint32_t created;     /* row_time: the youngest creation that the record and its names speak of */
	uint16_t sequence;
	uint16_t names;
	uint16_t link_count;
	uint16_t flags;       /* enum mft_row_flag */
};

/* Times in rows are seconds since 1980; 0 for anything before, and for what a row cannot hold. */
#define ROW_TIME_EPOCH NTFS_TIME_DOS_EPOCH
#define ROW_TIME_DAY   (24u * 60u * 60u)

static inline uint32_t row_time(uint64_t time_100ns)
{
	uint64_t seconds = time_100ns < ROW_TIME_EPOCH ? 0 : (time_100ns - ROW_TIME_EPOCH) / 10000000u;

	return seconds <= UINT32_MAX ? (uint32_t)seconds : 0;
}

/* A row's time as the disk has it, cut to its second; 0 for none. */
static inline uint64_t row_time_100ns(uint32_t time)
{
	return time ? ROW_TIME_EPOCH + time * UINT64_C(10000000) : 0;
}

struct name_row {
	file_ref parent;
	uint32_t text;   /* where its units begin in inventory.text */
	uint32_t record; /* row that holds the attribute, base or extension; else index in inventory.remembered */
	uint8_t  units;  /* UTF-16 units */
	uint8_t  space;  /* enum file_name_space */
	uint8_t  source; /* enum fact_source; those up to FACT_OLDER_RECORD have a record */
	bool     directory : 1; /* what says it says that it is a directory's; a record says that itself */
	bool     earlier : 1;   /* of a record beside the table: the file had another one later (recall/settle.h) */
};

/* A name that stands in no record, and what says it. */
struct remembered {
	file_ref owner;
	uint64_t offset; /* bytes of the volume */
	uint64_t moment; /* as its source counts (fact_source.h), 0 if not known */
};

/* Clusters that a non-resident attribute of a record says are its own. */
struct claim {
	uint64_t lcn;
	uint32_t length; /* clusters; longer runs are several claims; CLAIM_SHADOW may be set */
	uint32_t record; /* that holds the attribute, or FOREIGN_RECORD */
};

/* Somebody who had the place after this life of the volume: what he wrote over is gone. */
#define FOREIGN_RECORD UINT32_MAX

/*
 * Clusters that a compressed stream held while it was written: drivers write a unit plain, pack
 * it, and free what is left over behind it.  Nobody owns them, but what was there is gone.
 */
#define CLAIM_SHADOW     0x80000000u
#define CLAIM_LENGTH_MAX 0x7fffffffu

struct name_rows  ARRAY(struct name_row);
struct remembered_list ARRAY(struct remembered);
struct claims     ARRAY(struct claim);
struct text_arena ARRAY(uint16_t);

struct extensions; /* extension.h */

struct inventory {
	struct mft        mft;
	struct mft_row   *rows;   /* mft.records of them, by record number, then those of mft.older */
	uint32_t          count;
	struct name_rows  names;
	struct remembered_list remembered;
	uint32_t         *older;  /* rows of older lives, by their references */
	struct text_arena text;   /* names as UTF-16LE units, as they lie on disk */
	struct claims     claims;
};

/*
 * Somebody who looks at each record that decodes as the table is read, which is then read only once.
 * Each thread has a state of its own; of the inventory it may ask for .mft, and for the row of the record at hand.
 */
struct record_watch {
	void *context;
	int (*begin)(void *context, const struct inventory *inventory, void **state, struct error *err);
	int (*take)(void *state, uint32_t record, uint8_t *bytes, const struct mft_slot *slot, struct error *err);
	int (*end)(void *state, struct error *err); /* releases it, also when .begin or .take has failed */
};

/*
 * Walk the table of @volume on @threads cores, with a @watch or NULL.
 * Returns 0, also when much is damaged (@findings say what); -1 when there is no table or no memory, or @watch fails.
 * Release in any case.
 */
MUST_CHECK int inventory_read_watched(struct inventory *inventory, const struct volume *volume, unsigned threads,
				      const struct record_watch *watch, struct findings *findings, struct error *err);

/* The same without a watch. */
MUST_CHECK int inventory_read(struct inventory *inventory, const struct volume *volume, unsigned threads,
			      struct findings *findings, struct error *err);
void           inventory_release(struct inventory *inventory);

/*
 * Add rows for @older, which is taken over.  Those that do not decode as the life that they are said to be, and
 * those of a life that has a row already, have rows without ROW_DECODED.  Once.  Returns 0, or -1 without memory.
 */
MUST_CHECK int inventory_add_older(struct inventory *inventory, struct older_records *older, struct error *err);

/*
 * Add a name that something else than a record says.  @text is UTF-16LE, 255 units at most.
 * Returns 0, or -1 without memory.
 */
MUST_CHECK int inventory_add_name(struct inventory *inventory, struct name_row name, struct bytes text,
				  struct remembered remembered, struct error *err);

/* Does a record of the life that @file names say this very name, UTF-16LE, as one that it has or had? */
bool inventory_has_name(const struct inventory *inventory, const struct extensions *extensions, file_ref file,
			file_ref parent, struct bytes text);

#define NO_ROW UINT32_MAX

/*
 * The row of the very life that @ref names, extension records and misplaced ones aside; or NO_ROW.
 * ntfs-3g frees a record at sequence number 0xffff to 1 and not to 0: a free record at 1 answers for both.
 */
uint32_t inventory_row_of(const struct inventory *inventory, file_ref ref);

/* Whose name it is: the base record's, also when an extension record holds it. */
file_ref inventory_owner(const struct inventory *inventory, const struct name_row *name);

/* True if a name stands in a record, or stood there until it was cut out. */
static inline bool name_is_in_record(const struct name_row *name)
{
	return name->source <= FACT_OLDER_RECORD;
}

/* True if a name stands in a record that is in use. */
static inline bool inventory_name_in_use(const struct inventory *inventory, const struct name_row *name)
{
	return name_is_in_record(name) && inventory->rows[name->record].flags & ROW_IN_USE;
}

/* The life of a record that its row shows: the number that references to it carry. */
static inline file_ref inventory_ref(const struct inventory *inventory, uint32_t record)
{
	const struct mft_row *row = &inventory->rows[record];

	if (record >= inventory->mft.records && inventory->mft.older.count)
		return inventory->mft.older.items[record - inventory->mft.records].ref;
	return file_ref_make(record, file_generation(row->sequence, row->flags & ROW_IN_USE));
}

/* The UTF-16LE bytes of a name, 2 * units of them. */
static inline const uint8_t *inventory_text(const struct inventory *inventory, const struct name_row *name)
{
	return (const uint8_t *)(inventory->text.items + name->text);
}

#endif
