/* SPDX-License-Identifier: GPL-3.0-or-later */
/* replay.c - see replay.h */
#include "recover/transaction/replay.h"

#include "core/cleanup.h"
#include "recover/transaction/transaction.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define PIECE_BYTES (1u << 20)

/* -------- reading the log -------- */

static int tell_damaged(const struct block_device *device, uint64_t offset, struct error *err)
{
	(void)error_set(err, ERROR_VALUE, device->path,
			"a change had begun to be put in place, and the log that holds it is damaged; write "
			"nothing to this disk, image it, and use 'holdfast rescue' on the image");
	err->offset = offset;
	return -1;
}

static int read_block(const struct block_device *device, uint64_t number, uint8_t *bytes, size_t length,
		      struct error *err)
{
	if (block_device_read(device, number * REDO_BLOCK_BYTES, bytes, length) == 0)
		return 0;
	if (errno == EINVAL)
		return tell_damaged(device, NO_OFFSET, err);
	return error_sys(err, device->path, "cannot read the log");
}

static size_t length_of(const struct block_device *device, uint64_t number)
{
	uint64_t left = device->size_bytes - number * REDO_BLOCK_BYTES;

	return left < REDO_BLOCK_BYTES ? (size_t)left : REDO_BLOCK_BYTES;
}

static bool is_inside(const struct block_device *device, uint64_t number)
{
	return number <= (device->size_bytes - 1) / REDO_BLOCK_BYTES;
}

/* Take over the entries of one descriptor; targets ascend, so that none is there twice. */
static int add_entries(const struct block_device *device, const struct redo_descriptor *descriptor,
		       struct redo_entries *entries, uint64_t place, struct error *err)
{
	for (uint32_t i = 0; i < descriptor->count; i++) {
		const struct redo_entry *entry = &descriptor->entries[i];

		if (!is_inside(device, entry->block) || !is_inside(device, entry->image) ||
		    (entries->count && entry->block <= entries->items[entries->count - 1].block))
			return tell_damaged(device, place, err);
		if (!array_push(entries, *entry))
			return error_memory(err);
	}
	return 0;
}

static int read_entries(const struct block_device *device, const struct redo_header *header,
			struct redo_entries *entries, struct error *err)
{
	uint64_t place = header->descriptor;

	for (uint64_t number = 0; entries->count < header->blocks; number++) {
		uint8_t                bytes[REDO_BLOCK_BYTES];
		struct redo_descriptor descriptor;

		if (!is_inside(device, place))
			return tell_damaged(device, NO_OFFSET, err);
		if (read_block(device, place, bytes, sizeof bytes, err) < 0)
			return -1;
		if (redo_descriptor_decode((struct bytes){ bytes, sizeof bytes, place * REDO_BLOCK_BYTES },
					   &descriptor, err) < 0 ||
		    memcmp(descriptor.run, header->run, sizeof descriptor.run) != 0 ||
		    descriptor.transaction != header->transaction || descriptor.number != number ||
		    !descriptor.count)
			return tell_damaged(device, place * REDO_BLOCK_BYTES, err);
		if (add_entries(device, &descriptor, entries, place * REDO_BLOCK_BYTES, err) < 0)
			return -1;
		place = descriptor.next;
	}
	if (entries->count != header->blocks || place)
		return tell_damaged(device, NO_OFFSET, err);
	return 0;
}

/* -------- judging it -------- */

static int read_image(const struct block_device *device, const struct redo_entry *entry,
		      uint8_t image[REDO_BLOCK_BYTES], struct error *err)
{
	if (read_block(device, entry->image, image, REDO_BLOCK_BYTES, err) < 0)
		return -1;
	if (redo_checksum(image, REDO_BLOCK_BYTES) != entry->checksum)
		return tell_damaged(device, entry->image * REDO_BLOCK_BYTES, err);
	return 0;
}

/* Is every sector that changes as it was (1), or as it will be?  0: all of them are as they will be; or -1. */
static int check_target(const struct block_device *device, const struct redo_entry *entry,
			const uint8_t image[REDO_BLOCK_BYTES], struct error *err)
{
	uint8_t  target[REDO_BLOCK_BYTES];
	uint64_t is[REDO_SECTORS], will_be[REDO_SECTORS];
	size_t   length = length_of(device, entry->block);
	bool     waiting = false;

	if (read_block(device, entry->block, target, length, err) < 0)
		return -1;
	redo_sector_checksums(target, length, is);
	redo_sector_checksums(image, length, will_be);
	for (size_t i = 0; i < REDO_SECTORS; i++) {
		waiting |= entry->before[i] && is[i] != will_be[i];
		if (!entry->before[i] || is[i] == entry->before[i] || is[i] == will_be[i])
			continue;
		(void)error_set(err, ERROR_REFUSED, device->path,
				"something else has written to the volume since holdfast was cut off, so what its "
				"log holds must not be put in place; image the disk, and use 'holdfast rescue' on "
				"the image");
		err->offset = entry->block * REDO_BLOCK_BYTES + i * REDO_SECTOR_BYTES;
		return -1;
	}
	return waiting;
}

