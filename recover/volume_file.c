/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volume_file.c - see volume_file.h */
#include "recover/volume_file.h"

#include "core/cleanup.h"
#include "core/endian.h"
#include "recover/rebuild.h"
#include "recover/stream_digest.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define EFS_BLOCK 512u            /* bytes that are encrypted together */
#define BLOB_MAX (256u * 1024)    /* of reparse data, EAs, $EFS and the like */
#define UNCOMPRESSIBLE 4096u      /* clusters larger than this cannot be compressed */
#define STRUCTURAL                                                                       \
	(le32)(FILE_ATTR_SPARSE_FILE | FILE_ATTR_REPARSE_POINT | FILE_ATTR_COMPRESSED |  \
	       FILE_ATTR_ENCRYPTED | FILE_ATTR_DIRECTORY | FILE_ATTR_I30_INDEX_PRESENT | \
	       FILE_ATTR_VIEW_INDEX_PRESENT)

static ntfschar efs_name[] = { const_cpu_to_le16('$'), const_cpu_to_le16('E'), const_cpu_to_le16('F'),
			       const_cpu_to_le16('S'), 0 };

void volume_writer_release(struct volume_writer *writer)
{
	digest_release(&writer->digest);
	array_release(&writer->securities);
}

static const struct case_stream *find_stream(const struct case_record *record, uint32_t type,
					     const char *name)
{
	for (size_t i = 0; i < record->streams.count; i++)
		if (record->streams.items[i].type == type && strcmp(record->streams.items[i].name, name) == 0)
			return &record->streams.items[i];
	return NULL;
}

static bool is_trusted(enum grade grade)
{
	return grade <= GRADE_INTACT;
}

/* -------- from the source into an attribute -------- */

static uint64_t round_up(uint64_t bytes, uint64_t unit)
{
	return (bytes + unit - 1) / unit * unit;
}

/* An encrypted stream with the padding of its last block, which decrypting needs. */
static struct case_stream padded(const struct case_stream *stream)
{
	struct case_stream raw = *stream;

	if (stream->flags & ATTRIBUTE_ENCRYPTED && !stream->resident) {
		raw.size_bytes = round_up(stream->size_bytes, EFS_BLOCK);
		raw.valid_bytes = round_up(stream->valid_bytes, EFS_BLOCK);
	}
	return raw;
}

static int write_piece(struct volume_writer *writer, ntfs_attr *attr, const struct content_piece *piece,
		       struct error *err)
{
	if (ntfs_attr_pwrite(attr, (s64)piece->offset, (s64)piece->length, piece->data) != (s64)piece->length)
		return ntfs3g_failed(writer->mount, "cannot write a file's content", err);
	return ntfs3g_check(writer->mount, err);
}

/* The piece without what lies behind @size_bytes: padding. */
static int hash_piece(struct stream_digest *digest, const struct content_piece *piece, uint64_t size_bytes,
		      struct error *err)
{
	struct content_piece part = *piece;

	if (part.offset >= size_bytes)
		return 0;
	if (part.length > size_bytes - part.offset)
		part.length = size_bytes - part.offset;
	return stream_digest_add(digest, &part, err);
}

/* What is missing of the padding is nobody's loss. */
static void cut_ranges(struct ranges *ranges, uint64_t size_bytes)
{
	while (ranges->count && ranges->items[ranges->count - 1].start >= size_bytes)
		ranges->count--;
	if (ranges->count) {
		struct range *last = &ranges->items[ranges->count - 1];

		if (last->length > size_bytes - last->start)
			last->length = size_bytes - last->start;
	}
}

/* A stream on its way: into an attribute (NULL: nowhere), and through the digest. */
struct copy {
	struct volume_writer *writer;
	ntfs_attr            *attr;
	uint64_t              size_bytes; /* padding not counted */
	struct stream_digest  digest;
};

static int copy_piece(void *to, const struct content_piece *piece, struct error *err)
{
	struct copy          *copy = to;
	struct volume_writer *writer = copy->writer;

	if ((copy->attr && piece->data && write_piece(writer, copy->attr, piece, err) < 0) ||
	    hash_piece(&copy->digest, piece, copy->size_bytes, err) < 0)
		return -1;
	if (writer->progress && piece->data)
		progress_add(writer->progress, piece->length);
	return 0;
}

/* Read one stream to its end, into @attr unless it is NULL; learn its digest and grade. */
static int copy_stream(struct volume_writer *writer, const struct case_record *record,
		       const struct case_stream *stream, ntfs_attr *attr, struct rebuild_stream *out,
		       struct error *err)
{
	const struct file_source *source = writer->source;
	struct case_stream        raw = padded(stream);
	struct copy               copy = { .writer = writer, .attr = attr, .size_bytes = stream->size_bytes };
	struct verdict            verdict = { 0 };
	int                       result;

