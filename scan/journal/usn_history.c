/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usn_history.c - see usn_history.h */
#include "scan/journal/usn_history.h"

#include "core/checksum.h"
#include "core/utf16.h"

#define LINKS_MAX 1024u /* that NTFS lets a file have */

static bool same_text(const struct usn_history *history, const struct usn_fact *a, const struct usn_fact *b)
{
	return a->units == b->units &&
	       (a->text == b->text ||
		memcmp(usn_history_text(history, a), usn_history_text(history, b), 2u * a->units) == 0);
}

static bool same_name(const struct usn_history *history, const struct usn_fact *a, const struct usn_fact *b)
{
	return a->parent == b->parent && same_text(history, a, b);
}

/* -------- gathering -------- */

/* A name that is not found by then is kept once more: names that were made to collide cost room, not time. */
#define PROBES_MAX 8u

static struct bytes name_of_fact(const struct usn_history *history, uint32_t index)
{
	const struct usn_fact *fact = &history->facts.items[index];

	return (struct bytes){ usn_history_text(history, fact), 2u * fact->units, 0 };
}

static bool has_text(const struct usn_history *history, uint32_t index, struct bytes name)
{
	struct bytes has = name_of_fact(history, index);

	return has.left == name.left && memcmp(has.at, name.at, name.left) == 0;
}

/* Where the text of @name stands in the table, or where it may be put; NULL where neither is found. */
static uint32_t *find_slot(const struct usn_history *history, struct bytes name)
{
	uint64_t at = checksum(name.at, name.left);

	for (size_t i = 0; i < PROBES_MAX && i < history->texts.capacity; i++) {
		uint32_t *slot = &history->texts.slots[(at + i) & (history->texts.capacity - 1)];

		if (*slot == USN_NONE || has_text(history, *slot, name))
			return slot;
	}
	return NULL;
}

/* Twice the room, and all in it again.  False without memory. */
static bool grow_texts(struct usn_history *history)
{
	struct usn_texts old = history->texts;
	uint32_t        *slot;

	history->texts.capacity = old.capacity ? 2 * old.capacity : 1024;
	history->texts.slots = malloc(history->texts.capacity * sizeof *old.slots);
	if (!history->texts.slots) {
		history->texts = old;
		return false;
	}
	memset(history->texts.slots, 0xff, history->texts.capacity * sizeof *old.slots);
	for (size_t i = 0; i < old.capacity; i++) {
		if (old.slots[i] == USN_NONE)
			continue;
		slot = find_slot(history, name_of_fact(history, old.slots[i]));
		if (slot)
			*slot = old.slots[i];
	}
	free(old.slots);
	return true;
}

/* The text that another record has brought, or a new one.  False without memory. */
static bool add_text(struct usn_history *history, struct bytes name, uint32_t *text)
{
	uint32_t *slot;
	uint16_t  unit;

	*text = 0;
	if (!name.left)
		return true;
	if (history->texts.count >= history->texts.capacity / 2 && !grow_texts(history))
		return false;
	slot = find_slot(history, name);
	if (slot && *slot != USN_NONE) {
		*text = history->facts.items[*slot].text;
		return true;
	}
	*text = (uint32_t)history->text.count;
	for (size_t i = 0; i + 2 <= name.left; i += 2) {
		memcpy(&unit, name.at + i, 2);
		if (!array_push(&history->text, unit))
			return false;
	}
	if (slot) {
		*slot = (uint32_t)history->facts.count; /* which comes next */
		history->texts.count++;
	}
	return true;
}

int usn_history_add(struct usn_history *history, const struct usn_record *record, enum usn_source source,
		    struct error *err)
{
	struct usn_fact fact = { .file = record->file,
				 .usn = record->usn,
				 .time = record->time,
				 .parent = record->parent,
				 .place = record->whole.offset,
				 .reasons = record->reasons,
				 .attributes = record->attributes,
				 .length = (uint16_t)record->whole.left,
				 .units = (uint8_t)(record->name.left / 2),
				 .source = (uint8_t)source };

	if (!usn_record_is_plausible(record, UINT64_MAX))
		return error_at(err, ERROR_VALUE, record->whole.offset, "USN record that no driver writes");
	if (history->facts.count >= USN_NONE || history->text.count >= USN_NONE - NAME_UNITS_MAX)
		return error_set(err, ERROR_UNSUPPORTED, NULL, "the change journal has billions of records");
	if (history->facts.count == history->facts.capacity &&
	    !array_grow((void **)&history->facts.items, history->facts.count, &history->facts.capacity,
			sizeof *history->facts.items))
		return error_memory(err);
	if (!add_text(history, record->name, &fact.text))
		return error_memory(err);
	history->facts.items[history->facts.count++] = fact;
	return 0;
}

/* -------- what follows what -------- */

static int compare_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

