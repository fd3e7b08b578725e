/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volume_search.c - see volume_search.h */
#include "scan/volume_search.h"

#include "core/cleanup.h"
#include "scan/carve/lives.h"
#include "scan/casebook_sweep.h"
#include "scan/layer.h"
#include "scan/old_table.h"

/* One source while it is searched. */
struct search {
	struct scan            *scan;
	const struct selection *selection;
	struct volumes         *volumes;
	size_t                  first; /* of its volumes */
	bool                    none;  /* at the beginning there was none */
	struct findings         signs; /* of lives before */
};

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

/* Where @volume lies in @evidence: itself, or the layer that it is in. */
static struct range place_in(const struct evidence *evidence, const struct volume *volume)
{
	struct range           place = { volume->offset_bytes, volume->size_bytes };
	const struct evidence *at = volume->evidence;

	for (; at != evidence; at = at->outer)
		place = (struct range){ layer_of(at)->offset_bytes, layer_of(at)->length_bytes };
	return place;
}

/* What of the evidence is swept: all, or what was asked for, which is all of what is decrypted in it. */
static struct range swept_range(const struct search *search, const struct evidence *evidence)
{
	const struct selection *selection = search->selection;

	if (layer_of(evidence))
		return (struct range){ 0, UINT64_MAX };
	if (selection->partition_given && search->first < search->volumes->count)
		return place_in(evidence, &search->volumes->items[search->first]);
	return (struct range){ selection->offset_given ? selection->offset_bytes : 0, UINT64_MAX };
}

static int sweep_evidence(struct scan *scan, struct evidence *evidence, struct range range, struct error *err)
{
	bool                 hash = scan->options->hash_evidence && !layer_of(evidence);
	struct sweep_options options = { .range = range,
					 .threads = scan->options->threads,
					 .digest = hash ? &scan->digest : NULL,
					 .save_ms = SWEEP_SAVE_MS };
	struct sweep         sweep = { 0 };
	int                  result;

	if (open_progress(scan, err) < 0)
		return -1;
	if (scan->progress.database)
		options.progress = &scan->progress;
	result = sweep_run(evidence, &options, &sweep, err);
	if (result == 0 && array_push(&scan->sweeps, sweep))
		return 0;
	sweep_release(&sweep);
	return result < 0 ? -1 : error_memory(err);
}

/* -------- volumes -------- */

/* Does something say that a volume was there before one of @evidence's? */
static int look_for_lives(struct search *search, const struct evidence *evidence, bool *sign, struct error *err)
{
	*sign = false;
	for (size_t i = search->first; i < search->volumes->count; i++) {
		bool here;

		if (search->volumes->items[i].evidence != evidence)
			continue;
		if (lives_look(&search->volumes->items[i], &here, &search->signs, err) < 0)
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
static void tell_signs(const struct search *search)
{
	for (size_t i = 0; i < search->signs.count; i++) {
		struct finding         sign = search->signs.items[i];
		const struct evidence *evidence = search->volumes->items[sign.volume - 1].evidence;

		if (sign.kind == FINDING_OLDER_LIFE && sweeps_find(&search->scan->sweeps, evidence))
			sign.kind = FINDING_OLDER_LIFE_UNPLACED;
		if (!has_past(search->volumes, sign.volume))
			findings_add(&search->scan->findings, sign);
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
static int search_all(const struct search *search, struct evidence *evidence, struct error *err)
{
	const struct artefacts *found;

	if (sweep_evidence(search->scan, evidence, swept_range(search, evidence), err) < 0)
		return -1;
	found = &sweeps_find(&search->scan->sweeps, evidence)->found;
	return lives_from_artefacts(evidence, found->items, found->count, search->volumes, &search->scan->findings, err);
}

/* The same if there is a reason to. */
static int search_at_need(struct search *search, struct evidence *evidence, struct error *err)
{
	const struct scan_options *options = search->scan->options;
	bool                       sign;

	if (look_for_lives(search, evidence, &sign, err) < 0)
		return -1;
	return search->none || options->carve || (sign && options->carve_at_need) ? search_all(search, evidence, err) : 0;
}

/*
 * What is decrypted is searched as well, for outside it is noise.  Shadow copies are not: what one has kept for itself
 * lies as it was, in whole clusters, on the volume around it, and is found there.
 */
static int search_within(struct search *search, struct evidence *evidence, struct error *err)
{
	if (search_at_need(search, evidence, err) < 0)
		return -1;
	for (size_t i = 0; i < evidence->within.count; i++) {
		const struct layer *layer = evidence->within.items[i];

		if (layer->kind == LAYER_BITLOCKER && layer->evidence && search_at_need(search, layer->evidence, err) < 0)
			return -1;
	}
	return 0;
}

int volume_search(struct scan *scan, struct scan_result *result, struct evidence *evidence,
		  const struct selection *selection, struct error *err)
{
	struct volumes  *volumes = &result->volumes;
	struct selection shallow = *selection;
	struct search    search = { .scan = scan, .selection = selection, .volumes = volumes, .first = volumes->count };
	struct error     nothing;
	int              searched;

	if (scan->options->table_only)
		return volumes_find(evidence, selection, volumes, &scan->findings, err);
	shallow.no_sweep = true; /* ours finds more */
	search.none = volumes_find(evidence, &shallow, volumes, &scan->findings, err) < 0;
	if (search.none && (err->kind != ERROR_VALUE || is_one_place(selection) || is_locked(scan)))
		return -1;
	if (search.none)
		nothing = *err;
	findings_init(&search.signs);
	searched = search_within(&search, evidence, err);
	if (searched == 0)
		tell_signs(&search);
	findings_release(&search.signs);
	if (searched < 0)
		return -1;
	if (volumes->count > search.first)
		return 0;
	casebook_sweep_discard(&scan->progress); /* there is nothing to go on with */
	*err = nothing;
	return -1;
}
