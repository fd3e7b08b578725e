/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scan.c - see scan.h */
#include "scan/scan.h"

#include "core/cleanup.h"
#include "scan/carve/lives.h"
#include "scan/volume_scan.h"

#include <inttypes.h>
#include <string.h>

/* -------- all evidence -------- */

static int tell_evidence(struct scan *scan, struct evidence *evidence, int64_t id, struct error *err)
{
	uint64_t                unreadable_bytes = evidence->unreadable_bytes;
	char                    fingerprint[DIGEST_HEX_SIZE];
	CLEANUP(free_ptr) char *path = realpath(evidence->path, NULL);
	CLEANUP(free_ptr) char *map = scan->options->map_path ? realpath(scan->options->map_path, NULL) : NULL;
	struct case_evidence    row = { .id = id,
					.path = path ? path : evidence->path,
					.format = evidence->format,
					.map_path = map,
					.size_bytes = evidence->size_bytes,
					.sector_bytes = evidence->sector_bytes,
					.unreadable_bytes = unreadable_bytes,
					.fingerprint = fingerprint };

	if (evidence_fingerprint(evidence, fingerprint, err) < 0)
		return -1;
	if (row.unreadable_bytes)
		findings_add(&scan->findings, (struct finding){ FINDING_EVIDENCE_UNREADABLE, 0, NO_RECORD,
							       NO_OFFSET, row.unreadable_bytes, 0 });
	return casebook_add_evidence(scan->book, &row, err);
}

static int take_artefacts(void *context, const struct artefact *items, size_t count, uint64_t next, struct error *err)
{
	struct artefacts *artefacts = context;

	(void)next;
	for (size_t i = 0; i < count; i++)
		if (!array_push(artefacts, items[i]))
			return error_memory(err);
	return 0;
}

/* What of the evidence is looked through: all, or what was asked for. */
static struct range swept_range(const struct selection *selection, const struct volume *first)
{
	if (selection->partition_given)
		return (struct range){ first->offset_bytes, first->size_bytes };
	return (struct range){ selection->offset_given ? selection->offset_bytes : 0, UINT64_MAX };
}

/* Look for volumes that nothing tells of. */
static int find_lives(struct scan *scan, struct evidence *evidence, struct range range, struct volumes *volumes,
		      struct error *err)
{
	struct artefacts artefacts = { 0 };
	int              result =
		carve_sweep(evidence, range, scan->options->threads, take_artefacts, &artefacts, err);

	if (result == 0)
		result = lives_from_artefacts(evidence, artefacts.items, artefacts.count, volumes, &scan->findings,
					      err);
	array_release(&artefacts);
	return result;
}

/* All volumes of a source: those that are there, and those that are gone if there is a reason to look for them. */
static int find_volumes(struct scan *scan, struct scan_result *result, struct evidence *evidence,
			const struct selection *selection, struct error *err)
{
	const struct scan_options *options = scan->options;
	struct selection           shallow = *selection;
	size_t                     first = result->volumes.count;
	struct error               nothing;
	bool                       wanted = false, none;

	if (options->table_only)
		return volumes_find(evidence, selection, &result->volumes, &scan->findings, err);
	shallow.no_sweep = true; /* ours finds more */
	none = volumes_find(evidence, &shallow, &result->volumes, &scan->findings, err) < 0;
	if (none && (err->kind != ERROR_VALUE || selection->partition_given || selection->offset_given))
		return -1;
	if (none)
		nothing = *err;
	for (size_t i = first; i < result->volumes.count; i++) {
		bool sign;

		if (lives_look(&result->volumes.items[i], &sign, &scan->findings, err) < 0)
			return -1;
		wanted = wanted || sign;
	}
	if (!none && !options->carve && !(wanted && options->carve_at_need)) {
		result->carve_wanted = result->carve_wanted || wanted;
		return 0;
	}
	if (find_lives(scan, evidence, swept_range(selection, result->volumes.items + first), &result->volumes, err) < 0)
		return -1;
	if (result->volumes.count > first)
		return 0;
	*err = nothing;
	return -1;
}

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
	if (evidence_open(evidence, path, scan->options->map_path, err) < 0 ||
	    find_volumes(scan, result, evidence, &selection, err) < 0)
		return -1;
	for (size_t i = first; i < result->volumes.count; i++) {
		if (volume_scan_run(scan, &result->volumes.items[i], (int64_t)index + 1, err) == 0)
			continue;
		if (err->kind != ERROR_VALUE || ++failed == result->volumes.count - first)
			return -1;
		if (volume_scan_tell_none(scan, &result->volumes.items[i], (int64_t)index + 1, err) < 0)
			return -1;
	}
	return tell_evidence(scan, evidence, (int64_t)index + 1, err);
}

static int scan_all(struct scan *scan, struct scan_result *result, struct error *err)
{
	const struct scan_options *options = scan->options;

	result->evidence = calloc(options->source_count, sizeof *result->evidence);
	if (!result->evidence)
		return error_memory(err);
	if (casebook_create(scan->book, options->case_path, err) < 0 ||
	    casebook_add_meta(scan->book, "tool", "holdfast " HOLDFAST_VERSION, err) < 0 ||
	    casebook_add_meta(scan->book, "command", options->command, err) < 0 ||
	    casebook_add_meta(scan->book, "scope",
			      options->summary ? "summary" : options->all ? "all" : options->beside ? "beside" : "stores",
			      err) < 0)
		return -1;
	for (size_t i = 0; i < options->source_count; i++)
		if (scan_source(scan, result, i, err) < 0)
			return -1;
	if (told_stores_write(&scan->stores, scan->book, err) < 0 || casebook_add_findings(scan->book, &scan->findings, err) < 0)
		return -1;
	return casebook_publish(scan->book, err);
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
	told_stores_release(&scan.stores);
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

static int reopen_evidence(void *context, const struct case_evidence *row, struct error *err)
{
	struct scan_result *result = context;
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

static int reopen_volume(void *context, const struct case_volume *row, struct error *err)
{
	struct scan_result *result = context;
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
	return array_push(&result->volumes, volume) ? 0 : error_memory(err);
}

int scan_reopen(struct casebook *book, struct scan_result *result, struct error *err)
{
	*result = (struct scan_result){ 0 };
	if (casebook_evidence(book, reopen_evidence, result, err) < 0)
		return -1;
	return casebook_volumes(book, reopen_volume, result, err);
}
