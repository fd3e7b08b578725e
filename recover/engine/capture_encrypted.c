/* SPDX-License-Identifier: GPL-3.0-or-later */
/* capture_encrypted.c - see capture_encrypted.h */
#include "recover/engine/capture_encrypted.h"

#include "core/cleanup.h"
#include "core/text.h"

/* The files in a covered folder of the plan. */
static const struct tree_child *files_of(const struct captured_volume *part, size_t folder, size_t *count)
{
	const struct planned_folder *planned = &part->plan.items[folder];

	*count = 0;
	return planned->covered ? volume_tree_children(&part->volume->tree, planned->record, count) : NULL;
}

static int tell(struct captured_volume *part, uint32_t name, struct error *err)
{
	struct text_buffer  path = { 0 };
	struct host_trouble trouble = { .why = "is encrypted" };

	if (volume_tree_path(&part->volume->tree, name, &path, err) == 0 &&
	    asprintf(&trouble.path, "%c:%s", part->volume->letter, path.items) < 0) {
		trouble.path = NULL;
		(void)error_memory(err);
	}
	array_release(&path);
	if (!trouble.path)
		return -1;
	if (array_push(&part->told->encrypted, trouble))
		return 0;
	free(trouble.path);
	return error_memory(err);
}

/* Look at one name: is its file, which was not looked at before, encrypted? */
static int look_at(struct captured_volume *part, const struct tree_child *child, struct record_set *seen,
		   struct record_set *encrypted, struct error *err)
{
	const struct volume_tree *tree = &part->volume->tree;
	struct case_record        record = { 0 };
	int                       status;

	if (!capture_plan_takes(&part->plan, child->name) || record_set_has(seen, child->record) ||
	    volume_tree_is_directory(tree, child->record))
		return 0;
	record_set_add(seen, child->record);
	status = work_volume_load(part->volume, child->record, &record, err);
	if (status == 0 && record.file.attributes & FILE_IS_ENCRYPTED) {
		record_set_add(encrypted, child->record);
		status = part->encrypted_told ? 0 : tell(part, child->name, err);
	}
	case_record_release(&record);
	return status;
}

static int find_encrypted(struct captured_volume *part, struct record_set *encrypted, struct error *err)
{
	CLEANUP(record_set_release) struct record_set seen = { 0 };

	if (record_set_init(&seen, &part->volume->tree, err) < 0)
		return -1;
	for (size_t i = 0; i < part->plan.count; i++) {
		size_t                   count;
		const struct tree_child *children = files_of(part, i, &count);

		for (size_t j = 0; j < count; j++)
			if (look_at(part, &children[j], &seen, encrypted, err) < 0)
				return -1;
	}
	part->encrypted_told = true;
	return 0;
}

/* A plan of whole trees becomes one of names: all that it has. */
static int name_all(struct captured_volume *part, struct error *err)
{
	struct capture_plan *plan = &part->plan;

	if (plan->taken)
		return 0;
	plan->taken = calloc(part->volume->tree.inventory.names.count + 1, sizeof *plan->taken);
	if (!plan->taken)
		return error_memory(err);
	for (size_t i = 0; i < plan->count; i++) {
		size_t                   count;
		const struct tree_child *children = files_of(part, i, &count);

		if (plan->items[i].covered && plan->items[i].name != NO_NAME)
			plan->taken[plan->items[i].name] = true;
		for (size_t j = 0; j < count; j++)
			plan->taken[children[j].name] = true;
	}
	return 0;
}

static int leave_out(struct captured_volume *part, const struct record_set *encrypted, struct error *err)
{
	if (name_all(part, err) < 0)
		return -1;
	for (size_t i = 0; i < part->plan.count; i++) {
		size_t                   count;
		const struct tree_child *children = files_of(part, i, &count);

		for (size_t j = 0; j < count; j++)
			if (record_set_has(encrypted, children[j].record))
				part->plan.taken[children[j].name] = false;
	}
	return 0;
}

int capture_encrypted_apply(struct captured_volume *part, struct error *err)
{
	CLEANUP(record_set_release) struct record_set encrypted = { 0 };
	const struct host_troubles                   *told = &part->told->encrypted;
	enum efs_mode                                 mode = part->capture->options->efs;

	if (mode == EFS_KEEP)
		return 0;
	if (record_set_init(&encrypted, &part->volume->tree, err) < 0 || find_encrypted(part, &encrypted, err) < 0)
		return -1;
	if (!told->count)
		return 0;
	if (mode == EFS_SKIP)
		return leave_out(part, &encrypted, err);
	return error_set(err, ERROR_REFUSED, part->volume->source,
			 "has %s encrypted files among those that were to be captured (first: %.120s); say whether they are to be "
			 "kept as they are, or left out",
			 text_count(told->count).text, told->items[0].path);
}
