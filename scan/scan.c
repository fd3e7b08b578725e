/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scan.c - see scan.h */
#include "scan/scan.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "scan/casebook_story.h"
#include "scan/casebook_sweep.h"
#include "scan/layer.h"
#include "scan/old_table.h"
#include "scan/story/volume_story.h"
#include "scan/volume_search.h"

#include <inttypes.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

/* -------- all evidence -------- */

static int tell_unreadable(struct scan *scan, struct evidence *evidence, int64_t id, struct error *err)
{
	struct ranges places = { 0 };
	int           result = evidence_unreadable_places(evidence, &places, err);

	if (result == 0)
		result = casebook_add_unreadable(scan->book, id, &places, err);
	array_release(&places);
	return result;
}

static const char *known(const char *hex)
{
	return *hex ? hex : NULL;
}

static int tell_evidence(struct scan *scan, struct evidence *evidence, int64_t id, struct error *err)
{
	struct evidence_sums    sums, stored;
	char                    fingerprint[DIGEST_HEX_SIZE];
	CLEANUP(free_ptr) char *path = realpath(evidence->path, NULL);
	CLEANUP(free_ptr) char *map = scan->options->map_path ? realpath(scan->options->map_path, NULL) : NULL;
	struct case_evidence    row = { .id = id,
					.path = path ? path : evidence->path,
					.format = evidence->format,
					.map_path = map,
					.size_bytes = evidence->size_bytes,
					.sector_bytes = evidence->sector_bytes,
					.fingerprint = fingerprint };

	evidence_digest_stored(evidence, &stored);
	row.stored_sha1 = known(stored.sha1);
	row.stored_md5 = known(stored.md5);
	if (evidence_fingerprint(evidence, fingerprint, err) < 0)
		return -1;
	if (scan->options->hash_evidence) {
		if (evidence_digest_end(&scan->digest, evidence, &sums, err) < 0)
			return -1;
		row.sha256 = sums.sha256;
		row.sha1 = sums.sha1;
		row.md5 = sums.md5;
		if (evidence_sums_differ(&sums, &stored))
			findings_add(&scan->findings,
				     (struct finding){ FINDING_EVIDENCE_CHANGED, 0, NO_RECORD, NO_OFFSET, 0, 0 });
	}
	row.unreadable_bytes = evidence_unreadable(evidence);
	if (row.unreadable_bytes)
		findings_add(&scan->findings, (struct finding){ FINDING_EVIDENCE_UNREADABLE, 0, NO_RECORD,
							       NO_OFFSET, row.unreadable_bytes, 0 });
	if (casebook_add_evidence(scan->book, &row, err) < 0)
		return -1;
	return tell_unreadable(scan, evidence, id, err);
}

/* One row, or one each where the layer has several volumes: older lives of the one that is there. */
static int tell_layer(struct scan *scan, const struct volumes *volumes, const struct layer *layer,
		      struct case_layer *row, struct error *err)
{
	int64_t first = scan->next_layer + 1;

	row->volume = 0;
	for (size_t i = 0; layer->evidence && i < volumes->count; i++) {
		if (volumes->items[i].evidence != layer->evidence)
			continue;
		row->id = ++scan->next_layer;
		row->volume = volumes->items[i].number;
		if (casebook_add_layer(scan->book, row, err) < 0)
			return -1;
	}
	row->id = first;
	if (row->volume)
		return 0;
	scan->next_layer++;
	return casebook_add_layer(scan->book, row, err);
}

/* All layers within, each before those in it.  @row has what they share. */
static int tell_layers(struct scan *scan, const struct volumes *volumes, const struct evidence *within,
		       struct case_layer row, struct error *err)
{
	for (size_t i = 0; i < within->within.count; i++) {
		const struct layer *layer = within->within.items[i];
		struct case_layer   inner = { .evidence = row.evidence };

		row.of = layer->of;
		row.kind = layer_kind_name(layer->kind);
		row.state = layer_state_name(layer->state);
		row.offset_bytes = layer->offset_bytes;
		row.length_bytes = layer->length_bytes;
		row.partition = layer->partition;
		row.number = layer->number;
		row.created = layer->created;
		row.recovery_id = layer->recovery_id;
		row.opened_by = layer->opened_by;
		row.why = layer->why;
		if (tell_layer(scan, volumes, layer, &row, err) < 0)
			return -1;
		inner.outer = row.id;
		if (layer->evidence && tell_layers(scan, volumes, layer->evidence, inner, err) < 0)
			return -1;
	}
	return 0;
}

