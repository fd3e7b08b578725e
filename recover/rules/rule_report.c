/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_report.c - see rule_report.h */
#include "recover/rules/rule_report.h"

#include "core/cleanup.h"
#include "core/text.h"

#include <string.h>

#define TOLD_MAX 5u /* objects of a kind in a component, unless all are wanted */

/* What a rule does to its objects, as the verb of a sentence about its component. */
static const char *const verbs[RULE_KINDS] = {
	[RULE_INCLUDE] = "takes",
	[RULE_EXCLUDE] = "leaves",
	[RULE_UNCONDITIONAL_EXCLUDE] = "leaves, whoever takes it,",
	[RULE_INCLUDE_ATTRIBUTES] = "keeps attributes of",
	[RULE_EXCLUDE_ATTRIBUTES] = "drops attributes of",
	[RULE_MERGE] = "settles a clash of",
	[RULE_WINDOWS_OBJECTS] = "leaves to Windows",
	[RULE_LOCATION_MODIFY] = "moves",
	[RULE_CONTENT_MODIFY] = "changes",
	[RULE_DESTINATION_CLEANUP] = "deletes on the new Windows",
	[RULE_ADD_OBJECTS] = "adds",
	[RULE_EXTERNAL_PROCESS] = "runs",
	[RULE_PROCESSING] = "runs",
};

static const char *context_name(enum rule_context context)
{
	static const char *const names[] = { "in no context", "for each user", "for the machine",
					     "for the machine and each user" };

	return names[context & CONTEXT_BOTH];
}

static const char *type_name(enum object_type type)
{
	return type == OBJECT_FILE ? "file" : type == OBJECT_INI ? "ini" : "registry";
}

/* Text from the file, escaped. */
static void say(FILE *out, const char *text)
{
	text_print(out, text, strlen(text));
}

/* -------- a rule's objects as texts -------- */

/* "Name('a', NULL)" */
static void write_call(FILE *out, const struct rule_call *call)
{
	fprintf(out, "%s(", call->name);
	for (size_t i = 0; i < call->count; i++) {
		const char *quote = !call->arguments[i] ? "" : strchr(call->arguments[i], '"') ? "'" : "\"";

		fprintf(out, "%s%s%s%s", i ? ", " : "", quote,
			call->arguments[i] ? call->arguments[i] : "NULL", quote);
	}
	fputc(')', out);
}

/* A call and a text, as one text; to be freed, NULL without memory. */
static char *make_text(const struct rule_call *call, const char *between, const char *text)
{
	size_t length = 0;
	char  *made = NULL;
	FILE  *out = open_memstream(&made, &length);

	if (!out)
		return NULL;
	if (call)
		write_call(out, call);
	fprintf(out, "%s%s", between, text);
	fclose(out);
	return made;
}

/* An object of a rule, as it is told of. */
struct told_object {
	const struct rule_place *scope;
	const struct rule       *rule;
	const char              *type, *text;
	const char              *helper; /* the rule's filter or script, NULL none */
	int                      line;
};

struct teller {
	void (*tell)(struct teller *teller, const struct told_object *object);
	struct json             *json;
	const struct rule_place *scope; /* of the rule that is told of now */
	enum rule_kind           kind;  /* only these are */
	size_t                   told, most, untold;
};

static int tell_text(struct teller *teller, const struct rule *rule, const char *type, int line,
		     const struct rule_call *call, const char *between, const char *text)
{
	CLEANUP(free_ptr) char *made = make_text(call, between, text);
	CLEANUP(free_ptr) char *helper = rule->call ? make_text(rule->call, "", "") : NULL;

	if (!made || (rule->call && !helper))
		return -1;
	teller->tell(teller, &(struct told_object){ teller->scope, rule, type, made, helper, line });
	return 0;
}

static int tell_sets(struct teller *teller, const struct rule *rule, const struct rule_object_set *sets,
		     size_t count, const struct rule_call *found_by);

static int tell_source(struct teller *teller, const struct rule *rule, const struct rule_source *source,
		       const struct rule_call *found_by)
{
	switch (source->kind) {
	case SOURCE_PATTERN:
		return tell_text(teller, rule, type_name(source->pattern.type), source->pattern.line,
				 found_by, found_by ? " of " : "", source->pattern.text);
	case SOURCE_SCRIPT:
		return tell_text(teller, rule, "script", source->call.line, &source->call, "", "");
	default:
		return tell_sets(teller, rule, source->objects, source->object_count, &source->call);
	}
}