	result = stream_digest_start(&copy.digest, &writer->digest, err);
	if (result == 0)
		result = source->read(source->context, record, &raw, copy_piece, &copy, &verdict, err);
	if (result == 0)
		result = stream_digest_end(&copy.digest, out->sha256, &out->sha256_known, err);
	out->stream = stream;
	out->size_bytes = stream->size_bytes;
	out->grade = verdict.grade;
	out->reasons = verdict.reasons;
	array_release(&out->missing);
	out->missing = verdict.missing;
	cut_ranges(&out->missing, stream->size_bytes);
	if (result == 0 && out->sha256_known)
		case_stream_judge(stream, record->file.live, out->sha256, &out->grade, &out->reasons, &out->missing);
	return result;
}

static int load_piece(void *to, const struct content_piece *piece, struct error *err)
{
	uint8_t *bytes = to;

	(void)err;
	if (piece->data)
		memcpy(bytes + piece->offset, piece->data, (size_t)piece->length);
	return 0;
}

/* A small stream as bytes: 1, 0 when it cannot be trusted or is too large, -1.  @bytes to be freed. */
static int load_blob(struct volume_writer *writer, const struct case_record *record,
		     const struct case_stream *stream, uint8_t **bytes, struct error *err)
{
	const struct file_source *source = writer->source;
	struct verdict            verdict = { 0 };
	int                       result;

	*bytes = NULL;
	if (!is_trusted(stream->grade) || !stream->size_bytes || stream->size_bytes > BLOB_MAX)
		return 0;
	*bytes = calloc(1, (size_t)stream->size_bytes);
	if (!*bytes)
		return error_memory(err);
	result = source->read(source->context, record, stream, load_piece, *bytes, &verdict, err);
	verdict_release(&verdict);
	return result < 0 ? -1 : is_trusted(verdict.grade);
}

/* -------- data streams -------- */

/* How a data stream is to lie on the destination. */
enum shape { SHAPE_SOLID, SHAPE_SPARSE, SHAPE_COMPRESSED };

static enum shape shape_of(const struct volume_writer *writer, const struct case_stream *stream,
			   unsigned *unkept)
{
	const ntfs_volume *volume = writer->mount->volume;

	if (stream->flags & ATTRIBUTE_COMPRESSED) { /* a resident one will be, once it grows */
		if (volume->cluster_size <= UNCOMPRESSIBLE && volume->major_ver >= 3)
			return SHAPE_COMPRESSED;
		*unkept |= UNKEPT_COMPRESSION;
	}
	return stream->flags & ATTRIBUTE_SPARSE && volume->major_ver >= 3 ? SHAPE_SPARSE : SHAPE_SOLID;
}

/* Room for the whole stream, as holes or as clusters; a compressed one grows unit by unit. */
static int reserve(struct volume_writer *writer, ntfs_attr *attr, uint64_t size_bytes, enum shape shape,
		   struct error *err)
{
	int result = 0;

	if (size_bytes > INT64_MAX)
		return error_set(err, ERROR_VALUE, writer->source->path, "a file has an impossible size");
	if (shape == SHAPE_SPARSE)
		result = ntfs_attr_truncate(attr, (s64)size_bytes);
	else if (shape == SHAPE_SOLID)
		result = ntfs_attr_truncate_solid(attr, (s64)size_bytes);
	if (result)
		return ntfs3g_failed(writer->mount, "cannot make room for a file's content", err);
	return 0;
}

/* The end of a compressed stream: its size, should it end in a hole, and its last unit. */
static int end_compressed(struct volume_writer *writer, ntfs_attr *attr, uint64_t size_bytes,
			  struct error *err)
{
	static const uint8_t zero;

	if ((uint64_t)attr->data_size < size_bytes &&
	    ntfs_attr_pwrite(attr, (s64)size_bytes - 1, 1, &zero) != 1)
		return ntfs3g_failed(writer->mount, "cannot write a file's content", err);
	if (ntfs_attr_pclose(attr))
		return ntfs3g_failed(writer->mount, "cannot write compressed content", err);
	return 0;
}

/*
 * Call the stream encrypted.  (The library's own way, ntfs_efs_fixup_attribute, wants the padding's
 * length behind the content, and forgets what was never written.)
 */
