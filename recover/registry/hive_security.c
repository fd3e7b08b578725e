/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hive_security.c - see hive_security.h */
#include "recover/registry/hive_security.h"

#include "core/array.h"
#include "core/cleanup.h"
#include "recover/registry/hive_cells.h"
#include "recover/registry/hive_format.h"
#include "recover/security/security_descriptor.h"

#include <ctype.h>

#define KEY_READ 0x20019u
#define KEY_ALL_ACCESS 0xf003fu

/* What the user gets. */
enum right { RIGHT_READ, RIGHT_ALL, RIGHT_OWNER };

/* Keys whose values bind the user. */
static const char *const policies[][6] = {
	{ "Software", "Policies" },
	{ "Software", "Microsoft", "Windows", "CurrentVersion", "Policies" },
};

/* A key above the one that is looked at, or that itself. */
struct above {
	uint32_t   key, security; /* cells */
	enum right right;
	unsigned   on_way; /* a bit for each of .policies: it is, so far, on the way there */
};

/* A key, and what becomes of it. */
struct secured_key {
	uint32_t   key, security; /* cells, as it was */
	enum right right;
};

/* A descriptor that there is to be, of the keys from one on. */
struct new_security {
	size_t   first, count; /* in .keys */
	uint8_t *made;         /* NULL: it stays as it is */
	size_t   size;
	uint32_t cell;
};

struct granting {
	struct hive_cells                 cells;
	const struct sid                 *user;
	struct ARRAY(struct above)        above; /* from the root on */
	struct ARRAY(struct secured_key)  keys;
	struct ARRAY(struct new_security) made;
};

static void granting_release(struct granting *granting)
{
	for (size_t i = 0; i < granting->made.count; i++)
		free(granting->made.items[i].made);
	array_release(&granting->above);
	array_release(&granting->keys);
	array_release(&granting->made);
}

/* The descriptor of a security cell; hive_walk has seen that it is one. */
static struct bytes descriptor_at(const struct granting *granting, uint32_t cell)
{
	const uint8_t *at = hive_cells_at(&granting->cells, cell) + 4;

	return (struct bytes){ at + sizeof(struct hive_security_disk),
			       le32_at(at + offsetof(struct hive_security_disk, size)),
			       HIVE_BASE_BYTES + (uint64_t)cell + 4 + sizeof(struct hive_security_disk) };
}

/* -------- what each key gets -------- */

static bool is_called(const struct hive_name *name, const char *text)
{
	size_t i;

	for (i = 0; i < name->units && text[i]; i++) {
		unsigned unit = hive_name_unit(name, i);

		if (unit > 0x7f || toupper((int)unit) != toupper((unsigned char)text[i]))
			return false;
	}
	return i == name->units && !text[i];
}

/* Which policies a key at that depth is on the way to, of those that the key above is; *@arrived at one. */
static unsigned way_of(unsigned above, size_t depth, const struct hive_name *name, bool *arrived)
{
	unsigned way = 0;

	for (unsigned i = 0; i < sizeof policies / sizeof policies[0]; i++) {
		if (!(above >> i & 1) || !policies[i][depth - 1] || !is_called(name, policies[i][depth - 1]))
			continue;
		way |= 1u << i;
		*arrived = *arrived || !policies[i][depth];
	}
	return way;
}

/* What it gets, if it is no key of policies. */
static enum right right_below(const struct granting *granting, const struct above *above, uint32_t security)
{
	if (security != above->security &&
	    security_descriptor_is_protected(descriptor_at(granting, security)))
		return RIGHT_READ;
	return above->right == RIGHT_OWNER ? RIGHT_ALL : above->right;
}

/* The key above one that is not the root; the root is above all. */
static const struct above *find_above(struct granting *granting, uint32_t parent)
{
	while (granting->above.items[granting->above.count - 1].key != parent)
		granting->above.count--;
	return &granting->above.items[granting->above.count - 1];
}

static int meet_key(void *context, uint32_t offset, const struct hive_key_record *key, struct error *err)
{
	struct granting *granting = context;
	struct above     at = { offset, key->security, RIGHT_OWNER, ~0u };

	if (key->security == HIVE_NOWHERE)
		return error_at(err, ERROR_VALUE, HIVE_BASE_BYTES + (uint64_t)offset,
				"a key has no security descriptor");
	if (granting->above.count) {
		const struct above *above = find_above(granting, key->parent);
		bool                arrived = false;

		at.on_way = way_of(above->on_way, granting->above.count, &key->name, &arrived);
		at.right = arrived ? RIGHT_READ : right_below(granting, above, key->security);
	}
	return array_push(&granting->above, at) &&
			       array_push(&granting->keys,
					  (struct secured_key){ offset, key->security, at.right })
		       ? 0
		       : error_memory(err);
}

/* -------- new descriptors -------- */

