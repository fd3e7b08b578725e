/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usmt_engine.c - see usmt_engine.h */
#include "recover/usmt/usmt_engine.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "recover/rules/config_file.h"
#include "recover/windows/windows_find.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

/* -------- what is not done -------- */

#define MICROSOFTS "compressed stores are of a format that Microsoft keeps to itself"

static int refuse_store_kind(const struct usmt_options *options, struct error *err)
{
	if (usmt_options_has(options, USMT_ENCRYPT) || usmt_options_has(options, USMT_DECRYPT))
		return error_set(err, ERROR_USAGE, NULL,
				 MICROSOFTS ", encrypted ones as well; use /nocompress /hardlink, or the real tool");
	if (!usmt_options_has(options, USMT_NOCOMPRESS) && !usmt_options_has(options, USMT_P))
		return error_set(err, ERROR_USAGE, NULL,
				 MICROSOFTS "; add /nocompress /hardlink, or /nocompress for a store of copies");
	return 0;
}

int usmt_engine_check(const struct usmt_options *options, struct error *err)
{
	static const struct {
		enum usmt_option option;
		const char      *advice;
	} undone[] = {
		{ USMT_PPKG, "/ppkg makes a provisioning package for a Windows that runs; leave it out" },
		{ USMT_GENMIGXML, "/genmigxml searches the documents of a Windows that runs; leave /i out instead, and the "
				  "built-in rules find them" },
		{ USMT_VSC, "/vsc is for a Windows that runs; nothing is locked on a volume that lies still, so leave it out" },
		{ USMT_OFFLINEWINOLD, "/offlinewinold means profiles that are not where their registry says, and that is not "
				      "done; take their files with 'holdfast capture --tree \\Windows.old\\Users'" },
		{ USMT_SF, "/sf damages the folders of all users; leave it out" },
	};

	for (size_t i = 0; i < sizeof undone / sizeof undone[0]; i++)
		if (usmt_options_has(options, undone[i].option))
			return error_set(err, ERROR_USAGE, NULL, "%s", undone[i].advice);
	if (options->efs == USMT_EFS_DECRYPTCOPY)
		return error_set(err, ERROR_USAGE, NULL,
				 "/efs:decryptcopy needs the user's key, which only Windows has; say /efs:hardlink, which keeps "
				 "the files as they are");
	if (usmt_options_has(options, USMT_GENCONFIG))
		return 0;
	return refuse_store_kind(options, err);
}

/* -------- rules -------- */

#define MODULE_XML 0x08055d /* what USMT's own logs have for XML */

static void log_remarks(struct usmt_run *run, const char *path, const struct xml_remarks *remarks)
{
	for (size_t i = 0; i < remarks->count; i++)
		usmt_log_write(&run->log, USMT_WARNING, MODULE_XML, 0, "%s(%d): %s", path, remarks->items[i].line,
			       remarks->items[i].text);
}

/* Is it a rule file?  What is odd in it is noted. */
static int check_rules(struct usmt_run *run, const char *path, struct error *err)
{
	struct rule_file file;
	int              status = rule_file_read(&file, path, err);

	log_remarks(run, path, &file.document.remarks);
	log_remarks(run, path, &file.remarks);
	rule_file_release(&file);
	return status;
}

static int add_rule(struct usmt_migration *migration, struct usmt_run *run, struct work_volumes *volumes,
		    const char *path, struct error *err)
{
	const char *found;

	usmt_log_info(&run->log, "Script file specified: %s", path);
	if (usmt_files_find(&run->files, volumes, path, &found, err) < 0 || check_rules(run, found, err) < 0)
		return usmt_fail(run, USMT_UNABLE_GET_SCRIPTFILES, -1);
	return array_push(&migration->rules, found) ? 0 : error_memory(err);
}

/* /auto stands for MigDocs.xml and MigApp.xml, of a folder if it names one, and else for the built-in rules. */
static int add_automatic_rules(struct usmt_migration *migration, struct usmt_run *run, struct work_volumes *volumes,
			       struct error *err)
{
	static const char *const names[] = { "MigDocs.xml", "MigApp.xml" };
	const char              *folder = usmt_options_value(&run->options, USMT_AUTO);

	for (size_t i = 0; folder && *folder && i < sizeof names / sizeof names[0]; i++) {
		char *path;
		int   status;

		path = text_format("%s\\%s", folder, names[i]);
		if (!path)
			return error_memory(err);
		status = add_rule(migration, run, volumes, path, err);
		free(path);
		if (status < 0)
			return -1;
	}
	return 0;
}

