/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_standing.c - see sequence_standing.h */
#include "recover/sequence/sequence_standing.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/engine/file_content.h"
#include "recover/sequence/sequence_failure.h"
#include "report/sequence_code.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define SHOWN 200 /* bytes of a name or a value; a hostile one has millions */

/* -------- reading -------- */

int sequence_standing_read(struct sequence_standing *standing, struct work_volume *volume, struct error *err)
{
	static const char          path[] = SEQUENCE_STATE_FOLDER "\\" SEQUENCE_STATE_FILE;
	CLEANUP(free_ptr) uint8_t *bytes = NULL;
	size_t                     size;
	uint32_t                   record = volume_tree_find(&volume->tree, path);

	*standing = (struct sequence_standing){ 0 };
	if (record == NO_TREE_RECORD || volume_tree_is_directory(&volume->tree, record))
		return 0;
	standing->begun = true;
	if (file_content_read(volume, record, path, SEQUENCE_STATE_BYTES_MAX, &bytes, &size, err) == 0 &&
	    sequence_state_read(&standing->state, path, (const char *)bytes, size, err) == 0)
		return 0;
	standing->broken = true;
	standing->why = *err;
	return err->kind == ERROR_MEMORY ? -1 : 0;
}

void sequence_standing_release(struct sequence_standing *standing)
{
	sequence_state_release(&standing->state);
}

/* -------- what it says -------- */

/* The value of a variable; "" if it is not there, or a secret. */
static const char *value_of(const struct sequence_standing *standing, const char *name)
{
	const struct sequence_variable *variable = sequence_variables_find(&standing->state.variables, name);

	return variable && !variable->hidden ? variable->value : "";
}

/* One that is a whole number; false if it is none. */
static bool number_of(const struct sequence_standing *standing, const char *name, int64_t *number)
{
	const char *text = value_of(standing, name);
	char       *end;

	errno = 0;
	*number = strtoll(text, &end, 10);
	return *text && !*end && !errno && *number >= INT32_MIN && *number <= UINT32_MAX;
}

static bool has_failed(const struct sequence_standing *standing)
{
	return sequence_variables_true(&standing->state.variables, SEQUENCE_FAILED);
}

static bool is_of_usmt(const struct sequence_standing *standing)
{
	return sequence_variables_true(&standing->state.variables, SEQUENCE_FAILED_OF_USMT);
}

/* What the last action ended with; false if none has been run. */
static bool last_code(const struct sequence_standing *standing, uint32_t *code)
{
	int64_t number;

	if (!number_of(standing, "_SMSTSLastActionRetCode", &number))
		return false;
	*code = (uint32_t)number; /* it is kept with a sign */
	return true;
}

/* -------- words -------- */

static void print_place(const struct sequence_standing *standing, FILE *out)
{
	int64_t pointer, count;

	if (!number_of(standing, "_SMSTSNextInstructionPointer", &pointer) ||
	    !number_of(standing, "_SMSTSInstructionTableSize", &count))
		text_line(out, "    at which instruction it stands is not told");
	else if (pointer >= count)
		text_line(out, "    all of its %" PRId64 " instructions are done", count);
	else
		text_line(out, "    it stands at instruction %" PRId64 ", the last one is %" PRId64, pointer, count - 1);
}

static void print_failure(const struct sequence_standing *standing, FILE *out)
{
	const char *why = value_of(standing, SEQUENCE_FAILED_WHY);
	uint32_t    code;

	text_line(out, "    in the step \"%.*s\"", SHOWN, value_of(standing, "_SMSTSCurrentActionName"));
	if (last_code(standing, &code))
		sequence_failure_explain(code, is_of_usmt(standing), "    ", out);
	if (*why)
		text_line(out, "    %.*s", SHOWN, why);
}

static void print_last(const struct sequence_standing *standing, FILE *out)
{
	uint32_t code;

	if (!last_code(standing, &code))
		return;
	text_line(out, "    the last action was \"%.*s\": %s, with the code 0x%08" PRIX32, SHOWN,
		  value_of(standing, "_SMSTSLastActionName"),
		  sequence_variables_true(&standing->state.variables, "_SMSTSLastActionSucceeded") ? "done" :
												     "it failed, as it may",
		  code);
}

