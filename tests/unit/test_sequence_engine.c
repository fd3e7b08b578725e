/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_sequence_engine.c - expected values: spec USMT 5.4, by hand
 *
 * A sequence is written as a line: letters are steps, brackets groups.  Before either, '+' lets it go on after an
 * error, '-' disables it, '?' gives it a condition.  In upper case a step fails.
 */
#include "tests/unit/unit.h"

#include "recover/sequence/sequence_engine.h"

#include <ctype.h>
#include <string.h>

struct played {
	struct sequence_variables variables;
	char                      trace[256]; /* what ran, and where: "1a" */
	const char               *answers;    /* of conditions in their order: y, n, u */
	const char               *reboots;    /* steps that ask for one; in upper case with a retry */
	bool                      rebooted;
	unsigned                  saved;
	struct sequence_engine    engine;
	struct sequence_host      host;
	struct sequence_file      file;
	struct sequence_table     table;
};

static int evaluate(void *context, const struct sequence_item *item, enum answer *answer, struct error *err)
{
	struct played *played = context;

	(void)item;
	(void)err;
	cr_assert(that(*played->answers), "too many conditions are asked");
	*answer = *played->answers == 'y' ? ANSWER_YES : *played->answers == 'n' ? ANSWER_NO : ANSWER_UNKNOWN;
	played->answers++;
	return 0;
}

static int run(void *context, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	struct played *played = context;
	char           name = item->name[0];
	size_t         length = strlen(played->trace);

	snprintf(played->trace + length, sizeof played->trace - length, "%u%c ", played->engine.pointer, name);
	*code = isupper((unsigned char)name) ? 5 : 0;
	if (played->rebooted || !strchr(played->reboots, name) || !*played->reboots) {
		if (!strchr(played->reboots, toupper(name)) || played->rebooted || !*played->reboots)
			return 0;
		if (sequence_variables_set(&played->variables, "SMSTSRetryRequested", "true", err) < 0)
			return -1;
	}
	played->rebooted = true;
	return sequence_variables_set(&played->variables, "SMSTSRebootRequested", "WinPE", err);
}

static int save(void *context, struct error *err)
{
	struct played *played = context;
	char          *stack = sequence_table_stack(&played->table, played->engine.pointer);
	char           pointer[16];

	(void)err;
	snprintf(pointer, sizeof pointer, "%u", played->engine.pointer);
	cr_expect(eq(str, (char *)sequence_variables_get(&played->variables, "_SMSTSNextInstructionPointer"), pointer));
	cr_expect(eq(str, (char *)sequence_variables_get(&played->variables, "_SMSTSInstructionStackString"), stack));
	free(stack);
	played->saved++;
	return 0;
}

static int tell(void *context, const struct sequence_event *event, struct error *err)
{
	(void)context;
	(void)event;
	(void)err;
	return 0;
}

static void load(struct played *played, const char *line)
{
	char        *xml;
	size_t       size;
	struct error err = { 0 };
	FILE        *out = open_memstream(&xml, &size);

	fputs("<sequence version='3.10'>", out);
	for (const char *attributes = line; *line; attributes = line) {
		bool on = false, off = false, asks = false;

		for (; strchr("+-?", *line); line++) {
			on = on || *line == '+';
			off = off || *line == '-';
			asks = asks || *line == '?';
		}
		(void)attributes;
		if (*line == ']')
			fputs("</group>", out);
		else
			fprintf(out, "<%s name='%c' continueOnError='%s' disable='%s'>%s%s", *line == '[' ? "group" : "step",
				*line == '[' ? 'G' : *line, on ? "true" : "false", off ? "true" : "false",
				asks ? "<condition/>" : "", *line == '[' ? "" : "<action>a</action></step>");
		line++;
	}
	fputs("</sequence>", out);
	fclose(out);
	cr_assert(eq(int, sequence_file_parse(&played->file, "line", xml, size, &err), 0), "%s: %s", xml, err.text);
	cr_assert(eq(int, sequence_table_make(&played->table, &played->file, &err), 0));
	played->host = (struct sequence_host){ played, evaluate, run, save, tell };
	played->engine = (struct sequence_engine){ .table = &played->table, .variables = &played->variables,
						   .host = &played->host };
	free(xml);
}

static void unload(struct played *played)
{
	sequence_variables_release(&played->variables);
	sequence_table_release(&played->table);
	sequence_file_release(&played->file);
}

struct course {
	char                   line[48], answers[8], reboots[4];
	char                   trace[96];
	enum sequence_progress end;
	uint32_t               pointer; /* in the end */
	unsigned               saved;
};