static int settle_config(struct usmt_migration *migration, struct usmt_run *run, struct work_volumes *volumes,
			 const char *path, struct error *err)
{
	if (usmt_files_find(&run->files, volumes, path, &migration->options.config, err) < 0 ||
	    config_file_read(&migration->config, migration->options.config, err) < 0)
		return -1;
	log_remarks(run, path, &migration->config.document.remarks);
	log_remarks(run, path, &migration->config.remarks);
	return 0;
}

static int settle_rules(struct usmt_migration *migration, struct usmt_run *run, struct work_volumes *volumes,
			struct error *err)
{
	const struct usmt_options *options = &run->options;
	const char                *config = usmt_options_value(options, USMT_CONFIG);
	const char                *automatic = usmt_options_value(options, USMT_AUTO);

	for (size_t i = 0; i < options->rules.count; i++)
		if (add_rule(migration, run, volumes, options->rules.items[i], err) < 0)
			return -1;
	if (add_automatic_rules(migration, run, volumes, err) < 0)
		return -1;
	migration->options.rules = migration->rules.items;
	migration->options.rule_count = migration->rules.count;
	migration->options.builtin_rules = automatic && !*automatic;
	return config ? usmt_fail(run, USMT_UNABLE_TO_READ_CONFIG_FILE,
				  settle_config(migration, run, volumes, config, err))
		      : 0;
}

/* -------- users -------- */

static void settle_users(struct usmt_migration *migration, const struct usmt_options *options)
{
	const char *password = usmt_options_value(options, USMT_LAC);

	migration->options.users = (struct account_choice){ .all = usmt_options_has(options, USMT_ALL),
							    .include = options->included.items,
							    .include_count = options->included.count,
							    .exclude = options->excluded.items,
							    .exclude_count = options->excluded.count,
							    .used_since = options->used_since };
	migration->options.maps = (struct account_maps){ .users = options->users.items,
							 .user_count = options->users.count,
							 .domains = options->domains.items,
							 .domain_count = options->domains.count };
	migration->options.maps.create = password != NULL;
	migration->options.enable_accounts = usmt_options_has(options, USMT_LAE);
	migration->options.account_password = password && *password ? password : NULL;
}

/* -------- Windows -------- */

/* "C:\Windows\" without its end. */
static int settle_directory(struct usmt_migration *migration, const char *directory, struct error *err)
{
	size_t length = strlen(directory);

	if (!usmt_path_letter(directory))
		return error_set(err, ERROR_USAGE, directory,
				 "is no folder of a volume; give it with its drive, as in C:\\Windows");
	while (length && strchr("\\/", directory[length - 1]))
		length--;
	migration->windows = strndup(directory, length);
	migration->options.windows.directory = migration->windows;
	return migration->windows ? 0 : error_memory(err);
}

/* "C:\, D:\" as "C=D": what the offline system calls C is D here. */
static int add_mapping(FILE *out, const char *text, struct error *err)
{
	char offline, here;

	if ((sscanf(text, " %c: %*[\\/] , %c:", &offline, &here) != 2 &&
	     sscanf(text, " %c: , %c:", &offline, &here) != 2) ||
	    !isalpha((unsigned char)offline) || !isalpha((unsigned char)here))
		return error_set(err, ERROR_USAGE, NULL, "the mapping '%.60s' names no two drives, as in C:\\, D:\\", text);
	fprintf(out, "%s%c=%c", ftell(out) > 0 ? " " : "", offline, here);
	return 0;
}

static int settle_mappings(struct usmt_migration *migration, struct error *err)
{
	size_t length;
	FILE  *out = open_memstream(&migration->mappings, &length);
	int    status = out ? 0 : error_memory(err);

	for (size_t i = 0; status == 0 && i < migration->offline.mapping_count; i++)
		status = add_mapping(out, migration->offline.mappings[i], err);
	if (out && fclose(out) != 0 && status == 0)
		status = error_memory(err);
	migration->options.windows.mappings = migration->offline.mapping_count ? migration->mappings : NULL;
	return status;
}

static int settle_offline(struct usmt_migration *migration, struct usmt_run *run, struct work_volumes *volumes,
			  const char *path, struct error *err)
{
	const char *found;

	if (usmt_files_find(&run->files, volumes, path, &found, err) < 0 ||
	    offline_file_read(&migration->offline, found, err) < 0)
		return -1;
	log_remarks(run, path, &migration->offline.document.remarks);
	log_remarks(run, path, &migration->offline.remarks);
	migration->options.windows.candidates = migration->offline.directories;
	migration->options.windows.candidate_count = migration->offline.count;
	migration->options.windows.fail_on_multiple = migration->offline.fail_on_multiple;
	return settle_mappings(migration, err);
}

