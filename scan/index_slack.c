/* SPDX-License-Identifier: GPL-3.0-or-later */
/* index_slack.c - see index_slack.h */
#include "scan/index_slack.h"

#include "core/endian.h"

#define BLOCK_STEP 8u  /* entries of a block are aligned */
#define RECORD_STEP 4u /* those in a record are no more once something has moved */

/* FILE_ATTRIBUTE_* that a driver writes into a $FILE_NAME, with its own for directories and view indexes. */
#define ATTRIBUTES_KNOWN 0x305ffff7u
#define TAG_RESERVED 0x0fff0000u /* bits that no tag of a reparse point has */
#define EA_BYTES_MAX 0xffffu     /* which stand in the place of a tag where there is none */

/* -------- one entry, by itself -------- */

static bool is_plausible_ref(file_ref ref, uint64_t records)
{
	return file_ref_sequence(ref) && file_ref_record(ref) < records;
}

static size_t entry_length(const struct index_entry_head *head)
{
	size_t length = (INDEX_ENTRY_HEAD_BYTES + head->key_length + 7u) / 8 * 8;

	return head->flags & INDEX_ENTRY_HAS_CHILD ? length + 8 : length;
}

/* What lies between the first byte of an entry and the units of its text: all of it, without a head, its end alone. */
#define UNITS_AT_ENTRY (INDEX_ENTRY_HEAD_BYTES + UNITS_AT_VALUE)
#define UNITS_AT_VALUE (FILE_NAME_HEAD_BYTES - 2)
#define UNITS_AT_END   (FILE_NAME_HEAD_BYTES - FILE_NAME_ATTRIBUTES - 2)

/* If the length of a text stood @units bytes on, and its name space: can they be that?  Most bytes cannot. */
static inline bool may_be_text(struct bytes from, size_t units)
{
	return units + 2 <= from.left && from.at[units] && from.at[units + 1] <= NAME_WIN32_AND_DOS;
}

/* A whole entry, or one whose text is cut by the end of the bytes.  This and the next two: where a text may be. */
static bool read_entry(struct bytes from, uint64_t records, struct index_remnant *remnant)
{
	struct bytes            value = from;
	struct index_entry_head head;
	struct error            why;
	size_t                  length;

	if (!index_entry_head_read(&value, &head) || head.flags & ~INDEX_ENTRY_HAS_CHILD ||
	    head.length != entry_length(&head) ||
	    head.key_length != FILE_NAME_HEAD_BYTES + 2u * value.at[UNITS_AT_VALUE] ||
	    !is_plausible_ref(head.ref, records) || file_name_decode_cut(value, &remnant->name, &why) < 0 ||
	    !file_name_is_plausible(&remnant->name, records))
		return false;
	length = head.length < from.left ? head.length : from.left;
	remnant->file = head.ref;
	remnant->known = INDEX_KNOWS_FILE | INDEX_KNOWS_PARENT | INDEX_KNOWS_TIMES;
	remnant->cut = remnant->name.name.left < 2u * remnant->name.name_units;
	return bytes_sub(from, 0, length, &remnant->whole);
}

/* The length of a $FILE_NAME, and what follows it up to where the next entry may begin. */
static size_t padded(struct bytes from, size_t length)
{
	length = (length + 7) / 8 * 8;
	return length < from.left ? length : from.left;
}

static bool has_plausible_numbers(const struct file_name *name)
{
	return !(name->attributes & ~ATTRIBUTES_KNOWN) && name->allocated_bytes <= INT64_MAX &&
	       name->size_bytes <= INT64_MAX;
}

/* An entry without its head, and perhaps without some of its parent's reference. */
static bool read_value(struct bytes from, uint64_t records, struct index_remnant *remnant)
{
	struct error why;

	if (from.left < FILE_NAME_HEAD_BYTES + 2u * from.at[UNITS_AT_VALUE] ||
	    file_name_decode(from, &remnant->name, &why) < 0 ||
	    !file_name_times_are_plausible(&remnant->name.times) || !has_plausible_numbers(&remnant->name) ||
	    !file_name_is_text(remnant->name.name))
		return false;
	remnant->known = INDEX_KNOWS_TIMES;
	if (is_plausible_ref(remnant->name.parent, records))
		remnant->known |= INDEX_KNOWS_PARENT;
	else
		remnant->name.parent = 0;
	return bytes_sub(from, 0, padded(from, FILE_NAME_HEAD_BYTES + remnant->name.name.left),
			 &remnant->whole);
}

