/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registry_value.c - see registry_value.h */
#include "recover/registry/registry_value.h"

#include "core/endian.h"
#include "core/utf16.h"

int registry_value_copy(struct registry_value *copy, const struct registry_value *value, struct error *err)
{
	*copy = (struct registry_value){ strdup(value->name), value->type, malloc(value->size + 1),
					 value->size };
	if (!copy->name || !copy->data)
		return error_memory(err);
	if (copy->size)
		memcpy(copy->data, value->data, copy->size);
	return 0;
}

void registry_value_release(struct registry_value *value)
{
	free(value->name);
	free(value->data);
	*value = (struct registry_value){ 0 };
}

void registry_values_release(struct registry_values *values)
{
	for (size_t i = 0; i < values->count; i++)
		registry_value_release(&values->items[i]);
	array_release(values);
}

static bool is_string(const struct registry_value *value)
{
	return value->type == REGISTRY_STRING || value->type == REGISTRY_EXPAND_STRING || value->type == REGISTRY_LINK;
}

int registry_value_read_text(const struct registry_value *value, char **text, struct error *err)
{
	*text = registry_value_text(value);
	return *text || !is_string(value) ? 0 : error_memory(err);
}

char *registry_value_text(const struct registry_value *value)
{
	size_t units = 0;
	char  *text;

	if (!is_string(value))
		return NULL;
	while (units < value->size / 2 && le16_at(value->data + 2 * units) != 0)
		units++;
	text = malloc(3 * units + 1);
	if (text)
		utf16_to_text(value->data, units, text);
	return text;
}

bool registry_value_number(const struct registry_value *value, uint64_t *number)
{
	if (value->type == REGISTRY_DWORD && value->size == 4)
		*number = le32_at(value->data);
	else if (value->type == REGISTRY_DWORD_BIG_ENDIAN && value->size == 4)
		*number = __builtin_bswap32(le32_at(value->data));
	else if (value->type == REGISTRY_QWORD && value->size == 8)
		*number = le64_at(value->data);
	else
		return false;
	return true;
}

int registry_value_make_text(struct registry_value *value, const char *name, enum registry_type type,
			     const char *text, struct error *err)
{
	struct le16 *units = malloc((strlen(text) + 1) * sizeof *units);
	size_t       count;

	*value = (struct registry_value){ .name = strdup(name), .type = type, .data = (uint8_t *)units };
	if (!value->name || !units)
		return error_memory(err);
	count = utf16_le_from_utf8(text, strlen(text), units);
	if (count == SIZE_MAX)
		return error_set(err, ERROR_VALUE, NULL, "the text of the value '%.100s' is no UTF-8", name);
	units[count] = le16_make(0);
	value->size = (count + 1) * sizeof *units;
	return 0;
}

int registry_value_make_dword(struct registry_value *value, const char *name, uint32_t number,
			      struct error *err)
{
	struct le32 disk = le32_make(number);

	*value = (struct registry_value){ .name = strdup(name),
					  .type = REGISTRY_DWORD,
					  .data = malloc(sizeof disk) };
	if (!value->name || !value->data)
		return error_memory(err);
	memcpy(value->data, &disk, sizeof disk);
	value->size = sizeof disk;
	return 0;
}
