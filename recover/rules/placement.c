/* SPDX-License-Identifier: GPL-3.0-or-later */
/* placement.c - see placement.h */
#include "recover/rules/placement.h"

#include "core/cleanup.h"
#include "recover/rules/object_set.h"
#include "recover/rules/rule_evaluation.h"

#include <string.h>
#include <strings.h>

/* What a rule decides; each is decided by itself. */
enum decision { DECIDES_PLACE, DECIDES_MERGE, DECIDES_RETURN };
#define DECISIONS (DECIDES_RETURN + 1)

enum move { MOVE_EXACT, MOVE_RELATIVE, MOVE_BELOW };

struct placing_rule {
	enum decision              decides;
	struct pattern             pattern;
	char                      *beginning; /* of .pattern.node: the folders before its first wildcard */
	const struct user_profile *user;      /* whose HKCU; NULL: the machine */
	size_t                     order;     /* among all */
	enum move                  move;
	char                      *from, *to; /* RelativeMove has both */
	enum merge_rule            merge;
	char                      *name;      /* of MERGE_PATTERN */
	bool                       stays;     /* NeverRestore */
};

struct placing_rules ARRAY(struct placing_rule);

struct placements {
	struct placing_rules rules; /* sorted by .beginning */
	bool                 concern_files;
	bool                 may_stay; /* there is a NeverRestore */
};

static void placing_rule_release(struct placing_rule *rule)
{
	pattern_release(&rule->pattern);
	free(rule->beginning);
	free(rule->from);
	free(rule->to);
	free(rule->name);
}

void placements_free(struct placements *placements)
{
	for (size_t i = 0; placements && i < placements->rules.count; i++)
		placing_rule_release(&placements->rules.items[i]);
	if (placements)
		array_release(&placements->rules);
	free(placements);
}

/* -------- rules -------- */

/* The first text that an argument stands for; *@text is NULL for none.  To be freed. */
static int expand_argument(const struct rule_scope *scope, const struct rule_call *call, size_t index, char **text,
			   struct error *err)
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
		{ "LowerValue", MERGE_LOWER },	    { "FindFilePlaceByPattern", MERGE_PATTERN },
	};

	for (size_t i = 0; i < sizeof merges / sizeof merges[0]; i++)
		if (strcasecmp(call->name, merges[i].name) == 0)
			rule->merge = merges[i].merge;
	if (rule->merge == MERGE_PATTERN && expand_argument(scope, call, 0, &rule->name, err) < 0)
		return -1;
	return rule->merge != MERGE_DEFAULT && (rule->merge != MERGE_PATTERN || rule->name);
}

static bool is_never(const struct rule_call *call)
{
	return call && !call->library && strcasecmp(call->name, "NeverRestore") == 0;
}

/* What a rule decides: 1, 0 for nothing, -1. */
static int read_rule(struct placing_rule *placing, const struct rule_scope *scope, const struct rule *rule,
		     struct error *err)
{
	switch (rule->kind) {
	case RULE_LOCATION_MODIFY:
		placing->decides = DECIDES_PLACE;
		return rule->call && !rule->call->library ? read_move(placing, scope, rule->call, err) : 0;
	case RULE_MERGE:
		placing->decides = DECIDES_MERGE;
		return rule->call && !rule->call->library ? read_merge(placing, scope, rule->call, err) : 0;
	case RULE_INCLUDE:
		placing->decides = DECIDES_RETURN;
		placing->stays = is_never(rule->call);
		return 1;
	default:
		return 0;
	}
}

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

/* The rule for one of its patterns, which is taken over. */
static int add_placing(struct placements *placements, const struct placing_rule *like, struct pattern *pattern,
		       struct error *err)
{
	struct placing_rule rule = *like;
	bool                failed = false;

	rule.pattern = *pattern;
	*pattern = (struct pattern){ 0 };
	rule.beginning = beginning_of(rule.pattern.node);
	rule.from = copy_text(like->from, &failed);
	rule.to = copy_text(like->to, &failed);
	rule.name = copy_text(like->name, &failed);
	rule.order = placements->rules.count;
	placements->concern_files = placements->concern_files ||
				    (rule.pattern.type == OBJECT_FILE && (rule.decides != DECIDES_RETURN || rule.stays));
	placements->may_stay = placements->may_stay || rule.stays;
	if (!failed && rule.beginning && array_push(&placements->rules, rule))
		return 0;
	placing_rule_release(&rule);
	return error_memory(err);
}

