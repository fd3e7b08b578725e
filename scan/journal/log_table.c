/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_table.c - see log_table.h */
#include "scan/journal/log_table.h"

#include "core/endian.h"

#include <assert.h>

struct table_disk {
	struct le16 entry_bytes; /* 0x00 */
	struct le16 entries;     /* 0x02 */
	struct le16 in_use;      /* 0x04 */
	uint8_t     reserved[6]; /* 0x06 */
	struct le32 free_goal;   /* 0x0c */
	struct le32 first_free;  /* 0x10 */
	struct le32 last_free;   /* 0x14 */
};
static_assert(sizeof(struct table_disk) == LOG_TABLE_FIRST, "restart table header");

#define ENTRY_IN_USE 0xffffffffu /* where a free one has its successor */

struct open_attribute_0_disk {
	struct le32 next;        /* 0x00 */
	struct le32 pointer;     /* 0x04 */
	struct le64 file;        /* 0x08 */
	struct le64 opened_lsn;  /* 0x10 */
	uint8_t     dirty;       /* 0x18 */
	uint8_t     reserved[3]; /* 0x19 */
	struct le32 type;        /* 0x1c */
	struct le64 name;        /* 0x20  in memory */
	struct le32 index_bytes; /* 0x28 */
};
static_assert(sizeof(struct open_attribute_0_disk) == 0x2c, "open attribute, version 0");

struct open_attribute_1_disk {
	struct le32 next;        /* 0x00 */
	struct le32 index_bytes; /* 0x04 */
	struct le32 type;        /* 0x08 */
	uint8_t     dirty;       /* 0x0c */
	uint8_t     reserved[3]; /* 0x0d */
	struct le64 file;        /* 0x10 */
	struct le64 opened_lsn;  /* 0x18 */
	struct le64 pointer;     /* 0x20 */
};
static_assert(sizeof(struct open_attribute_1_disk) == 0x28, "open attribute, version 1");

struct dirty_page_disk {
	struct le32 next;      /* 0x00 */
	struct le32 target;    /* 0x04 */
	struct le32 length;    /* 0x08 */
	struct le32 lcn_count; /* 0x0c */
};
static_assert(sizeof(struct dirty_page_disk) == 0x10, "dirty page");

#define DIRTY_PAGE_0_GAP 4u /* between its two halves: its size is no multiple of 8 */

struct dirty_page_place_disk {
	struct le64 vcn;        /* 0x00 */
	struct le64 oldest_lsn; /* 0x08 */
};
static_assert(sizeof(struct dirty_page_place_disk) == 0x10, "dirty page, second half");

struct transaction_disk {
	struct le32 next;          /* 0x00 */
	uint8_t     state;         /* 0x04 */
	uint8_t     reserved[3];   /* 0x05 */
	struct le64 first_lsn;     /* 0x08 */
	struct le64 previous_lsn;  /* 0x10 */
	struct le64 undo_next_lsn; /* 0x18 */
};
static_assert(sizeof(struct transaction_disk) == 0x20, "transaction");

struct checkpoint_disk {
	struct le32 major;               /* 0x00 */
	struct le32 minor;               /* 0x04 */
	struct le64 start_lsn;           /* 0x08 */
	struct le64 open_attributes_lsn; /* 0x10 */
	struct le64 names_lsn;           /* 0x18 */
	struct le64 dirty_pages_lsn;     /* 0x20 */
	struct le64 transactions_lsn;    /* 0x28 */
	struct le32 lengths[4];          /* 0x30  of the four, bytes */
};
static_assert(sizeof(struct checkpoint_disk) == 0x40, "NTFS restart area");

#define CLUSTER_BYTES_AT 0x50u /* le32, in the longer ones */

int log_table_open(struct bytes dump, struct log_table *table, struct error *err)
{
	struct bytes      at = dump;
	struct table_disk disk;
	uint64_t          length;

	if (!bytes_read(&at, &disk, sizeof disk) || le16_get(disk.entry_bytes) < 4)
		return error_at(err, ERROR_BOUNDS, dump.offset, "table in the log is cut short");
	length = (uint64_t)le16_get(disk.entry_bytes) * le16_get(disk.entries);
	if (length < at.left)
		at.left = length;
	*table = (struct log_table){ le16_get(disk.entry_bytes), LOG_TABLE_FIRST, at };
	return 0;
}

