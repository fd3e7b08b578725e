/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * apply_step.c - the steps that wipe a volume and apply an image to it: OSDApplyOS.exe, and MDT's LTIApply.wsf
 *
 * The image is found and verified, and fits, before anything is wiped.  Kept is what ConfigMgr's own step keeps: the
 * folder of the sequence, that of the users' state, the store of OSDStateStorePath, and the one that
 * _OSDProtectHardLinkStore names; what MDT's keeps, where it is MDT's; and any other store with files that nothing else
 * has.  Spec USMT 5.6.
 */
#include "recover/sequence/sequence_step.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/engine/apply.h"
#include "recover/engine/state_store.h"
#include "recover/engine/wipe.h"
#include "recover/sequence/apply_step_log.h"
#include "recover/sequence/package_image.h"
#include "recover/sequence/sequence_action.h"
#include "recover/sequence/sequence_command_line.h"
#include "recover/sequence/sequence_error.h"
#include "recover/sequence/sequence_state.h"
#include "report/sequence_code.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define CODE_NOT_FOUND 0x80070002u

struct kept_names ARRAY(char *);

struct applying {
	struct sequence_step *step;
	const struct sequence_item *item;
	char                 *line;    /* the command line, variables put in */
	struct work_volume   *target;
	char                 *operand; /* of the image */
	struct wim_image      image;
	struct kept_names     kept;    /* paths on the target */
	struct work_volume   *store_volume; /* where the store is, if not on the target */
	char                 *store;
	bool                  wipes;
	bool                  wiped;  /* which has been asked whether a deleted store may be overwritten */
};

static void applying_release(struct applying *applying)
{
	for (size_t i = 0; i < applying->kept.count; i++)
		free(applying->kept.items[i]);
	array_release(&applying->kept);
	free(applying->store);
	free(applying->operand);
	free(applying->line);
	wim_image_close(&applying->image);
}

static const char *get(const struct applying *applying, const char *name)
{
	return sequence_variables_get(applying->step->variables, name);
}

/* What stands behind @option in the command line, up to a blank: "/target:" C:; NULL if it is not there. */
static char *option_of(const char *line, const char *option)
{
	const char *at = strcasestr(line, option);

	if (!at)
		return NULL;
	at += strlen(option);
	if (*at == '"')
		return strndup(at + 1, strcspn(at + 1, "\""));
	return strndup(at, strcspn(at, " \t\""));
}

/* -------- where to -------- */

/* Where on a disk a partition lies is not known here: Windows goes onto its own drive, data onto none. */
static int refuse_place(const char *target, struct error *err)
{
	return error_set(err, ERROR_UNSUPPORTED, NULL,
			 "the data image is to go to '%.40s', and which volume that is cannot be told; let the step name a drive, "
			 "as in /target:D:", target);
}

/* The drive that MDT's step names itself, or by a variable; "" where it leaves that to the script. */
static const char *target_of_mdt(const struct applying *applying)
{
	const char *letter = get(applying, "DestinationOSDriveLetter");

	return *letter ? letter : get(applying, get(applying, "DestinationOSVariable"));
}

static int find_target(struct applying *applying, struct error *err)
{
	CLEANUP(free_ptr) char *said = option_of(applying->line, "/target:");
	const char             *target = said ? said : target_of_mdt(applying);
	char                    letter = applying->step->drive;

	if (isalpha((unsigned char)target[0]) && (!target[1] || target[1] == ':'))
		letter = (char)toupper((unsigned char)target[0]);
	else if (sequence_action_of(applying->item)->kind == ACTION_APPLY_DATA)
		return refuse_place(target, err);
	applying->target = work_volumes_find(applying->step->volumes, letter);
	if (applying->target)
		return 0;
	return error_set(err, ERROR_VALUE, NULL, "the image is to go to %c:, and no volume that is named has that letter",
			 letter);
}

/* -------- which image -------- */

/* "PS100012,1" behind /image:, /data: or /install:; MDT's OSGUID.  @index is NULL where none is said. */
static int package_of(const struct applying *applying, char **id, char **index, struct error *err)
{
	static const char *const options[] = { "/image:", "/data:", "/install:" };
	char                    *comma;

	*id = *index = NULL;
	for (size_t i = 0; !*id && i < sizeof options / sizeof options[0]; i++)
		*id = option_of(applying->line, options[i]);
	if (!*id)
		*id = strdup(get(applying, "OSGUID"));
	if (!*id)
		return error_memory(err);
	comma = strchr(*id, ',');
	if (!comma)
		return 0;
	*comma = '\0';
	*index = comma[1] ? strdup(comma + 1) : NULL;
	return comma[1] && !*index ? error_memory(err) : 0;
}

