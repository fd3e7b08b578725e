/* SPDX-License-Identifier: GPL-3.0-or-later */
/* matcher.c - see matcher.h */
#include "recover/rules/matcher.h"

#include "core/cleanup.h"
#include "core/endian.h"
#include "core/utf16.h"
#include "recover/engine/record_set.h"
#include "recover/engine/state_store.h"

#include <string.h>

struct numbers ARRAY(uint32_t);
struct words   ARRAY(uint64_t);

/* -------- leaves -------- */

/* Distinct leaves: each is looked for once a name, whatever the number of patterns that have it. */
#define LEAVES_FIRST 3 /* sorted by text, LEAF_NONE and LEAF_ALL are among them: nothing but "" is before */

enum leaf_kind {
	LEAF_NONE, /* nodes alone */
	LEAF_ALL,
	LEAF_NAME,      /* no wildcard */
	LEAF_EXTENSION, /* "*.doc": .text is behind the dot */
	LEAF_GLOB,
};

struct leaf {
	enum leaf_kind kind;
	uint16_t      *text; /* owned with what stands before it: see .memory */
	size_t         units;
	uint16_t      *memory;
	struct numbers alive; /* patterns that have it, in the order in which the walk met them */
};

struct leaves ARRAY(struct leaf);

/* A pattern at work. */
struct needle {
	const struct pattern *pattern;
	uint32_t              leaf;
	uint16_t             *rest; /* what of the node has to be met below .record; 0 units: it is the node */
	size_t                rest_units;
};

/* Where a needle comes to life. */
struct start {
	uint32_t record, needle;
	uint32_t first; /* unit of .rest */
	bool     drive; /* .rest begins with the drive: "C:" is behind the root */
};

struct starts ARRAY(struct start);

/* An automaton on its way down: a bit for each unit of .rest that may come next. */
struct live {
	uint32_t needle;
	size_t   words; /* where its bits are */
};

struct lives ARRAY(struct live);

struct frame {
	uint32_t record;
	size_t   next; /* child to look at */
	size_t   lives, lives_end, words, pushed;
};

struct frames ARRAY(struct frame);

struct matcher {
	const struct volume_tree *tree;
	char                      letter;
	uint32_t                  except;
	struct needle            *needles;
	size_t                    needle_count;
	struct leaves             leaves;
	struct numbers            names, extensions, globs; /* leaves; the first two sorted by text */
	struct starts             starts;                   /* sorted by record */
	struct record_set         ways;                     /* directories with a start in them or below */
	struct frames             frames;
	struct lives              lives;
	struct words              words;
	struct numbers            pushed; /* leaves whose .alive has grown, to be undone */
	struct numbers            exact;  /* needles that mean the directory at hand, and nothing below */
	struct numbers            found;  /* of one match */
	uint16_t                  name[NAME_UNITS_MAX + 1]; /* in upper case */
	matcher_each             *each;
	void                     *context;
};

static void matcher_release(struct matcher *matcher)
{
	for (size_t i = 0; i < matcher->leaves.count; i++) {
		free(matcher->leaves.items[i].memory);
		array_release(&matcher->leaves.items[i].alive);
	}
	for (size_t i = 0; matcher->needles && i < matcher->needle_count; i++)
		free(matcher->needles[i].rest);
	free(matcher->needles);
	array_release(&matcher->leaves);
	array_release(&matcher->names);
	array_release(&matcher->extensions);
	array_release(&matcher->globs);
	array_release(&matcher->starts);
	record_set_release(&matcher->ways);
	array_release(&matcher->frames);
	array_release(&matcher->lives);
	array_release(&matcher->words);
	array_release(&matcher->pushed);
	array_release(&matcher->exact);
	array_release(&matcher->found);
}

/* Text of a pattern as upper case units; to be freed. */
static int units_of(const struct matcher *matcher, const char *text, uint16_t **units, size_t *count,
		    struct error *err)
{
	*units = malloc((strlen(text) + 1) * sizeof **units);
	if (!*units)
		return error_memory(err);
	*count = utf16_from_utf8(text, strlen(text), *units);
	if (*count == SIZE_MAX)
		return error_set(err, ERROR_VALUE, NULL, "pattern is no text: %s", text);
	for (size_t i = 0; i < *count; i++)
		(*units)[i] = matcher->tree->upcase.table[(*units)[i]];
	return 0;
}

