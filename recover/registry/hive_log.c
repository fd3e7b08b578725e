/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hive_log.c - see hive_log.h */
#include "recover/registry/hive_log.h"

#include "core/cleanup.h"
#include "recover/registry/hive_format.h"
#include "recover/registry/marvin.h"

#define SECTOR 512u

/* -------- base blocks -------- */

/* The first sector of a hive or of a log, if it is not damaged. */
static bool take_base(struct bytes file, struct hive_base_disk *base)
{
	return file.at && bytes_read(&file, base, sizeof *base) && memcmp(base->signature, "regf", 4) == 0 &&
	       le32_get(base->checksum) == hive_base_checksum(file.at - sizeof *base);
}

static bool take_log_base(struct bytes log, bool new_form, struct hive_base_disk *base)
{
	uint32_t type;

	if (!take_base(log, base) || le32_get(base->primary) != le32_get(base->secondary))
		return false;
	type = le32_get(base->type);
	return new_form ? type == HIVE_LOG_NEW : type == HIVE_LOG_OLD || type == HIVE_LOG_NT;
}

/* -------- the hive that is made -------- */

struct made {
	uint8_t              *bytes;
	size_t                size, room;
	struct hive_base_disk base; /* put in place at the end */
};

static void made_release(struct made *made)
{
	free(made->bytes);
}

/* @room  bytes that the hive can come to at most: no log brings more than it holds */
static int begin(struct made *made, struct bytes primary, size_t room, struct error *err)
{
	if (room < HIVE_BASE_BYTES)
		room = HIVE_BASE_BYTES;
	made->bytes = calloc(room, 1);
	if (!made->bytes)
		return error_memory(err);
	made->room = room;
	memcpy(made->bytes, primary.at, primary.left < room ? primary.left : room);
	return 0;
}

static bool set_bins(struct made *made, uint32_t bins_bytes)
{
	if (bins_bytes == 0 || bins_bytes % HIVE_PAGE_BYTES || bins_bytes > made->room - HIVE_BASE_BYTES)
		return false;
	made->base.bins_bytes = le32_make(bins_bytes);
	made->size = HIVE_BASE_BYTES + bins_bytes;
	return true;
}

static bool put_page(struct made *made, uint32_t offset, struct bytes page)
{
	if (offset > made->size - HIVE_BASE_BYTES || page.left > made->size - HIVE_BASE_BYTES - offset)
		return false;
	memcpy(made->bytes + HIVE_BASE_BYTES + offset, page.at, page.left);
	return true;
}

/* 1 if what was made is a sound hive, and then it is given away. */
static int finish(struct made *made, uint32_t sequence, uint8_t **updated, size_t *size, struct error *err)
{
	made->base.type = le32_make(HIVE_PRIMARY);
	made->base.primary = made->base.secondary = le32_make(sequence);
	memcpy(made->bytes, &made->base, sizeof made->base);
	made->base.checksum = le32_make(hive_base_checksum(made->bytes));
	memcpy(made->bytes, &made->base, sizeof made->base);
	if (hive_walk((struct bytes){ made->bytes, made->size, 0 }, NULL, err) < 0)
		return err->kind == ERROR_MEMORY ? -1 : 0;
	*size = made->size;
	*updated = TAKE(made->bytes);
	return 1;
}

/* -------- the new form -------- */

int hive_log_next(struct bytes *log, struct hive_log_entry *entry, struct error *err)
{
	struct hive_log_entry_disk disk;
	struct bytes               whole = *log, body, references;
	uint32_t                   size;

	if (!bytes_read(&whole, &disk, sizeof disk) || memcmp(disk.signature, "HvLE", 4) != 0)
		return 0;
	size = le32_get(disk.size);
	if (size < sizeof disk || size % SECTOR || !bytes_take(&whole, size - sizeof disk, &body))
		return error_at(err, ERROR_BOUNDS, log->offset, "a log entry leaves the log");
	if (marvin32(HIVE_LOG_SEED, log->at, 32) != le64_get(disk.header_hash) ||
	    marvin32(HIVE_LOG_SEED, body.at, body.left) != le64_get(disk.body_hash))
		return error_at(err, ERROR_VALUE, log->offset, "a log entry is not what its checksum says");
	if (le32_get(disk.pages) > body.left / 8 ||
	    !bytes_take(&body, 8 * (size_t)le32_get(disk.pages), &references))
		return error_at(err, ERROR_BOUNDS, log->offset, "a log entry lists more than it holds");
	*log = whole;
	*entry = (struct hive_log_entry){ .sequence = le32_get(disk.sequence),
					  .flags = le32_get(disk.flags),
					  .bins_bytes = le32_get(disk.bins_bytes),
					  .references = references,
					  .pages = body };
	return 1;
}

/* The entries of one log that follow one another; none if .count is 0. */
struct sequence {
	struct bytes          log; /* from the first entry on */
	struct hive_base_disk base;
	uint32_t              first, count;
};

static struct sequence find_sequence(struct bytes log)
{
	struct sequence       found = { 0 };
	struct hive_log_entry entry;
	struct bytes          at = log, base;
	struct error          why;

	if (!take_log_base(log, true, &found.base) || !bytes_take(&at, SECTOR, &base))
		return found;
	found.log = at;
	found.first = le32_get(found.base.primary);
	while (hive_log_next(&at, &entry, &why) == 1 && entry.sequence == found.first + found.count)
		found.count++;
	return found;
}