static int settle_windows(struct usmt_migration *migration, struct usmt_run *run, struct work_volumes *volumes,
			  struct error *err)
{
	const char *offline = usmt_options_value(&run->options, USMT_OFFLINE);
	const char *directory = usmt_options_value(&run->options, USMT_OFFLINEWINDIR);

	if (offline)
		return settle_offline(migration, run, volumes, offline, err);
	return directory ? settle_directory(migration, directory, err) : 0;
}

/* A Windows that was named must be there, and be the only one if Offline.xml wants that. */
static int find_windows(const struct usmt_migration *migration, const struct usmt_run *run,
			struct work_volumes *volumes, struct error *err)
{
	CLEANUP(free_ptr) char *directory = NULL;
	struct work_volume     *volume;
	int                     found;

	if (!volumes || (!migration->options.windows.directory && !usmt_options_has(&run->options, USMT_OFFLINE)))
		return 0;
	for (size_t i = 0; i < volumes->count; i++)
		if (work_volume_read_once(&volumes->items[i], err) < 0)
			return -1;
	found = windows_find(volumes, &migration->options.windows, &volume, &directory, err);
	if (found == 0)
		return error_set(err, ERROR_REFUSED, migration->options.windows.directory,
				 "is no Windows on the volumes that are named; check the folder, and the letters of --on");
	return found < 0 ? -1 : 0;
}

int usmt_migration_make(struct usmt_migration *migration, struct usmt_run *run, struct work_volumes *volumes,
			struct error *err)
{
	*migration = (struct usmt_migration){ 0 };
	if (settle_rules(migration, run, volumes, err) < 0)
		return -1;
	settle_users(migration, &run->options);
	if (settle_windows(migration, run, volumes, err) < 0)
		return usmt_fail(run, USMT_INVALID_PARAMETERS, -1);
	return usmt_fail(run, USMT_INIT_ERROR, find_windows(migration, run, volumes, err));
}

void usmt_migration_release(struct usmt_migration *migration)
{
	array_release(&migration->rules);
	free(TAKE(migration->windows));
	free(TAKE(migration->mappings));
	config_file_release(&migration->config);
	offline_file_release(&migration->offline);
}

/* -------- /genconfig -------- */

/* As a capture reads them. */
static int read_rules(const struct usmt_migration *migration, struct rule_file *files, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if ((i < migration->rules.count ? rule_file_read(&files[i], migration->rules.items[i], err)
						: rule_file_builtin(&files[i], err)) < 0)
			return -1;
	return 0;
}

static int write_config(struct usmt_run *run, const struct rule_file *files, size_t count, struct error *err)
{
	CLEANUP(free_ptr) char *path = NULL;

	if (usmt_files_to_write(&run->files, usmt_options_value(&run->options, USMT_GENCONFIG), &path, err) < 0)
		return usmt_fail(run, USMT_INVALID_PARAMETERS, -1);
	usmt_tell(run, USMT_INFO, "Producing the configuration file %s", path);
	return usmt_fail(run, USMT_INVALID_PARAMETERS,
			 config_file_write(files, count, path, usmt_options_has(&run->options, USMT_O), err));
}

int usmt_engine_generate_config(const struct usmt_migration *migration, struct usmt_run *run, struct error *err)
{
	bool                                builtin = migration->options.builtin_rules || !migration->rules.count;
	size_t                              count = migration->rules.count + builtin;
	CLEANUP(free_ptr) struct rule_file *files = calloc(count, sizeof *files);
	int                                 status;

	if (!files)
		return error_memory(err);
	status = usmt_fail(run, USMT_UNABLE_GET_SCRIPTFILES, read_rules(migration, files, count, err));
	if (status == 0)
		status = write_config(run, files, count, err);
	for (size_t i = 0; i < count; i++)
		rule_file_release(&files[i]);
	return status;
}

/* -------- what was chosen -------- */

static void add_line(struct usmt_run *run, struct usmt_lines *lines, char *line)
{
	if (line && array_push(lines, line))
		return;
	free(line);
	run->log.failed = true;
}

static char *name_of(const struct user_profile *profile)
{
	return text_format("%s%s%s", profile->domain, *profile->domain ? "\\" : "",
		       *profile->name ? profile->name : profile->sid);
}