static int compare_text(const uint16_t *left, size_t left_units, const uint16_t *right, size_t right_units)
{
	if (left_units != right_units)
		return left_units < right_units ? -1 : 1;
	return left_units ? memcmp(left, right, left_units * sizeof *left) : 0;
}

static bool has_any(const uint16_t *text, size_t units)
{
	for (size_t i = 0; i < units; i++)
		if (text[i] == PATTERN_ANY)
			return true;
	return false;
}

/* What kind of a leaf it is; of an extension its beginning is passed over. */
static void settle_leaf(struct leaf *leaf)
{
	const uint16_t *text = leaf->text;

	if (leaf->units == 1 && text[0] == PATTERN_ANY) {
		leaf->kind = LEAF_ALL;
	} else if (!has_any(text, leaf->units)) {
		leaf->kind = LEAF_NAME;
	} else if (leaf->units > 2 && text[0] == PATTERN_ANY && text[1] == '.' &&
		   !has_any(text + 2, leaf->units - 2)) {
		leaf->kind = LEAF_EXTENSION;
		for (size_t i = 2; i < leaf->units; i++)
			if (text[i] == '.')
				leaf->kind = LEAF_GLOB;
		leaf->text += leaf->kind == LEAF_EXTENSION ? 2 : 0;
		leaf->units -= leaf->kind == LEAF_EXTENSION ? 2 : 0;
	} else {
		leaf->kind = LEAF_GLOB;
	}
}

static int add_leaf(struct matcher *matcher, const char *text, struct error *err)
{
	struct leaf leaf = { .kind = LEAF_NONE };
	uint32_t    index = (uint32_t)matcher->leaves.count;
	bool        known = true;

	if (text && units_of(matcher, text, &leaf.memory, &leaf.units, err) < 0) {
		free(leaf.memory);
		return -1;
	}
	leaf.text = leaf.memory;
	if (text)
		settle_leaf(&leaf);
	if (!array_push(&matcher->leaves, leaf)) {
		free(leaf.memory);
		return error_memory(err);
	}
	if (leaf.kind == LEAF_NAME)
		known = array_push(&matcher->names, index);
	else if (leaf.kind == LEAF_EXTENSION)
		known = array_push(&matcher->extensions, index);
	else if (leaf.kind == LEAF_GLOB)
		known = array_push(&matcher->globs, index);
	return known ? 0 : error_memory(err);
}

static int compare_needle_leaf(const void *a, const void *b, void *context)
{
	const struct matcher *matcher = context;
	const char           *left = matcher->needles[*(const uint32_t *)a].pattern->leaf;
	const char           *right = matcher->needles[*(const uint32_t *)b].pattern->leaf;

	if (!left || !right)
		return (left != NULL) - (right != NULL);
	return strcmp(left, right);
}

static int compare_leaf(const void *a, const void *b, void *context)
{
	const struct matcher *matcher = context;
	const struct leaf    *left = &matcher->leaves.items[*(const uint32_t *)a];
	const struct leaf    *right = &matcher->leaves.items[*(const uint32_t *)b];

	return compare_text(left->text, left->units, right->text, right->units);
}

static void sort_numbers(struct numbers *numbers, int (*compare)(const void *, const void *, void *), void *context)
{
	if (numbers->count)
		qsort_r(numbers->items, numbers->count, sizeof *numbers->items, compare, context);
}

/* Find the distinct leaves, and each needle's. */
static int gather_leaves(struct matcher *matcher, struct error *err)
{
	CLEANUP(free_ptr) uint32_t *order = malloc((matcher->needle_count + 1) * sizeof *order);
	struct numbers              sorted = { order, matcher->needle_count, 0 };

	if (!order)
		return error_memory(err);
	for (uint32_t i = 0; i < matcher->needle_count; i++)
		order[i] = i;
	sort_numbers(&sorted, compare_needle_leaf, matcher);
	for (size_t i = 0; i < sorted.count; i++) {
		if ((i == 0 || compare_needle_leaf(&order[i - 1], &order[i], matcher) != 0) &&
		    add_leaf(matcher, matcher->needles[order[i]].pattern->leaf, err) < 0)
			return -1;
		matcher->needles[order[i]].leaf = (uint32_t)matcher->leaves.count - 1;
	}
	sort_numbers(&matcher->names, compare_leaf, matcher);
	sort_numbers(&matcher->extensions, compare_leaf, matcher);
	return 0;
}