static bool apply_entry(struct made *made, struct hive_log_entry *entry)
{
	struct bytes reference, page;

	if (!set_bins(made, entry->bins_bytes))
		return false;
	while (bytes_take(&entry->references, 8, &reference))
		if (!bytes_take(&entry->pages, le32_at(reference.at + 4), &page) ||
		    !put_page(made, le32_at(reference.at), page))
			return false;
	made->base.flags = le32_make((le32_get(made->base.flags) & ~1u) | (entry->flags & 1));
	return true;
}

static bool apply_sequence(struct made *made, struct sequence sequence)
{
	for (uint32_t i = 0; i < sequence.count; i++) {
		struct hive_log_entry entry;
		struct error          why;

		if (hive_log_next(&sequence.log, &entry, &why) != 1 || !apply_entry(made, &entry))
			return false;
	}
	return true;
}

/* Which of the logs to use, in order; returns how many. */
static size_t choose(const struct hive_base_disk *hive, struct sequence sequences[HIVE_LOGS])
{
	size_t count = 0;

	for (size_t i = 0; i < HIVE_LOGS; i++)
		if (sequences[i].count && (!hive || sequences[i].first >= le32_get(hive->secondary)))
			sequences[count++] = sequences[i];
	if (count == 2 && sequences[1].first < sequences[0].first) {
		struct sequence later = sequences[0];

		sequences[0] = sequences[1];
		sequences[1] = later;
	}
	if (count < 2)
		return count;
	if (!hive) { /* only the latest */
		sequences[0] = sequences[1];
		return 1;
	}
	return sequences[1].first == sequences[0].first + sequences[0].count ? 2 : 1;
}

static int apply_new(struct bytes primary, const struct bytes logs[HIVE_LOGS], uint8_t **updated,
		     size_t *size, struct error *err)
{
	CLEANUP(made_release) struct made made = { 0 };
	struct sequence                   sequences[HIVE_LOGS];
	struct hive_base_disk             base;
	bool                              whole = take_base(primary, &base);
	size_t                            room = primary.left, count;
	uint32_t                          last = 0;

	for (size_t i = 0; i < HIVE_LOGS; i++) {
		sequences[i] = find_sequence(logs[i]);
		room += sequences[i].log.left;
	}
	count = choose(whole ? &base : NULL, sequences);
	if (!count)
		return 0;
	if (begin(&made, primary, room, err) < 0)
		return -1;
	made.base = whole ? base : sequences[0].base;
	for (size_t i = 0; i < count; i++) {
		if (!apply_sequence(&made, sequences[i]))
			return 0;
		last = sequences[i].first + sequences[i].count - 1;
	}
	return finish(&made, last, updated, size, err);
}

/* -------- the old form -------- */

/* When the hive was last written: the base block says it, or where that is damaged the first bin. */
static bool find_time(struct bytes primary, uint64_t *written)
{
	struct hive_base_disk base;
	struct hive_bin_disk  bin;
	struct bytes          part;

	if (take_base(primary, &base)) {
		*written = le64_get(base.written);
		return true;
	}
	if (!bytes_sub(primary, HIVE_BASE_BYTES, sizeof bin, &part) || !bytes_read(&part, &bin, sizeof bin) ||
	    memcmp(bin.signature, "hbin", 4) != 0)
		return false;
	*written = le64_get(bin.written);
	return true;
}

/* The bitmap, of a bit for each sector of the bins, and the sectors that are set in it. */
static bool take_sectors(struct bytes log, const struct hive_base_disk *base, struct bytes *bitmap,
			 struct bytes *sectors)
{
	size_t sector = SECTOR * (size_t)le32_get(base->clustering),
	       bytes = le32_get(base->bins_bytes) / SECTOR / 8;
	size_t       start = sector + 4;
	struct bytes head;

	if (le32_get(base->clustering) < 1 || le32_get(base->clustering) > 8)
		return false;
	if (!bytes_sub(log, sector, 4, &head) || memcmp(head.at, "DIRT", 4) != 0 ||
	    !bytes_sub(log, start, bytes, bitmap))
		return false;
	start = (start + bytes + sector - 1) / sector * sector;
	return start <= log.left && bytes_sub(log, start, log.left - start, sectors);
}

static bool apply_sectors(struct made *made, struct bytes bitmap, struct bytes sectors)
{
	for (size_t i = 0; i < 8 * bitmap.left; i++) {
		struct bytes sector;

		if (!(bitmap.at[i / 8] >> (i % 8) & 1))
			continue;
		if (!bytes_take(&sectors, SECTOR, &sector) || !put_page(made, (uint32_t)(i * SECTOR), sector))
			return false;
	}
	return true;
}

static int apply_old(struct bytes primary, struct bytes log, uint8_t **updated, size_t *size,
		     struct error *err)
{
	CLEANUP(made_release) struct made made = { 0 };
	struct hive_base_disk             base;
	struct bytes                      bitmap, sectors;
	uint64_t                          written;

	if (!take_log_base(log, false, &made.base) || !find_time(primary, &written) ||
	    written != le64_get(made.base.written) || !take_sectors(log, &made.base, &bitmap, &sectors))
		return 0;
	if (begin(&made, primary, primary.left + sectors.left, err) < 0)
		return -1;
	if (!set_bins(&made, le32_get(made.base.bins_bytes)) || !apply_sectors(&made, bitmap, sectors))
		return 0;
	return finish(&made, take_base(primary, &base) ? le32_get(base.primary) : le32_get(made.base.primary),
		      updated, size, err);
}

int hive_logs_apply(struct bytes primary, const struct bytes logs[HIVE_LOGS], uint8_t **updated, size_t *size,
		    struct error *err)
{
	int result = apply_new(primary, logs, updated, size, err);

	for (size_t i = 0; i < HIVE_LOGS && result == 0; i++)
		result = apply_old(primary, logs[i], updated, size, err);
	return result;
}
