/* SPDX-License-Identifier: GPL-3.0-or-later */
/* carve.c - see carve.h */
#include "scan/carve/carve.h"

#include "core/cleanup.h"
#include "core/endian.h"
#include "core/workers.h"
#include "scan/attribute.h"
#include "scan/boot_sector.h"
#include "scan/catalogue.h"
#include "scan/cmtrace.h"
#include "scan/file_name.h"
#include "scan/fixup.h"
#include "scan/index_node.h"
#include "scan/journal/usn_journal.h"
#include "scan/mft_record.h"

#include <string.h>

#define MAGIC(a, b, c, d) ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

/* -------- blocks with fix-ups -------- */

/* Bytes of the block, by the entries of its fix-up array: 512 to CARVE_BLOCK_MAX, or 0. */
static size_t protected_bytes(struct bytes at)
{
	size_t bytes;

	if (at.left < FIXUP_STRIDE)
		return 0;
	bytes = (le16_at(at.at + 6) - 1u) * FIXUP_STRIDE; /* of no entries: too many */
	return bytes && bytes <= CARVE_BLOCK_MAX && !(bytes & (bytes - 1)) && bytes <= at.left ? bytes : 0;
}

/* A copy of the block at @at in @copy, its fix-ups undone.  False if none can be there. */
static bool undo(struct bytes at, uint8_t copy[CARVE_BLOCK_MAX], struct bytes *block, fixup_torn *torn)
{
	size_t       bytes = protected_bytes(at);
	struct error why;

	if (!bytes)
		return false;
	memcpy(copy, at.at, bytes);
	*block = (struct bytes){ copy, bytes, at.offset };
	return fixup_undo(copy, bytes, at.offset, torn, &why) == 0;
}

/* Do the attributes end with their mark? */
static bool attributes_end(struct bytes attributes)
{
	struct attribute attr;
	struct error     why;
	int              more;

	do
		more = attribute_next(&attributes, &attr, &why);
	while (more == 1);
	return more == 0;
}

static bool find_record(struct bytes at, struct artefact *found)
{
	uint8_t           copy[CARVE_BLOCK_MAX];
	struct bytes      block;
	fixup_torn        torn;
	struct mft_record record;
	struct error      why;

	if (!undo(at, copy, &block, &torn) || le16_at(copy + 4) < 0x2a || le32_at(copy + 0x1c) != block.left ||
	    mft_record_decode(block, &record, &why) < 0)
		return false;
	*found = (struct artefact){ .length = (uint32_t)block.left,
				    .kind = ARTEFACT_RECORD,
				    .sequence = record.sequence,
				    .when = record.lsn,
				    .record = { record.base, record.number, record.flags } };
	if (fixup_touches(torn, 0, record.in_use_bytes))
		found->flags |= ARTEFACT_TORN;
	if (mft_record_kind(at) == MFT_RECORD_BAAD || !attributes_end(record.attributes))
		found->flags |= ARTEFACT_DAMAGED;
	return true;
}

/* The parent that most entries name (the one that is left when different ones cancel each other out). */
static bool index_parent(struct index_node *node, file_ref *parent)
{
	struct index_entry entry;
	struct file_name   name;
	struct error       why;
	size_t             ahead = 0;
	int                more;

	*parent = 0;
	while ((more = index_node_next(node, &entry, &why)) == 1) {
		if (entry.last || file_name_decode(entry.key, &name, &why) < 0 ||
		    entry.key.left != 0x42u + 2u * name.name_units)
			continue;
		if (!ahead)
			*parent = name.parent;
		ahead = *parent == name.parent ? ahead + 1 : ahead - 1;
	}
	return more == 0;
}