/* -------- where patterns begin -------- */

static bool is_alias(const struct volume_tree *tree, uint32_t name)
{
	return tree->inventory.names.items[name].space == NAME_DOS;
}

/* Does a child have that name, case aside? */
static bool is_called(const struct volume_tree *tree, const struct tree_child *child, const uint16_t *text,
		      size_t units)
{
	const struct name_row *row = &tree->inventory.names.items[child->name];
	const uint8_t         *name = inventory_text(&tree->inventory, row);

	if (row->units != units)
		return false;
	for (size_t i = 0; i < units; i++)
		if (tree->upcase.table[le16_at(name + 2 * i)] != text[i])
			return false;
	return true;
}

/* The children of that name, several where names differ by case: the first, and one behind the last. */
static void children_called(const struct volume_tree *tree, uint32_t directory, const uint16_t *text, size_t units,
			    const struct tree_child **first, const struct tree_child **end)
{
	size_t                   count;
	const struct tree_child *all = volume_tree_children(tree, directory, &count);
	uint8_t                  name[2 * NAME_UNITS_MAX];

	*first = *end = NULL;
	if (units == 0 || units > NAME_UNITS_MAX)
		return;
	for (size_t i = 0; i < units; i++) {
		name[2 * i] = (uint8_t)text[i];
		name[2 * i + 1] = (uint8_t)(text[i] >> 8);
	}
	*first = volume_tree_child(tree, directory, name, units);
	if (!*first)
		return;
	*end = *first + 1;
	while (*first > all && is_called(tree, *first - 1, text, units))
		--*first;
	while (*end < all + count && is_called(tree, *end, text, units))
		++*end;
}

/* The directory above; the root's is the root. */
static uint32_t directory_above(const struct volume_tree *tree, uint32_t record)
{
	size_t          count;
	const uint32_t *names = volume_tree_names(tree, record, &count);

	return record == ROOT_RECORD || count == 0 ? ROOT_RECORD : volume_tree_parent(tree, names[0]);
}

static int add_start(struct matcher *matcher, struct start start, struct error *err)
{
	uint32_t at = start.record;

	while (!record_set_has(&matcher->ways, at)) {
		record_set_add(&matcher->ways, at);
		at = directory_above(matcher->tree, at);
	}
	return array_push(&matcher->starts, start) ? 0 : error_memory(err);
}

/* Go down from @directory as far as .rest is literal from its unit @at on, and begin there. */
static int begin_below(struct matcher *matcher, uint32_t needle, uint32_t directory, size_t at, struct error *err)
{
	const struct needle     *it = &matcher->needles[needle];
	const struct tree_child *child, *end;
	size_t                   units = 0;

	if (at < it->rest_units && it->rest[at] != '\\')
		return 0;
	while (at + 1 + units < it->rest_units && it->rest[at + 1 + units] != '\\')
		units++;
	if (at == it->rest_units || has_any(it->rest + at + 1, units))
		return add_start(matcher, (struct start){ directory, needle, (uint32_t)at, false }, err);
	children_called(matcher->tree, directory, it->rest + at + 1, units, &child, &end);
	for (; child < end; child++)
		if (volume_tree_is_directory(matcher->tree, child->record) &&
		    begin_below(matcher, needle, child->record, at + 1 + units, err) < 0)
			return -1;
	return 0;
}

