/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check_records.c - part of check.c: each record by itself, each file with its extension records */
#include "scan/check_work.h"

#include "core/cleanup.h"
#include "core/endian.h"
#include "core/progress.h"
#include "core/utf16.h"
#include "scan/attribute_list.h"

#include <inttypes.h>

#define CHUNK_BYTES (1u << 20)
#define ALLOCATED_AT 0x1cu     /* in a record's header: le32, bytes of the record */
#define NEXT_INSTANCE_AT 0x28u /* le16 */
#define FORM_AT 0x08u          /* in an attribute's header: 0 resident, 1 not */
#define STORED_AT 0x40u        /* of a compressed or sparse one: le64, bytes in clusters */
#define END_BYTES 8u           /* the end marker, and as much behind it */
#define RECORD_FLAGS 0x000fu   /* of a record: in use, directory, one of $Extend's, index of another kind */
#define RECORD_OF_EXTEND 0x0004u
#define FLAGS_UNKNOWN 0x3ffeu /* of an attribute: no others than enum attribute_flag */
#define INSTANCES 65536u
#define BAD_CLUSTERS_RECORD 8u /* its $Bad is as long as the volume and all hole, flagged or not */

/* What one attribute says, without its bytes. */
struct piece {
	uint32_t type;
	uint32_t name; /* where its units begin in .names */
	uint8_t  name_units;
	bool     resident;
	bool     runs_known; /* the mapping pairs decode */
	bool     holes;
	bool     stored_known;
	bool     listed;
	uint16_t flags; /* enum attribute_flag */
	uint16_t instance;
	uint64_t record; /* that holds it */
	uint64_t offset; /* on the volume */
	uint64_t lowest_vcn, end_vcn;
	uint64_t clusters; /* that it owns */
	uint64_t allocated_bytes, size_bytes, valid_bytes, stored_bytes;
};

struct pieces ARRAY(struct piece);
struct units ARRAY(uint8_t);
struct entries ARRAY(struct attribute_list_entry);

struct survey {
	struct check_work *work;
	struct pieces      pieces;       /* of the file at hand */
	struct units       names;        /* of its attributes: UTF-16LE */
	uint16_t           header_flags; /* of its record, as they lie there */
	uint8_t           *instances;    /* one bit each, of the record at hand */
	uint8_t           *extension;    /* one record */
	bool               has_list;     /* the file at hand has an attribute list: */
	bool               list_resident;
	uint64_t           list_size;   /* bytes */
	uint64_t           list_offset; /* of the attribute on the volume */
	struct runs        list_runs;
	uint8_t           *list;       /* ATTRIBUTE_LIST_MAX_BYTES */
	bool               list_whole; /* all of it was decoded */
	struct entries     entries;
};

static const char *type_name(uint32_t type)
{
	switch (type) {
	case ATTRIBUTE_STANDARD_INFORMATION:
		return "$STANDARD_INFORMATION";
	case ATTRIBUTE_LIST:
		return "$ATTRIBUTE_LIST";
	case ATTRIBUTE_FILE_NAME:
		return "$FILE_NAME";
	case ATTRIBUTE_OBJECT_ID:
		return "$OBJECT_ID";
	case ATTRIBUTE_SECURITY_DESCRIPTOR:
		return "$SECURITY_DESCRIPTOR";
	case ATTRIBUTE_VOLUME_NAME:
		return "$VOLUME_NAME";
	case ATTRIBUTE_VOLUME_INFORMATION:
		return "$VOLUME_INFORMATION";
	case ATTRIBUTE_DATA:
		return "$DATA";
	case ATTRIBUTE_INDEX_ROOT:
		return "$INDEX_ROOT";
	case ATTRIBUTE_INDEX_ALLOCATION:
		return "$INDEX_ALLOCATION";
	case ATTRIBUTE_BITMAP:
		return "$BITMAP";
	case ATTRIBUTE_REPARSE_POINT:
		return "$REPARSE_POINT";
	case ATTRIBUTE_EA_INFORMATION:
		return "$EA_INFORMATION";
	case ATTRIBUTE_EA:
		return "$EA";
	case ATTRIBUTE_LOGGED_STREAM:
		return "$LOGGED_UTILITY_STREAM";
	default:
		return "attribute";
	}
}

static bool must_be_resident(uint32_t type)
{
	return type == ATTRIBUTE_STANDARD_INFORMATION || type == ATTRIBUTE_FILE_NAME ||
	       type == ATTRIBUTE_OBJECT_ID || type == ATTRIBUTE_VOLUME_NAME ||
	       type == ATTRIBUTE_VOLUME_INFORMATION || type == ATTRIBUTE_INDEX_ROOT ||
	       type == ATTRIBUTE_EA_INFORMATION;
}

