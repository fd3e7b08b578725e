/* SPDX-License-Identifier: GPL-3.0-or-later */
/* copy.c - see copy.h */
#include "recover/engine/copy.h"

#include "recover/ntfs3g_remove.h"

#include <string.h>

/* -------- making -------- */

/* All that is not content, and the alias, on an inode that stays open. */
static int finish(const struct copy_place *place, struct volume_file *file, const struct case_record *record,
		  struct error *err)
{
	struct ntfs3g *mount = place->writer->mount;
	bool           taken;

	if (volume_file_dress(place->writer, file, record, err) < 0)
		return -1;
	if (!place->alias)
		return 0;
	if (ntfs3g_add_alias(mount, file->inode, place->folder, place->name, place->alias, file->reparse,
			     &taken, err) < 0)
		return -1;
	if (taken)
		file->unkept |= UNKEPT_ALIAS;
	return 0;
}

/* Could all of it be read that was there to be read? */
static bool is_whole(const struct rebuild_result *result, const struct case_record *record)
{
	bool whole = result->grade <= record->file.grade;

	for (size_t i = 0; i < result->streams.count; i++)
		whole = whole && result->streams.items[i].grade <= result->streams.items[i].stream->grade;
	return whole;
}

/* Fill what was made and close it: 1, 0 when its content is not whole, -1. */
static int make(const struct copy_place *place, ntfs_inode *inode, const struct case_record *record,
		unsigned *unkept, struct error *err)
{
	struct volume_file    file = { .inode = inode, .inherits = place->inherits };
	struct rebuild_result result = { 0 };
	int                   status = volume_file_fill(place->writer, &file, record, &result, err);
	bool                  whole = is_whole(&result, record);

	rebuild_result_release(&result);
	if (status == 0 && whole)
		status = finish(place, &file, record, err);
	*unkept |= file.unkept;
	if (status < 0) {
		(void)ntfs_inode_close(inode);
		return -1;
	}
	return ntfs3g_close(place->writer->mount, inode, err) < 0 ? -1 : whole;
}

int copy_folder(const struct copy_place *place, struct case_record *record, bool filled, file_ref *ref,
		unsigned *unkept, struct error *err)
{
	ntfs_inode *inode;

	for (size_t i = 0; filled && i < record->streams.count; i++)
		if (record->streams.items[i].type == ATTRIBUTE_REPARSE_POINT)
			record->streams.items[i].grade = GRADE_LOST; /* left out, and told */
	if (ntfs3g_make_folder(place->writer->mount, place->folder, place->name, ref, err) < 0 ||
	    ntfs3g_open(place->writer->mount, *ref, &inode, err) < 0)
		return -1;
	if (!inode)
		return error_set(err, ERROR_VALUE, place->writer->mount->path,
				 "a directory that was made is gone");
	return make(place, inode, record, unkept, err) < 0 ? -1 : 0;
}

/* A copy that is not whole goes without a trace: nobody is to look for it as for a deleted file. */
static int take_back(const struct copy_place *place, file_ref ref, struct error *err)
{
	struct bytes name = { (const uint8_t *)place->name->units, place->name->count * sizeof(ntfschar), 0 };

	if (ntfs3g_unindex(place->writer->mount, place->folder, &name, 1, err) < 0)
		return -1;
	return ntfs3g_strip_names(place->writer->mount, ref, place->folder, FREED_EMPTY, err);
}

int copy_file(const struct copy_place *place, const struct case_record *record, file_ref *ref,
	      unsigned *unkept, struct error *err)
{
	struct ntfs3g *mount = place->writer->mount;
	ntfs_inode    *inode;
	int            whole;

	if (ntfs3g_make_file(mount, place->folder, place->name,
			     place->inherits ? 0 : volume_writer_security(place->writer, record), &inode, err) < 0)
		return -1;
	*ref = ntfs3g_ref(inode);
	whole = make(place, inode, record, unkept, err);
	if (whole == 0 && take_back(place, *ref, err) < 0)
		return -1;
	return whole;
}

/* -------- comparing -------- */

/* A file's contents as they would be read now; @result to be released in any case. */
static int judge(const struct origin *origin, const struct case_record *record, struct rebuild_result *result,
		 struct error *err)
{
	struct volume_writer writer = { .source = &origin->source };
	int                  status = volume_file_judge(&writer, record, result, err);

	volume_writer_release(&writer);
	return status;
}

int copy_can_be_read(const struct origin *origin, uint32_t item, struct error *err)
{
	struct case_record    record = { 0 };
	struct rebuild_result result = { 0 };
	int                   status = origin->load(origin->context, item, &record, err);

	if (status == 0)
		status = judge(origin, &record, &result, err);
	if (status == 0)
		status = is_whole(&result, &record);
	rebuild_result_release(&result);
	case_record_release(&record);
	return status;
}

static bool is_same_stream(const struct rebuild_stream *a, const struct rebuild_stream *b)
{
	return strcmp(a->stream->name, b->stream->name) == 0 && a->size_bytes == b->size_bytes &&
	       a->sha256_known == b->sha256_known && memcmp(a->sha256, b->sha256, sizeof a->sha256) == 0;
}

static bool has_stream(const struct rebuild_result *result, const struct rebuild_stream *stream)
{
	for (size_t i = 0; i < result->streams.count; i++)
		if (is_same_stream(&result->streams.items[i], stream))
			return true;
	return false;
}

static bool is_same(const struct rebuild_result *a, const struct rebuild_result *b)
{
	if (a->sha256_known != b->sha256_known || memcmp(a->sha256, b->sha256, sizeof a->sha256) != 0 ||
	    a->streams.count != b->streams.count)
		return false;
	for (size_t i = 0; i < a->streams.count; i++)
		if (!has_stream(b, &a->streams.items[i]))
			return false;
	return true;
}

static int compare_contents(const struct origin *a, const struct case_record *left, const struct origin *b,
			    const struct case_record *right, struct error *err)
{
	struct rebuild_result of_left = { 0 }, of_right = { 0 };
	int                   same = -1;

	if (judge(a, left, &of_left, err) == 0 && judge(b, right, &of_right, err) == 0)
		same = is_same(&of_left, &of_right);
	rebuild_result_release(&of_left);
	rebuild_result_release(&of_right);
	return same;
}

static int compare(const struct origin *a, uint32_t a_item, const struct origin *b, uint32_t b_item, bool times,
		   struct error *err)
{
	struct case_record left = { 0 }, right = { 0 };
	int                same = -1;

	if (a->load(a->context, a_item, &left, err) == 0 && b->load(b->context, b_item, &right, err) == 0)
		same = left.file.size_bytes == right.file.size_bytes &&
		       (!times || (left.file.times.created == right.file.times.created &&
				   left.file.times.written == right.file.times.written));
	if (same == 1)
		same = compare_contents(a, &left, b, &right, err);
	case_record_release(&left);
	case_record_release(&right);
	return same;
}

int copy_has_same_content(const struct origin *a, uint32_t a_item, const struct origin *b, uint32_t b_item,
			  struct error *err)
{
	return compare(a, a_item, b, b_item, false, err);
}

int copy_is_same(const struct origin *a, uint32_t a_item, const struct origin *b, uint32_t b_item,
		 struct error *err)
{
	return compare(a, a_item, b, b_item, true, err);
}
