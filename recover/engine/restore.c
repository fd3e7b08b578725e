/* SPDX-License-Identifier: GPL-3.0-or-later */
/* restore.c - see restore.h */
#include "recover/engine/restore.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/engine/destination_writer.h"
#include "recover/engine/restore_cleanup.h"
#include "recover/engine/restore_folder.h"
#include "recover/engine/restore_mirror.h"
#include "recover/engine/restore_registry.h"
#include "recover/engine/restore_security.h"

#include <ctype.h>
#include <string.h>

/* -------- the report -------- */

int restore_note(struct restore_notes *notes, char *path, char *text, struct error *err)
{
	struct restore_note note = { path, text };

	if (path && text && array_push(notes, note))
		return 0;
	free(path);
	free(text);
	return error_memory(err);
}

static void release_notes(struct restore_notes *notes)
{
	for (size_t i = 0; i < notes->count; i++) {
		free(notes->items[i].path);
		free(notes->items[i].text);
	}
	array_release(notes);
}

void restore_report_release(struct restore_report *report)
{
	release_notes(&report->renamed);
	release_notes(&report->kept);
	release_notes(&report->replaced);
	release_notes(&report->cleaned);
	release_notes(&report->unhonoured);
	release_notes(&report->first_start);
	release_notes(&report->people);
	release_notes(&report->left_out);
	release_notes(&report->moved);
	release_notes(&report->doubtful);
}

/* -------- the run -------- */

/* A volume as what is read from and written to. */
struct place {
	struct work_volume       *volume;
	struct state_store        store;  /* on it, at the path that was named */
	uint32_t                  folder; /* of that, what is restored: USMT, a generation; or NO_TREE_RECORD */
	struct volume_origin      from;
	struct destination        to;
	struct destination_writer writer;
	struct restore_security   security;
	struct restore_cleanup    cleanup;
};

struct restore {
	const struct restore_options *options;
	struct restore_report        *report;
	struct work_volumes          *volumes;
	struct place                 *places; /* in the order of .volumes */
	size_t                        count;
	struct origin                *origins; /* likewise; then the folder, if files come from one */
	size_t                        origin_count;
	struct folder_origin          folder;
	struct settings_files         settings; /* of the store */
	struct restore_people         people;
	struct migration              migration; /* the rules on the target */
	struct restore_route          route;
	struct restore_registry       registry;
	struct sid_source            *sids; /* by origin; NULL: no SID changes */
};

static int init_place(struct restore *run, size_t number, struct error *err)
{
	struct place *place = &run->places[number];

	place->volume = &run->volumes->items[number];
	place->folder = NO_TREE_RECORD;
	if (work_volume_read(place->volume, err) < 0 ||
	    work_volume_refuse_damage(&place->volume->volume, place->volume->source, err) < 0 ||
	    (run->options->store &&
	     state_store_find(&place->store, place->volume, run->options->store, err) < 0))
		return -1;
	if (run->options->store)
		place->folder = state_store_generation(&place->store, run->options->generation);
	run->report->others =
		run->report->others || place->store.older.count || place->store.unfinished.count;
	run->origins[number] = origin_of_volume(&place->from, place->volume);
	return destination_init(&place->to, place->volume, err);
}

static int init_places(struct restore *run, struct error *err)
{
	run->places = calloc(run->volumes->count, sizeof *run->places);
	run->origins = calloc(run->volumes->count + 1, sizeof *run->origins);
	if (!run->places || !run->origins)
		return error_memory(err);
	while (run->count < run->volumes->count)
		if (init_place(run, run->count++, err) < 0)
			return -1;
	run->origin_count = run->count;
	if (!run->options->from)
		return 0;
	return origin_of_folder(&run->folder, run->options->from, &run->origins[run->origin_count++], err);
}

static void release_run(struct restore *run)
{
	for (size_t i = 0; i < run->count; i++) {
		destination_writer_release(&run->places[i].writer);
		destination_release(&run->places[i].to);
		restore_security_release(&run->places[i].security);
		restore_cleanup_release(&run->places[i].cleanup);
		volume_origin_release(&run->places[i].from);
		state_store_release(&run->places[i].store);
	}
	if (run->origin_count > run->count)
		folder_origin_release(&run->folder);
	restore_registry_release(&run->registry);
	restore_route_release(&run->route);
	migration_close(&run->migration);
	restore_people_close(&run->people);
	settings_files_release(&run->settings);
	free(run->sids);
	free(run->places);
	free(run->origins);
}

