/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_state_read.c - see sequence_state.h: jansson and core/json.h do not go together */
#include "recover/sequence/sequence_state.h"

#include "core/cleanup.h"
#include "recover/json_reader.h"

#include <ctype.h>
#include <string.h>

static bool read_hex(const char *text, uint8_t *to, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		unsigned byte;

		if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]) ||
		    sscanf(text, "%2x", &byte) != 1)
			return false;
		to[i] = (uint8_t)byte;
		text += 2;
	}
	return !*text;
}

static int read_variable(struct sequence_state *state, const char *file, const json_t *json, struct error *err)
{
	bool                    memory = false;
	CLEANUP(free_ptr) char *name = json_read_text(json_object_get(json, "name"), JSON_TEXT, &memory);
	CLEANUP(free_ptr) char *value = json_read_text(json_object_get(json, "value"), JSON_TEXT, &memory);

	if (memory)
		return error_memory(err);
	if (!name || !*name || !value)
		return error_set(err, ERROR_VALUE, file, "has a variable without a name or a value");
	return sequence_variables_set_hidden(&state->variables, name, value,
					     json_is_true(json_object_get(json, "hidden")), err);
}

static int read_object(struct sequence_state *state, const char *name, const json_t *root, struct error *err)
{
	const char   *hex = json_string_value(json_object_get(root, "sequence"));
	const json_t *variables = json_object_get(root, "variables");

	if (!hex || strlen(hex) != 2 * DIGEST_BYTES || !read_hex(hex, state->digest, DIGEST_BYTES) ||
	    !json_is_array(variables))
		return error_set(err, ERROR_VALUE, name, "does not say of which sequence it is, or where that stands");
	for (size_t i = 0; i < json_array_size(variables); i++)
		if (read_variable(state, name, json_array_get(variables, i), err) < 0)
			return -1;
	return 0;
}

int sequence_state_read(struct sequence_state *state, const char *name, const char *bytes, size_t size,
			struct error *err)
{
	CLEANUP(json_release) json_t *root = NULL;
	char                          line[SEQUENCE_STATE_LINE_BYTES + 1];

	*state = (struct sequence_state){ 0 };
	if (size > SEQUENCE_STATE_BYTES_MAX || size < SEQUENCE_STATE_LINE_BYTES ||
	    memcmp(bytes, SEQUENCE_STATE_WORDS, sizeof SEQUENCE_STATE_WORDS - 1) != 0)
		return error_set(err, ERROR_VALUE, name, "is no saved task sequence");
	if (memcmp(bytes + sizeof SEQUENCE_STATE_WORDS - 1, SEQUENCE_STATE_VERSION, sizeof SEQUENCE_STATE_VERSION - 1) !=
	    0)
		return error_set(err, ERROR_UNSUPPORTED, name,
				 "was saved by another version of this program: go on with that one");
	bytes += SEQUENCE_STATE_LINE_BYTES;
	size -= SEQUENCE_STATE_LINE_BYTES;
	sequence_state_line(bytes, size, line);
	if (memcmp(bytes - SEQUENCE_STATE_LINE_BYTES, line, SEQUENCE_STATE_LINE_BYTES) != 0)
		return error_set(err, ERROR_VALUE, name, "is damaged: its checksum is wrong");
	if (json_read(bytes, size, &root, err) < 0)
		return -1;
	return read_object(state, name, root, err);
}