static int begin_needle(struct matcher *matcher, uint32_t needle, struct error *err)
{
	struct needle *it = &matcher->needles[needle];
	size_t         drive = 0;

	if (units_of(matcher, it->pattern->node, &it->rest, &it->rest_units, err) < 0)
		return -1;
	while (drive < it->rest_units && it->rest[drive] != '\\')
		drive++;
	if (has_any(it->rest, drive))
		return add_start(matcher, (struct start){ ROOT_RECORD, needle, 0, true }, err);
	if (drive != 2 || it->rest[0] != (uint16_t)matcher->letter || it->rest[1] != ':')
		return 0;
	return begin_below(matcher, needle, ROOT_RECORD, drive, err);
}

static int compare_start(const void *a, const void *b)
{
	const struct start *left = a, *right = b;

	if (left->record != right->record)
		return left->record < right->record ? -1 : 1;
	return (left->needle > right->needle) - (left->needle < right->needle);
}

static int matcher_begin(struct matcher *matcher, const struct pattern *const *patterns, struct error *err)
{
	matcher->needles = calloc(matcher->needle_count + 1, sizeof *matcher->needles);
	if (!matcher->needles)
		return error_memory(err);
	for (size_t i = 0; i < matcher->needle_count; i++)
		matcher->needles[i].pattern = patterns[i];
	if (gather_leaves(matcher, err) < 0 || record_set_init(&matcher->ways, matcher->tree, err) < 0)
		return -1;
	for (uint32_t i = 0; i < matcher->needle_count; i++)
		if (begin_needle(matcher, i, err) < 0)
			return -1;
	if (matcher->starts.count)
		qsort(matcher->starts.items, matcher->starts.count, sizeof *matcher->starts.items, compare_start);
	return 0;
}

/* -------- automata -------- */

static size_t words_of(const struct needle *needle)
{
	return needle->rest_units / 64 + 1;
}

/* The unit at @state may come next; behind a star, that which follows as well. */
static void set_state(const struct needle *needle, uint64_t *bits, size_t state)
{
	bits[state / 64] |= UINT64_C(1) << state % 64;
	while (state < needle->rest_units && needle->rest[state] == PATTERN_ANY) {
		state++;
		bits[state / 64] |= UINT64_C(1) << state % 64;
	}
}

/* One unit of a path further.  False when nothing can follow any more. */
static bool step(const struct needle *needle, const uint64_t *from, uint64_t *to, uint16_t unit)
{
	bool any = false;

	memset(to, 0, words_of(needle) * sizeof *to);
	for (size_t word = 0; word < words_of(needle); word++)
		for (uint64_t left = from[word]; left; left &= left - 1) {
			size_t state = 64 * word + (size_t)__builtin_ctzll(left);

			if (state == needle->rest_units)
				continue;
			if (needle->rest[state] == PATTERN_ANY)
				set_state(needle, to, state);
			else if (needle->rest[state] == unit)
				set_state(needle, to, state + 1);
			else
				continue;
			any = true;
		}
	return any;
}

static bool accepts(const struct needle *needle, const uint64_t *bits)
{
	return bits[needle->rest_units / 64] >> needle->rest_units % 64 & 1;
}

/* Can anything follow? */
static bool goes_on(const struct needle *needle, const uint64_t *bits)
{
	uint64_t end = UINT64_C(1) << needle->rest_units % 64;

	for (size_t i = 0; i < words_of(needle); i++)
		if (bits[i] & (i == needle->rest_units / 64 ? ~end : UINT64_MAX))
			return true;
	return false;
}

/* Make room for the states of a needle: two sets, of which the first is kept. */
static int push_words(struct matcher *matcher, size_t count, struct error *err)
{
	for (size_t i = 0; i < 2 * count; i++)
		if (!array_push(&matcher->words, 0))
			return error_memory(err);
	return 0;
}

/* Let the automaton whose states are at @bits read @units of @text.  False when it dies. */
static bool read_text(const struct needle *needle, uint64_t *bits, const uint16_t *text, size_t units)
{
	uint64_t *spare = bits + words_of(needle);

	for (size_t i = 0; i < units; i++) {
		if (!step(needle, bits, spare, text[i]))
			return false;
		memcpy(bits, spare, words_of(needle) * sizeof *bits);
	}
	return true;
}

/* -------- the walk -------- */

