/* SPDX-License-Identifier: GPL-3.0-or-later */
/* story.c - see story.h */
#include "scan/story/story.h"

#include "core/cleanup.h"
#include "core/ntfs_time.h"

#include <ctype.h>
#include <strings.h>

#define SECONDS(n)     ((n) * NTFS_TIME_PER_SECOND)
#define CLOCK_REACH    SECONDS(24 * 60 * 60)
#define SAME_LOG_REACH SECONDS(5)   /* one thing, told by two components */
#define LOGS_REACH     SECONDS(120) /* told by two logs */
#define LOOK_BACK      64u          /* events; further ones are not joined */

/* -------- clocks -------- */

/* A moment by the machine's clock, and how far that was from UTC. */
struct reading {
	uint64_t local;
	int      bias_minutes;
};

struct readings ARRAY(struct reading);

static uint64_t shifted(uint64_t time, int minutes)
{
	int64_t by = (int64_t)minutes * 60 * (int64_t)NTFS_TIME_PER_SECOND;

	return by < 0 && time < (uint64_t)-by ? 0 : time + (uint64_t)by;
}

static int compare_readings(const void *a, const void *b)
{
	const struct reading *left = a, *right = b;

	return left->local < right->local ? -1 : left->local > right->local;
}

static int collect_readings(struct readings *readings, const struct log_events *events, struct error *err)
{
	for (size_t i = 0; i < events->list.count; i++) {
		const struct log_event *event = &events->list.items[i];

		if (event->clock == LOG_CLOCK_UTC && event->form != LOG_FORM_NONE &&
		    !array_push(readings, (struct reading){ shifted(event->time, -event->bias_minutes),
							    event->bias_minutes }))
			return error_memory(err);
	}
	if (readings->count)
		qsort(readings->items, readings->count, sizeof readings->items[0], compare_readings);
	return 0;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a < b ? b - a : a - b;
}

/* The reading nearest to @local; NULL if none is near enough. */
static const struct reading *nearest(const struct readings *readings, uint64_t local)
{
	size_t                from = 0, to = readings->count;
	const struct reading *found = NULL;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (readings->items[middle].local < local)
			from = middle + 1;
		else
			to = middle;
	}
	if (from < readings->count)
		found = &readings->items[from];
	if (from && (!found || distance(found[-1].local, local) < distance(found->local, local)))
		found = &readings->items[from - 1];
	return found && distance(found->local, local) <= CLOCK_REACH ? found : NULL;
}

static void settle_clock(struct log_event *event, const struct readings *readings)
{
	const struct reading *reading = event->clock == LOG_CLOCK_LOCAL ? nearest(readings, event->time) : NULL;

	if (!reading)
		return;
	event->time = shifted(event->time, reading->bias_minutes);
	event->bias_minutes = reading->bias_minutes;
	event->clock = LOG_CLOCK_ASSUMED;
}

/* -------- order -------- */

/* An event without a time takes that of the one before it in its log, or behind it, for the order alone. */
static void settle_order(struct log_event *events, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (events[i].clock == LOG_CLOCK_NONE && events[i - 1].artefact == events[i].artefact)
			events[i].time = events[i - 1].time;
	for (size_t i = count; i-- > 1;)
		if (!events[i - 1].time && events[i].artefact == events[i - 1].artefact)
			events[i - 1].time = events[i].time;
}

static int compare_events(const void *a, const void *b)
{
	const struct log_event *left = a, *right = b;

	if (left->time != right->time)
		return left->time < right->time ? -1 : 1;
	return left->order < right->order ? -1 : left->order > right->order;
}

/* -------- one thing, told twice -------- */

static bool is_same_path(const char *a, const char *b)
{
	return strcasecmp(a, b) == 0;
}

static bool agree(const struct log_event *a, const struct log_event *b)
{
	return (!*a->path || !*b->path || is_same_path(a->path, b->path)) &&
	       (!*a->step || !*b->step || strcmp(a->step, b->step) == 0) &&
	       (!a->has_code || !b->has_code || a->code == b->code) &&
	       (!a->outcome || !b->outcome || a->outcome == b->outcome);
}

