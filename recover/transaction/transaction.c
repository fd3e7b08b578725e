/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transaction.c - see transaction.h */
#include "recover/transaction/transaction.h"

#include "core/cleanup.h"
#include "recover/transaction/replay.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>

#define RESIDENT_MAX 16384u       /* 64 MiB of images */
#define GATHER_BYTES (1u << 20)   /* written to the device in one go, at most */
#define FULL_BYTES   (48u << 20)  /* a caller with much to do commits behind this */

/* -------- opening and closing -------- */

/* Finish or forget what a crash left. */
static int replay(struct transaction *transaction, struct replay_report *report, struct error *err)
{
	CLEANUP(replay_plan_release) struct replay_plan plan = { 0 };

	if (replay_judge(&transaction->device, transaction->log.header, &plan, err) < 0 ||
	    replay_finish(transaction, &plan, err) < 0)
		return -1;
	*report = (struct replay_report){ .found = plan.found,
					  .finished = plan.found && plan.header.state == REDO_COMMITTED,
					  .header = plan.header,
					  .blocks = plan.waiting };
	return 0;
}

int transaction_open(struct transaction *transaction, const char *path, uint64_t offset_bytes,
		     struct replay_report *report, struct error *err)
{
	*transaction = (struct transaction){ .masked = true, .resident_max = RESIDENT_MAX };
	*report = (struct replay_report){ 0 };
	transaction->device.fd = -1;
	if (block_device_open(&transaction->device, path, offset_bytes, err) < 0 ||
	    space_map_init(&transaction->map, &transaction->device, err) < 0 ||
	    log_space_init(&transaction->log, &transaction->map, err) < 0 ||
	    replay(transaction, report, err) < 0)
		return -1;
	return space_map_load(&transaction->map, &transaction->device, err);
}

void transaction_close(struct transaction *transaction)
{
	overlay_clear(&transaction->overlay);
	log_space_release(&transaction->log);
	space_map_release(&transaction->map);
	block_device_close(&transaction->device);
}

/* Remember an error that is not the device's, so that nothing is committed. */
static int fail(struct transaction *transaction, int why, uint64_t offset)
{
	block_device_fail(&transaction->device, why, offset);
	errno = why;
	return -1;
}

/* -------- reading -------- */

/* Bytes of the volume in block @number: less than a block only at its end. */
static size_t block_bytes(const struct transaction *transaction, uint64_t number)
{
	uint64_t left = transaction->device.size_bytes - number * REDO_BLOCK_BYTES;

	return left < REDO_BLOCK_BYTES ? (size_t)left : REDO_BLOCK_BYTES;
}

static bool is_outside(const struct transaction *transaction, uint64_t offset, size_t length)
{
	return offset > transaction->device.size_bytes || length > transaction->device.size_bytes - offset;
}

/* A part of a changed block, from memory or from the log. */
static int read_changed(struct transaction *transaction, const struct overlay_block *block, size_t start,
			uint8_t *to, size_t length)
{
	if (block->image) {
		memcpy(to, block->image + start, length);
		return 0;
	}
	return block_device_read(&transaction->device, block->slot * REDO_BLOCK_BYTES + start, to, length);
}

/* How much of the next @length bytes lies in blocks that have not changed. */
static size_t unchanged_bytes(const struct transaction *transaction, uint64_t offset, size_t length)
{
	size_t known = 0;

	while (known < length &&
	       !overlay_find(&transaction->overlay, (offset + known) / REDO_BLOCK_BYTES))
		known += REDO_BLOCK_BYTES - (size_t)((offset + known) % REDO_BLOCK_BYTES);
	return known < length ? known : length;
}