/* @found_by  the objects are what it finds in them, or NULL */
static int tell_sets(struct teller *teller, const struct rule *rule, const struct rule_object_set *sets,
		     size_t count, const struct rule_call *found_by)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < sets[i].count; j++)
			if (tell_source(teller, rule, &sets[i].sources[j], found_by) < 0)
				return -1;
	return 0;
}

static int tell_rule(void *context, const struct rule_place *scope, const struct rule *rule)
{
	struct teller *teller = context;

	teller->scope = scope;
	if (rule->kind != teller->kind)
		return 0;
	for (size_t i = 0; i < rule->added_count; i++)
		if (tell_text(teller, rule, type_name(rule->added[i].type), rule->added[i].line, NULL, "",
			      rule->added[i].location) < 0)
			return -1;
	for (size_t i = 0; i < rule->script_count; i++)
		if (tell_text(teller, rule, "script", rule->scripts[i].line, &rule->scripts[i], "", "") < 0)
			return -1;
	for (size_t i = 0; i < rule->command_line_count; i++)
		if (tell_text(teller, rule, "command", rule->line, NULL, "", rule->command_lines[i]) < 0)
			return -1;
	return tell_sets(teller, rule, rule->objects, rule->object_count, NULL);
}

/* -------- words -------- */

/* merge, locationModify and contentModify do what their script says; others have a filter. */
static bool has_script(enum rule_kind kind)
{
	return kind == RULE_MERGE || kind == RULE_LOCATION_MODIFY || kind == RULE_CONTENT_MODIFY;
}

static void print_object(struct teller *teller, const struct told_object *object)
{
	if (teller->told == teller->most) {
		teller->untold++;
		return;
	}
	teller->told++;
	printf("    %s ", verbs[object->rule->kind]);
	say(stdout, object->text);
	if (strcmp(object->type, "registry") == 0 || strcmp(object->type, "ini") == 0)
		printf(" (%s)", object->type);
	if (object->helper) {
		fputs(has_script(object->rule->kind) ? " by " : ", filtered by ", stdout);
		say(stdout, object->helper);
	}
	printf("%s, line %d\n", object->scope->conditional ? ", if its conditions hold" : "", object->line);
}

static void print_role(const struct rule_component *component, const struct rule_role *role, bool all)
{
	struct teller teller = { .tell = print_object };

	fputs("  role ", stdout);
	say(stdout, role->role);
	if (*role->id) {
		fputs(", id ", stdout);
		say(stdout, role->id);
	}
	if (role->detection_count)
		printf(", where %s", role->detection_count == 1 ? "its detection says so" :
								  "one of its detections says so");
	putchar('\n');
	for (teller.kind = 0; teller.kind < RULE_KINDS; teller.kind++) {
		teller.told = teller.untold = 0;
		teller.most = all ? SIZE_MAX : TOLD_MAX;
		if (rule_role_each(component, role, tell_rule, &teller) < 0)
			puts("    (no memory to tell the rest)");
		if (teller.untold)
			printf("    %s %s more\n", verbs[teller.kind], text_count(teller.untold).text);
	}
}

static void print_component(const struct component_review *review, bool all)
{
	const struct rule_component *component = review->component;
	const char                  *comma = ": ";

	fputs("\ncomponent ", stdout);
	say(stdout, *component->display_name ? component->display_name : "(no name)");
	printf(", line %d", component->line);
	if (*component->type) {
		fputs(", ", stdout);
		say(stdout, component->type);
	}
	printf(", %s%s", context_name(component->context),
	       component->supported ? "" : ", not supported by default");
	for (int kind = 0; kind < RULE_KINDS; kind++) {
		if (!review->counts[kind])
			continue;
		printf("%s%zu %s", comma, review->counts[kind], rule_kind_name((enum rule_kind)kind));
		comma = ", ";
	}
	putchar('\n');
	if (review->pointless)
		puts("  has no effect: it only excludes, and an exclude counts in its own component alone; to keep these\n"
		     "  out of everything write unconditionalExclude");
	for (size_t i = 0; i < component->role_count; i++)
		print_role(component, &component->roles[i], all);
}

void rule_report_print(const struct rule_file *file, const struct rule_review *review, bool all)
{
	fputs("  urlid ", stdout);
	say(stdout, file->urlid);
	printf("\n  %zu component%s\n", review->components.count, review->components.count == 1 ? "" : "s");
	for (size_t i = 0; i < review->components.count; i++)
		print_component(&review->components.items[i], all);
}