static int find_image(struct applying *applying, struct error *err)
{
	CLEANUP(free_ptr) char        *id = NULL, *index = NULL, *path = NULL;
	const struct sequence_package *package;

	if (package_of(applying, &id, &index, err) < 0)
		return -1;
	package = sequence_packages_find(applying->step->packages, applying->step->package_count, id);
	if (!package) {
		if (!applying->step->image)
			return error_set(err, ERROR_USAGE, NULL,
					 "nobody has said where the image lies; say --package %.60s=FILE.wim, or --image FILE.wim",
					 *id ? id : "ID");
		applying->operand = strdup(applying->step->image);
		return applying->operand ? 0 : error_memory(err);
	}
	if (package_image_find(package->path, &path, err) < 0)
		return -1;
	if (asprintf(&applying->operand, "%s%s%s", path, index ? ":" : "", index ? index : "") >= 0)
		return 0;
	applying->operand = NULL;
	return error_memory(err);
}

/* -------- what stays -------- */

static bool is_kept(const struct applying *applying, const char *path)
{
	for (size_t i = 0; i < applying->kept.count; i++)
		if (strcasecmp(applying->kept.items[i], path) == 0)
			return true;
	return false;
}

static void log_kept(const struct applying *applying, const char *path)
{
	CLEANUP(free_ptr) char *whole = NULL;

	if (asprintf(&whole, "%c:%s", applying->target->letter, path) < 0)
		whole = NULL;
	apply_step_log_wipe_skipped(applying->step->log, whole ? whole : path);
}

/* A path on the target, if it is there. */
static int keep(struct applying *applying, const char *path, struct error *err)
{
	char *copy;

	if (is_kept(applying, path) || volume_tree_find(&applying->target->tree, path) == NO_TREE_RECORD)
		return 0;
	copy = strdup(path);
	if (!copy || !array_push(&applying->kept, copy)) {
		free(copy);
		return error_memory(err);
	}
	log_kept(applying, path);
	return 0;
}

/* "C:\StateStore" of a variable as a path, and its volume; *@path is NULL for what is on none of them. */
static int parse_place(const struct applying *applying, const char *variable, char **path, struct work_volume **volume,
		       struct error *err)
{
	const char *place = get(applying, variable);

	*path = NULL;
	*volume = *place && place[1] == ':'
			  ? work_volumes_find(applying->step->volumes, (char)toupper((unsigned char)place[0]))
			  : NULL;
	return *volume ? store_path_parse(place + 2, path, err) : 0;
}

/* Where the users' state would be if nobody says otherwise. */
static int keep_user_state(struct applying *applying, struct error *err)
{
	CLEANUP(free_ptr) char *path = NULL;
	struct work_volume     *volume;

	if (parse_place(applying, "_SMSTSUserStatePath", &path, &volume, err) < 0)
		return -1;
	return volume == applying->target ? keep(applying, path, err) : 0;
}

/*
 * The store as a variable says: its part on the target is kept, for each volume has its own of the same path.  Where
 * it has none, copies on the volume that is named stand for what goes.
 */
static int keep_store(struct applying *applying, const char *variable, struct error *err)
{
	CLEANUP(free_ptr) char *path = NULL;
	struct work_volume     *volume;

	if (parse_place(applying, variable, &path, &volume, err) < 0)
		return -1;
	if (!volume)
		return 0;
	if (keep(applying, path, err) < 0)
		return -1;
	if (volume == applying->target || is_kept(applying, path) || applying->store)
		return 0;
	if (work_volume_read_once(volume, err) < 0)
		return -1;
	if (volume_tree_find(&volume->tree, path) != NO_TREE_RECORD) {
		applying->store_volume = volume;
		applying->store = TAKE(path);
	}
	return 0;
}

/* Relative to the volume, as "USMTDemo". */
static int keep_protected(struct applying *applying, struct error *err)
{
	const char             *path = get(applying, "_OSDProtectHardLinkStore");
	CLEANUP(free_ptr) char *whole = NULL;

	if (!*path)
		return 0;
	if (asprintf(&whole, "\\%s", path) < 0) {
		whole = NULL;
		return error_memory(err);
	}
	return keep(applying, whole, err);
}

/* What LTIApply.wsf leaves alone. */
static int keep_mdt(struct applying *applying, struct error *err)
{
	static const char *const folders[] = { "\\Backedup_Shares", "\\MININT",   "\\Recycler", "\\Deploy",
					       "\\Drivers",         "\\SMSTSLog", "\\Sysprep" };

	if (!command_line_find(applying->item->action, "LTIApply.wsf"))
		return 0;
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		if (keep(applying, folders[i], err) < 0)
			return -1;
	return 0;
}