/* What is pending: as the transaction will leave it, nothing hidden. */
static int read_pending(struct transaction *transaction, uint64_t offset, uint8_t *to, size_t length)
{
	while (length) {
		size_t part = unchanged_bytes(transaction, offset, length);

		if (part) {
			if (block_device_read(&transaction->device, offset, to, part) < 0)
				return -1;
		} else {
			uint64_t number = offset / REDO_BLOCK_BYTES;
			size_t   start = (size_t)(offset % REDO_BLOCK_BYTES);

			part = REDO_BLOCK_BYTES - start < length ? REDO_BLOCK_BYTES - start : length;
			if (read_changed(transaction, overlay_find(&transaction->overlay, number), start, to,
					 part) < 0)
				return -1;
		}
		offset += part;
		to += part;
		length -= part;
	}
	return 0;
}

int transaction_read(struct transaction *transaction, uint64_t offset, void *to, size_t length)
{
	if (is_outside(transaction, offset, length)) {
		errno = EINVAL;
		return -1;
	}
	if (read_pending(transaction, offset, to, length) < 0)
		return fail(transaction, errno, offset); /* the library does not always notice */
	if (transaction->masked)
		space_map_show(&transaction->map, offset, to, length);
	return 0;
}

int transaction_lay_over(struct transaction *transaction, uint64_t offset, uint8_t *bytes, size_t length)
{
	static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER; /* the device is the writer's */

	if (!transaction->overlay.count)
		return 0;
	for (size_t done = 0, part; done < length; done += part) {
		uint64_t                    at = offset + done;
		size_t                      start = (size_t)(at % REDO_BLOCK_BYTES);
		const struct overlay_block *block = overlay_find(&transaction->overlay, at / REDO_BLOCK_BYTES);
		int                         result = 0;

		part = REDO_BLOCK_BYTES - start < length - done ? REDO_BLOCK_BYTES - start : length - done;
		if (!block)
			continue;
		pthread_mutex_lock(&one_at_a_time);
		result = read_changed(transaction, block, start, bytes + done, part);
		pthread_mutex_unlock(&one_at_a_time);
		if (result < 0)
			return -1;
	}
	return 0;
}

/* -------- the log -------- */

static int read_shown(void *context, uint64_t offset, void *to, size_t length)
{
	return transaction_read(context, offset, to, length);
}

/* Before the first write to free clusters and log blocks, a header that was taken back is made durable. */
static int settle_header(struct transaction *transaction)
{
	return transaction->device.unflushed[WRITE_RETIRE] ? block_device_flush(&transaction->device) : 0;
}

static int next_slot(struct transaction *transaction, uint64_t *slot)
{
	return log_space_next(&transaction->log, &transaction->map, read_shown, transaction, slot);
}

/* Blocks that go side by side are written together. */
struct gather {
	enum block_write kind;
	uint64_t         offset; /* of the first, bytes of the volume */
	size_t           length;
	uint8_t         *bytes;  /* GATHER_BYTES */
};

static int gather_write(struct transaction *transaction, struct gather *gather)
{
	size_t length = gather->length;

	gather->length = 0;
	return length ? block_device_write(&transaction->device, gather->kind, gather->offset, gather->bytes,
					   length)
		      : 0;
}

static int gather_add(struct transaction *transaction, struct gather *gather, uint64_t offset,
		      const uint8_t *bytes, size_t length)
{
	if ((gather->length && offset != gather->offset + gather->length) ||
	    gather->length + length > GATHER_BYTES) {
		if (gather_write(transaction, gather) < 0)
			return -1;
	}
	if (!gather->length)
		gather->offset = offset;
	memcpy(gather->bytes + gather->length, bytes, length);
	gather->length += length;
	return 0;
}

/* Write the images that are in memory into the log. */
static int log_images(struct transaction *transaction, struct gather *gather)
{
	if (settle_header(transaction) < 0)
		return -1;
	for (struct overlay_block *block = transaction->overlay.blocks; block; block = block->hh.next) {
		if (!block->image)
			continue;
		if ((!block->slot && next_slot(transaction, &block->slot) < 0) ||
		    gather_add(transaction, gather, block->slot * REDO_BLOCK_BYTES, block->image, REDO_BLOCK_BYTES) < 0)
			return -1;
	}
	return gather_write(transaction, gather);
}