static bool must_be_unnamed(uint32_t type)
{
	return type <= ATTRIBUTE_VOLUME_INFORMATION;
}

/* One of the types that $AttrDef has: multiples of 16 up to $LOGGED_UTILITY_STREAM. */
static bool is_known(uint32_t type)
{
	return type && type <= ATTRIBUTE_LOGGED_STREAM && type % 16 == 0;
}

/* "$DATA" or "$DATA \"name\"", for a sentence. */
struct label {
	char text[32 + NAME_UTF8_MAX];
};

static struct label label_of(const struct survey *survey, const struct piece *piece)
{
	struct label label;
	char         name[NAME_UTF8_MAX];

	snprintf(label.text, sizeof label.text, "%s", type_name(piece->type));
	if (piece->name_units) {
		utf16_to_utf8(survey->names.items + piece->name, piece->name_units, name);
		snprintf(label.text, sizeof label.text, "%s \"%s\"", type_name(piece->type), name);
	}
	return label;
}

static bool is_named(const struct survey *survey, const struct piece *piece, const char *word)
{
	for (size_t i = 0; i < piece->name_units; i++)
		if (!word[i] || le16_at(survey->names.items + piece->name + 2 * i) != (unsigned char)word[i])
			return false;
	return !word[piece->name_units];
}

/* -------- one attribute -------- */

/* Follow the mapping pairs: how far they go, and what they own. */
static void piece_runs(struct survey *survey, const struct attribute *attr, bool judge, struct piece *piece)
{
	uint64_t        clusters = survey->work->volume->geometry.clusters;
	struct run_list list = { .pairs = attr->pairs, .next_vcn = attr->lowest_vcn };
	struct run      run;
	struct error    why;
	int             result;

	piece->end_vcn = attr->lowest_vcn;
	while ((result = run_list_next(&list, &run, &why)) == 1) {
		piece->end_vcn = run.vcn + run.length;
		if (run.lcn == LCN_HOLE) {
			piece->holes = true;
			continue;
		}
		if (run.lcn >= clusters || run.length > clusters - run.lcn) {
			result = error_at(&why, ERROR_VALUE, list.pairs.offset,
					  "clusters %" PRIu64 " to %" PRIu64 " lie outside the volume",
					  run.lcn, run.lcn + run.length - 1);
			break;
		}
		piece->clusters += run.length;
	}
	piece->runs_known = result == 0;
	if (!judge)
		return;
	if (result < 0)
		check_report(survey->work, PROBLEM_ATTRIBUTE_RUNS, piece->record, why.offset,
			     "run list of %s: %s", label_of(survey, piece).text, why.text);
	else if (piece->end_vcn != attr->highest_vcn + 1)
		check_report(survey->work, PROBLEM_ATTRIBUTE_RUNS, piece->record, piece->offset,
			     "the run list of %s ends before VCN %" PRIu64 ", its header says %" PRIu64,
			     label_of(survey, piece).text, piece->end_vcn, attr->highest_vcn + 1);
}

static int add_piece(struct survey *survey, uint64_t record, const struct attribute *attr, bool judge,
		     struct error *err)
{
	struct piece piece = {
		.type = attr->type,
		.name = (uint32_t)survey->names.count,
		.name_units = (uint8_t)(attr->name.left / 2),
		.resident = attr->resident,
		.flags = attr->flags,
		.instance = attr->instance,
		.record = record,
		.offset = attr->whole.offset,
		.lowest_vcn = attr->lowest_vcn,
		.allocated_bytes = attr->allocated_bytes,
		.size_bytes = attr->size_bytes,
		.valid_bytes = attr->valid_bytes,
	};

	for (size_t i = 0; i < attr->name.left; i++)
		if (!array_push(&survey->names, attr->name.at[i]))
			return error_memory(err);
	if (!attr->resident) {
		piece_runs(survey, attr, judge, &piece);
		piece.stored_known = attr->flags & (ATTRIBUTE_COMPRESSED | ATTRIBUTE_SPARSE) &&
				     attr->whole.left - attr->pairs.left >= STORED_AT + 8;
		if (piece.stored_known)
			piece.stored_bytes = le64_at(attr->whole.at + STORED_AT);
	}
	return array_push(&survey->pieces, piece) ? 0 : error_memory(err);
}