void sequence_standing_print(const struct sequence_standing *standing, FILE *out)
{
	const char *name = value_of(standing, "_SMSTSPackageName"), *store = value_of(standing, "OSDStateStorePath");

	if (!standing->begun)
		return;
	if (standing->broken) {
		text_line(out, "  a task sequence was begun on it, and where it stands cannot be read: %s %s",
			  standing->why.path, standing->why.text);
		return;
	}
	text_line(out, "  a task sequence %s: %.*s", has_failed(standing) ? "has FAILED on it" : "is under way on it", SHOWN,
		  *name ? name : "one without a name");
	if (has_failed(standing))
		print_failure(standing, out);
	else
		print_last(standing, out);
	print_place(standing, out);
	if (*store)
		text_line(out, "    its state store: %.*s", SHOWN, store);
}

static void say_next(const struct sequence_standing *standing, FILE *out)
{
	static const char    again[] = "run the same 'holdfast run SEQUENCE VOLUME...' again, it goes on";
	struct sequence_code known = { 0 };
	uint32_t             code;

	if (standing->broken) {
		fprintf(out, "The task sequence cannot go on: its state %s", standing->why.text);
	} else if (has_failed(standing)) {
		if (last_code(standing, &code))
			known = sequence_code_of(code, is_of_usmt(standing));
		fprintf(out, "The task sequence: %s; then %s with the step that failed",
			known.advice ? known.advice : "put right what made it fail, smsts.log tells it", again);
	} else {
		fprintf(out, "The task sequence: %s where it stands", again);
	}
	fputs("; 'holdfast run --restart' begins with its first step, as after a change "
	      "to the sequence, and keeps the store that is there.", out);
}

char *sequence_standing_next(const struct sequence_standing *standing)
{
	char  *text = NULL;
	size_t length = 0;
	FILE  *out = standing->begun ? open_memstream(&text, &length) : NULL;

	if (!out)
		return NULL;
	say_next(standing, out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* -------- JSON -------- */

static void json_text_of(struct json *json, const char *key, const struct sequence_standing *standing, const char *name)
{
	const char *value = value_of(standing, name);

	json_key_string(json, key, *value ? value : NULL);
}

static void json_number_of(struct json *json, const char *key, const struct sequence_standing *standing, const char *name)
{
	int64_t number;

	json_key(json, key);
	if (number_of(standing, name, &number) && number >= 0)
		json_uint(json, (uint64_t)number);
	else
		json_null(json);
}

static void json_last(struct json *json, const struct sequence_standing *standing)
{
	uint32_t code;

	json_key(json, "last_action");
	if (!last_code(standing, &code)) {
		json_null(json);
		return;
	}
	json_begin(json, '{');
	json_text_of(json, "name", standing, "_SMSTSLastActionName");
	json_key_bool(json, "succeeded", sequence_variables_true(&standing->state.variables, "_SMSTSLastActionSucceeded"));
	sequence_failure_json_code(code, is_of_usmt(standing), json);
	json_end(json, '}');
}

void sequence_standing_json(const struct sequence_standing *standing, struct json *json)
{
	char hex[DIGEST_HEX_SIZE];

	json_key(json, "sequence");
	if (!standing->begun) {
		json_null(json);
		return;
	}
	json_begin(json, '{');
	json_key_string(json, "broken", standing->broken ? standing->why.text : NULL);
	digest_hex(standing->state.digest, hex);
	json_key_string(json, "sha256", standing->broken ? NULL : hex);
	json_text_of(json, "name", standing, "_SMSTSPackageName");
	json_key_bool(json, "failed", has_failed(standing));
	json_text_of(json, "why", standing, SEQUENCE_FAILED_WHY);
	json_number_of(json, "next_instruction", standing, "_SMSTSNextInstructionPointer");
	json_number_of(json, "instructions", standing, "_SMSTSInstructionTableSize");
	json_text_of(json, "current", standing, "_SMSTSCurrentActionName");
	json_last(json, standing);
	json_text_of(json, "store", standing, "OSDStateStorePath");
	json_end(json, '}');
}
