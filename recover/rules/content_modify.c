/* SPDX-License-Identifier: GPL-3.0-or-later */
/* content_modify.c - see content_modify.h */
#include "recover/rules/content_modify.h"

#include "core/cleanup.h"
#include "core/utf16.h"
#include "recover/rules/rule_scope.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

bool content_modify_read(struct content_modify *modify, const struct rule_call *call)
{
	static const struct {
		const char         *name;
		enum content_change change;
	} changes[] = {
		{ "KeepExisting", CONTENT_KEEP_EXISTING }, { "ConvertToDWORD", CONTENT_TO_DWORD },
		{ "ConvertToString", CONTENT_TO_STRING },  { "ConvertToBinary", CONTENT_TO_BINARY },
		{ "OffsetValue", CONTENT_OFFSET },         { "SetValueByTable", CONTENT_TABLE },
		{ "MergeMultiSzContent", CONTENT_MULTI },  { "MergeDelimitedContent", CONTENT_DELIMITED },
	};

	for (size_t i = 0; call && !call->library && i < sizeof changes / sizeof changes[0]; i++)
		if (strcasecmp(call->name, changes[i].name) == 0) {
			*modify = (struct content_modify){ changes[i].change, call };
			return true;
		}
	return false;
}

/* -------- texts and numbers -------- */

static bool is_text(const struct registry_value *value)
{
	return value->type == REGISTRY_STRING || value->type == REGISTRY_EXPAND_STRING;
}

/* "14", "-2", "0x1f", with nothing but blanks around it. */
static bool parse_number(const char *text, int64_t *number)
{
	char *end;
	int   base;

	while (isspace((unsigned char)*text))
		text++;
	base = strncasecmp(text + (*text == '-'), "0x", 2) == 0 ? 16 : 10;
	errno = 0;
	*number = strtoll(text, &end, base);
	if (end == text || errno)
		return false;
	while (isspace((unsigned char)*end))
		end++;
	return !*end;
}

/* A string's text, or a number's digits; NULL with 0 if it is neither.  Returns 0, or -1 without memory. */
static int text_of(const struct registry_value *value, char **text, struct error *err)
{
	uint64_t number;

	*text = NULL;
	if (is_text(value)) {
		*text = registry_value_text(value);
		return *text ? 0 : error_memory(err);
	}
	if (!registry_value_number(value, &number) || asprintf(text, "%" PRIu64, number) >= 0)
		return 0;
	*text = NULL;
	return error_memory(err);
}

/* What a value says as a number; binary ones of up to eight bytes, too.  1, 0, -1. */
static int number_of(const struct registry_value *value, int64_t *number, struct error *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	uint64_t                bits = 0;

	if (is_text(value)) {
		text = registry_value_text(value);
		return text ? parse_number(text, number) : error_memory(err);
	}
	if (value->type == REGISTRY_BINARY && value->size && value->size <= sizeof bits)
		for (size_t i = value->size; i-- > 0;)
			bits = bits << 8 | value->data[i];
	else if (!registry_value_number(value, &bits))
		return 0;
	*number = (int64_t)bits;
	return 1;
}

/* -------- another type -------- */

static int make_dword(const struct registry_value *value, struct registry_value *made, struct error *err)
{
	int64_t number;
	int     known = number_of(value, &number, err);

	if (known <= 0 || number < INT32_MIN || number > UINT32_MAX)
		return known < 0 ? -1 : CONTENT_AS_STORED;
	return registry_value_make_dword(made, value->name, (uint32_t)number, err) < 0 ? -1 : CONTENT_MADE;
}

static int make_string(const struct registry_value *value, struct registry_value *made, struct error *err)
{
	CLEANUP(free_ptr) char *text = NULL;

	if (text_of(value, &text, err) < 0)
		return -1;
	if (!text)
		return CONTENT_AS_STORED;
	return registry_value_make_text(made, value->name, REGISTRY_STRING, text, err) < 0 ? -1
											   : CONTENT_MADE;
}

static int make_binary(const struct registry_value *value, struct registry_value *made, struct error *err)
{
	if (registry_value_copy(made, value, err) < 0)
		return -1;
	made->type = REGISTRY_BINARY;
	return CONTENT_MADE;
}

/* -------- another number or text of the same type -------- */

/* Put a number into the bytes of one that is a copy of another. */
static void put_number(struct registry_value *made, uint64_t number)
{
	for (size_t i = 0; i < made->size; i++)
		made->data[made->type == REGISTRY_DWORD_BIG_ENDIAN ? made->size - 1 - i : i] =
			(uint8_t)(number >> 8 * i);
}

/* A value like @value that says @text. */
static int make_like(const struct registry_value *value, const char *text, struct registry_value *made,
		     struct error *err)
{
	uint64_t bits;
	int64_t  number;

