/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volume_status.c - see volume_status.h */
#include "recover/engine/volume_status.h"

#include "core/cleanup.h"
#include "core/command.h"
#include "core/text.h"
#include "recover/engine/capture_left_out.h"
#include "recover/engine/store_catalogue.h"
#include "scan/scan.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* -------- the log -------- */

int volume_status_judge(const struct work_volume *volume, struct replay_plan *plan, struct error *err)
{
	CLEANUP(block_device_close) struct block_device device = { .fd = -1 };
	CLEANUP(space_map_release) struct space_map     map = { 0 };

	*plan = (struct replay_plan){ 0 };
	if (block_device_open_to_read(&device, volume->path, volume->volume.offset_bytes, err) < 0 ||
	    space_map_init(&map, &device, err) < 0)
		return -1;
	return replay_judge(&device, space_map_log_start(&map), plan, err);
}

static int judge_log(struct volume_status *status, const struct work_volume *volume, struct error *err)
{
	if (status->state.log != LOG_RUN && status->state.log != LOG_STRANGE)
		return 0;
	status->refused = volume_status_judge(volume, &status->plan, &status->why) < 0;
	if (!status->refused || (status->why.kind != ERROR_MEMORY && status->why.kind != ERROR_IO))
		return 0;
	*err = status->why;
	return -1;
}

/* -------- stores -------- */

static void lines_release(struct status_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->items[i]);
	array_release(lines);
}

static int add_line(struct status_lines *lines, char *line, struct error *err)
{
	if (line && array_push(lines, line))
		return 0;
	free(line);
	return error_memory(err);
}

static void store_release(struct status_store *store)
{
	free(store->path);
	free(store->kind);
	free(store->state);
	free(store->captured);
	lines_release(&store->left_out);
}

static bool is_live(const struct status_store *store)
{
	return strcmp(store->state, "live") == 0;
}

static bool is_ours(const struct status_store *store)
{
	return strcmp(store->kind, "holdfast") == 0;
}

/* Does it wait to be rescued? */
static bool is_endangered(const struct status_store *store)
{
	return store->endangered != 0;
}

static int add_store(void *context, const struct case_store *found, struct error *err)
{
	struct volume_status *status = context;
	const char           *last = strrchr(found->path, '\\');
	struct status_store   store = { .path = strdup(found->path),
					.kind = strdup(found->kind),
					.state = strdup(found->state),
					.unfinished = last && strncasecmp(last + 1, STORE_NEW_PREFIX,
									  strlen(STORE_NEW_PREFIX)) == 0,
					.files = found->files,
					.bytes = found->bytes,
					.only_here = found->only_here,
					.only_here_bytes = found->only_here_bytes,
					.endangered = found->endangered };

	if (store.path && store.kind && store.state && array_push(&status->stores, store))
		return 0;
	store_release(&store);
	return error_memory(err);
}

/* What the catalogue of a live store says of its capture; one that cannot be read says nothing. */
static int ask_catalogue(struct status_store *store, struct work_volume *volume, struct error *err)
{
	CLEANUP(store_catalogue_close) struct store_catalogue catalogue = { 0 };
	uint32_t    folder = volume_tree_find(&volume->tree, store->path);
	const char *captured;
	int         got = folder == NO_TREE_RECORD ? 0 : store_catalogue_open(&catalogue, volume, folder, err);

	if (got < 0)
		return err->kind == ERROR_MEMORY || err->kind == ERROR_IO ? -1 : 0;
	if (got == 0)
		return 0;
	store->generation = catalogue.file.header.generation;
	captured = catalogue_file_text(&catalogue.file, "captured");
	if (!captured)
		return 0;
	store->captured = strdup(captured);
	return store->captured ? 0 : error_memory(err);
}

/* What was left out of a live store; that the list cannot be read is a line, too. */
static int ask_left_out(struct status_store *store, struct work_volume *volume, struct error *err)
{
	CLEANUP(free_ptr) char *text = NULL;
	uint32_t                folder = volume_tree_find(&volume->tree, store->path);

	if (folder == NO_TREE_RECORD)
		return 0;
	if (capture_left_out_read(volume, folder, &text, err) < 0)
		return err->kind == ERROR_MEMORY ? -1 : add_line(&store->left_out, strdup(err->text), err);
	for (const char *at = text; at && *(at += strspn(at, "\r\n")); at += strcspn(at, "\r\n"))
		if (add_line(&store->left_out, strndup(at, strcspn(at, "\r\n")), err) < 0)
			return -1;
	return 0;
}

