/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volume_search.c - see volume_search.h */
#include "scan/volume_search.h"

#include "core/cleanup.h"
#include "scan/carve/lives.h"
#include "scan/casebook_sweep.h"
#include "scan/old_table.h"

/* -------- every sector -------- */

/* Where what a sweep found is kept until the casebook is there. */
static int open_progress(struct scan *scan, struct error *err)
{
	CLEANUP(free_ptr) char *path = NULL;

	if (scan->progress.database || !scan->options->case_path)
		return 0;
	path = casebook_sweep_path(scan->options->case_path);
	if (!path)
		return error_memory(err);
	if (scan_refuse_evidence(scan->options, path, err) < 0)
		return -1;
	return casebook_sweep_open(&scan->progress, path, err);
}

/* What of the evidence is swept: all, or what was asked for. */
static struct range swept_range(const struct selection *selection, const struct volumes *volumes, size_t first)
{
	if (selection->partition_given && first < volumes->count)
		return (struct range){ volumes->items[first].offset_bytes, volumes->items[first].size_bytes };
	return (struct range){ selection->offset_given ? selection->offset_bytes : 0, UINT64_MAX };
}

static int sweep_source(struct scan *scan, struct evidence *evidence, struct range range, struct error *err)
{
	struct sweep_options options = { .range = range,
					 .threads = scan->options->threads,
					 .progress = &scan->progress,
					 .digest = scan->options->hash_evidence ? &scan->digest : NULL,
					 .save_ms = SWEEP_SAVE_MS };

	if (open_progress(scan, err) < 0)
		return -1;
	if (!scan->progress.database)
		options.progress = NULL;
	return sweep_run(evidence, &options, &scan->sweep, err);
}

/* -------- volumes -------- */

/* Does something say that a volume was there before one of those from @first on?  What does is filed in @signs. */
static int look_for_lives(const struct volumes *volumes, size_t first, struct findings *signs, bool *sign,
			  struct error *err)
{
	*sign = false;
	for (size_t i = first; i < volumes->count; i++) {
		bool here;

		if (lives_look(&volumes->items[i], &here, signs, err) < 0)
			return -1;
		*sign = *sign || here;
	}
	return 0;
}

/* Was something found at the place of volume @number that was there before it? */
static bool has_past(const struct volumes *volumes, uint32_t number)
{
	for (size_t i = 0; i < volumes->count; i++)
		if (volume_is_past(&volumes->items[i]) && volumes->items[i].table->successor == number)
			return true;
	return false;
}

/* What speaks for a life before that nobody has found; if every sector was looked at, nobody will. */
static void tell_signs(struct scan *scan, const struct volumes *volumes, const struct findings *signs, bool swept)
{
	for (size_t i = 0; i < signs->count; i++) {
		struct finding sign = signs->items[i];

		if (swept && sign.kind == FINDING_OLDER_LIFE)
			sign.kind = FINDING_OLDER_LIFE_UNPLACED;
		if (!has_past(volumes, sign.volume))
			findings_add(&scan->findings, sign);
	}
}

/* Something definite was asked for. */
static bool is_one_place(const struct selection *selection)
{
	return selection->partition_given || selection->offset_given || selection->shadow;
}

/* What is there is encrypted: a sweep would see noise, for hours. */
static bool is_locked(const struct scan *scan)
{
	return scan->findings.counts[FINDING_VOLUME_LOCKED] && !scan->options->carve;
}

/* Look at every sector, and make volumes of what is found. */
static int search_all(struct scan *scan, struct evidence *evidence, const struct selection *selection,
		      struct volumes *volumes, size_t first, struct error *err)
{
	if (sweep_source(scan, evidence, swept_range(selection, volumes, first), err) < 0)
		return -1;
	return lives_from_artefacts(evidence, scan->sweep.found.items, scan->sweep.found.count, volumes,
				    &scan->findings, err);
}

/* The same if there is a reason to. */
static int search_at_need(struct scan *scan, struct evidence *evidence, const struct selection *selection,
			  struct volumes *volumes, size_t first, struct error *err)
{
	struct findings signs;
	bool            sign, sweep;
	int             result;

	findings_init(&signs);
	result = look_for_lives(volumes, first, &signs, &sign, err);
	sweep = volumes->count == first || scan->options->carve || (sign && scan->options->carve_at_need);
	if (result == 0 && sweep)
		result = search_all(scan, evidence, selection, volumes, first, err);
	if (result == 0)
		tell_signs(scan, volumes, &signs, sweep);
	findings_release(&signs);
	return result;
}

int volume_search(struct scan *scan, struct scan_result *result, struct evidence *evidence,
		  const struct selection *selection, struct error *err)
{
	struct volumes  *volumes = &result->volumes;
	struct selection shallow = *selection;
	size_t           first = volumes->count;
	struct error     nothing;
	bool             none;

	if (scan->options->table_only)
		return volumes_find(evidence, selection, volumes, &scan->findings, err);
	shallow.no_sweep = true; /* ours finds more */
	none = volumes_find(evidence, &shallow, volumes, &scan->findings, err) < 0;
	if (none && (err->kind != ERROR_VALUE || is_one_place(selection) || is_locked(scan)))
		return -1;
	if (none)
		nothing = *err;
	if (search_at_need(scan, evidence, selection, volumes, first, err) < 0)
		return -1;
	if (volumes->count > first)
		return 0;
	casebook_sweep_discard(&scan->progress); /* there is nothing to go on with */
	*err = nothing;
	return -1;
}