ParameterizedTestParameters(sequence_engine, courses)
{
	static struct course cases[] = {
		{ "ab", "", "", "0a 1b ", SEQUENCE_HAS_ENDED, 2, 2 },
		{ "[ab]c", "", "", "1a 2b 4c ", SEQUENCE_HAS_ENDED, 5, 5 },
		{ "[[a]]b", "", "", "2a 5b ", SEQUENCE_HAS_ENDED, 6, 6 },
		/* what is skipped keeps its numbers, and saves nothing */
		{ "-[ab]c", "", "", "4c ", SEQUENCE_HAS_ENDED, 5, 1 },
		{ "a-bc", "", "", "0a 2c ", SEQUENCE_HAS_ENDED, 3, 2 },
		{ "?[a]?bc", "nn", "", "4c ", SEQUENCE_HAS_ENDED, 5, 1 },
		{ "?[a]?bc", "yy", "", "1a 3b 4c ", SEQUENCE_HAS_ENDED, 5, 5 },
		{ "?[a]?bc", "uu", "", "4c ", SEQUENCE_HAS_ENDED, 5, 1 },
		{ "-?[?a]b", "", "", "3b ", SEQUENCE_HAS_ENDED, 4, 1 }, /* of what is disabled nothing is asked */
		/* failure */
		{ "aBc", "", "", "0a 1B ", SEQUENCE_HAS_FAILED, 1, 1 },
		{ "a+Bc", "", "", "0a 1B 2c ", SEQUENCE_HAS_ENDED, 3, 3 },
		{ "[aBc]d", "", "", "1a 2B ", SEQUENCE_HAS_FAILED, 2, 2 },
		{ "+[aBc]d", "", "", "1a 2B 5d ", SEQUENCE_HAS_ENDED, 6, 4 },
		{ "+[a[Bc]d]e", "", "", "1a 3B 8e ", SEQUENCE_HAS_ENDED, 9, 5 },
		{ "[a+[Bc]d]e", "", "", "1a 3B 6d 8e ", SEQUENCE_HAS_ENDED, 9, 7 },
		{ "+[A]", "", "", "1A ", SEQUENCE_HAS_ENDED, 3, 2 },
		{ "[[+A]b]", "", "", "2A 4b ", SEQUENCE_HAS_ENDED, 6, 6 },
		/* restarts: the same step again only if it asked for that */
		{ "[abc]", "", "b", "1a 2b 3c ", SEQUENCE_HAS_ENDED, 5, 5 },
		{ "[abc]", "", "B", "1a 2b 2b 3c ", SEQUENCE_HAS_ENDED, 5, 6 },
		{ "[ab]", "", "b", "1a 2b ", SEQUENCE_HAS_ENDED, 4, 4 },
	};

	return CASES(struct course, cases);
}

ParameterizedTest(struct course *c, sequence_engine, courses)
{
	struct played          played = { .answers = c->answers, .reboots = c->reboots };
	enum sequence_progress progress = SEQUENCE_GOES_ON;
	struct error           err = { 0 };

	load(&played, c->line);
	cr_assert(eq(int, sequence_engine_begin(&played.engine, &err), 0));
	while (progress <= SEQUENCE_WANTS_REBOOT) {
		if (progress == SEQUENCE_WANTS_REBOOT)
			cr_assert(eq(int, sequence_engine_resume(&played.engine, &err), 0), "%s", err.text);
		cr_assert(eq(int, sequence_engine_step(&played.engine, &progress, &err), 0), "%s", err.text);
	}
	cr_expect(eq(str, played.trace, c->trace), "%s", c->line);
	cr_expect(eq(int, progress, c->end), "%s", c->line);
	cr_expect(eq(u32, played.engine.pointer, c->pointer), "%s", c->line);
	cr_expect(eq(u32, played.saved, c->saved), "%s", c->line);
	cr_expect(that(!*played.answers), "%s: too few conditions were asked", c->line);
	unload(&played);
}

Test(sequence_engine, the_last_action_is_not_reset_by_what_is_skipped)
{
	struct played          played = { .answers = "", .reboots = "" };
	enum sequence_progress progress;
	struct error           err = { 0 };

	load(&played, "+A-b[c]");
	cr_assert(eq(int, sequence_engine_begin(&played.engine, &err), 0));
	for (int i = 0; i < 3; i++)
		cr_assert(eq(int, sequence_engine_step(&played.engine, &progress, &err), 0));
	cr_expect(eq(str, (char *)sequence_variables_get(&played.variables, "_SMSTSLastActionSucceeded"), "false"));
	cr_expect(eq(str, (char *)sequence_variables_get(&played.variables, "_SMSTSLastActionRetCode"), "5"));
	cr_expect(eq(str, (char *)sequence_variables_get(&played.variables, "_SMSTSLastActionName"), "A"));
	cr_assert(eq(int, sequence_engine_step(&played.engine, &progress, &err), 0));
	cr_expect(eq(str, (char *)sequence_variables_get(&played.variables, "_SMSTSLastActionSucceeded"), "true"));
	unload(&played);
}

