/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lives.c - see lives.h */
#include "scan/carve/lives.h"

#include "core/cleanup.h"
#include "scan/carve/lost_volume.h"
#include "scan/file.h"
#include "scan/layer.h"
#include "scan/old_table.h"

#include <string.h>

#define BITMAP_RECORD 6u
#define LOOK_BYTES (64u << 10)  /* behind each run of a table */
#define LOOK_RUNS 64u           /* runs looked behind */
#define LIFE_RECORDS 8u         /* behind a table: fewer may be what a driver has made ready and not taken in */
#define FRESH_RECORDS 512u      /* formatters make 27, 64 or 256: a table so small is hardly used */
#define FRESH_SHARE 8u          /* of the evidence, at the least */
#define BITMAP_BYTES (1u << 16) /* of $Bitmap read at a time */

/* -------- signs -------- */

/* Records behind a run of the table that would go on there. */
static int look_behind(const struct mft *mft, const struct run *run, uint64_t *seen, struct error *err)
{
	const struct volume       *volume = mft->volume;
	uint32_t                   cluster_bytes = volume->geometry.cluster_bytes;
	CLEANUP(free_ptr) uint8_t *bytes = malloc(LOOK_BYTES);
	uint64_t                   slot = (run->vcn + run->length) * cluster_bytes / mft->record_bytes;
	uint64_t                   at;
	struct ranges              holes = { 0 };
	int                        result;

	if (!bytes)
		return error_memory(err);
	if (slot > mft->records)
		slot = mft->records; /* what is allocated and not used yet is looked at too */
	at = volume_byte_of(volume, run->lcn) + (slot * mft->record_bytes - run->vcn * cluster_bytes);
	result = volume_read(volume, at, bytes, LOOK_BYTES, &holes, err);
	array_release(&holes);
	for (uint64_t i = 0; result == 0 && (i + 1) * mft->record_bytes <= LOOK_BYTES; i++) {
		struct bytes    window = { bytes + i * mft->record_bytes, mft->record_bytes, at };
		struct artefact artefact;

		*seen += carve_recognise(window, &artefact) && artefact.kind == ARTEFACT_RECORD &&
			 artefact.record.number == slot + i && slot + i;
	}
	return result;
}

/* Small partitions beside the system's are hardly used ever: they are no reason to read all of a disk. */
static bool is_fresh(const struct mft *mft)
{
	return mft->records <= FRESH_RECORDS &&
	       mft->volume->size_bytes >= mft->volume->evidence->size_bytes / FRESH_SHARE;
}

static int look_at_table(const struct mft *mft, const struct findings *damage, bool *wanted,
			 struct findings *findings, struct error *err)
{
	uint64_t seen = 0;

	for (size_t i = 0; i < mft->runs.count && i < LOOK_RUNS; i++)
		if (mft->runs.items[i].lcn != LCN_HOLE &&
		    mft->runs.items[i].vcn * mft->volume->geometry.cluster_bytes <
			    mft->records * mft->record_bytes &&
		    look_behind(mft, &mft->runs.items[i], &seen, err) < 0)
			return -1;
	if (damage->counts[FINDING_MFT_RUNS_ASSUMED])
		seen = 0; /* where the table ends is not known */
	if (seen < LIFE_RECORDS)
		seen = 0;
	if (seen)
		findings_add(findings, (struct finding){ FINDING_OLDER_LIFE, mft->volume->number, NO_RECORD,
							 NO_OFFSET, seen, 0 });
	*wanted = seen || is_fresh(mft) || damage->counts[FINDING_MFT_RUNS_ASSUMED] ||
		  damage->counts[FINDING_MFT_RUNS_INCOMPLETE];
	return 0;
}

int lives_look(const struct volume *volume, bool *wanted, struct findings *findings, struct error *err)
{
	struct findings damage;
	struct mft      mft;
	int             result;

	findings_init(&damage);
	*wanted = true;
	result = mft_open(&mft, volume, &damage, err);
	if (result == 0)
		result = look_at_table(&mft, &damage, wanted, findings, err);
	else if (err->kind == ERROR_VALUE)
		result = 0;
	mft_release(&mft);
	findings_release(&damage);
	return result;
}

/* -------- what a volume uses -------- */

/* Where @volume begins on its @disk: what is decrypted lies where it is encrypted, and takes that place. */
static uint64_t place_of(const struct volume *volume, const struct evidence **disk)
{
	uint64_t           place = volume->offset_bytes;
	const struct layer *layer;

	for (*disk = volume->evidence; (layer = layer_of(*disk)) && layer->kind == LAYER_BITLOCKER; *disk = (*disk)->outer)
		place += layer->offset_bytes;
	return place;
}