static int mark_encrypted(struct volume_writer *writer, ntfs_attr *attr, const struct case_stream *stream,
			  struct error *err)
{
	ntfs_attr_search_ctx *search;
	ntfs_inode           *inode = attr->ni;
	uint64_t              size = stream->size_bytes;
	uint64_t              valid = stream->valid_bytes < size ? stream->valid_bytes : size;

	if (!NAttrNonResident(attr) && ntfs_attr_force_non_resident(attr) < 0)
		return ntfs3g_failed(writer->mount, "cannot write encrypted content", err);
	search = ntfs_attr_get_search_ctx(inode, NULL);
	if (!search)
		return error_memory(err);
	if (ntfs_attr_lookup(AT_DATA, attr->name, attr->name_len, CASE_SENSITIVE, 0, NULL, 0, search) < 0) {
		ntfs_attr_put_search_ctx(search);
		return ntfs3g_failed(writer->mount, "cannot write encrypted content", err);
	}
	search->attr->data_size = cpu_to_le64(size);
	search->attr->initialized_size = cpu_to_le64(valid);
	search->attr->flags |= ATTR_IS_ENCRYPTED;
	attr->data_size = (s64)size;
	attr->initialized_size = (s64)valid;
	attr->data_flags |= ATTR_IS_ENCRYPTED;
	ntfs_inode_mark_dirty(search->ntfs_ino);
	ntfs_attr_put_search_ctx(search);
	if (!attr->name_len) {
		inode->data_size = (s64)size;
		inode->allocated_size = attr->allocated_size;
		inode->flags |= FILE_ATTR_ENCRYPTED;
	}
	return 0;
}

/* Open the stream called @name (unnamed if NULL), empty, and ready for @shape. */
static ntfs_attr *open_data(struct volume_writer *writer, ntfs_inode *inode, struct ntfs3g_name *name,
			    enum shape shape, struct error *err)
{
	ntfs_attr *attr;

	/* the library decides on compression when it opens an empty stream, by the inode's flag */
	if (shape == SHAPE_COMPRESSED)
		inode->flags |= FILE_ATTR_COMPRESSED;
	else
		inode->flags &= ~(le32)FILE_ATTR_COMPRESSED;
	if (name && !ntfs_attr_exist(inode, AT_DATA, name->units, name->count) &&
	    ntfs_attr_add(inode, AT_DATA, name->units, name->count, NULL, 0) < 0) {
		(void)ntfs3g_failed(writer->mount, "cannot make a stream", err);
		return NULL;
	}
	attr = ntfs_attr_open(inode, AT_DATA, name ? name->units : AT_UNNAMED, name ? name->count : 0);
	if (attr && attr->data_size) { /* from an earlier try; opening it empty decides on compression anew */
		bool emptied = ntfs_attr_truncate(attr, 0) == 0;

		ntfs_attr_close(attr);
		attr = emptied ? ntfs_attr_open(inode, AT_DATA, name ? name->units : AT_UNNAMED,
						name ? name->count : 0)
			       : NULL;
	}
	if (!attr)
		(void)ntfs3g_failed(writer->mount, "cannot open a stream", err);
	return attr;
}

/* Everything of one stream that is written into its attribute. */
static int fill_attribute(struct volume_writer *writer, ntfs_attr *attr, const struct case_record *record,
			  const struct case_stream *stream, enum shape shape, bool encrypted,
			  struct rebuild_stream *out, struct error *err)
{
	uint64_t size = padded(stream).size_bytes;

	if (reserve(writer, attr, size, shape, err) < 0 ||
	    copy_stream(writer, record, stream, attr, out, err) < 0)
		return -1;
	if (shape == SHAPE_COMPRESSED)
		return end_compressed(writer, attr, size, err);
	if (encrypted)
		return mark_encrypted(writer, attr, stream, err);
	if (size == stream->size_bytes)
		return 0;
	/* nobody has the key: no padding either */
	return ntfs_attr_truncate(attr, (s64)stream->size_bytes)
		       ? ntfs3g_failed(writer->mount, "cannot write a file's content", err)
		       : 0;
}

