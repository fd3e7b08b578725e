/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_file.c - see log_file.h */
#include "scan/journal/log_file.h"

#include "core/cleanup.h"

#include <stdlib.h>

#define SECTOR_BYTES    REDO_SECTOR_BYTES
#define SYSTEM_PAGE_MAX 65536u

/* -------- restart pages -------- */

/* Look for a restart page at @offset; the newer of two is kept. */
static int try_restart(struct log_file *log, uint8_t *page, uint64_t offset, struct error *err)
{
	struct log_restart found;
	struct error       why;
	uint64_t           size = log->reader.size_bytes;

	if (offset >= size)
		return 0;
	size = size - offset < SYSTEM_PAGE_MAX ? size - offset : SYSTEM_PAGE_MAX;
	if (log->reader.read(log->reader.of, offset, page, size, err) < 0)
		return -1;
	if (log_restart_decode(page, size, offset, &found, &why) < 0 ||
	    (offset && offset != found.system_page_bytes) ||
	    (log->has_restart && found.current_lsn <= log->restart.current_lsn))
		return 0;
	log->has_restart = true;
	log->restart = found;
	return 0;
}

/* The second page lies behind the first one, whose size may be lost with it. */
static int read_restarts(struct log_file *log, struct error *err)
{
	CLEANUP(free_ptr) uint8_t *page = malloc(SYSTEM_PAGE_MAX);

	if (!page)
		return error_memory(err);
	if (try_restart(log, page, 0, err) < 0)
		return -1;
	for (uint64_t offset = SECTOR_BYTES; offset <= SYSTEM_PAGE_MAX; offset *= 2)
		if (try_restart(log, page, offset, err) < 0)
			return -1;
	return 0;
}

/* -------- layout -------- */

/*
 * Where no restart page is left: the last LSN of a page points into the page itself, so the pages
 * vote on how many bits are its place.
 */
static int vote_layout(struct log_file *log, struct error *err)
{
	struct log_layout layout = log_layout_default(log->reader.size_bytes);
	uint64_t          votes[LSN_SEQUENCE_BITS_MAX + 1] = { 0 };
	unsigned          best = layout.sequence_bits;
	uint8_t           start[16];

	for (uint64_t offset = 0; offset < layout.ring_end; offset += layout.page_bytes) {
		if (log->reader.read(log->reader.of, offset, start, sizeof start, err) < 0)
			return -1;
		if (memcmp(start, "RCRD", 4) != 0)
			continue;
		for (layout.sequence_bits = LSN_SEQUENCE_BITS_LEAST; layout.sequence_bits <= LSN_SEQUENCE_BITS_MAX;
		     layout.sequence_bits++)
			votes[layout.sequence_bits] +=
				lsn_offset(&layout, le64_at(start + 8)) / layout.page_bytes == offset / layout.page_bytes;
	}
	for (unsigned bits = LSN_SEQUENCE_BITS_LEAST; bits <= LSN_SEQUENCE_BITS_MAX; bits++)
		if (votes[bits] > votes[best])
			best = bits;
	layout.sequence_bits = best;
	log->layout = layout;
	return 0;
}

/* Of pages from anywhere: no pass is told from a place, so there is one ring without an end. */
static struct log_layout scattered_layout(void)
{
	struct log_layout layout = log_layout_default(0);

	layout.sequence_bits = LSN_SEQUENCE_BITS_LEAST;
	layout.ring_start = 0;
	layout.ring_end = UINT64_MAX;
	return layout;
}

static int find_layout(struct log_file *log, struct error *err)
{
	if (log->reader.scattered) {
		log->layout = scattered_layout();
		return 0;
	}
	if (read_restarts(log, err) < 0 || (!log->has_restart && vote_layout(log, err) < 0))
		return -1;
	if (log->has_restart)
		log->layout = log->restart.layout;
	return 0;
}

/* -------- pages -------- */

static uint64_t page_start(const struct log_layout *layout, uint64_t offset)
{
	return offset - offset % layout->page_bytes;
}

static bool is_page_place(const struct log_layout *layout, uint64_t offset)
{
	return offset % layout->page_bytes == 0 && offset >= layout->ring_start && offset < layout->ring_end;
}

/* Load the page that lies at @offset into .block.  1, 0 when there is none, -1 to stop. */
static int load_page(struct log_file *log, uint64_t offset, struct error *err)
{
	struct error why;

	log->loaded = SIZE_MAX;
	if (log->reader.read(log->reader.of, offset, log->block, log->layout.page_bytes, err) < 0)
		return -1;
	return log_page_decode(log->block, log->layout.page_bytes, offset, &log->page, &why) == 0;
}