/* What the type of an attribute says about its header. */
static const char *form_fault(const struct attribute *attr)
{
	bool units = attr->flags & (ATTRIBUTE_COMPRESSED | ATTRIBUTE_SPARSE);

	if (!is_known(attr->type))
		return "is of no type that there is";
	if (attr->name.left && must_be_unnamed(attr->type))
		return "has a name";
	if (attr->flags & FLAGS_UNKNOWN)
		return "has flags that do not exist";
	if (attr->whole.at[FORM_AT] > 1)
		return "is neither resident nor the contrary";
	if (attr->resident)
		return attr->type == ATTRIBUTE_INDEX_ALLOCATION ? "is resident" : NULL;
	if (must_be_resident(attr->type))
		return "is not resident";
	if (attr->unit_shift && !units)
		return "has a compression unit, but is neither sparse nor compressed";
	if (units && !attr->lowest_vcn && attr->whole.left - attr->pairs.left < STORED_AT + 8)
		return "is sparse or compressed, but its header is not";
	return NULL;
}

/* The values that must decode; ids are looked up. */
static void check_value(struct survey *survey, uint64_t record, const struct attribute *attr)
{
	struct check_work          *work = survey->work;
	const char                 *fault = form_fault(attr);
	struct standard_information info;
	struct file_name            name;
	struct error                why;

	if (fault)
		check_report(work, PROBLEM_ATTRIBUTE_FORM, record, attr->whole.offset,
			     "%s (type 0x%" PRIx32 ") %s", type_name(attr->type), attr->type, fault);
	if (attr->resident && attr->type == ATTRIBUTE_FILE_NAME) {
		if (file_name_decode(attr->value, &name, &why) < 0)
			check_report(work, PROBLEM_RECORD_DAMAGED, record, why.offset, "%s", why.text);
		else if (name.name.at + name.name.left != attr->value.at + attr->value.left)
			check_report(work, PROBLEM_RECORD_DAMAGED, record, attr->whole.offset,
				     "a file name is followed by other bytes");
	}
	if (attr->resident && attr->type == ATTRIBUTE_STANDARD_INFORMATION) {
		if (standard_information_decode(attr->value, &info, &why) < 0)
			check_report(work, PROBLEM_RECORD_DAMAGED, record, why.offset, "%s", why.text);
		else if (info.security_id)
			check_security_use(work, record, attr->whole.offset, info.security_id);
	}
}

/* Keep what the attribute list needs; its bytes may be gone with the slot. */
static int note_list(struct survey *survey, const struct attribute *attr, struct error *err)
{
	struct error why;

	if (survey->has_list)
		return 0;
	survey->has_list = true;
	survey->list_size = attr->size_bytes;
	survey->list_offset = attr->whole.offset;
	survey->list_resident = attr->resident;
	survey->list_runs.count = 0;
	if (attr->resident) {
		survey->list_size = attr->value.left; /* within a record, far below the maximum */
		memcpy(survey->list, attr->value.at, attr->value.left);
	} else if (runs_append(&survey->list_runs, attr->pairs, 0, &survey->work->volume->geometry, &why) <
			   0 &&
		   why.kind == ERROR_MEMORY) {
		return error_memory(err);
	}
	return 0;
}

/* -------- one record -------- */

/* What goes for two attributes that follow each other. */
static void check_order(struct survey *survey, const struct attribute *before, const struct attribute *attr,
			uint64_t record)
{
	int order = 0;

	if (before->type == attr->type && !survey->work->upcase.built_in)
		order = upcase_compare(&survey->work->upcase, before->name.at, before->name.left / 2,
				       attr->name.at, attr->name.left / 2);
	if (before->type > attr->type || order > 0)
		check_report(survey->work, PROBLEM_ATTRIBUTE_ORDER, record, attr->whole.offset,
			     "%s stands behind %s, against the order of attributes", type_name(attr->type),
			     type_name(before->type));
}

static void check_instances(struct survey *survey, uint64_t record, struct bytes slot, size_t first_piece)
{
	const struct piece *pieces = survey->pieces.items;
	uint16_t            next = le16_at(slot.at + NEXT_INSTANCE_AT);

	for (size_t i = first_piece; i < survey->pieces.count; i++) {
		if (bit_is_set(survey->instances, pieces[i].instance))
			check_report(survey->work, PROBLEM_ATTRIBUTE_INSTANCE, record, pieces[i].offset,
				     "%s has an instance number (%u) that another attribute has",
				     label_of(survey, &pieces[i]).text, pieces[i].instance);
		bit_set(survey->instances, pieces[i].instance);
	}
	if (bit_is_set(survey->instances, next))
		check_report(survey->work, PROBLEM_ATTRIBUTE_INSTANCE, record, slot.offset + NEXT_INSTANCE_AT,
			     "the next instance number (%u) is taken", next);
	for (size_t i = first_piece; i < survey->pieces.count; i++)
		survey->instances[pieces[i].instance / 8] = 0;
}

