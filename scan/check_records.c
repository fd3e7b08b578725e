/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check_records.c - part of check.c: each record by itself, each file with its extension records */
#include "scan/check_work.h"

#include "core/cleanup.h"
#include "core/endian.h"
#include "core/progress.h"
#include "core/utf16.h"
#include "scan/attribute_list.h"

#include <inttypes.h>

#define CHUNK_BYTES         (1u << 20)
#define ALLOCATED_AT        0x1cu  /* in a record's header: le32, bytes of the record */
#define NEXT_INSTANCE_AT    0x28u  /* le16 */
#define STORED_AT           0x40u  /* in a compressed or sparse attribute's header: le64, bytes in clusters */
#define INSTANCES           65536u
#define BAD_CLUSTERS_RECORD 8u     /* its $Bad is as long as the volume and all hole, flagged or not */

/* What one attribute says, without its bytes. */
struct piece {
	uint32_t type;
	uint32_t name;          /* where its units begin in .names */
	uint8_t  name_units;
	uint8_t  name_space;    /* $FILE_NAME only */
	bool     resident;
	bool     runs_known;    /* the mapping pairs decode */
	bool     holes;
	bool     stored_known;
	bool     listed;
	uint16_t flags;         /* enum attribute_flag */
	uint16_t instance;
	uint64_t record;        /* that holds it */
	uint64_t offset;        /* on the volume */
	uint64_t lowest_vcn, end_vcn;
	uint64_t clusters;      /* that it owns */
	uint64_t allocated_bytes, size_bytes, valid_bytes, stored_bytes;
};

struct pieces ARRAY(struct piece);
struct units  ARRAY(uint8_t);

struct survey {
	struct check_work *work;
	struct pieces      pieces;     /* of the file at hand */
	struct units       names;      /* of its attributes: UTF-16LE */
	uint8_t           *instances;  /* one bit each, of the record at hand */
	uint8_t           *extension;  /* one record */
	uint64_t           list_size;
	bool               list_resident;
	struct runs        list_runs;
	uint8_t           *list;       /* ATTRIBUTE_LIST_MAX_BYTES */
	bool               has_list;
};

static const char *type_name(uint32_t type)
{
	switch (type) {
	case ATTRIBUTE_STANDARD_INFORMATION: return "$STANDARD_INFORMATION";
	case ATTRIBUTE_LIST:                 return "$ATTRIBUTE_LIST";
	case ATTRIBUTE_FILE_NAME:            return "$FILE_NAME";
	case ATTRIBUTE_OBJECT_ID:            return "$OBJECT_ID";
	case ATTRIBUTE_SECURITY_DESCRIPTOR:  return "$SECURITY_DESCRIPTOR";
	case ATTRIBUTE_VOLUME_NAME:          return "$VOLUME_NAME";
	case ATTRIBUTE_VOLUME_INFORMATION:   return "$VOLUME_INFORMATION";
	case ATTRIBUTE_DATA:                 return "$DATA";
	case ATTRIBUTE_INDEX_ROOT:           return "$INDEX_ROOT";
	case ATTRIBUTE_INDEX_ALLOCATION:     return "$INDEX_ALLOCATION";
	case ATTRIBUTE_BITMAP:               return "$BITMAP";
	case ATTRIBUTE_REPARSE_POINT:        return "$REPARSE_POINT";
	case ATTRIBUTE_EA_INFORMATION:       return "$EA_INFORMATION";
	case ATTRIBUTE_EA:                   return "$EA";
	case ATTRIBUTE_LOGGED_STREAM:        return "$LOGGED_UTILITY_STREAM";
	default:                             return "attribute";
	}
}

static bool must_be_resident(uint32_t type)
{
	return type == ATTRIBUTE_STANDARD_INFORMATION || type == ATTRIBUTE_FILE_NAME ||
	       type == ATTRIBUTE_OBJECT_ID || type == ATTRIBUTE_VOLUME_NAME ||
	       type == ATTRIBUTE_VOLUME_INFORMATION || type == ATTRIBUTE_INDEX_ROOT ||
	       type == ATTRIBUTE_EA_INFORMATION;
}

/* "$DATA" or "$DATA \"name\"", for a sentence. */
struct label { char text[32 + NAME_UTF8_MAX]; };

static struct label label_of(const struct survey *survey, const struct piece *piece)
{
	struct label label;
	char         name[NAME_UTF8_MAX];