/* The LSN of a page that belongs at @offset, and that the record @lsn has bytes in. */
static uint64_t page_lsn(const struct log_layout *layout, uint64_t offset, uint64_t lsn)
{
	bool wrapped = offset < page_start(layout, lsn_offset(layout, lsn));

	return lsn_make(layout, lsn_pass(layout, lsn) + wrapped, offset);
}

/* The LSN of the page in which the record @lsn begins. */
static uint64_t page_of_record(const struct log_layout *layout, uint64_t lsn)
{
	return page_lsn(layout, page_start(layout, lsn_offset(layout, lsn)), lsn);
}

/*
 * Where the page in .block belongs.  A page in which its last record begins is known by that alone;
 * else a copy says where it belongs, and any other page lies there.  Of pages from anywhere one in which no
 * record begins belongs nowhere.
 */
static struct log_page_place place_page(const struct log_file *log)
{
	const struct log_layout *layout = &log->layout;
	const struct log_page   *page = &log->page;
	struct log_header        header;
	struct log_page_place    place = { .offset = page->whole.offset, .last_lsn = page->last_lsn, .torn = page->torn,
					   .first = layout->page_bytes, .end = page->free_offset };
	uint64_t                 belongs = page->whole.offset;
	size_t                   at = 0;

	if (lsn_offset(layout, page->last_lsn) % layout->page_bytes < layout->data_offset) { /* no LSN: a tail copy */
		if (is_page_place(layout, page->last_lsn))
			belongs = page->last_lsn;
		place.last_lsn = page->last_end_lsn;
	} else if (is_page_place(layout, page->copy_offset)) {
		belongs = page->copy_offset;
	}
	place.lsn = page_of_record(layout, place.last_lsn);
	if (!log_page_next(page, layout, place.lsn, &at, &header)) {
		place.lsn = log->reader.scattered ? page_of_record(layout, page->last_end_lsn)
						  : page_lsn(layout, belongs, place.last_lsn);
		if (!log_page_next(page, layout, place.lsn, &at, &header)) {
			if (log->reader.scattered)
				place.lsn = 0; /* nowhere */
			return place;
		}
	}
	place.first = (uint32_t)at;
	return place;
}

/* Of copies the whole one, then the newest, then the first comes first. */
static int compare_pages(const void *one, const void *other)
{
	const struct log_page_place *a = one, *b = other;
	int                          order = log_compare(a->lsn, b->lsn);

	if (!order)
		order = log_compare(a->torn != 0, b->torn != 0);
	if (!order)
		order = log_compare(b->last_lsn, a->last_lsn);
	return order ? order : log_compare(a->offset, b->offset);
}

static int find_pages(struct log_file *log, struct error *err)
{
	uint32_t page_bytes = log->layout.page_bytes;
	int      got;

	for (uint64_t offset = 0; log->reader.size_bytes - offset >= page_bytes; offset += page_bytes) {
		got = load_page(log, offset, err);
		if (got < 0)
			return -1;
		if (got && !array_push(&log->pages, place_page(log)))
			return error_memory(err);
	}
	if (log->pages.count)
		qsort(log->pages.items, log->pages.count, sizeof *log->pages.items, compare_pages);
	return 0;
}

/* The best page with this LSN, or SIZE_MAX. */
static size_t find_page(const struct log_file *log, uint64_t lsn)
{
	size_t first = partition_point(0, log->pages.count, at, log->pages.items[at].lsn < lsn);

	return first < log->pages.count && log->pages.items[first].lsn == lsn ? first : SIZE_MAX;
}

/*
 * The page that is written after the one with @lsn.  Where its place is behind the end of the ring, but a
 * page has it, the end is not known: pages by themselves, or a log whose restart pages are lost.
 */
static uint64_t next_page(const struct log_file *log, uint64_t lsn)
{
	uint64_t next = lsn + log->layout.page_bytes / LOG_UNIT_BYTES;

	return find_page(log, next) != SIZE_MAX ? next : lsn_next_page(&log->layout, lsn);
}

/* -------- records -------- */

/* A part of a record's data, in one page. */
struct piece {
	size_t page;
	size_t at;
	size_t n;
	size_t left; /* bytes of the record behind this part */
};

