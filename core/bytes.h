/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bytes.h - a window on bytes that somebody else wrote
 *
 * Reading never leaves the window.  The window knows where its first byte lies
 * on the volume, so that damage can be located.
 */
#ifndef CORE_BYTES_H
#define CORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
	const uint8_t *at;      /* next byte */
	size_t         left;    /* bytes */
	uint64_t       offset;  /* of *at on the volume, bytes */
};

/* Cut off the next @n bytes into @part.  False, and nothing moves, when fewer are left. */
static inline bool bytes_take(struct bytes *from, size_t n, struct bytes *part)
{
	if (n > from->left)
		return false;
	*part = (struct bytes){ from->at, n, from->offset };
	from->at += n;
	from->left -= n;
	from->offset += n;
	return true;
}

/* Copy the next @n bytes to @to and move past them.  False, and nothing moves, when fewer are left. */
static inline bool bytes_read(struct bytes *from, void *to, size_t n)
{
	struct bytes part;

	if (!bytes_take(from, n, &part))
		return false;
	memcpy(to, part.at, n);
	return true;
}

/* Look at @n bytes from @start on.  False when they are not all inside. */
static inline bool bytes_sub(struct bytes whole, size_t start, size_t n, struct bytes *part)
{
	if (start > whole.left || n > whole.left - start)
		return false;
	*part = (struct bytes){ whole.at + start, n, whole.offset + start };
	return true;
}

#endif
