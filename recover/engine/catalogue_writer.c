/* SPDX-License-Identifier: GPL-3.0-or-later */
/* catalogue_writer.c - see catalogue_writer.h */
#include "recover/engine/catalogue_writer.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "scan/security_stream.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>

#define PIECE_MIN_BYTES 64u    /* less than that is not worth an item of its own */
#define INSIDE_LETTER 5u        /* where the drive's letter is in "File\\C$\\Users" */
#define REPEATED_NAME_MAX 512u /* bytes of a path that is said again in further blocks */

/* -------- the temporary file -------- */

static int open_unlinked(struct error *err)
{
	const char             *folder = getenv("TMPDIR");
	CLEANUP(free_ptr) char *path = NULL;
	int                     fd;

	path = text_format("%s/holdfast-XXXXXX", folder && *folder ? folder : "/tmp");
	if (!path)
		return error_memory(err);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return error_sys(err, path, "make a temporary file");
	unlink(path);
	return fd;
}

static int store_block(const struct catalogue_writer *writer, struct error *err)
{
	uint64_t place = writer->header.number * CATALOGUE_BLOCK_BYTES;
	size_t   done = 0;

	while (done < sizeof writer->block) {
		ssize_t n = pwrite(writer->fd, writer->block + done, sizeof writer->block - done,
				   (off_t)(place + done));

		if (n < 0 && errno != EINTR)
			return error_sys(err, NULL, "write the catalogue's temporary file");
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int load_block(const struct catalogue_writer *writer, uint64_t number, uint8_t *out, struct error *err)
{
	uint64_t place = number * CATALOGUE_BLOCK_BYTES;
	size_t   done = 0;

	while (done < CATALOGUE_BLOCK_BYTES) {
		ssize_t n =
			pread(writer->fd, out + done, CATALOGUE_BLOCK_BYTES - done, (off_t)(place + done));

		if (n < 0 && errno != EINTR)
			return error_sys(err, NULL, "read the catalogue's temporary file");
		if (n == 0)
			return error_set(err, ERROR_IO, NULL, "the catalogue's temporary file was cut off");
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* -------- blocks -------- */

static size_t room(const struct catalogue_writer *writer)
{
	return sizeof writer->block - writer->used;
}

static void begin_block(struct catalogue_writer *writer)
{
	writer->used = sizeof(struct catalogue_header_disk);
	writer->name_bytes = 0;
}

/* All of the header but what depends on the copy, and on how many blocks there will be. */
static int end_block(struct catalogue_writer *writer, struct error *err)
{
	const struct catalogue_header *header = &writer->header;
	struct catalogue_header_disk   disk = { .version = le16_make(CATALOGUE_VERSION),
						.header_bytes = le16_make(sizeof disk),
						.generation = le32_make(header->generation),
						.number = le64_make(header->number),
						.serial = le64_make(header->serial),
						.clusters = le64_make(header->clusters),
						.cluster_bytes = le32_make(header->cluster_bytes),
						.used_bytes = le16_make((uint16_t)writer->used),
						.letter = (uint8_t)header->letter };

	memcpy(disk.magic, CATALOGUE_MAGIC, sizeof disk.magic);
	memcpy(disk.uuid, header->uuid, sizeof disk.uuid);
	memcpy(writer->block, &disk, sizeof disk);
	memset(writer->block + writer->used, 0, room(writer));
	if (store_block(writer, err) < 0)
		return -1;
	writer->header.number++;
	begin_block(writer);
	return 0;
}

/*
 * -------- items --------
 * What puts items returns 0, 1 when the entry at hand does not fit into its block and may not
 * be spread, or -1.
 */

static int put_file(struct catalogue_writer *writer, uint8_t repeated, struct error *err);
static int put_name(struct catalogue_writer *writer, size_t number, uint8_t repeated, struct error *err);
static int put_stream(struct catalogue_writer *writer, size_t number, uint8_t repeated, struct error *err);

/* Go on in a new block, which says again what the entry at hand is. */
static int next_block(struct catalogue_writer *writer, struct error *err)
{
	const struct case_record *record = writer->record;
	int                       result;

	if (record && !writer->spread)
		return 1;
	if (end_block(writer, err) < 0)
		return -1;
	if (!record)
		return 0;
	result = put_file(writer, CATALOGUE_REPEATED, err);
	if (result == 0 && record->names.count && strlen(record->names.items[0].path) <= REPEATED_NAME_MAX)
		result = put_name(writer, 0, CATALOGUE_REPEATED, err);
	if (result == 0 && writer->stream < record->streams.count)
		result = put_stream(writer, writer->stream, CATALOGUE_REPEATED, err);
	return result;
}

static int make_room(struct catalogue_writer *writer, size_t bytes, struct error *err)
{
	return room(writer) >= bytes ? 0 : next_block(writer, err);
}

static void append(struct catalogue_writer *writer, const void *bytes, size_t length)
{
	assert(length <= room(writer));
	if (length)
		memcpy(writer->block + writer->used, bytes, length);
	writer->used += length;
}

/* An item for which there is room: @head, then @tail. */
static void put_item(struct catalogue_writer *writer, uint8_t type, uint8_t flags, uint32_t number,
		     const void *head, size_t head_bytes, const void *tail, size_t tail_bytes)
{
	const struct case_file    *file = writer->record ? &writer->record->file : NULL;
	struct catalogue_item_disk disk = {
		.length = le16_make((uint16_t)(sizeof disk + head_bytes + tail_bytes)),
		.type = type,
		.flags = flags,
		.number = le32_make(number),
		.ref = le64_make(file ? file_ref_make(file->record, file->sequence) : 0)
	};

	append(writer, &disk, sizeof disk);
	append(writer, head, head_bytes);
	append(writer, tail, tail_bytes);
}

/* Bytes that may have to be cut. */
struct pieces {
	uint8_t     type, flags;
	uint32_t    number;
	file_ref    parent; /* NAME */
	const void *bytes;
	size_t      total; /* 1 or more */
};

/* How many first bytes a piece has in common with the NAME item before. */
static size_t shared_bytes(const struct catalogue_writer *writer, const char *piece, size_t length)
{
	size_t shared = 0;

	while (shared < length && shared < writer->name_bytes && piece[shared] == writer->name[shared])
		shared++;
	return shared;
}

static void put_name_piece(struct catalogue_writer *writer, const struct pieces *pieces,
			   struct catalogue_piece_disk piece, const char *bytes, size_t shared, size_t rest)
{
	struct catalogue_name_disk disk = { .piece = piece,
					    .parent = le64_make(pieces->parent),
					    .shared = le16_make((uint16_t)shared) };

	put_item(writer, pieces->type, pieces->flags, pieces->number, &disk, sizeof disk, bytes + shared,
		 rest);
	memcpy(writer->name + shared, bytes + shared, rest);
	writer->name_bytes = shared + rest;
}

static int put_pieces(struct catalogue_writer *writer, const struct pieces *pieces, struct error *err)
{
	bool   is_name = pieces->type == CATALOGUE_NAME, may_cut = !writer->record || writer->spread;
	size_t head = sizeof(struct catalogue_item_disk) +
		      (is_name ? sizeof(struct catalogue_name_disk) : sizeof(struct catalogue_piece_disk));
	size_t at = 0;

	while (at < pieces->total) {
		const char *bytes = (const char *)pieces->bytes + at;
		size_t left = pieces->total - at, shared = is_name ? shared_bytes(writer, bytes, left) : 0;
		size_t rest = left - shared,
		       least = may_cut && rest > PIECE_MIN_BYTES ? PIECE_MIN_BYTES : rest;
		struct catalogue_piece_disk piece = { le32_make((uint32_t)pieces->total),
						      le32_make((uint32_t)at) };

		if (room(writer) < head + least) {
			int result = next_block(writer, err);

			if (result != 0)
				return result;
			continue; /* nothing is shared there */
		}
		if (rest > room(writer) - head)
			rest = room(writer) - head;
		if (is_name)
			put_name_piece(writer, pieces, piece, bytes, shared, rest);
		else
			put_item(writer, pieces->type, pieces->flags, pieces->number, &piece, sizeof piece,
				 bytes, rest);
		at += shared + rest;
	}
	return 0;
}

static int put_file(struct catalogue_writer *writer, uint8_t repeated, struct error *err)
{
	const struct case_file    *file = &writer->record->file;
	struct catalogue_file_disk disk = { .created = le64_make(file->times.created),
					    .written = le64_make(file->times.written),
					    .changed = le64_make(file->times.changed),
					    .accessed = le64_make(file->times.accessed),
					    .attributes = le32_make(file->attributes),
					    .security_id = le32_make(file->security_id),
					    .names = le32_make((uint32_t)writer->record->names.count),
					    .streams = le32_make((uint32_t)writer->record->streams.count),
					    .link_count = le16_make(file->link_count) };
	unsigned                   flags = repeated;
	int result = make_room(writer, sizeof(struct catalogue_item_disk) + sizeof disk, err);

	if (result != 0)
		return result;
	flags |= file->directory ? CATALOGUE_DIRECTORY : 0;
	flags |= file->info_known ? CATALOGUE_INFO_KNOWN : 0;
	flags |= writer->copied ? CATALOGUE_COPIED : 0;
	put_item(writer, CATALOGUE_FILE, (uint8_t)flags, 0, &disk, sizeof disk, NULL, 0);
	return 0;
}

static int put_name(struct catalogue_writer *writer, size_t number, uint8_t repeated, struct error *err)
{
	const struct case_name *name = &writer->record->names.items[number];
	struct pieces           pieces = { .type = CATALOGUE_NAME,
					   .flags = repeated,
					   .number = (uint32_t)number,
					   .parent = name->parent,
					   .bytes = name->path,
					   .total = strlen(name->path) };

	pieces.flags |= name->dos ? CATALOGUE_NAME_DOS : 0;
	pieces.flags |= name->store ? CATALOGUE_NAME_CAPTURED : 0;
	if (name->store && name->inside && name->inside[INSIDE_LETTER] != writer->header.letter)
		pieces.flags |= (uint8_t)((name->inside[INSIDE_LETTER] - 'A' + 1) << CATALOGUE_LETTER_SHIFT);
	return put_pieces(writer, &pieces, err);
}

static int put_stream(struct catalogue_writer *writer, size_t number, uint8_t repeated, struct error *err)
{
	const struct case_stream    *stream = &writer->record->streams.items[number];
	size_t                       name_bytes = strlen(stream->name);
	struct catalogue_stream_disk disk = { .type = le32_make(stream->type),
					      .flags = le16_make(stream->flags),
					      .unit_shift = stream->unit_shift,
					      .size_bytes = le64_make(stream->size_bytes),
					      .valid_bytes = le64_make(stream->valid_bytes),
					      .allocated_bytes = le64_make(stream->allocated_bytes),
					      .runs = le64_make(stream->runs.count) };
	uint8_t                      flags = repeated | (stream->resident ? CATALOGUE_RESIDENT : 0);
	int result = make_room(writer, sizeof(struct catalogue_item_disk) + sizeof disk + name_bytes, err);

	if (result == 0)
		put_item(writer, CATALOGUE_STREAM, flags, (uint32_t)number, &disk, sizeof disk, stream->name,
			 name_bytes);
	return result;
}

/* One item holds runs that follow one another, as many as fit. */
static int put_runs(struct catalogue_writer *writer, size_t number, const struct runs *runs,
		    struct error *err)
{
	size_t  head = sizeof(struct catalogue_item_disk) + sizeof(struct le64), i = 0;
	uint8_t pairs[CATALOGUE_BLOCK_BYTES];

	while (i < runs->count) {
		struct le64 first_vcn = le64_make(runs->items[i].vcn);
		uint64_t    last_lcn = 0, next_vcn;
		size_t      length = 0;
		int         result = make_room(writer, head + RUN_ENCODED_MAX + 1, err);

		if (result != 0)
			return result;
		do {
			length += run_encode(&runs->items[i], &last_lcn, pairs + length);
			next_vcn = runs->items[i].vcn + runs->items[i].length;
			i++;
		} while (i < runs->count && runs->items[i].vcn == next_vcn &&
			 head + length + RUN_ENCODED_MAX + 1 <= room(writer));
		pairs[length++] = 0;
		put_item(writer, CATALOGUE_RUNS, 0, (uint32_t)number, &first_vcn, sizeof first_vcn, pairs,
			 length);
	}
	return 0;
}

static int put_content(struct catalogue_writer *writer, size_t number, struct error *err)
{
	const struct case_stream *stream = &writer->record->streams.items[number];
	struct pieces             value = { .type = CATALOGUE_VALUE,
					    .number = (uint32_t)number,
					    .bytes = stream->value,
					    .total = stream->size_bytes };

	return stream->resident ? put_pieces(writer, &value, err)
				: put_runs(writer, number, &stream->runs, err);
}

static int put_digest(struct catalogue_writer *writer, size_t number, const struct catalogue_digest *digest,
		      struct error *err)
{
	int result = make_room(writer, sizeof(struct catalogue_item_disk) + DIGEST_BYTES, err);

	if (result == 0)
		put_item(writer, CATALOGUE_DIGEST, 0, (uint32_t)number, digest->sum, DIGEST_BYTES, NULL, 0);
	return result;
}

static int put_entry(struct catalogue_writer *writer, const struct catalogue_digest *digests,
		     struct error *err)
{
	const struct case_record *record = writer->record;
	int                       result;

	writer->stream = record->streams.count; /* none yet */
	result = put_file(writer, 0, err);
	for (size_t i = 0; result == 0 && i < record->names.count; i++)
		result = put_name(writer, i, 0, err);
	for (size_t i = 0; result == 0 && i < record->streams.count; i++) {
		result = put_stream(writer, i, 0, err);
		writer->stream = i;
		if (result == 0)
			result = put_content(writer, i, err);
		if (result == 0 && digests && digests[i].known)
			result = put_digest(writer, i, &digests[i], err);
	}
	return result;
}

/* -------- for all to call -------- */

int catalogue_writer_init(struct catalogue_writer *writer, const struct catalogue_header *header,
			  struct error *err)
{
	assert(header->letter >= 'A' && header->letter <= 'Z');
	*writer = (struct catalogue_writer){ .header = *header, .fd = -1 };
	writer->header.number = writer->header.blocks = 0;
	begin_block(writer);
	writer->fd = open_unlinked(err);
	return writer->fd < 0 ? -1 : 0;
}

static void nothing_to_free(void *id)
{
	(void)id;
}

void catalogue_writer_release(struct catalogue_writer *writer)
{
	close_fd(&writer->fd);
	tdestroy(writer->securities, nothing_to_free);
	*writer = (struct catalogue_writer){ .fd = -1 };
}

int catalogue_writer_text(struct catalogue_writer *writer, const char *key, const char *value,
			  struct error *err)
{
	struct pieces           pieces = { .type = CATALOGUE_TEXT, .number = writer->texts++ };
	CLEANUP(free_ptr) char *both = NULL;
	int                     length = asprintf(&both, "%s%c%s", key, 0, value);

	if (length < 0) {
		both = NULL;
		return error_memory(err);
	}
	pieces.bytes = both;
	pieces.total = (size_t)length;
	return put_pieces(writer, &pieces, err);
}

/* The tree of ids has the numbers themselves for keys. */
static const void *id_key(uint32_t id)
{
	return (const void *)(uintptr_t)id;
}

static int by_key(const void *a, const void *b)
{
	return ((uintptr_t)a > (uintptr_t)b) - ((uintptr_t)a < (uintptr_t)b);
}

bool catalogue_writer_has_security(const struct catalogue_writer *writer, uint32_t id)
{
	return tfind(id_key(id), &writer->securities, by_key) != NULL;
}

int catalogue_writer_security(struct catalogue_writer *writer, uint32_t id, struct bytes descriptor,
			      struct error *err)
{
	struct pieces pieces = {
		.type = CATALOGUE_SECURITY, .number = id, .bytes = descriptor.at, .total = descriptor.left
	};

	if (!descriptor.left || descriptor.left > SECURITY_DESCRIPTOR_MAX_BYTES)
		return error_set(err, ERROR_VALUE, NULL, "security descriptor %u of %zu bytes", id,
				 descriptor.left);
	if (catalogue_writer_has_security(writer, id))
		return 0;
	if (!tsearch(id_key(id), &writer->securities, by_key))
		return error_memory(err);
	return put_pieces(writer, &pieces, err);
}

/* That a reader will take what is written of @stream. */
static bool can_hold_stream(const struct catalogue_writer *writer, const struct case_stream *stream)
{
	uint64_t clusters = writer->header.clusters, next_vcn = 0;
	uint64_t vcn_max = INT64_MAX / writer->header.cluster_bytes;

	if (!catalogue_is_name(stream->name, strlen(stream->name)) ||
	    (stream->resident && stream->size_bytes > CATALOGUE_VALUE_MAX))
		return false;
	for (size_t i = 0; i < stream->runs.count; i++) {
		const struct run *run = &stream->runs.items[i];

		if (run->vcn < next_vcn || run->vcn > vcn_max || !run->length ||
		    run->length > vcn_max - run->vcn ||
		    (run->lcn != LCN_HOLE && (run->lcn >= clusters || run->length > clusters - run->lcn)))
			return false;
		next_vcn = run->vcn + run->length;
	}
	return true;
}

static int check_record(const struct catalogue_writer *writer, const struct case_record *record,
			struct error *err)
{
	const struct case_names   *names = &record->names;
	const struct case_streams *streams = &record->streams;

	for (size_t i = 0; i < names->count; i++)
		if (!catalogue_is_path(names->items[i].path, strlen(names->items[i].path)))
			return error_set(err, ERROR_VALUE, names->items[i].path,
					 "a catalogue cannot hold this path");
	for (size_t i = 0; i < streams->count; i++)
		if (!can_hold_stream(writer, &streams->items[i]))
			return error_set(err, ERROR_VALUE, names->count ? names->items[0].path : NULL,
					 "a catalogue cannot hold stream %zu of this file", i);
	return 0;
}

int catalogue_writer_entry(struct catalogue_writer *writer, const struct case_record *record,
			   const struct catalogue_digest *digests, bool copied, struct error *err)
{
	size_t before = writer->used;
	int    result;

	if (check_record(writer, record, err) < 0)
		return -1;
	writer->record = record;
	writer->copied = copied;
	writer->spread = before == sizeof(struct catalogue_header_disk);
	result = put_entry(writer, digests, err);
	if (result == 1) {
		writer->used = before; /* it has to go elsewhere */
		writer->spread = true;
		result = end_block(writer, err) < 0 ? -1 : put_entry(writer, digests, err);
	}
	assert(result <= 0);
	writer->record = NULL;
	if (result < 0)
		return -1;
	writer->totals.files += !record->file.directory;
	writer->totals.directories += record->file.directory;
	writer->totals.names += record->names.count;
	writer->totals.bytes += record->file.directory ? 0 : record->file.size_bytes;
	return 0;
}

int catalogue_writer_finish(struct catalogue_writer *writer, struct error *err)
{
	struct catalogue_end_disk disk = { .files = le64_make(writer->totals.files),
					   .directories = le64_make(writer->totals.directories),
					   .names = le64_make(writer->totals.names),
					   .bytes = le64_make(writer->totals.bytes) };

	if (make_room(writer, sizeof(struct catalogue_item_disk) + sizeof disk, err) < 0)
		return -1;
	put_item(writer, CATALOGUE_END, 0, 0, &disk, sizeof disk, NULL, 0);
	if (end_block(writer, err) < 0)
		return -1;
	writer->header.blocks = writer->header.number;
	return 0;
}

int catalogue_writer_block(const struct catalogue_writer *writer, uint64_t number, uint64_t place_bytes,
			   uint8_t out[CATALOGUE_BLOCK_BYTES], struct error *err)
{
	struct catalogue_header_disk disk;

	assert(number < writer->header.blocks);
	if (load_block(writer, number, out, err) < 0)
		return -1;
	memcpy(&disk, out, sizeof disk);
	disk.blocks = le64_make(writer->header.blocks);
	disk.place = le64_make(place_bytes);
	memcpy(out, &disk, sizeof disk);
	disk.checksum = le64_make(catalogue_checksum(out));
	memcpy(out, &disk, sizeof disk);
	return 0;
}