static bool find_index(struct bytes at, struct artefact *found)
{
	uint8_t            copy[CARVE_BLOCK_MAX];
	struct bytes       block;
	fixup_torn         torn;
	struct index_block index;
	struct error       why;
	bool               ended;

	if (!undo(at, copy, &block, &torn) || index_block_decode(block, &index, &why) < 0)
		return false;
	*found = (struct artefact){ .length = (uint32_t)block.left,
				    .kind = ARTEFACT_INDEX,
				    .when = index.lsn,
				    .index = { .vcn = index.vcn } };
	if (torn)
		found->flags |= ARTEFACT_TORN;
	ended = index_parent(&index.node, &found->index.parent);
	if (!ended)
		found->flags |= ARTEFACT_DAMAGED;
	return true;
}

/* -------- $LogFile -------- */

static bool find_log_page(struct bytes at, struct artefact *found)
{
	uint8_t      copy[CARVE_BLOCK_MAX];
	struct bytes block;
	fixup_torn   torn;

	if (!undo(at, copy, &block, &torn))
		return false;
	*found = (struct artefact){ .length = (uint32_t)block.left,
				    .kind = ARTEFACT_LOG_PAGE,
				    .flags = torn ? ARTEFACT_TORN : 0,
				    .when = le64_at(copy + 8) };
	return true;
}

static bool find_log_restart(struct bytes at, struct artefact *found)
{
	uint8_t      copy[CARVE_BLOCK_MAX];
	struct bytes block, area;
	fixup_torn   torn;

	if (!undo(at, copy, &block, &torn) || !bytes_sub(block, le16_at(copy + 0x18), 8, &area))
		return false;
	*found = (struct artefact){ .length = (uint32_t)block.left,
				    .kind = ARTEFACT_LOG_RESTART,
				    .flags = torn ? ARTEFACT_TORN : 0,
				    .when = le64_at(area.at), /* the current LSN */
				    .log = { .page_bytes = le32_at(copy + 0x14),
					     .major = le16_at(copy + 0x1c),
					     .minor = le16_at(copy + 0x1a) } };
	return true;
}

/* -------- the change journal -------- */

/* Is the record that @at begins with one that a driver would have written? */
static bool usn_record_at(struct bytes at, struct usn_record *record)
{
	struct error why;

	return usn_record_decode(at, record, &why) == 0 && usn_record_is_plausible(record, UINT64_MAX);
}

/* Records in a row, each with the USN that follows from its place, to the end of their page. */
static bool find_usn(struct bytes at, struct artefact *found)
{
	struct usn_record record;
	struct bytes      part;
	uint32_t          records = 0;
	uint64_t          first, next;

	if (!usn_record_at(at, &record) || record.usn % CARVE_STEP_BYTES)
		return false;
	first = next = record.usn;
	if (at.left > USN_PAGE_BYTES - first % USN_PAGE_BYTES)
		at.left = USN_PAGE_BYTES - first % USN_PAGE_BYTES;
	while (usn_record_at(at, &record) && record.usn == next && bytes_take(&at, record.whole.left, &part)) {
		next += part.left;
		records++;
	}
	*found = (struct artefact){ .length = (uint32_t)(next - first),
				    .kind = ARTEFACT_USN,
				    .when = first,
				    .usn = { .records = records } };
	return true;
}

/* -------- boot sectors, catalogues -------- */

static bool find_boot(struct bytes at, struct artefact *found)
{
	struct bytes    sector;
	struct geometry geometry;
	struct error    why;

	if (!bytes_sub(at, 0, BOOT_SECTOR_BYTES, &sector) || boot_sector_decode(sector, &geometry, &why) < 0)
		return false;
	*found = (struct artefact){ .length = BOOT_SECTOR_BYTES,
				    .kind = ARTEFACT_BOOT,
				    .boot = { geometry.serial, geometry.sectors, geometry.cluster_bytes } };
	return true;
}

static bool find_catalogue(struct bytes at, struct artefact *found)
{
	struct bytes           raw;
	struct catalogue_block block;
	struct error           why;

	if (!bytes_sub(at, 0, CATALOGUE_BLOCK_BYTES, &raw) || catalogue_block_decode(raw, &block, &why) < 0)
		return false;
	*found = (struct artefact){ .length = CATALOGUE_BLOCK_BYTES,
				    .kind = ARTEFACT_CATALOGUE,
				    .catalogue = { block.header.place_bytes, block.header.serial,
						   block.header.clusters, block.header.cluster_bytes,
						   block.header.generation } };
	return true;
}