static int add_rule(void *context, const struct visited_role *role, const struct rule *rule, bool certain,
		    struct error *err)
{
	CLEANUP(object_patterns_release) struct object_patterns patterns = { 0 };
	CLEANUP(placing_rule_release) struct placing_rule       placing = { .user = role->scope->user };
	int                                                     decides = read_rule(&placing, role->scope, rule, err);

	(void)certain;
	if (decides != 1)
		return decides;
	for (size_t i = 0; i < rule->object_count; i++)
		if (object_set_expand(role->scope, &rule->objects[i], true, &patterns, err) < 0)
			return -1;
	for (size_t i = 0; i < patterns.count; i++)
		if (add_placing(context, &placing, &patterns.items[i].pattern, err) < 0)
			return -1;
	return 0;
}

static int compare_beginning(const void *a, const void *b)
{
	const struct placing_rule *left = a, *right = b;
	int                        order = strcmp(left->beginning, right->beginning);

	return order ? order : (left->order > right->order) - (left->order < right->order);
}

/* Without a NeverRestore nobody need know what is included. */
static void drop_includes(struct placing_rules *rules)
{
	size_t kept = 0;

	for (size_t i = 0; i < rules->count; i++)
		if (rules->items[i].decides == DECIDES_RETURN)
			placing_rule_release(&rules->items[i]);
		else
			rules->items[kept++] = rules->items[i];
	rules->count = kept;
}

int placements_make(struct placements **placements, const struct rule_set *rules, struct work_volumes *volumes,
		    const struct windows *windows, const struct user_profile *const *users, size_t user_count,
		    struct error *err)
{
	CLEANUP(unhonoureds_release) struct unhonoureds told = { 0 }; /* when it was captured */
	const struct rule_evaluation                    evaluation = { .rules = rules,
								       .volumes = volumes,
								       .windows = windows,
								       .users = users,
								       .user_count = user_count,
								       .unhonoured = &told };
	struct rule_visitor                             visitor = { .rule = add_rule };

	*placements = visitor.context = calloc(1, sizeof **placements);
	if (!*placements)
		return error_memory(err);
	if (rule_evaluation_run(&evaluation, &visitor, err) < 0)
		return -1;
	if (!(*placements)->may_stay)
		drop_includes(&(*placements)->rules);
	if ((*placements)->rules.count)
		qsort((*placements)->rules.items, (*placements)->rules.count, sizeof *(*placements)->rules.items,
		      compare_beginning);
	return 0;
}

bool placements_concern_files(const struct placements *placements)
{
	return placements->concern_files;
}

/* -------- objects -------- */

struct object {
	enum object_type           type;
	const struct user_profile *user;
	const char                *node, *leaf;
	const struct placing_rule *best[DECISIONS];
	const struct placing_rule *stays; /* the most specific NeverRestore */
};

static bool is_better(const struct placing_rule *rule, const struct placing_rule *than)
{
	int order = than ? pattern_compare(&rule->pattern, &than->pattern) : 1;

	return order > 0 || (order == 0 && rule->order < than->order);
}

static void weigh(struct object *object, const struct placing_rule *rule)
{
	const struct placing_rule **best = rule->stays ? &object->stays : &object->best[rule->decides];

	if (rule->pattern.type != object->type ||
	    (object->type == OBJECT_REGISTRY && rule->user && rule->user != object->user) ||
	    !pattern_matches(&rule->pattern, object->node, object->leaf))
		return;
	if (is_better(rule, *best))
		*best = rule;
}

/* Weigh the rules that begin at the folder @beginning, @length bytes of it. */
static void weigh_at(struct object *object, const struct placing_rules *rules, const char *beginning, size_t length)
{
	size_t low = 0, high = rules->count;

	while (low < high) {
		size_t      middle = low + (high - low) / 2;
		const char *other = rules->items[middle].beginning;
		int         order = strncmp(other, beginning, length);

		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < rules->count; low++) {
		const char *other = rules->items[low].beginning;

		if (strncmp(other, beginning, length) != 0 || other[length])
			break; /* the shortest of those that begin so come first */
		weigh(object, &rules->items[low]);
	}
}

