/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_state.c - see sequence_state.h */
#include "recover/sequence/sequence_state.h"

#include "core/checksum.h"
#include "core/json.h"

#include <inttypes.h>
#include <string.h>

void sequence_state_release(struct sequence_state *state)
{
	sequence_variables_release(&state->variables);
}

void sequence_state_line(const char *object, size_t size, char line[SEQUENCE_STATE_LINE_BYTES + 1])
{
	snprintf(line, SEQUENCE_STATE_LINE_BYTES + 1, SEQUENCE_STATE_WORDS SEQUENCE_STATE_VERSION "%016" PRIx64 "\n",
		 checksum(object, size));
}

static void write_object(const struct sequence_state *state, FILE *out)
{
	struct json json = { .out = out, .indent = 1 };
	char        hex[DIGEST_HEX_SIZE];

	digest_hex(state->digest, hex);
	json_begin(&json, '{');
	json_key_string(&json, "sequence", hex);
	json_key(&json, "variables");
	json_begin(&json, '[');
	for (size_t i = 0; i < state->variables.set.count; i++) {
		const struct sequence_variable *variable = &state->variables.set.items[i];

		json_begin(&json, '{');
		json_key_string(&json, "name", variable->name);
		json_key_string(&json, "value", variable->value);
		if (variable->hidden)
			json_key_bool(&json, "hidden", true);
		json_end(&json, '}');
	}
	json_end(&json, ']');
	json_end(&json, '}');
	fputc('\n', out);
}

int sequence_state_write(const struct sequence_state *state, char **bytes, size_t *size, struct error *err)
{
	char  line[SEQUENCE_STATE_LINE_BYTES + 1];
	FILE *out = open_memstream(bytes, size);
	bool  failed;

	if (!out) {
		*bytes = NULL;
		return error_memory(err);
	}
	fprintf(out, "%*s", (int)SEQUENCE_STATE_LINE_BYTES, ""); /* its place is kept */
	write_object(state, out);
	failed = ferror(out);
	if (fclose(out) != 0 || failed)
		return error_memory(err);
	sequence_state_line(*bytes + SEQUENCE_STATE_LINE_BYTES, *size - SEQUENCE_STATE_LINE_BYTES, line);
	memcpy(*bytes, line, SEQUENCE_STATE_LINE_BYTES);
	return 0;
}