static struct piece first_piece(const struct log_file *log, const struct log_record_place *place)
{
	size_t at = place->at + log->layout.header_bytes, room = log->layout.page_bytes - at;
	size_t n = place->data_bytes < room ? place->data_bytes : room;

	return (struct piece){ place->page, at, n, place->data_bytes - n };
}

/* Where the record @lsn goes on.  False at its end, and where what is there belongs to something else. */
static bool next_piece(const struct log_file *log, uint64_t lsn, struct piece *piece)
{
	const struct log_layout *layout = &log->layout;
	size_t                   page, room = layout->page_bytes - layout->data_offset;
	size_t                   n = piece->left < room ? piece->left : room;

	if (!piece->left)
		return false;
	page = find_page(log, next_page(log, log->pages.items[piece->page].lsn));
	if (page == SIZE_MAX || log->pages.items[page].first < layout->data_offset + n ||
	    log->pages.items[page].last_lsn < lsn)
		return false;
	*piece = (struct piece){ page, layout->data_offset, n, piece->left - n };
	return true;
}

/* What is wrong with a record; @end is its last part. */
static uint8_t judge_record(const struct log_file *log, const struct log_record_place *place, struct piece *end)
{
	struct piece piece = first_piece(log, place);
	bool         torn = fixup_touches(log->pages.items[piece.page].torn, place->at,
					  log->layout.header_bytes + piece.n);

	while (next_piece(log, place->lsn, &piece))
		torn |= fixup_touches(log->pages.items[piece.page].torn, piece.at, piece.n);
	*end = piece;
	return (uint8_t)((torn ? LOG_RECORD_TORN : 0) | (piece.left ? LOG_RECORD_CUT : 0));
}

/* All records that begin in one page. */
static int find_in_page(struct log_file *log, size_t index, struct error *err)
{
	struct log_header header;
	struct piece      end;

	for (size_t at = 0; log_page_next(&log->page, &log->layout, log->pages.items[index].lsn, &at, &header);
	     at += log->layout.header_bytes + header.data_bytes) {
		struct log_record_place place = {
			.lsn = header.lsn, .previous = header.previous, .undo_next = header.undo_next,
			.transaction = header.transaction, .page = (uint32_t)index,
			.data_bytes = header.data_bytes, .at = (uint16_t)at, .type = (uint8_t)header.type,
		};

		place.flags = judge_record(log, &place, &end);
		if (!array_push(&log->records, place))
			return error_memory(err);
	}
	return 0;
}

/* Of the same record in several pages the best comes first; pages are in order already. */
static int compare_records(const void *one, const void *other)
{
	const struct log_record_place *a = one, *b = other;
	int                            order = log_compare(a->lsn, b->lsn);

	if (!order)
		order = log_compare(a->flags, b->flags);
	return order ? order : log_compare(a->page, b->page);
}

static void drop_copies(struct log_file *log)
{
	struct log_record_place *items = log->records.items;
	size_t                   kept = 0;

	for (size_t i = 0; i < log->records.count; i++)
		if (!kept || items[kept - 1].lsn != items[i].lsn)
			items[kept++] = items[i];
	log->records.count = kept;
}

/* True if nothing can have been between a record that ends with @end and the one at @lsn. */
static bool follows(const struct log_file *log, struct piece end, uint64_t lsn)
{
	const struct log_layout     *layout = &log->layout;
	const struct log_page_place *page = &log->pages.items[end.page];
	size_t                       at = (end.at + end.n + LOG_UNIT_BYTES - 1) / LOG_UNIT_BYTES * LOG_UNIT_BYTES;

	if (at < layout->page_bytes && lsn == page->lsn + at / LOG_UNIT_BYTES)
		return true;
	return lsn == next_page(log, page->lsn) + layout->data_offset / LOG_UNIT_BYTES &&
	       (page->end <= at || layout->page_bytes - at < layout->header_bytes);
}

/* An older state of a page knows of no later record; the one behind it may. */
static bool is_previous_lost(const struct log_record_place *before, const struct log_record_place *place)
{
	return place->previous > before->lsn && place->previous < place->lsn;
}

static int mark_gaps(struct log_file *log, struct error *err)
{
	struct log_record_place *items = log->records.items;
	struct piece             end;

	for (size_t i = 0; i < log->records.count; i++) {
		if (i && !is_previous_lost(&items[i - 1], &items[i]) &&
		    !(judge_record(log, &items[i - 1], &end) & LOG_RECORD_CUT) && follows(log, end, items[i].lsn))
			continue;
		items[i].flags |= LOG_RECORD_GAP;
		if (!array_push(&log->gaps, items[i].lsn))
			return error_memory(err);
	}
	return 0;
}

