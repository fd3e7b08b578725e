/* SPDX-License-Identifier: GPL-3.0-or-later */
/* placing_rule.c - see placing_rule.h */
#include "recover/rules/placing_rule.h"

#include "core/cleanup.h"
#include "recover/rules/object_set.h"

#include <string.h>
#include <strings.h>

struct reading {
	struct placing_rules  *rules;
	struct cleaning_rules *cleaning;
};

void placing_rule_release(struct placing_rule *rule)
{
	pattern_release(&rule->pattern);
	free(rule->beginning);
	free(rule->from);
	free(rule->to);
	free(rule->name);
}

void placing_rules_release(struct placing_rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		placing_rule_release(&rules->items[i]);
	array_release(rules);
}

/* -------- calls -------- */

/* The first text that an argument stands for; *@text is NULL for none.  To be freed. */
static int expand_argument(const struct rule_scope *scope, const struct rule_call *call, size_t index,
			   char **text, struct error *err)
{
	CLEANUP(texts_release) struct texts texts = { 0 };
	const char                         *argument = rule_argument(call, index);

	*text = NULL;
	if (!argument)
		return 0;
	if (rule_scope_expand_path(scope, argument, call->line, &texts, err) < 0)
		return -1;
	if (!texts.count)
		return 0;
	*text = strdup(texts.items[0]);
	return *text ? 0 : error_memory(err);
}

static void cut_separators(char *path)
{
	size_t length = path ? strlen(path) : 0;

	while (length && path[length - 1] == '\\')
		path[--length] = 0;
	if (path)
		pattern_shorten_root(path);
}

/* What a locationModify does.  1, 0 if nothing can be made of it, -1. */
static int read_move(struct placing_rule *rule, const struct rule_scope *scope, const struct rule_call *call,
		     struct error *err)
{
	if (strcasecmp(call->name, "RelativeMove") == 0) {
		rule->move = MOVE_RELATIVE;
		if (expand_argument(scope, call, 0, &rule->from, err) < 0 ||
		    expand_argument(scope, call, 1, &rule->to, err) < 0)
			return -1;
	} else {
		rule->move = strcasecmp(call->name, "ExactMove") == 0 ? MOVE_EXACT : MOVE_BELOW;
		if (expand_argument(scope, call, 0, &rule->to, err) < 0)
			return -1;
	}
	cut_separators(rule->from);
	if (rule->move != MOVE_EXACT)
		cut_separators(rule->to);
	return rule->to && *rule->to && (rule->move != MOVE_RELATIVE || (rule->from && *rule->from));
}

static int read_merge(struct placing_rule *rule, const struct rule_scope *scope, const struct rule_call *call,
		      struct error *err)
{
	static const struct {
		const char     *name;
		enum merge_rule merge;
	} merges[] = {
		{ "SourcePriority", MERGE_SOURCE }, { "DestinationPriority", MERGE_DESTINATION },
		{ "NewestVersion", MERGE_NEWEST },  { "HigherValue", MERGE_HIGHER },
		{ "LowerValue", MERGE_LOWER },      { "FindFilePlaceByPattern", MERGE_PATTERN },
	};

	for (size_t i = 0; i < sizeof merges / sizeof merges[0]; i++)
		if (strcasecmp(call->name, merges[i].name) == 0)
			rule->merge = merges[i].merge;
	if (rule->merge == MERGE_DEFAULT)
		return rule_scope_tell(scope, call->line, err,
				       "merge by %s cannot be done: as without the rule", call->name);
	if (rule->merge == MERGE_NEWEST &&
	    rule_scope_tell(scope, call->line, err, "merge by %s: versions are not compared, both files stay",
			    call->name) < 0)
		return -1;
	if (rule->merge == MERGE_PATTERN && expand_argument(scope, call, 0, &rule->name, err) < 0)
		return -1;
	return rule->merge != MERGE_PATTERN || rule->name;
}

static bool is_filter(const struct rule_call *call, const char *name)
{
	return call && !call->library && strcasecmp(call->name, name) == 0;
}

/* A rule that has to have a script of the language's own: false, and told, if it has none. */
static int needs_script(const struct rule_scope *scope, const struct rule *rule, struct error *err)
{
	if (rule->call && !rule->call->library)
		return 1;
	return rule_scope_tell(scope, rule->line, err,
			       "%s by %s cannot be done: objects come back as without it",
			       rule_kind_name(rule->kind), rule->call ? rule->call->name : "nothing");
}

static int read_content(struct placing_rule *placing, const struct rule_scope *scope, const struct rule *rule,
			struct error *err)
{
	if (content_modify_read(&placing->content, rule->call))
		return 1;
	return rule_scope_tell(scope, rule->line, err,
			       "%s by %s is not known: contents come back as they are stored",
			       rule_kind_name(rule->kind), rule->call->name);
}

/* What is done after files have come back by running something. */
static int tell_undone(const struct rule_scope *scope, const struct rule *rule, struct error *err)
{
	if (!rule->when ||
	    (strcasecmp(rule->when, "pre-apply") != 0 && strcasecmp(rule->when, "post-apply") != 0 &&
	     strcasecmp(rule->when, "apply-success") != 0))
		return 0;
	return rule_scope_tell(scope, rule->line, err, "%s when=\"%s\" is not run",
			       rule_kind_name(rule->kind), rule->when);
}

/* What a rule decides: 1, 0 for nothing, -1. */
static int read_rule(struct placing_rule *placing, const struct rule_scope *scope, const struct rule *rule,
		     struct error *err)
{
	int known = 1;

