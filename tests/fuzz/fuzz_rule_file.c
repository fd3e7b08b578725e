/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rule files, Config.xml and Offline.xml: one input is tried as each of them. */
#include "tests/fuzz/fuzz.h"

#include "recover/rules/config_file.h"
#include "recover/rules/offline_file.h"
#include "recover/rules/rule_review.h"

#include <string.h>

static void look_at_condition(const struct rule_condition *condition, unsigned depth)
{
	MUST(depth < 1024 && (!condition->leaf || !condition->count));
	if (condition->leaf)
		MUST(condition->call.name && *condition->call.name);
	for (size_t i = 0; i < condition->count; i++)
		look_at_condition(&condition->items[i], depth + 1);
}

static void look_at_sets(const struct rule_object_set *sets, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (sets[i].condition)
			look_at_condition(sets[i].condition, 0);
		for (size_t j = 0; j < sets[i].count; j++) {
			MUST(sets[i].sources[j].kind != SOURCE_PATTERN || *sets[i].sources[j].pattern.text);
			look_at_sets(sets[i].sources[j].objects, sets[i].sources[j].object_count);
		}
	}
}

static int look_at_rule(void *context, const struct rule_place *place, const struct rule *rule)
{
	(void)context;
	MUST(place->context <= CONTEXT_BOTH);
	MUST(rule->kind < RULE_KINDS && rule->line > 0);
	MUST(rule->call || rule->kind < RULE_MERGE || rule->kind > RULE_CONTENT_MODIFY || rule->kind == RULE_WINDOWS_OBJECTS);
	look_at_sets(rule->objects, rule->object_count);
	return 0;
}

static void look_at_component(const struct rule_component *component)
{
	MUST(component->display_name && component->type);
	for (size_t i = 0; i < component->role_count; i++) {
		const struct rule_role *role = &component->roles[i];

		MUST(role->id && role->role);
		for (size_t j = 0; j < role->detection_count; j++)
			if (role->detections[j].condition)
				look_at_condition(role->detections[j].condition, 0);
		MUST(rule_role_each(component, role, look_at_rule, NULL) == 0);
		for (size_t j = 0; j < role->component_count; j++)
			look_at_component(&role->components[j]);
	}
}

static void try_rules(const uint8_t *data, size_t size)
{
	struct rule_file   file;
	struct rule_review review = { 0 };
	struct error       err = { 0 };

	if (rule_file_parse(&file, "x", data, size, &err) == 0) {
		MUST(file.urlid && *file.urlid);
		for (size_t i = 0; i < file.count; i++)
			look_at_component(&file.components[i]);
		MUST(rule_review_make(&review, &file, &err) == 0 && review.elements.count);
	} else {
		MUST(*err.text);
	}
	rule_review_release(&review);
	rule_file_release(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_file  config;
	struct offline_file offline;
	struct error        err = { 0 };

	try_rules(data, size);
	if (config_file_parse(&config, "x", data, size, &err) == 0)
		for (size_t i = 0; i < config.count; i++)
			MUST(config.components[i].migrate || !config_file_migrates(&config, config.components[i].id));
	config_file_release(&config);
	if (offline_file_parse(&offline, "x", data, size, &err) == 0)
		MUST(offline.count && *offline.directories[0]);
	offline_file_release(&offline);
	return 0;
}
