/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sequence_start.c - see sequence_start.h */
#include "recover/sequence/sequence_start.h"

#include "core/cleanup.h"
#include "recover/sequence/sequence_secret.h"

#include <ctype.h>
#include <string.h>

static int set_unless_there(struct sequence_variables *variables, const char *name, const char *value, bool secret,
			    struct error *err)
{
	if (sequence_variables_find(variables, name))
		return 0;
	return sequence_variables_set_hidden(variables, name, value, secret, err);
}

static int take_setting(struct sequence_variables *variables, const char *setting, struct error *err)
{
	const char             *sign = strchr(setting, '=');
	CLEANUP(free_ptr) char *name = sign ? strndup(setting, (size_t)(sign - setting)) : NULL;

	if (!sign || sign == setting)
		return error_set(err, ERROR_USAGE, NULL, "--set '%.80s': write NAME=VALUE", setting);
	if (!name)
		return error_memory(err);
	return sequence_variables_set_hidden(variables, name, sign + 1, sequence_secret_is_named(name), err);
}

/* Where the engine keeps its things, and the store if nobody says otherwise. */
static int set_paths(struct sequence_variables *variables, char letter, struct error *err)
{
	static const struct {
		const char *name, *path;
	} paths[] = {
		{ "_SMSTSMDataPath", "\\_SMSTaskSequence" },
		{ "_SMSTSUserStatePath", "\\_SMSTaskSequence\\UserState" },
		{ "_SMSTSLogPath", "\\_SMSTaskSequence\\Logs\\smstslog" },
	};
	const char *drive = sequence_variables_get(variables, "SMSTSLocalDataDrive");
	char        path[64];

	if (isalpha((unsigned char)drive[0]) && (!drive[1] || drive[1] == ':'))
		letter = (char)toupper((unsigned char)drive[0]);
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		snprintf(path, sizeof path, "%c:%s", letter, paths[i].path);
		if (set_unless_there(variables, paths[i].name, path, false, err) < 0)
			return -1;
	}
	return 0;
}

static int set_windows(struct sequence_variables *variables, const struct windows *windows, struct error *err)
{
	char drive[] = { windows->directory[0], ':', '\0' };

	if (set_unless_there(variables, "_OSDDetectedWinDir", windows->directory, false, err) < 0 ||
	    set_unless_there(variables, "_OSDDetectedWinDrive", drive, false, err) < 0)
		return -1;
	return set_unless_there(variables, "_SMSTSMachineName", windows->computer, false, err);
}

int sequence_start_settings(struct sequence_variables *variables, const char *const *settings, size_t count,
			    struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (take_setting(variables, settings[i], err) < 0)
			return -1;
	return 0;
}

int sequence_start(struct sequence_variables *variables, const struct sequence_file *file, const char *const *settings,
		   size_t count, char letter, const struct windows *windows, struct error *err)
{
	if (sequence_start_settings(variables, settings, count, err) < 0)
		return -1;
	if (set_unless_there(variables, "_SMSTSInWinPE", "false", false, err) < 0 ||
	    set_unless_there(variables, "_SMSTSPackageName", file->name, false, err) < 0)
		return -1;
	for (size_t i = 0; i < file->global_count; i++)
		if (set_unless_there(variables, file->globals[i].name, file->globals[i].value, file->globals[i].secret,
				     err) < 0)
			return -1;
	if (set_paths(variables, letter, err) < 0)
		return -1;
	return windows ? set_windows(variables, windows, err) : 0;
}