Test(sequence_engine, a_step_is_tried_again_as_often_as_it_says)
{
	static const char xml[] = "<sequence version='3.10'><step name='A' retryCount='3'><action>a</action></step></sequence>";
	struct played     played = { .answers = "", .reboots = "" };
	enum sequence_progress progress;
	struct error           err = { 0 };

	load(&played, "a");
	sequence_table_release(&played.table);
	sequence_file_release(&played.file);
	cr_assert(eq(int, sequence_file_parse(&played.file, "x", xml, strlen(xml), &err), 0));
	cr_assert(eq(int, sequence_table_make(&played.table, &played.file, &err), 0));
	cr_assert(eq(int, sequence_engine_begin(&played.engine, &err), 0));
	cr_assert(eq(int, sequence_engine_step(&played.engine, &progress, &err), 0));
	cr_expect(eq(str, played.trace, "0A 0A 0A 0A "));
	cr_expect(eq(int, progress, SEQUENCE_HAS_FAILED));
	cr_expect(eq(str, (char *)sequence_variables_get(&played.variables, "_SMSTSLastActionRetryCount"), "3"));
	cr_expect(eq(str, (char *)played.engine.failed->name, "A"));
	unload(&played);
}

struct saved {
	char pointer[24], stack[24];
	int  result;
};

ParameterizedTestParameters(sequence_engine, only_a_place_in_this_sequence_is_gone_on_from)
{
	static struct saved cases[] = { /* in [a[b]] there are 6 instructions, 0 to 5 */
		{ "0", "", 0 },     { "1", "0", 0 },     { "3", "0 2", 0 },   { "4", "0 2", 0 }, { "5", "0", 0 },
		{ "6", "", 0 },     { "7", "", -1 },     { "3", "0", -1 },    { "3", "", -1 },   { "0", "0", -1 },
		{ "", "", -1 },     { "-1", "", -1 },    { "+0", "", -1 },    { "3x", "0 2", -1 }, { " 3", "0 2", -1 },
		{ "4294967296", "", -1 }, { "18446744073709551616", "", -1 },
	};

	return CASES(struct saved, cases);
}

ParameterizedTest(struct saved *c, sequence_engine, only_a_place_in_this_sequence_is_gone_on_from)
{
	struct played played = { .answers = "", .reboots = "" };
	struct error  err = { 0 };

	load(&played, "[a[b]]");
	cr_assert(eq(int, sequence_variables_set(&played.variables, "_SMSTSNextInstructionPointer", c->pointer, &err), 0));
	cr_assert(eq(int, sequence_variables_set(&played.variables, "_SMSTSInstructionStackString", c->stack, &err), 0));
	cr_expect(eq(int, sequence_engine_resume(&played.engine, &err), c->result), "'%s' '%s'", c->pointer, c->stack);
	unload(&played);
}

/* Stop at every step's end, forget all but what was saved, go on: it ends as if it had run once. */
Test(sequence_engine, a_run_cut_off_anywhere_ends_as_if_it_had_run_once)
{
	static const char line[] = "[a[b+[cDe]f]-g]h";
	enum sequence_progress progress;
	struct error           err = { 0 };

	for (unsigned cut = 0; cut < 12; cut++) {
		struct played first = { .answers = "", .reboots = "" }, second = { .answers = "", .reboots = "" };
		char          trace[512];

		load(&first, line);
		load(&second, line);
		cr_assert(eq(int, sequence_engine_begin(&first.engine, &err), 0));
		progress = SEQUENCE_GOES_ON;
		for (unsigned i = 0; i < cut && progress == SEQUENCE_GOES_ON; i++)
			cr_assert(eq(int, sequence_engine_step(&first.engine, &progress, &err), 0));
		for (size_t i = 0; i < first.variables.set.count; i++)
			cr_assert(eq(int, sequence_variables_set(&second.variables, first.variables.set.items[i].name,
								 first.variables.set.items[i].value, &err), 0));
		cr_assert(eq(int, sequence_engine_resume(&second.engine, &err), 0), "%u: %s", cut, err.text);
		progress = SEQUENCE_GOES_ON;
		while (progress == SEQUENCE_GOES_ON)
			cr_assert(eq(int, sequence_engine_step(&second.engine, &progress, &err), 0));
		snprintf(trace, sizeof trace, "%s%s", first.trace, second.trace);
		cr_expect(eq(str, trace, "1a 3b 5c 6D 9f 13h "), "cut after %u", cut);
		unload(&first);
		unload(&second);
	}
}
