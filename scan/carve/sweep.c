/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sweep.c - see sweep.h */
#include "scan/carve/sweep.h"

#include "core/cleanup.h"
#include "core/progress.h"
#include "core/text.h"
#include "scan/casebook_sweep.h"
#include "scan/layer.h"

#include <inttypes.h>
#include <sys/stat.h>
#include <time.h>

/* A sweep as it runs. */
struct work {
	const struct sweep_options *options;
	struct sweep               *sweep;
	char                       *key;
	uint64_t                    next;     /* byte of the evidence */
	size_t                      saved;    /* artefacts */
	uint64_t                    saved_ms; /* when */
	struct progress             progress;
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

/* -------- what may go on -------- */

static int map_digest(const struct ranges *map, char hex[DIGEST_HEX_SIZE], struct error *err)
{
	CLEANUP(digest_release) struct digest digest = { 0 };
	uint8_t                               sum[DIGEST_BYTES];

	if (digest_start(&digest, err) < 0 ||
	    digest_update(&digest, map->items, map->count * sizeof *map->items, err) < 0 ||
	    digest_end(&digest, sum, err) < 0)
		return -1;
	digest_hex(sum, hex);
	return 0;
}

/*
 * What the bytes of @evidence are known by, to be freed: those of a layer by what it lies in too.  Copies of one disk,
 * from before and after, may be of the same looks and differ in the middle, so the path tells them apart, and the time
 * that a file was written.
 */
static int name_bytes(struct evidence *evidence, char **name, struct error *err)
{
	CLEANUP(free_ptr) char *around = NULL, *path = NULL;
	const struct layer     *layer = layer_of(evidence);
	char                    fingerprint[DIGEST_HEX_SIZE], map[DIGEST_HEX_SIZE];
	struct stat             info = { 0 };

	if (evidence_fingerprint(evidence, fingerprint, err) < 0 || map_digest(&evidence->map, map, err) < 0 ||
	    (layer && name_bytes(evidence->outer, &around, err) < 0))
		return -1;
	path = realpath(evidence->path, NULL);
	if (stat(evidence->path, &info) < 0 || !S_ISREG(info.st_mode))
		info.st_mtim = (struct timespec){ 0 }; /* a device's is not that of its bytes */
	*name = layer ? text_format("%" PRIu64 " bytes %s, map %s, %s %" PRIu32 " at %" PRIu64 " of %s", evidence->size_bytes,
				    fingerprint, map, layer_kind_name(layer->kind), layer->number, layer->offset_bytes, around)
		      : text_format("%" PRIu64 " bytes %s of %lld.%09ld, map %s, %s", evidence->size_bytes, fingerprint,
				    (long long)info.st_mtim.tv_sec, info.st_mtim.tv_nsec, map, path ? path : evidence->path);
	return *name ? 0 : error_memory(err);
}

/* What the same work is called, to be freed. */
static int make_key(struct evidence *evidence, struct range range, char **key, struct error *err)
{
	CLEANUP(free_ptr) char *name = NULL;

	if (name_bytes(evidence, &name, err) < 0)
		return -1;
	*key = text_format("%s %zu, %s, %" PRIu64 "+%" PRIu64, HOLDFAST_VERSION, sizeof(struct artefact), name, range.start,
			   range.length);
	return *key ? 0 : error_memory(err);
}

/* -------- along the way -------- */

static int save(struct work *work, struct error *err)
{
	const struct artefacts *found = &work->sweep->found;

	if (!work->options->progress)
		return 0;
	if (casebook_sweep_add(work->options->progress, work->key, found->items + work->saved, found->count - work->saved,
			       work->next, err) < 0)
		return -1;
	work->saved = found->count;
	work->saved_ms = now_ms();
	return 0;
}

static int take(void *context, const struct artefact *items, size_t count, uint64_t next, struct error *err)
{
	struct work *work = context;

	for (size_t i = 0; i < count; i++)
		if (!array_push(&work->sweep->found, items[i]))
			return error_memory(err);
	progress_add(&work->progress, next - work->next);
	work->next = next;
	return now_ms() - work->saved_ms < work->options->save_ms ? 0 : save(work, err);
}

/* What the bar says; what is decrypted is named as users name volumes. */
static void describe(const struct evidence *evidence, uint64_t done, uint64_t all, char *what, size_t size)
{
	const struct layer *layer = layer_of(evidence);
	char                place[48] = "";

	if (layer && layer->partition)
		snprintf(place, sizeof place, " of @%" PRIu32 ", decrypted", layer->partition);
	else if (layer)
		snprintf(place, sizeof place, " of @+%" PRIu64 ", decrypted", layer->offset_bytes);
	if (done)
		snprintf(what, size, "the sweep%s goes on at %u %%", place, (unsigned)((double)done / (double)all * 100));
	else
		snprintf(what, size, "looking at every sector%s", place);
}

static int look_through(struct evidence *evidence, struct work *work, uint64_t end, struct error *err)
{
	uint64_t start = work->options->range.start, done = work->next - start;
	struct carve_options carve = { { work->next, end - work->next }, work->options->threads, work->options->digest };
	char     what[80];
	int      result;

	describe(evidence, done, end - start, what, sizeof what);
	progress_start_at(&work->progress, what, done, end - start, PROGRESS_BYTES);
	work->saved_ms = now_ms();
	result = carve_sweep(evidence, &carve, take, work, err);
	progress_end(&work->progress);
	return result < 0 ? -1 : save(work, err);
}

int sweep_run(struct evidence *evidence, const struct sweep_options *options, struct sweep *sweep, struct error *err)
{
	CLEANUP(free_ptr) char *key = NULL;
	struct range            range = options->range;
	struct work             work = { .options = options, .sweep = sweep, .next = range.start };
	uint64_t                end;

	*sweep = (struct sweep){ .evidence = evidence };
	if (range.start >= evidence->size_bytes)
		return 0;
	end = range.length > evidence->size_bytes - range.start ? evidence->size_bytes : range.start + range.length;
	if (options->progress) {
		if (make_key(evidence, range, &key, err) < 0 ||
		    casebook_sweep_load(options->progress, key, end, &sweep->found, &work.next, err) < 0)
			return -1;
		if (work.next < range.start)
			work.next = range.start;
		work.key = key;
		work.saved = sweep->found.count;
		sweep->resumed = work.next - range.start;
	}
	return work.next < end ? look_through(evidence, &work, end, err) : 0;
}

void sweep_release(struct sweep *sweep)
{
	array_release(&sweep->found);
	*sweep = (struct sweep){ 0 };
}

/* Artefacts that begin before @offset. */
static size_t count_before(const struct artefacts *found, uint64_t offset)
{
	return partition_point(0, found->count, at, found->items[at].offset < offset);
}

const struct artefact *sweep_part(const struct sweep *sweep, struct range range, size_t *count)
{
	size_t first = count_before(&sweep->found, range.start);

	*count = range.length > UINT64_MAX - range.start
			 ? sweep->found.count - first
			 : count_before(&sweep->found, range.start + range.length) - first;
	return sweep->found.items + first;
}

const struct sweep *sweeps_find(const struct sweeps *sweeps, const struct evidence *evidence)
{
	for (size_t i = 0; i < sweeps->count; i++)
		if (sweeps->items[i].evidence == evidence)
			return &sweeps->items[i];
	return NULL;
}

void sweeps_release(struct sweeps *sweeps)
{
	for (size_t i = 0; i < sweeps->count; i++)
		sweep_release(&sweeps->items[i]);
	array_release(sweeps);
}