/* The end of an entry: attributes and text. */
static bool read_end(struct bytes from, struct index_remnant *remnant)
{
	const size_t end_bytes = UNITS_AT_END + 2;
	uint8_t      head[FILE_NAME_HEAD_BYTES];
	struct error why;
	uint32_t     attributes = le32_at(from.at), tag = le32_at(from.at + 4);

	if (!attributes || attributes & ~ATTRIBUTES_KNOWN ||
	    (attributes & FILE_IS_REPARSE_POINT ? tag & TAG_RESERVED : tag > EA_BYTES_MAX))
		return false;
	memset(head, 0, FILE_NAME_ATTRIBUTES);
	memcpy(head + FILE_NAME_ATTRIBUTES, from.at, end_bytes);
	if (file_name_decode_cut((struct bytes){ head, sizeof head, from.offset }, &remnant->name, &why) <
		    0 ||
	    !bytes_sub(from, end_bytes, 2u * remnant->name.name_units, &remnant->name.name) ||
	    !file_name_is_text(remnant->name.name))
		return false;
	return bytes_sub(from, 0, padded(from, end_bytes + remnant->name.name.left), &remnant->whole);
}

/* What begins with the first byte, if anything does. */
static bool read_any(struct bytes from, uint64_t records, struct index_remnant *remnant)
{
	return (may_be_text(from, UNITS_AT_ENTRY) && read_entry(from, records, remnant)) ||
	       (may_be_text(from, UNITS_AT_VALUE) && read_value(from, records, remnant)) ||
	       (may_be_text(from, UNITS_AT_END) && read_end(from, remnant));
}

/* -------- blocks and records -------- */

static void begin(struct index_slack *slack, struct bytes rest, const uint8_t *start, fixup_torn torn,
		  uint64_t records, size_t step)
{
	*slack = (struct index_slack){
		.node = { .ended = true },
		.rest = rest,
		.start = start,
		.torn = torn,
		.records = records,
		.step = step,
	};
}

/* What @whole holds from byte @start on, which may be nothing. */
static struct bytes behind(struct bytes whole, size_t start)
{
	struct bytes head;

	(void)bytes_take(&whole, start < whole.left ? start : whole.left, &head);
	return whole;
}

/* Where a block's head ends: node header and fix-up array, whose bytes are anything. */
static size_t head_bytes(struct bytes block)
{
	size_t end = le16_at(block.at + 4) + 2u * le16_at(block.at + 6);

	return end > INDEX_BLOCK_HEADER_BYTES && end <= FIXUP_STRIDE ? (end + 7) / 8 * 8
								     : INDEX_BLOCK_HEADER_BYTES;
}

void index_slack_block(struct index_slack *slack, struct bytes block, fixup_torn torn, bool in_use,
		       uint64_t records)
{
	struct index_block decoded;
	struct error       why;

	begin(slack, behind(block, INDEX_BLOCK_HEADER_BYTES), block.at, torn, records, BLOCK_STEP);
	if (index_block_decode(block, &decoded, &why) < 0)
		return;
	slack->rest = behind(block, head_bytes(block));
	slack->lsn = decoded.lsn;
	if (in_use)
		slack->node = decoded.node;
}

void index_slack_root(struct index_slack *slack, struct bytes slot, fixup_torn torn, struct bytes value,
		      uint64_t records)
{
	struct index_root root;
	struct error      why;

	begin(slack, value, slot.at, torn, records, RECORD_STEP);
	if (index_root_decode(value, &root, &why) == 0)
		slack->node = root.node;
}

