/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hive.c - see hive.h
 *
 * hivex trusts some of what it reads, and ends the program where it meets what it did not expect; so
 * hive_walk has looked at everything before hivex does.  hivex knows a key or a value by where its cell lies,
 * and uses no cell again: what was in the hive when it was opened is read from those bytes, by our own
 * decoders, which know more names and sizes; what was made since is asked of hivex.
 */
#include "recover/registry/hive.h"

#include "core/checksum.h"
#include "core/cleanup.h"
#include "core/utf16.h"
#include "recover/registry/hive_format.h"
#include "recover/registry/hive_settle.h"

#include <errno.h>
#include <sys/mman.h>

#define hive_set_value hivex_set_value /* hivex has a type of that name */
#include <hivex.h>
#undef hive_set_value

#define KEY_UNITS_MAX 255u
#define LIST_ENTRY_BYTES 8u /* of a list of keys */
#define VALUE_UNITS_MAX 16383u

/* -------- errors -------- */

/* It is this hive that @err speaks of.  Returns -1. */
static int of_hive(const char *name, struct error *err)
{
	snprintf(err->path, sizeof err->path, "%s", name);
	return -1;
}

/* hivex has said no, for a reason in errno that it took from what it has met. */
static int refused(const struct hive *hive, struct error *err, const char *what)
{
	int why = errno;

	if (why == ENOMEM)
		return error_memory(err);
	(void)error_set(err, ERROR_VALUE, hive->name, "%s", what);
	err->sys = why;
	return -1;
}

/* -------- names -------- */

/* A text as names lie on disk. */
struct units {
	struct le16 *at;
	size_t       count;
};

static void units_release(struct units *units)
{
	free(units->at);
}

static int units_of_text(struct units *units, const char *text, size_t length, struct error *err)
{
	units->at = malloc((length + 1) * sizeof *units->at);
	if (!units->at)
		return error_memory(err);
	units->count = utf16_le_from_utf8(text, length, units->at);
	if (units->count == SIZE_MAX)
		return error_set(err, ERROR_VALUE, NULL, "the name '%.*s' is no UTF-8",
				 (int)(length < 100 ? length : 100), text);
	return 0;
}

static struct hive_name name_of_units(const struct units *units)
{
	return (struct hive_name){ (const uint8_t *)units->at, units->count, false };
}

/* WTF-8, in memory; NULL without. */
static char *text_of_name(const struct hive_name *name)
{
	CLEANUP(free_ptr) struct le16 *wide = malloc((name->units + 1) * sizeof *wide);
	char                          *text = malloc(3 * name->units + 1);

	if (!wide || !text) {
		free(text);
		return NULL;
	}
	for (size_t i = 0; i < name->units; i++)
		wide[i] = le16_make(hive_name_unit(name, i));
	utf16_to_text((const uint8_t *)wide, name->units, text);
	return text;
}

static bool same_text(const struct hive *hive, const char *a, const char *b)
{
	const char *a_end = a + strlen(a), *b_end = b + strlen(b);
	uint32_t    left, right;

	while (a < a_end && b < b_end)
		if (!utf8_next(&a, a_end, &left) || !utf8_next(&b, b_end, &right) ||
		    (left != right && (left >= UPCASE_UNITS || right >= UPCASE_UNITS ||
				       hive->upcase.table[left] != hive->upcase.table[right])))
			return false;
	return a == a_end && b == b_end;
}

/* As hivex takes names: plain UTF-8, and so nothing that it has no bytes for. */
static int text_for_hivex(const struct hive *hive, const struct hive_name *name, char **text,
			  struct error *err)
{
	*text = text_of_name(name);
	if (!*text)
		return error_memory(err);
	for (size_t i = 0; i < name->units; i++) {
		uint16_t unit = hive_name_unit(name, i);
		bool     high = unit >= 0xd800 && unit < 0xdc00, low = unit >= 0xdc00 && unit < 0xe000;

		if (high && i + 1 < name->units && (hive_name_unit(name, i + 1) & 0xfc00) == 0xdc00) {
			i++;
			continue;
		}
		if (!unit || high || low)
			return error_set(err, ERROR_UNSUPPORTED, hive->name,
					 "the name '%.100s' has characters that cannot be written", *text);
	}
	return 0;
}