/* -------- log text -------- */

#define TEXT_BEGINNING 64u /* bytes of a sector that must be text: programs hold the marks too */

/* Without branches, for all of them are looked at together. */
static bool is_text(const uint8_t at[TEXT_BEGINNING])
{
	unsigned controls = 0;

	for (size_t i = 0; i < TEXT_BEGINNING; i++)
		controls |= (at[i] < 0x20) & (at[i] != '\t') & (at[i] != '\n') & (at[i] != '\r');
	return !controls;
}

/* Does a mark of a record stand around the '!' at @place? */
static bool is_mark(struct bytes at, size_t place)
{
	struct bytes mark;

	return (place >= 1 && bytes_sub(at, place - 1, 7, &mark) && memcmp(mark.at, CMTRACE_BEGIN, 7) == 0) ||
	       (place >= 5 && bytes_sub(at, place - 5, 7, &mark) && memcmp(mark.at, CMTRACE_END, 7) == 0);
}

/* Is the first sector of @at text with a mark in it? */
static bool has_mark(struct bytes at)
{
	const uint8_t *place = at.at, *end = at.at + CARVE_STEP_BYTES;

	if (*place < '\t' || !is_text(place))
		return false;
	while ((place = memchr(place, '!', (size_t)(end - place)))) {
		if (is_mark(at, (size_t)(place - at.at)))
			return true;
		place++;
	}
	return false;
}

static bool find_log_text(struct bytes at, struct artefact *found)
{
	struct cmtrace_record record;

	if (!has_mark(at))
		return false;
	*found = (struct artefact){ .length = CARVE_STEP_BYTES, .kind = ARTEFACT_LOG_TEXT };
	if (at.left > 2 * CARVE_STEP_BYTES)
		at.left = 2 * CARVE_STEP_BYTES;
	while (!found->when && cmtrace_next(&at, &record))
		found->when = record.time;
	return true;
}

/* -------- one place -------- */

static bool recognise(struct bytes at, struct artefact *artefact)
{
	switch (le32_at(at.at)) {
	case MAGIC('F', 'I', 'L', 'E'):
	case MAGIC('B', 'A', 'A', 'D'):
		return find_record(at, artefact);
	case MAGIC('I', 'N', 'D', 'X'):
		return find_index(at, artefact);
	case MAGIC('R', 'C', 'R', 'D'):
		return find_log_page(at, artefact);
	case MAGIC('R', 'S', 'T', 'R'):
	case MAGIC('C', 'H', 'K', 'D'):
		return find_log_restart(at, artefact);
	case MAGIC('H', 'O', 'L', 'D'):
		return find_catalogue(at, artefact);
	}
	if (le32_at(at.at + 4) - 2 <= 2 && find_usn(at, artefact)) /* version 2 to 4 */
		return true;
	if (memcmp(at.at + 3, "NTFS    ", 8) == 0)
		return find_boot(at, artefact);
	return find_log_text(at, artefact);
}

bool carve_recognise(struct bytes at, struct artefact *artefact)
{
	struct artefact found;

	if (at.left < CARVE_STEP_BYTES || !recognise(at, &found))
		return false;
	found.offset = at.offset;
	*artefact = found;
	return true;
}

/* -------- many places -------- */

/* Is it the sector behind the text that was found last? */
static bool goes_on(const struct artefact *last, const struct artefact *artefact)
{
	return last && last->kind == ARTEFACT_LOG_TEXT && artefact->kind == ARTEFACT_LOG_TEXT &&
	       last->offset + last->length == artefact->offset;
}

