/* SPDX-License-Identifier: GPL-3.0-or-later */
/* placement.c - see placement.h */
#include "recover/rules/placement.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/rules/placing_rule.h"

#include <string.h>
#include <strings.h>

struct placements {
	struct placing_rules  rules; /* sorted by .beginning */
	struct cleaning_rules cleaning;
	struct unhonoureds    unhonoured;
	bool                  concern_files;
	bool                  may_stay; /* there is a NeverRestore, or an IgnoreIrrelevantLinks */
	bool                  screen_links;
};

void placements_free(struct placements *placements)
{
	if (!placements)
		return;
	placing_rules_release(&placements->rules);
	cleaning_rules_release(&placements->cleaning);
	unhonoureds_release(&placements->unhonoured);
	free(placements);
}

/* -------- rules -------- */

static int compare_beginning(const void *a, const void *b)
{
	const struct placing_rule *left = a, *right = b;
	int                        order = strcmp(left->beginning, right->beginning);

	return order ? order : (left->order > right->order) - (left->order < right->order);
}

/* Where nothing stays by its filter nobody need know what is included. */
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

/* What there is to be asked about. */
static void look_over(struct placements *placements)
{
	for (size_t i = 0; i < placements->rules.count; i++) {
		const struct placing_rule *rule = &placements->rules.items[i];
		bool                       decides = rule->decides != DECIDES_RETURN || rule->stays || rule->screens;

		placements->concern_files = placements->concern_files || (rule->pattern.type == OBJECT_FILE && decides);
		placements->may_stay = placements->may_stay || rule->stays || rule->screens;
		placements->screen_links = placements->screen_links || rule->screens;
	}
}

int placements_make(struct placements **placements, const struct rule_set *rules, struct work_volumes *volumes,
		    const struct windows *windows, const struct user_profile *const *users, size_t user_count,
		    struct error *err)
{
	struct placements     *made = calloc(1, sizeof *made);
	struct rule_evaluation evaluation = { .rules = rules,
					      .volumes = volumes,
					      .windows = windows,
					      .users = users,
					      .user_count = user_count };

	*placements = made;
	if (!made)
		return error_memory(err);
	evaluation.unhonoured = &made->unhonoured;
	if (placing_rules_read(&made->rules, &made->cleaning, &evaluation, err) < 0)
		return -1;
	unhonoureds_settle(&made->unhonoured);
	look_over(made);
	if (!made->may_stay)
		drop_includes(&made->rules);
	if (made->rules.count)
		qsort(made->rules.items, made->rules.count, sizeof *made->rules.items, compare_beginning);
	return 0;
}

bool placements_screen_links(const struct placements *placements)
{
	return placements->screen_links;
}

const struct cleaning_rules *placements_cleaning(const struct placements *placements)
{
	return &placements->cleaning;
}

const struct unhonoureds *placements_unhonoured(const struct placements *placements)
{
	return &placements->unhonoured;
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
	bool                       of_user; /* below HKCU */
	bool                       link;    /* a shortcut */
	const struct placing_rule *best[DECISIONS];
	const struct placing_rule *stays;   /* the most specific NeverRestore */
	const struct placing_rule *screens; /* and IgnoreIrrelevantLinks, of a shortcut */
};

static bool is_better(const struct placing_rule *rule, const struct placing_rule *than)
{
	int order = than ? pattern_compare(&rule->pattern, &than->pattern) : 1;

	return order > 0 || (order == 0 && rule->order < than->order);
}

static void weigh(struct object *object, const struct placing_rule *rule)
{
	const struct placing_rule **best = rule->stays                   ? &object->stays :
					   rule->screens && object->link ? &object->screens :
									   &object->best[rule->decides];

	if (rule->pattern.type != object->type || (object->of_user && rule->user && rule->user != object->user) ||
	    !pattern_matches(&rule->pattern, object->node, object->leaf))
		return;
	if (is_better(rule, *best))
		*best = rule;
}