static void check_header(struct survey *survey, uint64_t record, struct bytes slot,
			 const struct mft_record *header)
{
	struct check_work *work = survey->work;

	if (header->number != MFT_RECORD_NO_NUMBER && header->number != record)
		check_report(work, PROBLEM_RECORD_NUMBER, record, slot.offset,
			     "the record says that it is record %" PRIu32, header->number);
	if (le32_at(slot.at + ALLOCATED_AT) != slot.left)
		check_report(work, PROBLEM_RECORD_DAMAGED, record, slot.offset + ALLOCATED_AT,
			     "the record says that it has %" PRIu32 " bytes",
			     le32_at(slot.at + ALLOCATED_AT));
	if (header->flags & ~RECORD_FLAGS)
		check_report(work, PROBLEM_RECORD_DAMAGED, record, slot.offset,
			     "the record has flags that do not exist (0x%04x)", header->flags);
	if (header->in_use_bytes % 8)
		check_report(work, PROBLEM_RECORD_DAMAGED, record, slot.offset,
			     "the record has %" PRIu32 " bytes in use, no multiple of 8",
			     header->in_use_bytes);
}

/*
 * Walk the attributes of a record and gather their pieces.
 * @judge  report what is wrong with the record itself; false for extension records, whose turn
 *         comes when the walk meets them
 */
static int walk_attributes(struct survey *survey, uint64_t record, struct bytes slot,
			   const struct mft_record *header, bool judge, struct error *err)
{
	struct check_work *work = survey->work;
	size_t             first_piece = survey->pieces.count;
	struct bytes       rest = header->attributes;
	struct attribute   attr, before = { 0 };
	struct error       why;
	int                result;

	while ((result = attribute_next(&rest, &attr, &why)) == 1) {
		if (judge && attr.resident &&
		    ((size_t)(attr.value.at - attr.whole.at) + attr.value.left + 7) / 8 * 8 !=
			    attr.whole.left)
			check_report(work, PROBLEM_RECORD_DAMAGED, record, attr.whole.offset,
				     "%s has %zu bytes for a value of %zu", type_name(attr.type),
				     attr.whole.left, attr.value.left);
		if (attr.whole.left % 8 && judge)
			check_report(work, PROBLEM_RECORD_DAMAGED, record, attr.whole.offset,
				     "%s has %zu bytes, no multiple of 8", type_name(attr.type),
				     attr.whole.left);
		if (judge) {
			check_order(survey, &before, &attr, record);
			check_value(survey, record, &attr);
		}
		if (attr.type == ATTRIBUTE_LIST && !header->base && note_list(survey, &attr, err) < 0)
			return -1;
		if (attr.type == ATTRIBUTE_REPARSE_POINT)
			work->marks[record] |= MARK_REPARSE;
		if (add_piece(survey, record, &attr, judge, err) < 0)
			return -1;
		before = attr;
	}
	if (!judge)
		return 0;
	if (result < 0)
		check_report(work, PROBLEM_RECORD_DAMAGED, record, why.offset, "%s", why.text);
	else if (rest.left < 4)
		check_report(work, PROBLEM_RECORD_DAMAGED, record, slot.offset,
			     "the attributes have no end marker");
	else if (rest.left != END_BYTES)
		check_report(work, PROBLEM_RECORD_DAMAGED, record, rest.offset,
			     "%zu bytes are in use from the end marker on", rest.left);
	check_instances(survey, record, slot, first_piece);
	return 0;
}

/* -------- the attribute list -------- */

/* Its entries: 1, 0 when it cannot be had, -1 without memory. */
static int load_list(struct survey *survey, uint64_t base, struct error *err)
{
	struct check_work          *work = survey->work;
	struct ranges               missing = { 0 };
	struct bytes                rest;
	struct attribute_list_entry entry;
	struct error                why;
	int                         result = 0;
	bool                        whole;

	survey->entries.count = 0;
	survey->list_whole = false;
	if (survey->list_size > ATTRIBUTE_LIST_MAX_BYTES) {
		check_report(work, PROBLEM_LIST_DAMAGED, base, survey->list_offset,
			     "attribute list of %" PRIu64 " bytes", survey->list_size);
		return 0;
	}
	if (!survey->list_resident)
		result = stream_read(work->volume, &survey->list_runs, 0, survey->list,
				     (size_t)survey->list_size, &missing, err);
	whole = missing.count == 0;
	array_release(&missing);
	if (result < 0)
		return -1;
	if (!whole) {
		check_report(work, PROBLEM_LIST_DAMAGED, base, survey->list_offset,
			     "the attribute list cannot be read");
		return 0;
	}
	rest = (struct bytes){ survey->list, (size_t)survey->list_size, 0 };
	while ((result = attribute_list_next(&rest, &entry, &why)) == 1) {
		if (survey->entries.count &&
		    entry.type < survey->entries.items[survey->entries.count - 1].type)
			check_report(work, PROBLEM_LIST_DAMAGED, base, survey->list_offset,
				     "the attribute list is not sorted by type");
		if (!array_push(&survey->entries, entry))
			return error_memory(err);
	}
	if (result < 0)
		check_report(work, PROBLEM_LIST_DAMAGED, base, survey->list_offset,
			     "%s (byte %" PRIu64 " of it)", why.text, why.offset);
	survey->list_whole = result == 0;
	return 1;
}

