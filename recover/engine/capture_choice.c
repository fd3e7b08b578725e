/* SPDX-License-Identifier: GPL-3.0-or-later */
/* capture_choice.c - see capture_choice.h */
#include "recover/engine/capture_choice.h"

#include "recover/engine/capture_settings.h"

static int learn_names(struct capture_choice *choice, struct work_volumes *volumes, struct error *err)
{
	choice->names = calloc(volumes->count, sizeof *choice->names);
	if (!choice->names)
		return error_memory(err);
	for (; choice->volume_count < volumes->count; choice->volume_count++) {
		size_t number = choice->volume_count;

		if (chosen_names_learn(&choice->names[number], &volumes->items[number].tree,
				       choice->selection.volumes[number].names, err) < 0)
			return -1;
	}
	return 0;
}

int capture_choice_make(struct capture_choice *choice, const struct migration_options *options,
			struct work_volumes *volumes, const uint32_t *except, struct error *err)
{
	struct migration *migration = &choice->migration;

	*choice = (struct capture_choice){ 0 };
	if (migration_open(migration, options, volumes, err) < 0)
		return -1;
	choice->by_rules = migration->has_windows || options->rule_count;
	if (!choice->by_rules)
		return 0;
	if (rule_selection_make(&choice->selection, &migration->rules, volumes,
				migration->has_windows ? &migration->windows : NULL, migration->users,
				migration->user_count, except, err) < 0 ||
	    learn_names(choice, volumes, err) < 0)
		return -1;
	return capture_settings_make(&choice->settings, migration, &choice->selection, err);
}

void capture_choice_release(struct capture_choice *choice)
{
	for (size_t i = 0; i < choice->volume_count; i++)
		array_release(&choice->names[i]);
	free(choice->names);
	rule_selection_release(&choice->selection);
	migration_close(&choice->migration);
	settings_files_release(&choice->settings);
}
