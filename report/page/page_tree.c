/* SPDX-License-Identifier: GPL-3.0-or-later */
/* page_tree.c - see page_tree.h */
#include "report/page/page_tree.h"

#include "core/checksum.h"
#include "core/cleanup.h"
#include "core/utf16.h"
#include "scan/upcase.h"

#include <string.h>

/* -------- numbers -------- */

static uint64_t hash_of_folder(uint32_t parent, uint32_t text)
{
	uint32_t key[] = { parent, text };

	return checksum(key, sizeof key);
}

static uint64_t hash_of(const struct page_tree *tree, bool folders, uint32_t number)
{
	if (folders)
		return hash_of_folder(tree->folders.items[number].parent, tree->folders.items[number].text);
	return checksum(tree->texts.items[number], strlen(tree->texts.items[number]));
}

/* Keep two of three slots free at least. */
static int make_room(struct page_tree *tree, struct page_slots *slots, struct error *err)
{
	size_t    capacity = slots->capacity ? 2 * slots->capacity : 1024;
	uint32_t *items;

	if (3 * (slots->count + 1) <= 2 * slots->capacity)
		return 0;
	items = calloc(capacity, sizeof *items);
	if (!items)
		return error_memory(err);
	for (uint32_t i = 0; i < slots->count; i++) {
		size_t at = hash_of(tree, slots == &tree->folder_slots, i) & (capacity - 1);

		while (items[at])
			at = (at + 1) & (capacity - 1);
		items[at] = i + 1;
	}
	free(slots->items);
	slots->items = items;
	slots->capacity = capacity;
	return 0;
}

static int too_many(struct error *err)
{
	return error_set(err, ERROR_UNSUPPORTED, NULL, "too many files for one page; use --format json or csv");
}

int page_tree_text(struct page_tree *tree, const char *text, size_t length, uint32_t *number, struct error *err)
{
	struct page_slots *slots = &tree->text_slots;
	size_t             at;
	char              *copy;

	if (make_room(tree, slots, err) < 0)
		return -1;
	for (at = checksum(text, length) & (slots->capacity - 1); slots->items[at]; at = (at + 1) & (slots->capacity - 1)) {
		const char *there = tree->texts.items[slots->items[at] - 1];

		if (strncmp(there, text, length) == 0 && !there[length]) {
			*number = slots->items[at] - 1;
			return 0;
		}
	}
	if (tree->texts.count >= NO_FOLDER - 1)
		return too_many(err);
	copy = arena_text(&tree->arena, text, length);
	if (!copy || !array_push(&tree->texts, copy))
		return error_memory(err);
	*number = (uint32_t)slots->count++;
	slots->items[at] = *number + 1;
	return 0;
}

int page_tree_folder(struct page_tree *tree, uint32_t parent, const char *text, size_t length, uint32_t *number,
		     struct error *err)
{
	struct page_slots *slots = &tree->folder_slots;
	struct page_folder wanted = { .parent = parent };
	size_t             at;

	if (page_tree_text(tree, text, length, &wanted.text, err) < 0 || make_room(tree, slots, err) < 0)
		return -1;
	for (at = hash_of_folder(parent, wanted.text) & (slots->capacity - 1); slots->items[at];
	     at = (at + 1) & (slots->capacity - 1)) {
		const struct page_folder *there = &tree->folders.items[slots->items[at] - 1];

		if (there->parent == parent && there->text == wanted.text) {
			*number = slots->items[at] - 1;
			return 0;
		}
	}
	if (tree->folders.count >= NO_FOLDER - 1)
		return too_many(err);
	if (!array_push(&tree->folders, wanted))
		return error_memory(err);
	*number = (uint32_t)slots->count++;
	slots->items[at] = *number + 1;
	return 0;
}

int page_tree_path(struct page_tree *tree, uint32_t root, const char *path, uint32_t *folder, uint32_t *leaf,
		   struct error *err)
{
	const char *slash;

	*folder = root;
	for (path += *path == '\\'; (slash = strchr(path, '\\')) != NULL; path = slash + 1)
		if (page_tree_folder(tree, *folder, path, (size_t)(slash - path), folder, err) < 0)
			return -1;
	return page_tree_text(tree, path, strlen(path), leaf, err);
}

/* -------- order -------- */

