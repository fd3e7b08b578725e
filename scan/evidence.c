/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evidence.c - see evidence.h */
#include "scan/evidence.h"

#include "core/cleanup.h"
#include "core/mounted.h"
#include "scan/layer.h"
#include "scan/map_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#define SECTOR_BYTES 512u

/* -------- opening -------- */

static int evidence_add_path(struct evidence *evidence, const char *path, struct error *err)
{
	char **grown = realloc(evidence->paths, (evidence->path_count + 1) * sizeof *grown);

	if (!grown)
		return error_memory(err);
	evidence->paths = grown;
	evidence->paths[evidence->path_count] = strdup(path);
	if (!evidence->paths[evidence->path_count])
		return error_memory(err);
	evidence->path_count++;
	return 0;
}

/* Open one raw file or device and add it as the next segment. */
static int evidence_add_segment(struct evidence *evidence, const char *path, struct error *err)
{
	struct evidence_segment *grown;
	struct stat              status;
	off_t                    size;
	int                      fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return error_sys(err, path, "cannot open the evidence");
	grown = realloc(evidence->segments, (evidence->segment_count + 1) * sizeof *grown);
	if (!grown) {
		close(fd);
		return error_memory(err);
	}
	evidence->segments = grown;
	evidence->segments[evidence->segment_count++] = (struct evidence_segment){ fd, 0 };

	if (fstat(fd, &status) < 0)
		return error_sys(err, path, "cannot look at the evidence");
	if (S_ISDIR(status.st_mode))
		return error_set(err, ERROR_VALUE, path,
				 "is a directory; name a disk image or a block device");
	if (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode))
		return error_set(err, ERROR_VALUE, path,
				 "is neither a file nor a block device; name a disk image or a block device");
	size = lseek(fd, 0, SEEK_END);
	if (size < 0)
		return error_sys(err, path, "cannot find the size of the evidence");
	if (S_ISBLK(status.st_mode)) {
		int sector_bytes = 0;

		evidence->format = "device";
		if (ioctl(fd, BLKSSZGET, &sector_bytes) == 0 && sector_bytes >= 512)
			evidence->sector_bytes = (uint32_t)sector_bytes;
	}
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM); /* our reads are large already */
	evidence->size_bytes += (uint64_t)size;
	evidence->segments[evidence->segment_count - 1].end = evidence->size_bytes;
	return evidence_add_path(evidence, path, err);
}

/* The name of the next segment after image.001, image.aa and the like; false at the end. */
static bool next_segment_name(char *path)
{
	char *at = path + strlen(path) - 1, *dot = strrchr(path, '.');

	for (; dot && at > dot; at--) {
		if (*at == '9') {
			*at = '0';
		} else if (*at == 'z') {
			*at = 'a';
		} else {
			(*at)++;
			return true;
		}
	}
	return false;
}

/* image.000, image.001 or image.aa with a successor beside it is the first of several. */
static bool is_first_segment(const char *path)
{
	CLEANUP(free_ptr) char *next = strdup(path);
	const char             *dot = strrchr(path, '.');

	if (!next || !dot || (strcmp(dot, ".000") != 0 && strcmp(dot, ".001") != 0 && strcmp(dot, ".0001") != 0 &&
			      strcmp(dot, ".aa") != 0 && strcmp(dot, ".aaa") != 0))
		return false;
	return next_segment_name(next) && access(next, F_OK) == 0;
}

static int evidence_add_other_segments(struct evidence *evidence, const char *path, struct error *err)
{
	CLEANUP(free_ptr) char *next = strdup(path);

	if (!next)
		return error_memory(err);
	evidence->format = "split raw";
	while (next_segment_name(next) && access(next, F_OK) == 0)
		if (evidence_add_segment(evidence, next, err) < 0)
			return -1;
	return 0;
}

