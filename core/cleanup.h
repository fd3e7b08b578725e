/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cleanup.h - local resources that carry their release with them
 *
 * Every release named in CLEANUP accepts what an initialiser of zeroes made.
 */
#ifndef CORE_CLEANUP_H
#define CORE_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(release) __attribute__((cleanup(release)))

/* Hand the pointer on and leave NULL behind, so that its CLEANUP finds nothing. */
#define TAKE(p)                          \
	({                               \
		__typeof__(p) taken_ = (p); \
		(p) = NULL;               \
		taken_;                   \
	})

/* CLEANUP(free_ptr) for anything from malloc. */
static inline void free_ptr(void *pointer)
{
	free(*(void **)pointer);
}

/* CLEANUP(close_fd) for a descriptor, -1 if none. */
static inline void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#endif