	utf16_to_utf8(survey->names.items + piece->name, piece->name_units, name);
	if (piece->name_units)
		snprintf(label.text, sizeof label.text, "%s \"%s\"", type_name(piece->type), name);
	else
		snprintf(label.text, sizeof label.text, "%s", type_name(piece->type));
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
static void piece_runs(struct survey *survey, const struct attribute *attr, struct piece *piece)
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
					  "clusters %" PRIu64 " to %" PRIu64 " lie outside the volume", run.lcn,
					  run.lcn + run.length - 1);
			break;
		}
		piece->clusters += run.length;
	}
	piece->runs_known = result == 0;
	if (result < 0)
		check_report(survey->work, PROBLEM_ATTRIBUTE_RUNS, piece->record, why.offset, "run list of %s: %s",
			     label_of(survey, piece).text, why.text);
	else if (piece->end_vcn != attr->highest_vcn + 1)
		check_report(survey->work, PROBLEM_ATTRIBUTE_RUNS, piece->record, piece->offset,
			     "the run list of %s ends before VCN %" PRIu64 ", its header says %" PRIu64,
			     label_of(survey, piece).text, piece->end_vcn, attr->highest_vcn + 1);
}

static int add_piece(struct survey *survey, uint64_t record, const struct attribute *attr, struct error *err)
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
		piece_runs(survey, attr, &piece);
		piece.stored_known = attr->flags & (ATTRIBUTE_COMPRESSED | ATTRIBUTE_SPARSE) &&
				     attr->whole.left - attr->pairs.left >= STORED_AT + 8;
		if (piece.stored_known)
			piece.stored_bytes = le64_at(attr->whole.at + STORED_AT);
	}
	return array_push(&survey->pieces, piece) ? 0 : error_memory(err);
}

/* The values that must decode; ids are looked up. */
static void check_value(struct survey *survey, uint64_t record, const struct attribute *attr)
{
	struct check_work          *work = survey->work;
	struct standard_information info;
	struct file_name            name;
	struct error                why;

	if (!attr->resident) {
		if (must_be_resident(attr->type))
			check_report(work, PROBLEM_ATTRIBUTE_FORM, record, attr->whole.offset,
				     "%s is not resident", type_name(attr->type));
		return;
	}
	if (attr->type == ATTRIBUTE_INDEX_ALLOCATION)
		check_report(work, PROBLEM_ATTRIBUTE_FORM, record, attr->whole.offset, "%s is resident",
			     type_name(attr->type));
	if (attr->type == ATTRIBUTE_FILE_NAME && file_name_decode(attr->value, &name, &why) < 0)
		check_report(work, PROBLEM_RECORD_DAMAGED, record, why.offset, "%s", why.text);
	if (attr->type != ATTRIBUTE_STANDARD_INFORMATION)
		return;
	if (standard_information_decode(attr->value, &info, &why) < 0)
		check_report(work, PROBLEM_RECORD_DAMAGED, record, why.offset, "%s", why.text);
	else if (info.security_id)
		check_security_use(work, record, attr->whole.offset, info.security_id);
}

/* Keep what the attribute list needs; its bytes may be gone with the slot. */
static int note_list(struct survey *survey, const struct attribute *attr, struct error *err)
{
	struct error why;

	if (survey->has_list)
		return 0;
	survey->has_list = true;
	survey->list_size = attr->size_bytes;
	survey->list_resident = attr->resident;
	survey->list_runs.count = 0;
	if (attr->resident) {
		survey->list_size = attr->value.left; /* within a record, far below the maximum */
		memcpy(survey->list, attr->value.at, attr->value.left);
	} else if (runs_append(&survey->list_runs, attr->pairs, 0, &survey->work->volume->geometry, &why) < 0 &&
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
			     "the record says that it has %" PRIu32 " bytes", le32_at(slot.at + ALLOCATED_AT));
	if (header->in_use_bytes % 8)
		check_report(work, PROBLEM_RECORD_DAMAGED, record, slot.offset,
			     "the record has %" PRIu32 " bytes in use, no multiple of 8", header->in_use_bytes);
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
	uint64_t           reported = work->check->problem_count;
	struct bytes       rest = header->attributes;
	struct attribute   attr, before = { 0 };
	struct error       why;
	int                result;

	while ((result = attribute_next(&rest, &attr, &why)) == 1) {
		if (attr.whole.left % 8 && judge)
			check_report(work, PROBLEM_RECORD_DAMAGED, record, attr.whole.offset,
				     "%s has %zu bytes, no multiple of 8", type_name(attr.type), attr.whole.left);
		if (judge) {
			check_order(survey, &before, &attr, record);
			check_value(survey, record, &attr);
		}
		if (attr.type == ATTRIBUTE_LIST && !header->base && note_list(survey, &attr, err) < 0)
			return -1;
		if (attr.type == ATTRIBUTE_REPARSE_POINT)
			work->marks[record] |= MARK_REPARSE;
		if (add_piece(survey, record, &attr, err) < 0)
			return -1;
		before = attr;
	}
	if (!judge) {
		(void)reported;
		return 0;
	}
	if (result < 0)
		check_report(work, PROBLEM_RECORD_DAMAGED, record, why.offset, "%s", why.text);
	else if (rest.left < 4)
		check_report(work, PROBLEM_RECORD_DAMAGED, record, slot.offset, "the attributes have no end marker");
	check_instances(survey, record, slot, first_piece);
	return 0;
}