/* Nothing may be written before all of it has been found sound. */
static int check_all(const struct block_device *device, struct replay_plan *plan, struct error *err)
{
	for (size_t i = 0; i < plan->entries.count; i++) {
		uint8_t image[REDO_BLOCK_BYTES];
		int     changes = read_image(device, &plan->entries.items[i], image, err);

		if (changes == 0)
			changes = check_target(device, &plan->entries.items[i], image, err);
		if (changes < 0)
			return -1;
		plan->waiting += (unsigned)changes;
	}
	return 0;
}

int replay_judge(const struct block_device *device, uint64_t log, struct replay_plan *plan, struct error *err)
{
	uint8_t             sector[REDO_SECTOR_BYTES];
	struct redo_header *header = &plan->header;
	int                 found;

	*plan = (struct replay_plan){ 0 };
	if (block_device_read(device, log, sector, sizeof sector) < 0)
		return error_sys(err, device->path, "cannot read the log");
	found = redo_header_decode((struct bytes){ sector, sizeof sector, log }, header, err);
	if (found < 0)
		snprintf(err->path, sizeof err->path, "%s", device->path);
	if (found <= 0)
		return found;
	plan->found = true;
	if (header->serial != device->geometry.serial || header->size_bytes != device->size_bytes)
		return error_set(err, ERROR_REFUSED, device->path,
				 "holds a log of holdfast's that was written for another volume or another size "
				 "of it; put the volume back as it was, or image it and use 'holdfast rescue'");
	if (header->state != REDO_COMMITTED)
		return 0;
	return read_entries(device, header, &plan->entries, err) < 0 ? -1 : check_all(device, plan, err);
}

void replay_plan_release(struct replay_plan *plan)
{
	array_release(&plan->entries);
}

/* -------- putting it in place -------- */

/* The sectors of one block that its entry changes. */
static int place_entry(struct block_device *device, const struct redo_entry *entry,
		       const uint8_t image[REDO_BLOCK_BYTES])
{
	uint64_t start = entry->block * REDO_BLOCK_BYTES;

	for (size_t first = 0, count; redo_next_sectors(entry->before, &first, &count); first += count) {
		size_t from = first * REDO_SECTOR_BYTES, to = (first + count) * REDO_SECTOR_BYTES;

		if (to > length_of(device, entry->block))
			to = length_of(device, entry->block);
		if (from < to && block_device_write(device, WRITE_PLACE, start + from, image + from, to - from) < 0)
			return -1;
	}
	return 0;
}

/* All but the last, or only the last. */
static int place(struct block_device *device, const struct replay_plan *plan, bool only_last, struct error *err)
{
	uint64_t last = plan->header.last;

	for (size_t i = 0; i < plan->entries.count; i++) {
		const struct redo_entry *entry = &plan->entries.items[i];
		uint8_t                  image[REDO_BLOCK_BYTES];

		if ((last && entry->block == last) != only_last)
			continue;
		if (read_image(device, entry, image, err) < 0)
			return -1;
		if (place_entry(device, entry, image) < 0)
			return block_device_check(device, err);
	}
	return block_device_flush(device) < 0 ? block_device_check(device, err) : 0;
}

/* Take back the commit; the log says again that a run is under way. */
static int retire(struct transaction *transaction, struct redo_header header, struct error *err)
{
	struct redo_header_disk disk;

	header.state = REDO_RUNNING;
	header.blocks = header.descriptor = header.last = 0;
	redo_header_encode(&header, &disk);
	if (block_device_write(&transaction->device, WRITE_RETIRE, transaction->log.header, &disk,
			       sizeof disk) < 0 ||
	    block_device_flush(&transaction->device) < 0)
		return block_device_check(&transaction->device, err);
	return 0;
}

int replay_finish(struct transaction *transaction, const struct replay_plan *plan, struct error *err)
{
	struct block_device *device = &transaction->device;

	if (!plan->found || plan->header.state != REDO_COMMITTED)
		return 0;
	device->committed = true; /* the header that was read says so */
	if (place(device, plan, false, err) < 0 || (plan->header.last && place(device, plan, true, err) < 0))
		return -1;
	return retire(transaction, plan->header, err);
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