static int find_records(struct log_file *log, struct error *err)
{
	for (size_t i = 0; i < log->pages.count; i++) {
		if (log->pages.items[i].first == log->layout.page_bytes)
			continue;
		if (load_page(log, log->pages.items[i].offset, err) < 0 || find_in_page(log, i, err) < 0)
			return -1;
	}
	if (log->records.count)
		qsort(log->records.items, log->records.count, sizeof *log->records.items, compare_records);
	drop_copies(log);
	return mark_gaps(log, err);
}

/* -------- for everybody -------- */

static int judge_content(struct log_file *log, struct error *err)
{
	uint8_t            sector[SECTOR_BYTES];
	struct redo_header header;
	struct error       why;

	if (log->reader.size_bytes < sizeof sector || log->reader.scattered)
		return 0;
	if (log->reader.read(log->reader.of, 0, sector, sizeof sector, err) < 0)
		return -1;
	log->content = log_content_judge((struct bytes){ sector, sizeof sector, 0 }, &header, &why);
	return 0;
}

int log_file_open(struct log_file *log, const struct log_reader *reader, struct error *err)
{
	*log = (struct log_file){ .reader = *reader, .loaded = SIZE_MAX };
	if (judge_content(log, err) < 0)
		return -1;
	if (log->content == LOG_RUN || log->content == LOG_STRANGE || reader->size_bytes < SECTOR_BYTES)
		return 0;
	if (find_layout(log, err) < 0)
		return -1;
	log->block = malloc(log->layout.page_bytes);
	log->data = malloc(LOG_DATA_MAX);
	if (!log->block || !log->data)
		return error_memory(err);
	return find_pages(log, err) < 0 || find_records(log, err) < 0 ? -1 : 0;
}

void log_file_release(struct log_file *log)
{
	array_release(&log->pages);
	array_release(&log->records);
	array_release(&log->gaps);
	free(log->block);
	free(log->data);
	*log = (struct log_file){ 0 };
}

/* Copy one part of a record's data; the page in .block is kept for the next one. */
static int copy_piece(struct log_file *log, struct piece piece, uint8_t *to, struct error *err)
{
	if (log->loaded != piece.page) {
		if (load_page(log, log->pages.items[piece.page].offset, err) < 0)
			return -1;
		log->loaded = piece.page;
	}
	memcpy(to, log->block + piece.at, piece.n);
	return 0;
}

int log_file_record(struct log_file *log, size_t index, struct log_record *record, struct error *err)
{
	const struct log_record_place *place = &log->records.items[index];
	uint64_t                       offset = log->pages.items[place->page].offset + place->at;
	struct piece                   piece = first_piece(log, place);
	size_t                         n = 0;

	do {
		if (copy_piece(log, piece, log->data + n, err) < 0)
			return -1;
		n += piece.n;
	} while (next_piece(log, place->lsn, &piece));
	*record = (struct log_record){
		.place = *place,
		.offset = offset,
		.data = { log->data, n, offset + log->layout.header_bytes },
	};
	return 0;
}

const struct log_record_place *log_file_find(const struct log_file *log, uint64_t lsn)
{
	size_t first = partition_point(0, log->records.count, at, log->records.items[at].lsn < lsn);

	return first < log->records.count && log->records.items[first].lsn == lsn ? &log->records.items[first]
										  : NULL;
}

size_t log_file_stretch(const struct log_file *log, uint64_t lsn)
{
	return partition_point(0, log->gaps.count, at, log->gaps.items[at] <= lsn);
}

static int read_bytes(void *of, uint64_t offset, uint8_t *to, size_t n, struct error *err)
{
	const struct bytes *bytes = of;
	struct bytes        part;

	(void)err;
	memset(to, 0, n);
	if (offset < bytes->left &&
	    bytes_sub(*bytes, offset, n < bytes->left - offset ? n : bytes->left - offset, &part))
		memcpy(to, part.at, part.left);
	return 0;
}

struct log_reader log_reader_of(const struct bytes *bytes)
{
	return (struct log_reader){ .read = read_bytes, .of = (void *)(uintptr_t)bytes, .size_bytes = bytes->left };
}