/* What one volume has written to, or may have, in bytes of its disk. */
struct traces {
	bool          read;
	struct ranges ranges;
	bool          whole;  /* it tells all of it */
	uint64_t      reach;  /* the last byte that its files had */
	uint32_t      newest; /* row_time of its last change */
};

static int add_clusters(struct traces *traces, const struct volume *volume, uint64_t lcn, uint64_t clusters,
			struct error *err)
{
	const struct evidence *disk;
	uint64_t               start = place_of(volume, &disk) + volume_byte_of(volume, lcn);
	uint64_t               length = clusters * volume->geometry.cluster_bytes;

	return ranges_add(&traces->ranges, start, length) ? 0 : error_memory(err);
}

/* The clusters that $Bitmap calls in use. */
static int add_bits(struct traces *traces, const struct volume *volume, const struct file_stream *data,
		    struct error *err)
{
	CLEANUP(free_ptr) uint8_t *bytes = malloc(BITMAP_BYTES);
	struct ranges              missing = { 0 };
	uint64_t                   clusters = volume->geometry.clusters, from = 0;
	bool                       set = false;
	int                        result = bytes ? 0 : error_memory(err);

	for (uint64_t lcn = 0; result == 0 && lcn < clusters; lcn++) {
		uint64_t left = (clusters - lcn + 7) / 8;
		bool     bit;

		if (lcn % (8ull * BITMAP_BYTES) == 0 &&
		    stream_read(volume, &data->runs, lcn / 8, bytes,
				left < BITMAP_BYTES ? (size_t)left : BITMAP_BYTES, &missing, err) < 0) {
			result = -1;
			break;
		}
		bit = bytes[lcn / 8 % BITMAP_BYTES] >> lcn % 8 & 1;
		if (set && !bit)
			result = add_clusters(traces, volume, from, lcn - from, err);
		if (bit && !set)
			from = lcn;
		set = bit;
	}
	if (result == 0 && set)
		result = add_clusters(traces, volume, from, clusters - from, err);
	if (missing.count)
		traces->whole = false;
	array_release(&missing);
	return result;
}

/* What is in use by $Bitmap, if it is this volume's: of a past one nobody has kept it. */
static int add_bitmap(struct traces *traces, const struct inventory *inventory, struct error *err)
{
	CLEANUP(file_release) struct file file = { 0 };
	struct extensions                 extensions = { 0 };
	struct file_reader                reader = { 0 };
	const struct file_stream         *data = NULL;
	int                               result;

	if (volume_is_past(inventory->mft.volume) || inventory->count <= BITMAP_RECORD ||
	    (inventory->rows[BITMAP_RECORD].flags & (ROW_DECODED | ROW_IN_USE)) !=
		    (ROW_DECODED | ROW_IN_USE)) {
		traces->whole = false;
		return 0;
	}
	result = extensions_collect(&extensions, inventory, err);
	if (result == 0)
		result = file_reader_init(&reader, inventory, &extensions, err);
	if (result == 0)
		result = file_load(&reader, BITMAP_RECORD, &file, err);
	if (result == 0)
		data = file_find_stream(&file, ATTRIBUTE_DATA, "");
	if (result == 0 && data && !data->resident && data->runs.count)
		result = add_bits(traces, inventory->mft.volume, data, err);
	else
		traces->whole = false;
	file_reader_release(&reader);
	array_release(&extensions);
	return result;
}

/*
 * Records tell what they wrote to, dead ones too.  A record that was used twice had owners of whom nothing
 * is left: what they wrote to nobody tells.
 */
static int read_traces(struct traces *traces, const struct inventory *inventory, struct error *err)
{
	const struct volume   *volume = inventory->mft.volume;
	const struct evidence *disk;
	uint64_t               place = place_of(volume, &disk);

	for (uint32_t i = 0; i < inventory->count; i++) {
		const struct mft_row *row = &inventory->rows[i];

		if (!(row->flags & ROW_DECODED))
			continue;
		if (row->written > traces->newest)
			traces->newest = row->written;
		if (i >= FIRST_USER_RECORD &&
		    row->alive_until && /* formatters number records that nobody used */
		    file_generation(row->sequence, row->flags & ROW_IN_USE) > 1)
			traces->whole = false;
	}
	for (size_t i = 0; i < inventory->claims.count; i++) {
		const struct claim *claim = &inventory->claims.items[i];
		uint64_t            length = claim->length & CLAIM_LENGTH_MAX, end;

		if (add_clusters(traces, volume, claim->lcn, length, err) < 0)
			return -1;
		end = place + volume_byte_of(volume, claim->lcn + length);
		if (!(claim->length & CLAIM_SHADOW) && end > traces->reach)
			traces->reach = end;
	}
	return add_bitmap(traces, inventory, err);
}