/* The next place to look at behind what begins at @at of a window. */
static size_t behind(const struct artefact *artefact)
{
	if (artefact->flags)
		return CARVE_STEP_BYTES; /* something else may have been written into it */
	return ((size_t)artefact->length + CARVE_STEP_BYTES - 1) / CARVE_STEP_BYTES * CARVE_STEP_BYTES;
}

int carve_window(struct bytes window, size_t own_bytes, struct artefacts *found, struct error *err)
{
	size_t          first = found->count, step;
	struct artefact artefact;

	for (size_t at = 0; at < own_bytes && window.left - at >= CARVE_STEP_BYTES; at += step) {
		struct artefact *last = found->count > first ? &found->items[found->count - 1] : NULL;

		step = CARVE_STEP_BYTES;
		if (!carve_recognise((struct bytes){ window.at + at, window.left - at, window.offset + at },
				     &artefact))
			continue;
		step = behind(&artefact);
		if (goes_on(last, &artefact)) {
			last->length += artefact.length;
			last->when = last->when ? last->when : artefact.when;
		} else if (!array_push(found, artefact)) {
			return error_memory(err);
		}
		if (window.left - at < step)
			break;
	}
	return 0;
}

/* -------- the sweep -------- */

#define WINDOW_CHUNKS 64u /* that may be looked at before the first of them is handed over */

/* What was found in a chunk whose turn has not come. */
struct finished {
	struct artefacts found;
	bool             done;
};

struct sweep {
	struct evidence *evidence;
	struct range     range;
	struct evidence_digest *digest; /* or NULL */
	uint64_t         chunks;
	carve_take      *take;
	void            *context;
	struct workers   workers; /* whose lock is for what follows */
	uint64_t         next;    /* chunk to be looked at */
	uint64_t         turn;    /* chunk to be handed over */
	uint64_t         hashed;  /* chunk to be fed to the digest */
	bool             taking;  /* somebody is handing over, or has failed to */
	struct finished  window[WINDOW_CHUNKS]; /* from .turn on, by number */
};

/* The next chunk to be looked at; false when there is none, or a worker has failed. */
static bool next_chunk(struct sweep *sweep, uint64_t *chunk)
{
	struct workers *workers = &sweep->workers;
	bool            got;

	pthread_mutex_lock(&workers->lock);
	while (!workers->failed && sweep->next < sweep->chunks && sweep->next - sweep->turn == WINDOW_CHUNKS)
		pthread_cond_wait(&workers->changed, &workers->lock);
	got = !workers->failed && sweep->next < sweep->chunks;
	if (got)
		*chunk = sweep->next++;
	pthread_mutex_unlock(&workers->lock);
	return got;
}

/* Hand over the chunk whose turn it is; the lock is given up meanwhile, so that others can finish theirs. */
static int take_turn(struct sweep *sweep, struct error *err)
{
	const struct finished *first = &sweep->window[sweep->turn % WINDOW_CHUNKS];
	uint64_t               next = (sweep->turn + 1) * CARVE_CHUNK_BYTES;
	int                    result;

	if (next > sweep->range.length)
		next = sweep->range.length;
	pthread_mutex_unlock(&sweep->workers.lock);
	result = sweep->take(sweep->context, first->found.items, first->found.count, sweep->range.start + next, err);
	pthread_mutex_lock(&sweep->workers.lock);
	return result;
}

/* Hand over all that is finished from the window's beginning on. */
static int take_finished(struct sweep *sweep, struct error *err)
{
	sweep->taking = true;
	while (sweep->window[sweep->turn % WINDOW_CHUNKS].done) {
		if (sweep->workers.failed || take_turn(sweep, err) < 0)
			return -1;
		sweep->window[sweep->turn % WINDOW_CHUNKS].done = false;
		sweep->turn++;
		pthread_cond_broadcast(&sweep->workers.changed);
	}
	sweep->taking = false;
	return 0;
}

