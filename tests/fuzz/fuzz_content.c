/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A stream of sizes, flags and runs that may be anything: a header, mapping pairs, and what lies at the volume's
 * beginning.  However long it says that it is, it comes to its end soon.
 */
#include "tests/fuzz/fuzz.h"

#include "core/endian.h"
#include "scan/content.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DISK_BYTES (256u << 10)

struct header {
	uint8_t     kind;  /* bits: 0 deleted, 1 compressed, 2 sparse, 3 a name that promises something, 4-6 WOF */
	uint8_t     unit_shift;
	uint8_t     cluster_shift;
	uint8_t     pairs; /* bytes */
	struct le64 size_bytes, valid_bytes, packed_bytes, clusters, missing_start, missing_length;
};

static int make_disk(const uint8_t *data, size_t size, char path[64])
{
	int fd = memfd_create("disk", MFD_CLOEXEC);

	size = size < DISK_BYTES ? size : DISK_BYTES;
	MUST(fd >= 0 && ftruncate(fd, DISK_BYTES) == 0);
	MUST(pwrite(fd, data, size, 0) == (ssize_t)size);
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}

/* Whatever lies behind the end of the evidence is missing, as grade.c has it. */
static void lose_behind(const struct volume *volume, struct case_stream *stream)
{
	uint64_t cluster_bytes = volume->geometry.cluster_bytes;

	for (size_t i = 0; i < stream->runs.count; i++) {
		const struct run *run = &stream->runs.items[i];
		uint64_t          there = DISK_BYTES / cluster_bytes, lcn = run->lcn;

		if (lcn == LCN_HOLE || lcn + run->length <= there)
			continue;
		there = lcn < there ? there - lcn : 0;
		MUST(ranges_add(&stream->missing, (run->vcn + there) * cluster_bytes,
				(run->length - there) * cluster_bytes));
	}
	ranges_sort(&stream->missing);
}

static void read_all(const struct volume *volume, const struct case_stream *stream, bool dead, const char *extension)
{
	struct content_buffers buffers = { 0 };
	struct content         content;
	struct content_piece   piece;
	struct error           err;
	uint64_t               end = 0, data = 0, pieces = 0;
	int                    got;

	content_open(&content, volume, stream, dead, &buffers);
	content_expect(&content, extension);
	while ((got = content_next(&content, &piece, &err)) == 1) {
		MUST(piece.offset == end && piece.length && piece.length <= stream->size_bytes - end);
		end += piece.length;
		if (piece.data) {
			struct bytes window = { piece.data, (size_t)piece.length, 0 };

			TOUCH(window);
			data += piece.length;
		}
		MUST(++pieces < 100000);
		if (data > 64 * DISK_BYTES)
			break;
	}
	MUST(got >= 0);
	MUST(got || end == stream->size_bytes);
	(void)content_grade(&content);
	content_close(&content);
	content_buffers_release(&buffers);
}

static void read_streams(struct volume *volume, const struct header *header, struct bytes pairs)
{
	struct case_stream stream = { .type = ATTRIBUTE_DATA,
				      .name = "",
				      .unit_shift = header->unit_shift,
				      .size_bytes = le64_get(header->size_bytes) & INT64_MAX,
				      .valid_bytes = le64_get(header->valid_bytes) & INT64_MAX,
				      .grade = GRADE_INTACT };
	struct range       missing = { le64_get(header->missing_start), le64_get(header->missing_length) };
	struct error       err;

	if (header->kind & 2)
		stream.flags |= ATTRIBUTE_COMPRESSED;
	if (header->kind & 4)
		stream.flags |= ATTRIBUTE_SPARSE;
	if (header->kind >> 4 & 1) {
		stream.wof = WOF_XPRESS4K + (header->kind >> 5 & 3);
		stream.packed_bytes = le64_get(header->packed_bytes) & INT64_MAX;
	}
	if (runs_append(&stream.runs, pairs, 0, &volume->geometry, &err) == 0) {
		lose_behind(volume, &stream);
		if (missing.start < stream.size_bytes && missing.length && missing.length <= stream.size_bytes - missing.start)
			MUST(ranges_add(&stream.missing, missing.start, missing.length));
		ranges_sort(&stream.missing);
		read_all(volume, &stream, header->kind & 1, header->kind & 8 ? ".jpg" : "");
	}
	array_release(&stream.runs);
	array_release(&stream.missing);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct header   header;
	struct evidence evidence = { 0 };
	struct volume   volume = { .evidence = &evidence, .number = 1 };
	struct error    err;
	char            path[64];
	int             fd;

	if (size < sizeof header)
		return 0;
	memcpy(&header, data, sizeof header);
	data += sizeof header;
	size -= sizeof header;
	if (header.pairs > size)
		return 0;
	volume.geometry.cluster_bytes = 512u << header.cluster_shift % 13;
	volume.geometry.clusters = le64_get(header.clusters) % ((uint64_t)INT64_MAX / volume.geometry.cluster_bytes) + 1;
	volume.size_bytes = volume.geometry.clusters * volume.geometry.cluster_bytes;
	fd = make_disk(data + header.pairs, size - header.pairs, path);
	if (evidence_open(&evidence, path, NULL, &err) == 0)
		read_streams(&volume, &header, (struct bytes){ data, header.pairs, 0 });
	evidence_release(&evidence);
	close(fd);
	return 0;
}