static bool is_copy(const struct log_event *a, const struct log_event *b)
{
	return a->kind == b->kind && a->time == b->time && a->clock == b->clock && a->has_code == b->has_code &&
	       a->code == b->code && a->count == b->count && a->outcome == b->outcome && a->artefact != b->artefact &&
	       strcmp(a->step, b->step) == 0 && strcmp(a->path, b->path) == 0;
}

/* Of a record that is torn, and so has no time but its neighbour's, another log has the whole. */
static bool is_torn_copy(const struct log_event *torn, const struct log_event *whole)
{
	return torn->torn && torn->clock == LOG_CLOCK_NONE && torn->kind == whole->kind && torn->artefact != whole->artefact &&
	       torn->has_code == whole->has_code && torn->code == whole->code && torn->outcome == whole->outcome &&
	       distance(torn->time, whole->time) <= LOGS_REACH && strcmp(torn->step, whole->step) == 0 &&
	       strcmp(torn->path, whole->path) == 0;
}

/* Kinds that several logs, or several components in one, tell of. */
static bool is_told_by_many(enum log_event_kind kind)
{
	switch (kind) {
	case LOG_SEQUENCE_BEGAN:
	case LOG_CAPTURE_BEGAN:
	case LOG_CAPTURE_ENDED:
	case LOG_PARTITION_BEGAN:
	case LOG_PARTITION_ENDED:
	case LOG_RESTORE_BEGAN:
	case LOG_RESTORE_ENDED:
	case LOG_DELETE_BEGAN:
	case LOG_DELETE_ENDED:
	case LOG_RESTART:
		return true;
	default:
		return false;
	}
}

static bool is_same(const struct log_event *a, const struct log_event *b)
{
	uint64_t reach = a->form == b->form ? SAME_LOG_REACH : LOGS_REACH;

	if (a->form == LOG_FORM_NONE || b->form == LOG_FORM_NONE)
		return false; /* what a volume shows is its own */
	if (is_copy(a, b) || is_torn_copy(a, b) || is_torn_copy(b, a))
		return true;
	return a->kind == b->kind && is_told_by_many(a->kind) && a->clock != LOG_CLOCK_NONE &&
	       b->clock != LOG_CLOCK_NONE && distance(a->time, b->time) <= reach && agree(a, b);
}

/* @into is told by @from as well: what only that knows is kept. */
static void join(struct log_event *into, const struct log_event *from)
{
	into->told += from->told;
	if (into->clock == LOG_CLOCK_ASSUMED && from->clock == LOG_CLOCK_UTC)
		into->clock = LOG_CLOCK_UTC; /* minutes from one that knows, so the zone is the same */
	if (!*into->path)
		into->path = from->path;
	if (!*into->step)
		into->step = from->step;
	if (!into->outcome)
		into->outcome = from->outcome;
	if (!into->count)
		into->count = from->count;
	if (!into->has_code) {
		into->has_code = from->has_code;
		into->code = from->code;
	}
}

static void join_all(struct story *story)
{
	size_t kept = 0;

	for (size_t i = 0; i < story->timeline.count; i++) {
		struct log_event *event = &story->timeline.items[i], *other = NULL;

		for (size_t back = 1; back <= LOOK_BACK && back <= kept && !other; back++)
			if (is_same(&story->timeline.items[kept - back], event))
				other = &story->timeline.items[kept - back];
		if (other && other->torn && !event->torn) {
			struct log_event whole = *event, *last = &story->timeline.items[kept - 1];

			join(&whole, other);
			memmove(other, other + 1, (size_t)(last - other) * sizeof *other);
			*last = whole;
		} else if (other) {
			join(other, event);
		} else {
			story->timeline.items[kept++] = *event;
		}
	}
	story->timeline.count = kept;
}

/* -------- what it comes to -------- */

static char plain(char c)
{
	return c == '/' ? '\\' : (char)tolower((unsigned char)c);
}

/* Without its drive, and without slashes at the end. */
static size_t folder_length(const char *path)
{
	size_t length = strlen(path);

	while (length && plain(path[length - 1]) == '\\')
		length--;
	return length;
}