/* What the first and last bytes say the file is. */
static const char *container_name(const uint8_t head[SECTOR_BYTES], const uint8_t tail[SECTOR_BYTES])
{
	static const struct {
		const char *magic;
		size_t      length;
		const char *name;
	} known[] = {
		{ "EVF\x09\x0d\x0a\xff", 7, "E01" },   { "LVF\x09\x0d\x0a\xff", 7, "L01" },
		{ "EVF2\x0d\x0a\x81", 7, "Ex01" },     { "KDMV", 4, "VMDK" },
		{ "# Disk DescriptorFile", 21, "VMDK" }, { "COWD", 4, "VMDK" },
		{ "conectix", 8, "VHD" },              { "vhdxfile", 8, "VHDX" },
		{ "QFI\xfb", 4, "QCOW2" },             { "AFF10\r\n", 7, "AFF" },
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (memcmp(head, known[i].magic, known[i].length) == 0)
			return known[i].name;
	return memcmp(tail, "conectix", 8) == 0 ? "VHD" : NULL;
}

static bool ends_with(const char *path, const char *end)
{
	size_t length = strlen(path), end_length = strlen(end);

	return length >= end_length && strcasecmp(path + length - end_length, end) == 0;
}

/* Recognise a container.  @name is NULL for raw bytes. */
static int evidence_recognise(struct evidence *evidence, const char **name, struct error *err)
{
	uint8_t       head[SECTOR_BYTES] = { 0 }, tail[SECTOR_BYTES] = { 0 };
	struct ranges holes = { 0 };
	int           result = 0;

	if (evidence_read(evidence, 0, head, sizeof head, &holes, err) < 0 ||
	    (evidence->size_bytes >= SECTOR_BYTES &&
	     evidence_read(evidence, evidence->size_bytes - SECTOR_BYTES, tail, sizeof tail, &holes, err) < 0))
		result = -1;
	array_release(&holes);
	if (result < 0)
		return -1;
	*name = container_name(head, tail);
	if (*name && (strcmp(*name, "QCOW2") == 0 || strcmp(*name, "L01") == 0 ||
		      strcmp(*name, "Ex01") == 0))
		return error_set(err, ERROR_UNSUPPORTED, evidence->path,
				 "is a %s container, which is not read here; convert a copy first, for "
				 "example with 'qemu-img convert -O raw'",
				 *name);
	if (!*name && (ends_with(evidence->path, ".e01") || ends_with(evidence->path, ".vmdk")))
		return error_set(err, ERROR_VALUE, evidence->path,
				 "does not begin like the container its name says; the file is damaged or "
				 "misnamed (rename it to .img to have it read as raw bytes)");
	return 0;
}

static void close_segments(struct evidence *evidence)
{
	for (size_t i = 0; i < evidence->segment_count; i++)
		if (evidence->segments[i].fd >= 0)
			close(evidence->segments[i].fd);
	free(evidence->segments);
	evidence->segments = NULL;
	evidence->segment_count = 0;
}

/* The whole evidence is behind the image reader: its size is the size of what is inside. */
static int evidence_open_container(struct evidence *evidence, const char *name, struct error *err)
{
	close_segments(evidence);
	if (evidence_client(evidence, err) < 0)
		return -1;
	evidence->format = name;
	evidence->size_bytes = evidence->client->size_bytes;
	evidence->stored = evidence->client->stored;
	return 0;
}

int evidence_open(struct evidence *evidence, const char *path, const char *map_path, struct error *err)
{
	const char *container;

	*evidence = (struct evidence){ .format = "raw", .sector_bytes = SECTOR_BYTES };
	evidence->path = strdup(path);
	if (!evidence->path)
		return error_memory(err);
	if (evidence_add_segment(evidence, path, err) < 0)
		return -1;
	if (is_first_segment(path) && evidence_add_other_segments(evidence, path, err) < 0)
		return -1;
	if (!evidence->size_bytes)
		return error_set(err, ERROR_VALUE, path, "is empty; there is nothing to read");
	if (evidence_recognise(evidence, &container, err) < 0 ||
	    (container && evidence_open_container(evidence, container, err) < 0))
		return -1;
	if (map_path) {
		if (map_file_read(map_path, evidence->size_bytes, &evidence->map, err) < 0)
			return -1;
		evidence->mapped = true;
	}
	return 0;
}

/* Hand the map over: what a volume within is made of may lie in its holes. */
static int tell_holes(const struct evidence *evidence, struct image_client *client, char text[IMAGE_ERROR_BYTES])
{
	struct image_hole *holes;
	int                result;

	if (!evidence->map.count)
		return 0;
	holes = calloc(evidence->map.count, sizeof *holes);
	if (!holes) {
		snprintf(text, IMAGE_ERROR_BYTES, "out of memory");
		return -1;
	}
	for (size_t i = 0; i < evidence->map.count; i++)
		holes[i] = (struct image_hole){ evidence->map.items[i].start, evidence->map.items[i].length };
	result = image_client_holes(client, holes, evidence->map.count, text);
	free(holes);
	return result;
}

/* From the file to what @evidence is, layer by layer. */
static int go_to(const struct evidence *evidence, struct image_client *client, char text[IMAGE_ERROR_BYTES])
{
	struct layer again;

	if (!evidence->outer)
		return image_client_open(client, (const char *const *)evidence->paths, evidence->path_count,
					 evidence->segments ? "raw" : NULL, text) < 0
			       ? -1
			       : tell_holes(evidence, client, text);
	if (go_to(evidence->outer, client, text) < 0)
		return -1;
	again = *evidence->as;
	if (layer_go(client, evidence->outer, &again) == 0)
		return 0;
	memcpy(text, again.why, IMAGE_ERROR_BYTES);
	return -1;
}

int evidence_reader(const struct evidence *evidence, struct image_client **client, struct error *err)
{
	char text[IMAGE_ERROR_BYTES] = "";

	*client = calloc(1, sizeof **client);
	if (!*client)
		return error_memory(err);
	if (image_client_start(*client, NULL, text) < 0 || go_to(evidence, *client, text) < 0) {
		image_client_stop(*client);
		free(TAKE(*client));
		return error_set(err, ERROR_IO, evidence->path, "%s", text);
	}
	return 0;
}

int evidence_client(struct evidence *evidence, struct error *err)
{
	return evidence->client ? 0 : evidence_reader(evidence, &evidence->client, err);
}

void evidence_release(struct evidence *evidence)
{
	layers_release(evidence);
	if (evidence->client)
		image_client_stop(evidence->client);
	free(evidence->client);
	close_segments(evidence);
	for (size_t i = 0; i < evidence->path_count; i++)
		free(evidence->paths[i]);
	free(evidence->paths);
	free(evidence->path);
	array_release(&evidence->map);
	array_release(&evidence->unreadable);
	*evidence = (struct evidence){ 0 };
}

/* -------- reading -------- */

/* Bytes read from the start of the asked-for range; fewer than asked at an error or an end. */
static size_t read_segments(const struct evidence *evidence, uint64_t offset, uint8_t *buffer, size_t length)
{
	size_t   done = 0;
	uint64_t start = 0;

	for (size_t i = 0; i < evidence->segment_count && done < length; i++) {
		uint64_t end = evidence->segments[i].end, at = offset + done;

		while (at >= start && at < end && done < length) {
			size_t  part = length - done;
			ssize_t got;

			if (part > end - at)
				part = (size_t)(end - at);
			got = pread(evidence->segments[i].fd, buffer + done, part, (off_t)(at - start));
			if (got < 0 && errno == EINTR)
				continue;
			if (got <= 0)
				return done;
			done += (size_t)got;
			at += (uint64_t)got;
		}
		start = end;
	}
	return done;
}

/* The same through the image reader.  @bad: bytes behind the good ones that are known to be damaged. */
static size_t read_container(struct evidence *evidence, uint64_t offset, uint8_t *buffer, size_t length,
			     size_t *bad)
{
	ssize_t got = image_client_read(evidence->client, buffer, length, offset, bad);

	if (got < 0)
		*bad = length; /* the reader is gone, and all that follows with it */
	return got < 0 ? 0 : (size_t)got;
}

/* False without memory. */
static bool keep_unreadable(struct evidence *evidence, uint64_t offset, uint64_t length)
{
	bool kept;

	pthread_mutex_lock(&evidence->lock);
	kept = ranges_insert(&evidence->unreadable, offset, length);
	pthread_mutex_unlock(&evidence->lock);
	return kept;
}

/* Read what can be read; where a read fails, go on behind what failed. */
static int read_around_damage(struct evidence *evidence, uint64_t offset, uint8_t *buffer, size_t length,
			      struct ranges *unreadable, struct error *err)
{
	size_t done = 0;

	while (done < length) {
		uint64_t at = offset + done;
		size_t   skip = 0;

		done += evidence->segment_count
				? read_segments(evidence, at, buffer + done, length - done)
				: read_container(evidence, at, buffer + done, length - done, &skip);
		if (done == length)
			break;
		at = offset + done;
		if (!skip)
			skip = (size_t)(evidence->sector_bytes - at % evidence->sector_bytes);
		if (skip > length - done || at >= evidence->size_bytes)
			skip = length - done;
		memset(buffer + done, 0, skip);
		if ((at < evidence->size_bytes && !keep_unreadable(evidence, at, skip)) || !ranges_add(unreadable, at, skip))
			return error_memory(err);
		done += skip;
	}
	return 0;
}

/* What is there, with what is pending over it. */
static int read_present(struct evidence *evidence, uint64_t offset, uint8_t *buffer, size_t length,
			struct ranges *unreadable, struct error *err)
{
	if (read_around_damage(evidence, offset, buffer, length, unreadable, err) < 0)
		return -1;
	if (!evidence->pending || evidence->pending(evidence->pending_context, offset, buffer, length))
		return 0;
	memset(buffer, 0, length);
	return keep_unreadable(evidence, offset, length) && ranges_add(unreadable, offset, length) ? 0
												   : error_memory(err);
}

int evidence_read(struct evidence *evidence, uint64_t offset, void *buffer, size_t length,
		  struct ranges *unreadable, struct error *err)
{
	uint8_t     *to = buffer;
	size_t       done = 0;
	struct range hole;

	while (done < length) {
		uint64_t at = offset + done;
		size_t   part = length - done, skip = 0;

		if (ranges_overlap(&evidence->map, at, part, &hole)) {
			part = (size_t)(hole.start - at);
			skip = (size_t)hole.length;
		}
		if (part && read_present(evidence, at, to + done, part, unreadable, err) < 0)
			return -1;
		done += part;
		if (skip) {
			memset(to + done, 0, skip);
			if (!keep_unreadable(evidence, offset + done, skip) || !ranges_add(unreadable, offset + done, skip))
				return error_memory(err);
			done += skip;
		}
	}
	return 0;
}

/* Bytes that could be read neither as they are nor decrypted, which is at the same place. */
static uint64_t unreadable_in_both(struct evidence *evidence, const struct layer *layer)
{
	struct evidence *inner = layer->evidence;
	uint64_t         bytes = 0;
	struct range     hit;

	if (layer->kind != LAYER_BITLOCKER)
		return 0;
	pthread_mutex_lock(&evidence->lock);
	pthread_mutex_lock(&inner->lock);
	for (size_t i = 0; i < inner->unreadable.count; i++) {
		uint64_t at = layer->offset_bytes + inner->unreadable.items[i].start;
		uint64_t end = at + inner->unreadable.items[i].length;

		for (; at < end && ranges_overlap(&evidence->unreadable, at, end - at, &hit); at = hit.start + hit.length)
			bytes += hit.length;
	}
	pthread_mutex_unlock(&inner->lock);
	pthread_mutex_unlock(&evidence->lock);
	return bytes;
}

uint64_t evidence_unreadable(struct evidence *evidence)
{
	uint64_t bytes;

	pthread_mutex_lock(&evidence->lock);
	bytes = ranges_bytes(&evidence->unreadable);
	pthread_mutex_unlock(&evidence->lock);
	for (size_t i = 0; i < evidence->within.count; i++)
		if (evidence->within.items[i]->state == LAYER_ENTERED)
			bytes += evidence_unreadable(evidence->within.items[i]->evidence) -
				 unreadable_in_both(evidence, evidence->within.items[i]);
	return bytes;
}

static bool add_places(const struct ranges *from, uint64_t base, struct ranges *places)
{
	bool kept = true;

	for (size_t i = 0; kept && i < from->count; i++)
		kept = ranges_add(places, base + from->items[i].start, from->items[i].length);
	return kept;
}

/* Of @evidence, which begins at @base of what it lies in. */
static bool add_all_places(struct evidence *evidence, uint64_t base, struct ranges *places)
{
	bool kept;

	pthread_mutex_lock(&evidence->lock);
	kept = add_places(&evidence->map, base, places) && add_places(&evidence->unreadable, base, places);
	pthread_mutex_unlock(&evidence->lock);
	for (size_t i = 0; kept && i < evidence->within.count; i++) {
		const struct layer *layer = evidence->within.items[i];

		if (layer->state == LAYER_ENTERED && layer->kind == LAYER_BITLOCKER)
			kept = add_all_places(layer->evidence, base + layer->offset_bytes, places);
	}
	return kept;
}

int evidence_unreadable_places(struct evidence *evidence, struct ranges *places, struct error *err)
{
	if (!add_all_places(evidence, 0, places))
		return error_memory(err);
	ranges_sort(places);
	return 0;
}

int evidence_fingerprint(struct evidence *evidence, char hex[DIGEST_HEX_SIZE], struct error *err)
{
	enum { PART = 1 << 20 };
	CLEANUP(free_ptr) uint8_t            *part = malloc(PART);
	CLEANUP(digest_release) struct digest digest = { 0 };
	size_t        length = evidence->size_bytes < PART ? (size_t)evidence->size_bytes : PART;
	struct ranges holes = { 0 };
	uint8_t       sum[DIGEST_BYTES];
	int           result;

	if (!part)
		return error_memory(err);
	result = digest_start(&digest, err);
	if (result == 0)
		result = evidence_read(evidence, 0, part, length, &holes, err);
	if (result == 0)
		result = digest_update(&digest, part, length, err);
	if (result == 0)
		result = evidence_read(evidence, evidence->size_bytes - length, part, length, &holes, err);
	if (result == 0)
		result = digest_update(&digest, part, length, err);
	if (result == 0)
		result = digest_end(&digest, sum, err);
	array_release(&holes);
	if (result == 0)
		digest_hex(sum, hex);
	return result;
}

/* -------- is a destination on the evidence? -------- */

/* status of the nearest existing folder above @path, or of @path itself. */
static bool stat_nearest(const char *path, struct stat *status)
{
	char  copy[PATH_MAX];
	char *slash;

	if (snprintf(copy, sizeof copy, "%s", path) >= (int)sizeof copy)
		return false;
	while (stat(copy, status) < 0) {
		slash = strrchr(copy, '/');
		if (!slash)
			return stat(".", status) == 0;
		*slash = 0;
		if (!copy[0])
			return stat("/", status) == 0;
	}
	return true;
}

/* One file of the evidence: does writing to @target reach it? */
static bool is_reached(const struct stat *own, const struct stat *target)
{
	return (own->st_dev == target->st_dev && own->st_ino == target->st_ino) ||
	       mounted_from(own, S_ISBLK(target->st_mode) ? target->st_rdev : target->st_dev);
}

/* A container names more files than the user did: those that the image reader has open. */
static bool is_open_in_reader(const struct evidence *evidence, const struct stat *target)
{
	char           path[64];
	DIR           *list;
	struct dirent *entry;
	struct stat    own;
	bool           found = false;

	if (!evidence->client || evidence->client->reader <= 0)
		return false;
	snprintf(path, sizeof path, "/proc/%ld/fd", (long)evidence->client->reader);
	list = opendir(path);
	while (list && !found && (entry = readdir(list)) != NULL)
		found = fstatat(dirfd(list), entry->d_name, &own, 0) == 0 &&
			(S_ISREG(own.st_mode) || S_ISBLK(own.st_mode)) && is_reached(&own, target);
	if (list)
		closedir(list);
	return found;
}

bool evidence_holds(const struct evidence *evidence, const char *path)
{
	struct stat target, own;

	if (!stat_nearest(path, &target))
		return true; /* what cannot be judged is not written to */
	if (is_open_in_reader(evidence, &target))
		return true;
	for (size_t i = 0; i < evidence->path_count; i++) {
		if (stat(evidence->paths[i], &own) < 0)
			continue;
		if (is_reached(&own, &target))
			return true;
	}
	return false;
}

int evidence_refuse(const struct evidence *evidence, const char *path, struct error *err)
{
	if (evidence_holds(evidence, path))
		return error_set(err, ERROR_REFUSED, path,
				 "lies on the evidence, which is never written to; choose another disk");
	return 0;
}
