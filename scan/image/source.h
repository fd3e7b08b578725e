/* SPDX-License-Identifier: MIT */
/*
 * source.h - bytes of which some cannot be had
 *
 * A disk in an image, or a volume within one: something that is read at an offset, and fails in
 * places.  Where it does, good bytes and bad ones are told apart here.
 *
 * Part of the image reader; MIT, for the reason told in protocol.h.
 */
#ifndef SCAN_IMAGE_SOURCE_H
#define SCAN_IMAGE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

struct source {
	/* One attempt.  Returns good bytes from the start; 0 for any failure. */
	size_t (*read)(void *context, void *buffer, size_t length, uint64_t offset);
	/* How many bytes from @start, which cannot be read, are known to be bad, up to @end; 0 if nobody knows. */
	size_t (*damage)(void *context, uint64_t start, uint64_t end); /* or NULL */
	void    *context;
	uint64_t size_bytes;
	size_t   unit; /* the least worth an attempt while the end of damage is looked for, bytes */
};

/*
 * Read; the range may lie anywhere.  Returns how many bytes from the start are good.
 * @bad  how many bytes behind those cannot be had; 0 only if all was read, or the source ends there
 */
size_t source_read(const struct source *source, void *buffer, size_t length, uint64_t offset, size_t *bad);

#endif