/* Too many images in memory: write them into the log, and keep none. */
static int spill(struct transaction *transaction)
{
	CLEANUP(free_ptr) uint8_t *bytes = malloc(GATHER_BYTES);
	struct gather              gather = { .kind = WRITE_LOG, .bytes = bytes };

	if (!bytes)
		return fail(transaction, ENOMEM, NO_OFFSET);
	if (log_images(transaction, &gather) < 0)
		return fail(transaction, errno, NO_OFFSET);
	for (struct overlay_block *block = transaction->overlay.blocks; block; block = block->hh.next)
		overlay_evict(&transaction->overlay, block);
	return 0;
}

/* -------- writing -------- */

/* What the block's sectors are now; those of $LogFile, where it shares the block, are not its own. */
static void note_before(const struct transaction *transaction, struct overlay_block *block, size_t length)
{
	redo_sector_checksums(block->image, length, block->before);
	for (size_t i = 0; i < REDO_SECTORS; i++)
		if (space_map_is_log(&transaction->map,
				     block->number * REDO_BLOCK_BYTES + i * REDO_SECTOR_BYTES, REDO_SECTOR_BYTES))
			block->before[i] = 0;
}

/*
 * Must images leave memory before the block gets one?  Never for $Bitmap's: the library has chosen the clusters
 * whose bits it is about to write, and what is spilled now could go to one of them.
 */
static bool is_spill_due(const struct transaction *transaction, uint64_t number)
{
	return transaction->running && transaction->overlay.resident >= transaction->resident_max &&
	       !space_map_is_bitmap(&transaction->map, number * REDO_BLOCK_BYTES, REDO_BLOCK_BYTES);
}

/* The block's image in memory, read from where it is now if need be; NULL with errno. */
static struct overlay_block *changed_block(struct transaction *transaction, uint64_t number)
{
	struct overlay_block *block = overlay_find(&transaction->overlay, number);
	size_t                length = block_bytes(transaction, number);
	bool                  fresh = !block;

	if (block && block->image)
		return block;
	if (is_spill_due(transaction, number) && spill(transaction) < 0)
		return NULL;
	if (fresh)
		block = overlay_add(&transaction->overlay, number);
	if (!block || (!fresh && !overlay_admit(&transaction->overlay, block))) {
		errno = ENOMEM;
		return NULL;
	}
	memset(block->image, 0, REDO_BLOCK_BYTES);
	if (block_device_read(&transaction->device, (fresh ? number : block->slot) * REDO_BLOCK_BYTES,
			      block->image, length) < 0) {
		if (fresh)
			overlay_remove(&transaction->overlay, block);
		else
			overlay_evict(&transaction->overlay, block);
		return NULL;
	}
	if (fresh)
		note_before(transaction, block, length);
	return block;
}

/* Write into one block that is in use. */
static int write_changed(struct transaction *transaction, uint64_t offset, const uint8_t *from, size_t length)
{
	uint8_t               merged[REDO_BLOCK_BYTES];
	size_t                start = (size_t)(offset % REDO_BLOCK_BYTES);
	struct overlay_block *block = changed_block(transaction, offset / REDO_BLOCK_BYTES);

	if (!block)
		return fail(transaction, errno, offset);
	memcpy(merged, from, length);
	space_map_merge(&transaction->map, offset, block->image + start, merged, length);
	memcpy(block->image + start, merged, length);
	return 0;
}

/* How much of the next @length bytes lies in blocks that were free at the last commit. */
static size_t free_bytes(const struct transaction *transaction, uint64_t offset, size_t length)
{
	size_t known = 0;

	while (known < length) {
		uint64_t block = (offset + known) / REDO_BLOCK_BYTES * REDO_BLOCK_BYTES;

		if (!space_map_is_free(&transaction->map, block, REDO_BLOCK_BYTES))
			break;
		known += REDO_BLOCK_BYTES - (size_t)((offset + known) % REDO_BLOCK_BYTES);
	}
	return known < length ? known : length;
}