/* Logs of which pieces were found, once all that lie in files are read. */
static int tell_pieces(struct scan *scan, const struct volumes *volumes, uint32_t id, struct error *err)
{
	for (size_t i = 0; i < scan->sweeps.count; i++) {
		const struct sweep *sweep = &scan->sweeps.items[i];

		if (volume_story_pieces(&scan->chronicle, sweep->evidence, id, volumes, sweep->found.items, sweep->found.count,
					err) < 0)
			return -1;
	}
	return 0;
}

/* -------- one source, all sources -------- */

/* A volume whose table is gone is a finding, unless it is all there is. */
static int scan_source(struct scan *scan, struct scan_result *result, size_t index, struct error *err)
{
	struct evidence        *evidence = &result->evidence[index];
	CLEANUP(free_ptr) char *path = NULL;
	struct selection        selection;
	size_t                  first = result->volumes.count, failed = 0;

	if (selection_parse(scan->options->sources[index], &path, &selection, err) < 0)
		return -1;
	result->evidence_count++;
	sweeps_release(&scan->sweeps); /* of the source before */
	if (evidence_open(evidence, path, scan->options->map_path, err) < 0)
		return -1;
	evidence->keys = scan->options->keys;
	evidence_digest_release(&scan->digest); /* of the source before */
	if (scan->options->hash_evidence && evidence_digest_begin(&scan->digest, err) < 0)
		return -1;
	if (volume_search(scan, result, evidence, &selection, err) < 0 ||
	    (scan->options->shadows != SHADOWS_LEFT &&
	     volumes_add_shadows(&result->volumes, first, scan->options->shadows == SHADOWS_SCANNED,
				 &scan->findings, err) < 0))
		return -1;
	for (size_t i = first; i < result->volumes.count; i++) {
		if (volume_scan_run(scan, &result->volumes.items[i], (int64_t)index + 1, err) == 0)
			continue;
		if (err->kind != ERROR_VALUE || ++failed == result->volumes.count - first)
			return -1;
		if (volume_scan_tell_none(scan, &result->volumes.items[i], (int64_t)index + 1, err) < 0)
			return -1;
	}
	if (tell_layers(scan, &result->volumes, evidence, (struct case_layer){ .evidence = (int64_t)index + 1 }, err) < 0 ||
	    tell_pieces(scan, &result->volumes, (uint32_t)index + 1, err) < 0)
		return -1;
	return tell_evidence(scan, evidence, (int64_t)index + 1, err);
}

/* For the record: @key is this moment, in UTC. */
static int tell_moment(struct scan *scan, const char *key, struct error *err)
{
	time_t    now = time(NULL);
	struct tm utc;
	char      text[32] = "";

	if (gmtime_r(&now, &utc))
		strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
	return casebook_add_meta(scan->book, key, text, err);
}

/* For the record: which program began to look, how it was asked, when and where. */
static int tell_beginning(struct scan *scan, struct error *err)
{
	const struct scan_options *options = scan->options;
	CLEANUP(free_ptr) char    *machine = NULL;
	struct utsname             name;

	if (uname(&name) == 0 && !(machine = text_format("%s (%s %s, %s)", name.nodename, name.sysname, name.release,
							 name.machine)))
		return error_memory(err);
	return casebook_add_meta(scan->book, "tool", "holdfast " HOLDFAST_VERSION, err) < 0 ||
			       casebook_add_meta(scan->book, "command", options->command, err) < 0 ||
			       casebook_add_meta(scan->book, "machine", machine, err) < 0 ||
			       tell_moment(scan, "began", err) < 0 ||
			       casebook_add_meta(scan->book, "scope",
						 options->summary  ? "summary"
						 : options->all    ? "all"
						 : options->beside ? "beside"
								   : "stores",
						 err) < 0
		       ? -1
		       : 0;
}