static int weigh_all(struct object *object, const struct placements *placements, struct error *err)
{
	CLEANUP(free_ptr) char *upper = pattern_upper(object->node);

	if (!upper)
		return error_memory(err);
	weigh_at(object, &placements->rules, "", 0);
	for (const char *at = upper; *at;) {
		at += strcspn(at, "\\");
		weigh_at(object, &placements->rules, upper, (size_t)(at - upper));
		at += *at == '\\';
	}
	return 0;
}

/* "C:\Music [x.mp3]" as its two parts; without a leaf the object keeps its own. */
static char *exact_place(const char *to, const char *leaf)
{
	const char *bracket = strrchr(to, '[');
	size_t      length = strlen(to);
	char       *place;

	if (bracket && to[length - 1] == ']') {
		leaf = bracket + 1;
		length = (size_t)(bracket - to);
	}
	while (length && (to[length - 1] == ' ' || to[length - 1] == '\\'))
		length--;
	if (asprintf(&place, "%.*s\\%.*s", (int)length, to, (int)strcspn(leaf, bracket ? "]" : ""), leaf) < 0)
		return NULL;
	return place;
}

/* Where the object that is at @path goes; NULL without memory. */
static char *place_of(const struct placing_rule *rule, const char *path, const char *leaf)
{
	size_t length = rule && rule->from ? strlen(rule->from) : 0;
	char  *place;

	if (!rule)
		return strdup(path);
	switch (rule->move) {
	case MOVE_EXACT:
		return exact_place(rule->to, leaf);
	case MOVE_RELATIVE:
		if (strncasecmp(path, rule->from, length) != 0 || (path[length] && path[length] != '\\'))
			return strdup(path);
		return asprintf(&place, "%s%s", rule->to, path + length) < 0 ? NULL : place;
	case MOVE_BELOW:
		return asprintf(&place, "%s%s", rule->to, path + strcspn(path, "\\")) < 0 ? NULL : place;
	}
	return NULL;
}

static int decide_merge(const struct placing_rule *rule, struct placement *placement, struct error *err)
{
	if (!rule)
		return 0;
	placement->merge = rule->merge;
	placement->pattern = rule->name ? strdup(rule->name) : NULL;
	return rule->name && !placement->pattern ? error_memory(err) : 0;
}

static bool stays(const struct object *object)
{
	const struct placing_rule *wanted = object->best[DECIDES_RETURN];

	return object->stays && (!wanted || pattern_compare(&object->stays->pattern, &wanted->pattern) > 0);
}

int placements_of_file(const struct placements *placements, const char *path, struct placement *placement,
		       struct error *err)
{
	const char             *last = strrchr(path, '\\');
	CLEANUP(free_ptr) char *node = last ? strndup(path, (size_t)(last - path)) : strdup("");
	struct object           object = { .type = OBJECT_FILE, .node = node, .leaf = last ? last + 1 : path };

	*placement = (struct placement){ 0 };
	if (!node)
		return error_memory(err);
	if (weigh_all(&object, placements, err) < 0)
		return -1;
	if (stays(&object)) {
		placement->why = "a rule keeps it in the store (NeverRestore)";
		return 0;
	}
	placement->path = place_of(object.best[DECIDES_PLACE], path, object.leaf);
	return placement->path ? decide_merge(object.best[DECIDES_MERGE], placement, err) : error_memory(err);
}

int placements_of_value(const struct placements *placements, const struct user_profile *user, const char *key,
			const char *name, struct placement *placement, struct error *err)
{
	struct object              object = { .type = OBJECT_REGISTRY, .user = user, .node = key, .leaf = name };
	const struct placing_rule *place;

	*placement = (struct placement){ 0 };
	if (weigh_all(&object, placements, err) < 0)
		return -1;
	if (stays(&object)) {
		placement->why = "a rule keeps it in the store (NeverRestore)";
		return 0;
	}
	place = object.best[DECIDES_PLACE];
	placement->path = place && place->move == MOVE_RELATIVE ? place_of(place, key, name) : strdup(key);
	return placement->path ? decide_merge(object.best[DECIDES_MERGE], placement, err) : error_memory(err);
}

void placement_release(struct placement *placement)
{
	free(placement->path);
	free(placement->pattern);
	*placement = (struct placement){ 0 };
}