bool log_table_next(struct log_table *table, struct log_table_entry *entry)
{
	struct bytes whole;

	while (bytes_take(&table->entries, table->entry_bytes, &whole)) {
		uint32_t place = table->place;

		table->place += table->entry_bytes;
		if (le32_at(whole.at) != ENTRY_IN_USE)
			continue;
		*entry = (struct log_table_entry){ place, whole };
		return true;
	}
	return false;
}

int log_open_attribute_decode(struct bytes entry, struct log_open_attribute *attribute, struct error *err)
{
	struct open_attribute_0_disk old;
	struct open_attribute_1_disk disk;
	struct bytes                 at = entry;

	if (entry.left >= sizeof old && bytes_read(&at, &old, sizeof old)) {
		*attribute = (struct log_open_attribute){ le64_get(old.file), le32_get(old.type),
							  le32_get(old.index_bytes), le64_get(old.opened_lsn) };
		return 0;
	}
	if (!bytes_read(&at, &disk, sizeof disk))
		return error_at(err, ERROR_BOUNDS, entry.offset, "open attribute is cut short");
	*attribute = (struct log_open_attribute){ le64_get(disk.file), le32_get(disk.type), le32_get(disk.index_bytes),
						  le64_get(disk.opened_lsn) };
	return 0;
}

int log_attribute_name_next(struct bytes *dump, struct log_attribute_name *name, struct error *err)
{
	struct bytes at = *dump, text;
	struct le16  place, length, end;

	if (!bytes_read(&at, &place, sizeof place) || !bytes_read(&at, &length, sizeof length) || !le16_get(place))
		return 0;
	if (!bytes_take(&at, le16_get(length), &text) || !bytes_read(&at, &end, sizeof end))
		return error_at(err, ERROR_BOUNDS, dump->offset, "name leaves its table in the log");
	*name = (struct log_attribute_name){ le16_get(place), text };
	*dump = at;
	return 1;
}

int log_dirty_page_decode(struct bytes entry, struct log_dirty_page *page, struct error *err)
{
	struct bytes                 at = entry, gap;
	struct dirty_page_disk       disk;
	struct dirty_page_place_disk place;

	if (!bytes_read(&at, &disk, sizeof disk) ||
	    (entry.left % 8 && !bytes_take(&at, DIRTY_PAGE_0_GAP, &gap)) || !bytes_read(&at, &place, sizeof place))
		return error_at(err, ERROR_BOUNDS, entry.offset, "dirty page is cut short");
	if (le32_get(disk.lcn_count) < at.left / 8)
		at.left = 8u * le32_get(disk.lcn_count);
	at.left -= at.left % 8;
	*page = (struct log_dirty_page){ le32_get(disk.target), le32_get(disk.length), le64_get(place.vcn),
					 le64_get(place.oldest_lsn), at };
	return 0;
}

int log_transaction_decode(struct bytes entry, struct log_transaction *transaction, struct error *err)
{
	struct transaction_disk disk;
	struct bytes            at = entry;

	if (!bytes_read(&at, &disk, sizeof disk))
		return error_at(err, ERROR_BOUNDS, entry.offset, "transaction is cut short");
	*transaction = (struct log_transaction){ disk.state, le64_get(disk.first_lsn), le64_get(disk.previous_lsn),
						 le64_get(disk.undo_next_lsn) };
	return 0;
}

int log_checkpoint_decode(struct bytes data, struct log_checkpoint *checkpoint, struct error *err)
{
	struct checkpoint_disk disk;
	struct bytes           at = data, cluster;

	if (!bytes_read(&at, &disk, sizeof disk))
		return error_at(err, ERROR_BOUNDS, data.offset, "checkpoint is cut short");
	*checkpoint = (struct log_checkpoint){
		.major = le32_get(disk.major),
		.minor = le32_get(disk.minor),
		.start_lsn = le64_get(disk.start_lsn),
		.open_attributes_lsn = le64_get(disk.open_attributes_lsn),
		.names_lsn = le64_get(disk.names_lsn),
		.dirty_pages_lsn = le64_get(disk.dirty_pages_lsn),
		.transactions_lsn = le64_get(disk.transactions_lsn),
		.cluster_bytes = bytes_sub(data, CLUSTER_BYTES_AT, 4, &cluster) ? le32_at(cluster.at) : 0,
	};
	return 0;
}