/* -------- whose data, and where it goes -------- */

/* Those of the part that has some: the primary's. */
static int read_settings(struct restore *run, struct error *err)
{
	if (run->options->from)
		return settings_folder_read_host(&run->settings, run->options->from, err);
	for (size_t i = 0; i < run->count && !run->settings.count; i++) {
		const struct place *place = &run->places[i];

		if (place->folder != NO_TREE_RECORD &&
		    settings_folder_read(&run->settings, place->volume, place->folder, err) < 0)
			return -1;
	}
	return 0;
}

/* Files that are copied get the SIDs of the target at once. */
static int change_sids(struct restore *run, struct error *err)
{
	if (!run->people.sids.count)
		return 0;
	run->sids = calloc(run->origin_count, sizeof *run->sids);
	if (!run->sids)
		return error_memory(err);
	for (size_t i = 0; i < run->origin_count; i++) {
		run->sids[i] = (struct sid_source){ run->origins[i].source, &run->people.sids };
		run->origins[i].source = file_source_with_sids(&run->sids[i]);
		run->origins[i].other_security = true;
	}
	return 0;
}

/* What of the rules is not done. */
static int tell_unhonoured(struct restore *run, struct error *err)
{
	const struct unhonoureds *unhonoured = placements_unhonoured(run->route.placements);

	for (size_t i = 0; i < unhonoured->count; i++) {
		const struct unhonoured *item = &unhonoured->items[i];
		char                    *where = NULL;

		if (asprintf(&where, "%s:%d", item->file, item->line) < 0)
			where = NULL;
		if (restore_note(&run->report->unhonoured, where, strdup(item->what), err) < 0)
			return -1;
	}
	return 0;
}

/* Rules that were named say where files go; the store's own did so for what was taken. */
static int make_placements(struct restore *run, struct error *err)
{
	const struct migration_options *options = &run->options->migration;
	const struct restore_people    *people = &run->people;
	CLEANUP(free_ptr) const struct user_profile **users = NULL;
	size_t                                        count = 0;

	if (!options->rule_count && !options->builtin_rules)
		return 0;
	users = malloc((people->accounts.count + 1) * sizeof *users);
	if (!users)
		return error_memory(err);
	for (size_t i = 0; i < people->accounts.count; i++)
		if (people->profiles[i])
			users[count++] = people->profiles[i];
	if (migration_open_rules(&run->migration, options, err) < 0 ||
	    placements_make(&run->route.placements, &run->migration.rules, run->volumes,
			    people->has_windows ? &people->windows : NULL, users, count, err) < 0)
		return -1;
	return tell_unhonoured(run, err);
}

static int find_people(struct restore *run, struct error *err)
{
	if (read_settings(run, err) < 0 ||
	    restore_people_open(&run->people, &run->options->migration, run->volumes, &run->settings, err) < 0 ||
	    change_sids(run, err) < 0 || restore_people_route(&run->people, &run->route, err) < 0 ||
	    restore_people_tell(&run->people, run->report, err) < 0)
		return -1;
	return make_placements(run, err);
}

/* Files that share their descriptors with the store. */
static int plan_security(struct restore *run, struct error *err)
{
	for (size_t i = 0; i < run->count; i++) {
		struct place *place = &run->places[i];

		if (place->folder != NO_TREE_RECORD &&
		    restore_security_plan(&place->security, place->volume, place->folder, &run->people.sids, err) < 0)
			return -1;
	}
	return 0;
}

/* -------- what goes before -------- */

static int mark_cleanup(struct restore *run, struct error *err)
{
	const char *windows = run->people.has_windows ? run->people.windows.directory : NULL;

	for (size_t i = 0; run->route.placements && i < run->count; i++) {
		struct place *place = &run->places[i];

		if (restore_cleanup_mark(&place->cleanup, &place->to, placements_cleaning(run->route.placements), windows,
					 &place->store, err) < 0)
			return -1;
	}
	return 0;
}

