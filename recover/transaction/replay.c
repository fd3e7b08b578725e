/* SPDX-License-Identifier: GPL-3.0-or-later */
/* replay.c - see replay.h */
#include "recover/transaction/replay.h"

#include "core/cleanup.h"
#include "recover/transaction/transaction.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define PIECE_BYTES (1u << 20)

struct redo_entries ARRAY(struct redo_entry);

/* -------- reading the log -------- */

static int tell_damaged(const struct transaction *transaction, uint64_t offset, struct error *err)
{
	(void)error_set(err, ERROR_VALUE, transaction->device.path,
			"a change had begun to be put in place, and the log that holds it is damaged; write "
			"nothing to this disk, image it, and use 'holdfast rescue' on the image");
	err->offset = offset;
	return -1;
}

static int read_block(const struct transaction *transaction, uint64_t number, uint8_t *bytes, size_t length,
		      struct error *err)
{
	if (block_device_read(&transaction->device, number * REDO_BLOCK_BYTES, bytes, length) == 0)
		return 0;
	if (errno == EINVAL)
		return tell_damaged(transaction, NO_OFFSET, err);
	return error_sys(err, transaction->device.path, "cannot read the log");
}

static size_t length_of(const struct transaction *transaction, uint64_t number)
{
	uint64_t left = transaction->device.size_bytes - number * REDO_BLOCK_BYTES;

	return left < REDO_BLOCK_BYTES ? (size_t)left : REDO_BLOCK_BYTES;
}

static bool is_inside(const struct transaction *transaction, uint64_t number)
{
	return number <= (transaction->device.size_bytes - 1) / REDO_BLOCK_BYTES;
}

/* Take over the entries of one descriptor; targets ascend, so that none is there twice. */
static int add_entries(struct transaction *transaction, const struct redo_descriptor *descriptor,
		       struct redo_entries *entries, uint64_t place, struct error *err)
{
	for (uint32_t i = 0; i < descriptor->count; i++) {
		const struct redo_entry *entry = &descriptor->entries[i];

		if (!is_inside(transaction, entry->block) || !is_inside(transaction, entry->image) ||
		    (entries->count && entry->block <= entries->items[entries->count - 1].block))
			return tell_damaged(transaction, place, err);
		if (!array_push(entries, *entry))
			return error_memory(err);
	}
	return 0;
}

static int read_entries(struct transaction *transaction, const struct redo_header *header,
			struct redo_entries *entries, struct error *err)
{
	uint64_t place = header->descriptor;

	for (uint64_t number = 0; entries->count < header->blocks; number++) {
		uint8_t                bytes[REDO_BLOCK_BYTES];
		struct redo_descriptor descriptor;

		if (!is_inside(transaction, place))
			return tell_damaged(transaction, NO_OFFSET, err);
		if (read_block(transaction, place, bytes, sizeof bytes, err) < 0)
			return -1;
		if (redo_descriptor_decode((struct bytes){ bytes, sizeof bytes, place * REDO_BLOCK_BYTES },
					   &descriptor, err) < 0 ||
		    memcmp(descriptor.run, header->run, sizeof descriptor.run) != 0 ||
		    descriptor.transaction != header->transaction || descriptor.number != number ||
		    !descriptor.count)
			return tell_damaged(transaction, place * REDO_BLOCK_BYTES, err);
		if (add_entries(transaction, &descriptor, entries, place * REDO_BLOCK_BYTES, err) < 0)
			return -1;
		place = descriptor.next;
	}
	if (entries->count != header->blocks || place)
		return tell_damaged(transaction, NO_OFFSET, err);
	return 0;
}

/* -------- putting it in place -------- */

static int read_image(struct transaction *transaction, const struct redo_entry *entry,
		      uint8_t image[REDO_BLOCK_BYTES], struct error *err)
{
	if (read_block(transaction, entry->image, image, REDO_BLOCK_BYTES, err) < 0)
		return -1;
	if (redo_checksum(image, REDO_BLOCK_BYTES) != entry->checksum)
		return tell_damaged(transaction, entry->image * REDO_BLOCK_BYTES, err);
	return 0;
}

/* Is every sector of the target as it was, or as it will be? */
static int check_target(struct transaction *transaction, const struct redo_entry *entry,
			const uint8_t image[REDO_BLOCK_BYTES], struct error *err)
{
	uint8_t  target[REDO_BLOCK_BYTES];
	uint64_t is[REDO_SECTORS], will_be[REDO_SECTORS];
	size_t   length = length_of(transaction, entry->block);

	if (read_block(transaction, entry->block, target, length, err) < 0)
		return -1;
	redo_sector_checksums(target, length, is);
	redo_sector_checksums(image, length, will_be);
	for (size_t i = 0; i < REDO_SECTORS; i++) {
		if (is[i] == entry->before[i] || is[i] == will_be[i])
			continue;
		(void)error_set(err, ERROR_REFUSED, transaction->device.path,
				"something else has written to the volume since holdfast was cut off, so what its "
				"log holds must not be put in place; image the disk, and use 'holdfast rescue' on "
				"the image");
		err->offset = entry->block * REDO_BLOCK_BYTES + i * REDO_SECTOR_BYTES;
		return -1;
	}
	return 0;
}

/* Nothing is written before all of it has been found sound. */
static int check_all(struct transaction *transaction, const struct redo_entries *entries, struct error *err)
{
	for (size_t i = 0; i < entries->count; i++) {
		uint8_t image[REDO_BLOCK_BYTES];

		if (read_image(transaction, &entries->items[i], image, err) < 0 ||
		    check_target(transaction, &entries->items[i], image, err) < 0)
			return -1;
	}
	return 0;
}