	if (is_text(value))
		return registry_value_make_text(made, value->name, value->type, text, err) < 0 ? -1
											       : CONTENT_MADE;
	if (!registry_value_number(value, &bits) || !parse_number(text, &number))
		return CONTENT_AS_STORED;
	if (registry_value_copy(made, value, err) < 0)
		return -1;
	put_number(made, (uint64_t)number);
	return CONTENT_MADE;
}

static int make_offset(const struct rule_call *call, const struct registry_value *value,
		       struct registry_value *made, struct error *err)
{
	const char *argument = rule_argument(call, 0);
	char        text[32];
	int64_t     number, offset;
	int         known = value->type == REGISTRY_BINARY ? 0 : number_of(value, &number, err);

	if (known <= 0 || !argument || !parse_number(argument, &offset))
		return known < 0 ? -1 : CONTENT_AS_STORED;
	snprintf(text, sizeof text, "%" PRId64, (int64_t)((uint64_t)number + (uint64_t)offset));
	return make_like(value, text, made, err);
}

/* Item @index of "1, 2,3", to be freed; NULL without memory, and "" where there is none. */
static char *table_item(const char *table, size_t index)
{
	size_t length;

	for (; index && *table; index--) {
		table += strcspn(table, ",");
		table += *table == ',';
	}
	if (index)
		return strdup("");
	while (isspace((unsigned char)*table))
		table++;
	for (length = strcspn(table, ","); length && isspace((unsigned char)table[length - 1]);)
		length--;
	return strndup(table, length);
}

static size_t table_count(const char *table)
{
	size_t count = *table != 0;

	for (; *table; table++)
		count += *table == ',';
	return count;
}

static bool is_same(const char *left, const char *right)
{
	int64_t a, b;

	return strcasecmp(left, right) == 0 || (parse_number(left, &a) && parse_number(right, &b) && a == b);
}

/* What the tables have for @text; *@to is "" for nothing, to be freed.  Returns 0, or -1. */
static int look_up(const char *sources, const char *destinations, const char *text, char **to,
		   struct error *err)
{
	size_t count = table_count(sources), found = count;

	for (size_t i = 0; i < count && found == count; i++) {
		CLEANUP(free_ptr) char *item = table_item(sources, i);

		if (!item)
			return error_memory(err);
		if (is_same(item, text))
			found = i;
	}
	*to = found < count ? table_item(destinations, found) : strdup("");
	return *to ? 0 : error_memory(err);
}

static int make_by_table(const struct rule_call *call, const struct registry_value *value,
			 struct registry_value *made, struct error *err)
{
	const char             *sources = rule_argument(call, 0), *destinations = rule_argument(call, 1);
	const char             *otherwise = rule_argument(call, 2);
	CLEANUP(free_ptr) char *text = NULL, *to = NULL;

	if (text_of(value, &text, err) < 0)
		return -1;
	if (!text)
		return CONTENT_AS_STORED;
	if (look_up(sources ? sources : "", destinations ? destinations : "", text, &to, err) < 0)
		return -1;
	if (*to)
		return make_like(value, to, made, err);
	return otherwise ? make_like(value, otherwise, made, err) : CONTENT_STAYS;
}

/* -------- lists -------- */

static bool has_item(const struct texts *items, const char *text, size_t length)
{
	for (size_t i = 0; i < items->count; i++)
		if (strlen(items->items[i]) == length && strncasecmp(items->items[i], text, length) == 0)
			return true;
	return false;
}

static int add_item(struct texts *items, const char *text, size_t length, struct error *err)
{
	return !length || has_item(items, text, length) ? 0 : texts_add(items, text, length, err);
}

static void remove_item(struct texts *items, const char *text)
{
	size_t kept = 0;

	for (size_t i = 0; i < items->count; i++)
		if (strcasecmp(items->items[i], text) == 0)
			free(items->items[i]);
		else
			items->items[kept++] = items->items[i];
	items->count = kept;
}

/* Pairs of Add or Remove and a text, from argument @first on. */
static int follow_instructions(struct texts *items, const struct rule_call *call, size_t first,
			       struct error *err)
{
	for (size_t i = first; i + 1 < call->count; i += 2) {
		const char *instruction = rule_argument(call, i), *text = rule_argument(call, i + 1);

		if (!instruction || !text)
			continue;
		if (strcasecmp(instruction, "Remove") == 0)
			remove_item(items, text);
		else if (strcasecmp(instruction, "Add") == 0 && add_item(items, text, strlen(text), err) < 0)
			return -1;
	}
	return 0;
}

/* The strings of a REG_MULTI_SZ, up to the empty one at its end. */
static int add_multi(struct texts *items, const struct registry_value *value, struct error *err)
{
	size_t units = value->size / 2;

	for (size_t at = 0, end; at < units; at = end + 1) {
		CLEANUP(free_ptr) char *text = NULL;
		size_t                  length;

		for (end = at; end < units && le16_at(value->data + 2 * end);)
			end++;
		if (end == at)
			break;
		text = malloc(3 * (end - at) + 1);
		if (!text)
			return error_memory(err);
		length = utf16_to_text(value->data + 2 * at, end - at, text);
		if (add_item(items, text, length, err) < 0)
			return -1;
	}
	return 0;
}