/* "C:\a" begins "c:/a\b"; a path without a drive may be on any. */
static bool is_within(const char *folder, const char *path, const char **rest)
{
	size_t length;

	if (!isalpha((unsigned char)folder[0]) || folder[1] != ':' || path[1] != ':') {
		folder += *folder && folder[1] == ':' ? 2 : 0;
		path += *path && path[1] == ':' ? 2 : 0;
	}
	length = folder_length(folder);
	for (size_t i = 0; i < length; i++)
		if (plain(folder[i]) != plain(path[i]))
			return false;
	*rest = path + length;
	return length && (!**rest || plain(**rest) == '\\');
}

bool story_holds_store(const char *folder, const char *store)
{
	const char *rest;

	if (!*folder || !*store)
		return false;
	if (is_within(folder, store, &rest))
		return true;
	return is_within(store, folder, &rest) && strcasecmp(rest + 1, "USMT") == 0;
}

static bool speaks_of_usmtutils(const struct log_event *event)
{
	return strcasestr(event->said, "usmtutils") != NULL;
}

/* Begins: the end is yet to come.  Ends: of what began last. */
static void take_began(struct story_part *part, const struct log_event *event)
{
	*part = (struct story_part){ .began = event };
}

static void take_ended(struct story_part *part, const struct log_event *event)
{
	part->ended = event;
}

static struct story_part *part_of(struct story *story, enum log_event_kind kind)
{
	switch (kind) {
	case LOG_SEQUENCE_BEGAN:
	case LOG_SEQUENCE_ENDED:
		return &story->sequence;
	case LOG_CAPTURE_BEGAN:
	case LOG_CAPTURE_ENDED:
		return &story->capture;
	case LOG_WIPE_BEGAN:
	case LOG_WIPE_ENDED:
		return &story->wipe;
	case LOG_PARTITION_BEGAN:
	case LOG_PARTITION_ENDED:
		return &story->partition;
	case LOG_APPLY_BEGAN:
	case LOG_APPLY_ENDED:
		return &story->apply;
	case LOG_RESTORE_BEGAN:
	case LOG_RESTORE_ENDED:
		return &story->restore;
	case LOG_SETUP_BEGAN:
	case LOG_SETUP_ENDED:
		return &story->setup;
	default:
		return NULL;
	}
}

static bool is_beginning(enum log_event_kind kind)
{
	return kind == LOG_SEQUENCE_BEGAN || kind == LOG_CAPTURE_BEGAN || kind == LOG_WIPE_BEGAN ||
	       kind == LOG_PARTITION_BEGAN || kind == LOG_APPLY_BEGAN || kind == LOG_RESTORE_BEGAN ||
	       kind == LOG_SETUP_BEGAN;
}

/* A sequence goes on after a restart: it began when it began. */
static bool goes_on(const struct story *story, const struct log_event *event)
{
	return event->kind == LOG_SEQUENCE_BEGAN && event->has_number && story->sequence.began &&
	       !story->sequence.ended;
}

static void take_failure(struct story *story, const struct log_event *event)
{
	if (event->kind == LOG_STEP_ENDED && event->outcome == LOG_FAILED) {
		story->failed = event;
		story->ignored = false;
	} else if (event->kind == LOG_STEP_ENDED && story->failed && strcmp(event->step, story->failed->step) == 0) {
		story->failed = NULL;
	} else if (event->kind == LOG_FAILURE_IGNORED && story->failed &&
		   (!*event->step || strcmp(event->step, story->failed->step) == 0)) {
		story->ignored = true;
	}
}

/* Three words on the same: each object, their sum by errors, and the sum of all. */
struct left_out {
	uint64_t objects, sum, all;
	bool     restoring; /* what is left out now, the capture had taken */
};

