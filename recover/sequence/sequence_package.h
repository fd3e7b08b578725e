/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequence_package.h - where on this computer the packages lie that a task sequence speaks of
 *
 * ConfigMgr names a package by an id, "PS100001"; --package ID=PATH says which folder or file of the host it is.
 */
#ifndef RECOVER_SEQUENCE_SEQUENCE_PACKAGE_H
#define RECOVER_SEQUENCE_SEQUENCE_PACKAGE_H

#include "core/error.h"

#include <stddef.h>

struct sequence_package {
	const char *id;
	const char *path; /* a folder, or a file such as an image */
};

/*
 * Read "ID=PATH".
 * @text  is cut in two, and borrowed
 * Returns 0, or -1: ERROR_USAGE, or nothing is at PATH.
 */
MUST_CHECK int sequence_package_parse(struct sequence_package *package, char *text, struct error *err);

/* The package with this id, case aside, the last that was said for it; NULL: nobody has said where it is. */
const struct sequence_package *sequence_packages_find(const struct sequence_package *packages, size_t count,
						      const char *id);

#endif
