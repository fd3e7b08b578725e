/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file_content.c - see file_content.h */
#include "recover/engine/file_content.h"

#include "core/cleanup.h"
#include "recover/file_source.h"
#include "recover/volume_file.h"

#include <inttypes.h>
#include <string.h>

struct filling {
	uint8_t *bytes;
	uint64_t size;
};

static int fill(void *to, const struct content_piece *piece, struct error *err)
{
	struct filling *filling = to;

	(void)err;
	if (piece->data && piece->offset < filling->size && piece->length <= filling->size - piece->offset)
		memcpy(filling->bytes + piece->offset, piece->data, piece->length);
	return 0;
}

/* The stream that is to be read, or NULL with the reason. */
static const struct case_stream *find_content(const char *name, const struct case_record *record, uint64_t limit,
					      struct error *err)
{
	const struct case_stream *stream = case_record_content(record);

	if (!stream)
		error_set(err, ERROR_VALUE, name, "has no content");
	else if (stream->size_bytes > limit)
		error_set(err, ERROR_UNSUPPORTED, name, "has %" PRIu64 " bytes, too many for what it should be",
			  stream->size_bytes);
	else if (record->file.attributes & FILE_IS_ENCRYPTED)
		error_set(err, ERROR_UNSUPPORTED, name, "is encrypted");
	else
		return stream;
	return NULL;
}

static int read_stream(struct work_volume *volume, const char *name, const struct case_record *record,
		       const struct case_stream *stream, struct filling *filling, struct error *err)
{
	struct live_source   live = { .volume = &volume->volume, .securities = &volume->securities };
	struct file_source   source = file_source_of_volume(&live);
	struct verdict       verdict = { 0 };
	int                  status = source.read(source.context, record, stream, fill, filling, &verdict, err);
	enum grade           grade = verdict.grade;

	verdict_release(&verdict);
	content_buffers_release(&live.buffers);
	if (status < 0)
		return -1;
	return grade <= GRADE_INTACT ? 0 : error_set(err, ERROR_IO, name, "cannot be read in full");
}

int file_content_read(struct work_volume *volume, uint32_t record, const char *name, uint64_t limit,
		      uint8_t **bytes, size_t *size, struct error *err)
{
	CLEANUP(case_record_release) struct case_record loaded = { 0 };
	const struct case_stream                       *stream;
	struct filling                                  filling = { 0 };

	*bytes = NULL;
	*size = 0;
	if (work_volume_load(volume, record, &loaded, err) < 0)
		return -1;
	case_record_unpack(&loaded);
	stream = find_content(name, &loaded, limit, err);
	if (!stream)
		return -1;
	filling.size = stream->size_bytes;
	filling.bytes = calloc(1, (size_t)filling.size + 1);
	if (!filling.bytes)
		return error_memory(err);
	if (read_stream(volume, name, &loaded, stream, &filling, err) < 0) {
		free(filling.bytes);
		return -1;
	}
	*bytes = filling.bytes;
	*size = (size_t)filling.size;
	return 0;
}

int file_content_make(struct ntfs3g *mount, file_ref folder, const char *text, const void *bytes, size_t size,
		      struct error *err)
{
	struct ntfs3g_name name;
	ntfs_inode        *inode;

	if (ntfs3g_name(text, strlen(text), "", &name) < 0)
		return error_set(err, ERROR_VALUE, mount->path, "'%.80s' cannot be the name of a file", text);
	if (ntfs3g_make_file(mount, folder, &name, 0, &inode, err) < 0)
		return -1;
	if (file_content_replace(mount, inode, bytes, size, err) < 0) {
		(void)ntfs_inode_close(inode);
		return -1;
	}
	return ntfs3g_close(mount, inode, err);
}

int file_content_replace(struct ntfs3g *mount, ntfs_inode *inode, const void *bytes, size_t size, struct error *err)
{
	ntfs_attr *attr = ntfs_attr_open(inode, AT_DATA, AT_UNNAMED, 0);
	bool       done;

	if (!attr)
		return ntfs3g_failed(mount, "cannot open the content of a file", err);
	done = ntfs_attr_truncate(attr, 0) == 0 &&
	       (!size || ntfs_attr_pwrite(attr, 0, (s64)size, bytes) == (s64)size) &&
	       ntfs_attr_pclose(attr) == 0;
	if (!done)
		ntfs3g_failed(mount, "cannot write the content of a file", err);
	ntfs_attr_close(attr);
	return done ? ntfs3g_check(mount, err) : -1;
}