typedef int compare_facts(const struct usn_fact *left, const struct usn_fact *right);

/* By USN, the stronger source first. */
static int compare_usn(const struct usn_fact *left, const struct usn_fact *right)
{
	int order = compare_u64(left->usn, right->usn);

	if (!order)
		order = (left->source > right->source) - (left->source < right->source);
	return order ? order : compare_u64(left->place, right->place);
}

static int compare_file(file_ref a, file_ref b)
{
	int order = compare_u64(file_ref_record(a), file_ref_record(b));

	return order ? order : compare_u64(file_ref_sequence(a), file_ref_sequence(b));
}

static int compare_life(const struct usn_fact *left, const struct usn_fact *right)
{
	int order = compare_file(left->file, right->file);

	return order ? order : compare_u64(left->usn, right->usn);
}

struct fact_order {
	const struct usn_fact *facts;
	compare_facts         *compare;
};

static int compare_places(const void *a, const void *b, void *context)
{
	const struct fact_order *order = context;

	return order->compare(&order->facts[*(const uint32_t *)a], &order->facts[*(const uint32_t *)b]);
}

/* Move each fact to where @places says, going round each circle of moves once. */
static void move_facts(struct usn_fact *facts, uint32_t *places, uint32_t count)
{
	for (uint32_t first = 0; first < count; first++) {
		struct usn_fact kept = facts[first];
		uint32_t        at = first, from;

		for (; (from = places[at]) != first; at = from) {
			facts[at] = facts[from];
			places[at] = at;
		}
		facts[at] = kept;
		places[at] = at;
	}
}

/* Put the facts in order without a second copy of all of them, as qsort would make it.  False without memory. */
static bool sort_facts(struct usn_history *history, compare_facts *compare)
{
	struct fact_order order = { history->facts.items, compare };
	uint32_t          count = (uint32_t)history->facts.count, sorted = 1, *places;

	while (sorted < count && compare(&order.facts[sorted - 1], &order.facts[sorted]) <= 0)
		sorted++;
	if (sorted >= count)
		return true;
	places = malloc(count * sizeof *places);
	if (!places)
		return false;
	for (uint32_t i = 0; i < count; i++)
		places[i] = i;
	qsort_r(places, count, sizeof *places, compare_places, &order);
	move_facts(history->facts.items, places, count);
	free(places);
	return true;
}

static bool is_same_record(const struct usn_history *history, const struct usn_fact *a,
			   const struct usn_fact *b)
{
	return a->usn == b->usn && a->length == b->length && a->file == b->file && a->time == b->time &&
	       a->reasons == b->reasons && same_name(history, a, b);
}

/* Of records that lie in each other's place the stronger stay.  The facts are in the order of their USNs. */
static void drop_contradicted(struct usn_history *history)
{
	struct usn_fact *facts = history->facts.items;
	size_t           kept = 0;

	for (size_t i = 0; i < history->facts.count; i++) {
		struct usn_fact *last = kept ? &facts[kept - 1] : NULL;

		if (!last || facts[i].usn - last->usn >= last->length) {
			facts[kept++] = facts[i];
			continue;
		}
		if (is_same_record(history, last, &facts[i]))
			continue;
		history->contradicted++;
		if (facts[i].source < last->source)
			*last = facts[i];
	}
	history->facts.count = kept;
}

/* The USN at which @next stands, if no record can lie between it and @fact: else where @fact ends. */
static uint64_t covered_until(const struct usn_fact *fact, const struct usn_fact *next)
{
	uint64_t end = fact->usn + fact->length,
		 page = (end + USN_PAGE_BYTES - 1) / USN_PAGE_BYTES * USN_PAGE_BYTES;

	return next && next->usn == page && page - end < next->length ? page : end;
}

static bool cover(struct usn_history *history)
{
	const struct usn_fact *facts = history->facts.items;

	for (size_t i = 0; i < history->facts.count; i++) {
		const struct usn_fact *next = i + 1 < history->facts.count ? &facts[i + 1] : NULL;

		if (!ranges_add(&history->covered, facts[i].usn,
				covered_until(&facts[i], next) - facts[i].usn))
			return false;
	}
	return true;
}

/* -------- names -------- */

/* One file, while its facts are gone through. */
struct telling {
	struct usn_history *history;
	size_t              group;           /* its first name */
	uint32_t            held[LINKS_MAX]; /* names that have not ended */
	size_t              held_count;
	uint32_t            created, deleted; /* facts */
	uint32_t            renamed;          /* the name that ended, until the next one is known */
	uint64_t            link_change;      /* USN of the last one; 0 before the first */
	uint32_t            so_far;           /* reasons since the file was opened */
};

static struct usn_name *name_at(const struct telling *telling, size_t held)
{
	return &telling->history->names.items[telling->held[held]];
}

