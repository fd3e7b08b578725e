/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * registry_value.h - one value of the registry, wherever it comes from
 */
#ifndef RECOVER_REGISTRY_REGISTRY_VALUE_H
#define RECOVER_REGISTRY_REGISTRY_VALUE_H

#include "core/array.h"

#include <stdint.h>

/* As on disk and in the Windows API. */
enum registry_type {
	REGISTRY_NONE = 0,
	REGISTRY_STRING = 1,
	REGISTRY_EXPAND_STRING = 2,
	REGISTRY_BINARY = 3,
	REGISTRY_DWORD = 4,
	REGISTRY_DWORD_BIG_ENDIAN = 5,
	REGISTRY_LINK = 6,
	REGISTRY_MULTI_STRING = 7,
	REGISTRY_QWORD = 11,
};

struct registry_value {
	char    *name; /* "" the default value */
	uint32_t type; /* enum registry_type, or what the hive says */
	uint8_t *data; /* as on disk: strings are UTF-16LE, with their end if they have one */
	size_t   size; /* bytes */
};

struct registry_values ARRAY(struct registry_value);

/* Returns 0, or -1 without memory.  Release in any case. */
MUST_CHECK int registry_value_copy(struct registry_value *copy, const struct registry_value *value,
				   struct error *err);
void           registry_value_release(struct registry_value *value);
void           registry_values_release(struct registry_values *values);

/* A string value's text up to its end; NULL if it is no string type, or no memory.  To be freed. */
char *registry_value_text(const struct registry_value *value);

/* The same: 0, with NULL for what is no string; -1 without memory. */
MUST_CHECK int registry_value_read_text(const struct registry_value *value, char **text, struct error *err);

/* True with *@number if it is a DWORD or QWORD of the right size. */
bool registry_value_number(const struct registry_value *value, uint64_t *number);

/* A string value of that type, with its end.  Returns 0, or -1: no memory, or a text that is no UTF-8.
 * Release in any case. */
MUST_CHECK int registry_value_make_text(struct registry_value *value, const char *name,
					enum registry_type type, const char *text, struct error *err);
MUST_CHECK int registry_value_make_dword(struct registry_value *value, const char *name, uint32_t number,
					 struct error *err);

#endif
