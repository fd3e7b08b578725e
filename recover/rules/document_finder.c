/* SPDX-License-Identifier: GPL-3.0-or-later */
/* document_finder.c - see document_finder.h */
#include "recover/rules/document_finder.h"

#include "core/cleanup.h"
#include "core/text.h"
#include "core/utf16.h"
#include "recover/engine/system_name.h"
#include "scan/standard_information.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

struct finder {
	const struct rule_scope        *scope;
	const struct document_question *question;
	struct object_patterns         *patterns;
};

/* At the root of a drive: what is the system's, and where profiles are. */
static bool is_no_document_folder(const struct volume_tree *tree, uint32_t name)
{
	static const char *const words[] = { "Users", "Documents and Settings", "Windows.old" };

	return system_name_is_folder(tree, name) || system_name_is_file(tree, name) ||
	       system_name_is_among(tree, name, words, sizeof words / sizeof words[0]);
}

/* In a profile: settings, and the user's registry. */
static bool is_settings(const struct volume_tree *tree, uint32_t name)
{
	static const char *const words[] = { "AppData",        "Application Data",  "Local Settings",
					     "NTUSER.DAT",     "NTUSER.DAT.LOG",    "NTUSER.DAT.LOG1",
					     "NTUSER.DAT.LOG2", "ntuser.ini",       "ntuser.pol" };

	return system_name_is_among(tree, name, words, sizeof words / sizeof words[0]);
}

