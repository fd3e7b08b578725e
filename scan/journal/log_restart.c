/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_restart.c - see log_restart.h */
#include "scan/journal/log_restart.h"

#include "core/endian.h"
#include "scan/fixup.h"

#include <assert.h>

struct restart_page_disk {
	uint8_t     signature[4];   /* 0x00  "RSTR", or "CHKD" when chkdsk has been there */
	struct le16 fixup_offset;   /* 0x04 */
	struct le16 fixup_count;    /* 0x06 */
	struct le64 checked_lsn;    /* 0x08  CHKD only */
	struct le32 system_page;    /* 0x10  bytes */
	struct le32 log_page;       /* 0x14  bytes */
	struct le16 area_offset;    /* 0x18  bytes from the page's start */
	struct le16 minor;          /* 0x1a */
	struct le16 major;          /* 0x1c */
};
static_assert(sizeof(struct restart_page_disk) == 0x1e, "restart page header");

struct restart_area_disk {
	struct le64 current_lsn;    /* 0x00 */
	struct le16 clients;        /* 0x08  size of the array */
	struct le16 free_list;      /* 0x0a */
	struct le16 in_use_list;    /* 0x0c */
	struct le16 flags;          /* 0x0e */
	struct le32 sequence_bits;  /* 0x10 */
	struct le16 length;         /* 0x14  bytes, clients included */
	struct le16 clients_offset; /* 0x16  bytes from the area's start */
	struct le64 size_bytes;     /* 0x18  of $LogFile */
	struct le32 last_length;    /* 0x20  data of the last record */
	struct le16 header_bytes;   /* 0x24  of a record */
	struct le16 data_offset;    /* 0x26  in a page */
	struct le32 open_count;     /* 0x28 */
};
static_assert(sizeof(struct restart_area_disk) == 0x2c, "restart area");

struct client_disk {
	struct le64 oldest_lsn;  /* 0x00 */
	struct le64 restart_lsn; /* 0x08  of its last checkpoint */
	struct le16 previous;    /* 0x10 */
	struct le16 next;        /* 0x12 */
	struct le16 sequence;    /* 0x14 */
	uint8_t     reserved[6]; /* 0x16 */
	struct le32 name_length; /* 0x1c  bytes */
	uint8_t     name[128];   /* 0x20  UTF-16 */
};
static_assert(sizeof(struct client_disk) == 0xa0, "client record");

#define PAGE_BYTES_MAX     65536u
#define DATA_OFFSET_LEAST  0x28u   /* the header of a record page */
#define HEADER_BYTES_LEAST 0x30u
#define HEADER_BYTES_MAX   0x100u
#define TAIL_PAGES         2u      /* copies in 1.1 */
#define FAST_PAGES_END     34u     /* 2.x: the ring begins at this page */

static bool is_page_size(uint32_t bytes)
{
	return bytes >= FIXUP_STRIDE && bytes <= PAGE_BYTES_MAX && (bytes & (bytes - 1)) == 0;
}

/* The numbers that the ring is walked by. */
static bool is_possible(const struct log_layout *layout)
{
	return layout->data_offset % LOG_UNIT_BYTES == 0 && layout->data_offset >= DATA_OFFSET_LEAST &&
	       layout->header_bytes % LOG_UNIT_BYTES == 0 && layout->header_bytes >= HEADER_BYTES_LEAST &&
	       layout->header_bytes <= HEADER_BYTES_MAX &&
	       layout->data_offset + layout->header_bytes < layout->page_bytes &&
	       layout->sequence_bits >= LSN_SEQUENCE_BITS_LEAST && layout->sequence_bits <= LSN_SEQUENCE_BITS_MAX &&
	       layout->ring_start < layout->ring_end &&
	       lsn_offset(layout, layout->ring_end / LOG_UNIT_BYTES - 1) == layout->ring_end - LOG_UNIT_BYTES;
}

