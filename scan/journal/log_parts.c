/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log_parts.c - see log_parts.h */
#include "scan/journal/log_parts.h"

#include "core/cleanup.h"
#include "core/endian.h"
#include "scan/fixup.h"
#include "scan/journal/log_apply.h"
#include "scan/mft_record.h"

#define RECORD_BYTES_DEFAULT 1024u
#define RECORD_BYTES_MAX     65536u
#define FIXUPS_AT            0x30u
#define ATTRIBUTE_LEAST      0x18u
#define ATTRIBUTE_LENGTH_AT  0x04u /* le32 */
#define INSTANCE_AT          0x0eu /* le16 */
#define ENTRY_LENGTH_AT      0x08u /* le16, in an index entry */

/* A known attribute of a record. */
struct part {
	size_t   at;    /* in the record */
	size_t   length;
	uint8_t *bytes; /* owned */
};

/* A record while its changes are followed. */
struct puzzle {
	struct log_history *history;
	log_fact_taker     *take;
	void               *to;
	struct ARRAY(struct part) parts;
	uint8_t            *image;
	uint32_t            record_bytes;
	bool                whole; /* the log has an image of this life: log_states.h tells of it */
	bool                torn;
	struct log_fact     last;
};

static void forget_from(struct puzzle *puzzle, size_t at)
{
	size_t kept = 0;

	for (size_t i = 0; i < puzzle->parts.count; i++) {
		if (puzzle->parts.items[i].at >= at)
			free(puzzle->parts.items[i].bytes);
		else
			puzzle->parts.items[kept++] = puzzle->parts.items[i];
	}
	puzzle->parts.count = kept;
}

/* -------- putting together -------- */

static int compare_parts(const void *one, const void *other)
{
	const struct part *a = one, *b = other;

	return log_compare(a->at, b->at);
}

static bool decode_part(const struct part *part, struct attribute *attribute)
{
	struct bytes whole = { part->bytes, part->length, 0 };
	struct error why;

	return attribute_next(&whole, attribute, &why) == 1;
}

/* Is there enough to tell a file by: where its content begins? */
static bool is_file(const struct puzzle *puzzle, uint16_t *links, uint16_t *next_instance)
{
	struct attribute attribute;
	bool             data = false;

	*links = *next_instance = 0;
	for (size_t i = 0; i < puzzle->parts.count; i++) {
		if (!decode_part(&puzzle->parts.items[i], &attribute))
			return false;
		if (attribute.instance >= *next_instance)
			*next_instance = (uint16_t)(attribute.instance + 1);
		*links = (uint16_t)(*links + (attribute.type == ATTRIBUTE_FILE_NAME));
		data |= attribute.type == ATTRIBUTE_DATA && !attribute.name.left && !attribute.lowest_vcn;
	}
	return data;
}

/* Lay the parts out as a record.  Returns the bytes in use, 0 where they have no room. */
static size_t lay_out(struct puzzle *puzzle, uint16_t links, uint16_t next_instance)
{
	uint8_t *image = puzzle->image;
	uint32_t strides = puzzle->record_bytes / FIXUP_STRIDE;
	size_t   at = (FIXUPS_AT + 2 * (strides + 1) + 7) / 8 * 8, first = at;

	memset(image, 0, puzzle->record_bytes);
	for (size_t i = 0; i < puzzle->parts.count; i++) {
		const struct part *part = &puzzle->parts.items[i];

		if (part->length > puzzle->record_bytes - at - 8)
			return 0;
		memcpy(image + at, part->bytes, part->length);
		at += part->length;
	}
	le32_put(image + at, ATTRIBUTE_END);
	memcpy(image, "FILE", 4);
	le16_put(image + 0x04, FIXUPS_AT);
	le16_put(image + 0x06, (uint16_t)(strides + 1));
	memcpy(image + 0x08, &(struct le64[]){ le64_make(puzzle->last.lsn) }, 8);
	le16_put(image + 0x10, file_ref_sequence(puzzle->last.file));
	le16_put(image + 0x12, links);
	le16_put(image + 0x14, (uint16_t)first);
	le16_put(image + 0x16, MFT_RECORD_IN_USE);
	le32_put(image + 0x18, (uint32_t)at + 8);
	le32_put(image + 0x1c, puzzle->record_bytes);
	le16_put(image + 0x28, next_instance);
	le32_put(image + 0x2c, (uint32_t)file_ref_record(puzzle->last.file));
	return at + 8;
}