static int hash_attribute(struct volume_writer *writer, ntfs_inode *inode, const struct ntfs3g_name *name,
			  uint64_t *size_bytes, uint8_t sum[DIGEST_BYTES], struct error *err)
{
	CLEANUP(free_ptr) uint8_t *buffer = malloc(CONTENT_PIECE_BYTES);
	struct ntfs3g_name         copy;
	ntfs_attr                 *attr;
	s64                        at = 0, got = 1;

	if (!buffer)
		return error_memory(err);
	if (name)
		copy = *name;
	attr = ntfs_attr_open(inode, AT_DATA, name ? copy.units : AT_UNNAMED, name ? copy.count : 0);
	if (!attr) {
		*size_bytes = UINT64_MAX; /* no such stream */
		return errno == ENOMEM ? error_memory(err) : 0;
	}
	*size_bytes = (uint64_t)attr->data_size;
	if (digest_start(&writer->digest, err) < 0)
		got = -1;
	while (got > 0 && at < attr->data_size) {
		s64 part = attr->data_size - at < CONTENT_PIECE_BYTES ? attr->data_size - at
								      : CONTENT_PIECE_BYTES;

		got = ntfs_attr_pread(attr, at, part, buffer);
		if (got > part)
			got = part; /* encrypted: its padding, too */
		if (got <= 0) {
			(void)ntfs3g_failed(writer->mount, "cannot read back what was written", err);
			got = -1;
		} else if (digest_update(&writer->digest, buffer, (size_t)got, err) < 0) {
			got = -1;
		}
		at += got;
	}
	ntfs_attr_close(attr);
	return got < 0 ? -1 : digest_end(&writer->digest, sum, err);
}

/*
 * Write one data stream.  Compressing is the part of the library that is used least, so it is read
 * back, and done without if it does not come back the same.
 */
static int write_data(struct volume_writer *writer, struct volume_file *file,
		      const struct case_record *record, const struct case_stream *stream,
		      struct ntfs3g_name *name, bool encrypted, struct rebuild_stream *out, struct error *err)
{
	enum shape shape = shape_of(writer, stream, &file->unkept);

	for (;;) {
		ntfs_attr *attr = open_data(writer, file->inode, name, shape, err);
		uint8_t    sum[DIGEST_BYTES];
		uint64_t   size;
		int        result;

		if (!attr)
			return -1;
		result = fill_attribute(writer, attr, record, stream, shape, encrypted, out, err);
		ntfs_attr_close(attr);
		if (result < 0 || shape != SHAPE_COMPRESSED || !out->sha256_known)
			return result;
		if (hash_attribute(writer, file->inode, name, &size, sum, err) < 0)
			return -1;
		if (size == stream->size_bytes && memcmp(sum, out->sha256, sizeof sum) == 0)
			return 0;
		file->unkept |= UNKEPT_COMPRESSION;
		shape = SHAPE_SOLID;
	}
}

/* ":name" with what its grade adds, as the manifest tells it. */
static char *stream_place(const struct case_stream *stream, enum grade grade)
{
	char *place;

	return asprintf(&place, ":%s%s", stream->name, rebuild_ending(grade)) < 0 ? NULL : place;
}

static int remove_data(struct volume_writer *writer, struct volume_file *file, struct ntfs3g_name *name,
		       struct error *err)
{
	if (ntfs_attr_remove(file->inode, AT_DATA, name->units, name->count) < 0)
		return ntfs3g_failed(writer->mount, "cannot take back a stream", err);
	return 0;
}

/* A named stream under the name that its grade allows; reading may lower the grade, then once more. */
static int write_named(struct volume_writer *writer, struct volume_file *file,
		       const struct case_record *record, const struct case_stream *stream, bool encrypted,
		       struct rebuild_stream *out, struct error *err)
{
	enum grade         grade = stream->grade;
	struct ntfs3g_name name;

	for (;;) {
		if (ntfs3g_name(stream->name, strlen(stream->name), rebuild_ending(grade), &name) < 0) {
			file->unkept |= UNKEPT_STREAM;
			return 0;
		}
		for (size_t i = 0; i < name.count; i++)
			if (!name.units[i]) { /* the library cannot open such a stream */
				file->unkept |= UNKEPT_STREAM;
				return 0;
			}
		if (write_data(writer, file, record, stream, &name, encrypted, out, err) < 0)
			return -1;
		if (out->grade == grade)
			break;
		if (remove_data(writer, file, &name, err) < 0)
			return -1;
		grade = out->grade;
		if (grade == GRADE_LOST)
			return 0;
	}
	out->at = stream_place(stream, grade);
	return out->at ? 0 : error_memory(err);
}

static int note_missing(struct ranges *to, const struct ranges *from, struct error *err)
{
	for (size_t i = 0; i < from->count; i++)
		if (!ranges_add(to, from->items[i].start, from->items[i].length))
			return error_memory(err);
	return 0;
}

/* Add a stream's result; one that is lost is told, not written. */
static int add_result(struct rebuild_result *result, struct rebuild_stream *out, struct error *err)
{
	if (array_push(&result->streams, *out))
		return 0;
	array_release(&out->missing);
	free(TAKE(out->at));
	return error_memory(err);
}

