/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_plan_report.c - see sequence_plan_report.h */
#include "recover/sequence/sequence_plan_report.h"

#include "core/cleanup.h"
#include "core/json.h"
#include "core/text.h"

#include <string.h>

/* -------- words -------- */

size_t sequence_file_lost(const struct sequence_file *file)
{
	size_t lost = 0;

	for (size_t i = 0; i < file->remarks.count; i++)
		lost += file->remarks.items[i].lost;
	return lost;
}

/* A step that is made for another environment than the one it would meet. */
static bool is_misplaced(const struct planned_step *step, const struct sequence_item *item)
{
	return (step->verdict == VERDICT_RUNS || step->verdict == VERDICT_LEFT_OUT) &&
	       ((item->environment == SEQUENCE_WINPE && !step->winpe) ||
		(item->environment == SEQUENCE_FULL_OS && step->winpe));
}

static const char *verdict_words(const struct planned_step *step, const struct sequence_item *item)
{
	switch (step->verdict) {
	case VERDICT_STARTS:
	case VERDICT_ENDS:
		return "";
	case VERDICT_ABORTS:
		return ": fails with its step";
	case VERDICT_LEFT_OUT:
		return ": left out, taken to succeed";
	case VERDICT_FAILS:
		return item->continue_on_error ? ": fails, which is allowed" : ": FAILS";
	case VERDICT_DISABLED:
		return ": skipped, it is disabled";
	case VERDICT_CONDITION:
		return ": skipped, its condition is false";
	case VERDICT_UNKNOWN:
		return ": SKIPPED, its condition is not known";
	default:
		return NULL;
	}
}

static void print_step(const struct sequence_plan *plan, bool verbose, const struct planned_step *step)
{
	const struct instruction *at = &plan->table.items[step->pointer];
	const char               *words = verdict_words(step, at->item);
	int                       indent = (int)(2 * (at->depth < 20 ? at->depth : 20));

	if (step->verdict == VERDICT_RESTART) {
		text_line(stdout, "----  restart into %s", step->winpe ? "Windows PE" : "Windows");
		return;
	}
	if (step->verdict == VERDICT_ENDS && !verbose)
		return;
	text_line(stdout, "%4u  %*s%s%s%s%s", step->pointer, indent, "", at->item->group ? "[" : "",
		   at->item->name, at->item->group ? step->verdict == VERDICT_ENDS ? "] ends" : "]" : "",
		   words ? words : "");
	if (!words || step->verdict == VERDICT_FAILS)
		text_line(stdout, "      %*s  %s%s%s", indent, "", sequence_action_of(at->item)->words, step->note ? ": " : "",
			   step->note ? step->note : "");
	else if (step->note)
		text_line(stdout, "      %*s  %s", indent, "", step->note);
	if (is_misplaced(step, at->item))
		text_line(stdout, "      %*s  ! it is made for %s, which would not be running", indent, "",
			   step->winpe ? "the full Windows" : "Windows PE");
}

static void print_variables(const struct sequence_variables *variables)
{
	puts("\nVariables in the end:");
	for (size_t i = 0; i < variables->set.count; i++)
		text_line(stdout, "  %s=%s", variables->set.items[i].name,
			   variables->set.items[i].hidden ? "(hidden)" : variables->set.items[i].value);
}

void sequence_plan_print(const struct sequence_file *file, const struct sequence_plan *plan, bool verbose)
{
	text_line(stdout, "%s: %s%sversion %s, %u instructions", file->path, file->name, *file->name ? ", " : "", file->version,
		   plan->table.count);
	for (size_t i = 0; i < file->remarks.count; i++)
		if (file->remarks.items[i].lost || verbose)
			text_line(stdout, "! line %d: %s", file->remarks.items[i].line, file->remarks.items[i].text);
	putchar('\n');
	for (size_t i = 0; i < plan->steps.count; i++)
		print_step(plan, verbose, &plan->steps.items[i]);
	printf("\nThe sequence would %s; %zu left out, %zu failing, %zu conditions not known.\n",
	       plan->completed ? "end well" : "FAIL", plan->left_out, plan->failing, plan->unknown);
	if (verbose)
		print_variables(&plan->variables);
}

/* -------- JSON -------- */

static void json_step(struct json *json, const struct sequence_plan *plan, const struct planned_step *step)
{
	static const char *const  kinds[] = { [INSTRUCTION_STEP] = "step", [INSTRUCTION_GROUP] = "group",
					      [INSTRUCTION_GROUP_END] = "group-end" };
	const struct instruction *at = &plan->table.items[step->pointer];

	json_begin(json, '{');
	json_key_uint(json, "pointer", step->pointer);
	json_key_string(json, "kind", kinds[at->kind]);
	json_key_string(json, "name", at->item->name);
	json_key_uint(json, "line", (uint64_t)at->item->line);
	json_key_uint(json, "depth", at->depth);
	json_key_string(json, "action", at->item->group ? NULL : sequence_action_of(at->item)->name);
	json_key_string(json, "verdict", sequence_verdict_word(step->verdict));
	json_key_string(json, "environment", step->winpe ? "WinPE" : "FullOS");
	json_key_bool(json, "misplaced", !at->item->group && is_misplaced(step, at->item));
	json_key_string(json, "note", step->note);
	json_end(json, '}');
}

static void json_remarks(struct json *json, const struct xml_remarks *remarks)
{
	json_key(json, "remarks");
	json_begin(json, '[');
	for (size_t i = 0; i < remarks->count; i++) {
		json_begin(json, '{');
		json_key_uint(json, "line", (uint64_t)remarks->items[i].line);
		json_key_bool(json, "lost", remarks->items[i].lost);
		json_key_string(json, "text", remarks->items[i].text);
		json_end(json, '}');
	}
	json_end(json, ']');
}

static void json_variables(struct json *json, const struct sequence_variables *variables)
{
	json_key(json, "variables");
	json_begin(json, '{');
	for (size_t i = 0; i < variables->set.count; i++)
		json_key_string(json, variables->set.items[i].name,
				variables->set.items[i].hidden ? NULL : variables->set.items[i].value);
	json_end(json, '}');
}

void sequence_plan_print_json(const struct sequence_file *file, const struct sequence_plan *plan)
{
	struct json                 json = { .out = stdout, .indent = 2 };
	char                        hex[DIGEST_HEX_SIZE];

	digest_hex(file->digest, hex);
	json_begin(&json, '{');
	json_key_string(&json, "sequence", file->path);
	json_key_string(&json, "name", file->name);
	json_key_string(&json, "version", file->version);
	json_key_string(&json, "sha256", hex);
	json_key_uint(&json, "instructions", plan->table.count);
	json_remarks(&json, &file->remarks);
	json_key(&json, "steps");
	json_begin(&json, '[');
	for (size_t i = 0; i < plan->steps.count; i++)
		json_step(&json, plan, &plan->steps.items[i]);
	json_end(&json, ']');
	json_key_bool(&json, "completed", plan->completed);
	json_key_uint(&json, "left_out", plan->left_out);
	json_key_uint(&json, "failing", plan->failing);
	json_key_uint(&json, "unknown", plan->unknown);
	json_variables(&json, &plan->variables);
	json_end(&json, '}');
	fputc('\n', stdout);
}