void index_slack_record(struct index_slack *slack, struct bytes slot, fixup_torn torn, size_t in_use_bytes,
			uint64_t records)
{
	size_t start = (in_use_bytes + RECORD_STEP - 1) / RECORD_STEP * RECORD_STEP;

	begin(slack, behind(slot, start), slot.at, torn, records, RECORD_STEP);
}

static bool is_torn(const struct index_slack *slack, struct bytes whole)
{
	return fixup_touches(slack->torn, (size_t)(whole.at - slack->start), whole.left);
}

/* The next entry of the node.  At its end, or where it is damaged, the rest begins. */
static bool next_in_use(struct index_slack *slack, struct index_remnant *remnant)
{
	struct index_entry entry;
	struct error       why;

	while (index_node_next(&slack->node, &entry, &why) == 1) {
		slack->rest = behind(slack->rest, (size_t)(slack->node.entries.at - slack->rest.at));
		if (file_name_decode(entry.key, &remnant->name, &why) < 0)
			continue;
		remnant->in_use = true;
		remnant->known = INDEX_KNOWS_FILE | INDEX_KNOWS_PARENT | INDEX_KNOWS_TIMES;
		remnant->file = entry.ref;
		remnant->whole = entry.whole;
		return true;
	}
	slack->node.ended = true;
	return false;
}

/* Can any of the three forms begin here?  In most places none can. */
static inline bool may_begin(struct bytes from)
{
	return may_be_text(from, UNITS_AT_ENTRY) || may_be_text(from, UNITS_AT_VALUE) || may_be_text(from, UNITS_AT_END);
}

/* The zeroes that @from begins with, to the last 32 of them or to its end. */
static size_t zeroes(struct bytes from)
{
	uint64_t part[4];
	size_t   count = 0;

	for (; count + sizeof part <= from.left; count += sizeof part) {
		memcpy(part, from.at + count, sizeof part);
		if (part[0] | part[1] | part[2] | part[3])
			return count;
	}
	while (count < from.left && !from.at[count])
		count++;
	return count;
}

/* Where nothing can begin, neither can it further on in zeroes: what is left from the next place to look at on. */
static struct bytes next_place(struct bytes rest, size_t step)
{
	struct bytes texts = behind(rest, UNITS_AT_END);
	size_t       empty = zeroes(texts);

	if (empty == texts.left)
		return behind(rest, rest.left);
	if (empty <= UNITS_AT_ENTRY - UNITS_AT_END)
		return behind(rest, step);
	return behind(rest, (empty - (UNITS_AT_ENTRY - UNITS_AT_END) + step - 1) / step * step);
}

/* Does a whole entry begin in what looks like the end of one?  Then that is no end, or is written over. */
static bool hides_entry(const struct index_slack *slack, size_t size)
{
	struct index_remnant inner;

	for (size_t at = slack->step; at < size; at += slack->step)
		if (may_be_text(behind(slack->rest, at), UNITS_AT_ENTRY) &&
		    read_entry(behind(slack->rest, at), slack->records, &inner))
			return true;
	return false;
}

static bool next_left_over(struct index_slack *slack, struct index_remnant *remnant)
{
	while (slack->rest.left) {
		if (!may_begin(slack->rest)) {
			slack->rest = next_place(slack->rest, slack->step);
		} else if (!read_any(slack->rest, slack->records, remnant)) {
			slack->rest = behind(slack->rest, slack->step);
		} else if (!(remnant->known & INDEX_KNOWS_FILE) && hides_entry(slack, remnant->whole.left)) {
			*remnant = (struct index_remnant){ 0 };
			slack->rest = behind(slack->rest, slack->step);
		} else {
			slack->rest = behind(slack->rest, remnant->whole.left);
			return true;
		}
	}
	return false;
}

bool index_slack_next(struct index_slack *slack, struct index_remnant *remnant)
{
	*remnant = (struct index_remnant){ 0 };
	if (!next_in_use(slack, remnant) && !next_left_over(slack, remnant))
		return false;
	remnant->torn = is_torn(slack, remnant->whole);
	return true;
}
