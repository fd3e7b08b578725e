/* SPDX-License-Identifier: GPL-3.0-or-later */
/* block_device.c - see block_device.h */
#include "recover/transaction/block_device.h"

#include "core/cleanup.h"
#include "core/mounted.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* -------- opening it -------- */

static int refuse_mounted(const char *path, const struct stat *status, struct error *err)
{
	char where[PATH_MAX];

	if (!mounted_somewhere(status, where))
		return 0;
	return error_set(err, ERROR_REFUSED, path,
			 "is mounted at %.120s; unmount it there first, two writers would destroy the volume",
			 where);
}

static int lock_file(const struct block_device *device, struct error *err)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(device->fd, F_OFD_SETLK, &lock) == 0)
		return 0;
	if (errno == EAGAIN || errno == EACCES)
		return error_set(err, ERROR_REFUSED, device->path,
				 "is open in another program that writes to it; end that first");
	return error_sys(err, device->path,
			 "cannot be locked against other programs that write to it; copy it to a local disk, and "
			 "work on the copy");
}

/* Open and lock the file or device, and see that nobody else works on it. */
static int open_file(struct block_device *device, struct error *err)
{
	struct stat status;
	int         flags = O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, read_only = 0;

	if (stat(device->path, &status) < 0)
		return error_sys(err, device->path, "cannot open the volume");
	if (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode))
		return error_set(
			err, ERROR_USAGE, device->path,
			"is neither a disk image nor a block device; name one, or a folder without '@'");
	if (refuse_mounted(device->path, &status, err) < 0)
		return -1;
	device->fd = open(device->path, flags | (S_ISBLK(status.st_mode) ? O_EXCL : 0));
	if (device->fd < 0 && errno == EBUSY)
		return error_set(
			err, ERROR_REFUSED, device->path,
			"is in use (mounted, or part of a RAID or a volume group); release it first");
	if (device->fd < 0)
		return error_sys(err, device->path, "cannot open the volume for writing");
	/* such a device can be opened for writing, and is found out only by the first write */
	if (S_ISBLK(status.st_mode) && ioctl(device->fd, BLKROGET, &read_only) == 0 && read_only)
		return error_set(err, ERROR_REFUSED, device->path,
				 "may only be read; allow writing to it, for example with blockdev --setrw");
	return lock_file(device, err);
}

/* The volume's size from its boot sector, held against what is there. */
static int measure(struct block_device *device, struct error *err)
{
	uint8_t      sector[BOOT_SECTOR_BYTES];
	struct error why;
	off_t        end = lseek(device->fd, 0, SEEK_END);
	uint64_t     room, size;

	if (end < 0)
		return error_sys(err, device->path, "cannot find the size of the volume");
	if (device->offset_bytes >= (uint64_t)end ||
	    pread(device->fd, sector, sizeof sector, (off_t)device->offset_bytes) != (ssize_t)sizeof sector)
		return error_set(err, ERROR_VALUE, device->path,
				 "ends before byte %" PRIu64 ", where the volume should begin",
				 device->offset_bytes);
	if (boot_sector_decode((struct bytes){ sector, sizeof sector, device->offset_bytes },
			       &device->geometry, &why) < 0)
		return error_set(err, ERROR_VALUE, device->path,
				 "has no NTFS volume at byte %" PRIu64
				 "; name its partition with @N or its place with @+BYTES",
				 device->offset_bytes);
	room = (uint64_t)end - device->offset_bytes;
	size = device->geometry.sectors * device->geometry.sector_bytes;
	if (size > room)
		return error_set(err, ERROR_VALUE, device->path,
				 "is cut short: its volume has %" PRIu64 " bytes and %" PRIu64 " are there",
				 size, room);
	device->size_bytes =
		device->geometry.sector_bytes < room - size ? size + device->geometry.sector_bytes : room;
	return 0;
}

int block_device_open(struct block_device *device, const char *path, uint64_t offset_bytes, struct error *err)
{
	*device = (struct block_device){ .path = path,
					 .fd = -1,
					 .offset_bytes = offset_bytes,
					 .cache = calloc(1, sizeof *device->cache) };
	if (open_file(device, err) < 0)
		return -1;
	return measure(device, err);
}

/* Refuse a part of a disk: a table in it would be one that nobody looks for. */
static int refuse_partition(const struct block_device *device, struct error *err)
{
	struct stat status;
	char        path[96];

	if (fstat(device->fd, &status) < 0)
		return error_sys(err, device->path, "cannot be looked at");
	snprintf(path, sizeof path, "/sys/dev/block/%u:%u/partition", major(status.st_rdev), minor(status.st_rdev));
	if (!S_ISBLK(status.st_mode) || access(path, F_OK) < 0)
		return 0;
	return error_set(err, ERROR_USAGE, device->path, "is a partition; name the whole disk");
}

int block_device_open_disk(struct block_device *device, const char *path, struct error *err)
{
	off_t end;

	*device = (struct block_device){ .path = path, .fd = -1 };
	if (open_file(device, err) < 0 || refuse_partition(device, err) < 0)
		return -1;
	end = lseek(device->fd, 0, SEEK_END);
	if (end < 0)
		return error_sys(err, path, "cannot find the size of the disk");
	device->size_bytes = (uint64_t)end;
	return 0;
}