void rule_remarks_print(const struct xml_remarks *remarks, const char *before, bool all, size_t most)
{
	size_t told = 0, untold = 0;

	for (size_t i = 0; i < remarks->count; i++) {
		const struct xml_remark *remark = &remarks->items[i];

		if (!remark->lost && !all)
			continue;
		if (told == most) {
			untold++;
			continue;
		}
		told++;
		printf("%sline %d: ", before, remark->line);
		say(stdout, remark->text);
		putchar('\n');
	}
	if (untold)
		printf("%s%s more\n", before, text_count(untold).text);
}

bool rule_remarks_weigh(const struct xml_remarks *remarks)
{
	for (size_t i = 0; i < remarks->count; i++)
		if (remarks->items[i].lost)
			return true;
	return false;
}

/* -------- JSON -------- */

static const char *json_context(enum rule_context context)
{
	static const char *const names[] = { "None", "User", "System", "UserAndSystem" };

	return names[context & CONTEXT_BOTH];
}

static void json_object(struct teller *teller, const struct told_object *object)
{
	struct json *json = teller->json;

	json_begin(json, '{');
	json_key_string(json, "type", object->type);
	json_key_string(json, "text", object->text);
	json_key_string(json, "helper", object->helper);
	json_key_string(json, "context", json_context(object->scope->context));
	json_key_bool(json, "conditional", object->scope->conditional);
	json_key_uint(json, "line", (uint64_t)object->line);
	json_end(json, '}');
}

static void json_role(struct json *json, const struct rule_component *component, const struct rule_role *role)
{
	struct teller teller = { .tell = json_object, .json = json };

	json_begin(json, '{');
	json_key_string(json, "role", role->role);
	json_key_string(json, "id", role->id);
	json_key_uint(json, "detections", role->detection_count);
	for (teller.kind = 0; teller.kind < RULE_KINDS; teller.kind++) {
		json_key(json, rule_kind_name(teller.kind));
		json_begin(json, '[');
		(void)rule_role_each(component, role, tell_rule, &teller);
		json_end(json, ']');
	}
	json_end(json, '}');
}

static void json_component(struct json *json, const struct component_review *review)
{
	const struct rule_component *component = review->component;

	json_begin(json, '{');
	json_key_string(json, "name", component->display_name);
	json_key_string(json, "type", component->type);
	json_key_string(json, "context", json_context(component->context));
	json_key_uint(json, "line", (uint64_t)component->line);
	json_key_uint(json, "depth", review->depth);
	json_key_bool(json, "hidden", component->hidden);
	json_key_bool(json, "supported", component->supported);
	json_key_bool(json, "effect", !review->pointless);
	json_key_uint(json, "patterns", review->patterns);
	json_key(json, "counts");
	json_begin(json, '{');
	for (int kind = 0; kind < RULE_KINDS; kind++)
		json_key_uint(json, rule_kind_name((enum rule_kind)kind), review->counts[kind]);
	json_end(json, '}');
	json_key(json, "roles");
	json_begin(json, '[');
	for (size_t i = 0; i < component->role_count; i++)
		json_role(json, component, &component->roles[i]);
	json_end(json, ']');
	json_end(json, '}');
}

void rule_report_json(struct json *json, const struct rule_file *file, const struct rule_review *review)
{
	json_key_string(json, "urlid", file->urlid);
	json_key(json, "elements");
	json_begin(json, '{');
	for (size_t i = 0; i < review->elements.count; i++)
		json_key_uint(json, review->elements.items[i].name, review->elements.items[i].count);
	json_end(json, '}');
	json_key(json, "components");
	json_begin(json, '[');
	for (size_t i = 0; i < review->components.count; i++)
		json_component(json, &review->components.items[i]);
	json_end(json, ']');
	json_key(json, "not_done");
	json_begin(json, '[');
	rule_remarks_json(json, &review->not_done);
	json_end(json, ']');
}

void rule_remarks_json(struct json *json, const struct xml_remarks *remarks)
{
	for (size_t i = 0; i < remarks->count; i++) {
		json_begin(json, '{');
		json_key_uint(json, "line", (uint64_t)remarks->items[i].line);
		json_key_bool(json, "lost", remarks->items[i].lost);
		json_key_string(json, "text", remarks->items[i].text);
		json_end(json, '}');
	}
}