static int push_alive(struct matcher *matcher, uint32_t needle, struct error *err)
{
	uint32_t leaf = matcher->needles[needle].leaf;

	if (!array_push(&matcher->pushed, leaf))
		return error_memory(err);
	if (array_push(&matcher->leaves.items[leaf].alive, needle))
		return 0;
	matcher->pushed.count--;
	return error_memory(err);
}

static void pop_alive(struct matcher *matcher, size_t mark)
{
	while (matcher->pushed.count > mark)
		matcher->leaves.items[matcher->pushed.items[--matcher->pushed.count]].alive.count--;
}

/* The needle means the directory at hand. */
static int meet(struct matcher *matcher, uint32_t needle, struct error *err)
{
	const struct pattern *pattern = matcher->needles[needle].pattern;

	if (pattern->below || pattern->anywhere)
		return push_alive(matcher, needle, err);
	return array_push(&matcher->exact, needle) ? 0 : error_memory(err);
}

/* Keep an automaton whose states are the last in .words, or let it go. */
static int settle_live(struct matcher *matcher, uint32_t needle, size_t words, bool alive, struct error *err)
{
	const struct needle *it = &matcher->needles[needle];

	if (alive && accepts(it, matcher->words.items + words)) {
		if (meet(matcher, needle, err) < 0)
			return -1;
		alive = !it->pattern->below && !it->pattern->anywhere &&
			goes_on(it, matcher->words.items + words);
	}
	matcher->words.count = alive ? words + words_of(it) : words;
	if (alive && !array_push(&matcher->lives, (struct live){ needle, words }))
		return error_memory(err);
	return 0;
}

/* Bring the automata of the directory above into this one, whose name is in .name. */
static int carry_lives(struct matcher *matcher, const struct frame *above, size_t units, struct error *err)
{
	static const uint16_t separator[] = { '\\' };

	for (size_t i = above->lives; i < above->lives_end; i++) {
		struct live          live = matcher->lives.items[i];
		const struct needle *needle = &matcher->needles[live.needle];
		size_t               words = matcher->words.count;
		uint64_t            *bits;
		bool                 alive;

		if (push_words(matcher, words_of(needle), err) < 0)
			return -1;
		bits = matcher->words.items + words;
		memcpy(bits, matcher->words.items + live.words, words_of(needle) * sizeof *bits);
		alive = read_text(needle, bits, separator, 1) &&
			read_text(needle, bits, matcher->name, units);
		if (settle_live(matcher, live.needle, words, alive, err) < 0)
			return -1;
	}
	return 0;
}

/* Wake what begins in a directory. */
static int wake(struct matcher *matcher, uint32_t record, struct error *err)
{
	size_t first =
		partition_point(0, matcher->starts.count, at, matcher->starts.items[at].record < record);

	for (; first < matcher->starts.count && matcher->starts.items[first].record == record; first++) {
		const struct start  *start = &matcher->starts.items[first];
		const struct needle *needle = &matcher->needles[start->needle];
		const uint16_t       drive[] = { (uint16_t)matcher->letter, ':' };
		size_t               words = matcher->words.count;
		bool                 alive = true;

		if (push_words(matcher, words_of(needle), err) < 0)
			return -1;
		set_state(needle, matcher->words.items + words, start->first);
		if (start->drive)
			alive = read_text(needle, matcher->words.items + words, drive, 2);
		if (settle_live(matcher, start->needle, words, alive, err) < 0)
			return -1;
	}
	return 0;
}

static bool glob_matches(const struct leaf *leaf, const uint16_t *name, size_t units)
{
	size_t glob = 0, at = 0, star = SIZE_MAX, retry = 0;

	for (;;) {
		if (glob < leaf->units && leaf->text[glob] == PATTERN_ANY) {
			star = ++glob;
			retry = at;
		} else if (at < units && glob < leaf->units && leaf->text[glob] == name[at]) {
			glob++;
			at++;
		} else if (at == units && glob == leaf->units) {
			return true;
		} else if (star == SIZE_MAX || retry == units) {
			return false;
		} else {
			glob = star;
			at = ++retry;
		}
	}
}

static int take_alive(struct matcher *matcher, const struct leaf *leaf, struct error *err)
{
	for (size_t i = 0; i < leaf->alive.count; i++)
		if (!array_push(&matcher->found, leaf->alive.items[i]))
			return error_memory(err);
	return 0;
}