static void end_name(struct telling *telling, size_t held, uint32_t fact, enum usn_ending ending)
{
	struct usn_name *name = name_at(telling, held);

	name->end = fact;
	name->ending = (uint8_t)ending;
	for (size_t i = held + 1; i < telling->held_count; i++)
		telling->held[i - 1] = telling->held[i];
	telling->held_count--;
}

/* The name that @fact shows, which may be new; its place in .held, or SIZE_MAX without memory. */
static size_t show_name(struct telling *telling, uint32_t fact)
{
	struct usn_history    *history = telling->history;
	const struct usn_fact *facts = history->facts.items;
	size_t                 held = telling->held_count;

	while (held-- > 0)
		if (same_name(history, &facts[name_at(telling, held)->first], &facts[fact])) {
			name_at(telling, held)->last = fact;
			return held;
		}
	if (telling->held_count == LINKS_MAX)
		end_name(telling, 0, fact, USN_LINK_DOUBTED);
	if (!array_push(&history->names, (struct usn_name){ .since = telling->link_change,
							    .first = fact,
							    .last = fact,
							    .end = USN_NONE,
							    .renamed_to = USN_NONE,
							    .begins = fact == telling->created ||
								      telling->renamed != USN_NONE }))
		return SIZE_MAX;
	telling->held[telling->held_count] = (uint32_t)(history->names.count - 1);
	return telling->held_count++;
}

/*
 * Links came or went, and only the name at @held is sure to be left.  A record of its own, at the close, is
 * what the loss of a link leaves; else it may as well be that one was made.  Returns where the name is now.
 */
static size_t change_links(struct telling *telling, size_t held, uint32_t index)
{
	const struct usn_fact *fact = &telling->history->facts.items[index];
	bool            removed = fact->reasons & USN_CLOSE && !(telling->so_far & USN_HARD_LINK_CHANGE);
	enum usn_ending ending = removed && telling->held_count == 2 ? USN_LINK_REMOVED : USN_LINK_DOUBTED;

	for (size_t i = telling->held_count; i-- > 0;)
		if (i != held)
			end_name(telling, i, index, ending);
	telling->link_change = fact->usn;
	return 0;
}

/* What a record says beside showing the name at @held. */
static void tell(struct telling *telling, size_t held, uint32_t index)
{
	const struct usn_fact *fact = &telling->history->facts.items[index];

	if (fact->reasons & USN_FILE_DELETE) {
		while (telling->held_count)
			end_name(telling, telling->held_count - 1, index, USN_DELETED);
		telling->deleted = index;
		telling->so_far = 0;
		return;
	}
	if (fact->reasons & USN_HARD_LINK_CHANGE)
		held = change_links(telling, held, index);
	if (fact->reasons & USN_RENAME_OLD_NAME) {
		telling->renamed = telling->held[held];
		end_name(telling, held, index, USN_RENAMED);
	}
	telling->so_far = fact->reasons & USN_CLOSE ? 0 : fact->reasons;
}

static bool tell_fact(struct telling *telling, uint32_t index)
{
	const struct usn_fact *fact = &telling->history->facts.items[index];
	size_t                 held;

	if (!fact->units)
		return true;
	if (telling->history->names.count == telling->group && fact->reasons == USN_FILE_CREATE)
		telling->created = index;
	if (!(fact->reasons & USN_RENAME_NEW_NAME))
		telling->renamed = USN_NONE;
	held = show_name(telling, index);
	if (held == SIZE_MAX)
		return false;
	if (telling->renamed != USN_NONE)
		telling->history->names.items[telling->renamed].renamed_to = telling->held[held];
	telling->renamed = USN_NONE;
	tell(telling, held, index);
	return true;
}

/* All facts of one file, from @first to before @end. */
static bool tell_file(struct usn_history *history, uint32_t first, uint32_t end)
{
	struct telling telling = { .history = history,
				   .group = history->names.count,
				   .created = USN_NONE,
				   .deleted = USN_NONE,
				   .renamed = USN_NONE };

	for (uint32_t i = first; i < end; i++)
		if (!tell_fact(&telling, i))
			return false;
	for (size_t i = telling.group; i < history->names.count; i++) {
		history->names.items[i].created = telling.created;
		history->names.items[i].deleted = telling.deleted;
	}
	return true;
}

static bool tell_all(struct usn_history *history)
{
	const struct usn_fact *facts = history->facts.items;
	uint32_t               count = (uint32_t)history->facts.count, end;

	for (uint32_t first = 0; first < count; first = end) {
		for (end = first + 1; end < count && facts[end].file == facts[first].file;)
			end++;
		if (!tell_file(history, first, end))
			return false;
	}
	return true;
}

