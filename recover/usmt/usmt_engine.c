/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usmt_engine.c - see usmt_engine.h */
#include "recover/usmt/usmt_engine.h"

#include "core/cleanup.h"

#include <string.h>

/* -------- what is not done -------- */

#define MICROSOFTS "compressed stores are of a format that Microsoft keeps to itself"

static int refuse_store_kind(const struct usmt_options *options, struct error *err)
{
	bool estimate = usmt_options_has(options, USMT_P);

	if (usmt_options_has(options, USMT_ENCRYPT) || usmt_options_has(options, USMT_DECRYPT))
		return error_set(err, ERROR_USAGE, NULL,
				 MICROSOFTS ", encrypted ones as well; use /nocompress /hardlink, or the real tool");
	if (!usmt_options_has(options, USMT_NOCOMPRESS) && !estimate)
		return error_set(err, ERROR_USAGE, NULL, MICROSOFTS "; add /nocompress /hardlink");
	if (!usmt_options_has(options, USMT_HARDLINK) && !estimate)
		return error_set(err, ERROR_USAGE, NULL,
				 "a store that is neither compressed nor of hard links is not made here; add /hardlink, which "
				 "takes no room");
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

static int add_rule(struct usmt_migration *migration, struct usmt_run *run, struct work_volumes *volumes,
		    const char *path, struct error *err)
{
	const char *found;

	if (usmt_files_find(&run->files, volumes, path, &found, err) < 0)
		return usmt_fail(run, USMT_UNABLE_GET_SCRIPTFILES, -1);
	usmt_log_info(&run->log, "Script file specified: %s", path);
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

		if (asprintf(&path, "%s\\%s", folder, names[i]) < 0)
			return error_memory(err);
		status = add_rule(migration, run, volumes, path, err);
		free(path);
		if (status < 0)
			return -1;
	}
	return 0;
}

static int settle_rules(struct usmt_migration *migration, struct usmt_run *run, struct work_volumes *volumes,
			struct error *err)
{
	const struct usmt_options *options = &run->options;
	const char                *config = usmt_options_value(options, USMT_CONFIG);

	for (size_t i = 0; i < options->rules.count; i++)
		if (add_rule(migration, run, volumes, options->rules.items[i], err) < 0)
			return -1;
	if (add_automatic_rules(migration, run, volumes, err) < 0)
		return -1;
	migration->options.rules = migration->rules.items;
	migration->options.rule_count = migration->rules.count;
	if (!config)
		return 0;
	return usmt_fail(run, USMT_UNABLE_TO_READ_CONFIG_FILE,
			 usmt_files_find(&run->files, volumes, config, &migration->options.config, err));
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
	migration->options.create_accounts = password != NULL;
	migration->options.enable_accounts = usmt_options_has(options, USMT_LAE);
	migration->options.account_password = password && *password ? password : NULL;
}

/* -------- Windows -------- */

/* "C:\Windows.old" means the Windows in it. */
static int settle_windows(struct usmt_migration *migration, const struct usmt_options *options, struct error *err)
{
	static const char old[] = "Windows.old";
	const char       *directory = usmt_options_value(options, USMT_OFFLINEWINDIR);
	size_t            length;

	if (!directory)
		directory = usmt_options_value(options, USMT_OFFLINEWINOLD);
	if (!directory)
		return 0;
	if (!usmt_path_letter(directory))
		return error_set(err, ERROR_USAGE, directory, "is no folder of a volume; give it with its drive, as in "
							      "C:\\Windows");
	length = strlen(directory);
	while (length && strchr("\\/", directory[length - 1]))
		length--;
	if (asprintf(&migration->windows, "%.*s%s", (int)length, directory,
		     length >= strlen(old) && strncasecmp(directory + length - strlen(old), old, strlen(old)) == 0
			     ? "\\Windows"
			     : "") < 0) {
		migration->windows = NULL;
		return error_memory(err);
	}
	migration->options.windows.directory = migration->windows;
	return 0;
}

int usmt_migration_make(struct usmt_migration *migration, struct usmt_run *run, struct work_volumes *volumes,
			struct error *err)
{
	*migration = (struct usmt_migration){ 0 };
	if (settle_rules(migration, run, volumes, err) < 0)
		return -1;
	settle_users(migration, &run->options);
	return usmt_fail(run, USMT_INVALID_PARAMETERS, settle_windows(migration, &run->options, err));
}

void usmt_migration_release(struct usmt_migration *migration)
{
	array_release(&migration->rules);
	free(TAKE(migration->windows));
}

/* -------- the store -------- */

int usmt_engine_find_store(const struct usmt_run *run, struct work_volumes *volumes, uint32_t *folder,
			   struct error *err)
{
	struct work_volume *volume = &volumes->items[0];
	struct state_store  store = { 0 };
	int                 status = volume->read ? 0 : work_volume_read(volume, err);

	*folder = NO_TREE_RECORD;
	if (status == 0)
		status = state_store_find(&store, volume, run->volumes.store, err);
	if (status == 0)
		*folder = store.current;
	state_store_release(&store);
	return status;
}
