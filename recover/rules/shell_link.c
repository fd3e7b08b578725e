/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shell_link.c - see shell_link.h */
#include "recover/rules/shell_link.h"

#include "core/cleanup.h"
#include "core/utf16.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct shell_link_disk {
	struct le32 size;           /* 0x00  of this header, 0x4c */
	uint8_t     class_id[16];   /* 0x04 */
	struct le32 flags;          /* 0x14  enum link_flags */
	uint8_t     not_ours[0x34]; /* 0x18  attributes, times, icon, window, hot key */
};
static_assert(sizeof(struct shell_link_disk) == 0x4c, "header of a shortcut");

enum link_flags { LINK_HAS_ITEMS = 1 << 0, LINK_HAS_INFO = 1 << 1, LINK_NO_INFO = 1 << 8 };

struct link_info_disk {
	struct le32 size;        /* 0x00  of all of it */
	struct le32 header_size; /* 0x04  0x1c, or more: with the two of UTF-16 behind */
	struct le32 flags;       /* 0x08  enum info_flags */
	struct le32 volume;      /* 0x0c  offsets, bytes from the start of this */
	struct le32 path;        /* 0x10 */
	struct le32 network;     /* 0x14 */
	struct le32 suffix;      /* 0x18 */
};
static_assert(sizeof(struct link_info_disk) == 0x1c, "LinkInfo");

struct link_info_unicode_disk {
	struct le32 path;   /* 0x1c  offsets as above, 0 none */
	struct le32 suffix; /* 0x20 */
};

enum info_flags { INFO_IS_LOCAL = 1 << 0 };

static const uint8_t class_id[16] = { 0x01, 0x14, 0x02, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46 };

static int broken(struct bytes at, struct error *err, const char *what)
{
	return error_at(err, ERROR_BOUNDS, at.offset, "%s leaves the shortcut", what);
}

/* The text at an offset up to its zero, in bytes that every code page has: 1, 0 for others, -1. */
static int plain_text(struct bytes info, uint32_t offset, char **text, struct error *err)
{
	struct bytes   rest;
	const uint8_t *end;

	if (offset > info.left || !bytes_sub(info, offset, info.left - offset, &rest) ||
	    !(end = memchr(rest.at, 0, rest.left)))
		return broken(info, err, "a path");
	for (const uint8_t *at = rest.at; at < end; at++)
		if (*at >= 0x80)
			return 0;
	*text = strndup((const char *)rest.at, (size_t)(end - rest.at));
	return *text ? 1 : error_memory(err);
}

/* The same in UTF-16. */
static int wide_text(struct bytes info, uint32_t offset, char **text, struct error *err)
{
	struct bytes rest;
	size_t       units = 0;

	if (offset > info.left || !bytes_sub(info, offset, info.left - offset, &rest))
		return broken(info, err, "a path");
	while (units < rest.left / 2 && le16_at(rest.at + 2 * units))
		units++;
	if (units == rest.left / 2)
		return broken(rest, err, "a path");
	*text = malloc(3 * units + 1);
	if (!*text)
		return error_memory(err);
	utf16_to_text(rest.at, units, *text);
	return 1;
}

/* One of two texts, that of UTF-16 if there is one. */
static int either_text(struct bytes info, uint32_t plain, uint32_t wide, char **text, struct error *err)
{
	return wide ? wide_text(info, wide, text, err) : plain_text(info, plain, text, err);
}

static int read_info(struct bytes info, char **path, struct error *err)
{
	struct link_info_disk         disk;
	struct link_info_unicode_disk wide = { 0 };
	struct bytes                  at = info;
	CLEANUP(free_ptr) char       *base = NULL, *suffix = NULL;
	int                           known;

	if (!bytes_read(&at, &disk, sizeof disk))
		return broken(info, err, "its LinkInfo");
	if (le32_get(disk.header_size) >= sizeof disk + sizeof wide && !bytes_read(&at, &wide, sizeof wide))
		return broken(info, err, "its LinkInfo");
	if (!(le32_get(disk.flags) & INFO_IS_LOCAL))
		return 0;
	known = either_text(info, le32_get(disk.path), le32_get(wide.path), &base, err);
	if (known == 1)
		known = either_text(info, le32_get(disk.suffix), le32_get(wide.suffix), &suffix, err);
	if (known != 1)
		return known;
	if (asprintf(path, "%s%s", base, suffix) >= 0)
		return 1;
	*path = NULL;
	return error_memory(err);
}

/* Pass the list of shell items by. */
static int pass_items(struct bytes *at, struct error *err)
{
	struct le16  size;
	struct bytes items;

	if (!bytes_read(at, &size, sizeof size) || !bytes_take(at, le16_get(size), &items))
		return broken(*at, err, "its list of items");
	return 0;
}

int shell_link_local_path(struct bytes link, char **path, struct error *err)
{
	struct shell_link_disk disk;
	struct bytes           at = link, info;
	struct le32            size;

	*path = NULL;
	if (!bytes_read(&at, &disk, sizeof disk) || le32_get(disk.size) != sizeof disk ||
	    memcmp(disk.class_id, class_id, sizeof class_id) != 0)
		return error_at(err, ERROR_VALUE, link.offset, "it is no shortcut");
	if (!(le32_get(disk.flags) & LINK_HAS_INFO) || le32_get(disk.flags) & LINK_NO_INFO)
		return 0;
	if (le32_get(disk.flags) & LINK_HAS_ITEMS && pass_items(&at, err) < 0)
		return -1;
	if (at.left < sizeof size)
		return broken(at, err, "its LinkInfo");
	memcpy(&size, at.at, sizeof size);
	if (!bytes_take(&at, le32_get(size), &info))
		return broken(at, err, "its LinkInfo");
	return read_info(info, path, err);
}