/* Read a volume for its traces alone, once; sorted.  One that has no table tells nothing. */
static int find_traces(struct traces *traces, const struct volume *volume, struct error *err)
{
	struct findings  damage;
	struct inventory inventory;
	int              result;

	if (traces->read)
		return 0;
	*traces = (struct traces){ .read = true, .whole = !volume_is_past(volume) };
	findings_init(&damage);
	result = inventory_read(&inventory, volume, 1, &damage, err);
	if (result == 0) {
		result = read_traces(traces, &inventory, err);
	} else if (err->kind != ERROR_MEMORY) {
		traces->whole = false;
		result = 0;
	}
	ranges_sort(&traces->ranges);
	inventory_release(&inventory);
	findings_release(&damage);
	return result;
}

/* -------- volumes from artefacts -------- */

/* What is kept of each lost volume until all are known. */
struct life {
	struct volume volume;
	struct traces traces;
	uint64_t      votes;
	unsigned      signs;
	bool          size_known;
	uint64_t      records;
};

struct lives {
	struct evidence          *evidence;
	struct volumes           *volumes;
	size_t                    present; /* volumes that were there before */
	struct traces            *traces;  /* of those */
	struct ARRAY(struct life) list;
};

static void life_release(struct life *life)
{
	if (life->volume.table)
		old_table_release(life->volume.table);
	free(life->volume.table);
	array_release(&life->traces.ranges);
}

static void lives_release(struct lives *lives)
{
	for (size_t i = 0; i < lives->list.count; i++)
		life_release(&lives->list.items[i]);
	array_release(&lives->list);
	for (size_t i = 0; lives->traces && i < lives->present; i++)
		array_release(&lives->traces[i].ranges);
	free(lives->traces);
}

static bool overlap(const struct volume *a, const struct volume *b)
{
	const struct evidence *a_disk, *b_disk;
	uint64_t               a_place = place_of(a, &a_disk), b_place = place_of(b, &b_disk);

	return a_disk == b_disk && a_place < b_place + b->size_bytes && b_place < a_place + a->size_bytes;
}

/* Is this what the boot sector of @volume tells of? */
static bool is_present(const struct volume *volume, const struct lost_volume *lost)
{
	return volume->offset_bytes == lost->offset_bytes && !lost->taken &&
	       volume->geometry.cluster_bytes == lost->geometry.cluster_bytes &&
	       volume->geometry.record_bytes == lost->geometry.record_bytes &&
	       volume->geometry.mft_lcn == lost->geometry.mft_lcn;
}

static struct volume *find_present(const struct lives *lives, const struct lost_volume *lost)
{
	for (size_t i = 0; i < lives->present; i++)
		if (lives->volumes->items[i].evidence == lives->evidence &&
		    is_present(&lives->volumes->items[i], lost))
			return &lives->volumes->items[i];
	return NULL;
}

/* Hand over the table of @lost. */
static int give_table(struct volume *volume, struct lost_volume *lost, struct error *err)
{
	volume->table = malloc(sizeof *volume->table);
	if (!volume->table)
		return error_memory(err);
	*volume->table = lost->table;
	lost->table = (struct old_table){ 0 };
	return 0;
}

/* A volume that is there, but whose own first records do not tell where its table lies. */
static int mend_present(struct volume *volume, struct lost_volume *lost, struct error *err)
{
	struct findings damage;
	struct mft      mft;
	bool            lost_table;
	int             result;

	if (volume->table)
		return 0;
	findings_init(&damage);
	result = mft_open(&mft, volume, &damage, err);
	lost_table = result < 0 ? err->kind == ERROR_VALUE : damage.counts[FINDING_MFT_RUNS_ASSUMED] > 0;
	result = result < 0 && err->kind != ERROR_VALUE ? -1 : 0;
	mft_release(&mft);
	findings_release(&damage);
	return result == 0 && lost_table ? give_table(volume, lost, err) : result;
}

