/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mft_end.c - see mft_end.h */
#include "scan/mft_end.h"

#include "core/cleanup.h"
#include "core/ntfs_time.h"
#include "scan/attribute.h"
#include "scan/file_name.h"
#include "scan/fixup.h"
#include "scan/index_node.h"
#include "scan/standard_information.h"

#define GAP 64u            /* slots without a record of ours: no more come */
#define PROOFS 64u         /* folders asked in vain */
#define BLOCK_MAX 65536u   /* bytes of an index block */
#define INDEX_MAX (8u << 20)   /* of one folder that are looked at */
#define INDEXES_MAX (256u << 20) /* of all of them */
#define FIRST_FILES 8u     /* of the system; $MFT's own times are zeros where libntfs-3g has changed it */

/* -------- does a folder name a record? -------- */

/* The next attribute of @type and name $I30. */
static bool next_index(struct bytes *rest, uint32_t type, struct attribute *attr)
{
	struct error why;

	while (attribute_next(rest, attr, &why) == 1)
		if (attr->type == type && attribute_is_named(attr, "$I30"))
			return true;
	return false;
}

static bool node_names(struct index_node node, file_ref ref)
{
	struct index_entry entry;
	struct error       why;

	while (index_node_next(&node, &entry, &why) == 1)
		if (!entry.last && entry.ref == ref)
			return true;
	return false;
}

struct search {
	struct mft *mft;
	uint8_t    *bytes, *folder; /* record_bytes each */
	uint64_t    end;            /* behind the last record that is the table's own */
	uint64_t    read;           /* bytes of indexes */
	unsigned    asked;          /* in vain, one after the other */
	bool        proven;
};

static int blocks_name(struct search *search, const struct attribute *attr, uint32_t block_bytes, file_ref ref, bool *named,
		       struct error *err)
{
	const struct mft          *mft = search->mft;
	CLEANUP(free_ptr) uint8_t *bytes = malloc(block_bytes);
	struct runs                runs = { 0 };
	struct ranges              missing = { 0 };
	struct index_block         block;
	struct error               why;
	fixup_torn                 torn;
	int                        result = 0;

	if (!bytes)
		return error_memory(err);
	if (runs_append(&runs, attr->pairs, attr->lowest_vcn, &mft->volume->geometry, &why) < 0)
		result = why.kind == ERROR_MEMORY ? error_memory(err) : 0;
	for (uint64_t i = 0; result == 0 && runs.count && !*named && search->read < INDEXES_MAX &&
			     i * block_bytes < INDEX_MAX && i * block_bytes < attr->valid_bytes; i++) {
		missing.count = 0;
		search->read += block_bytes;
		result = stream_read(mft->volume, &runs, i * block_bytes, bytes, block_bytes, &missing, err);
		if (result == 0 && !missing.count && fixup_undo(bytes, block_bytes, 0, &torn, &why) == 0 && !torn &&
		    index_block_decode((struct bytes){ bytes, block_bytes, 0 }, &block, &why) == 0)
			*named = node_names(block.node, ref);
	}
	array_release(&runs);
	array_release(&missing);
	return result;
}

/* Is @folder a directory of the table with @ref in it? */
static int folder_names(struct search *search, file_ref folder, file_ref ref, bool *named, struct error *err)
{
	struct mft_slot   slot;
	struct attribute  attr;
	struct index_root root;
	struct bytes      rest;
	struct error      why;

	*named = false;
	if (file_ref_record(folder) >= search->end)
		return 0;
	if (mft_read_slot(search->mft, file_ref_record(folder), search->folder, &slot, err) < 0)
		return -1;
	if (!slot.decoded || slot.torn || !(slot.record.flags & MFT_RECORD_IN_USE) ||
	    slot.record.sequence != file_ref_sequence(folder))
		return 0;
	rest = slot.record.attributes;
	if (!next_index(&rest, ATTRIBUTE_INDEX_ROOT, &attr) || !attr.resident ||
	    index_root_decode(attr.value, &root, &why) < 0)
		return 0;
	*named = node_names(root.node, ref);
	rest = slot.record.attributes;
	if (*named || !next_index(&rest, ATTRIBUTE_INDEX_ALLOCATION, &attr) || attr.resident || attr.lowest_vcn ||
	    root.block_bytes < FIXUP_STRIDE || root.block_bytes % FIXUP_STRIDE || root.block_bytes > BLOCK_MAX)
		return 0;
	return blocks_name(search, &attr, root.block_bytes, ref, named, err);
}

/* -------- the end -------- */

