/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_sequence_replay.c - the engine against real logs: expected values are what ConfigMgr's engine wrote
 *
 * From a log's instructions the sequence is made that must have been run, as far as it can be seen; what cannot is
 * filled with steps.  Our engine runs over it with the outcomes that the log tells, and must say the same.
 */
#include "tests/unit/unit.h"

#include "recover/sequence/sequence_engine.h"

#include <string.h>

struct lines ARRAY(char *);

static void lines_release(struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->items[i]);
	array_release(lines);
}

__attribute__((format(printf, 2, 3))) static void add_line(struct lines *lines, const char *format, ...)
{
	va_list list;
	char   *line;

	va_start(list, format);
	cr_assert(that(vasprintf(&line, format, list) >= 0 && array_push(lines, line)));
	va_end(list);
}

/* -------- the log -------- */

/* The texts of one component's records. */
static void read_log(const char *sample, const char *component, struct lines *lines)
{
	struct blob bytes = sample_load(sample);
	char       *text = strndup((char *)bytes.at, bytes.size), *at = text;

	while ((at = strstr(at, "<![LOG["))) {
		char *end = strstr(at, "]LOG]!>"), *tail = end ? strchr(end + 7, '>') : NULL;

		if (!tail)
			break;
		*end = *tail = '\0';
		if (strstr(end + 1, component))
			add_line(lines, "%s", at + 7);
		at = tail + 1;
	}
	free(text);
	free(bytes.at);
}

static bool begins(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

static bool has(const char *line, const char *what)
{
	return strstr(line, what) != NULL;
}

/* Is it one of the lines that our engine answers for? */
static bool is_engines(const char *line, bool last_name)
{
	static const char *const words[] = {
		"Start executing an instruction.", "Set a TS execution environment variable ", "Set a local default variable ", "Clear local default environment",
		"Save the current environment block", "NextInstructionPointer: ", "Successfully completed the action (",
		"Execution of the instruction (", "The task execution engine started execution",
		"The task execution engine successfully completed", "The task exeuction engine successfully completed",
	};
	static const char *const variables[] = {
		"_SMSTSNextInstructionPointer", "_SMSTSInstructionTableSize", "_SMSTSInstructionStackString",
		"_SMSTSCurrentActionName", "_SMSTSLastActionRetCode", "_SMSTSLastActionSucceeded",
		"_SMSTSLastActionRetryCount", "SMSTSRebootRequested", "SMSTSRebootMessage", "SMSTSRebootReason",
		"SMSTSRetryRequested",
	};
	static const char set[] = "Set a global environment variable ";

	for (size_t i = 0; i < COUNT(words); i++)
		if (begins(line, words[i]))
			return true;
	if (begins(line, "The group (") || begins(line, "The action (") || begins(line, "The condition for the "))
		return true;
	if (!begins(line, set))
		return false;
	for (size_t i = 0; i < COUNT(variables); i++)
		if (begins(line + sizeof set - 1, variables[i]))
			return true;
	return last_name && begins(line + sizeof set - 1, "_SMSTSLastActionName");
}

/* -------- the sequence that was run -------- */

struct seed {
	unsigned pointer;
	char     name[48];
};

struct replay {
	char        sample[48];
	unsigned    table;    /* its size, as the log says */
	unsigned    first;    /* instruction in the log */
	struct seed seeds[2]; /* groups that were open by then, by its first stack string */
	bool        last_name; /* its engine sets _SMSTSLastActionName */
};

struct making {
	FILE    *out;
	unsigned at;
	size_t   open;
};

static void put_name(FILE *out, const char *name)
{
	for (; *name; name++)
		switch (*name) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc(*name, out);
		}
}

static void fill_until(struct making *making, unsigned pointer)
{
	for (; making->at < pointer; making->at++)
		fputs("<step name=\"not seen\"><action>x.exe</action></step>\n", making->out);
}

static void open_group(struct making *making, unsigned pointer, const char *name, bool disabled, bool condition)
{
	fill_until(making, pointer);
	fputs("<group name=\"", making->out);
	put_name(making->out, name);
	fprintf(making->out, "\" disable=\"%s\">%s\n", disabled ? "true" : "false", condition ? "<condition/>" : "");
	making->at++;
	making->open++;
}

static void close_group(struct making *making)
{
	fputs("</group>\n", making->out);
	making->at++;
	making->open--;
}

