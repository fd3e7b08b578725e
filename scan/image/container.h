/* SPDX-License-Identifier: MIT */
/*
 * container.h - the bytes of the disk inside an image file
 *
 * libtsk opens raw, split raw, VMDK, VHD, VHDX and AFF; the door to it is here.  E01 is opened with
 * libewf itself, as libtsk does it too, but it does not ask libewf which chunks failed their
 * checksum or are missing, and hands out zeros for them as if they were data.
 *
 * Part of the image reader; MIT, for the reason told in protocol.h.
 */
#ifndef SCAN_IMAGE_CONTAINER_H
#define SCAN_IMAGE_CONTAINER_H

#include "scan/image/protocol.h"
#include "scan/image/source.h"

#include <libewf.h>
#include <stddef.h>
#include <tsk/libtsk.h>

struct container {
	const char      *format; /* "ewf", "vmdk", "vhd", "vhdx", "aff" or "raw" */
	const char      *remark; /* what is wrong with it, "" if nothing */
	uint64_t         size_bytes;
	uint32_t         sector_bytes;
	TSK_IMG_INFO    *tsk;    /* one of the two, the other is NULL */
	libewf_handle_t *ewf;
	struct image_digests stored;
	struct image_hole *holes;
	size_t           hole_count;
};

/*
 * May this be opened at all?  Asks without opening, so that a FIFO can't hold us up.
 * Returns 0, or -1 with @text: not there, no permission, empty, not a file or block device.
 */
int container_check(const char *path, char text[IMAGE_ERROR_BYTES]);

/*
 * Open the image in @paths.
 * @type          "raw", "ewf", "vmdk", "vhd", "aff", or "" to go by the signature; a signature
 *                that is there is believed, so a damaged container never passes for a raw disk
 * @sector_bytes  of the disk, or 0 for what the image says, 512 if it says nothing
 * Returns 0, or -1 with @text.  Close in any case.
 */
int container_open(struct container *container, char *const *paths, size_t path_count, const char *type,
		   uint32_t sector_bytes, char text[IMAGE_ERROR_BYTES]);

/* Reads from it; the container must stay where it is. */
struct source container_source(struct container *container);

/*
 * Bytes that are not to be believed, whatever the image has there: sorted, none over another.
 * Returns 0, or -1: they are not, or there is no memory.
 */
int container_set_holes(struct container *container, const struct image_hole *holes, size_t count);

void container_close(struct container *container);

#endif
