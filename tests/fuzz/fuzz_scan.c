/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A disk, scanned as holdfast does: swept, all that remembers asked, written down, and read from that. */
#include "tests/fuzz/sectors.h"

#include "scan/casebook_story.h"
#include "scan/content.h"
#include "scan/scan.h"

#define FILES_MAX   256
#define CONTENT_MAX (1u << 20)

/* Read a stream to its end, or as far as CONTENT_MAX goes. */
static void read_stream(const struct volume *volume, const struct case_record *record, const struct case_stream *stream,
			struct content_buffers *buffers)
{
	struct content       content;
	struct content_piece piece;
	struct error         err;
	uint64_t             data = 0, end = 0;

	MUST(stream->grade < GRADES);
	content_open(&content, volume, stream, !record->file.live, buffers);
	content_expect(&content, case_record_extension(record));
	while (data < CONTENT_MAX && content_next(&content, &piece, &err) == 1) {
		MUST(piece.offset == end && piece.length && piece.length <= stream->size_bytes - end);
		end += piece.length;
		if (piece.data) {
			struct bytes window = { piece.data, (size_t)piece.length, 0 };

			TOUCH(window);
			data += piece.length;
		}
	}
	MUST(content_grade(&content) >= stream->grade || stream->digest_known);
	content_close(&content);
}

static void read_files(struct casebook *book, const struct volumes *volumes)
{
	struct content_buffers buffers = { 0 };
	struct error           err;

	for (int64_t id = 1; id <= FILES_MAX; id++) {
		struct case_record record = { 0 };
		bool               loaded = casebook_load_file(book, id, &record, &err) == 0;

		MUST(loaded || !record.file.id); /* what we wrote is no lie */
		if (loaded) {
			MUST(record.file.volume >= 1 && (size_t)record.file.volume <= volumes->count);
			case_record_unpack(&record);
			for (size_t i = 0; i < record.streams.count; i++)
				read_stream(&volumes->items[record.file.volume - 1], &record, &record.streams.items[i],
					    &buffers);
		}
		case_record_release(&record);
	}
	content_buffers_release(&buffers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char                path[SECTORS_PATH_SIZE];
	int                 fd = sectors_make_disk(data, size, path);
	const char         *source = path;
	struct scan_options options = { .sources = &source,
					.source_count = 1,
					.command = "fuzz",
					.all = true,
					.beside = true,
					.carve = true,
					.threads = 1 };
	struct casebook     book;
	struct scan_result  result;
	struct case_story   story = { 0 };
	struct error        err;

	if (scan_run(&options, &book, &result, &err) == 0) {
		read_files(&book, &result.volumes);
		MUST(casebook_load_story(&book, &story, &err) == 0);
		case_story_release(&story);
	}
	casebook_close(&book);
	scan_result_release(&result);
	close(fd);
	return 0;
}