static int compare_keys(const void *a, const void *b)
{
	const struct secured_key *left = a, *right = b;

	if (left->security != right->security)
		return left->security < right->security ? -1 : 1;
	if (left->right != right->right)
		return left->right < right->right ? -1 : 1;
	return (left->key > right->key) - (left->key < right->key);
}

static int make_descriptor(struct granting *granting, size_t first, size_t count, struct error *err)
{
	const struct secured_key   *key = &granting->keys.items[first];
	const struct security_grant grant = { *granting->user,
					      key->right == RIGHT_READ ? KEY_READ : KEY_ALL_ACCESS,
					      ACE_FOR_FOLDERS };
	struct bytes                was = descriptor_at(granting, key->security);
	struct new_security         security = { .first = first, .count = count };

	if (security_descriptor_grant(was, &grant, key->right == RIGHT_OWNER ? granting->user : NULL,
				      &security.made, &security.size, err) < 0)
		return -1;
	if (!security.made)
		security.size = was.left;
	if (array_push(&granting->made, security))
		return 0;
	free(security.made);
	return error_memory(err);
}

/* Keys of the same descriptor and the same right share one from now on. */
static int make_descriptors(struct granting *granting, struct error *err)
{
	const struct secured_key *keys = granting->keys.items;
	size_t                    first = 0;

	qsort(granting->keys.items, granting->keys.count, sizeof *keys, compare_keys);
	for (size_t i = 1; i <= granting->keys.count; i++) {
		if (i < granting->keys.count && keys[i].security == keys[first].security &&
		    keys[i].right == keys[first].right)
			continue;
		if (make_descriptor(granting, first, i - first, err) < 0)
			return -1;
		first = i;
	}
	return 0;
}

static bool is_any_made(const struct granting *granting)
{
	for (size_t i = 0; i < granting->made.count; i++)
		if (granting->made.items[i].made)
			return true;
	return false;
}

/* -------- writing -------- */

static uint32_t content_bytes(const struct new_security *security)
{
	return (uint32_t)(sizeof(struct hive_security_disk) + security->size);
}

static int make_room(struct granting *granting, struct error *err)
{
	size_t   room = 0;
	uint32_t at;

	for (size_t i = 0; i < granting->made.count; i++)
		room += hive_cell_bytes(content_bytes(&granting->made.items[i]));
	if (hive_cells_add_bin(&granting->cells, room, &at, err) < 0)
		return -1;
	for (size_t i = 0; i < granting->made.count; i++)
		granting->made.items[i].cell =
			hive_cells_put(&granting->cells, &at, content_bytes(&granting->made.items[i]));
	return 0;
}

/* The cell of a descriptor, in a ring with all others, and the keys that refer to it. */
static void put_security(const struct granting *granting, size_t number)
{
	const struct new_security *made = granting->made.items, *security = &made[number];
	const struct secured_key  *keys = &granting->keys.items[security->first];
	size_t                     count = granting->made.count;
	struct hive_security_disk  disk = { .signature = "sk",
					    .next = le32_make(made[(number + 1) % count].cell),
					    .previous = le32_make(made[(number + count - 1) % count].cell),
					    .users = le32_make((uint32_t)security->count),
					    .size = le32_make((uint32_t)security->size) };
	uint8_t                   *cell = hive_cells_at(&granting->cells, security->cell) + 4;

	memcpy(cell, &disk, sizeof disk);
	memcpy(cell + sizeof disk,
	       security->made ? security->made : descriptor_at(granting, keys->security).at, security->size);
	for (size_t i = 0; i < security->count; i++)
		le32_put(hive_cells_at(&granting->cells, keys[i].key) + 4 +
				 offsetof(struct hive_key_disk, security),
			 security->cell);
}

/* Nobody refers to them any more. */
static void free_old(const struct granting *granting)
{
	const struct secured_key *keys = granting->keys.items;

	for (size_t i = 0; i < granting->keys.count; i++)
		if (i == 0 || keys[i].security != keys[i - 1].security)
			hive_cells_free(&granting->cells, keys[i].security);
}

static int grant(struct granting *granting, struct error *err)
{
	const struct hive_visitor visitor = { meet_key, NULL, granting };

	if (hive_walk(hive_cells_bytes(&granting->cells), &visitor, err) < 0 ||
	    make_descriptors(granting, err) < 0)
		return -1;
	if (!is_any_made(granting))
		return 0;
	if (make_room(granting, err) < 0)
		return -1;
	for (size_t i = 0; i < granting->made.count; i++)
		put_security(granting, i);
	free_old(granting);
	hive_cells_seal(&granting->cells);
	return hive_walk(hive_cells_bytes(&granting->cells), NULL, err);
}

int hive_security_grant(uint8_t **bytes, size_t *size, const struct sid *user, struct error *err)
{
	CLEANUP(granting_release) struct granting granting = { .user = user };
	int                                       result;

	if (hive_cells_init(&granting.cells, *bytes, *size, err) < 0)
		return -1;
	result = grant(&granting, err);
	*bytes = granting.cells.bytes;
	*size = granting.cells.size;
	return result;
}
