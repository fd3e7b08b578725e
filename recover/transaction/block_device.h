/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * block_device.h - the bytes of one volume in an image or on a device, for writing
 *
 * Plain reads and writes on one descriptor, which nobody else may have open for
 * writing.  Every write says what it is for, and the order in which the kinds may
 * follow one another is asserted, always: a transaction (transaction.h) that
 * broke it would lose data in a power cut, and it is better to stop before.
 *
 * 1. Free clusters and log blocks are written only while no log header that was
 *    retired waits for a flush: a replay must never meet them.
 * 2. A header that commits is written only when every free cluster and log block is flushed.
 * 3. Blocks are put in place only under a header that is flushed.
 * 4. A header is retired only when everything in place is flushed.
 *
 * The first write or flush that fails is remembered: libntfs-3g forgets some.
 */
#ifndef RECOVER_TRANSACTION_BLOCK_DEVICE_H
#define RECOVER_TRANSACTION_BLOCK_DEVICE_H

#include "recover/transaction/block_cache.h"
#include "scan/boot_sector.h"

#include <stdbool.h>

enum block_write {
	WRITE_FREE,   /* a cluster that nothing committed refers to */
	WRITE_LOG,    /* a block of the log */
	WRITE_COMMIT, /* a header that commits */
	WRITE_PLACE,  /* a block whose image is in the log */
	WRITE_RETIRE, /* a header that takes back a commit, or none */
};

struct block_device {
	const char     *path;         /* of the image or device, borrowed */
	int             fd;           /* -1 when closed */
	uint64_t        offset_bytes; /* of the volume in it */
	uint64_t        size_bytes;   /* of the volume, its backup boot sector included */
	struct geometry geometry;
	struct block_cache *cache;    /* of what is read; NULL without memory for it */
	int             failed;       /* errno of the first write or flush that failed, 0: none */
	uint64_t        failed_at;    /* byte of the volume, NO_OFFSET for a flush */
	bool            broken;       /* it was the device that failed */

	/* where we are in the order above */
	bool unflushed[WRITE_RETIRE + 1]; /* of each kind */
	bool committed;                   /* a flushed header commits */
};

/*
 * Open the volume @offset_bytes into @path for writing and lock it; nothing is written.  Refused,
 * with what to do about it: no image or device, no NTFS there, one that is mounted, in use or read-only.
 * Returns 0, or -1.  block_device_close in any case.
 */
MUST_CHECK int block_device_open(struct block_device *device, const char *path, uint64_t offset_bytes,
				 struct error *err);

/*
 * Open a whole disk for writing, likewise, whatever is on it: what is written must be WRITE_FREE.  Refused also: a
 * partition of a device.
 */
MUST_CHECK int block_device_open_disk(struct block_device *device, const char *path, struct error *err);

/* Open it for reading alone; a volume that is in use is not refused.  0, or -1. */
MUST_CHECK int block_device_open_to_read(struct block_device *device, const char *path, uint64_t offset_bytes,
					 struct error *err);
void           block_device_close(struct block_device *device);

/* Read @length bytes at @offset of the volume: 0, or -1 with errno. */
MUST_CHECK int block_device_read(const struct block_device *device, uint64_t offset, void *to, size_t length);

/* Write them.  A failure is also remembered in .failed.  Returns 0, or -1 with errno. */
MUST_CHECK int block_device_write(struct block_device *device, enum block_write kind, uint64_t offset,
				  const void *from, size_t length);

/* Make durable what was written: 0, or -1 with errno, remembered as well. */
MUST_CHECK int block_device_flush(struct block_device *device);

/* Remember a failure that was met elsewhere. */
void block_device_fail(struct block_device *device, int failed, uint64_t offset);

/* Forget a failure that was met elsewhere; one of the device's own stays. */
void block_device_forgive(struct block_device *device);

/* 0 unless something has failed: then -1 with the sentence. */
MUST_CHECK int block_device_check(const struct block_device *device, struct error *err);

#endif
