/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usmt_listing.h - the list of all files in a store, as /listfiles asks for it
 *
 * A line each, "C:\Users\a\x.txt", where the file was captured from; CR LF behind it.  Read from the volumes
 * themselves: what is listed is there.
 */
#ifndef RECOVER_USMT_USMT_LISTING_H
#define RECOVER_USMT_USMT_LISTING_H

#include "recover/engine/work_volume.h"

/*
 * List the current store at @path from all @volumes, which are read anew.
 * Returns 0, or -1: a volume cannot be read, or @out not be written.
 */
MUST_CHECK int usmt_listing_write(struct work_volumes *volumes, const char *path, FILE *out, struct error *err);

#endif
