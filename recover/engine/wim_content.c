/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wim_content.c - see wim_content.h */
#include "recover/engine/wim_content.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/endian.h"
#include "core/progress.h"
#include "core/workers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <wimlib.h>

#define PLAIN_BYTES (1u << 20) /* of what is not compressed are read at once */

/* What all threads have in common. */
struct work {
	const struct wim_contents *contents;
	struct wim_packing         packing;
	int                        fd;
	uint64_t                   file_bytes;
	struct workers             workers;
	_Atomic int                code; /* of the first thing that is wrong */
	struct progress            progress;
};

struct reader {
	struct work                *work;
	struct wimlib_decompressor *decompressor; /* NULL: nothing is compressed */
	struct digest               digest;
	uint8_t                    *packed, *plain; /* a chunk, or PLAIN_BYTES, whichever is more */
};

/* -------- one content -------- */

static int read_bytes(const struct work *work, uint64_t offset, void *to, size_t length)
{
	uint8_t *at = to;

	while (length) {
		ssize_t got = pread(work->fd, at, length, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? WIMLIB_ERR_READ : WIMLIB_ERR_UNEXPECTED_END_OF_FILE;
		at += got;
		offset += (uint64_t)got;
		length -= (size_t)got;
	}
	return 0;
}

static int feed(struct reader *reader, const void *bytes, size_t length)
{
	struct error err;

	if (digest_update(&reader->digest, bytes, length, &err) < 0)
		return WIMLIB_ERR_NOMEM;
	progress_add(&reader->work->progress, length);
	return 0;
}

static int read_plain(struct reader *reader, const struct wim_content *content)
{
	int code = content->packed_bytes == content->bytes ? 0 : WIMLIB_ERR_DECOMPRESSION;

	for (uint64_t at = 0; !code && at < content->bytes; at += PLAIN_BYTES) {
		size_t part = content->bytes - at < PLAIN_BYTES ? (size_t)(content->bytes - at) : PLAIN_BYTES;

		code = read_bytes(reader->work, content->offset + at, reader->plain, part);
		if (!code)
			code = feed(reader, reader->plain, part);
	}
	return code;
}

/* The chunk of @bytes that lies in @packed_bytes at @offset of the file: as it is, where it did not shrink. */
static int read_chunk(struct reader *reader, uint64_t offset, uint64_t packed_bytes, size_t bytes)
{
	int code;

	if (!packed_bytes || packed_bytes > bytes)
		return WIMLIB_ERR_DECOMPRESSION;
	code = read_bytes(reader->work, offset, reader->packed, (size_t)packed_bytes);
	if (code)
		return code;
	if (packed_bytes == bytes)
		return feed(reader, reader->packed, bytes);
	if (wimlib_decompress(reader->packed, (size_t)packed_bytes, reader->plain, bytes, reader->decompressor) != 0)
		return WIMLIB_ERR_DECOMPRESSION;
	return feed(reader, reader->plain, bytes);
}

/* Bytes of an entry of the table: what fits into 32 bits has them. */
static size_t entry_bytes(const struct wim_content *content)
{
	return content->bytes > UINT32_MAX ? sizeof(struct le64) : sizeof(struct le32);
}

/* Where chunk @number begins behind the table, which tells of all but the first. */
static uint64_t chunk_start(const uint8_t *table, size_t entry, uint64_t number)
{
	struct le64 start = { 0 };

	if (number)
		memcpy(&start, table + (number - 1) * entry, entry);
	return le64_get(start);
}

static int read_chunks(struct reader *reader, const struct wim_content *content)
{
	uint64_t size = reader->work->packing.chunk_bytes, count = (content->bytes - 1) / size + 1;
	size_t   entry = entry_bytes(content);
	uint64_t table_bytes = (count - 1) * entry, room;
	int      code = table_bytes < content->packed_bytes ? 0 : WIMLIB_ERR_DECOMPRESSION;

	CLEANUP(free_ptr) uint8_t *table = code ? NULL : malloc(table_bytes + 1);

	if (code)
		return code;
	if (!table)
		return WIMLIB_ERR_NOMEM;
	room = content->packed_bytes - table_bytes;
	code = read_bytes(reader->work, content->offset, table, table_bytes);
	for (uint64_t i = 0; !code && i < count; i++) {
		uint64_t start = chunk_start(table, entry, i), end = i + 1 < count ? chunk_start(table, entry, i + 1) : room;
		uint64_t left = content->bytes - i * size;

		if (start > end || end > room)
			return WIMLIB_ERR_DECOMPRESSION;
		code = read_chunk(reader, content->offset + table_bytes + start, end - start,
				  (size_t)(left < size ? left : size));
	}
	return code;
}

static int read_content(struct reader *reader, const struct wim_content *content)
{
	if (!content->compressed)
		return read_plain(reader, content);
	/* as no maker would write it: the file says that nothing in it is compressed */
	return reader->decompressor ? read_chunks(reader, content) : WIMLIB_ERR_DECOMPRESSION;
}

static int verify(struct reader *reader, const struct wim_content *content)
{
	const struct work *work = reader->work;
	struct error       err;
	uint8_t            sum[DIGEST_BYTES];
	int                code;

	if (content->offset > work->file_bytes || content->packed_bytes > work->file_bytes - content->offset)
		return WIMLIB_ERR_UNEXPECTED_END_OF_FILE;
	if (digest_start_sha1(&reader->digest, &err) < 0)
		return WIMLIB_ERR_NOMEM;
	code = read_content(reader, content);
	if (!code && digest_end(&reader->digest, sum, &err) < 0)
		code = WIMLIB_ERR_NOMEM;
	if (!code && memcmp(sum, content->sha1, SHA1_BYTES) != 0)
		code = WIMLIB_ERR_INVALID_RESOURCE_HASH;
	return code;
}

/* -------- all of them -------- */

static int reader_init(struct reader *reader, struct work *work)
{
	size_t bytes = work->packing.chunk_bytes > PLAIN_BYTES ? work->packing.chunk_bytes : PLAIN_BYTES;

	*reader = (struct reader){ .work = work, .packed = malloc(bytes), .plain = malloc(bytes) };
	if (!reader->packed || !reader->plain)
		return WIMLIB_ERR_NOMEM;
	if (work->packing.type == WIMLIB_COMPRESSION_TYPE_NONE)
		return 0;
	return wimlib_create_decompressor((enum wimlib_compression_type)work->packing.type, work->packing.chunk_bytes,
					  &reader->decompressor);
}

static void reader_release(struct reader *reader)
{
	wimlib_free_decompressor(reader->decompressor);
	digest_release(&reader->digest);
	free(reader->packed);
	free(reader->plain);
}

/* What is wrong is a code of the library's here, and stays in work->code. */
static int read_some(void *context, struct error *err)
{
	struct work  *work = context;
	struct reader reader;
	size_t        at, end;
	int           code = reader_init(&reader, work), none = 0;

	(void)err;
	while (!code && workers_take(&work->workers, work->contents->count, 1, &at, &end))
		code = verify(&reader, &work->contents->items[at]);
	reader_release(&reader);
	if (code)
		atomic_compare_exchange_strong(&work->code, &none, code);
	return code ? -1 : 0;
}

static int read_all(struct work *work)
{
	struct error unused;

	return workers_run(&work->workers, command_threads(), read_some, work, &unused) < 0 ? work->code : 0;
}

static int compare_offset(const void *a, const void *b)
{
	const struct wim_content *left = a, *right = b;

	return (left->offset > right->offset) - (left->offset < right->offset);
}

/* In the order of the file, each once; the number of their bytes. */
static uint64_t arrange(struct wim_contents *contents)
{
	struct wim_content *items = contents->items;
	uint64_t            bytes = 0;
	size_t              count = 0;

	if (contents->count)
		qsort(items, contents->count, sizeof *items, compare_offset);
	for (size_t i = 0; i < contents->count; i++) {
		if (count && memcmp(&items[i], &items[count - 1], sizeof *items) == 0)
			continue;
		items[count++] = items[i];
		bytes += items[i].bytes;
	}
	contents->count = count;
	return bytes;
}

int wim_contents_verify(struct wim_contents *contents, const char *path, struct wim_packing packing)
{
	CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct work           work = { .contents = contents, .packing = packing, .fd = fd, .workers = WORKERS_READY };
	struct stat           status;
	int                   code;

	if (fd < 0 || fstat(fd, &status) < 0)
		return WIMLIB_ERR_OPEN;
	work.file_bytes = (uint64_t)status.st_size;
	progress_start(&work.progress, "checking the image", arrange(contents), PROGRESS_BYTES);
	code = read_all(&work);
	progress_end(&work.progress);
	return code;
}
