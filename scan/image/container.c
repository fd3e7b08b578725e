/* SPDX-License-Identifier: MIT */
/* container.c - see container.h; MIT, for the reason told in protocol.h */
#include "scan/image/container.h"

#include "scan/image/image_error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static bool ends_with(const char *path, const char *end)
{
	size_t length = strlen(path), end_length = strlen(end);

	return length >= end_length && strcasecmp(path + length - end_length, end) == 0;
}

/* -------- what it is -------- */

int container_check(const char *path, char text[IMAGE_ERROR_BYTES])
{
	const char *name = base_name(path);
	struct stat status;

	if (stat(path, &status) < 0 || access(path, R_OK) < 0)
		return image_error(text, "cannot open '%.100s': %s", name, strerror(errno));
	if (S_ISDIR(status.st_mode))
		return ends_with(path, ".afd") ? 0 : image_error(text, "'%.100s' is a directory", name);
	if (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode))
		return image_error(text, "'%.100s' is neither a file nor a block device", name);
	if (S_ISREG(status.st_mode) && !status.st_size)
		return image_error(text, "'%.100s' is empty", name);
	return 0;
}

struct format {
	const char       *name;
	const char       *signature;
	uint8_t           length;    /* of the signature, bytes, 32 at most */
	TSK_IMG_TYPE_ENUM type;      /* libtsk's, TSK_IMG_TYPE_UNSUPP if it has none */
};

static const struct format formats[] = {
	{ "ewf", "EVF\x09\x0d\x0a\xff\x00", 8, TSK_IMG_TYPE_EWF_EWF },
	{ "vmdk", "KDMV", 4, TSK_IMG_TYPE_VMDK_VMDK },
	{ "vmdk", "COWD", 4, TSK_IMG_TYPE_VMDK_VMDK },
	{ "vmdk", "# Disk DescriptorFile", 21, TSK_IMG_TYPE_VMDK_VMDK },
	{ "vhd", "conectix", 8, TSK_IMG_TYPE_VHD_VHD },
	{ "vhdx", "vhdxfile", 8, TSK_IMG_TYPE_VHD_VHD },
	{ "aff", "AFF10\x0d\x0a\x00", 8, TSK_IMG_TYPE_AFF_AFF },
	{ "Ex01", "EVF2\x0d\x0a\x81\x00", 8, TSK_IMG_TYPE_UNSUPP },
	{ "L01", "LVF\x09\x0d\x0a\xff\x00", 8, TSK_IMG_TYPE_UNSUPP },
	{ "QCOW", "QFI\xfb", 4, TSK_IMG_TYPE_UNSUPP },
	{ "VDI", "<<< ", 4, TSK_IMG_TYPE_UNSUPP },
	{ "WIM", "MSWIM\x00\x00\x00", 8, TSK_IMG_TYPE_UNSUPP },
};
static const struct format raw_format = { "raw", "", 0, TSK_IMG_TYPE_RAW };
static const struct format afd_format = { "aff", "", 0, TSK_IMG_TYPE_AFF_AFD };

static const struct format *format_by_signature(const uint8_t *bytes)
{
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (memcmp(bytes, formats[i].signature, formats[i].length) == 0)
			return &formats[i];
	return NULL;
}

/* Names that are given to containers only; .vmdk and .vhd are also given to plain bytes. */
static bool is_container_name(const char *path)
{
	return ends_with(path, ".e01") || ends_with(path, ".ex01") || ends_with(path, ".vhdx") ||
	       ends_with(path, ".aff") || ends_with(path, ".afm");
}

/* A fixed VHD has its signature at the end alone, in the last sector. */
static const struct format *detect(const char *path, char text[IMAGE_ERROR_BYTES])
{
	uint8_t              head[32] = { 0 }, foot[32] = { 0 };
	const struct format *format;
	off_t                size;
	int                  fd;

	if (ends_with(path, ".afd"))
		return &afd_format;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		image_error(text, "cannot open '%.100s': %s", base_name(path), strerror(errno));
		return NULL;
	}
	size = lseek(fd, 0, SEEK_END);
	if (pread(fd, head, sizeof head, 0) < 0 ||
	    (size >= 512 && pread(fd, foot, sizeof foot, size - 512) < 0))
		memset(foot, 0, sizeof foot); /* an unreadable place has no signature */
	close(fd);

	format = format_by_signature(head);
	if (!format && memcmp(foot, "conectix", 8) == 0)
		return format_by_signature(foot);
	if (!format && is_container_name(path)) {
		image_error(text, "'%.100s' does not begin as its name says", base_name(path));
		return NULL;
	}
	return format ?: &raw_format;
}

static const struct format *format_by_name(const char *name, char text[IMAGE_ERROR_BYTES])
{
	if (strcmp(name, "raw") == 0)
		return &raw_format;
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (strcmp(name, formats[i].name) == 0)
			return &formats[i];
	image_error(text, "there is no image type '%.20s'", name);
	return NULL;
}

/* -------- E01, by libewf -------- */