/* What is wrong with the record that a list entry points to; NULL if it is this file's. */
static const char *list_target(const struct check_work *work, file_ref base, file_ref ref)
{
	uint64_t              record = file_ref_record(ref);
	const struct mft_row *row;

	if (ref == base)
		return NULL;
	if (record >= work->inventory.count)
		return "which the table does not have";
	row = &work->inventory.rows[record];
	if (!(row->flags & ROW_DECODED))
		return "which is not usable";
	if (!(row->flags & ROW_IN_USE))
		return "which is not in use";
	if (row->sequence != file_ref_sequence(ref))
		return "which has another sequence number";
	if (row->base != base)
		return "which does not belong to this file";
	return NULL;
}

/* Gather the pieces of one extension record, once. */
static int load_extension(struct survey *survey, uint64_t record, struct error *err)
{
	struct check_work *work = survey->work;
	struct mft_slot    slot;
	struct bytes       bytes = { survey->extension, work->inventory.mft.record_bytes,
				     mft_offset_of(&work->inventory.mft, record) };

	if (work->marks[record] & MARK_LISTED)
		return 0;
	work->marks[record] |= MARK_LISTED;
	if (mft_read_slot(&work->inventory.mft, record, survey->extension, &slot, err) < 0)
		return -1;
	return slot.decoded ? walk_attributes(survey, record, bytes, &slot.record, false, err) : 0;
}

static int compare_place(const void *a, const void *b)
{
	const struct piece *left = a, *right = b;

	if (left->record != right->record)
		return left->record < right->record ? -1 : 1;
	if (left->instance != right->instance)
		return left->instance < right->instance ? -1 : 1;
	return (left->type > right->type) - (left->type < right->type);
}

/* Find the attribute that @entry means and mark it. */
static bool match_entry(struct survey *survey, const struct attribute_list_entry *entry)
{
	struct piece  wanted = { .type = entry->type,
				 .record = file_ref_record(entry->record),
				 .instance = entry->instance };
	struct piece *pieces = survey->pieces.items;
	size_t first = partition_point(0, survey->pieces.count, at, compare_place(&pieces[at], &wanted) < 0);

	for (; first < survey->pieces.count && compare_place(&pieces[first], &wanted) == 0; first++) {
		if (pieces[first].listed || pieces[first].lowest_vcn != entry->lowest_vcn ||
		    2u * pieces[first].name_units != entry->name.left ||
		    (entry->name.left &&
		     memcmp(survey->names.items + pieces[first].name, entry->name.at, entry->name.left) != 0))
			continue;
		pieces[first].listed = true;
		return true;
	}
	return false;
}

/* Hold the list against what the file's records have. */
static int judge_list(struct survey *survey, uint64_t base, struct error *err)
{
	struct check_work *work = survey->work;
	file_ref           ref = inventory_ref(&work->inventory, (uint32_t)base);
	int                loaded = load_list(survey, base, err);

	if (loaded <= 0)
		return loaded;
	for (size_t i = 0; i < survey->entries.count; i++) {
		const struct attribute_list_entry *entry = &survey->entries.items[i];
		const char                        *wrong = list_target(work, ref, entry->record);

		if (wrong)
			check_report(work, PROBLEM_LIST_ENTRY, base, survey->list_offset,
				     "the attribute list has %s in record %" PRIu64 ", %s",
				     type_name(entry->type), file_ref_record(entry->record), wrong);
		else if (entry->record != ref &&
			 load_extension(survey, file_ref_record(entry->record), err) < 0)
			return -1;
	}
	qsort(survey->pieces.items, survey->pieces.count, sizeof *survey->pieces.items, compare_place);
	for (size_t i = 0; i < survey->entries.count; i++) {
		const struct attribute_list_entry *entry = &survey->entries.items[i];

		if (!list_target(work, ref, entry->record) && !match_entry(survey, entry))
			check_report(work, PROBLEM_LIST_ENTRY, base, survey->list_offset,
				     "the attribute list has %s with instance %u and VCN %" PRIu64
				     " in record %" PRIu64 ", which has none",
				     type_name(entry->type), entry->instance, entry->lowest_vcn,
				     file_ref_record(entry->record));
	}
	for (size_t i = 0; survey->list_whole && i < survey->pieces.count; i++) {
		const struct piece *piece = &survey->pieces.items[i];

		if (!piece->listed && piece->type != ATTRIBUTE_LIST)
			check_report(work, PROBLEM_LIST_INCOMPLETE, base, piece->offset,
				     "%s in record %" PRIu64 " is not in the attribute list",
				     label_of(survey, piece).text, piece->record);
	}
	return 0;
}

