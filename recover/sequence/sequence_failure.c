/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_failure.c - see sequence_failure.h */
#include "recover/sequence/sequence_failure.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/terminal.h"
#include "core/text.h"
#include "report/sequence_code.h"
#include "report/usmt_code.h"

#include <inttypes.h>
#include <string.h>

#define EXIT_CODE_MAX 0xffffu /* a program's own number; what is larger is an HRESULT */

/* -------- the code -------- */

void sequence_failure_explain(uint32_t code, bool of_usmt, const char *indent, FILE *out)
{
	struct sequence_code known = sequence_code_of(code, of_usmt);
	const char          *symbol = known.usmt >= 0 ? usmt_code_symbol(known.usmt) : NULL;
	const char          *meaning = known.meaning ? known.meaning : "nothing more is known of it here";

	if (known.usmt >= 0)
		text_line(out, "%sUSMT's return code %d%s%s: %s", indent, known.usmt, symbol ? ", " : "", symbol ? symbol : "",
			  meaning);
	else if (code == 0)
		text_line(out, "%sexit code 0: it is not among those that the step calls a success", indent);
	else if (code <= EXIT_CODE_MAX)
		text_line(out, "%sexit code %" PRIu32 " (%s): %s", indent, code, known.message, meaning);
	else
		text_line(out, "%s0x%08" PRIX32 " (%s): %s", indent, code, known.message, meaning);
}

void sequence_failure_json_code(uint32_t code, bool of_usmt, struct json *json)
{
	struct sequence_code known = sequence_code_of(code, of_usmt);
	char                 hex[16];

	snprintf(hex, sizeof hex, "0x%08" PRIX32, code);
	json_key_string(json, "code", hex);
	json_key_string(json, "message", known.message);
	json_key_string(json, "source", known.source);
	json_key(json, "usmt_code");
	if (known.usmt >= 0)
		json_uint(json, (uint64_t)known.usmt);
	else
		json_null(json);
	json_key_string(json, "usmt_symbol", known.usmt >= 0 ? usmt_code_symbol(known.usmt) : NULL);
	json_key_string(json, "meaning", known.meaning);
	json_key_string(json, "advice", known.advice);
}

/* -------- what both forms tell -------- */

/* The sequence's name, as its author has it. */
static const char *name_of(const struct sequence_failure *failure)
{
	const char *slash = strrchr(failure->sequence, '/');

	if (failure->name && *failure->name)
		return failure->name;
	return slash ? slash + 1 : failure->sequence;
}

/* The command that goes on with it, or begins anew; to be freed, NULL without memory. */
static char *command_of(const struct sequence_failure *failure, bool restart)
{
	char *words[] = { "run", "--restart", (char *)failure->sequence };
	char *line, *command;
	int   length;

	if (!restart)
		words[1] = words[2];
	line = command_line(restart ? 3 : 2, words);
	length = line ? asprintf(&command, "%s %s", line, failure->volumes) : -1;
	free(line);
	return length < 0 ? NULL : command;
}

/* -------- words -------- */

static void print_groups(const struct sequence_item *group, FILE *out)
{
	if (group->parent) {
		print_groups(group->parent, out);
		fputs(" > ", out);
	}
	text_print(out, group->name, strlen(group->name));
}

static void print_step(const struct sequence_failure *failure, FILE *out)
{
	const struct sequence_item *item = failure->item;

	ink_print(out, INK_BAD, "The sequence FAILED in \"%s\"", item->name);
	fprintf(out, " (instruction %" PRIu32, failure->pointer);
	if (item->parent) {
		fprintf(out, ", in the group%s ", item->parent->parent ? "s" : "");
		print_groups(item->parent, out);
	}
	fputs(")\n", out);
}

static void print_safe(const struct sequence_failure *failure, FILE *out)
{
	if (failure->untouched)
		text_line(out, "What is safe: everything. Nothing on the volumes has been changed.");
	else if (failure->store)
		text_line(out, "What is safe: the users' files are in %s. Do not format or partition that volume, and leave "
			       "the store until they are back.", failure->store);
	else
		text_line(out, "What is safe: no state store holds the users' files; what the steps before this one did not "
			       "delete is where it was.");
}

static void print_command(const char *command, const char *effect, FILE *out)
{
	ink_next(out, command ? command : "holdfast run");
	text_line(out, "      %s", effect);
}

static void print_next(const struct sequence_failure *failure, FILE *out)
{
	struct sequence_code    known = sequence_code_of(failure->code, failure->of_usmt);
	CLEANUP(free_ptr) char *again = command_of(failure, false);
	CLEANUP(free_ptr) char *anew = command_of(failure, true);

	text_line(out, "Next: %s; then, with the same options:",
		  known.advice ? known.advice : "put right what is said above, or in smsts.log");
	if (failure->untouched) {
		print_command(again, "begins anew", out);
		return;
	}
	print_command(again, "goes on with this step", out);
	print_command(anew,
		      failure->store ? "begins with the first step, as after a change to the sequence; the store is kept, as an "
				       "older generation if it captures again" :
				       "begins with the first step, as after a change to the sequence",
		      out);
}

void sequence_failure_print(const struct sequence_failure *failure, FILE *out)
{
	print_step(failure, out);
	text_line(out,
		  "  Task sequence '%s' has failed with the error code 0x%08" PRIX32 " in the task sequence step '%s'.",
		  name_of(failure), failure->code, failure->item->name);
	sequence_failure_explain(failure->code, failure->of_usmt, "  ", out);
	if (*failure->why)
		text_line(out, "  %s", failure->why);
	print_safe(failure, out);
	print_next(failure, out);
}

/* -------- JSON -------- */

static void json_groups(const struct sequence_item *group, struct json *json)
{
	if (!group)
		return;
	json_groups(group->parent, json);
	json_string(json, group->name);
}

void sequence_failure_json(const struct sequence_failure *failure, struct json *json)
{
	CLEANUP(free_ptr) char *again = command_of(failure, false);
	CLEANUP(free_ptr) char *anew = failure->untouched ? NULL : command_of(failure, true);

	json_key(json, "failure");
	json_begin(json, '{');
	json_key_string(json, "sequence", name_of(failure));
	json_key_uint(json, "instruction", failure->pointer);
	json_key_string(json, "step", failure->item->name);
	json_key_string(json, "type", failure->item->type);
	json_key(json, "groups");
	json_begin(json, '[');
	json_groups(failure->item->parent, json);
	json_end(json, ']');
	sequence_failure_json_code(failure->code, failure->of_usmt, json);
	json_key_string(json, "why", *failure->why ? failure->why : NULL);
	json_key_string(json, "store", failure->store);
	json_key_bool(json, "untouched", failure->untouched);
	json_key_string(json, "again", again);
	json_key_string(json, "anew", anew);
	json_end(json, '}');
}
