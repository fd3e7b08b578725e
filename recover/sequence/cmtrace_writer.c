/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmtrace_writer.c - see cmtrace_writer.h */
#include "recover/sequence/cmtrace_writer.h"

#include "core/cleanup.h"
#include "core/ntfs_time.h"
#include "core/text.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define LOG_BEGINNING BYTE_ORDER_MARK CMTRACE_BEGIN
#define TEXT_MAX (CMTRACE_TEXT_MAX / 2)   /* bytes, before marks are broken */
#define TAIL_SIZE (2u * CMTRACE_TEXT_MAX) /* bytes: holds the whole of a last record */

/* -------- records -------- */

/* A mark in the text gets a blank before its last letter. */
static void print_unmarked(FILE *out, const char *text)
{
	size_t mark = strlen(CMTRACE_BEGIN);

	for (; *text; text++) {
		if (strncmp(text, CMTRACE_BEGIN, mark) != 0 && strncmp(text, CMTRACE_END, mark) != 0) {
			fputc(*text, out);
			continue;
		}
		fprintf(out, "%.*s %c", (int)mark - 1, text, text[mark - 1]);
		text += mark - 1;
	}
}

/* Shorten UTF-8 that no reader would take for a text. */
static void cut(char *text, size_t size)
{
	static const char sign[] = " ...";
	size_t            length = TEXT_MAX;

	if (size <= length)
		return;
	while ((text[length] & 0xc0) == 0x80)
		length--;
	strcpy(text + length, sign);
}

/* A text of one line or several, escaped. */
static void print_text(FILE *out, const char *text)
{
	CLEANUP(free_ptr) char *escaped = NULL;
	size_t                  size;
	FILE                   *buffer = open_memstream(&escaped, &size);

	if (!buffer)
		return;
	for (;;) {
		size_t length = strcspn(text, "\n");

		text_print(buffer, text, length);
		if (!text[length])
			break;
		fputs("\r\n", buffer);
		text += length + 1;
	}
	if (fclose(buffer) == 0) {
		cut(escaped, size);
		print_unmarked(out, escaped);
	}
}

/* What follows the text. */
static void print_attributes(FILE *out, enum cmtrace_type type, const char *component, const char *file,
			     unsigned line)
{
	struct timespec now;
	struct tm       parts;
	char            clock[16], date[16], bias[16] = "+000";
	int             minutes;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &parts);
	strftime(clock, sizeof clock, "%H:%M:%S", &parts);
	strftime(date, sizeof date, "%m-%d-%Y", &parts);
	minutes = (int)(-parts.tm_gmtoff / 60);
	if (minutes)
		snprintf(bias, sizeof bias, "%+d", minutes);
	fprintf(out,
		CMTRACE_END "<time=\"%s.%03ld%s\" date=\"%s\" component=\"%s\" context=\"\" type=\"%d\" "
			    "thread=\"%d\" file=\"%s:%u\">\r\n",
		clock, now.tv_nsec / 1000000, bias, date, component, (int)type, (int)gettid(), file, line);
}

/* -------- the file -------- */

static void remember(struct cmtrace_writer *log, int sys)
{
	if (!log->sys)
		log->sys = sys;
}

static void append(struct cmtrace_writer *log, const char *bytes, size_t size)
{
	while (size) {
		ssize_t written = write(log->fd, bytes, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0) {
			remember(log, written < 0 ? errno : ENOSPC);
			return;
		}
		bytes += written;
		size -= (size_t)written;
		log->size += (uint64_t)written;
	}
}

/* "dir/smsts.log" as "dir/smsts-20261123-084159.log"; @round tells those of one second apart. */
static char *aside_path(const char *path, unsigned round)
{
	const char *name = strrchr(path, '/'), *dot = strrchr(name ? name : path, '.');
	int         stem = (int)(dot ? (size_t)(dot - path) : strlen(path));
	char        stamp[32], number[16] = "", *aside;
	time_t      now = time(NULL);
	struct tm   parts;

	strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", localtime_r(&now, &parts));
	if (round)
		snprintf(number, sizeof number, "-%u", round);
	return asprintf(&aside, "%.*s-%s%s%s", stem, path, stamp, number, dot ? dot : "") < 0 ? NULL : aside;
}

/* Give the file a name under which it stays; false if there is none. */
static bool move_aside(const char *path)
{
	for (unsigned round = 0; round < 100; round++) {
		CLEANUP(free_ptr) char *aside = aside_path(path, round);

		if (!aside)
			return false;
		if (access(aside, F_OK) != 0)
			return errno == ENOENT && rename(path, aside) == 0;
	}
	return false;
}

static int create(const char *path)
{
	return open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);
}

/* Set the log aside and begin a new one; where that fails, it just grows. */
static void roll_over(struct cmtrace_writer *log)
{
	int fd;

	cmtrace_flush(log);
	if (!move_aside(log->path) || (fd = create(log->path)) < 0) {
		log->size_max = 0;
		return;
	}
	close(log->fd);
	log->fd = fd;
	log->size = 0;
	append(log, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK));
}

/* Append what @buffer, made by open_memstream on @text and @size, has become. */
static void commit(struct cmtrace_writer *log, FILE *buffer, char *const *text, const size_t *size)
{
	bool whole = !ferror(buffer);

	if (fclose(buffer) != 0 || !whole) {
		remember(log, ENOMEM);
		return;
	}
	if (log->size_max && log->size > strlen(BYTE_ORDER_MARK) && log->size + *size > log->size_max)
		roll_over(log);
	append(log, *text, *size);
}