static int write_free(struct transaction *transaction, uint64_t offset, const uint8_t *from, size_t length)
{
	if (settle_header(transaction) < 0)
		return -1;
	return block_device_write(&transaction->device, WRITE_FREE, offset, from, length);
}

/* The library may fill $LogFile with 0xff, which it is seen as anyway; nothing else. */
static int write_log_file(struct transaction *transaction, uint64_t offset, const uint8_t *from, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (from[i] != 0xff)
			return fail(transaction, EFAULT, offset);
	return 0;
}

int transaction_write(struct transaction *transaction, uint64_t offset, const void *from, size_t length)
{
	const uint8_t *at = from;

	transaction->writes++;
	if (is_outside(transaction, offset, length))
		return fail(transaction, EFAULT, offset); /* never */
	if (transaction->device.failed) {
		errno = transaction->device.failed;
		return -1;
	}
	if (space_map_is_log(&transaction->map, offset, length))
		return write_log_file(transaction, offset, from, length);
	while (length) {
		size_t part = transaction->running ? free_bytes(transaction, offset, length) : 0;

		if (part) {
			if (write_free(transaction, offset, at, part) < 0)
				return -1;
		} else {
			part = REDO_BLOCK_BYTES - (size_t)(offset % REDO_BLOCK_BYTES);
			part = part < length ? part : length;
			if (write_changed(transaction, offset, at, part) < 0)
				return -1;
		}
		offset += part;
		at += part;
		length -= part;
	}
	return 0;
}

/* -------- a run -------- */

static int write_header(struct transaction *transaction, enum block_write kind)
{
	struct redo_header_disk disk;

	redo_header_encode(&transaction->header, &disk);
	return block_device_write(&transaction->device, kind, transaction->log.header, &disk, sizeof disk);
}

int transaction_begin(struct transaction *transaction, const char *step, uint64_t now_100ns, struct error *err)
{
	struct redo_header *header = &transaction->header;

	assert(!transaction->running);
	*header = (struct redo_header){ .state = REDO_RUNNING,
					.serial = transaction->device.geometry.serial,
					.size_bytes = transaction->device.size_bytes,
					.started = now_100ns };
	snprintf(header->step, sizeof header->step, "%s", step);
	if (getrandom(header->run, sizeof header->run, 0) != sizeof header->run)
		return error_sys(err, transaction->device.path, "cannot get random bytes");
	if (write_header(transaction, WRITE_RETIRE) < 0 || block_device_flush(&transaction->device) < 0)
		return block_device_check(&transaction->device, err);
	transaction->running = true;
	return 0;
}

void transaction_forget(struct transaction *transaction)
{
	overlay_clear(&transaction->overlay);
	log_space_reset(&transaction->log, &transaction->map);
}

bool transaction_rewind(struct transaction *transaction)
{
	transaction_forget(transaction);
	block_device_forgive(&transaction->device);
	return transaction->running && !transaction->device.failed && !transaction->device.committed;
}

int transaction_end(struct transaction *transaction, struct error *err)
{
	assert(!transaction->overlay.count);
	transaction->running = false;
	return replay_erase_log(transaction, err);
}

/* -------- committing -------- */

/* Is the cluster's bit clear in what is pending of $Bitmap? */
static int is_pending_free(struct transaction *transaction, uint64_t lcn)
{
	uint8_t bits;

	if (read_pending(transaction, space_map_place(&transaction->map, lcn / 8), &bits, 1) < 0)
		return -1;
	return !(bits >> (lcn % 8) & 1);
}

/* Blocks that nobody will refer to need not be written: 1, 0, or -1. */
static int is_dropped(struct transaction *transaction, uint64_t number)
{
	uint64_t cluster_bytes = transaction->map.geometry.cluster_bytes;
	uint64_t lcn = number * REDO_BLOCK_BYTES / cluster_bytes;
	uint64_t end = ((number + 1) * REDO_BLOCK_BYTES - 1) / cluster_bytes;
	int      dropped = 1;

	if (end >= transaction->map.geometry.clusters)
		return 0;
	for (; dropped == 1 && lcn <= end; lcn++)
		dropped = is_pending_free(transaction, lcn);
	return dropped;
}

