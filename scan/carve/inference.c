/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inference.c - see inference.h */
#include "scan/carve/inference.h"

#include "scan/fixup.h"

void inference_release(struct inference *it)
{
	array_release(&it->placed);
	array_release(&it->cuts);
	array_release(&it->pieces);
	array_release(&it->blocks);
	array_release(&it->firsts);
	array_release(&it->boots);
	array_release(&it->votes);
	array_release(&it->tallies);
}

/* -------- what was carved, put into order -------- */

static int compare_placed(const void *a, const void *b)
{
	const struct placed *left = a, *right = b;

	COMPARE(left, right, origin);
	COMPARE(left, right, record_bytes);
	COMPARE(left, right, number);
	COMPARE(left, right, artefact);
	return 0;
}

static int compare_block(const void *a, const void *b)
{
	const struct artefact *left = *(const struct artefact *const *)a;
	const struct artefact *right = *(const struct artefact *const *)b;

	COMPARE(left, right, index.parent);
	COMPARE(left, right, index.vcn);
	COMPARE(left, right, offset);
	return 0;
}

/* Formatters leave the number out of records that are not used yet. */
static bool has_number(const struct artefact *artefact)
{
	return artefact->record.number != MFT_RECORD_NO_NUMBER &&
	       (artefact->record.number || artefact->record.flags & MFT_RECORD_IN_USE);
}

int inference_sort(struct inference *it, struct error *err)
{
	for (size_t i = 0; i < it->count; i++) {
		const struct artefact *artefact = &it->artefacts[i];

		if (artefact->kind == ARTEFACT_RECORD && has_number(artefact)) {
			int64_t before = (int64_t)artefact->record.number * artefact->length;

			if (!array_push(&it->placed,
					(struct placed){ (int64_t)artefact->offset - before, artefact->length,
							 artefact->record.number, (uint32_t)i }))
				return error_memory(err);
		} else if (artefact->kind == ARTEFACT_INDEX && artefact->index.parent) {
			if (!array_push(&it->blocks, artefact))
				return error_memory(err);
		}
	}
	if (it->placed.count)
		qsort(it->placed.items, it->placed.count, sizeof *it->placed.items, compare_placed);
	if (it->blocks.count)
		qsort(it->blocks.items, it->blocks.count, sizeof *it->blocks.items, compare_block);
	return 0;
}

static int compare_offset(const void *a, const void *b)
{
	const struct artefact *left = a, *right = b;

	COMPARE(left, right, offset);
	return 0;
}

/* The artefact that begins at @place, if it is of @kind. */
const struct artefact *inference_artefact_at(const struct inference *it, uint64_t place,
					     enum artefact_kind kind)
{
	struct artefact  key = { .offset = place };
	struct artefact *found = bsearch(&key, it->artefacts, it->count, sizeof key, compare_offset);

	return found && found->kind == kind ? found : NULL;
}

const struct artefact *inference_record_at(const struct inference *it, uint64_t place, uint32_t number,
					   uint32_t record_bytes)
{
	const struct artefact *found = inference_artefact_at(it, place, ARTEFACT_RECORD);

	return found && found->record.number == number && has_number(found) && found->length == record_bytes
		       ? found
		       : NULL;
}

/* -------- reading records again -------- */

/* False in @good if it is not what it was. */
int inference_read(const struct inference *it, const struct artefact *artefact, struct open_record *open,
		   bool *good, struct error *err)
{
	struct bytes  slot = { open->bytes, artefact->length, artefact->offset };
	struct ranges holes = { 0 };
	struct error  why;
	fixup_torn    torn;
	int           result;

	*good = false;
	if (artefact->length > sizeof open->bytes)
		return 0;
	result = evidence_read(it->evidence, artefact->offset, open->bytes, artefact->length, &holes, err);
	array_release(&holes);
	if (result == 0)
		*good = fixup_undo(open->bytes, artefact->length, artefact->offset, &torn, &why) == 0 &&
			mft_record_decode(slot, &open->record, &why) == 0;
	return result;
}

/* The record's non-resident attribute of @type and @name, from its first cluster on. */
bool open_record_stream(const struct open_record *open, uint32_t type, const char *name,
			struct attribute *attr)
{
	struct bytes rest = open->record.attributes;
	struct error why;

