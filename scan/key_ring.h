/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * key_ring.h - keys of encrypted volumes, as people give them
 *
 * Recovery keys and passwords for BitLocker.  They are kept in memory only, wiped when they are given
 * back, and taken out of what is recorded of the command line.
 */
#ifndef SCAN_KEY_RING_H
#define SCAN_KEY_RING_H

#include "core/error.h"
#include "scan/image/protocol.h"

#include <getopt.h>
#include <stdbool.h>

struct key_ring {
	char  *keys[IMAGE_KEYS_MAX]; /* each begins with an enum image_key */
	size_t count;
};

/* For the getopt_long tables of commands that open evidence, and their usage. */
enum { KEY_RING_RECOVERY = 0x1000, KEY_RING_PASSWORD };
#define KEY_RING_OPTIONS                                                  \
	{ "recovery-key", required_argument, NULL, KEY_RING_RECOVERY }, \
	{ "password-file", required_argument, NULL, KEY_RING_PASSWORD }
#define KEY_RING_USAGE                                                                             \
	"      --recovery-key KEY    the recovery key of a BitLocker volume: eight\n"          \
	"                            groups of six digits\n"                                  \
	"      --password-file FILE  its password is the first line of FILE; - asks\n"         \
	"                            for it\n"

/*
 * Take an option that getopt_long returned, if it is one of these; @taken tells.  A recovery key is
 * overwritten with stars where it stands in @value and in @line, which may be NULL.
 * Returns 0, or -1 with ERROR_USAGE: a recovery key that cannot be one, and which group of it is mistyped.
 */
MUST_CHECK int key_ring_option(struct key_ring *ring, int option, char *value, char *line, bool *taken,
			       struct error *err);

/* Wipe all keys and give them back. */
void key_ring_release(struct key_ring *ring);

#endif
