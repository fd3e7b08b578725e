/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usmt_estimate.c - see usmt_estimate.h */
#include "recover/usmt/usmt_estimate.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/engine/capture_choice.h"
#include "recover/engine/capture_plan.h"
#include "recover/engine/record_set.h"

#include <inttypes.h>

struct estimate {
	uint64_t files, bytes;
	uint64_t clustered_bytes; /* in whole clusters of the store's volume */
	uint32_t cluster_bytes;
};

/* Every file once, whatever it is called. */
static void add_file(struct estimate *estimate, const struct work_volume *volume, uint32_t record,
		     struct record_set *seen)
{
	uint64_t bytes, cluster = estimate->cluster_bytes;

	if (record_set_has(seen, record) || volume_tree_is_directory(&volume->tree, record))
		return;
	record_set_add(seen, record);
	bytes = volume_tree_file_bytes(&volume->tree, record);
	estimate->files++;
	estimate->bytes += bytes;
	estimate->clustered_bytes += (bytes + cluster - 1) / cluster * cluster;
}

static int add_plan(struct estimate *estimate, const struct work_volume *volume, const struct capture_plan *plan,
		    struct error *err)
{
	CLEANUP(record_set_release) struct record_set seen = { 0 };

	if (record_set_init(&seen, &volume->tree, err) < 0)
		return -1;
	for (size_t i = 0; i < plan->count; i++) {
		size_t                   count;
		const struct tree_child *children = volume_tree_children(&volume->tree, plan->items[i].record, &count);

		for (size_t j = 0; plan->items[i].covered && j < count; j++)
			if (capture_plan_takes(plan, children[j].name))
				add_file(estimate, volume, children[j].record, &seen);
	}
	return 0;
}

static int add_volume(struct estimate *estimate, const struct capture_choice *choice, size_t number,
		      const struct work_volume *volume, uint32_t except, struct error *err)
{
	static const char *const trees[] = CAPTURE_DEFAULT_TREES;
	struct capture_plan      plan = { 0 };
	int                      status;

	status = choice->by_rules
			 ? capture_plan_make_of_names(&plan, volume,
						      chosen_names_find(&choice->names[number], &volume->tree), err)
			 : capture_plan_make(&plan, volume, trees, sizeof trees / sizeof trees[0], except, err);
	if (status == 0)
		status = add_plan(estimate, volume, &plan, err);
	capture_plan_release(&plan);
	return status;
}

static int add_volumes(struct estimate *estimate, struct usmt_run *run, struct work_volumes *volumes,
		       const struct usmt_migration *migration, struct error *err)
{
	CLEANUP(free_ptr) uint32_t *except = calloc(volumes->count, sizeof *except);
	struct capture_choice       choice = { 0 };
	int                         status = except ? 0 : error_memory(err);

	for (size_t i = 0; status == 0 && i < volumes->count; i++) {
		status = work_volume_read_once(&volumes->items[i], err);
		if (status == 0)
			except[i] = volume_tree_find(&volumes->items[i].tree, run->volumes.store);
	}
	if (status == 0)
		status = capture_choice_make(&choice, &migration->options, volumes, except, err);
	if (status == 0)
		usmt_engine_log_choice(run, &choice);
	for (size_t i = 0; status == 0 && i < volumes->count; i++)
		status = add_volume(estimate, &choice, i, &volumes->items[i], except[i], err);
	capture_choice_release(&choice);
	return status;
}

/* The form is that of USMT's own. */
static int write_report(const struct estimate *estimate, uint64_t store_bytes, const char *path, bool overwrite,
			struct error *err)
{
	FILE *out = fopen(path, overwrite ? "we" : "wxe");
	bool  failed;

	if (!out)
		return error_sys(err, path, "cannot be written as estimate; name another file with /p, or say /o");
	fprintf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<PreMigration>\n"
		"  <storeSize>\n"
		"    <size clusterSize=\"%" PRIu32 "\">%" PRIu64 "</size>\n"
		"  </storeSize>\n"
		"  <temporarySpace>\n"
		"    <size>0</size>\n"
		"  </temporarySpace>\n"
		"</PreMigration>\n",
		estimate->cluster_bytes, store_bytes);
	failed = ferror(out);
	failed = fclose(out) != 0 || failed;
	return failed ? error_set(err, ERROR_IO, path, "could not be written in full") : 0;
}

int usmt_estimate(struct usmt_run *run, struct work_volumes *volumes, const struct usmt_migration *migration,
		  struct error *err)
{
	struct estimate         estimate = { .cluster_bytes = volumes->items[0].volume.geometry.cluster_bytes };
	bool                    links = usmt_options_has(&run->options, USMT_HARDLINK);
	const char             *given = usmt_options_value(&run->options, USMT_P);
	CLEANUP(free_ptr) char *path = NULL;
	uint64_t                store_bytes;

	usmt_phase(run, "Estimating");
	if (*given && usmt_files_to_write(&run->files, given, &path, err) < 0)
		return usmt_fail(run, USMT_PREFLIGHT_FILE_CREATION_FAILED, -1);
	if (add_volumes(&estimate, run, volumes, migration, err) < 0)
		return -1;
	store_bytes = links ? 0 : estimate.clustered_bytes;
	usmt_tell(run, USMT_INFO, "To be captured are %s files, %s; the store takes %s%s", text_count(estimate.files).text,
		  text_size(estimate.bytes).text, text_size(store_bytes).text, links ? ", for it holds links" : "");
	if (!path)
		return 0;
	return usmt_fail(run, USMT_PREFLIGHT_FILE_CREATION_FAILED,
			 write_report(&estimate, store_bytes, path, usmt_options_has(&run->options, USMT_O), err));
}