/* Take the patterns of the leaves that have that text. */
static int take_called(struct matcher *matcher, const struct numbers *sorted, const uint16_t *text, size_t units,
		       struct error *err)
{
	const struct leaf *leaves = matcher->leaves.items;
	size_t             first = partition_point(0, sorted->count, at,
						   compare_text(leaves[sorted->items[at]].text,
								leaves[sorted->items[at]].units, text, units) < 0);

	for (size_t i = first; i < sorted->count; i++) {
		const struct leaf *leaf = &leaves[sorted->items[i]];

		if (compare_text(leaf->text, leaf->units, text, units) != 0)
			break;
		if (take_alive(matcher, leaf, err) < 0)
			return -1;
	}
	return 0;
}

/* Take the patterns whose leaf is of a kind that means every node, or every name. */
static int take_kind(struct matcher *matcher, enum leaf_kind kind, struct error *err)
{
	for (size_t i = 0; i < matcher->leaves.count && i < LEAVES_FIRST; i++)
		if (matcher->leaves.items[i].kind == kind)
			return take_alive(matcher, &matcher->leaves.items[i], err);
	return 0;
}

static int take_globs(struct matcher *matcher, size_t units, struct error *err)
{
	for (size_t i = 0; i < matcher->globs.count; i++) {
		const struct leaf *leaf = &matcher->leaves.items[matcher->globs.items[i]];

		if (leaf->alive.count && glob_matches(leaf, matcher->name, units) &&
		    take_alive(matcher, leaf, err) < 0)
			return -1;
	}
	return 0;
}

/* Put a name in upper case into .name; its units. */
static size_t read_name(struct matcher *matcher, uint32_t name)
{
	const struct inventory *inventory = &matcher->tree->inventory;
	const struct name_row  *row = &inventory->names.items[name];
	const uint8_t          *text = inventory_text(inventory, row);

	for (size_t i = 0; i < row->units; i++)
		matcher->name[i] = matcher->tree->upcase.table[le16_at(text + 2 * i)];
	return row->units;
}

static int report(struct matcher *matcher, uint32_t record, uint32_t name, struct error *err)
{
	struct match match = { matcher->tree, record, name, matcher->found.items, matcher->found.count };

	return match.count ? matcher->each(matcher->context, &match, err) : 0;
}

/* Take the patterns that call a file by its alias.  Leaves the alias in .name. */
static int take_alias(struct matcher *matcher, const struct tree_child *child, struct error *err)
{
	const struct volume_tree *tree = matcher->tree;
	size_t                    count;
	const uint32_t           *names = volume_tree_names(tree, child->record, &count);

	for (size_t i = 0; i < count; i++)
		if (is_alias(tree, names[i]) && volume_tree_parent(tree, names[i]) == volume_tree_parent(tree, child->name) &&
		    take_called(matcher, &matcher->names, matcher->name, read_name(matcher, names[i]), err) < 0)
			return -1;
	return 0;
}

static int match_file(struct matcher *matcher, const struct tree_child *child, struct error *err)
{
	size_t units = read_name(matcher, child->name), dot = units;

	matcher->found.count = 0;
	while (dot && matcher->name[dot - 1] != '.')
		dot--;
	if (take_kind(matcher, LEAF_ALL, err) < 0 ||
	    take_called(matcher, &matcher->names, matcher->name, units, err) < 0 ||
	    (dot && take_called(matcher, &matcher->extensions, matcher->name + dot, units - dot, err) < 0) ||
	    take_globs(matcher, units, err) < 0 || take_alias(matcher, child, err) < 0)
		return -1;
	return report(matcher, child->record, child->name, err);
}

static bool is_own(uint32_t record)
{
	return record < FIRST_USER_RECORD;
}

static int match_files(struct matcher *matcher, uint32_t directory, struct error *err)
{
	size_t                   count;
	const struct tree_child *children = volume_tree_children(matcher->tree, directory, &count);
	int                      result = 0;

	for (size_t i = 0; result == 0 && i < count; i++)
		if (!is_own(children[i].record) && !is_alias(matcher->tree, children[i].name) &&
		    !volume_tree_is_directory(matcher->tree, children[i].record))
			result = match_file(matcher, &children[i], err);
	return result;
}