static int drop_freed(struct transaction *transaction)
{
	struct overlay_block *next;

	for (struct overlay_block *block = transaction->overlay.blocks; block; block = next) {
		int dropped = is_dropped(transaction, block->number);

		next = block->hh.next;
		if (dropped < 0)
			return -1;
		if (dropped)
			overlay_remove(&transaction->overlay, block);
	}
	return 0;
}

/* Make the block's image and its checksum known, whether it is in memory or in the log. */
static int image_of(struct transaction *transaction, const struct overlay_block *block,
		    uint8_t image[REDO_BLOCK_BYTES])
{
	return read_changed(transaction, block, 0, image, REDO_BLOCK_BYTES);
}

/* The descriptors, each written once the place of the next is known. */
static int log_descriptors(struct transaction *transaction, struct gather *gather)
{
	struct redo_header         *header = &transaction->header;
	struct redo_descriptor      descriptor = { .transaction = header->transaction };
	struct redo_descriptor_disk disk;
	const struct overlay_block *block = transaction->overlay.blocks;
	uint64_t                    slot;

	memcpy(descriptor.run, header->run, sizeof descriptor.run);
	if (next_slot(transaction, &slot) < 0)
		return -1;
	header->descriptor = slot;
	while (block) {
		uint8_t image[REDO_BLOCK_BYTES];

		for (descriptor.count = 0; block && descriptor.count < REDO_ENTRIES_MAX; descriptor.count++) {
			struct redo_entry *entry = &descriptor.entries[descriptor.count];

			if (image_of(transaction, block, image) < 0)
				return -1;
			*entry = (struct redo_entry){ .block = block->number,
						      .image = block->slot,
						      .checksum = redo_checksum(image, sizeof image) };
			memcpy(entry->before, block->before, sizeof entry->before);
			block = block->hh.next;
		}
		descriptor.next = 0;
		if (block && next_slot(transaction, &descriptor.next) < 0)
			return -1;
		redo_descriptor_encode(&descriptor, &disk);
		if (gather_add(transaction, gather, slot * REDO_BLOCK_BYTES, (const uint8_t *)&disk, sizeof disk) < 0)
			return -1;
		slot = descriptor.next;
		descriptor.number++;
	}
	return gather_write(transaction, gather);
}

/* Everything that the header will speak of, durable. */
static int log_transaction(struct transaction *transaction, struct gather *gather)
{
	gather->kind = WRITE_LOG;
	overlay_sort(&transaction->overlay);
	transaction->header.transaction++;
	transaction->header.blocks = transaction->overlay.count;
	if (log_images(transaction, gather) < 0 || log_descriptors(transaction, gather) < 0)
		return -1;
	return block_device_flush(&transaction->device);
}

/* The sectors of one block that are its own. */
static int place_block(struct transaction *transaction, struct gather *gather,
		       const struct overlay_block *block, const uint8_t image[REDO_BLOCK_BYTES])
{
	uint64_t start = block->number * REDO_BLOCK_BYTES;
	size_t   length = block_bytes(transaction, block->number);

	for (size_t first = 0, count; redo_next_sectors(block->before, &first, &count); first += count) {
		size_t from = first * REDO_SECTOR_BYTES, to = (first + count) * REDO_SECTOR_BYTES;

		if (to > length)
			to = length;
		if (gather_add(transaction, gather, start + from, image + from, to - from) < 0)
			return -1;
	}
	space_map_commit(&transaction->map, start, image, length);
	return 0;
}