static bool times_of(const struct mft_record *record, struct file_times *times)
{
	struct bytes                rest = record->attributes;
	struct standard_information info;
	struct attribute            attr;
	struct error                why;

	while (attribute_next(&rest, &attr, &why) == 1)
		if (attr.type == ATTRIBUTE_STANDARD_INFORMATION && attr.resident &&
		    standard_information_decode(attr.value, &info, &why) == 0) {
			*times = info.times;
			return true;
		}
	return false;
}

bool mft_end_holds(const struct mft *mft, uint64_t number, const struct mft_record *record)
{
	struct file_times times;

	return record->number == number && number && (!times_of(record, &times) || times.changed >= mft->formatted);
}

/* Look at one slot: is it the table's, if anything is? */
static int look_at(struct search *search, uint64_t number, bool *own, struct error *err)
{
	struct mft_slot   slot;
	struct file_times times;
	file_ref          folder;

	*own = false;
	if (mft_read_slot(search->mft, number, search->bytes, &slot, err) < 0)
		return -1;
	if (!slot.decoded || slot.kind != MFT_RECORD_FILE || !mft_end_holds(search->mft, number, &slot.record))
		return 0;
	folder = file_name_first_parent(slot.record.attributes);
	*own = search->proven && search->mft->formatted && times_of(&slot.record, &times);
	if (*own || !(slot.record.flags & MFT_RECORD_IN_USE) || slot.record.base || !folder)
		return 0;
	search->asked++;
	if (folder_names(search, folder, file_ref_make(number, slot.record.sequence), own, err) < 0)
		return -1;
	if (*own)
		search->asked = 0;
	search->proven = search->proven || *own;
	return 0;
}

static int search_from(struct search *search, uint64_t limit, struct error *err)
{
	for (uint64_t i = search->end; i < limit && i - search->end < GAP && search->asked < PROOFS; i++) {
		bool own;

		if (look_at(search, i, &own, err) < 0)
			return -1;
		if (own)
			search->end = i + 1;
	}
	return 0;
}

/* What follows the last run; more than the table will have. */
static bool add_what_follows(struct mft *mft, uint64_t *reached)
{
	const struct geometry *geometry = &mft->volume->geometry;
	struct run             last = mft->runs.items[mft->runs.count - 1], more;

	*reached = last.vcn + last.length;
	if (last.lcn == LCN_HOLE || last.lcn + last.length >= geometry->clusters)
		return true;
	more = (struct run){ *reached, last.lcn + last.length, geometry->clusters - (last.lcn + last.length) };
	return array_push(&mft->runs, more);
}

/* Of what follows, only what is the table's. */
static void cut_runs(struct mft *mft, uint64_t reached)
{
	uint64_t    cluster_bytes = mft->volume->geometry.cluster_bytes;
	uint64_t    needed = (mft->records * mft->record_bytes + cluster_bytes - 1) / cluster_bytes;
	struct run *last = &mft->runs.items[mft->runs.count - 1];

	if (last->vcn < reached)
		return;
	if (needed <= reached)
		mft->runs.count--;
	else
		last->length = needed - reached;
}

/* When the volume was formatted: the first of the system's files that says when it was made.  0 if none does. */
static int read_formatted(struct mft *mft, uint8_t *bytes, struct error *err)
{
	struct mft_slot   slot;
	struct file_times times;

	for (uint64_t i = 0; i < FIRST_FILES && i < mft->told && !mft->formatted; i++) {
		if (mft_read_slot(mft, i, bytes, &slot, err) < 0)
			return -1;
		if (slot.decoded && times_of(&slot.record, &times) && times.created > NTFS_TIME_DOS_EPOCH)
			mft->formatted = times.created;
	}
	return 0;
}

int mft_find_end(struct mft *mft, struct findings *findings, struct error *err)
{
	CLEANUP(free_ptr) uint8_t *bytes = malloc(2u * (size_t)mft->record_bytes);
	struct search              search = { .mft = mft, .bytes = bytes, .end = mft->records };
	uint64_t                   reached, there = mft->volume->evidence->size_bytes / mft->record_bytes;
	uint64_t                   limit = mft->volume->geometry.clusters * mft->volume->geometry.cluster_bytes / mft->record_bytes;

	if (!bytes || !add_what_follows(mft, &reached))
		return error_memory(err);
	search.folder = bytes + mft->record_bytes;
	if (read_formatted(mft, bytes, err) < 0 || search_from(&search, limit < there ? limit : there, err) < 0)
		return -1;
	if (search.proven && search.end > mft->told) {
		findings_add(findings, (struct finding){ FINDING_MFT_END_FORGOTTEN, mft->volume->number, 0, NO_OFFSET,
							 search.end, mft->told });
		mft->records = search.end;
	}
	cut_runs(mft, reached);
	return 0;
}