/* The life ends here, or what is known of it does: tell it, and begin anew. */
static int finish(struct puzzle *puzzle, enum log_fact_event event, struct error *err)
{
	struct log_fact *fact = &puzzle->last;
	uint16_t         links, next_instance;
	size_t           in_use;
	int              result = 0;

	if (!puzzle->whole && puzzle->parts.count && is_file(puzzle, &links, &next_instance)) {
		fact->file = log_lives_at(&puzzle->history->lives, file_ref_record(fact->file), fact->lsn);
		qsort(puzzle->parts.items, puzzle->parts.count, sizeof *puzzle->parts.items, compare_parts);
		in_use = file_ref_sequence(fact->file) ? lay_out(puzzle, links, next_instance) : 0;
		fact->kind = LOG_FACT_RECORD;
		fact->event = event;
		fact->torn = puzzle->torn;
		fact->bytes = (struct bytes){ puzzle->image, in_use, 0 };
		if (in_use)
			result = puzzle->take(puzzle->to, fact, err);
	}
	forget_from(puzzle, 0);
	puzzle->whole = puzzle->torn = false;
	return result;
}

/* -------- following -------- */

static size_t aligned(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

static struct part *find_part(struct puzzle *puzzle, size_t at)
{
	for (size_t i = 0; i < puzzle->parts.count; i++)
		if (puzzle->parts.items[i].at == at)
			return &puzzle->parts.items[i];
	return NULL;
}

static size_t length_of_attribute(struct bytes data)
{
	size_t length = data.left < ATTRIBUTE_LEAST ? 0 : le32_at(data.at + ATTRIBUTE_LENGTH_AT);

	return length < ATTRIBUTE_LEAST || length > data.left || length % 8 ? 0 : length;
}

/* What lies from @old bytes behind @at on moves to @n bytes behind it; nothing leaves the record. */
static void move_parts(struct puzzle *puzzle, size_t at, size_t old, size_t n)
{
	for (size_t i = 0; i < puzzle->parts.count; i++)
		if (puzzle->parts.items[i].at >= at + old)
			puzzle->parts.items[i].at = puzzle->parts.items[i].at - old + n;
	forget_from(puzzle, puzzle->record_bytes);
}

static int add_part(struct puzzle *puzzle, size_t at, struct bytes data, struct error *err)
{
	struct part part = { at, length_of_attribute(data), NULL };

	if (!part.length || at % 8 || at >= puzzle->record_bytes) {
		forget_from(puzzle, at);
		return 0;
	}
	move_parts(puzzle, at, 0, part.length);
	part.bytes = malloc(part.length);
	if (part.bytes && array_push(&puzzle->parts, part)) {
		memcpy(part.bytes, data.at, part.length);
		return 0;
	}
	free(part.bytes);
	return error_memory(err);
}

static void remove_part(struct puzzle *puzzle, size_t at, struct bytes data)
{
	struct part *part = find_part(puzzle, at);
	size_t       length = part ? part->length : length_of_attribute(data);

	if (!length) {
		forget_from(puzzle, at);
		return;
	}
	if (part) {
		free(part->bytes);
		*part = puzzle->parts.items[--puzzle->parts.count];
	}
	move_parts(puzzle, at, length, 0);
}

/* A record that has nothing but the part, with the change done to it.  Returns the attribute's length, 0 if it does not fit. */
static size_t change_alone(struct puzzle *puzzle, const struct part *part, struct log_change change)
{
	size_t at = FIXUPS_AT + 8, length;

	if (part->length > RECORD_BYTES_MAX / 2)
		return 0;
	memset(puzzle->image, 0, RECORD_BYTES_MAX);
	memcpy(puzzle->image + at, part->bytes, part->length);
	le32_put(puzzle->image + at + part->length, ATTRIBUTE_END);
	le32_put(puzzle->image + 0x18, (uint32_t)(at + part->length + 8));
	change.record_offset = (uint16_t)at;
	if (!log_apply(&change, LOG_FORWARD, puzzle->image, RECORD_BYTES_MAX))
		return 0;
	length = le32_at(puzzle->image + at + ATTRIBUTE_LENGTH_AT);
	return length_of_attribute((struct bytes){ puzzle->image + at, length < RECORD_BYTES_MAX - at ? length : 0, 0 });
}

static int change_part(struct puzzle *puzzle, struct part *part, const struct log_change *change, struct error *err)
{
	size_t   at = part->at, old = part->length, length = change_alone(puzzle, part, *change);
	uint8_t *grown;

	if (!length) {
		forget_from(puzzle, at);
		return 0;
	}
	grown = realloc(part->bytes, length);
	if (!grown)
		return error_memory(err);
	memcpy(grown, puzzle->image + FIXUPS_AT + 8, length);
	part->bytes = grown;
	part->length = length;
	move_parts(puzzle, at, old, length);
	return 0;
}

/*
 * How much a change moves what is behind an attribute that is not known.
 * @old, @n  bytes before and after it, counted from the same place; false where it does not say
 */
static bool resized(const struct log_change *change, size_t *old, size_t *n)
{
	struct bytes entry = change->redo == LOG_ADD_INDEX_ENTRY_ROOT ? change->redo_data : change->undo_data;

	*old = *n = 0;
	switch (change->redo) {
	case LOG_UPDATE_RESIDENT_VALUE:
	case LOG_UPDATE_MAPPING_PAIRS:
		if (change->undo == LOG_COMPENSATION)
			return false;
		*old = aligned(change->attribute_offset + change->undo_data.left);
		*n = aligned(change->attribute_offset + change->redo_data.left);
		return true;
	case LOG_ADD_INDEX_ENTRY_ROOT:
	case LOG_DELETE_INDEX_ENTRY_ROOT:
		if (entry.left < ENTRY_LENGTH_AT + 2)
			return false;
		*(change->redo == LOG_ADD_INDEX_ENTRY_ROOT ? n : old) = aligned(le16_at(entry.at + ENTRY_LENGTH_AT));
		return true;
	case LOG_WRITE_END_OF_FILE_RECORD:
		return false;
	default:
		return true;
	}
}

static int follow(struct puzzle *puzzle, const struct log_change *change, struct error *err)
{
	size_t       at = change->record_offset, old, n;
	struct part *part;

	if (!log_changes_file_record(change->redo))
		return 0;
	if (change->redo_cut || change->undo_cut)
		forget_from(puzzle, at);
	if (change->redo == LOG_CREATE_ATTRIBUTE)
		return add_part(puzzle, at, change->redo_data, err);
	part = find_part(puzzle, at);
	if (change->redo == LOG_DELETE_ATTRIBUTE)
		remove_part(puzzle, at, change->undo_data);
	else if (part)
		return change_part(puzzle, part, change, err);
	else if (resized(change, &old, &n))
		move_parts(puzzle, at, old, n);
	else
		forget_from(puzzle, at);
	return 0;
}

/* -------- all changes -------- */

/* Is there an image of the life that goes on with this change?  Of one that begins without, nothing is known. */
static bool has_image(const struct log_change *change)
{
	return change->redo == LOG_INITIALIZE_FILE_RECORD || change->undo == LOG_INITIALIZE_FILE_RECORD;
}

static bool is_border(const struct log_change *change)
{
	return has_image(change) || change->redo == LOG_DEALLOCATE_FILE_RECORD ||
	       change->undo == LOG_DEALLOCATE_FILE_RECORD;
}

static int step(void *to, const struct log_change *change, const struct log_fact *fact, bool joined, struct error *err)
{
	struct puzzle *puzzle = to;

	if (!joined && finish(puzzle, LOG_SEEN, err) < 0)
		return -1;
	if (is_border(change)) {
		if (finish(puzzle, LOG_REMOVED, err) < 0)
			return -1;
		puzzle->whole = has_image(change) && change->redo != LOG_DEALLOCATE_FILE_RECORD;
	} else if (!puzzle->whole && follow(puzzle, change, err) < 0) {
		return -1;
	}
	puzzle->last = *fact;
	puzzle->torn |= fact->torn;
	return 0;
}

int log_history_parts(struct log_history *history, log_fact_taker *take, void *to, struct error *err)
{
	CLEANUP(free_ptr) uint8_t *image = malloc(RECORD_BYTES_MAX);
	struct puzzle              puzzle = { .history = history, .take = take, .to = to, .image = image };
	int                        result;

	puzzle.record_bytes = history->record_bytes ? history->record_bytes : RECORD_BYTES_DEFAULT;
	if (!image)
		return error_memory(err);
	result = log_history_changes(history, step, &puzzle, err);
	if (result == 0)
		result = finish(&puzzle, LOG_SEEN, err);
	forget_from(&puzzle, 0);
	array_release(&puzzle.parts);
	return result;
}