static int find_stores(struct volume_status *status, struct work_volume *volume, struct error *err)
{
	const char         *source = volume->source;
	struct scan_options options = { .sources = &source,
					.source_count = 1,
					.command = "status",
					.summary = true,
					.threads = command_threads() };
	struct casebook     book = { 0 };
	struct scan_result  result = { 0 };
	int                 done = scan_run(&options, &book, &result, err);

	if (done == 0)
		done = casebook_stores(&book, add_store, status, err);
	for (size_t i = 0; done == 0 && i < status->stores.count; i++)
		if (is_live(&status->stores.items[i]) && is_ours(&status->stores.items[i]))
			done = ask_catalogue(&status->stores.items[i], volume, err) < 0
				       ? -1
				       : ask_left_out(&status->stores.items[i], volume, err);
	casebook_close(&book);
	scan_result_release(&result);
	return done;
}

/* -------- what may be done -------- */

__attribute__((format(printf, 3, 4))) static int advise(struct volume_status *status, struct error *err,
							 const char *format, ...)
{
	va_list arguments;
	char   *line;

	va_start(arguments, format);
	line = text_format_list(format, arguments);
	va_end(arguments);
	return add_line(&status->next, line, err);
}

/* What stands in the way of everything else. */
static int advise_first(struct volume_status *status, const char *source, struct error *err)
{
	if (status->refused)
		return advise(status, err, "Holdfast writes nothing to it: %s.", status->why.text);
	if (status->plan.found)
		return advise(status, err,
			      "Run the command that was cut off once more, it goes on; or 'holdfast replay %s', which "
			      "only %s. Until then do not mount it, start Windows from it or run ntfsfix: they empty the "
			      "log, and a change that was being put in place stays half done.",
			      source, status->plan.header.state == REDO_COMMITTED ? "finishes what had begun to be put in place"
										  : "forgets what was not committed");
	if (status->state.dirty)
		return advise(status, err,
			      "It is marked dirty: what last wrote to it did not finish. Run 'chkdsk /f' on it in Windows "
			      "before anything is written.");
	return 0;
}

static int advise_store(struct volume_status *status, const struct status_store *store, const char *source,
			struct error *err)
{
	size_t   folder = (size_t)(strrchr(store->path, '\\') - store->path);
	bool     current = strcasecmp(store->path + folder + 1, STORE_FOLDER) == 0;
	uint32_t generation = state_store_number(store->path + folder + 1);

	if (is_endangered(store))
		return advise(status, err,
			      "Get back what lies in the %s store %s before anything is written: holdfast rescue --to DIR "
			      "%s",
			      store->state, store->path, source);
	if (store->unfinished)
		return advise(status, err, "Run the capture to %.*s again: one was cut off before its end.",
			      (int)folder, store->path);
	if (is_live(store) && is_ours(store) && current && store->left_out.count)
		return advise(status, err,
			      "The store %s lacks what was left out of it (see above): look after that before anything is "
			      "wiped, or capture again; 'holdfast verify --store %.*s' proves what it holds.",
			      store->path, (int)folder, store->path);
	if (is_live(store) && is_ours(store) && current)
		return advise(status, err,
			      "The store %s holds what was captured: 'holdfast verify --store %.*s' proves it, 'wipe --keep' "
			      "leaves nothing else, 'restore' and then 'release' bring it back.",
			      store->path, (int)folder, store->path);
	if (is_live(store) && generation && store->only_here)
		return advise(status, err,
			      "The older store %s holds %s files (%s) that have no name outside of stores; those that no "
			      "newer one has come back with 'holdfast restore --store %.*s --generation %" PRIu32 " %s'.",
			      store->path, text_count(store->only_here).text, text_size(store->only_here_bytes).text,
			      (int)folder, store->path, generation, source);
	return 0;
}

/* -------- all of it -------- */

int volume_status_read(struct volume_status *status, struct work_volume *volume, struct error *err)
{
	*status = (struct volume_status){ 0 };
	if (work_volume_read(volume, err) < 0 || volume_state_read(&volume->reader, &status->state, err) < 0 ||
	    judge_log(status, volume, err) < 0)
		return -1;
	return find_stores(status, volume, err);
}

int volume_status_advise(struct volume_status *status, const char *source, const char *under_way, struct error *err)
{
	if (advise_first(status, source, err) < 0 || (under_way && advise(status, err, "%s", under_way) < 0))
		return -1;
	for (size_t i = 0; i < status->stores.count; i++)
		if (advise_store(status, &status->stores.items[i], source, err) < 0)
			return -1;
	if (!status->next.count)
		return advise(status, err,
			      "Nothing is under way. 'holdfast capture --store PATH %s' would capture the users' files.",
			      source);
	return 0;
}

void volume_status_release(struct volume_status *status)
{
	replay_plan_release(&status->plan);
	for (size_t i = 0; i < status->stores.count; i++)
		store_release(&status->stores.items[i]);
	array_release(&status->stores);
	lines_release(&status->next);
}

bool volume_status_needs_care(const struct volume_status *status)
{
	bool needed = status->refused || status->plan.found || status->state.dirty;

	for (size_t i = 0; i < status->stores.count; i++)
		needed = needed || status->stores.items[i].unfinished || is_endangered(&status->stores.items[i]);
	return needed;
}
