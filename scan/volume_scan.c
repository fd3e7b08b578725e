/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volume_scan.c - see volume_scan.h */
#include "scan/volume_scan.h"

#include "core/cleanup.h"
#include "scan/layer.h"
#include "scan/old_table.h"
#include "scan/recall/recall.h"
#include "scan/security_table.h"
#include "scan/story/volume_story.h"
#include "scan/volume_recall.h"
#include "scan/volume_state.h"
#include "scan/volume_tell.h"

#define BITMAP_RECORD 6u

/* -------- security descriptors -------- */

static int compare_id(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* Look up the descriptors that the files written down refer to. */
static int tell_security(struct volume_scan *vs, struct file_reader *reader, struct error *err)
{
	CLEANUP(security_table_release) struct security_table table = { 0 };
	struct id_list                                       *ids = &vs->security_ids;
	int                                                   got;

	if (!ids->count)
		return 0;
	got = security_table_read(&table, reader, err);
	if (got < 0)
		return -1;
	if (got == 0)
		findings_add(&vs->scan->findings, (struct finding){ FINDING_SECURITY_UNREADABLE,
								   vs->volume->number, SECURE_RECORD, NO_OFFSET, 0,
								   0 });
	qsort(ids->items, ids->count, sizeof *ids->items, compare_id);
	for (size_t i = 0; i < table.entries.count; i++) {
		const struct security_entry *entry = &table.entries.items[i];

		if (bsearch(&entry->id, ids->items, ids->count, sizeof *ids->items, compare_id) &&
		    casebook_add_security(vs->scan->book, vs->volume->number, entry->id, entry->descriptor, err) < 0)
			return -1;
	}
	return 0;
}

/* -------- one volume -------- */

static int judge_clusters(struct volume_scan *vs, struct file_reader *reader, struct error *err)
{
	struct file               bitmap = { 0 };
	const struct file_stream *data = NULL;
	struct runs               none = { 0 };
	int                       result = 0;

	if (volume_is_past(vs->volume)) /* nobody has kept its bitmap */
		return ownership_judge(&vs->ownership, &vs->inventory, &none, &vs->scan->findings, err);
	if (vs->inventory.count > BITMAP_RECORD &&
	    (vs->inventory.rows[BITMAP_RECORD].flags & (ROW_DECODED | ROW_IN_USE)) == (ROW_DECODED | ROW_IN_USE))
		result = file_load(reader, BITMAP_RECORD, &bitmap, err);
	if (result == 0)
		data = file_find_stream(&bitmap, ATTRIBUTE_DATA, "");
	if (result == 0 && (!data || data->resident || !data->runs.count))
		findings_add(&vs->scan->findings, (struct finding){ FINDING_BITMAP_UNREADABLE, vs->volume->number,
								   BITMAP_RECORD, NO_OFFSET, 0, 0 });
	if (result == 0)
		result = ownership_judge(&vs->ownership, &vs->inventory,
					 data && !data->resident ? &data->runs : &none, &vs->scan->findings, err);
	file_release(&bitmap);
	return result;
}

static bool is_in_use(const struct volume_scan *vs, uint32_t node)
{
	return !volume_is_past(vs->volume) && node < vs->inventory.count && vs->inventory.rows[node].flags & ROW_IN_USE;
}

/* What a shadow copy is held against; NULL for a volume. */
static const struct store_copy *held_against(const struct volume_scan *vs)
{
	return layer_shadow_of(vs->volume->evidence) ? &vs->copy : NULL;
}

/* The volume that @volume is, or is a shadow copy of: its number, 0 if it was not scanned. */
static uint32_t present_of(const struct volume *volume)
{
	const struct layer *shadow = layer_shadow_of(volume->evidence);

	return shadow ? shadow->of : volume->number;
}

/* For the shadow copies that are scanned behind this one. */
static int note_lives(struct volume_scan *vs, struct error *err)
{
	uint32_t present = present_of(vs->volume);

	if (vs->scan->options->shadows != SHADOWS_SCANNED || !present)
		return 0;
	return lives_add(&vs->scan->lives, present, &vs->inventory, err);
}

/* Which nodes are written down: members of stores, what lies beside, or all. */
static int choose_nodes(struct volume_scan *vs, struct error *err)
{
	const struct scan_options *options = vs->scan->options;
	size_t                     member = 0, beside = 0;

	if (options->beside && stores_beside(&vs->stores, held_against(vs), &vs->beside, err) < 0)
		return -1;
	for (uint32_t node = 0; node < vs->space.grouped; node++) {
		bool wanted = options->all && node < vs->inventory.count &&
			      (vs->inventory.rows[node].flags & (ROW_DECODED | ROW_EXTENSION)) == ROW_DECODED;

		for (; member < vs->stores.members.count && vs->stores.members.items[member].node <= node; member++)
			wanted = true;
		for (; beside < vs->beside.count && vs->beside.items[beside] <= node; beside++)
			wanted = true;
		if (options->deleted_only && is_in_use(vs, node))
			wanted = false;
		if (wanted && !array_push(&vs->nodes, node))
			return error_memory(err);
	}
	return 0;
}

static int tell_volume_row(struct scan *scan, const struct volume *volume, int64_t evidence,
			   uint64_t mft_records, struct error *err)
{
	struct case_volume row = { .id = volume->number,
				   .evidence = evidence,
				   .partition = volume->partition,
				   .offset_bytes = volume->offset_bytes,
				   .size_bytes = volume->size_bytes,
				   .mft_records = mft_records,
				   .past = volume_is_past(volume),
				   .successor = volume->table ? volume->table->successor : 0,
				   .geometry = volume->geometry };

	return casebook_add_volume(scan->book, &row, err);
}

int volume_scan_tell_none(struct scan *scan, const struct volume *volume, int64_t evidence, struct error *err)
{
	findings_add(&scan->findings, (struct finding){ FINDING_VOLUME_WITHOUT_MFT, volume->number, NO_RECORD,
							volume->offset_bytes, 0, 0 });
	return tell_volume_row(scan, volume, evidence, 0, err);
}

static int tell_volume(struct volume_scan *vs, struct error *err)
{
	if (tell_volume_row(vs->scan, vs->volume, vs->evidence, vs->inventory.count, err) < 0)
		return -1;
	vs->told = calloc(vs->stores.list.count + 1, sizeof *vs->told);
	if (!vs->told)
		return error_memory(err);
	for (size_t i = 0; i < vs->stores.list.count; i++)
		if (told_stores_add_part(&vs->scan->stores, &vs->stores, &vs->stores.list.items[i],
					 vs->volume, &vs->told[i], err) < 0)
			return -1;
	return 0;
}

/* Extension records whose base is no longer the one they name: a sign of a file that is gone. */
static void find_orphaned(struct volume_scan *vs)
{
	for (size_t i = 0; i < vs->extensions.count; i++) {
		const struct extension *extension = &vs->extensions.items[i];

		if (inventory_row_of(&vs->inventory, extension->base) == NO_ROW)
			findings_add(&vs->scan->findings,
				     (struct finding){ FINDING_EXTENSION_ORPHANED, vs->volume->number,
						       extension->record,
						       mft_offset_of(&vs->inventory.mft, extension->record),
						       file_ref_record(extension->base),
						       0 });
	}
}

/* A command of ours that was cut off has left its log. */
static int find_cut_run(struct volume_scan *vs, struct file_reader *reader, struct error *err)
{
	struct volume_state state;

	if (volume_state_read(reader, &state, err) < 0)
		return -1;
	if (state.log == LOG_RUN || state.log == LOG_STRANGE)
		findings_add(&vs->scan->findings,
			     (struct finding){ FINDING_RUN_CUT_OFF, vs->volume->number, NO_RECORD, state.log_offset,
					       state.log == LOG_RUN ? state.header.state : 0, 0 });
	return 0;
}

/* -------- what happened -------- */

static int tell_story(struct volume_scan *vs, struct file_reader *reader, struct error *err)
{
	int result = 0;

	if (!vs->scan->options->deleted_only)
		result = volume_story_read(&vs->scan->chronicle, reader, &vs->ownership, &vs->stores, &vs->journal, err);
	usn_history_release(&vs->journal);
	return result;
}

/* -------- all of it -------- */

static int read_inventory(struct volume_scan *vs, struct error *err)
{
	struct record_watch watch;

	if (!vs->scan->options->table_only && index_walk_begin(&vs->indexes, &watch, err) < 0)
		return -1;
	return inventory_read_watched(&vs->inventory, vs->volume, vs->scan->options->threads,
				      vs->indexes ? &watch : NULL, &vs->scan->findings, err);
}

static int scan_inventory(struct volume_scan *vs, struct file_reader *reader, struct error *err)
{
	if (!vs->scan->options->table_only && volume_recall(vs, reader, err) < 0)
		return -1;
	find_orphaned(vs);
	if ((!volume_is_past(vs->volume) && find_cut_run(vs, reader, err) < 0) || judge_clusters(vs, reader, err) < 0)
		return -1;
	array_release(&vs->inventory.claims); /* vs->ownership says what they come to */
	if (namespace_build(&vs->space, &vs->inventory, err) < 0 ||
	    stores_find(&vs->stores, &vs->space, held_against(vs), err) < 0 || tell_story(vs, reader, err) < 0 ||
	    tell_volume(vs, err) < 0 || choose_nodes(vs, err) < 0 || note_lives(vs, err) < 0 ||
	    volume_tell_files(vs, err) < 0)
		return -1;
	return tell_security(vs, reader, err);
}

int volume_scan_run(struct scan *scan, const struct volume *volume, int64_t evidence, struct error *err)
{
	struct volume_scan vs = { .scan = scan,
				  .volume = volume,
				  .evidence = evidence,
				  .copy = { &scan->lives, present_of(volume) } };
	struct file_reader reader = { 0 };
	int                result;

	result = read_inventory(&vs, err);
	if (result == 0)
		result = extensions_collect(&vs.extensions, &vs.inventory, err);
	if (result == 0)
		result = file_reader_init(&reader, &vs.inventory, &vs.extensions, err);
	if (result == 0)
		result = scan_inventory(&vs, &reader, err);
	file_reader_release(&reader);
	free(vs.told);
	array_release(&vs.nodes);
	array_release(&vs.beside);
	array_release(&vs.security_ids);
	stores_release(&vs.stores);
	namespace_release(&vs.space);
	ownership_release(&vs.ownership);
	usn_history_release(&vs.journal);
	index_walk_release(vs.indexes);
	array_release(&vs.extensions);
	inventory_release(&vs.inventory);
	return result;
}