static struct rebuild_stream lost_stream(const struct case_stream *stream)
{
	return (struct rebuild_stream){ .stream = stream,
					.size_bytes = stream->size_bytes,
					.grade = stream->grade,
					.reasons = stream->reasons };
}

static int fill_named(struct volume_writer *writer, struct volume_file *file,
		      const struct case_record *record, bool has_key, struct rebuild_result *result,
		      struct error *err)
{
	for (size_t i = 0; i < record->streams.count; i++) {
		const struct case_stream *stream = &record->streams.items[i];
		struct rebuild_stream     out = lost_stream(stream);
		int                       status;

		if (stream->type != ATTRIBUTE_DATA || !*stream->name)
			continue;
		if (stream->grade == GRADE_LOST)
			status = note_missing(&out.missing, &stream->missing, err);
		else
			status = write_named(writer, file, record, stream,
					     has_key && stream->flags & ATTRIBUTE_ENCRYPTED, &out, err);
		if (status < 0) {
			array_release(&out.missing);
			free(out.at);
			return -1;
		}
		if (add_result(result, &out, err) < 0)
			return -1;
	}
	return 0;
}

/* The unnamed stream; a file without one gets none of its bytes from us. */
static int fill_content(struct volume_writer *writer, struct volume_file *file,
			const struct case_record *record, bool has_key, struct rebuild_result *result,
			struct error *err)
{
	const struct case_stream *stream = case_record_content(record);
	struct rebuild_stream     out = { 0 };
	int                       status;

	if (!stream)
		return 0;
	status = write_data(writer, file, record, stream, NULL,
			    has_key && stream->flags & ATTRIBUTE_ENCRYPTED, &out, err);
	result->grade = out.grade;
	result->reasons = out.reasons;
	result->missing = out.missing;
	result->sha256_known = out.sha256_known;
	memcpy(result->sha256, out.sha256, sizeof result->sha256);
	return status;
}

/* -------- everything that is not data -------- */

/* The library refused @what: the run goes on without it, unless the disk is full or fails. */
static int go_without(struct volume_writer *writer, struct volume_file *file, enum unkept what,
		      struct error *err)
{
	if (errno == ENOSPC || errno == ENOMEM || writer->mount->transaction.device.failed)
		return ntfs3g_failed(writer->mount, "cannot write an attribute", err);
	file->unkept |= what;
	return 0;
}

static int fill_reparse(struct volume_writer *writer, struct volume_file *file, const uint8_t *bytes,
			size_t size_bytes, struct error *err)
{
	bool folder = file->inode->mrec->flags & MFT_RECORD_IS_DIRECTORY;

	if (folder && ntfs_check_empty_dir(file->inode) < 0) { /* it would hide what is in it */
		file->unkept |= UNKEPT_REPARSE;
		return 0;
	}
	if (ntfs_set_ntfs_reparse_data(file->inode, (const char *)bytes, size_bytes, 0) < 0)
		return go_without(writer, file, UNKEPT_REPARSE, err);
	file->reparse = le32_at(bytes);
	return 0;
}

static int fill_ea(struct volume_writer *writer, struct volume_file *file, const struct case_record *record,
		   const uint8_t *bytes, size_t size_bytes, struct error *err)
{
	const struct case_stream *info = find_stream(record, ATTRIBUTE_EA_INFORMATION, "");

	if (ntfs_set_ntfs_ea(file->inode, (const char *)bytes, size_bytes, 0) < 0)
		return go_without(writer, file, UNKEPT_EA, err);
	if (!file->reparse && info && info->resident && info->size_bytes >= 2)
		file->reparse = le16_at(info->value);
	return 0;
}

static int fill_efs(struct volume_writer *writer, struct volume_file *file, const uint8_t *bytes,
		    size_t size_bytes, struct error *err)
{
	ntfs_attr *attr;
	bool       failed;

	if (!ntfs_attr_exist(file->inode, AT_LOGGED_UTILITY_STREAM, efs_name, 4) &&
	    ntfs_attr_add(file->inode, AT_LOGGED_UTILITY_STREAM, efs_name, 4, NULL, 0) < 0)
		return ntfs3g_failed(writer->mount, "cannot write an attribute", err);
	attr = ntfs_attr_open(file->inode, AT_LOGGED_UTILITY_STREAM, efs_name, 4);
	failed = !attr || ntfs_attr_truncate(attr, (s64)size_bytes) ||
		 ntfs_attr_pwrite(attr, 0, (s64)size_bytes, bytes) != (s64)size_bytes;
	if (failed)
		(void)ntfs3g_failed(writer->mount, "cannot write an attribute", err);
	if (attr)
		ntfs_attr_close(attr);
	return failed ? -1 : 0;
}