/* -------- one file -------- */

static int compare_stream(const struct survey *survey, const struct piece *left, const struct piece *right)
{
	if (left->type != right->type)
		return left->type < right->type ? -1 : 1;
	if (left->name_units != right->name_units)
		return left->name_units < right->name_units ? -1 : 1;
	return left->name_units ? memcmp(survey->names.items + left->name, survey->names.items + right->name,
					 2u * left->name_units)
				: 0;
}

static int compare_piece(const void *a, const void *b, void *survey)
{
	const struct piece *left = a, *right = b;
	int                 order = compare_stream(survey, left, right);

	if (order)
		return order;
	if (left->lowest_vcn != right->lowest_vcn)
		return left->lowest_vcn < right->lowest_vcn ? -1 : 1;
	return (left->offset > right->offset) - (left->offset < right->offset);
}

/* The sizes in the first of @count pieces against what all of them have. */
static void judge_sizes(struct survey *survey, uint64_t base, const struct piece *pieces, size_t count)
{
	struct check_work  *work = survey->work;
	const struct piece *first = &pieces[0];
	uint64_t            cluster_bytes = work->volume->geometry.cluster_bytes, clusters = 0, covered;
	struct label        label = label_of(survey, first);
	bool                holes = false;

	for (size_t i = 0; i < count; i++) {
		if (!pieces[i].runs_known)
			return;
		clusters += pieces[i].clusters;
		holes = holes || pieces[i].holes;
	}
	if (__builtin_mul_overflow(pieces[count - 1].end_vcn, cluster_bytes, &covered) ||
	    first->allocated_bytes != covered)
		check_report(work, PROBLEM_ATTRIBUTE_SIZES, base, first->offset,
			     "%s has %" PRIu64 " bytes allocated, but its run list ends at VCN %" PRIu64,
			     label.text, first->allocated_bytes, pieces[count - 1].end_vcn);
	if (first->size_bytes > first->allocated_bytes)
		check_report(work, PROBLEM_ATTRIBUTE_SIZES, base, first->offset,
			     "%s has %" PRIu64 " bytes, but only %" PRIu64 " allocated", label.text,
			     first->size_bytes, first->allocated_bytes);
	if (first->valid_bytes > first->size_bytes)
		check_report(work, PROBLEM_ATTRIBUTE_SIZES, base, first->offset,
			     "%s has %" PRIu64 " bytes written, but only %" PRIu64 " in all", label.text,
			     first->valid_bytes, first->size_bytes);
	if (first->stored_known && first->stored_bytes != clusters * cluster_bytes)
		check_report(work, PROBLEM_ATTRIBUTE_SIZES, base, first->offset,
			     "%s says that it takes %" PRIu64 " bytes on disk, but its runs take %" PRIu64,
			     label.text, first->stored_bytes, clusters * cluster_bytes);
	if (holes && !(first->flags & (ATTRIBUTE_COMPRESSED | ATTRIBUTE_SPARSE)) &&
	    base != BAD_CLUSTERS_RECORD)
		check_report(work, PROBLEM_ATTRIBUTE_RUNS, base, first->offset,
			     "%s has holes, but is neither sparse nor compressed", label.text);
}

/* All pieces of one stream, in the order of their VCNs. */
static void judge_stream(struct survey *survey, uint64_t base, const struct piece *pieces, size_t count)
{
	struct check_work *work = survey->work;
	bool               whole = pieces[0].lowest_vcn == 0;

	if (pieces[0].type == ATTRIBUTE_FILE_NAME)
		return; /* one for each name */
	if (!whole)
		check_report(work, PROBLEM_ATTRIBUTE_RUNS, base, pieces[0].offset,
			     "%s begins with VCN %" PRIu64 ", what stands before is missing",
			     label_of(survey, &pieces[0]).text, pieces[0].lowest_vcn);
	for (size_t i = 1; i < count; i++) {
		if (pieces[i].resident || pieces[i - 1].resident ||
		    pieces[i].lowest_vcn == pieces[i - 1].lowest_vcn)
			check_report(work, PROBLEM_ATTRIBUTE_TWICE, base, pieces[i].offset,
				     "%s is there twice", label_of(survey, &pieces[i]).text);
		else if (pieces[i - 1].runs_known && pieces[i].lowest_vcn != pieces[i - 1].end_vcn)
			check_report(work, PROBLEM_ATTRIBUTE_RUNS, base, pieces[i].offset,
				     "a part of %s begins with VCN %" PRIu64
				     ", the one before ends at %" PRIu64,
				     label_of(survey, &pieces[i]).text, pieces[i].lowest_vcn,
				     pieces[i - 1].end_vcn);
		else
			continue;
		whole = false;
	}
	if (whole && !pieces[0].resident)
		judge_sizes(survey, base, pieces, count);
}

