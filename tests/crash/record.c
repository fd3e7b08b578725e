/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record.c - record.so: records what a program does to an image, and lets its calls fail
 *
 * Preloaded (LD_PRELOAD) into any program that writes through the C library:
 *
 *   CRASH_IMAGE  the image or device; known again by device and inode, whatever its path
 *   CRASH_TRACE  writes and flushes of the image are appended to this file (trace.h)
 *   CRASH_COUNT  at the end "read N", "write N" and "flush N" are appended to this file
 *   CRASH_FAULT  CALL:N:WHAT or CALL:N+:WHAT: what becomes of the N-th read, write or flush of the
 *                image (from 1), or of it and all that follow; WHAT is EIO, ENOSPC, short (half of
 *                it is done), kill-before or kill-after (SIGKILL)
 *
 * For a program built with AddressSanitizer set ASAN_OPTIONS=verify_asan_link_order=0 as well: its
 * own interceptors then find these functions as the next ones.  Programs that the program starts
 * are recorded into the same trace.
 *
 * sync_file_range promises nothing about durability, so it is no flush here; a shared writable
 * mapping, fallocate, a change of size and copies within the kernel are TRACE_UNSEEN, which explore
 * refuses.
 */
#include "tests/crash/trace.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* The function that would have been called without us. */
#define NEXT(name)                                                  \
	({                                                          \
		static __typeof__(name) *next_;                     \
		if (!next_)                                         \
			*(void **)&next_ = dlsym(RTLD_NEXT, #name); \
		next_;                                              \
	})

enum call { CALL_READ, CALL_WRITE, CALL_FLUSH, CALLS };
enum effect { EFFECT_NONE, EFFECT_ERROR, EFFECT_SHORT, EFFECT_KILL_BEFORE, EFFECT_KILL_AFTER };

static const char *const call_names[CALLS] = { "read", "write", "flush" };

static struct {
	pthread_mutex_t lock; /* a call and its event are one thing */
	struct stat     image;
	int             trace; /* descriptor, -1 if none is wanted */
	unsigned long   counts[CALLS];
	enum call       fault_call;
	unsigned long   fault_from, fault_to; /* both 0: none */
	enum effect     fault_effect;
	int             fault_errno;
} self = { .lock = PTHREAD_MUTEX_INITIALIZER, .trace = -1 };

/* -------- what is wanted -------- */

static _Noreturn void refuse(const char *what)
{
	fprintf(stderr, "record.so: %s\n", what);
	_exit(98);
}

static void parse_fault(const char *text)
{
	char call[8], from[24], what[16], *end;

	if (sscanf(text, "%7[a-z]:%23[0-9+]:%15s", call, from, what) != 3)
		refuse("CRASH_FAULT is CALL:N:WHAT");
	while (self.fault_call < CALLS && strcmp(call, call_names[self.fault_call]) != 0)
		self.fault_call++;
	self.fault_from = strtoul(from, &end, 10);
	self.fault_to = *end == '+' ? ~0ul : self.fault_from;
	self.fault_errno = strcmp(what, "ENOSPC") == 0 ? ENOSPC : EIO;
	if (strcmp(what, "EIO") == 0 || strcmp(what, "ENOSPC") == 0)
		self.fault_effect = EFFECT_ERROR;
	else if (strcmp(what, "short") == 0)
		self.fault_effect = EFFECT_SHORT;
	else if (strcmp(what, "kill-before") == 0)
		self.fault_effect = EFFECT_KILL_BEFORE;
	else if (strcmp(what, "kill-after") == 0)
		self.fault_effect = EFFECT_KILL_AFTER;
	if (self.fault_call == CALLS || !self.fault_from || self.fault_effect == EFFECT_NONE)
		refuse("CRASH_FAULT names no fault");
}

__attribute__((constructor)) static void start(void)
{
	const char *image = getenv("CRASH_IMAGE"), *trace = getenv("CRASH_TRACE"),
		   *fault = getenv("CRASH_FAULT");

	if (!image || stat(image, &self.image) < 0)
		refuse("CRASH_IMAGE does not name a file");
	if (trace) {
		int fd = open(trace, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);

		/* ntfs-3g closes the first descriptors when it goes into the background */
		self.trace = fcntl(fd, F_DUPFD_CLOEXEC, 100);
		if (self.trace < 0)
			refuse("CRASH_TRACE cannot be written");
		close(fd);
	}
	if (fault)
		parse_fault(fault);
}

static void tell_counts(void)
{
	const char *path = getenv("CRASH_COUNT");
	int         fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;

	if (fd < 0)
		return;
	for (enum call call = 0; call < CALLS; call++)
		dprintf(fd, "%s %lu\n", call_names[call], self.counts[call]);
	close(fd);
}

__attribute__((destructor)) static void end(void)
{
	tell_counts();
}

/* -------- events and faults -------- */

static bool is_image(int fd)
{
	int         kept = errno;
	struct stat status;
	bool        same;

	if (fstat(fd, &status) < 0)
		same = false;
	else if (S_ISBLK(self.image.st_mode))
		same = S_ISBLK(status.st_mode) && status.st_rdev == self.image.st_rdev;
	else
		same = status.st_dev == self.image.st_dev && status.st_ino == self.image.st_ino;
	errno = kept;
	return same;
}

static void tell(enum trace_kind kind, uint64_t offset, const void *bytes, size_t length)
{
	struct trace_event event = { .kind = kind, .offset = offset, .length = length };
	struct iovec       parts[] = { { &event, sizeof event }, { (void *)bytes, length } };
	int                kept = errno;

	if (self.trace >= 0 && NEXT(writev)(self.trace, parts, 2) != (ssize_t)(sizeof event + length))
		refuse("the trace cannot be written");
	errno = kept;
}

static void die(void)
{
	tell_counts();
	raise(SIGKILL);
}

/* What shall become of this call?  EFFECT_ERROR has set errno. */
static enum effect meet(enum call call)
{
	unsigned long number = ++self.counts[call];

	if (call != self.fault_call || number < self.fault_from || number > self.fault_to)
		return EFFECT_NONE;
	if (self.fault_effect == EFFECT_KILL_BEFORE)
		die();
	errno = self.fault_errno;
	return self.fault_effect;
}

static ssize_t write_at(int fd, const void *bytes, size_t length, off_t offset)
{
	ssize_t     done = -1;
	enum effect effect;

	pthread_mutex_lock(&self.lock);
	effect = meet(CALL_WRITE);
	if (effect != EFFECT_ERROR)
		done = NEXT(pwrite)(fd, bytes, effect == EFFECT_SHORT ? (length + 1) / 2 : length, offset);
	if (done > 0) {
		tell(TRACE_WRITE, (uint64_t)offset, bytes, (size_t)done);
		if (fcntl(fd, F_GETFL) & O_DSYNC)
			tell(TRACE_FLUSH, 0, NULL, 0);
	}
	if (effect == EFFECT_KILL_AFTER)
		die();
	pthread_mutex_unlock(&self.lock);
	return done;
}

/* A write of several pieces may be cut between them anyway, so it is several writes. */
static ssize_t write_pieces_at(int fd, const struct iovec *pieces, int count, off_t offset)
{
	ssize_t sum = 0;

	for (int i = 0; i < count; i++) {
		ssize_t done = write_at(fd, pieces[i].iov_base, pieces[i].iov_len, offset + sum);

		if (done < 0)
			return sum ? sum : -1;
		sum += done;
		if ((size_t)done < pieces[i].iov_len)
			break;
	}
	return sum;
}

static off_t position(int fd)
{
	return lseek(fd, 0, fcntl(fd, F_GETFL) & O_APPEND ? SEEK_END : SEEK_CUR);
}

static int flush(int fd, int (*real)(int))
{
	int         result = -1;
	enum effect effect;

	pthread_mutex_lock(&self.lock);
	effect = meet(CALL_FLUSH);
	if (effect != EFFECT_ERROR && effect != EFFECT_SHORT)
		result = real(fd);
	if (result == 0)
		tell(TRACE_FLUSH, 0, NULL, 0);
	if (effect == EFFECT_KILL_AFTER)
		die();
	pthread_mutex_unlock(&self.lock);
	return result;
}

/* How much of a read of @length bytes is to be done; -1 with errno for none. */
static ssize_t readable(int fd, size_t length)
{
	enum effect effect;

	if (!is_image(fd))
		return (ssize_t)length;
	pthread_mutex_lock(&self.lock);
	effect = meet(CALL_READ);
	pthread_mutex_unlock(&self.lock);
	return effect == EFFECT_ERROR   ? -1
	       : effect == EFFECT_SHORT ? (ssize_t)((length + 1) / 2)
					: (ssize_t)length;
}

static void unseen(int fd)
{
	if (is_image(fd))
		tell(TRACE_UNSEEN, 0, NULL, 0);
}

/* -------- the C library's functions -------- */

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
	return is_image(fd) ? write_at(fd, bytes, length, offset) : NEXT(pwrite)(fd, bytes, length, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset)
{
	return pwrite(fd, bytes, length, offset);
}

ssize_t write(int fd, const void *bytes, size_t length)
{
	off_t   at;
	ssize_t done;

	if (!is_image(fd))
		return NEXT(write)(fd, bytes, length);
	at = position(fd);
	done = write_at(fd, bytes, length, at);
	if (done > 0)
		lseek(fd, at + done, SEEK_SET);
	return done;
}

ssize_t writev(int fd, const struct iovec *pieces, int count)
{
	off_t   at;
	ssize_t done;

	if (!is_image(fd))
		return NEXT(writev)(fd, pieces, count);
	at = position(fd);
	done = write_pieces_at(fd, pieces, count, at);
	if (done > 0)
		lseek(fd, at + done, SEEK_SET);
	return done;
}

ssize_t pwritev(int fd, const struct iovec *pieces, int count, off_t offset)
{
	return is_image(fd) ? write_pieces_at(fd, pieces, count, offset)
			    : NEXT(pwritev)(fd, pieces, count, offset);
}

ssize_t pwritev64(int fd, const struct iovec *pieces, int count, off64_t offset)
{
	return pwritev(fd, pieces, count, offset);
}

int fsync(int fd)
{
	return is_image(fd) ? flush(fd, NEXT(fsync)) : NEXT(fsync)(fd);
}

int fdatasync(int fd)
{
	return is_image(fd) ? flush(fd, NEXT(fdatasync)) : NEXT(fdatasync)(fd);
}

ssize_t pread(int fd, void *to, size_t length, off_t offset)
{
	ssize_t part = readable(fd, length);

	return part < 0 ? -1 : NEXT(pread)(fd, to, (size_t)part, offset);
}

ssize_t pread64(int fd, void *to, size_t length, off64_t offset)
{
	return pread(fd, to, length, offset);
}

ssize_t read(int fd, void *to, size_t length)
{
	ssize_t part = readable(fd, length);

	return part < 0 ? -1 : NEXT(read)(fd, to, (size_t)part);
}

/* What calls become when they are compiled with _FORTIFY_SOURCE. */
ssize_t __pread_chk(int fd, void *to, size_t length, off_t offset, size_t room);
ssize_t __pread64_chk(int fd, void *to, size_t length, off64_t offset, size_t room);
ssize_t __read_chk(int fd, void *to, size_t length, size_t room);

static void check_room(size_t length, size_t room)
{
	if (length > room)
		abort();
}

ssize_t __pread_chk(int fd, void *to, size_t length, off_t offset, size_t room)
{
	check_room(length, room);
	return pread(fd, to, length, offset);
}

ssize_t __pread64_chk(int fd, void *to, size_t length, off64_t offset, size_t room)
{
	check_room(length, room);
	return pread(fd, to, length, offset);
}

ssize_t __read_chk(int fd, void *to, size_t length, size_t room)
{
	check_room(length, room);
	return read(fd, to, length);
}

void *mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset)
{
	if (fd >= 0 && (flags & MAP_SHARED) && (protection & PROT_WRITE))
		unseen(fd);
	return NEXT(mmap)(at, length, protection, flags, fd, offset);
}

void *mmap64(void *at, size_t length, int protection, int flags, int fd, off64_t offset)
{
	return mmap(at, length, protection, flags, fd, offset);
}

int ftruncate(int fd, off_t size)
{
	unseen(fd);
	return NEXT(ftruncate)(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
	return ftruncate(fd, size);
}

int fallocate(int fd, int mode, off_t offset, off_t length)
{
	unseen(fd);
	return NEXT(fallocate)(fd, mode, offset, length);
}

int fallocate64(int fd, int mode, off64_t offset, off64_t length)
{
	return fallocate(fd, mode, offset, length);
}

ssize_t copy_file_range(int from, off64_t *from_offset, int to, off64_t *to_offset, size_t length,
			unsigned flags)
{
	unseen(to);
	return NEXT(copy_file_range)(from, from_offset, to, to_offset, length, flags);
}
