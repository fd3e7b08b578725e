/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * evidence.h - the image or device that is looked at, and never written
 *
 * Raw images, split raw images and block devices are read directly; containers
 * (E01, VMDK, VHD, AFF) and partition tables through the image reader, a
 * program of its own (scan/image/).  Every descriptor is opened O_RDONLY.
 * Reading is safe from several threads.
 */
#ifndef SCAN_EVIDENCE_H
#define SCAN_EVIDENCE_H

#include "core/digest.h"
#include "core/range.h"
#include "scan/finding.h"
#include "scan/image/client.h"
#include "scan/key_ring.h"

#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

struct evidence_segment {
	int      fd;
	uint64_t end; /* of its bytes in the whole, exclusive */
};

/*
 * What a writer of this process holds back: put it over @bytes, that were read at @offset of the evidence.
 * Called by several threads at once.  False when it cannot be had.
 */
typedef bool evidence_pending(void *context, uint64_t offset, uint8_t *bytes, size_t length);

struct layer;

struct evidence {
	char                    *path;          /* as given, without @ */
	const char              *format;        /* "raw", "split raw", "device", or the container's name */
	uint64_t                 size_bytes;
	uint32_t                 sector_bytes;  /* of the device; 512 for image files */
	struct evidence_segment *segments;      /* none for a container */
	size_t                   segment_count;
	char                   **paths;         /* all files it consists of */
	size_t                   path_count;
	struct image_client     *client;        /* NULL until a container or a table asks for it */
	struct image_digests     stored;        /* what a container says of the bytes in it */
	char                     format_name[32];
	struct ranges            map;           /* bytes that the map file calls unreadable, sorted */
	bool                     mapped;
	struct ranges            unreadable;    /* met so far, sorted; under .lock */
	pthread_mutex_t          lock;          /* zeroes: not held */
	evidence_pending        *pending;       /* NULL: nobody writes to it, or what is written is there */
	void                    *pending_context;

	const struct key_ring   *keys;   /* borrowed, set by the caller; NULL: no BitLocker volume is opened */
	struct evidence         *outer;  /* that this lies in, as @as says (layer.h); NULL if it was opened by name */
	struct layer            *as;
	struct layers ARRAY(struct layer *) within;
};

/*
 * Open @path read-only.  @map_path names a GNU ddrescue map file, or is NULL.
 * Returns 0, or -1 with a sentence that says what to do.  Release in any case.
 */
MUST_CHECK int evidence_open(struct evidence *evidence, const char *path, const char *map_path,
			     struct error *err);
void           evidence_release(struct evidence *evidence);

/*
 * Read @length bytes from @offset.  Bytes that cannot be had (read errors, the map, the end of
 * the evidence) come as zeros and are appended to @unreadable, in bytes of the evidence.
 * Returns 0, also with holes; -1 only with ERROR_MEMORY.
 */
MUST_CHECK int evidence_read(struct evidence *evidence, uint64_t offset, void *buffer, size_t length,
			     struct ranges *unreadable, struct error *err);

/* SHA-256 of the first and last MiB: the same disk, or another?  Unreadable bytes count as zeros. */
MUST_CHECK int evidence_fingerprint(struct evidence *evidence, char hex[DIGEST_HEX_SIZE], struct error *err);

/* True if @path (which need not exist) is one of the evidence's files or lies on its device. */
bool evidence_holds(const struct evidence *evidence, const char *path);

/* Refuse @path as a place to write to if the evidence holds it: -1 with the sentence for it. */
MUST_CHECK int evidence_refuse(const struct evidence *evidence, const char *path, struct error *err);

/*
 * The image reader with this evidence open in it, for its partition table.
 * Returns 0, or -1 with its own words.
 */
MUST_CHECK int evidence_client(struct evidence *evidence, struct error *err);

/* A new image reader with this evidence open in it, to look into what lies within.  Stop and free it. */
MUST_CHECK int evidence_reader(const struct evidence *evidence, struct image_client **client, struct error *err);

/* Bytes that could not be read so far, here and in all that lies within; what is decrypted counts once. */
uint64_t evidence_unreadable(struct evidence *evidence);

/*
 * Where they are, sorted, and what else the map file calls unreadable.  What is decrypted lies where its
 * cipher text does; of shadow copies, whose bytes lie elsewhere, nothing is here.
 * Returns 0, or -1 without memory.
 */
MUST_CHECK int evidence_unreadable_places(struct evidence *evidence, struct ranges *places, struct error *err);

#endif