/* What the log tells of one instruction: from its line up to the next one's. */
static void make_instruction(struct making *making, const struct lines *log, size_t from, size_t to, unsigned pointer,
			     const char *name, unsigned next)
{
	bool disabled = false, condition = false, group = false, skipped = false, end = false;

	if (pointer < making->at)
		return; /* it was run again */
	for (size_t i = from; i < to; i++) {
		const char *line = log->items[i];

		group = group || begins(line, "The group (");
		end = end || (begins(line, "The group (") && has(line, "has been successfully completed"));
		skipped = skipped || has(line, "has been skipped because");
		disabled = disabled || has(line, "skipped because it is disabled");
		condition = condition || has(line, "condition is evaluated to be") || begins(line, "The condition for");
	}
	if (end) {
		fill_until(making, pointer);
		close_group(making);
	} else if (group) {
		open_group(making, pointer, name, disabled, condition);
		if (skipped) {
			fill_until(making, next - 1);
			close_group(making);
		}
	} else {
		fill_until(making, pointer);
		fputs("<step name=\"", making->out);
		put_name(making->out, name);
		fprintf(making->out, "\" disable=\"%s\"><defaultVarList>", disabled ? "true" : "false");
		for (size_t i = from; i < to; i++)
			if (begins(log->items[i], "Set a local default variable "))
				fprintf(making->out, "<variable name=\"%s\">v</variable>", log->items[i] + 29);
		fprintf(making->out, "</defaultVarList><action>x.exe</action>%s</step>\n", condition ? "<condition/>" : "");
		making->at++;
	}
}

static bool read_instruction(const char *line, char name[128], unsigned *pointer)
{
	return sscanf(line, "Start executing an instruction. Instruction name: %127[^\n]", name) == 1 &&
	       sscanf(strstr(line, ". Instruction pointer: "), ". Instruction pointer: %u", pointer) == 1 &&
	       (*strstr(name, ". Instruction pointer: ") = '\0', true);
}

static char *make_sequence(const struct replay *replay, const struct lines *log)
{
	char         *xml = NULL, name[128], next_name[128];
	size_t        size, from = SIZE_MAX;
	struct making making = { .out = open_memstream(&xml, &size) };
	unsigned      pointer = 0, next;

	fputs("<sequence version=\"3.10\">\n", making.out);
	for (size_t i = 0; i < COUNT(replay->seeds) && *replay->seeds[i].name; i++)
		open_group(&making, replay->seeds[i].pointer, replay->seeds[i].name, false, false);
	for (size_t i = 0; i < log->count; i++) {
		if (!read_instruction(log->items[i], next_name, &next))
			continue;
		if (from != SIZE_MAX)
			make_instruction(&making, log, from, i, pointer, name, next);
		from = i;
		pointer = next;
		strcpy(name, next_name);
	}
	make_instruction(&making, log, from, log->count, pointer, name, replay->table);
	fill_until(&making, replay->table - (unsigned)making.open);
	while (making.open)
		close_group(&making);
	fputs("</sequence>", making.out);
	fclose(making.out);
	return xml;
}

/* -------- running it -------- */

struct playing {
	const struct lines       *log;
	size_t                    condition, action, outcome; /* how far each was read */
	struct lines              told;
	struct sequence_variables variables;
	bool                      last_name;
};

static int evaluate(void *context, const struct sequence_item *item, enum answer *answer, struct error *err)
{
	struct playing *playing = context;

	(void)err;
	(void)item;
	for (; playing->condition < playing->log->count; playing->condition++) {
		const char *line = playing->log->items[playing->condition];
		bool        no = has(line, "skipped because the condition is evaluated to be false");

		if (no || begins(line, "The condition for the ")) {
			*answer = no ? ANSWER_NO : ANSWER_YES;
			playing->condition++;
			return 0;
		}
	}
	cr_fatal("the log has no more conditions");
	return -1;
}

static int run(void *context, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	struct playing *playing = context;

	for (; playing->action < playing->log->count; playing->action++) {
		const char *line = playing->log->items[playing->action], *at = strstr(line, "with the exit win32 code ");

		if (!begins(line, "Successfully completed the action (") || !at)
			continue;
		*code = (uint32_t)strtoul(at + 25, NULL, 10);
		/* up to the next instruction: did it ask for a restart? */
		for (playing->action++; playing->action < playing->log->count; playing->action++) {
			line = playing->log->items[playing->action];
			if (begins(line, "Start executing an instruction."))
				break;
			if (has(line, "requested a retry"))
				return sequence_variables_assign(&playing->variables, "SMSTSRetryRequested", "true", false,
								 err) +
				       sequence_variables_assign(&playing->variables, "SMSTSRebootRequested", "HD", false,
								 err);
		}
		return 0;
	}
	cr_fatal("the log has no more actions than those before '%s'", item->name);
	return -1;
}

static int save(void *context, struct error *err)
{
	(void)context;
	(void)err;
	return 0;
}