static int make_multi_value(const struct texts *items, const char *name, struct registry_value *made,
			    struct error *err)
{
	size_t       bytes = 1, count = 0;
	struct le16 *units;

	for (size_t i = 0; i < items->count; i++)
		bytes += strlen(items->items[i]) + 1;
	units = malloc(bytes * sizeof *units);
	*made = (struct registry_value){ strdup(name), REGISTRY_MULTI_STRING, (uint8_t *)units, 0 };
	if (!made->name || !units)
		return error_memory(err);
	for (size_t i = 0; i < items->count; i++) {
		size_t length = utf16_le_from_utf8(items->items[i], strlen(items->items[i]), units + count);

		if (length == SIZE_MAX)
			return error_set(err, ERROR_VALUE, NULL, "a text of the list '%.100s' is no UTF-8",
					 name);
		count += length;
		units[count++] = le16_make(0);
	}
	units[count++] = le16_make(0);
	made->size = count * sizeof *units;
	return CONTENT_MADE;
}

static int merge_multi(const struct rule_call *call, const struct registry_value *value,
		       const struct registry_value *there, struct registry_value *made, struct error *err)
{
	CLEANUP(texts_release) struct texts items = { 0 };

	if (value->type != REGISTRY_MULTI_STRING)
		return CONTENT_AS_STORED;
	if ((there && there->type == REGISTRY_MULTI_STRING && add_multi(&items, there, err) < 0) ||
	    add_multi(&items, value, err) < 0 || follow_instructions(&items, call, 0, err) < 0)
		return -1;
	return make_multi_value(&items, value->name, made, err);
}

static int add_delimited(struct texts *items, const struct registry_value *value, const char *separators,
			 struct error *err)
{
	CLEANUP(free_ptr) char *text = registry_value_text(value);

	if (!text)
		return error_memory(err);
	for (const char *at = text; *at;) {
		size_t length = strcspn(at, separators);

		if (add_item(items, at, length, err) < 0)
			return -1;
		at += length + (at[length] != 0);
	}
	return 0;
}

/* The items with the first separator between them; NULL without memory.  To be freed. */
static char *join_items(const struct texts *items, char separator)
{
	size_t bytes = 1;
	char  *joined, *to;

	for (size_t i = 0; i < items->count; i++)
		bytes += strlen(items->items[i]) + 1;
	joined = to = malloc(bytes);
	for (size_t i = 0; joined && i < items->count; i++) {
		if (i)
			*to++ = separator;
		to = stpcpy(to, items->items[i]);
	}
	if (joined)
		*to = 0;
	return joined;
}

static int merge_delimited(const struct rule_call *call, const struct registry_value *value,
			   const struct registry_value *there, struct registry_value *made, struct error *err)
{
	const char                         *separators = rule_argument(call, 0);
	CLEANUP(texts_release) struct texts items = { 0 };
	CLEANUP(free_ptr) char             *joined = NULL;
	bool                                both = there && is_text(there);
	bool                                expands;

	if (!is_text(value) || !separators || !*separators)
		return CONTENT_AS_STORED;
	if ((both && add_delimited(&items, there, separators, err) < 0) ||
	    add_delimited(&items, value, separators, err) < 0 ||
	    follow_instructions(&items, call, 1, err) < 0)
		return -1;
	joined = join_items(&items, *separators);
	if (!joined)
		return error_memory(err);
	expands = value->type == REGISTRY_EXPAND_STRING || (both && there->type == REGISTRY_EXPAND_STRING);
	return registry_value_make_text(made, value->name, expands ? REGISTRY_EXPAND_STRING : REGISTRY_STRING,
					joined, err) < 0
		       ? -1
		       : CONTENT_MADE;
}

/* -------- all of them -------- */

int content_modify_apply(const struct content_modify *modify, const struct registry_value *value,
			 const struct registry_value *there, struct registry_value *made, struct error *err)
{
	*made = (struct registry_value){ 0 };
	switch (modify->change) {
	case CONTENT_KEEP_EXISTING:
		return registry_value_copy(made, value, err) < 0 ? -1 : CONTENT_MADE;
	case CONTENT_TO_DWORD:
		return make_dword(value, made, err);
	case CONTENT_TO_STRING:
		return make_string(value, made, err);
	case CONTENT_TO_BINARY:
		return make_binary(value, made, err);
	case CONTENT_OFFSET:
		return make_offset(modify->call, value, made, err);
	case CONTENT_TABLE:
		return make_by_table(modify->call, value, made, err);
	case CONTENT_MULTI:
		return merge_multi(modify->call, value, there, made, err);
	case CONTENT_DELIMITED:
		return merge_delimited(modify->call, value, there, made, err);
	}
	return CONTENT_AS_STORED;
}
