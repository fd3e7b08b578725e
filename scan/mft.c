/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mft.c - see mft.h */
#include "scan/mft.h"

#include "core/cleanup.h"
#include "scan/attribute.h"
#include "scan/attribute_list.h"
#include "scan/mft_end.h"
#include "scan/old_table.h"

#define MIRROR_RECORDS   4u
#define RECORDS_MAX      (1ull << 32) /* NTFS's own limit */
#define ASSUMED_GAP      1024u        /* slots without a record that end a table taken as one piece */

/* -------- slots -------- */

uint64_t mft_offset_of(const struct mft *mft, uint64_t record)
{
	if (record >= mft->records && record - mft->records < mft->older.count)
		return mft->older.items[record - mft->records].offset;
	return stream_volume_offset(mft->volume, &mft->runs, record * mft->record_bytes);
}

/*
 * The volume to read records through: one that a younger life's table shares a cluster with is the older
 * life's all the same, as its number says.
 */
static struct volume mft_volume(const struct mft *mft)
{
	struct volume volume = *mft->volume;

	volume.table = NULL;
	return volume;
}

int mft_read(const struct mft *mft, uint64_t first, size_t count, uint8_t *buffer, struct ranges *missing,
	     struct error *err)
{
	struct volume volume = mft_volume(mft);

	return stream_read(&volume, &mft->runs, first * mft->record_bytes, buffer,
			   count * mft->record_bytes, missing, err);
}

static void slot_finding(struct findings *findings, const struct mft *mft, enum finding_kind kind,
			 uint64_t number, uint64_t seen)
{
	if (findings)
		findings_add(findings, (struct finding){ kind, mft->volume->number, number,
							 mft_offset_of(mft, number), seen, 0 });
}

/* Slots of an old table that are not its own any more. */
static bool is_absent(const struct mft *mft, uint64_t number)
{
	struct range absent;

	return mft->volume->table && ranges_overlap(&mft->volume->table->absent, number, 1, &absent);
}

/* A record of an old table that counts in clusters of another size than the volume: another life's. */
static bool is_of_another(const struct mft *mft, const struct mft_record *record)
{
	struct bytes     rest = record->attributes;
	struct attribute attr;
	struct error     why;
	bool             another = false;

	while (attribute_next(&rest, &attr, &why) == 1) {
		uint32_t cluster_bytes = attribute_cluster_bytes(&attr);

		if (attr.type == ATTRIBUTE_LIST) /* its attributes are not whole */
			return false;
		another = another || (cluster_bytes && cluster_bytes != mft->volume->geometry.cluster_bytes);
	}
	return another;
}

/* Formatters leave the number out of records that are not used yet. */
static bool is_misplaced(const struct mft_record *record, uint64_t number)
{
	return record->number && record->number != MFT_RECORD_NO_NUMBER && record->number != (uint32_t)number;
}

/* Whatever lies in @bytes, as record @number. */
static void decode_slot(const struct mft *mft, uint64_t number, uint8_t *bytes, const struct ranges *missing,
			struct findings *findings, struct mft_slot *slot)
{
	struct bytes window = { bytes, mft->record_bytes, number * mft->record_bytes };
	fixup_torn   unreadable = fixup_unreadable(missing, window.offset, mft->record_bytes);
	struct error why;

	*slot = (struct mft_slot){ .kind = mft_record_kind(window) };
	if (unreadable & 1) { /* without its header a record says nothing */
		slot->unreadable = true;
		slot->torn = unreadable;
		slot_finding(findings, mft, FINDING_RECORD_UNREADABLE, number, 0);
		return;
	}
	if (slot->kind == MFT_RECORD_EMPTY)
		return;
	if (slot->kind == MFT_RECORD_ALIEN) {
		slot_finding(findings, mft, FINDING_RECORD_ALIEN, number, 0);
		return;
	}
	if (fixup_undo(bytes, mft->record_bytes, window.offset, &slot->torn, &why) < 0 ||
	    mft_record_decode(window, &slot->record, &why) < 0) {
		slot_finding(findings, mft, FINDING_RECORD_DAMAGED, number, 0);
		return;
	}
	slot->decoded = true;
	slot->torn |= unreadable;
	slot->torn_anywhere = slot->torn;
	if (slot->torn && !fixup_touches(slot->torn, 0, slot->record.in_use_bytes))
		slot->torn = 0; /* the damage lies behind what is in use */
	if (slot->torn)
		slot_finding(findings, mft, FINDING_RECORD_TORN, number, slot->torn);
	slot->misplaced = is_misplaced(&slot->record, number);
	if (mft->volume->table && (slot->misplaced || is_of_another(mft, &slot->record)))
		*slot = (struct mft_slot){ .kind = MFT_RECORD_EMPTY };
	if (number >= mft->told && mft->told && !mft_end_holds(mft, number, &slot->record))
		*slot = (struct mft_slot){ .kind = MFT_RECORD_EMPTY }; /* an older life's */
	if (slot->misplaced)
		slot_finding(findings, mft, FINDING_RECORD_MISPLACED, number, slot->record.number);
}