static void log_user(struct usmt_run *run, const struct chosen_account *account, struct usmt_lines *lines)
{
	const struct user_profile *profile = account->profile;
	CLEANUP(free_ptr) char    *name = name_of(profile);

	if (!name) {
		run->log.failed = true;
		return;
	}
	usmt_progress_write(&run->progress, "detectedUser", name, "includedInMigration", account->chosen ? "Yes" : "No", NULL);
	add_line(run, lines, text_format("  %s, %s, logged on: No, has profile: %s, migrated: %s", name, profile->sid,
				     profile->volume ? "Yes" : "No", account->chosen ? "Yes" : "No"));
	if (!account->chosen)
		usmt_tell(run, USMT_INFO, "%s takes no part: %s", name, account->why);
}

static void log_windows(struct usmt_run *run, const struct migration *migration)
{
	const struct windows *windows = &migration->windows;
	struct usmt_lines     lines = { 0 };

	add_line(run, &lines, text_format("Computer name: %s", windows->computer));
	add_line(run, &lines, text_format("Machine SID: %s", windows->machine_sid));
	add_line(run, &lines,
		 text_format("OS version: %u.%u.%u", windows->version_major, windows->version_minor, windows->build));
	add_line(run, &lines, text_format("Architecture: %s-bit", windows->is_64bit ? "64" : "32"));
	add_line(run, &lines, text_format("Windows directory: %s", windows->directory));
	add_line(run, &lines, text_format("Users:"));
	for (size_t i = 0; i < migration->accounts.count; i++)
		log_user(run, &migration->accounts.items[i], &lines);
	usmt_log_block(&run->log, USMT_INFO, "System information:", (const char *const *)lines.items, lines.count);
	for (size_t i = 0; i < lines.count; i++)
		free(lines.items[i]);
	array_release(&lines);
}

void usmt_engine_log_choice(struct usmt_run *run, const struct capture_choice *choice)
{
	const struct unhonoureds *unhonoured = &choice->selection.unhonoured;

	if (choice->migration.has_windows)
		log_windows(run, &choice->migration);
	else
		usmt_tell(run, USMT_WARNING, "No Windows was found on the volumes, so no users and no settings are known");
	for (size_t i = 0; i < unhonoured->count; i++)
		usmt_log_write(&run->log, USMT_WARNING, MODULE_XML, 0, "%s(%d): %s", unhonoured->items[i].file,
			       unhonoured->items[i].line, unhonoured->items[i].what);
	if (unhonoured->count)
		usmt_tell(run, USMT_WARNING, "Of the rules, not honoured offline: %s; the log lists them",
			  text_count(unhonoured->count).text);
}

/* -------- the store -------- */

int usmt_engine_find_store(const struct usmt_run *run, struct work_volumes *volumes, uint32_t *folder,
			   struct error *err)
{
	struct work_volume *volume = &volumes->items[0];
	struct state_store  store = { 0 };
	int                 status = work_volume_read_once(volume, err);

	*folder = NO_TREE_RECORD;
	if (status == 0)
		status = state_store_find(&store, volume, run->volumes.store, err);
	if (status == 0)
		*folder = store.current;
	state_store_release(&store);
	return status;
}

/* 1 if a volume has the part of a store that says what all of it is, 0 if not, -1. */
static int has_primary(const struct usmt_run *run, struct work_volume *volume, struct error *err)
{
	struct state_store store = { 0 };
	int                found = work_volume_read_once(volume, err);

	if (found == 0)
		found = state_store_find(&store, volume, run->volumes.store, err);
	if (found == 0)
		found = state_store_child(volume, store.current, STORE_MARKER) != NO_TREE_RECORD ||
			state_store_child(volume, store.current, STORE_SETTINGS) != NO_TREE_RECORD;
	state_store_release(&store);
	return found;
}

int usmt_engine_warn_secondary(struct usmt_run *run, struct work_volumes *volumes, struct error *err)
{
	int found = 0;

	for (size_t i = 0; found == 0 && i < volumes->count; i++)
		found = has_primary(run, &volumes->items[i], err);
	if (found == 0)
		usmt_tell(run, USMT_WARNING,
			  "No volume that is named has the primary part of the store at %s (" STORE_MARKER "): if it was one of "
			  "links, settings and files of other drives are not in what is there; 'holdfast rescue' looks for them",
			  run->volumes.store);
	return found < 0 ? -1 : 0;
}