/* -------- what was there, and what is new -------- */

/* The cell of a key or value of hivex, if it was in the hive when it was opened. */
static bool was_there(const struct hive *hive, size_t handle, uint32_t *cell)
{
	if (handle >= hive->opened.left || handle < HIVE_BASE_BYTES)
		return false;
	*cell = (uint32_t)(handle - HIVE_BASE_BYTES);
	return true;
}

/* A name with what it may need memory for. */
struct found_name {
	struct hive_name name;
	struct units     units;
};

static void found_name_release(struct found_name *found)
{
	units_release(&found->units);
}

static int take_text(struct found_name *found, char *text, struct error *err)
{
	int result = units_of_text(&found->units, text, strlen(text), err);

	free(text);
	found->name = name_of_units(&found->units);
	return result;
}

static int find_key_name(const struct hive *hive, hive_key key, struct found_name *found, struct error *err)
{
	struct hive_key_record record;
	uint32_t               cell;
	char                  *text;

	if (was_there(hive, key, &cell)) {
		if (hive_key_decode(hive->opened, cell, &record, err) < 0)
			return of_hive(hive->name, err);
		found->name = record.name;
		return 0;
	}
	text = hivex_node_name(hive->handle, key);
	return text ? take_text(found, text, err) : refused(hive, err, "a key's name cannot be read");
}

static int find_value_name(const struct hive *hive, hive_value_h value, struct found_name *found,
			   struct error *err)
{
	struct hive_value_record record;
	uint32_t                 cell;
	char                    *text;

	if (was_there(hive, value, &cell)) {
		if (hive_value_decode(hive->opened, cell, &record, err) < 0)
			return of_hive(hive->name, err);
		found->name = record.name;
		return 0;
	}
	text = hivex_value_key(hive->handle, value);
	return text ? take_text(found, text, err) : refused(hive, err, "a value's name cannot be read");
}

/* -------- opening -------- */

/* Its name for those who can only open names. */
struct descriptor_path {
	char text[32];
};

static struct descriptor_path path_of(int fd)
{
	struct descriptor_path path;

	snprintf(path.text, sizeof path.text, "/proc/self/fd/%d", fd);
	return path;
}

static int write_all(int fd, const uint8_t *at, size_t left, struct error *err)
{
	while (left) {
		ssize_t done = write(fd, at, left);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return error_sys(err, NULL, "keep a hive in memory");
		at += done;
		left -= (size_t)done;
	}
	return 0;
}

/* Give the bytes to hivex, and keep them for reading. */
static int give_to_hivex(struct hive *hive, struct bytes bytes, bool writable, struct error *err)
{
	CLEANUP(close_fd) int fd = memfd_create("hive", MFD_CLOEXEC);
	void                 *mapped;

	if (fd < 0)
		return error_sys(err, hive->name, "keep a hive in memory");
	if (write_all(fd, bytes.at, bytes.left, err) < 0)
		return -1;
	mapped = mmap(NULL, bytes.left, PROT_READ, MAP_SHARED, fd, 0);
	if (mapped == MAP_FAILED)
		return error_sys(err, hive->name, "keep a hive in memory");
	hive->opened = (struct bytes){ mapped, bytes.left, 0 };
	hive->handle = hivex_open(path_of(fd).text, writable ? HIVEX_OPEN_WRITE : 0);
	return hive->handle ? 0 : refused(hive, err, "the hive cannot be opened");
}

/* The bytes to open: those of the hive, or with @updated (to be freed) those that its logs make of it. */
static int choose_bytes(struct hive *hive, const struct bytes *primary, const struct bytes logs[HIVE_LOGS],
			uint8_t **updated, struct bytes *chosen, struct error *err)
{
	struct bytes whole = *primary;
	size_t       size = 0;

	*chosen = *primary;
	if (!bytes_sub(*primary, 0, sizeof(struct hive_base_disk), &whole) || !hive_base_is_clean(whole.at)) {
		int result = hive_logs_apply(*primary, logs, updated, &size, err);

		if (result < 0)
			return -1;
		hive->state = result ? HIVE_LOGS_APPLIED : HIVE_BEHIND;
		if (result) {
			*chosen = (struct bytes){ *updated, size, 0 };
			return 0;
		}
	}
	if (hive_walk(*primary, NULL, err) < 0)
		return -1;
	chosen->left = hive_bytes(primary->at);
	return 0;
}