void mft_decode_slot(const struct mft *mft, uint64_t number, uint8_t *bytes, const struct ranges *missing,
		     struct findings *findings, struct mft_slot *slot)
{
	if (is_absent(mft, number))
		*slot = (struct mft_slot){ .kind = MFT_RECORD_EMPTY };
	else
		decode_slot(mft, number, bytes, missing, findings, slot);
}

/* As the log has it: without fix-ups, whole. */
static void decode_image(const struct mft *mft, const struct older_record *older, uint8_t *bytes,
			 struct mft_slot *slot)
{
	struct bytes window = { bytes, mft->record_bytes, older->offset };
	struct error why;

	memcpy(bytes, older->image, mft->record_bytes);
	*slot = (struct mft_slot){ .kind = mft_record_kind(window) };
	slot->decoded = slot->kind == MFT_RECORD_FILE && mft_record_decode(window, &slot->record, &why) == 0;
	slot->misplaced = slot->decoded && is_misplaced(&slot->record, file_ref_record(older->ref));
}

/* One that lies outside the table. */
static int read_older(const struct mft *mft, const struct older_record *older, uint8_t *bytes, struct mft_slot *slot,
		      struct error *err)
{
	struct ranges missing = { 0 };
	struct volume volume = mft_volume(mft);
	int           result = volume_read(&volume, older->offset, bytes, mft->record_bytes, &missing, err);

	if (result == 0 && missing.count)
		*slot = (struct mft_slot){ .unreadable = true };
	else if (result == 0)
		decode_slot(mft, file_ref_record(older->ref), bytes, &missing, NULL, slot);
	array_release(&missing);
	return result;
}

int mft_read_slot(const struct mft *mft, uint64_t number, uint8_t *bytes, struct mft_slot *slot,
		  struct error *err)
{
	struct ranges missing = { 0 };

	if (number >= mft->records && number - mft->records < mft->older.count) {
		const struct older_record *older = &mft->older.items[number - mft->records];

		if (!older->image)
			return read_older(mft, older, bytes, slot, err);
		decode_image(mft, older, bytes, slot);
		return 0;
	}
	if (mft_read(mft, number, 1, bytes, &missing, err) < 0) {
		array_release(&missing);
		return -1;
	}
	mft_decode_slot(mft, number, bytes, &missing, NULL, slot);
	array_release(&missing);
	return 0;
}

/* -------- placing the table -------- */

/* Read record 0 at a byte of the volume and see whether it is $MFT's. */
static int read_first_record(const struct mft *mft, uint64_t offset, uint8_t *bytes, struct mft_slot *slot,
			     struct error *err)
{
	struct ranges holes = { 0 }, missing = { 0 };
	int           result = volume_read(mft->volume, offset, bytes, mft->record_bytes, &holes, err);

	for (size_t i = 0; result == 0 && i < holes.count; i++)
		if (!ranges_add(&missing, holes.items[i].start - offset, holes.items[i].length))
			result = error_memory(err);
	if (result == 0)
		mft_decode_slot(mft, 0, bytes, &missing, NULL, slot);
	array_release(&holes);
	array_release(&missing);
	return result;
}

/* The unnamed $DATA of a record that starts at @vcn, if it is there and non-resident. */
static bool find_data(const struct mft_record *record, uint64_t vcn, struct attribute *data)
{
	struct bytes rest = record->attributes;
	struct error why;

	while (attribute_next(&rest, data, &why) == 1)
		if (data->type == ATTRIBUTE_DATA && !data->name.left && !data->resident &&
		    data->lowest_vcn == vcn)
			return true;
	return false;
}

/* The attribute list of record 0 in full, to be freed; NULL when it has none or it is lost. */
static int load_list(const struct mft *mft, const struct mft_record *record, uint8_t **list, size_t *size_bytes,
		     struct error *err)
{
	struct bytes     rest = record->attributes;
	struct attribute attr;
	struct runs      runs = { 0 };
	struct ranges    missing = { 0 };
	struct error     why;
	int              result = 0;