/* Copy blocks from the log to their place: all but @last, or only @last. */
static int place_blocks(struct transaction *transaction, struct gather *gather, uint64_t last, bool only_last)
{
	gather->kind = WRITE_PLACE;
	for (struct overlay_block *block = transaction->overlay.blocks; block; block = block->hh.next) {
		uint8_t image[REDO_BLOCK_BYTES];

		if ((last && block->number == last) != only_last)
			continue;
		if (image_of(transaction, block, image) < 0 ||
		    place_block(transaction, gather, block, image) < 0)
			return -1;
	}
	if (gather_write(transaction, gather) < 0)
		return -1;
	return block_device_flush(&transaction->device);
}

static int commit_point(struct transaction *transaction, uint64_t last)
{
	transaction->header.state = REDO_COMMITTED;
	transaction->header.last = last;
	if (write_header(transaction, WRITE_COMMIT) < 0)
		return -1;
	return block_device_flush(&transaction->device);
}

static int place_all(struct transaction *transaction, struct gather *gather, uint64_t last)
{
	if (place_blocks(transaction, gather, last, false) < 0 ||
	    (last && place_blocks(transaction, gather, last, true) < 0))
		return -1;
	transaction->header.state = REDO_RUNNING;
	transaction->header.blocks = transaction->header.descriptor = transaction->header.last = 0;
	return write_header(transaction, WRITE_RETIRE); /* durable with the next flush, see settle_header */
}

/* Why the transaction could not be written down; the volume is as it was. */
static int tell_not_committed(struct transaction *transaction, int why, struct error *err)
{
	if (why == ENOSPC && !transaction->device.failed) {
		block_device_fail(&transaction->device, ENOSPC, NO_OFFSET);
		return error_set(err, ERROR_REFUSED, transaction->device.path,
				 "has too little free space to note down the change before it is made; nothing "
				 "was changed by it; free some space on the volume, then try again");
	}
	block_device_fail(&transaction->device, why, NO_OFFSET);
	return block_device_check(&transaction->device, err);
}

/* The write or flush failed that the commit is, or one behind it; @text says what has become of the change. */
static int tell_cut(struct transaction *transaction, const char *text, struct error *err)
{
	errno = transaction->device.failed ? transaction->device.failed : errno;
	block_device_fail(&transaction->device, errno, NO_OFFSET);
	(void)error_sys(err, transaction->device.path, text);
	err->offset = transaction->device.failed_at;
	return -1;
}

int transaction_commit(struct transaction *transaction, uint64_t last, struct error *err)
{
	CLEANUP(free_ptr) uint8_t *bytes = malloc(GATHER_BYTES);
	struct gather              gather = { .bytes = bytes };

	assert(transaction->running);
	if (block_device_check(&transaction->device, err) < 0)
		return -1;
	if (!bytes)
		return error_memory(err);
	if (drop_freed(transaction) < 0)
		return tell_not_committed(transaction, errno, err);
	if (!transaction->overlay.count)
		return 0;
	if (log_transaction(transaction, &gather) < 0)
		return tell_not_committed(transaction, errno, err);
	if (commit_point(transaction, last / REDO_BLOCK_BYTES) < 0)
		return tell_cut(transaction,
				"a write failed just as a change was to take effect: it may have been made or not, and "
				"'holdfast replay' decides; look after the disk (copy it to a sound one), then run it",
				err);
	if (place_all(transaction, &gather, last / REDO_BLOCK_BYTES) < 0)
		return tell_cut(transaction,
				"a write failed while a change was being put in place; nothing is lost, the log has it: "
				"look after the disk (copy it to a sound one), then run 'holdfast replay'",
				err);
	overlay_clear(&transaction->overlay);
	log_space_reset(&transaction->log, &transaction->map);
	transaction->commits++;
	return 0;
}

uint64_t transaction_pending_bytes(const struct transaction *transaction)
{
	return (uint64_t)transaction->overlay.count * REDO_BLOCK_BYTES;
}

bool transaction_is_full(const struct transaction *transaction)
{
	uint64_t own = transaction->log.blocks * REDO_BLOCK_BYTES / 8 * 7; /* the rest is for descriptors */

	return transaction_pending_bytes(transaction) >= (own < FULL_BYTES ? own : FULL_BYTES);
}
