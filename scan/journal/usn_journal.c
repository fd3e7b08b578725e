/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usn_journal.c - see usn_journal.h */
#include "scan/journal/usn_journal.h"

#include "core/endian.h"
#include "core/ntfs_time.h"
#include "core/utf16.h"
#include "scan/file_name.h"

#include <assert.h>

#define CHUNK_BYTES (1u << 20)

struct usn_head_disk {
	struct le32 length; /* 0x00  bytes, all of the record */
	struct le16 major;  /* 0x04 */
	struct le16 minor;  /* 0x06 */
};
static_assert(sizeof(struct usn_head_disk) == 0x08, "USN record");

/* Behind the head are two ids, file and parent, of 8 bytes in version 2 and of 16 since. */

struct usn_named_disk {          /* versions 2 and 3 */
	struct le64 usn;         /* 0x00 */
	struct le64 time;        /* 0x08  100 ns */
	struct le32 reasons;     /* 0x10 */
	struct le32 source;      /* 0x14 */
	struct le32 security_id; /* 0x18 */
	struct le32 attributes;  /* 0x1c */
	struct le16 name_bytes;  /* 0x20 */
	struct le16 name_offset; /* 0x22  from the start of the record */
};
static_assert(sizeof(struct usn_named_disk) == 0x24, "USN record, versions 2 and 3");

struct usn_ranges_disk {         /* version 4 */
	struct le64 usn;         /* 0x00 */
	struct le32 reasons;     /* 0x08 */
	struct le32 source;      /* 0x0c */
	struct le32 to_come;     /* 0x10  ranges, in records that follow */
	struct le16 count;       /* 0x14 */
	struct le16 range_bytes; /* 0x16  of each */
};
static_assert(sizeof(struct usn_ranges_disk) == 0x18, "USN record, version 4");

struct usn_range_disk {
	struct le64 start;  /* 0x00  bytes of the file */
	struct le64 length; /* 0x08 */
};
static_assert(sizeof(struct usn_range_disk) == 0x10, "range of a USN record");

#define SHORTEST_BYTES (sizeof(struct usn_head_disk) + 2 * 8 + sizeof(struct usn_named_disk))

/* -------- one record -------- */

/* An id of 8 or, @wide, of 16 bytes.  False where it leaves @at or is no file reference. */
static bool read_id(struct bytes *at, bool wide, file_ref *ref)
{
	struct le64 low, high = { 0 };

	if (!bytes_read(at, &low, sizeof low) || (wide && !bytes_read(at, &high, sizeof high)))
		return false;
	*ref = le64_get(low);
	return le64_get(high) == 0;
}

static int decode_named(struct bytes at, struct usn_record *record, struct error *err)
{
	struct usn_named_disk disk;
	size_t                name_offset, head_bytes;

	if (!bytes_read(&at, &disk, sizeof disk))
		return error_at(err, ERROR_BOUNDS, record->whole.offset, "USN record is cut short");
	head_bytes = record->whole.left - at.left;
	name_offset = le16_get(disk.name_offset);
	if (name_offset < head_bytes ||
	    !bytes_sub(record->whole, name_offset, le16_get(disk.name_bytes), &record->name))
		return error_at(err, ERROR_BOUNDS, record->whole.offset, "name leaves its USN record");
	if (record->name.left % 2)
		return error_at(err, ERROR_VALUE, record->whole.offset, "USN record with half a UTF-16 unit");
	record->usn = le64_get(disk.usn);
	record->time = le64_get(disk.time);
	record->reasons = le32_get(disk.reasons);
	record->source = le32_get(disk.source);
	record->attributes = le32_get(disk.attributes);
	return 0;
}

static int decode_ranges(struct bytes at, struct usn_record *record, struct error *err)
{
	struct usn_ranges_disk disk;
	size_t                 range_bytes;

	if (!bytes_read(&at, &disk, sizeof disk))
		return error_at(err, ERROR_BOUNDS, record->whole.offset, "USN record is cut short");
	range_bytes = le16_get(disk.range_bytes);
	if (range_bytes < sizeof(struct usn_range_disk) ||
	    !bytes_take(&at, le16_get(disk.count) * range_bytes, &record->ranges))
		return error_at(err, ERROR_BOUNDS, record->whole.offset, "ranges leave their USN record");
	record->range_bytes = (uint16_t)range_bytes;
	record->usn = le64_get(disk.usn);
	record->reasons = le32_get(disk.reasons);
	record->source = le32_get(disk.source);
	return 0;
}

int usn_record_decode(struct bytes from, struct usn_record *record, struct error *err)
{
	struct bytes         rest = from, at = from;
	struct usn_record    decoded = { 0 };
	struct usn_head_disk disk;
	uint16_t             version;
	int                  result;

	if (!bytes_read(&at, &disk, sizeof disk))
		return error_at(err, ERROR_BOUNDS, from.offset, "USN record is cut short");
	if (le32_get(disk.length) < sizeof disk || le32_get(disk.length) % 8)
		return error_at(err, ERROR_VALUE, from.offset, "USN record of %u bytes",
				le32_get(disk.length));
	version = le16_get(disk.major);
	if (version < 2 || version > 4)
		return error_at(err, ERROR_UNSUPPORTED, from.offset, "USN record of version %u", version);
	if (!bytes_take(&rest, le32_get(disk.length), &decoded.whole))
		return error_at(err, ERROR_BOUNDS, from.offset, "USN record leaves its page");
	decoded.version = (uint8_t)version;
	at.left = decoded.whole.left - sizeof disk;
	if (!read_id(&at, version > 2, &decoded.file) || !read_id(&at, version > 2, &decoded.parent))
		return error_at(err, ERROR_UNSUPPORTED, from.offset, "USN record with ids that NTFS has not");
	result = version == 4 ? decode_ranges(at, &decoded, err) : decode_named(at, &decoded, err);
	if (result == 0)
		*record = decoded;
	return result;
}