static uint32_t folded(const char **at, const char *end)
{
	uint32_t point = (unsigned char)**at;

	if (point < 0x80) { /* most are */
		++*at;
		return point >= 'a' && point <= 'z' ? point - 'a' + 'A' : point;
	}
	if (!utf8_next(at, end, &point))
		return (unsigned char)*(*at)++;
	return point < 0x10000 ? upcase_unit((uint16_t)point) : point;
}

/* As upper case; if that is the same, by the bytes. */
static int compare_texts(const char *a, const char *b)
{
	const char *at = a, *end = a + strlen(a), *other = b, *other_end = b + strlen(b);

	while (at < end && other < other_end) {
		uint32_t left = folded(&at, end), right = folded(&other, other_end);

		if (left != right)
			return left < right ? -1 : 1;
	}
	if (at < end || other < other_end)
		return at < end ? 1 : -1;
	return strcmp(a, b);
}

static int by_text(const void *a, const void *b, void *context)
{
	const struct page_tree *tree = context;

	return compare_texts(tree->texts.items[*(const uint32_t *)a], tree->texts.items[*(const uint32_t *)b]);
}

/* Roots first, in the order in which they came; then what lies in one folder together, by text. */
static int by_parent(const void *a, const void *b, void *context)
{
	const struct page_tree   *tree = context;
	uint32_t                  i = *(const uint32_t *)a, j = *(const uint32_t *)b;
	const struct page_folder *left = &tree->folders.items[i], *right = &tree->folders.items[j];

	if (left->parent != right->parent)
		return left->parent + 1u < right->parent + 1u ? -1 : 1;
	if (left->parent == NO_FOLDER)
		return i < j ? -1 : i > j;
	return tree->text_place[left->text] < tree->text_place[right->text] ? -1 : 1;
}

static uint32_t *numbers(size_t count)
{
	uint32_t *items = malloc((count + 1) * sizeof *items);

	for (uint32_t i = 0; items && i < count; i++)
		items[i] = i;
	return items;
}

/*
 * The walk through the open tree: @order has the roots, then each folder's children together.  What is still to
 * be visited is a stack of stretches of it, one a level.
 */
static int walk(struct page_tree *tree, const uint32_t *order, struct error *err)
{
	size_t                       count = tree->folders.count, placed = 0;
	CLEANUP(free_ptr) uint32_t  *first = numbers(count + 1); /* of its children, by folder + 1 */
	struct ARRAY(uint32_t)       stack = { 0 };
	bool                         room = first != NULL;

	for (size_t i = 0, parent = 0; room && parent <= count; parent++) {
		first[parent] = (uint32_t)i;
		while (i < count && tree->folders.items[order[i]].parent + 1u == parent)
			i++;
	}
	for (size_t i = room ? (count ? first[1] : 0) : 0; room && i-- > 0;)
		room = array_push(&stack, order[i]);
	while (room && stack.count) {
		uint32_t folder = stack.items[--stack.count];
		size_t   end = folder + 2 <= count ? first[folder + 2] : count;

		tree->folder_order[placed] = folder;
		tree->folder_place[folder] = (uint32_t)placed++;
		for (size_t i = end; room && i-- > first[folder + 1];)
			room = array_push(&stack, order[i]);
	}
	array_release(&stack);
	return room ? 0 : error_memory(err);
}

int page_tree_settle(struct page_tree *tree, struct error *err)
{
	CLEANUP(free_ptr) uint32_t *order = numbers(tree->folders.count);

	tree->text_order = numbers(tree->texts.count);
	tree->text_place = numbers(tree->texts.count);
	tree->folder_order = numbers(tree->folders.count);
	tree->folder_place = numbers(tree->folders.count);
	if (!order || !tree->text_order || !tree->text_place || !tree->folder_order || !tree->folder_place)
		return error_memory(err);
	qsort_r(tree->text_order, tree->texts.count, sizeof *order, by_text, tree);
	for (uint32_t i = 0; i < tree->texts.count; i++)
		tree->text_place[tree->text_order[i]] = i;
	qsort_r(order, tree->folders.count, sizeof *order, by_parent, tree);
	return walk(tree, order, err);
}

void page_tree_release(struct page_tree *tree)
{
	free(tree->text_order);
	free(tree->text_place);
	free(tree->folder_order);
	free(tree->folder_place);
	free(tree->text_slots.items);
	free(tree->folder_slots.items);
	array_release(&tree->texts);
	array_release(&tree->folders);
	arena_release(&tree->arena);
}
