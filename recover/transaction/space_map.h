/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * space_map.h - which clusters may be written at once, and what the library may see of it
 *
 * Three states of each cluster's bit in $Bitmap: as of the last commit, as the
 * transaction will leave it ("pending": what the library has written), and
 * reserved for the log.  The library sees a cluster as taken when any of the
 * three says so; thus it never takes what it has freed itself before
 * that is committed, nor what the log lies in.  It changes $Bitmap by reading
 * bytes, flipping bits, and writing them back: only bits that differ from what it
 * has seen are its own doing.
 *
 * $LogFile is always seen as 0xff: empty, as libntfs-3g and Windows make it.
 */
#ifndef RECOVER_TRANSACTION_SPACE_MAP_H
#define RECOVER_TRANSACTION_SPACE_MAP_H

#include "recover/transaction/block_device.h"
#include "scan/stream.h"

struct space_map {
	struct geometry geometry;
	struct runs     bitmap; /* where $Bitmap's data lies */
	struct runs     log;    /* where $LogFile's data lies */
	size_t          bytes;  /* of the two below: one bit a cluster */
	uint8_t        *committed;
	uint8_t        *reserved;
};

/*
 * Find $LogFile.  That is all that may be asked of a volume whose log is not replayed yet: what else there is
 * may be half written.
 * Returns 0, or -1: damaged, or in a form that this does not know.  Release in any case.
 */
MUST_CHECK int space_map_init(struct space_map *map, const struct block_device *device, struct error *err);
void           space_map_release(struct space_map *map);

/* Find $Bitmap, and read it as it is on the device.  As space_map_init. */
MUST_CHECK int space_map_load(struct space_map *map, const struct block_device *device, struct error *err);

/* Byte of the volume where $LogFile begins. */
uint64_t space_map_log_start(const struct space_map *map);

/* True if every cluster that the bytes touch was free at the last commit, and all are clusters. */
bool space_map_is_free(const struct space_map *map, uint64_t offset, size_t length);

/* True if any of these bytes of the volume is $LogFile's. */
bool space_map_is_log(const struct space_map *map, uint64_t offset, size_t length);

/* True if any of them is $Bitmap's. */
bool space_map_is_bitmap(const struct space_map *map, uint64_t offset, size_t length);

/* Byte of the volume at which byte @index of $Bitmap lies. */
uint64_t space_map_place(const struct space_map *map, uint64_t index);

/* Reserve clusters for the log, or give them back. */
void space_map_reserve(struct space_map *map, uint64_t lcn, uint64_t count, bool reserved);

/* Turn the pending bytes of a piece of the volume into what the library may see. */
void space_map_show(const struct space_map *map, uint64_t offset, uint8_t *bytes, size_t length);

/*
 * The library writes @bytes: turn them into pending ones.
 * @pending  what is pending there now
 */
void space_map_merge(const struct space_map *map, uint64_t offset, const uint8_t *pending, uint8_t *bytes,
		     size_t length);

/* These bytes of the volume are committed now. */
void space_map_commit(struct space_map *map, uint64_t offset, const uint8_t *bytes, size_t length);

#endif