static int find_kept(struct applying *applying, struct error *err)
{
	if (work_volume_read_once(applying->target, err) < 0)
		return -1;
	log_kept(applying, SYSTEM_VOLUME_INFORMATION); /* as any wipe does */
	if (keep(applying, SEQUENCE_STATE_FOLDER, err) < 0 || keep_user_state(applying, err) < 0 ||
	    keep_store(applying, "OSDStateStorePath", err) < 0 || keep_store(applying, SEQUENCE_STORE, err) < 0 ||
	    keep_protected(applying, err) < 0)
		return -1;
	return keep_mdt(applying, err);
}

/* -------- doing it -------- */

/* The folders of the kept paths stay on a volume that is not wiped as well; anything else may be there. */
static int apply(struct applying *applying, struct error *err)
{
	struct apply_options options = { .keep = (const char *const *)applying->kept.items,
					 .keep_count = applying->wipes ? applying->kept.count : 0,
					 .overwrite_deleted = applying->step->overwrite_deleted || applying->wiped };
	struct apply_plan    plan = { 0 };
	char                 root[] = { applying->target->letter, ':', '\\', '\0' };

	apply_step_log_image(applying->step->log, root, (unsigned)applying->image.index);
	if (apply_plan_make(&plan, applying->target, &applying->image, &options, err) < 0)
		return -1;
	return apply_run(&plan, applying->target, err);
}

/* Stores that the sequence does not name stay as well, if they hold what nothing else does. */
static int keep_stores(struct applying *applying, const struct wipe_plan *plan, struct error *err)
{
	const struct uncovered_folders *folders = &plan->uncovered.folders;

	for (size_t i = 0; i < folders->count; i++) {
		if (folders->items[i].kind != UNCOVERED_STORE || !folders->items[i].files)
			continue;
		if (keep(applying, folders->items[i].path, err) < 0)
			return -1;
		sequence_step_note(applying->step, applying->item, CMTRACE_WARNING,
				   "%c:%s is kept: a store that the sequence does not name, with %s that nothing else has; "
				   "'holdfast restore' and 'release' bring it back",
				   applying->target->letter, folders->items[i].path, uncovered_text(&folders->items[i]).text);
	}
	return 0;
}

static int plan_once(struct applying *applying, struct wipe_copies *copies, struct wipe_plan *plan, struct error *err)
{
	struct wipe_options options = { .keep = (const char *const *)applying->kept.items,
					.keep_count = applying->kept.count,
					.copies = copies,
					.overwrite_deleted = applying->step->overwrite_deleted,
					.of_sequence = true };

	return wipe_plan_make(plan, applying->target, &options, err);
}

/* Only what the sequence itself keeps stands for what goes: other stores are kept in a second plan. */
static int plan_wipe(struct applying *applying, struct wipe_plan *plan, struct error *err)
{
	struct wipe_copies copies = { .volume = applying->store_volume, .path = applying->store };
	size_t             before = applying->kept.count;

	if (plan_once(applying, applying->store_volume ? &copies : NULL, plan, err) < 0 ||
	    keep_stores(applying, plan, err) < 0)
		return -1;
	if (applying->kept.count == before)
		return 0;
	wipe_plan_release(plan);
	return plan_once(applying, applying->store_volume ? &copies : NULL, plan, err);
}

/* What would be lost, or is: the ten largest kinds and folders. */
static void note_loss(const struct applying *applying, const struct wipe_plan *plan)
{
	const struct uncovered_folders *folders = &plan->uncovered.folders;
	bool                            yes = applying->step->yes;

	for (size_t i = 0; i < folders->count && i < 10; i++)
		sequence_step_note(applying->step, applying->item, CMTRACE_WARNING, "%s in %c:%s%s: %s", yes ? "lost" : "would be lost",
				   applying->target->letter, folders->items[i].path, yes ? ", as --yes allows" : "",
				   uncovered_text(&folders->items[i]).text);
	if (folders->count > 10)
		sequence_step_note(applying->step, applying->item, CMTRACE_WARNING, "and %zu folders more", folders->count - 10);
	for (size_t i = 0; i < plan->people.count; i++)
		sequence_step_note(applying->step, applying->item, CMTRACE_WARNING, "%s was captured, but not all: %s",
				   plan->people.items[i].name, plan->people.items[i].why);
}