static int tell(void *context, const struct sequence_event *event, struct error *err)
{
	struct playing *playing = context;
	struct lines   *told = &playing->told;
	const char     *name = event->item ? event->item->name : "";
	const char     *what = event->item && event->item->group ? "group" : "action";

	(void)err;
	switch (event->kind) {
	case EVENT_RESUMED:
		add_line(told, "NextInstructionPointer: %u", event->pointer);
		break;
	case EVENT_STARTED:
		add_line(told, "The task execution engine started execution");
		break;
	case EVENT_SET:
		if (playing->last_name || strcmp(event->name, "_SMSTSLastActionName") != 0)
			add_line(told, "Set a global environment variable %s=%s", event->name, event->value);
		break;
	case EVENT_SET_KEPT:
		add_line(told, "Set a TS execution environment variable %s=%s", event->name, event->value);
		break;
	case EVENT_SET_DEFAULT:
		add_line(told, "Set a local default variable %s", event->name);
		break;
	case EVENT_CLEARED_DEFAULTS:
		add_line(told, "Clear local default environment");
		break;
	case EVENT_INSTRUCTION:
		add_line(told, "Start executing an instruction. Instruction name: %s. Instruction pointer: %u", name,
			 event->pointer);
		break;
	case EVENT_CONDITION_TRUE:
		add_line(told, "The condition for the %s (%s) is evaluated to be true", what, name);
		break;
	case EVENT_DISABLED:
		add_line(told, "The %s (%s) has been skipped because it is disabled", what, name);
		break;
	case EVENT_CONDITION_FALSE:
		add_line(told, "The %s (%s) has been skipped because the condition is evaluated to be false", what, name);
		break;
	case EVENT_SKIPPED:
		add_line(told, "Execution of the instruction (%s) has been skipped", name);
		break;
	case EVENT_GROUP_STARTED:
		add_line(told, "The group (%s) has been successfully started", name);
		break;
	case EVENT_GROUP_COMPLETED:
		add_line(told, "The group (%s) has been successfully completed", name);
		break;
	case EVENT_ACTION_SUCCEEDED:
		add_line(told, "Successfully completed the action (%s) with the exit win32 code %u", name, event->code);
		break;
	case EVENT_RETRY_REQUESTED:
		add_line(told, "The action (%s) requested a retry", name);
		break;
	case EVENT_SAVED:
		add_line(told, "Save the current environment block");
		break;
	case EVENT_COMPLETED:
		add_line(told, "The task exeuction engine successfully completed the execution");
		break;
	case EVENT_REBOOT:
		break;
	default:
		add_line(told, "not in the log: event %d of '%s'", event->kind, name);
	}
	return 0;
}

ParameterizedTestParameters(sequence_replay, our_engine_says_what_the_real_one_said)
{
	static struct replay cases[] = {
		{ "usmt/smsts-mdt-winpe-2019.log", 100, 0, { { 0, "" } }, true },
		{ "usmt/smsts-configmgr-fullos-2019.log", 85, 24,
		  { { 0, "Execute Task Sequence" }, { 18, "Install Operating System" } }, false },
	};

	return CASES(struct replay, cases);
}

ParameterizedTest(struct replay *c, sequence_replay, our_engine_says_what_the_real_one_said)
{
	struct lines           log = { 0 }, wanted = { 0 };
	struct sequence_file   file;
	struct sequence_table  table;
	struct error           err = { 0 };
	enum sequence_progress progress = SEQUENCE_GOES_ON;
	char                  *xml, name[128];
	unsigned               pointer;
	bool                   seen = c->first == 0;

	read_log(c->sample, "component=\"TSManager\"", &log);
	xml = make_sequence(c, &log);
	cr_assert(eq(int, sequence_file_parse(&file, "log", xml, strlen(xml), &err), 0), "%s", err.text);
	cr_assert(eq(int, sequence_table_make(&table, &file, &err), 0));
	cr_assert(eq(u32, table.count, c->table));
	for (size_t i = 0; i < log.count; i++) {
		seen = seen || (read_instruction(log.items[i], name, &pointer) && pointer == c->first);
		if (seen && is_engines(log.items[i], c->last_name))
			add_line(&wanted, "%s", log.items[i]);
	}
	cr_assert(gt(sz, wanted.count, 300));

	struct playing         playing = { .log = &log, .last_name = c->last_name };
	struct sequence_host   host = { &playing, evaluate, run, save, tell };
	struct sequence_engine engine = { .table = &table, .variables = &playing.variables, .host = &host };

	/* of what happened before the log's first instruction nothing is played */
	for (size_t i = 0; c->first && i < log.count && !begins(log.items[i], "Start executing an instruction."); i++)
		playing.condition = playing.action = i + 1;
	if (c->first)
		engine.pointer = c->first;
	else
		cr_assert(eq(int, sequence_engine_begin(&engine, &err), 0));
	while (playing.told.count < wanted.count && progress <= SEQUENCE_WANTS_REBOOT) {
		if (progress == SEQUENCE_WANTS_REBOOT)
			cr_assert(eq(int, sequence_engine_resume(&engine, &err), 0), "%s", err.text);
		cr_assert(eq(int, sequence_engine_step(&engine, &progress, &err), 0), "%s", err.text);
	}
	for (size_t i = 0; i < wanted.count && i < playing.told.count; i++)
		cr_assert(eq(str, playing.told.items[i], wanted.items[i]), "line %zu", i);
	cr_expect(ge(sz, playing.told.count, wanted.count));
	lines_release(&log);
	lines_release(&wanted);
	lines_release(&playing.told);
	sequence_variables_release(&playing.variables);
	sequence_table_release(&table);
	sequence_file_release(&file);
	free(xml);
}