/* Bytes of @volume's table that lie in @used. */
static uint64_t covered(const struct volume *volume, const struct ranges *used, uint64_t *all)
{
	const struct runs     *runs = &volume->table->runs;
	const struct evidence *disk;
	uint64_t               place = place_of(volume, &disk), bytes = 0;

	*all = 0;
	for (size_t i = 0; i < runs->count; i++) {
		uint64_t start = place + volume_byte_of(volume, runs->items[i].lcn), done = 0;
		uint64_t length = runs->items[i].length * volume->geometry.cluster_bytes;
		struct range hit;

		*all += length;
		while (done < length && ranges_overlap(used, start + done, length - done, &hit)) {
			bytes += hit.length;
			done = hit.start - start + hit.length;
		}
	}
	return bytes;
}

/* A volume inside a file of another, a virtual disk for one, is no life of its place. */
static int is_file(const struct lives *lives, const struct volume *volume, bool *file, struct error *err)
{
	*file = false;
	for (size_t i = 0; i < lives->present && !*file; i++) {
		uint64_t all, used;

		if (!overlap(&lives->volumes->items[i], volume))
			continue;
		if (find_traces(&lives->traces[i], &lives->volumes->items[i], err) < 0)
			return -1;
		used = covered(volume, &lives->traces[i].ranges, &all);
		*file = used > all / 2;
	}
	return 0;
}

static struct volume volume_of(struct evidence *evidence, const struct lost_volume *lost, uint32_t number)
{
	return (struct volume){ .evidence = evidence,
				.number = number,
				.offset_bytes = lost->offset_bytes,
				.size_bytes = (lost->geometry.sectors + 1) * lost->geometry.sector_bytes,
				.geometry = lost->geometry };
}

/* One whose size nobody tells ends before the next, or with who has its place: unless its files lie behind that. */
static void trim(struct volume *volume, const struct volumes *volumes, uint64_t reach)
{
	const struct evidence *disk, *other_disk;
	uint64_t               place = place_of(volume, &disk), end = place + volume->size_bytes;

	for (size_t i = 0; i < volumes->count; i++) {
		const struct volume *other = &volumes->items[i];
		uint64_t             edge = place_of(other, &other_disk);

		if (edge == place && !other->table)
			edge += other->size_bytes;
		if (other_disk == disk && edge > place && edge >= reach && edge < end)
			end = edge;
	}
	volume->size_bytes = end - place;
}

static int add_life(struct lives *lives, struct lost_volume *lost, struct error *err)
{
	struct life life = { .volume = volume_of(lives->evidence, lost, 0),
			     .votes = lost->votes,
			     .signs = lost->signs,
			     .size_known = lost->size_known,
			     .records = lost->records };
	bool        file = false;
	int         result = give_table(&life.volume, lost, err);

	if (result == 0)
		result = find_traces(&life.traces, &life.volume, err);
	if (result == 0) {
		life.volume.table->newest = life.traces.newest;
		result = is_file(lives, &life.volume, &file, err);
	}
	if (result == 0 && !file) {
		if (array_push(&lives->list, life))
			return 0;
		result = error_memory(err);
	}
	life_release(&life);
	return result;
}

static int collect(struct lives *lives, struct lost_volumes *lost, struct error *err)
{
	for (size_t i = 0; i < lost->count; i++) {
		struct volume *present = find_present(lives, &lost->items[i]);

		if (present ? mend_present(present, &lost->items[i], err) < 0
			    : add_life(lives, &lost->items[i], err) < 0)
			return -1;
	}
	return 0;
}

static int compare_life(const void *a, const void *b)
{
	const struct life *left = a, *right = b;

	if (left->volume.offset_bytes != right->volume.offset_bytes)
		return left->volume.offset_bytes < right->volume.offset_bytes ? -1 : 1;
	if (left->volume.table->newest != right->volume.table->newest) /* the younger first */
		return left->volume.table->newest > right->volume.table->newest ? -1 : 1;
	return (left->volume.geometry.cluster_bytes > right->volume.geometry.cluster_bytes) -
	       (left->volume.geometry.cluster_bytes < right->volume.geometry.cluster_bytes);
}

/* Who has the place of @volume now: one that is there, else the youngest of the lost. */
static void find_successor(struct volume *volume, const struct volumes *volumes)
{
	const struct volume *successor = NULL;

	for (size_t i = 0; i < volumes->count; i++) {
		const struct volume *other = &volumes->items[i];

		if (other == volume || !overlap(other, volume))
			continue;
		if (!other->table) {
			successor = other;
			break;
		}
		if (other->table->newest > (successor ? successor->table : volume->table)->newest)
			successor = other;
	}
	if (successor) {
		volume->table->past = true;
		volume->table->successor = successor->number;
	}
}