/* One attribute, by its type. */
static int fill_other(struct volume_writer *writer, struct volume_file *file,
		      const struct case_record *record, const struct case_stream *stream, struct error *err)
{
	static const struct {
		uint32_t    type;
		enum unkept what;
	} known[] = {
		{ ATTRIBUTE_REPARSE_POINT, UNKEPT_REPARSE },
		{ ATTRIBUTE_EA, UNKEPT_EA },
		{ ATTRIBUTE_OBJECT_ID, UNKEPT_OBJECT_ID },
		{ ATTRIBUTE_LOGGED_STREAM, UNKEPT_ENCRYPTION },
	};
	CLEANUP(free_ptr) uint8_t *bytes = NULL;
	enum unkept                what = UNKEPT_STREAM;
	size_t                     size = (size_t)stream->size_bytes;
	int                        loaded;

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (known[i].type == stream->type)
			what = known[i].what;
	if (what == UNKEPT_STREAM) {
		file->unkept |= what;
		return 0;
	}
	loaded = load_blob(writer, record, stream, &bytes, err);
	if (loaded < 0)
		return -1;
	if (loaded == 0) {
		file->unkept |= what;
		return 0;
	}
	if (what == UNKEPT_REPARSE)
		return size >= 8 ? fill_reparse(writer, file, bytes, size, err) : (file->unkept |= what, 0);
	if (what == UNKEPT_EA)
		return fill_ea(writer, file, record, bytes, size, err);
	if (what == UNKEPT_ENCRYPTION)
		return fill_efs(writer, file, bytes, size, err);
	if (ntfs_set_ntfs_object_id(file->inode, (const char *)bytes, size, 0) < 0)
		return go_without(writer, file, UNKEPT_OBJECT_ID, err);
	return 0;
}

/* Streams that are not written as such: done elsewhere, or the volume's own bookkeeping. */
static bool is_passed_over(const struct case_stream *stream)
{
	return stream->type == ATTRIBUTE_DATA || stream->type == ATTRIBUTE_SECURITY_DESCRIPTOR ||
	       stream->type == ATTRIBUTE_EA_INFORMATION ||
	       (stream->type == ATTRIBUTE_LOGGED_STREAM && strcmp(stream->name, "$EFS") != 0);
}

static int fill_others(struct volume_writer *writer, struct volume_file *file,
		       const struct case_record *record, struct error *err)
{
	for (size_t i = 0; i < record->streams.count; i++)
		if (!is_passed_over(&record->streams.items[i]) &&
		    fill_other(writer, file, record, &record->streams.items[i], err) < 0)
			return -1;
	return 0;
}

int volume_file_fill(struct volume_writer *writer, struct volume_file *file, const struct case_record *record,
		     struct rebuild_result *result, struct error *err)
{
	const struct case_stream *key = find_stream(record, ATTRIBUTE_LOGGED_STREAM, "$EFS");
	const struct case_stream *content = case_record_content(record);
	bool                      has_key = key && is_trusted(key->grade) && key->size_bytes <= BLOB_MAX;
	bool                      compressed;

	result->grade = record->file.grade;
	result->reasons = record->file.reasons;
	if (content && content->flags & ATTRIBUTE_ENCRYPTED && !has_key)
		file->unkept |= UNKEPT_ENCRYPTION;
	if (fill_content(writer, file, record, has_key, result, err) < 0)
		return -1;
	if (result->grade == GRADE_LOST)
		return 0;
	compressed = (file->inode->flags & FILE_ATTR_COMPRESSED) != 0;
	if (fill_named(writer, file, record, has_key, result, err) < 0)
		return -1;
	/* on the file the flag speaks of the unnamed stream */
	if (compressed)
		file->inode->flags |= FILE_ATTR_COMPRESSED;
	else
		file->inode->flags &= ~(le32)FILE_ATTR_COMPRESSED;
	return fill_others(writer, file, record, err);
}

int volume_file_judge(struct volume_writer *writer, const struct case_record *record,
		      struct rebuild_result *result, struct error *err)
{
	result->grade = record->file.grade;
	result->reasons = record->file.reasons;
	for (size_t i = 0; i < record->streams.count; i++) {
		const struct case_stream *stream = &record->streams.items[i];
		struct rebuild_stream     out = lost_stream(stream);
		int                       status;

		if (stream->type != ATTRIBUTE_DATA)
			continue;
		status = stream->grade == GRADE_LOST ? note_missing(&out.missing, &stream->missing, err)
						     : copy_stream(writer, record, stream, NULL, &out, err);
		if (status == 0 && !*stream->name) {
			result->grade = out.grade;
			result->reasons = out.reasons;
			result->missing = out.missing;
			result->sha256_known = out.sha256_known;
			memcpy(result->sha256, out.sha256, sizeof result->sha256);
			continue;
		}
		if (status == 0 && out.grade != GRADE_LOST) {
			out.at = stream_place(stream, out.grade);
			status = out.at ? 0 : error_memory(err);
		}
		if (status < 0) {
			array_release(&out.missing);
			return -1;
		}
		if (add_result(result, &out, err) < 0)
			return -1;
	}
	return 0;
}