/* Open all segments: those given, or those found beside the only one that is. */
static int ewf_open_segments(libewf_handle_t *ewf, char *const *paths, size_t path_count)
{
	char **found = NULL;
	int    count = 0, result;

	if (path_count > 1 ||
	    libewf_glob(paths[0], strlen(paths[0]), LIBEWF_FORMAT_UNKNOWN, &found, &count, NULL) != 1)
		return libewf_handle_open(ewf, paths, (int)path_count, LIBEWF_OPEN_READ, NULL);
	result = libewf_handle_open(ewf, found, count, LIBEWF_OPEN_READ, NULL);
	libewf_glob_free(found, count, NULL);
	return result;
}

static int ewf_open(struct container *container, char *const *paths, size_t path_count,
		    uint32_t sector_bytes, char text[IMAGE_ERROR_BYTES])
{
	size64_t size = 0;
	uint32_t stored = 0;

	if (libewf_handle_initialize(&container->ewf, NULL) != 1)
		return image_error(text, "cannot open as ewf: out of memory");
	if (ewf_open_segments(container->ewf, paths, path_count) != 1 ||
	    libewf_handle_get_media_size(container->ewf, &size, NULL) != 1)
		return image_error(text, "cannot open as ewf: sections are damaged, or the first segment is missing");
	if (!size)
		return image_error(text, "cannot open as ewf: the section with the size of the disk is damaged");
	if (libewf_handle_get_bytes_per_sector(container->ewf, &stored, NULL) != 1 || stored < 512 ||
	    stored % 512 || stored > 65536)
		stored = 512;
	if (libewf_handle_segment_files_corrupted(container->ewf, NULL) != 0)
		container->remark = "segments of the image are missing or damaged";
	container->size_bytes = size;
	container->sector_bytes = sector_bytes ? sector_bytes : stored;
	container->stored.has_md5 = libewf_handle_get_md5_hash(container->ewf, container->stored.md5,
							       sizeof container->stored.md5, NULL) == 1;
	container->stored.has_sha1 = libewf_handle_get_sha1_hash(container->ewf, container->stored.sha1,
								 sizeof container->stored.sha1, NULL) == 1;
	return 0;
}

/* Two lists that libewf keeps: what failed its checksum, or is missing; what the acquirer missed. */
static const struct {
	int (*count)(libewf_handle_t *ewf, uint32_t *count, libewf_error_t **error);
	int (*get)(libewf_handle_t *ewf, uint32_t index, uint64_t *start, uint64_t *sectors,
		   libewf_error_t **error);
} ewf_damage[] = {
	{ libewf_handle_get_number_of_checksum_errors, libewf_handle_get_checksum_error },
	{ libewf_handle_get_number_of_acquiry_errors, libewf_handle_get_acquiry_error },
};

/* One range of a list, in bytes.  Returns false if it cannot be told. */
static bool ewf_damaged_range(libewf_handle_t *ewf, size_t list, uint32_t index, uint64_t *start,
			      uint64_t *end)
{
	uint32_t sector_bytes;
	uint64_t sectors;

	return libewf_handle_get_bytes_per_sector(ewf, &sector_bytes, NULL) == 1 &&
	       ewf_damage[list].get(ewf, index, start, &sectors, NULL) == 1 &&
	       !__builtin_add_overflow(*start, sectors, end) &&
	       !__builtin_mul_overflow(*start, sector_bytes, start) &&
	       !__builtin_mul_overflow(*end, sector_bytes, end);
}

/*
 * Of the @length bytes from @offset, just read: the first stretch that is not what was on the disk.
 * Without one @bad is 0 and @good is @length.  When libewf cannot tell, nothing is good.
 */
static void ewf_judge(libewf_handle_t *ewf, size_t length, uint64_t offset, size_t *good, size_t *bad)
{
	uint64_t limit = offset + length, first = limit, behind = limit;

	for (size_t list = 0; list < sizeof ewf_damage / sizeof ewf_damage[0]; list++) {
		uint32_t count = 0;

		if (ewf_damage[list].count(ewf, &count, NULL) != 1)
			first = offset;
		for (uint32_t i = 0; i < count; i++) {
			uint64_t start = offset, end = limit;

			if (!ewf_damaged_range(ewf, list, i, &start, &end)) {
				start = offset;
				end = limit;
			}
			if (start >= first || end <= offset)
				continue;
			first = start > offset ? start : offset;
			behind = end < limit ? end : limit;
		}
	}
	*good = (size_t)(first - offset);
	*bad = (size_t)(behind - first);
}

/* -------- the others, by libtsk -------- */

/*
 * What libtsk says ends in a trace like "(libvmdk_open: no such file: x.\nlibvmdk_handle: ...)", of
 * which the first line names the cause.
 */
static const char *tsk_cause(char *room, size_t room_bytes)
{
	const char *error = tsk_error_get_errstr(), *start, *colon;

	start = error ? strstr(error, "(lib") : NULL;
	colon = start ? strstr(start, ": ") : NULL;
	if (!colon)
		return "its structures are damaged or cut off";
	snprintf(room, room_bytes, "%s", colon + 2);
	room[strcspn(room, "\n)")] = 0;
	if (room[0] && room[strlen(room) - 1] == '.')
		room[strlen(room) - 1] = 0;
	return room;
}