static int wipe(struct applying *applying, struct error *err)
{
	CLEANUP(wipe_plan_release) struct wipe_plan plan = { 0 };
	struct work_volume                         *target = applying->target;
	char                                        root[] = { target->letter, ':', '\\', '\0' };
	uint64_t                                    freed;

	if (plan_wipe(applying, &plan, err) < 0 ||
	    apply_refuse_beside(&applying->image, target, &plan.kept, err) < 0)
		return -1;
	note_loss(applying, &plan);
	if (!applying->step->yes && wipe_refuse_loss(&plan, target, err) < 0)
		return -1;
	if (wipe_run(&plan, target, &freed, err) < 0)
		return -1;
	applying->wiped = true;
	apply_step_log_wiped(applying->step->log, root);
	/* what went can be overwritten from here on, where each step holds by itself */
	return ntfs3g_commit(&target->mount, err);
}

static int open_image(struct applying *applying, struct error *err)
{
	if (sequence_variables_expand(applying->step->variables, applying->item->action, &applying->line, NULL, err) < 0 ||
	    find_target(applying, err) < 0 || find_image(applying, err) < 0)
		return -1;
	return wim_image_open(&applying->image, applying->operand, NULL, 0, err);
}

int apply_step_room(struct sequence_step *step, const struct sequence_item *item, struct apply_step_room *room,
		    struct error *err)
{
	CLEANUP(applying_release) struct applying applying = { .step = step, .item = item };

	if (open_image(&applying, err) < 0 || work_volume_read_once(applying.target, err) < 0 ||
	    ntfs3g_free_bytes(&applying.target->mount, &room->bytes_free, err) < 0)
		return -1;
	room->letter = applying.target->letter;
	return apply_room_beside(&applying.image, applying.target, &room->bytes_needed, err);
}

int apply_step_look(struct sequence_step *step, const struct sequence_item *item, char *letter, char **image,
		    struct error *err)
{
	CLEANUP(applying_release) struct applying applying = { .step = step, .item = item };
	int                                       result = open_image(&applying, err);
	const char                               *name;

	*letter = applying.target ? applying.target->letter : 0;
	*image = NULL;
	if (result < 0)
		return err->kind == ERROR_USAGE && !applying.operand ? 1 : -1;
	name = strrchr(applying.image.path, '/');
	if (asprintf(image, "image %d%s%s%s of %s", applying.image.index, *applying.image.name ? " (" : "",
		     applying.image.name, *applying.image.name ? ")" : "", name ? name + 1 : applying.image.path) >= 0)
		return 0;
	*image = NULL;
	return error_memory(err);
}

static int do_it(struct applying *applying, struct error *err)
{
	bool any; /* that would go: a volume that was just formatted needs no store */

	if (open_image(applying, err) < 0 || wim_image_verify(&applying->image, err) < 0 || find_kept(applying, err) < 0)
		return -1;
	if (applying->wipes && (kept_paths_leave_any(applying->target, (const char *const *)applying->kept.items,
						     applying->kept.count, &any, err) < 0 ||
				(any && wipe(applying, err) < 0)))
		return -1;
	return apply(applying, err);
}

/* Where the new system is. */
static int set_target(const struct applying *applying, struct error *err)
{
	char drive[] = { applying->target->letter, ':', '\0' }, root[] = "C:\\Windows";

	root[0] = drive[0];
	if (sequence_variables_set(applying->step->variables, "OSDTargetSystemDrive", drive, err) < 0)
		return -1;
	return sequence_variables_set(applying->step->variables, "OSDTargetSystemRoot", root, err);
}

static int run(struct applying *applying, uint32_t *code, struct error *err)
{
	struct error *why = &applying->step->why;

	*code = 0;
	if (do_it(applying, why) == 0)
		return 0;
	if (why->kind == ERROR_MEMORY) {
		*err = *why;
		return -1;
	}
	*code = why->kind == ERROR_USAGE ? CODE_NOT_FOUND : sequence_code_of_error(why);
	return 0;
}

int apply_step_system(struct sequence_step *step, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	CLEANUP(applying_release) struct applying applying = { .step = step, .item = item, .wipes = true };

	if (run(&applying, code, err) < 0)
		return -1;
	return *code ? 0 : set_target(&applying, err);
}

int apply_step_data(struct sequence_step *step, const struct sequence_item *item, uint32_t *code, struct error *err)
{
	const char               *wipes = sequence_variables_get(step->variables, "OSDWipeDestinationPartition");
	CLEANUP(applying_release) struct applying applying = { .step = step, .item = item,
							    .wipes = strcasecmp(wipes, "false") != 0 };

	return run(&applying, code, err);
}