/*
 * Every file has an unnamed $DATA, if only an empty one.  Not so what has an index, and what lies in
 * $Extend: $UsnJrnl has named streams only.
 */
static bool must_have_data(const struct survey *survey, uint64_t base)
{
	const struct inventory *inventory = &survey->work->inventory;
	const struct mft_row   *row = &inventory->rows[base];

	if (base < FIRST_USER_RECORD || survey->work->marks[base] & (MARK_I30 | MARK_VIEW) ||
	    survey->header_flags & RECORD_OF_EXTEND || (survey->has_list && !survey->list_whole))
		return false;
	for (uint32_t i = row->first_name; i < row->first_name + row->names; i++)
		if (file_ref_record(inventory->names.items[i].parent) == EXTEND_RECORD)
			return false;
	return true;
}

/* A file with all its pieces. */
static int judge_file(struct survey *survey, uint64_t base, struct error *err)
{
	struct check_work    *work = survey->work;
	uint64_t              offset = mft_offset_of(&work->inventory.mft, base);
	const struct piece   *pieces;
	const struct mft_row *row = &work->inventory.rows[base];
	bool                  data = false;
	size_t                next;

	if (survey->has_list && judge_list(survey, base, err) < 0)
		return -1;
	pieces = survey->pieces.items;
	if (survey->pieces.count)
		qsort_r(survey->pieces.items, survey->pieces.count, sizeof *survey->pieces.items,
			compare_piece, survey);
	if (!survey->pieces.count || pieces[0].type != ATTRIBUTE_STANDARD_INFORMATION)
		check_report(work, PROBLEM_ATTRIBUTE_MISSING, base, offset,
			     "the record has no $STANDARD_INFORMATION");
	for (size_t i = 0; i < survey->pieces.count; i = next) {
		for (next = i + 1; next < survey->pieces.count; next++)
			if (compare_stream(survey, &pieces[i], &pieces[next]) != 0)
				break;
		judge_stream(survey, base, pieces + i, next - i);
		data = data || (pieces[i].type == ATTRIBUTE_DATA && !pieces[i].name_units);
		if (pieces[i].type == ATTRIBUTE_REPARSE_POINT)
			work->marks[base] |= MARK_REPARSE;
		if (pieces[i].type == ATTRIBUTE_INDEX_ROOT)
			work->marks[base] |= is_named(survey, &pieces[i], "$I30") ? MARK_I30 : MARK_VIEW;
	}
	if (!data && must_have_data(survey, base))
		check_report(work, PROBLEM_ATTRIBUTE_MISSING, base, offset, "the file has no unnamed $DATA");
	if (row->flags & ROW_DIRECTORY && !(work->marks[base] & MARK_I30))
		check_report(work, PROBLEM_DIRECTORY_FLAG, base, offset,
			     "a directory without an index of names");
	if (!(row->flags & ROW_DIRECTORY) && work->marks[base] & MARK_I30)
		check_report(work, PROBLEM_DIRECTORY_FLAG, base, offset,
			     "an index of names in a record that is no directory");
	return 0;
}

/* -------- all records -------- */

/* The bitmap calls the record in use; true if it cannot be asked. */
static bool is_wanted(const struct check_work *work, uint64_t record)
{
	return !work->mft_bitmap || bit_is_set(work->mft_bitmap, record);
}

static bool is_reserved(uint64_t record)
{
	return record >= RESERVED_RECORDS && record < FIRST_USER_RECORD;
}

/* A slot that is no record: wrong only if it should be one. */
static void judge_no_record(struct check_work *work, uint64_t record, enum mft_record_kind kind)
{
	uint64_t offset = mft_offset_of(&work->inventory.mft, record);

	if (!is_wanted(work, record) || (!work->mft_bitmap && kind == MFT_RECORD_EMPTY))
		return;
	if (kind == MFT_RECORD_EMPTY && !is_reserved(record))
		check_report(work, PROBLEM_MFT_BITMAP, record, offset,
			     "$MFT's bitmap calls the record in use, but it was never written");
	else if (kind == MFT_RECORD_ALIEN)
		check_report(work, PROBLEM_RECORD_DAMAGED, record, offset, "no FILE record lies here");
}

static void judge_in_use(struct check_work *work, uint64_t record, bool in_use)
{
	uint64_t offset = mft_offset_of(&work->inventory.mft, record);

	if (!work->mft_bitmap || in_use == bit_is_set(work->mft_bitmap, record))
		return;
	if (in_use)
		check_report(work, PROBLEM_MFT_BITMAP, record, offset,
			     "the record is in use, but free by $MFT's bitmap");
	else if (!is_reserved(record))
		check_report(work, PROBLEM_MFT_BITMAP, record, offset,
			     "the record is not in use, but $MFT's bitmap says so");
}