/* Put what was found in @chunk into the window. */
static int finish_chunk(struct sweep *sweep, uint64_t chunk, struct artefacts *found, struct error *err)
{
	struct finished *own = &sweep->window[chunk % WINDOW_CHUNKS];
	struct artefacts empty;
	int              result;

	pthread_mutex_lock(&sweep->workers.lock);
	empty = own->found;
	own->found = *found;
	own->done = true;
	*found = empty;
	result = sweep->taking ? 0 : take_finished(sweep, err);
	pthread_mutex_unlock(&sweep->workers.lock);
	return result;
}

/* Feed the digest with a chunk when all before it are in it. */
static int hash_in_turn(struct sweep *sweep, uint64_t chunk, const uint8_t *own, size_t length, struct error *err)
{
	struct workers *workers = &sweep->workers;
	bool            failed;

	pthread_mutex_lock(&workers->lock);
	while (!workers->failed && sweep->hashed != chunk)
		pthread_cond_wait(&workers->changed, &workers->lock);
	failed = workers->failed;
	pthread_mutex_unlock(&workers->lock);
	if (failed || evidence_digest_feed(sweep->digest, sweep->range.start + chunk * CARVE_CHUNK_BYTES, own, length,
					   err) < 0)
		return -1;
	pthread_mutex_lock(&workers->lock);
	sweep->hashed++;
	pthread_cond_broadcast(&workers->changed);
	pthread_mutex_unlock(&workers->lock);
	return 0;
}

/* Read one chunk, with what may be needed behind it, and look at it. */
static int look_at_chunk(struct sweep *sweep, uint64_t chunk, uint8_t *buffer, struct artefacts *found,
			 struct error *err)
{
	uint64_t      at = chunk * CARVE_CHUNK_BYTES, left = sweep->range.length - at;
	size_t        own = left < CARVE_CHUNK_BYTES ? (size_t)left : CARVE_CHUNK_BYTES;
	size_t        length = left < CARVE_CHUNK_BYTES + CARVE_BLOCK_MAX ? (size_t)left
									  : CARVE_CHUNK_BYTES + CARVE_BLOCK_MAX;
	struct ranges holes = { 0 };
	int           result;

	found->count = 0;
	result = evidence_read(sweep->evidence, sweep->range.start + at, buffer, length, &holes, err);
	array_release(&holes); /* zeros are nothing, and tear what they cut off */
	if (result == 0 && sweep->digest)
		result = hash_in_turn(sweep, chunk, buffer, own, err);
	if (result == 0)
		result = carve_window((struct bytes){ buffer, length, sweep->range.start + at }, own, found, err);
	return result;
}

static int look_at_chunks(void *work, struct error *err)
{
	struct sweep              *sweep = work;
	CLEANUP(free_ptr) uint8_t *buffer = aligned_alloc(CARVE_BLOCK_MAX, CARVE_CHUNK_BYTES + CARVE_BLOCK_MAX);
	struct artefacts           found = { 0 };
	uint64_t                   chunk;
	int                        result = buffer ? 0 : error_memory(err);

	while (result == 0 && next_chunk(sweep, &chunk)) {
		result = look_at_chunk(sweep, chunk, buffer, &found, err);
		if (result == 0)
			result = finish_chunk(sweep, chunk, &found, err);
	}
	array_release(&found);
	return result;
}

int carve_sweep(struct evidence *evidence, const struct carve_options *options, carve_take *take, void *context,
		struct error *err)
{
	struct range range = options->range;
	struct sweep sweep = { .evidence = evidence,
			       .digest = options->digest,
			       .take = take,
			       .context = context,
			       .workers = WORKERS_READY };
	int          result;

	if (range.start >= evidence->size_bytes)
		return 0;
	if (range.length > evidence->size_bytes - range.start)
		range.length = evidence->size_bytes - range.start;
	if (!range.length)
		return 0;
	sweep.range = range;
	sweep.chunks = (range.length - 1) / CARVE_CHUNK_BYTES + 1;
	result = workers_run(&sweep.workers, options->threads, look_at_chunks, &sweep, err);
	for (size_t i = 0; i < WINDOW_CHUNKS; i++)
		array_release(&sweep.window[i].found);
	return result;
}