	*list = NULL;
	*size_bytes = 0;
	while (attribute_next(&rest, &attr, &why) == 1)
		if (attr.type == ATTRIBUTE_LIST)
			break;
	if (attr.type != ATTRIBUTE_LIST || attr.size_bytes > ATTRIBUTE_LIST_MAX_BYTES || !attr.size_bytes)
		return 0;
	*list = malloc((size_t)attr.size_bytes);
	if (!*list)
		return error_memory(err);
	if (attr.resident) {
		memcpy(*list, attr.value.at, attr.value.left);
	} else if (runs_append(&runs, attr.pairs, 0, &mft->volume->geometry, &why) == 0) {
		result = stream_read(mft->volume, &runs, 0, *list, (size_t)attr.size_bytes, &missing, err);
	}
	if (result == 0 && (attr.resident || (runs.count && !missing.count)))
		*size_bytes = (size_t)attr.size_bytes;
	array_release(&runs);
	array_release(&missing);
	return result;
}

/*
 * Add the pieces of $MFT's run list that lie in extension records.  Each of those records lies
 * in a part of the table that the pieces before it describe.
 */
static int add_pieces(struct mft *mft, struct bytes list, struct error *err)
{
	CLEANUP(free_ptr) uint8_t  *bytes = malloc(mft->record_bytes);
	struct attribute_list_entry entry;
	struct error                why;

	if (!bytes)
		return error_memory(err);
	while (attribute_list_next(&list, &entry, &why) == 1) {
		uint64_t         record = file_ref_record(entry.record);
		struct mft_slot  slot;
		struct attribute data;

		if (entry.type != ATTRIBUTE_DATA || entry.name.left || !entry.lowest_vcn)
			continue;
		if (mft_offset_of(mft, record) == NO_OFFSET)
			continue;
		if (mft_read_slot(mft, record, bytes, &slot, err) < 0)
			return -1;
		if (!slot.decoded || file_ref_record(slot.record.base) != 0 ||
		    !find_data(&slot.record, entry.lowest_vcn, &data))
			continue;
		if (runs_append(&mft->runs, data.pairs, data.lowest_vcn, &mft->volume->geometry, &why) < 0 &&
		    why.kind == ERROR_MEMORY)
			return error_memory(err);
	}
	return 0;
}

static int compare_vcn(const void *a, const void *b)
{
	const struct run *left = a, *right = b;

	return (left->vcn > right->vcn) - (left->vcn < right->vcn);
}

/* Sort by VCN and drop what overlaps the run before. */
static void runs_tidy(struct runs *runs)
{
	size_t kept = 0;

	if (!runs->count)
		return;
	qsort(runs->items, runs->count, sizeof *runs->items, compare_vcn);
	for (size_t i = 1; i < runs->count; i++)
		if (runs->items[i].vcn >= runs->items[kept].vcn + runs->items[kept].length)
			runs->items[++kept] = runs->items[i];
	runs->count = kept + 1;
}

/* Clusters that the runs cover from VCN 0 on, up to the last. */
static uint64_t runs_end(const struct runs *runs)
{
	return runs->count ? runs->items[runs->count - 1].vcn + runs->items[runs->count - 1].length : 0;
}

static int place_by_record(struct mft *mft, const struct mft_record *record, struct findings *findings,
			   struct error *err)
{
	CLEANUP(free_ptr) uint8_t *list = NULL;
	size_t                     list_bytes;
	struct attribute           data;
	struct error               why;
	uint64_t                   reached;

	if (!find_data(record, 0, &data) || data.size_bytes / mft->record_bytes > RECORDS_MAX)
		return 0;
	if (runs_append(&mft->runs, data.pairs, 0, &mft->volume->geometry, &why) < 0)
		return why.kind == ERROR_MEMORY ? error_memory(err) : 0;
	if (load_list(mft, record, &list, &list_bytes, err) < 0 ||
	    (list && add_pieces(mft, (struct bytes){ list, list_bytes, 0 }, err) < 0))
		return -1;
	runs_tidy(&mft->runs);
	/* behind what is valid lies what was there before */
	mft->records = (data.valid_bytes < data.size_bytes ? data.valid_bytes : data.size_bytes) / mft->record_bytes;
	reached = runs_end(&mft->runs) * mft->volume->geometry.cluster_bytes / mft->record_bytes;
	if (reached > mft->volume->evidence->size_bytes / mft->record_bytes) /* holes carry no records */
		reached = mft->volume->evidence->size_bytes / mft->record_bytes;
	if (reached < mft->records) {
		findings_add(findings, (struct finding){ FINDING_MFT_RUNS_INCOMPLETE, mft->volume->number, 0,
							 NO_OFFSET, reached, mft->records });
		mft->records = reached;
	}
	return 0;
}