static int scan_all(struct scan *scan, struct scan_result *result, struct error *err)
{
	const struct scan_options *options = scan->options;

	result->evidence = calloc(options->source_count, sizeof *result->evidence);
	if (!result->evidence)
		return error_memory(err);
	if (casebook_create(scan->book, options->case_path, err) < 0 || tell_beginning(scan, err) < 0)
		return -1;
	for (size_t i = 0; i < options->source_count; i++)
		if (scan_source(scan, result, i, err) < 0)
			return -1;
	if (told_stores_write(&scan->stores, scan->book, err) < 0 ||
	    casebook_add_findings(scan->book, &scan->findings, err) < 0 ||
	    casebook_add_story(scan->book, &scan->chronicle, err) < 0 || tell_moment(scan, "ended", err) < 0)
		return -1;
	if (casebook_publish(scan->book, err) < 0)
		return -1;
	casebook_sweep_discard(&scan->progress);
	return 0;
}

int scan_run(const struct scan_options *options, struct casebook *book, struct scan_result *result,
	     struct error *err)
{
	struct scan scan = { .options = options, .book = book };
	int         status;

	*result = (struct scan_result){ 0 };
	*book = (struct casebook){ 0 };
	findings_init(&scan.findings);
	status = scan_all(&scan, result, err);
	casebook_close(&scan.progress);
	sweeps_release(&scan.sweeps);
	evidence_digest_release(&scan.digest);
	told_stores_release(&scan.stores);
	lives_release(&scan.lives);
	chronicle_release(&scan.chronicle);
	findings_release(&scan.findings);
	return status;
}

void scan_result_release(struct scan_result *result)
{
	for (size_t i = 0; i < result->evidence_count; i++)
		evidence_release(&result->evidence[i]);
	free(result->evidence);
	volumes_release(&result->volumes);
	*result = (struct scan_result){ 0 };
}

int scan_refuse_evidence(const struct scan_options *options, const char *path, struct error *err)
{
	for (size_t i = 0; i < options->source_count; i++) {
		CLEANUP(evidence_release) struct evidence evidence = { 0 };
		CLEANUP(free_ptr) char                   *source = NULL;
		struct selection                          selection;

		if (selection_parse(options->sources[i], &source, &selection, err) < 0 ||
		    evidence_open(&evidence, source, options->map_path, err) < 0 ||
		    evidence_refuse(&evidence, path, err) < 0)
			return -1;
	}
	return 0;
}

/* -------- again, from a casebook -------- */

struct reopening {
	struct scan_result    *result;
	const struct key_ring *keys;
	struct reopened_layers ARRAY(struct reopened_layer {
		struct evidence *evidence; /* NULL: it was not entered */
		int64_t          volume;
	}) layers;
};

static int reopen_evidence(void *context, const struct case_evidence *row, struct error *err)
{
	struct reopening   *reopening = context;
	struct scan_result *result = reopening->result;
	char                fingerprint[DIGEST_HEX_SIZE];
	struct evidence    *grown =
		realloc(result->evidence, (result->evidence_count + 1) * sizeof *result->evidence);

	if (!grown)
		return error_memory(err);
	result->evidence = grown;
	grown[result->evidence_count] = (struct evidence){ 0 };
	result->evidence_count++;
	if (evidence_open(&grown[result->evidence_count - 1], row->path, row->map_path, err) < 0 ||
	    evidence_fingerprint(&grown[result->evidence_count - 1], fingerprint, err) < 0)
		return -1;
	if (grown[result->evidence_count - 1].size_bytes != row->size_bytes)
		return error_set(err, ERROR_VALUE, row->path,
				 "is not the evidence of this casebook (its size is %" PRIu64 " bytes and was "
				 "%" PRIu64 "); scan it again",
				 grown[result->evidence_count - 1].size_bytes, row->size_bytes);
	if (!row->fingerprint || strcmp(fingerprint, row->fingerprint) != 0)
		return error_set(err, ERROR_VALUE, row->path,
				 "is another disk than the one of this casebook, or was changed since; put the "
				 "right one in its place, or scan this one");
	return 0;
}

