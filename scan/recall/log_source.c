/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_source.c - see log_source.h */
#include "scan/recall/log_source.h"

#define LOG_RECORD    2u
#define LOG_BYTES_MAX (4ull << 30) /* more than any driver makes */
#define WINDOW_FIRST  (16u << 10)
#define WINDOW_BYTES  (1u << 20)

/* -------- $LogFile -------- */

/* How far the runs go without a break: a log has no holes. */
static uint64_t whole_clusters(const struct runs *runs)
{
	uint64_t end = 0;

	for (size_t i = 0; i < runs->count && runs->items[i].vcn == end && runs->items[i].lcn != LCN_HOLE; i++)
		end += runs->items[i].length;
	return end;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void take_stream(struct log_source *source, struct file_stream *stream)
{
	const struct geometry *geometry = &source->volume->geometry;
	uint64_t               clusters;

	source->runs = stream->runs;
	stream->runs = (struct runs){ 0 };
	clusters = least(whole_clusters(&source->runs), geometry->clusters); /* none of them twice */
	source->size_bytes = least(least(stream->size_bytes, clusters * geometry->cluster_bytes), LOG_BYTES_MAX);
}

int log_source_open(struct log_source *source, struct file_reader *reader, struct error *err)
{
	const struct inventory   *inventory = reader->inventory;
	const struct file_stream *stream;
	struct file               file;
	int                       result;

	*source = (struct log_source){ .volume = inventory->mft.volume };
	if (inventory->count <= LOG_RECORD || !(inventory->rows[LOG_RECORD].flags & ROW_DECODED) ||
	    inventory->rows[LOG_RECORD].flags & ROW_EXTENSION)
		return 0;
	result = file_load(reader, LOG_RECORD, &file, err);
	stream = result == 0 ? file_find_stream(&file, ATTRIBUTE_DATA, "") : NULL;
	if (stream && !stream->resident)
		take_stream(source, &file.streams.items[stream - file.streams.items]);
	file_release(&file);
	return result;
}

void log_source_of_pages(struct log_source *source, const struct volume *volume, const uint64_t *pages, size_t count)
{
	*source = (struct log_source){ .volume = volume, .pages = pages,
				       .size_bytes = (uint64_t)count * LOG_CARVED_PAGE_BYTES };
}

void log_source_release(struct log_source *source)
{
	array_release(&source->runs);
	array_release(&source->missing);
	free(source->window);
	*source = (struct log_source){ 0 };
}

/* -------- reading -------- */

static int read_stream(struct log_source *source, uint64_t offset, uint8_t *to, size_t n, struct error *err)
{
	source->missing.count = 0;
	return stream_read(source->volume, &source->runs, offset, to, n, &source->missing, err);
}

/* Where a window was read to its end, the next one is twice as large. */
static int fill_window(struct log_source *source, uint64_t offset, struct error *err)
{
	bool   read = source->window_length && offset == source->window_start + source->window_length;
	size_t length = read ? 2 * source->window_length : WINDOW_FIRST;

	length = (size_t)least(least(length, WINDOW_BYTES), source->size_bytes - offset);

	if (!source->window)
		source->window = malloc(WINDOW_BYTES);
	if (!source->window)
		return error_memory(err);
	source->window_length = 0;
	if (read_stream(source, offset, source->window, length, err) < 0)
		return -1;
	source->window_start = offset;
	source->window_length = length;
	return 0;
}

static bool is_in_window(const struct log_source *source, uint64_t offset, size_t n)
{
	return offset >= source->window_start && offset - source->window_start <= source->window_length &&
	       n <= source->window_length - (offset - source->window_start);
}

/* What goes on where the last reading ended is read ahead; a look somewhere else is not. */
static int read_log(void *of, uint64_t offset, uint8_t *to, size_t n, struct error *err)
{
	struct log_source *source = of;
	bool               goes_on = offset == source->next;

	source->next = offset + n;
	if (!is_in_window(source, offset, n)) {
		if (!goes_on || offset >= source->size_bytes || n > least(WINDOW_FIRST, source->size_bytes - offset))
			return read_stream(source, offset, to, n, err);
		if (fill_window(source, offset, err) < 0)
			return -1;
	}
	memcpy(to, source->window + (offset - source->window_start), n);
	return 0;
}

/* A page after the other, as they are asked for. */
static int read_pages(void *of, uint64_t offset, uint8_t *to, size_t n, struct error *err)
{
	struct log_source *source = of;

	memset(to, 0, n);
	while (n && offset < source->size_bytes) {
		uint64_t rest = LOG_CARVED_PAGE_BYTES - offset % LOG_CARVED_PAGE_BYTES;
		size_t   part = (size_t)least(n, rest);

		source->missing.count = 0;
		if (volume_read(source->volume, log_source_place(source, offset), to, part, &source->missing, err) < 0)
			return -1;
		offset += part;
		to += part;
		n -= part;
	}
	return 0;
}

struct log_reader log_source_reader(struct log_source *source)
{
	return (struct log_reader){ .read = source->pages ? read_pages : read_log, .of = source,
				    .size_bytes = source->size_bytes, .scattered = source->pages != NULL };
}

uint64_t log_source_place(const struct log_source *source, uint64_t offset)
{
	if (offset >= source->size_bytes)
		return NO_OFFSET;
	if (source->pages)
		return source->pages[offset / LOG_CARVED_PAGE_BYTES] + offset % LOG_CARVED_PAGE_BYTES;
	return stream_volume_offset(source->volume, &source->runs, offset);
}