static int decode_area(struct bytes area, struct log_restart *restart, struct error *err)
{
	struct bytes             at = area, clients;
	struct restart_area_disk disk;
	struct client_disk       client;
	struct log_layout       *layout = &restart->layout;

	if (!bytes_read(&at, &disk, sizeof disk))
		return error_at(err, ERROR_BOUNDS, area.offset, "restart area is cut short");
	restart->current_lsn = le64_get(disk.current_lsn);
	restart->size_bytes = le64_get(disk.size_bytes);
	restart->flags = le16_get(disk.flags);
	layout->sequence_bits = le32_get(disk.sequence_bits);
	layout->data_offset = le16_get(disk.data_offset);
	layout->header_bytes = le16_get(disk.header_bytes);
	layout->ring_end = restart->size_bytes - restart->size_bytes % layout->page_bytes;
	if (!is_possible(layout))
		return error_at(err, ERROR_VALUE, area.offset + 0x10, "restart area describes no log");
	if (le16_get(disk.clients) &&
	    bytes_sub(area, le16_get(disk.clients_offset), sizeof client, &clients) &&
	    bytes_read(&clients, &client, sizeof client)) {
		restart->has_client = true;
		restart->oldest_lsn = le64_get(client.oldest_lsn);
		restart->client_restart_lsn = le64_get(client.restart_lsn);
	}
	return 0;
}

int log_restart_decode(uint8_t *page, size_t size_bytes, uint64_t offset, struct log_restart *restart,
		       struct error *err)
{
	struct bytes             at = { page, size_bytes, offset }, area;
	struct restart_page_disk disk;
	struct log_restart       decoded = { 0 };
	fixup_torn               torn;

	if (!bytes_read(&at, &disk, sizeof disk) ||
	    (memcmp(disk.signature, "RSTR", 4) != 0 && memcmp(disk.signature, "CHKD", 4) != 0))
		return error_at(err, ERROR_VALUE, offset, "no restart page");
	decoded.major = le16_get(disk.major);
	decoded.minor = le16_get(disk.minor);
	decoded.system_page_bytes = le32_get(disk.system_page);
	decoded.layout.page_bytes = le32_get(disk.log_page);
	if (!is_page_size(decoded.system_page_bytes) || !is_page_size(decoded.layout.page_bytes))
		return error_at(err, ERROR_VALUE, offset + 0x10, "log pages of %u and %u bytes",
				decoded.system_page_bytes, decoded.layout.page_bytes);
	if (decoded.major < 1 || decoded.major > 2 || (decoded.major == 1 && decoded.minor == 0))
		return error_at(err, ERROR_UNSUPPORTED, offset + 0x1a, "log version %u.%u", decoded.major,
				decoded.minor);
	if (size_bytes < decoded.system_page_bytes ||
	    fixup_undo(page, decoded.system_page_bytes, offset, &torn, err) < 0)
		return error_at(err, ERROR_BOUNDS, offset, "restart page is cut short");
	if (!bytes_sub((struct bytes){ page, decoded.system_page_bytes, offset }, le16_get(disk.area_offset),
		       sizeof(struct restart_area_disk) + sizeof(struct client_disk), &area) ||
	    fixup_touches(torn, le16_get(disk.area_offset), area.left))
		return error_at(err, ERROR_BOUNDS, offset + 0x18, "restart area is torn or leaves its page");
	area.left = decoded.system_page_bytes - le16_get(disk.area_offset);
	decoded.layout.ring_start = FAST_PAGES_END * (uint64_t)decoded.layout.page_bytes;
	if (decoded.major == 1)
		decoded.layout.ring_start = 2ull * decoded.system_page_bytes + TAIL_PAGES * decoded.layout.page_bytes;
	if (decode_area(area, &decoded, err) < 0)
		return -1;
	*restart = decoded;
	return 0;
}

struct log_layout log_layout_default(uint64_t size_bytes)
{
	struct log_layout layout = { .page_bytes = 4096, .data_offset = 0x40, .header_bytes = 0x30 };
	unsigned          size_bits = 0;

	while (size_bits < 64 && size_bytes >> size_bits)
		size_bits++;
	layout.sequence_bits = 67 - size_bits; /* 64, and the three of a unit */
	if (layout.sequence_bits > LSN_SEQUENCE_BITS_MAX)
		layout.sequence_bits = LSN_SEQUENCE_BITS_MAX;
	if (layout.sequence_bits < LSN_SEQUENCE_BITS_LEAST)
		layout.sequence_bits = LSN_SEQUENCE_BITS_LEAST;
	layout.ring_start = (2 + TAIL_PAGES) * (uint64_t)layout.page_bytes;
	layout.ring_end = size_bytes - size_bytes % layout.page_bytes;
	return layout;
}

uint64_t lsn_next_page(const struct log_layout *layout, uint64_t page)
{
	uint64_t next = lsn_offset(layout, page) + layout->page_bytes;

	return next < layout->ring_end ? lsn_make(layout, lsn_pass(layout, page), next)
				       : lsn_make(layout, lsn_pass(layout, page) + 1, layout->ring_start);
}