int hive_open(struct hive *hive, const char *name, struct bytes primary, const struct bytes logs[HIVE_LOGS],
	      bool writable, struct error *err)
{
	CLEANUP(free_ptr) uint8_t *updated = NULL;
	struct bytes               chosen;

	*hive = (struct hive){ .name = strdup(name) };
	if (!hive->name)
		return error_memory(err);
	if (primary.left > HIVE_BYTES_MAX)
		return error_set(err, ERROR_UNSUPPORTED, name, "a hive of %zu bytes is too large",
				 primary.left);
	primary.offset = 0;
	if (choose_bytes(hive, &primary, logs, &updated, &chosen, err) < 0)
		return of_hive(name, err);
	return upcase_init(&hive->upcase, err) < 0 ? -1 : give_to_hivex(hive, chosen, writable, err);
}

void hive_close(struct hive *hive)
{
	if (hive->handle)
		hivex_close(hive->handle);
	if (hive->opened.at)
		munmap((void *)hive->opened.at, hive->opened.left);
	upcase_release(&hive->upcase);
	free(hive->name);
	*hive = (struct hive){ 0 };
}

/* -------- keys -------- */

hive_key hive_root(const struct hive *hive)
{
	return hivex_root(hive->handle);
}

int hive_children(const struct hive *hive, hive_key key, struct hive_keys *children, struct error *err)
{
	hive_node_h *nodes = hivex_node_children(hive->handle, key);
	int          result = 0;

	*children = (struct hive_keys){ 0 };
	if (!nodes)
		return refused(hive, err, "the keys below a key cannot be read");
	for (size_t i = 0; nodes[i] && result == 0; i++)
		if (!array_push(children, nodes[i]))
			result = error_memory(err);
	free(nodes);
	return result;
}

int hive_key_name(const struct hive *hive, hive_key key, char **name, struct error *err)
{
	CLEANUP(found_name_release) struct found_name found = { 0 };

	*name = NULL;
	if (find_key_name(hive, key, &found, err) < 0)
		return -1;
	*name = text_of_name(&found.name);
	return *name ? 0 : error_memory(err);
}

/* The child of that name: 1, 0, -1. */
static int find_child(const struct hive *hive, hive_key parent, const struct hive_name *name, hive_key *child,
		      struct error *err)
{
	struct hive_keys children;
	int              result = hive_children(hive, parent, &children, err);

	for (size_t i = 0; i < children.count && result == 0; i++) {
		CLEANUP(found_name_release) struct found_name found = { 0 };

		result = find_key_name(hive, children.items[i], &found, err);
		if (result == 0 && hive_name_compare(&hive->upcase, &found.name, name) == 0) {
			*child = children.items[i];
			result = 1;
		}
	}
	array_release(&children);
	return result;
}

/* Cut the next name off a path, passing over what separates; false at its end. */
static bool next_name(const char **path, const char **name, size_t *length)
{
	*path += strspn(*path, "\\");
	*name = *path;
	*length = strcspn(*path, "\\");
	*path += *length;
	return *length > 0;
}

int hive_find(const struct hive *hive, hive_key from, const char *path, hive_key *key, struct error *err)
{
	hive_key    at = from;
	const char *name;
	size_t      length;

	while (next_name(&path, &name, &length)) {
		CLEANUP(units_release) struct units units = { 0 };
		struct hive_name                    wanted;
		int                                 result;

		if (units_of_text(&units, name, length, err) < 0)
			return -1;
		wanted = name_of_units(&units);
		result = find_child(hive, at, &wanted, &at, err);
		if (result != 1)
			return result;
	}
	*key = at;
	return 1;
}