static void count_left_out(struct story *story, struct left_out *count, const struct log_event *event)
{
	if (event->kind == LOG_CAPTURE_BEGAN) {
		*count = (struct left_out){ 0 };
		story->captures++;
		story->profiles_left_out = 0;
	} else if (event->kind == LOG_RESTORE_BEGAN) {
		count->restoring = true;
	} else if (event->kind == LOG_CAPTURE_ENDED) {
		count->all = event->count;
	} else if (!count->restoring) {
		count->objects += event->kind == LOG_LEFT_OUT;
		count->sum += event->kind == LOG_LEFT_OUT_SUM ? event->count : 0;
		story->profiles_left_out += event->kind == LOG_PROFILE_LEFT_OUT;
	}
}

/* The store's path must be known first, for what is deleted to be told from other folders. */
static void find_store(struct story *story)
{
	struct left_out count = { 0 };

	story->store = "";
	for (size_t i = 0; i < story->timeline.count; i++) {
		const struct log_event *event = &story->timeline.items[i];

		if (*event->path && (event->kind == LOG_CAPTURE_BEGAN ||
				     ((event->kind == LOG_STORE_PATH || event->kind == LOG_RESTORE_BEGAN) && !story->captures)))
			story->store = event->path;
		count_left_out(story, &count, event);
	}
	story->left_out = count.all > count.sum ? count.all : count.sum;
	if (count.objects > story->left_out)
		story->left_out = count.objects;
}

static void take_deletion(struct story *story, const struct log_event *event)
{
	bool of_store = *story->store ? story_holds_store(event->path, story->store) : speaks_of_usmtutils(event);

	if (event->kind == LOG_DELETE_BEGAN && of_store)
		take_began(&story->deleted, event);
	else if (event->kind == LOG_DELETE_ENDED &&
		 (of_store || (story->deleted.began && !*event->path)))
		take_ended(&story->deleted, event);
}

static void digest(struct story *story)
{
	bool had_store = false;

	find_store(story);
	for (size_t i = 0; i < story->timeline.count; i++) {
		const struct log_event *event = &story->timeline.items[i];
		struct story_part      *part = part_of(story, event->kind);

		if (part && is_beginning(event->kind) && !goes_on(story, event))
			take_began(part, event);
		else if (part && !is_beginning(event->kind))
			take_ended(part, event);
		take_failure(story, event);
		take_deletion(story, event);
		if (event->kind == SHOWN_STORE_LAST)
			story->last_sign = event;
		else if (event->kind == SHOWN_FORMAT && had_store)
			story->formatted = event;
		else if (event->kind == SHOWN_DELETE_BEGAN)
			take_began(&story->seen, event);
		else if (event->kind == SHOWN_DELETE_ENDED)
			take_ended(&story->seen, event);
		had_store |= event->kind == SHOWN_STORE || event->kind == LOG_CAPTURE_ENDED;
		story->told |= event->form != LOG_FORM_NONE;
	}
}

const struct log_event *story_loss(const struct story *story)
{
	const struct story_part *deleted = &story->deleted, *wipe = &story->wipe;
	const struct log_event  *told = deleted->began ? deleted->began : deleted->ended;

	if (told || story->seen.began || story->last_sign)
		return told ? told : story->seen.began ? story->seen.began : story->last_sign;
	if (story->formatted)
		return story->formatted;
	return wipe->began ? wipe->began : wipe->ended;
}

int story_tell(struct story *story, const struct log_events *events, struct error *err)
{
	CLEANUP(free_ptr) struct reading *memory = NULL;
	struct readings                   readings = { 0 };

	*story = (struct story){ .store = "" };
	if (collect_readings(&readings, events, err) < 0) {
		array_release(&readings);
		return -1;
	}
	memory = readings.items;
	for (size_t i = 0; i < events->list.count; i++) {
		struct log_event event = events->list.items[i];

		settle_clock(&event, &readings);
		if (!array_push(&story->timeline, event))
			return error_memory(err);
	}
	if (!story->timeline.count)
		return 0;
	settle_order(story->timeline.items, story->timeline.count);
	qsort(story->timeline.items, story->timeline.count, sizeof story->timeline.items[0], compare_events);
	join_all(story);
	digest(story);
	return 0;
}

void story_release(struct story *story)
{
	array_release(&story->timeline);
}