static void tell(const struct life *life, const struct volume *volume, struct findings *findings)
{
	findings_add(findings, (struct finding){ FINDING_VOLUME_INFERRED, volume->number, NO_RECORD,
						 volume->offset_bytes, life->votes, life->signs });
	if (volume->table->past)
		findings_add(findings,
			     (struct finding){ FINDING_PAST_LIFE, volume->number, NO_RECORD, NO_OFFSET,
					       life->records, volume->table->successor });
}

/* -------- who wrote over a past life -------- */

/* Did @other have the place after @life? */
static bool came_after(const struct volume *other, const struct volume *life)
{
	return other != life && volume_is_past(life) && overlap(other, life) &&
	       (!volume_is_past(other) || other->table->newest >= life->table->newest);
}

/* Of what others wrote to, the part on @life. */
static int add_foreign(struct volume *life, const struct traces *traces, struct error *err)
{
	const struct evidence *disk;
	struct range           hit;
	uint64_t               place = place_of(life, &disk), at = place, end = at + life->size_bytes;

	while (at < end && ranges_overlap(&traces->ranges, at, end - at, &hit)) {
		if (!ranges_add(&life->table->foreign, hit.start - place, hit.length))
			return error_memory(err);
		at = hit.start + hit.length;
	}
	life->table->disturbed = life->table->disturbed || !traces->whole;
	return 0;
}

static int disturb(const struct lives *lives, const struct volume *other, struct traces *traces,
		   struct error *err)
{
	for (size_t i = lives->present; i < lives->volumes->count; i++)
		if (came_after(other, &lives->volumes->items[i]) &&
		    (find_traces(traces, other, err) < 0 ||
		     add_foreign(&lives->volumes->items[i], traces, err) < 0))
			return -1;
	return 0;
}

/* Tell each past life what those that came after it may have written to. */
static int disturb_all(const struct lives *lives, struct error *err)
{
	struct volume *volumes = lives->volumes->items;

	for (size_t i = 0; i < lives->present; i++)
		if (disturb(lives, &volumes[i], &lives->traces[i], err) < 0)
			return -1;
	for (size_t i = 0; i < lives->list.count; i++) {
		struct life *life = &lives->list.items[i];

		life->traces.whole = life->traces.whole && !volume_is_past(&volumes[lives->present + i]);
		if (disturb(lives, &volumes[lives->present + i], &life->traces, err) < 0)
			return -1;
	}
	for (size_t i = lives->present; i < lives->volumes->count; i++)
		ranges_sort(&volumes[i].table->foreign);
	return 0;
}

/* Make them volumes, then see who came after whom. */
static int append(struct lives *lives, struct findings *findings, struct error *err)
{
	struct volumes *volumes = lives->volumes;
	size_t          first = lives->present, count = lives->list.count;

	if (count)
		qsort(lives->list.items, count, sizeof *lives->list.items, compare_life);
	for (size_t i = 0; i < count; i++) {
		struct volume *volume = &lives->list.items[i].volume;

		volume->number = (uint32_t)volumes->count + 1;
		if (!array_push(volumes, *volume))
			return error_memory(err);
		volume->table = NULL; /* now the list's */
	}
	for (size_t i = 0; i < count; i++)
		if (!lives->list.items[i].size_known)
			trim(&volumes->items[first + i], volumes, lives->list.items[i].traces.reach);
	for (size_t i = 0; i < count; i++)
		find_successor(&volumes->items[first + i], volumes);
	for (size_t i = 0; i < count; i++)
		tell(&lives->list.items[i], &volumes->items[first + i], findings);
	return disturb_all(lives, err);
}

int lives_from_artefacts(struct evidence *evidence, const struct artefact *artefacts, size_t count,
			 struct volumes *volumes, struct findings *findings, struct error *err)
{
	struct lost_volumes lost = { 0 };
	struct lives        lives = { .evidence = evidence, .volumes = volumes, .present = volumes->count };
	int                 result;

	lives.traces = calloc(lives.present + 1, sizeof *lives.traces);
	result =
		lives.traces ? lost_volumes_infer(evidence, artefacts, count, &lost, err) : error_memory(err);
	if (result == 0)
		result = collect(&lives, &lost, err);
	if (result == 0)
		result = append(&lives, findings, err);
	lives_release(&lives);
	lost_volumes_release(&lost);
	return result;
}
