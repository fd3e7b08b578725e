/* SPDX-License-Identifier: MIT */
/* range_handle.c - see range_handle.h; MIT, for the reason told in protocol.h */
#include "scan/image/range_handle.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BLOCK_BYTES       65536u
#define BUDGET_BYTES      (16u << 20) /* of structures that an operation may read, whatever the size of the volume */
#define BUDGET_SHARE      16          /* and this part of it: 32 lists with 32 bytes for each 16 KiB */
#define OPERATION_SECONDS 30 /* of the processor, which a disk that retries does not take */

/* -------- what libbfio calls: its conventions -------- */

static struct range_handle *of(intptr_t *io)
{
	return (struct range_handle *)(void *)io;
}

static int free_io(intptr_t **io, libbfio_error_t **error)
{
	(void)error;
	*io = NULL; /* the owner's */
	return 1;
}

static int open_io(intptr_t *io, int flags, libbfio_error_t **error)
{
	(void)error;
	of(io)->at = 0;
	return flags & LIBBFIO_ACCESS_FLAG_WRITE ? -1 : 1;
}

static int close_io(intptr_t *io, libbfio_error_t **error)
{
	(void)io;
	(void)error;
	return 0;
}

static int is_there(intptr_t *io, libbfio_error_t **error)
{
	(void)io;
	(void)error;
	return 1;
}

static int get_size(intptr_t *io, size64_t *size, libbfio_error_t **error)
{
	(void)error;
	*size = of(io)->length_bytes;
	return 1;
}

static off64_t seek_io(intptr_t *io, off64_t offset, int whence, libbfio_error_t **error)
{
	struct range_handle *handle = of(io);
	int64_t              base = whence == SEEK_SET ? 0
				    : whence == SEEK_CUR ? (int64_t)handle->at
							 : (int64_t)handle->length_bytes;

	(void)error;
	if (__builtin_add_overflow(base, offset, &base) || base < 0)
		return -1;
	handle->at = (uint64_t)base;
	return base;
}

/* Read all of it, or nothing. */
static bool read_below(struct range_handle *handle, uint8_t *buffer, size_t length, uint64_t at)
{
	while (length) {
		size_t got = handle->below->read(handle->below->context, buffer, length, handle->start_bytes + at);

		if (!got || got > length)
			return false;
		buffer += got;
		length -= got;
		at += got;
	}
	return true;
}

/* The block around @at; one with damage in it is not kept. */
static bool fill_block(struct range_handle *handle, uint64_t at)
{
	uint64_t start = at / BLOCK_BYTES * BLOCK_BYTES, left = handle->length_bytes - start;
	size_t   length = left < BLOCK_BYTES ? (size_t)left : BLOCK_BYTES;

	handle->block_bytes = 0;
	if (!read_below(handle, handle->block, length, start))
		return false;
	handle->block_at = start;
	handle->block_bytes = length;
	return true;
}

static bool in_block(const struct range_handle *handle, uint64_t at, size_t length)
{
	return at >= handle->block_at && at - handle->block_at < handle->block_bytes &&
	       length <= handle->block_bytes - (size_t)(at - handle->block_at);
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (uint64_t)time.tv_sec;
}

static ssize_t read_io(intptr_t *io, uint8_t *buffer, size_t length, libbfio_error_t **error)
{
	struct range_handle *handle = of(io);
	uint64_t             at = handle->at, left = at < handle->length_bytes ? handle->length_bytes - at : 0;

	(void)error;
	if (length > left)
		length = (size_t)left;
	handle->late = handle->late || length > handle->budget || now() > handle->deadline;
	if (handle->late)
		return -1;
	if (length <= BLOCK_BYTES / 4 && (in_block(handle, at, length) || fill_block(handle, at)) &&
	    in_block(handle, at, length))
		memcpy(buffer, handle->block + (at - handle->block_at), length);
	else if (!read_below(handle, buffer, length, at))
		return -1;
	handle->at += length;
	handle->budget -= length;
	return (ssize_t)length;
}

/* -------- public -------- */

int range_handle_open(struct range_handle *handle, const struct source *below, uint64_t start_bytes,
		      uint64_t length_bytes)
{
	*handle = (struct range_handle){ .below = below, .start_bytes = start_bytes };
	if (start_bytes >= below->size_bytes || !length_bytes)
		return -1;
	handle->length_bytes = length_bytes < below->size_bytes - start_bytes ? length_bytes
									      : below->size_bytes - start_bytes;
	handle->block = malloc(BLOCK_BYTES);
	if (!handle->block ||
	    libbfio_handle_initialize(&handle->bfio, (intptr_t *)(void *)handle, free_io, NULL, open_io, close_io,
				      read_io, NULL, seek_io, is_there, is_there, get_size,
				      LIBBFIO_FLAG_IO_HANDLE_NON_MANAGED, NULL) != 1)
		return -1;
	return 0;
}

void range_handle_release(struct range_handle *handle)
{
	if (handle->bfio)
		libbfio_handle_free(&handle->bfio, NULL);
	free(handle->block);
	*handle = (struct range_handle){ 0 };
}

void range_handle_begin(struct range_handle *handle, uint64_t bytes)
{
	handle->budget = BUDGET_BYTES + handle->length_bytes / BUDGET_SHARE + 2 * bytes;
	handle->deadline = now() + OPERATION_SECONDS;
}