static int match_directory(struct matcher *matcher, const struct tree_child *child, struct error *err)
{
	matcher->found.count = 0;
	if (take_kind(matcher, LEAF_NONE, err) < 0 || take_kind(matcher, LEAF_ALL, err) < 0)
		return -1;
	return report(matcher, child->record, child->name, err);
}

/* Undo what entering a directory has put on the stacks. */
static void leave(struct matcher *matcher, const struct frame *frame)
{
	pop_alive(matcher, frame->pushed);
	matcher->lives.count = frame->lives;
	matcher->words.count = frame->words;
}

/* Hand out the directory and its files.  @child  NULL: the root */
static int visit(struct matcher *matcher, uint32_t record, const struct tree_child *child, struct error *err)
{
	size_t mark = matcher->pushed.count;
	int    result = 0;

	for (size_t i = 0; i < matcher->exact.count; i++)
		if (push_alive(matcher, matcher->exact.items[i], err) < 0)
			return -1;
	if (child && matcher->pushed.count)
		result = match_directory(matcher, child, err);
	if (result == 0 && matcher->pushed.count)
		result = match_files(matcher, record, err);
	pop_alive(matcher, mark);
	return result;
}

/* Go into a directory, unless nothing is alive there. */
static int enter(struct matcher *matcher, uint32_t record, const struct tree_child *child, struct error *err)
{
	struct frame frame = { record, 0, matcher->lives.count, 0, matcher->words.count, matcher->pushed.count };
	int          result;

	matcher->exact.count = 0;
	if (child && carry_lives(matcher, &matcher->frames.items[matcher->frames.count - 1],
				 read_name(matcher, child->name), err) < 0)
		return -1;
	if (record_set_has(&matcher->ways, record) && wake(matcher, record, err) < 0)
		return -1;
	frame.lives_end = matcher->lives.count;
	result = visit(matcher, record, child, err);
	if (result != 0)
		return result;
	if (matcher->pushed.count || frame.lives_end > frame.lives || record_set_has(&matcher->ways, record))
		return array_push(&matcher->frames, frame) ? 0 : error_memory(err);
	leave(matcher, &frame);
	return 0;
}

/* Another store holds what its own capture took: its files are somebody's only by the names that they have
 * elsewhere. */
static bool is_gone_into(const struct matcher *matcher, uint32_t record)
{
	return !is_own(record) && record != matcher->except && volume_tree_is_directory(matcher->tree, record) &&
	       !state_store_is_one(matcher->tree, record);
}

/* The next directory in the one on top of the stack, or NULL. */
static const struct tree_child *next_directory(struct matcher *matcher)
{
	struct frame            *frame = &matcher->frames.items[matcher->frames.count - 1];
	size_t                   count;
	const struct tree_child *children = volume_tree_children(matcher->tree, frame->record, &count);

	while (frame->next < count) {
		const struct tree_child *child = &children[frame->next++];

		if (is_gone_into(matcher, child->record) && !is_alias(matcher->tree, child->name))
			return child;
	}
	return NULL;
}

static int walk(struct matcher *matcher, struct error *err)
{
	int result = enter(matcher, ROOT_RECORD, NULL, err);

	while (result == 0 && matcher->frames.count) {
		const struct tree_child *child = next_directory(matcher);

		if (child)
			result = enter(matcher, child->record, child, err);
		else
			leave(matcher, &matcher->frames.items[--matcher->frames.count]);
	}
	return result;
}

int matcher_walk(const struct volume_tree *tree, char letter, const struct pattern *const *patterns, size_t count,
		 uint32_t except, matcher_each *each, void *context, struct error *err)
{
	CLEANUP(matcher_release) struct matcher matcher = {
		.tree = tree, .letter = letter, .except = except, .needle_count = count, .each = each, .context = context
	};

	if (tree->inventory.count <= ROOT_RECORD)
		return 0;
	if (matcher_begin(&matcher, patterns, err) < 0)
		return -1;
	return walk(&matcher, err);
}