/* -------- does it hold what it should? -------- */

static int agrees(struct volume_writer *writer, ntfs_inode *inode, const struct ntfs3g_name *name,
		  uint64_t size_bytes, const uint8_t sum[DIGEST_BYTES], bool sum_known, struct error *err)
{
	uint8_t  found[DIGEST_BYTES];
	uint64_t found_bytes;

	if (!sum_known)
		return 0;
	if (hash_attribute(writer, inode, name, &found_bytes, found, err) < 0)
		return -1;
	return found_bytes == size_bytes && memcmp(found, sum, sizeof found) == 0;
}

int volume_file_agrees(struct volume_writer *writer, ntfs_inode *inode, const struct rebuild_result *result,
		       struct error *err)
{
	int same = agrees(writer, inode, NULL, (uint64_t)inode->data_size, result->sha256,
			  result->sha256_known, err);

	for (size_t i = 0; same == 1 && i < result->streams.count; i++) {
		const struct rebuild_stream *stream = &result->streams.items[i];
		struct ntfs3g_name           name;

		if (!stream->at)
			continue;
		if (ntfs3g_name(stream->stream->name, strlen(stream->stream->name),
				rebuild_ending(stream->grade), &name) < 0)
			return 0;
		same = agrees(writer, inode, &name, stream->size_bytes, stream->sha256, stream->sha256_known,
			      err);
	}
	return same;
}

/* -------- security -------- */

static int compare_security(const void *a, const void *b)
{
	const struct known_security *left = a, *right = b;

	if (left->volume != right->volume)
		return left->volume < right->volume ? -1 : 1;
	return (left->id > right->id) - (left->id < right->id);
}

uint32_t volume_writer_security(const struct volume_writer *writer, const struct case_record *record)
{
	struct known_security        key = { record->file.volume, record->file.security_id, 0 };
	const struct known_security *found = NULL;

	if (writer->same_volume)
		return record->file.info_known ? key.id : 0;
	if (record->file.info_known && key.id && writer->securities.count)
		found = bsearch(&key, writer->securities.items, writer->securities.count, sizeof key,
				compare_security);
	return found ? found->here : 0;
}

static int remember_security(struct volume_writer *writer, const struct case_record *record, uint32_t here,
			     struct error *err)
{
	struct known_security row = { record->file.volume, record->file.security_id, here };

	if (!row.id || !here)
		return 0;
	if (!array_push(&writer->securities, row))
		return error_memory(err);
	for (size_t i = writer->securities.count - 1;
	     i && compare_security(&writer->securities.items[i - 1], &row) > 0; i--) {
		writer->securities.items[i] = writer->securities.items[i - 1];
		writer->securities.items[i - 1] = row;
	}
	return 0;
}

/* The file's descriptor, to be freed; NULL if nobody knows it. */
static int find_descriptor(struct volume_writer *writer, const struct case_record *record, uint8_t **bytes,
			   size_t *size_bytes, struct error *err)
{
	const struct case_stream *own = find_stream(record, ATTRIBUTE_SECURITY_DESCRIPTOR, "");
	int                       loaded;

	*bytes = NULL;
	if (record->file.info_known && record->file.security_id &&
	    writer->source->descriptor(writer->source->context, record->file.volume, record->file.security_id,
				       bytes, size_bytes, err) < 0)
		return -1;
	if (*bytes || !own)
		return 0;
	loaded = load_blob(writer, record, own, bytes, err);
	*size_bytes = (size_t)own->size_bytes;
	if (loaded == 0)
		free(TAKE(*bytes));
	return loaded < 0 ? -1 : 0;
}