static int make_child(struct hive *hive, hive_key parent, const struct hive_name *name, hive_key *child,
		      struct error *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	hive_node_h             made;
	uint64_t                wasted;

	if (name->units > KEY_UNITS_MAX)
		return error_set(err, ERROR_VALUE, hive->name, "a key's name of %zu characters is too long",
				 name->units);
	if (text_for_hivex(hive, name, &text, err) < 0)
		return -1;
	wasted = LIST_ENTRY_BYTES * hivex_node_nr_children(hive->handle, parent);
	if (wasted > HIVE_WASTE_MAX - hive->wasted)
		return error_set(err, ERROR_UNSUPPORTED, hive->name,
				 "too many new keys in one key for the hive; import the stored file in the running Windows");
	hive->wasted += wasted;
	made = hivex_node_add_child(hive->handle, parent, text);
	if (!made)
		return refused(hive, err, "a key cannot be made");
	*child = made;
	return 0;
}

int hive_make_key(struct hive *hive, hive_key from, const char *path, hive_key *key, struct error *err)
{
	hive_key    at = from;
	const char *name;
	size_t      length;

	while (next_name(&path, &name, &length)) {
		CLEANUP(units_release) struct units units = { 0 };
		struct hive_name                    wanted;
		int                                 result;

		if (units_of_text(&units, name, length, err) < 0)
			return -1;
		wanted = name_of_units(&units);
		result = find_child(hive, at, &wanted, &at, err);
		if (result < 0 || (result == 0 && make_child(hive, at, &wanted, &at, err) < 0))
			return -1;
	}
	*key = at;
	return 0;
}

/* -------- values of a key -------- */

/* What hivex has as the values of a key; none of a predefined one.  To be freed. */
static int list_values(const struct hive *hive, hive_key key, hive_value_h **list, struct error *err)
{
	struct hive_key_record record;
	uint32_t               cell;

	if (was_there(hive, key, &cell)) {
		if (hive_key_decode(hive->opened, cell, &record, err) < 0)
			return of_hive(hive->name, err);
		if (record.flags & HIVE_KEY_PREDEFINED) {
			*list = calloc(1, sizeof **list);
			return *list ? 0 : error_memory(err);
		}
	}
	*list = hivex_node_values(hive->handle, key);
	return *list ? 0 : refused(hive, err, "the values of a key cannot be read");
}

static int read_new_value(const struct hive *hive, hive_value_h at, struct registry_value *value,
			  struct error *err)
{
	hive_type type;
	size_t    size;
	char     *data = hivex_value_value(hive->handle, at, &type, &size);

	if (!data)
		return refused(hive, err, "a value cannot be read");
	value->type = (uint32_t)type;
	value->size = size;
	value->data = (uint8_t *)data;
	return 0;
}

static int read_value(const struct hive *hive, hive_value_h at, struct registry_value *value,
		      struct error *err)
{
	CLEANUP(found_name_release) struct found_name found = { 0 };
	struct hive_value_record                      record;
	uint32_t                                      cell;

	*value = (struct registry_value){ 0 };
	if (find_value_name(hive, at, &found, err) < 0)
		return -1;
	value->name = text_of_name(&found.name);
	if (!value->name)
		return error_memory(err);
	if (!was_there(hive, at, &cell))
		return read_new_value(hive, at, value, err);
	if (hive_value_decode(hive->opened, cell, &record, err) < 0)
		return of_hive(hive->name, err);
	value->type = record.type;
	value->size = record.size;
	value->data = malloc(record.size + 1);
	if (!value->data)
		return error_memory(err);
	return hive_value_copy(hive->opened, &record, value->data, err) < 0 ? of_hive(hive->name, err) : 0;
}

int hive_values(const struct hive *hive, hive_key key, struct registry_values *values, struct error *err)
{
	CLEANUP(free_ptr) hive_value_h *list = NULL;

	*values = (struct registry_values){ 0 };
	if (list_values(hive, key, &list, err) < 0)
		return -1;
	for (size_t i = 0; list[i]; i++) {
		struct registry_value value;

		if (read_value(hive, list[i], &value, err) < 0) {
			registry_value_release(&value);
			return -1;
		}
		if (!array_push(values, value)) {
			registry_value_release(&value);
			return error_memory(err);
		}
	}
	return 0;
}

int hive_value(const struct hive *hive, hive_key key, const char *name, struct registry_value *value,
	       struct error *err)
{
	CLEANUP(units_release) struct units units = { 0 };
	CLEANUP(free_ptr) hive_value_h     *list = NULL;
	struct hive_name                    wanted;