static int tsk_open(struct container *container, const struct format *format, char *const *paths,
		    size_t path_count, uint32_t sector_bytes, char text[IMAGE_ERROR_BYTES])
{
	char cause[IMAGE_ERROR_BYTES];

	container->tsk = tsk_img_open((int)path_count, (const char *const *)paths, format->type,
				      sector_bytes);
	if (!container->tsk)
		return image_error(text, "cannot open as %s: %.150s", format->name, tsk_cause(cause, sizeof cause));
	if (container->tsk->size <= 0)
		return image_error(text, "cannot open as %s: the disk in it has no size", format->name);
	container->size_bytes = (uint64_t)container->tsk->size;
	container->sector_bytes = container->tsk->sector_size;
	return 0;
}

/* -------- public -------- */

int container_open(struct container *container, char *const *paths, size_t path_count, const char *type,
		   uint32_t sector_bytes, char text[IMAGE_ERROR_BYTES])
{
	const struct format *format = type[0] ? format_by_name(type, text) : detect(paths[0], text);

	*container = (struct container){ .remark = "" };
	if (!format)
		return -1;
	if (format->type == TSK_IMG_TYPE_UNSUPP)
		return image_error(text, "'%.100s' is a %s file, which cannot be read", base_name(paths[0]),
				   format->name);
	if (sector_bytes % 512 || sector_bytes > 65536)
		return image_error(text, "%u bytes are no size of a sector", sector_bytes);
	container->format = format->name;
	return format->type == TSK_IMG_TYPE_EWF_EWF
		       ? ewf_open(container, paths, path_count, sector_bytes, text)
		       : tsk_open(container, format, paths, path_count, sector_bytes, text);
}

/* One attempt.  Returns good bytes from the start; 0 for any failure. */
static size_t read_once(struct container *container, void *buffer, size_t length, uint64_t offset)
{
	size_t  good, bad;
	ssize_t got;

	if (container->ewf)
		got = libewf_handle_read_random(container->ewf, buffer, length, (off64_t)offset, NULL);
	else /* not tsk_img_read(): it fails 64 KiB for one bad sector, or calls failed bytes read */
		got = container->tsk->read(container->tsk, (TSK_OFF_T)offset, buffer, length);
	if (got <= 0 || (size_t)got > length)
		return 0;
	if (!container->ewf)
		return (size_t)got;
	ewf_judge(container->ewf, (size_t)got, offset, &good, &bad);
	return good;
}

/* The first hole that ends behind @offset, or NULL. */
static const struct image_hole *next_hole(const struct container *container, uint64_t offset)
{
	size_t low = 0, high = container->hole_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (container->holes[middle].start_bytes + container->holes[middle].length_bytes <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low < container->hole_count ? &container->holes[low] : NULL;
}

static size_t read_source(void *context, void *buffer, size_t length, uint64_t offset)
{
	struct container        *container = context;
	const struct image_hole *hole = next_hole(container, offset);

	if (hole && hole->start_bytes <= offset)
		return 0;
	if (hole && hole->start_bytes - offset < length)
		length = (size_t)(hole->start_bytes - offset);
	return read_once(container, buffer, length, offset);
}

/* Holes are known, and libewf knows what it cannot give. */
static size_t known_damage(void *context, uint64_t start, uint64_t end)
{
	struct container        *container = context;
	const struct image_hole *hole = next_hole(container, start);
	size_t                   good, bad;

	if (hole && hole->start_bytes <= start) {
		uint64_t left = hole->start_bytes + hole->length_bytes - start;

		return (size_t)(left < end - start ? left : end - start);
	}
	if (!container->ewf)
		return 0;
	ewf_judge(container->ewf, (size_t)(end - start), start, &good, &bad);
	return good ? 0 : bad;
}

struct source container_source(struct container *container)
{
	/* the least that any format or page cache loses at a time; AFF unpacks megabytes for each attempt */
	size_t unit = strcmp(container->format, "aff") == 0 ? 65536 : 4096;

	return (struct source){ read_source, known_damage, container, container->size_bytes, unit };
}

int container_set_holes(struct container *container, const struct image_hole *holes, size_t count)
{
	struct image_hole *own = malloc(count * sizeof *own + 1);
	uint64_t           end = 0;

	if (!own)
		return -1;
	memcpy(own, holes, count * sizeof *own);
	for (size_t i = 0; i < count; i++)
		if (own[i].start_bytes < end ||
		    __builtin_add_overflow(own[i].start_bytes, own[i].length_bytes, &end)) {
			free(own);
			return -1;
		}
	free(container->holes);
	container->holes = own;
	container->hole_count = count;
	return 0;
}

void container_close(struct container *container)
{
	if (container->tsk)
		tsk_img_close(container->tsk);
	if (container->ewf) {
		libewf_handle_close(container->ewf, NULL);
		libewf_handle_free(&container->ewf, NULL);
	}
	free(container->holes);
	*container = (struct container){ .remark = "" };
}