/* Weigh the rules that begin at the folder @beginning, @length bytes of it. */
static void weigh_at(struct object *object, const struct placing_rules *rules, const char *beginning, size_t length)
{
	const struct placing_rule *items = rules->items;
	size_t                     first =
		partition_point(0, rules->count, at, strncmp(items[at].beginning, beginning, length) < 0);

	for (size_t i = first; i < rules->count; i++) {
		const char *other = items[i].beginning;

		if (strncmp(other, beginning, length) != 0 || other[length])
			break; /* the shortest of those that begin so come first */
		weigh(object, &items[i]);
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

/* -------- where it goes -------- */

struct place {
	char *node, *leaf;
};

static void place_release(struct place *place)
{
	free(place->node);
	free(place->leaf);
}

static int take_place(struct place *place, char *node, const char *leaf, size_t leaf_length, struct error *err)
{
	place->node = node;
	place->leaf = leaf ? strndup(leaf, leaf_length) : NULL;
	return node && (place->leaf || !leaf) ? 0 : error_memory(err);
}

/* "C:\Music [x.mp3]" as its two parts; without a leaf the object keeps its own. */
static int exact_place(const char *to, const char *leaf, struct place *place, struct error *err)
{
	const char *bracket = strrchr(to, '[');
	size_t      length = strlen(to), leaf_length = leaf ? strlen(leaf) : 0;

	if (bracket && to[length - 1] == ']') {
		leaf_length = length - (size_t)(bracket + 1 - to) - 1;
		leaf = leaf ? bracket + 1 : NULL;
		length = (size_t)(bracket - to);
	}
	while (length && (to[length - 1] == ' ' || to[length - 1] == '\\'))
		length--;
	return take_place(place, strndup(to, length), leaf, leaf_length, err);
}

static int place_of(const struct object *object, struct place *place, struct error *err)
{
	const struct placing_rule *rule = object->best[DECIDES_PLACE];
	const char                *node = object->node, *leaf = object->leaf;
	size_t                     length = rule && rule->from ? strlen(rule->from) : 0;
	bool                       moves = rule;
	char                      *to = NULL;

	if (rule && rule->move == MOVE_EXACT)
		return exact_place(rule->to, leaf, place, err);
	if (rule && rule->move == MOVE_RELATIVE)
		moves = strncasecmp(node, rule->from, length) == 0 && (!node[length] || node[length] == '\\');
	if (rule && rule->move == MOVE_BELOW)
		length = strcspn(node, "\\");
	if (asprintf(&to, "%s%s", moves ? rule->to : "", node + (moves ? length : 0)) < 0)
		to = NULL;
	return take_place(place, to, leaf, leaf ? strlen(leaf) : 0, err);
}

/* -------- all that is said of it -------- */

static int decide_merge(const struct placing_rule *rule, struct placement *placement, struct error *err)
{
	if (!rule)
		return 0;
	placement->merge = rule->merge;
	placement->pattern = rule->name ? strdup(rule->name) : NULL;
	return rule->name && !placement->pattern ? error_memory(err) : 0;
}

/* What is dropped is, unless a rule that is as specific keeps it. */
static bool drops(const struct placing_rule *rule)
{
	return rule && rule->drops;
}

/* Does what the filter of an include says hold, or is the object wanted for itself by another? */
static bool outweighs(const struct placing_rule *filter, const struct placing_rule *wanted)
{
	return filter && (!wanted || pattern_compare(&filter->pattern, &wanted->pattern) > 0);
}

static bool stays(const struct object *object)
{
	return outweighs(object->stays, object->best[DECIDES_RETURN]) &&
	       (!object->screens || outweighs(object->stays, object->screens));
}

/* All but where it goes; 1 if it stays in the store. */
static int decide(struct object *object, const struct placements *placements, struct placement *placement,
		  struct error *err)
{
	const struct placing_rule *content;

	*placement = (struct placement){ 0 };
	if (weigh_all(object, placements, err) < 0)
		return -1;
	if (stays(object)) {
		placement->why = "a rule keeps it in the store (NeverRestore)";
		return 1;
	}
	content = object->best[DECIDES_CONTENT];
	if (content)
		placement->content = content->content;
	placement->drops = (drops(object->best[DECIDES_SECURITY]) ? (unsigned)RULE_SECURITY : 0) |
			   (drops(object->best[DECIDES_TIMES]) ? (unsigned)RULE_TIME_FIELDS : 0);
	placement->screened = outweighs(object->screens, object->best[DECIDES_RETURN]);
	return decide_merge(object->best[DECIDES_MERGE], placement, err);
}

static bool is_link(const char *name)
{
	size_t length = strlen(name);

	return length > 4 && strcasecmp(name + length - 4, ".lnk") == 0;
}

int placements_of_file(const struct placements *placements, const char *path, struct placement *placement,
		       struct error *err)
{
	const char                         *last = strrchr(path, '\\');
	CLEANUP(free_ptr) char             *node = last ? strndup(path, (size_t)(last - path)) : strdup("");
	CLEANUP(place_release) struct place place = { 0 };
	struct object object = { .type = OBJECT_FILE, .node = node, .leaf = last ? last + 1 : path, .link = is_link(path) };
	int           decided;

	*placement = (struct placement){ 0 };
	if (!node)
		return error_memory(err);
	decided = decide(&object, placements, placement, err);
	if (decided)
		return decided < 0 ? -1 : 0;
	if (place_of(&object, &place, err) < 0)
		return -1;
	placement->path = text_format("%s\\%s", place.node, place.leaf);
	return placement->path ? 0 : error_memory(err);
}

static bool is_of_user(const char *key)
{
	return strncasecmp(key, "HKCU", 4) == 0 && (!key[4] || key[4] == '\\');
}

int placements_of_value(const struct placements *placements, const struct user_profile *user, const char *key,
			const char *name, struct placement *placement, struct error *err)
{
	CLEANUP(place_release) struct place place = { 0 };
	struct object object = { .type = OBJECT_REGISTRY, .user = user, .node = key, .leaf = name, .of_user = is_of_user(key) };
	int           decided = decide(&object, placements, placement, err);

	if (decided)
		return decided < 0 ? -1 : 0;
	if (place_of(&object, &place, err) < 0)
		return -1;
	placement->path = TAKE(place.node);
	placement->name = TAKE(place.leaf);
	return 0;
}

void placement_release(struct placement *placement)
{
	free(placement->path);
	free(placement->name);
	free(placement->pattern);
	*placement = (struct placement){ 0 };
}