static int add(const struct finder *finder, struct error *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int add(const struct finder *finder, struct error *err, const char *format, ...)
{
	CLEANUP(free_ptr) char *text = NULL;
	va_list                 list;

	va_start(list, format);
	text = text_format_list(format, list);
	va_end(list);
	if (!text)
		return error_memory(err);
	return object_patterns_add(finder->patterns, finder->scope, OBJECT_FILE, text, finder->question->line, err);
}

/* A folder that a variable stands for, with all below it; none if the variable has no value. */
static int add_folder(const struct finder *finder, const char *variable, const char *below, struct error *err)
{
	const struct texts *values = environment_get(&finder->scope->environment, variable);

	for (size_t i = 0; values && i < values->count; i++) {
		CLEANUP(free_ptr) char *folder = pattern_escape(values->items[i]);

		if (!folder)
			return error_memory(err);
		if (add(finder, err, "%s%s\\* [*]", folder, below) < 0)
			return -1;
	}
	return 0;
}

static int add_folders(const struct finder *finder, const char *const *variables, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (add_folder(finder, variables[i], "", err) < 0)
			return -1;
	return 0;
}

/* Hidden and of the system: swap files, and what Windows keeps for itself in a profile. */
static int is_hidden(struct work_volume *volume, uint32_t record, bool *hidden, struct error *err)
{
	CLEANUP(case_record_release) struct case_record loaded = { 0 };
	const uint32_t                                  both = FILE_IS_HIDDEN | FILE_IS_SYSTEM;

	if (work_volume_load(volume, record, &loaded, err) < 0)
		return -1;
	*hidden = loaded.file.info_known && (loaded.file.attributes & both) == both;
	return 0;
}

/* What lies in a directory: each file, and each folder with all below it, but for those of @passed. */
static int add_children(const struct finder *finder, struct work_volume *volume, uint32_t directory, const char *path,
			bool (*passed)(const struct volume_tree *, uint32_t), struct error *err)
{
	size_t                   count;
	const struct tree_child *children = volume_tree_children(&volume->tree, directory, &count);
	CLEANUP(free_ptr) char  *folder = pattern_escape(path);

	if (!folder)
		return error_memory(err);
	for (size_t i = 0; i < count; i++) {
		const struct name_row  *row = &volume->tree.inventory.names.items[children[i].name];
		char                    text[NAME_UTF8_MAX];
		CLEANUP(free_ptr) char *name = NULL;
		bool                    hidden;

		if (children[i].record < FIRST_USER_RECORD || row->space == NAME_DOS || passed(&volume->tree, children[i].name))
			continue;
		if (is_hidden(volume, children[i].record, &hidden, err) < 0)
			return -1;
		if (hidden)
			continue;
		utf16_to_utf8(inventory_text(&volume->tree.inventory, row), row->units, text);
		name = pattern_escape(text);
		if (!name)
			return error_memory(err);
		if (volume_tree_is_directory(&volume->tree, children[i].record) ?
			    add(finder, err, "%s\\%s\\* [*]", folder, name) < 0 :
			    add(finder, err, "%s [%s]", folder, name) < 0)
			return -1;
	}
	return 0;
}

static bool is_asked(const struct finder *finder, const struct work_volume *volume)
{
	const struct texts *drive = environment_get(&finder->scope->environment, "SYSTEMDRIVE");

	return !finder->question->system_drive || !drive || !drive->count ||
	       toupper((unsigned char)drive->items[0][0]) == volume->letter;
}

static int add_for_machine(const struct finder *finder, struct error *err)
{
	static const char *const folders[] = { "CSIDL_COMMON_DOCUMENTS", "CSIDL_COMMON_DESKTOPDIRECTORY",
					       "CSIDL_COMMON_MUSIC", "CSIDL_COMMON_PICTURES", "CSIDL_COMMON_VIDEO",
					       "CSIDL_COMMON_FAVORITES" };

	for (size_t i = 0; i < finder->scope->volumes->count; i++) {
		struct work_volume *volume = &finder->scope->volumes->items[i];

		if (is_asked(finder, volume) &&
		    add_children(finder, volume, ROOT_RECORD, (char[]){ volume->letter, ':', 0 }, is_no_document_folder, err) < 0)
			return -1;
	}
	if (finder->scope->windows && add(finder, err, "%s\\Downloads\\* [*]", finder->scope->windows->public_folder) < 0)
		return -1;
	return add_folders(finder, folders, sizeof folders / sizeof folders[0], err);
}

static int add_for_user(const struct finder *finder, struct error *err)
{
	static const char *const   folders[] = { "CSIDL_PERSONAL",  "CSIDL_MYPICTURES", "CSIDL_MYMUSIC",
						 "CSIDL_MYVIDEO",   "CSIDL_FAVORITES",  "CSIDL_DESKTOP",
						 "CSIDL_QUICKLAUNCH", "CSIDL_CONTACTS",   "CSIDL_DOWNLOADS" };
	const struct user_profile *user = finder->scope->user;

	if (user->volume && user->folder != NO_TREE_RECORD &&
	    add_children(finder, user->volume, user->folder, user->path, is_settings, err) < 0)
		return -1;
	if (add_folder(finder, "CSIDL_APPDATA", "\\Microsoft\\Windows\\Libraries", err) < 0)
		return -1;
	return add_folders(finder, folders, sizeof folders / sizeof folders[0], err);
}

/* Documents by what their names end in, in the folders of programs. */
static int add_in_programs(const struct finder *finder, struct error *err)
{
	static const char *const variables[] = { "CSIDL_PROGRAM_FILES", "CSIDL_PROGRAM_FILESX86", "PROGRAMFILES(X86)" };
	static const char *const extensions[] = { "doc*", "dot*", "rtf", "wps", "wri", "xl*", "csv", "ppt*", "pps*",
						  "pot*", "pst", "one", "vsd*", "mpp", "accdb", "mdb", "pub", "odt",
						  "ods", "odp", "qdf" };

	for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
		const struct texts *values = environment_get(&finder->scope->environment, variables[i]);

		for (size_t j = 0; values && values->count && j < sizeof extensions / sizeof extensions[0]; j++)
			if (add(finder, err, "%s\\* [*.%s]", values->items[0], extensions[j]) < 0)
				return -1;
	}
	return 0;
}

static int add_left_out(const struct finder *finder, struct error *err)
{
	static const char *const of_machine[] = { "CSIDL_WINDOWS", "CSIDL_PROGRAM_FILES", "PROGRAMFILES(X86)",
						  "CSIDL_COMMON_APPDATA", "PROFILESFOLDER" };
	static const char *const of_user[] = { "CSIDL_APPDATA", "CSIDL_LOCAL_APPDATA" };

	if (!finder->scope->user)
		return add_folders(finder, of_machine, sizeof of_machine / sizeof of_machine[0], err);
	if (add_folders(finder, of_user, sizeof of_user / sizeof of_user[0], err) < 0)
		return -1;
	return add_folder(finder, "USERPROFILE", "\\AppData", err);
}

int document_finder_patterns(const struct rule_scope *scope, const struct document_question *question,
			     struct object_patterns *patterns, struct error *err)
{
	const struct finder finder = { scope, question, patterns };

	if (question->exclude)
		return add_left_out(&finder, err);
	if (scope->user)
		return add_for_user(&finder, err);
	if (question->programs && add_in_programs(&finder, err) < 0)
		return -1;
	return add_for_machine(&finder, err);
}
