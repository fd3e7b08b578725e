/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usmt_policy.c - see usmt_policy.h */
#include "recover/usmt/usmt_policy.h"

#include "core/cleanup.h"
#include "recover/rules/pattern.h"
#include "recover/windows/environment.h"

#include <string.h>

static int rate_item(struct usmt_skipped_item *item, const struct config_policy *policy, const struct pattern *pattern,
		     struct error *err)
{
	const char *leaf = strrchr(item->path, '\\');
	char       *node;

	if (item->rating != CONFIG_ERROR_UNRATED || !leaf || (policy->code != UINT32_MAX && policy->code != item->code))
		return 0;
	node = strndup(item->path, (size_t)(leaf - item->path));
	if (!node)
		return error_memory(err);
	if (pattern_matches(pattern, node, leaf + 1))
		item->rating = policy->error;
	free(node);
	return 0;
}

static int apply_pattern(const struct config_policy *policy, const char *text, struct usmt_skipped *skipped,
			 struct error *err)
{
	CLEANUP(pattern_release) struct pattern pattern = { 0 };

	if (pattern_parse(&pattern, OBJECT_FILE, text, err) < 0)
		return -1;
	for (size_t i = 0; i < skipped->count; i++)
		if (rate_item(&skipped->items[i], policy, &pattern, err) < 0)
			return -1;
	return 0;
}

/* A variable that nobody knows stands for no file. */
static int apply_policy(const struct config_policy *policy, const struct environment *environment,
			struct usmt_skipped *skipped, struct error *err)
{
	CLEANUP(texts_release) struct texts texts = { 0 };
	CLEANUP(free_ptr) char             *unknown = NULL;

	if (policy->type != OBJECT_FILE)
		return 0;
	if (environment_expand(environment, policy->pattern, &texts, &unknown, err) < 0)
		return -1;
	for (size_t i = 0; i < texts.count; i++)
		if (apply_pattern(policy, texts.items[i], skipped, err) < 0)
			return -1;
	return 0;
}

int usmt_policy_apply(const struct config_file *config, const struct windows *windows, struct usmt_skipped *skipped,
		      struct error *err)
{
	CLEANUP(environment_release) struct environment environment = { 0 };

	if (!skipped->count || !config->error_count)
		return 0;
	if (environment_make(&environment, windows, NULL, err) < 0)
		return -1;
	for (size_t i = 0; i < config->error_count; i++)
		if (apply_policy(&config->errors[i], &environment, skipped, err) < 0)
			return -1;
	return 0;
}