int usn_history_build(struct usn_history *history, struct error *err)
{
	free(history->texts.slots);
	history->texts = (struct usn_texts){ 0 };
	if (!history->facts.count)
		return 0;
	if (!sort_facts(history, compare_usn))
		return error_memory(err);
	drop_contradicted(history);
	if (!cover(history) || !sort_facts(history, compare_life) || !tell_all(history))
		return error_memory(err);
	return 0;
}

void usn_history_release(struct usn_history *history)
{
	array_release(&history->facts);
	array_release(&history->names);
	array_release(&history->text);
	free(history->texts.slots);
	array_release(&history->covered);
	*history = (struct usn_history){ 0 };
}

/* -------- questions -------- */

const struct usn_fact *usn_history_facts(const struct usn_history *history, file_ref file, size_t *count)
{
	const struct usn_fact *facts = history->facts.items;
	size_t first = partition_point(0, history->facts.count, at, compare_file(facts[at].file, file) < 0);
	size_t end = first;

	while (end < history->facts.count && facts[end].file == file)
		end++;
	*count = end - first;
	return *count ? facts + first : NULL;
}

static const struct usn_fact *first_fact(const struct usn_history *history, const struct usn_name *name)
{
	return &history->facts.items[name->first];
}

const struct usn_name *usn_history_names(const struct usn_history *history, file_ref file, size_t *count)
{
	const struct usn_name *names = history->names.items;
	size_t                 first = partition_point(0, history->names.count, at,
						       compare_file(first_fact(history, &names[at])->file, file) < 0);
	size_t                 end = first;

	while (end < history->names.count && first_fact(history, &names[end])->file == file)
		end++;
	*count = end - first;
	return *count ? names + first : NULL;
}

uint64_t usn_history_moment(const struct usn_history *history, uint64_t time_100ns)
{
	uint64_t moment = UINT64_MAX;

	for (size_t i = 0; i < history->facts.count; i++)
		if (history->facts.items[i].time > time_100ns && history->facts.items[i].usn < moment)
			moment = history->facts.items[i].usn;
	return moment;
}

bool usn_history_is_whole(const struct usn_history *history, uint64_t from, uint64_t to)
{
	const struct range *last = &history->covered.items[history->covered.count - 1];
	struct range        overlap;

	if (to > last->start + last->length)
		to = last->start + last->length;
	return to <= from || (ranges_overlap(&history->covered, from, to - from, &overlap) &&
			      overlap.start == from && overlap.length == to - from);
}

static uint64_t usn_of(const struct usn_history *history, uint32_t fact)
{
	return history->facts.items[fact].usn;
}

enum usn_hold usn_history_hold(const struct usn_history *history, const struct usn_name *name, uint64_t usn)
{
	uint64_t first = usn_of(history, name->first), last = usn_of(history, name->last);

	if (name->created != USN_NONE && usn <= usn_of(history, name->created))
		return USN_NOT_HELD;
	if (usn <= first && name->begins)
		return USN_NOT_HELD;
	if (usn <= first)
		return usn > name->since && usn_history_is_whole(history, usn, first) ? USN_HELD : USN_POSSIBLE;
	if (usn <= last)
		return USN_HELD;
	if (name->deleted != USN_NONE && usn > usn_of(history, name->deleted) &&
	    usn_of(history, name->deleted) >= last)
		return USN_NOT_HELD;
	if (name->ending == USN_RENAMED)
		return USN_NOT_HELD;
	if (name->end != USN_NONE && usn > usn_of(history, name->end))
		return USN_POSSIBLE;
	return usn_history_is_whole(history, last, usn) ? USN_HELD : USN_POSSIBLE;
}

/* The name of a directory at the moment @usn: the best, of those the one that was seen to begin last. */
static const struct usn_name *name_of(const struct usn_history *history, file_ref directory, uint64_t usn,
				      enum usn_hold *hold)
{
	size_t                 count;
	const struct usn_name *names = usn_history_names(history, directory, &count), *best = NULL;

	*hold = USN_NOT_HELD;
	for (size_t i = 0; i < count; i++) {
		enum usn_hold found = usn_history_hold(history, &names[i], usn);

		if (found > *hold || (best && found == *hold && usn_of(history, names[i].first) < usn)) {
			best = &names[i];
			*hold = found;
		}
	}
	return best;
}

bool usn_history_path(const struct usn_history *history, const struct usn_name *name, uint64_t usn,
		      struct usn_path *path)
{
	enum usn_hold hold = usn_history_hold(history, name, usn);

	path->count = 0;
	path->hold = hold;
	while (name) {
		if (path->count == USN_PATH_MAX)
			return false;
		path->names[path->count++] = (uint32_t)(name - history->names.items);
		path->top = first_fact(history, name)->parent;
		if (hold < path->hold)
			path->hold = hold;
		if (file_ref_record(path->top) == ROOT_RECORD)
			break;
		name = name_of(history, path->top, usn, &hold);
	}
	return true;
}