	*value = (struct registry_value){ 0 };
	if (units_of_text(&units, name, strlen(name), err) < 0 || list_values(hive, key, &list, err) < 0)
		return -1;
	wanted = name_of_units(&units);
	for (size_t i = 0; list[i]; i++) {
		CLEANUP(found_name_release) struct found_name found = { 0 };

		if (find_value_name(hive, list[i], &found, err) < 0)
			return -1;
		if (hive_name_compare(&hive->upcase, &found.name, &wanted) == 0)
			return read_value(hive, list[i], value, err) < 0 ? -1 : 1;
	}
	return 0;
}

int hive_text_at(const struct hive *hive, const char *path, const char *name, char **text, struct error *err)
{
	struct registry_value value = { 0 };
	hive_key              key;
	int                   result = hive_find(hive, hive_root(hive), path, &key, err);

	*text = NULL;
	if (result == 1)
		result = hive_value(hive, key, name, &value, err);
	if (result == 1)
		result = registry_value_read_text(&value, text, err);
	registry_value_release(&value);
	return result < 0 ? -1 : 0;
}

/* -------- changing values -------- */

/* The values of a key as they will be; names are hivex's, data is borrowed. */
struct set_values ARRAY(hivex_set_value);

static void set_values_release(struct set_values *values)
{
	for (size_t i = 0; i < values->count; i++)
		free(values->items[i].key);
	array_release(values);
}

/* The value's name as hivex takes it, if the hive can hold the value; to be freed. */
static int name_for_hivex(const struct hive *hive, const struct registry_value *value, char **text, struct error *err)
{
	CLEANUP(units_release) struct units units = { 0 };
	struct hive_name                    name;

	*text = NULL;
	if (units_of_text(&units, value->name, strlen(value->name), err) < 0)
		return -1;
	name = name_of_units(&units);
	if (name.units > VALUE_UNITS_MAX)
		return error_set(err, ERROR_VALUE, hive->name, "a value's name of %zu characters is too long",
				 name.units);
	if (value->size > HIVE_VALUE_BYTES_MAX)
		return error_set(err, ERROR_UNSUPPORTED, hive->name,
				 "the value '%.100s' of %zu bytes is too large to be written", value->name,
				 value->size);
	return text_for_hivex(hive, &name, text, err);
}

int hive_check_value(const struct hive *hive, const struct registry_value *value, struct error *err)
{
	CLEANUP(free_ptr) char *text = NULL;

	return name_for_hivex(hive, value, &text, err);
}

static int add_set_value(const struct hive *hive, const struct registry_value *value, struct set_values *set,
			 struct error *err)
{
	CLEANUP(free_ptr) char *text = NULL;

	if (name_for_hivex(hive, value, &text, err) < 0)
		return -1;
	if (!array_push(set, (hivex_set_value){ .key = text,
						.t = (hive_type)value->type,
						.len = value->size,
						.value = (char *)value->data }))
		return error_memory(err);
	text = NULL;
	return 0;
}

/* hivex ends the program where the data of a value that it is to forget is no cell. */
static int may_forget_values(const struct hive *hive, hive_key key, struct error *err)
{
	CLEANUP(free_ptr) hive_value_h *list = NULL;

	if (list_values(hive, key, &list, err) < 0)
		return -1;
	for (size_t i = 0; list[i]; i++) {
		size_t size;

		errno = 0;
		if (!hivex_value_data_cell_offset(hive->handle, list[i], &size) && errno)
			return refused(
				hive, err,
				"a value of no size says where its data lies, which cannot be changed");
	}
	return 0;
}

/* Give a key these values and no others. */
static int replace_values(struct hive *hive, hive_key key, const struct registry_values *values,
			  struct error *err)
{
	CLEANUP(set_values_release) struct set_values set = { 0 };

	if (may_forget_values(hive, key, err) < 0)
		return -1;
	for (size_t i = 0; i < values->count; i++)
		if (add_set_value(hive, &values->items[i], &set, err) < 0)
			return -1;
	if (hivex_node_set_values(hive->handle, key, set.count, set.items, 0) < 0) {
		hive->spoilt = true;
		return refused(hive, err, "the values of a key cannot be written");
	}
	return 0;
}