int block_device_open_to_read(struct block_device *device, const char *path, uint64_t offset_bytes,
			      struct error *err)
{
	*device = (struct block_device){ .path = path,
					 .fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK),
					 .offset_bytes = offset_bytes };
	if (device->fd < 0)
		return error_sys(err, path, "cannot open the volume");
	return measure(device, err);
}

void block_device_close(struct block_device *device)
{
	if (device->fd >= 0)
		close(device->fd);
	device->fd = -1;
	free(TAKE(device->cache));
}

/* -------- reading and writing -------- */

static bool is_outside(const struct block_device *device, uint64_t offset, size_t length)
{
	return offset > device->size_bytes || length > device->size_bytes - offset;
}

static int read_bytes(const struct block_device *device, uint64_t offset, void *to, size_t length)
{
	uint8_t *at = to;

	while (length) {
		ssize_t got = pread(device->fd, at, length, (off_t)(device->offset_bytes + offset));

		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0) /* the file has become shorter */
			errno = EIO;
		if (got <= 0)
			return -1;
		at += got;
		offset += (uint64_t)got;
		length -= (size_t)got;
	}
	return 0;
}

/* Bytes of one block, which goes into the cache. */
static int read_cached(const struct block_device *device, uint64_t offset, void *to, size_t length)
{
	uint64_t number = offset / REDO_BLOCK_BYTES;
	uint8_t *block = block_cache_find(device->cache, number);

	if (!block) {
		block = block_cache_admit(device->cache, number);
		if (read_bytes(device, number * REDO_BLOCK_BYTES, block, REDO_BLOCK_BYTES) < 0) {
			block_cache_forget(device->cache, number);
			return read_bytes(device, offset, to, length); /* the rest of the block may be bad */
		}
	}
	memcpy(to, block + offset % REDO_BLOCK_BYTES, length);
	return 0;
}

int block_device_read(const struct block_device *device, uint64_t offset, void *to, size_t length)
{
	uint64_t number = offset / REDO_BLOCK_BYTES;

	if (is_outside(device, offset, length)) {
		errno = EINVAL;
		return -1;
	}
	if (device->cache && length <= REDO_BLOCK_BYTES - offset % REDO_BLOCK_BYTES &&
	    !is_outside(device, number * REDO_BLOCK_BYTES, REDO_BLOCK_BYTES))
		return read_cached(device, offset, to, length);
	return read_bytes(device, offset, to, length);
}

/* The order of the header's comment.  What breaks it is a defect of ours, and goes no further. */
static void assert_order(const struct block_device *device, enum block_write kind)
{
	const bool *unflushed = device->unflushed;
	bool        sound = false;

	switch (kind) {
	case WRITE_FREE:
	case WRITE_LOG:
		sound = !unflushed[WRITE_RETIRE] && !unflushed[WRITE_COMMIT] && !device->committed;
		break;
	case WRITE_COMMIT:
		sound = !unflushed[WRITE_FREE] && !unflushed[WRITE_LOG] && !unflushed[WRITE_RETIRE] &&
			!device->committed;
		break;
	case WRITE_PLACE:
		sound = device->committed;
		break;
	case WRITE_RETIRE:
		sound = !unflushed[WRITE_PLACE] && !unflushed[WRITE_COMMIT];
		break;
	}
	if (!sound) {
		fprintf(stderr, "holdfast: internal error: write of kind %d out of order; stopped before it\n",
			(int)kind);
		abort();
	}
}

int block_device_write(struct block_device *device, enum block_write kind, uint64_t offset, const void *from,
		       size_t length)
{
	const uint8_t *at = from;

	assert_order(device, kind);
	if (is_outside(device, offset, length)) { /* never */
		block_device_fail(device, EFAULT, offset);
		errno = EIO;
		return -1;
	}
	device->unflushed[kind] = true;
	if (kind == WRITE_RETIRE)
		device->committed = false;
	if (device->cache)
		block_cache_write(device->cache, offset, from, length);
	while (length) {
		ssize_t put = pwrite(device->fd, at, length, (off_t)(device->offset_bytes + offset));

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0) {
			device->broken = true;
			block_device_fail(device, put < 0 ? errno : EIO, offset);
			return -1;
		}
		at += put;
		offset += (uint64_t)put;
		length -= (size_t)put;
	}
	return 0;
}

int block_device_flush(struct block_device *device)
{
	if (fdatasync(device->fd) < 0) {
		device->broken = true;
		block_device_fail(device, errno, NO_OFFSET);
		return -1;
	}
	if (device->unflushed[WRITE_COMMIT])
		device->committed = true;
	for (size_t i = 0; i <= WRITE_RETIRE; i++)
		device->unflushed[i] = false;
	return 0;
}

void block_device_fail(struct block_device *device, int failed, uint64_t offset)
{
	if (!device->failed) {
		device->failed = failed ? failed : EIO;
		device->failed_at = offset;
	}
}

void block_device_forgive(struct block_device *device)
{
	if (!device->broken)
		device->failed = 0;
}

int block_device_check(const struct block_device *device, struct error *err)
{
	if (!device->failed)
		return 0;
	errno = device->failed;
	(void)error_sys(err, device->path, "cannot be read or written; nothing more was changed on it");
	err->offset = device->failed_at;
	return -1;
}