/* -------- going on with a log -------- */

static int read_tail(struct cmtrace_writer *log, uint8_t *tail, size_t size, struct error *err)
{
	size_t done = 0;

	while (done < size) {
		ssize_t got = pread(log->fd, tail + done, size - done, (off_t)(log->size - size + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return error_sys(err, log->path, "cannot be read, to go on with the log");
		done += (size_t)got;
	}
	return 0;
}

/* The file begins as a log does, as far as it goes, with its mark or without. */
static bool is_log(const struct cmtrace_writer *log)
{
	char   found[sizeof LOG_BEGINNING] = "";
	size_t length;

	if (pread(log->fd, found, sizeof found - 1, 0) <= 0)
		return false;
	length = strlen(found);
	return (length >= strlen(BYTE_ORDER_MARK) && strncmp(found, LOG_BEGINNING, length) == 0) ||
	       strncmp(found, CMTRACE_BEGIN, strlen(CMTRACE_BEGIN)) == 0;
}

/* How much of the last @size bytes of the log is to stay; @torn: its last record ends too early. */
static size_t sound_part(const uint8_t *tail, size_t size, bool *torn)
{
	struct bytes          rest = { tail, size, 0 };
	struct cmtrace_record record;
	size_t                sound = size;

	*torn = false;
	while (cmtrace_next(&rest, &record)) {
		*torn = record.damage == CMTRACE_NO_END;
		sound = *torn ? (size_t)(record.text.at - tail) + record.text.left : size;
	}
	while (sound && tail[sound - 1] == 0)
		sound--;
	return sound;
}

/* End what the last run could not, so that the next record is seen as one. */
static int mend(struct cmtrace_writer *log, struct error *err)
{
	size_t                     size = log->size < TAIL_SIZE ? (size_t)log->size : TAIL_SIZE, sound;
	CLEANUP(free_ptr) uint8_t *tail = malloc(size);
	bool                       torn;

	if (!tail)
		return error_memory(err);
	if (read_tail(log, tail, size, err) < 0)
		return -1;
	sound = sound_part(tail, size, &torn);
	if (sound < size && ftruncate(log->fd, (off_t)(log->size - size + sound)) < 0)
		return error_sys(err, log->path, "cannot be cut, to go on with the log");
	log->size -= size - sound;
	if (torn) {
		CLEANUP(free_ptr) char *text = NULL;
		size_t                  length;
		FILE                   *buffer = open_memstream(&text, &length);

		if (!buffer)
			return error_memory(err);
		print_attributes(buffer, CMTRACE_WARNING, "TSManager", "cmtrace_writer.c", __LINE__);
		commit(log, buffer, &text, &length);
	} else if (sound > strlen(BYTE_ORDER_MARK) && tail[sound - 1] != '\n') {
		append(log, "\r\n", 2);
	}
	return 0;
}

/* -------- logs -------- */

int cmtrace_open(struct cmtrace_writer *log, const char *path, uint64_t size_max, struct error *err)
{
	struct stat status;

	*log = (struct cmtrace_writer){ .fd = -1, .path = strdup(path) };
	if (!log->path)
		return error_memory(err);
	log->fd = create(path);
	if (log->fd < 0 || fstat(log->fd, &status) < 0)
		return error_sys(err, path, "cannot be written as log; name another file");
	if (!S_ISREG(status.st_mode))
		return 0;
	log->size = (uint64_t)status.st_size;
	if (log->size && !is_log(log))
		return error_set(err, ERROR_REFUSED, path,
				 "is there already and is no log; name another file");
	if (!log->size)
		append(log, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK));
	else if (mend(log, err) < 0)
		return -1;
	log->size_max = size_max;
	return 0;
}

void cmtrace_release(struct cmtrace_writer *log)
{
	close_fd(&log->fd);
	log->fd = -1;
	free(TAKE(log->path));
}

void cmtrace_write(struct cmtrace_writer *log, enum cmtrace_type type, const char *component,
		   const char *file, unsigned line, const char *format, ...)
{
	CLEANUP(free_ptr) char *said = NULL, *text = NULL;
	size_t                  size;
	FILE                   *buffer;
	va_list                 arguments;
	int                     length;

	assert(!strpbrk(component, "\"<>") && !strpbrk(file, "\"<>"));
	if (log->fd < 0)
		return;
	va_start(arguments, format);
	length = vasprintf(&said, format, arguments);
	va_end(arguments);
	buffer = length < 0 ? NULL : open_memstream(&text, &size);
	if (!buffer) {
		said = length < 0 ? NULL : said;
		remember(log, ENOMEM);
		return;
	}
	fputs(CMTRACE_BEGIN, buffer);
	print_text(buffer, said);
	print_attributes(buffer, type, component, file, line);
	commit(log, buffer, &text, &size);
}

void cmtrace_flush(struct cmtrace_writer *log)
{
	if (log->fd >= 0 && fdatasync(log->fd) < 0 && errno != EINVAL) /* a pipe has nothing to flush */
		remember(log, errno);
}

int cmtrace_close(struct cmtrace_writer *log, struct error *err)
{
	if (log->fd < 0)
		return 0;
	cmtrace_flush(log);
	if (close(log->fd) < 0)
		remember(log, errno);
	log->fd = -1;
	errno = log->sys;
	return log->sys ? error_sys(err, log->path, "the log could not be written in full") : 0;
}