static bool is_predefined(const struct hive *hive, hive_key key)
{
	struct hive_key_record record;
	struct error           err;
	uint32_t               cell;

	return was_there(hive, key, &cell) && hive_key_decode(hive->opened, cell, &record, &err) == 0 &&
	       (record.flags & HIVE_KEY_PREDEFINED);
}

/* Where the value of a name is, or would be. */
static size_t place_of(const struct hive *hive, const struct registry_values *values, const char *name)
{
	size_t at = 0;

	while (at < values->count && !same_text(hive, values->items[at].name, name))
		at++;
	return at;
}

/* Put copies of values over those of the same names, or after them. */
static int merge_values(const struct hive *hive, struct registry_values *all,
			const struct registry_value *values, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		size_t                at = place_of(hive, all, values[i].name);
		struct registry_value copy;

		if (registry_value_copy(&copy, &values[i], err) < 0 ||
		    (at == all->count && !array_push(all, (struct registry_value){ 0 }))) {
			registry_value_release(&copy);
			return error_memory(err);
		}
		registry_value_release(&all->items[at]);
		all->items[at] = copy;
	}
	return 0;
}

int hive_set_values(struct hive *hive, hive_key key, const struct registry_value *values, size_t count,
		    struct error *err)
{
	CLEANUP(registry_values_release) struct registry_values all = { 0 };

	if (is_predefined(hive, key))
		return error_set(err, ERROR_UNSUPPORTED, hive->name,
				 "a predefined key has no values of its own");
	if (hive_values(hive, key, &all, err) < 0 || merge_values(hive, &all, values, count, err) < 0)
		return -1;
	return replace_values(hive, key, &all, err);
}

int hive_set_value(struct hive *hive, hive_key key, const struct registry_value *value, struct error *err)
{
	return hive_set_values(hive, key, value, 1, err);
}

int hive_delete_value(struct hive *hive, hive_key key, const char *name, struct error *err)
{
	CLEANUP(registry_values_release) struct registry_values all = { 0 };
	size_t                                                  at;

	if (hive_values(hive, key, &all, err) < 0)
		return -1;
	at = place_of(hive, &all, name);
	if (at == all.count)
		return 0;
	registry_value_release(&all.items[at]);
	memmove(&all.items[at], &all.items[at + 1], (all.count - at - 1) * sizeof *all.items);
	all.count--;
	return replace_values(hive, key, &all, err);
}

/* hivex ends the program where the class of a key that it is to forget is no cell. */
static int may_forget_key(const struct hive *hive, hive_key key, struct error *err)
{
	CLEANUP(free_ptr) char *name = hivex_node_name(hive->handle, key);
	struct hive_key_record  record;
	uint32_t                cell;

	if (!name)
		return refused(hive, err, "a key has a name that cannot be changed");
	if (was_there(hive, key, &cell)) {
		if (hive_key_decode(hive->opened, cell, &record, err) < 0)
			return of_hive(hive->name, err);
		if (record.class_name != HIVE_NOWHERE && !record.class_bytes)
			return error_set(
				err, ERROR_VALUE, hive->name,
				"the key '%.100s' says where its class lies and has none, it cannot be deleted",
				name);
	}
	return may_forget_values(hive, key, err);
}

/* Every key at and below this one is as hivex can take it away. */
static int may_delete(const struct hive *hive, hive_key key, struct error *err)
{
	struct hive_keys children = { 0 };
	int              result = may_forget_key(hive, key, err);

	if (result == 0)
		result = hive_children(hive, key, &children, err);
	for (size_t i = 0; i < children.count && result == 0; i++)
		result = may_delete(hive, children.items[i], err);
	array_release(&children);
	return result;
}

static int empty_below(struct hive *hive, hive_key key, struct error *err)
{
	const struct registry_values none = { 0 };
	struct hive_keys             children;
	int                          result = hive_children(hive, key, &children, err);

	for (size_t i = 0; i < children.count && result == 0; i++)
		result = empty_below(hive, children.items[i], err);
	array_release(&children);
	if (result == 0 && !is_predefined(hive, key))
		result = replace_values(hive, key, &none, err);
	return result;
}