	if (rule->kind == RULE_MERGE || rule->kind == RULE_LOCATION_MODIFY ||
	    rule->kind == RULE_CONTENT_MODIFY)
		known = needs_script(scope, rule, err);
	if (known != 1)
		return known;
	switch (rule->kind) {
	case RULE_LOCATION_MODIFY:
		placing->decides = DECIDES_PLACE;
		return read_move(placing, scope, rule->call, err);
	case RULE_MERGE:
		placing->decides = DECIDES_MERGE;
		return read_merge(placing, scope, rule->call, err);
	case RULE_CONTENT_MODIFY:
		placing->decides = DECIDES_CONTENT;
		return read_content(placing, scope, rule, err);
	case RULE_INCLUDE_ATTRIBUTES:
	case RULE_EXCLUDE_ATTRIBUTES:
		placing->drops = rule->kind == RULE_EXCLUDE_ATTRIBUTES;
		return 1;
	case RULE_INCLUDE:
		placing->decides = DECIDES_RETURN;
		placing->stays = is_filter(rule->call, "NeverRestore");
		placing->screens = is_filter(rule->call, "IgnoreIrrelevantLinks");
		return !is_filter(rule->call, "AnswerNo");
	case RULE_EXTERNAL_PROCESS:
	case RULE_PROCESSING:
		return tell_undone(scope, rule, err);
	default:
		return 0;
	}
}

/* -------- patterns -------- */

/* The folders of a node before its first wildcard; NULL without memory. */
static char *beginning_of(const char *node)
{
	size_t length = strcspn(node, (char[]){ PATTERN_ANY, 0 });

	if (!node[length])
		return strdup(node);
	while (length && node[length] != '\\')
		length--;
	return strndup(node, length);
}

static char *copy_text(const char *text, bool *failed)
{
	char *copy = text ? strdup(text) : NULL;

	*failed = *failed || (text && !copy);
	return copy;
}

/* The rule for one of its patterns. */
static int add_placing(struct placing_rules *rules, const struct placing_rule *like, enum decision decides,
		       const struct object_pattern *object, struct error *err)
{
	struct placing_rule rule = *like;
	bool                failed = false;

	if (pattern_parse(&rule.pattern, object->pattern.type, object->text, err) < 0)
		return -1;
	rule.decides = decides;
	rule.beginning = beginning_of(rule.pattern.node);
	rule.from = copy_text(like->from, &failed);
	rule.to = copy_text(like->to, &failed);
	rule.name = copy_text(like->name, &failed);
	rule.order = rules->count;
	if (!failed && rule.beginning && array_push(rules, rule))
		return 0;
	placing_rule_release(&rule);
	return error_memory(err);
}

/* A pattern of each decision that the rule speaks of. */
static int add_decisions(struct placing_rules *rules, const struct placing_rule *like,
			 const struct rule *rule, const struct object_pattern *object, struct error *err)
{
	if (rule->kind != RULE_INCLUDE_ATTRIBUTES && rule->kind != RULE_EXCLUDE_ATTRIBUTES)
		return add_placing(rules, like, like->decides, object, err);
	if (rule->attributes & RULE_SECURITY && add_placing(rules, like, DECIDES_SECURITY, object, err) < 0)
		return -1;
	return rule->attributes & RULE_TIME_FIELDS ? add_placing(rules, like, DECIDES_TIMES, object, err) : 0;
}

static int tell_files(const struct rule_scope *scope, const struct rule *rule,
		      const struct object_pattern *object, struct error *err)
{
	if (object->pattern.type == OBJECT_INI)
		return rule_scope_tell(scope, object->line, err,
				       "%s of entries of ini files is not done: files come back whole",
				       rule_kind_name(rule->kind));
	if (rule->kind == RULE_CONTENT_MODIFY)
		return rule_scope_tell(scope, object->line, err,
				       "%s by %s is not done to files: they come back as they are stored",
				       rule_kind_name(rule->kind), rule->call->name);
	return 0;
}

static int add_patterns(struct reading *reading, const struct visited_role *role, const struct rule *rule,
			const struct placing_rule *like, struct error *err)
{
	CLEANUP(object_patterns_release) struct object_patterns patterns = { 0 };

	for (size_t i = 0; i < rule->object_count; i++)
		if (object_set_expand(role->scope, &rule->objects[i], true, &patterns, err) < 0)
			return -1;
	for (size_t i = 0; i < patterns.count; i++) {
		const struct object_pattern *object = &patterns.items[i];

		if (rule->kind != RULE_INCLUDE && object->pattern.type != OBJECT_REGISTRY &&
		    tell_files(role->scope, rule, object, err) < 0)
			return -1;
		if (object->pattern.type != OBJECT_INI &&
		    add_decisions(reading->rules, like, rule, object, err) < 0)
			return -1;
	}
	return 0;
}

static int take_rule(void *context, const struct visited_role *role, const struct rule *rule, bool certain,
		     struct error *err)
{
	struct reading                                   *reading = context;
	CLEANUP(placing_rule_release) struct placing_rule placing = { .user = role->scope->user };
	int                                               decides;

	if (rule->kind == RULE_DESTINATION_CLEANUP)
		return cleaning_rules_add(reading->cleaning, role->scope, rule, certain, err);
	decides = read_rule(&placing, role->scope, rule, err);
	return decides == 1 ? add_patterns(reading, role, rule, &placing, err) : decides;
}

int placing_rules_read(struct placing_rules *rules, struct cleaning_rules *cleaning,
		       const struct rule_evaluation *evaluation, struct error *err)
{
	struct reading            reading = { rules, cleaning };
	const struct rule_visitor visitor = { .context = &reading, .rule = take_rule };

	return rule_evaluation_run(evaluation, &visitor, err);
}
