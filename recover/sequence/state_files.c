/* SPDX-License-Identifier: GPL-3.0-or-later */
/* state_files.c - see state_files.h */
#include "recover/sequence/state_files.h"

#include "core/cleanup.h"
#include "recover/usmt/usmt_files.h"
#include "report/sequence_code.h"
#include "report/usmt_code.h"

#include <string.h>
#include <strings.h>

static const char *get(const struct state_files *files, const char *name)
{
	return sequence_variables_get(files->step->variables, name);
}

static void release_texts(struct state_texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		free(texts->items[i]);
	array_release(texts);
}

/* -------- the package -------- */

static void settle_package_id(struct state_files *files)
{
	const char *restore = get(files, "_OSDMigrateUsmtRestorePackageID");
	bool        own = files->restore && *restore;

	if (files->mdt)
		files->id = command_line_package(files->item->action);
	else
		snprintf(files->id.text, sizeof files->id.text, "%s",
			 own ? restore : get(files, "_OSDMigrateUsmtPackageID"));
}

/* What MDT has in place of a package is its deployment share. */
static int settle_package(struct state_files *files, struct error *err)
{
	const char                    *program = files->restore ? "loadstate.exe" : "scanstate.exe";
	const char                    *share = get(files, "DEPLOYROOT");
	const struct sequence_package *package;
	int                            found = 0;

	settle_package_id(files);
	package = sequence_packages_find(files->step->packages, files->step->package_count, files->id.text);
	files->package = package ? package->path : files->mdt && *share ? share : NULL;
	if (files->package)
		found = usmt_package_find(files->package, program, &files->program, err);
	if (found < 0)
		return -1;
	if (found == 0)
		files->program = strdup(program);
	return files->program ? 0 : error_memory(err);
}

/* -------- rules -------- */

static int add_text(struct state_texts *texts, const char *text, struct error *err)
{
	char *copy = strdup(text);

	if (copy && array_push(texts, copy))
		return 0;
	free(copy);
	return error_memory(err);
}

/* "a.xml, b.xml" */
static int add_list(struct state_texts *texts, const char *list, struct error *err)
{
	CLEANUP(free_ptr) char *copy = strdup(list);
	char                   *rest = copy;
	int                     status = copy ? 0 : error_memory(err);

	for (char *name; status == 0 && (name = strsep(&rest, ",")) != NULL;) {
		size_t length;

		name += strspn(name, " \t\r\n");
		for (length = strlen(name); length && strchr(" \t\r\n", name[length - 1]); length--)
			name[length - 1] = 0;
		if (*name)
			status = add_text(texts, name, err);
	}
	return status;
}

/* USMTMigFiles001, 002, ... */
static int add_numbered(struct state_texts *texts, const struct state_files *files, struct error *err)
{
	char        variable[32];
	const char *name;

	for (unsigned i = 1; i < 1000; i++) {
		snprintf(variable, sizeof variable, "USMTMigFiles%03u", i);
		name = get(files, variable);
		if (!*name)
			return 0;
		if (add_text(texts, name, err) < 0)
			return -1;
	}
	return 0;
}

/* The rule files that the step names; none: it is content with the usual ones. */
static int add_named(struct state_texts *texts, const struct state_files *files, struct error *err)
{
	if (files->mdt)
		return add_numbered(texts, files, err);
	if (strcasecmp(get(files, "OSDMigrateMode"), "Simple") == 0)
		return 0;
	return add_list(texts, get(files, "OSDMigrateConfigFiles"), err);
}

/* 1 if the package has them all, 0 with the first that it has not, or -1. */
static int find_rules(struct state_files *files, char *const *names, size_t count, const char **missing, struct error *err)
{
	int found = 1;

	for (size_t i = 0; found > 0 && i < count; i++) {
		char *path = NULL;

		*missing = names[i];
		found = files->package ? usmt_package_find(files->package, names[i], &path, err) : 0;
		if (found > 0 && !array_push(&files->rules, path)) {
			free(path);
			return error_memory(err);
		}
	}
	return found;
}

static void refuse_missing(const struct state_files *files, const char *missing)
{
	struct error *why = &files->step->why;

	if (files->package)
		error_set(why, ERROR_REFUSED, files->package, "has no %.80s, which the step names", missing);
	else if (*files->id.text)
		error_set(why, ERROR_REFUSED, NULL,
			  "nobody says where the package %s is, in which %.80s should be; say --package %s=FOLDER",
			  files->id.text, missing, files->id.text);
	else if (files->mdt)
		error_set(why, ERROR_REFUSED, NULL, "nobody says where %.80s is; say --set DEPLOYROOT=FOLDER, the deployment "
						    "share", missing);
	else
		error_set(why, ERROR_REFUSED, NULL, "the step names %.80s, and no package in which it is; set "
						    "_OSDMigrateUsmtPackageID", missing);
}

/* The usual rules are taken as a whole or not at all: one file without the others would leave much behind. */
static int settle_usual_rules(struct state_files *files, struct error *err)
{
	static char *const configmgr[] = { "MigUser.xml", "MigApp.xml" }, *const mdt[] = { "MigApp.xml", "MigDocs.xml" };
	const char        *missing;
	int                found = find_rules(files, files->mdt ? mdt : configmgr, 2, &missing, err);

	if (found == 0)
		release_texts(&files->rules);
	return found < 0 ? -1 : 0;
}

static int settle_rules(struct state_files *files, uint32_t *code, struct error *err)
{
	const char *missing;
	int         found;

	if (add_named(&files->named, files, err) < 0)
		return -1;
	if (!files->named.count)
		return settle_usual_rules(files, err);
	found = find_rules(files, files->named.items, files->named.count, &missing, err);
	if (found < 0)
		return -1;
	if (found == 0) {
		refuse_missing(files, missing);
		*code = sequence_code_of_usmt(USMT_UNABLE_GET_SCRIPTFILES);
	}
	return 0;
}

/* Config.xml, which MDT alone has. */
static int settle_config(struct state_files *files, struct error *err)
{
	const char *named = get(files, "USMTConfigFile");
	const char *name = *named ? named : "ZTIUserState_Config.xml";

	if (!files->mdt || !files->package)
		return 0;
	if (usmt_package_find(files->package, name, &files->config, err) < 0)
		return -1;
	if (!files->config && *named)
		sequence_step_note(files->step, files->item, CMTRACE_WARNING, "there is no %s in %s, so it is not used", named,
				   files->package);
	return 0;
}


int state_files_find(struct state_files *files, uint32_t *code, struct error *err)
{
	if (settle_package(files, err) < 0 || settle_rules(files, code, err) < 0)
		return -1;
	return settle_config(files, err);
}

void state_files_release(struct state_files *files)
{
	release_texts(&files->named);
	release_texts(&files->rules);
	free(TAKE(files->program));
	free(TAKE(files->config));
}