int hive_delete_key(struct hive *hive, hive_key key, struct error *err)
{
	if (key == hive_root(hive))
		return error_set(err, ERROR_REFUSED, hive->name, "the root of a hive cannot be deleted");
	if (may_delete(hive, key, err) < 0 || empty_below(hive, key, err) < 0)
		return -1;
	if (hivex_node_delete_child(hive->handle, key) < 0) {
		hive->spoilt = true;
		return refused(hive, err, "a key cannot be deleted");
	}
	return 0;
}

/* -------- saving -------- */

static int read_all(int fd, uint8_t **bytes, size_t *size, struct error *err)
{
	off_t end = lseek(fd, 0, SEEK_END);

	if (end < 0)
		return error_sys(err, NULL, "keep a hive in memory");
	*bytes = malloc((size_t)end + 1);
	if (!*bytes)
		return error_memory(err);
	for (*size = 0; *size < (size_t)end;) {
		ssize_t got = pread(fd, *bytes + *size, (size_t)end - *size, (off_t)*size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return error_sys(err, NULL, "keep a hive in memory");
		*size += (size_t)got;
	}
	return 0;
}

/* All that a hive holds, whatever its order. */
struct tally {
	uint64_t keys, values;
	uint64_t content; /* sum of checksums */
};

static uint64_t mix(uint64_t above, const char *name, uint64_t type, const void *data, size_t size)
{
	const uint64_t parts[] = { above, checksum(name, strlen(name)), type, checksum(data, size) };

	return checksum(parts, sizeof parts);
}

/* @above  checksum of the key's path */
static int add_key(const struct hive *hive, hive_key key, uint64_t above, struct tally *tally,
		   struct error *err)
{
	CLEANUP(registry_values_release) struct registry_values values = { 0 };
	CLEANUP(free_ptr) char                                 *name = NULL;
	struct hive_keys                                        children = { 0 };
	int                                                     result;

	if (hive_values(hive, key, &values, err) < 0 || hive_key_name(hive, key, &name, err) < 0)
		return -1;
	above = mix(above, name, 0, "", 0);
	tally->keys++;
	tally->values += values.count;
	tally->content += above;
	for (size_t i = 0; i < values.count; i++)
		tally->content += mix(above, values.items[i].name, values.items[i].type, values.items[i].data,
				      values.items[i].size);
	result = hive_children(hive, key, &children, err);
	for (size_t i = 0; i < children.count && result == 0; i++)
		result = add_key(hive, children.items[i], above, tally, err);
	array_release(&children);
	return result;
}

/* Open what is to be given, and find all that the hive has. */
static int compare_saved(const struct hive *hive, struct bytes saved, struct error *err)
{
	CLEANUP(hive_close) struct hive again = { 0 };
	const struct bytes              logs[HIVE_LOGS] = { { 0 } };
	struct tally                    wanted = { 0 }, found = { 0 };

	if (hive_open(&again, hive->name, saved, logs, false, err) < 0 ||
	    add_key(hive, hive_root(hive), 0, &wanted, err) < 0 ||
	    add_key(&again, hive_root(&again), 0, &found, err) < 0)
		return -1;
	if (again.state != HIVE_CLEAN || memcmp(&wanted, &found, sizeof wanted) != 0)
		return error_set(err, ERROR_VALUE, hive->name,
				 "the changed hive does not hold what it should");
	return 0;
}

int hive_save(struct hive *hive, uint8_t **bytes, size_t *size, struct error *err)
{
	CLEANUP(close_fd) int fd = memfd_create("hive", MFD_CLOEXEC);

	*bytes = NULL;
	*size = 0;
	if (fd < 0)
		return error_sys(err, hive->name, "keep a hive in memory");
	if (hive->spoilt)
		return error_set(err, ERROR_VALUE, hive->name,
				 "a change to the hive failed, it is not saved");
	if (hivex_commit(hive->handle, path_of(fd).text, 0) < 0)
		return refused(hive, err, "the hive cannot be written");
	if (read_all(fd, bytes, size, err) < 0 ||
	    hive_settle(bytes, size, hive->opened.left, &hive->upcase, err) < 0 ||
	    compare_saved(hive, (struct bytes){ *bytes, *size, 0 }, err) < 0) {
		free(TAKE(*bytes));
		*size = 0;
		return -1;
	}
	return 0;
}