	while (attribute_next(&rest, attr, &why) == 1)
		if (attr->type == type && !attr->resident && !attr->lowest_vcn &&
		    attribute_is_named(attr, name))
			return true;
	return false;
}

bool open_record_has_list(const struct open_record *open)
{
	struct bytes     rest = open->record.attributes;
	struct attribute attr;
	struct error     why;

	while (attribute_next(&rest, &attr, &why) == 1)
		if (attr.type == ATTRIBUTE_LIST)
			return true;
	return false;
}

bool open_record_times(const struct open_record *open, struct standard_information *info)
{
	struct bytes     rest = open->record.attributes;
	struct attribute attr;
	struct error     why;

	while (attribute_next(&rest, &attr, &why) == 1)
		if (attr.type == ATTRIBUTE_STANDARD_INFORMATION && attr.resident)
			return standard_information_decode(attr.value, info, &why) == 0;
	return false;
}

/* -------- the first records -------- */

/* The attribute of record @number beside record 0. */
static int read_beside(const struct inference *it, const struct first *first, uint32_t number,
		       const char *name, struct open_record *open, struct attribute *attr, bool *found,
		       struct error *err)
{
	const struct artefact *artefact = inference_record_at(
		it, first->place + (uint64_t)number * first->record_bytes, number, first->record_bytes);

	*found = false;
	if (!artefact)
		return 0;
	if (inference_read(it, artefact, open, found, err) < 0)
		return -1;
	*found = *found && open_record_stream(open, ATTRIBUTE_DATA, name, attr);
	return 0;
}

/* The first cluster of a system file's data. */
static int read_first_lcn(const struct inference *it, const struct first *first, uint32_t number,
			  uint64_t *lcn, struct error *err)
{
	struct open_record open;
	struct attribute   attr;
	struct run_list    list;
	struct run         run;
	struct error       why;
	bool               found;

	*lcn = LCN_HOLE;
	if (read_beside(it, first, number, "", &open, &attr, &found, err) < 0)
		return -1;
	if (!found)
		return 0;
	list = runs_of(&attr);
	if (run_list_next(&list, &run, &why) == 1)
		*lcn = run.lcn;
	return 0;
}

#define MIRROR_RECORD 1u
#define LOG_RECORD 2u

static int read_first(struct inference *it, const struct artefact *artefact, struct error *err)
{
	struct first       first = { .place = artefact->offset, .record_bytes = artefact->length };
	struct open_record open;
	struct attribute   attr;
	struct run_list    list;
	struct error       why;
	uint32_t           cluster_bytes;
	bool               good;
	int                more = 1;

	if (inference_read(it, artefact, &open, &good, err) < 0)
		return -1;
	if (!good || !open_record_stream(&open, ATTRIBUTE_DATA, "", &attr))
		return 0;
	first.size_bytes = attr.valid_bytes < attr.size_bytes ? attr.valid_bytes : attr.size_bytes;
	cluster_bytes = attribute_cluster_bytes(&attr);
	list = runs_of(&attr);
	while (first.count < RUNS_MAX && (more = run_list_next(&list, &first.runs[first.count], &why)) == 1)
		first.count++;
	first.whole = more == 0 && !open_record_has_list(&open);
	if (!first.count || first.runs[0].lcn == LCN_HOLE || first.runs[0].vcn)
		return 0;
	first.shift = first.whole && cluster_bytes ? (uint8_t)shift_of(cluster_bytes) : 0;
	if (read_first_lcn(it, &first, MIRROR_RECORD, &first.mirror_lcn, err) < 0 ||
	    read_first_lcn(it, &first, LOG_RECORD, &first.log_lcn, err) < 0 ||
	    read_beside(it, &first, BAD_RECORD, "$Bad", &open, &attr, &good, err) < 0)
		return -1;
	if (good)
		first.volume_bytes = attr.allocated_bytes;
	return array_push(&it->firsts, first) ? 0 : error_memory(err);
}

int inference_read_firsts(struct inference *it, struct error *err)
{
	for (size_t i = 0; i < it->count; i++)
		if (it->artefacts[i].kind == ARTEFACT_RECORD && it->artefacts[i].record.number == 0 &&
		    it->artefacts[i].record.flags & MFT_RECORD_IN_USE &&
		    read_first(it, &it->artefacts[i], err) < 0)
			return -1;
	return 0;
}