/* One slot as it was read. */
static int survey_slot(struct survey *survey, uint64_t record, uint8_t *bytes, const struct ranges *missing,
		       struct error *err)
{
	struct check_work   *work = survey->work;
	size_t               size = work->inventory.mft.record_bytes;
	struct bytes         slot = { bytes, size, mft_offset_of(&work->inventory.mft, record) };
	enum mft_record_kind kind = mft_record_kind(slot);
	struct mft_record    header;
	fixup_torn           torn;
	struct range         hole;
	struct error         why;
	bool                 in_use;

	if (ranges_overlap(missing, record * size, size, &hole)) {
		if (is_wanted(work, record))
			check_report(work, PROBLEM_RECORD_UNREADABLE, record, slot.offset,
				     "the record cannot be read");
		return 0;
	}
	if (kind == MFT_RECORD_EMPTY || kind == MFT_RECORD_ALIEN) {
		judge_no_record(work, record, kind);
		return 0;
	}
	if (fixup_undo(bytes, size, slot.offset, &torn, &why) < 0 ||
	    mft_record_decode(slot, &header, &why) < 0) {
		if (is_wanted(work, record))
			check_report(work, PROBLEM_RECORD_DAMAGED, record, slot.offset, "%s", why.text);
		return 0;
	}
	in_use = header.flags & MFT_RECORD_IN_USE;
	judge_in_use(work, record, in_use);
	if (!in_use)
		return 0;
	if (torn || kind == MFT_RECORD_BAAD)
		check_report(work, PROBLEM_RECORD_TORN, record, slot.offset,
			     "the record is torn: its sectors are of different states");
	check_header(survey, record, slot, &header);
	survey->pieces.count = survey->names.count = 0;
	survey->has_list = false;
	survey->header_flags = header.flags;
	if (walk_attributes(survey, record, slot, &header, true, err) < 0)
		return -1;
	return is_live_base(work, record) ? judge_file(survey, record, err) : 0;
}

static int survey_all(struct survey *survey, struct error *err)
{
	const struct mft          *mft = &survey->work->inventory.mft;
	CLEANUP(free_ptr) uint8_t *buffer = malloc(CHUNK_BYTES);
	uint64_t                   slots = CHUNK_BYTES / mft->record_bytes;
	struct ranges              missing = { 0 };
	struct progress            progress;
	int                        result = buffer ? 0 : error_memory(err);

	progress_start(&progress, "checking records", mft->records, PROGRESS_ITEMS);
	for (uint64_t first = 0; result == 0 && first < mft->records; first += slots) {
		uint64_t count = mft->records - first < slots ? mft->records - first : slots;

		missing.count = 0;
		result = mft_read(mft, first, count, buffer, &missing, err);
		for (uint64_t i = 0; result == 0 && i < count; i++)
			result =
				survey_slot(survey, first + i, buffer + i * mft->record_bytes, &missing, err);
		progress_add(&progress, count);
	}
	progress_end(&progress);
	array_release(&missing);
	return result;
}

/* Extension records in use that no attribute list of their base names. */
static void judge_extensions(struct check_work *work)
{
	for (uint32_t i = 0; i < work->inventory.count; i++) {
		const struct mft_row *row = &work->inventory.rows[i];

		if ((row->flags & (ROW_DECODED | ROW_IN_USE | ROW_EXTENSION)) !=
			    (ROW_DECODED | ROW_IN_USE | ROW_EXTENSION) ||
		    work->marks[i] & MARK_LISTED)
			continue;
		check_report(work, PROBLEM_EXTENSION_ORPHAN, i, mft_offset_of(&work->inventory.mft, i),
			     "an extension record of record %" PRIu64 ", which does not list it",
			     file_ref_record(row->base));
	}
}

int check_records(struct check_work *work, struct error *err)
{
	struct survey survey = { .work = work,
				 .instances = calloc(INSTANCES / 8, 1),
				 .extension = malloc(work->inventory.mft.record_bytes),
				 .list = malloc(ATTRIBUTE_LIST_MAX_BYTES) };
	int           result;

	if (survey.instances && survey.extension && survey.list)
		result = survey_all(&survey, err);
	else
		result = error_memory(err);
	if (result == 0)
		judge_extensions(work);
	free(survey.instances);
	free(survey.extension);
	free(survey.list);
	array_release(&survey.pieces);
	array_release(&survey.names);
	array_release(&survey.entries);
	array_release(&survey.list_runs);
	return result;
}