/* Why a layer that was entered once cannot be entered now. */
static int refuse_layer(const struct evidence *around, const struct layer *layer, struct error *err)
{
	if (layer->state == LAYER_LOCKED)
		return error_set(err, ERROR_USAGE, around->path,
				 "holds a BitLocker volume, and %s: give its recovery key (it begins with %08X in its "
				 "identifier) or password again; a casebook keeps no keys",
				 layer->why, layer->recovery_id);
	return error_set(err, ERROR_VALUE, around->path, "holds a volume that cannot be entered again: %s", layer->why);
}

static int reopen_layer(void *context, const struct case_layer *row, struct error *err)
{
	struct reopening     *reopening = context;
	struct reopened_layer reopened = { .volume = row->volume };
	struct layer          wanted = { .offset_bytes = row->offset_bytes,
					 .length_bytes = row->length_bytes,
					 .partition = row->partition,
					 .number = row->number,
					 .created = row->created };
	struct evidence      *around = NULL;
	struct layer         *layer;

	if (row->evidence >= 1 && (size_t)row->evidence <= reopening->result->evidence_count)
		around = &reopening->result->evidence[row->evidence - 1];
	if (row->outer)
		around = row->outer >= 1 && (size_t)row->outer <= reopening->layers.count
				 ? reopening->layers.items[row->outer - 1].evidence
				 : NULL;
	if (row->id != (int64_t)reopening->layers.count + 1 || !layer_kind_of(row->kind, &wanted.kind) || !around)
		return error_set(err, ERROR_VALUE, NULL, "the casebook contradicts itself about layer %lld",
				 (long long)row->id);
	if (strcmp(row->state, layer_state_name(LAYER_ENTERED)) == 0) {
		around->keys = reopening->keys;
		if (layer_enter(around, &wanted, &layer, err) < 0)
			return -1;
		if (!layer->evidence)
			return refuse_layer(around, layer, err);
		reopened.evidence = layer->evidence;
	}
	return array_push(&reopening->layers, reopened) ? 0 : error_memory(err);
}

static int reopen_volume(void *context, const struct case_volume *row, struct error *err)
{
	struct reopening   *reopening = context;
	struct scan_result *result = reopening->result;
	struct volume       volume = { .number = (uint32_t)row->id,
				       .partition = row->partition,
				       .offset_bytes = row->offset_bytes,
				       .size_bytes = row->size_bytes,
				       .geometry = row->geometry };

	if (row->evidence < 1 || (size_t)row->evidence > result->evidence_count ||
	    row->id != (int64_t)result->volumes.count + 1 || !row->geometry.cluster_bytes ||
	    !row->geometry.record_bytes)
		return error_set(err, ERROR_VALUE, NULL, "the casebook contradicts itself about volume %lld",
				 (long long)row->id);
	volume.evidence = &result->evidence[row->evidence - 1];
	for (size_t i = 0; i < reopening->layers.count; i++)
		if (reopening->layers.items[i].volume == row->id && reopening->layers.items[i].evidence)
			volume.evidence = reopening->layers.items[i].evidence;
	if (row->past && !(volume.table = calloc(1, sizeof *volume.table)))
		return error_memory(err);
	if (row->past) /* where its records lay is not asked for any more */
		volume.table->past = true;
	if (array_push(&result->volumes, volume))
		return 0;
	free(volume.table);
	return error_memory(err);
}

int scan_reopen(struct casebook *book, const struct key_ring *keys, struct scan_result *result, struct error *err)
{
	struct reopening reopening = { .result = result, .keys = keys };
	int              status;

	*result = (struct scan_result){ 0 };
	status = casebook_evidence(book, reopen_evidence, &reopening, err);
	if (status == 0)
		status = casebook_layers(book, reopen_layer, &reopening, err);
	if (status == 0)
		status = casebook_volumes(book, reopen_volume, &reopening, err);
	array_release(&reopening.layers);
	return status;
}
