/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * version_resource.h - what a program says of its own version
 *
 * The VERSION resource of a PE file (32 and 64 bit): the numbers of VS_FIXEDFILEINFO, and texts such as
 * "ProductVersion".  Pure: bytes of the file in, values out.
 * Format: Microsoft PE/COFF specification, ".rsrc"; Win32 VS_VERSIONINFO.
 */
#ifndef RECOVER_RULES_VERSION_RESOURCE_H
#define RECOVER_RULES_VERSION_RESOURCE_H

#include "core/bytes.h"
#include "core/error.h"

struct version_resource {
	struct bytes block;                     /* VS_VERSIONINFO, in the file's bytes */
	bool         numbers;                   /* the two below are there */
	uint16_t     file[4], product[4];       /* 6.1.7601.17514 */
};

/*
 * Find the first VERSION resource of a file.
 * Returns 1, 0 if it has none or is no such program, -1 with ERROR_BOUNDS or ERROR_VALUE where it is damaged.
 */
MUST_CHECK int version_resource_find(struct version_resource *version, struct bytes file, struct error *err);

/* The text of a tag, of the first language that has it, as WTF-8; NULL: none, or no memory.  To be freed. */
char *version_resource_text(const struct version_resource *version, const char *tag);

#endif