/* All but @last, or only @last. */
static int place(struct transaction *transaction, const struct redo_entries *entries, uint64_t last,
		 bool only_last, struct error *err)
{
	struct block_device *device = &transaction->device;

	for (size_t i = 0; i < entries->count; i++) {
		const struct redo_entry *entry = &entries->items[i];
		uint8_t                  image[REDO_BLOCK_BYTES];

		if ((last && entry->block == last) != only_last)
			continue;
		if (read_image(transaction, entry, image, err) < 0)
			return -1;
		if (block_device_write(device, WRITE_PLACE, entry->block * REDO_BLOCK_BYTES, image,
				       length_of(transaction, entry->block)) < 0)
			return block_device_check(device, err);
	}
	return block_device_flush(device) < 0 ? block_device_check(device, err) : 0;
}

static int finish(struct transaction *transaction, const struct redo_header *header,
		  struct replay_report *report, struct error *err)
{
	struct redo_entries entries = { 0 };
	int                 result = read_entries(transaction, header, &entries, err);

	if (result == 0)
		result = check_all(transaction, &entries, err);
	transaction->device.committed = true; /* the header that was read says so */
	if (result == 0)
		result = place(transaction, &entries, header->last, false, err);
	if (result == 0 && header->last)
		result = place(transaction, &entries, header->last, true, err);
	report->finished = result == 0;
	report->blocks = entries.count;
	array_release(&entries);
	return result;
}

/* -------- emptying the log -------- */

/* Fill one piece with 0xff unless it is. */
static int erase_piece(struct transaction *transaction, uint64_t offset, size_t length, uint8_t *is,
		       const uint8_t *erased)
{
	if (block_device_read(&transaction->device, offset, is, length) < 0)
		return -1;
	if (memcmp(is, erased, length) == 0)
		return 0;
	return block_device_write(&transaction->device, WRITE_RETIRE, offset, erased, length);
}

/* All of $LogFile but the header's sector. */
static int erase_body(struct transaction *transaction)
{
	const struct runs         *runs = &transaction->map.log;
	uint64_t                   cluster_bytes = transaction->map.geometry.cluster_bytes;
	CLEANUP(free_ptr) uint8_t *is = malloc(PIECE_BYTES), *erased = malloc(PIECE_BYTES);

	if (!is || !erased) {
		errno = ENOMEM;
		return -1;
	}
	memset(erased, 0xff, PIECE_BYTES);
	for (size_t i = 0; i < runs->count; i++) {
		uint64_t at = runs->items[i].lcn * cluster_bytes;
		uint64_t end = at + runs->items[i].length * cluster_bytes;

		at += i ? 0 : REDO_SECTOR_BYTES;
		while (at < end) {
			size_t length = end - at < PIECE_BYTES ? (size_t)(end - at) : PIECE_BYTES;

			if (erase_piece(transaction, at, length, is, erased) < 0)
				return -1;
			at += length;
		}
	}
	return 0;
}

int replay_erase_log(struct transaction *transaction, struct error *err)
{
	uint8_t erased[REDO_SECTOR_BYTES];
	int     result;

	memset(erased, 0xff, sizeof erased);
	/* what was taken back must be durable before the blocks that it spoke of are gone */
	result = block_device_flush(&transaction->device);
	if (result == 0)
		result = erase_body(transaction);
	if (result == 0)
		result = block_device_flush(&transaction->device);
	if (result == 0)
		result = block_device_write(&transaction->device, WRITE_RETIRE, transaction->log.header, erased,
					    sizeof erased);
	if (result == 0)
		result = block_device_flush(&transaction->device);
	if (result == 0)
		return 0;
	block_device_fail(&transaction->device, errno, NO_OFFSET);
	return block_device_check(&transaction->device, err);
}

/* -------- all of it -------- */

/* Take back the commit; the log says again that a run is under way. */
static int retire(struct transaction *transaction, struct redo_header *header, struct error *err)
{
	struct redo_header_disk disk;

	header->state = REDO_RUNNING;
	header->blocks = header->descriptor = header->last = 0;
	redo_header_encode(header, &disk);
	if (block_device_write(&transaction->device, WRITE_RETIRE, transaction->log.header, &disk,
			       sizeof disk) < 0 ||
	    block_device_flush(&transaction->device) < 0)
		return block_device_check(&transaction->device, err);
	return 0;
}

int replay_log(struct transaction *transaction, struct replay_report *report, struct error *err)
{
	uint8_t             sector[REDO_SECTOR_BYTES];
	struct redo_header *header = &report->header;
	int                 found;

	if (block_device_read(&transaction->device, transaction->log.header, sector, sizeof sector) < 0)
		return error_sys(err, transaction->device.path, "cannot read the log");
	found = redo_header_decode((struct bytes){ sector, sizeof sector, transaction->log.header }, header, err);
	if (found <= 0) {
		if (found < 0)
			snprintf(err->path, sizeof err->path, "%s", transaction->device.path);
		return found;
	}
	report->found = true;
	if (header->serial != transaction->device.geometry.serial ||
	    header->size_bytes != transaction->device.size_bytes)
		return error_set(err, ERROR_REFUSED, transaction->device.path,
				 "holds a log of holdfast's that was written for another volume or another size "
				 "of it; put the volume back as it was, or image it and use 'holdfast rescue'");
	if (header->state == REDO_COMMITTED &&
	    (finish(transaction, header, report, err) < 0 || retire(transaction, header, err) < 0))
		return -1;
	return 0;
}