/* Take the table as one piece from the boot sector's place on, as long as records follow. */
static int place_by_guess(struct mft *mft, struct findings *findings, struct error *err)
{
	const struct geometry     *geometry = &mft->volume->geometry;
	CLEANUP(free_ptr) uint8_t *bytes = malloc(mft->record_bytes);
	struct run                 all = { 0, geometry->mft_lcn, geometry->clusters - geometry->mft_lcn };
	struct ranges              missing = { 0 };
	uint64_t                   last = 0, limit;

	if (!bytes || !array_push(&mft->runs, all))
		return error_memory(err);
	limit = all.length * geometry->cluster_bytes / mft->record_bytes;
	for (uint64_t i = 0; i < limit && i < RECORDS_MAX && i - last < ASSUMED_GAP; i++) {
		enum mft_record_kind kind;

		missing.count = 0;
		if (mft_read(mft, i, 1, bytes, &missing, err) < 0) {
			array_release(&missing);
			return -1;
		}
		kind = mft_record_kind((struct bytes){ bytes, mft->record_bytes, 0 });
		if (kind == MFT_RECORD_FILE || kind == MFT_RECORD_BAAD) {
			last = i;
			mft->records = i + 1;
		}
	}
	array_release(&missing);
	if (mft->records)
		findings_add(findings, (struct finding){ FINDING_MFT_RUNS_ASSUMED, mft->volume->number, 0,
							 volume_byte_of(mft->volume, geometry->mft_lcn),
							 mft->records, 0 });
	return 0;
}

/* Compare $MFT's first records with $MFTMirr, header to end of use. */
static int compare_mirror(const struct mft *mft, struct findings *findings, struct error *err)
{
	const struct geometry     *geometry = &mft->volume->geometry;
	CLEANUP(free_ptr) uint8_t *bytes = malloc(2u * mft->record_bytes);
	uint8_t                   *mirror = bytes ? bytes + mft->record_bytes : NULL;

	if (!bytes)
		return error_memory(err);
	if (geometry->mirror_lcn >= geometry->clusters)
		return 0;
	for (uint64_t i = 0; i < MIRROR_RECORDS && i < mft->records; i++) {
		uint64_t        place = volume_byte_of(mft->volume, geometry->mirror_lcn) + i * mft->record_bytes;
		struct mft_slot own, other;

		if (mft_read_slot(mft, i, bytes, &own, err) < 0 ||
		    read_first_record(mft, place, mirror, &other, err) < 0)
			return -1;
		if (own.decoded != other.decoded || own.torn != other.torn ||
		    (own.decoded && memcmp(bytes + 8, mirror + 8, own.record.in_use_bytes - 8) != 0))
			findings_add(findings, (struct finding){ FINDING_MFT_MIRROR_DIFFERS,
								 mft->volume->number, i, place, 0, 0 });
	}
	return 0;
}

/* Where somebody else knows the table to lie. */
static int place_by_table(struct mft *mft, struct error *err)
{
	const struct old_table *table = mft->volume->table;

	for (size_t i = 0; i < table->runs.count; i++)
		if (!array_push(&mft->runs, table->runs.items[i]))
			return error_memory(err);
	mft->records = table->slots;
	return 0;
}

int mft_open(struct mft *mft, const struct volume *volume, struct findings *findings, struct error *err)
{
	const struct geometry     *geometry = &volume->geometry;
	CLEANUP(free_ptr) uint8_t *bytes = malloc(geometry->record_bytes);
	struct mft_slot            slot;

	*mft = (struct mft){ .volume = volume, .record_bytes = geometry->record_bytes };
	if (volume->table)
		return place_by_table(mft, err);
	if (!bytes)
		return error_memory(err);
	if (read_first_record(mft, volume_byte_of(volume, geometry->mft_lcn), bytes, &slot, err) < 0 ||
	    (slot.decoded && !slot.torn && place_by_record(mft, &slot.record, findings, err) < 0))
		return -1;
	if (!mft->records && geometry->mirror_lcn < geometry->clusters) {
		mft->runs.count = 0;
		if (read_first_record(mft, volume_byte_of(volume, geometry->mirror_lcn), bytes, &slot, err) < 0 ||
		    (slot.decoded && !slot.torn && place_by_record(mft, &slot.record, findings, err) < 0))
			return -1;
		if (mft->records)
			findings_add(findings, (struct finding){ FINDING_MFT_FROM_MIRROR, volume->number, 0,
								 NO_OFFSET, 0, 0 });
	}
	if (!mft->records) {
		mft->runs.count = 0;
		if (place_by_guess(mft, findings, err) < 0)
			return -1;
	}
	mft->told = mft->records;
	if (!mft->records)
		return error_set(err, ERROR_VALUE, volume->evidence->path,
				 "volume %u has no master file table where its boot sector and mirror put it",
				 volume->number);
	return mft_find_end(mft, findings, err) < 0 ? -1 : compare_mirror(mft, findings, err);
}

void mft_release(struct mft *mft)
{
	for (size_t i = 0; i < mft->older.count; i++)
		free(mft->older.items[i].image);
	array_release(&mft->older);
	array_release(&mft->runs);
	*mft = (struct mft){ 0 };
}
