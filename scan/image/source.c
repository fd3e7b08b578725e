/* SPDX-License-Identifier: MIT */
/* source.c - see source.h; MIT, for the reason told in protocol.h */
#include "scan/image/source.h"

#include <time.h>

#define SECTOR_BYTES  512u /* the least that is read by itself */
#define PROBE_SECONDS 2.0  /* spent on finding out how far damage goes */

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/*
 * The sector @at cannot be read: how far does the damage go, up to @end?  Some sources know.  For the
 * others one read in each unit tells; only where the damage ends do single sectors count.
 * @buffer  room for @end - @at bytes
 */
static size_t damage_from(const struct source *source, uint8_t *buffer, uint64_t at, uint64_t end)
{
	const size_t   unit = source->unit, sector = SECTOR_BYTES;
	const uint64_t start = at;
	const double   deadline = seconds() + PROBE_SECONDS;
	size_t         known = source->damage ? source->damage(source->context, at, end) : 0;

	if (known)
		return known;
	do {
		at += unit - at % unit;
		if (at >= end)
			at = end;
	} while (at < end && seconds() < deadline &&
		 !source->read(source->context, buffer, (size_t)(end - at < unit ? end - at : unit), at));
	while (at - start > sector && source->read(source->context, buffer, sector, at - sector) == sector)
		at -= sector;
	return (size_t)(at - start);
}

static size_t round_up(size_t bytes)
{
	return (bytes + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES;
}

/* Where a read fails, halve it until it succeeds, up to the very sector that cannot be had. */
size_t source_read(const struct source *source, void *buffer, size_t length, uint64_t offset, size_t *bad)
{
	uint8_t *to = buffer;
	size_t   done = 0, step;

	*bad = 0;
	if (offset >= source->size_bytes)
		return 0;
	if (length > source->size_bytes - offset)
		length = (size_t)(source->size_bytes - offset);
	for (step = length; done < length && step;) {
		size_t part = step < length - done ? step : length - done;
		size_t got = source->read(source->context, to + done, part, offset + done);

		done += got;
		if (!got)
			step = part > SECTOR_BYTES ? round_up(part / 2) : 0;
	}
	if (done < length)
		*bad = damage_from(source, to + done, offset + done, offset + length);
	return done;
}