static int settle_cleanup(struct restore *run, struct error *err)
{
	for (size_t i = 0; i < run->count; i++)
		if (run->places[i].cleanup.names.count &&
		    restore_cleanup_settle(&run->places[i].cleanup, &run->places[i].to, run->report, err) < 0)
			return -1;
	return 0;
}

/* -------- from the stores -------- */

/* The volume that the letter's files go to: its own, or the system drive. */
static size_t place_of(const struct restore *run, char letter)
{
	size_t system = 0;

	for (size_t i = 0; i < run->count; i++) {
		if (run->places[i].volume->letter == letter)
			return i;
		if (run->places[i].volume->letter == 'C')
			system = i;
	}
	return system;
}

/* What the rules have to know of a letter's files that come from origin @from. */
static struct restore_part part_of(const struct restore *run, char letter, size_t from)
{
	size_t        to = place_of(run, letter);
	struct place *place = &run->places[to];

	return (struct restore_part){ .to = &place->to,
				      .origins = run->origins,
				      .from = (uint16_t)from,
				      .here = (uint16_t)to,
				      .linking = from == to,
				      .store = &place->store,
				      .report = run->report };
}

static int tell_moved(struct restore *run, char letter, struct error *err)
{
	const struct work_volume *to = run->places[place_of(run, letter)].volume;
	char                     *from = NULL, *text = NULL;

	if (to->letter == letter)
		return 0;
	if (asprintf(&from, "%c:", letter) < 0)
		from = NULL;
	if (asprintf(&text, "%c:", to->letter) < 0)
		text = NULL;
	return restore_note(&run->report->moved, from, text, err);
}

static const struct restore_route *route_of(const struct restore *run)
{
	return restore_route_is_needed(&run->route) ? &run->route : NULL;
}

static int plan_mirror(struct restore *run, size_t from, char letter, uint32_t record, bool links, struct error *err)
{
	struct restore_mirror mirror = {
		.links = links,
		.route = route_of(run),
		.from = run->places[from].volume,
		.store = run->places[from].folder,
		.record = record,
		.letter = letter,
	};

	for (size_t i = 0; i < LETTERS; i++)
		mirror.parts[i] = part_of(run, (char)('A' + i), from);
	return !links && tell_moved(run, letter, err) < 0 ? -1 : restore_mirror_plan(&mirror, err);
}

/* Something in File that is no letter's tree. */
static int tell_unknown(struct restore *run, const struct work_volume *volume, uint32_t name,
			struct error *err)
{
	struct text_buffer path = { 0 };
	char              *text = NULL;
	int                status = volume_tree_path(&volume->tree, name, &path, err);

	if (status == 0 && asprintf(&text, "%c:%s", volume->letter, path.items) < 0)
		text = NULL;
	array_release(&path);
	if (status < 0)
		return -1;
	return restore_note(&run->report->left_out, text, strdup("it is no drive's part of a store"), err);
}

static int plan_child(struct restore *run, size_t from, const struct tree_child *child, bool links, struct error *err)
{
	const struct work_volume *volume = run->places[from].volume;
	const struct name_row    *row = &volume->tree.inventory.names.items[child->name];
	const uint8_t            *text = inventory_text(&volume->tree.inventory, row);
	bool mirror = row->units == 2 && isalpha(text[0]) && !text[1] && utf16_is_word(text + 2, 1, "$") &&
		      volume_tree_is_directory(&volume->tree, child->record);

	if (row->space == NAME_DOS)
		return 0;
	if (mirror)
		return plan_mirror(run, from, (char)toupper(text[0]), child->record, links, err);
	return links ? 0 : tell_unknown(run, volume, child->name, err);
}

static int plan_store(struct restore *run, size_t from, bool links, struct error *err)
{
	const struct place      *place = &run->places[from];
	uint32_t                 files = NO_TREE_RECORD;
	size_t                   count;
	const struct tree_child *children;

	if (place->folder != NO_TREE_RECORD)
		files = state_store_child(place->volume, place->folder, STORE_FILES);
	if (files == NO_TREE_RECORD)
		return 0;
	children = volume_tree_children(&place->volume->tree, files, &count);
	for (size_t i = 0; i < count; i++)
		if (plan_child(run, from, &children[i], links, err) < 0)
			return -1;
	return 0;
}