/* -------- found where nothing vouches for it -------- */

/* A record ends with what it holds, filled up to 8 bytes. */
static bool ends_with(const struct usn_record *record, struct bytes part)
{
	size_t end = (size_t)(part.at - record->whole.at) + part.left;

	return (end + 7) / 8 * 8 == record->whole.left;
}

static bool is_plausible_ref(file_ref ref, uint64_t records)
{
	return file_ref_sequence(ref) && file_ref_record(ref) < records;
}

bool usn_record_is_plausible(const struct usn_record *record, uint64_t records)
{
	if (record->usn > INT64_MAX || record->usn % 8 ||
	    record->usn % USN_PAGE_BYTES + record->whole.left > USN_PAGE_BYTES)
		return false;
	if (!record->reasons || record->reasons & ~USN_REASONS || record->source > 0xf)
		return false;
	if (!is_plausible_ref(record->file, records) || !is_plausible_ref(record->parent, records))
		return false;
	if (record->version == 4)
		return record->ranges.left && ends_with(record, record->ranges);
	return ntfs_time_is_plausible(record->time) && record->name.left <= 2 * NAME_UNITS_MAX &&
	       file_name_is_text(record->name) && ends_with(record, record->name);
}

bool usn_range_next(struct usn_record *record, struct range *range)
{
	struct usn_range_disk disk;
	struct bytes          one;

	if (!record->ranges.left || !bytes_take(&record->ranges, record->range_bytes, &one) ||
	    !bytes_read(&one, &disk, sizeof disk))
		return false;
	*range = (struct range){ le64_get(disk.start), le64_get(disk.length) };
	return true;
}

/* A quick look, which almost all bytes fail. */
static bool may_begin(const uint8_t *at)
{
	uint32_t length = le32_at(at);

	return length >= SHORTEST_BYTES && length <= USN_PAGE_BYTES && length % 8 == 0 &&
	       le16_at(at + 4) >= 2 && le16_at(at + 4) <= 4 && le16_at(at + 6) == 0;
}

bool usn_record_find(struct bytes *rest, uint64_t records, struct usn_record *record)
{
	struct usn_record found;
	struct error      why;
	struct bytes      part;

	while (rest->left >= SHORTEST_BYTES) {
		if (may_begin(rest->at) && usn_record_decode(*rest, &found, &why) == 0 &&
		    usn_record_is_plausible(&found, records) && (found.usn - found.whole.offset) % 512 == 0) {
			(void)bytes_take(rest, found.whole.left, &part);
			*record = found;
			return true;
		}
		(void)bytes_take(rest, 8, &part);
	}
	(void)bytes_take(rest, rest->left, &part);
	return false;
}

/* -------- the live journal -------- */

int usn_journal_open(struct usn_journal *journal, const struct volume *volume, const struct runs *runs,
		     uint64_t records, struct error *err)
{
	uint64_t clusters = volume->geometry.clusters;

	*journal = (struct usn_journal){ .volume = volume, .runs = runs, .records = records };
	for (size_t i = 0; i < runs->count; i++) {
		if (runs->items[i].lcn == LCN_HOLE)
			continue;
		if (runs->items[i].length > clusters)
			return error_set(err, ERROR_VALUE, volume->evidence->path,
					 "the change journal has more clusters than volume %u",
					 volume->number);
		clusters -= runs->items[i].length;
	}
	journal->buffer = malloc(CHUNK_BYTES);
	journal->rest.at = journal->buffer;
	return journal->buffer ? 0 : error_memory(err);
}

void usn_journal_release(struct usn_journal *journal)
{
	free(journal->buffer);
	array_release(&journal->missing);
	*journal = (struct usn_journal){ 0 };
}

/* Step over what no cluster holds.  The bytes that lie in clusters from there on; 0 at the end. */
static uint64_t find_mapped(struct usn_journal *journal)
{
	uint64_t           cluster_bytes = journal->volume->geometry.cluster_bytes, end = 0;
	const struct runs *runs = journal->runs;
	const struct run  *run = runs_find(runs, journal->next / cluster_bytes);

	if (!run)
		return 0;
	while (run < runs->items + runs->count && run->lcn == LCN_HOLE)
		run++;
	if (run == runs->items + runs->count)
		return 0;
	if (journal->next < run->vcn * cluster_bytes)
		journal->next = run->vcn * cluster_bytes;
	for (end = journal->next; run < runs->items + runs->count; run++) {
		if (run->lcn == LCN_HOLE || run->vcn * cluster_bytes > end ||
		    end - journal->next >= CHUNK_BYTES)
			break;
		end = (run->vcn + run->length) * cluster_bytes;
	}
	return end - journal->next;
}

/* Read the next pages.  Returns 1, 0 at the end, -1 with ERROR_MEMORY. */
static int read_chunk(struct usn_journal *journal, struct error *err)
{
	uint64_t mapped = find_mapped(journal), room = CHUNK_BYTES - journal->next % USN_PAGE_BYTES;
	size_t   length = (size_t)(mapped < room ? mapped : room);

	if (!length)
		return 0;
	if (stream_read(journal->volume, journal->runs, journal->next, journal->buffer, length,
			&journal->missing, err) < 0)
		return -1;
	journal->rest = (struct bytes){ journal->buffer, length, journal->next };
	journal->next += length;
	return 1;
}

int usn_journal_next(struct usn_journal *journal, struct usn_record *record, struct error *err)
{
	int result = 1;

	while (result == 1 && !usn_record_find(&journal->rest, journal->records, record))
		result = read_chunk(journal, err);
	return result;
}