static int dress_security(struct volume_writer *writer, struct volume_file *file,
			  const struct case_record *record, struct error *err)
{
	struct PERMISSIONS_CACHE  *none = NULL;
	struct SECURITY_CONTEXT    context = { .vol = writer->mount->volume, .pseccache = &none };
	CLEANUP(free_ptr) uint8_t *bytes = NULL;
	size_t                     size = 0, used;
	uint32_t                   here = volume_writer_security(writer, record);

	if (file->inherits)
		return 0;
	if (here && test_nino_flag(file->inode, v3_Extensions)) {
		file->inode->security_id = cpu_to_le32(here);
		NInoSetDirty(file->inode);
		return 0;
	}
	if (find_descriptor(writer, record, &bytes, &size, err) < 0)
		return -1;
	if (!bytes || size > UINT_MAX || !ntfs_valid_descr((const char *)bytes, (unsigned)size)) {
		file->unkept |= UNKEPT_SECURITY;
		return 0;
	}
	used = ntfs_attr_size((const char *)bytes); /* some end in bytes that nothing points to */
	if (used > size) {
		file->unkept |= UNKEPT_SECURITY;
		return 0;
	}
	if (ntfs_set_ntfs_acl(&context, file->inode, (const char *)bytes, used, 0) < 0)
		return go_without(writer, file, UNKEPT_SECURITY, err);
	if (!test_nino_flag(file->inode, v3_Extensions))
		return 0;
	return remember_security(writer, record, le32_to_cpu(file->inode->security_id), err);
}

/* -------- attributes and times -------- */

/* A folder's compression is what new files in it inherit; its index says so, too. */
static int dress_folder(struct volume_writer *writer, struct volume_file *file, uint32_t attributes,
			struct error *err)
{
	const ntfs_volume *volume = writer->mount->volume;

	if (attributes & FILE_IS_COMPRESSED) {
		if (volume->cluster_size > UNCOMPRESSIBLE || volume->major_ver < 3) {
			file->unkept |= UNKEPT_COMPRESSION;
		} else {
			if (ntfs_attr_set_flags(file->inode, AT_INDEX_ROOT, NTFS_INDEX_I30, 4,
						ATTR_IS_COMPRESSED, ATTR_COMPRESSION_MASK) < 0)
				return ntfs3g_failed(writer->mount, "cannot write an attribute", err);
			file->inode->flags |= FILE_ATTR_COMPRESSED;
		}
	}
	if (attributes & FILE_IS_ENCRYPTED) {
		if (ntfs_attr_exist(file->inode, AT_LOGGED_UTILITY_STREAM, efs_name, 4))
			file->inode->flags |= FILE_ATTR_ENCRYPTED;
		else
			file->unkept |= UNKEPT_ENCRYPTION;
	}
	return 0;
}

/* The names that it has already carry times, too. */
static int dress_names(struct volume_writer *writer, ntfs_inode *inode, struct error *err)
{
	ntfs_attr_search_ctx *search = ntfs_attr_get_search_ctx(inode, NULL);
	int                   why;

	if (!search)
		return error_memory(err);
	while (ntfs_attr_lookup(AT_FILE_NAME, AT_UNNAMED, 0, CASE_SENSITIVE, 0, NULL, 0, search) == 0) {
		FILE_NAME_ATTR *name = (FILE_NAME_ATTR *)(void *)((uint8_t *)search->attr +
								  le16_to_cpu(search->attr->value_offset));

		name->creation_time = inode->creation_time;
		name->last_data_change_time = inode->last_data_change_time;
		name->last_mft_change_time = inode->last_mft_change_time;
		name->last_access_time = inode->last_access_time;
		ntfs_inode_mark_dirty(search->ntfs_ino);
	}
	why = errno;
	ntfs_attr_put_search_ctx(search);
	errno = why;
	return why == ENOENT ? 0 : ntfs3g_failed(writer->mount, "a file's names cannot be read", err);
}

int volume_file_dress(struct volume_writer *writer, struct volume_file *file,
		      const struct case_record *record, struct error *err)
{
	const struct case_file *row = &record->file;
	ntfs_inode             *inode = file->inode;

	if (dress_security(writer, file, record, err) < 0)
		return -1;
	if (!row->info_known) {
		file->unkept |= UNKEPT_TIMES;
		return 0;
	}
	if (inode->mrec->flags & MFT_RECORD_IS_DIRECTORY &&
	    dress_folder(writer, file, row->attributes, err) < 0)
		return -1;
	inode->flags = (inode->flags & STRUCTURAL) | (cpu_to_le32(row->attributes) & ~STRUCTURAL);
	inode->creation_time = cpu_to_le64(row->times.created);
	inode->last_data_change_time = cpu_to_le64(row->times.written);
	inode->last_mft_change_time = cpu_to_le64(row->times.changed);
	inode->last_access_time = cpu_to_le64(row->times.accessed);
	NInoSetDirty(inode);
	NInoFileNameSetDirty(inode);
	return dress_names(writer, inode, err);
}
