/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * package_image.h - the system image that a package holds
 */
#ifndef RECOVER_SEQUENCE_PACKAGE_IMAGE_H
#define RECOVER_SEQUENCE_PACKAGE_IMAGE_H

#include "core/error.h"

/*
 * Find the image of @package: the file itself, or the one .wim, .esd or .swm in a folder or its "sources", as in a copy
 * of Windows' medium; boot.wim and the further parts of a split image do not count.
 * @path  to be freed; NULL with -1
 * Returns 0, or -1: there is none, or more than one.
 */
MUST_CHECK int package_image_find(const char *package, char **path, struct error *err);

#endif