static int plan_stores(struct restore *run, struct error *err)
{
	bool any = false;

	for (size_t i = 0; i < run->count; i++) {
		any = any || run->places[i].folder != NO_TREE_RECORD;
		if (plan_store(run, i, false, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < run->count && run->route.placements && placements_screen_links(run->route.placements); i++)
		if (plan_store(run, i, true, err) < 0)
			return -1;
	if (any)
		return 0;
	if (run->options->generation)
		return state_store_no_generation(&run->places[0].store, run->places[0].volume,
						 run->options->generation, err);
	return error_set(err, ERROR_REFUSED, run->places[0].volume->source,
			 "holds no store at '%.100s'; 'holdfast scan' tells where stores are",
			 run->options->store);
}

/* -------- from a folder -------- */

static int plan_folder(struct restore *run, struct error *err)
{
	struct restore_folder folder = { .from = &run->folder, .route = route_of(run) };

	for (size_t i = 0; i < LETTERS; i++)
		folder.parts[i] = part_of(run, (char)('A' + i), run->count);
	if (restore_folder_plan(&folder, err) < 0)
		return -1;
	for (size_t i = 0; i < LETTERS; i++)
		if (folder.used[i] && tell_moved(run, (char)('A' + i), err) < 0)
			return -1;
	return 0;
}

/* -------- may it be written, and is there room? -------- */

/* Is anything to be written there? */
static bool is_concerned(const struct restore *run, const struct place *place)
{
	return place->to.entries.count || place->security.files.count || place->cleanup.cleared.count ||
	       restore_registry_concerns(&run->registry, place->volume);
}

static int check_places(struct restore *run, struct error *err)
{
	for (size_t i = 0; i < run->count; i++) {
		struct place *place = &run->places[i];

		if (is_concerned(run, place) &&
		    (work_volume_refuse_deleted_store(place->volume->source, run->options->overwrite_deleted, err) <
			     0 ||
		     destination_writer_check_room(&place->to, run->origins,
						   restore_registry_bytes(&run->registry, place->volume), err) < 0))
			return -1;
	}
	return 0;
}

/* -------- writing -------- */

/* All copies before all links: a copy is read as its file was when it was planned. */
static int write_copies(struct restore *run, size_t number, struct error *err)
{
	struct place *place = &run->places[number];

	if (destination_writer_init(&place->writer, &place->to, run->origins, run->origin_count, number, run->report,
				    err) < 0 ||
	    ntfs3g_begin(&place->volume->mount, "restore", err) < 0 ||
	    restore_cleanup_write(&place->cleanup, place->volume, err) < 0)
		return -1;
	return destination_writer_copy(&place->writer, err);
}

static int write_links(struct restore *run, size_t number, struct error *err)
{
	struct place *place = &run->places[number];

	if (destination_writer_link(&place->writer, err) < 0 ||
	    restore_security_write(&place->security, place->volume, err) < 0 ||
	    restore_registry_write(&run->registry, place->volume, err) < 0)
		return -1;
	return ntfs3g_end(&place->volume->mount, err);
}

static int write_places(struct restore *run, struct error *err)
{
	for (size_t i = 0; i < run->count; i++)
		if (is_concerned(run, &run->places[i]) && write_copies(run, i, err) < 0)
			return -1;
	for (size_t i = 0; i < run->count; i++)
		if (is_concerned(run, &run->places[i]) && write_links(run, i, err) < 0)
			return -1;
	return 0;
}

int restore_run(struct work_volumes *volumes, const struct restore_options *options,
		struct restore_report *report, struct error *err)
{
	struct restore run = { .options = options, .report = report, .volumes = volumes };
	int            status;

	*report = (struct restore_report){ 0 };
	status = init_places(&run, err);
	if (status == 0)
		status = find_people(&run, err);
	if (status == 0)
		status = mark_cleanup(&run, err);
	if (status == 0)
		status = options->from ? plan_folder(&run, err) : plan_stores(&run, err);
	if (status == 0)
		status = settle_cleanup(&run, err);
	if (status == 0)
		status = plan_security(&run, err);
	if (status == 0)
		status = restore_registry_plan(&run.registry, &run.people, &run.settings, run.route.placements, report,
					       err);
	if (status == 0)
		status = check_places(&run, err);
	if (status == 0)
		status = write_places(&run, err);
	release_run(&run);
	return status;
}
